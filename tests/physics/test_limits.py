"""The cell model against closed forms: separator, single-ion conductor, scaling, interphase, overload.

The first tests are those of `cellmodel validate` (`cellmodel.assessment.checks`), which also give their tolerances.
"""

from __future__ import annotations

from typing import Any
from unittest import mock

import numpy as np
import pybamm
import pytest
from stock_pybamm import discharge

from cellmodel.assessment.checks import closed_forms
from cellmodel.errors import SolveError
from cellmodel.models import Mesh, build_model
from cellmodel.models.build import BuiltModel
from cellmodel.models.cells import contract, half_cell
from cellmodel.parameters import ParameterSet, load_cell


@pytest.mark.parametrize("transference", [-0.4, 0.2, 0.8])
def test_steady_separator_has_the_linear_profile_of_the_transport_equation(transference: float) -> None:
    """dc/dx = -(1 - t+) i / (F D), also with a negative transference number.

    At half discharge the profile is quasi-steady: the separator's diffusion time (20 um)^2 / D = 70 s against
    25 h in which the reaction moves through the electrode. 0.5 % is left for that motion.
    """
    assert closed_forms.slope_error(transference) < 5e-3


def test_steady_separator_has_the_potential_of_the_closed_form() -> None:
    """phi(x2) - phi(x1) = -i (x2 - x1) / kappa + 2 (1 - t+) chi R T / F ln(c2 / c1).

    The nodes' concentrations enter, so only the discretisation of the current's equation is tested: the harmonic
    mean of 1/c against its integral, h^2 / 12 of relative error per edge, below 1e-4 here.
    """
    assert closed_forms.potential_error(0.2) < 1e-3


def test_steady_profile_with_variable_properties() -> None:
    """Phi(c) is linear; the profile itself is not, so that a mean diffusivity would miss by far more."""
    error, x, phi, expected = closed_forms.variable_profile()
    assert error < 1e-2
    assert x.size == phi.size == expected.size == 40


def test_a_single_ion_conductor_has_no_salt_gradient_and_is_ohmic() -> None:
    """t+ = 1: the anions stand still, so c stays as it was and the separator's drop is i L / kappa."""
    salt, drop = closed_forms.single_ion_errors()
    assert salt < 1e-10
    assert drop < 1e-4


def test_concentration_at_lithium_rises_with_the_root_of_time() -> None:
    """2 J sqrt(t/(pi D)) while D t < 0.05 L^2; ten volumes across the layer at the first sample leave 0.5 %."""
    assert closed_forms.surface_rise()[0] < 5e-3


def test_salt_runs_out_at_sand_s_time() -> None:
    error, left = closed_forms.sand_error()
    assert error < 1e-2
    assert 0 < left < 0.02


def test_voltage_does_not_depend_on_the_area() -> None:
    """Same current density, a thousandfold area: the states are scaled, so the solver sees the same numbers."""
    parameters = load_cell("li_peo_lfp")
    voltages = []
    for area in (1e-4, 1e-1):
        built = build_model(parameters.replace({"cell.area": area}), mesh="fast", rtol=1e-6, atol=1e-8)
        solution = discharge(built, 1 / 3)
        times = np.linspace(0, 10_000.0, 200)
        voltages.append(built.read(solution, times, ("voltage",))["voltage"])
    np.testing.assert_allclose(voltages[0], voltages[1], rtol=0, atol=1e-6)


def test_the_interphase_is_a_series_resistance() -> None:
    """With PyBaMM's option off the voltage is higher by exactly i R(T)."""
    parameters = load_cell("li_peo_lfp")
    bare: dict[str, Any] = {"contact resistance": "false"}
    with mock.patch.dict(half_cell.HALF_CELL_OPTIONS, bare), mock.patch.object(contract, "EnergyBalance", NoBalance):
        without = build_model(parameters, mesh="fast", rtol=1e-6, atol=1e-8)
    built = build_model(parameters, mesh="fast", rtol=1e-6, atol=1e-8)
    current_density = parameters.areal_capacity / 3
    times = np.linspace(0, 9_000.0, 50)
    first, second = (m.read(discharge(m, 1 / 3), times, ("voltage",))["voltage"] for m in (without, built))
    resistance = parameters.function("interface.interphase_resistance")(parameters["cell.temperature"])
    np.testing.assert_allclose(first - second, current_density * float(resistance), rtol=0, atol=2e-5)


class NoBalance(pybamm.BaseSubModel):
    """Stands in for the energy balance, which needs the interphase's overpotential."""

    def __init__(self, param: Any, electrodes: Any, options: Any) -> None:  # noqa: ARG002
        super().__init__(param, options=options)


