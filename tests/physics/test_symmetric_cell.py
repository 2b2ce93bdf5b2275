"""Lithium | polymer | lithium: conserves salt, converges at second order, and every study finds what was put in."""

from __future__ import annotations

import numpy as np
import pybamm
import pytest
from constant_electrolyte import constant_cell
from scipy.integrate import quad
from scipy.optimize import brentq

from cellmodel.characterisation import (
    SteadySymmetricCell,
    galvanostatic_polarisation,
    limiting_current,
    potentiostatic_polarisation,
    restricted_diffusion,
)
from cellmodel.characterisation.measurement import build_symmetric
from cellmodel.correlations import FARADAY, GAS_CONSTANT
from cellmodel.models import SymmetricCell
from cellmodel.parameters import ParameterSet, load_cell

CELLS = ("li_peo_lfp", "li_polycarbonate_nmc811", "li_peo_tis2_doyle1993")
ELECTROLYTES = ("peo_litfsi", "peo_litfsi:edman", "peo_litfsi:direct")
WITHOUT_INTERPHASE = {"interface.charge_transfer_fraction": 1.0}


def peo_cell(electrolyte: str) -> ParameterSet:
    """Return the PEO cell with one reading of its transference number, where all salt dissolves."""
    return load_cell("li_peo_lfp", electrolyte=electrolyte).replace({"electrolyte.solubility": 7e3})


@pytest.mark.parametrize("electrolyte", ["peo_litfsi:edman", "peo_litfsi:direct"])
def test_salt_is_conserved_to_round_off(electrolyte: str) -> None:
    """Both outer edges carry no anions, so the inventory is a telescoping sum: only round-off is left, over 60 legs.

    1e-12 is some thousand machine epsilons, one for each step of the solver.
    """
    parameters = peo_cell(electrolyte)
    limit = SteadySymmetricCell(parameters, parameters["cell.temperature"]).limiting_current_density()
    built, state = build_symmetric(parameters, volumes=12), None
    current = 0.8 * limit * parameters["cell.area"]
    for step in range(60):
        solution = built.solve(100.0, {"current": current if step % 2 else -current}, state=state)
        state = solution.end_state
    (profile,) = built.read(solution, solution.times[-1:], ("electrolyte_concentration",))["electrolyte_concentration"]
    at_rest = parameters["electrolyte.initial_concentration"]
    assert np.ptp(profile) > 0.5 * at_rest
    assert profile @ built.x_weights == pytest.approx(at_rest * built.x_weights.sum(), rel=1e-12)


@pytest.mark.parametrize("electrolyte", ["peo_litfsi", "peo_litfsi:direct"])
def test_the_voltage_converges_at_second_order(electrolyte: str) -> None:
    """Each halving of the volumes divides the error by four.

    3.3 leaves room for the next order at 10 volumes and for the reference at 160.
    """
    parameters = peo_cell(electrolyte)
    limit = SteadySymmetricCell(parameters, parameters["cell.temperature"]).limiting_current_density()
    times = np.array([2.0, 10.0, 200.0])
    voltages = []
    for volumes in (10, 20, 40, 160):
        built = build_symmetric(parameters, volumes=volumes, rtol=1e-9)
        solution = built.solve(200.0, {"current": 0.6 * limit * parameters["cell.area"]})
        voltages.append(built.read(solution, times, ("voltage",))["voltage"])
    errors = [np.max(np.abs(voltage - voltages[-1])) for voltage in voltages[:-1]]
    assert errors[0] / errors[1] > 3.3
    assert errors[1] / errors[2] > 3.3


def test_a_single_ion_conductor_is_ohmic() -> None:
    """t+ = 1: no salt moves and the voltage is i (L / kappa + 2 R) once the faces' asinh is linear."""
    parameters = load_cell("li_single_ion_lfp")
    built = build_symmetric(parameters, volumes=60)
    solution = built.solve(1000.0, {"current": 1e-3 * parameters["cell.area"]})
    read = built.read(solution, np.array([0.0, 1000.0]), ("applied_voltage", "left_concentration"))
    steady = SteadySymmetricCell(parameters, parameters["cell.temperature"])
    expected = 1e-3 * (steady.ohmic_resistance() + steady.interface_resistance())
    np.testing.assert_allclose(read["applied_voltage"], expected, rtol=1e-6)
    np.testing.assert_allclose(read["left_concentration"], steady.initial_concentration, rtol=1e-12)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("interphase", [True, False])
