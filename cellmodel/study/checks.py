"""What a study, its cells, axes and sample may be, whoever makes them: kinds, sizes, and nothing said twice.

Files and Python come through here. Each problem is named; nothing is expanded, read or solved.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from cellmodel.dataset.schema import taken_names
from cellmodel.errors import ParameterError, Problem, choices, found_text
from cellmodel.inputs import HIGHEST_RATE, LONGEST_RUN, LOWEST_RATE, real
from cellmodel.mechanisms import select_mechanisms
from cellmodel.parameters import ParameterSet
from cellmodel.parameters.bounds import bounds_of
from cellmodel.parameters.distributions import Distribution
from cellmodel.parameters.records import AREAL_CAPACITY
from cellmodel.protocols import Protocol
from cellmodel.study.runs import Axis, Case
from cellmodel.study.sampling import Sample
from cellmodel.study.settings import CELL_TEMPERATURE, CONDITIONS, quantity, twice, without_effect

if TYPE_CHECKING:
    from cellmodel.study.definition import Study

MOST_AXES, MOST_VALUES, MOST_CELLS = 8, 100_000, 10_000
"""Axes of a study, values of an axis, cells or cases."""
MOST_RUNS = 1_000_000
"""A study of more runs has to be confirmed: it takes days, and more memory than most machines have."""
MOST_RUNS_EVER = 10_000_000
"""No machine holds more runs of one study in memory."""
LONGEST_LABEL, LONGEST_DESCRIPTION = 200, 2000
"""Characters."""
NAME = re.compile(r"\w+")


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
    if not plain or name.startswith(".") or len(name.encode()) > LONGEST_LABEL:
        yield "name", found_text(name), f"a plain name of at most {LONGEST_LABEL} bytes: it names the results"
    text = study.description
    if not isinstance(text, str) or len(text) > LONGEST_DESCRIPTION or not "".join(text.split()).isprintable():
        yield "description", found_text(text), f"visible text of at most {LONGEST_DESCRIPTION} characters"


def _kinds(study: Study, options: Mapping[str, tuple[str, ...]]) -> Found:
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
    if limit is not None and not (_finite(limit) and 0.0 < limit <= LONGEST_RUN):
        found = f"{limit:g} s" if isinstance(limit, float) else found_text(limit)
        yield "time_limit", found, f"a time above zero, at most {LONGEST_RUN:g} [s]"
    if study.sample is not None and not isinstance(study.sample, Sample):
        yield "sample", found_text(study.sample), "a Sample, or None"
    for key in CONDITIONS:
        yield from _condition(key, key, getattr(study, key))


def _condition(where: str, key: str, value: Any) -> Found:
    """Return what is wrong with a C-rate, a current density or a temperature in SI; None is none."""
    if value is None:
        return
    bounded = {"c_rate": (LOWEST_RATE, HIGHEST_RATE), "temperature": bounds_of(CELL_TEMPERATURE)}
    low, high = bounded.get(key, (math.ulp(0.0), math.inf))
    if not _finite(value) or not low <= value <= high:
        wanted = f"a number from {low:g} to {high:g}{' K' * (key == 'temperature')}"
        yield where, found_text(value), wanted if key in bounded else "a number above zero"


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
            yield "case" if study.case_dimension == "case" else "cells", f"{case.label!r} twice", "every label once"
        seen.add(case.label)
        if not isinstance(case.parameters, ParameterSet):
            yield f"cases.{case.label}", found_text(case.parameters), "a cell, as load_cell gives it"
        if not isinstance(case.distributions, Mapping):
            yield f"cases.{case.label}", found_text(case.distributions), "a mapping of distributions"
        elif isinstance(case.parameters, ParameterSet):
            yield from _uncertain(study, case)
            yield from _mechanisms(study, case)
        for key in ("temperature", "c_rate"):
            yield from _condition(f"cases.{case.label}.{key}", key, getattr(case, key))


def _uncertain(study: Study, case: Case) -> Found:
    """Return what is wrong with a cell's distributions: none, or one that nothing draws."""
    drawn = () if study.sample is None else study.sample.paths
    for path, distribution in case.distributions.items():
        if not isinstance(distribution, Distribution):
            yield f"cases.{case.label}", found_text(distribution), "a Distribution"
        elif path not in drawn:
            yield f"cases.{case.label}", f"a distribution of {found_text(path)}, which nothing draws", "a sample of it"
    roles = () if study.sample is None else study.sample.sets
    if not isinstance(case.set_distributions, Mapping):
        yield f"cases.{case.label}", found_text(case.set_distributions), "distributions by role, set and path"
        return
    for role, by_set in case.set_distributions.items():
        if role not in roles:
            yield f"cases.{case.label}", f"sets of the {role}, which nothing draws", f"a sample of the sets {role!r}"
        known = case.parameters.sets[role].names if role in case.parameters.sets else ()
        if not isinstance(by_set, Mapping) or sorted(by_set) != sorted(known):
            wanted = f"the distributions of {', '.join(known) or 'no sets'}, each"
            yield f"cases.{case.label}", f"sets of the {role}: {', '.join(map(found_text, by_set))}", wanted


