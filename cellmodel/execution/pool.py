"""Processes on this machine: a pool that can be mended, and one that starts when it pays.

Processes are spawned, never forked: a solver's threads and locks do not survive a fork. It knows nothing of what a
package holds.
"""

from __future__ import annotations

import signal
from concurrent.futures import Future

from cellmodel.dataset import versions
from cellmodel.execution.notes import Notes
from cellmodel.execution.packages import Delivery, Package
from cellmodel.execution.spawning import Processes
from cellmodel.execution.watching import noted_run
from cellmodel.execution.workers import ThisProcess, Workers
from cellmodel.simulation import PreparedRun

POOL_PAYS = 6.0
"""Work ahead [s] from which starting processes, each of which imports PyBaMM for some 2 s, is worth it."""


class Pool(Workers):
    """A pool of spawned processes on this machine.

    Parameters
    ----------
    size : int
        How many.
    """

    executor: Processes

    def __init__(self, size: int) -> None:
        self.size = size
        self._notes = Notes()
        self._open()

    def _open(self) -> None:
        self._ahead: list[Future[Delivery]] = []
        try:
            self.executor = Processes(self.size, str(self._notes.path))
            for _ in range(self.size):  # nothing to solve, but the processes start now and import PyBaMM meanwhile
                self.submit(Package((), (), None, versions()))
        except BaseException:  # Ctrl-C among others: nobody else would end them
            self.close(now=True)
            raise

    @property
    def slots(self) -> int:
        """One per process."""
        return self.size

    def get_ready(self, run: PreparedRun) -> None:
        """Have every process build the model of a run; see `Workers.get_ready`."""
        self._ahead = [self.submit(Package((), (), None, versions(), ahead=run)) for _ in range(self.size)]

    def mend(self) -> list[tuple[int, int]]:
        """Start a new pool and say who died; see `Workers.mend`."""
        self.executor.shutdown(wait=True, cancel_futures=True)
        dead = []
        for process in self.executor.context.started:
            process.join()
            code = process.exitcode
            if code not in (0, None, -signal.SIGTERM):  # a broken pool ends its sound workers with SIGTERM
                position = noted_run(self._notes.path, process.pid)
                dead += [] if position is None else [(position, code)]
        self._notes.clear()
        self._open()
        return dead

    def close(self, *, now: bool) -> None:
        """End the processes, those that get ready for nothing at once; see `Workers.close`."""
        if hasattr(self, "executor"):  # it may have failed to start
            if now or not all(future.done() for future in self._ahead):
                self.executor.kill()
            self.executor.shutdown(wait=True, cancel_futures=True)
        self._notes.remove()


class Growing(Workers):
    """First this process; a pool once so much work lies ahead that it pays.

    Parameters
    ----------
    size : int
        Of the pool.
    """

    def __init__(self, size: int) -> None:
        self._size = size
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
        if isinstance(self._used, ThisProcess) and seconds > POOL_PAYS and self._size > 1:
            self._used = Pool(self._size)

    def close(self, *, now: bool) -> None:
        """See `Workers.close`."""
        self._used.close(now=now)
