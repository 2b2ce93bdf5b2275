"""From a voltage to a stoichiometry: the inverse of an open-circuit potential, kept for the potentials asked last.

The runs of a study share their potential unless it is drawn itself. It knows no cell.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from cellmodel.correlations import Correlation
from cellmodel.inputs import parse_quantity
from cellmodel.parameters.bounds import read_temperature


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


@lru_cache(maxsize=1024)
def stoichiometry_at(
    potential: Correlation, voltage: float, entropic: Correlation | None = None, warmer: float = 0.0
) -> tuple[float | None, float, float]:
    """Return where a falling potential has a value.

    Parameters
    ----------
    potential : Correlation
        Of the stoichiometry y in [0, 1].
    voltage : float
        [V].
    entropic : Correlation, optional
        Temperature coefficient dU/dT of the potential, of y [V.K-1].
    warmer : float, optional
        Temperature above the reference of the potential [K]: U(y, T) = U(y) + warmer dU/dT(y).

    Returns
    -------
    stoichiometry : float or None
        y [1]; None if the potential does not reach the voltage.
    low, high : float
        The potential at y = 1 and at y = 0 [V].
    """

    def at(y: float) -> float:
        value = float(potential.evaluate(y))
        return value + warmer * float(entropic.evaluate(y)) if entropic is not None and warmer else value

    high, low = at(0.0), at(1.0)
    if not low <= voltage <= high:
        return None, low, high
    from scipy.optimize import brentq

    y = brentq(lambda y: at(y) - voltage, 0.0, 1.0, xtol=1e-14, rtol=1e-14)
    return float(y), low, high
