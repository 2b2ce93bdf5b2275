"""Processes that begin alike wherever they are asked for: spawned, without the caller's main module.

A spawned process usually imports the main module of its parent, for the sake of what was defined there. Runs hold
nothing of it, and a script without a guard would run again in every worker, standard input or a notebook could not be
imported at all. So nothing of it is imported here. Standard library only: a process imports this before it sets its
number of threads.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import process, spawn
from multiprocessing.context import SpawnContext, SpawnProcess
from typing import Any

from cellmodel.errors import ExecutionError, Problem
from cellmodel.execution.watching import begin_worker

PARENTS_BUSINESS = {getattr(signal, name) for name in ("SIGINT", "SIGHUP") if hasattr(signal, name)}
"""Signals that a terminal sends to every process of a group; what follows from them is the parent's to decide."""
_MAIN = ("init_main_from_name", "init_main_from_path")
_preparing = threading.Lock()


class WorkerProcess(SpawnProcess):
    """A spawned process that neither imports the caller's main module nor sees Ctrl-C or a closed terminal."""

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
        self.made.append(made)
        return made


class Processes(ProcessPoolExecutor):
    """A pool of worker processes, which end with this one however it ends.

    Parameters
    ----------
    size : int
        How many.
    notes : str, optional
        Folder in which each leaves word of the run it is at; none if nobody reads it.

    Raises
    ------
    ExecutionError
        This process cannot start any.
    """

    def __init__(self, size: int, notes: str = "") -> None:
        hindrance = _hindrance()
        if hindrance is not None:
            raise ExecutionError(Problem("run", "workers", *hindrance))
        self.context = WorkerContext()
        with signals_blocked():  # the process that watches over semaphores starts here
            super().__init__(size, mp_context=self.context, initializer=begin_worker, initargs=(notes,))

    def kill(self) -> None:
        """End every process in the middle of its work, those that are still starting included."""
        for one in self.context.started:
            one.kill()
        self.shutdown(wait=True, cancel_futures=True)


@contextmanager
def signals_blocked() -> Iterator[None]:
    """Block what is the parent's business: a process that is started meanwhile inherits that."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, PARENTS_BUSINESS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _without_main() -> Iterator[None]:
    """Leave the main module out of what processes that this thread starts are told; other threads are not concerned."""
    with _preparing:
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
    return _hindrance() is None


def _hindrance() -> tuple[str, str] | None:
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
