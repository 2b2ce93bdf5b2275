"""A study and its results folder: what is already there, what may be added, what is finished.

It refuses results of other fixed inputs and names them; it computes nothing and solves nothing.
"""

from __future__ import annotations

import hashlib
import tomllib
import warnings
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from cellmodel import store
from cellmodel.dataset import STATUS, versions
from cellmodel.errors import Problem, ResultsError
from cellmodel.protocols.reading import write_toml
from cellmodel.study.axes import coordinates, drawn_values, geometry_dimensions, union
from cellmodel.study.definition import Run, Study

Attribute = str | int | float
_SAME = 1e-9  # relative; axis values closer than this are one
_FINISHED = (STATUS["completed"], STATUS["ended_early"])
_NOT_PHYSICS = (".source", ".status", ".unit")


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
    if folder is None:
        drawn = drawn_values(study, xr.Dataset(coords=own))
        return store.StudyStore(
            None, own, _attributes(study, extrapolated, inputs), geometry_dimensions(study), known=drawn
        )
    path = folder / f"{study.name}.zarr"
    store.check_writable(folder)
    lock = store.StudyLock(path)
    try:
        store.recover(path)
        if overwrite or not path.exists():
            attributes = _attributes(study, extrapolated, inputs)
            drawn = drawn_values(study, xr.Dataset(coords=own))
            return store.StudyStore(path, own, attributes, geometry_dimensions(study), lock, known=drawn)
        existing = store.open_results(path)
        known = _known_inputs(path, existing)
        _refuse_other_inputs(path, known, inputs)
        inputs["cells"] = {**known["cells"], **inputs["cells"]}
        own = {name: union(variable, existing[name].variable) for name, variable in own.items()}
        attributes = _resumed(path, existing.attrs, _attributes(study, extrapolated, inputs))
        drawn = drawn_values(study, xr.Dataset(coords=own))
        keeper = store.StudyStore(path, own, attributes, geometry_dimensions(study), lock, known=drawn)
        keeper.adopt()
    except BaseException:
        lock.release()
        raise
    return keeper


def finished_results(study: Study, folder: Path, *, extrapolate: bool) -> xr.Dataset | None:
    """Return the results of a study that has nothing left to compute, without looking at each of its runs.

    Parameters
    ----------
    study : Study
        As loaded.
    folder : pathlib.Path
        Where `<study>.zarr` is.
    extrapolate : bool
        Whether correlations may be used outside their validity; results that were may not stand for this otherwise.

    Returns
    -------
    xarray.Dataset or None
        As `cellmodel.open_results` gives it, if the store was last written for this very study, every number and
        axis value included, by this model version, and all its runs are finished; otherwise None.
    """
    path = folder / f"{study.name}.zarr"
    if not path.is_dir():
        return None
    existing = store.open_results(path)
    text = existing.attrs.get("inputs", "")
    wanted = {
        "study_digest": _study_digest(study),
        "inputs_digest": hashlib.sha256(text.encode()).hexdigest(),
        "compiled": "yes" if study.compiled else "no",
        **versions(),
    }
    same = all(existing.attrs.get(key) == value for key, value in wanted.items())
    same = same and (extrapolate or not existing.attrs.get("extrapolated"))
    return existing if same and "status" in existing and np.isin(existing["status"].values, _FINISHED).all() else None


def _study_digest(study: Study) -> str:
    """Return the SHA-256 of everything that decides which runs a study has and what they give."""
    values = [(axis.key, axis.values) for axis in study.axes]
    fixed = (study.fixed_inputs(), study.extrapolate, study.sample)
    return hashlib.sha256(repr((fixed, values)).encode()).hexdigest()


def _known_inputs(path: Path, existing: xr.Dataset) -> dict[str, Any]:
    """Return the inputs that the store was written with."""
    try:
        known = tomllib.loads(existing.attrs["inputs"])
        return {"study": known["study"], "cells": known["cells"]}
    except (KeyError, tomllib.TOMLDecodeError) as error:
        wanted = "the inputs of a study, or overwrite, or another study name"
        raise ResultsError(Problem(str(path), "inputs", f"unreadable attribute ({error})", wanted)) from error


def _resumed(path: Path, known: Mapping[Any, Any], own: dict[str, Attribute]) -> dict[str, Attribute]:
    """Return the attributes of a study that goes on: versions, `compiled` and the date stay as at its creation.

    Only another model version is taken over: all runs of this study are then computed again.
    """
    kept = {**own, "created": known.get("created", own["created"])}
    compiled = known.get("compiled", own["compiled"])
    if compiled != own["compiled"]:
        words = {"yes": "with compiled functions", "no": "without compiled functions"}
        warnings.warn(f"{path} was begun {words[compiled]} and goes on so; overwrite to change that", stacklevel=3)
        kept["compiled"] = compiled
    if known.get("model_version") != own["model_version"]:
        warnings.warn(
            f"{path} holds results of model version {known.get('model_version')}, this is {own['model_version']}: "
            "all runs of this study are computed again, runs at other axis values stay as they are",
            stacklevel=3,
        )
        return kept
    libraries = [name for name in own if name.endswith("_version") and name not in ("model_version", "store_version")]
    other = [
        f"{name.removesuffix('_version')} {known.get(name)} (here {own[name]})"
        for name in libraries
        if known.get(name) != own[name]
    ]
    if other:
        warnings.warn(f"{path} was begun with {', '.join(other)}; its finished runs are kept", stacklevel=3)
    return {**kept, **{name: known[name] for name in libraries if name in known}}


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


def _attributes(study: Study, extrapolated: str, inputs: Mapping[str, Any]) -> dict[str, Attribute]:
    text = write_toml(inputs)
    return {
        "Conventions": "CF-1.11",
        "title": study.description,
        "study": study.name,
        "inputs": text,
        "inputs_digest": hashlib.sha256(text.encode()).hexdigest(),
        "extrapolated": extrapolated,
        "study_digest": _study_digest(study),
        "compiled": "yes" if study.compiled else "no",
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
