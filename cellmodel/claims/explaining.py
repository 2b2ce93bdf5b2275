"""One verdict followed to its sources: the sentence, the rule, the conditions, the designs and every number drawn."""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from cellmodel.claims.designs import DESIGN_PATHS
from cellmodel.claims.drawing import surroundings
from cellmodel.claims.reading import load_claim
from cellmodel.claims.report import number, percent, probability_text, share_text
from cellmodel.claims.verdicts import IMPROBABLE, PROBABLE
from cellmodel.labels import rate_text, readable, unit_text
from cellmodel.parameters import Record, load_liquid_cell, load_references

RULE = (
    f"holds: P is at least {PROBABLE:g} at the claim's own condition; holds under conditions: at least {PROBABLE:g} at "
    f"another one of the grid; does not hold: at most {IMPROBABLE:g} at every one; open: anything else. P is the share "
    "of the draws that reach what is wanted. The verdict on the claim is the best of its cells and designs."
)
LEAST_TOLD = 0.02
"""Smallest share of the variance that is told number by number."""


@dataclass(frozen=True)
class Section:
    """A heading with sentences, or with a table.

    Attributes
    ----------
    title : str
        Heading.
    lines : tuple of str
        Sentences.
    head : tuple of str
        Headings of the columns; empty without a table.
    rows : tuple of tuple of str
        The table.
    """

    title: str
    lines: tuple[str, ...] = ()
    head: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


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
        The claim and its sources, what was assumed, the rule, every condition, every design, and for each cell the
        drawn numbers by the share of the variance they explain, each with value, status, source and DOI.
    """
    attributes = dataset.attrs
    sections = [Section(f"{attributes['claim']}: {attributes['verdict']}", (str(attributes["text"]),)), _said(dataset)]
    assumptions = tuple(json.loads(attributes["assumptions"]))
    if assumptions:
        sections.append(Section("What is assumed for the test", assumptions))
    if not dataset.sizes:
        return sections
    sections.append(Section("Rule", (RULE,)))
    for subject in dataset["subject"].values:
        one = dataset.sel(subject=subject)
        sections += [_conditions(one, str(subject)), _designs(one, str(subject))]
        sections += [_window(one, str(subject))] if "usable_share" in one else []
        sections.append(_numbers(one, str(subject), name or str(attributes["claim"])))
    return sections


def _said(dataset: xr.Dataset) -> Section:
    attributes = dataset.attrs
    lines = [f"“{attributes['sentence']}” (status: {attributes['sentence_status']})", str(attributes["note"])]
    known = load_references()
    for key in str(attributes["sources"]).split():
        source = known[key]
        where = f", doi {source.doi}" if source.doi else ""
        lines.append(
            f"{key}: {source.authors}, {source.title}, {source.journal or ''} {source.year}{where}. {source.note or ''}"
        )
    return Section("Where the claim comes from", tuple(line for line in lines if line))


def _conditions(one: xr.Dataset, subject: str) -> Section:
    """Return the quantity at every condition for both designs."""
    unit = unit_text(str(one.attrs["units"]))
    lines = _heating(one)
    rows = []
    for condition in range(one.sizes["condition"]):
        for design in one["design"].values:
            here = one.isel(condition=condition).sel(design=design)
            line = {key: here[key].item() for key in ("probability", "probability_low", "probability_high")}
            where = _place(here)
            spread = f"{number(float(here['low']))} to {number(float(here['high']))}"
            middle, nominal = number(float(here["median"])), number(float(here["nominal"]))
            counts = f"{int(here['failed'])}, {int(here['ended_at_once'])}"
            outside = percent(float(here["extrapolated_fraction"]))
            rows.append((where, str(design), nominal, middle, spread, probability_text(line), outside, counts))
    for design in one["design"].values:
        here = one.sel(design=design)
        shares = {
            key: here[key].item()
            for key in ("assumed_alone", "assumed_alone_error", "assumed_total", "assumed_total_error")
        }
        words = f"{share_text(shares)} of the variance from assumed values, alone to with interactions"
        lines.append(f"{design}: {here['verdict'].item()}; {words}")
        wanted = float(one.attrs["threshold"])
        lines.append(f"  nominally reached at {_places(here, (here['nominal'] >= wanted).values)}")
        lines.append(
            f"  reached with P of at least {PROBABLE:g} at {_places(here, (here['probability'] >= PROBABLE).values)}"
        )
    head = (
        "at",
        "design",
        f"nominal ({unit})" if unit else "nominal",
        "median",
        "5 to 95 %",
        "P (95 %)",
        "outside validity",
        "failed, ended at once",
    )
    return Section(f"{subject}: every condition, the claim's own first", tuple(lines), head, tuple(rows))  # fmt: skip


def _heating(one: xr.Dataset) -> list[str]:
    """Return what keeps the cells of a vehicle warm, if the claim has one."""
    if "heating_power" not in one:
        return []
    low, high = one["heating_power"].quantile((0.05, 0.95), "draw").values
    warm = float(one["temperature"].isel(condition=0)) - 273.15
    nominal = number(float(one["nominal_heating_power"]))
    return [f"power that keeps the cells at {warm:.3g} °C: {nominal} W, 5 to 95 % {number(low)} to {number(high)} W"]


def _place(here: xr.Dataset) -> str:
    return f"{rate_text(float(here['c_rate']))}, {float(here['temperature']) - 273.15:.3g} °C"


def _places(here: xr.Dataset, chosen: NDArray[np.bool_]) -> str:
    """Return the conditions that were chosen, in words."""
    return "; ".join(_place(here.isel(condition=int(i))) for i in np.flatnonzero(chosen)) or "no condition of the grid"


def _window(one: xr.Dataset, subject: str) -> Section:
    """Return the usable energy at every temperature of a window."""
    wanted = float(one.attrs["threshold"])
    rows = []
    for index, kelvin in enumerate(one["window_temperature"].values):
        for design in one["design"].values:
            here = one.isel(window_temperature=index).sel(design=design)
            low, middle, high = here["usable_share"].quantile((0.05, 0.5, 0.95), "draw").values
            chance = float((here["usable_share"] >= wanted).mean())
            outside = percent(float(here["outside_at_temperature"]))
            spread = f"{percent(float(low))} to {percent(float(high))}"
            rows.append(
                (f"{kelvin - 273.15:.3g} °C", str(design), percent(float(middle)), spread, f"{chance:.2f}", outside)
            )
    head = ("at", "design", "median share of the best", "5 to 95 %", f"P of {wanted:.0%}", "outside validity")
    return Section(f"{subject}: usable energy over temperature", (), head, tuple(rows))


def _designs(one: xr.Dataset, subject: str) -> Section:
    rows = []
    for condition in range(one.sizes["condition"]):
        for design in one["design"].values[0 if condition == 0 else 1 :]:
            here = one.isel(condition=condition).sel(design=design)
            where = _place(here)
            values = [
                readable(float(v), u)[0]
                for v, u in zip(here["design_value"].values, DESIGN_PATHS.values(), strict=True)
            ]
            capacity = number(float(here["areal_capacity"]))
            rows.append(
                (where if design != "shipped" else "", str(design), *(number(value) for value in values), capacity)
            )
    head = ("for", "design", "cathode (µm)", "active fraction", "separator (µm)", "lithium, charged (µm)", "mA h cm⁻²")
    why = tuple(str(word) for word in np.unique(one["no_design"].values) if word)
    return Section(f"{subject}: designs", why, head, tuple(rows))


def _numbers(one: xr.Dataset, subject: str, name: str) -> Section:
    """Return the drawn numbers that matter, with their sources."""
    claim = load_claim(name)
    case = next(case for case in (claim.study.cases if claim.study else ()) if case.label == subject)
    records: dict[str, Record] = dict(case.parameters.entries)
    for owned in surroundings(claim).values():
        records |= owned.entries
    if claim.liquid:
        records |= {f"liquid.{path}": record for path, record in load_liquid_cell(claim.liquid).entries.items()}
    shares = one["first_order"].fillna(0.0).max("design").to_series().sort_values(ascending=False)
    rows = []
    for path, share in shares.items():
        record = records.get(str(path))
        if share < LEAST_TOLD or record is None:
            continue
        each = " / ".join(percent(float(one["first_order"].sel(number=path, design=d))) for d in one["design"].values)
        unit = unit_text(record.unit)
        value = f"{record.value:.4g} {unit}".strip()
        source = f"{record.source} {record.doi}".strip() or record.note
        rows.append((str(path), each, value, record.uncertainty, record.status, source))
    words = (
        f"{len(shares)} numbers are drawn, as their files state them; these explain at least {LEAST_TOLD:.0%} of the "
        "variance alone (shipped / optimum)"
    )
    head = ("number", "first-order index", "value", "uncertainty", "status", "source, DOI or why it is assumed")
    return Section(f"{subject}: what the uncertainty comes from", (words,), head, tuple(rows))
