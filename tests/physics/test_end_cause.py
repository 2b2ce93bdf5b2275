from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import xarray as xr
from random_cells import constant_cells

from cellmodel.dataset import END_CAUSE, meaning
from cellmodel.dataset.schema import UNRESOLVED
from cellmodel.errors import SolveError
from cellmodel.models.built_model import BuiltModel
from cellmodel.models.meshes import Mesh
from cellmodel.parameters import ParameterSet
from cellmodel.protocols import parse_protocol
from cellmodel.simulation import simulate

SEPARATOR = "cell.separator.thickness"
CONDUCTIVITY = "electrolyte.ionic_conductivity.value"
SALT_DIFFUSIVITY = "electrolyte.salt_diffusivity.value"
TRANSFERENCE = "electrolyte.cation_transference_number.value"
PARTICLE_DIFFUSIVITY = "electrode.particle_diffusivity.value"
RATE_CONSTANT = "electrode.exchange_current_density.rate_constant"
INTERPHASE = "interface.areal_resistance.value"

EASY = {
    CONDUCTIVITY: 1.0,
    SALT_DIFFUSIVITY: 1e-10,
    TRANSFERENCE: 0.5,
    PARTICLE_DIFFUSIVITY: 1e-16,
    INTERPHASE: 1e-5,
    "cell.lower_voltage_cut_off": 3.1,
}
"""A cell that nothing limits: each test spoils one property."""


@pytest.fixture(scope="module")
def easy() -> ParameterSet:
    return constant_cells()["lfp"].replace(EASY)


def cause(run: xr.Dataset) -> str:
    return meaning("end_cause", run["end_cause"])


def discharge(cell: ParameterSet, **changed: float) -> xr.Dataset:
    return simulate(cell, c_rate=1.0, mesh="fast", overrides=changed)


def test_a_cell_that_nothing_limits_ends_with_its_open_circuit_potential(easy):
    run = discharge(easy)
    assert cause(run) == "open_circuit_end"
    assert float(run["utilization"]) > 0.95


SPOILT = {
    "salt_depleted_in_the_cathode": (SALT_DIFFUSIVITY, 4e-13),
    "solid_diffusion": (PARTICLE_DIFFUSIVITY, 2e-19),
    "ohmic": (CONDUCTIVITY, 1e-3),
    "reaction": (RATE_CONSTANT, 8e-11),
}


@pytest.mark.parametrize("name", SPOILT)
def test_a_spoilt_property_is_named_and_is_the_one_that_matters(easy, name):
    """Naming is right if mending that property gives the capacity back, and mending no other one does."""
    path, value = SPOILT[name]
    cell = easy.replace({path: value})
    run = discharge(cell)
    assert cause(run) == name
    share = float(run["utilization"])
    assert share < 0.9
    for other, (mended, _) in SPOILT.items():
        better = float(discharge(cell, **{mended: 100.0 * cell[mended]})["utilization"]) if other != name else None
        if better is not None and mended != path:
            assert better - share < 0.3 * (1.0 - share), other
    assert float(discharge(cell, **{path: 100.0 * value})["utilization"]) > share + 0.5 * (1.0 - share)


def test_an_interphase_that_resists_counts_as_ohmic(easy):
    assert cause(discharge(easy, **{INTERPHASE: 0.017})) == "ohmic"


def test_salt_runs_out_at_lithium_on_charge_and_at_the_collector_on_discharge(easy):
    slow = {SALT_DIFFUSIVITY: 4e-13, TRANSFERENCE: 0.0}
    empty = parse_protocol(
        {
            "description": "x",
            "initial": {"state_of_charge": 0.0},
            "steps": [{"charge": "1C", "until": "upper cut-off"}],
        },
        "charge",
    )
    charge = simulate(easy, empty, mesh="fast", overrides=slow)
    assert cause(charge) == "salt_depleted_at_lithium"
    assert float(charge["minimum_salt_position"]) < easy[SEPARATOR] / 4
    run = discharge(easy, **slow)
    assert cause(run) == "salt_depleted_in_the_cathode"
    assert float(run["minimum_salt_position"]) > easy[SEPARATOR]
    assert float(run["minimum_salt_concentration"]) < 0.1 * easy["electrolyte.initial_concentration"]


