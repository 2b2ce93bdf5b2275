"""Many runs: skip what is finished, hand the rest to workers, keep everything that ends.

Who solves is `cellmodel.execution`'s business, what is kept and where `cellmodel.store`'s. It computes nothing itself
and writes nothing itself.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from concurrent.futures import Executor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import xarray as xr

from cellmodel.errors import Problem, StudyError, found_text
from cellmodel.execution import Workers, check_workers, find_workers, solve_runs
from cellmodel.execution.stopping import left_undisturbed, signals_stop, undisturbed, what_is_kept
from cellmodel.inputs import wall_time
from cellmodel.store import StudyStore
from cellmodel.study.checking import check_study
from cellmodel.study.definition import Study
from cellmodel.study.preparing import PreparedRuns, get_ready
from cellmodel.study.reading import load_study
from cellmodel.study.results import finished_digest, finished_results, open_store, places

if TYPE_CHECKING:
    from distributed import Client

Progress = Callable[[int, int], None]


def run_study(
    study: str | Path | Study,
    results: str | Path | None = "results",
    overwrite: bool = False,
    extrapolate: bool | None = None,
    progress: Progress | None = None,
    workers: int | str | Executor | Client | None = None,
    time_limit: float | str | None = None,
    confirmed: bool = False,
    *,
    executor: int | str | Executor | Client | None = None,
) -> xr.Dataset:
    """Run a study and return all its runs in one labelled dataset.

    Runs that the store already holds with the same digest are not computed again; runs that failed are tried
    again. A run that fails is in the dataset with its message. Ctrl-C keeps what is finished; so do SIGTERM and
    SIGHUP, which end the process with exit code 128 and their number, in the main thread of a program that has no
    handlers of its own.

    Parameters
    ----------
    study : str, pathlib.Path or Study
        Name of a shipped study, path of a study file, or a study.
    results : str, pathlib.Path or None, optional
        Folder in which <study>.zarr is written; None writes nothing.
    overwrite : bool, optional
        Replace results of other inputs.
    extrapolate : bool, optional
        Allow correlations outside their validity; None: as the study says.
    progress : callable, optional
        Called with the number of runs done and the number to do, before the first and whenever some have ended.
    workers : int, str, concurrent.futures.Executor, distributed.Client or None, optional
        Who solves: a number of processes (1 is this one; at most four for each core), "auto" for all cores as soon as
        it pays, the address of a Dask scheduler, or any executor or client, which stays open. None: this process.
        Results do not depend on it. Processes import nothing of the calling script, which needs no guard.
    time_limit : float or str, optional
        Wall time that each run may take: [s], or text such as "2 min"; None: as the study says. Beyond it a run has
        the status `timeout`. This process and Dask mind it between two steps, the processes of a pool within a step
        as well.
    confirmed : bool, optional
        Allow more than a million runs.
    executor
        The former name of `workers`; deprecated, gone in the next release.

    Returns
    -------
    xarray.Dataset
        In memory, or, where it was written, as `cellmodel.open_results` gives it: values are read when they are
        used. Dimensions: `cell` or `case`, the axes, then those of a run.

    Raises
    ------
    StudyError
        The study, the time limit or `progress` is wrong; nothing is computed and nothing written.
    ExecutionError
        `workers` is none of these or cannot be reached; or an executor broke or answers wrongly: what is finished is
        kept.
    ResultsError
        The folder cannot be written, or holds results of other fixed inputs (named) and `overwrite` is False.
    """
    study = load_study(study)
    allowed = study.extrapolate if extrapolate is None else extrapolate
    chosen = check_workers(_renamed(workers, executor))
    limit = study.time_limit if time_limit is None else time_limit
    limit = None if limit is None else wall_time(limit, "run", error=StudyError)
    if progress is not None and not callable(progress):
        raise StudyError(Problem("run", "progress", found_text(progress), "a function of runs done and runs to do"))
    report = progress or _silent
    finished = None if results is None or overwrite else finished_results(study, Path(results), extrapolate=allowed)
    if finished is not None:
        report(0, 0)
        return finished
    folder = None if results is None else Path(results)
    with (
        signals_stop(lambda: what_is_kept(folder and folder / f"{study.name}.zarr", "call")),
        find_workers(chosen, limited=limit is not None, runs=study.number_of_runs) as crew,  # perhaps nobody answers
    ):
        if limit is None:  # nothing ends a solve that nobody waits for
            get_ready(crew, study)
        runs = check_study(study, extrapolate=allowed, confirmed=confirmed)
        prepared = PreparedRuns(study, runs, extrapolate=allowed, compiled=study.compiled)
        store = open_store(study, prepared.extrapolated(), folder, overwrite)
        with left_undisturbed(store) as keeper:
            compiled = keeper.attributes["compiled"] == "yes"  # as the store was begun
            left = []
            for number, place in enumerate(places(keeper, runs)):
                known = finished_digest(keeper, place)
                if not known or known != prepared[number].digest:
                    left.append((place, runs[number]))
            todo = PreparedRuns(study, [run for _, run in left], extrapolate=allowed, compiled=compiled)
            _solve(keeper, [place for place, _ in left], todo, crew, limit, report)
            return keeper.result()


def _renamed(workers: Any, executor: Any) -> Any:
    """Return who solves, from either name of the option."""
    if executor is None:
        return workers
    if workers is not None:
        raise StudyError(Problem("run", "executor", "`workers` too", "one of the two; `workers` is the new name"))
    text = "run_study: `executor` is now called `workers`; the old name goes with the next release"
    warnings.warn(text, DeprecationWarning, stacklevel=3)
    return executor


def _solve(
    keeper: StudyStore,
    where: list[tuple[int, ...]],
    todo: PreparedRuns,
    workers: Workers,
    limit: float | None,
    report: Progress,
) -> None:
    """Solve what is left and put it in its place, block by block, as the workers give it."""
    done = 0
    report(done, len(todo))
    for positions, block in solve_runs(todo, workers, limit):
        with undisturbed():
            if positions:
                keeper.put_block([where[position] for position in positions], block)
                done += len(positions)
            keeper.flush(force=False)
        if positions:
            report(done, len(todo))


def _silent(_done: int, _total: int) -> None:
    """Report nothing."""
