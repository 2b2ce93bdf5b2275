"""From a voltage to a stoichiometry: the inverse of an open-circuit potential, kept for the potentials asked last.

A material with hysteresis has two potentials: a discharge lithiates it, a charge delithiates it. Without, they are one.
The runs of a study share their potential unless it is drawn itself. It knows no cell, only its porous electrodes.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from cellmodel.correlations import Correlation
from cellmodel.inputs import parse_quantity
from cellmodel.parameters.bounds import read_temperature
from cellmodel.parameters.kinds import PorousElectrode

LITHIATION, DELITHIATION = "electrode.open_circuit_potential", "electrode.delithiation_potential"
DIRECTIONS = ("discharge", "charge")


CUT_OFFS = ("cell.lower_voltage_cut_off", "cell.upper_voltage_cut_off")


def window_inputs(electrodes: Sequence[PorousElectrode]) -> frozenset[str]:
    """Return the numbers and functions that the stoichiometries at the cut-offs follow from, by path."""
    paths = {*CUT_OFFS, DELITHIATION, *(f"{one.material}.open_circuit_potential" for one in electrodes)}
    if len(electrodes) > 1:
        names = ("maximum_concentration", "charged_stoichiometry")
        paths |= {f"{one.material}.{name}" for one in electrodes for name in names}
        names = ("active_material_volume_fraction", "thickness")
        paths |= {f"{one.layer}.{name}" for one in electrodes for name in names}
    return frozenset(paths)


def potential_path(functions: Container[str], direction: str) -> str:
    """Return the path of the potential on which the positive electrode is in a discharge or in a charge."""
    return DELITHIATION if direction == "charge" and DELITHIATION in functions else LITHIATION


def read_point(name: str, voltage: Any, temperature: Any) -> tuple[float, float | None]:
    """Return a voltage and a temperature as numbers.

    Parameters
    ----------
    name : str
        Of the cell, for messages.
    voltage, temperature : float or str
        [V], [K] or text with a unit; no temperature stays none.

    Returns
    -------
    tuple of float and float or None
        [V], [K].

    Raises
    ------
    ParameterError
        One of them is none, or a temperature that no cell has.
    """
    number = parse_quantity(voltage, "V", name, "voltage")
    if temperature is None:
        return number, None
    return number, read_temperature(temperature, name)


@dataclass(frozen=True)
class RestVoltage:
    """Open-circuit voltage of a cell over the stoichiometry y of its positive electrode.

    The positive potential U_p(y), less the negative one U_n(x(y)) of a porous negative electrode, whose stoichiometry
    x(y) = x_0 - ratio (y - y_0) follows from the lithium that the cell holds. Lithium metal has no potential: without
    any porous electrode the voltage is zero.

    Attributes
    ----------
    positive : Correlation or None
        U_p [V].
    negative : Correlation or None
        U_n [V].
    x_0, y_0, ratio : float
        Stoichiometries of the charged cell, and positive over negative lithium sites [1].
    """

    positive: Correlation | None
    negative: Correlation | None = None
    x_0: float = 0.0
    y_0: float = 0.0
    ratio: float = 0.0

    def evaluate(self, y: Any) -> Any:
        """Return the voltage [V]."""
        if self.positive is None:
            return 0.0 * y
        if self.negative is None:
            return self.positive.evaluate(y)
        return self.positive.evaluate(y) - self.negative.evaluate(self.x_0 - self.ratio * (y - self.y_0))

    @property
    def possible(self) -> tuple[float, float]:
        """Stoichiometries y between which no electrode is emptier than empty or fuller than full."""
        if self.negative is None:
            return 0.0, 1.0
        return max(0.0, self.y_0 - (1.0 - self.x_0) / self.ratio), min(1.0, self.y_0 + self.x_0 / self.ratio)


def rest_voltages(
    electrodes: Sequence[PorousElectrode],
    numbers: Any,
    functions: Container[str],
    correlation: Callable[[str], Correlation],
) -> dict[str, RestVoltage]:
    """Return the open-circuit voltage of a cell by direction, from its porous electrodes, numbers and functions."""
    if not electrodes:
        return dict.fromkeys(DIRECTIONS, RestVoltage(None))
    negative: tuple[Any, ...] = ()
    if len(electrodes) > 1:
        charged = [numbers[f"{electrode.material}.charged_stoichiometry"] for electrode in electrodes]
        sites = [electrode.sites(numbers) for electrode in electrodes]
        graphite = correlation(f"{electrodes[1].material}.open_circuit_potential")
        negative = (graphite, charged[1], charged[0], sites[0] / sites[1])
    paths = {direction: potential_path(functions, direction) for direction in DIRECTIONS}
    return {direction: RestVoltage(correlation(path), *negative) for direction, path in paths.items()}


@lru_cache(maxsize=1024)
def stoichiometry_at(
    potential: RestVoltage, voltage: float, entropic: Correlation | None = None, warmer: float = 0.0
) -> tuple[float | None, float, float]:
    """Return where a falling open-circuit voltage has a value, and its lowest and highest value [V].

    The stoichiometry is None where the value is not reached. With a temperature `warmer` [K] than the reference of the
    potential, the voltage is U(y) + warmer dU/dT(y).
    """

    def at(y: float) -> float:
        value = float(potential.evaluate(y))
        return value + warmer * float(entropic.evaluate(y)) if entropic is not None and warmer else value

    least, most = potential.possible
    high, low = at(least), at(most)
    if not low <= voltage <= high:
        return None, low, high
    from scipy.optimize import brentq

    y = brentq(lambda y: at(y) - voltage, least, most, xtol=1e-14, rtol=1e-14)
    return float(y), low, high
