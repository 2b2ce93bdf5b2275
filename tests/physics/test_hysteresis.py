"""LFP discharges on its lithiation branch and charges on its delithiation branch, with and without the mechanism."""

from __future__ import annotations

import numpy as np
import pytest

from cellmodel.assessment.checks.half_cells import simulated
from cellmodel.models import build_model
from cellmodel.models.build import discretised_equations
from cellmodel.models.meshes import find_mesh
from cellmodel.parameters import load_cell
from cellmodel.simulation import simulate

CELL, SLOW = "li_peo_lfp", "C/50"
LITHIATION, DELITHIATION = "electrode.open_circuit_potential", "electrode.delithiation_potential"
PATHS = {"at once": (CELL, ("foil",)), "gradual": (CELL, ("foil", "hysteresis")), "centre line": (None, ("foil",))}


@pytest.fixture(scope="module")
def branches():
    """Voltage over the middle of the capacity at a slow rate, discharge then charge; and the stoichiometries."""
    curves, points = {}, np.linspace(0.3, 0.7, 21)
    for name, (cell, mechanisms) in PATHS.items():
        cell = load_cell(cell) if cell else load_cell(CELL, electrode="lfp:centre_line")
        run = simulate(cell, "cccv_cycle", c_rate=SLOW, mesh="fast", mechanisms=mechanisms)
        share = run["discharge_capacity"].values / (cell.areal_capacity * cell["cell.area"])
        voltage = run["voltage"].values
        order = np.argsort(share[0, 2])
        down = np.interp(points, share[0, 0], voltage[0, 0])
        curves[name] = (down, np.interp(points, share[0, 2][order], voltage[0, 2][order]))
    charged, discharged = load_cell(CELL).stoichiometry_window
    return curves, charged + points * (discharged - charged)


@pytest.mark.parametrize("name", ["at once", "gradual"])
def test_a_cycle_shows_the_gap_of_the_file(branches, name):
    """What the polarisation opens at this rate is seen on the centre line and taken off; 36 to 41 mV were measured."""
    (curves, y), cell = branches, load_cell(CELL)
    (down, up), (down_0, up_0) = curves[name], curves["centre line"]
    gap = (up - down) - (up_0 - down_0)
    assert np.all((gap > 0.033) & (gap < 0.041))
    # a flat line reacts as a front, which costs 0.15 mV more either way than a sloping plateau; the rest as below
    np.testing.assert_allclose(gap, cell.function(DELITHIATION)(y) - cell.function(LITHIATION)(y), atol=5e-4)


def test_the_mechanism_reaches_the_branches_that_a_run_without_it_is_on(branches):
    """0.3 mV: the last per cent of the way to a branch."""
    curves, _ = branches
    np.testing.assert_allclose(curves["gradual"], curves["at once"], atol=3e-4)


@pytest.mark.parametrize(
    ("steps", "path"),
    [
        (["Discharge at C/10 for 5 hours"], LITHIATION),
        (["Discharge at C/10 for 6 hours", "Charge at C/10 for 1 hour"], DELITHIATION),
    ],
)
def test_a_cell_rests_on_the_branch_it_came_on(steps, path):
    """At 80 degC the entropic term counts; a day of rest leaves 10 uV of salt gradients."""
    cell = load_cell(CELL)
    run = simulate(cell, [*steps, "Rest for 24 hours"], mesh="fast", mechanisms=())
    charged, discharged = cell.stoichiometry_window
    y = charged + 0.5 * (discharged - charged)
    warmer = cell["cell.temperature"] - cell["electrode.reference_temperature"]
    wanted = cell.function(path)(y) + warmer * cell.function("electrode.entropic_coefficient")(y)
    assert run["voltage"].values.ravel()[-1] == pytest.approx(float(wanted), abs=2e-5)


def test_a_reversed_current_reaches_the_other_branch_by_and_by_only_with_the_mechanism():
    """By h = 1 - 2 exp(-k y / 2) after a charge of y stoichiometry, k the decay rate: PyBaMM's equation by hand.

    A plateau reacts as a front, so that the back of the electrode turns round when most of the charge has passed.
    """
    steps = ["Discharge at C/10 for 5 hours", "Charge at C/10 for 6 minutes", "Charge at C/10 for 4 hours"]
    cell, ends = load_cell(CELL), {}
    for mechanisms in ((), ("hysteresis",)):
        run = simulate(cell, steps, mesh="fast", mechanisms=mechanisms)
        ends[mechanisms] = run["voltage"].values[..., -1].ravel()[1:]
    charged, discharged = cell.stoichiometry_window
    state = run["hysteresis_state"].values[..., -1].ravel()[1:]
    turned = np.exp(-0.5 * cell["electrode.hysteresis_decay_rate"] * 0.01 * (discharged - charged))
    assert state[0] == pytest.approx(1.0 - 2.0 * turned, abs=0.02)
    assert state[1] > 0.99
    behind = ends[()] - ends["hysteresis",]
    assert behind[0] > 0.015
    assert abs(behind[1]) < 0.1 * behind[0]


@pytest.mark.parametrize(("current", "branch"), [(1e-6, -1.0), (-1e-6, 1.0)])
def test_the_lithium_has_no_hysteresis_and_a_run_starts_on_the_branch_it_walks(current, branch):
    p = load_cell(CELL)
    built = build_model(p, mesh="fast", mechanisms="hysteresis")
    equations, _ = discretised_equations(p, "DFN", find_mesh("fast"), mechanisms=("hysteresis",))
    assert not [name for name in equations.variables if "egative" in name and "hysteresis state" in name]
    controls = {"current": current, "initial_stoichiometry": 0.5}
    start = built.read(built.solve(10.0, controls), np.array([0.0]), ("hysteresis_state", "voltage"))
    assert start["hysteresis_state"][0] == pytest.approx(branch)
    plain = build_model(p, mesh="fast", mechanisms=())
    same = plain.read(plain.solve(10.0, controls), np.array([0.0]), ("voltage",))["voltage"]
    assert start["voltage"][0] == pytest.approx(same[0], abs=1e-6)


def test_the_former_centre_line_would_fail_the_half_cell_by_far():
    """24 mV in the middle: five times what the check allows."""
    middle = {
        electrode: float(np.interp(0.5, *simulated("lithiation", 0.02, electrode)))
        for electrode in ("lfp", "lfp:centre_line")
    }
    assert 0.020 < middle["lfp:centre_line"] - middle["lfp"] < 0.028
