"""What the dispatcher has to know of an executor: how many batches at once, how death shows, whether it can restart.

Here are the caller's executor and this process; pools and Dask have modules of their own. It knows nothing of what a
batch holds.
"""

from __future__ import annotations

import os
from concurrent.futures import Executor, Future
from types import TracebackType
from typing import TYPE_CHECKING, Self

from cellmodel.errors import ExecutionError, Problem
from cellmodel.execution.batches import Batch, Delivery, solve_batch

if TYPE_CHECKING:
    from cellmodel.simulation import PreparedRun


def available_cores() -> int:
    """Return how many processor cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1)


def executor_error(found: str) -> ExecutionError:
    """Return the error for an executor that does not do what executors do."""
    wanted = "an executor that works; what is finished is kept, and the same call goes on from there"
    return ExecutionError(Problem("run", "workers", found, wanted))


class Workers:
    """An executor with what a long study has to know of it; this class serves one of the caller, which stays open.

    Attributes
    ----------
    batched : bool
        Whether runs go out several at a time.
    """

    batched = True

    def __init__(self, executor: Executor) -> None:
        self.executor = executor

    @property
    def slots(self) -> int:
        """How many batches are worked on at once."""
        return available_cores()

    def submit(self, batch: Batch) -> Future[Delivery]:
        """Hand out one batch; BrokenExecutor if a worker died before."""
        return self.executor.submit(solve_batch, batch)

    def build_ahead(self, run: PreparedRun) -> None:
        """Build the model of a run ahead of the runs that share it, where that can be done meanwhile."""

    def is_death(self, error: BaseException) -> bool:
        """Return whether an error says that a worker died while the rest of the executor is sound."""
        return type(error).__name__ == "KilledWorker"  # Dask's, which need not be installed

    def restart(self) -> list[tuple[int, int]]:
        """Put a sound executor in place of a broken one; return at which runs workers died, and their exit codes."""
        raise executor_error("an executor whose worker died, or that was shut down")

    def expect(self, seconds: float) -> None:
        """Take note of how much work [s] lies ahead for one process."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close(now=error is not None)

    def close(self, *, now: bool) -> None:
        """Let go of the workers; `now` ends them in the middle of their work."""


class ThisProcess(Workers):
    """No workers: one run after the other, in this process, each handed over as soon as it is done."""

    slots, batched = 1, False

    def __init__(self) -> None:
        pass

    def submit(self, batch: Batch) -> Future[Delivery]:
        """Return a future that is done."""
        future: Future[Delivery] = Future()
        try:
            future.set_result(solve_batch(batch))
        except Exception as error:
            future.set_exception(error)
        return future
