"""A study and its results folder: what is already there, what may be added, what is finished.

What may stand beside what is the business of `study.comparing`; it computes nothing and solves nothing.
"""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from cellmodel import store
from cellmodel.dataset import STATUS, versions
from cellmodel.study.axes import coordinates, drawn_values, geometry_dimensions, union
from cellmodel.study.comparing import known_inputs, older_model, refuse_other_draws, refuse_other_inputs
from cellmodel.study.fixed_inputs import digest
from cellmodel.study.inputs_text import inputs_text

if TYPE_CHECKING:
    from cellmodel.study.definition import Study
    from cellmodel.study.runs import Run

Attribute = str | int | float
_SAME = 1e-9  # relative; axis values closer than this are one
_FINISHED = (STATUS["completed"], STATUS["ended_early"])
LIBRARIES = tuple(name for name in versions() if name != "model_version")
"""Attributes that say which libraries a store was begun with."""


def open_store(study: Study, extrapolated: str, place: store.Place | None, overwrite: bool) -> store.StudyStore:
    """Return the store of a study with the finished runs it already holds; raise before anything is computed.

    A local folder is locked until the store is left as a context manager. ResultsError if it cannot be written, another
    process writes this study, or it holds results of other fixed inputs (named) and `overwrite` is False. A warning
    says that what it holds was computed with other versions, or compiled functions where this study has none.
    """
    if not isinstance(place, Path):
        there = place is not None and store.is_store(place)
        return _resumed_store(study, extrapolated, place, there and not overwrite, None)
    store.check_store(place)
    store.check_writable(place.parent)
    lock = store.StudyLock(place)
    try:
        store.recover(place)
        there = store.check_store(place)
        return _resumed_store(study, extrapolated, place, there and not overwrite, lock)
    except BaseException:
        lock.release()
        raise


def _resumed_store(
    study: Study, extrapolated: str, place: store.Place | None, resumed: bool, lock: store.StudyLock | None
) -> store.StudyStore:
    """Return the store of a study, which goes on with what is there if `resumed`."""
    inputs, own = study.fixed_inputs(), coordinates(study)
    attributes, anew = _attributes(study, extrapolated, inputs), False
    if resumed and place is not None:
        existing = store.open_results(place)
        anew = older_model(place, existing, own)
        known = known_inputs(place, existing, inputs)
        refuse_other_inputs(place, known, inputs)
        merged = {**inputs, "cells": {**known["cells"], **inputs["cells"]}}
        refuse_other_draws(place, existing, study)
        own = {name: union(variable, existing[name].variable) for name, variable in own.items()}
        attributes = _resumed(place, existing.attrs, _attributes(study, extrapolated, merged))
    drawn = drawn_values(study, xr.Dataset(coords=own))
    opened = store.StudyStore(place, own, attributes, geometry_dimensions(study), lock, known=drawn)
    if resumed:
        opened.adopt(anew=anew)
    return opened


def finished_results(study: Study, place: store.Place) -> xr.Dataset | None:
    """Return the results of a study that has nothing left to compute, without looking at each of its runs.

    None unless the store was last written for this very study, every number and axis value included, by this model
    version, and all its runs are finished.
    """
    if not (any(place.iterdir()) if isinstance(place, Path) and place.is_dir() else store.is_store(place)):
        return None
    existing = store.open_results(place)
    text = str(existing.attrs.get("inputs", ""))
    wanted = {
        "study_digest": _study_digest(study),
        "inputs_digest": hashlib.sha256(text.encode()).hexdigest(),
        "compiled": "yes" if study.compiled else "no",
        **versions(),
    }
    if any(existing.attrs.get(key) != value for key, value in wanted.items()) or store.damaged_files(place):
        return None
    return existing if np.isin(existing["status"].values, _FINISHED).all() else None


def _study_digest(study: Study) -> str:
    """Return the SHA-256 of everything that decides which runs a study has and what they give."""
    values = [(axis.key, axis.values) for axis in study.axes]
    fixed = digest(study.fixed_inputs(), [case.label for case in study.cases])
    return hashlib.sha256(repr((fixed, study.sample, values)).encode()).hexdigest()


def _resumed(place: store.Place, known: Mapping[Any, Any], own: dict[str, Attribute]) -> dict[str, Attribute]:
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
        warnings.warn(f"{place} was begun {begun} and goes on so; overwrite to change that", stacklevel=3)
        kept["compiled"] = compiled
    limit = str(known.get("time_limit", own["time_limit"]))
    if limit.split(", then ")[-1] != own["time_limit"]:
        text = (
            f"{place} was begun with a time limit of {limit} and goes on with {own['time_limit']}; finished runs stay"
        )
        warnings.warn(text, stacklevel=3)
        limit = f"{limit}, then {own['time_limit']}"
    kept["time_limit"] = limit
    if known.get("model_version") != own["model_version"]:
        warnings.warn(
            f"{place} holds results of model version {known.get('model_version')}, this is {own['model_version']}: "
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
        warnings.warn(f"{place} was begun with {', '.join(other)}; its finished runs are kept", stacklevel=3)
    return {**kept, **{name: known[name] for name in LIBRARIES if name in known}}


def own_libraries(opened: store.StudyStore) -> str:
    """Return the libraries that runs are computed with from now on, if the attributes of the store name others."""
    here = versions()
    if all(opened.attributes.get(name) == here[name] for name in LIBRARIES):
        return ""
    return ", ".join(f"{name.removesuffix('_version')} {here[name]}" for name in LIBRARIES)


def _attributes(study: Study, extrapolated: str, inputs: Mapping[str, Any]) -> dict[str, Attribute]:
    text = inputs_text(inputs)
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


def places(opened: store.StudyStore, runs: Sequence[Run]) -> list[tuple[int, ...]]:
    """Return the position of every run of the study along the swept dimensions."""
    columns = []
    for name in opened.axes.coords:
        known = opened.axes[name].values
        exact = {value: index for index, value in enumerate(known.tolist())}
        for value in {run.labels[str(name)] for run in runs} - exact.keys():
            exact[value] = int(np.flatnonzero(np.isclose(known, value, rtol=_SAME, atol=0))[0])
        columns.append([exact[run.labels[str(name)]] for run in runs])
    return list(zip(*columns, strict=True)) if columns else [()] * len(runs)


def finished_digest(opened: store.StudyStore, index: tuple[int, ...]) -> str:
    """Return the digest of the run that the store holds at a place; empty if there is none, or it failed."""
    return str(opened.digests[index]) if opened.status[index] in _FINISHED else ""
