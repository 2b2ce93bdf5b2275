"""Published capacities against drawn ones: whether a line tells anything, and what it tells.

Arrays in, verdicts out; nothing is read or solved here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cellmodel.analysis.sensitivity import FEWEST_RUNS, first_order_indices

BAND = (0.05, 0.95)
"""Quantiles between which nine tenths of the draws lie."""
MOST_OF_RANGE = 0.5
"""Widest band that still tells, as a share of the interval from 0 to the full capacity."""
CLOSE = 0.05
"""Relative distance that counts as agreement: about what two cells of one batch and a rounded number differ by."""
LEAST_SHARE = 1.0 - BAND[1]
"""Share of the draws that must lie close to a series at all its rates: what a band leaves to either side."""
_FEWEST_IN_WINDOW = 16
_MOST_CHOICES = 8  # of a number that stands for one of several sets

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Judged:
    """What one published capacity says.

    Attributes
    ----------
    low, median, high : float
        5 %, 50 % and 95 % quantiles of the drawn capacities [mA.h.g-1].
    width : float
        Width of the band over the full capacity [1].
    distance : float
        Of the published number from the band, relative to the number; 0 inside.
    """

    low: float
    median: float
    high: float
    width: float
    distance: float

    @property
    def tells(self) -> bool:
        """Whether the band excludes at least half of what a capacity can be."""
        return self.width <= MOST_OF_RANGE


def judge_capacity(drawn: Array, published: float, full: float, *, at_least: bool = False) -> Judged:
    """Return what a published capacity says of drawn ones; of one that is a lower bound, more is no distance.

    Parameters
    ----------
    drawn : ndarray, shape (draws,)
        [mA.h.g-1]; NaN where a run failed.
    published, full : float
        Published and full capacity [mA.h.g-1].
    at_least : bool, optional
        The published number is a lower bound.

    Returns
    -------
    Judged
        All NaN without draws.
    """
    low, median, high = (float(one) for one in np.nanquantile(drawn, (BAND[0], 0.5, BAND[1])))
    below, above = low - published, published - high
    distance = max(0.0, above if at_least else max(below, above)) / published
    return Judged(low, median, high, (high - low) / full, distance)


@dataclass(frozen=True)
class JudgedSeries:
    """What a series of rates says of one cell.

    Attributes
    ----------
    share : float
        Of the draws that lie close to the published capacity at every rate.
    best : int
        The draw whose largest relative distance is smallest.
    distance : float
        That distance.
    """

    share: float
    best: int
    distance: float


def judge_series(drawn: Array, published: Array) -> JudgedSeries:
    """Return how many draws meet all capacities of a series; `drawn` is (draw, rate), both [mA.h.g-1]."""
    off = np.abs(drawn / published - 1.0).max(axis=1)
    off = np.where(np.isfinite(off), off, np.inf)
    best = int(np.argmin(off))
    return JudgedSeries(float(np.mean(off <= CLOSE)), best, float(off[best]))


def what_would_tell(drawn: Array, numbers: Mapping[str, Array], full: float) -> str:
    """Return which number would have to be known, and how well, for the band to exclude half of the range.

    The number is the one that explains most of the variance. How well is read off the draws: around the middle of the
    number, those that lie within a window are a sample of a cell of which it is known; the widest window whose band
    tells is returned.

    Parameters
    ----------
    drawn : ndarray, shape (draws,)
        Capacities [mA.h.g-1].
    numbers : mapping of str to ndarray
        Name -> drawn values.
    full : float
        Full capacity [mA.h.g-1].

    Returns
    -------
    str
        Such as "cell.separator.thickness within 20 % (45 % of the variance)".
    """
    kept = np.isfinite(drawn)
    if kept.sum() < FEWEST_RUNS:
        return f"more draws: {int(kept.sum())} have a capacity, {FEWEST_RUNS} are needed to say more"
    varied = {name: _filled(values[kept]) for name, values in numbers.items() if np.nanstd(values[kept]) > 0.0}
    shares = {name: _share(drawn[kept], values) for name, values in varied.items()}
    most = sorted(shares, key=lambda name: -shares[name])[:2]
    for name in most:
        within = _how_well(drawn[kept], varied[name], full)
        if within:
            return f"{name} {within} ({shares[name]:.0%} of the variance)"
    return f"more than {' or '.join(most)} alone, the numbers with most of the variance"


def _is_choice(number: Array) -> bool:
    """Return whether a number stands for one of several sets."""
    return np.unique(number).size <= _MOST_CHOICES


def _share(drawn: Array, number: Array) -> float:
    """Return the share of the variance that a number explains alone; of a choice, that of the means of its groups."""
    if not _is_choice(number):
        _, indices = first_order_indices(number[:, None], drawn)
        return float(np.nan_to_num(indices["first_order"][0]))
    groups = [number == one for one in np.unique(number)]
    means = np.select(groups, [drawn[group].mean() for group in groups])
    return float(np.var(means) / np.var(drawn)) if np.var(drawn) > 0.0 else 0.0


def _filled(values: Array) -> Array:
    """Return drawn values, the median in place of those that no draw has."""
    return np.where(np.isfinite(values), values, np.nanmedian(values))


def _how_well(drawn: Array, number: Array, full: float) -> str:
    """Return how well a number has to be known for the band to tell, in words; empty if that is not enough."""
    if _is_choice(number):
        bands = [np.ptp(np.quantile(drawn[number == one], BAND)) / full for one in np.unique(number)]
        return "as the one that holds" if max(bands) <= MOST_OF_RANGE else ""
    within = _window_that_tells(drawn, number, full)
    return "" if within is None else f"within {within:.0%}"


def _window_that_tells(drawn: Array, number: Array, full: float) -> float | None:
    """Return the largest relative half-width of a window around the median in which the band tells; None if none."""
    middle = float(np.median(number))
    order = np.argsort(np.abs(number - middle))
    for count in range(len(order) - 1, _FEWEST_IN_WINDOW - 1, -1):
        inside = order[:count]
        low, high = np.quantile(drawn[inside], BAND)
        if (high - low) / full <= MOST_OF_RANGE:
            return float(np.abs(number[inside] - middle).max() / abs(middle))
    return None
