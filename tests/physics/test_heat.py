"""Heat: it is conserved by construction, all losses are in it, and the local sources agree with it at second order."""

from __future__ import annotations

from itertools import pairwise
from typing import Any
from unittest import mock

import numpy as np
import pytest

from cellmodel.mechanisms.heat import areal_heat_capacity
from cellmodel.models import Mesh, build_model
from cellmodel.models.cells.half_cell import DFN, HalfCell
from cellmodel.models.variables import VARIABLES, Variable
from cellmodel.parameters import load_cell
from cellmodel.simulation import simulate

FLAGSHIPS = ("li_peo_lfp", "li_polycarbonate_nmc811")
ADIABATIC = {"cell.heat_transfer_coefficient": 0.0}


@pytest.mark.parametrize("cell", FLAGSHIPS)
def test_an_adiabatic_cell_warms_by_its_heat_and_a_cooled_one_by_less(cell):
    """The heat is summed from stored samples with the trapezoidal rule: 1e-3 of the rise is its error."""
    runs = [
        simulate(cell, c_rate="C/2", mesh="fast", mechanisms=("foil", "heat"), overrides=values)
        for values in (ADIABATIC, {"cell.heat_transfer_coefficient": 2.0})
    ]
    rise = [run["temperature"].values[-1] - run["temperature"].values[0] for run in runs]
    p = load_cell(cell)
    released = np.trapezoid(runs[0]["heat"].values, runs[0]["time"].values) / p["cell.area"]
    assert rise[0] == pytest.approx(released / areal_heat_capacity(p.scalars), rel=1e-3)
    assert rise[0] > 3.0
    assert 0.0 < rise[1] < 0.5 * rise[0]


def test_the_entropic_heat_has_the_sign_of_the_first_law():
    """A potential that falls with temperature gives heat on discharge and takes it on charge."""
    p = load_cell("li_peo_lfp").replace({"electrode.entropic_coefficient.value": -2e-4})
    held = p.replace({"cell.heat_transfer_coefficient": 1e5})
    for protocol, sign in (("discharge", 1.0), ("charge", -1.0)):
        run = simulate(held, protocol, c_rate="C/10", mesh="fast", mechanisms=("foil", "heat"))
        expected = run["current"].values * run["temperature"].values * 2e-4
        np.testing.assert_allclose(run["reversible_heat"].values, expected, rtol=1e-6)
        assert np.all(sign * run["reversible_heat"].values > 0.0)


def test_the_heat_of_the_interphase_is_in_the_total():
    """Twice the interphase, same current and temperature: I^2 dR / A more heat, each to the solver's 0.1 mV times I."""
    p = load_cell("li_peo_lfp").replace({"cell.heat_transfer_coefficient": 1e5})
    runs = [
        simulate(cell, c_rate="C/3", mesh="fast", mechanisms=("foil", "heat"))
        for cell in (p, p.replace({"interface.charge_transfer_fraction": 0.5}))
    ]
    times = np.linspace(1200.0, 3600.0, 10)  # on the plateau: straight lines between samples may be 1 mV off before it
    heat = [np.interp(times, run["time"].values, run["heat"].values) for run in runs]
    voltage = [np.interp(times, run["time"].values, run["voltage"].values) for run in runs]
    current = runs[0]["current"].values[0]
    # the same open-circuit power: whatever the split changes in the voltage is in the heat
    np.testing.assert_allclose(heat[0] - heat[1], current * (voltage[1] - voltage[0]), atol=2e-4 * current)


class LocalHeat(DFN):
    """Our DFN with PyBaMM's own local heat sources switched on."""

    def __init__(self, options: dict[str, Any] | None = None, build: bool = True) -> None:
        super().__init__({**(options or {}), "calculate heat source for isothermal models": "true"}, build=build)


