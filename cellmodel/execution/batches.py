"""Batches: what goes to a worker, what it does there, what comes back.

The runs of a batch share cell, protocol and materials, so that little more than their numbers travels. Results come
back as blocks, every variable of many runs in one array. It knows no executor and no study.
"""

from __future__ import annotations

import logging
import weakref
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cellmodel.dataset import Variables, run_variables, versions
from cellmodel.dataset.schema import FLAG_NAMES, FLAGS, PER_RUN, flag_attributes
from cellmodel.errors import ExecutionError, Problem
from cellmodel.execution.worker_process import deadline, freeze_gc, record_current_run
from cellmodel.models.built_model import Discretisation
from cellmodel.models.compiling import check_compiler
from cellmodel.models.one_thread import one_thread_at_a_time
from cellmodel.simulation import PreparedRun, built_model, solve_run

Block = dict[str, tuple[tuple[str, ...], dict[str, Any], NDArray[Any]]]
"""Name -> dimensions of one run, attributes, values of many runs along a first axis that `dimensions` leaves out."""
MUST_AGREE = ("cellmodel_version", "model_version", "pybamm_version")
"""Versions that decide results: a worker with another one is refused."""
SET_UP_SECONDS = {False: 1.0, True: 120.0}
"""Added to the wall-clock limit of the first run with a model in a process, by whether the model is compiled."""
_log = logging.getLogger(__name__)
_set_up: weakref.WeakSet[Discretisation] = weakref.WeakSet()  # those that have solved


@dataclass(frozen=True)
class Batch:
    """Runs, or points of a function, that travel together.

    Attributes
    ----------
    positions : tuple of int
        Of the items in the list that is being worked on.
    items : tuple
        The same number: prepared runs, or points.
    time_limit : float or None
        Wall time that each may take [s].
    versions : mapping of str to str or int
        Of the sender.
    function : callable or None
        What is evaluated at points; None: the items are runs.
    ahead : PreparedRun or None
        A run like those to come, whose model is built and whose results are not wanted.
    """

    positions: tuple[int, ...]
    items: tuple[Any, ...]
    time_limit: float | None
    versions: Mapping[str, str | int]
    function: Callable[[Any], Any] | None = None
    ahead: PreparedRun | None = None


@dataclass(frozen=True)
class Delivery:
    """What comes back for a batch.

    Attributes
    ----------
    blocks : list of (list of int, Block or list)
        Positions and results; more than one where runs differ in their variables or sizes.
    seconds : list of float
        Wall time of each item [s].
    """

    blocks: list[tuple[list[int], Any]]
    seconds: list[float]

    def answers(self, batch: Batch) -> bool:
        """Return whether every item of a batch is here once."""
        found = [position for positions, _ in self.blocks for position in positions]
        return sorted(found) == sorted(batch.positions) and len(self.seconds) == len(found)


class Raised(NamedTuple):
    """What a function raised at a point."""

    error: Exception


def solve_batch(batch: Batch) -> Delivery:
    """Work on every item of a batch, which is what workers call; ExecutionError if this process has other versions."""
    check_versions(batch.versions, {"this worker": versions()})
    if batch.function is None and any(run.options.compiled for run in batch.items):
        check_compiler()
    if batch.ahead is not None:
        _build_ahead(batch.ahead)
    results: list[tuple[int, Any]] = []
    seconds: list[float] = []
    for position, item in zip(batch.positions, batch.items, strict=True):
        start = perf_counter()
        if batch.function is None:
            results.append((position, _solve(position, item, batch.time_limit)))
        else:
            results.append((position, _evaluate(position, item, batch.time_limit, batch.function)))
        seconds.append(perf_counter() - start)
        freeze_gc()
    if batch.function is None:
        return Delivery(stack(results), seconds)
    return Delivery([([position], [value]) for position, value in results], seconds)


@one_thread_at_a_time
def _build_ahead(run: PreparedRun) -> None:
    """Build the model of a run, its integrator and its readers, with the first second of the run."""
    steps = tuple(replace(step, duration=1.0) for step in run.protocol.steps)
    short = replace(run, protocol=replace(run.protocol, steps=steps, cycles=1))
    with suppress(Exception):  # what is wrong with it comes out with the runs themselves
        run_variables(solve_run(short))
        _set_up.add(built_model(run).discretisation)
    freeze_gc()


@one_thread_at_a_time  # the wall time of a run begins when it has the lock
def _solve(position: int, run: PreparedRun, time_limit: float | None) -> Variables:
    """Return the variables of one run; whatever it raises makes it a failed run, so that its neighbours go on."""
    record_current_run(position)
    try:
        built = built_model(run).discretisation
        if time_limit is not None and built not in _set_up:
            time_limit += SET_UP_SECONDS[run.options.compiled]
        with deadline(time_limit):
            variables, coordinates = run_variables(solve_run(run, time_limit))
        _set_up.add(built)
    except Exception as error:  # the last resort of a sweep: the message keeps the kind
        _log.debug("run failed", exc_info=True)
        return unsolved_run(run.digest, f"{type(error).__name__}: {error}")
    return {**variables, **coordinates}


def _evaluate(position: int, point: Any, time_limit: float | None, function: Callable[[Any], Any]) -> Any:
    """Return the value of a function at a point, or what it raised."""
    record_current_run(position)
    try:
        with deadline(time_limit):
            return function(point)
    except Exception as error:
        return Raised(error)


def stack(solved: Sequence[tuple[int, Variables]]) -> list[tuple[list[int], Block]]:
    """Return runs, each with its position, as blocks: one for each set of names, dimensions and sizes."""
    kinds: dict[Any, list[tuple[int, Variables]]] = {}
    for position, variables in solved:
        kind = tuple((name, dims, np.shape(values)) for name, (dims, values, _) in variables.items())
        kinds.setdefault(kind, []).append((position, variables))
    return [([position for position, _ in group], _block([run for _, run in group])) for group in kinds.values()]


def _block(runs: list[Variables]) -> Block:
    """Return runs with the same variables as one block."""
    block: Block = {}
    for name, (dimensions, first, attributes) in runs[0].items():
        values = [run[name][1] for run in runs]
        block[name] = (dimensions, attributes, np.array(values, dtype=object if isinstance(first, str) else None))
    return block


def unsolved_run(digest: str, message: str, status: str = "failed", end_cause: str = "solver_failure") -> Variables:
    """Return the variables of a run that has no results: NaN for every number that there is one of per run."""
    variables: Variables = {
        name: ((), np.float64(np.nan), {"units": variable.units, "long_name": variable.long_name})
        for name, variable in PER_RUN.items()
    }
    words = {"status": status, "end_cause": end_cause, "unresolved": "no", "above_solubility": "no"}
    for name, word in words.items():
        variables[name] = ((), np.int8(FLAGS[name][word]), flag_attributes(name, FLAG_NAMES[name]))
    variables["message"] = ((), message, {"units": "1", "long_name": "why the run ended as it did"})
    long_name = "SHA-256 of everything that decides the result"
    variables["run_digest"] = ((), digest, {"units": "1", "long_name": long_name})
    return variables


def check_versions(own: Mapping[str, str | int], others: Mapping[str, Mapping[str, str | int]]) -> None:
    """Raise ExecutionError that names every worker with another cellmodel, model or PyBaMM, and both versions."""
    problems = [
        Problem(worker, key, str(found.get(key)), f"{own[key]}, as in the process that asks")
        for worker, found in others.items()
        for key in MUST_AGREE
        if found.get(key) != own[key]
    ]
    if problems:
        raise ExecutionError(problems)
