"""What must be equal for two runs to share a store: every input of a study but the values of its axes.

One digest of it decides what is reused, gone on with or refused; the tables themselves say what differs. It reads no
file and knows no store.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from cellmodel.mechanisms import own_sources
from cellmodel.models.meshes import find_mesh
from cellmodel.parameters.distributions import Distribution
from cellmodel.parameters.records import AREAL_CAPACITY, FunctionRecord, MaterialSet
from cellmodel.prepared_run import RunOptions
from cellmodel.protocols import protocol_toml
from cellmodel.study.settings import CONDITIONS, quantity

if TYPE_CHECKING:
    from cellmodel.study.definition import Study
    from cellmodel.study.runs import Case

_NOT_PHYSICS = (".source", ".status", ".unit")
_TOLERANCES = {"rtol": RunOptions.rtol, "atol": RunOptions.atol}
"""Of every run of a study: it has no word for others."""


def fixed_inputs(study: Study) -> dict[str, Any]:
    """Return everything that must be equal for two studies to share a store, as tables for TOML.

    Parameters
    ----------
    study : Study
        As it is run.

    Returns
    -------
    dict
        "study": protocol, axes, choices and sample; "cells": each cell's numbers and distributions by label.
        Axis values are left out, and so is the size of a sample that can grow.
    """
    conditions = {key: getattr(study, key) for key in CONDITIONS if getattr(study, key) is not None}
    table = {
        "protocol": protocol_toml(study.protocol),
        "axes": [axis.key for axis in study.axes],
        "cases": study.case_dimension or "",
        "model": study.model,
        "mesh": study.mesh,
        "solver": study.solver,
        "mechanisms": list(study.mechanisms),
        "profiles": study.profiles,
        "extrapolate": study.extrapolate,
        "volumes": asdict(find_mesh(study.mesh)),
        "tolerances": _TOLERANCES,
        **({"own_mechanisms": own} if (own := own_sources(study.mechanisms)) else {}),
        **conditions,
        **({} if study.sample is None else {"sample": study.sample.table}),
    }
    return {"study": table, "cells": {case.label: _of_case(case, study.swept_paths) for case in study.cases}}


def compared(inputs: Mapping[str, Any], labels: Iterable[str]) -> dict[str, Any]:
    """Return what is held against each other, by dotted key: the tables of the study and of some of its cells.

    Parameters
    ----------
    inputs : mapping
        From `fixed_inputs`, or read back from a store.
    labels : iterable of str
        Of the cells.

    Returns
    -------
    dict
        Without sources and the like, which change no result.
    """
    cells = {label: inputs["cells"][label] for label in labels}
    study = {**inputs["study"], "protocol": tomllib.loads(inputs["study"]["protocol"])}
    flat = _flat({"study": study, "cells": cells})
    return {key: value for key, value in flat.items() if not key.endswith(_NOT_PHYSICS)}


def digest(inputs: Mapping[str, Any], labels: Iterable[str]) -> str:
    """Return the SHA-256 of what `compared` returns: equal digests, equal fixed inputs."""
    return hashlib.sha256(repr(sorted(compared(inputs, labels).items())).encode()).hexdigest()


def _of_case(case: Case, swept: tuple[str, ...]) -> dict[str, object]:
    """Return a cell's numbers without the swept and drawn ones, its functions, their ranges and its distributions."""
    cell = case.parameters
    own = {"temperature": case.temperature, "c_rate": case.c_rate}
    left_out = {quantity(cell, path) for path in swept if path != AREAL_CAPACITY}
    document: dict[str, Any] = {key: value for key, value in own.items() if value is not None}
    document |= cell.inputs
    document["values"] = {path: facts for path, facts in document["values"].items() if path not in left_out}
    document |= _functions(cell.functions)
    if case.distributions:
        document["distributions"] = {path: distribution.table for path, distribution in case.distributions.items()}
    for role, by_set in case.set_distributions.items():
        document.setdefault("sets", {})[role] = {
            name: _of_set(cell.sets[role][name], drawn, left_out) for name, drawn in by_set.items()
        }
    return document


def _of_set(one: MaterialSet, drawn: Mapping[str, Distribution], left_out: set[str]) -> dict[str, object]:
    """Return a set of a material: its weight, its numbers without those that are drawn, functions, distributions."""
    values = {path: {"value": record.value, "unit": record.unit} for path, record in sorted(one.entries.items())}
    return {
        "weight": one.weight,
        "values": {path: facts for path, facts in values.items() if path not in left_out or path not in drawn},
        **_functions(one.functions),
        "distributions": {path: distribution.table for path, distribution in sorted(drawn.items())},
    }


def _functions(functions: Mapping[str, FunctionRecord]) -> dict[str, object]:
    """Return the forms of functions, and the ranges of those that state some."""
    return {
        "forms": {path: record.form.__name__ for path, record in functions.items()},
        "ranges": {
            path: {name: list(limits) for name, limits in record.valid.items()}
            for path, record in functions.items()
            if record.valid
        },
    }


def _flat(table: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in table.items():
        name = f"{prefix}.{key}".lstrip(".")
        flat.update(_flat(value, name) if isinstance(value, Mapping) else {name: _plain(value)})
    return flat


def _plain(value: Any) -> Any:
    """Return a value as it comes back from a file: 1 and 1.0 are one number, a tuple is a list."""
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else value
