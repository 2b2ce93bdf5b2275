"""The salt in the cell never changes: no side reaction consumes it, whatever the electrolyte's coefficients do.

The inventory is summed from the mesh's own weights, outside PyBaMM. The balance written for the anions telescopes, so
what remains is round-off: 1e-16 per operation, some 50 volumes, up to 1e4 steps. The bounds asked of the project
are 1e-5 (no depletion), 1e-4 (depletion) and 1e-4 (20 cycles with a transference number that changes sign); the
same runs on PyBaMM's own submodels show what those bounds are up against.
"""

from __future__ import annotations

import numpy as np
import pytest
from stock_pybamm import build_stock, discharge

from cellmodel.models import build_model
from cellmodel.models.build import BuiltModel
from cellmodel.parameters import ParameterSet, load_cell

ROUND_OFF = 1e-12
"""Largest relative change of the salt that round-off explains; seven orders below what is asked."""

DISCHARGES = [
    ("li_peo_lfp", 1 / 3, False),
    ("li_polycarbonate_nmc811", 1 / 10, False),
    ("li_peo_tis2_doyle1993", 1 / 10, False),
    ("li_peo_lfp", 3.0, True),
    ("li_polycarbonate_nmc811", 1 / 2, True),
]
"""Cell, C-rate, and whether the electrolyte depletes somewhere (below 5 % of its initial concentration)."""


def drift(built: BuiltModel, c_rate: float) -> tuple[float, float]:
    """Return the largest relative change of the salt during a discharge, and the lowest concentration in the cell."""
    solution = discharge(built, c_rate)
    times = solution.times
    salt = built.salt_inventory(solution, times)
    lowest = built.read(solution, times, ("electrolyte_concentration",))["electrolyte_concentration"].min()
    change = float(np.abs(salt / salt[0] - 1).max())
    print(f"{built.parameters.name} at {c_rate:.3g}C: salt changes by {change:.1e}, down to {lowest:.3g} mol.m-3")
    return change, float(lowest)


@pytest.mark.parametrize(("cell", "c_rate", "depletes"), DISCHARGES)
@pytest.mark.parametrize("rtol", [1e-4, 1e-6])
def test_salt_is_constant_to_round_off_at_every_tolerance(
    cell: str, c_rate: float, depletes: bool, rtol: float
) -> None:
    """The tolerance does not matter, hence nothing is left that could fall with it."""
    parameters = load_cell(cell)
    change, lowest = drift(build_model(parameters, rtol=rtol, atol=rtol / 100), c_rate)
    assert change < ROUND_OFF
    assert (lowest < 0.05 * parameters["electrolyte.initial_concentration"]) == depletes


@pytest.mark.parametrize("model", ["SPMe", "SPM"])
def test_reduced_models_conserve_salt_too(model: str) -> None:
    change, _ = drift(build_model(load_cell("li_peo_tis2_doyle1993"), model=model), 1 / 10)
    assert change < ROUND_OFF


@pytest.mark.parametrize(("c_rate", "asked"), [(1 / 3, 1e-5), (1.0, 1e-4)])
def test_pybamm_itself_misses_what_is_asked(c_rate: float, asked: float) -> None:
    """Its condition at the lithium and its flux use different edge values wherever D or t+ vary with concentration.

    With the set of Edman et al., whose properties vary most.
    """
    stock, _ = drift(build_stock(load_cell("li_peo_lfp", electrolyte=":edman")), c_rate)
    assert stock > asked


def sign_changing_cell() -> ParameterSet:
    """Return a cell whose transference number is positive in dilute and negative in concentrated electrolyte."""
    parameters = load_cell("li_peo_lfp", electrolyte="peo_litfsi:direct")
    transference = parameters.function("electrolyte.cation_transference_number")
    assert transference(300.0, 353.15) > 0 > transference(2500.0, 353.15)
    return parameters


def cycled_drift(built: BuiltModel, cycles: int) -> float:
    """Return the relative change of the salt after cycles of C/3 discharge and C/5 charge between the cut-offs."""
    parameters = built.parameters
    hour_current = parameters.areal_capacity * parameters["cell.area"]
    down = {"current": hour_current / 3, "lower_voltage": parameters["cell.lower_voltage_cut_off"]}
    up = {"current": -hour_current / 5, "upper_voltage": parameters["cell.upper_voltage_cut_off"]}
    state, salt = None, []
    for _ in range(cycles):
        for leg in (down, up):
            solution = built.solve(8 * 3600, leg, state)
            state = solution.end_state
            salt += [built.salt_inventory(solution, solution.times[[0, -1]])]
    amounts = np.concatenate(salt)
    change = float(np.abs(amounts / amounts[0] - 1).max())
    print(f"{cycles} cycles: salt changes by {change:.1e}")
    return change


@pytest.mark.parametrize("cycles", [3, pytest.param(20, marks=pytest.mark.slow)])
def test_cycling_with_a_sign_changing_transference_number_conserves_salt(cycles: int) -> None:
    """PyBaMM's own loses or gains more than 0.01 % per cycle, which looks like ageing."""
    parameters = sign_changing_cell()
    assert cycled_drift(build_model(parameters, mesh="fast"), cycles) < ROUND_OFF
    assert cycled_drift(build_stock(parameters, mesh="fast"), cycles) > 1e-4 * cycles
