"""The rates of single states and fluxes of the model, evaluated without a solve and worked out by hand."""

from __future__ import annotations

from typing import Any

import pybamm
import pytest

from cellmodel.correlations import FARADAY
from cellmodel.models.electrolyte import TermwiseConductivity, face_gradient
from cellmodel.models.parameter_values import pybamm_values
from cellmodel.parameters import ParameterSet, load_cell

OPTIONS = pybamm.BatteryModelOptions({"working electrode": "positive"})
PARAM = pybamm.LithiumIonParameters(OPTIONS)
TEMPERATURE = 353.15


@pytest.fixture(scope="module")
def cell() -> ParameterSet:
    return load_cell("li_peo_lfp")


@pytest.fixture(scope="module")
def values(cell: ParameterSet) -> pybamm.ParameterValues:
    return pybamm.ParameterValues(pybamm_values(cell))


def number(symbol: Any, values: pybamm.ParameterValues) -> float:
    return float(values.process_symbol(symbol).evaluate())


def test_the_anions_stand_still_at_lithium(cell: ParameterSet, values: Any) -> None:
    """dc/dx = -(1 - t0) i / (F b D f), with b = 1 in a membrane of pure polymer."""
    c0, i = cell["electrolyte.initial_concentration"], 5.0

    def at_face(name: str, value: float) -> Any:
        return pybamm.PrimaryBroadcast(pybamm.Scalar(value), "separator")

    variables = {
        "Electrolyte concentration [mol.m-3]": at_face("c", c0),
        "Cell temperature [K]": at_face("T", TEMPERATURE),
        "Electrolyte transport efficiency": at_face("b", 1.0),
        "Current collector current density [A.m-2]": pybamm.Scalar(i),
    }
    found = number(face_gradient(variables, PARAM), values)
    diffusivity = float(cell.function("electrolyte.salt_diffusivity")(c0, TEMPERATURE))
    share = 1.0 - float(cell.function("electrolyte.cation_transference_number")(c0, TEMPERATURE))
    f = 1.0 / (1.0 - c0 * cell["electrolyte.salt_molar_volume"])
    assert found == pytest.approx(-share * i / (FARADAY * diffusivity * f), rel=1e-8)


@pytest.mark.parametrize(("salt", "left"), [(0.1, 0.723607), (0.01, 0.525), (100.0, 0.999999)])
def test_an_electrolyte_without_salt_conducts_nothing(
    cell: ParameterSet, values: Any, salt: float, left: float
) -> None:
    """With d = 0.1 and p = (c + sqrt(c^2 + 4 d^2)) / 2, kappa(p) is multiplied by p^2 / (p^2 + d^2).

    c = 0.1: p = 0.161803, 0.0261803 / 0.0361803; c = 0.01: p = 0.105125, 0.0110512 / 0.0210512 = 0.52497.
    """
    positive = 0.5 * (salt + (salt**2 + 0.04) ** 0.5)
    submodel = TermwiseConductivity(PARAM, OPTIONS)
    found, diffusion = submodel._coefficients(pybamm.Scalar(salt), pybamm.Scalar(TEMPERATURE), pybamm.Scalar(0.4))
    kappa = float(cell.function("electrolyte.ionic_conductivity")(positive, TEMPERATURE))
    assert number(found, values) == pytest.approx(0.4 * kappa * left, rel=1e-4)
    # chi R T / (F c) with chi = 2 (1 - t0) f (1 + d ln gamma / d ln m)
    share = 1.0 - float(cell.function("electrolyte.cation_transference_number")(positive, TEMPERATURE))
    f = 1.0 / (1.0 - positive * cell["electrolyte.salt_molar_volume"])
    chi = 2.0 * share * f * cell["electrolyte.thermodynamic_factor"]
    assert number(diffusion, values) / number(found, values) == pytest.approx(
        chi * 8.314462618 * TEMPERATURE / (96485.33212 * positive), rel=1e-6
    )
