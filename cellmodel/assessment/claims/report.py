"""The report on claims: the table of verdicts. It computes nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from cellmodel.assessment.claims.designs import Condition
from cellmodel.assessment.table import lines_dataset, lines_of, markdown, number_text, percent
from cellmodel.errors import Problem, ResultsError, found_text
from cellmodel.inputs import mapping
from cellmodel.labels import unit_text

COLUMNS = {
    "claim": "claim",
    "cell": "cell",
    "design": "design",
    "where": "at",
    "wanted": "wanted",
    "nominal": "nominal",
    "range": "5 to 95 %",
    "probability": "P (95 %)",
    "assumed": "variance from assumed values",
    "outside": "outside validity",
    "failed": "no result",
    "verdict": "verdict",
}
"""Key of a row -> heading."""
BY_SET = "sets"
SET_COLUMNS = {BY_SET: "P where a set holds"}
"""Before the verdict, where a material of any cell has several sets."""

_TEXTS = ("claim", "text", "cell", "design", "units", "verdict", "overall", BY_SET)
PROBABILITY = ("probability", "probability_low", "probability_high")
_COUNTED = ("failed", "ended_at_once", "ended_by_solubility", "extrapolated_fraction")
ASSUMED = ("assumed_alone", "assumed_alone_error", "assumed_total", "assumed_total_error")
NUMBERS = ("nominal", "low", "median", "high", *PROBABILITY, *_COUNTED, "temperature", "c_rate", *ASSUMED)


def claims_table(claims: Mapping[str, xr.Dataset]) -> xr.Dataset:
    """Return one line for each cell and design of each claim, at the claim's own condition.

    Parameters
    ----------
    claims : mapping of str to xarray.Dataset
        From `run_claims`.

    Returns
    -------
    xarray.Dataset
        On `line`: claim, cell, design, threshold, units and the variables of `run_claim` at condition 0, and as text
        `sets` with P where each set of a material holds; a claim that is not yet computed has one line, its verdict.

    Raises
    ------
    ResultsError
        If what is given is no mapping of such datasets, or an empty one.

    Examples
    --------
    >>> import cellmodel
    >>> table = cellmodel.claims_table(cellmodel.run_claims("lfp_250", workers=4))  # doctest: +SKIP
    >>> table["verdict"]  # doctest: +SKIP
    """
    given = mapping(claims, "claims", "claims", ResultsError)
    wrong = [
        Problem("claims", name, found_text(one), "a dataset of `run_claims`")
        for name, one in given.items()
        if not isinstance(one, xr.Dataset) or not {"text", "verdict"} <= one.attrs.keys()
    ]
    if wrong or not given:
        raise ResultsError(wrong or Problem("claims", "claims", found_text(claims), "at least one verdict"))
    lines: list[dict[str, Any]] = []
    for name, dataset in given.items():
        head = {"claim": name, "text": dataset.attrs["text"], "overall": dataset.attrs["verdict"]}
        if not dataset.sizes:
            lines.append({**head, "verdict": dataset.attrs["verdict"]})
            continue
        head |= {"threshold": dataset.attrs["threshold"], "units": dataset.attrs["units"]}
        here = dataset[[*NUMBERS, "verdict"]].isel(condition=0)
        for subject, design in _pairs(dataset):
            one = here.sel(subject=subject, design=design)
            numbers = {str(key): one[key].item() for key in one.data_vars}
            own = {"cell": subject, "design": design, BY_SET: _sets_text(dataset, subject, design)}
            lines.append({**head, **own, **numbers})
    return lines_dataset(lines, _TEXTS, {key: {} for key in ("threshold", *NUMBERS)})


def columns_of(table: xr.Dataset) -> dict[str, str]:
    """Return the columns of a table by key: those of sets only if a material of any cell has several."""
    if not any(table[BY_SET].values):
        return COLUMNS
    *keys, last = COLUMNS
    return {**{key: COLUMNS[key] for key in keys}, **SET_COLUMNS, last: COLUMNS[last]}


def rows_of(table: xr.Dataset) -> list[dict[str, str]]:
    """Return the lines of `claims_table` as text, by the keys of `COLUMNS` and `SET_COLUMNS`."""
    return [_row(line) for line in lines_of(table)]


def verdicts(table: xr.Dataset) -> dict[str, str]:
    """Return the verdict on each claim: the best of its cells and designs."""
    return {line["claim"]: line["overall"] for line in lines_of(table)}


def set_verdicts(dataset: xr.Dataset) -> str:
    """Return the verdict on a claim where each set holds, as words before the mixed one; nothing with one set each."""
    found = json.loads(dataset.attrs.get("set_verdicts", "{}"))
    words = ", ".join(f"{name} {word}" for name, word in found.items())
    return f"{words}; mixed: " if words else ""


def markdown_table(table: xr.Dataset) -> str:
    """Return the lines of `claims_table` in Markdown for the guide."""
    return markdown(columns_of(table), [{**row, "claim": f"`{row['claim']}`"} for row in rows_of(table)]) + "\n"


def _pairs(dataset: xr.Dataset) -> list[tuple[str, str]]:
    """Return every cell with every design."""
    return [(str(one), str(design)) for one in dataset["subject"].values for design in dataset["design"].values]


def _row(line: Mapping[str, Any]) -> dict[str, str]:
    row = dict.fromkeys(COLUMNS, "") | {key: line[key] for key in ("claim", "cell", "design", BY_SET, "verdict")}
    if not line["units"]:
        return row
    wanted = f"{line['threshold']:.3g} {unit_text(line['units'])}".strip()
    return row | texts_of(line) | {"wanted": wanted, "assumed": share_text(line)}


def texts_of(line: Mapping[str, Any]) -> dict[str, str]:
    """Return what both the table and the explanation tell of a design at a condition."""
    return {
        "where": str(Condition(line["temperature"], line["c_rate"])),
        "nominal": number_text(line["nominal"]),
        "range": f"{number_text(line['low'])} to {number_text(line['high'])}",
        "probability": "{:.2f} ({:.2f} to {:.2f})".format(*(line[key] for key in PROBABILITY)),
        "outside": percent(line["extrapolated_fraction"]),
        "failed": f"{int(line['failed'])}, at once {int(line['ended_at_once'])}",
        "saturated": f"{int(line['ended_by_solubility'])}",
    }


def set_rows(dataset: xr.Dataset, subject: str, design: str) -> list[dict[str, Any]]:
    """Return what was found where each set of a cell holds, at the claim's own condition; nothing with one set each."""
    if "set" not in dataset.dims:
        return []
    found = dataset.sel(subject=subject, design=design).isel(condition=0)
    keys = [f"set_{key}" for key in ("weight", "draws", *PROBABILITY, "median", "verdict")]
    rows = [{"set": str(name)} | {key: found[key].sel(set=name).item() for key in keys} for name in found["set"].values]
    return [row for row in rows if not np.isnan(row["set_weight"])]


def _sets_text(dataset: xr.Dataset, subject: str, design: str) -> str:
    """Return P where each set holds in one line."""
    rows = set_rows(dataset, subject, design)
    return ", ".join(f"{row['set']} {number_text(row['set_probability'])}" for row in rows)


def share_text(line: Mapping[str, Any]) -> str:
    """Return what assumed numbers explain alone and with interactions, each with its standard error."""
    if np.isnan(line["assumed_alone"]):
        return "–"
    alone, total = (
        f"{min(max(line[key], 0.0), 1.0):.0%} ± {line[f'{key}_error']:.0%}"
        for key in ("assumed_alone", "assumed_total")
    )
    return f"{alone} to {total}"
