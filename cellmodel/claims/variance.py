"""Which share of a result's variance comes from a group of numbers: pick-freeze on blocks that exchange the group.

It knows no cell and no claim.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

BLOCK = 4
_RESAMPLES, _SEED = 200, 1


@dataclass(frozen=True)
class GroupShare:
    """Share of a variance, each with its standard error (of a bootstrap over blocks).

    Attributes
    ----------
    alone, alone_error : float
        What the group explains by itself: the closed Sobol index Var(E[Y|group])/Var(Y).
    total, total_error : float
        What would go if the group were known: 1 - Var(E[Y|rest])/Var(Y); more than `alone` by the interactions.
    """

    alone: float
    alone_error: float
    total: float
    total_error: float


def group_share(values: ArrayLike) -> GroupShare:
    """Return the share of the variance that a group of numbers explains.

    In each block of four runs (0, 1, 2, 3) the pairs (0, 1) and (2, 3) have the group in common and nothing else, the
    pairs (0, 2) and (1, 3) the rest. The covariance of pairs over the variance, both about the mean of all runs, is
    the closed Sobol index of what they have in common (Janon et al. 2014, doi 10.1051/ps/2013040, eq. 6, on both
    kinds of pair).

    Parameters
    ----------
    values : array_like, shape (draws,)
        Results of a sample of the method "crossed", in its order; a last incomplete block is left out.

    Returns
    -------
    GroupShare
        Between 0 and 1 but for noise; NaN if there are fewer than two blocks or the values do not vary.
    """
    blocks = np.asarray(values, dtype=float)
    blocks = blocks[: blocks.size // BLOCK * BLOCK].reshape(-1, BLOCK)
    if len(blocks) < 2 or not np.ptp(blocks) > 0.0:
        return GroupShare(np.nan, np.nan, np.nan, np.nan)
    alone, total = _indices(blocks[None])
    chosen = np.random.default_rng(_SEED).integers(len(blocks), size=(_RESAMPLES, len(blocks)))
    spread = [float(np.nanstd(index, ddof=1)) for index in _indices(blocks[chosen])]
    return GroupShare(float(alone[0]), spread[0], float(total[0]), spread[1])


def _indices(blocks: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return both indices of each sample of blocks, shape (samples, blocks, 4)."""
    y = blocks - blocks.mean(axis=(1, 2), keepdims=True)
    variance = (y**2).mean(axis=(1, 2))
    variance = np.where(variance > 0.0, variance, np.nan)
    group = (y[..., 0] * y[..., 1] + y[..., 2] * y[..., 3]).mean(axis=1) / 2.0
    rest = (y[..., 0] * y[..., 2] + y[..., 1] * y[..., 3]).mean(axis=1) / 2.0
    return group / variance, 1.0 - rest / variance
