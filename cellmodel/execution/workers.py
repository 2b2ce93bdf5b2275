"""Who solves: this process, a pool of processes, Dask, or an executor of the caller; all of them `concurrent.futures`.

Each says how many packages it works on at once, how a dead worker shows, and whether it can be mended. It knows
nothing of what a package holds.
"""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import socket
import tempfile
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from multiprocessing.context import SpawnContext
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from cellmodel.dataset import versions
from cellmodel.errors import ExecutionError, Problem
from cellmodel.execution.packages import Delivery, Package, check_versions, solve_package
from cellmodel.execution.watching import begin_worker, noted_run

if TYPE_CHECKING:
    from collections.abc import Callable

    from distributed import Client

_P = ParamSpec("_P")
_T = TypeVar("_T")

CONNECT_SECONDS = 5.0
"""How long to try to reach a Dask scheduler."""
POOL_PAYS = 6.0
"""Work ahead [s] from which starting processes, each of which imports PyBaMM for some 2 s, is worth it."""


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
        wanted = "one that works; what is finished is kept, and the same call goes on from there"
        raise ExecutionError(Problem("run_study", "executor", "an executor whose worker died", wanted))

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
        self._context = _Recording()
        self.executor = ProcessPoolExecutor(
            self.size, mp_context=self._context, initializer=begin_worker, initargs=(str(self._notes),)
        )

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
        """End the processes; see `Workers.close`."""
        if now:
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


class Dask(Workers):
    """The workers of a Dask cluster.

    Parameters
    ----------
    client : distributed.Client
        Connected.
    own : bool
        Whether to close the client in the end.

    Raises
    ------
    ExecutionError
        A worker has another cellmodel, model or PyBaMM, or cannot import them.
    """

    def __init__(self, client: Client, own: bool) -> None:
        super().__init__(client.get_executor(pure=False))
        self._client, self._own = client, own
        try:
            check_versions(versions(), client.run(versions))
        except (ImportError, AttributeError) as error:
            wanted = "workers in an environment with this cellmodel"
            raise ExecutionError(Problem("Dask", "workers", f"{type(error).__name__}: {error}", wanted)) from error

    @property
    def slots(self) -> int:
        """One per worker process: its threads share one interpreter."""
        return max(1, len(self._client.nthreads()))

    def close(self, *, now: bool) -> None:
        """Withdraw what is under way if asked; the cluster goes on living."""
        self.executor.shutdown(wait=not now)
        if self._own:
            self._client.close()


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
        return Dask(_connect(executor), own=True)
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


def _connect(address: str) -> Client:
    """Return a client of the scheduler at an address, or say that there is none."""
    try:
        from distributed import Client
    except ImportError as error:
        wanted = "dask[distributed]: pip install 'cellmodel[dask]'"
        raise ExecutionError(Problem("run", "dask", "no installation of Dask", wanted)) from error
    wanted = "the address of a running scheduler, such as tcp://host:8786"
    scheme, _, place = address.partition("://")
    host, _, port = place.rpartition(":")
    if not (scheme and host and port.isdigit()):
        raise ExecutionError(Problem("run", "dask", repr(address), wanted))
    try:
        if scheme == "tcp":
            _hear(host.strip("[]"), int(port))
        return Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        raise ExecutionError(Problem("run", "dask", f"no answer from {address!r} ({error})", wanted)) from error


def _hear(host: str, port: int) -> None:
    """Raise OSError unless something at the address speaks first, as schedulers do; Dask would try for minutes."""
    with socket.create_connection((host, port), CONNECT_SECONDS) as connection:
        connection.settimeout(CONNECT_SECONDS)
        if not connection.recv(1):
            raise ConnectionError("it hung up")
