"""Time of a design optimum, asked for in 10 s on two cores, and of its gradients by differences and sensitivities."""

from __future__ import annotations

from time import perf_counter

import numpy as np
import pybamm
import pytest

from cellmodel.design import optimise_design
from cellmodel.design.evaluating import INPUTS
from cellmodel.models.build import build_model, discretised_equations
from cellmodel.models.meshes import find_mesh
from cellmodel.parameters import load_cell
from cellmodel.simulation import RunOptions, clear_models, prepare_run, solve_run
from cellmodel.stepping import step_controls

CELLS = [("li_peo_lfp", 353.15), ("li_polycarbonate_nmc811", 303.15)]
ASKED = 10.0  # s
CHANGED = (*INPUTS, "current", "nominal_capacity")
"""What a design changes in the model; rate and capacity follow from its geometry."""


@pytest.mark.benchmark
@pytest.mark.parametrize(("cell", "temperature"), CELLS)
@pytest.mark.parametrize("c_rate", [1 / 20, 1 / 3, 2.0])
def test_an_optimum_of_four_parameters(cell, temperature, c_rate, benchmark):
    def run():
        clear_models()
        return optimise_design(cell, c_rate=c_rate, temperature=temperature).dataset

    start = perf_counter()
    dataset = benchmark.pedantic(run, rounds=1, iterations=1)
    time, discharges = perf_counter() - start, int(dataset["discharges"])
    benchmark.extra_info["discharges"] = discharges
    print(f"\n{cell}, {c_rate:g}C: {time:.1f} s of {ASKED:g} s, model built anew, {discharges} discharges, one core")


@pytest.mark.benchmark
@pytest.mark.parametrize(("cell", "temperature"), CELLS)
def test_differences_against_sensitivities(cell, temperature, benchmark):
    parameters = load_cell(cell)
    run = prepare_run(parameters, options=RunOptions(c_rate=1 / 3, temperature=temperature, mesh="fast", mechanisms=()))
    solve_run(run)
    start = perf_counter()
    for _ in range(6):  # central differences in three variables; the fourth, lithium, is mass only
        solve_run(run)
    differences = perf_counter() - start
    built = build_model(parameters, mesh="fast", mechanisms=())
    step = run.protocol.steps[0]
    controls = step_controls(step, parameters, temperature)
    inputs = built.model_inputs(controls)
    solver = pybamm.IDAKLUSolver(run.options.rtol, run.options.atol)
    equations, _ = discretised_equations(parameters, "DFN", find_mesh("fast"), parameters.model_inputs)

    def with_sensitivities():
        interval = np.array([0.0, step.duration])
        return solver.solve(equations, interval, inputs=dict(inputs), calculate_sensitivities=list(CHANGED))

    with_sensitivities()
    start = perf_counter()
    solution = benchmark.pedantic(with_sensitivities, rounds=1, iterations=1)
    sensitivities = perf_counter() - start
    benchmark.extra_info["sensitivities over differences"] = sensitivities / differences
    print(
        f"\n{cell}: one gradient of the energy, 6 discharges {differences:.2f} s, one discharge with sensitivities to "
        f"{len(CHANGED)} inputs {sensitivities:.2f} s ({sensitivities / differences:.1f} x), ended by "
        f"{solution.termination}"
    )
