"""What a store refuses, says and survives: a second writer, a full disk, a folder that is not its own, stale data."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from test_store import RATES, DatasetStore, new_store, one_run
from zarr.storage import _local

from cellmodel.errors import ResultsError
from cellmodel.store import STORE_VERSION, StudyLock, layout, locking, open_results, writing

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")


def stored(path: Path) -> Path:
    """Write a store with one run."""
    keeper = new_store(path)
    keeper.put((0, 0), one_run(1.0))
    keeper.flush()
    return path


_HOLDER = """
import os, sys, time
from pathlib import Path
from typing import Any
from cellmodel.store import StudyLock
lock = StudyLock(Path({path!r}))
if {forking}:
    if os.fork() == 0:
        os.write(1, b"held\\n")
        time.sleep(60)
        os._exit(0)
else:
    print("held", flush=True)
time.sleep(60)
"""


def hold(path: Path, forking: bool) -> Iterator[subprocess.Popen[str]]:
    """Give a process that holds the lock of a store; with `forking`, a child of it lives on when it is killed."""
    code = _HOLDER.format(path=str(path), forking=forking)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen([sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_a_second_process_is_told_who_holds_the_study_until_that_dies(tmp_path: Path) -> None:
    path = tmp_path / "study.zarr"
    for process in hold(path, forking=False):
        with pytest.raises(
            ResultsError, match=rf"lock: found .*process {process.pid} on .* since 20..-..-..T.*\+00:00"
        ):
            StudyLock(path)
        assert list(tmp_path.glob("*.zarr")) == []
        process.kill()
        process.wait()
        StudyLock(path).release()


@needs_fork
def test_a_child_that_outlives_the_holder_does_not_hold(tmp_path: Path) -> None:
    for process in hold(tmp_path / "study.zarr", forking=True):
        process.kill()
        process.wait()
        lock = StudyLock(tmp_path / "study.zarr")
        assert f"process {os.getpid()} on" in lock.file.read_text()
        lock.release()


def test_the_same_process_cannot_hold_a_study_twice(tmp_path: Path) -> None:
    lock = StudyLock(tmp_path / "study.zarr")
    with pytest.raises(ResultsError, match=f"process {os.getpid()}"):
        StudyLock(tmp_path / "study.zarr")
    lock.release()
    lock.release()
    StudyLock(tmp_path / "study.zarr").release()
    assert list(tmp_path.iterdir()) == []


def test_a_file_system_without_locks_only_warns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_lock: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(locking.FileLock, "acquire", refuse)
    with pytest.warns(UserWarning, match="its file system knows no locks"):
        StudyLock(tmp_path / "study.zarr").release()


@pytest.mark.parametrize("room", [0, 1, 8, 13])
@pytest.mark.parametrize("rates", [RATES, (0.1, 0.2, 0.5, 1.0)])
def test_a_full_disk_is_told_and_the_store_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, room: int, rates: tuple[float, ...]
) -> None:
    """`room` files can be written before the disk is full, in a chunk or in a new layout."""
    path, left, put = stored(tmp_path / "study.zarr"), [room], _local._put

    def full(file: Path, *given: Any, **named: Any) -> int:
        if left[0] == 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        left[0] -= 1
        return put(file, *given, **named)

    with monkeypatch.context() as patch:
        patch.setattr(_local, "_put", full)
        with pytest.raises(ResultsError, match=r"No space left on device, wanted .* the same command goes on"):
            write_second(path, rates)
    assert open_results(path).load()["status"].values.tolist() == [[1, 0, 0], [0, 0, 0]]
    assert list(path.rglob("*.partial")) == []
    assert list(tmp_path.iterdir()) == [path]
    write_second(path, rates)
    found = open_results(path).load()
    assert found["capacity"].sel(c_rate=[0.1, 0.5]).values[0].tolist() == [1.0, 2.0]
    assert found["voltage"].sel(c_rate=0.5).values[0].tolist() == [2, 3, 4, 5, 6]


def write_second(path: Path, rates: tuple[float, ...]) -> None:
    keeper = new_store(path, rates)
    keeper.adopt()
    keeper.put((0, rates.index(0.5)), one_run(2.0))
    keeper.flush()


@pytest.mark.skipif(not sys.platform.startswith("linux") or os.geteuid() != 0, reason="mounts a small disk")
def test_a_disk_that_is_really_full(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=400k", "none", disk], check=False).returncode:
        pytest.skip("cannot mount")
    try:
        path = stored(disk / "study.zarr")
        generator = np.random.default_rng(0)
        keeper = new_store(path)
        keeper.adopt()
        with pytest.raises(ResultsError, match="No space left on device"):  # noqa: PT012
            for index in np.ndindex(2, 3):
                run = one_run(1.0, samples=5000)
                run["voltage"] = run["voltage"] + generator.normal(size=5000)  # which no codec makes small
                keeper.put(index, run)
                keeper.flush()
        found = open_results(path).load()
        whole = found["status"].values == 1
        assert whole.any()
        assert not np.isnan(found["capacity"].values[whole]).any()
        again = new_store(path)
        again.adopt()
        assert (again.status == 1).tolist() == whole.tolist()
    finally:
        subprocess.run(["umount", disk], check=True)


def test_an_error_of_the_disk_is_not_written_over_at_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    lock = StudyLock(tmp_path / "study.zarr")
    keeper = new_store(tmp_path / "study.zarr", lock=lock)
    monkeypatch.setattr(_local, "_put", full)
    keeper.put((0, 0), one_run(1.0))
    with pytest.raises(ResultsError, match="No space left") as caught, keeper:
        keeper.flush()
    assert not isinstance(caught.value.__context__, ResultsError)
    StudyLock(tmp_path / "study.zarr").release()


def test_a_store_of_another_version_is_refused(tmp_path: Path) -> None:
    path = stored(tmp_path / "study.zarr")
    text = (path / "zarr.json").read_text()
    (path / "zarr.json").write_text(text.replace('"store_version":2', '"store_version":99'))
    with pytest.raises(ResultsError, match="store_version: found store version 99, wanted version 2: a newer"):
        open_results(path)


@pytest.mark.parametrize("content", ["", "{", "[]", "null", '{"attributes": {}}', '{"attributes": 3}'])
def test_unreadable_metadata_is_told(tmp_path: Path, content: str) -> None:
    path = stored(tmp_path / "study.zarr")
    (path / "zarr.json").write_text(content)
    with pytest.raises(ResultsError, match=r"study\.zarr: (results|store_version): found"):
        open_results(path)


def test_results_that_were_laid_out_anew_since_are_not_read(tmp_path: Path) -> None:
    path = stored(tmp_path / "study.zarr")
    opened = open_results(path)
    opened["capacity"].load()
    keeper = new_store(path, (0.05, *RATES))
    keeper.adopt()
    with pytest.raises(ResultsError, match="found another layout, wanted the results to be opened again"):
        opened["voltage"].load()
    assert float(opened["capacity"][0, 0]) == 1.0
    assert open_results(path)["voltage"].sel(c_rate=0.1).values[0].tolist() == [1, 2, 3, 4, 5]


def test_results_read_only_what_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layout, "CHUNK_BYTES", 5 * 8)
    path = stored(tmp_path / "study.zarr")
    for index in ((0, 1), (1, 2)):
        write_at(path, index)
    (path / "voltage" / "c.0.1.0").write_bytes(b"broken")
    opened = open_results(path)
    assert opened["voltage"][1, 2].values.tolist() == [6, 7, 8, 9, 10]
    with pytest.raises(ResultsError, match=r"voltage/c\.0\.1\.0: chunk: found a damaged file"):
        opened["voltage"][0, 1].load()


def write_at(path: Path, index: tuple[int, ...]) -> None:
    keeper = new_store(path)
    keeper.adopt()
    keeper.put(index, one_run(6.0))
    keeper.flush()


def test_results_open_chunk_by_chunk_with_dask(tmp_path: Path) -> None:
    pytest.importorskip("dask")
    path = stored(tmp_path / "study.zarr")
    opened = open_results(path, chunks={})
    assert opened["voltage"].chunks == ((2,), (3,), (5,))
    assert float(opened["voltage"].max()) == 5.0


def test_what_waits_is_written_before_it_takes_much_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "FLUSH_BYTES", 1000)
    keeper = new_store(tmp_path / "study.zarr")
    keeper.put((0, 0), one_run(1.0))
    keeper.flush(force=False)
    assert not (tmp_path / "study.zarr").exists()
    keeper.put((0, 1), one_run(1.0, samples=20))
    keeper.flush(force=False)
    assert int(open_results(tmp_path / "study.zarr")["status"].sum()) == 2


def test_a_block_is_put_like_its_runs(tmp_path: Path) -> None:
    runs = [one_run(float(number)) for number in range(4)]
    places = [(1, 2), (0, 0), (1, 0), (0, 2)]
    single, block = new_store(tmp_path / "single.zarr"), new_store(tmp_path / "block.zarr")
    for place, run in zip(places, runs, strict=True):
        single.put(place, run)
    stacked = {
        str(name): (variable.dims, variable.attrs, np.stack([run.variables[name].values for run in runs]))
        for name, variable in runs[0].variables.items()
    }
    block.put_block(places, stacked)
    assert block.result().load().identical(single.result().load())
    assert (block.status == single.status).all()
    assert (block.digests == single.digests).all()


def test_a_run_computed_again_keeps_nothing_of_the_first(tmp_path: Path) -> None:
    path = stored(tmp_path / "study.zarr")
    keeper = new_store(path)
    keeper.adopt()
    failed = one_run(9.0).drop_vars(["voltage", "time"])
    keeper.put((0, 0), failed.assign(status=failed["status"] + np.int8(2)))
    keeper.flush()
    found = open_results(path).load()
    assert np.isnan(found["voltage"].values).all()
    assert int(found["status"][0, 0]) == 3
    assert float(found["capacity"][0, 0]) == 9.0


@pytest.mark.parametrize("written", [True, False])
def test_a_study_of_one_run_has_no_swept_dimension(tmp_path: Path, written: bool) -> None:
    alone = DatasetStore(tmp_path / "b.zarr" if written else None, {}, {"store_version": STORE_VERSION})
    for value in (4.0, 5.0):
        alone.put((), one_run(value))
        found = alone.result().load()
        assert found["voltage"].values.tolist() == (value + np.arange(5.0)).tolist()
        assert found["x"].values.tolist() == [0.0, 0.5, 1.0]
        assert str(found["run_digest"].values) == f"digest {value}"
    assert alone.status.tolist() == 1


def test_given_numbers_are_coordinates_and_those_of_other_places_are_kept(tmp_path: Path) -> None:
    described = {"units": "m", "long_name": "drawn"}

    def store_of(draws: int, values: list[float]) -> DatasetStore:
        axes = {"draw": xr.Variable(("draw",), np.arange(draws), described)}
        known = {"thickness": xr.Variable(("draw",), np.array(values), described)}
        return DatasetStore(tmp_path / "study.zarr", axes, {"store_version": STORE_VERSION}, known=known)

    first = store_of(2, [1.0, 2.0])
    first.put((1,), one_run(4.0))
    first.flush()
    assert open_results(tmp_path / "study")["thickness"].values.tolist() == [1.0, 2.0]
    second = store_of(3, [np.nan, 2.0, 3.0])
    second.adopt()
    assert second.status.tolist() == [0, 1, 0]
    third = store_of(3, [np.nan, np.nan, 7.0])
    third.adopt()
    found = open_results(tmp_path / "study")
    assert found.coords["thickness"].values.tolist() == [1.0, 2.0, 7.0]
    assert found["thickness"].attrs == described
    assert found["voltage"].values[1].tolist() == [4, 5, 6, 7, 8]
