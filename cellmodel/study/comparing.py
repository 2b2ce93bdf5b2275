"""Whether what a store holds may stand beside the runs of a study: equal fixed inputs, draws and model version.

Whatever differs is refused by name, before anything is written. It solves nothing.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from cellmodel.dataset import versions
from cellmodel.errors import Problem, ResultsError, found_text
from cellmodel.store import Place
from cellmodel.study.axes import coordinates, drawn_values
from cellmodel.study.fixed_inputs import compared, digest

if TYPE_CHECKING:
    from cellmodel.study.definition import Study

_SAME = 1e-9  # relative; values closer than this are one


def known_inputs(place: Place, existing: xr.Dataset, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return the inputs that the store was written with; what older stores do not say is as in `inputs`."""
    wanted = "the inputs of a study, or overwrite, or another study name"
    text = str(existing.attrs.get("inputs"))
    try:
        known = tomllib.loads(text)
        known = {"study": dict(known["study"]), "cells": {label: dict(cell) for label, cell in known["cells"].items()}}
        sample = known["study"].get("sample", {})
        if sample.get("method") == "crossed":  # of version 0.1
            known["study"]["sample"] = {**sample, "method": "grouped_saltelli"}
        compared(known, known["cells"])  # every part is what it has to be
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise ResultsError(Problem(str(place), "inputs", f"unreadable attribute ({error})", wanted)) from error
    if existing.attrs.get("inputs_digest") != hashlib.sha256(text.encode()).hexdigest():
        raise ResultsError(Problem(str(place), "inputs_digest", "another digest than that of its inputs", wanted))
    study = {key: inputs["study"][key] for key in ("volumes", "tolerances", "extrapolate")}
    if existing.attrs.get("extrapolated"):
        study["extrapolate"] = True
    known["study"] = {**study, **known["study"]}
    for label, cell in inputs["cells"].items():
        if label in known["cells"]:
            known["cells"][label].setdefault("ranges", cell["ranges"])
    return known


def older_model(place: Place, existing: xr.Dataset, own: Mapping[str, xr.Variable]) -> bool:
    """Return whether a store is of an older model version, so that nothing of it stands; refuse a newer one.

    Of an older one every run is computed again. One that this study does not have would be left of the old version.
    """
    known, here = existing.attrs.get("model_version"), versions()["model_version"]
    if type(known) is not int or known > int(here):
        wanted = f"at most {here}, which this cellmodel computes; overwrite, or another study name"
        raise ResultsError(Problem(str(place), "model_version", found_text(known), wanted))
    if known == here:
        return False
    try:
        ran = existing["status"].values != 0
    except ResultsError:  # damaged: nobody knows
        ran = np.ones(existing["status"].shape, dtype=bool)
    for position, (name, variable) in enumerate(own.items()):
        extra = [value for value in existing[name].values.tolist() if not _among(value, variable.values)]
        hit = np.isin(existing[name].values, extra)
        if extra and np.take(ran, np.flatnonzero(hit), axis=position).any():
            shown = ", ".join(str(value) for value in extra[:5])
            found = f"runs of model version {known} at {shown}, which this study does not have"
            wanted = f"runs of version {here} only: add these values, overwrite, or take another study name"
            raise ResultsError(Problem(str(place), name, found, wanted))
    return True


def _among(value: Any, values: NDArray[Any]) -> bool:
    if isinstance(value, str):
        return value in values.tolist()
    return bool(np.isclose(values, value, rtol=_SAME, atol=0).any())


def refuse_other_draws(place: Place, existing: xr.Dataset, study: Study) -> None:
    """Raise if the store holds other drawn values at the cells and draws that both have."""
    own = coordinates(study)
    for name, variable in drawn_values(study, xr.Dataset(coords=own)).items():
        if name not in existing:
            continue
        new = xr.DataArray(variable, coords={dim: own[str(dim)] for dim in variable.dims})
        try:
            old = existing[name].load()
        except ResultsError:  # damaged: its runs are computed again
            continue
        old, new = xr.align(old, new, join="inner")
        text = new.dtype == object  # which set holds; empty, or NaN of a number: not drawn yet
        other = (old != new) & (old != "") if text else abs(old - new) > _SAME * abs(new)
        if old.dims != new.dims or other.any():
            found = "other draws than this study has from the same seed"
            raise ResultsError(Problem(str(place), name, found, "the same draws; overwrite, or another study name"))


def refuse_other_inputs(place: Place, known: Mapping[str, Any], inputs: Mapping[str, Any]) -> None:
    """Raise unless the digests of all fixed inputs are equal, and name what differs.

    Where cells are an axis, one that only one of the two has is a value of it; a single cell has to be the same.
    """
    labels = list(known["cells"]), list(inputs["cells"])
    problems = []
    if inputs["study"]["cases"]:
        both = [label for label in labels[1] if label in labels[0]]
        labels = both, both
    elif labels[0] != labels[1]:
        found, wanted = (", ".join(map(repr, one)) for one in labels)
        problems = [Problem(str(place), "cells", found, f"{wanted}, or overwrite, or another study name")]
        labels = [], []
    if not problems and digest(known, labels[0]) == digest(inputs, labels[1]):
        return
    there, here = compared(known, labels[0]), compared(inputs, labels[1])
    problems += [
        Problem(str(place), key, _shown(there, key), f"{_shown(here, key)}, or overwrite, or another study name")
        for key in sorted({*there, *here}, key=lambda key: (not key.startswith("study."), key))  # what is few first
        if there.get(key) != here.get(key)
    ]
    raise ResultsError(problems or Problem(str(place), "inputs", "other fixed inputs", "the same, or overwrite"))


def _shown(values: Mapping[str, Any], key: str) -> str:
    value = values.get(key, "nothing")
    return f"{value:.9g}" if isinstance(value, float) else repr(value)
