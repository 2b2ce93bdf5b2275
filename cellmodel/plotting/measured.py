"""Measured points from a CSV file, to lay over curves.

The header names each column with its unit, "capacity [mA.h.cm-2], voltage [V]"; files that `cellmodel export` wrote
are taken too. No point is dropped in silence: one that belongs to no run is named in a warning. It does not know
cyclers or their formats.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import xarray as xr
from matplotlib.axes import Axes

from cellmodel.csv_files import Table, named, read_table
from cellmodel.errors import Problem, ResultsError, choices, shortened
from cellmodel.plotting.panels import MEASURED, has_curve, swept_dimensions
from cellmodel.units import conversion

TOLERANCE, TOLERANCE_KELVIN = 0.02, 1.0
"""How far a number may be from that of the run it belongs to: a share of it, and a temperature [K]."""
_HEADER = re.compile(r"^([^\[\](/]+?)\s*(?:\[([^\]]+)\]|\(([^)]+)\)|\s/\s*(.+))$")
# column -> units it may have on the axes, each with the variable of that scale
_SCALES = {
    "capacity": {
        "A.h": "capacity",
        "mA.h.cm-2": "areal_capacity",
        "mA.h.g-1": "specific_capacity",
        "1": "utilization",
    },
    "time": {"s": "time"},
    "voltage": {"V": "voltage"},
}
_ALIASES = {
    "test_time": "time",
    "discharge_capacity": "capacity",
    "discharging_capacity": "capacity",
    "ambient_temperature": "temperature",
}
# columns of exported files that place no point
_NOT_NEEDED = {"current", "discharge_energy", "charging_capacity", "surface_temperature_t1", "cycle", "step", "sample"}
_NOT_NEEDED |= {"cycle_count", "step_count", "step_index"}


@dataclass(frozen=True)
class Measured:
    """Measured voltage against capacity or time.

    Parameters
    ----------
    scale : str
        What `positions` are: "time" [s], "capacity" [A.h], "areal_capacity" [mA.h.cm-2],
        "specific_capacity" [mA.h.g-1] or "utilization" [1].
    positions : numpy.ndarray, shape (points,)
        Place on the horizontal axis.
    voltage : numpy.ndarray, shape (points,)
        Cell voltage [V].
    conditions : mapping of str to numpy.ndarray
        Other columns, such as "ambient_temperature" [K] or "c_rate" [1]: where they agree, a point is drawn.
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
        The file cannot be read, a column is unknown, there twice or has a wrong unit, an entry is no number, time goes
        back, or no point belongs to a run that was drawn. The cause stands first, in at most three lines.

    Warns
    -----
    UserWarning
        Some points belong to no run: further from it than `TOLERANCE`, or `TOLERANCE_KELVIN`.
    """
    table = read_table(path)
    swept = {name: str(dataset[name].attrs.get("units", "1")) for name in swept_dimensions(dataset)}
    columns = _columns(table, swept)
    positions, scale = _positions(table, columns, dataset)
    voltage = _converted(table, columns["voltage"], _SCALES["voltage"])[0]
    kept = np.ones(voltage.shape, dtype=bool)
    conditions: dict[str, np.ndarray] = {}
    for name, column in columns.items():
        if name in swept:
            own, conditions[name] = _matched(table, column, dataset, name)
            kept &= own
        elif name == "temperature":
            kept &= _at_temperature(_converted(table, column, {"K": name})[0], dataset)
    if scale == "time":
        _refuse_backward(table, positions, conditions)
    else:
        positions = _counted_forward(positions, conditions)
    kept[kept] = _of_drawn_runs(dataset, {name: values[kept] for name, values in conditions.items()})
    _tell_left_out(table, kept, [name for name in columns if name in swept or name == "temperature"])
    conditions = {name: values[kept] for name, values in conditions.items()}
    return Measured(scale, positions[kept], voltage[kept], conditions)


def draw_points(axes: Axes, runs: xr.Dataset, measured: Measured, against: str) -> None:
    """Lay the points that belong to these runs over their curves against "time" (in hours) or a capacity."""
    kept = np.ones(measured.positions.shape, dtype=bool)
    for name, values in measured.conditions.items():
        wanted = np.atleast_1d(runs[name].values)
        if wanted.dtype.kind in "fiu":
            kept &= np.isclose(values[:, None], wanted.astype(float)[None, :], rtol=1e-6, atol=0).any(axis=1)
        else:
            kept &= np.isin(np.asarray(values, dtype=object), wanted.astype(object))
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
            label=MEASURED,
            zorder=1.9,  # below the curves, which many points would hide
        )


def _columns(table: Table, swept: Mapping[str, str]) -> dict[str, int]:
    """Return which column holds which quantity: those of the axes, those swept, and the temperature."""
    found: dict[str, list[int]] = {}
    unknown, without_unit = [], []
    for place, head in enumerate(table.header):
        match = _HEADER.match(head)
        name = (match.group(1) if match else head).strip().lower().replace(" ", "_")
        if name not in swept:
            name = _ALIASES.get(name, name)
        if name in _NOT_NEEDED:
            continue
        if match is None and name not in swept:
            without_unit.append(head)
        elif name in swept or name in _SCALES or name == "temperature":
            found.setdefault(name, []).append(place)
        else:
            unknown.append(name)
    if "ambient_temperature" in swept and "ambient_temperature" not in found and "temperature" in found:
        found["ambient_temperature"] = found.pop("temperature")
    problems = _header_problems(table, found, unknown, without_unit, [*_SCALES, *swept, "temperature"])
    if problems:
        raise ResultsError(problems[:3])
    return {name: places[0] for name, places in found.items()}


def _header_problems(
    table: Table, found: Mapping[str, list[int]], unknown: list[str], without_unit: list[str], known: list[str]
) -> list[Problem]:
    """Return what is wrong with the header, each kind once."""
    problems = []
    if without_unit:
        problems.append(
            Problem(table.file, "header", named(without_unit), "a name with its unit, such as 'voltage [V]'")
        )
    if unknown:
        problems.append(Problem(table.file, "header", named(unknown), choices(unknown[0], known)))
    twice = [name for name, places in found.items() if len(places) > 1]
    if twice:
        problems.append(Problem(table.file, "header", f"{named(twice)} more than once", "each quantity once"))
    if not problems and "voltage" not in found:
        problems.append(Problem(table.file, "header", named(list(table.header)), "a column 'voltage [V]'"))
    if not problems and not {"capacity", "time"} & set(found):
        wanted = "a column 'capacity [mA.h.cm-2]' or 'time [h]'"
        problems.append(Problem(table.file, "header", named(list(table.header)), wanted))
    wrong = [_unit_problem(table, places[0], name) for name, places in found.items() if name in _SCALES]
    return problems + [problem for problem in wrong if problem is not None and not problems]


def _unit_problem(table: Table, column: int, name: str) -> Problem | None:
    try:
        _unit_of(table, column, _SCALES[name])
    except ResultsError as error:
        return error.problems[0]
    return None


def _unit_of(table: Table, column: int, targets: Mapping[str, str]) -> tuple[float, float, str]:
    """Return factor and offset to the first unit that fits, and what a column in it is; no unit is the last one."""
    match = _HEADER.match(table.header[column])
    if match is None:
        return 1.0, 0.0, list(targets.values())[-1]
    unit = next(part for part in match.groups()[1:] if part is not None).strip()
    for target, scale in targets.items():
        try:
            return *conversion(unit, target), scale
        except ValueError:
            continue
    name = match.group(1).strip().lower().replace(" ", "_")
    wanted = " or ".join({"K": "K, such as degC", "1": "1, such as %"}.get(target, target) for target in targets)
    raise ResultsError(Problem(table.file, name, f"unit '{shortened(unit, 40)}'", f"a unit of {wanted}"))


def _converted(table: Table, column: int, targets: Mapping[str, str]) -> tuple[np.ndarray, str]:
    """Return the numbers of a column in the unit that fits, and what they are."""
    factor, offset, scale = _unit_of(table, column, targets)
    return table.numbers(column) * factor + offset, scale


def _positions(table: Table, columns: Mapping[str, int], dataset: xr.Dataset) -> tuple[np.ndarray, str]:
    """Return the places on the horizontal axis: time for runs of several steps where a file has both."""
    several = bool(
        {"cycle", "step"} & {str(dim) for name in ("voltage",) if name in dataset for dim in dataset[name].dims}
    )
    order = ("time", "capacity") if several else ("capacity", "time")
    name = next(name for name in order if name in columns)
    values, scale = _converted(table, columns[name], _SCALES[name])
    return values, scale


def _matched(table: Table, column: int, dataset: xr.Dataset, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Return which points belong to a value of a swept quantity, and the nearest value of each."""
    known = dataset[name].values
    if known.dtype.kind not in "fiu":
        texts = np.array(table.texts(column), dtype=object)
        return np.isin(texts, known.astype(object)), texts
    units = str(dataset[name].attrs.get("units", "1"))
    values = _converted(table, column, {units: name})[0]
    nearest = known[np.argmin(np.abs(values[:, None] - known[None, :]), axis=1)].astype(float)
    near = TOLERANCE_KELVIN if units == "K" else TOLERANCE * np.abs(nearest)
    return np.abs(values - nearest) <= near, nearest


