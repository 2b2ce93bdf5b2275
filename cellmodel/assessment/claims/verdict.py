"""From draws to verdicts: a labelled dataset for each claim. The rule itself stands in `rule`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from cellmodel.analysis.sensitivity import FEWEST_RUNS, first_order_indices, group_share
from cellmodel.assessment.claims.by_set import by_set
from cellmodel.assessment.claims.definition import CLAIMED, Claim, ComputedClaim
from cellmodel.assessment.claims.designs import DESIGN_PATHS, DESIGNS, DesignPoint
from cellmodel.assessment.claims.measures import Outcomes
from cellmodel.assessment.claims.rule import VERDICTS, best, probability_interval, verdict
from cellmodel.assessment.claims.samples import ClaimSample

QUANTILES = {"low": 0.05, "median": 0.5, "high": 0.95}

_EXTRAPOLATED = "mean share of the time in which salt somewhere is outside the range of a correlation"
_ALONE = "share of the variance that the assumed numbers explain by themselves"
_TOTAL = "share of the variance that would go if the assumed numbers were known"

_Variables = dict[str, tuple[Any, Any, str, str]]
"""Name -> dimensions, values, unit and long name."""


def judge_cell(
    claim: ComputedClaim,
    label: str,
    points: Sequence[DesignPoint],
    samples: Sequence[ClaimSample],
    nominal: Outcomes,
    drawn: Sequence[Outcomes],
) -> xr.Dataset:
    """Return what was found for one cell, on (subject, design, condition, draw, number, variable, set).

    `points` has both designs at each condition, the claim's own first. `samples` and `drawn` have the draws and their
    outcomes at the claim's own condition, and those at every other.
    """
    quantity, own, sample = CLAIMED[claim.quantity], drawn[0], samples[0]
    shape, on = (len(points) // len(DESIGNS), len(DESIGNS)), ("condition", "design")
    columns: dict[str, tuple[Any, str, str]] = {"nominal": (nominal.values[:, 0], quantity.unit, quantity.long_name)}
    for name, level in QUANTILES.items():
        rows = np.concatenate([np.quantile(part.values, level, axis=1) for part in drawn])
        columns[name] = (rows, quantity.unit, f"{level:.0%} quantile of the draws")
    reached = [row >= claim.threshold for part in drawn for row in part.values]
    chances, lowest, highest = np.array([probability_interval(row, row.size // 2) for row in reached]).T
    columns |= {
        "probability": (chances, "1", "share of the draws that reach the threshold"),
        "probability_low": (lowest, "1", "lower end of its 95 % interval"),
        "probability_high": (highest, "1", "upper end of its 95 % interval"),
        "failed": (_joined(drawn, "failed"), "1", "runs that the solver did not finish; they count as no energy"),
        "ended_at_once": (
            _joined(drawn, "at_once"),
            "1",
            "runs below the lower cut-off at the first instant; they count as no energy",
        ),
        "ended_by_solubility": (
            _joined(drawn, "saturated"),
            "1",
            "runs that ended where the salt reached its solubility; what they delivered until then counts",
        ),
        "extrapolated_fraction": (_joined(drawn, "extrapolated"), "1", _EXTRAPOLATED),
    }
    variables: _Variables = {
        name: (on, np.reshape(rows, shape), unit, meaning) for name, (rows, unit, meaning) in columns.items()
    }
    variables["value"] = (("design", "draw"), own.values, quantity.unit, quantity.long_name)
    by_design = chances.reshape(shape).T
    verdicts = np.array([verdict(chance, others) for chance, *others in by_design], dtype=object)
    variables["verdict"] = ("design", verdicts, "1", "verdict")
    if own.heating.size:
        text = "power that keeps the cells at their temperature"
        variables["heating_power"] = ("draw", own.heating[0], "W", text)
        variables["nominal_heating_power"] = ((), nominal.heating[0, 0], "W", text)
    variables |= _over_temperature(points, own) | _shares(sample, own) | _designs(points, shape)
    parts = list(zip(samples, drawn, strict=True))
    variables |= by_set(claim, parts)
    variables |= _coordinates(points, sample)
    labelled = {name: (on, values, _label(*text)) for name, (on, values, *text) in variables.items()}
    dataset = xr.Dataset(labelled).set_coords([*_coordinates(points, sample)])
    return dataset.expand_dims(subject=_texts([label]))


def _joined(drawn: Sequence[Outcomes], name: str) -> NDArray[Any]:
    return np.concatenate([getattr(part, name) for part in drawn])


def _texts(values: Iterable[str]) -> NDArray[np.object_]:
    return np.array(list(values), dtype=object)


def _label(units: str, long_name: str) -> dict[str, str]:
    return {"units": units, "long_name": long_name}


def _coordinates(points: Sequence[DesignPoint], sample: ClaimSample) -> _Variables:
    conditions = [point.condition for point in points[:: len(DESIGNS)]]
    inputs = sample.inputs
    return {
        "design": ("design", _texts(DESIGNS), "1", "design"),
        "design_kind": ("design", _texts(DESIGNS.values()), "1", "what the design is"),
        "variable": ("variable", _texts(DESIGN_PATHS), "1", "design number"),
        "number": ("number", _texts(one.label for one in inputs), "1", "drawn number"),
        "number_status": ("number", _texts(one.status for one in inputs), "1", "status in its file"),
        "condition": ("condition", np.arange(len(conditions)), "1", "condition; 0 is the claim's own"),
        "temperature": ("condition", [one.temperature for one in conditions], "K", "temperature"),
        "c_rate": ("condition", [one.c_rate for one in conditions], "1", "C-rate"),
    }


def _shares(sample: ClaimSample, own: Outcomes) -> _Variables:
    """Return the shares of the assumed numbers as a group, of each number alone, and the numbers that were drawn."""
    shares = [group_share(row) for row in own.values]
    variables: _Variables = {}
    for key, text in (("alone", _ALONE), ("total", _TOTAL)):
        for name, meaning in ((key, text), (f"{key}_error", f"standard error: {text}")):
            variables[f"assumed_{name}"] = ("design", [getattr(share, name) for share in shares], "1", meaning)
    nothing = np.full(len(sample.inputs), np.nan)
    indices = {"first_order": [nothing] * len(DESIGNS), "first_order_confidence": [nothing] * len(DESIGNS)}
    for row, values in enumerate(own.values):
        if values.size >= FEWEST_RUNS and np.ptp(values) > 0.0:
            for name, index in first_order_indices(sample.values, values, choices=sample.choices)[1].items():
                indices[name][row] = index
    on, text = ("design", "number"), "share of the variance that the number explains alone"
    variables["first_order"] = (on, indices["first_order"], "1", text)
    variables["first_order_confidence"] = (on, indices["first_order_confidence"], "1", "half-width, 95 %")
    return variables | {"drawn": (("number", "draw"), sample.values.T, "1", "drawn number, in SI")}


def _designs(points: Sequence[DesignPoint], shape: tuple[int, int]) -> _Variables:
    numbers = [[np.nan if one.cell is None else one.cell[path] for path in DESIGN_PATHS] for one in points]
    capacities = [np.nan if one.cell is None else one.cell.areal_capacity * 0.1 for one in points]
    reasons, on = _texts(one.reason for one in points[1 :: len(DESIGNS)]), ("condition", "design")
    values, text = np.reshape(numbers, (*shape, len(DESIGN_PATHS))), "areal capacity between the cut-offs"
    return {
        "design_value": ((*on, "variable"), values, "1", "design number, in SI"),
        "areal_capacity": (on, np.reshape(capacities, shape), "mA.h.cm-2", text),
        "no_design": ("condition", reasons, "1", "why there is no best design"),
    }


def _over_temperature(points: Sequence[DesignPoint], own: Outcomes) -> _Variables:
    """Return the energy over temperature of each design at the claim's own rate, where temperatures are compared."""
    if not own.energies.size:
        return {}
    largest = own.energies.max(axis=1, keepdims=True)
    shares = np.divide(own.energies, largest, out=np.zeros_like(own.energies), where=largest > 0.0)
    on = ("design", "window_temperature")
    return {
        "window_temperature": ("window_temperature", np.array(points[0].temperatures), "K", "temperature"),
        "usable_share": ((*on, "draw"), shares, "1", "energy over that at the best temperature"),
        "outside_at_temperature": (on, own.extrapolated_at, "1", _EXTRAPOLATED),
    }


