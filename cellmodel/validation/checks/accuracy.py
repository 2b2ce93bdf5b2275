"""Order of accuracy in x, in r and in the integrator's tolerance, beside that of PyBaMM's own submodels.

Orders come from the differences of successive meshes, log2(|V_N - V_2N| / |V_2N - V_4N|), which needs no reference. The
mesh is refined in one direction only, so that the errors of the other cancel.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from cellmodel.models import Mesh
from cellmodel.parameters import load_cell
from cellmodel.validation.discharging import STOCK, discharged_voltages, root_mean_square
from cellmodel.validation.findings import Check, Curve, Finding, Observation, Surroundings, curves

Array = NDArray[np.float64]

CELL, C_RATE = "li_polycarbonate_nmc811", 1 / 3
VOLUMES_X, VOLUMES_R = (10, 20, 40, 80), (6, 12, 24, 48)
TOLERANCES = (1e-3, 1e-4, 1e-5, 1e-6)
FINEST = 1e-8
ASKED = 0.2
"""How far an observed order may be from 2: 1.8 is asked, the salt front is not smooth."""


def mesh_differences(meshes: Sequence[Mesh], model: str = "DFN", rtol: float = 1e-7) -> Array:
    """Return the root mean square differences [V] between successive meshes, NMC811 at C/3.

    Parameters
    ----------
    meshes : sequence of Mesh
        Each twice as fine as the one before in one direction.
    model : str, optional
        As `build_model` takes it.
    rtol : float, optional
        Relative tolerance of the integrator, small against the differences.

    Returns
    -------
    ndarray, shape (meshes - 1,)
        Ordered as the meshes.
    """
    settings = [{"model": model, "mesh": mesh, "rtol": rtol, "atol": rtol / 100} for mesh in meshes]
    _, voltages = discharged_voltages(load_cell(CELL), C_RATE, settings)
    return np.array([root_mean_square(fine - coarse) for coarse, fine in pairwise(voltages)])


def orders(differences: Array) -> Array:
    """Return log2 of the ratios of successive differences."""
    return np.asarray(np.log2(differences[:-1] / differences[1:]))


def meshes_in_x() -> list[Mesh]:
    """Return meshes whose numbers of volumes in x double; particles are the same."""
    return [Mesh(volumes, volumes, 12, 1.0) for volumes in VOLUMES_X]


def meshes_in_r() -> list[Mesh]:
    """Return meshes whose numbers of volumes in r double, all of equal width: a stretched mesh changes its shape."""
    return [Mesh(8, 16, volumes) for volumes in VOLUMES_R]


def _order_finding(direction: str, own: Array, stock: Array) -> Finding:
    found, theirs = orders(own), orders(stock)
    text = ", ".join(f"{order:.2f}" for order in found)
    others = ", ".join(f"{order:.2f}" for order in theirs)
    return Finding(
        "",
        f"order of accuracy in {direction}: 2 minus the lowest observed, NMC811 at C/3",
        max(0.0, 2.0 - float(found.min())),
        ASKED,
        "1",
        "an order of 1.8 is what was asked; 2 is what the scheme gives",
        stock=max(0.0, 2.0 - float(theirs.min())),
        remark=f"Observed orders {text}; stock PyBaMM {others}.",
    )


def _order_curves(direction: str, volumes: Sequence[int], own: Array, stock: Array) -> Observation:
    number = np.array(volumes[:-1], dtype=float)
    second = own[0] * (number[0] / number) ** 2
    lines = [
        Curve("cellmodel", "model", number, 1e3 * own),
        Curve("stock PyBaMM", "stock", number, 1e3 * stock),
        Curve("second order", "reference", number, 1e3 * second),
    ]
    title, axis = f"Convergence in {direction}, NMC811 at C/3", f"volumes in {direction}"
    drawn = curves(title, axis, "difference to twice as many (mV rms)", lines, log="xy")
    return Observation([_order_finding(direction, own, stock)], drawn)


def measure_x(_surroundings: Surroundings) -> Observation:
    """Refine separator and electrode."""
    meshes = meshes_in_x()
    return _order_curves("x", VOLUMES_X, mesh_differences(meshes), mesh_differences(meshes, STOCK))


def measure_r(_surroundings: Surroundings) -> Observation:
    """Refine the particles."""
    meshes = meshes_in_r()
    return _order_curves("r", VOLUMES_R, mesh_differences(meshes), mesh_differences(meshes, STOCK))


def tolerance_errors() -> Array:
    """Return the root mean square error [V] of the integrator at each of `TOLERANCES`, on the default mesh."""
    settings = [{"rtol": rtol, "atol": rtol / 100} for rtol in (*TOLERANCES, FINEST)]
    _, voltages = discharged_voltages(load_cell(CELL), C_RATE, settings)
    return np.array([root_mean_square(v - voltages[-1]) for v in voltages[:-1]])


def measure_t(_surroundings: Surroundings) -> Observation:
    """Tighten the integrator's tolerance: an adaptive method has no step to halve."""
    errors = tolerance_errors()
    slope = float(np.polyfit(np.log10(TOLERANCES), np.log10(errors), 1)[0])
    text = ", ".join(f"{rtol:g}: {1e3 * error:.1e} mV" for rtol, error in zip(TOLERANCES, errors, strict=True))
    findings = [
        Finding(
            "default",
            "error of the integrator at its default tolerance, NMC811 at C/3, root mean square",
            float(errors[TOLERANCES.index(1e-4)]),
            0.05e-3,
            "V",
            "small against the 0.3 mV of the default mesh",
            remark=f"By relative tolerance: {text}.",
        ),
        Finding(
            "order",
            "order in the tolerance: 1 minus the slope of log error against log tolerance",
            max(0.0, 1.0 - slope),
            0.5,
            "1",
            "error control per step keeps the global error between the 1/2 and the first power of the tolerance, "
            "because a method of order p does it with steps as long as tolerance^(1/(p + 1))",
            remark=f"Observed slope {slope:.2f}.",
        ),
    ]
    lines = [
        Curve("cellmodel", "model", TOLERANCES, 1e3 * errors),
        Curve("first power", "reference", TOLERANCES, 1e3 * errors[1] * np.array(TOLERANCES) / 1e-4),
    ]
    title = "Error of the integrator, NMC811 at C/3"
    return Observation(findings, curves(title, "relative tolerance", "error (mV rms)", lines, log="xy"))


GROUP = "accuracy"
CHECKS = (
    Check("order_in_x", GROUP, "successive meshes", "", measure_x),
    Check("order_in_r", GROUP, "successive meshes", "", measure_r),
    Check("order_in_t", GROUP, "relative tolerance of 1e-8", "", measure_t),
)
