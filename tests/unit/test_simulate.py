from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import xarray as xr

from cellmodel import simulation
from cellmodel.correlations import FARADAY, GAS_CONSTANT
from cellmodel.dataset import END_CAUSE, STATUS, meaning
from cellmodel.dataset.schema import (
    CYCLE_NUMBERS,
    FLAGS,
    PER_RUN,
    PER_STEP,
    PROFILES,
    SAMPLED,
    STEP_NUMBERS,
    VOLTAGE_LOSSES,
    mechanism_numbers,
    mechanism_samples,
)
from cellmodel.dataset.step_result import sample_times
from cellmodel.errors import CellModelError, ParameterError, ProtocolError, SolveError
from cellmodel.limits.single_particle_models import uniform_reaction
from cellmodel.limits.transport import SaltTransport, cell_path, steady_profile
from cellmodel.models.build import build_model
from cellmodel.models.built_model import BuiltModel
from cellmodel.parameters import list_cells, load_cell
from cellmodel.protocols import parse_protocol
from cellmodel.simulation import RunOptions, clear_models, prepare_run, simulate

NONE_FOR_THE_DFN = {"validity_index"}
NONE_WITHOUT_CHARGE = {"cycle_mean_charge_voltage", "coulombic_efficiency", "energy_efficiency"}


@pytest.fixture(scope="module")
def discharge():
    return simulate("li_peo_lfp", c_rate="C/3", mesh="fast")


def test_names_dimensions_units_and_long_names(discharge):
    parts = {f"end_{name}_voltage" for name in VOLTAGE_LOSSES}
    foil = {*mechanism_samples(["foil"]), *mechanism_numbers(["foil"])}
    texts = {"message", "run_digest"}
    assert set(discharge.data_vars) == {
        *SAMPLED,
        *PER_STEP,
        *STEP_NUMBERS,
        *CYCLE_NUMBERS,
        *PER_RUN,
        *foil,
        *parts,
        *FLAGS,
        *texts,
    }
    assert dict(discharge.sizes) == {"sample": 200}
    for name, variable in discharge.data_vars.items():
        assert variable.attrs["units"], name
        assert variable.attrs["long_name"], name
        assert (
            name in NONE_FOR_THE_DFN | NONE_WITHOUT_CHARGE
            or variable.dtype.kind == "U"
            or np.all(np.isfinite(variable))
        ), name
    assert discharge["status"].dtype == np.int8
    assert discharge["status"].attrs["flag_meanings"].split() == list(STATUS)
    np.testing.assert_array_equal(discharge["end_cause"].attrs["flag_values"], list(END_CAUSE.values()))


def test_attributes_are_strings_and_numbers_and_hold_the_resolved_inputs(discharge):
    assert all(
        isinstance(value, (str, int, float)) and not isinstance(value, bool) for value in discharge.attrs.values()
    )
    assert '"cell.separator.thickness"' in discharge.attrs["parameters"]
    assert discharge.attrs["pybamm_version"].startswith("26.")


def test_capacity_and_energy_come_from_the_solver(discharge):
    current, time = discharge["current"].values, discharge["time"].values
    np.testing.assert_allclose(current, current[0], rtol=1e-12)
    assert float(discharge["capacity"]) == pytest.approx(current[0] * time[-1] / 3600.0, rel=1e-6)
    by_samples = np.trapezoid(discharge["voltage"] * current, time) / 3600.0
    assert float(discharge["energy"]) == pytest.approx(by_samples, rel=1e-3)
    assert float(discharge["mean_voltage"]) == pytest.approx(float(discharge["energy"] / discharge["capacity"]))
    cell = load_cell("li_peo_lfp")
    assert float(discharge["specific_capacity"]) == pytest.approx(
        float(discharge["capacity"]) * 1e3 / (cell.active_mass * cell["cell.area"] * 1e3)
    )
    assert float(discharge["areal_capacity"]) == pytest.approx(
        float(discharge["utilization"]) * cell.areal_capacity * 0.1
    )


def test_a_run_ends_at_its_cut_off_and_says_so(discharge):
    assert meaning("status", discharge["status"]) == "completed"
    assert meaning("end_cause", discharge["end_cause"]) == "open_circuit_end"
    assert float(discharge["voltage"][-1]) == pytest.approx(
        load_cell("li_peo_lfp")["cell.lower_voltage_cut_off"], abs=1e-4
    )


