"""A study and its results folder: what is already there, what may be added, what is finished.

It refuses results of other fixed inputs and names them; it computes nothing and solves nothing.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cellmodel import store
from cellmodel.dataset import STATUS, versions
from cellmodel.errors import Problem, ResultsError
from cellmodel.protocols.reading import write_toml
from cellmodel.simulate import PreparedRun
from cellmodel.study.axes import coordinates, drawn_values, geometry_dimensions, place, union
from cellmodel.study.definition import Run, Study

_FINISHED = (STATUS["completed"], STATUS["ended_early"])
_NOT_PHYSICS = (".source", ".status", ".unit")


def open_store(study: Study, prepared: list[PreparedRun], folder: Path | None, overwrite: bool) -> store.StudyStore:
    """Return the store of a study with what it already holds; raise before anything is computed.

    Parameters
    ----------
    study : Study
        What is run.
    prepared : list of PreparedRun
        Its runs.
    folder : pathlib.Path or None
        Where `<study>.zarr` is; None keeps everything in memory.
    overwrite : bool
        Replace results of other inputs.

    Returns
    -------
    StudyStore
        With the finished runs it already holds.

    Raises
    ------
    ResultsError
        The folder cannot be written, or holds results of other fixed inputs (named) and `overwrite` is False.
    """
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
    keeper.dataset = keeper.dataset.assign_coords(drawn_values(study, keeper.dataset))
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


def is_finished(keeper: store.StudyStore, run: Run, item: PreparedRun) -> bool:
    """Return whether the store holds a run with the same digest that did not fail.

    Parameters
    ----------
    keeper : StudyStore
        From `open_store`.
    run : Run
        Which place.
    item : PreparedRun
        Whose digest.

    Returns
    -------
    bool
        False if the run is new, failed, or was computed from other inputs.
    """
    dataset = keeper.dataset
    if "status" not in dataset:
        return False
    index = place(dataset, run)
    same = dataset["run_digest"].values[index] == item.digest
    return bool(same and dataset["status"].values[index] in _FINISHED)