class ExtrapolatedConductivity(pybamm.electrolyte_conductivity.Full):
    """Ionic current term by term whose products are extrapolated to the lithium face: what must not be done."""

    def get_coupled_variables(self, variables: dict[str, Any]) -> dict[str, Any]:
        names = ("Electrolyte concentration [mol.m-3]", "Cell temperature [K]", "Electrolyte transport efficiency")
        concentration, temperature, efficiency = (variables[name] for name in names)
        conduction = self.param.kappa_e(concentration, temperature) * efficiency
        diffusion = conduction * self.param.chiRT_over_Fc(concentration, temperature)
        potential = variables["Electrolyte potential [V]"]
        current_density = diffusion * pybamm.grad(concentration) - conduction * pybamm.grad(potential)
        variables.update(self._get_standard_current_variables(current_density))
        variables.update(self._get_electrolyte_overpotentials(variables))
        return variables


def overloaded_cells(number: int) -> list[tuple[ParameterSet, float]]:
    """Return cells with random thickness, temperature and electrolyte, and a C-rate between 0.5 and 20."""
    random = np.random.default_rng(2)
    electrolytes = ("peo_litfsi", "peo_litfsi:edman", "peo_litfsi:direct")
    cells = []
    for _ in range(number):
        cell = ("li_peo_lfp", "li_peo_nmc")[random.integers(2)]
        parameters = load_cell(cell, electrolyte=electrolytes[random.integers(3)]).replace(
            {
                "cell.separator.thickness": 5e-6 * 40 ** random.random(),
                "cell.positive_electrode.thickness": 10e-6 * 20 ** random.random(),
                "cell.temperature": random.uniform(333.0, 363.0),
                "electrolyte.initial_concentration": random.uniform(500.0, 2000.0),
            }
        )
        cells.append((parameters, 0.5 * 40 ** random.random()))
    return cells


def climbs(built: BuiltModel, c_rate: float) -> bool:
    """Return whether a discharge reaches the upper cut-off, or cannot be solved."""
    try:
        upper = built.parameters["cell.upper_voltage_cut_off"] + 0.05
        return discharge(built, c_rate, upper_voltage=upper).termination == "event: upper voltage"
    except SolveError as error:
        return "beyond the limit from the start: lower voltage" not in str(error)


@pytest.mark.parametrize("number", [12, pytest.param(60, marks=pytest.mark.slow)])
def test_no_overloaded_discharge_climbs(number: int) -> None:
    """Each ends at the lower cut-off, at once where the current is far beyond what the cell can give."""
    climbing = []
    for parameters, c_rate in overloaded_cells(number):
        built = build_model(parameters, mesh=Mesh(10, 16, 6, 1.0))
        if climbs(built, c_rate):
            climbing.append((parameters.materials, parameters["cell.temperature"], c_rate))
    assert not climbing


def salt_without_limits() -> list[tuple[ParameterSet, float]]:
    """Return three overloaded cells whose salt takes no volume and dissolves without end, at a constant t+ of 0.2."""
    transference = "electrolyte.cation_transference_number"
    numbers = {f"{transference}.value": 0.2, f"{transference}.slope": 0.0, f"{transference}.curvature": 0.0}
    numbers |= {"electrolyte.salt_molar_volume": 1e-5, "electrolyte.solubility": 29e3}
    numbers |= {"electrolyte.ionic_conductivity.upper_concentration": 4000.0}
    columns = (
        "cell.separator.thickness",
        "cell.positive_electrode.thickness",
        "cell.temperature",
        "electrolyte.initial_concentration",
    )
    rows = (
        ("li_peo_nmc", 2.24, (130.6e-6, 76.6e-6, 358.5, 1467.0)),
        ("li_peo_lfp", 10.9, (5.8e-6, 81.9e-6, 346.7, 1847.0)),
        ("li_peo_lfp", 15.9, (26.4e-6, 43.2e-6, 351.6, 1256.0)),
    )
    cells = []
    for name, c_rate, row in rows:
        own = numbers | dict(zip(columns, row, strict=True))
        cells.append((load_cell(name, electrolyte="peo_litfsi:edman").replace(own), c_rate))
    return cells


def test_extrapolated_products_do_climb() -> None:
    """With every product extrapolated to the lithium face the trap is real, with ours it is none.

    It takes a conductivity that falls tenfold between two volumes at the face. The shipped sets of PEO-LiTFSI no longer
    get there: with the salt's volume 1 - t falls where the salt is concentrated, and its solubility ends the run.
    """
    for parameters, c_rate in salt_without_limits():
        with mock.patch.object(half_cell, "TermwiseConductivity", ExtrapolatedConductivity):
            trapped = build_model(parameters, mesh=Mesh(10, 16, 6, 1.0))
        assert climbs(trapped, c_rate)
        assert not climbs(build_model(parameters, mesh=Mesh(10, 16, 6, 1.0)), c_rate)
