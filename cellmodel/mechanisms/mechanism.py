"""What a mechanism declares: its parameters, its states and their rates, what it does to the cell, what it stores.

A class that says all of this in one place is all there is to a mechanism: the library of parameters, the model, the
dataset and every message follow from it. It knows no PyBaMM, no mesh and no protocol.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Protocol

from cellmodel.units import Quantity

if TYPE_CHECKING:
    from cellmodel.parameters import ParameterSet

CELL_VARIABLES = {
    "current": "[A], discharge positive",
    "current_density": "[A.m-2] of electrode, discharge positive: through the lithium, stripping positive",
    "voltage": "[V] at the terminals",
    "temperature": "[K] of the cell",
    "ambient_temperature": "[K]",
    "open_circuit_power": "[W], current times the open-circuit potential, weighted by the local reaction",
    "entropic_power": "[W.K-1], current times the entropic coefficient, weighted likewise",
    "electrolyte_concentration": "[mol.m-3] of salt, in every volume of the mesh",
    "interphase_resistance": "[ohm.m2] of the interphase as the mechanisms have changed it",
}
"""What the equations of a mechanism may read of the cell, besides all states, outputs and effects."""

EFFECTS = {
    "interphase_resistance_factor": ("product", "[1], multiplies the resistance of the interphase"),
    "lithium_contact": ("product", "[1], share of the lithium surface that reacts"),
    "series_resistance": ("sum", "[ohm.m2], in series with the cell"),
    "lithium_consumption": ("sum", "[mol.m-2.s-1], taken from the foil without current"),
    "temperature_rate": ("sum", "[K.s-1], of the cell, which is isothermal without"),
}
"""What a mechanism can do to the cell, and how the effects of several combine."""


class Result(NamedTuple):
    """A variable that a run with the mechanism stores: unit, long name, and PyBaMM's name if PyBaMM computes it."""

    units: str
    long_name: str
    source: str = ""


class State(NamedTuple):
    """Initial value of a state, and the size that makes it of order one for the solver."""

    initial: Any
    scale: Any


class EndEvent(NamedTuple):
    """What a run says that an event ended, and the word of `END_CAUSE` in the schema under which it is stored."""

    message: str
    end_cause: str = "mechanism_limit"


class CellVariables(Protocol):
    """What the equations read: numbers, arrays or symbols by the names of `CELL_VARIABLES`."""

    def __getitem__(self, name: str) -> Any:
        """Return one variable."""

    def electrolyte_integral(self, value: Any) -> Any:
        """Return the integral over the electrolyte's volume per electrode area [m] of a value per volume."""


class Mechanism:
    """A mechanism: subclass it, declare what is not empty, and put `@register` before the class.

    The methods work on numbers, arrays and PyBaMM's symbols alike: use arithmetic and NumPy's `exp`, `log`, `sqrt`,
    `tanh`, `maximum`, `minimum`. In them `cell` has the variables of `CELL_VARIABLES`, and `p` the numbers of the cell
    by path in SI and its functions as callables.

    Attributes
    ----------
    name, description : str
        What a run calls it, and one phrase.
    quantities : mapping of str to Quantity
        Parameters that it adds to the library, by path, with unit and bounds.
    parameters, optional : tuple of str
        Paths of what it cannot do without, and of what it uses if there.
    builds_on : tuple of str
        Mechanisms that must be on as well.
    states, outputs : mapping of str to Result
        What is stored along each run: states, which have rates, and what `evaluate` returns or PyBaMM computes.
    numbers : mapping of str to Result
        What is stored once per run, from `run_numbers`.
    effects : tuple of str
        Keys of `EFFECTS` that `evaluate` returns.
    events : mapping of str to EndEvent
        By name, what may end a run; margins are from `margins`.
    options : mapping of str to object
        Options of PyBaMM's half cell, where PyBaMM has the equations; `pybamm_values` has their parameters.
    """

    name: ClassVar[str]
    description: ClassVar[str]
    quantities: ClassVar[Mapping[str, Quantity]] = {}
    parameters: ClassVar[tuple[str, ...]] = ()
    optional: ClassVar[tuple[str, ...]] = ()
    builds_on: ClassVar[tuple[str, ...]] = ()
    states: ClassVar[dict[str, Result]] = {}
    outputs: ClassVar[dict[str, Result]] = {}
    numbers: ClassVar[dict[str, Result]] = {}
    effects: ClassVar[tuple[str, ...]] = ()
    events: ClassVar[Mapping[str, EndEvent]] = {}
    options: ClassVar[Mapping[str, Any]] = {}

    def start(self, p: Mapping[str, Any]) -> dict[str, State]:
        """Return initial value and scale of each state."""
        return {}

    def evaluate(self, cell: CellVariables, p: Mapping[str, Any]) -> dict[str, Any]:
        """Return outputs and effects."""
        return {}

    def rates(self, cell: CellVariables, p: Mapping[str, Any]) -> dict[str, Any]:
        """Return the rate of each state, in its unit per second."""
        return {}

    def margins(self, cell: CellVariables, p: Mapping[str, Any]) -> dict[str, Any]:
        """Return the margin of each event, of order one at the start and 0 where it ends the run."""
        return {}

    def pybamm_values(self, p: Mapping[str, Any]) -> dict[str, Any]:
        """Return values of PyBaMM's parameters; `p` also has stoichiometry and branch of a start."""
        return {}

    def lithium(self, states: Mapping[str, Any], p: Mapping[str, Any]) -> Any:
        """Return the lithium that it holds [mol.m-2], which counts in the balance of the cell."""
        return 0.0

    def run_numbers(self, first: Mapping[str, float], last: Mapping[str, float]) -> dict[str, float]:
        """Return `numbers` from the lithium of the cell by place [mol.m-2] at the first and the last instant."""
        return {}

    def caution(self, cell: ParameterSet, initial_stoichiometry: float, cycles: int) -> str:
        """Return what to warn of before a run that discharges, "" if nothing."""
        return ""
