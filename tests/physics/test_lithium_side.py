"""The lithium side: every mole of lithium is somewhere, and each mechanism does what its law says and no more."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cellmodel.correlations import FARADAY, GAS_CONSTANT
from cellmodel.dataset import meaning
from cellmodel.errors import ValidityWarning
from cellmodel.mechanisms import MECHANISMS
from cellmodel.models.build import discretised_equations
from cellmodel.models.meshes import find_mesh
from cellmodel.parameters import load_cell
from cellmodel.parameters.kinds import KINDS
from cellmodel.protocols import load_protocol
from cellmodel.simulation import simulate

AGEING = ("foil", "interphase_growth", "contact_loss")
CELL = "li_peo_lfp"


@pytest.fixture(scope="module")
def cycled():
    """Three cycles with all that ages."""
    return simulate(CELL, "cccv_cycle", c_rate="C/3", mesh="fast", mechanisms=AGEING)


@pytest.mark.slow
@pytest.mark.parametrize("cell", [CELL, "li_polycarbonate_nmc811"])
def test_lithium_is_conserved_over_twenty_cycles(cell):
    """The bound is the one asked of the project. Only the foil knows the current; the cathode knows its reaction."""
    protocol = replace(load_protocol("cccv_cycle"), cycles=20)
    run = simulate(cell, protocol, c_rate="C/3", mesh="fast", mechanisms=AGEING)
    assert run["message"].item() == "completed"
    assert abs(run["lithium_inventory_error"].item()) < 1e-7
    assert run["lithium_thickness"].values[-1, -1, -1] < run["lithium_thickness"].values[0, -1, -1]


def test_dead_lithium_is_the_share_of_the_plated_charge_that_the_foil_loses(cycled):
    """Plated charge is summed from the dataset, outside the solver; 1e-4 is the tolerance of its states."""
    parameters = load_cell(CELL)
    charge = cycled["discharge_capacity"].values
    plated = -np.sum(charge[:, 2:, -1] - charge[:, 2:, 0]) * 3600.0 / FARADAY / parameters["cell.area"]
    expected = parameters["interface.foil_loss"] * plated
    assert cycled["dead_lithium"].values[-1, -1, -1] == pytest.approx(expected, rel=1e-4)


def test_the_foil_thins_by_what_is_stripped_dead_and_in_the_interphase(cycled):
    parameters = load_cell(CELL)
    passed = cycled["discharge_capacity"].values[-1, -1, -1] * 3600.0 / FARADAY / parameters["cell.area"]
    grown = cycled["interphase_lithium"].values[-1, -1, -1] - cycled["interphase_lithium"].values[0, 0, 0]
    taken = passed + cycled["dead_lithium"].values[-1, -1, -1] + grown
    thinned = cycled["lithium_thickness"].values[0, 0, 0] - cycled["lithium_thickness"].values[-1, -1, -1]
    molar_volume = parameters["cell.lithium.molar_volume"]
    # 1e-5 of the foil: the solver's tolerance on a state that is one at the start, times the thinning of a few per cent
    assert thinned == pytest.approx(taken * molar_volume, abs=1e-5 * parameters["cell.lithium.thickness"])


@pytest.mark.parametrize("temperature", [343.15, 363.15])
def test_the_interphase_grows_by_its_parabola_at_every_temperature(temperature):
    """L^2 = L0^2 + k(T) t exactly, however the current runs; 1e-4 is the solver's tolerance."""
    run = simulate(CELL, c_rate="C/10", temperature=temperature, mesh="fast", mechanisms=("foil", "interphase_growth"))
    p = load_cell(CELL)
    path = "interface.interphase_growth_rate."
    inverse = 1.0 / p[path + "reference_temperature"] - 1.0 / temperature
    k = p[path + "rate_constant"] * np.exp(p[path + "activation_energy"] / GAS_CONSTANT * inverse)
    expected = np.sqrt(p["interface.interphase_thickness"] ** 2 + k * run["time"].values)
    np.testing.assert_allclose(run["interphase_thickness"].values, expected, rtol=1e-4)
    resistance = p.function("interface.interphase_resistance")(temperature)
    ratio = run["interphase_thickness"].values / p["interface.interphase_thickness"]
    np.testing.assert_allclose(run["interphase_resistance"].values, resistance * ratio, rtol=1e-9)


