"""Processes on this machine: a pool that is restarted when a worker dies.

Processes are spawned, never forked: a solver's threads and locks do not survive a fork. The pool is the standard
library's. The package `pebble` has time limits of its own, but one for each task: every run would be a task, and its
way to the worker and back is what batches spare. It knows nothing of what a batch holds.
"""

from __future__ import annotations

import signal
from concurrent.futures import Future

from cellmodel.dataset import versions
from cellmodel.execution.batches import Batch, Delivery, solve_batch
from cellmodel.execution.worker_process import Processes
from cellmodel.execution.workers import ThisProcess, Workers
from cellmodel.simulation import PreparedRun

POOL_PAYS = 6.0
"""Work ahead [s] from which starting processes, each of which imports PyBaMM for some 2 s, is worth it."""


class Pool(Workers):
    """A pool of so many spawned processes on this machine.

    With `when_it_pays`, runs are solved in this process until so much work lies ahead that starting processes pays.
    """

    def __init__(self, size: int, *, when_it_pays: bool = False) -> None:
        self.size = size
        self._processes: Processes | None = None
        self._ahead: list[Future[Delivery]] = []
        if not when_it_pays:
            self._start()

    @property
    def slots(self) -> int:
        """One per process."""
        return self.size if self._processes else 1

    @property
    def batched(self) -> bool:  # type: ignore[override]
        """Whether there are processes, whose way is worth several runs."""
        return self._processes is not None

    def _start(self) -> None:
        """Start all processes, which import PyBaMM meanwhile: there is nothing to solve for them yet."""
        self._processes, self._ahead = Processes(self.size, solve_batch), []
        try:
            for _ in range(self.size):
                self.submit(Batch((), (), None, versions()))
        except BaseException:  # Ctrl-C among others: nobody else would end them
            self.close(now=True)
            raise

    def submit(self, batch: Batch) -> Future[Delivery]:
        """Hand out one batch; see `Workers.submit`."""
        return self._processes.submit(solve_batch, batch) if self._processes else ThisProcess().submit(batch)

    def build_ahead(self, run: PreparedRun) -> None:
        """Have every process build the model of a run; see `Workers.build_ahead`."""
        if self._processes:
            self._ahead = [self.submit(Batch((), (), None, versions(), ahead=run)) for _ in range(self.size)]

    def expect(self, seconds: float) -> None:
        """Start the processes if that pays; see `Workers.expect`."""
        if not self._processes and seconds > POOL_PAYS and self.size > 1:
            self._start()

    def restart(self) -> list[tuple[int, int]]:
        """Start new processes and say who died; see `Workers.restart`."""
        if not self._processes:
            return super().restart()
        self._processes.shutdown(wait=True, cancel_futures=True)
        dead = []
        for process in self._processes.context.started:
            process.join()
            code, position = process.exitcode, process.current_run.value
            if code not in (0, None, -signal.SIGTERM) and position >= 0:  # SIGTERM: a broken pool ends the others so
                dead.append((position, code))
        self._start()
        return dead

    def close(self, *, now: bool) -> None:
        """End the processes, those that build ahead for nothing at once; see `Workers.close`."""
        if self._processes:
            if now or not all(future.done() for future in self._ahead):
                self._processes.kill()
            self._processes.shutdown(wait=True, cancel_futures=True)
