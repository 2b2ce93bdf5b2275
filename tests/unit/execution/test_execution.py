"""Handing runs to executors: batches, blocks, limits, workers that die, addresses without a scheduler."""

from __future__ import annotations

import gc
import math
import multiprocessing
import os
import pickle
import platform
import signal
import socket
import sys
import time
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cellmodel import simulation
from cellmodel.dataset import STATUS, versions
from cellmodel.errors import ExecutionError
from cellmodel.execution import batches, choosing, make_executor, map_points, pool, solve_runs, worker_process
from cellmodel.execution.batches import Batch, check_versions, stack, unsolved_run
from cellmodel.execution.dispatching import BATCH_SECONDS
from cellmodel.execution.pool import Pool
from cellmodel.execution.workers import ThisProcess, Workers, available_cores
from cellmodel.parameters import load_cell
from cellmodel.protocols import Protocol
from cellmodel.simulation import PreparedRun, RunOptions, prepare_run

SCALE = "electrolyte.ionic_conductivity.scale"


def prepared(count: int, protocol: str = "discharge", **changes) -> list[PreparedRun]:
    """Return quick runs, of the single-particle model, that share everything but one number."""
    cell = load_cell("li_peo_lfp")
    options = {"c_rate": "C/2", "model": "SPM", "mesh": "fast", **changes}
    return [
        prepare_run(cell, protocol, RunOptions(overrides={SCALE: 1.0 + 0.01 * number}, **options))
        for number in range(count)
    ]


def collect(runs, workers, time_limit=None) -> dict[int, dict]:
    """Return every variable of every run by its position, and check that each came once."""
    found = {}
    with workers:
        for positions, block in solve_runs(runs, workers, time_limit):
            for row, position in enumerate(positions):
                assert position not in found
                found[position] = {name: values[row] for name, (_, _, values) in block.items()}
    assert sorted(found) == list(range(len(runs)))
    return found


class Deadly(Protocol):
    """A protocol that kills the worker process that begins it, as often as its description says."""

    def __getattribute__(self, name: str):
        if name == "cycles" and multiprocessing.parent_process() is not None:
            marks, times = object.__getattribute__(self, "description").split("|")
            met = len(list(Path(marks).iterdir()))
            if met < int(times):
                (Path(marks) / str(met)).touch()
                os.kill(os.getpid(), signal.SIGKILL)
        return object.__getattribute__(self, name)


class Endless(Protocol):
    """A protocol whose run never ends and never looks at the clock."""

    def __getattribute__(self, name: str):
        while name == "cycles" and multiprocessing.parent_process() is not None:
            pass
        return object.__getattribute__(self, name)


def spoilt(run: PreparedRun, kind: type[Protocol], description: str = "") -> PreparedRun:
    values = {**vars(run.protocol), "description": description or run.protocol.description}
    return replace(run, protocol=kind(**values))


def test_a_worker_that_dies_once_costs_a_retry_and_one_that_dies_twice_its_run(tmp_path):
    once, twice = tmp_path / "once", tmp_path / "twice"
    once.mkdir(), twice.mkdir()
    runs = prepared(8)
    runs[2] = spoilt(runs[2], Deadly, f"{once}|1")
    runs[5] = spoilt(runs[5], Deadly, f"{twice}|9")
    found = collect(runs, Pool(1))
    assert [int(found[number]["status"]) for number in range(8)] == [1, 1, 1, 1, 1, STATUS["failed"], 1, 1]
    assert found[5]["message"].startswith("its worker process died by signal 9, for the second time")
    assert (len(list(once.iterdir())), len(list(twice.iterdir()))) == (1, 2)
    assert found[5]["run_digest"] == runs[5].digest


def test_a_solve_that_never_returns_is_a_timeout_and_the_others_go_on():
    runs = prepared(4)
    runs[1] = spoilt(runs[1], Endless)
    start = time.monotonic()
    found = collect(runs, Pool(1), time_limit=0.5)
    assert [int(found[number]["status"]) for number in range(4)] == [1, STATUS["timeout"], 1, 1]
    assert "longer than the 0.5 s it may take" in found[1]["message"]
    assert time.monotonic() - start < 60.0


