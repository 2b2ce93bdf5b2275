"""What a study, its cells, axes and sample may be, whoever makes them: kinds, sizes, and nothing said twice.

Files and Python come through here. Each problem is named; nothing is expanded, read or solved.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from cellmodel.errors import ParameterError, Problem, choices, found_text
from cellmodel.inputs import HIGHEST_RATE, LOWEST_RATE, real
from cellmodel.parameters import ParameterSet
from cellmodel.parameters.parameter_set import AREAL_CAPACITY, CATHODE_THICKNESS
from cellmodel.protocols import Protocol
from cellmodel.study.fixed_inputs import CONDITION_KEYS

if TYPE_CHECKING:
    from cellmodel.study.definition import Case, Study

MOST_AXES, MOST_VALUES, MOST_CELLS = 8, 100_000, 10_000
"""Axes of a study, values of an axis, cells or cases."""
MOST_RUNS = 1_000_000
"""A study of more runs has to be confirmed: it takes days, and more memory than most machines have."""
MOST_RUNS_EVER = 10_000_000
"""No machine holds more runs of one study in memory."""
LONGEST_LABEL, LONGEST_DESCRIPTION = 200, 2000
"""Characters."""
CELL_TEMPERATURE = "cell.temperature"


def quantity(cell: ParameterSet, path: str) -> str:
    """Return the one number that a path sets, however it is spelled: a capacity per area sets the cathode's thickness.

    Parameters
    ----------
    cell : ParameterSet
        The cell.
    path : str
        As given.

    Returns
    -------
    str
        A full path; the path itself if the cell has no such number.
    """
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


def settings_without_effect(study: Study, case: Case, settings: Mapping[str, Any]) -> list[Problem]:
    """Return a problem for every setting of a cell that something else in the study decides."""
    swept = {quantity(case.parameters, path) for path in study.swept_paths}
    problems = [
        Problem(study.file, path, "a value for a swept quantity", "a fixed one")
        for path in settings
        if quantity(case.parameters, path) in swept
    ]
    problems += [
        Problem(study.file, path, f"a value for the same number as {before}", "one of the two")
        for path, before in twice(case.parameters, settings)
    ]
    decided = study.temperature is not None or case.temperature is not None
    if CELL_TEMPERATURE in settings and (decided or "temperature" in (axis.key for axis in study.axes)):
        found = "the default temperature of the cell, where the study sets the temperature"
        problems.append(Problem(study.file, CELL_TEMPERATURE, found, "the `temperature` of the study"))
    return problems


def size_problems(study: Study, *, confirmed: bool) -> list[Problem]:
    """Return whether a study has too many runs, from its lengths alone.

    Parameters
    ----------
    study : Study
        Not expanded.
    confirmed : bool
        Whether more than `MOST_RUNS` are meant.

    Returns
    -------
    list of Problem
        At most one.
    """
    number = study.number_of_runs
    if number > MOST_RUNS_EVER:
        return [Problem(study.file, "runs", f"{number:,}", f"at most {MOST_RUNS_EVER:,}; several studies instead")]
    if number > MOST_RUNS and not confirmed:
        wanted = f"at most {MOST_RUNS:,}, or to be told that so many are meant (--yes)"
        return [Problem(study.file, "runs", f"{number:,}", wanted)]
    return []


def field_problems(study: Study, options: Mapping[str, tuple[str, ...]]) -> list[Problem]:
    """Return everything that is wrong with the fields of a study.

    Parameters
    ----------
    study : Study
        As constructed.
    options : mapping of str to tuple of str
        Fields that are one of some words.

    Returns
    -------
    list of Problem
        Of kinds first; what is given twice only if there are none.
    """
    found = [*_texts(study), *_kinds(study, options)]
    if not found:
        found = [*_of_cases(study), *_of_axes(study)]
    if not found:
        found = list(_given_twice(study))
    return [Problem(str(study.file), *one) for one in found]


Found = Iterator[tuple[str, str, str]]


def _texts(study: Study) -> Found:
    if not isinstance(study.file, str):
        yield "file", found_text(study.file), "text"
    name = study.name
    plain = isinstance(name, str) and name.strip() and name.isprintable() and not {"/", "\\"} & set(name)
    if not plain or name.startswith(".") or len(name) > LONGEST_LABEL:
        yield "name", found_text(name), f"a plain name of at most {LONGEST_LABEL} characters: it names the results"
    if not isinstance(study.description, str) or len(study.description) > LONGEST_DESCRIPTION:
        yield "description", found_text(study.description), f"text of at most {LONGEST_DESCRIPTION} characters"


def _kinds(study: Study, options: Mapping[str, tuple[str, ...]]) -> Found:
    from cellmodel.study.definition import Axis, Case
    from cellmodel.study.sampling import Sample

    for key, kind, most in (("cases", Case, MOST_CELLS), ("axes", Axis, MOST_AXES)):
        items = getattr(study, key)
        if not isinstance(items, tuple | list) or not all(isinstance(one, kind) for one in items):
            yield key, found_text(items), f"a tuple of {kind.__name__}"
        elif len(items) > most:
            yield key, f"{len(items):,}", f"at most {most:,}"
    if isinstance(study.cases, tuple | list) and not study.cases:
        yield "cases", "none", "at least one cell"
    if study.case_dimension not in (None, "cell", "case"):
        yield "case_dimension", found_text(study.case_dimension), "'cell', 'case' or None"
    elif study.case_dimension is None and isinstance(study.cases, tuple | list) and len(study.cases) > 1:
        yield "case_dimension", "None", "'cell' or 'case' for several cells"
    if not isinstance(study.protocol, Protocol):
        yield "protocol", found_text(study.protocol), "a protocol, as load_protocol gives it"
    for key, known in options.items():
        word = getattr(study, key)
        if not isinstance(word, str) or word not in known:
            yield key, found_text(word), choices(word if isinstance(word, str) else "", known)
    for key in ("profiles", "extrapolate", "compiled"):
        if not isinstance(getattr(study, key), bool):
            yield key, found_text(getattr(study, key)), "true or false"
    if not isinstance(study.mechanisms, tuple | list) or not all(isinstance(one, str) for one in study.mechanisms):
        yield "mechanisms", found_text(study.mechanisms), "a tuple of names"
    limit = study.time_limit
    if limit is not None and not (_finite(limit) and limit > 0.0):
        yield "time_limit", f"{limit:g} s" if isinstance(limit, float) else found_text(limit), "a time above zero [s]"
    if study.sample is not None and not isinstance(study.sample, Sample):
        yield "sample", found_text(study.sample), "a Sample, or None"
    for key in CONDITION_KEYS:
        yield from _condition(key, key, getattr(study, key))


def _condition(where: str, key: str, value: Any) -> Found:
    """Return what is wrong with a C-rate, a current density or a temperature in SI; None is none."""
    if value is None:
        return
    low, high = {"c_rate": (LOWEST_RATE, HIGHEST_RATE)}.get(key, (math.ulp(0.0), math.inf))
    if not _finite(value) or not low <= value <= high:
        yield (
            where,
            found_text(value),
            f"a number from {low:g} to {high:g}" if key == "c_rate" else "a number above zero",
        )


def _finite(value: Any) -> bool:
    found = real(value)
    return found is not None and math.isfinite(found)


def _of_cases(study: Study) -> Found:
    seen: set[str] = set()
    for case in study.cases:
        sound = isinstance(case.label, str) and case.label.strip() and case.label.isprintable()
        if not sound or len(case.label) > LONGEST_LABEL:
            yield "label", found_text(case.label), f"visible text of at most {LONGEST_LABEL} characters"
            continue
        if case.label in seen:
            yield "label", f"{case.label!r} twice", "every label once"
        seen.add(case.label)
        if not isinstance(case.parameters, ParameterSet):
            yield f"cases.{case.label}", found_text(case.parameters), "a cell, as load_cell gives it"
        if not isinstance(case.distributions, Mapping):
            yield f"cases.{case.label}", found_text(case.distributions), "a mapping of distributions"
        for key in ("temperature", "c_rate"):
            yield from _condition(f"cases.{case.label}.{key}", key, getattr(case, key))


def _of_axes(study: Study) -> Found:
    for axis in study.axes:
        where = f"grid.{axis.key}"
        if not isinstance(axis.values, tuple | list) or not axis.values:
            yield where, found_text(axis.values), "a tuple with at least one value"
        elif len(axis.values) > MOST_VALUES:
            yield where, f"{len(axis.values):,} values", f"at most {MOST_VALUES:,}"
        elif not all(map(_finite, axis.values)):
            wrong = next(value for value in axis.values if not _finite(value))
            yield where, found_text(wrong), "finite numbers"
        else:
            if axis.key in CONDITION_KEYS:
                for value in axis.values:
                    yield from _condition(where, axis.key, value)
            doubled = repeated(axis.values)
            if doubled is not None:
                yield where, f"the value {doubled!r} twice", "every value once"


def repeated(values: Iterable[float], same: float = 1e-9) -> float | None:
    """Return a value that is there twice but for rounding, None if there is none."""
    ordered = sorted(values)
    for value, after in itertools.pairwise(ordered):
        if abs(after - value) <= same * abs(after):
            return after
    return None


def _given_twice(study: Study) -> Found:
    """Return every number that is swept, drawn or set in two places, one of which would do nothing."""
    keys = [axis.key for axis in study.axes]
    for key in CONDITION_KEYS:
        own = [getattr(case, key, None) for case in study.cases]
        places = {
            "the top of the study": getattr(study, key) is not None,
            "[[case]]": any(one is not None for one in own),
        }
        for place, there in places.items():
            if there and key in keys:
                yield f"grid.{key}", f"a value at {place} too", "one of the two"
        if getattr(study, key) is not None and all(one is not None for one in own):
            yield key, "a value at every [[case]] too", "one of the two"
    drawn = () if study.sample is None else study.sample.paths
    for case in study.cases:
        swept = [key for key in keys if key not in CONDITION_KEYS]
        for path, before in twice(case.parameters, swept):
            yield f"grid.{path}", f"another axis of the same quantity ({before})", "every quantity once"
        on_axis = {quantity(case.parameters, path) for path in swept}
        for path in drawn:
            if quantity(case.parameters, path) in on_axis:
                yield f"sample.of.{path}", "a draw of what the grid sweeps", "one of the two"
        for path, before in twice(case.parameters, drawn):
            yield f"sample.of.{path}", f"a draw of the same number ({before})", "every number once"
        missing = [path for path in drawn if path not in case.distributions]
        if missing:
            yield f"cases.{case.label}", f"no distribution of {', '.join(missing[:3])}", "one for each drawn number"
    if CELL_TEMPERATURE in keys:
        yield f"grid.{CELL_TEMPERATURE}", "the default temperature of the cell", "the axis `temperature`"
