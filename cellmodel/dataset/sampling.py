"""Where to sample a leg, so that straight lines between few samples follow the solver's voltage.

The error of a straight line over a step h is h^2 |V''| / 8.  Equal error for all steps means sample
density proportional to sqrt(|V''|) (de Boor's equidistribution); a share of the samples is spread
evenly in time and another in charge so that no stretch is empty.  Knows arrays only.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

EVEN_SHARE = 0.2
"""Share of the samples spread evenly in time."""


def sample_times(knots: Array, voltage: Array, samples: int) -> Array:
    """Return the times at which a leg is stored.

    Parameters
    ----------
    knots : ndarray, shape (n,)
        The solver's own times [s], increasing.
    voltage : ndarray, shape (n,)
        Voltage there [V].
    samples : int
        How many samples, at least 2.

    Returns
    -------
    ndarray, shape (samples,)
        Both ends included.  de Boor, A Practical Guide to Splines (1978), chapter XII: equidistribution.
    """
    steps = np.diff(knots)
    slopes = np.diff(voltage) / steps
    curvature = np.zeros_like(knots)
    if knots.size > 2:
        curvature[1:-1] = np.abs(np.diff(slopes)) / (0.5 * (steps[1:] + steps[:-1]))
        curvature[0], curvature[-1] = curvature[1], curvature[-2]
    density = np.sqrt(np.maximum(curvature[1:], curvature[:-1]))
    wanted = np.concatenate(([0.0], np.cumsum(density * steps)))
    even = (knots - knots[0]) / (knots[-1] - knots[0])
    share = EVEN_SHARE if wanted[-1] > 0.0 else 1.0
    measure = share * even + (1.0 - share) * (wanted / wanted[-1] if wanted[-1] > 0.0 else 0.0)
    times = np.interp(np.linspace(0.0, 1.0, samples), measure, knots)
    times[0], times[-1] = knots[0], knots[-1]
    return times
