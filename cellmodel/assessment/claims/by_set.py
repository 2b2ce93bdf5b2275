"""The verdict where each set of a material holds: the rule on the draws in which it does.

What is told for all draws together, in the shares of the weights, is `verdict`'s business; the mixed probability is
the sum of those of the sets, each times its share of the draws.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cellmodel.assessment.claims.definition import CLAIMED, ComputedClaim
from cellmodel.assessment.claims.designs import DESIGNS
from cellmodel.assessment.claims.measures import Outcomes
from cellmodel.assessment.claims.rule import VERDICTS, probability_interval, verdict
from cellmodel.assessment.claims.samples import ClaimSample

FEWEST_DRAWS = 8
"""Draws from which a set has a verdict of its own: with four independent points that all reach the threshold, Wilson's
interval at 95 % begins at n/(n + 1.96^2) = 0.51. Fewer could not even tell likely from unlikely."""
TOO_FEW = "too few draws"

Variables = dict[str, tuple[Any, Any, str, str]]
"""Name -> dimensions, values, unit and long name."""


def weights_of_sets(sample: ClaimSample) -> dict[str, float]:
    """Return how likely each set is; of several materials each combination, with a comma between the names."""
    case = sample.drawn.study.cases[0]
    roles = sorted(case.set_distributions)
    choices = [case.parameters.sets[role].weights.items() for role in roles]
    return {", ".join(name for name, _ in one): prod(weight for _, weight in one) for one in product(*choices) if one}


def by_set(claim: ComputedClaim, parts: Sequence[tuple[ClaimSample, Outcomes]]) -> Variables:
    """Return what was found where each set holds; nothing for a cell whose materials have one set each.

    Parameters
    ----------
    claim : ComputedClaim
        What is claimed.
    parts : sequence of (ClaimSample, Outcomes)
        At the claim's own condition, then at every other, as of `verdict.judge_cell`.

    Returns
    -------
    dict
        On (condition, design, set) and (design, set).
    """
    weights = weights_of_sets(parts[0][0])
    if not weights:
        return {}
    rows = [
        _row(sample, values, name, claim.threshold)
        for sample, one in parts
        for values in one.values
        for name in weights
    ]
    found = np.array(rows).reshape(-1, len(DESIGNS), len(weights), len(rows[0]))
    draws, chance, low, high, median = np.moveaxis(found, -1, 0)
    places = product(range(len(DESIGNS)), range(len(weights)))
    words = np.array([_verdict(draws[:, i, j], chance[:, i, j]) for i, j in places], dtype=object)
    on = ("condition", "design", "set")
    return {
        "set": ("set", np.array([*weights], dtype=object), "1", "set that holds"),
        "set_weight": ("set", [*weights.values()], "1", "probability of the set, as its file states it"),
        "set_of_draw": ("draw", np.array(parts[0][0].drawn.sets, dtype=object), "1", "set that holds in each draw"),
        "set_draws": (on, draws, "1", "draws in which the set holds"),
        "set_probability": (on, chance, "1", "share of these draws that reach the threshold"),
        "set_probability_low": (on, low, "1", "lower end of its 95 % interval"),
        "set_probability_high": (on, high, "1", "upper end of its 95 % interval"),
        "set_median": (on, median, CLAIMED[claim.quantity].unit, "median of these draws"),
        "set_verdict": (("design", "set"), words.reshape(len(DESIGNS), -1), "1", "verdict where the set holds"),
    }


def _row(sample: ClaimSample, values: NDArray[np.float64], name: str, threshold: float) -> tuple[float, ...]:
    """Return number, probability with its interval, and median of the draws in which a set holds; NaN of none."""
    own = values[np.array(sample.drawn.sets, dtype=object) == name]
    if not own.size:
        return (0.0, *(np.nan,) * 4)
    # in a block of four the sets of each two are equal, and these two are no more than one independent point
    return (float(own.size), *probability_interval(own >= threshold, own.size // 2), float(np.median(own)))


def _verdict(draws: NDArray[np.float64], chances: NDArray[np.float64]) -> str:
    """Return the verdict from draws and P at every condition, the claim's own first; too few refute nothing."""
    enough = draws >= FEWEST_DRAWS
    if not enough[0]:
        return TOO_FEW
    word = verdict(chances[0], chances[1:][enough[1:]])
    return VERDICTS[2] if word == VERDICTS[3] and not enough.all() else word
