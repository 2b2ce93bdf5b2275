"""The parent's loop: packages out, blocks back, nothing lost when a worker dies.

A worker that dies takes a broken pool with it; what was in flight goes out again. Only the run it was at is under
suspicion: it is tried once more, alone, and is a failed run if its worker dies again. It knows no store.
"""

from __future__ import annotations

import signal
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, wait
from math import ceil

from cellmodel.dataset import versions
from cellmodel.errors import CellModelError, ExecutionError, Problem, found_text
from cellmodel.execution.packages import Block, Delivery, Package, stack, unsolved_run
from cellmodel.execution.stopping import check_stopped
from cellmodel.execution.workers import Workers, refused
from cellmodel.simulation import PreparedRun

PACKAGE_SECONDS = 0.7
"""Wall time a package should take: long against what it costs to send it, short against waiting for the last one."""
LONGEST_PACKAGE = 500
TICK = 1.0
"""Longest silence [s] of the loop."""
FRUITLESS = 3
"""How often in a row the pool may break with no run to blame before that is the error."""

Found = tuple[list[int], Block]


def solve_runs(runs: Sequence[PreparedRun], workers: Workers, time_limit: float | None = None) -> Iterator[Found]:
    """Solve runs, and give results as they come.

    Parameters
    ----------
    runs : sequence of PreparedRun
        What to solve; neighbours should share cell and protocol.
    workers : Workers
        From `find_workers`.
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
    loop = _Loop(runs, workers, time_limit)
    while loop.busy:
        check_stopped()
        loop.send()
        yield from loop.receive()


class _Loop:
    """What waits, what is in flight, and what is suspected of killing workers."""

    def __init__(self, runs: Sequence[PreparedRun], workers: Workers, time_limit: float | None) -> None:
        self.runs, self.workers, self.time_limit = runs, workers, time_limit
        self.versions = versions()
        self.waiting: deque[int] = deque(range(len(runs)))
        self.suspects: deque[int] = deque()
        self.flying: dict[Future[Delivery], Package] = {}
        self.accused: set[int] = set()
        self.pace: float | None = None  # seconds per run
        self.solved, self.fruitless = 0, 0

    @property
    def busy(self) -> bool:
        return bool(self.waiting or self.suspects or self.flying)

    def send(self) -> None:
        """Hand out packages until every worker has one and the next; a suspect goes out alone."""
        if self.suspects:
            if not self.flying:
                self._submit([self.suspects.popleft()])
            return
        if self.pace is not None and self.solved > 1:  # the first run also built the model
            self.workers.expect(self.pace * len(self.waiting))
        slots = self.workers.slots
        while self.waiting and len(self.flying) < (2 * slots if self.workers.packs else 1):
            size = min(self._package_size(), ceil(len(self.waiting) / (2 * slots)))
            if not self._submit([self.waiting.popleft() for _ in range(size)]):
                return

    def _package_size(self) -> int:
        if self.pace is None or not self.workers.packs:
            return 1
        return max(1, min(LONGEST_PACKAGE, round(PACKAGE_SECONDS / self.pace)))

    def _submit(self, positions: list[int]) -> bool:
        """Hand out one package; False if the executor was found broken, with the package left in flight as lost."""
        runs = tuple(self.runs[position] for position in positions)
        package = Package(tuple(positions), runs, self.time_limit, self.versions)
        try:
            future = self.workers.submit(package)
        except BrokenExecutor as error:
            lost: Future[Delivery] = Future()
            lost.set_exception(error)
            self.flying[lost] = package
            return False
        except Exception as error:
            raise _explained(error, "refused a package") from error
        if not isinstance(future, Future) or future in self.flying:
            raise refused(f"an executor whose submit gave {found_text(future)}, no future of its own")
        self.flying[future] = package
        return True

    def receive(self) -> Iterator[Found]:
        """Give what has ended; mend the workers and send again what they lost."""
        done, _ = wait(self.flying, timeout=TICK, return_when=FIRST_COMPLETED)
        done |= {future for future in self.flying if future.cancelled()}  # of those alone `wait` may not hear
        for future in [one for one in done if _error(one) is None]:  # first: whatever becomes of the others
            yield from self._delivered(self.flying.pop(future), future.result())
        lost: list[int] = []
        broken = any(isinstance(_error(future), BrokenExecutor) for future in done)
        dead = self.workers.mend() if broken else []  # nothing is in flight after it
        for future in list(self.flying) if broken else [one for one in done if one in self.flying]:
            package, error = self.flying.pop(future), _error(future)
            if error is None:
                yield from self._delivered(package, future.result())
            elif isinstance(error, BrokenExecutor):
                lost += package.positions
            elif self.workers.is_death(error):
                yield from self._died([(position, None) for position in package.positions])
            else:
                raise _explained(error, "failed at a package") from error
        if broken:
            yield from self._lost(lost, dead)
        if not done:
            yield [], {}

    def _delivered(self, package: Package, delivery: Delivery) -> Iterator[Found]:
        if not isinstance(delivery, Delivery) or not delivery.answers(package):
            raise refused(f"an executor that gave {found_text(delivery)} for a package of runs")
        self.pace = max(1e-4, sorted(delivery.seconds)[len(delivery.seconds) // 2])
        self.solved += len(delivery.seconds)
        self.fruitless = 0
        yield from delivery.blocks

    def _lost(self, lost: list[int], dead: list[tuple[int, int]]) -> Iterator[Found]:
        """Send again what a broken pool lost; suspect the runs at which its workers died."""
        dead = [(position, code) for position, code in dead if position in lost]
        self.fruitless = 0 if dead else self.fruitless + 1
        if self.fruitless == FRUITLESS:
            wanted = "workers that live; look for the first error of a worker above"
            raise ExecutionError(Problem("run", "workers", f"processes that died {FRUITLESS} times running", wanted))
        blamed = {position for position, _ in dead}
        self.waiting.extendleft(position for position in sorted(lost, reverse=True) if position not in blamed)
        yield from self._died(dead)

    def _died(self, dead: Sequence[tuple[int, int | None]]) -> Iterator[Found]:
        """Give the runs that are lost for good: out of time, or the second worker dead; try the others once more."""
        for position, code in dead:
            if code == -getattr(signal, "SIGALRM", 14):
                message = f"stopped in the middle of a step: it took longer than the {self.time_limit:g} s it may take"
                words = ("timeout", "wall_clock_limit")
            elif position in self.accused:
                how = "" if code is None else f" by signal {-code}" if code < 0 else f" with exit code {code}"
                message = f"its worker process died{how}, for the second time: out of memory, perhaps"
                words = ("failed", "solver_failure")
            else:
                self.accused.add(position)
                self.suspects.append(position)
                continue
            yield from stack([(position, unsolved_run(self.runs[position].digest, message, *words))])


def _explained(error: BaseException, what: str) -> BaseException:
    """Return an error of ours, or one that says to leave, as it is; any other as one of the executor."""
    if isinstance(error, CellModelError) or not isinstance(error, Exception):
        return error
    return refused(f"an executor that {what}: {type(error).__name__}: {error}")


def _error(future: Future[Delivery]) -> BaseException | None:
    """Return what became of a package; one that was withdrawn counts as lost with its executor."""
    return BrokenExecutor() if future.cancelled() else future.exception()
