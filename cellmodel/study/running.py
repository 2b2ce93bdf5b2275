"""Many runs: skip what is finished, run the rest one after the other, keep everything that ends.

In-process and serial; the built model is kept inside `cellmodel.simulate`, so that a study over numbers
builds once. It computes nothing itself and writes nothing itself.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from cellmodel.dataset.schema import FLAG_NAMES, FLAGS, PER_RUN, flag_attributes
from cellmodel.simulate import PreparedRun, execute, prepare_run
from cellmodel.study.checking import check_study
from cellmodel.study.definition import Run, Study
from cellmodel.study.reading import load_study
from cellmodel.study.results import is_finished, open_store, places

_log = logging.getLogger(__name__)
Progress = Callable[[int, int], None]


def run_study(
    study: str | Path | Study,
    results: str | Path | None = "results",
    overwrite: bool = False,
    extrapolate: bool | None = None,
    progress: Progress | None = None,
) -> xr.Dataset:
    """Run a study and return all its runs in one labelled dataset.

    Runs that the store already holds with the same digest are not computed again; runs that failed are tried
    again. A run that fails is in the dataset with its message. Ctrl-C keeps what is finished.

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
        Called with the number of runs done and the number to do, before the first and after each.

    Returns
    -------
    xarray.Dataset
        In memory, or, where it was written, as `cellmodel.open_results` gives it: values are read when they are
        used. Dimensions: `cell` or `case`, the axes, then those of a run.

    Raises
    ------
    StudyError
        The study is wrong; nothing is computed and nothing written.
    ResultsError
        The folder cannot be written, or holds results of other fixed inputs (named) and `overwrite` is False.
    """
    study = load_study(study)
    allowed = study.extrapolate if extrapolate is None else extrapolate
    runs = check_study(study, extrapolate=allowed)
    prepared = [_prepare(study, run, allowed) for run in runs]
    report = progress or _silent
    with open_store(study, prepared, None if results is None else Path(results), overwrite) as keeper:
        compiled = keeper.attributes["compiled"] == "yes"  # as the store was begun
        placed = zip(places(keeper, runs), prepared, strict=True)
        todo = [
            (index, replace(item, compiled=compiled)) for index, item in placed if not is_finished(keeper, index, item)
        ]
        report(0, len(todo))
        for done, (index, item) in enumerate(todo, start=1):
            keeper.put(index, _execute(item))
            keeper.flush(force=False)
            report(done, len(todo))
        return keeper.result()


def _silent(_done: int, _total: int) -> None:
    """Report nothing."""


def _prepare(study: Study, run: Run, extrapolate: bool) -> PreparedRun:
    return prepare_run(
        run.case.parameters,
        study.protocol,
        c_rate=run.c_rate,
        current_density=run.current_density,
        temperature=run.temperature,
        overrides=dict(run.swept),
        model=study.model,
        mesh=study.mesh,
        profiles=study.profiles,
        extrapolate=extrapolate,
        solver=study.solver,
        inputs=study.input_paths,
        mechanisms=study.mechanisms,
        compiled=study.compiled,
    )


def _execute(item: PreparedRun) -> xr.Dataset:
    """Solve one run; whatever it raises becomes a failed run, so that its neighbours go on."""
    try:
        return execute(item)
    except Exception as error:  # the last resort of a sweep: the message keeps the kind
        _log.debug("run failed", exc_info=True)
        return _failed(item.digest, f"{type(error).__name__}: {error}")


def _failed(digest: str, message: str) -> xr.Dataset:
    numbers: dict[str, Any] = {
        name: ((), np.nan, {"units": variable.units, "long_name": variable.long_name})
        for name, variable in PER_RUN.items()
    }
    words = {"status": "failed", "end_cause": "solver_failure", "unresolved": "no", "above_solubility": "no"}
    flags = {
        **{
            name: ((), np.int8(FLAGS[name][word]), flag_attributes(name, FLAG_NAMES[name]))
            for name, word in words.items()
        },
        "message": ((), message, {"units": "1", "long_name": "why the run ended as it did"}),
        "run_digest": (
            (),
            digest,
            {"units": "1", "long_name": "SHA-256 of everything that decides the result"},
        ),
    }
    return xr.Dataset({**numbers, **flags})
