"""PyBaMM users find the sets and models by name, without importing cellmodel."""

from __future__ import annotations

import pickle
import subprocess
import sys

import numpy as np
import pybamm
import pytest

from cellmodel.characterisation.measurement import build_symmetric
from cellmodel.models.build import build_model
from cellmodel.models.meshes import Mesh
from cellmodel.parameters import list_cells, load_cell

SCRIPT = """
import pybamm
values = pybamm.ParameterValues("li_peo_lfp")
model = pybamm.lithium_ion.DFN({"working electrode": "positive", "contact resistance": "true"})
solution = pybamm.Simulation(model, parameter_values=values, C_rate=0.5).solve([0, 3600])
print(float(solution["Discharge capacity [A.h]"].entries[-1] / values["Nominal cell capacity [A.h]"]))
"""


def solve_half_an_hour(values: pybamm.ParameterValues) -> np.ndarray:
    model = pybamm.lithium_ion.DFN({"working electrode": "positive", "contact resistance": "true"})
    solver = pybamm.IDAKLUSolver(rtol=1e-6, atol=1e-8)
    solution = pybamm.Simulation(model, parameter_values=values, C_rate=0.2, solver=solver).solve([0, 1800])
    return solution["Voltage [V]"](np.linspace(0, 1800, 50))


def test_a_plain_pybamm_script_runs_without_importing_cellmodel():
    run = subprocess.run([sys.executable, "-W", "error", "-c", SCRIPT], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert float(run.stdout) == pytest.approx(0.5, abs=1e-3)


@pytest.mark.parametrize("name", list_cells("lithium_metal"))
def test_every_cell_is_a_set_that_solves_pickles_and_survives_json(name, tmp_path):
    assert name in pybamm.parameter_sets
    values = pybamm.ParameterValues(name)
    voltage = solve_half_an_hour(values)
    assert np.all(np.isfinite(voltage))
    np.testing.assert_allclose(solve_half_an_hour(pickle.loads(pickle.dumps(values))), voltage, atol=1e-9)
    values.to_json(tmp_path / "set.json")
    # The expressions come back with another order of operations, hence other steps of the solver (rtol 1e-6).
    copy = pybamm.ParameterValues.from_json(tmp_path / "set.json")
    np.testing.assert_allclose(solve_half_an_hour(copy), voltage, atol=1e-5)


@pytest.mark.parametrize("name", list_cells("lithium_metal"))
def test_the_description_names_the_option_that_switches_the_interphase_on(name):
    assert "contact resistance" in pybamm.parameter_sets.get_docstring(name)


@pytest.mark.parametrize("name", list_cells("lithium_metal"))
def test_the_description_says_what_the_set_does_not_carry(name):
    described = pybamm.parameter_sets.get_docstring(name)
    assert described.splitlines()[0].startswith("Li")
    for option in ("thermal", "SEI", "particle size", "mechanisms"):
        assert option in described


@pytest.mark.parametrize(
    ("option", "value", "carried"),
    [
        ("thermal", "lumped", False),
        ("SEI", "constant", False),
        ("particle size", "distribution", False),
        ("lithium plating", "reversible", False),
        ("particle mechanics", "swelling only", False),
        ("loss of active material", "stress-driven", False),
        ("surface form", "differential", True),
    ],
)
def test_what_the_description_says_of_an_option_is_true(option, value, carried):
    described = pybamm.parameter_sets.get_docstring("li_peo_lfp")
    assert (f"``{option}``" in described) != carried
    model = pybamm.lithium_ion.DFN({"working electrode": "positive", option: value})
    simulation = pybamm.Simulation(model, parameter_values=pybamm.ParameterValues("li_peo_lfp"), C_rate=0.1)
    if carried:
        simulation.build()
    else:
        with pytest.raises(KeyError, match="not found"):
            simulation.build()


@pytest.mark.parametrize("name", list_cells("lithium_metal"))
def test_the_sources_of_a_set_are_registered_to_be_cited(name):
    values = pybamm.ParameterValues(name)
    sources = {record.source for record in load_cell(name).entries.values() if record.source}
    keys = {entry.partition("{")[2].partition(",")[0] for entry in values["citations"]}
    assert keys == sources
    for entry in values["citations"]:
        assert entry in pybamm.citations._unknown_citations | set(pybamm.citations._all_citations)
        assert entry.replace(r"\{", "").replace(r"\}", "").count("{") == entry.count("}")
        assert "title = {" in entry
        assert "author = {" in entry


@pytest.mark.parametrize("name", ["CellModelDFN", "CellModelSPMe", "CellModelSPM"])
def test_every_model_is_found_by_name_and_runs_in_a_plain_simulation(name):
    model = pybamm.Model(name)
    values = pybamm.ParameterValues("li_peo_lfp")
    solution = pybamm.Simulation(model, parameter_values=values, C_rate=0.1).solve([0, 1800])
    assert 3.3 < float(solution["Voltage [V]"].entries[-1]) < 3.5


def test_the_symmetric_cell_is_found_by_name_and_holds_a_voltage_in_an_experiment():
    """-5 mV in PyBaMM's sign drives a positive current; PyBaMM replaces the current by a state of its own."""
    model = pybamm.Model("CellModelSymmetric")
    experiment = pybamm.Experiment([pybamm.step.voltage(-5e-3, duration=600)])
    values = pybamm.ParameterValues("li_peo_lfp")
    solver = pybamm.IDAKLUSolver(rtol=1e-8, atol=1e-10)
    solution = pybamm.Simulation(model, experiment=experiment, parameter_values=values, solver=solver).solve()
    built = build_symmetric(load_cell("li_peo_lfp"), volumes=60)
    expected = built.read(built.solve(600.0, {"voltage": -5e-3}), np.array([600.0]), ("current_density",))
    assert solution["Current density [A.m-2]"].entries[-1] == pytest.approx(expected["current_density"][0], rel=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "volumes"), [("li_peo_lfp", 60), ("li_polycarbonate_nmc811", 400)])
