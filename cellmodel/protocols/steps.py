"""What a protocol is made of: steps with their limits, and the state that they start from.

Frozen data in SI, discharge positive. It knows no file format and no cell; what depends on a cell (its
cut-offs, the rate a study gives) stays open until `resolve_protocol` fills it in.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cellmodel.protocols.current_table import CurrentTable

CUT_OFFS = ("lower", "upper")
UNITS = {"c_rate": "C", "current": "A", "current_density": "A.m-2", "power": "W", "voltage": "V"}


@dataclass(frozen=True)
class Termination:
    """A limit that ends a step because the protocol asks for it.

    Attributes
    ----------
    quantity : str
        "voltage", "current", "c_rate" or "current_density"; the currents by magnitude, whichever way they flow.
    value : float or None
        Limit [V, A, 1 or A.m-2]; None if it is a cut-off of the cell that is not filled in yet.
    direction : str
        "below" or "above": the side on which the step ends.
    cut_off : str or None
        "lower" or "upper" if the limit is that cut-off of the cell.
    """

    quantity: str
    value: float | None
    direction: str
    cut_off: str | None = None

    def __str__(self) -> str:
        if self.cut_off is not None:
            return f"{self.cut_off} cut-off"
        return f"{'<' if self.direction == 'below' else '>'} {self.value!r} {UNITS[self.quantity]}"


@dataclass(frozen=True)
class Step:
    """One step of a protocol.

    Attributes
    ----------
    kind : str
        "current", "c_rate", "current_density", "voltage", "rest", "power" or "drive".
    value : float or None
        What is held [A, 1, A.m-2, V or W], discharge positive; 0 at rest and for a drive, which has a table; None
        if the study or the call gives it (then `kind` is "c_rate" until it does) or if it is a cut-off voltage not
        filled in yet.
    duration : float or None
        Longest time [s]; None, where `until` ends the step, before `resolve_protocol`.
    until : tuple of Termination
        Limits asked for, in any order; the first one met ends the step.
    temperature : float or None
        Temperature of the cell in this step [K]; None: that of the run.
    direction : str or None
        "discharge" or "charge"; None at rest, for a voltage hold and for a drive.
    cut_off : str or None
        "lower" or "upper" if a hold is at that cut-off of the cell.
    duration_asked : bool
        True if the protocol asks for the duration; False if it is a safety limit, so that reaching it must
        be said.
    current_table : CurrentTable or None
        The current of a drive as a function of time; its last time is the duration.
    """

    kind: str
    value: float | None
    duration: float | None = None
    until: tuple[Termination, ...] = ()
    temperature: float | None = None
    direction: str | None = None
    cut_off: str | None = None
    duration_asked: bool = True
    current_table: CurrentTable | None = None

    @property
    def swept(self) -> bool:
        """True if the study or the call gives the rate."""
        return self.value is None and self.cut_off is None

    @property
    def constant_current(self) -> bool:
        """True for the kinds that fix the current."""
        return self.kind in ("current", "c_rate", "current_density")

    @property
    def net_direction(self) -> str | None:
        """The direction, of a drive that in which more charge passes; None where that is not known beforehand."""
        if self.current_table is None:
            return self.direction
        charge = float(np.trapezoid(self.current_table.currents, self.current_table.times))
        return None if charge == 0.0 else "discharge" if charge > 0.0 else "charge"

    def __str__(self) -> str:
        if self.kind == "rest":
            text = "rest"
        elif self.current_table is not None:
            text = (
                f"drive with a {self.current_table.quantity.replace('_', ' ')} of {len(self.current_table.times)} rows"
            )
        elif self.kind == "voltage":
            text = f"hold at {'the ' + self.cut_off + ' cut-off' if self.cut_off else f'{self.value:g} V'}"
        elif self.value is None:
            text = f"{self.direction} at the given rate"
        else:
            text = f"{self.direction} at {abs(self.value):g} {UNITS[self.kind]}"
        if self.duration is not None and self.duration_asked:
            text += f" for {self.duration:g} s"
        if self.until:
            text += " until " + " or ".join(str(limit) for limit in self.until)
        return text


@dataclass(frozen=True)
class InitialState:
    """The state a protocol starts from, at rest and uniform; exactly one of the three is given.

    Attributes
    ----------
    stoichiometry : float or None
        Lithium in the positive electrode over its maximum [1].
    state_of_charge : float or None
        Share of the capacity between the cut-offs that is left [1]; 1 is charged. That capacity is the one at the
        electrode's reference temperature, whatever the temperature of the run.
    voltage : float or None
        Of the cell at rest [V], at the temperature of the first step and on the branch that the protocol walks first.
    """

    stoichiometry: float | None = None
    state_of_charge: float | None = None
    voltage: float | None = None
