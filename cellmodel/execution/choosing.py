"""Which executor: from a number, a word, an address or an object of the caller to `Workers`."""

from __future__ import annotations

from concurrent.futures import Executor
from typing import TYPE_CHECKING, Any

from cellmodel.errors import ExecutionError, Problem, found_text
from cellmodel.execution.cluster import Dask, connect, host_and_port
from cellmodel.execution.pool import Pool
from cellmodel.execution.worker_process import can_spawn
from cellmodel.execution.workers import ThisProcess, Workers, available_cores
from cellmodel.inputs import real, whole_number

if TYPE_CHECKING:
    from distributed import Client

PER_CORE = 4
"""Most processes for each core that this process may use: solving gains nothing from more than one."""


def number_of_workers(value: Any, file: str = "run") -> int:
    """Return how many processes a caller asks for, 1 being this one; ExecutionError unless it is such a number."""
    most = PER_CORE * available_cores()
    wanted = f"a whole number from 1 (this process) to {most} ({PER_CORE} for each core that this process may use)"
    return whole_number(value, file, "workers", wanted, (1, most), ExecutionError)


def check_workers(workers: Any) -> Any:
    """Return what a caller asks to solve, unless it is nothing that `make_executor` takes; nothing is started."""
    if isinstance(workers, str):
        if workers != "auto":
            host_and_port(workers)
        return workers
    if workers is None or isinstance(workers, Executor | Workers):
        return workers
    if isinstance(workers, bool) or real(workers) is not None:
        return number_of_workers(workers)
    if hasattr(workers, "get_executor") and hasattr(workers, "nthreads") and not isinstance(workers, type):
        return workers
    wanted = "a number, 'auto', an address, a concurrent.futures.Executor or a distributed.Client"
    raise ExecutionError(Problem("run", "workers", found_text(workers), wanted))


def make_executor(
    workers: int | str | Executor | Client | None, *, limited: bool = False, runs: int | None = None
) -> Workers:
    """Return a context manager that works on runs or points, and ends its workers at once if it is left by an error.

    Parameters
    ----------
    workers : int, str, concurrent.futures.Executor, distributed.Client or None
        Number of processes, 1 or None being this one; "auto" for all cores as soon as it pays; address of a Dask
        scheduler, such as "tcp://host:8786"; or any executor or client, which stays open.
    limited : bool, optional
        Runs have a wall-clock limit: with "auto" there is a pool from the start, which alone can end a solve.
    runs : int, optional
        How many there are: no pool is larger.

    Returns
    -------
    Workers
        For `solve_runs`, `map_points` and the option `workers` of `run_study`, one after the other.

    Raises
    ------
    ExecutionError
        No such number of processes, no scheduler at the address, Dask is not installed, workers of other versions.

    Examples
    --------
    >>> from cellmodel.execution import make_executor
    >>> with make_executor(1) as workers:
    ...     workers.slots
    1
    """
    asked = check_workers(workers)
    if asked == "auto":
        size = _capped(available_cores(), runs)
        if not can_spawn():
            return ThisProcess()
        return Pool(size, when_it_pays=not limited)
    if isinstance(asked, int):
        size = _capped(asked, runs)
        return Pool(size) if size > 1 or (limited and asked > 1) else ThisProcess()
    if asked is None:
        return ThisProcess()
    if isinstance(asked, Executor):
        return Workers(asked)
    return Dask(connect(asked), own=True) if isinstance(asked, str) else Dask(asked, own=False)


def _capped(size: int, runs: int | None) -> int:
    return size if runs is None else min(size, max(1, runs))
