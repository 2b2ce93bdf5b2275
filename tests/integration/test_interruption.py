"""Ctrl-C, SIGTERM, SIGHUP and kills: a study stops at once, keeps what is finished, and says how to go on."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from cellmodel.store import open_results

STUDY = """
description = "d"
cells = ["li_peo_lfp"]
protocol = "discharge"
model = "SPM"
mesh = "fast"
c_rate = "C/2"
[grid]
"electrolyte.ionic_conductivity.scale" = [{}]
"""
RUNS = 1000
COMMAND = ("-c", "from cellmodel.cli import app; app()", "run", "s.toml", "--no-plot", "--workers")
SCRIPT = "import cellmodel; cellmodel.run_study('s.toml', workers={})"


def start(folder: Path, *arguments: str) -> subprocess.Popen:
    """Start Python in a process group of its own, as a terminal does, with a temporary directory of its own."""
    (folder / "tmp").mkdir(exist_ok=True)
    environment = {**os.environ, "TMPDIR": str(folder / "tmp")}
    return subprocess.Popen(
        [sys.executable, *arguments], cwd=folder, env=environment, text=True, start_new_session=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip


def ends_well(process: subprocess.Popen) -> bool:
    output, _ = process.communicate(timeout=120)
    assert process.returncode == 0, output
    return True


def finished(folder: Path) -> int:
    store = folder / "results" / "s.zarr"
    return int((open_results(store)["status"].values == 1).sum()) if store.exists() else 0


def living(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def comes(what: Callable[[], object], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not what() and time.monotonic() < deadline:
        time.sleep(0.05)
    return bool(what())


def write_study(folder: Path, runs: int = RUNS) -> None:
    values = ", ".join(f"{1.0 + number / runs:.6f}" for number in range(runs))
    (folder / "s.toml").write_text(STUDY.format(values))


def begun_study(folder: Path, *arguments: str) -> subprocess.Popen:
    """Start the study and wait until some of it is in the store."""
    write_study(folder)
    process = start(folder, *arguments)
    comes(lambda: finished(folder) >= 20 or process.poll() is not None, 90.0)
    return process


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "number", "to_all"),
    [
        ((*COMMAND, "1"), signal.SIGINT, True),
        ((*COMMAND, "2"), signal.SIGINT, True),
        ((*COMMAND, "1"), signal.SIGTERM, False),
        ((*COMMAND, "2"), signal.SIGHUP, True),  # as a terminal that is closed
        (("-c", SCRIPT.format(2)), signal.SIGTERM, False),
        (("-c", SCRIPT.format(1)), signal.SIGHUP, False),
    ],
)
def test_a_signal_stops_within_two_seconds_keeps_what_is_finished_and_says_how_to_resume(
    folder, arguments, number, to_all
):
    process = begun_study(folder, *arguments)
    begun = time.monotonic()
    os.killpg(process.pid, number) if to_all else process.send_signal(number)
    output, _ = process.communicate(timeout=20)
    assert time.monotonic() - begun < 2.0
    assert process.returncode == 128 + number, output
    assert output.count("results/s.zarr; the same c") == 1
    assert output.rstrip().endswith("goes on from there")
    assert "Traceback" not in output
    assert comes(lambda: not living(process.pid), 5.0), "workers were left behind"
    assert 20 <= finished(folder) < RUNS
    assert list((folder / "tmp").iterdir()) == []
    assert not (folder / "results" / ".s.lock").exists()


@pytest.mark.slow
def test_a_killed_study_leaves_no_workers_and_no_files_behind(folder):
    process = begun_study(folder, *COMMAND, "2")
    process.kill()
    process.communicate(timeout=20)
    assert comes(lambda: not living(process.pid), 5.0)
    assert list((folder / "tmp").iterdir()) == []


@pytest.mark.slow
def test_ctrl_c_at_any_moment_ends_with_one_line_and_a_store_that_goes_on(folder):
    """Seeded moments from the imports to the end of a short study, with two workers."""
    write_study(folder, 4)
    begun = time.monotonic()
    assert ends_well(start(folder, *COMMAND, "2", "--results", "whole"))
    duration, generator = time.monotonic() - begun, random.Random(5)
    for moment in [generator.uniform(0.1, 0.95) * duration for _ in range(5)]:
        process = start(folder, *COMMAND, "2")
        time.sleep(moment)
        os.killpg(process.pid, signal.SIGINT)
        output, _ = process.communicate(timeout=20)
        assert "Traceback" not in output, (moment, output)
        assert process.returncode == 130 or (process.returncode == 0 and finished(folder) == 4), (moment, output)
        assert comes(lambda: not living(process.pid), 5.0), moment  # noqa: B023 (called at once)
    assert ends_well(start(folder, *COMMAND, "2"))
    assert finished(folder) == 4


@pytest.mark.parametrize("place", ["script", "standard input"])
def test_a_pool_needs_no_guard_and_the_script_runs_once(folder, place):
    write_study(folder, 2)
    code = f"print('once')\n{SCRIPT.format(2)}\n"
    (folder / "script.py").write_text(code)
    argument = {"script": "script.py", "standard input": "-"}[place]
    ended = subprocess.run(
        [sys.executable, argument], cwd=folder, input=code, check=False, capture_output=True, text=True, timeout=120
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "once\n", "")
    assert finished(folder) == 2