def test_workers_killed_from_outside_cost_nothing_and_leave_nothing_behind(capfd):
    runs, crew = prepared(12), Pool(2)
    found, killed = {}, 0
    with crew:
        for positions, _ in solve_runs(runs, crew):
            found.update(dict.fromkeys(positions))
            if not killed:
                killed = crew._processes.context.made[0].pid
                os.kill(killed, signal.SIGKILL)
    assert killed
    assert sorted(found) == list(range(12))
    assert multiprocessing.active_children() == []


def test_leaving_the_loop_ends_the_workers_at_once():
    runs, crew = [spoilt(run, Endless) for run in prepared(3)], Pool(1)
    loop = solve_runs(runs, crew)
    while crew._processes.context.made[0].current_run.value < 0:
        assert next(loop) == ([], {})
    start = time.monotonic()
    crew.close(now=True)
    assert time.monotonic() - start < 1.0
    assert multiprocessing.active_children() == []


def test_steps_after_the_limit_do_not_begin(monkeypatch):
    monkeypatch.setattr("cellmodel.stepping.perf_counter", iter(range(1000)).__next__)
    (run,) = prepared(1, protocol="cccv_cycle")
    found = collect([run], ThisProcess(), time_limit=2.5)[0]
    assert int(found["status"]) == STATUS["timeout"]
    assert "step 2: not begun, the run had taken" in found["message"]
    first, second = found["voltage"].reshape(-1, found["voltage"].shape[-1])[:2]
    assert np.isfinite(first).all()
    assert np.isnan(second).all()


class Scripted(Workers):
    """Runs batches here; some futures are broken or late, as told."""

    def __init__(self, slots: int, errors: dict[int, BaseException] | None = None) -> None:
        super().__init__(None)
        self.size, self.errors, self.sizes, self.restarted, self.closed = slots, errors or {}, [], 0, []

    @property
    def slots(self) -> int:
        return self.size

    def submit(self, batch: Batch) -> Future:
        self.sizes.append(len(batch.items))
        future = Future()
        error = self.errors.pop(len(self.sizes), None)
        if error is None:
            future.set_result(batches.solve_batch(batch))
        else:
            future.set_exception(error)
        return future

    def restart(self):
        self.restarted += 1
        return []

    def close(self, *, now: bool) -> None:
        self.closed.append(now)


@pytest.fixture
def quick(monkeypatch) -> Iterator[None]:
    """Let every run take a hundredth of a batch, and solve nothing."""
    clock = iter(np.arange(1e6) * BATCH_SECONDS / 100).__next__
    monkeypatch.setattr(batches, "perf_counter", clock)
    monkeypatch.setattr(batches, "_solve", lambda _position, run, _limit: unsolved_run(run.digest, "quick"))
    return


def test_batches_grow_to_their_time_and_shrink_at_the_end(quick):
    crew = Scripted(2)
    collect(prepared(1) * 1000, crew)
    assert crew.sizes[:4] == [1, 1, 1, 1]
    assert max(crew.sizes) == 100
    assert crew.sizes[-1] == 1
    assert sum(crew.sizes) == 1000
    assert crew.closed == [False]


def test_what_a_broken_executor_lost_goes_out_again(quick):
    crew = Scripted(2, {2: BrokenExecutor(), 6: BrokenExecutor()})
    collect(prepared(1) * 50, crew)
    assert crew.restarted == 2


def test_workers_that_die_before_they_begin_are_an_error(quick):
    crew = Scripted(1, {number: BrokenExecutor() for number in range(1, 99)})
    with pytest.raises(ExecutionError, match="died 3 times running"):
        collect(prepared(1) * 9, crew)
    assert crew.closed == [True]


class KilledWorker(Exception):  # noqa: N818
    """Named as Dask's: the scheduler gives a task up after several workers died with it."""


def test_a_task_that_dask_gives_up_is_tried_alone_and_then_fails(quick):
    always = Scripted(1, {1: KilledWorker(), 3: KilledWorker()})  # 2 is the second batch, in flight with the first
    found = collect(prepared(1) * 6, always)
    assert found[0]["message"].startswith("its worker process died, for the second time")
    assert [found[number]["message"] for number in range(1, 6)] == ["quick"] * 5
    once = collect(prepared(1) * 6, Scripted(1, {1: KilledWorker()}))
    assert [once[number]["message"] for number in range(6)] == ["quick"] * 6


