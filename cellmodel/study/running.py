"""The function that runs a study by its name: what callers read of it. How is the business of `study.solving`."""

from __future__ import annotations

import warnings
from concurrent.futures import Executor
from os import PathLike
from typing import TYPE_CHECKING, Any

import xarray as xr

from cellmodel.errors import Problem, StudyError
from cellmodel.execution import Workers
from cellmodel.study.definition import Study, load_study
from cellmodel.study.solving import Progress, solve_study

if TYPE_CHECKING:
    from distributed import Client
    from zarr.abc.store import Store


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

    What the store holds with the same digest is not computed again, unless it failed. A failed run keeps its message.
    Ctrl-C keeps what is finished; so do SIGTERM and SIGHUP, in a main thread without handlers of its own.

    Parameters
    ----------
    study : str, os.PathLike or Study
        Name of a shipped study, path of a study file, or a study.
    results : str, os.PathLike, zarr store, dict or None, optional
        Folder (locked) or fsspec URL for <study>.zarr, or what zarr keeps one store in; None writes nothing.
    overwrite, extrapolate : bool, optional
        Replace results of other inputs; allow correlations outside their validity (None: as the study says).
    progress : callable, optional
        Called with the number of runs done and the number to do, before the first and whenever some have ended.
    workers : int, str, concurrent.futures.Executor, distributed.Client or None, optional
        A number of processes (at most four for each core), "auto" for all cores once it pays, the address of a Dask
        scheduler, an executor or client, which stays open; 1 or None: this process. Results do not depend on it.
    time_limit : float or str, optional
        Wall time of each run: [s], or "2 min"; None: as the study says. Beyond it the status is `timeout`. This process
        and Dask mind it between two steps, the processes of a pool within a step as well.
    confirmed, executor : optional
        Allow more than a million runs; the former name of `workers`, gone in the next release.

    Returns
    -------
    xarray.Dataset
        As `cellmodel.open_results` gives it, or in memory. Dimensions: `cell` or `case`, axes, those of a run.

    Raises
    ------
    StudyError
        The study or another argument is wrong; nothing is computed and nothing written.
    ExecutionError
        `workers` is none of these or not reached; or an executor broke or answers wrongly: what is finished is kept.
    ResultsError
        `results` cannot be written, is no store, or has other fixed inputs (named) or a newer model version.

    Examples
    --------
    >>> import cellmodel
    >>> study = cellmodel.load_study("first_discharge").replace(mesh="fast")
    >>> cellmodel.run_study(study, results=None)["message"].item()
    'completed'
    """
    who = _renamed(workers, executor)
    return solve_study(load_study(study), results, overwrite, extrapolate, progress, who, time_limit, confirmed)


def _renamed(workers: Any, executor: Any) -> Any:
    """Return who solves, from either name of the option."""
    if executor is None:
        return workers
    if workers is not None:
        raise StudyError(Problem("run", "executor", "`workers` too", "one of the two; `workers` is the new name"))
    text = "run_study: `executor` is now called `workers`; the old name goes with the next release"
    warnings.warn(text, DeprecationWarning, stacklevel=3)
    return executor
