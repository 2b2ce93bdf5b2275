"""Which number of a cell a setting means, however it is spelled, and whether it has an effect in a study.

It reads no file and expands nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from cellmodel.errors import ParameterError, Problem, ProblemLog
from cellmodel.mechanisms import idle
from cellmodel.parameters import ParameterSet
from cellmodel.parameters.checks import FRACTIONS
from cellmodel.parameters.parameter_set import CATHODE_THICKNESS
from cellmodel.parameters.records import AREAL_CAPACITY

if TYPE_CHECKING:
    from cellmodel.study.definition import Study
    from cellmodel.study.runs import Axis, Case

CONDITIONS = {
    "c_rate": ("c_rate", "1", "C-rate"),
    "current_density": ("current_density", "A.m-2", "Current density"),
    "temperature": ("ambient_temperature", "K", "Ambient temperature"),
}
"""Axes that are no parameters: key -> dimension, unit, long name. The dimension of temperature is not called
`temperature` because the dataset has a variable of that name on every sample."""
CELL_TEMPERATURE = "cell.temperature"
_ONE = "one of the two"


def quantity(cell: ParameterSet, path: str) -> str:
    """Return the one number that a path sets, a capacity per area the cathode's thickness; else the path itself."""
    if path == AREAL_CAPACITY:
        return CATHODE_THICKNESS
    try:
        return cell.resolve(path)
    except ParameterError:
        return path


def twice(cell: ParameterSet, paths: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Return every path that sets the number of one before it, and that one."""
    seen: dict[str, str] = {}
    for path in paths:
        number = quantity(cell, path)
        if number in seen:
            yield path, seen[number]
        seen.setdefault(number, path)


def without_effect(cell: ParameterSet, path: str, mechanisms: Iterable[str]) -> tuple[str, str]:
    """Return what is wrong with a number that no run uses and what would be right; empty texts if one uses it."""
    user = idle(quantity(cell, path), mechanisms)
    return (f"a number that only the mechanism {user!r} uses", f"{user!r} among `mechanisms`") if user else ("", "")


def settings_without_effect(study: Study, case: Case, settings: Mapping[str, Any]) -> list[Problem]:
    """Return a problem for every setting of a cell that something else in the study decides."""
    log = ProblemLog(study.file)
    swept = {quantity(case.parameters, path) for path in study.swept_paths}
    for path in settings:
        if quantity(case.parameters, path) in swept:
            log.add(path, "a value for a swept quantity", "a fixed one")
        found, wanted = without_effect(case.parameters, path, study.mechanisms)
        if found:
            log.add(path, found, wanted)
    for path, before in twice(case.parameters, settings):
        log.add(path, f"a value for the same number as {before}", _ONE)
    decided = study.temperature is not None or case.temperature is not None
    if CELL_TEMPERATURE in settings and (decided or "temperature" in (axis.key for axis in study.axes)):
        found = "the default temperature of the cell, where the study sets the temperature"
        log.add(CELL_TEMPERATURE, found, "the `temperature` of the study")
    return log.problems


class FileSettings(NamedTuple):
    """The numbers that a study file sets: for every cell, in each [[case]], over both, and as distributions.

    `drawn` are the paths that `sample.of` names.
    """

    fixed: Mapping[str, Any]
    cases: Sequence[Mapping[str, Any]]
    overrides: Mapping[str, Any]
    distributions: Iterable[str]
    drawn: Sequence[str]


def note_clashes(
    log: ProblemLog, said: FileSettings, cases: Sequence[Case], axes: Sequence[Axis], mechanisms: Sequence[str]
) -> None:
    """Note every number that a file sets where something else in it decides: each is named with the other.

    What is wrong with a study whoever made it, such as a rate at its top and on an axis, is told by `checks`.
    """
    swept = [axis.key for axis in axes if axis.key not in CONDITIONS]
    for case, own in zip(cases, said.cases, strict=True):
        cell = case.parameters
        places = [("[set]", path) for path in said.fixed] + [("[[case]].set", path) for path in own]
        for key, paths in (("grid", swept), ("distributions", said.distributions)):
            for other in paths:
                for place, path in places:
                    if quantity(cell, path) == quantity(cell, other):
                        words = "" if path == other else f", as {path}"
                        log.add(f"{key}.{other}", f"a value at {place} too{words}", _ONE)
        for place, path in [*places, *(("sample.of", path) for path in said.drawn)]:
            found, wanted = without_effect(cell, path, mechanisms)
            if found:
                log.add(f"{place}.{path}", found, wanted)
        for path in said.overrides:
            if quantity(cell, path) in {quantity(cell, one) for one in own}:
                log.add(f"set.{path}", f"a value at [[case]].set of {case.label!r} too", _ONE)
        if AREAL_CAPACITY in [path for _, path in places]:
            _note_capacity(log, cell, [*swept, *case.distributions])
    for path in said.fixed if cases else ():
        if all(
            quantity(case.parameters, path) in {quantity(case.parameters, one) for one in own}
            for case, own in zip(cases, said.cases, strict=True)
        ):
            log.add(f"set.{path}", "a value at every [[case]].set too", _ONE)


def _note_capacity(log: ProblemLog, cell: ParameterSet, varied: Iterable[str]) -> None:
    """Note what undoes a capacity per area that is set: a swept or drawn number that the capacity depends on."""
    for path in varied:
        number = quantity(cell, path)
        moved = {number, *cell.depending_on([number])}
        if number in ("electrode.maximum_concentration", FRACTIONS[0]) or not cell.window_inputs.isdisjoint(moved):
            found = f"a value, which does not hold where {path} is varied"
            log.add(f"set.{AREAL_CAPACITY}", found, f"an axis of one value: [grid] {AREAL_CAPACITY!r} = [...]")


def note_temperatures(
    log: ProblemLog, said: FileSettings, cases: Sequence[Case], axes: Sequence[Axis], temperature: float | None
) -> None:
    """Note every setting of the cell's default temperature where the file sets the temperature of the runs."""
    decided = "the grid" if "temperature" in [axis.key for axis in axes] else ""
    decided = "the top of the file" if temperature is not None else decided
    own = [case.temperature is not None for case in cases]
    found = "the default temperature of the cell, where {} sets the temperature"
    overridden = any(own) and CELL_TEMPERATURE in said.overrides
    if CELL_TEMPERATURE in said.fixed and (decided or overridden or (own and all(own))):
        where = "a [[case]]" if overridden else "every [[case]]"
        log.add(f"set.{CELL_TEMPERATURE}", found.format(decided or where), _ONE)
    for number, settings in enumerate(said.cases):
        if CELL_TEMPERATURE in settings and (decided or own[number]):
            log.add(f"case[{number + 1}].set.{CELL_TEMPERATURE}", found.format(decided or "the case itself"), _ONE)