@pytest.mark.parametrize(("cell", "rate"), [("li_peo_lfp", 0.1), ("li_peo_lfp", 2.0), ("li_polycarbonate_nmc811", 0.3)])
def test_straight_lines_between_samples_follow_the_solver_within_a_millivolt(cell, rate):
    parameters = load_cell(cell)
    built = build_model(parameters)
    current = rate * parameters.areal_capacity * parameters["cell.area"]
    controls = {"current": current, "lower_voltage": parameters["cell.lower_voltage_cut_off"]}
    solution = built.solve(4.0e3 / rate, controls)
    knots = solution.times
    dense = np.unique(np.concatenate([knots, np.linspace(knots[0], knots[-1], 20001)]))
    truth = built.read(solution, dense, ("voltage",))["voltage"]
    times = sample_times(knots, built.read(solution, knots, ("voltage",))["voltage"], 200)
    lines = np.interp(dense, times, built.read(solution, times, ("voltage",))["voltage"])
    assert times[0] == knots[0]
    assert times[-1] == knots[-1]
    assert np.max(np.abs(lines - truth)) < 1e-3


ENDS_ON_A_SLOPE = "dualfoil_d4_pemo_nickel_cobalt"
"""At its 3.6 V ten millivolts are 1.9 % of the window, at the cut-offs of the other cells at most 0.05 %."""


@pytest.mark.parametrize("name", sorted({*list_cells()} - {*list_cells("symmetric"), ENDS_ON_A_SLOPE}))
def test_capacity_at_a_hundredth_of_the_one_hour_rate_is_the_capacity_of_the_window(name):
    """Not of symmetric cells, whose 1C is the whole foil."""
    run = simulate(name, c_rate=0.01, mesh="fast")
    assert float(run["utilization"]) == pytest.approx(1.0, abs=5e-3)


def test_a_cell_that_ends_on_a_slope_lacks_what_the_loss_of_voltage_costs_there():
    """Loss of a uniform reaction on the steady salt profile, from the closed forms, and of lithium, R T i / (F i0).

    Together 5.6 mV, 1.05 % of the window. The forms leave out diffusion in the particles (0.1 mV) and that the
    exchange current at the end is not that of half the window (0.1 mV): 0.04 % of the window, 0.1 % asked.
    """
    cell = load_cell(ENDS_ON_A_SLOPE)
    transport, current = SaltTransport(cell, cell["cell.temperature"]), 0.01 * cell.areal_capacity
    profile = steady_profile(transport, cell_path(cell, "uniform"), current)
    exchange = cell.function("interface.exchange_current_density")(profile.face, transport.temperature)
    lithium = GAS_CONSTANT * transport.temperature * current / (FARADAY * exchange)
    lost = uniform_reaction(transport, profile, current).mean + lithium
    charged, discharged = cell.stoichiometry_window
    reached = cell.stoichiometry(cell["cell.lower_voltage_cut_off"] + lost)
    expected = (reached - charged) / (discharged - charged)
    assert expected < 0.99
    run = simulate(ENDS_ON_A_SLOPE, c_rate=0.01, mesh="fast")
    assert float(run["utilization"]) == pytest.approx(expected, abs=1e-3)


def test_balances_close_and_would_not_if_the_weights_were_wrong(discharge, monkeypatch):
    assert float(discharge["salt_closure_error"]) < 1e-5
    assert abs(float(discharge["lithium_closure_error"])) < 1e-5
    original = BuiltModel.lithium_by_place
    monkeypatch.setattr(
        BuiltModel, "lithium_by_place", lambda *a: {place: 1.01 * moles for place, moles in original(*a).items()}
    )
    broken = simulate("li_peo_lfp", c_rate="C/3", mesh="fast")
    assert abs(float(broken["lithium_closure_error"])) > 5e-3


def test_profiles_have_true_coordinates():
    cell = load_cell("li_peo_lfp")
    run = simulate(cell, c_rate=1.0, mesh="fast", profiles=True)
    assert set(PROFILES) - {"polymer_velocity"} <= set(run.data_vars)  # that is of cells without a cathode
    separator, thickness = cell["cell.separator.thickness"], cell["cell.positive_electrode.thickness"]
    assert 0.0 < float(run["x"][0]) < float(run["x"][-1]) < separator + thickness
    assert float(run["x_electrode"][0]) > separator
    assert float(run["r"][-1]) < cell["electrode.particle_radius"]
    concentration = run["electrolyte_concentration"]
    assert concentration.dims == ("profile_sample", "x_node")
    np.testing.assert_allclose(concentration[0], cell["electrolyte.initial_concentration"], rtol=1e-5)
    assert float(concentration[-1, 0]) > float(concentration[-1, -1])


