"""What the dispatcher has to know of an executor: how many packages at once, how death shows, whether it can be mended.

Here are the caller's executor and this process; pools and Dask have modules of their own. It knows nothing of what a
package holds.
"""

from __future__ import annotations

import os
from concurrent.futures import Executor, Future
from types import TracebackType
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from cellmodel.errors import ExecutionError, Problem
from cellmodel.execution.packages import Delivery, Package, solve_package

if TYPE_CHECKING:
    from collections.abc import Callable

    from cellmodel.simulation import PreparedRun

_P = ParamSpec("_P")
_T = TypeVar("_T")


def available_cores() -> int:
    """Return how many processor cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1)


class InProcess(Executor):
    """An executor that runs what it is given at once, in this process."""

    def submit(self, fn: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs) -> Future[_T]:
        """Return a future that is done; see `concurrent.futures.Executor`."""
        future: Future[_T] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


def refused(found: str) -> ExecutionError:
    """Return the error for an executor that does not do what executors do."""
    wanted = "an executor that works; what is finished is kept, and the same call goes on from there"
    return ExecutionError(Problem("run", "workers", found, wanted))


class Workers:
    """An executor with what a long study has to know of it; this class serves an executor of the caller.

    Parameters
    ----------
    executor : concurrent.futures.Executor
        Any; it is not shut down.
    """

    def __init__(self, executor: Executor) -> None:
        self.executor = executor

    @property
    def slots(self) -> int:
        """How many packages are worked on at once."""
        return available_cores()

    @property
    def packs(self) -> bool:
        """Whether runs go out several at a time."""
        return True

    def submit(self, package: Package) -> Future[Delivery]:
        """Hand out one package.

        Parameters
        ----------
        package : Package
            Of runs.

        Returns
        -------
        concurrent.futures.Future
            Of what comes back.

        Raises
        ------
        concurrent.futures.BrokenExecutor
            A worker died before.
        """
        return self.executor.submit(solve_package, package)

    def get_ready(self, run: PreparedRun) -> None:
        """Build the model of a run ahead of the runs that share it, where that can be done meanwhile.

        Parameters
        ----------
        run : PreparedRun
            Like those to come.
        """

    def is_death(self, error: BaseException) -> bool:
        """Return whether an error says that a worker died while the rest of the executor is sound."""
        return type(error).__name__ == "KilledWorker"  # Dask's, which need not be installed

    def mend(self) -> list[tuple[int, int]]:
        """Put a sound executor in place of a broken one.

        Returns
        -------
        list of (int, int)
            Position of the run at which a worker died, and its exit code.

        Raises
        ------
        ExecutionError
            The executor is the caller's.
        """
        raise refused("an executor whose worker died, or that was shut down")

    def expect(self, seconds: float) -> None:
        """Take note of how much work lies ahead.

        Parameters
        ----------
        seconds : float
            That one process would need.
        """

    def __enter__(self) -> Workers:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close(now=error is not None)

    def close(self, *, now: bool) -> None:
        """Let go of the workers.

        Parameters
        ----------
        now : bool
            True ends them in the middle of their work.
        """


class ThisProcess(Workers):
    """No workers: one run after the other, in this process."""

    def __init__(self) -> None:
        super().__init__(InProcess())

    @property
    def slots(self) -> int:
        """One: the caller waits."""
        return 1

    @property
    def packs(self) -> bool:
        """Each run is handed over as soon as it is done."""
        return False
