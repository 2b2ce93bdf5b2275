"""The table that checks and claims share: verdicts, numbers as people read them, lines as a dataset and in Markdown.

It knows no check and no claim.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

STYLES = {
    "pass": "green",
    "known deviation": "yellow",
    "cannot tell": "yellow",
    "skipped": "dim",
    "FAIL": "bold red",
    "DID NOT RUN": "bold red",
    "holds": "green",
    "holds under conditions": "green",
    "open": "yellow",
    "does not hold": "red",
    "not yet computed": "dim",
}
"""Every verdict -> how a terminal shows it."""

_SHOWN_UNITS = {"V": (1e3, "mV"), "1": (1.0, ""), "decade": (1.0, "decades")}


def number_text(value: float, unit: str = "1") -> str:
    """Return a number [unit, UDUNITS] with three digits, such as "24.5 mV"; a dash for not-a-number."""
    if math.isnan(value):
        return "–"
    factor, shown = _SHOWN_UNITS.get(unit, (1.0, unit))
    scaled = value * factor
    digits = ".1e" if scaled and abs(scaled) < 1e-2 else ".0f" if abs(scaled) >= 100 else ".3g"
    return f"{scaled:{digits}} {shown}".strip()


def percent(share: float) -> str:
    """Return a share in per cent; a dash for not-a-number."""
    return "–" if math.isnan(share) else f"{share:.0%}"


def lines_dataset(
    lines: Sequence[Mapping[str, Any]], texts: Iterable[str], numbers: Mapping[str, Mapping[str, str]]
) -> xr.Dataset:
    """Return lines as a dataset on `line`; a missing text is empty, a missing number NaN. `numbers` has attributes."""
    columns: dict[str, Any] = {
        key: ("line", np.array([line.get(key, "") for line in lines], dtype=object)) for key in texts
    }
    for key, attributes in numbers.items():
        columns[key] = ("line", np.array([line.get(key, np.nan) for line in lines], dtype=float), attributes)
    return xr.Dataset(columns, coords={"line": np.arange(len(lines))})


def lines_of(table: xr.Dataset) -> list[dict[str, Any]]:
    """Return the lines of such a dataset, each as a mapping."""
    return [{str(key): value for key, value in line.items()} for line in table.to_dataframe().to_dict("records")]


def markdown(columns: Mapping[str, str], rows: Iterable[Mapping[str, str]]) -> str:
    """Return rows of text as a table in Markdown; `columns` maps the key of a row to its heading."""
    shown = [[row[key].replace("|", "\\|") for key in columns] for row in rows]
    lines = ["| " + " | ".join(cells) + " |" for cells in ([*columns.values()], *shown)]
    return "\n".join([lines[0], "|" + "---|" * len(columns), *lines[1:]])
