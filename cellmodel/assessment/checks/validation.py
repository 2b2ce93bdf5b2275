"""Run the checks one after the other and judge what they find; one that breaks does not stop its neighbours.

The verdicts are formed here and nowhere else. It knows no cell and no data. To add evidence, write a
function with the decorator `check`; a new module's name goes into `MODULES`.
"""

from __future__ import annotations

import importlib
import logging
import math
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from cellmodel import inputs, resources
from cellmodel.assessment.checks.check import Check, DataFolder, DataMissingError, Finding
from cellmodel.assessment.table import lines_dataset, lines_of, markdown, number_text
from cellmodel.errors import CellModelError, Problem, choices
from cellmodel.toml_files import read_toml

_log = logging.getLogger(__name__)

MODULES = (
    "published_curves",
    "closed_forms",
    "symmetric_cell",
    "shipped_studies",
    "accuracy",
    "measured_properties",
    "half_cells",
    "polymer_motion",
    "published_cells",
    "rate_fade",
)
"""Modules of this room that hold checks, in the order of the table."""

VERDICTS = {
    "pass": "pass",
    "known_deviation": "known deviation",
    "cannot_tell": "cannot tell",
    "skipped": "skipped",
    "fail": "FAIL",
    "did_not_run": "DID NOT RUN",
}
"""How a line of the table ends, as a flag -> in words; the last two make `cellmodel validate` exit with 1."""
BAD = ("fail", "did_not_run")

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

_TEXTS = ("name", "group", "what", "reference", "doi", "unit", "verdict_word", "reason", "remark", "explanation")
_NUMBERS = {
    "deviation": ("size of the deviation, in `unit`", "as in `unit`"),
    "tolerance": ("largest deviation that passes, in `unit`", "as in `unit`"),
    "stock_deviation": ("deviation of PyBaMM's own half-cell DFN, in `unit`", "as in `unit`"),
    "allowed": ("largest deviation that counts as known, in `unit`", "as in `unit`"),
    "wall_time": ("wall time of the check, shared by its lines", "s"),
}


class KnownDeviation(NamedTuple):
    """The largest deviation that is explained, in the unit of its line, and the explanation."""

    allowed: float
    explanation: str


KNOWN = {
    line: KnownDeviation(allowed, entry["explanation"])
    for entry in read_toml(resources.folder("experiments") / "measured" / "known_deviations.toml")["deviation"]
    for line, allowed in entry["allowed"].items()
}
"""Line of the table (check.finding) -> what is known about it."""


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
    def passed(self) -> bool:
        """True if no line failed and every check ran or was skipped for lack of data."""
        return not set(self.table["verdict_word"].values) & set(BAD)

    @property
    def sound(self) -> bool:
        """The former name of `passed`; gone in the next release."""
        warnings.warn("sound is now called passed", DeprecationWarning, stacklevel=2)
        return self.passed


def all_checks() -> list[Check]:
    """Return every check, in the order of `MODULES` and of each module."""
    modules = [importlib.import_module(f"cellmodel.assessment.checks.{name}") for name in MODULES]
    return [check for module in modules for one in vars(module).values() for check in _checks_of(one)]


def _checks_of(value: Any) -> Sequence[Check]:
    """Return the checks that a name of a module stands for: one, or several in a tuple."""
    each = value if isinstance(value, tuple) else (value,)
    return [one for one in each if isinstance(one, Check)]


def validate(
    only: Sequence[str] = (), data: Path | None = None, progress: Callable[[int, int, str], None] | None = None
) -> Report:
    """Hold the model against theory, another code, published curves and measured data.

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
        The table, with deviations and tolerances in the unit of each line, and the curves.

    Raises
    ------
    CellModelError
        If a name in `only` is none.

    Examples
    --------
    >>> import cellmodel
    >>> report = cellmodel.validate(["sand_time"])
    >>> report.table["verdict_word"].item()
    'pass'
    """
    checks = _chosen(only)
    folder = DataFolder(data if data is not None else _find_data())
    lines: list[dict[str, Any]] = []
    drawn = {}
    for done, check in enumerate(checks):
        if progress:
            progress(done, len(checks), check.name)
        start = perf_counter()
        judged, curves = _run(check, folder)
        lines += [{**line, "wall_time": (perf_counter() - start) / len(judged)} for line in judged]
        if curves is not None:
            drawn[check.name] = curves
    if progress:
        progress(len(checks), len(checks), "")
    return Report(_table(lines), drawn)


def _chosen(names: Sequence[str]) -> list[Check]:
    """Return the checks of some names or groups in the order of the table; all if there are no names."""
    names = inputs.names(names, "command line", "--only", CellModelError)
    checks = all_checks()
    names_and_groups = {check.name for check in checks} | {check.group for check in checks}
    problems = [
        Problem("command line", "--only", repr(name), choices(name, names_and_groups))
        for name in names
        if name not in names_and_groups
    ]
    if problems:
        raise CellModelError(problems)
    return [check for check in checks if not names or check.name in names or check.group in names]


