"""Balanced potentials solve the algebraic equations, leave the rest as it was, and close the energy."""

from __future__ import annotations

import numpy as np

from cellmodel.models import build_model
from cellmodel.parameters import load_cell


def test_balanced_potentials_close_charge_and_energy() -> None:
    """TiS2 reacts fast: within the integrator's tolerance on potentials 0.5 % of the energy of this discharge is lost.

    What is left is the mesh's: the same 1e-4 at most as at a tolerance of 1e-8.
    """
    cell = load_cell("li_peo_tis2_doyle1993")
    built = build_model(cell, mechanisms=("foil",))
    current, cut_off = 10.0 * cell["cell.area"], cell["cell.lower_voltage_cut_off"]
    solution = built.solve(144e3, {"current": current, "lower_voltage": cut_off})
    times = solution.times[:: solution.times.size // 15]
    balanced, functions = built.with_balanced_charge(solution, times), built.functions
    kept, start = solution.kept(times), functions.differential
    np.testing.assert_array_equal(balanced.states[:start], kept.states[:start])
    constants = functions.constants(functions.stacked(solution.inputs))
    residuals, missing = [], []
    for states in (kept, balanced):
        columns = zip(times, states.states.T, strict=True)
        residuals.append(max(float(np.abs(functions.balances(t, y, constants)).max()) for t, y in columns))
        names = ("open_circuit_power", "dissipated_power", "voltage", "current")
        released, dissipated, voltage, flowing = built.read(states, times, names).values()
        power = voltage * flowing
        missing.append(abs(np.trapezoid(released - dissipated - power, times) / np.trapezoid(power, times)))
    assert residuals[1] < residuals[0] / 100.0
    assert missing[0] > 1e-3
    assert missing[1] < 1e-4
