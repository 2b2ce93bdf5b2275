"""The table as text: numbers as people read them, and Markdown for the guide.

It knows no check.
"""

from __future__ import annotations

import math

import xarray as xr

SCALES = {"V": (1e3, "mV"), "1": (1.0, ""), "decade": (1.0, "decades")}
"""Unit of a finding -> factor and unit in which it is shown."""

_TEXTS = ("group", "what", "reference", "doi", "remark", "explanation")

WORDS = {
    "pass": "pass",
    "known_deviation": "known deviation",
    "skipped": "skipped",
    "fail": "FAIL",
    "did_not_run": "DID NOT RUN",
}


COLUMNS = {
    "check": "check",
    "what": "what",
    "reference": "reference",
    "deviation": "deviation",
    "stock": "stock PyBaMM",
    "tolerance": "tolerance",
    "verdict": "verdict",
}
"""Key of a row in Markdown -> heading; `check` is what `--only` takes."""


def number(value: float, unit: str) -> str:
    """Return a number with its unit in three digits.

    Parameters
    ----------
    value : float
        In `unit`; not a number gives a dash.
    unit : str
        UDUNITS.

    Returns
    -------
    str
        Such as "24.5 mV".
    """
    if math.isnan(value):
        return "–"
    factor, shown = SCALES.get(unit, (1.0, unit))
    scaled = value * factor
    text = f"{scaled:.1e}" if scaled and abs(scaled) < 1e-2 else f"{scaled:.3g}"
    return f"{text} {shown}".strip()


def rows_of(table: xr.Dataset) -> list[dict[str, str]]:
    """Return the lines of the table as text.

    Parameters
    ----------
    table : xarray.Dataset
        From `validate`.

    Returns
    -------
    list of dict
        Keys: line, group, what, reference, doi, remark, explanation, deviation, stock, tolerance, verdict.
    """
    rows = []
    for index in range(table.sizes["line"]):
        line = table.isel(line=index)
        unit = str(line["unit"].item())
        texts = {key: str(line[key].item()) for key in _TEXTS}
        rows.append(
            {
                "line": str(line["line"].item()),
                **texts,
                "deviation": number(float(line["deviation"]), unit),
                "stock": number(float(line["stock_deviation"]), unit),
                "tolerance": number(float(line["tolerance"]), unit),
                "verdict": WORDS[str(line["verdict_word"].item())],
            }
        )
    return rows


def explanations(table: xr.Dataset) -> dict[str, list[str]]:
    """Return what is known about the lines that do not pass, each explanation once.

    Parameters
    ----------
    table : xarray.Dataset
        From `validate`.

    Returns
    -------
    dict of str to list of str
        Explanation -> lines of the table.
    """
    found: dict[str, list[str]] = {}
    for row in rows_of(table):
        if row["explanation"]:
            found.setdefault(row["explanation"], []).append(row["line"])
    return found


def counts(table: xr.Dataset) -> str:
    """Return how many lines ended how, in words.

    Parameters
    ----------
    table : xarray.Dataset
        From `validate`.

    Returns
    -------
    str
        Such as "40 pass, 3 known deviation".
    """
    words = list(table["verdict_word"].values)
    return ", ".join(f"{words.count(key)} {word}" for key, word in WORDS.items() if key in words)


def markdown_table(table: xr.Dataset) -> str:
    """Return the table in Markdown, with the explanations below it.

    Parameters
    ----------
    table : xarray.Dataset
        From `validate`.

    Returns
    -------
    str
        Ready for the guide.
    """
    rows = rows_of(table)
    lines = ["| " + " | ".join(COLUMNS.values()) + " |", "|" + "---|" * len(COLUMNS)]
    for row in rows:
        reference = f"[{row['reference']}](https://doi.org/{row['doi']})" if row["doi"] else row["reference"]
        shown = {**row, "check": f"`{row['line'].split('.')[0]}`", "reference": reference}
        lines.append("| " + " | ".join(shown[key].replace("|", "\\|") for key in COLUMNS) + " |")
    told = [f"* {', '.join(f'`{name}`' for name in names)}: {text}" for text, names in explanations(table).items()]
    told += [f"* `{row['line']}`: {row['remark']}" for row in rows if row["remark"] and row["verdict"] != "pass"]
    return "\n".join([*lines, "", counts(table) + ".", *(["", *told] if told else [])]) + "\n"
