"""Copper | polymer | lithium: the efficiency put in is found, the own voltage ends the stripping, lithium closes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from scipy.optimize import brentq

import cellmodel
from cellmodel.correlations import FARADAY, GAS_CONSTANT
from cellmodel.dataset.schema import END_CAUSE, STATUS
from cellmodel.models import MESHES, build_model
from cellmodel.parameters import ParameterSet, load_cell
from cellmodel.simulation import kept_model


@pytest.fixture(scope="module")
def copper() -> ParameterSet:
    """Return the shipped cell."""
    return load_cell("li_peo_cu")


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> xr.Dataset:
    """Return the shipped study: efficiencies 0.5 to 0.99, two reservoirs, three rates."""
    folder: Path = tmp_path_factory.mktemp("results")
    return cellmodel.load_study("plating_efficiency").run(results=folder)


def test_the_study_finds_the_efficiency_put_in(measured: xr.Dataset) -> None:
    """Charge stripped over charge plated, within 0.1 %; what is missing stays on the copper and is always missing."""
    found, put_in = measured["coulombic_efficiency"], measured["interface_plating_efficiency"]
    assert [found.sizes[name] for name in ("copper_lithium_reservoir", "c_rate")] == [2, 3]
    assert (put_in.min().item(), put_in.max().item()) == (0.5, 0.99)
    deviation = (found / put_in - 1.0).values
    assert np.all(deviation < 0.0)
    assert np.all(deviation > -1e-3)
    assert np.all(measured["status"] == STATUS["completed"])
    assert np.all(measured["end_cause"] == END_CAUSE["lithium_exhausted"])


def test_lithium_and_salt_of_the_study_close(measured: xr.Dataset, copper: ParameterSet) -> None:
    """Foil, copper and dead lithium are three integrals of the solver; their sum stays within its tolerance."""
    lithium = measured["lithium_on_copper"] + measured["dead_lithium_on_copper"]
    lithium = lithium + measured["counter_electrode_thickness"] / copper["cell.lithium.molar_volume"]
    first = lithium.isel(step=0, sample=0)
    assert float(np.abs(lithium / first - 1.0).max()) < 1e-9
    for name in ("lithium_inventory_error", "salt_closure_error"):
        assert float(np.abs(measured[name]).max()) < 1e-9


def test_a_share_of_what_is_plated_is_dead_as_it_is_plated(measured: xr.Dataset, copper: ParameterSet) -> None:
    """(1 - e) of the charge of every charge step, none of any other."""
    dead = measured["dead_lithium_on_copper"].isel(sample=-1) - measured["dead_lithium_on_copper"].isel(sample=0)
    plated = -measured["step_capacity"].where(measured["step_capacity"] < 0.0, 0.0) * 3600.0 / FARADAY
    expected = (1.0 - measured["interface_plating_efficiency"]) * plated / copper["cell.area"]
    xr.testing.assert_allclose(dead, expected.broadcast_like(dead).transpose(*dead.dims), rtol=1e-6, atol=1e-9)


def test_the_ohmic_loss_is_current_over_conductivity_summed_over_the_polymer(copper: ParameterSet) -> None:
    """The run takes it as what other losses leave; here it is i dx / k on 64 volumes, second order in their width."""
    mesh = cellmodel.Mesh(64, 8, 4, 1.0)
    strip = {"description": "strip", "steps": [{"discharge": "C/4", "duration": "1 h"}]}
    run = cellmodel.simulate(copper, strip, mesh=mesh, rtol=1e-7)
    built = build_model(copper, mesh=mesh, mechanisms=("copper_plating",), rtol=1e-7)
    density = 0.25 * copper.areal_capacity
    solution = built.solve(3600.0, {"current": density * copper["cell.area"]})
    c = built.read(solution, solution.times[-1:], ("electrolyte_concentration",))["electrolyte_concentration"][0]
    conductivity = copper.function("electrolyte.ionic_conductivity")(c, copper["cell.temperature"])
    ohmic = -density * float(np.sum(built.x_weights / conductivity))
    assert np.ptp(c) > 100.0
    assert float(run["end_electrolyte_ohmic_voltage"]) == pytest.approx(ohmic, rel=2e-3)
    assert np.isnan(run.get("voltage_closure_error", np.nan))


def coverage_at(cell: ParameterSet, cut_off: float, density: float, electrolyte: float, foil: float) -> float:
    """Return the covered share at which the copper's face takes what the rest leaves of a cut-off [V]."""
    T, c0 = cell["cell.temperature"], cell["electrolyte.initial_concentration"]
    exchange = float(cell.function("interface.exchange_current_density")(c0, T))
    resistance = float(cell.function("interface.interphase_resistance")(T))

    def excess(share: float) -> float:
        local = density / share
        reaction = 2.0 * GAS_CONSTANT * T / FARADAY * np.arcsinh(local / (2.0 * exchange))
        return reaction + resistance * local + electrolyte + foil - cut_off

    return float(brentq(excess, 1e-6, 1.0, xtol=1e-14))


