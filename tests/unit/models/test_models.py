"""Meshes, options, inputs, steps and readings of a built model, and PyBaMM's view of the cells."""

from __future__ import annotations

import pickle
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path
from unittest import mock

import numpy as np
import pybamm
import pytest

from cellmodel.errors import ParameterError, SolveError
from cellmodel.models import DFN, SPM, EventAtStart, Mesh, SPMe, build_model, pybamm_values
from cellmodel.models import entry_points as shipped
from cellmodel.models.build import BuiltModel, discretised_equations
from cellmodel.models.cells import CELL_MODELS
from cellmodel.models.geometry_scaling import scale_factors
from cellmodel.models.idaklu import OPTIONS, Failure, IdakluSolver
from cellmodel.models.reading import states_at
from cellmodel.models.solution import StepSolution
from cellmodel.models.solving import ATTEMPTS, IdakluIntegrator, Unsolved
from cellmodel.parameters import ParameterSet, list_cells, load_cell

COARSE = Mesh(5, 8, 5, 1.0)


@pytest.fixture(scope="module")
def cell() -> ParameterSet:
    return load_cell("li_peo_lfp")


@pytest.fixture(scope="module")
def built(cell: ParameterSet) -> BuiltModel:
    """Return a coarse model that can hold anything."""
    return build_model(cell, mesh=COARSE, control="any")


def hour_current(parameters: ParameterSet) -> float:
    """Return the one-hour current [A]."""
    return parameters.areal_capacity * parameters["cell.area"]


# Meshes


def test_mesh_refuses_what_cannot_be_discretised() -> None:
    with pytest.raises(ParameterError, match=r"(?s)separator.*particle.*particle_stretch"):
        Mesh(2, 8, 1, -1.0)


def test_mesh_names_are_checked_and_the_nearest_offered(cell: ParameterSet) -> None:
    with pytest.raises(ParameterError, match="default"):
        build_model(cell, mesh="defualt")


def test_coordinates_and_weights_are_those_of_the_cell(built: BuiltModel, cell: ParameterSet) -> None:
    separator, electrode = cell["cell.separator.thickness"], cell["cell.positive_electrode.thickness"]
    assert built.x[0] == pytest.approx(separator / COARSE.separator / 2)
    assert built.x_weights.sum() == pytest.approx(separator + electrode)
    assert built.x_electrode_weights.sum() == pytest.approx(electrode)
    assert built.x_electrode[0] > separator
    np.testing.assert_array_equal(built.x[COARSE.separator :], built.x_electrode)
    assert built.r_weights.sum() == pytest.approx(1)
    assert 0 < built.r[0] < built.r[-1] < cell["electrode.particle_radius"]


def test_stretched_particles_are_finer_at_the_surface(built: BuiltModel) -> None:
    widths = np.diff(built.r)
    assert np.all(np.diff(widths) < 0)


# Options


@pytest.mark.parametrize("model", [DFN, SPMe, SPM])
def test_models_are_half_cells_only(model: type[pybamm.BaseModel]) -> None:
    assert model().options["contact resistance"] == "true"
    with pytest.raises(pybamm.OptionError, match="half cell"):
        model({"working electrode": "both"})


def test_impedance_options_keep_pybamms_ionic_current(cell: ParameterSet) -> None:
    """A surface form has its own current; the salt balance is ours in any case."""
    model = DFN({"surface form": "algebraic"})
    assert "electrolyte conductivity" not in model.submodels
    assert type(model.submodels["electrolyte diffusion"]).__name__ == "ConservativeDiffusion"
    simulation = pybamm.Simulation(model, parameter_values=pybamm.ParameterValues(pybamm_values(cell)))
    assert simulation.solve([0, 60])["Voltage [V]"].entries[-1] > cell["cell.lower_voltage_cut_off"]


def test_options_of_one_electrode_are_tuples(cell: ParameterSet) -> None:
    model = DFN({"SEI": ("constant", "none")})
    assert model.options["SEI"] == ("constant", "none")


# PyBaMM's entry points


@pytest.mark.parametrize("name", ["CellModelDFN", "CellModelSPMe", "CellModelSPM"])
def test_models_are_entry_points(name: str) -> None:
    assert name in {point.name for point in entry_points(group="pybamm_models")}
    assert isinstance(pybamm.Model(name), pybamm.lithium_ion.BaseModel)


def test_every_shipped_cell_is_an_entry_point() -> None:
    registered = {point.name for point in entry_points(group="pybamm_parameter_sets")}
    assert set(list_cells("lithium_metal")) <= registered


