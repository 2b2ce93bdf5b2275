"""From what the caller says to who solves."""

from __future__ import annotations

from concurrent.futures import Executor
from typing import TYPE_CHECKING

from cellmodel.errors import ExecutionError, Problem
from cellmodel.execution.cluster import Dask, connect
from cellmodel.execution.pool import Growing, Pool
from cellmodel.execution.workers import ThisProcess, Workers, available_cores

if TYPE_CHECKING:
    from distributed import Client


def find_workers(executor: int | str | Executor | Client | None, *, limited: bool = False) -> Workers:
    """Return who solves.

    Parameters
    ----------
    executor : int, str, concurrent.futures.Executor, distributed.Client or None
        Number of processes, 1 or None being this one; "auto" for all cores as soon as it pays; address of a Dask
        scheduler, such as "tcp://host:8786"; or any executor or client.
    limited : bool, optional
        Runs have a wall-clock limit: with "auto" there is a pool from the start, which alone can end a solve.

    Returns
    -------
    Workers
        To be closed.

    Raises
    ------
    ExecutionError
        No such number of processes, no scheduler at the address, Dask is not installed, workers of other versions.
    """
    if executor == "auto":
        return Pool(available_cores()) if limited else Growing()
    if isinstance(executor, str):
        return Dask(connect(executor), own=True)
    if isinstance(executor, Executor):
        return Workers(executor)
    if executor is None or isinstance(executor, int):
        if executor is not None and executor < 1:
            raise ExecutionError(Problem("run", "workers", str(executor), "1 (this process) or more"))
        return Pool(executor) if executor is not None and executor > 1 else ThisProcess()
    if hasattr(executor, "get_executor") and hasattr(executor, "nthreads"):
        return Dask(executor, own=False)
    wanted = "a number, an address, a concurrent.futures.Executor or a distributed.Client"
    raise ExecutionError(Problem("run_study", "executor", type(executor).__name__, wanted))
