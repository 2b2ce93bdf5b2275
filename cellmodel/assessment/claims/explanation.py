"""One verdict followed to its sources: conditions, designs, sets, drawn numbers with what they rest on.

It computes nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from cellmodel.assessment.claims.by_set import FEWEST_DRAWS
from cellmodel.assessment.claims.definition import ComputedClaim, load_claim
from cellmodel.assessment.claims.designs import DESIGN_PATHS, Condition
from cellmodel.assessment.claims.report import ASSUMED, COLUMNS, NUMBERS, PROBABILITY, set_rows, share_text, texts_of
from cellmodel.assessment.claims.rule import IMPROBABLE, PROBABLE
from cellmodel.assessment.claims.samples import surroundings
from cellmodel.assessment.table import number_text, percent
from cellmodel.labels import readable, unit_text
from cellmodel.parameters import Record, load_cell, load_references
from cellmodel.study.sets import choices_of_sets, records_of_sets

RULE = (
    f"holds: P is at least {PROBABLE:g} at the claim's own condition; holds under conditions: at least {PROBABLE:g} at "
    f"another one of the grid; does not hold: at most {IMPROBABLE:g} at every one; open: anything else. P is the share "
    "of the draws that reach what is wanted. The verdict on the claim is the best of its cells and designs."
)
LEAST_SHARE = 0.02
"""Smallest share of the variance that is told number by number."""


class Section(NamedTuple):
    """A heading with sentences, and with rows of a table: heading of the column -> text."""

    title: str
    lines: Sequence[str] = ()
    rows: Sequence[Mapping[str, str]] = ()


def explain_claim(dataset: xr.Dataset, name: str | None = None) -> list[Section]:
    """Return what a verdict rests on.

    Parameters
    ----------
    dataset : xarray.Dataset
        From `run_claim`.
    name : str, optional
        Name or file of the claim; default the name in the dataset.

    Returns
    -------
    list of Section
        The claim and its sources, what was assumed, the rule, and for each cell every condition, every design, what
        holds where each set of its materials does, and the drawn numbers by the share of the variance they explain,
        each with value, status, source and DOI.

    Examples
    --------
    >>> from cellmodel.assessment import explain_claim, run_claim
    >>> explain_claim(run_claim("safety", results=None))[0].title
    'safety: not yet computed'
    """
    said = dataset.attrs
    sections = [Section(f"{said['claim']}: {said['verdict']}", (str(said["text"]),)), _origin(said)]
    assumptions = json.loads(said["assumptions"])
    sections += [Section("What is assumed for the test", assumptions)] if assumptions else []
    if not dataset.sizes:
        return sections
    sections.append(Section("Rule", (RULE,)))
    for subject in map(str, dataset["subject"].values):
        one = dataset.sel(subject=subject)
        sections += [_conditions(one, subject), _designs(one, subject)]
        sections += [_over_temperature(one, subject)] if "usable_share" in one else []
        sections += [_sets(one, subject)] if set_rows(dataset, subject, str(one["design"].values[0])) else []
        sections.append(_uncertain_inputs(one, subject, name or str(said["claim"])))
    return sections


def _origin(said: Mapping[str, Any]) -> Section:
    lines = [f"“{said['sentence']}” (status: {said['sentence_status']})", str(said["note"])]
    references = load_references()
    for key in str(said["sources"]).split():
        source = references[key]
        where = f", doi {source.doi}" if source.doi else ""
        journal = f"{source.journal or ''} {source.year}{where}"
        lines.append(f"{key}: {source.authors}, {source.title}, {journal}. {source.note or ''}")
    return Section("Where the claim comes from", [line for line in lines if line])


def _points(one: xr.Dataset, dimension: str) -> Iterator[tuple[str, xr.Dataset]]:
    """Yield both designs at every place along a dimension."""
    for index, design in product(range(one.sizes[dimension]), map(str, one["design"].values)):
        yield design, one.isel({dimension: index}).sel(design=design)


def _conditions(one: xr.Dataset, subject: str) -> Section:
    """Return the quantity at every condition for both designs."""
    unit, threshold = unit_text(str(one.attrs["units"])), float(one.attrs["threshold"])
    rows = []
    for design, here in _points(one, "condition"):
        shown = texts_of({key: here[key].item() for key in NUMBERS})
        row = {"at": shown["where"], "design": design, f"nominal ({unit})" if unit else "nominal": shown["nominal"]}
        row["median"] = number_text(here["median"].item())
        row |= {COLUMNS[key]: shown[key] for key in ("range", "probability", "outside")}
        row |= {"failed, ended at once": shown["failed"].replace("at once ", "")}
        rows.append({**row, "ended by solubility": shown["saturated"]})
    lines = _heating(one)
    for design in one["design"].values:
        here = one.sel(design=design)
        share = share_text({key: here[key].item() for key in ASSUMED})
        text = f"{share} of the variance from assumed values, alone to with interactions"
        lines.append(f"{design}: {here['verdict'].item()}; {text}")
        lines.append(f"  nominally reached at {_listed(here, here['nominal'].values >= threshold)}")
        probable = _listed(here, here["probability"].values >= PROBABLE)
        lines.append(f"  reached with P of at least {PROBABLE:g} at {probable}")
    return Section(f"{subject}: every condition, the claim's own first", lines, rows)


def _heating(one: xr.Dataset) -> list[str]:
    """Return what keeps the cells of a vehicle warm, if the claim has one."""
    if "heating_power" not in one:
        return []
    low, high = (number_text(power) for power in one["heating_power"].quantile((0.05, 0.95), "draw").values)
    warm = float(one["temperature"].isel(condition=0)) - 273.15
    nominal = number_text(float(one["nominal_heating_power"]))
    return [f"power that keeps the cells at {warm:.3g} °C: {nominal} W, 5 to 95 % {low} to {high} W"]


def _listed(here: xr.Dataset, chosen: Iterable[bool]) -> str:
    """Return the conditions that were chosen, in words."""
    conditions = map(Condition, here["temperature"].values, here["c_rate"].values)
    texts = [str(one) for one, is_chosen in zip(conditions, chosen, strict=True) if is_chosen]
    return "; ".join(texts) or "no condition of the grid"


def _sets(one: xr.Dataset, subject: str) -> Section:
    """Return the verdict where each set holds, and that of all together."""
    unit, rows = unit_text(str(one.attrs["units"])), []
    for design in map(str, one["design"].values):
        for found in set_rows(one.expand_dims("subject"), subject, design):
            chances = [found[f"set_{key}"] for key in PROBABILITY]
            row = {"set": found["set"], "weight": f"{found['set_weight']:.3g}", "design": design}
            row |= {"draws": f"{found['set_draws']:.0f}", f"median ({unit})": number_text(found["set_median"])}
            row[COLUMNS["probability"]] = "–" if np.isnan(chances[0]) else "{:.2f} ({:.2f} to {:.2f})".format(*chances)
            rows.append({**row, "verdict": found["set_verdict"]})
    text = f"P with the draws in which a set holds; from {FEWEST_DRAWS} on a verdict by the same rule"
    return Section(f"{subject}: where each set of its materials holds, the claim's own condition", (text,), rows)


def _over_temperature(one: xr.Dataset, subject: str) -> Section:
    """Return the usable energy at every temperature."""
    threshold = float(one.attrs["threshold"])
    rows = []
    for design, here in _points(one, "window_temperature"):
        low, middle, high = map(percent, here["usable_share"].quantile((0.05, 0.5, 0.95), "draw").values)
        row = {"at": f"{float(here['window_temperature']) - 273.15:.3g} °C", "design": design}
        row |= {"median share of the best": middle, COLUMNS["range"]: f"{low} to {high}"}
        row[f"P of {threshold:.0%}"] = f"{float((here['usable_share'] >= threshold).mean()):.2f}"
        rows.append({**row, COLUMNS["outside"]: percent(float(here["outside_at_temperature"]))})
    return Section(f"{subject}: usable energy over temperature", (), rows)


def _designs(one: xr.Dataset, subject: str) -> Section:
    """Return the numbers of the shipped design, and of the best one for every condition."""
    head = ("cathode (µm)", "active fraction", "separator (µm)", "lithium, charged (µm)", "mA h cm⁻²")
    rows = []
    for design, here in _points(one, "condition"):
        if design == "shipped" and int(here["condition"]):
            continue
        where = "" if design == "shipped" else str(Condition(float(here["temperature"]), float(here["c_rate"])))
        pairs = zip(here["design_value"].values, DESIGN_PATHS.values(), strict=True)
        values = [readable(float(value), unit)[0] for value, unit in pairs] + [float(here["areal_capacity"])]
        rows.append({"for": where, "design": design, **dict(zip(head, map(number_text, values), strict=True))})
    return Section(f"{subject}: designs", [str(text) for text in np.unique(one["no_design"].values) if text], rows)


def _uncertain_inputs(one: xr.Dataset, subject: str, name: str) -> Section:
    """Return the drawn numbers that matter, with their sources."""
    claim = load_claim(name)
    records: dict[str, Record] = {}
    if isinstance(claim, ComputedClaim):
        cell = next(case for case in claim.study.cases if case.label == subject).parameters
        records |= {path: each[0] for path, each in records_of_sets(cell).items()}
        records |= choices_of_sets(cell)
        for owned in surroundings(claim).values():
            records |= owned.entries
        liquid = load_cell(claim.liquid).entries if claim.liquid else {}
        records |= {f"liquid.{path}": record for path, record in liquid.items()}
    shares = one["first_order"].fillna(0.0).max("design").to_series().sort_values(ascending=False)
    rows = []
    for path in shares[shares >= LEAST_SHARE].index.intersection(list(records), sort=False):
        record = records[path]
        row = {"number": path}
        row["first-order index"] = " / ".join(map(percent, one["first_order"].sel(number=path).values.tolist()))
        row["value"] = (
            record.printed if np.isnan(record.value) else f"{record.value:.4g} {unit_text(record.unit)}".strip()
        )
        row |= {"uncertainty": record.uncertainty, "status": record.status}
        source = f"{record.source} {record.doi}".strip() or record.note
        rows.append({**row, "source, DOI or why it is assumed": source})
    text = (
        f"{len(shares)} numbers are drawn, as their files state them; these explain at least {LEAST_SHARE:.0%} of the "
        "variance alone (shipped / optimum)"
    )
    return Section(f"{subject}: what the uncertainty comes from", (text,), rows)