@pytest.mark.parametrize("name", list_cells("lithium_metal"))
def test_shipped_cells_solve_pickle_and_survive_json(name: str, tmp_path: Path) -> None:
    assert "contact resistance" in getattr(shipped, name).__doc__
    values = pybamm.ParameterValues(getattr(shipped, name)())
    copies = [values, pickle.loads(pickle.dumps(values))]
    values.to_json(str(tmp_path / "values.json"))
    copies.append(pybamm.ParameterValues.from_json(str(tmp_path / "values.json")))
    points = {"x_n": 3, "x_s": 4, "x_p": 4, "r_n": 3, "r_p": 4}
    ends = []
    for copy in copies:
        simulation = pybamm.Simulation(DFN(), parameter_values=copy, var_pts=points)
        ends.append(float(simulation.solve([0, 30])["Voltage [V]"].entries[-1]))
    np.testing.assert_allclose(ends, ends[0], rtol=0, atol=1e-6)  # round-off may change the integrator's steps


def by_pybamm(parameters: ParameterSet, solution: StepSolution, model: str = "DFN") -> pybamm.Solution:
    """Return a step as PyBaMM's own solution, which reads every variable of the model."""
    control = "any" if "hold_current" in solution.inputs else "current"
    settings = {"inputs": parameters.model_inputs, "control": control, "mechanisms": ("foil",)}
    equations, _ = discretised_equations(parameters, model, COARSE, **settings)
    return pybamm.Solution(solution.times, solution.states, equations, dict(solution.inputs), all_yps=solution.rates)


@pytest.mark.parametrize("name", ["li_peo_tis2_doyle1993", "li_polycarbonate_nmc811"])
def test_exchange_current_density_is_the_correlations(name: str) -> None:
    """PyBaMM's regularisation of roots would make it a third too small in the first seconds of the Doyle cell."""
    parameters = load_cell(name)
    built = build_model(parameters, mesh=COARSE)
    solution = built.solve(60, {"current": hour_current(parameters)})
    times = solution.times
    names = ("electrolyte_concentration", "particle_surface_concentration")
    salt, surface = built.read(solution, times, names).values()
    expected = parameters.function("electrode.exchange_current_density")(
        salt[:, COARSE.separator :],
        surface,
        parameters["electrode.maximum_concentration"],
        parameters["cell.temperature"],
    )
    found = by_pybamm(parameters, solution)["Positive electrode exchange current density [A.m-2]"].entries.T
    sizes = CELL_MODELS["lithium_metal"].mesh_sizes
    factors = scale_factors(sizes, parameters.model_inputs, parameters.__getitem__)
    found *= factors.particles["positive"]  # PyBaMM's is that of the mesh's radius
    np.testing.assert_allclose(found, expected, rtol=1e-9)


@pytest.mark.parametrize("name", ["li_peo_lfp", "li_polycarbonate_nmc811"])
def test_stock_pybamm_with_its_option_agrees_on_a_fine_mesh(name: str) -> None:
    """PyBaMM's own submodels converge to the same voltage, at first order: Richardson's extrapolation removes it."""
    parameters = load_cell(name)
    values = pybamm.ParameterValues(pybamm_values(parameters))
    values["Current function [A]"] = hour_current(parameters) / 10
    times = np.linspace(0, 7 * 3600, 200)

    def voltages(model: pybamm.BaseModel, volumes: int) -> np.ndarray:
        points = {"x_n": 3, "x_s": volumes, "x_p": volumes, "r_n": 3, "r_p": 10}
        solver = pybamm.IDAKLUSolver(rtol=1e-6, atol=1e-8)
        simulation = pybamm.Simulation(model, parameter_values=values, solver=solver, var_pts=points)
        return simulation.solve([0, times[-1]])["Voltage [V]"](times)

    half_cell = {"working electrode": "positive", "contact resistance": "true"}
    stock = [voltages(pybamm.lithium_ion.DFN(half_cell), volumes) for volumes in (40, 80)]
    ours = voltages(DFN(), 80)
    assert np.abs(2 * stock[1] - stock[0] - ours).max() < 1e-4
    without = voltages(pybamm.lithium_ion.DFN({"working electrode": "positive"}), 40)
    assert np.abs(without - ours).min() > 1e-4  # the option is what counts the interphase


# Inputs


