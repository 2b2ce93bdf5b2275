"""Many runs: skip what is finished, run the rest one after the other, keep everything that ends.

In-process and serial; the built model is kept inside `cellmodel.simulate`, so that a study over numbers
builds once. It computes nothing itself and writes nothing itself.
"""

from __future__ import annotations

import hashlib
import logging
import tomllib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from cellmodel import store
from cellmodel.dataset import STATUS, versions
from cellmodel.dataset.schema import FLAG_NAMES, FLAGS, PER_RUN, flag_attributes
from cellmodel.errors import Problem, ResultsError
from cellmodel.protocols.reading import write_toml
from cellmodel.simulate import PreparedRun, execute, prepare_run
from cellmodel.study.axes import coordinates, geometry_dimensions, place, union
from cellmodel.study.checking import check_study
from cellmodel.study.definition import Run, Study
from cellmodel.study.reading import load_study

_log = logging.getLogger(__name__)
Progress = Callable[[int, int], None]
_FINISHED = (STATUS["completed"], STATUS["ended_early"])
_NOT_PHYSICS = (".source", ".status", ".unit")


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
        Dimensions: `cell` or `case`, the axes, then those of a run.

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
    keeper = _open_store(study, prepared, None if results is None else Path(results), overwrite)
    todo = [(run, item) for run, item in zip(runs, prepared, strict=True) if not _is_finished(keeper, run, item)]
    report = progress or _silent
    report(0, len(todo))
    try:
        for done, (run, item) in enumerate(todo, start=1):
            keeper.put(place(keeper.dataset, run), _execute(item))
            keeper.flush(force=False)
            report(done, len(todo))
    finally:
        keeper.flush()
    return keeper.dataset


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


def _open_store(study: Study, prepared: list[PreparedRun], folder: Path | None, overwrite: bool) -> store.StudyStore:
    """Return the store of a study with what it already holds; raise before anything is computed."""
    path = None if folder is None else folder / f"{study.name}.zarr"
    inputs, own = study.fixed_inputs(), coordinates(study)
    existing = None
    if folder is not None and path is not None:
        store.recover(path)
        if path.exists() and not overwrite:
            existing = store.open_results(path).load()
            known = tomllib.loads(existing.attrs["inputs"])
            _refuse_other_inputs(path, known, inputs)
            inputs["cells"] = {**known["cells"], **inputs["cells"]}
        store.check_writable(folder)
    if existing is not None:
        own = {name: union(variable, existing[name].variable) for name, variable in own.items()}
    attributes = _attributes(study, prepared, inputs)
    if existing is not None and all(
        existing.attrs.get(key) == value for key, value in attributes.items() if key != "created"
    ):
        attributes = dict(existing.attrs)
    keeper = store.StudyStore(path, own, attributes, geometry_dimensions(study))
    if existing is not None:
        keeper.adopt(existing)
    return keeper


def _refuse_other_inputs(path: Path, known: Mapping[str, Any], inputs: Mapping[str, Any]) -> None:
    """Raise if anything that is fixed differs; a cell that only one of the two has is an axis value."""
    both = set(known["cells"]) & set(inputs["cells"])
    found, wanted = (
        _flat({**tables, "cells": {label: tables["cells"][label] for label in both}}) for tables in (known, inputs)
    )
    problems = [
        Problem(str(path), key, _shown(found, key), f"{_shown(wanted, key)}, or overwrite, or another study name")
        for key in sorted({*found, *wanted})
        if found.get(key) != wanted.get(key) and not key.endswith(_NOT_PHYSICS)
    ]
    if problems:
        raise ResultsError(problems)


def _shown(values: Mapping[str, Any], key: str) -> str:
    value = values.get(key, "nothing")
    return f"{value:.9g}" if isinstance(value, float) else repr(value)


def _flat(table: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in table.items():
        name = f"{prefix}.{key}".lstrip(".")
        flat.update(_flat(value, name) if isinstance(value, Mapping) else {name: value})
    return flat


def _attributes(study: Study, prepared: list[PreparedRun], inputs: Mapping[str, Any]) -> dict[str, str | int | float]:
    text = write_toml(inputs)
    extrapolated = dict.fromkeys(line for item in prepared for line in item.extrapolated.splitlines())
    return {
        "Conventions": "CF-1.11",
        "title": study.description,
        "study": study.name,
        "inputs": text,
        "inputs_digest": hashlib.sha256(text.encode()).hexdigest(),
        "extrapolated": "\n".join(extrapolated),
        "store_version": store.STORE_VERSION,
        **versions(),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _is_finished(keeper: store.StudyStore, run: Run, item: PreparedRun) -> bool:
    dataset = keeper.dataset
    if "status" not in dataset:
        return False
    index = place(dataset, run)
    same = dataset["run_digest"].values[index] == item.digest
    return bool(same and dataset["status"].values[index] in _FINISHED)