def test_an_executor_of_the_caller_serves_and_stays_open(quick):
    with ThreadPoolExecutor(2) as threads:
        collect(prepared(1) * 30, make_executor(threads))
        assert threads.submit(int, "7").result() == 7
        threads._broken = "broken by the test"
        with pytest.raises(ExecutionError, match="an executor whose worker died"):
            collect(prepared(1), make_executor(threads))


class Odd(Executor):
    """An executor of a caller that does something else than it is told."""

    def __init__(self, answer) -> None:
        self.answer = answer

    def submit(self, _fn, /, *args):
        return self.answer(*args)


def _given(value) -> Future:
    future = Future()
    future.set_exception(value) if isinstance(value, BaseException) else future.set_result(value)
    return future


def _refusing(*_):
    raise RuntimeError("cannot schedule new futures after shutdown")


def _cancelled(*_) -> Future:
    future = Future()
    future.cancel()
    return future


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (_refusing, "refused a batch: RuntimeError: cannot schedule"),
        (lambda *_: 7, "whose submit gave 7"),
        (lambda *_: None, "whose submit gave None"),
        (lambda *_: _given("garbage"), "gave 'garbage' for a batch"),
        (lambda *_: _given(batches.Delivery([], [])), "for a batch of runs"),
        (lambda *_: _given(pickle.PicklingError("no")), "failed at a batch: PicklingError: no"),
        (_cancelled, "whose worker died, or that was shut down"),
    ],
)
def test_an_executor_that_does_not_do_its_work_is_one_error(quick, answer, said):
    with pytest.raises(ExecutionError, match=said) as caught:
        collect(prepared(1) * 3, make_executor(Odd(answer)))
    assert len(caught.value.problems) == 1


def test_what_came_back_with_the_death_of_an_executor_is_kept(quick):
    answers = iter([batches.solve_batch, batches.solve_batch, lambda _: BrokenExecutor()])
    crew = make_executor(Odd(lambda batch: _given(next(answers)(batch))))
    loop = solve_runs(prepared(1) * 3, crew)
    assert sorted(next(loop)[0] + next(loop)[0]) == [0, 1]
    with pytest.raises(ExecutionError, match="whose worker died"):
        next(loop)


def test_threads_of_the_caller_give_the_bits_of_this_process():
    runs = prepared(4)
    here = collect(runs, ThisProcess())
    with ThreadPoolExecutor(4) as threads:
        there = collect(runs, make_executor(threads))
    assert all(here[one]["voltage"].tobytes() == there[one]["voltage"].tobytes() for one in here)


def test_an_error_of_the_machinery_is_raised(quick):
    with pytest.raises(ExecutionError, match="failed at a batch: ZeroDivisionError"):
        collect(prepared(1), Scripted(1, {1: ZeroDivisionError()}))


class Immediate(Executor):
    """Stands in for processes: does at once what it is given."""

    def submit(self, function, /, *args):
        return _given(function(*args))


def test_a_pool_takes_over_when_it_pays(quick, monkeypatch):
    made = []
    monkeypatch.setattr(choosing, "available_cores", lambda: 2)
    monkeypatch.setattr(pool, "Processes", lambda size, _: made.append(size) or Immediate())
    few, many = 10, int(100 * pool.POOL_PAYS / BATCH_SECONDS) + 10
    collect(prepared(1) * few, make_executor("auto"))
    assert made == []
    collect(prepared(1) * many, make_executor("auto"))
    assert made == [2]
    collect(prepared(1) * many, make_executor(1))
    assert made == [2]


def test_batches_are_small_and_say_everything():
    runs = prepared(20)
    batch = Batch(tuple(range(20)), tuple(runs), None, {})
    size = len(pickle.dumps(batch)) / 20
    assert size < 5000  # less than a third of what comes back: 50 MB for ten thousand runs
    again = pickle.loads(pickle.dumps(batch))
    assert [run.parameters.digest for run in again.items] == [run.parameters.digest for run in runs]
    assert all(run.parameters.sets for run in runs)
    assert not any(run.parameters.sets for run in again.items)


def test_runs_of_different_kinds_come_as_different_blocks():
    first, second = prepared(1)[0], prepared(1, model="SPMe")[0]
    variables = [batches._solve(0, run, None) for run in (first, second)]
    numbered = [(3, variables[0]), (4, unsolved_run("d", "no")), (5, variables[1])]
    (both, block), (alone, empty) = stack(numbered)
    assert (both, alone) == ([3, 5], [4])
    dimensions, attributes, values = block["voltage"]
    assert (dimensions, attributes["units"], values.shape) == (("sample",), "V", (2, 200))
    assert values[1].tobytes() == variables[1]["voltage"][1].tobytes()
    assert block["message"][2].dtype == object
    assert empty["status"][2].tolist() == [STATUS["failed"]]


