"""Worker processes: how they start, which run each is at in case it dies, and the clock that kills it.

A spawned process usually imports the main module of its parent, for the sake of what was defined there. Runs hold
nothing of it, and a script without a guard would run again in every worker, standard input or a notebook could not be
imported at all. So nothing of it is imported here.

A solve inside SUNDIALS never returns to Python, so no exception can interrupt it. The interval timer's signal with its
default action ends the process whatever it is doing; the parent then reads which run that was from memory that both
share. Standard library only, for a process imports this before it sets its number of threads. It knows no model.
"""

from __future__ import annotations

import ctypes
import gc
import multiprocessing
import os
import pickle
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import process, spawn
from multiprocessing.connection import wait
from multiprocessing.context import SpawnContext, SpawnProcess
from typing import Any

from cellmodel.errors import ExecutionError, Problem

GRACE = 2.0
"""Seconds beyond the wall-clock limit that a run has to end by itself, between two steps."""
KEPT_MEMORY = ((-1, 128 * 2**20), (-3, 32 * 2**20))
"""glibc's M_TRIM_THRESHOLD and M_MMAP_THRESHOLD [bytes] in a worker; see `_keep_freed_memory`."""
IGNORED_SIGNALS = {getattr(signal, name) for name in ("SIGINT", "SIGHUP") if hasattr(signal, name)}
"""Signals that a terminal sends to every process of a group; what follows from them is the parent's to decide."""
_MAIN = ("init_main_from_name", "init_main_from_path")
_starting = threading.Lock()
_frozen = False


class WorkerProcess(SpawnProcess):
    """A spawned process that neither imports the caller's main module nor sees Ctrl-C or a closed terminal.

    Attributes
    ----------
    current_run : ctypes.c_longlong
        Position of the run it is at, in memory that it shares with its parent; -1 before the first.
    """

    current_run: Any

    def start(self) -> None:
        """Start it."""
        with _without_main(), signals_blocked():
            super().start()


class WorkerContext(SpawnContext):
    """The context of such processes, which remembers each it makes."""

    def __init__(self) -> None:
        super().__init__()
        self.made: list[WorkerProcess] = []

    @property
    def started(self) -> list[WorkerProcess]:
        """Those that exist, dead or alive; one that a signal kept from being started does not."""
        return [one for one in self.made if one.pid is not None]

    def Process(self, *args: Any, **kwargs: Any) -> WorkerProcess:  # type: ignore[override]
        """Return a new process, not started yet."""
        made = WorkerProcess(*args, **kwargs)
        made.current_run = self.RawValue("q", -1)
        self.made.append(made)
        return made


class Processes(ProcessPoolExecutor):
    """A pool of processes that are to call one function, and end with this one; ExecutionError if none can start."""

    def __init__(self, size: int, function: Callable[..., Any]) -> None:
        problem = _why_not_spawn()
        if problem is not None:
            raise ExecutionError(Problem("run", "workers", *problem))
        self.context = WorkerContext()
        with signals_blocked():  # the process that watches over semaphores starts here
            super().__init__(
                size, mp_context=self.context, initializer=begin_worker, initargs=(pickle.dumps(function),)
            )

    def kill(self) -> None:
        """End every process in the middle of its work, those that are still starting included."""
        for one in self.context.started:
            one.kill()
        self.shutdown(wait=True, cancel_futures=True)


@contextmanager
def signals_blocked() -> Iterator[None]:
    """Block what a terminal sends to all: a process that is started meanwhile inherits that."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, IGNORED_SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _without_main() -> Iterator[None]:
    """Leave the main module out of what processes that this thread starts are told; other threads are not concerned."""
    with _starting:
        usual, thread = spawn.get_preparation_data, threading.get_ident()

        def reduced(name: str) -> dict[str, Any]:
            data = usual(name)
            return {key: data[key] for key in data if key not in _MAIN or threading.get_ident() != thread}

        spawn.get_preparation_data = reduced
        try:
            yield
        finally:
            spawn.get_preparation_data = usual


def can_spawn() -> bool:
    """Return whether this process can start others."""
    return _why_not_spawn() is None


def _why_not_spawn() -> tuple[str, str] | None:
    """Return where a process would fail to start, or begin the caller's program over again, and what to do then."""
    if getattr(process.current_process(), "_inheriting", False):  # this one is itself still starting
        found = "the main module run again by a process that is starting"
        return found, "the call under `if __name__ == '__main__':`"
    if getattr(sys, "frozen", False) and spawn.is_forking(sys.argv):
        return "a frozen program run again by a process that is starting", "multiprocessing.freeze_support() first"
    if process.current_process().daemon:
        return "a daemonic process, which may start none", "workers = 1"
    if not spawn.get_executable():
        return "no Python interpreter to start (sys.executable is empty)", "workers = 1"
    return None


def begin_worker(function: bytes) -> None:
    """Make a fresh process ready for a pickled function: one thread, what it needs imported, an eye on the parent."""
    _keep_freed_memory()
    threading.Thread(target=_end_with_parent, daemon=True).start()
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # before NumPy: every core has a worker already
    gc.disable()
    pickle.loads(function)  # imports all that it needs; pickled once more, for the number of threads comes first
    gc.freeze()
    gc.enable()


def freeze_gc() -> None:
    """Have the garbage collector of a worker leave alone what is there after its first run: modules, the built model.

    They live as long as the process, and walking through them costs a fifth of a run. Once only, for models that
    are built later may be let go again. No effect outside pools.
    """
    global _frozen
    if _current_run() is not None and not _frozen:
        _frozen = True
        gc.collect()
        gc.freeze()


def _keep_freed_memory() -> None:
    """Have the C library keep what a run frees for the next run; other C libraries than glibc stay as they are.

    By default it gives the megabytes of every solution back to the system, which maps and zeroes them anew, page by
    page: 8 % of a run's time where two workers do so at once. The caller's process is not ours to tune.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if os.name == "posix" else None
    if mallopt is not None:
        for parameter, size in KEPT_MEMORY:
            mallopt(parameter, size)


def _end_with_parent() -> None:
    """End this process when its parent is gone; a queue that other workers hold open would never say so."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _current_run() -> Any:
    """Return the shared number of a worker of a pool; None in any other process."""
    return getattr(process.current_process(), "current_run", None)


def record_current_run(position: int) -> None:
    """Tell the parent which run this worker is at; no effect outside pools."""
    shared = _current_run()
    if shared is not None:
        shared.value = position


@contextmanager
def deadline(seconds: float | None) -> Iterator[None]:
    """End this process if the block takes longer than a wall time [s] and `GRACE`; no effect outside pools."""
    if seconds is None or _current_run() is None or not hasattr(signal, "setitimer"):
        yield
        return
    signal.setitimer(signal.ITIMER_REAL, seconds + GRACE)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