def test_inputs_equal_a_model_built_with_the_value(cell: ParameterSet) -> None:
    """Also inside coefficients of correlations and in derived values such as the initial state."""
    chosen = {
        "electrolyte.cation_transference_number": 0.35,
        "electrolyte.initial_concentration": 1300.0,
        "cell.positive_electrode.active_material_volume_fraction": 0.40,
        "cell.area": 0.02,
    }
    current = 0.3
    model = build_model(cell, mesh=COARSE, rtol=1e-6, atol=1e-8).of(cell.replace(chosen))
    by_input = model.solve(1800, {"current": current})
    fresh = build_model(cell.replace(chosen), mesh=COARSE, rtol=1e-6, atol=1e-8)
    by_value = fresh.solve(1800, {"current": current})
    times = np.linspace(0, 1800, 50)
    first, second = model.read(by_input, times, ("voltage",)), fresh.read(by_value, times, ("voltage",))
    np.testing.assert_allclose(first["voltage"], second["voltage"], rtol=0, atol=1e-6)
    np.testing.assert_allclose(
        model.lithium_inventory(by_input, times), fresh.lithium_inventory(by_value, times), rtol=1e-6
    )


def test_all_unknown_names_are_reported_at_once(cell: ParameterSet) -> None:
    with pytest.raises(ParameterError, match=r"(?s)model.*control.*solver"):
        build_model(cell, model="DNF", control="all", solver="idas")


# Legs


@pytest.mark.parametrize(
    ("controls", "says"),
    [
        ({}, "target"),
        ({"current": 1.0, "voltage": 3.0}, "current, voltage"),
        ({"current": 1.0, "lower_volt": 3.0}, "lower_voltage"),
    ],
)
def test_controls_are_checked(built: BuiltModel, controls: dict[str, float], says: str) -> None:
    with pytest.raises(ParameterError, match=says):
        built.solve(10, controls)


def test_a_model_of_prescribed_current_holds_nothing_else(cell: ParameterSet) -> None:
    with pytest.raises(ParameterError, match="voltage"):
        build_model(cell, model="SPM", mesh=COARSE).solve(10, {"voltage": 3.4})


def test_a_limit_passed_at_the_start_is_named(built: BuiltModel, cell: ParameterSet) -> None:
    with pytest.raises(EventAtStart) as error:
        built.solve(10, {"current": 500 * hour_current(cell), "lower_voltage": cell["cell.lower_voltage_cut_off"]})
    assert error.value.events == ("lower voltage",)


def test_the_options_are_those_of_pybamm_but_for_silence() -> None:
    silent = pybamm.IDAKLUSolver(options={"silence_sundials_errors": True})
    assert silent.options == OPTIONS


def test_steps_are_those_that_pybamm_takes(cell: ParameterSet) -> None:
    """The same equations, solver and start: as many steps to the same end, by PyBaMM's wrapper and without it."""
    equations, _ = discretised_equations(cell, "SPM", COARSE)
    current = hour_current(cell) / 3
    leg = {"current": current, "lower_voltage": 2.5, "temperature": 353.15}
    built = build_model(cell, model="SPM", mesh=COARSE, mechanisms=())
    inputs = built.model_inputs(leg)
    own = IdakluSolver(built.functions, 1e-4, 1e-6).integrate(0.0, 12_000.0, inputs, built.initial_state(leg))
    theirs = pybamm.IDAKLUSolver(1e-4, 1e-6).solve(equations, [0, 12_000], inputs=inputs)
    assert own.termination == theirs.termination == "event: lower voltage"
    assert own.times.size == theirs.t.size
    np.testing.assert_allclose(own.times, theirs.t, rtol=1e-9)
    np.testing.assert_allclose(own.states, theirs.all_ys[0], atol=1e-9)


WITHOUT_PYBAMM = """
import pickle, sys
from cellmodel import dataset, stepping
from cellmodel.models.built_model import BuiltModel
from cellmodel.models.reading import Reader
from cellmodel.models.solving import IdakluIntegrator
functions, inputs = pickle.load(sys.stdin.buffer)
solution = IdakluIntegrator(functions, 1e-4, 1e-6).solve(0.0, 600.0, inputs, functions.state_at_rest(inputs))
read = Reader(functions).read(solution, solution.times, ("voltage", "electrolyte_concentration"))
pickle.dump((solution.times, read, "pybamm" in sys.modules), sys.stdout.buffer)
"""