def _at_temperature(kelvin: np.ndarray, dataset: xr.Dataset) -> np.ndarray:
    """Return which points were measured at the temperatures that the cells had."""
    if "temperature" not in dataset or not np.isfinite(dataset["temperature"].values).any():
        return np.ones(kelvin.shape, dtype=bool)
    low, high = float(dataset["temperature"].min()), float(dataset["temperature"].max())
    return np.asarray((kelvin >= low - TOLERANCE_KELVIN) & (kelvin <= high + TOLERANCE_KELVIN))


def _of_drawn_runs(dataset: xr.Dataset, conditions: Mapping[str, np.ndarray]) -> np.ndarray:
    """Return which points belong to a run that left a curve."""
    drawn = has_curve(dataset)
    others = [name for name in drawn.dims if name not in conditions]
    some = drawn.any(others) if others else drawn
    if not conditions:
        return np.array(bool(some))
    index = {name: xr.DataArray(_places(dataset, name, values), dims="point") for name, values in conditions.items()}
    return np.asarray(some.isel(index).values)


def _places(dataset: xr.Dataset, name: str, values: np.ndarray) -> list[int]:
    known = {value: place for place, value in enumerate(dataset[name].values.tolist())}
    return [known[value] for value in values.tolist()]


def _refuse_backward(table: Table, time: np.ndarray, conditions: Mapping[str, np.ndarray]) -> None:
    """Raise where time goes back between two points of the same run."""
    alike = np.ones(max(time.size - 1, 0), dtype=bool)
    for values in conditions.values():
        alike &= values[1:] == values[:-1]
    back = np.flatnonzero(alike & (np.diff(time) < 0.0))
    if back.size:
        line = table.lines[int(back[0]) + 1]
        found = f"a time that goes back ({back.size} times)" if back.size > 1 else "a time that goes back"
        raise ResultsError(Problem(table.file, f"line {line}", found, "time that grows"))


