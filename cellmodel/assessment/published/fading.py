"""How gradually a capacity falls with the rate, and what a spread of thickness or of particle size makes of it.

Arrays in, numbers out; nothing is solved here.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

HIGH, LOW = 0.95, 2.0 / 3.0
"""Shares of the slow capacity between whose rates a fade is measured; the published series ends at 0.63."""
_POINTS = 41  # of a distribution, over five standard deviations

Array = NDArray[np.float64]


def fade_ratio(rates: ArrayLike, capacities: ArrayLike) -> float:
    """Return the rate at which two thirds of the slow capacity are left over the one at which 95 % are.

    Capacity falls off a cliff if the ratio is near one; where it is proportional to 1/rate beyond a limit, the ratio is
    1.4. Between rates the capacity is linear in the logarithm of the rate.

    Parameters
    ----------
    rates, capacities : array_like
        In ascending order of the rate, of the same unit each; the first capacity is the slow one.

    Returns
    -------
    float
        NaN if the capacity does not fall that far, or does not fall steadily.
    """
    share = np.asarray(capacities, dtype=float)
    share = share / share[0]
    if not (np.all(np.diff(share) <= 0.0) and share[-1] <= LOW):
        return float("nan")
    log_rate = np.interp([-HIGH, -LOW], -share, np.log(np.asarray(rates, dtype=float)))
    return float(np.exp(log_rate[1] - log_rate[0]))


def spread_over_sizes(sizes: ArrayLike, capacities: Array, median: float, factor: float) -> Array:
    """Return the capacities of a cathode whose particles have a log-normal distribution of sizes.

    Every size is discharged at the same rate and none helps another, so that the fade is the strongest that the
    distribution can cause. Sizes beyond those given count as the nearest.

    Parameters
    ----------
    sizes : array_like
        In ascending order [m].
    capacities : ndarray, shape (size, rate)
        Of a cathode of one size.
    median : float
        Of the volume [m].
    factor : float
        One standard deviation of the logarithm is its logarithm.

    Returns
    -------
    ndarray, shape (rate,)
        Mean over the volume.
    """
    score, weight = _normal()
    drawn = np.log(median) + np.log(factor) * score
    columns = [np.interp(drawn, np.log(np.asarray(sizes, dtype=float)), column) for column in capacities.T]
    return np.asarray(np.stack(columns, axis=1).T @ weight)


def spread_over_thickness(
    thicknesses: ArrayLike, rates: ArrayLike, capacities: Array, mean: float, deviation: float
) -> Array:
    """Return the capacities of a cathode whose thickness varies from place to place.

    Every place carries the same current density and ends by itself, so that a thin place has a high rate. Thicknesses
    beyond those given, and rates, count as the nearest.

    Parameters
    ----------
    thicknesses, rates : array_like
        In ascending order [m, 1].
    capacities : ndarray, shape (thickness, rate)
        Per mass, of a cathode of one thickness at its own rate.
    mean, deviation : float
        Mean thickness [m], and standard deviation over it [1].

    Returns
    -------
    ndarray, shape (rate,)
        Per mass, at rates that refer to the mean thickness.
    """
    from scipy.interpolate import RegularGridInterpolator

    grid, log_rates = np.asarray(thicknesses, dtype=float), np.log(np.asarray(rates, dtype=float))
    score, weight = _normal()
    drawn = np.clip(mean * (1.0 + deviation * score), grid[0], grid[-1])
    own = np.clip(log_rates[None, :] - np.log(drawn / mean)[:, None], log_rates[0], log_rates[-1])
    points = np.stack([np.broadcast_to(drawn[:, None], own.shape), own], axis=-1)
    local = RegularGridInterpolator((grid, log_rates), capacities)(points)
    mass = weight * drawn
    return np.asarray(mass @ local / mass.sum())


def range_text(values: Sequence[float]) -> str:
    """Return the smallest and the largest of some numbers, such as "1.4 to 1.9"; one number if they are equal."""
    low, high = f"{min(values):.2g}", f"{max(values):.2g}"
    return low if low == high else f"{low} to {high}"


def _normal() -> tuple[Array, Array]:
    """Return points and weights of a standard normal distribution."""
    score = np.linspace(-2.5, 2.5, _POINTS)
    weight = np.exp(-0.5 * score**2)
    return score, weight / weight.sum()
