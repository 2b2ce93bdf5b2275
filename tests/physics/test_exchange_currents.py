"""Every exchange current against its source, written here again: its unit and all its factors of mass action.

A new material needs its line; what a file lacks of its source (a square root, a conversion) then shows.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pybamm
import pytest

from cellmodel.correlations import FARADAY, GAS_CONSTANT
from cellmodel.parameters import list_cells, list_materials, load_cell

Rate = Callable[[float, float, float, float], float]


def of_pybamm(name: str, salt: float) -> Rate:
    """Return the exchange current of the positive electrode that a set of PyBaMM carries [A.m-2]."""
    values = pybamm.ParameterValues(name)
    values["Initial concentration in electrolyte [mol.m-3]"] = salt
    function = values["Positive electrode exchange-current density [A.m-2]"]

    def rate(c: float, solid: float, most: float, T: float) -> float:
        return float(values.process_symbol(function(*map(pybamm.Scalar, (c, solid, most, T)))).evaluate())

    return rate


def doyle(c: float, solid: float, most: float, T: float) -> float:
    """Equation 30 of Doyle, Fuller and Newman 1993: k in m4.mol-1.s-1, four square roots."""
    return FARADAY * 1e-10 * np.sqrt((3920.0 - c) * c * (most - solid) * solid)


def dualfoil(rka3: float, faraday: float = 96487.0) -> Rate:
    """DUALFOIL 5.1: rka3 in m2.5.mol-0.5.s-1, three square roots."""
    return lambda c, solid, most, _T: faraday * rka3 * np.sqrt(c * (most - solid) * solid)


def nca(c: float, solid: float, most: float, T: float) -> float:
    """Rate constant of the DUALFOIL case D3 at 85 degC; its temperature dependence is assumed."""
    return dualfoil(2e-11, FARADAY)(c, solid, most, T) * np.exp(24e3 / GAS_CONSTANT * (1 / 358.15 - 1 / T))


SOURCES: dict[str, tuple[str, Rate]] = {
    "lfp": ("li_peo_lfp", of_pybamm("Prada2013", 1200.0)),
    "nmc811": ("li_polycarbonate_nmc811", of_pybamm("ORegan2022", 1000.0)),
    "tis2": ("li_peo_tis2_doyle1993", doyle),
    "nca": ("dualfoil_d3_peo_nca", nca),
    "lfp_dualfoil": ("dualfoil_d2_peo_lfp", dualfoil(1.5e-12)),
    "lini08co02o2": ("dualfoil_d4_pemo_nickel_cobalt", dualfoil(1e-11)),
}


def test_every_electrode_has_a_source_here() -> None:
    assert set(SOURCES) == set(list_materials("electrode"))


@pytest.mark.parametrize("name", SOURCES)
def test_a_cathode_has_the_exchange_current_of_its_source(name: str) -> None:
    home, source = SOURCES[name]
    cell = load_cell(home)
    own, most, T = cell.function("electrode.exchange_current_density"), cell["electrode.maximum_concentration"], 355.0
    for c, y in ((1000.0, 0.5), (300.0, 0.9), (2900.0, 0.3)):
        assert own(c, y * most, most, T) == pytest.approx(source(c, y * most, most, T), rel=2e-5)


LITHIUM: dict[str, Callable[[float], float]] = {
    "lithium_peo_licf3so3": lambda c: 12.6 * np.sqrt(c * (3920.0 - c) / (1000.0 * 2920.0)),
    "lithium_dualfoil": lambda c: 96487.0 * 2.9918552e-6 * np.sqrt(c),
    "lithium_dualfoil_pemo": lambda c: 96487.0 * 6.554826e-7 * np.sqrt(c),
}


@pytest.mark.parametrize("name", sorted(list_materials("interface")))
def test_lithium_has_the_exchange_current_of_its_source(name: str) -> None:
    """An interface that states a resistance has the current that gives its share of it, with the root of the salt."""
    home = next(cell for cell in list_cells("lithium_metal") if load_cell(cell).materials["interface"] == name)
    cell = load_cell(home)
    own, T = cell.function("interface.exchange_current_density"), cell["cell.temperature"]
    start = cell["electrolyte.initial_concentration"]
    if name not in LITHIUM:
        share = cell.function("interface.charge_transfer_fraction")(T) * cell.function("interface.areal_resistance")(T)
        at = cell["interface.exchange_current_density.reference_concentration"]
        LITHIUM[name] = lambda c: GAS_CONSTANT * T / (FARADAY * share) * np.sqrt(c / at)
    for c in (0.2 * start, start, 1.8 * start):
        assert own(c, T) == pytest.approx(LITHIUM[name](c), rel=1e-6)
