"""From what the runs of a claim gave to labelled datasets: probabilities, shares of the variance, verdicts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from cellmodel.analysis.sensitivity import FEWEST_RUNS, sobol_indices
from cellmodel.claims.definition import DESIGN_KINDS, DESIGNS, Claim
from cellmodel.claims.designs import DESIGN_PATHS
from cellmodel.claims.drawing import Number
from cellmodel.claims.measures import MEASURES
from cellmodel.claims.places import Outcomes, Place
from cellmodel.claims.variance import group_share
from cellmodel.claims.verdicts import WORDS, best, probability_interval, verdict
from cellmodel.dataset.schema import STATUS

QUANTILES = {"low": 0.05, "median": 0.5, "high": 0.95}
_SHARES = {
    "assumed_alone": "share of the variance that the assumed numbers explain by themselves",
    "assumed_total": "share of the variance that would go if the assumed numbers were known",
}
_PER_PLACE = {
    "probability": "share of the draws that reach the threshold",
    "probability_low": "lower end of its 95 % interval",
    "probability_high": "upper end of its 95 % interval",
    "failed": "runs that the solver did not finish; they count as no energy",
    "ended_at_once": "runs below the lower cut-off at the first instant; they count as no energy",
    "extrapolated_fraction": "mean share of the electrolyte's (x, t) domain outside the range of a correlation",
}


def assemble_subject(
    claim: Claim, subject: str, places: Sequence[Place], nominal: Outcomes, own: Outcomes, elsewhere: Outcomes | None
) -> xr.Dataset:
    """Return what was found for one cell.

    Parameters
    ----------
    claim : Claim
        What was tested.
    subject : str
        Label of the cell.
    places : sequence of Place
        Both designs at each condition, the claim's own first.
    nominal : Outcomes
        Of the nominal numbers at every place.
    own, elsewhere : Outcomes
        Of the draws at the claim's own condition, and at every other.

    Returns
    -------
    xarray.Dataset
        On (subject, design, condition, draw, number, variable).
    """
    count = len(places) // len(DESIGNS)
    shape = (count, len(DESIGNS))
    parts = [own] if elsewhere is None else [own, elsewhere]
    measure = MEASURES[claim.quantity]
    label = _label(measure.unit, measure.long_name)
    on = ("condition", "design")
    found: dict[str, Any] = {"nominal": (on, nominal.values[:, 0].reshape(shape), label)}
    found["value"] = (("design", "draw"), own.values, label)
    for name, share in QUANTILES.items():
        rows = np.concatenate([np.quantile(part.values, share, axis=1) for part in parts])
        found[name] = (on, rows.reshape(shape), {**label, "long_name": f"{share:.0%} quantile of the draws"})
    reached = [row >= claim.threshold for part in parts for row in part.values]
    intervals = np.array([probability_interval(row, row.size // 2) for row in reached])
    columns = {
        **dict(zip(("probability", "probability_low", "probability_high"), intervals.T, strict=True)),
        "failed": np.concatenate([part.failed for part in parts]),
        "ended_at_once": np.concatenate([part.at_once for part in parts]),
        "extrapolated_fraction": np.concatenate([part.outside for part in parts]),
    }
    for name, column in columns.items():
        found[name] = (on, column.reshape(shape), _label("1", _PER_PLACE[name]))
    chances = columns["probability"].reshape(shape)
    words = [verdict(chances[0, i], chances[1:, i]) for i in range(len(DESIGNS))]
    found["verdict"] = (("design",), np.array(words, dtype=object), _label("1", "verdict"))
    if own.heating.size:
        attributes = _label("W", "power that keeps the cells at their temperature")
        found["heating_power"] = (("draw",), own.heating[0], attributes)
        found["nominal_heating_power"] = ((), nominal.heating[0, 0], attributes)
    if own.windows:
        found |= _windows(own)
    found |= _shares(own) | _designs(places, shape) | _drawn(own)
    return xr.Dataset(found, coords=_coordinates(places, own, count)).expand_dims(
        subject=np.array([subject], dtype=object)
    )


def _coordinates(places: Sequence[Place], own: Outcomes, count: int) -> dict[str, Any]:
    conditions = [place.condition for place in places[:: len(DESIGNS)]]
    kinds = [DESIGN_KINDS[design] for design in DESIGNS]
    words = {
        "design": ("design", list(DESIGNS), "design"),
        "design_kind": ("design", kinds, "what the design is"),
        "variable": ("variable", list(DESIGN_PATHS), "design number"),
        "number": ("number", [_name(one) for one in own.numbers], "drawn number"),
        "number_status": ("number", [one.status for one in own.numbers], "status in its file"),
    }
    numbers = {
        "condition": (np.arange(count), "1", "condition; 0 is the claim's own"),
        "temperature": ([one.temperature for one in conditions], "K", "temperature"),
        "c_rate": ([one.c_rate for one in conditions], "1", "C-rate"),
    }
    found: dict[str, Any] = {
        name: (dimension, np.array(values, dtype=object), _label("1", what))
        for name, (dimension, values, what) in words.items()
    }
    return found | {name: ("condition", values, _label(unit, what)) for name, (values, unit, what) in numbers.items()}


def _label(units: str, long_name: str) -> dict[str, str]:
    return {"units": units, "long_name": long_name}


def _name(number: Number) -> str:
    return f"liquid.{number.path}" if number.owner == "liquid" else number.path


def _shares(own: Outcomes) -> dict[str, Any]:
    """Return the shares of the assumed numbers as a group, and of each number alone."""
    shares = [group_share(row) for row in own.values]
    found: dict[str, Any] = {}
    for name, words in _SHARES.items():
        key = name.removeprefix("assumed_")
        for ending, what in (("", words), ("_error", f"standard error: {words}")):
            column = [getattr(share, f"{key}{ending}") for share in shares]
            found[f"{name}{ending}"] = (("design",), column, _label("1", what))
    first = np.full((2, len(DESIGNS), len(own.numbers)), np.nan)
    for row, values in enumerate(own.values):
        if values.size >= FEWEST_RUNS and np.ptp(values) > 0.0:
            first[:, row] = _first_order(own, values)
    attributes = _label("1", "share of the variance that the number explains alone")
    found["first_order"] = (("design", "number"), first[0], attributes)
    found["first_order_confidence"] = (("design", "number"), first[1], {**attributes, "long_name": "half-width, 95 %"})
    return found


def _first_order(own: Outcomes, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the indices of `cellmodel.analysis.sobol_indices` and their half-widths, shape (2, number)."""
    draws = [(f"n{i}", column) for i, column in enumerate(own.drawn.T)]
    coordinates = {name: ("draw", column, {"path": name}) for name, column in draws}
    done = np.full(values.size, STATUS["completed"])
    table = xr.Dataset({"value": ("draw", values), "status": ("draw", done)}, coords=coordinates)
    indices = sobol_indices(table, "value")
    order = [name for name, _ in draws]
    chosen = indices.sel(parameter=order)
    return np.stack([chosen["first_order"].values, chosen["first_order_confidence"].values])


