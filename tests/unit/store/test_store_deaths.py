"""A writer that dies at any of its file operations: the store opens, runs with a status are whole, and it goes on.

A fresh process without threads forks a child for each operation; the child kills itself there.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from test_store import RATES, DatasetStore, new_store, one_run
from zarr.storage import _local

from cellmodel.store import folders, open_results

MOMENTS = 6  # beside all renames, of some hundred operations of a scene
MORE_RATES = (0.1, 0.2, 0.5, 1.0)


def fill(path: Path, rates: tuple[float, ...], version: float) -> DatasetStore:
    """Put all runs that the store does not hold, as a study does that is started or goes on; flush after each."""
    folders.recover(path)
    keeper = new_store(path, rates)
    if path.exists():
        keeper.adopt()
    for index in np.ndindex(*keeper.status.shape):
        value = version + 10.0 * index[0] + rates[index[1]]
        if keeper.status[index] != 1 or keeper.digests[index] != f"digest {value}":
            keeper.put(index, one_run(value, samples=3 + index[0]))  # the second row makes room for a sample
            keeper.flush()
    return keeper


def nothing(path: Path) -> None:
    """Leave the folder empty."""


def half_done(path: Path) -> None:
    keeper = new_store(path)
    keeper.put((0, 0), one_run(0.1, samples=3))
    keeper.flush()


def done(path: Path) -> None:
    fill(path, RATES, 0.0)


# What is there before, and what is then done until a death: the axis values and a version that changes the digests.
SCENES: dict[str, tuple[Callable[[Path], None], tuple[float, ...], float]] = {
    "first layout": (nothing, RATES[:1], 0.0),
    "further runs": (half_done, RATES, 0.0),
    "more axis values": (done, MORE_RATES, 0.0),
    "runs computed again": (done, RATES[:2] + RATES[2:], 100.0),
}


def check_whole(path: Path) -> None:
    """Raise if a run that has a status lacks any of its values."""
    if not path.exists() and not folders.sibling(path, "old").exists():
        return
    found = open_results(path).load()
    for index in zip(*np.nonzero(found["status"].values == 1), strict=True):
        run = found[dict(zip(found["status"].dims, index, strict=True))]
        value = float(str(run["run_digest"].values).removeprefix("digest "))
        assert float(run["capacity"]) == value
        for name in ("time", "voltage", "temperature"):
            kept = run[name].values[~np.isnan(run[name].values)]
            assert kept.tolist() == (value + np.arange(3 + index[0])).tolist(), name
        assert run["electrolyte_concentration"].values.tolist() == [np.float32(value)] * 3


class Operations:
    """Stands in for the file operations of a store: writes down their names, and dies before one of them."""

    def __init__(self, last: int | None = None) -> None:
        self.names: list[str] = []
        self.last = last
        for name in ("rename", "replace", "unlink", "mkdir"):  # zarr's as well: its files come by `replace`
            setattr(Path, name, self.watch(getattr(Path, name)))
        _local._put = self.watch(_local._put)
        folders.shutil.rmtree = self.watch(shutil.rmtree)  # type: ignore[assignment]

    def watch(self, operation: Callable[..., Any]) -> Callable[..., Any]:
        def watched(*arguments: Any, **named: Any) -> Any:
            if len(self.names) == self.last:
                os.kill(os.getpid(), signal.SIGKILL)
            self.names.append(operation.__name__)
            return operation(*arguments, **named)

        return watched


def child(work: Callable[[], None]) -> int:
    """Return how a child that does some work ends."""
    pid = os.fork()
    if pid == 0:
        try:
            work()
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    return os.waitpid(pid, 0)[1]


def deaths(scene: str, folder: Path) -> None:
    """Let a writer die at every rename and at some of its other operations, and see it through to the end."""
    before, rates, version = SCENES[scene]
    start, whole, names = folder / "start.zarr", folder / "whole.zarr", folder / "names"
    fill(folder / "warm.zarr", RATES[:1], 0.0).result().load()  # imports once what every child would

    def reference() -> None:
        before(start)
        before(whole)
        operations = Operations()
        fill(whole, rates, version)
        names.write_text("\n".join(operations.names))

    assert child(reference) == 0
    done = names.read_text().splitlines()
    moments = {number for number, name in enumerate(done) if name in ("rename", "rmtree")}
    moments |= set(np.random.default_rng(3).choice(len(done), size=MOMENTS, replace=False).tolist())
    for number in sorted(moments):
        path = folder / f"{number}" / "study.zarr"
        path.parent.mkdir()
        if start.exists():
            shutil.copytree(start, path)

        def die() -> None:
            Operations(number)  # noqa: B023 (called at once, as below)
            fill(path, rates, version)  # noqa: B023

        def resume() -> None:
            check_whole(path)  # noqa: B023
            result = fill(path, rates, version).result()  # noqa: B023
            xr.testing.assert_identical(result.load(), open_results(whole).load())

        assert child(die) == signal.SIGKILL
        assert child(resume) == 0, f"{scene}: died at operation {number} of {len(done)}, {done[number]}"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.parametrize("scene", SCENES)
def test_a_writer_may_die_at_any_file_operation(tmp_path: Path, scene: str) -> None:
    code = "import sys, pathlib, test_store_deaths as t; t.deaths(sys.argv[1], pathlib.Path(sys.argv[2]))"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), *sys.path])}
    command = [sys.executable, "-c", code, scene, str(tmp_path)]
    ended = subprocess.run(command, env=environment, check=False, capture_output=True, text=True, timeout=120)
    assert ended.returncode == 0, ended.stderr
