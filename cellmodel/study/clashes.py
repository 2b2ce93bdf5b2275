"""What a study file gives in two places, one of which would do nothing: each is named with the other.

It reads no number: what a path means on a cell is `study.soundness`'s question.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from cellmodel.parameters import ParameterSet
from cellmodel.parameters.checks import FRACTIONS, WINDOW
from cellmodel.parameters.parameter_set import AREAL_CAPACITY
from cellmodel.protocols.reading import Table
from cellmodel.study.definition import CONDITIONS, Axis, Case
from cellmodel.study.settings import CELL_TEMPERATURE, quantity, twice, without_effect

_ONE = "one of the two"


class Given(NamedTuple):
    """What a study says: conditions at its top, axes, cells, [set] and what the caller sets over it, and so on.

    `settings` has the `set` of each cell, `drawn` the paths that are drawn.
    """

    conditions: Mapping[str, float | None]
    axes: Sequence[Axis]
    cases: Sequence[Case]
    fixed: Mapping[str, Any]
    settings: Sequence[Mapping[str, Any]]
    drawn: Sequence[str]
    mechanisms: Sequence[str]
    overrides: Mapping[str, Any]


def note_clashes(table: Table, given: Given) -> None:
    """Note every number that is given in two places as a problem of the file.

    Parameters
    ----------
    table : Table
        The study file.
    given : Given
        What it says.
    """
    _conditions(table, given)
    for case, own in zip(given.cases, given.settings, strict=True):
        cell = case.parameters
        places = [("[set]", path) for path in given.fixed] + [("[[case]].set", path) for path in own]
        for axis in given.axes:
            if axis.key not in CONDITIONS:
                for place, path in places:
                    if quantity(cell, path) == quantity(cell, axis.key):
                        table.complain(f"grid.{axis.key}", f"a value at {place} too{_as(path, axis.key)}", _ONE)
        stated = table.values.get("distributions", {})
        for drawn in stated if isinstance(stated, Mapping) else ():
            for place, path in places:
                if quantity(cell, path) == quantity(cell, drawn):
                    table.complain(f"distributions.{drawn}", f"a value at {place} too{_as(path, drawn)}", _ONE)
        for path, before in twice(cell, [axis.key for axis in given.axes if axis.key not in CONDITIONS]):
            table.complain(f"grid.{path}", f"another axis of the same quantity ({before})", "every quantity once")
        _capacity(table, given, cell, [path for _, path in places])
        sample = table.values.get("sample")
        named = given.drawn if isinstance(sample, Mapping) and "of" in sample else ()  # else all that is uncertain
        for place, path in [*places, *(("sample.of", path) for path in named)]:
            found, wanted = without_effect(cell, path, given.mechanisms)
            if found:
                table.complain(f"{place}.{path}", found, wanted)
        for path in given.overrides:
            for one in own:
                if quantity(cell, one) == quantity(cell, path):
                    table.complain(f"set.{path}", f"a value at [[case]].set of {case.label!r} too", _ONE)
    for path in given.fixed:
        everywhere = [
            any(quantity(case.parameters, one) == quantity(case.parameters, path) for one in own)
            for case, own in zip(given.cases, given.settings, strict=True)
        ]
        if everywhere and all(everywhere):
            table.complain(f"set.{path}", "a value at every [[case]].set too", _ONE)


def _capacity(table: Table, given: Given, cell: ParameterSet, settings: Sequence[str]) -> None:
    """Note what undoes a capacity per area that is set: a swept or drawn number that the capacity depends on."""
    if AREAL_CAPACITY not in settings:
        return
    for path in [*(axis.key for axis in given.axes if axis.key not in CONDITIONS), *given.drawn]:
        number = quantity(cell, path)
        moved = {number, *cell.depending_on([number])}
        if number in ("electrode.maximum_concentration", FRACTIONS[0]) or not WINDOW.isdisjoint(moved):
            found = f"a value, which does not hold where {path} is varied"
            wanted = f"an axis of one value: [grid] {AREAL_CAPACITY!r} = [...]"
            table.complain(f"set.{AREAL_CAPACITY}", found, wanted)


def _conditions(table: Table, given: Given) -> None:
    """Note C-rates, current densities and temperatures that something else decides."""
    on_axes = [axis.key for axis in given.axes]
    for key in CONDITIONS:
        own = [getattr(case, key, None) for case in given.cases]
        if key in on_axes and key in given.conditions:
            table.complain(f"grid.{key}", "a value at the top of the file too", _ONE)
        if key in on_axes and any(value is not None for value in own):
            table.complain(f"grid.{key}", "a value at [[case]] too", _ONE)
        if key in given.conditions and own and all(value is not None for value in own):
            table.complain(key, "a value at every [[case]] too", _ONE)
    own = [case.temperature is not None for case in given.cases]
    decided = "the grid" if "temperature" in on_axes else ""
    decided = "the top of the file" if "temperature" in given.conditions else decided
    found = "the default temperature of the cell, where {} sets the temperature"
    firm = any(own) and CELL_TEMPERATURE in given.overrides
    if CELL_TEMPERATURE in given.fixed and (decided or firm or (own and all(own))):
        where = "a [[case]]" if firm else "every [[case]]"
        table.complain(f"set.{CELL_TEMPERATURE}", found.format(decided or where), _ONE)
    for number, settings in enumerate(given.settings):
        if CELL_TEMPERATURE in settings and (decided or own[number]):
            where = f"case[{number + 1}].set.{CELL_TEMPERATURE}"
            table.complain(where, found.format(decided or "the case itself"), _ONE)


def _as(path: str, other: str) -> str:
    """Return in which other words a number is given."""
    return "" if path == other else f", as {path}"
