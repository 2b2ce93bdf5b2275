"""The `sample` and [distributions] of a study file: what is drawn, from which distributions.

Every problem is noted at the table it stands in; nothing is drawn here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from cellmodel.errors import ParameterError, ProblemLog, choices, found_text
from cellmodel.inputs import parse_difference
from cellmodel.parameters import ParameterSet
from cellmodel.parameters.bounds import bounds_of
from cellmodel.parameters.distributions import KINDS, Distribution, declared_distributions
from cellmodel.parameters.parameter_set import CATHODE_THICKNESS
from cellmodel.parameters.records import AREAL_CAPACITY
from cellmodel.schemas import with_unit
from cellmodel.study.runs import Axis, Case
from cellmodel.study.sampling import Sample
from cellmodel.study.schema import LogNormal, Normal, StudyFile, Uniform
from cellmodel.study.settings import CELL_TEMPERATURE, CONDITIONS

Stated = Normal | LogNormal | Uniform
_WANTED = {
    "normal": "a standard deviation above zero and a mean inside the bounds",
    "log-normal": "a median above zero, inside the bounds, and a factor above 1",
    "uniform": "a minimum below the maximum, inside the bounds",
}
_KINDS = {word: kind for kind, word in KINDS.items()}


def read_sample(
    log: ProblemLog, table: StudyFile, named: Any, cases: Sequence[Case], axes: Sequence[Axis]
) -> tuple[Sample | None, list[Case]]:
    """Return what a study draws, and its cells with the distributions of that; None if nothing, or it is wrong.

    `named` is [distributions] as it stands, whose names are checked even where one of its tables is wrong.
    """
    stated = {name: (table.distributions or {}).get(name) for name in named} if isinstance(named, Mapping) else None
    if table.sample is None:
        if stated is not None:
            log.add("distributions", "distributions", "`sample = { size = ... }` as well, or neither")
        return None, list(cases)
    before, own = len(log.problems), log.below("sample")
    swept = [axis.key for axis in axes]
    found = [_distributions(log, table.sample.of, stated, case.parameters, swept) for case in cases]
    for case, distributions in zip(cases[1:], found[1:], strict=True):
        other = sorted(set(found[0]) ^ set(distributions))
        if other:
            what = f"{', '.join(other)} uncertain in only one of {cases[0].label} and {case.label}"
            own.add("of", what, "a list of numbers that are uncertain in every cell, or distributions for them")
    if len(log.problems) > before or not found:
        return None, list(cases)
    paths = tuple(sorted(found[0]))
    size, method = table.sample.size, table.sample.method
    sample = Sample(
        size, method, table.sample.seed, paths, assumed_numbers(cases, paths) if method == "grouped_saltelli" else ()
    )
    if size % sample.block:
        nearest = max(1, round(size / sample.block)) * sample.block
        why = f"two more than the {len(paths)} numbers" if method == "saltelli" else "the points of a block"
        own.add("size", repr(size), f"a multiple of {sample.block}, {why}, such as {nearest}")
    return sample, [replace(case, distributions=drawn) for case, drawn in zip(cases, found, strict=True)]


def assumed_numbers(cases: Sequence[Case], paths: Iterable[str]) -> tuple[str, ...]:
    """Return those numbers that the files of every cell call assumed: the group of the method "grouped_saltelli"."""
    return tuple(path for path in paths if all(case.parameters.entries[path].status == "assumed" for case in cases))


def _distributions(
    log: ProblemLog,
    chosen: Sequence[Any] | None,
    stated: Mapping[str, Stated | None] | None,
    parameters: ParameterSet,
    swept: Iterable[str],
) -> dict[str, Distribution]:
    """Return the distribution of every number that is drawn, by full path.

    The numbers in [distributions], and those that `of` names; without both, all that the cell's files declare and
    the grid does not sweep.
    """
    paths = (CATHODE_THICKNESS if path == AREAL_CAPACITY else path for path in swept if path not in CONDITIONS)
    on_axis = {parameters.resolve(path) for path in paths}
    declared = declared_distributions(parameters)
    found = _stated(log.below("distributions"), stated or {}, parameters, on_axis)
    own = log.below("sample")
    if chosen is None:
        if stated is None:
            found = {path: one for path, one in declared.items() if path not in on_axis}
            if not found:
                own.add("size", f"no uncertain number in {parameters.name}", "[distributions] that state some")
        return found
    if not chosen and not found:
        own.add("of", "[]", "at least one number")
    named: dict[str, str] = {}
    for entry in chosen:
        if not isinstance(entry, str):
            own.add("of", found_text(entry), "the path of a number")
            continue
        path = _known_path(own, "of", entry, parameters, [*found, *declared])
        if path in named:
            own.add("of", f"'{entry}', the same number as '{named[path]}'", "every number once")
        if path is None or path in found:
            continue
        named[path] = entry
        if path in on_axis:
            own.add("of", f"'{entry}', which the grid sweeps", "one of the two")
        elif path not in declared:
            wanted = "a number whose file states an uncertainty, or its distribution in [distributions]"
            own.add("of", f"'{entry}', which has no uncertainty in {parameters.name}", wanted)
        else:
            found[path] = declared[path]
    return found


def _stated(
    log: ProblemLog, tables: Mapping[str, Stated | None], parameters: ParameterSet, on_axis: Collection[str]
) -> dict[str, Distribution]:
    """Return the distributions that the study itself states."""
    found: dict[str, Distribution] = {}
    for key, table in tables.items():
        path = _known_path(log, key, key, parameters, list(parameters.entries))
        if path is None:
            continue
        if path in on_axis:
            log.add(key, "a distribution for what the grid sweeps", "one of the two")
        if path in found:
            log.add(key, "another distribution of the same number", "every number once")
        distribution = (
            None if table is None else _distribution(log.below(key), table, path, parameters.entries[path].unit)
        )
        if distribution is not None:
            found[path] = distribution
    return found


def _known_path(log: ProblemLog, key: str, name: str, parameters: ParameterSet, offered: Sequence[str]) -> str | None:
    """Return the full path of a number; None and a problem with the nearest names if there is none."""
    if name == CELL_TEMPERATURE:
        log.add(key, "the default temperature of the cell", "another number: a study sets the temperature")
        return None
    try:
        return parameters.resolve(name)
    except ParameterError as error:
        function = name in parameters.functions
        wanted = error.problems[0].wanted if function else choices(name, offered)
        log.add(key, f"'{name}', {'a function' if function else 'no parameter'} of {parameters.name}", wanted)
        return None


def _distribution(log: ProblemLog, table: Stated, path: str, unit: str) -> Distribution | None:
    """Return one stated distribution in SI; None and every problem of its table if it is none."""
    numbers: list[float] = []
    for key, text in list(table)[1:]:
        try:
            value = with_unit(text, "1" if key == "factor" else unit)
            numbers.append(parse_difference(text, unit) if key == "standard_deviation" else value)
        except ParameterError as error:
            log.add(key, error.problems[0].found, error.problems[0].wanted)
    if len(numbers) < 2:
        return None
    first, second = numbers
    middle, spread = ((first + second) / 2, (first, second)) if isinstance(table, Uniform) else (first, (second,))
    distribution = Distribution(_KINDS[table.distribution], middle, spread, unit, bounds_of(path, unit))
    if distribution.problem:
        log.add("", distribution.problem, _WANTED[table.distribution])
        return None
    return distribution