def judge_claim(claim: Claim, cells: Sequence[xr.Dataset]) -> xr.Dataset:
    """Return one dataset of all cells of a claim, with the claim and what it rests on as attributes.

    Its attribute `verdict` is the best of its cells and designs; there are no cells if it is not yet computed.
    """
    whole = _side_by_side(cells) if cells else xr.Dataset()
    verdicts = [str(word) for word in whole["verdict"].values.ravel()] if cells else [VERDICTS[-1]]
    attributes: dict[str, Any] = {
        "claim": claim.name,
        "text": claim.text,
        "sentence": claim.sentence,
        "sentence_status": claim.status,
        "sources": " ".join(claim.sources),
        "note": claim.note,
        "assumptions": json.dumps(claim.assumptions, ensure_ascii=False),
        "quantity": claim.quantity,
        "verdict": best(verdicts),
    }
    if "set_verdict" in whole:
        attributes["set_verdicts"] = json.dumps(_best_by_set(whole), ensure_ascii=False)
    if isinstance(claim, ComputedClaim):
        quantity = CLAIMED[claim.quantity]
        attributes |= {"threshold": claim.threshold, "units": quantity.unit, "long_name": quantity.long_name}
        keys = ("level", "format", "vehicle", "liquid", "draws", "draws_elsewhere", "seed")
        attributes |= {key: getattr(claim, key) for key in keys}
    return whole.assign_attrs(attributes)


def _best_by_set(whole: xr.Dataset) -> dict[str, str]:
    """Return the best verdict of all cells and designs where each set holds; that of too few draws is none."""
    found = {}
    for name in map(str, whole["set"].values):
        words = [str(word) for word in whole["set_verdict"].sel(set=name).values.ravel() if word]
        found[name] = best([word for word in words if word in VERDICTS]) if set(words) & {*VERDICTS} else words[0]
    return found


def _side_by_side(cells: Sequence[xr.Dataset]) -> xr.Dataset:
    """Return the cells side by side; a number or set that one of them does not draw is NaN, or empty, there."""
    status = {str(name): str(word) for one in cells for name, word in one["number_status"].to_series().items()}
    names = {"number": _texts(status)}
    sets = dict.fromkeys(str(name) for one in cells if "set" in one.dims for name in one["set"].values)
    aligned = []
    for one in cells:
        known = {**names, **({"set": _texts(sets)} if "set" in one.dims else {})}
        aligned.append(one.drop_vars("number_status").reindex(known).reset_coords(["temperature", "c_rate"]))
    whole = xr.concat(aligned, dim="subject", data_vars="all", join="outer", combine_attrs="override", coords="minimal")
    texts = [name for name, variable in whole.data_vars.items() if variable.dtype == object]
    whole = whole.assign({name: whole[name].where(whole[name].notnull(), "") for name in texts})
    return whole.assign_coords(number_status=("number", _texts(status.values()), cells[0]["number_status"].attrs))