@pytest.mark.parametrize(("density", "cut_off"), [(1.0, 1.0), (10.0, 1.0), (10.0, 0.3)])
def test_the_voltage_ends_the_stripping_where_the_kinetics_say(
    copper: ParameterSet, density: float, cut_off: float
) -> None:
    """The covered share at the end solves the face's equation; what is left is -h / v ln(1 - share), not a clock's.

    At these densities, 2 and 20 % of the limiting one, the exchange current at the concentration of the face is within
    3 % of that at rest, a small share of a small term: 1 % on the share.
    """
    built = build_model(copper, mechanisms=("copper_plating",), rtol=1e-7, atol=1e-9)
    controls = {"current": density * copper["cell.area"], "lower_voltage": -cut_off}
    whole = copper.areal_capacity / density * 3600.0
    solution = built.solve(10.0 * whole, controls)
    assert solution.termination == "event: lower voltage"
    names = ("copper_coverage", "lithium_on_copper", "electrolyte_drop", "lithium_overpotential")
    read = built.read(solution, solution.times[[0, -1]], names)
    rest = read["electrolyte_drop"][-1], read["lithium_overpotential"][0] / 2.0
    foil = rest[1] + float(copper.function("interface.interphase_resistance")(copper["cell.temperature"])) * density
    expected = coverage_at(copper, cut_off, density, rest[0], foil)
    assert read["copper_coverage"][-1] == pytest.approx(expected, rel=0.01)
    thickness = copper["cell.copper.coverage_thickness"] / copper["cell.lithium.molar_volume"]
    left = -thickness * np.log1p(-read["copper_coverage"][-1])
    assert read["lithium_on_copper"][-1] == pytest.approx(left, rel=1e-6)
    passed = solution.end_time * density / FARADAY
    assert passed == pytest.approx(whole * density / FARADAY - left, rel=1e-7)


def test_bare_copper_has_nothing_to_strip() -> None:
    """A discharge that starts with bare copper is over at once, and the run says so."""
    steps = [{"discharge": "C/4", "until": "lower cut-off"}, {"charge": "C/4", "duration": "1 min"}]
    run = cellmodel.simulate("li_peo_cu", {"description": "bare", "initial": {"state_of_charge": 0.0}, "steps": steps})
    assert run["step_index"].values.tolist() == [0, 2]
    assert "not run, beyond its limit (lower voltage)" in run["message"].item()


def test_a_reservoir_that_does_not_last_ends_the_run_early() -> None:
    """Half of what was plated is dead: stripping all of it again is more than there is."""
    steps = [{"charge": "C/4", "duration": "1 h"}, {"discharge": "C/4", "duration": "1 h"}, {"rest": "1 min"}]
    protocol = {"description": "too much", "initial": {"state_of_charge": 0.0}, "steps": steps}
    run = cellmodel.simulate("li_peo_cu", protocol, overrides={"interface.plating_efficiency": 0.5})
    assert run["status"] == STATUS["ended_early"]
    assert run["end_cause"] == END_CAUSE["lithium_exhausted"]
    assert run["step_capacity"].values[1] == pytest.approx(-0.5 * run["step_capacity"].values[0], rel=1e-3)


def test_beyond_the_limiting_current_the_salt_ends_the_plating() -> None:
    """1.2 times the limit of 20 um polymer: the upper cut-off, met long before the step's charge, is the salt's doing.

    At twice the limit, 300 A.m-2, the resistance alone is past the cut-off of 1 V at the first instant.
    """
    limit = float(cellmodel.limiting_current("li_peo_lfp", volumes=20)["expected_limiting_current_density"])
    step = {"charge": f"{1.2 * limit} A.m-2", "duration": "1 h"}
    run = cellmodel.simulate("li_peo_cu", {"description": "x", "initial": {"state_of_charge": 0.0}, "steps": [step]})
    assert run["end_cause"] == END_CAUSE["salt_depleted_at_lithium"]
    assert float(run["time"][-1]) < 600.0


def test_thickness_of_the_polymer_does_not_build_the_model_again(copper: ParameterSet) -> None:
    arguments = ("DFN", MESHES["fast"], "current", 1e-4, 1e-6, "idaklu", ("copper_plating",), False)
    thicker = copper.replace({"cell.separator.thickness": "40 um", "cell.copper.coverage_thickness": "1 um"})
    first, second = kept_model(copper, *arguments), kept_model(thicker, *arguments)
    assert second.discretisation is first.discretisation
    assert second.x_weights.sum() == pytest.approx(40e-6)
