"""Packages of runs: what goes to a worker, what it does there, what comes back.

A package shares cell, protocol and materials, so that little more than its numbers travels. Results come back as
blocks, every variable of many runs in one array. It knows no executor and no study.
"""

from __future__ import annotations

import logging
import weakref
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cellmodel.dataset import Variables, run_variables, versions
from cellmodel.dataset.schema import FLAG_NAMES, FLAGS, PER_RUN, flag_attributes
from cellmodel.errors import ExecutionError, Problem
from cellmodel.execution.watching import deadline, note_run, settle
from cellmodel.models.built_model import Discretisation
from cellmodel.models.compiling import check_compiler
from cellmodel.models.turns import in_turn
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
class Package:
    """Runs that travel together.

    Attributes
    ----------
    positions : tuple of int
        Of the runs in the list that is being solved.
    runs : tuple of PreparedRun
        The same number.
    time_limit : float or None
        Wall time that each may take [s].
    versions : mapping of str to str or int
        Of the sender.
    ahead : PreparedRun or None
        A run like those to come, whose model is built and whose results are not wanted.
    """

    positions: tuple[int, ...]
    runs: tuple[PreparedRun, ...]
    time_limit: float | None
    versions: Mapping[str, str | int]
    ahead: PreparedRun | None = None


@dataclass(frozen=True)
class Delivery:
    """What comes back for a package.

    Attributes
    ----------
    blocks : list of (list of int, Block)
        Positions and results; more than one where runs differ in their variables or sizes.
    seconds : list of float
        Wall time of each run [s].
    """

    blocks: list[tuple[list[int], Block]]
    seconds: list[float]

    def answers(self, package: Package) -> bool:
        """Return whether every run of a package is here once."""
        found = [position for positions, _ in self.blocks for position in positions]
        return sorted(found) == sorted(package.positions) and len(self.seconds) == len(found)


def solve_package(package: Package) -> Delivery:
    """Solve the runs of a package; the function that workers call.

    Parameters
    ----------
    package : Package
        From the parent.

    Returns
    -------
    Delivery
        Every run is in it: whatever a run raises makes it a failed run, so that its neighbours go on.

    Raises
    ------
    ExecutionError
        This process has other versions than the sender.
    ParameterError
        Functions are to be compiled, and nothing can be compiled here.
    """
    check_versions(package.versions, {"this worker": versions()})
    if any(run.compiled for run in package.runs):
        check_compiler()
    if package.ahead is not None:
        _get_ready(package.ahead)
    solved: list[tuple[int, Variables]] = []
    seconds: list[float] = []
    for position, run in zip(package.positions, package.runs, strict=True):
        start = perf_counter()
        solved.append((position, _solve(position, run, package.time_limit)))
        seconds.append(perf_counter() - start)
        settle()
    return Delivery(stack(solved), seconds)


@in_turn
def _get_ready(run: PreparedRun) -> None:
    """Build the model of a run, its integrator and its readers, with the first second of the run."""
    steps = tuple(replace(step, duration=1.0) for step in run.protocol.steps)
    short = replace(run, protocol=replace(run.protocol, steps=steps, cycles=1))
    with suppress(Exception):  # what is wrong with it comes out with the runs themselves
        run_variables(solve_run(short))
        _set_up.add(built_model(run).discretisation)
    settle()


@in_turn  # the wall time of a run begins with its turn
def _solve(position: int, run: PreparedRun, time_limit: float | None) -> Variables:
    note_run(position)
    try:
        built = built_model(run).discretisation
        if time_limit is not None and built not in _set_up:
            time_limit += SET_UP_SECONDS[run.compiled]
        with deadline(time_limit):
            variables, coordinates = run_variables(solve_run(run, time_limit))
        _set_up.add(built)
    except Exception as error:  # the last resort of a sweep: the message keeps the kind
        _log.debug("run failed", exc_info=True)
        return unsolved_run(run.digest, f"{type(error).__name__}: {error}")
    return {**variables, **coordinates}


def stack(solved: Sequence[tuple[int, Variables]]) -> list[tuple[list[int], Block]]:
    """Return runs as blocks, one for each set of names, dimensions and sizes.

    Parameters
    ----------
    solved : sequence of (int, Variables)
        Positions and results.

    Returns
    -------
    list of (list of int, Block)
        In the order in which the kinds first appear.
    """
    kinds: dict[Any, list[tuple[int, Variables]]] = {}
    for position, variables in solved:
        kind = tuple((name, dims, np.shape(values)) for name, (dims, values, _) in variables.items())
        kinds.setdefault(kind, []).append((position, variables))
    return [([position for position, _ in group], _block([run for _, run in group])) for group in kinds.values()]


def _block(runs: list[Variables]) -> Block:
    block: Block = {}
    for name, (dimensions, first, attributes) in runs[0].items():
        values = [run[name][1] for run in runs]
        block[name] = (dimensions, attributes, np.array(values, dtype=object if isinstance(first, str) else None))
    return block


def unsolved_run(digest: str, message: str, status: str = "failed", end_cause: str = "solver_failure") -> Variables:
    """Return the variables of a run that has no results.

    Parameters
    ----------
    digest : str
        Of the run.
    message : str
        Why there are none.
    status, end_cause : str, optional
        Words of `cellmodel.dataset.schema`.

    Returns
    -------
    Variables
        NaN for every number that there is one of per run.
    """
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
    """Raise if a worker would compute something else.

    Parameters
    ----------
    own : mapping of str to str or int
        `cellmodel.dataset.versions()` of the process that asks.
    others : mapping of str to mapping
        Those of each worker, by its name.

    Raises
    ------
    ExecutionError
        Every worker with another cellmodel, model or PyBaMM, both versions named.
    """
    problems = [
        Problem(worker, key, str(found.get(key)), f"{own[key]}, as in the process that asks")
        for worker, found in others.items()
        for key in MUST_AGREE
        if found.get(key) != own[key]
    ]
    if problems:
        raise ExecutionError(problems)
