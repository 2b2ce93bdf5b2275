"""Measured discharges of polymer cells, one check for each file of experiments/published.

What a paper leaves unsaid of its cell is drawn. A line whose band of capacities excludes less than half of what a
capacity can be, whose number nobody has looked up, or whose cell is plasticised, cannot tell, and says what would.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import xarray as xr

from cellmodel import resources
from cellmodel.assessment.checks.check import Array, Check, DataFolder, Evidence, Finding, curves
from cellmodel.assessment.published.conducting import DrawnDischarges, discharge_draws
from cellmodel.assessment.published.judging import (
    BAND,
    CLOSE,
    LEAST_SHARE,
    Judged,
    judge_capacity,
    judge_series,
    what_would_tell,
)
from cellmodel.assessment.published.reading import PublishedCell, load_published
from cellmodel.labels import rate_text
from cellmodel.parameters import load_references
from cellmodel.parameters.parameter_set import CATHODE_THICKNESS
from cellmodel.toml_files import read_toml

GROUP = "measured polymer cells"
KELVIN = 273.15
_BAND = f"{BAND[1] - BAND[0]:.0%} of the draws"
_LINE = (
    f"distance from the band of {_BAND}, over the published number; {CLOSE:.0%} is what two cells of a batch differ by"
)
_SERIES = f"share of the draws that lie further than {CLOSE:.0%} from the published capacity at one rate or more"

_SAID = {CATHODE_THICKNESS: f"{CATHODE_THICKNESS} (areal capacity)"}


def findings(cell: PublishedCell, drawn: DrawnDischarges) -> Iterator[Finding]:
    """Yield a line for each published capacity, and one for a series of rates together."""
    judged = [
        judge_capacity(column, one.capacity, cell.full_capacity, at_least=one.at_least)
        for column, one in zip(drawn.capacities.T, cell.discharges, strict=True)
    ]
    unfit, numbers = _unfit(cell), {_SAID.get(path, path): values for path, values in drawn.numbers.items()}
    for column, one, line in zip(drawn.capacities.T, cell.discharges, judged, strict=True):
        missing = unfit or ("" if line.tells else what_would_tell(column, numbers, cell.full_capacity))
        what = f"{_where(cell, one.c_rate)}: published {'at least ' * one.at_least}{one.capacity:.4g}, {_drawn(line)}"
        excluded = f"The band excludes {1.0 - line.width:.0%} of 0 to {cell.full_capacity:.0f} mA h/g."
        failed = int(np.isnan(column).sum())
        remark = excluded + _by_set(column, drawn) + f" {failed} of {column.size} runs were not solved." * bool(failed)
        if unfit:
            remark += f" Judged all the same it would {_verdict(line.distance <= CLOSE, line.tells)}."
        yield Finding(f"{one.c_rate:.3g}C", what, line.distance, CLOSE, "1", _LINE, remark=remark, missing=missing)
    if len(judged) > 1:
        yield _series(cell, drawn, judged, unfit)


def _series(cell: PublishedCell, drawn: DrawnDischarges, judged: list[Judged], unfit: str) -> Finding:
    """Return the line of all rates together: one cell has to meet them all."""
    series = judge_series(drawn.capacities, np.array([one.capacity for one in cell.discharges]))
    stated = cell.study.cases[0].distributions.keys() & _stated(cell)
    shown = ", ".join(f"{path} {drawn.numbers[path][series.best]:.3g}" for path in sorted(stated))
    remark = (
        f"{series.share:.0%} of the draws lie within {CLOSE:.0%} at all {len(judged)} rates; the nearest is "
        f"{series.distance:.0%} off at its worst rate, with {shown} in SI."
    )
    tells = any(line.tells for line in judged)
    if unfit:
        remark += f" Judged all the same it would {_verdict(series.share >= LEAST_SHARE, tells)}."
    missing = unfit or ("" if tells else "what would make one of its rates tell")
    what = f"{_where(cell)}, {len(judged)} rates together: share of the draws that miss one rate or more"
    return Finding("series", what, 1.0 - series.share, 1.0 - LEAST_SHARE, "1", _SERIES, remark=remark, missing=missing)


def _by_set(column: Array, drawn: DrawnDischarges) -> str:
    """Return the median where each set of a material holds, as a sentence; nothing for materials with one."""
    said = []
    for role, held in drawn.sets.items():
        medians = {str(name): np.nanmedian(column[held == name]) for name in sorted(set(held) - {""})}
        each = ", ".join(f"{name} {one:.0f}" for name, one in medians.items())
        said += [f" Median by the set of the {role}: {each} mA h/g."] if len(medians) > 1 else []
    return "".join(said)


def _picture(cell: PublishedCell, drawn: DrawnDischarges) -> xr.Dataset:
    """Return the published capacities and the band of the draws against the rate."""
    rates = np.array([one.c_rate for one in cell.discharges])
    order = np.argsort(rates)
    low, median, high = np.nanquantile(drawn.capacities, (BAND[0], 0.5, BAND[1]), axis=0)[:, order]
    lines = {
        "published": ("reference", rates, [one.capacity for one in cell.discharges]),
        "median": ("model", rates[order], median),
        f"{BAND[0]:.0%} of the draws below": ("other", rates[order], low),
        f"{1.0 - BAND[1]:.0%} of the draws above": ("other", rates[order], high),
    }
    return curves(cell.paper.description, "C-rate", "capacity (mA h g⁻¹)", lines, "x")


def _verdict(met: bool, tells: bool) -> str:
    return ("hold" if met else "fail") if tells else "not tell"


def _stated(cell: PublishedCell) -> set[str]:
    """Return the paths of the numbers whose range the file states."""
    parameters = cell.study.cases[0].parameters
    return {parameters.resolve(path) for path in cell.paper.distributions}


def _unfit(cell: PublishedCell) -> str:
    """Return what keeps every line of a paper from being judged, as what would tell; empty if nothing."""
    if cell.paper.plasticised:
        return "a cell without plasticiser"
    return "the paper itself: its numbers are quoted from memory" if cell.paper.seen == "nothing" else ""


def _where(cell: PublishedCell, c_rate: float | None = None) -> str:
    rate = "" if c_rate is None else f", {rate_text(c_rate)}"
    materials = cell.study.cases[0].parameters.materials
    return f"{materials['electrolyte']} | {materials['electrode']}{rate}, {cell.paper.temperature - KELVIN:.0f} degC"


def _drawn(line: Judged) -> str:
    return f"drawn {line.low:.0f} to {line.high:.0f} (median {line.median:.0f}) mA h/g"


def _check(name: str, path: Path) -> Check:
    """Return the check of one file; its reference is what references.toml says of the source."""
    source = load_references()[read_toml(path)["source"]]
    names = [one.split(",")[0].strip() for one in source.authors.split(";")]
    authors = " and ".join(names) if len(names) < 3 else f"{names[0]} et al."

    def measure(_data: DataFolder) -> Evidence:
        cell = load_published(name)
        drawn = discharge_draws(cell, "auto")
        yield from findings(cell, drawn)
        if len(cell.discharges) > 1:
            yield _picture(cell, drawn)

    return Check(name, GROUP, f"{authors} {source.year}", source.doi or "", measure)


CHECKS = tuple(_check(name, path) for name, path in resources.files("experiments", "published").items())
"""One for each file, in alphabetical order."""
