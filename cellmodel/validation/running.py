"""Run checks one after the other and judge what they found; one that breaks does not stop its neighbours.

It knows no cell and no data; the verdicts are decided here and nowhere else.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import xarray as xr

from cellmodel import resources
from cellmodel.validation.findings import Check, DataMissingError, Finding, Observation, Surroundings
from cellmodel.validation.known_deviations import KNOWN, KnownDeviation
from cellmodel.validation.registry import chosen

_log = logging.getLogger(__name__)

VERDICTS = {"pass": 0, "known_deviation": 1, "skipped": 2, "fail": 3, "did_not_run": 4}
"""How a line of the table ends; the last two make `cellmodel validate` exit with 1."""
BAD = ("fail", "did_not_run")

Progress = Callable[[int, int, str], None]
_TEXTS = ("group", "what", "reference", "doi", "unit", "verdict_word", "reason", "remark", "explanation")
_NUMBERS = {
    "deviation": "size of the deviation, in `unit`",
    "tolerance": "largest deviation that passes, in `unit`",
    "stock_deviation": "deviation of PyBaMM's own half-cell DFN, in `unit`",
    "allowed": "largest deviation that counts as known, in `unit`",
}


@dataclass(frozen=True)
class Report:
    """What `validate` returns.

    Attributes
    ----------
    table : xarray.Dataset
        One entry along `line` for each finding.
    curves : mapping of str to xarray.Dataset
        Name of the check -> what `cellmodel.plotting.plot_comparison` draws.
    """

    table: xr.Dataset
    curves: Mapping[str, xr.Dataset]

    @property
    def sound(self) -> bool:
        """True if no line failed and every check ran or was skipped for lack of data."""
        return not set(self.table["verdict_word"].values) & set(BAD)


def validate(only: Sequence[str] = (), data: Path | None = None, progress: Progress | None = None) -> Report:
    """Run the checks.

    Parameters
    ----------
    only : sequence of str, optional
        Names of checks or groups; empty for all.
    data : pathlib.Path, optional
        Folder of measured curves; None looks for `../shared/data` beside the working directory or the checkout.
    progress : callable, optional
        Called with checks done, checks in all, and the name of the next, before each and at the end.

    Returns
    -------
    Report
        The table and the curves.

    Raises
    ------
    CellModelError
        If a name in `only` is none.
    """
    checks = chosen(only)
    surroundings = Surroundings(data if data is not None else find_data())
    rows: list[dict[str, Any]] = []
    drawn = {}
    for done, check in enumerate(checks):
        if progress:
            progress(done, len(checks), check.name)
        start = perf_counter()
        found, curves = run_check(check, surroundings)
        for row in found:
            row["wall_time"] = (perf_counter() - start) / len(found)
        rows += found
        if curves is not None:
            drawn[check.name] = curves
    if progress:
        progress(len(checks), len(checks), "")
    return Report(_table(rows), drawn)


def find_data() -> Path | None:
    """Return the folder of measured curves beside the working directory or the checkout, if there is one."""
    roots = (Path.cwd(), resources.folder("parameters").parent)
    return next((path for root in roots if (path := root.parent / "shared" / "data").is_dir()), None)


def run_check(check: Check, surroundings: Surroundings) -> tuple[list[dict[str, Any]], xr.Dataset | None]:
    """Run one check and judge its findings; whatever it raises becomes a line of the table.

    Parameters
    ----------
    check : Check
        What to run.
    surroundings : Surroundings
        What it may read.

    Returns
    -------
    tuple of (list of dict, xarray.Dataset or None)
        Lines of the table and curves.
    """
    try:
        observation: Observation = check.measure(surroundings)
    except DataMissingError as absent:
        return [_row(check, _nothing(check), "skipped", str(absent))], None
    except Exception as error:  # the last resort: a check that breaks is a line, not the end of the table
        _log.debug("check failed", exc_info=True)
        return [_row(check, _nothing(check), "did_not_run", f"{type(error).__name__}: {error}")], None
    rows = []
    for finding in observation.findings:
        name = f"{check.name}.{finding.name}" if finding.name else check.name
        verdict, known = judge(finding, KNOWN.get(name))
        rows.append(_row(check, finding, verdict, known.explanation if known and verdict != "pass" else "", known))
    return rows, observation.curves


def judge(finding: Finding, known: KnownDeviation | None) -> tuple[str, KnownDeviation | None]:
    """Return the verdict on a finding.

    Parameters
    ----------
    finding : Finding
        What was found.
    known : KnownDeviation or None
        What is known to deviate there.

    Returns
    -------
    tuple of (str, KnownDeviation or None)
        A key of `VERDICTS`; a deviation that is not a number fails.
    """
    if finding.deviation <= finding.tolerance:
        return "pass", known
    if known is not None and finding.deviation <= known.allowed:
        return "known_deviation", known
    return "fail", known


def _nothing(check: Check) -> Finding:
    return Finding("", f"whole check {check.name}", math.nan, math.nan, "1", "")


def _row(
    check: Check, finding: Finding, verdict: str, explanation: str, known: KnownDeviation | None = None
) -> dict[str, Any]:
    return {
        "line": f"{check.name}.{finding.name}" if finding.name else check.name,
        "group": check.group,
        "what": finding.what,
        "reference": check.reference,
        "doi": check.doi,
        "deviation": finding.deviation,
        "tolerance": finding.tolerance,
        "stock_deviation": finding.stock,
        "allowed": known.allowed if known else math.nan,
        "unit": finding.unit,
        "verdict_word": verdict,
        "reason": finding.reason,
        "remark": finding.remark,
        "explanation": explanation,
    }


def _table(rows: list[dict[str, Any]]) -> xr.Dataset:
    """Return the lines as a labelled dataset."""
    columns: dict[str, Any] = {
        name: (("line",), np.array([row[name] for row in rows], dtype=object)) for name in _TEXTS
    }
    for name, meaning in _NUMBERS.items():
        values = np.array([row[name] for row in rows], dtype=float)
        columns[name] = (("line",), values, {"long_name": meaning, "units": "as in `unit`"})
    flags = np.array([VERDICTS[row["verdict_word"]] for row in rows], dtype=np.int8)
    attributes = {
        "units": "1",
        "long_name": "verdict",
        "flag_values": np.array(list(VERDICTS.values()), dtype=np.int8),
        "flag_meanings": " ".join(VERDICTS),
    }
    columns["verdict"] = (("line",), flags, attributes)
    times = np.array([row["wall_time"] for row in rows], dtype=float)
    columns["wall_time"] = (
        ("line",),
        times,
        {"units": "s", "long_name": "wall time of the check, shared by its lines"},
    )
    names = np.array([row["line"] for row in rows], dtype=object)
    return xr.Dataset(columns, coords={"line": names}, attrs={"title": "cellmodel validate"})
