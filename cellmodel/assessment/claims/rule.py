"""From draws to a verdict, by a rule that was set down before any result was seen.

The rule
--------
P is the share of the draws in which the quantity reaches the threshold. For one design of one cell:

* **holds**: P is at least 0.9 at the condition (temperature and rate) at which the claim is meant;
* **holds under conditions**: not that, but P is at least 0.9 at another condition of the claim's grid;
* **does not hold**: P is at most 0.1 at every condition, the claim's own included;
* **open**: anything else; what is known does not decide.

The rule looks at P as estimated; its confidence interval stands beside it. The verdict on a claim is the best one of
its cells and designs, as a claim says that something can be built. Where a material has several sets, all draws
together are the mixed verdict, and each set has its own by the same rule (`by_set`).
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike

PROBABLE, IMPROBABLE = 0.9, 0.1
VERDICTS = ("holds", "holds under conditions", "open", "does not hold", "not yet computed")
"""The best first."""

_NORMAL_95 = 1.959963984540054


def verdict(probability: float, elsewhere: Iterable[float] = ()) -> str:
    """Return the verdict on one design of one cell from P at the claim's condition and at the others."""
    others = list(elsewhere)
    if probability >= PROBABLE:
        return VERDICTS[0]
    if max(others, default=0.0) >= PROBABLE:
        return VERDICTS[1]
    return VERDICTS[3] if max([probability, *others]) <= IMPROBABLE else VERDICTS[2]


def best(verdicts: Iterable[str]) -> str:
    """Return the best of several verdicts."""
    return min(verdicts, key=VERDICTS.index)


def probability_interval(reached: ArrayLike, independent: int) -> tuple[float, float, float]:
    """Return the share of draws that reach a threshold with its 95 % interval.

    Wilson's score interval (doi 10.1080/01621459.1927.10502953) with the number of independent points in place of the
    number of draws. In blocks of four that exchange a group of numbers the variance of the mean is
    s^2 (1 + S_group + S_rest)/n, and closed indices of complementary groups add up to at most 1, so n/2 independent
    points are never too many (derived here).
    """
    share = float(np.mean(np.asarray(reached, dtype=float)))
    z, n = _NORMAL_95, max(independent, 1)
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * float(np.sqrt(share * (1 - share) / n + z * z / (4 * n * n)))
    return share, max(0.0, middle - half), min(1.0, middle + half)