def _designs(places: Sequence[Place], shape: tuple[int, int]) -> dict[str, Any]:
    empty = [np.nan] * len(DESIGN_PATHS)
    rows = [empty if place.cell is None else [place.cell[path] for path in DESIGN_PATHS] for place in places]
    capacities = [np.nan if place.cell is None else place.cell.areal_capacity * 0.1 for place in places]
    why = [place.why for place in places[1 :: len(DESIGNS)]]
    values = np.reshape(rows, (*shape, len(DESIGN_PATHS)))
    texts = np.array(why, dtype=object)
    return {
        "design_value": (("condition", "design", "variable"), values, _label("1", "design number, in SI")),
        "areal_capacity": (
            ("condition", "design"),
            np.reshape(capacities, shape),
            _label("mA.h.cm-2", "areal capacity between the cut-offs"),
        ),
        "no_design": (("condition",), texts, _label("1", "why there is no best design")),
    }


def _windows(own: Outcomes) -> dict[str, Any]:
    """Return the energy over temperature of each design at the claim's own rate."""
    energies = np.array([window.energies for window in own.windows])
    largest = energies.max(axis=1, keepdims=True)
    shares = np.divide(energies, largest, out=np.zeros_like(energies), where=largest > 0.0)
    temperatures = np.array(own.windows[0].temperatures)
    outside = np.array([window.outside for window in own.windows])
    on = ("design", "window_temperature")
    return {
        "window_temperature": ("window_temperature", temperatures, _label("K", "temperature")),
        "usable_share": ((*on, "draw"), shares, _label("1", "energy over that at the best temperature")),
        "outside_at_temperature": (on, outside, _label("1", _PER_PLACE["extrapolated_fraction"])),
    }


def _drawn(own: Outcomes) -> dict[str, Any]:
    return {"drawn": (("number", "draw"), own.drawn.T, _label("1", "drawn number, in SI"))}


def assemble_claim(claim: Claim, subjects: Sequence[xr.Dataset]) -> xr.Dataset:
    """Return one dataset of all cells of a claim, with the claim and what it rests on as attributes.

    Parameters
    ----------
    claim : Claim
        What was tested.
    subjects : sequence of xarray.Dataset
        From `assemble_subject`; none for a claim that is not yet computed.

    Returns
    -------
    xarray.Dataset
        Its attribute `verdict` is the best of its cells and designs.
    """
    whole = _joined(subjects) if subjects else xr.Dataset()
    words = [str(word) for word in whole["verdict"].values.ravel()] if subjects else [WORDS[-1]]
    attributes: dict[str, Any] = {
        "claim": claim.name,
        "text": claim.text,
        "sentence": claim.sentence,
        "sentence_status": claim.status,
        "sources": " ".join(claim.sources),
        "note": claim.note,
        "assumptions": json.dumps(claim.assumptions, ensure_ascii=False),
        "quantity": claim.quantity,
        "verdict": best(words),
    }
    if claim.computed:
        measure = MEASURES[claim.quantity]
        attributes |= {"threshold": claim.threshold, "units": measure.unit, "long_name": measure.long_name}
        attributes |= {"level": claim.level, "format": claim.format, "vehicle": claim.vehicle, "liquid": claim.liquid}
        attributes |= {"draws": claim.draws, "draws_elsewhere": claim.draws_elsewhere, "seed": claim.seed}
    return whole.assign_attrs(attributes)


def _joined(subjects: Sequence[xr.Dataset]) -> xr.Dataset:
    """Return the cells side by side; a number that one of them does not draw is NaN there."""
    status = {str(name): str(word) for one in subjects for name, word in one["number_status"].to_series().items()}
    names = np.array(list(status), dtype=object)
    moved = []
    for one in subjects:
        own = one.drop_vars("number_status").reindex(number=names)
        moved.append(own.reset_coords(["temperature", "c_rate"]))
    whole = xr.concat(moved, dim="subject", data_vars="all", join="outer", combine_attrs="override", coords="minimal")
    words = np.array(list(status.values()), dtype=object)
    return whole.assign_coords(number_status=("number", words, subjects[0]["number_status"].attrs))