def _mechanisms(study: Study, case: Case) -> Found:
    """Return which mechanisms are unknown, or lack a number of the cell."""
    try:
        select_mechanisms(study.mechanisms, case.parameters)
    except ParameterError as error:
        for one in error.problems:
            yield f"{case.label}: {one.key}", one.found, one.wanted


def _of_axes(study: Study) -> Found:
    seen: set[str] = set()
    for axis in study.axes:
        where = f"grid.{axis.key}"
        texts = {word: getattr(axis, word) for word in ("key", "dimension", "unit", "long_name")}
        for word in [word for word, text in texts.items() if not _word(text)][:1]:
            yield f"axes.{word}", found_text(texts[word]), "visible text"
            return
        if not NAME.fullmatch(axis.dimension) or axis.dimension in taken_names() | {"cell", "case"} | seen:
            wanted = "letters, digits and underscores that name nothing else in the results"
            yield where, f"the dimension {found_text(axis.dimension)}", wanted
        seen.add(axis.dimension)
        unit = _unit(study, axis.key)
        if axis.unit != (unit or axis.unit):
            yield where, f"the unit {found_text(axis.unit)}", f"{unit}: values are in SI"
        if not isinstance(axis.values, tuple | list) or not axis.values:
            yield where, found_text(axis.values), "a tuple with at least one value"
        elif len(axis.values) > MOST_VALUES:
            yield where, f"{len(axis.values):,} values", f"at most {MOST_VALUES:,}"
        elif not all(map(_finite, axis.values)):
            wrong = next(value for value in axis.values if not _finite(value))
            yield where, found_text(wrong), "finite numbers"
        else:
            if axis.key in CONDITIONS:
                for value in axis.values:
                    yield from _condition(where, axis.key, value)
            doubled = repeated(axis.values)
            if doubled is not None:
                yield where, f"the value {doubled!r} twice", "every value once"


def _word(text: Any) -> bool:
    return isinstance(text, str) and bool(text.strip()) and text.isprintable() and len(text) <= LONGEST_LABEL


def _unit(study: Study, key: str) -> str:
    """Return the unit of an axis; an empty text if the first cell has no such number, which is told elsewhere."""
    cell = study.cases[0].parameters
    if key in CONDITIONS or not isinstance(cell, ParameterSet):
        return CONDITIONS.get(key, ("", "", ""))[1]
    if key == AREAL_CAPACITY:
        return "A.h.m-2"
    entry = cell.entries.get(quantity(cell, key))
    return "" if entry is None else entry.unit


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
    for key in CONDITIONS:
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
        swept = [key for key in keys if key not in CONDITIONS]
        for path, before in twice(case.parameters, swept):
            yield f"grid.{path}", f"another axis of the same quantity ({before})", "every quantity once"
        on_axis = {quantity(case.parameters, path) for path in swept}
        for path in drawn:
            if quantity(case.parameters, path) in on_axis:
                yield f"sample.of.{path}", "a draw of what the grid sweeps", "one of the two"
        for path in swept:
            found, wanted = without_effect(case.parameters, path, study.mechanisms)
            if found:
                yield f"grid.{path}", found, wanted
        for path, before in twice(case.parameters, drawn):
            yield f"sample.of.{path}", f"a draw of the same number ({before})", "every number once"
        missing = [path for path in drawn if path not in case.distributions]
        if missing:
            yield f"cases.{case.label}", f"no distribution of {', '.join(missing[:3])}", "one for each drawn number"
    if CELL_TEMPERATURE in keys:
        yield f"grid.{CELL_TEMPERATURE}", "the default temperature of the cell", "the axis `temperature`"
