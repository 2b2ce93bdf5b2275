from __future__ import annotations

import numpy as np
import pytest
from random_cells import random_runs

from cellmodel import run_study, simulate
from cellmodel.dataset import END_CAUSE, STATUS
from cellmodel.protocols import load_protocol
from cellmodel.study import Axis, Case, Study

CELLS, RATES, SEED = 20, 3, 20261
"""Sixty runs are what half a minute affords; 500 cells of the same seed, each with a rate of its own, were run once."""


@pytest.mark.slow
def test_a_study_of_random_cells_ends_every_run_with_a_cause():
    drawn = random_runs(CELLS, SEED)
    cases = tuple(Case(f"cell {number}", cell) for number, (cell, _) in enumerate(drawn))
    rates = tuple(sorted(rate for _, rate in drawn))[:: CELLS // RATES][:RATES]
    study = Study(
        "random_cells",
        "Random cells with constant properties",
        "random_cells.toml",
        cases,
        "case",
        load_protocol("discharge"),
        (Axis("c_rate", "c_rate", "1", "C-rate", rates),),
        mesh="fast",
    )
    results = run_study(study, results=None)
    status, cause = results["status"].values, results["end_cause"].values
    assert status.shape == (CELLS, RATES)
    assert np.all(status != STATUS["not_run"]), "every run has its place"
    assert np.all(cause != END_CAUSE["not_run"])
    assert np.count_nonzero(cause == END_CAUSE["solver_failure"]) <= 0.01 * status.size
    assert not np.any(cause == END_CAUSE["above_the_cut_off_at_the_first_instant"])
    discharges = np.isfinite(results["capacity"].values)
    instant = cause == END_CAUSE["below_the_cut_off_at_the_first_instant"]
    np.testing.assert_array_equal(discharges, ~instant)
    lower = np.array([case.parameters["cell.lower_voltage_cut_off"] for case in cases])[:, None]
    last = results["voltage"].values[..., -1]
    assert np.nanmax(np.abs(last - lower)) < 1e-3, "every discharge ends at its lower cut-off, none at the upper"
    assert np.nanmax(results["voltage_closure_error"]) < 1e-6
    assert np.nanmin(results["minimum_salt_concentration"]) > -5.0
    alone = simulate(cases[3].parameters, c_rate=rates[1], mesh="fast")
    assert float(alone["capacity"]) == pytest.approx(float(results["capacity"][3, 1]), rel=1e-9)
