"""A measured current as a function of time: read from a CSV file, from arrays or from a labelled array, in SI.

Between two rows the current is a straight line, so its charge is that of the trapezoidal rule. It knows no cell.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from cellmodel.csv_files import Table, counted, read_table
from cellmodel.errors import CellModelError, Problem, ProtocolError, choices, found_text, shortened
from cellmodel.inputs import listed, name_or_path, real
from cellmodel.units import conversion

Array = NDArray[np.float64]

MOST_ROWS = 20_000
"""Rows of a table; each is a restart of the integrator, some milliseconds."""
CLOSEST = 1e-6
"""Least time between two rows [s]: in ten years of a run the last digit of a double is 4e-8 s."""
COLLINEAR = 1e-9
"""Share of the largest current by which a row may lie off the line through its neighbours and still be left out of what
is solved: the rounding of the last digits. The charge stays the same to twice that share."""
CURRENTS = {"A": "current", "A.m-2": "current_density"}
"""SI unit of what a table may hold -> the quantity, of `steps.UNITS`."""

_KEYS = {"file": ("file", "time", "current"), "arrays": ("time", "time_unit", "current", "current_unit")}
_WITH_UNIT = re.compile(r"^(.*?)\s*\[([^\[\]]+)\]$")
_WANTED = (
    "{ file = 'current.csv', time = 'time [h]', current = 'current [mA]' }, the names of its columns with their units, "
    "or lists: { time = [0, 1], time_unit = 'h', current = [0, 5], current_unit = 'mA' }"
)


@dataclass(frozen=True)
class CurrentTable:
    """A piecewise linear current, discharge positive.

    Attributes
    ----------
    times : tuple of float
        [s], from zero, rising.
    currents : tuple of float
        [A], or [A.m-2] where `quantity` is "current_density".
    quantity : str
        "current" or "current_density".
    """

    times: tuple[float, ...]
    currents: tuple[float, ...]
    quantity: str = "current"

    @property
    def largest(self) -> float:
        """Current of the largest magnitude, with its sign."""
        return max(self.currents, key=abs)

    @cached_property
    def knots(self) -> tuple[Array, Array]:
        """Times [s] and currents between which a stretch is solved.

        Without the rows that lie on the line between their neighbours, within `COLLINEAR`; with the instants at which
        the current changes its sign, so that every stretch either discharges or charges.
        """
        t, i = np.array(self.times), np.array(self.currents)
        places = [*_corners(t, i, COLLINEAR * abs(self.largest)), t.size - 1]
        t, i = t[places], i[places]
        turns = np.flatnonzero(i[:-1] * i[1:] < 0.0)
        zeros = t[turns] - i[turns] * (t[turns + 1] - t[turns]) / (i[turns + 1] - i[turns])
        apart = (zeros > t[turns]) & (zeros < t[turns + 1])  # else one of both rows is as near to zero as can be told
        return np.insert(t, turns[apart] + 1, zeros[apart]), np.insert(i, turns[apart] + 1, 0.0)

    def problems(self) -> Iterator[tuple[str, str]]:
        """Return what is wrong, each with what is wanted."""
        if not isinstance(self.times, tuple) or not isinstance(self.currents, tuple):
            yield "no tuples", "times and currents as tuples of numbers"
            return
        if len(self.times) != len(self.currents):
            yield f"{len(self.times)} times for {len(self.currents)} currents", "as many of each"
        if not 2 <= len(self.times) <= MOST_ROWS:
            yield counted(len(self.times), "row"), f"2 to {MOST_ROWS} rows"
        if self.quantity not in CURRENTS.values():
            yield found_text(self.quantity), "'current' or 'current_density'"
        t, i = (np.array([_number(one) for one in values]) for values in (self.times, self.currents))
        for what, values in (("time", t), ("current", i)):
            if (wrong := np.flatnonzero(~np.isfinite(values))).size:
                yield _counted(f"{what} of row {wrong[0] + 1} is no number", wrong.size), "a finite number in every row"
        if t.size and np.isfinite(t[0]) and t[0] != 0.0:
            yield f"{t[0]:g} s as the first time", "0: the table begins with the step"
        with np.errstate(invalid="ignore"):
            back = np.flatnonzero(np.diff(t) < 0.999 * CLOSEST)  # less than rounding would refuse the bound
        if back.size:
            found = f"{t[back[0] + 1]:.12g} s in row {back[0] + 2} after {t[back[0]]:.12g} s"
            yield _counted(found, back.size), f"times that rise by {CLOSEST:g} s or more; a jump takes two rows"


def _corners(t: Array, i: Array, tolerance: float) -> list[int]:
    """Return the first row of every straight stretch, as long as the rows within it stay inside the tolerance."""
    corners, lowest, highest = [0], -np.inf, np.inf
    for row in range(1, t.size):
        first, span = corners[-1], t[row] - t[corners[-1]]
        slope = (i[row] - i[first]) / span
        if not lowest <= slope <= highest:  # the line to this row misses one before it
            corners.append(row - 1)
            span = t[row] - t[row - 1]
            slope, lowest, highest = (i[row] - i[row - 1]) / span, -np.inf, np.inf
        lowest, highest = max(lowest, slope - tolerance / span), min(highest, slope + tolerance / span)
    return corners


def _number(value: Any) -> float:
    found = real(value)
    return np.nan if found is None else found


def _counted(found: str, count: int) -> str:
    return found if count == 1 else f"{found} (and {count - 1} more)"


def _refuse(key: str, found: str, wanted: str) -> NoReturn:
    raise ProtocolError(Problem("", key, found, wanted))


def read_current_table(given: Any) -> CurrentTable:
    """Return the table that a protocol names, or raise ProtocolError with every problem.

    Parameters
    ----------
    given : mapping, labelled array or CurrentTable
        With `file`, the path of a CSV file, and `time` and `current`, the names of its columns with their units in
        brackets, by default "time [...]" and "current [...]"; or with lists `time`, `current` and `time_unit`,
        `current_unit`; or an `xarray.DataArray` along one coordinate, both with the attribute `units`. A unit of
        current density makes it one. Discharge positive.

    Returns
    -------
    CurrentTable
        In SI.
    """
    if isinstance(given, CurrentTable):
        table = given
    elif isinstance(given, Mapping):
        table = _of_file(given) if "file" in given else _of_lists(given)
    elif all(hasattr(given, name) for name in ("dims", "coords", "attrs", "values")):
        table = _of_labelled(given)
    else:
        _refuse("", found_text(given), _WANTED)
    problems = [Problem("", "", *one) for one in table.problems()]
    if problems:
        raise ProtocolError(problems)
    return table


def _of_file(given: Mapping[str, Any]) -> CurrentTable:
    _refuse_unknown(given, _KEYS["file"])
    path = name_or_path(given["file"], "", "file", "the name of a CSV file", ProtocolError)
    found, problems = {}, list[Problem]()
    try:
        table = read_table(path)
    except CellModelError as error:
        raise ProtocolError([Problem("", "file", _said(one, "file"), one.wanted) for one in error.problems]) from None
    for name in ("time", "current"):
        try:
            column, unit = _column(table, name, given.get(name))
            found[name] = table.numbers(column), unit
        except CellModelError as error:
            problems += [Problem("", name, _said(one, name), one.wanted) for one in error.problems]
    if problems:
        raise ProtocolError(problems)
    return _in_si(*found["time"], *found["current"])


def _said(problem: Problem, name: str) -> str:
    """Return what was found, with the file, and the line where it stands there."""
    if name == "file":
        return f"{problem.file}: {'' if problem.key == name else problem.key + ': '}{problem.found}"
    return problem.found if problem.key == name else f"{problem.key}: {problem.found}"


def _refuse_unknown(given: Mapping[str, Any], known: tuple[str, ...]) -> None:
    problems = [Problem("", str(key), "an unknown key", choices(str(key), known)) for key in given if key not in known]
    if problems:
        raise ProtocolError(problems)


def _column(table: Table, name: str, asked: Any) -> tuple[int, str]:
    """Return the place and the unit of the column that is asked for, "NAME [UNIT]"; by default that of its own name."""
    wanted = f"the name of a column with its unit, such as '{name} [{'h' if name == 'time' else 'mA'}]'"
    heads = {head: place for place, head in reversed([*enumerate(table.header)])}
    bare = {match.group(1): head for head in heads if (match := _WITH_UNIT.match(head))}
    text = bare.get(name) if asked is None else asked
    match = _WITH_UNIT.match(text) if isinstance(text, str) else None
    if match is None:
        header = "the columns " + shortened(", ".join(table.header), 100)
        _refuse(name, header if asked is None else found_text(asked), wanted)
    head = text if text in heads else match.group(1)
    head = head if head in heads else bare.get(head, head)
    if head not in heads:
        _refuse(name, f"no column {match.group(1)!r}", choices(match.group(1), [*heads]))
    return heads[head], match.group(2)


def _of_lists(given: Mapping[str, Any]) -> CurrentTable:
    _refuse_unknown(given, _KEYS["arrays"])
    missing = [Problem("", key, "nothing", _WANTED) for key in _KEYS["arrays"] if given.get(key) is None]
    if missing:
        raise ProtocolError(missing)
    values = []
    for name in ("time", "current"):
        several = listed(given[name])
        if several is None or isinstance(given[name], str):
            _refuse(name, found_text(given[name]), "a list of numbers")
        values.append(np.array([_number(one) for one in several]))
    return _in_si(values[0], given["time_unit"], values[1], given["current_unit"])


def _of_labelled(given: Any) -> CurrentTable:
    name = given.dims[0] if len(given.dims) == 1 else None
    if name not in given.coords:
        _refuse("", f"an array along {', '.join(map(str, given.dims)) or 'nothing'}", "one along a coordinate of time")
    parts = given.coords[name], given
    times, currents = (np.array([_number(one) for one in part.values.tolist()]) for part in parts)
    return _in_si(times, parts[0].attrs.get("units"), currents, given.attrs.get("units"))


def _in_si(times: Array, time_unit: Any, currents: Array, unit: Any) -> CurrentTable:
    """Return a table from numbers and their units; the unit of the current says which of the two it is."""
    problems, scales = list[Problem](), {}
    for key, given, targets in (("time", time_unit, ("s",)), ("current", unit, tuple(CURRENTS))):
        fitting = [(target, factor) for target in targets if (factor := _factor(given, target)) is not None]
        if fitting:
            scales[key] = fitting[0]
            continue
        wanted = f"a unit of {' or '.join(targets)}, such as {'h' if key == 'time' else 'mA.cm-2'}"
        problems.append(Problem("", key, f"unit {found_text(given)}", wanted))
    if problems:
        raise ProtocolError(problems)
    target, factor = scales["current"]
    with np.errstate(over="ignore"):  # told as no number
        in_seconds, in_amperes = times * scales["time"][1], currents * factor
    return CurrentTable(tuple(in_seconds.tolist()), tuple(in_amperes.tolist()), CURRENTS[target])


def _factor(unit: Any, target: str) -> float | None:
    """Return the factor that leads from a unit to another, None if none does."""
    try:
        return conversion(unit, target)[0] if isinstance(unit, str) else None
    except ValueError:
        return None
