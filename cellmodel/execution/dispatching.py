"""The parent's loop: batches out, results back, nothing lost when a worker dies.

A worker that dies breaks its pool; the pool is restarted and what was in flight goes out again. Only the run the
worker was at is suspected: it is retried once, alone, and is a failed run if its worker dies again. It knows no store.
"""

from __future__ import annotations

import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, wait
from dataclasses import dataclass
from math import ceil
from typing import Any, TypeVar

from cellmodel.dataset import versions
from cellmodel.errors import CellModelError, ExecutionError, Problem, found_text
from cellmodel.execution.batches import Batch, Block, Delivery, Raised, stack, unsolved_run
from cellmodel.execution.stopping import check_stopped
from cellmodel.execution.workers import Workers, executor_error
from cellmodel.simulation import PreparedRun

BATCH_SECONDS = 0.7
"""Wall time a batch should take: long against what it costs to send it, short against waiting for the last one."""
LARGEST_BATCH = 500
TICK = 1.0
"""Longest silence [s] of the loop."""
MAX_POOL_FAILURES = 3
"""How often in a row the pool may break with no run to blame before that is the error."""

Point = TypeVar("Point")
Value = TypeVar("Value")
Results = tuple[list[int], Any]


def solve_runs(
    runs: Sequence[PreparedRun], workers: Workers, time_limit: float | None = None
) -> Iterator[tuple[list[int], Block]]:
    """Solve runs, and give results as they come.

    Parameters
    ----------
    runs : sequence of PreparedRun
        What to solve; neighbours should share cell and protocol.
    workers : Workers
        From `make_executor`.
    time_limit : float, optional
        Wall time that each run may take [s]. Between two steps every worker minds it; within one only a pool can.

    Yields
    ------
    positions : list of int
        Which runs; empty if nothing has ended for a second.
    block : Block
        Their results, stacked.

    Raises
    ------
    ExecutionError
        A worker has other versions; the caller's executor broke or answers wrongly; workers die before they begin.
    """

    def lost_run(position: int, message: str, status: str, end_cause: str) -> Block:
        return stack([(position, unsolved_run(runs[position].digest, message, status, end_cause))])[0][1]

    return _Dispatcher(runs, workers, time_limit, None, lost_run).results()


def map_points(
    function: Callable[[Point], Value],
    points: Iterable[Point],
    workers: Workers,
    *,
    progress: Callable[[int, int], None] | None = None,
    time_limit: float | None = None,
) -> list[Value]:
    """Return the value of a function at every point, in the order of the points.

    Parameters
    ----------
    function : callable
        Of one point; for a pool, importable by its name, and so is what it takes and returns (`functools.partial` is).
    points : iterable
        Where; each may take seconds.
    workers : Workers
        From `make_executor`.
    progress : callable, optional
        Called with the number of points done and of all points, before the first and whenever some have ended.
    time_limit : float, optional
        Wall time that each point may take in a pool [s].

    Returns
    -------
    list
        One value for each point.

    Raises
    ------
    Exception
        What the function raised at the first point that failed; the others are not waited for.
    ExecutionError
        As of `solve_runs`; or a worker died twice at a point, or took longer than the limit.

    Examples
    --------
    >>> from cellmodel.execution import make_executor, map_points
    >>> with make_executor(1) as workers:
    ...     map_points(abs, [-1, 2, -3], workers)
    [1, 2, 3]
    """

    def lost_point(position: int, message: str, _status: str, _end_cause: str) -> list[Any]:
        wanted = "a point at which it ends; more memory or time, perhaps"
        raise ExecutionError(Problem("run", f"point {position + 1} of {len(items)}", message, wanted))

    items, values = list(points), dict[int, Any]()
    report = progress or (lambda _done, _total: None)
    report(0, len(items))
    for positions, block in _Dispatcher(items, workers, time_limit, function, lost_point).results():
        for position, value in zip(positions, block, strict=True):
            if isinstance(value, Raised):
                raise value.error
            values[position] = value
        if positions:
            report(len(values), len(items))
    return [values[position] for position in range(len(items))]