def _counted_forward(charge: np.ndarray, conditions: Mapping[str, np.ndarray]) -> np.ndarray:
    """Return the charge of each run, its largest positive; what lies on the other side of zero stays there."""
    run = np.zeros(charge.shape, dtype=int)
    for values in conditions.values():
        run = np.unique(run * charge.size + np.unique(values, return_inverse=True)[1], return_inverse=True)[1]
    largest, smallest = np.full(run.max() + 1, -np.inf), np.full(run.max() + 1, np.inf)
    np.maximum.at(largest, run, charge)
    np.minimum.at(smallest, run, charge)
    return np.where(-smallest > largest, -1.0, 1.0)[run] * charge


def _tell_left_out(table: Table, kept: np.ndarray, names: list[str]) -> None:
    """Warn of points that belong to no run; raise if that is all of them."""
    left = np.flatnonzero(~kept)
    if not left.size:
        return
    lines = ", ".join(str(table.lines[place]) for place in left[:5]) + (", ..." if left.size > 5 else "")
    by = f" by {' and '.join(names)}" if names else ""
    found = f"{left.size} of {kept.size} points belong to no run{by} that was drawn (line {lines})"
    wanted = f"values within {TOLERANCE:.0%}, temperatures within {TOLERANCE_KELVIN:g} K of those of a run"
    if left.size == kept.size:
        raise ResultsError(Problem(table.file, "points", found, wanted))
    warnings.warn(f"{table.file}: {found}; they are not drawn; wanted {wanted}", UserWarning, stacklevel=3)


def _factor(runs: xr.Dataset, scale: str, against: str) -> float:
    """Return what brings positions onto the axis; all runs of a panel share one cell."""
    if "time" in (scale, against):
        if scale != against:
            raise ResultsError(f"measured {scale} cannot be laid over curves against {against}")
        return 1 / 3600.0
    ratio = (runs[against] / runs[scale]).where(has_curve(runs) & (runs["capacity"] != 0))
    return float(ratio.median())
