"""The named meshes keep their promise: 0.3 mV root mean square for `default`, 1 mV for `fast`.

The reference has four times as many volumes in x and r and rtol 1e-7; voltages are compared at 1,000 equal times from
0 to 97 % of its duration, at default tolerances, so the integrator's error is included. The study over all cells and
rates is marked slow. The quick one doubles the mesh instead: for a scheme of second order (see test_order_of_accuracy)
the error is 4/3 of the difference to the doubled mesh.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from stock_pybamm import discharge, rms, voltage

from cellmodel.models import MESHES, build_model
from cellmodel.models.build import BuiltModel
from cellmodel.parameters import load_cell

PROMISED = {"default": 0.3e-3, "fast": 1e-3}
"""Root mean square error of the voltage [V]."""

FLAGSHIPS = ("li_peo_lfp", "li_polycarbonate_nmc811")
C_RATES = (1 / 10, 1 / 3, 1 / 2)
SECOND_ORDER = 4 / 3


@cache
def refined(cell: str, mesh: str, factor: int) -> BuiltModel:
    """Return a cell's model on a refined mesh, with tight tolerances."""
    return build_model(load_cell(cell), mesh=MESHES[mesh].refined(factor), rtol=1e-7, atol=1e-9)


def error(cell: str, mesh: str, c_rate: float, factor: int) -> float:
    """Return the root mean square difference [V] to a mesh refined by `factor`."""
    reference, built = refined(cell, "default", factor), build_model(load_cell(cell), mesh=mesh)
    if mesh != "default":
        reference = refined(cell, mesh, factor)
    fine, coarse = discharge(reference, c_rate), discharge(built, c_rate)
    times = np.linspace(0, 0.97 * fine.end_time, 1000)
    times = times[times <= coarse.times[-1]]
    assert times.size > 990, "the coarse mesh ends the discharge much earlier"
    found = rms(voltage(built, coarse, times) - voltage(reference, fine, times))
    print(f"{cell}, {mesh} mesh, C/{1 / c_rate:.0f}: {1e3 * found:.3f} mV rms from the mesh refined {factor} times")
    return found


@pytest.mark.parametrize("mesh", PROMISED)
def test_hardest_case_meets_the_promise_by_richardson(mesh: str) -> None:
    """NMC811 at C/2 and 30 degC: the salt runs out inside the electrode, which needs the finest mesh of all."""
    assert SECOND_ORDER * error("li_polycarbonate_nmc811", mesh, 1 / 2, factor=2) < PROMISED[mesh]


@pytest.mark.slow
@pytest.mark.parametrize("mesh", PROMISED)
@pytest.mark.parametrize("c_rate", C_RATES, ids=lambda rate: f"C{round(1 / rate)}")
@pytest.mark.parametrize("cell", FLAGSHIPS)
def test_named_meshes_against_a_fourfold_refined_reference(cell: str, c_rate: float, mesh: str) -> None:
    assert error(cell, mesh, c_rate, factor=4) < PROMISED[mesh]


@pytest.mark.slow
def test_a_coarser_electrode_would_break_the_promise() -> None:
    """The default mesh is not finer than it has to be: two thirds of its electrode volumes miss 0.3 mV."""
    cell, c_rate = "li_polycarbonate_nmc811", 1 / 2
    default = MESHES["default"]
    coarse = build_model(load_cell(cell), mesh=type(default)(default.separator, 28, default.particle, 1.0))
    reference = refined(cell, "default", 4)
    fine, run = discharge(reference, c_rate), discharge(coarse, c_rate)
    times = np.linspace(0, 0.97 * fine.end_time, 1000)
    times = times[times <= run.times[-1]]
    assert rms(voltage(coarse, run, times) - voltage(reference, fine, times)) > PROMISED["default"]