def _find_data() -> Path | None:
    """Return the folder of measured curves beside the working directory or the checkout, if there is one."""
    roots = (Path.cwd(), resources.folder("parameters").parent)
    return next((path for root in roots if (path := root.parent / "shared" / "data").is_dir()), None)


def _run(check: Check, folder: DataFolder) -> tuple[list[dict[str, Any]], xr.Dataset | None]:
    """Run one check and judge its findings; whatever it raises becomes a line of the table."""
    nothing = Finding("", f"whole check {check.name}", math.nan, math.nan, "1", "")
    try:
        evidence = list(check.measure(folder))
    except DataMissingError as absent:
        return [_line(check, nothing, "skipped", str(absent))], None
    except Exception as error:  # the last resort: a check that breaks is a line, not the end of the table
        _log.debug("check failed", exc_info=True)
        return [_line(check, nothing, "did_not_run", f"{type(error).__name__}: {error}")], None
    drawn = [one for one in evidence if isinstance(one, xr.Dataset)]
    lines = [_line(check, one) for one in evidence if isinstance(one, Finding)]
    return lines, drawn[0] if drawn else None


def judge(finding: Finding, known: KnownDeviation | None) -> str:
    """Return the verdict on a finding, a key of `VERDICTS`; a deviation that is not a number fails."""
    if finding.missing:
        return "cannot_tell"
    if finding.deviation <= finding.tolerance:
        return "pass"
    return "known_deviation" if known is not None and finding.deviation <= known.allowed else "fail"


def _line(check: Check, finding: Finding, verdict: str = "", explanation: str = "") -> dict[str, Any]:
    """Return the line of a finding; without a verdict it is judged, and explained if it does not pass."""
    name = f"{check.name}.{finding.name}" if finding.name else check.name
    known = KNOWN.get(name)
    verdict = verdict or judge(finding, known)
    if verdict == "cannot_tell":
        explanation = f"Would tell: {finding.missing}."
    return {
        **vars(check),
        **vars(finding),
        "name": name,
        "stock_deviation": finding.stock,
        "allowed": known.allowed if known else math.nan,
        "verdict_word": verdict,
        "explanation": known.explanation if known and verdict in ("known_deviation", "fail") else explanation,
    }


def _table(lines: Sequence[Mapping[str, Any]]) -> xr.Dataset:
    """Return the lines as a labelled dataset, the verdict also as a CF flag."""
    attributes = {key: {"long_name": meaning, "units": units} for key, (meaning, units) in _NUMBERS.items()}
    table = lines_dataset(lines, _TEXTS, attributes)
    values = np.arange(len(VERDICTS), dtype=np.int8)
    flags = np.array([[*VERDICTS].index(line["verdict_word"]) for line in lines], dtype=np.int8)
    meanings = {"units": "1", "long_name": "verdict", "flag_values": values, "flag_meanings": " ".join(VERDICTS)}
    named = table.assign(verdict=("line", flags, meanings)).assign_coords(line=table["name"].values)
    return named.drop_vars("name").assign_attrs(title="cellmodel validate")


def rows_of(table: xr.Dataset) -> list[dict[str, str]]:
    """Return the lines of the table of `validate` as text, by the keys of `COLUMNS`, and all else that is text."""
    numbers = {"deviation": "deviation", "stock": "stock_deviation", "tolerance": "tolerance"}
    rows = []
    for name, line in zip(table["line"].values, lines_of(table), strict=True):
        shown = {key: number_text(line[source], line["unit"]) for key, source in numbers.items()}
        rows.append({**line, **shown, "line": str(name), "verdict": VERDICTS[line["verdict_word"]]})
    return rows


def explanations(table: xr.Dataset) -> dict[str, list[str]]:
    """Return what is known about the lines that do not pass: each explanation once, with its lines."""
    lines_of_text: dict[str, list[str]] = {}
    for row in rows_of(table):
        if row["explanation"]:
            lines_of_text.setdefault(row["explanation"], []).append(row["line"])
    return lines_of_text


def counts(table: xr.Dataset) -> str:
    """Return how many lines ended how, such as "40 pass, 3 known deviation"."""
    verdicts = list(table["verdict_word"].values)
    return ", ".join(f"{verdicts.count(key)} {word}" for key, word in VERDICTS.items() if key in verdicts)


def markdown_table(table: xr.Dataset) -> str:
    """Return the table of `validate` in Markdown for the guide, with the explanations below it."""
    rows = rows_of(table)
    links = {row["line"]: f"[{row['reference']}](https://doi.org/{row['doi']})" for row in rows if row["doi"]}
    shown = [
        {**row, "check": f"`{row['line'].split('.')[0]}`", "reference": links.get(row["line"], row["reference"])}
        for row in rows
    ]
    notes = [f"* {', '.join(f'`{name}`' for name in names)}: {text}" for text, names in explanations(table).items()]
    notes += [f"* `{row['line']}`: {row['remark']}" for row in rows if row["remark"] and row["verdict"] != "pass"]
    return "\n".join([markdown(COLUMNS, shown), "", counts(table) + ".", *(["", *notes] if notes else [])]) + "\n"