COLLECTORS = {
    f"{side} current collector {name}": value
    for side in ("Negative", "Positive")
    for name, value in (
        ("conductivity [S.m-1]", 1e12),
        ("thickness [m]", 1e-9),
        ("density [kg.m-3]", 1.0),
        ("specific heat capacity [J.kg-1.K-1]", 1.0),
    )
} | {
    "Cell volume [m3]": 1.0,
    **{
        f"{layer} {name}": 1.0
        for layer in ("Negative electrode", "Separator", "Positive electrode")
        for name in ("density [kg.m-3]", "specific heat capacity [J.kg-1.K-1]")
    },
}
"""What PyBaMM's heat asks for besides: collectors without resistance, and numbers that drop out of a heat in W."""
LOCAL = {
    "local_heat": Variable("Total heating [W]", "cell"),
    "local_reversible": Variable("Reversible heating [W]", "cell"),
}


@pytest.mark.slow
def test_local_heat_converges_to_the_source_at_second_order():
    """Ours does; PyBaMM's sum of local sources plus the interphase that it leaves out comes at order 1 to 2.

    Measured at C/2: 0.21, 0.059, 0.015, 0.004 % for ours, 5.4, 1.7, 0.58, 0.22 % for PyBaMM's, which averages the
    ionic current from the edges to the nodes of each layer on its own and so loses the edge between the layers.
    The same limit is what matters: both agree with I (<U> - V), the source that closes on every mesh.
    """
    p = load_cell("li_polycarbonate_nmc811")
    original = HalfCell.values
    current = 0.5 * p.areal_capacity * p["cell.area"]
    differences = []
    with (
        mock.patch.dict(HalfCell.models, {"DFN": LocalHeat}),
        mock.patch.dict(VARIABLES, LOCAL),
        mock.patch.object(HalfCell, "values", lambda *arguments: original(*arguments) | COLLECTORS),
    ):
        for volumes in (10, 20, 40, 80):
            built = build_model(p, mesh=Mesh(volumes, volumes, 12, 1.0), rtol=1e-6, atol=1e-8)
            solution = built.solve(1800.0, {"current": current})
            names = ("open_circuit_power", "voltage", "dissipated_power", "interphase_overpotential", *LOCAL)
            U, V, ours, film, local, reversible = (
                value[0] for value in built.read(solution, np.array([1500.0]), names).values()
            )
            source = U - current * V
            differences.append([source - ours, source - (local - reversible + current * film), source])
    ours, pybamm, source = np.abs(np.array(differences)).T
    orders = [[np.log2(coarse / fine) for coarse, fine in pairwise(errors)] for errors in (ours, pybamm)]
    assert min(orders[0]) > 1.8, orders
    assert 1.0 < min(orders[1]) < 1.8, orders
    assert ours[-1] < 1e-4 * source[-1]
    assert pybamm[-1] < 3e-3 * source[-1]


def test_the_free_energy_in_the_salt_gradients_is_small_and_of_the_right_size():
    """Against its expansion for a small gradient, 2 R T A int eps (dc)^2 / (2 c_mean) dx, at 2 % of dc / c."""
    p = load_cell("li_peo_lfp").replace({"cell.heat_transfer_coefficient": 1e5})
    run = simulate(p, c_rate="C/50", mesh="fast", mechanisms=("foil", "heat"), profiles=True)
    c = run["electrolyte_concentration"].values[6].astype(float)
    cathode = run["x"].values > p["cell.separator.thickness"]
    fraction = np.where(cathode, p["cell.positive_electrode.electrolyte_volume_fraction"], 1.0)
    width = np.gradient(run["x"].values)
    mean = np.sum(fraction * c * width) / np.sum(fraction * width)
    expected = 8.314462618 * p["cell.temperature"] * p["cell.area"] * np.sum(fraction * (c - mean) ** 2 * width) / mean
    time = run["profile_time"].values[6]
    assert np.interp(time, run["time"].values, run["mixing_energy"].values) == pytest.approx(expected, rel=0.1)
    assert run["mixing_energy"].values.max() < 1e-4 * run["energy"].item() * 3600.0
