"""Many runs: skip what is finished, hand the rest to workers, keep everything that ends.

Who solves is `cellmodel.execution`'s business, what is kept and where `cellmodel.store`'s. It computes nothing itself
and writes nothing itself.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from cellmodel.errors import Problem, ResultsError, StudyError, found_text
from cellmodel.execution import Workers, check_workers, make_executor, solve_runs
from cellmodel.execution.stopping import left_undisturbed, signals_stop, undisturbed, what_is_kept
from cellmodel.inputs import name_or_path, switch, wall_time
from cellmodel.models.compiling import check_compiler
from cellmodel.prepared_run import PreparedRun
from cellmodel.store import Place, StudyStore, remote_store
from cellmodel.study.checking import build_ahead, check_size, prepare_runs
from cellmodel.study.definition import Run, Study
from cellmodel.study.reading import load_study
from cellmodel.study.results import finished_digest, finished_results, open_store, own_libraries, places

if TYPE_CHECKING:
    from distributed import Client
    from zarr.abc.store import Store

Progress = Callable[[int, int], None]
_CALL = "run_study"
_COMPUTED_WITH = {
    "units": "1",
    "long_name": "libraries that the run was computed with; empty: those of the attributes of the dataset",
}


def run_study(
    study: str | PathLike[str] | Study,
    results: str | PathLike[str] | Store | dict[str, Any] | None = "results",
    overwrite: bool = False,
    extrapolate: bool | None = None,
    progress: Progress | None = None,
    workers: int | str | Executor | Client | Workers | None = None,
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
    study : str, os.PathLike or Study
        Name of a shipped study, path of a study file, or a study.
    results : str, os.PathLike, zarr store, dict or None, optional
        Folder, or fsspec URL such as "memory://results", in which <study>.zarr is written; or what zarr keeps a store
        in, for this study alone. Only a local folder is locked. None writes nothing.
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
        The study or another argument is wrong; nothing is computed and nothing written.
    ExecutionError
        `workers` is none of these or cannot be reached; or an executor broke or answers wrongly: what is finished is
        kept.
    ResultsError
        The folder cannot be written, or holds something that is not a store of this package, or results of other
        fixed inputs (named) or of a newer model version and `overwrite` is False.

    Examples
    --------
    >>> import cellmodel
    >>> study = cellmodel.load_study("first_discharge").replace(mesh="fast")
    >>> runs = cellmodel.run_study(study, results=None)
    >>> runs["message"].item(), round(runs["utilization"].item(), 1)
    ('completed', 1.0)
    """
    chosen = check_workers(_renamed(workers, executor))
    study, place, overwrite, report = _checked(study, results, overwrite, extrapolate, progress, time_limit, confirmed)
    finished = None if place is None or overwrite else finished_results(study, place)
    if finished is not None:
        report(0, 0)
        return finished
    limit = study.time_limit
    with (
        signals_stop(lambda: what_is_kept(place, "call")),
        _entered(chosen, limit is not None, study.number_of_runs) as crew,  # perhaps nobody answers
    ):
        if limit is None:  # nothing ends a solve that nobody waits for
            build_ahead(crew, study)
        runs = study.expand()
        prepared = prepare_runs(study, runs)
        extrapolated = dict.fromkeys(line for run in prepared for line in run.extrapolated.splitlines())
        opened = open_store(study, "\n".join(extrapolated), place, overwrite)
        with left_undisturbed(opened) as store:
            where, left = _unfinished(store, runs, prepared)
            todo = _compiled_alike(left, store.attributes["compiled"] == "yes")
            _solve(store, where, todo, crew, limit, report)
            return store.result()


def _compiled_alike(runs: list[PreparedRun], compiled: bool) -> list[PreparedRun]:
    """Return the runs with machine code or without, as the store was begun."""
    if not runs or runs[0].options.compiled == compiled:
        return runs
    if compiled:
        check_compiler()
    return [replace(run, options=replace(run.options, compiled=compiled)) for run in runs]


