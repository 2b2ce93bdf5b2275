"""The verdicts as one table: labelled, on the screen and in Markdown. It computes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from cellmodel.errors import Problem, ResultsError, found_text
from cellmodel.inputs import mapping
from cellmodel.labels import rate_text, unit_text

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

_PER_ROW = (
    "nominal",
    "low",
    "median",
    "high",
    "probability",
    "probability_low",
    "probability_high",
    "failed",
    "ended_at_once",
    "extrapolated_fraction",
    "temperature",
    "c_rate",
)
_ASSUMED = ("assumed_alone", "assumed_total")
_PER_DESIGN = ("assumed_alone", "assumed_alone_error", "assumed_total", "assumed_total_error", "verdict")


def claims_table(claims: Mapping[str, xr.Dataset]) -> xr.Dataset:
    """Return one line for each cell and design of each claim, at the claim's own condition.

    Parameters
    ----------
    claims : mapping of str to xarray.Dataset
        From `run_claims`.

    Returns
    -------
    xarray.Dataset
        On `line`: claim, cell, design, threshold, units and the variables of `run_claim` at condition 0; a claim that
        is not yet computed has one line with its verdict.

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
        Problem("claims", name, found_text(found), "a dataset of `run_claims`")
        for name, found in given.items()
        if not isinstance(found, xr.Dataset) or not {"text", "verdict"} <= found.attrs.keys()
    ]
    if wrong or not given:
        raise ResultsError(wrong or Problem("claims", "claims", found_text(claims), "at least one verdict"))
    lines: list[dict[str, Any]] = []
    for name, found in given.items():
        if not found.sizes:
            lines.append({"claim": name, "text": found.attrs["text"], "verdict": found.attrs["verdict"]})
            continue
        here = found.isel(condition=0)
        for subject in found["subject"].values:
            for design in found["design"].values:
                one = here.sel(subject=subject, design=design)
                head = {"claim": name, "text": found.attrs["text"], "cell": str(subject), "design": str(design)}
                head |= {"threshold": found.attrs["threshold"], "units": found.attrs["units"]}
                head["overall"] = found.attrs["verdict"]
                lines.append({**head, **{key: one[key].item() for key in (*_PER_ROW, *_PER_DESIGN)}})
    texts = ("claim", "text", "cell", "design", "units", "verdict", "overall")
    variables: dict[str, Any] = {
        key: ("line", np.array([line.get(key, "") for line in lines], dtype=object)) for key in texts
    }
    for key in ("threshold", *_PER_ROW, *_PER_DESIGN):
        if key not in texts:
            variables[key] = ("line", np.array([line.get(key, np.nan) for line in lines], dtype=float))
    return xr.Dataset(variables, coords={"line": np.arange(len(lines))})


def rows_of(table: xr.Dataset) -> list[dict[str, str]]:
    """Return the lines of the table as text.

    Parameters
    ----------
    table : xarray.Dataset
        From `claims_table`.

    Returns
    -------
    list of dict
        Keys as in `COLUMNS`.
    """
    return [_row({str(key): one[key].item() for key in table.data_vars}) for one in map(table.isel, _lines(table))]


def _lines(table: xr.Dataset) -> list[dict[str, int]]:
    return [{"line": index} for index in range(table.sizes["line"])]


def _row(line: dict[str, Any]) -> dict[str, str]:
    row = dict.fromkeys(COLUMNS, "") | {key: str(line[key]) for key in ("claim", "cell", "design", "verdict")}
    if not line["units"]:
        return row
    unit = unit_text(line["units"])
    row["where"] = f"{rate_text(line['c_rate'])}, {line['temperature'] - 273.15:.3g} °C"
    row["wanted"] = f"{line['threshold']:.3g} {unit}".strip()
    row["nominal"] = number(line["nominal"])
    row["range"] = f"{number(line['low'])} to {number(line['high'])}"
    row["probability"] = probability_text(line)
    row["assumed"] = share_text(line)
    row["outside"] = percent(line["extrapolated_fraction"])
    row["failed"] = f"{int(line['failed'])}, at once {int(line['ended_at_once'])}"
    return row


def number(value: float) -> str:
    """Return a number with three digits."""
    return "–" if np.isnan(value) else f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def percent(value: float) -> str:
    """Return a share in per cent; a dash if there is none."""
    return "–" if np.isnan(value) else f"{value:.0%}"


def probability_text(line: Mapping[str, Any]) -> str:
    """Return a probability with its interval, such as "0.43 (0.37 to 0.49)"."""
    ends = f"{line['probability_low']:.2f} to {line['probability_high']:.2f}"
    return f"{line['probability']:.2f} ({ends})"


def share_text(line: Mapping[str, Any]) -> str:
    """Return what assumed numbers explain alone and with interactions, each with its standard error."""
    if np.isnan(line["assumed_alone"]):
        return "–"
    shares = (f"{min(max(line[key], 0.0), 1.0):.0%} ± {line[f'{key}_error']:.0%}" for key in _ASSUMED)
    return " to ".join(shares)


def verdicts(table: xr.Dataset) -> dict[str, str]:
    """Return the verdict on each claim: the best of its cells and designs."""
    found = {}
    for where in _lines(table):
        line = table.isel(where)
        found[str(line["claim"].item())] = str(line["overall"].item() or line["verdict"].item())
    return found


def markdown_table(table: xr.Dataset) -> str:
    """Return the table in Markdown.

    Parameters
    ----------
    table : xarray.Dataset
        From `claims_table`.

    Returns
    -------
    str
        Ready for the guide.
    """
    lines = ["| " + " | ".join(COLUMNS.values()) + " |", "|" + "---|" * len(COLUMNS)]
    for row in rows_of(table):
        cells = [f"`{row['claim']}`", *(row[key] for key in list(COLUMNS)[1:])]
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"