def test_steps_and_cycles_become_dimensions_and_what_did_not_run_is_nan():
    steps = [
        {"discharge": "C/2", "duration": "10 min"},
        {"rest": "10 min"},
        {"charge": "C/2", "until": "upper cut-off"},
    ]
    protocol = parse_protocol({"description": "A short cycle.", "cycles": 2, "samples": 20, "steps": steps}, "test")
    run = simulate("li_peo_lfp", protocol, mesh="fast")
    assert dict(run.sizes) == {"cycle": 2, "step": 3, "sample": 20}
    assert meaning("status", run["status"]) == "completed"
    np.testing.assert_array_equal(run["step_index"], [[1, 2, 3], [1, 2, 3]])
    np.testing.assert_array_equal(run["cycle_index"], [[1, 1, 1], [2, 2, 2]])
    assert np.all(run["current"][:, 0] > 0)
    assert np.all(run["current"][:, 1] == 0)
    assert np.all(run["current"][:, 2] < 0)
    times = run["time"].values.reshape(-1)
    assert np.all(np.diff(times) >= 0)


def test_a_step_that_meets_a_cut_off_it_does_not_list_ends_the_run_loudly():
    protocol = parse_protocol(
        {"description": "Too long.", "samples": 20, "steps": [{"discharge": "1C", "duration": "3 h"}, {"rest": "1 h"}]},
        "t",
    )
    run = simulate("li_peo_lfp", protocol, mesh="fast")
    assert meaning("status", run["status"]) == "ended_early"
    assert "lower cut-off" in str(run["message"].values)
    assert np.all(np.isnan(run["voltage"][1]))
    assert np.all(np.isfinite(run["voltage"][0]))


def test_a_rate_that_is_beyond_the_cut_off_at_once_is_said_not_raised():
    run = simulate("li_peo_lfp", c_rate=2000.0, mesh="fast")
    assert meaning("status", run["status"]) == "ended_early"
    assert meaning("end_cause", run["end_cause"]) == "below_the_cut_off_at_the_first_instant"
    assert "as soon as the current flows" in str(run["message"].values)
    assert np.all(np.isnan(run["voltage"]))


def test_a_solver_failure_keeps_what_was_solved_and_says_where(monkeypatch):
    original, calls = BuiltModel.solve, []

    def fail_second(self, *arguments):
        calls.append(1)
        if len(calls) == 2:
            raise SolveError("IDA gave up")
        return original(self, *arguments)

    monkeypatch.setattr(BuiltModel, "solve", fail_second)
    protocol = parse_protocol(
        {"description": "x", "samples": 10, "steps": [{"discharge": "C/5", "duration": "10 min"}, {"rest": "1 h"}]}, "t"
    )
    run = simulate("li_peo_lfp", protocol, mesh="fast")
    assert meaning("status", run["status"]) == "failed"
    assert meaning("end_cause", run["end_cause"]) == "solver_failure"
    assert "step 2 (rest" in str(run["message"].values)
    assert "IDA gave up" in str(run["message"].values)
    assert np.all(np.isfinite(run["voltage"][0]))


def test_temperature_and_concentration_outside_validity_are_refused_unless_asked_for():
    with pytest.raises(ParameterError, match="ionic_conductivity"):
        simulate("li_peo_lfp", c_rate=0.5, temperature="180 degC")
    with pytest.raises(ParameterError, match="concentration 100"):
        simulate("li_peo_lfp", c_rate=0.5, overrides={"electrolyte.initial_concentration": 100.0})
    run = simulate("li_peo_lfp", c_rate=0.5, temperature="140 degC", extrapolate=True, mesh="fast")
    assert "temperature 413.15 K" in run.attrs["extrapolated"]


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"cell": "li_peo_lpf", "c_rate": 1.0}, ParameterError, "did you mean li_peo_lfp"),
        ({"protocol": "dicharge", "c_rate": 1.0}, ProtocolError, "discharge"),
        ({"c_rate": 0.0}, ParameterError, "above zero"),
        ({"c_rate": -1.0}, ParameterError, "above zero"),
        ({}, ProtocolError, "C-rate"),
        ({"c_rate": 1.0, "temperature": "80 kg"}, ParameterError, "80 kg"),
        ({"c_rate": 1.0, "mesh": "fine"}, ParameterError, "default"),
        ({"c_rate": 1.0, "model": "DFM"}, ParameterError, "DFN"),
        ({"c_rate": 1.0, "solver": "ida"}, ParameterError, "idaklu"),
        ({"c_rate": 1.0, "overrides": {"cell.separator.thickness": "30"}}, ParameterError, "no unit"),
    ],
)
def test_bad_input_is_named_and_nothing_is_solved(arguments, error, words, monkeypatch):
    monkeypatch.setattr(BuiltModel, "solve", lambda *_: pytest.fail("solved in spite of bad input"))
    with pytest.raises(error) as caught:
        simulate(**{"cell": "li_peo_lfp", **arguments})
    assert words in str(caught.value)
    assert isinstance(caught.value, CellModelError)


