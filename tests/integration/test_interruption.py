"""Ctrl-C on the command line: it stops at once, keeps what is finished, and says how to go on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cellmodel.store import open_results

STUDY = """
description = "d"
cells = ["li_peo_lfp"]
protocol = "discharge"
model = "SPM"
c_rate = "C/2"
[grid]
"electrolyte.ionic_conductivity.scale" = [{}]
"""
RUNS = 400


def start(folder: Path, *options: str) -> subprocess.Popen:
    """Start the study in a process group of its own, as a terminal does."""
    command = [sys.executable, "-c", "from cellmodel.cli import app; app()", "run", "s.toml", "--no-plot", *options]
    return subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    )


def finished(folder: Path) -> int:
    store = folder / "results" / "s.zarr"
    return int((open_results(store)["status"].values == 1).sum()) if store.exists() else 0


def living(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def begun_study(folder: Path, workers: str) -> subprocess.Popen:
    """Start the study and wait until some of it is in the store."""
    values = ", ".join(f"{1.0 + number / RUNS:.6f}" for number in range(RUNS))
    (folder / "s.toml").write_text(STUDY.format(values))
    process = start(folder, "--workers", workers)
    deadline = time.monotonic() + 60.0
    while finished(folder) < 20 and time.monotonic() < deadline and process.poll() is None:
        time.sleep(0.1)
    return process


@pytest.mark.slow
@pytest.mark.parametrize("workers", ["1", "2"])
def test_ctrl_c_stops_within_two_seconds_and_says_how_to_resume(folder, workers):
    process = begun_study(folder, workers)
    begun = time.monotonic()
    os.killpg(process.pid, signal.SIGINT)
    output, _ = process.communicate(timeout=20)
    assert time.monotonic() - begun < 2.0
    assert process.returncode == 130, output
    assert "results/s.zarr; the same command goes on from there" in output
    assert "Traceback" not in output
    while time.monotonic() - begun < 5.0 and living(process.pid):
        time.sleep(0.05)
    assert not living(process.pid), "workers were left behind"
    kept = finished(folder)
    assert 20 <= kept < RUNS


@pytest.mark.slow
def test_a_killed_study_leaves_no_workers_behind(folder):
    process = begun_study(folder, "2")
    process.kill()
    process.communicate(timeout=20)
    killed = time.monotonic()
    while time.monotonic() - killed < 5.0 and living(process.pid):
        time.sleep(0.05)
    assert not living(process.pid)
