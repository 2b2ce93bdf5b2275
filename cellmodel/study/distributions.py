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
from cellmodel.study.schema import LogNormal, Normal, SampleTable, StudyFile, Uniform
from cellmodel.study.sets import lacking, records_of_sets, set_distributions, set_name, with_all_names
from cellmodel.study.settings import CELL_TEMPERATURE, CONDITIONS, quantity

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
    known = [with_all_names(case.parameters) for case in cases]
    found = [_distributions(log, table.sample.of, stated, cell, swept) for cell in known]
    for case, distributions in zip(cases[1:], found[1:], strict=True):
        other = sorted(set(found[0]) ^ set(distributions))
        if other:
            what = f"{', '.join(other)} uncertain in only one of {cases[0].label} and {case.label}"
            own.add("of", what, "a list of numbers that are uncertain in every cell, or distributions for them")
    if len(log.problems) > before or not found:
        return None, list(cases)
    drawn = [
        _with_sets(own, case, distributions, {cell.resolve(name) for name in stated or ()}, swept)
        for case, cell, distributions in zip(cases, known, found, strict=True)
    ]
    if len(log.problems) > before:
        return None, list(cases)
    return _sample(own, table.sample, drawn), drawn


def _with_sets(
    log: ProblemLog, case: Case, drawn: Mapping[str, Distribution], stated: Collection[str], swept: Sequence[str]
) -> Case:
    """Return a cell of a study with all its distributions, after noting what only some of its sets have."""
    cell = case.parameters
    try:
        of_sets = set_distributions(cell, drawn, stated)
    except ParameterError as error:
        log.add_from(error, "sets")
        return case
    for path in swept:
        number = quantity(cell, path)
        without = [name for sets in cell.sets.values() for name in lacking(sets, number)]
        if path not in CONDITIONS and without:
            wanted = "a number of every set, or a cell that names its set, such as electrolyte = ':base'"
            log.add(
                "size",
                f"a draw of the set, where {path!r} is swept and {', '.join(without)} has no such number",
                wanted,
            )
    return replace(case, distributions=drawn, set_distributions=of_sets)


def _sample(log: ProblemLog, table: SampleTable, cases: Sequence[Case]) -> Sample:
    """Return what is drawn of some cells, after noting a size that is no whole number of blocks."""
    paths, size, method = tuple(sorted(cases[0].distributions)), table.size, table.method
    roles = tuple(sorted({role for case in cases for role in case.set_distributions}))
    group = (*assumed_numbers(cases, paths), *assumed_sets(cases, roles)) if method == "grouped_saltelli" else ()
    sample = Sample(size, method, table.seed, paths, group, sets=roles)
    if size % sample.block:
        nearest = max(1, round(size / sample.block)) * sample.block
        counted = f"{len(paths)} numbers" + (f" and {len(roles)} choice of a set" if roles else "")
        why = f"two more than the {counted}" if method == "saltelli" else "the points of a block"
        log.add("size", repr(size), f"a multiple of {sample.block}, {why}, such as {nearest}")
    return sample


def assumed_numbers(cases: Sequence[Case], paths: Iterable[str]) -> tuple[str, ...]:
    """Return those numbers that the files of every cell call assumed: the group of the method "grouped_saltelli".

    A number of several sets is assumed if one of them says so.
    """
    known = [records_of_sets(case.parameters) for case in cases]
    return tuple(
        path for path in paths if all(any(one.status == "assumed" for one in records[path]) for records in known)
    )


def assumed_sets(cases: Sequence[Case], roles: Iterable[str]) -> tuple[str, ...]:
    """Return under which names sets are drawn whose weights are assumed for every cell that has them."""
    found = {
        role: [case.parameters.sets[role].status for case in cases if role in case.set_distributions] for role in roles
    }
    return tuple(set_name(role) for role, statuses in found.items() if set(statuses) == {"assumed"})


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