def test_bruce_vincent_finds_the_newman_number(cell: str, interphase: bool) -> None:
    """Within 1 % at and below 5 mV; at any voltage the ratio is the quadrature's.

    Measured at 5 mV: 0.05 % or less, but 0.84 % for the polycarbonate without interphase, whose charge transfer takes
    95 % of the voltage: an impedance shows d(drop)/di, the experiment's formula wants drop/i.

    2e-4 is four times the largest difference at 60 volumes and 0.1 V (4.5e-5); it is second order in the mesh.
    """
    has_share = "interface.charge_transfer_fraction" in load_cell(cell).functions
    if not interphase and not has_share:
        pytest.skip("this interface has no interphase anyway")
    overrides = {} if interphase else WITHOUT_INTERPHASE
    found = potentiostatic_polarisation(cell, (0.002, 0.005, 0.05, 0.1), overrides=overrides)
    assert found["deviation"].sel(applied_voltage=[0.002, 0.005]).values == pytest.approx(0.0, abs=0.01)
    np.testing.assert_allclose(found["current_ratio"], found["exact_current_ratio"], rtol=2e-4)
    assert float(found["salt_closure_error"].max()) < 1e-12


def test_bruce_vincent_at_100_mv_is_what_experiments_do_wrong() -> None:
    """Without any interface the steady state has a closed form, and 1/(1+Ne) is wrong by more than a percent.

    Constant properties: c(x) is linear, c0 (1 +- u) at the faces; V = 2 u c0 F D / ((1 - t) kappa) + a ln((1+u)/(1-u))
    with a = 2 (1 - t) TDF R T / F, i = 2 u c0 F D / ((1 - t) L). Solved here, apart from the package's quadrature. The
    interface is so fast (1e6 A/m2) that its resistance is 1e-4 of the polymer's.
    """
    parameters = constant_cell("li_peo_tis2_doyle1993").replace(
        {"interface.exchange_current_density.value": 1e6, "interface.interphase_resistance": 0.0}
    )
    found = potentiostatic_polarisation(parameters, (0.005, 0.1))
    t, kappa, D, factor = 0.2, 0.08, 6e-12, 1.4
    c0, L = parameters["electrolyte.initial_concentration"], parameters["cell.separator.thickness"]
    a = 2 * (1 - t) * factor * GAS_CONSTANT * parameters["cell.temperature"] / FARADAY
    conduction = 2 * c0 * FARADAY * D / ((1 - t) * kappa)
    for voltage in (0.005, 0.1):
        u = brentq(lambda u, v=voltage: conduction * u + a * np.log((1 + u) / (1 - u)) - v, 1e-9, 1 - 1e-9)
        ratio = 2 * u * c0 * FARADAY * D / ((1 - t) * L) / (voltage * kappa / L)
        assert float(found["current_ratio"].sel(applied_voltage=voltage)) == pytest.approx(ratio, rel=5e-4)
    assert abs(float(found["deviation"].sel(applied_voltage=0.1))) > 0.01


@pytest.mark.parametrize("transference", [-0.5, 0.2, 0.8])
def test_galvanostatic_polarisation_ends_at_sands_time(transference: float) -> None:
    """Constant properties, 2, 3 and 5 times the limiting current; 0.5 % with 60 volumes, and less with more."""
    parameters = constant_cell(volume_transference_number=transference)
    deviation = galvanostatic_polarisation(parameters)["deviation"].values
    assert deviation == pytest.approx(0.0, abs=5e-3)
    # At 5 i_lim the other face is far away, and what is left is the mesh's (and 2e-4 from the depletion threshold).
    finer = galvanostatic_polarisation(parameters, volumes=240)["deviation"].values
    assert abs(finer[-1]) < 0.3 * abs(deviation[-1])


def test_below_the_limiting_current_the_salt_lasts() -> None:
    parameters = constant_cell()
    limit = SteadySymmetricCell(parameters, parameters["cell.temperature"]).limiting_current_density()
    assert np.isnan(galvanostatic_polarisation(parameters, (0.9 * limit,))["transition_time"].item())


@pytest.mark.parametrize("cell", CELLS)
def test_restricted_diffusion_finds_the_diffusivity(cell: str) -> None:
    """1 % asked; 1e-4 found. The swing is antisymmetric, so the properties' slopes cancel at first order."""
    found = restricted_diffusion(cell)
    assert float(found["deviation"]) == pytest.approx(0.0, abs=1e-3)
    assert 0.02 < float(found["swing"]) <= 0.05


