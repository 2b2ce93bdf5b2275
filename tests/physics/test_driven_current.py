"""A current as a function of time: its charge, its kinks and its limits are exact, and it is one step of a run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

import cellmodel
from cellmodel.models.driving import solve_driven
from cellmodel.models.solution import FINAL_TIME
from cellmodel.simulation import built_model, prepare_run

HOUR = 3600.0
COARSE = cellmodel.Mesh(4, 4, 4)


def drive(times: Any, currents: Any, **more: Any) -> dict[str, Any]:
    """Return a step with currents [mA] at times [s]."""
    return {"drive": {"time": times, "time_unit": "s", "current": currents, "current_unit": "mA"}, **more}


def run(*steps: dict[str, Any], **options: Any) -> xr.Dataset:
    return cellmodel.simulate("li_peo_lfp", list(steps), **{"mesh": "fast", **options})


def test_a_constant_table_is_the_step_of_constant_current() -> None:
    """The same equations with a slope of zero, in one stretch: equal to the last digit, until a limit ends both."""
    held = run({"discharge": "0.6 mA", "until": "3.3 V", "duration": "3 h"})
    driven = run(drive([0, 1000, 3 * HOUR], [0.6, 0.6, 0.6], until="< 3.3 V"))
    assert float(held["time"][-1]) < 3 * HOUR
    for name in ("time", "voltage", "current", "discharge_energy", "capacity", "end_cause"):
        np.testing.assert_array_equal(driven[name], held[name])


def test_the_charge_of_ramps_is_exact_and_kinks_are_not_stepped_over() -> None:
    """A triangle and a pulse of a second in an hour of rest; the trapezoidal rule over the rows is exact.

    Left to itself the integrator steps over such a pulse: its steps at rest are longer.
    """
    times = np.array([0.0, 900.0, 1800.0, 3000.0, 3000.5, 3001.0, 4 * HOUR])
    currents = np.array([0.0, 0.5, 0.0, 0.0, 5.0, 0.0, 0.0])
    found = run(drive(times, currents), {"rest": "10 min"})
    charge = np.trapezoid(currents, times) / HOUR * 1e-3
    assert found.sizes["step"] == 2
    assert float(found["step_capacity"][0]) == pytest.approx(charge, rel=1e-12)
    time, current = (found[name].values[0] for name in ("time", "current"))
    np.testing.assert_allclose(current, np.interp(time, times, currents * 1e-3), atol=1e-15)
    turned = run({**drive([0, 600, 1200, 1800], [0.0, 0.5, -0.3, 0.2])})
    assert float(turned["cycle_charge_capacity"]) == pytest.approx(0.3e-3 * (225 + 360) / 2 / HOUR, rel=1e-9)
    assert np.ptp(found["voltage"].values[1]) < 1e-3  # no charge is left to relax


def test_many_stretches_are_one_step_and_equal_as_many_steps() -> None:
    """Cut at a row into two steps, the same stretches are solved from the same states.

    Round-off, but for the lithium: under a ramp it is a parabola in time, which the integrator follows within its
    tolerance of 1e-4 a step. More charge is discharged in either part, so that LFP stays on one branch.
    """
    times, currents = np.array([0.0, 600.0, 1500.0, 1800.0, 3000.0]), np.array([0.3, 0.9, 0.2, -0.4, 0.8])
    whole = run(drive(times, currents))
    first, second = drive(times[:3], currents[:3]), drive(times[2:] - times[2], currents[2:])
    parted = run(first, second)
    assert "step" not in whole.dims
    assert float(whole["voltage"][-1]) == float(parted["voltage"][1, -1])
    assert float(whole["discharge_capacity"][-1]) == pytest.approx(
        float(parted["discharge_capacity"][1, -1]), rel=1e-13
    )
    for name, least in (
        ("salt_closure_error", 1e-12),
        ("lithium_closure_error", 1e-4),
    ):
        assert abs(float(whole[name])) < least, name


def test_states_on_both_sides_of_a_kink_are_read_with_their_own_current() -> None:
    """The current is continuous, so voltages meet at a row; between rows the current is that of the table.

    Before the row the potentials are within the integrator's tolerance, after it they are solved for: hence 1e-7.
    """
    options = cellmodel.RunOptions(mesh="fast", rtol=1e-7, atol=1e-9)
    built = built_model(prepare_run("li_peo_lfp", [drive([0, 600, 1200], [0.0, 0.6, 0.0])], options))
    table = np.array([0.0, 600.0, 1200.0]), np.array([0.0, 6e-4, 0.0])
    solution = solve_driven(built, table, lambda *_: {}, start_time=50.0)
    assert solution.termination == FINAL_TIME
    assert np.count_nonzero(solution.times == 650.0) == 2
    times = np.array([350.0, 650.0 - 1e-6, 650.0, 650.0 + 1e-6, 950.0])
    read = built.read(solution, times, ("current", "voltage"))
    np.testing.assert_allclose(read["current"], np.interp(times - 50.0, *table), rtol=1e-12)
    assert np.ptp(read["voltage"][1:4]) < 1e-6


def test_cut_offs_guard_both_ends_where_the_current_leads_to_them() -> None:
    """A full cell may be discharged from its upper cut-off; charged back and beyond, the drive ends there, early."""
    steps = drive([0, 600, 1200, 6000], [0.5, 0.5, -0.5, -0.5])
    found = run(steps)
    assert float(found["voltage"][-1]) == pytest.approx(3.8, abs=1e-5)
    assert 1200.0 < float(found["time"][-1]) < 6000.0
    assert "met the upper cut-off" in str(found["message"].item())
    asked = run({**steps, "until": ["lower cut-off", "upper cut-off"]}, {"rest": "10 min"})
    assert str(asked["message"].item()) == "completed"
    assert float(asked["time"][0, -1]) == float(found["time"][-1])


def test_collocation_agrees_and_a_hold_may_follow() -> None:
    """Another method on the same stretches; 1 mV is what its steps are set for."""
    step = drive([0, 300, 600], [0.0, 0.8, 0.4])
    hold = {"hold": "3.3 V", "duration": "5 min"}
    ours, other = run(step, hold, mesh=COARSE), run(step, solver="casadi", mesh=COARSE)
    at = np.linspace(0.0, 600.0, 50)
    voltages = [
        np.interp(at, *(one[name].values.reshape(-1, 200)[0] for name in ("time", "voltage"))) for one in (ours, other)
    ]
    assert np.max(np.abs(voltages[0] - voltages[1])) < 1e-3
    assert float(ours["voltage"][1, -1]) == pytest.approx(3.3, abs=1e-6)


def test_a_study_drives_cells_with_the_file_beside_its_protocol(tmp_path: Path) -> None:
    """Swept over a thickness, every run has the charge of the table; a worker needs no file."""
    (tmp_path / "current.csv").write_text("time [min],current [A.m-2]\n0,1\n5,4\n10,0\n")
    (tmp_path / "driven.toml").write_text('description = "d"\n[[step]]\ndrive = { file = "current.csv" }\n')
    (tmp_path / "study.toml").write_text(
        'description = "d"\ncells = ["li_peo_lfp"]\nprotocol = "driven.toml"\nmesh = "fast"\n'
        '[grid]\n"cell.separator.thickness" = ["20 um", "30 um"]\n'
    )
    study = cellmodel.load_study(tmp_path / "study.toml")
    (tmp_path / "current.csv").unlink()
    found = study.run(results=None)
    np.testing.assert_allclose(found["step_capacity"], 1e-4 * (2.5 + 2.0) * 300 / HOUR, rtol=1e-12)