@dataclass
class _Dispatcher:
    """What waits, what is in flight, and what is retried alone because a worker died at it."""

    items: Sequence[Any]
    workers: Workers
    time_limit: float | None
    function: Callable[[Any], Any] | None
    lost: Callable[[int, str, str, str], Any]

    def __post_init__(self) -> None:
        self.versions = versions()
        self.waiting, self.retry_alone = deque(range(len(self.items))), deque[int]()
        self.retried_once: set[int] = set()
        self.in_flight: dict[Future[Delivery], Batch] = {}
        self.pace: float | None = None  # seconds per item
        self.solved, self.pool_failures = 0, 0

    def results(self) -> Iterator[Results]:
        """Yield positions and results until nothing is left; nothing after a silent second."""
        while self.waiting or self.retry_alone or self.in_flight:
            check_stopped()
            self._send()
            yield from self._receive()

    def _send(self) -> None:
        """Hand out batches until every worker has one and the next; what is retried goes out alone."""
        if self.retry_alone:
            if not self.in_flight:
                self._submit([self.retry_alone.popleft()])
            return
        if self.pace is not None and self.solved > 1:  # the first run also built the model
            self.workers.expect(self.pace * len(self.waiting))
        slots = self.workers.slots
        while self.waiting and len(self.in_flight) < (2 * slots if self.workers.batched else 1):
            size = min(self._batch_size(), ceil(len(self.waiting) / (2 * slots)))
            if not self._submit([self.waiting.popleft() for _ in range(size)]):
                return

    def _batch_size(self) -> int:
        if self.pace is None or not self.workers.batched:
            return 1
        return max(1, min(LARGEST_BATCH, round(BATCH_SECONDS / self.pace)))

    def _submit(self, positions: list[int]) -> bool:
        """Hand out one batch; False if the executor was found broken, with the batch left in flight as lost."""
        items = tuple(self.items[position] for position in positions)
        batch = Batch(tuple(positions), items, self.time_limit, self.versions, self.function)
        try:
            future = self.workers.submit(batch)
        except BrokenExecutor as error:
            future = Future()
            future.set_exception(error)
            self.in_flight[future] = batch
            return False
        except Exception as error:
            raise _explained(error, "refused a batch") from error
        if not isinstance(future, Future) or future in self.in_flight:
            raise executor_error(f"an executor whose submit gave {found_text(future)}, no future of its own")
        self.in_flight[future] = batch
        return True

    def _receive(self) -> Iterator[Results]:
        """Give what has ended; restart the workers and send again what they lost."""
        done, _ = wait(self.in_flight, timeout=TICK, return_when=FIRST_COMPLETED)
        done |= {future for future in self.in_flight if future.cancelled()}  # of those alone `wait` may not hear
        for future in [one for one in done if _error(one) is None]:  # first: whatever becomes of the others
            yield from self._delivered(self.in_flight.pop(future), future.result())
        lost: list[int] = []
        broken = any(isinstance(_error(future), BrokenExecutor) for future in done)
        dead = self.workers.restart() if broken else []  # nothing is in flight after it
        for future in list(self.in_flight) if broken else [one for one in done if one in self.in_flight]:
            batch, error = self.in_flight.pop(future), _error(future)
            if error is None:
                yield from self._delivered(batch, future.result())
            elif isinstance(error, BrokenExecutor):
                lost += batch.positions
            elif self.workers.is_death(error):
                yield from self._died([(position, None) for position in batch.positions])
            else:
                raise _explained(error, "failed at a batch") from error
        if broken:
            yield from self._requeue(lost, dead)
        if not done:
            yield [], {}

    def _delivered(self, batch: Batch, delivery: Delivery) -> Iterator[Results]:
        """Give the results of a batch and take note of how long they took."""
        if not isinstance(delivery, Delivery) or not delivery.answers(batch):
            raise executor_error(f"an executor that gave {found_text(delivery)} for a batch of runs")
        self.pace = max(1e-4, sorted(delivery.seconds)[len(delivery.seconds) // 2])
        self.solved += len(delivery.seconds)
        self.pool_failures = 0
        yield from delivery.blocks

    def _requeue(self, lost: list[int], dead: list[tuple[int, int]]) -> Iterator[Results]:
        """Send again what a broken pool lost; suspect the runs at which its workers died."""
        dead = [(position, code) for position, code in dead if position in lost]
        self.pool_failures = 0 if dead else self.pool_failures + 1
        if self.pool_failures == MAX_POOL_FAILURES:
            found = f"processes that died {MAX_POOL_FAILURES} times running"
            wanted = "workers that live; look for the first error of a worker above"
            raise ExecutionError(Problem("run", "workers", found, wanted))
        suspected = {position for position, _ in dead}
        self.waiting.extendleft(position for position in sorted(lost, reverse=True) if position not in suspected)
        yield from self._died(dead)

    def _died(self, dead: Sequence[tuple[int, int | None]]) -> Iterator[Results]:
        """Give the runs that are lost for good: out of time, or the second worker dead; retry the others alone."""
        for position, code in dead:
            if code == -getattr(signal, "SIGALRM", 14):
                message = f"stopped in the middle of a step: it took longer than the {self.time_limit:g} s it may take"
                yield [position], self.lost(position, message, "timeout", "wall_clock_limit")
            elif position in self.retried_once:
                how = "" if code is None else f" by signal {-code}" if code < 0 else f" with exit code {code}"
                message = f"its worker process died{how}, for the second time: out of memory, perhaps"
                yield [position], self.lost(position, message, "failed", "solver_failure")
            else:
                self.retried_once.add(position)
                self.retry_alone.append(position)


def _explained(error: BaseException, what: str) -> BaseException:
    """Return an error of ours, or one that says to leave, as it is; any other as one of the executor."""
    if isinstance(error, CellModelError) or not isinstance(error, Exception):
        return error
    return executor_error(f"an executor that {what}: {type(error).__name__}: {error}")


def _error(future: Future[Delivery]) -> BaseException | None:
    """Return what became of a batch; one that was withdrawn counts as lost with its executor."""
    return BrokenExecutor() if future.cancelled() else future.exception()