def test_whatever_a_run_raises_makes_it_a_failed_run(monkeypatch):
    monkeypatch.setattr(batches, "built_model", lambda _run: 1 / 0)
    found = collect(prepared(2), ThisProcess())
    assert found[1]["message"] == "ZeroDivisionError: division by zero"
    assert int(found[1]["status"]) == STATUS["failed"]


def test_other_versions_are_refused_with_both_named():
    own = {"cellmodel_version": "1", "model_version": 2, "pybamm_version": "26.10", "numpy_version": "2.1"}
    check_versions(own, {"a": {**own, "numpy_version": "2.2"}})
    with pytest.raises(ExecutionError) as caught:
        check_versions(own, {"tcp://b": {**own, "pybamm_version": "26.11", "cellmodel_version": "0.9"}})
    assert "tcp://b: pybamm_version: found 26.11, wanted 26.10" in str(caught.value)
    assert "cellmodel_version: found 0.9, wanted 1" in str(caught.value)
    with pytest.raises(ExecutionError, match="this worker: pybamm_version"):
        batches.solve_batch(Batch((), (), None, {**batches.versions(), "pybamm_version": "1"}))


@pytest.mark.parametrize("listens", [False, True])
def test_an_address_without_a_scheduler_is_told_within_ten_seconds(listens):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        if listens:
            other.listen()
        address = f"tcp://127.0.0.1:{other.getsockname()[1]}"
        start = time.monotonic()
        with pytest.raises(ExecutionError, match="the address of a running scheduler") as caught:
            make_executor(address)
    assert time.monotonic() - start < 10.0
    assert address in str(caught.value)


@pytest.mark.parametrize("address", ["nonsense", "tcp://", "host:8786", "http://127.0.0.1:1", "tcp://127.0.0.1:0"])
def test_an_address_that_is_none_is_told(address):
    with pytest.raises(ExecutionError, match="the address of a running scheduler"):
        make_executor(address)


def test_dask_that_is_not_installed_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ExecutionError, match=r"cellmodel\[dask\]"):
        make_executor("tcp://127.0.0.1:8786")


def test_executors_are_found_by_what_is_asked():
    assert isinstance(make_executor(None), ThisProcess)
    assert isinstance(make_executor(1), ThisProcess)
    with make_executor(3) as crew, make_executor("auto", limited=True) as limited:
        assert (crew.slots, limited.slots) == (3, available_cores())
    assert multiprocessing.active_children() == [], "no process before there is work"


@pytest.mark.parametrize(
    "wrong", [0, -1, True, False, 2.0, 2.5, math.nan, 10**6, np.float64(2), np.int64(-3), np.array([2]), 10**400]
)
def test_a_number_of_processes_that_makes_no_sense_is_refused_with_the_cap(wrong):
    with pytest.raises(ExecutionError, match=r"run: workers: found .*, wanted a(?! whole number from 2)"):
        make_executor(wrong)
    most = choosing.PER_CORE * available_cores()
    with pytest.raises(ExecutionError, match=rf"a whole number from 1 \(this process\) to {most} \(4 for each core"):
        choosing.number_of_workers(wrong)


@pytest.mark.parametrize("wrong", ["4", "", "  ", "Auto", b"auto", [2], {}, Executor, "tcp://h:" + "9" * 5000])
def test_what_is_no_executor_is_refused_in_one_line(wrong):
    with pytest.raises(ExecutionError, match=r"run: workers: found ") as caught:
        make_executor(wrong)
    assert len(str(caught.value)) < 500


def test_no_pool_is_larger_than_the_number_of_runs(monkeypatch):
    made = []
    monkeypatch.setattr(choosing, "Pool", lambda size, **_: made.append(size) or Scripted(size))
    make_executor(np.int64(3), runs=2), make_executor("auto", limited=True, runs=1), make_executor(3, runs=9)
    make_executor(4, runs=1, limited=True)  # a pool of one, which alone can end a solve
    assert made == [2, 1, 3, 1]
    assert isinstance(make_executor(4, runs=1), ThisProcess)


