"""The salt concentration at the outer faces of the electrolyte, which finite volumes do not hold.

It knows widths and arrays.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def with_faces(widths: Array, concentration: Array) -> Array:
    """Return profiles with the values at both outer faces, extrapolated as the model does.

    Parameters
    ----------
    widths : ndarray, shape (x,)
        Of the finite volumes [m] of the cell that ran; the one that the model was built from rounds otherwise.
    concentration : ndarray, shape (n, x)
        At the nodes [mol.m-3].

    Returns
    -------
    ndarray, shape (n, x + 2)
        A layer at lithium may be thinner than the first volume: only the face shows that its salt has run out.
    """
    left, right = (
        c[:, 0] + (c[:, 0] - c[:, 1]) * w[0] / (w[0] + w[1])
        for c, w in ((concentration, widths), (concentration[:, ::-1], widths[::-1]))
    )
    return np.column_stack([left, concentration, right])
