"""From a voltage to a stoichiometry: the inverse of an open-circuit potential, kept for the potentials asked last.

The runs of a study share their potential unless it is drawn itself. It knows no cell.
"""

from __future__ import annotations

from functools import lru_cache

from cellmodel.correlations import Correlation


@lru_cache(maxsize=1024)
def stoichiometry_at(potential: Correlation, voltage: float) -> tuple[float | None, float, float]:
    """Return where a falling potential has a value.

    Parameters
    ----------
    potential : Correlation
        Of the stoichiometry y in [0, 1].
    voltage : float
        [V].

    Returns
    -------
    stoichiometry : float or None
        y [1]; None if the potential does not reach the voltage.
    low, high : float
        The potential at y = 1 and at y = 0 [V].
    """
    high, low = float(potential.evaluate(0.0)), float(potential.evaluate(1.0))
    if not low <= voltage <= high:
        return None, low, high
    from scipy.optimize import brentq

    y = brentq(lambda y: float(potential.evaluate(y)) - voltage, 0.0, 1.0, xtol=1e-14, rtol=1e-14)
    return float(y), low, high