def test_no_number_makes_a_model_be_built_again(monkeypatch):
    clear_models()
    built = []
    original = simulation.build_model
    monkeypatch.setattr(simulation, "build_model", lambda *a: built.append(1) or original(*a))
    path = "electrolyte.cation_transference_number"
    fraction = "cell.positive_electrode.active_material_volume_fraction"
    values = [{path: 0.1, fraction: 0.40}, {path: 0.3, fraction: 0.45}]
    tight = {"c_rate": 1.0, "mesh": "fast", "rtol": 1e-6, "atol": 1e-8}
    shared = [simulate("li_peo_lfp", overrides=v, **tight) for v in values]
    assert len(built) == 1
    for run, value in zip(shared, values, strict=True):
        clear_models()
        alone = simulate("li_peo_lfp", overrides=value, **tight)
        assert float(run["capacity"]) == pytest.approx(float(alone["capacity"]), rel=1e-5)
        assert float(run["lithium_closure_error"]) == pytest.approx(0.0, abs=1e-5)
    assert len(built) == 3
    assert float(shared[0]["capacity"]) != pytest.approx(float(shared[1]["capacity"]), rel=1e-2)


def test_the_digest_follows_everything_that_decides_the_result():
    base = prepare_run("li_peo_lfp", options=RunOptions(c_rate=0.5)).digest
    assert prepare_run("li_peo_lfp", options=RunOptions(c_rate="C/2", temperature="80 degC")).digest == base
    others = [
        prepare_run("li_peo_lfp", options=RunOptions(c_rate=0.51)),
        prepare_run("li_peo_lfp", options=RunOptions(c_rate=0.5, temperature="81 degC")),
        prepare_run("li_peo_lfp", options=RunOptions(c_rate=0.5, mesh="fast")),
        prepare_run("li_peo_lfp", options=RunOptions(c_rate=0.5, rtol=1e-5)),
        prepare_run("li_peo_lfp", options=RunOptions(c_rate=0.5, model="SPMe")),
        prepare_run("li_peo_lfp", options=RunOptions(c_rate=0.5, overrides={"cell.separator.thickness": "21 um"})),
    ]
    assert len({base, *(run.digest for run in others)}) == 7


def test_a_rate_may_be_text_with_or_without_its_c():
    cell = load_cell("li_peo_lfp")
    digests = {prepare_run(cell, options=RunOptions(c_rate=rate)).digest for rate in (0.1, "0.1", "0.1C", "C/10")}
    assert len(digests) == 1
    with pytest.raises(ParameterError, match=r"c_rate: found 'fast', wanted a rate above zero, such as 0.1 or 'C/10'"):
        prepare_run(cell, options=RunOptions(c_rate="fast"))


def test_a_result_does_not_depend_on_the_cell_that_the_model_was_built_from():
    """One built model serves all thicknesses; the last digit of a face value once followed those of its first run."""
    path, found = "cell.separator.thickness", []
    for first in ("10.1 um", "53 um"):
        clear_models()
        for thickness in (first, "37.7 um"):
            run = simulation.simulate_prepared(
                prepare_run("li_peo_lfp", options=RunOptions(c_rate=1.0, overrides={path: thickness}, mesh="fast"))
            )
        found.append({str(name): one.values.tolist() for name, one in run.variables.items() if name != "solve_time"})
    assert repr(found[0]) == repr(found[1])


def test_threads_that_simulate_at_once_get_the_numbers_of_one():
    cells = [load_cell("li_peo_lfp").replace({"cell.separator.thickness": um * 1e-6}) for um in (15.0, 25.0, 40.0)]

    def run(one):
        return simulate(one, "discharge", c_rate=0.7, mesh="fast").drop_vars("solve_time")

    alone = [run(one) for one in cells]
    with ThreadPoolExecutor(4) as threads:
        together = list(threads.map(run, cells * 3))
    for number, found in enumerate(together):
        xr.testing.assert_equal(found, alone[number % len(cells)])