def test_contact_loss_crowds_the_current_on_what_is_left(cycled):
    p = load_cell(CELL)
    share = np.exp(-cycled["dead_lithium"].values / p["interface.contact_loss_inventory"])
    np.testing.assert_allclose(cycled["contact_share"].values, share, rtol=1e-9)
    whole = p.function("interface.interphase_resistance")(p["cell.temperature"])
    ratio = cycled["interphase_thickness"].values / p["interface.interphase_thickness"]
    np.testing.assert_allclose(cycled["interphase_resistance"].values, whole * ratio / share, rtol=1e-9)


def test_the_grown_interphase_lowers_the_voltage_by_its_own_drop():
    """Same current, same everything else: 0.1 mV is what two solver paths differ by at rtol 1e-4."""
    p = load_cell(CELL).replace({"interface.interphase_growth_rate.rate_constant": 1e-18})  # fast enough to see
    fresh = simulate(p, c_rate="C/10", mesh="fast")
    aged = simulate(p, c_rate="C/10", mesh="fast", mechanisms=("foil", "interphase_growth"))
    times = np.linspace(3600.0, 8 * 3600.0, 30)
    voltage = [np.interp(times, run["time"].values, run["voltage"].values) for run in (fresh, aged)]
    grown = np.interp(times, aged["time"].values, aged["interphase_resistance"].values)
    extra = grown - p.function("interface.interphase_resistance")(p["cell.temperature"])
    drop = extra * aged["current"].values[0] / p["cell.area"]
    np.testing.assert_allclose(voltage[0] - voltage[1], drop, atol=1e-4)
    assert drop[-1] > 5e-3


def test_kinetics_see_the_share_in_contact():
    """With charge transfer alone at the interface, losing contact to 1/e costs a known overpotential."""
    from cellmodel.models import build_model

    p = load_cell(CELL, interface="lithium_peo:charge_transfer")
    built = build_model(p, mesh="fast", mechanisms=AGEING)
    equations, _ = discretised_equations(p, "DFN", find_mesh("fast"), mechanisms=built.mechanisms)
    kinetics = equations.variables["Lithium metal interface utilisation"]
    assert kinetics == equations.variables["Lithium metal interface utilisation variable"]
    worn = p.replace({"interface.contact_loss_inventory": 0.02, "interface.foil_loss": 0.1})
    runs = [
        simulate(worn, "cccv_cycle", c_rate="C/3", mesh="fast", mechanisms=names)
        for names in (("foil",), ("foil", "contact_loss"))
    ]
    lost = [run["voltage"].values[1, 0, :].mean() for run in runs]
    assert lost[0] - lost[1] > 0.01


def test_the_foil_leaves_the_voltage_as_it_is_and_each_mechanism_is_off_when_it_is_not_named():
    plain, foil = (simulate(CELL, c_rate="C/3", mesh="fast", mechanisms=names) for names in ((), ("foil",)))
    assert "lithium_thickness" not in plain
    assert "interphase_resistance" not in foil
    times = np.linspace(0, 0.98 * plain["time"].values[-1], 200)
    voltages = [np.interp(times, run["time"].values, run["voltage"].values) for run in (plain, foil)]
    # 0.2 mV: interpolation between 200 stored samples and rtol 1e-4
    assert np.sqrt(np.mean(np.square(voltages[0] - voltages[1]))) < 2e-4
    assert foil["capacity"].item() == pytest.approx(plain["capacity"].item(), rel=1e-4)


def test_an_exhausted_foil_ends_the_run_where_its_charge_does():
    with pytest.warns(UserWarning, match="the run may strip"):
        run = simulate(CELL, c_rate="C/3", mesh="fast", overrides={"cell.lithium.thickness": "3 um"})
    p = load_cell(CELL)
    charge = 3e-6 / p["cell.lithium.molar_volume"] * FARADAY / 3600.0 * p["cell.area"]
    assert run["capacity"].item() == pytest.approx(charge, rel=1e-5)
    assert meaning("end_cause", run["end_cause"].item()) == "lithium_exhausted"
    assert "the lithium foil is exhausted" in run["message"].item()
    assert run["lithium_thickness"].values[-1] == pytest.approx(0.0, abs=3e-11)


def test_reduced_models_have_every_mechanism_of_a_foil_too():
    every = tuple(name for name in MECHANISMS if name not in KINDS["lithium_copper"].mechanisms)
    for model in ("SPM", "SPMe"):
        with pytest.warns(ValidityWarning, match=f"{model} beyond its validity"):
            run = simulate(CELL, c_rate="C/3", model=model, mechanisms=every)
        assert run["message"].item().startswith("completed")
        assert abs(run["lithium_inventory_error"].item()) < 1e-9
