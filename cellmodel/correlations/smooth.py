"""Smooth versions of minimum, maximum and clipping, the same for floats, arrays and PyBaMM symbols.

The solver needs derivatives of every property at every state it visits, also slightly outside the
physical range.  These functions have all derivatives; each docstring states by how much it differs
from the sharp one.  They know nothing about what is being smoothed.
"""

from __future__ import annotations

from typing import Any

import numpy as np


def smooth_maximum(value: Any, floor: Any, width: float) -> Any:
    """Return a smooth max(value, floor): (v + f + sqrt((v - f)^2 + w^2)) / 2.

    The excess over the sharp maximum is w/2 where the two are equal and w^2 / (4 |v - f|) far away.

    Parameters
    ----------
    value, floor : float, array or symbol
        The two candidates, same unit.
    width : float
        Width w of the transition, same unit, positive.

    Returns
    -------
    same kind as `value`
        At least as large as the sharp maximum.  Derived here.
    """
    return 0.5 * (value + floor + np.sqrt((value - floor) ** 2 + width**2))


def smooth_minimum(value: Any, ceiling: Any, width: float) -> Any:
    """Return a smooth min(value, ceiling), the mirror image of `smooth_maximum`.

    Parameters
    ----------
    value, ceiling : float, array or symbol
        The two candidates, same unit.
    width : float
        Width of the transition, same unit, positive.

    Returns
    -------
    same kind as `value`
        At most as large as the sharp minimum.  Derived here.
    """
    return 0.5 * (value + ceiling - np.sqrt((value - ceiling) ** 2 + width**2))


def hold(value: Any, lower: Any, upper: Any, width: float) -> Any:
    """Return `value` held smoothly between `lower` and `upper`.

    This is the continuation rule of all polynomials here: beyond its stated range a polynomial keeps
    the value it has at the edge.

    Parameters
    ----------
    value : float, array or symbol
        The argument of the polynomial.
    lower, upper : float or symbol
        Edges of the range, same unit.
    width : float
        Width of each transition, same unit, small against `upper - lower`.

    Returns
    -------
    same kind as `value`
        Derived here.
    """
    return smooth_minimum(smooth_maximum(value, lower, width), upper, width)


def positive_part(value: Any, width: float) -> Any:
    """Return a smooth, strictly positive max(value, 0): (v + sqrt(v^2 + w^2)) / 2.

    Used as the base of every real power, so that no power of a negative number is ever taken.

    Parameters
    ----------
    value : float, array or symbol
        Any real number.
    width : float
        Twice the result at zero, same unit.

    Returns
    -------
    same kind as `value`
        Positive everywhere.  Derived here.
    """
    return smooth_maximum(value, 0.0, width)
