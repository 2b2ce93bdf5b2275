from __future__ import annotations

import numpy as np
import pytest

from cellmodel.dataset.schema import VOLTAGE_LOSSES
from cellmodel.dataset.voltage_losses import voltage_losses
from cellmodel.models.build import build_model
from cellmodel.models.built_model import BuiltModel
from cellmodel.models.electrolyte import DEPLETED
from cellmodel.models.meshes import Mesh, find_mesh
from cellmodel.models.solution import StepSolution
from cellmodel.parameters import ParameterSet, list_cells, load_cell

RATES = (0.05, 0.3, 1.0, 3.0)
CLOSURE = 1e-6  # V, the size of a contribution that nobody can measure


def discharged(built: BuiltModel, cell: ParameterSet, rate: float) -> StepSolution:
    """Return a discharge to the cut-off or the charge of the cell."""
    controls = {
        "current": rate * cell.areal_capacity * cell["cell.area"],
        "lower_voltage": cell["cell.lower_voltage_cut_off"],
        "temperature": cell["cell.temperature"],
    }
    return built.solve(3600.0 / rate, controls)


@pytest.mark.parametrize("model", ["DFN", "SPMe", "SPM"])
@pytest.mark.parametrize("name", list_cells("lithium_metal"))
def test_the_parts_sum_to_the_voltage(name, model):
    cell = load_cell(name)
    built = build_model(cell, model, "fast")
    for rate in RATES:
        solution = discharged(built, cell, rate)
        for share in (0.0, 0.1, 0.5, 1.0):
            parts = voltage_losses(built, cell, solution, share * solution.end_time)
            assert set(parts.losses) == set(VOLTAGE_LOSSES)
            assert abs(parts.closure_error) < CLOSURE, (rate, share)


def test_the_parts_sum_to_the_voltage_on_charge_and_at_rest():
    cell = load_cell("li_polycarbonate_nmc811")
    built = build_model(cell, mesh="fast")
    hour = cell.areal_capacity * cell["cell.area"]
    controls = {"current": -0.2 * hour, "initial_stoichiometry": cell.stoichiometry_window[1], "temperature": 303.15}
    charge = built.solve(3600.0, controls)
    resting = controls | {"current": 0.0}
    rest = built.solve(3600.0, resting, state=charge.end_state)
    for solution in (charge, rest):
        assert abs(voltage_losses(built, cell, solution).closure_error) < CLOSURE
    charging, relaxed = voltage_losses(built, cell, charge), voltage_losses(built, cell, rest)
    losses = ("electrolyte_ohmic", "interphase", "negative_reaction", "positive_reaction", "electronic")
    assert all(charging.losses[name] > 0.0 for name in losses), "losses raise the voltage on charge"
    assert all(abs(relaxed.losses[name]) < 1e-4 for name in losses if name != "positive_reaction")


@pytest.mark.parametrize("name", ["li_peo_lfp", "li_polycarbonate_nmc811", "li_peo_tis2_doyle1993"])
def test_the_ohmic_and_electronic_parts_are_current_times_resistance(name):
    """Nothing here uses a potential: charge balance and the file's conductivities give the same drops.

    The reaction of one volume follows from potentials; where kinetics are as fast as those of TiS2 it takes this
    tolerance to have it.
    """
    cell = load_cell(name)
    built = build_model(cell, mesh="fast", rtol=1e-9, atol=1e-11)
    solution = discharged(built, cell, 0.3)
    end = np.array([3000.0])  # a quarter of the charge, where the solver's charge balance is tightest
    c, reaction = (
        value[0] for value in built.read(solution, end, ("electrolyte_concentration", "volumetric_reaction")).values()
    )
    density, inner = solution.inputs["current"] / cell["cell.area"], built.x.size - built.x_electrode.size
    efficiency = np.array([transport_efficiency(cell, x) for x in built.x])
    positive = 0.5 * (c + np.sqrt(c**2 + 4 * DEPLETED**2))
    kappa = efficiency * cell.function("electrolyte.ionic_conductivity")(positive, solution.inputs["temperature"])
    charge = np.concatenate([np.zeros(inner), reaction * built.x_electrode_weights])
    ionic = density + np.cumsum(charge)[:-1]  # on the edges between nodes
    # between two nodes: half of each volume in series, which is what the harmonic mean says
    resistance = 0.5 * built.x_weights / kappa
    face = c[0] - 0.5 * (c[1] - c[0])
    kappa_face = efficiency[0] * float(
        cell.function("electrolyte.ionic_conductivity")(face, solution.inputs["temperature"])
    )
    first = density * 0.5 * built.x_weights[0] / kappa_face
    drop = first + np.concatenate([[0.0], np.cumsum(ionic * (resistance[1:] + resistance[:-1]))])
    weights = charge[inner:] / charge.sum()
    parts = voltage_losses(built, cell, solution, float(end[0])).losses
    assert parts["electrolyte_ohmic"] == pytest.approx(-weights @ drop[inner:], abs=CLOSURE)

    sigma, h = cell["cell.positive_electrode.electronic_conductivity"], built.x_electrode_weights
    to_collector = [
        np.sum((density - ionic[inner + k :]) * h[0]) / sigma + density * 0.5 * h[0] / sigma for k in range(h.size)
    ]
    assert parts["electronic"] == pytest.approx(-weights @ np.array(to_collector), abs=CLOSURE)


def transport_efficiency(cell: ParameterSet, x: float) -> float:
    region = "separator" if x < cell["cell.separator.thickness"] else "positive_electrode"
    fraction = cell[f"cell.{region}.electrolyte_volume_fraction"]
    return fraction ** cell[f"cell.{region}.bruggeman_exponent"]


def test_the_current_times_the_losses_is_the_power_dissipated():
    """The local integrals of the energy balance take another route; they agree at second order in the mesh."""
    cell, deviations = load_cell("li_peo_lfp"), []
    losses = ("positive_reaction", "electronic", "electrolyte_ohmic", "electrolyte_diffusion")
    losses += ("negative_reaction", "interphase")
    for mesh in (Mesh(6, 20, 10), Mesh(12, 40, 10)):
        built = build_model(cell, mesh=mesh, rtol=1e-7, atol=1e-9)
        solution = discharged(built, cell, 0.3)
        time = 6000.0  # half way, where nothing is steep
        parts = voltage_losses(built, cell, solution, time).losses
        dissipated = built.read(solution, np.array([time]), ("dissipated_power",))["dissipated_power"][0]
        deviations.append(abs(sum(parts[name] for name in losses) * solution.inputs["current"] / -dissipated - 1.0))
    assert deviations[1] < 1e-2
    assert deviations[1] < 0.4 * deviations[0], "second order would be a quarter"


def test_no_part_is_infinite_where_the_salt_has_run_out():
    cell = load_cell("li_peo_nmc")
    built = build_model(cell, mesh=find_mesh("fast"))
    solution = discharged(built, cell, 1.0)
    c = built.read(solution, solution.times[-1:], ("electrolyte_concentration",))
    parts = voltage_losses(built, cell, solution)
    assert c["electrolyte_concentration"].min() < 1.0
    assert all(abs(value) < 5.0 for value in parts.losses.values())
    assert abs(parts.closure_error) < CLOSURE
