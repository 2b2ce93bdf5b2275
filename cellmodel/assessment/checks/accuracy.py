"""Order of accuracy in x, in r and in the integrator's tolerance, beside that of PyBaMM's own submodels.

Orders come from the differences of successive meshes, log2(|V_N - V_2N| / |V_2N - V_4N|), which needs no reference. The
mesh is refined in one direction only, so that the errors of the other cancel.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from cellmodel.assessment.checks.check import STOCK, Array, DataFolder, Evidence, Finding, check, curves, discharge, rms
from cellmodel.models import Mesh, build_model
from cellmodel.models.build import BuiltModel
from cellmodel.parameters import load_cell

CELL, C_RATE = "li_polycarbonate_nmc811", 1 / 3
VOLUMES_X, VOLUMES_R = (10, 20, 40, 80), (6, 12, 24, 48)
TOLERANCES = (1e-3, 1e-4, 1e-5, 1e-6)
FINEST = 1e-8
ASKED = 0.2
"""How far an observed order may be from 2: 1.8 is asked, the salt front is not smooth."""
COMPARED = 0.97
"""Part of the shortest discharge that is compared: the last is nearly vertical."""


def voltage(built: BuiltModel, solution: Any, times: Array) -> Array:
    """Return the voltage [V] at given times [s], with the solver's interpolation."""
    return built.read(solution, times, ("voltage",))["voltage"]


def discharged_voltages(settings: Sequence[Mapping[str, Any]]) -> list[Array]:
    """Return the voltages [V] of the discharge at the same 1,000 times, with each of several settings of the model."""
    models = [build_model(load_cell(CELL), **setting) for setting in settings]
    runs = [(built, discharge(built, C_RATE)) for built in models]
    times = np.linspace(0, COMPARED * min(solution.end_time for _, solution in runs), 1000)
    return [voltage(built, solution, times) for built, solution in runs]


def mesh_differences(meshes: Sequence[Mesh], model: str = "DFN", rtol: float = 1e-7) -> Array:
    """Return the root mean square differences [V] between successive meshes, NMC811 at C/3.

    `rtol` of the integrator is small against the differences; each mesh is twice as fine as the one before.
    """
    settings = [{"model": model, "mesh": mesh, "rtol": rtol, "atol": rtol / 100} for mesh in meshes]
    return np.array([rms(fine - coarse) for coarse, fine in pairwise(discharged_voltages(settings))])


def orders(differences: Array) -> Array:
    """Return log2 of the ratios of successive differences."""
    return np.asarray(np.log2(differences[:-1] / differences[1:]))


def meshes_in_x() -> list[Mesh]:
    """Return meshes whose numbers of volumes in x double; particles are the same."""
    return [Mesh(volumes, volumes, 12, 1.0) for volumes in VOLUMES_X]


def meshes_in_r() -> list[Mesh]:
    """Return meshes whose numbers of volumes in r double, all of equal width: a stretched mesh changes its shape."""
    return [Mesh(8, 16, volumes) for volumes in VOLUMES_R]


def _order(direction: str, volumes: Sequence[int], meshes: Sequence[Mesh]) -> Evidence:
    """Yield the order of accuracy in one direction beside stock PyBaMM's, and the differences it comes from."""
    model, stock = mesh_differences(meshes), mesh_differences(meshes, STOCK)
    lowest, lowest_stock = float(orders(model).min()), float(orders(stock).min())
    text, text_stock = (", ".join(f"{order:.2f}" for order in orders(each)) for each in (model, stock))
    what = f"order of accuracy in {direction}: 2 minus the lowest observed, NMC811 at C/3"
    reason = "an order of 1.8 is what was asked; 2 is what the scheme gives"
    remark = f"Observed orders {text}; stock PyBaMM {text_stock}."
    yield Finding("", what, max(0.0, 2.0 - lowest), ASKED, "1", reason, max(0.0, 2.0 - lowest_stock), remark)
    number = np.array(volumes[:-1], dtype=float)
    lines = {
        "cellmodel": ("model", number, 1e3 * model),
        "stock PyBaMM": ("stock", number, 1e3 * stock),
        "second order": ("reference", number, 1e3 * model[0] * (number[0] / number) ** 2),
    }
    title, axis = f"Convergence in {direction}, NMC811 at C/3", f"volumes in {direction}"
    yield curves(title, axis, "difference to twice as many (mV rms)", lines, log="xy")


@check("accuracy", "successive meshes")
def order_in_x(_data: DataFolder) -> Evidence:
    """Refine separator and electrode."""
    return _order("x", VOLUMES_X, meshes_in_x())


@check("accuracy", "successive meshes")
def order_in_r(_data: DataFolder) -> Evidence:
    """Refine the particles."""
    return _order("r", VOLUMES_R, meshes_in_r())


@check("accuracy", "relative tolerance of 1e-8")
def order_in_t(_data: DataFolder) -> Evidence:
    """Tighten the integrator's tolerance: an adaptive method has no step to halve."""
    *coarse, finest = discharged_voltages([{"rtol": rtol, "atol": rtol / 100} for rtol in (*TOLERANCES, FINEST)])
    errors = np.array([rms(voltages - finest) for voltages in coarse])
    slope = float(np.polyfit(np.log10(TOLERANCES), np.log10(errors), 1)[0])
    text = ", ".join(f"{rtol:g}: {1e3 * error:.1e} mV" for rtol, error in zip(TOLERANCES, errors, strict=True))
    what = "error of the integrator at its default tolerance, NMC811 at C/3, root mean square"
    reason, remark = "small against the 0.3 mV of the default mesh", f"By relative tolerance: {text}."
    yield Finding("default", what, float(errors[TOLERANCES.index(1e-4)]), 0.05e-3, "V", reason, remark=remark)
    what = "order in the tolerance: 1 minus the slope of log error against log tolerance"
    reason = (
        "error control per step keeps the global error between the 1/2 and the first power of the tolerance, "
        "because a method of order p does it with steps as long as tolerance^(1/(p + 1))"
    )
    yield Finding("order", what, max(0.0, 1.0 - slope), 0.5, "1", reason, remark=f"Observed slope {slope:.2f}.")
    first_power = 1e3 * errors[1] * np.array(TOLERANCES) / 1e-4
    lines = {
        "cellmodel": ("model", TOLERANCES, 1e3 * errors),
        "first power": ("reference", TOLERANCES, first_power),
    }
    yield curves("Error of the integrator, NMC811 at C/3", "relative tolerance", "error (mV rms)", lines, log="xy")
