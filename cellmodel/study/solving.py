"""Many runs: skip what is finished, hand the rest to workers, keep everything that ends.

Who solves is `cellmodel.execution`'s business, what is kept and where `cellmodel.store`'s. It computes nothing itself
and writes nothing itself.
"""

from __future__ import annotations

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
from cellmodel.study.results import finished_digest, finished_results, open_store, own_libraries, places

if TYPE_CHECKING:
    from distributed import Client
    from zarr.abc.store import Store

    from cellmodel.study.definition import Study
    from cellmodel.study.runs import Run

Progress = Callable[[int, int], None]
_CALL = "run_study"
_COMPUTED_WITH = {
    "units": "1",
    "long_name": "libraries that the run was computed with; empty: those of the attributes of the dataset",
}


def solve_study(
    study: Study,
    results: str | PathLike[str] | Store | dict[str, Any] | None,
    overwrite: bool,
    extrapolate: bool | None,
    progress: Progress | None,
    workers: int | str | Executor | Client | Workers | None,
    time_limit: float | str | None,
    confirmed: bool,
) -> xr.Dataset:
    """Run a study and return all its runs; see `run_study`."""
    chosen = check_workers(workers)
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


def _checked(
    study: Study, results: Any, overwrite: Any, extrapolate: Any, progress: Any, time_limit: Any, confirmed: Any
) -> tuple[Study, Place | None, bool, Progress]:
    """Return study, place of results, `overwrite` and `progress` of a call, checked before anything is done."""
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
    study = replace(study, **given)
    check_size(study, confirmed=confirmed)
    return study, _place(results, study.name), overwrite, progress or _silent


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