def test_stock_pybamm_with_the_option_is_our_model_on_a_fine_mesh(name, volumes):
    # Stock is first order in x: on NMC811 it is 0.56, 0.28, 0.14, 0.07 mV away at 60, 120, 240, 480 volumes.
    cell, rate = load_cell(name), 1 / 3
    size = Mesh(separator=volumes, electrode=volumes, particle=10)
    current, T = rate * cell.areal_capacity * cell["cell.area"], cell["cell.temperature"]
    built = build_model(cell, mesh=size, rtol=1e-6, atol=1e-8)
    controls = {"current": current, "temperature": T, "lower_voltage": cell["cell.lower_voltage_cut_off"]}
    ours = built.solve(4000.0 / rate, controls)
    values = pybamm.ParameterValues(name)
    values.update({"Current function [A]": current})
    model = pybamm.lithium_ion.DFN({"working electrode": "positive", "contact resistance": "true"})
    points = {"x_n": 3, "x_s": size.separator, "x_p": size.electrode, "r_n": 3, "r_p": size.particle}
    solver = pybamm.IDAKLUSolver(rtol=1e-6, atol=1e-8)
    simulation = pybamm.Simulation(model, parameter_values=values, var_pts=points, solver=solver)
    theirs = simulation.solve([0, 4000.0 / rate])
    times = np.linspace(0, 0.97 * ours.end_time, 500)
    difference = built.read(ours, times, ("voltage",))["voltage"] - theirs["Voltage [V]"](times)
    assert np.sqrt(np.mean(difference**2)) < 1e-4


def test_without_the_option_the_interphase_is_missing_and_the_test_above_would_notice():
    values = pybamm.ParameterValues("li_peo_lfp")
    model = pybamm.lithium_ion.DFN({"working electrode": "positive"})
    solution = pybamm.Simulation(model, parameter_values=values, C_rate=0.2).solve([0, 1800])
    bare = solution["Voltage [V]"](np.linspace(0, 1800, 50))
    assert np.min(bare - solve_half_an_hour(values)) > 1e-4
