"""Newman's equations with a moving solvent and any density, solved apart from the package: what constant volumes skip.

With the density rho(c) the solvent's concentration follows from M0 c0 = rho - M c, both species are balanced,

    dc/dt = -dN-/dx,   dc0/dt = -d(c0 v0)/dx,   N- = -D (1 - d ln c0/d ln c) dc/dx - (1 - t0) i/F + c v0,

and nothing flows through either face. Finite volumes in x, implicit Euler in time: first order, so steps are short.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_banded

from cellmodel.correlations import FARADAY

Array = NDArray[np.float64]
Function = Callable[[Array], Array]
VOLUMES, ITERATIONS, STEP = 100, 8, 1.0


def solve(
    diffusivity: Function,
    transference: Function,
    solvent: Function,
    current: Function,
    times: Array,
    start: float,
    L: float,
) -> tuple[Array, Array, Array]:
    """Return nodes [m], salt concentrations [mol.m-3] and the solvent's velocities [m.s-1] on inner edges at times [s].

    `solvent` is the mass of solvent per volume; `current` the current density [A.m-2] of time.
    """
    edges = 0.5 * L * (1.0 - np.cos(np.pi * np.linspace(0.0, 1.0, VOLUMES + 1)))
    x, w = 0.5 * (edges[1:] + edges[:-1]), np.diff(edges)
    c, v = np.full(VOLUMES, start), np.zeros(VOLUMES - 1)
    salt, velocity = [c], [v]
    for begin, end in pairwise(times):
        c, v = _step(c, v, end - begin, float(current(np.array(end))), (diffusivity, transference, solvent), x, w)
        salt.append(c)
        velocity.append(v)
    return x, np.array(salt), np.array(velocity)


def _step(
    before: Array, v: Array, h: float, i: float, functions: tuple[Function, Function, Function], x: Array, w: Array
) -> tuple[Array, Array]:
    """Return concentration and velocity after one step, by iterating coefficients and velocity."""
    diffusivity, transference, solvent = functions
    c = before.copy()
    for _ in range(ITERATIONS):
        m = 0.5 * (c[1:] + c[:-1])
        factor = 1.0 - m * 0.5 * (solvent(m + STEP) - solvent(m - STEP)) / STEP / solvent(m)
        g = h * diffusivity(m) * factor / np.diff(x)
        moved = h * (-(1.0 - transference(m)) * i / FARADAY + m * v)
        bands, right = np.zeros((3, c.size)), before.copy()
        bands[1] = 1.0
        bands[1, :-1] += g / w[:-1]
        bands[1, 1:] += g / w[1:]
        bands[0, 1:], bands[2, :-1] = -g / w[:-1], -g / w[1:]
        right[:-1] -= moved / w[:-1]
        right[1:] += moved / w[1:]
        c = solve_banded((1, 1), bands, right)
        gone = -np.cumsum((solvent(c) - solvent(before)) * w)[:-1] / h
        v = gone / solvent(0.5 * (c[1:] + c[:-1]))
    return c, v
