"""Measured points from a CSV file, to lay over curves.

The header names each column with its unit, "capacity [mA.h.cm-2], voltage [V]". It does not know cyclers or
their formats.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import xarray as xr
from matplotlib.axes import Axes

from cellmodel.errors import Problem, ResultsError, choices
from cellmodel.plotting import arrangement as arranging
from cellmodel.units import conversion

LABEL = "measured"
_HEADER = re.compile(r"^\s*([\w ]+?)\s*[\[(]\s*([^\])]+?)\s*[\])]\s*$")
# column -> units it may have on the axes, each with the variable of that scale
_SCALES = {
    "capacity": {
        "A.h": "capacity",
        "mA.h.cm-2": "areal_capacity",
        "mA.h.g-1": "specific_capacity",
        "1": "capacity_share",
    },
    "time": {"s": "time"},
    "voltage": {"V": "voltage"},
}
_OTHER_NAMES = {"temperature": "ambient_temperature"}  # the dimension; `temperature` is a variable of each sample


@dataclass(frozen=True)
class Measured:
    """Measured voltage against capacity or time.

    Parameters
    ----------
    scale : str
        What `positions` are: "time" [s], "capacity" [A.h], "areal_capacity" [mA.h.cm-2],
        "specific_capacity" [mA.h.g-1] or "capacity_share" [1].
    positions : numpy.ndarray, shape (points,)
        Place on the horizontal axis.
    voltage : numpy.ndarray, shape (points,)
        Cell voltage [V].
    conditions : mapping of str to numpy.ndarray
        Other columns, such as "temperature" [K] or "c_rate" [1]: where they agree, a point is drawn.
    """

    scale: str
    positions: np.ndarray
    voltage: np.ndarray
    conditions: Mapping[str, np.ndarray]


def read_measured(path: str | Path, dataset: xr.Dataset) -> Measured:
    """Read measured points from a CSV file.

    Parameters
    ----------
    path : str or pathlib.Path
        CSV whose header holds `voltage [V]`, one of `capacity [...]` and `time [...]`, and swept
        quantities of `dataset` if points belong to some of its runs only.
    dataset : xarray.Dataset
        The results the points are laid over; they say which other columns have a meaning.

    Returns
    -------
    Measured
        In the units of the dataset.

    Raises
    ------
    ResultsError
        With every unknown column, wrong unit and unreadable number, or if the file cannot be read.
    """
    file = str(path)
    try:
        with Path(path).open(newline="", encoding="utf-8-sig") as stream:
            rows = [row for row in csv.reader(stream) if row and not row[0].startswith("#")]
    except OSError as error:
        raise ResultsError(Problem(file, "file", error.strerror or "an error", "a readable CSV file")) from error
    if len(rows) < 2:
        raise ResultsError(Problem(file, "file", f"{len(rows)} lines", "a header and at least one line of numbers"))
    problems: list[Problem] = []
    numbers = _numbers(file, rows, problems)
    columns: dict[str, np.ndarray] = {}
    scales: dict[str, str] = {}
    for index, head in enumerate(rows[0]):
        _read_column(file, head, numbers[:, index], dataset, columns, scales, problems)
    if not problems and "voltage" not in columns:
        problems.append(Problem(file, "header", ", ".join(rows[0]), "a column 'voltage [V]'"))
    if not problems and not {"capacity", "time"} & set(columns):
        problems.append(Problem(file, "header", ", ".join(rows[0]), "a column 'capacity [mA.h.cm-2]' or 'time [h]'"))
    if problems:
        raise ResultsError(problems)
    horizontal = "capacity" if "capacity" in columns else "time"
    conditions = {name: values for name, values in columns.items() if name not in _SCALES}
    return Measured(scales[horizontal], columns[horizontal], columns["voltage"], conditions)


def draw_points(axes: Axes, runs: xr.Dataset, measured: Measured, against: str) -> None:
    """Lay the points that belong to these runs over their curves.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        Where to.
    runs : xarray.Dataset
        The runs of that panel.
    measured : Measured
        The points.
    against : str
        What the horizontal axis is: "time" (drawn in hours) or a capacity (see `Measured.scale`).
    """
    kept = np.ones(measured.positions.shape, dtype=bool)
    for name, values in measured.conditions.items():
        wanted = np.atleast_1d(runs[name].values).astype(float)
        kept &= np.isclose(values[:, None], wanted[None, :], rtol=1e-3, atol=0).any(axis=1)
    positions = measured.positions[kept] * _factor(runs, measured.scale, against)
    if positions.size:
        axes.plot(
            positions,
            measured.voltage[kept],
            linestyle="none",
            marker="o",
            markersize=3.6,
            markerfacecolor="white",
            markeredgecolor="black",
            markeredgewidth=0.8,
            label=LABEL,
            zorder=3,
        )


def _numbers(file: str, rows: list[list[str]], problems: list[Problem]) -> np.ndarray:
    width = len(rows[0])
    table = np.full((len(rows) - 1, width), np.nan)
    for line, row in enumerate(rows[1:], start=2):
        for column, text in enumerate(row[:width]):
            try:
                table[line - 2, column] = float(text) if text.strip() else np.nan
            except ValueError:
                problems.append(Problem(file, f"line {line}, {rows[0][column].strip()}", repr(text), "a number"))
    return table


def _read_column(
    file: str,
    head: str,
    values: np.ndarray,
    dataset: xr.Dataset,
    columns: dict[str, np.ndarray],
    scales: dict[str, str],
    problems: list[Problem],
) -> None:
    match = _HEADER.match(head)
    if match is None:
        problems.append(Problem(file, "header", repr(head), "a name with its unit, such as 'voltage [V]'"))
        return
    name, unit = match.group(1).lower().replace(" ", "_"), match.group(2)
    name = _OTHER_NAMES.get(name, name)
    swept = {key: str(dataset[key].attrs.get("units", "1")) for key in arranging.swept_dimensions(dataset)}
    targets = _SCALES.get(name) or ({swept[name]: name} if name in swept else None)
    if targets is None:
        problems.append(Problem(file, "header", repr(name), choices(name, [*_SCALES, *swept])))
        return
    for target, scale in targets.items():
        try:
            factor, offset = conversion(unit, target)
        except ValueError:
            continue
        columns[name], scales[name] = values * factor + offset, scale
        return
    problems.append(Problem(file, name, f"unit '{unit}'", "a unit of " + " or ".join(targets)))


def _factor(runs: xr.Dataset, scale: str, against: str) -> float:
    """Return what brings positions onto the axis; all runs of a panel share one cell."""
    if "time" in (scale, against):
        if scale != against:
            raise ResultsError(f"measured {scale} cannot be laid over curves against {against}")
        return 1 / 3600.0
    ratio = (runs[against] / runs[scale]).where(arranging.drawn(runs) & (runs["capacity"] != 0))
    return float(ratio.median())
