"""A study and its results folder: what is already there, what may be added, what is finished.

What may stand beside what is the business of `study.comparing`; it computes nothing and solves nothing.
"""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import tomli_w
import xarray as xr

from cellmodel import store
from cellmodel.dataset import STATUS, versions
from cellmodel.study.axes import coordinates, drawn_values, geometry_dimensions, union
from cellmodel.study.comparing import known_inputs, older_model, refuse_other_draws, refuse_other_inputs
from cellmodel.study.definition import Run, Study
from cellmodel.study.fixed_inputs import digest

Attribute = str | int | float
_SAME = 1e-9  # relative; axis values closer than this are one
_FINISHED = (STATUS["completed"], STATUS["ended_early"])
LIBRARIES = tuple(name for name in versions() if name != "model_version")
"""Attributes that say which libraries a store was begun with."""


def open_store(study: Study, extrapolated: str, folder: Path | None, overwrite: bool) -> store.StudyStore:
    """Return the store of a study with what it already holds; raise before anything is computed.

    Parameters
    ----------
    study : Study
        What is run.
    extrapolated : str
        What its runs use outside its range of validity, one per line.
    folder : pathlib.Path or None
        Where `<study>.zarr` is; None keeps everything in memory.
    overwrite : bool
        Replace results of other inputs.

    Returns
    -------
    StudyStore
        With the finished runs it already holds, locked until it is left as a context manager.

    Raises
    ------
    ResultsError
        The folder cannot be written, another process is writing this study, or the store holds results of other
        fixed inputs (named) and `overwrite` is False.

    Warns
    -----
    UserWarning
        What the store holds was computed with other versions, or compiled functions where this study has none.
    """
    inputs, own = study.fixed_inputs(), coordinates(study)
    attributes = _attributes(study, extrapolated, inputs)
    if folder is None:
        drawn = drawn_values(study, xr.Dataset(coords=own))
        return store.StudyStore(None, own, attributes, geometry_dimensions(study), known=drawn)
    path = folder / f"{study.name}.zarr"
    store.check_store(path)
    store.check_writable(folder)
    lock = store.StudyLock(path)
    try:
        store.recover(path)
        there = store.check_store(path)
        anew = False
        if there and not overwrite:
            existing = store.open_results(path)
            anew = older_model(path, existing, own)
            known = known_inputs(path, existing, inputs)
            refuse_other_inputs(path, known, inputs)
            merged = {**inputs, "cells": {**known["cells"], **inputs["cells"]}}
            refuse_other_draws(path, existing, study)
            own = {name: union(variable, existing[name].variable) for name, variable in own.items()}
            attributes = _resumed(path, existing.attrs, _attributes(study, extrapolated, merged))
        drawn = drawn_values(study, xr.Dataset(coords=own))
        keeper = store.StudyStore(path, own, attributes, geometry_dimensions(study), lock, known=drawn)
        if there and not overwrite:
            keeper.adopt(anew=anew)
    except BaseException:
        lock.release()
        raise
    return keeper


def finished_results(study: Study, folder: Path) -> xr.Dataset | None:
    """Return the results of a study that has nothing left to compute, without looking at each of its runs.

    Parameters
    ----------
    study : Study
        As loaded.
    folder : pathlib.Path
        Where `<study>.zarr` is.

    Returns
    -------
    xarray.Dataset or None
        As `cellmodel.open_results` gives it, if the store was last written for this very study, every number and
        axis value included, by this model version, and all its runs are finished; otherwise None.
    """
    path = folder / f"{study.name}.zarr"
    if not path.is_dir() or not any(path.iterdir()):
        return None
    existing = store.open_results(path)
    text = str(existing.attrs.get("inputs", ""))
    wanted = {
        "study_digest": _study_digest(study),
        "inputs_digest": hashlib.sha256(text.encode()).hexdigest(),
        "compiled": "yes" if study.compiled else "no",
        **versions(),
    }
    if any(existing.attrs.get(key) != value for key, value in wanted.items()) or store.damaged_files(path):
        return None
    return existing if np.isin(existing["status"].values, _FINISHED).all() else None


def _study_digest(study: Study) -> str:
    """Return the SHA-256 of everything that decides which runs a study has and what they give."""
    values = [(axis.key, axis.values) for axis in study.axes]
    fixed = digest(study.fixed_inputs(), [case.label for case in study.cases])
    return hashlib.sha256(repr((fixed, study.sample, values)).encode()).hexdigest()


