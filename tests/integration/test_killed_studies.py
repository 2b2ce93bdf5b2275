"""A real study killed with SIGKILL at random moments: the same command goes on, and the dataset is the same.

One process builds the model, then forks children that run the study and are killed; chunks are small and written
thirty times a second, so that many kills hit a write.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest
import xarray as xr

from cellmodel.store import layout, open_results, writing
from cellmodel.study import Study, parse_study, run_study

KILLS = 20
RATES = [0.05, 0.08, 0.1, 0.15, 0.2]
DOCUMENT = {
    "description": "killed",
    "cells": ["li_peo_lfp"],
    "protocol": "discharge",
    "temperature": "80 degC",
    "model": "SPM",
    "mesh": "fast",
}


def study(rates: list[float]) -> Study:
    """Return discharges at some C-rates and three transference numbers."""
    grid = {"c_rate": rates, "electrolyte.cation_transference_number": [0.1, 0.2, 0.3]}
    return parse_study({**DOCUMENT, "grid": grid}, "killed.toml")


def child(work: Callable[[], object]) -> int:
    """Start a child that does some work; return its process number."""
    pid = os.fork()
    if pid == 0:
        try:
            work()
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    return pid


def ends(pid: int) -> int:
    return os.waitpid(pid, 0)[1]


def kill_at_random(folder: Path) -> None:
    """Kill a study at moments spread over its duration; every other one begins with a store of fewer axis values."""
    layout.CHUNK_BYTES, layout.MOST_RUNS, writing.FLUSH_SECONDS = 4 * 200 * 8, 4, 0.03
    small, full = study(RATES[1::2]), study(RATES)
    run_study(full, results=None)  # builds the model that the children inherit
    start = time.monotonic()
    assert ends(child(lambda: run_study(full, folder / "whole"))) == 0
    duration = time.monotonic() - start
    assert ends(child(lambda: run_study(small, folder / "small"))) == 0
    generator, killed = random.Random(4), 0
    for number in range(KILLS):
        place = folder / str(number)
        if number % 2:
            shutil.copytree(folder / "small", place)
        pid = child(lambda: run_study(full, place))  # noqa: B023 (called at once)
        time.sleep(generator.uniform(0.0, 0.3 if number % 2 else 1.0) * duration)  # a new layout comes first
        os.kill(pid, signal.SIGKILL)
        killed += ends(pid) == signal.SIGKILL

        def compare() -> None:
            resumed = run_study(full, place).load()  # noqa: B023
            whole = open_results(folder / "whole" / "killed").load()
            del resumed.attrs["created"], whole.attrs["created"]
            xr.testing.assert_identical(resumed.drop_vars("solve_time"), whole.drop_vars("solve_time"))
            assert (whole["status"] != 0).all()

        assert ends(child(compare)) == 0, f"kill {number}"
        shutil.rmtree(place)
    (folder / "killed").write_text(str(killed))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_study_killed_at_random_moments_ends_with_the_same_dataset(tmp_path: Path) -> None:
    code = "import sys, pathlib, test_killed_studies as t; t.kill_at_random(pathlib.Path(sys.argv[1]))"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), *sys.path])}
    command = [sys.executable, "-W", "ignore", "-c", code, str(tmp_path)]
    ended = subprocess.run(command, env=environment, check=False, capture_output=True, text=True, timeout=300)
    assert ended.returncode == 0, ended.stderr
    assert int((tmp_path / "killed").read_text()) >= KILLS // 2  # the others had finished before
