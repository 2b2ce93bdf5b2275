"""The best point of a unit cube: a coarse grid to start from, then SLSQP with differences.

It knows a function of four numbers; it knows no cell.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

GRID = 4
"""Points along active fraction and limiting-current ratio at which the search looks before it climbs: far from the
ridge the energy falls to zero and stays there, and has no gradient to follow."""

STEP = 5e-3
"""Half of the width of a central difference, in units of the cube.

The energy repeats to 1e-5 of itself under small changes of the design (rtol 1e-4; the integrator takes other steps), so
that a slope over 1e-2 is good to about 1e-3 of the energy per side of the cube, and the curvature of the ridge costs
about as much: half the step and twice the step find the same optimum."""

TOLERANCE = 1e-4
"""Relative improvement below which the search stops. A tenth of it finds the same optima, within 2e-5 of the energy,
with a fifth more discharges."""

ITERATIONS = 30
"""Most steps of the search; optima of the shipped cells take two to eight."""

COARSE = (0, 2)
"""Coordinates that the first grid covers; the others start at their lower bound."""


def maximise(function: Callable[[Array], float], free: Sequence[int]) -> tuple[Array, int]:
    """Return the point of the unit cube at which a smooth function is largest, and how many steps it took.

    Parameters
    ----------
    function : callable
        Of four coordinates.
    free : sequence of int
        Coordinates that may be chosen; the others stay zero.

    Returns
    -------
    ndarray, shape (4,)
        The best of all points that were looked at.
    int
        Steps of the search; zero if the function is zero wherever the grid looks.
    """
    seen: dict[tuple[float, ...], float] = {}

    def value(point: Array) -> float:
        key = tuple(np.clip(point, 0.0, 1.0).tolist())
        if key not in seen:
            seen[key] = function(np.array(key))
        return seen[key]

    first = _best_of_grid(value, free)
    reference, steps = value(first), 0
    if reference > 0.0 and free:
        steps = _climb(value, first, list(free), reference)
    return np.array(max(seen, key=lambda key: seen[key])), steps


def _best_of_grid(value: Callable[[Array], float], free: Sequence[int]) -> Array:
    """Return the best of a few points spread over active fraction and limiting-current ratio."""
    middles = ((np.arange(GRID) + 0.5) / GRID).tolist()
    along = [middles if axis in free else [0.0] for axis in COARSE]
    points = []
    for coordinates in itertools.product(*along):
        point = np.zeros(4)
        point[list(COARSE)] = coordinates
        points.append(point)
    return max(points, key=value)


def _climb(value: Callable[[Array], float], start: Array, free: list[int], reference: float) -> int:
    """Follow the slope from a point until it ends; return the steps taken."""
    from scipy.optimize import minimize

    def at(chosen: Array) -> Array:
        point = start.copy()
        point[free] = np.clip(chosen, 0.0, 1.0)
        return point

    def slope(chosen: Array) -> Array:
        slopes = np.zeros(len(free))
        for place in range(len(free)):
            ends = []
            for step in (-STEP, STEP):
                moved = np.array(chosen, dtype=float)
                moved[place] = np.clip(moved[place] + step, 0.0, 1.0)
                ends.append((moved[place], value(at(moved))))
            slopes[place] = (ends[1][1] - ends[0][1]) / (ends[1][0] - ends[0][0])
        return -slopes / reference

    found = minimize(
        lambda chosen: -value(at(chosen)) / reference,
        start[free],
        jac=slope,
        bounds=[(0.0, 1.0)] * len(free),
        method="SLSQP",
        options={"ftol": TOLERANCE, "maxiter": ITERATIONS},
    )
    return int(found.nit)
