"""The `sample` and [distributions] of a study file: what is drawn, from which distributions.

Every problem is noted at the table it stands in; nothing is drawn here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from cellmodel.errors import ParameterError, choices, found_text
from cellmodel.inputs import parse_difference
from cellmodel.parameters import ParameterSet
from cellmodel.parameters.bounds import bounds_of
from cellmodel.parameters.distributions import KINDS, Distribution, declared_distributions
from cellmodel.parameters.parameter_set import AREAL_CAPACITY, CATHODE_THICKNESS
from cellmodel.protocols.reading import Table, parsed
from cellmodel.study.definition import CONDITIONS, Axis, Case
from cellmodel.study.sampling import LARGEST, METHODS, Sample

_SPREADS = {
    "normal": ("mean", "standard_deviation"),
    "log-normal": ("median", "factor"),
    "uniform": ("minimum", "maximum"),
}
_CELL_TEMPERATURE = "cell.temperature"


def read_sample(table: Table, cases: Sequence[Case], axes: Sequence[Axis]) -> tuple[Sample | None, list[Case]]:
    """Return what a study draws, and its cells with the distributions of that.

    Parameters
    ----------
    table : Table
        The study file; `sample` and `distributions` are taken from it.
    cases : sequence of Case
        The cells.
    axes : sequence of Axis
        The grid: what it sweeps is not drawn.

    Returns
    -------
    tuple of Sample or None, and list of Case
        None if nothing is drawn, or the file has a problem here.
    """
    stated = table.subtable("distributions")
    own = table.subtable("sample")
    if own is None:
        if stated is not None:
            table.complain("distributions", "distributions", "`sample = { size = ... }` as well, or neither")
        return None, list(cases)
    before = len(table.problems)
    size, method, seed = _head(own)
    chosen = own.take("of", list, None)
    own.close()
    swept = {axis.key for axis in axes}
    found = [_distributions(own, stated, case.parameters, chosen, swept) for case in cases]
    for case, distributions in zip(cases[1:], found[1:], strict=True):
        other = sorted(set(found[0]) ^ set(distributions))
        if other:
            what = f"{', '.join(other)} uncertain in only one of {cases[0].label} and {case.label}"
            own.complain("of", what, "a list of numbers that are uncertain in every cell, or distributions for them")
    if len(table.problems) > before or not found:
        return None, list(cases)
    sampled = [replace(case, distributions=own_ones) for case, own_ones in zip(cases, found, strict=True)]
    paths = tuple(sorted(found[0]))
    group = assumed_numbers(cases, paths) if method == "crossed" else ()
    sample = Sample(size, method, seed, paths, group)
    if size % sample.block:
        nearest = max(1, round(size / sample.block)) * sample.block
        why = f"two more than the {len(paths)} numbers" if method == "saltelli" else "the points of a block"
        own.complain("size", repr(size), f"a multiple of {sample.block}, {why}, such as {nearest}")
    return sample, sampled


def assumed_numbers(cases: Sequence[Case], paths: Iterable[str]) -> tuple[str, ...]:
    """Return those numbers that the files of every cell call assumed: the group of the method "crossed".

    Parameters
    ----------
    cases : sequence of Case
        The cells.
    paths : iterable of str
        Full paths.

    Returns
    -------
    tuple of str
        In the order of `paths`.
    """
    return tuple(path for path in paths if all(case.parameters.entries[path].status == "assumed" for case in cases))


def _head(table: Table) -> tuple[int, str, int]:
    size = table.take("size", int)
    if size is not None and not 1 <= size <= LARGEST:
        table.complain("size", found_text(size), f"at least one draw, and at most {LARGEST:,}")
        size = None
    method = table.take("method", str, METHODS[0])
    if method not in METHODS:
        table.complain("method", found_text(method), choices(method, METHODS))
        method = METHODS[0]
    seed = table.take("seed", int, 0)
    if not 0 <= seed < 2**63:
        table.complain("seed", found_text(seed), "a whole number from 0 on")
        seed = 0
    return size or 1, method, seed


def _distributions(
    table: Table, stated: Table | None, parameters: ParameterSet, chosen: list[Any] | None, swept: Iterable[str]
) -> dict[str, Distribution]:
    """Return the distribution of every number that is drawn, by full path.

    The numbers in [distributions], and those that `of` names; without both, all that the cell's files declare and
    the grid does not sweep.
    """
    paths = (CATHODE_THICKNESS if path == AREAL_CAPACITY else path for path in swept if path not in CONDITIONS)
    on_axis = {parameters.resolve(path) for path in paths}
    declared = declared_distributions(parameters)
    found = {} if stated is None else _stated(stated, parameters, on_axis)
    if chosen is None:
        if stated is None:
            found = {path: own for path, own in declared.items() if path not in on_axis}
            if not found:
                table.complain("size", f"no uncertain number in {parameters.name}", "[distributions] that state some")
        return found
    if not chosen and not found:
        table.complain("of", "[]", "at least one number")
    named: dict[str, str] = {}
    for entry in chosen:
        if not isinstance(entry, str):
            table.complain("of", found_text(entry), "the path of a number")
            continue
        path = _known_path(table, "of", entry, parameters, [*found, *declared])
        if path in named:
            table.complain("of", f"'{entry}', the same number as '{named[path]}'", "every number once")
        if path is None or path in found:
            continue
        named[path] = entry
        if path in on_axis:
            table.complain("of", f"'{entry}', which the grid sweeps", "one of the two")
        elif path not in declared:
            wanted = "a number whose file states an uncertainty, or its distribution in [distributions]"
            table.complain("of", f"'{entry}', which has no uncertainty in {parameters.name}", wanted)
        else:
            found[path] = declared[path]
    return found


def _stated(table: Table, parameters: ParameterSet, on_axis: Iterable[str]) -> dict[str, Distribution]:
    found: dict[str, Distribution] = {}
    for key in table.values:
        entry = table.subtable(key)
        path = _known_path(table, key, key, parameters, list(parameters.entries))
        if entry is None or path is None:
            continue
        if path in on_axis:
            table.complain(key, "a distribution for what the grid sweeps", "one of the two")
        if path in found:
            table.complain(key, "another distribution of the same number", "every number once")
        distribution = _distribution(entry, path, parameters.entries[path].unit)
        if distribution is not None:
            found[path] = distribution
    return found


def _known_path(table: Table, key: str, name: str, parameters: ParameterSet, offered: Sequence[str]) -> str | None:
    """Return the full path of a number; None and a problem with the nearest names if there is none."""
    if name == _CELL_TEMPERATURE:
        table.complain(key, "the default temperature of the cell", "another number: a study sets the temperature")
        return None
    try:
        return parameters.resolve(name)
    except ParameterError as error:
        function = name in parameters.functions
        wanted = error.problems[0].wanted if function else choices(name, offered)
        table.complain(key, f"'{name}', {'a function' if function else 'no parameter'} of {parameters.name}", wanted)
        return None


def _distribution(table: Table, path: str, unit: str) -> Distribution | None:
    """Return one stated distribution in SI; None and every problem of its table if it is none."""
    name = table.take("distribution", str)
    if name not in _SPREADS:
        if name is not None:
            table.complain("distribution", repr(name), choices(name, _SPREADS))
        return None
    before = len(table.problems)
    first, second = (_number(table, key, unit) for key in _SPREADS[name])
    table.close()
    if len(table.problems) > before or first is None or second is None:
        return None
    kind = {word: kind for kind, word in KINDS.items()}[name]
    centre, spread = ((first + second) / 2, (first, second)) if kind == "uniform" else (first, (second,))
    distribution = Distribution(kind, centre, spread, unit, bounds_of(path, unit))
    if distribution.problem:
        wanted = {
            "normal": "a standard deviation above zero and a mean inside the bounds",
            "lognormal": "a median above zero, inside the bounds, and a factor above 1",
            "uniform": "a minimum below the maximum, inside the bounds",
        }[kind]
        table.complain("", distribution.problem, wanted)
        return None
    return distribution


def _number(table: Table, key: str, unit: str) -> float | None:
    if key not in table.values:
        table.complain(key, "nothing", f"a number{'' if unit == '1' or key == 'factor' else ' with a unit'}")
        table.allow([key])
        return None
    table.allow([key])
    text = table.values[key]
    value = parsed(table, key, text, "1" if key == "factor" else unit)
    if value is None or key != "standard_deviation":
        return value
    return parse_difference(text, unit)
