"""Processes on this machine: a pool that can be mended, and one that starts when it pays.

Processes are spawned, never forked: a solver's threads and locks do not survive a fork. It knows nothing of what a
package holds.
"""

from __future__ import annotations

import multiprocessing
import shutil
import signal
import tempfile
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing.context import SpawnContext
from pathlib import Path
from typing import Any

from cellmodel.dataset import versions
from cellmodel.execution.packages import Delivery, Package
from cellmodel.execution.watching import begin_worker, noted_run
from cellmodel.execution.workers import ThisProcess, Workers, available_cores
from cellmodel.simulate import PreparedRun

POOL_PAYS = 6.0
"""Work ahead [s] from which starting processes, each of which imports PyBaMM for some 2 s, is worth it."""


class _Recording(SpawnContext):
    """The context of spawned processes, which remembers each it makes."""

    def __init__(self) -> None:
        super().__init__()
        self.made: list[Any] = []

    def Process(self, *args: Any, **kwargs: Any) -> Any:  # type: ignore[override]
        process = multiprocessing.get_context("spawn").Process(*args, **kwargs)
        self.made.append(process)
        return process


class Pool(Workers):
    """A pool of spawned processes on this machine.

    Parameters
    ----------
    size : int
        How many.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self._notes = Path(tempfile.mkdtemp(prefix="cellmodel-"))
        self._open()

    def _open(self) -> None:
        self._ahead: list[Future[Delivery]] = []
        self._context = _Recording()
        self.executor = ProcessPoolExecutor(
            self.size, mp_context=self._context, initializer=begin_worker, initargs=(str(self._notes),)
        )
        for _ in range(self.size):  # nothing to solve, but the processes start now and import PyBaMM meanwhile
            self.submit(Package((), (), None, versions()))

    @property
    def slots(self) -> int:
        """One per process."""
        return self.size

    def submit(self, package: Package) -> Future[Delivery]:
        """Hand out one package; processes that this starts never see Ctrl-C, which is the parent's to handle."""
        if not hasattr(signal, "pthread_sigmask"):
            return super().submit(package)
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # a spawned process inherits the mask
        try:
            return super().submit(package)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def get_ready(self, run: PreparedRun) -> None:
        """Have every process build the model of a run; see `Workers.get_ready`."""
        self._ahead = [self.submit(Package((), (), None, versions(), ahead=run)) for _ in range(self.size)]

    def mend(self) -> list[tuple[int, int]]:
        """Start a new pool and say who died; see `Workers.mend`."""
        self.executor.shutdown(wait=True, cancel_futures=True)
        dead = []
        for process in self._context.made:
            process.join()
            if process.exitcode not in (0, -signal.SIGTERM):  # a broken pool ends its sound workers with SIGTERM
                position = noted_run(self._notes, process.pid)
                dead += [] if position is None else [(position, process.exitcode)]
        for note in self._notes.iterdir():
            note.unlink()
        self._open()
        return dead

    def close(self, *, now: bool) -> None:
        """End the processes, those that get ready for nothing at once; see `Workers.close`."""
        if now or not all(future.done() for future in self._ahead):
            for process in self._context.made:
                process.kill()  # also those that are still starting
        self.executor.shutdown(wait=True, cancel_futures=True)
        shutil.rmtree(self._notes, ignore_errors=True)


class Growing(Workers):
    """First this process; a pool on all cores once so much work lies ahead that it pays."""

    def __init__(self) -> None:
        self._used: Workers = ThisProcess()

    @property
    def slots(self) -> int:
        """Those of what is used."""
        return self._used.slots

    @property
    def packs(self) -> bool:
        """Whether that takes several runs at a time."""
        return self._used.packs

    def submit(self, package: Package) -> Future[Delivery]:
        """Hand out one package; see `Workers.submit`."""
        return self._used.submit(package)

    def mend(self) -> list[tuple[int, int]]:
        """See `Workers.mend`."""
        return self._used.mend()

    def expect(self, seconds: float) -> None:
        """Start the pool if it pays; see `Workers.expect`."""
        if isinstance(self._used, ThisProcess) and seconds > POOL_PAYS and available_cores() > 1:
            self._used = Pool(available_cores())

    def close(self, *, now: bool) -> None:
        """See `Workers.close`."""
        self._used.close(now=now)