def _entered(workers: Any, limited: bool, runs: int) -> AbstractContextManager[Workers]:
    """Return who solves as a context manager; workers that the caller made are left open for what follows."""
    return nullcontext(workers) if isinstance(workers, Workers) else make_executor(workers, limited=limited, runs=runs)


def _renamed(workers: Any, executor: Any) -> Any:
    """Return who solves, from either name of the option."""
    if executor is None:
        return workers
    if workers is not None:
        raise StudyError(Problem("run", "executor", "`workers` too", "one of the two; `workers` is the new name"))
    text = "run_study: `executor` is now called `workers`; the old name goes with the next release"
    warnings.warn(text, DeprecationWarning, stacklevel=3)
    return executor


def _checked(
    study: Any, results: Any, overwrite: Any, extrapolate: Any, progress: Any, time_limit: Any, confirmed: Any
) -> tuple[Study, Place | None, bool, Progress]:
    """Return study, place of results, `overwrite` and `progress` of a call, checked before anything is done."""
    loaded = load_study(study)
    given: dict[str, Any] = {}
    if extrapolate is not None:
        given["extrapolate"] = switch(extrapolate, _CALL, "extrapolate", StudyError)
    if time_limit is not None:
        given["time_limit"] = wall_time(time_limit, _CALL, error=StudyError)
    overwrite, confirmed = (
        switch(value, _CALL, key, StudyError) for key, value in (("overwrite", overwrite), ("confirmed", confirmed))
    )
    if progress is not None and not callable(progress):
        raise StudyError(Problem(_CALL, "progress", found_text(progress), "a function of runs done and runs to do"))
    loaded = replace(loaded, **given)
    check_size(loaded, confirmed=confirmed)
    return loaded, _place(results, loaded.name), overwrite, progress or _silent


def _place(results: Any, name: str) -> Place | None:
    """Return where the runs of a study are kept: in a folder or below a URL under its name, or in a store as given."""
    if results is None:
        return None
    below = f"{results.rstrip('/')}/{name}.zarr" if isinstance(results, str) and "://" in results else results
    wanted = "the path of a folder, a URL, a zarr store, or None"
    other = remote_store(below)
    return other or Path(name_or_path(results, _CALL, "results", wanted, StudyError)) / f"{name}.zarr"


def _unfinished(
    store: StudyStore, runs: Sequence[Run], prepared: Sequence[PreparedRun]
) -> tuple[list[tuple[int, ...]], list[PreparedRun]]:
    """Return the runs that the store lacks, and before them their places; refuse if what it holds is of other inputs.

    A digest differs between equal fixed inputs only where an axis value was rounded otherwise: such a run is left.
    """
    where, left = list[tuple[int, ...]](), list[PreparedRun]()
    for number, place in enumerate(places(store, runs)):
        known = finished_digest(store, place)
        if known and known == prepared[number].digest:
            continue
        exact = zip(map(str, store.axes.coords), place, strict=True)
        if known and all(store.axes[name].values[at] == runs[number].labels[name] for name, at in exact):
            found = f"another digest than this run has now ({runs[number] or 'the only run'})"
            wanted = "results of the same inputs, or overwrite, or another study name"
            raise ResultsError(Problem(str(store.place), "run_digest", found, wanted))
        where.append(place)
        left.append(prepared[number])
    return where, left


def _solve(
    store: StudyStore,
    where: list[tuple[int, ...]],
    todo: Sequence[PreparedRun],
    workers: Workers,
    limit: float | None,
    report: Progress,
) -> None:
    """Solve what is left and put it in its place, block by block, as the workers give it."""
    done, libraries = 0, own_libraries(store)
    report(done, len(todo))
    for positions, block in solve_runs(todo, workers, limit):
        with undisturbed():
            if positions:
                if libraries:
                    given = np.full(len(positions), libraries, dtype=object)
                    block = {**block, "computed_with": ((), _COMPUTED_WITH, given)}
                store.put_block([where[position] for position in positions], block)
                done += len(positions)
            store.flush(force=False)
        if positions:
            report(done, len(todo))


def _silent(_done: int, _total: int) -> None:
    """Report nothing."""
