"""What a warm `simulate` adds to the time inside the solver: dataset, end cause and closure errors included."""

from __future__ import annotations

from time import perf_counter

import numpy as np
import pytest

from cellmodel.models.build import BuiltModel
from cellmodel.simulation import simulate


@pytest.mark.benchmark
@pytest.mark.parametrize(("cell", "temperature"), [("li_peo_lfp", "80 degC"), ("li_polycarbonate_nmc811", "30 degC")])
def test_overhead_of_a_warm_discharge(cell, temperature, benchmark, monkeypatch):
    inside: list[float] = []
    original = BuiltModel.solve

    def timed(self, *arguments):
        solution = original(self, *arguments)
        inside.append(solution.integration_time)
        return solution

    monkeypatch.setattr(BuiltModel, "solve", timed)

    def run() -> float:
        start = perf_counter()
        simulate(cell, c_rate="C/3", temperature=temperature)
        return perf_counter() - start

    run()
    total = [run() for _ in range(5)]
    benchmark.pedantic(run, rounds=3, iterations=1)
    ratio = float(np.median(np.array(total) / np.array(inside[1:6])))
    benchmark.extra_info["ratio to SUNDIALS"] = ratio
    print(f"\n{cell}: warm simulate {1e3 * np.median(total):.0f} ms, {ratio:.2f} x SUNDIALS")