def _resumed(path: Path, known: Mapping[Any, Any], own: dict[str, Attribute]) -> dict[str, Attribute]:
    """Return the attributes of a study that goes on: versions, `compiled` and the date stay as at its creation.

    Only another model version is taken over: all runs are then computed again. What runs use beyond validity adds up.
    """
    kept = {**own, "created": known.get("created", own["created"])}
    lines = [*str(known.get("extrapolated", "")).splitlines(), *str(own["extrapolated"]).splitlines()]
    kept["extrapolated"] = "\n".join(dict.fromkeys(lines))
    compiled = known.get("compiled", own["compiled"])
    if compiled != own["compiled"]:
        words = {"yes": "with compiled functions", "no": "without compiled functions"}
        begun = words.get(str(compiled), f"with compiled = {compiled}")
        warnings.warn(f"{path} was begun {begun} and goes on so; overwrite to change that", stacklevel=3)
        kept["compiled"] = compiled
    limit = str(known.get("time_limit", own["time_limit"]))
    if limit.split(", then ")[-1] != own["time_limit"]:
        text = f"{path} was begun with a time limit of {limit} and goes on with {own['time_limit']}; finished runs stay"
        warnings.warn(text, stacklevel=3)
        limit = f"{limit}, then {own['time_limit']}"
    kept["time_limit"] = limit
    if known.get("model_version") != own["model_version"]:
        warnings.warn(
            f"{path} holds results of model version {known.get('model_version')}, this is {own['model_version']}: "
            "all runs of this study are computed again",
            stacklevel=3,
        )
        return kept
    other = [
        f"{name.removesuffix('_version')} {known.get(name)} (here {own[name]})"
        for name in LIBRARIES
        if known.get(name) != own[name]
    ]
    if other:
        warnings.warn(f"{path} was begun with {', '.join(other)}; its finished runs are kept", stacklevel=3)
    return {**kept, **{name: known[name] for name in LIBRARIES if name in known}}


def own_libraries(keeper: store.StudyStore) -> str:
    """Return the libraries that runs are computed with from now on, if the attributes of the store name others.

    Parameters
    ----------
    keeper : StudyStore
        From `open_store`.

    Returns
    -------
    str
        Empty if the attributes speak for all runs.
    """
    here = versions()
    if all(keeper.attributes.get(name) == here[name] for name in LIBRARIES):
        return ""
    return ", ".join(f"{name.removesuffix('_version')} {here[name]}" for name in LIBRARIES)


def _attributes(study: Study, extrapolated: str, inputs: Mapping[str, Any]) -> dict[str, Attribute]:
    text = tomli_w.dumps(inputs)
    return {
        "Conventions": "CF-1.11",
        "title": study.description,
        "study": study.name,
        "inputs": text,
        "inputs_digest": hashlib.sha256(text.encode()).hexdigest(),
        "extrapolated": extrapolated,
        "study_digest": _study_digest(study),
        "compiled": "yes" if study.compiled else "no",
        "time_limit": "none" if study.time_limit is None else f"{study.time_limit:g} s",
        "store_version": store.STORE_VERSION,
        **versions(),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def places(keeper: store.StudyStore, runs: Sequence[Run]) -> list[tuple[int, ...]]:
    """Return the position of every run along the swept dimensions.

    Parameters
    ----------
    keeper : StudyStore
        From `open_store`.
    runs : sequence of Run
        Of the same study.

    Returns
    -------
    list of tuple of int
        In the order of `runs`.
    """
    columns = []
    for name in keeper.axes.coords:
        known = keeper.axes[name].values
        exact = {value: index for index, value in enumerate(known.tolist())}
        for value in {run.labels[str(name)] for run in runs} - exact.keys():
            exact[value] = int(np.flatnonzero(np.isclose(known, value, rtol=_SAME, atol=0))[0])
        columns.append([exact[run.labels[str(name)]] for run in runs])
    return list(zip(*columns, strict=True)) if columns else [()] * len(runs)


def finished_digest(keeper: store.StudyStore, index: tuple[int, ...]) -> str:
    """Return the digest of the run that the store holds at a place.

    Parameters
    ----------
    keeper : StudyStore
        From `open_store`.
    index : tuple of int
        Which place.

    Returns
    -------
    str
        Empty if there is none, or it failed.
    """
    return str(keeper.digests[index]) if keeper.status[index] in _FINISHED else ""