def _faults_of_equal_work(rounds: int) -> int:
    """Return how many pages are mapped while arrays as large as a solution are made and freed, over and over."""
    import resource

    for _ in range(2):
        _ = [np.ones(300_000) for _ in range(4)]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(rounds):
        _ = [np.ones(300_000) for _ in range(4)]
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries are left as they are")
def test_a_worker_keeps_the_memory_that_a_run_frees():
    """By default glibc gives it back, and 20 rounds map some 46,000 pages."""
    spawned = multiprocessing.get_context("spawn")
    ready = (pickle.dumps(batches.solve_batch),)
    with ProcessPoolExecutor(1, spawned, worker_process.begin_worker, ready) as worker:
        assert worker.submit(_faults_of_equal_work, 20).result() < 1000


def test_deadlines_and_notes_do_nothing_outside_a_worker():
    with worker_process.deadline(1e-9):
        worker_process.record_current_run(1)
        time.sleep(0.01)
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_a_model_is_built_ahead_and_the_runs_find_it(monkeypatch):
    (run,) = prepared(1)
    monkeypatch.setattr(simulation, "_models", type(simulation._models)())
    delivery = batches.solve_batch(Batch((), (), None, versions(), ahead=run))
    assert (delivery.blocks, delivery.seconds) == ([], [])
    monkeypatch.setattr(simulation, "build_model", None)  # would be called if there were anything to build
    found = collect(prepared(2), ThisProcess())
    assert [int(one["status"]) for one in found.values()] == [1, 1]


def test_a_run_that_cannot_be_got_ready_is_left_to_the_runs_themselves():
    (run,) = prepared(1)
    delivery = batches.solve_batch(
        Batch((), (), None, versions(), ahead=replace(run, options=replace(run.options, model="none such")))
    )
    assert (delivery.blocks, delivery.seconds) == ([], [])


def test_processes_that_build_ahead_for_nothing_are_not_waited_for():
    (run,), crew = prepared(1), Pool(1)
    crew.build_ahead(spoilt(run, Endless))
    start = time.monotonic()
    crew.close(now=False)
    assert time.monotonic() - start < 1.0
    assert multiprocessing.active_children() == []


def test_what_stays_is_spared_by_the_garbage_collector_in_workers_only():
    here, crew = gc.get_freeze_count(), Pool(1)
    with crew:
        list(solve_runs(prepared(1), crew))
        there = crew._processes.submit(gc.get_freeze_count).result()
    collect(prepared(1), ThisProcess())
    assert there > 100_000  # modules and the model
    assert gc.get_freeze_count() == here


def _root_of(number: float) -> float:
    if number < 0.0:
        raise ValueError(f"{number} has no root")
    return math.sqrt(number)


def _kill_once(mark: Path) -> str:
    """Kill the worker that begins this, unless one was killed before."""
    if mark.name == "sound":
        return "sound"
    if mark.name == "always" or not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return "second time"


@pytest.mark.parametrize("workers", [1, 2])
def test_a_function_is_mapped_over_points_in_their_order_with_progress(workers):
    told = []
    with make_executor(workers) as crew:
        points = [float(number) for number in range(20)]
        values = map_points(math.sqrt, points, crew, progress=lambda *now: told.append(now))
        assert values == [math.sqrt(point) for point in points]
        assert map_points(math.sqrt, [], crew) == []
    assert (told[0], told[-1]) == ((0, 20), (20, 20))
    assert told == sorted(told)


def test_what_a_function_raises_at_a_point_is_raised():
    with make_executor(1) as crew, pytest.raises(ValueError, match=r"-1\.0 has no root"):
        map_points(_root_of, [4.0, -1.0, 9.0], crew)


def test_a_point_whose_worker_dies_is_tried_once_more_and_then_named(tmp_path):
    with Pool(1) as crew:
        points = [tmp_path / "sound", tmp_path / "once", tmp_path / "sound"]
        assert map_points(_kill_once, points, crew) == ["sound", "second time", "sound"]
        with pytest.raises(ExecutionError, match="point 2 of 2: found its worker process died by signal 9"):
            map_points(_kill_once, [tmp_path / "sound", tmp_path / "always"], crew)
        with pytest.raises(ExecutionError, match=r"point 1 of 1: .*longer than the 0.1 s"):
            map_points(time.sleep, [60.0], crew, time_limit=0.1)