def test_a_limit_passed_at_once_is_named_by_its_side(easy):
    thick = {CONDUCTIVITY: 1e-4, SEPARATOR: 2e-4}
    assert cause(discharge(easy, **thick)) == "below_the_cut_off_at_the_first_instant"
    up = parse_protocol(
        {
            "description": "x",
            "initial": {"state_of_charge": 0.1},
            "steps": [{"charge": "1C", "until": "upper cut-off"}],
        },
        "charge",
    )
    assert cause(simulate(easy, up, mesh="fast", overrides=thick)) == "above_the_cut_off_at_the_first_instant"


def test_time_and_a_current_cut_off_are_named_as_asked(easy):
    steps = [{"discharge": "C/2", "duration": "10 min"}]
    timed = parse_protocol({"description": "x", "samples": 10, "steps": steps}, "t")
    assert cause(simulate(easy, timed, mesh="fast")) == "time"
    steps = [
        {"discharge": "C/2", "duration": "30 min"},
        {"charge": "1C", "until": "upper cut-off"},
        {"hold": "upper cut-off", "until": "C/20", "duration": "5 h"},
    ]
    full = parse_protocol({"description": "x", "samples": 10, "steps": steps}, "t")
    assert cause(simulate(easy, full, mesh="fast")) == "current_cut_off"


def test_the_event_of_an_exhausted_foil_is_named(easy, monkeypatch):
    original = BuiltModel.solve

    def exhausted(self, *arguments):
        return replace(original(self, *arguments), termination="event: lithium exhausted")

    monkeypatch.setattr(BuiltModel, "solve", exhausted)
    run = discharge(easy)
    assert cause(run) == "lithium_exhausted"
    assert meaning("status", run["status"]) == "ended_early"
    assert "lithium" in str(run["message"].values)


def test_a_failure_says_where_how_much_salt_and_what_to_do(easy, monkeypatch):
    def fail(self, *arguments):
        raise SolveError("no solution from t = 0 s: rtol 0.0001: IDA_ERR_FAIL")

    monkeypatch.setattr(BuiltModel, "solve", fail)
    run = discharge(easy)
    message = str(run["message"].values)
    assert cause(run) == "solver_failure"
    for words in ("t = 0 s", "smallest salt concentration was 1000 mol.m-3", "finer Mesh", "rtol 0.0001"):
        assert words in message


def test_every_cause_of_the_schema_has_a_test_here():
    named = {*SPOILT, "open_circuit_end", "salt_depleted_at_lithium", "time", "current_cut_off", "lithium_exhausted"}
    named |= {"below_the_cut_off_at_the_first_instant", "above_the_cut_off_at_the_first_instant"}
    named |= {"solver_failure", "wall_clock_limit", "mechanism_limit"}
    saturated = {
        name for name in END_CAUSE if name.startswith("salt_above_solubility")
    }  # tests/physics/test_salt_limits
    assert named | saturated | {"not_run"} == set(END_CAUSE)


def test_a_salt_layer_thinner_than_two_volumes_is_flagged_until_the_mesh_is_finer(easy):
    short = parse_protocol(
        {"description": "x", "samples": 10, "steps": [{"discharge": "1C", "duration": "10 s"}]}, "short"
    )
    # sqrt(1e-13 m2/s x 10 s) = 1 um in a separator of 20 um, less in the cathode
    slow = {SALT_DIFFUSIVITY: 1e-13}
    coarse = simulate(easy, short, mesh=Mesh(6, 26, 8), overrides=slow)
    fine = simulate(easy, short, mesh=Mesh(80, 300, 8), overrides=slow)
    bound = simulate(easy, short, mesh=Mesh(6, 26, 8), overrides=slow | {TRANSFERENCE: 1.0})
    assert int(coarse["unresolved"]) == UNRESOLVED["yes"]
    assert int(fine["unresolved"]) == UNRESOLVED["no"]
    assert int(bound["unresolved"]) == UNRESOLVED["no"], "without a mobile anion there is no layer"


def test_salt_does_not_go_below_zero_by_more_than_the_width_of_the_regularisation(easy):
    """The conductivity is a constant here: without the salt's own factor the cell would run on at -100 mol.m-3."""
    for diffusivity in (1e-13, 4e-13):
        run = discharge(easy, **{SALT_DIFFUSIVITY: diffusivity, TRANSFERENCE: 0.0})
        assert cause(run) == "salt_depleted_in_the_cathode"
        assert -2.0 < float(run["minimum_salt_concentration"]) < 10.0
        assert np.isfinite(run["voltage"]).all()