def test_a_built_model_is_data_that_a_process_without_pybamm_solves(built: BuiltModel, cell: ParameterSet) -> None:
    controls = {"current": cell.areal_capacity * cell["cell.area"] / 3, "lower_voltage": 2.5}
    inputs = built.model_inputs(controls)
    here = IdakluIntegrator(built.functions, 1e-4, 1e-6).solve(0.0, 600.0, inputs, built.initial_state(controls))
    data = pickle.dumps((built.functions, inputs))
    done = subprocess.run([sys.executable, "-c", WITHOUT_PYBAMM], input=data, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    times, read, imported = pickle.loads(done.stdout)
    assert not imported
    np.testing.assert_array_equal(times, here.times)
    for name, values in read.items():
        np.testing.assert_array_equal(np.squeeze(values).T, np.squeeze(built.read(here, here.times, [name])[name]))


def test_each_kind_of_step_ends_where_it_should(built: BuiltModel, cell: ParameterSet) -> None:
    """Discharge, rest, charge, constant voltage and constant power, each from the state the last one left."""
    one_hour = hour_current(cell)
    upper, lower = cell["cell.upper_voltage_cut_off"], cell["cell.lower_voltage_cut_off"]
    legs = [
        ({"current": one_hour / 3, "lower_voltage": lower}, "event: lower voltage", {"voltage": lower}),
        ({"current": 0.0}, "final time", {"current": 0.0}),
        ({"current": -one_hour / 3, "upper_voltage": upper}, "event: upper voltage", {"voltage": upper}),
        ({"voltage": upper, "current_cut_off": one_hour / 20}, "event: current cut-off", {"current": -one_hour / 20}),
        ({"power": one_hour, "lower_voltage": lower}, "event: lower voltage", {"voltage": lower}),
    ]
    state, time, charge = None, 0.0, 0.0
    for controls, ending, expected in legs:
        solution = built.solve(4 * 3600, controls, state, time)
        assert solution.termination == ending
        end = solution.times[[-1]]
        read = built.read(solution, end, ("voltage", "current", "discharge_capacity"))
        for name, value in expected.items():
            assert read[name][0] == pytest.approx(value, rel=1e-4, abs=1e-9)
        lithium = built.lithium_inventory(solution, solution.times[[0, -1]])
        moved = np.diff(lithium)[0] * cell["cell.area"] * pybamm.constants.F.value / 3600
        assert read["discharge_capacity"][0] - charge == pytest.approx(moved, rel=1e-5, abs=1e-9)
        state, time, charge = solution.end_state, float(end[0]), float(read["discharge_capacity"][0])


def test_power_is_held(built: BuiltModel, cell: ParameterSet) -> None:
    power = 1.5 * hour_current(cell)
    solution = built.solve(600, {"power": power})
    read = built.read(solution, np.linspace(0, 600, 20), ("voltage", "current", "discharge_energy"))
    np.testing.assert_allclose(read["voltage"] * read["current"], power, rtol=1e-4)
    assert read["discharge_energy"][-1] == pytest.approx(power * 600 / 3600, rel=1e-4)


def test_a_step_continued_equals_one_step(built: BuiltModel, cell: ParameterSet) -> None:
    """Stopping and going on changes the voltage by no more than the tolerance of the integrator allows."""
    controls = {"current": hour_current(cell) / 3}
    whole = built.solve(3000, controls)
    first = built.solve(1000, controls)
    second = built.solve(2000, controls, first.end_state, 1000.0)
    times = np.linspace(1200, 3000, 20)
    voltages = [built.read(solution, times, ("voltage",))["voltage"] for solution in (whole, second)]
    np.testing.assert_allclose(voltages[0], voltages[1], rtol=0, atol=2e-4)
    assert second.times[0] == 1000.0


def test_temperature_is_chosen_step_by_step(built: BuiltModel, cell: ParameterSet) -> None:
    voltages = []
    for temperature in (343.15, 363.15):
        solution = built.solve(600, {"current": hour_current(cell), "temperature": temperature})
        read = built.read(solution, solution.times[[-1]], ("voltage", "temperature"))
        assert read["temperature"][0] == temperature
        voltages.append(read["voltage"][0])
    assert voltages[1] > voltages[0] + 0.01


def test_initial_stoichiometry_sets_the_rest_voltage(built: BuiltModel, cell: ParameterSet) -> None:
    """No current at uniform stoichiometry: the voltage is the open-circuit potential, corrected for temperature."""
    y = 0.4
    solution = built.solve(10, {"current": 0.0, "initial_stoichiometry": y})
    temperature = cell["cell.temperature"]
    entropic = float(cell.function("electrode.entropic_coefficient")(y))
    expected = float(cell.function("electrode.open_circuit_potential")(y))
    expected += entropic * (temperature - cell["electrode.reference_temperature"])
    assert built.read(solution, np.array([10.0]), ("voltage",))["voltage"][0] == pytest.approx(expected, abs=1e-5)


# Retries


def failing(times: int) -> mock._patch:
    """Make the solver fail that many times before it works."""
    integrate, calls = IdakluSolver.integrate, []

    def sometimes(self: IdakluSolver, *arguments: object) -> StepSolution | Failure:
        calls.append(self.rtol)
        return Failure("IDA_ERR_FAIL") if len(calls) <= times else integrate(self, *arguments)

    return mock.patch.object(IdakluSolver, "integrate", sometimes)


def test_a_failed_solve_is_tried_again_tighter_and_counted(cell: ParameterSet) -> None:
    model = build_model(cell, model="SPM", mesh=COARSE)
    with failing(2):
        solution = model.solve(60, {"current": hour_current(cell) / 10})
    assert solution.termination == "final time"
    assert model.retries == 2


def test_a_solve_that_never_works_says_what_was_tried(cell: ParameterSet) -> None:
    model = build_model(cell, model="SPM", mesh=COARSE)
    with failing(1000), pytest.raises(SolveError, match=r"rtol 0\.0001.*rtol 1e-05.*rtol 1e-06"):
        model.solve(60, {"current": 0.1})


def test_what_was_solved_before_a_failure_is_kept(cell: ParameterSet) -> None:
    model = build_model(cell, model="SPM", mesh=COARSE)
    with failing(len(ATTEMPTS)), pytest.raises(Unsolved) as caught:
        model.solve(60, {"current": 0.0})  # nothing to walk up to: the next call is the partial one
    assert caught.value.partial.times[-1] == 60.0


def test_kinetics_too_slow_for_the_first_guess_are_reached_by_raising_the_current() -> None:
    slow = load_cell("li_single_ion_lfp").replace({"electrode.exchange_current_density.rate_constant": 1e-13})
    model = build_model(slow, mesh=COARSE)
    current = hour_current(slow)
    solution = model.solve(10.0, {"current": current})
    assert model.retries == len(ATTEMPTS), "none of the ordinary attempts finds the potentials"
    gentle = build_model(slow.replace({"electrode.exchange_current_density.rate_constant": 1e-12}), mesh=COARSE)
    faster = gentle.solve(10.0, {"current": current})
    end, voltages = np.array([10.0]), []
    for built, solved in ((model, solution), (gentle, faster)):
        voltages.append(float(built.read(solved, end, ("voltage",))["voltage"][0]))
    # ten times the exchange current is 2 RT/F ln 10 of overpotential at these sizes (asinh is a logarithm)
    assert voltages[1] - voltages[0] == pytest.approx(2 * 8.314 * 353.15 / 96485 * np.log(10), abs=2e-3)


# Readings


def test_readings_equal_pybamms_own(built: BuiltModel, cell: ParameterSet) -> None:
    solution = built.solve(3600, {"current": hour_current(cell) / 2})
    theirs = by_pybamm(cell, solution)
    times = np.linspace(0, 3600, 7)
    read = built.read(solution, times, ("voltage", "electrolyte_concentration", "particle_concentration"))
    np.testing.assert_allclose(read["voltage"], theirs["Voltage [V]"](times), atol=1e-12)
    stored = solution.times
    particles = theirs["Positive particle concentration [mol.m-3]"].entries
    whole = built.read(solution, stored, ("particle_concentration", "electrolyte_concentration"))
    assert whole["particle_concentration"].shape == (stored.size, COARSE.electrode, COARSE.particle)
    np.testing.assert_allclose(np.moveaxis(whole["particle_concentration"], (0, 1, 2), (2, 1, 0)), particles, rtol=1e-9)
    salt = theirs["Electrolyte concentration [mol.m-3]"].entries
    np.testing.assert_allclose(whole["electrolyte_concentration"].T, salt, rtol=1e-9)


def test_interpolation_hits_the_solvers_own_points(built: BuiltModel, cell: ParameterSet) -> None:
    solution = built.solve(600, {"current": hour_current(cell)})
    np.testing.assert_allclose(states_at(solution, solution.times), solution.states, rtol=0, atol=1e-12)