def test_restricted_diffusion_sees_the_tortuosity() -> None:
    """With 60 % electrolyte and exponent 1.5 the relaxation shows D eps^0.5."""
    changed = {"cell.separator.electrolyte_volume_fraction": 0.6, "cell.separator.bruggeman_exponent": 1.5}
    found = restricted_diffusion(constant_cell().replace(changed))
    assert float(found["found_salt_diffusivity"]) == pytest.approx(6e-12 * 0.6**0.5, rel=1e-3)


def limiting_reference(parameters: ParameterSet) -> float:
    """Return the limiting current density by adaptive quadrature, apart from the package's."""
    T, c0 = parameters["cell.temperature"], parameters["electrolyte.initial_concentration"]
    D, t = (parameters.function(f"electrolyte.{n}") for n in ("salt_diffusivity", "volume_transference_number"))

    def slope(share: float) -> float:
        """D / (1 - t) over its value at c0, so that the quadrature's tolerances mean something."""
        return float(D(share * c0, T)) / (1 - float(t(share * c0, T))) / scale

    scale = 1.0
    scale = slope(1.0)
    left = brentq(lambda left: quad(lambda share: (share - 1) * slope(share), 0, left, limit=200)[0], 1, 5)
    return FARADAY * c0 * scale / parameters["cell.separator.thickness"] * quad(slope, 0, left, limit=200)[0]


@pytest.mark.parametrize("electrolyte", ELECTROLYTES)
def test_stepping_finds_the_limiting_current(electrolyte: str) -> None:
    """Bisected to 0.5 %, so the middle is within 0.25 %, plus the mesh; 1 % asked.

    Of the quadratures 1e-5: properties bend where they are held, and the package's panels do not begin there.
    """
    parameters = peo_cell(electrolyte)
    found = limiting_current(parameters)
    assert float(found["expected_limiting_current_density"]) == pytest.approx(limiting_reference(parameters), rel=1e-5)
    assert float(found["deviation"]) == pytest.approx(0.0, abs=0.005)
    held = found["hold_time"].where(found["sustained"] == 1, drop=True)
    steady = SteadySymmetricCell(parameters, parameters["cell.temperature"])
    assert float(held.min()) >= steady.thickness**2 / steady.salt_diffusivity()


def test_constant_properties_have_the_textbook_limiting_current() -> None:
    """i_lim = 2 F D c0 / ((1 - t) L), which is the concentration at the plated face reaching zero."""
    parameters = constant_cell()
    c0, L = parameters["electrolyte.initial_concentration"], parameters["cell.separator.thickness"]
    steady = SteadySymmetricCell(parameters, parameters["cell.temperature"])
    assert steady.limiting_current_density() == pytest.approx(2 * FARADAY * 6e-12 * c0 / (0.8 * L), rel=1e-10)


def test_the_model_runs_in_a_plain_simulation() -> None:
    """PyBaMM's sign: a positive current needs a negative voltage here; both controls agree."""
    model = SymmetricCell()
    parameters = load_cell("li_peo_lfp")
    current = 10.0 * parameters["cell.area"]
    values = model.default_parameter_values
    values.update({"Current function [A]": current})
    solver = pybamm.IDAKLUSolver(rtol=1e-6, atol=1e-8)
    solution = pybamm.Simulation(model, parameter_values=values, solver=solver).solve([0, 300])
    built = build_symmetric(parameters, volumes=60)
    ours = built.solve(300.0, {"current": current})
    times = np.linspace(1.0, 300.0, 20)
    expected = built.read(ours, times, ("voltage",))["voltage"]
    np.testing.assert_allclose(solution["Voltage [V]"](times), expected, rtol=1e-5)


def test_thickness_and_temperature_do_not_build_the_model_again() -> None:
    """Every number is an input: the equations are the same object, and a polymer twice as thick has the same i L."""
    parameters = constant_cell()
    thicker = parameters.replace({"cell.separator.thickness": 2 * parameters["cell.separator.thickness"]})
    first, second = build_symmetric(parameters, volumes=12), build_symmetric(thicker, volumes=12)
    assert second.discretisation is first.discretisation
    assert second.x_weights.sum() == pytest.approx(2 * first.x_weights.sum(), rel=1e-12)
    limits = [float(limiting_current(cell, volumes=12)["limiting_current_density"]) for cell in (parameters, thicker)]
    assert limits[0] / limits[1] == pytest.approx(2.0, rel=0.01)  # both bisected to 0.5 %
