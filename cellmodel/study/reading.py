"""A study file to the fields of a study: every problem at once, with the nearest names.

It checks what the file says; whether each run is possible and within validity is `check_study`'s question.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from cellmodel import resources
from cellmodel.dataset.schema import taken_names
from cellmodel.errors import CellModelError, ParameterError, Problem, ProblemLog, StudyError, choices, found_text
from cellmodel.inputs import c_rate, existing_file, mapping, name_or_path
from cellmodel.mechanisms import select_mechanisms
from cellmodel.parameters import ParameterSet, list_cells, load_cell
from cellmodel.parameters.records import AREAL_CAPACITY
from cellmodel.protocols import Protocol, load_protocol
from cellmodel.quantities import QUANTITIES
from cellmodel.schemas import validate, with_unit
from cellmodel.study.checks import MOST_AXES, MOST_CELLS, MOST_VALUES, repeated
from cellmodel.study.distributions import read_sample
from cellmodel.study.runs import Axis, Case
from cellmodel.study.schema import CaseTable, StudyFile
from cellmodel.study.settings import CONDITIONS, FileSettings, note_clashes, note_temperatures, quantity, twice

Made = TypeVar("Made")
_PASSED_ON = ("model", "mesh", "solver", "profiles", "extrapolate", "compiled", "time_limit")
"""Keys of a file that are fields of the study as they stand."""


def list_studies() -> list[str]:
    """Return the names of the shipped studies.

    Returns
    -------
    list of str
        In alphabetical order.

    Examples
    --------
    >>> import cellmodel
    >>> "lfp_rate_capability" in cellmodel.list_studies()
    True
    """
    return list(resources.files("experiments", "studies"))


def read_study(
    values: Mapping[str, Any], file: str | Path, overrides: Mapping[str, Any] | None, make: Callable[..., Made]
) -> Made:
    """Return what is made of the fields of the study in a TOML document, or raise with every problem."""
    file = name_or_path(file, "parse_study", "file", "the path of the study, as text", StudyError)
    if not isinstance(values, Mapping) or not all(isinstance(key, str) for key in values):
        raise StudyError(Problem(file, "values", found_text(values), "a table, as read from TOML"))
    given = mapping(overrides, file, "set", StudyError)
    log = ProblemLog(file)
    table = validate(StudyFile, values, file, "", log.problems, partly=True)
    if table is None:
        raise StudyError(log.problems)
    fixed = {**table.set, **given}
    protocol = _protocol(log, table.protocol)
    dimension, cases, settings = _cases(log, table, values, fixed)
    if table.grid == {}:
        log.add("grid", "no axis", "at least one, such as c_rate, or no [grid]")
    axes = _axes(log.below("grid"), table.grid or {}, cases)
    mechanisms = _mechanisms(log, table.mechanisms, cases)
    sample, cases = read_sample(log, table, values.get("distributions"), cases, axes)
    drawn = sample.paths if sample is not None and table.sample and table.sample.of is not None else ()
    said = FileSettings(fixed, settings, given, table.distributions or {}, drawn)
    note_clashes(log, said, cases, axes, mechanisms)
    note_temperatures(log, said, cases, axes, table.temperature)
    study: Made | None = None
    if protocol is not None and cases:
        options = {key: getattr(table, key) for key in (*_PASSED_ON, *CONDITIONS)}
        parts = (Path(file).stem, table.description or "", file, tuple(cases), dimension, protocol, tuple(axes))
        study = log.read(partial(make, *parts, **options, mechanisms=mechanisms, sample=sample))
    if log.problems or study is None:
        raise StudyError(list(dict.fromkeys(log.problems)))
    return study


def _protocol(log: ProblemLog, name: str | None) -> Protocol | None:
    if name is None:
        return None
    beside = Path(log.file).parent / name
    try:
        return load_protocol(beside if name.endswith(".toml") and beside.is_file() else name)
    except CellModelError as error:
        for one in error.problems:
            log.add(f"protocol ({one.file}) {one.key}", one.found, one.wanted)
        return None


def _mechanisms(log: ProblemLog, names: list[Any], cases: Sequence[Case]) -> tuple[str, ...]:
    """Return the mechanisms, after noting what any cell lacks for them."""
    chosen: tuple[str, ...] = ()
    for case in cases:
        try:
            chosen = select_mechanisms(names, case.parameters) or chosen
        except ParameterError as error:
            log.add_from(error, "mechanisms")
    return chosen


def _cases(
    log: ProblemLog, table: StudyFile, values: Mapping[str, Any], fixed: Mapping[str, Any]
) -> tuple[str | None, list[Case], list[Mapping[str, Any]]]:
    """Return the dimension of the cells, the cells, and what each of them sets itself."""
    if ("cells" in values) == ("case" in values):
        found = "`cells` and [[case]]" if "cells" in values else "nothing"
        log.add("cells", found, "`cells` or [[case]] tables")
        return None, [], []
    key = "cells" if "cells" in values else "case"
    entries = table.case or [CaseTable(cell=name, label=name) for name in table.cells or ()]
    if values[key] == []:
        log.add(key, "an empty list", "at least one cell")
    if len(entries) > MOST_CELLS:
        log.add(key, f"{len(entries):,} cells", f"at most {MOST_CELLS:,}")
        return None, [], []
    read = [(_case(log.below(f"{key}[{number}]"), entry, fixed), entry) for number, entry in enumerate(entries, 1)]
    cases = [case for case, _ in read if case]
    settings: list[Mapping[str, Any]] = [entry.set for case, entry in read if case]
    return ("case" if key == "case" else "cell" if len(entries) > 1 else None), cases, settings


def _case(log: ProblemLog, table: CaseTable, fixed: Mapping[str, Any]) -> Case | None:
    known = list_cells()
    if table.cell not in known and existing_file(table.cell) is None:
        log.add("cell", repr(table.cell), choices(table.cell, known))
        return None
    try:
        parameters = load_cell(table.cell, table.electrolyte, table.electrode, table.interface)
    except ParameterError as error:
        log.add_from(error)
        return None
    whole = ProblemLog(log.file, log.problems)
    own = _settings(whole, parameters, table.set)
    replaced = {quantity(parameters, path) for path in own}
    general = _settings(whole, parameters, fixed)
    if own is None or general is None:
        return None
    numbers = {path: value for path, value in general.items() if quantity(parameters, path) not in replaced} | own
    try:
        return Case(table.label or table.cell, parameters.replace(numbers), table.temperature, c_rate=table.c_rate)
    except ParameterError as error:
        whole.add_from(error, "set")
        return None


def _unit(parameters: ParameterSet, path: str) -> str:
    """Return the SI unit of a scalar parameter; ParameterError with the nearest names if there is none."""
    return "A.h.m-2" if path == AREAL_CAPACITY else parameters.entries[parameters.resolve(path)].unit


def _settings(log: ProblemLog, parameters: ParameterSet, settings: Mapping[str, Any]) -> dict[str, float]:
    """Return what is set, in SI, without what is set twice or wrong."""
    doubled = dict(twice(parameters, settings))
    for path, before in doubled.items():
        log.add(f"set.{path}", f"a value for the same number as {before}", "one of the two")
    values = {}
    for path, text in settings.items():
        try:
            unit = _unit(parameters, path)
        except ParameterError as error:
            log.add_from(error, "set")
            continue
        value = log.read(with_unit, text, unit, log.file, f"set.{path}")
        if value is not None and path not in doubled:
            values[path] = value
    return values


def _axes(log: ProblemLog, grid: Mapping[str, Any], cases: Sequence[Case]) -> list[Axis]:
    if len(grid) > MOST_AXES:
        log.add("", f"{len(grid)} axes", f"at most {MOST_AXES}")
        return []
    doubled: dict[str, str] = {}
    for case in cases:
        doubled |= twice(case.parameters, [key for key in grid if key not in CONDITIONS])
    for key, before in doubled.items():
        log.add(key, f"another axis of the same quantity ({before})", "every quantity once")
    axes = []
    for key, entries in grid.items():
        if not isinstance(entries, list) or not entries or len(entries) > MOST_VALUES:
            log.add(key, found_text(entries), f"a list with at least one value, and at most {MOST_VALUES:,}")
            continue
        kind = _axis_kind(log, key, cases)
        if kind is None:
            continue
        values = [log.read(_axis_value, one, key, kind[1], log) for one in entries]
        numbers = tuple(value for value in values if value is not None)
        again = repeated(numbers)
        if again is not None:
            last = max(place for place, value in enumerate(values) if value is not None and math.isclose(value, again))
            log.add(key, f"the value {entries[last]!r} twice", "every value once")
        elif numbers and key not in doubled:
            axes.append(Axis(key, *kind, numbers))
    return axes


def _axis_value(entry: Any, key: str, unit: str, log: ProblemLog) -> float:
    where = log.file, log.below(key).prefix
    return c_rate(entry, *where) if key == "c_rate" else with_unit(entry, unit, *where)


def _axis_kind(log: ProblemLog, key: str, cases: Sequence[Case]) -> tuple[str, str, str] | None:
    """Return dimension, unit and long name of an axis; None, and a problem if a cell does not have it."""
    if key in CONDITIONS:
        return CONDITIONS[key]
    if key == "cell.temperature":
        log.add(key, "the default temperature of the cell", "the axis `temperature`")
        return None
    unit = ""
    for case in cases:
        try:
            unit = _unit(case.parameters, key)
        except ParameterError as error:
            known = [*CONDITIONS, AREAL_CAPACITY, *case.parameters.entries]
            function = key in case.parameters.functions
            wanted = error.problems[0].wanted if function else choices(key, known)
            log.add(key, f"{'a function' if function else 'no parameter'} of {case.parameters.name}", wanted)
            return None
    words = key.removesuffix(".value").split(".")
    words = words if "_".join(words[-2:]) in taken_names() else words[-2:]
    known_quantity = QUANTITIES.get(key) or QUANTITIES.get(key.removesuffix(".value"))
    name = known_quantity.description if known_quantity else " ".join(words).replace("_", " ")
    return ("_".join(words), unit, name) if cases else None
