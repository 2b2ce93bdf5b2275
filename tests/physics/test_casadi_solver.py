"""`casadi.integrator` (Radau collocation, no SUNDIALS) and SUNDIALS IDA solve the same equations to the same voltage.

Two implementations of two methods agree within 0.05 mV root mean square only if both solve the model's graph.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pybamm
import pytest
from stock_pybamm import discharge, rms, voltage

from cellmodel.models import EventAtStart, Mesh, build_model
from cellmodel.models.build import BuiltModel
from cellmodel.parameters import load_cell

AGREEMENT = 0.05e-3
"""Root mean square difference of the voltages [V]."""


WINDOW = {1e-4: 0.97, 1e-5: 1.0}
"""Relative tolerance of IDA -> share of the discharge that is compared.

At its default IDA is known to some 0.05 mV itself up to the steep end, where a shift in time of 1e-4 counts; the window
is that of the mesh study. Ten times as accurate, IDA meets the collocation over the whole discharge.
"""


@pytest.mark.parametrize("rtol", WINDOW)
@pytest.mark.parametrize(
    ("cell", "c_rate", "mesh"),
    [
        ("li_polycarbonate_nmc811", 1 / 3, Mesh(6, 16, 6, 1.0)),
        pytest.param("li_polycarbonate_nmc811", 1 / 3, "fast", marks=pytest.mark.slow),
        pytest.param("li_peo_lfp", 1 / 3, "fast", marks=pytest.mark.slow),
    ],
)
def test_collocation_and_ida_agree(cell: str, c_rate: float, mesh: str | Mesh, rtol: float) -> None:
    collocation, by_collocation = by_casadi(cell, c_rate, mesh)
    ida = build_model(load_cell(cell), mesh=mesh, rtol=rtol)
    by_ida = discharge(ida, c_rate)
    assert by_ida.termination == by_collocation.termination == "event: lower voltage"
    ends = [solution.end_time for solution in (by_ida, by_collocation)]
    assert ends[0] == pytest.approx(ends[1], rel=2 * rtol)  # on a steep end
    times = np.linspace(0, WINDOW[rtol] * min(ends), 1000)
    difference = voltage(ida, by_ida, times) - voltage(collocation, by_collocation, times)
    print(f"{cell}, rtol {rtol:g}: collocation and IDA differ by {1e3 * rms(difference):.4f} mV rms")
    assert rms(difference) < AGREEMENT


@cache
def by_casadi(cell: str, c_rate: float, mesh: str | Mesh) -> tuple[BuiltModel, pybamm.Solution]:
    """Return a model with CasADi's integrator and its discharge."""
    built = build_model(load_cell(cell), mesh=mesh, solver="casadi")
    return built, discharge(built, c_rate)


def test_collocation_runs_every_kind_of_leg() -> None:
    """Discharge, rest, charge and constant voltage on one model, each ended by the event that should end it."""
    parameters = load_cell("li_peo_lfp")
    built = build_model(parameters, model="SPMe", mesh="fast", control="any", solver="casadi")
    hour_current = parameters.areal_capacity * parameters["cell.area"]
    upper, lower = parameters["cell.upper_voltage_cut_off"], parameters["cell.lower_voltage_cut_off"]
    legs = [
        ({"current": hour_current / 2, "lower_voltage": lower}, "event: lower voltage"),
        ({"current": 0.0}, "final time"),
        ({"current": -hour_current / 2, "upper_voltage": upper}, "event: upper voltage"),
        ({"voltage": upper, "current_cut_off": hour_current / 20}, "event: current cut-off"),
    ]
    state = None
    for controls, ending in legs:
        solution = built.solve(3 * 3600, controls, state)
        assert solution.termination == ending
        state = solution.end_state
        last = built.read(solution, solution.times[[-1]], ("voltage", "current"))
        if "event: upper voltage" in ending:
            assert last["voltage"][0] == pytest.approx(upper, abs=1e-6)
        if "cut-off" in ending:
            assert abs(last["current"][0]) == pytest.approx(hour_current / 20, rel=1e-4)


def test_collocation_refuses_a_leg_beyond_its_limit() -> None:
    parameters = load_cell("li_peo_lfp")
    built = build_model(parameters, model="SPMe", mesh="fast", solver="casadi")
    with pytest.raises(EventAtStart, match="lower voltage"):
        built.solve(10, {"current": 0.0, "lower_voltage": parameters["cell.upper_voltage_cut_off"] + 1})
