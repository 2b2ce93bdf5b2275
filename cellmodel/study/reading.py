"""A study file to a Study: strict keys, every problem at once, with the nearest names.

It checks what the file says; whether each run is possible and within validity is `check_study`'s question.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import Any

from cellmodel import resources
from cellmodel.dataset.schema import taken_names
from cellmodel.errors import CellModelError, ParameterError, Problem, StudyError, choices, found_text
from cellmodel.inputs import c_rate, mapping, name_or_path, wall_time
from cellmodel.mechanisms import DEFAULT_MECHANISMS, select_mechanisms
from cellmodel.parameters import LiquidCell, ParameterSet, list_cells, list_liquid_cells, load_cell
from cellmodel.parameters.parameter_set import AREAL_CAPACITY
from cellmodel.prepared_run import check_liquid_options
from cellmodel.protocols import Protocol, load_protocol
from cellmodel.protocols.reading import Table, parsed
from cellmodel.quantities import QUANTITIES
from cellmodel.schemas import find_file
from cellmodel.study.clashes import Given, note_clashes
from cellmodel.study.definition import CONDITIONS, OPTIONS, Axis, Case, Study
from cellmodel.study.sample_reading import read_sample
from cellmodel.study.settings import quantity, twice
from cellmodel.study.soundness import MOST_AXES, MOST_CELLS, MOST_VALUES, repeated
from cellmodel.toml_files import read_toml

_MATERIALS = ("electrolyte", "electrode", "interface")


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


def load_study(name: str | PathLike[str] | Study) -> Study:
    """Return the study of that name, or the one in a file.

    Parameters
    ----------
    name : str, os.PathLike or Study
        Name of a shipped study or path of a TOML file; a Study is handed back.

    Returns
    -------
    Study
        With its cells and protocol loaded.

    Raises
    ------
    StudyError
        Unknown name (nearest names offered), malformed TOML (line number), or every problem of the file.

    Examples
    --------
    >>> import cellmodel
    >>> study = cellmodel.load_study("lfp_rate_capability")
    >>> study.number_of_runs, [axis.dimension for axis in study.axes]
    (28, ['ambient_temperature', 'c_rate'])
    """
    if isinstance(name, Study):
        return name
    wanted = "the name of a study, the path of its file, or a Study"
    path = find_file(name_or_path(name, "load_study", "study", wanted, StudyError), "study", StudyError)
    return parse_study(read_toml(path, StudyError), str(path))


def parse_study(values: Mapping[str, Any], file: str | Path, overrides: Mapping[str, Any] | None = None) -> Study:
    """Return the study that a TOML document describes.

    Parameters
    ----------
    values : mapping
        `description`, `protocol`, `cells` or [[case]], and optionally [grid], [set], `c_rate`,
        `current_density`, `temperature`, `model`, `mesh` and so on; [claim] is left to `cellmodel.claims`.
    file : str or pathlib.Path
        Where it stands, for messages; its stem is the study's name.
    overrides : mapping, optional
        Path -> value for every cell, over those of [set]; refused where a [[case]] or an axis decides the number.

    Returns
    -------
    Study
        In SI.

    Raises
    ------
    StudyError
        Every problem found.
    """
    problems: list[Problem] = []
    file = name_or_path(file, "parse_study", "file", "the path of the study, as text", StudyError)
    if not isinstance(values, Mapping) or not all(isinstance(key, str) for key in values):
        raise StudyError(Problem(file, "values", found_text(values), "a table, as read from TOML"))
    table = Table(values, file, problems)
    description = table.take("description", str)
    protocol = _protocol(table)
    given = mapping(overrides, file, "set", StudyError)
    fixed = {**table.take("set", dict, {}), **given}
    dimension, cases, settings = _cases(table, fixed)
    grid = table.take("grid", dict, {})
    if grid == {} and "grid" in table.values:
        table.complain("grid", "no axis", "at least one, such as c_rate, or no [grid]")
    axes = _axes(Table(grid, file, problems, "grid"), cases)
    conditions: dict[str, Any] = {
        key: _condition(table, key, table.values[key]) for key in CONDITIONS if key in table.values
    }
    table.allow(CONDITIONS)
    options = {key: table.take(key, str, known[0]) for key, known in OPTIONS.items()}
    for key, known in OPTIONS.items():
        if options[key] not in known:
            table.complain(key, repr(options[key]), choices(options[key], known))
    flags = {key: table.take(key, bool, False) for key in ("profiles", "extrapolate", "compiled")}
    mechanisms = _mechanisms(table, cases)
    time_limit = _time_limit(table)
    sample, cases = read_sample(table, cases, axes)
    table.allow(["claim"])  # cellmodel.claims reads it
    table.close()
    drawn = () if sample is None else sample.paths
    note_clashes(table, Given(conditions, axes, cases, fixed, settings, drawn, mechanisms, given))
    if problems or protocol is None:
        raise StudyError(list(dict.fromkeys(problems)))
    return Study(
        Path(file).stem,
        description,
        file,
        tuple(cases),
        dimension,
        protocol,
        tuple(axes),
        **conditions,
        **options,
        **flags,
        mechanisms=mechanisms,
        time_limit=time_limit,
        sample=sample,
    )


def _time_limit(table: Table) -> float | None:
    """Return the wall time of each run [s]; None if there is no limit or the one that is there is wrong."""
    table.allow(["time_limit"])
    try:
        return wall_time(table.values["time_limit"], table.file) if "time_limit" in table.values else None
    except ParameterError as error:
        table.problems.extend(error.problems)
        return None


def _mechanisms(table: Table, cases: list[Case]) -> tuple[str, ...]:
    """Return the mechanisms, after noting what any cell lacks for them."""
    names = table.take("mechanisms", list, list(DEFAULT_MECHANISMS))
    chosen: tuple[str, ...] = ()
    for case in cases:
        try:
            if isinstance(case.parameters, LiquidCell):
                check_liquid_options(names)
            else:
                chosen = select_mechanisms(names, case.parameters)
        except ParameterError as error:
            _pass_on(table, "mechanisms", error)
    return chosen


def _protocol(table: Table) -> Protocol | None:
    name = table.take("protocol", str)
    if name is None:
        return None
    beside = Path(table.file).parent / name
    try:
        return load_protocol(beside if name.endswith(".toml") and beside.is_file() else name)
    except CellModelError as error:
        table.problems.extend(
            Problem(table.file, f"protocol ({p.file}) {p.key}", p.found, p.wanted) for p in error.problems
        )
        return None


def _cases(table: Table, fixed: Mapping[str, Any]) -> tuple[str | None, list[Case], list[Mapping[str, Any]]]:
    """Return the dimension of the cells, the cells, and what each of them sets itself."""
    cells, entries = table.take("cells", list, None), table.take("case", list, None)
    if (cells is None) == (entries is None):
        table.complain("cells", "nothing" if cells is None else "`cells` and [[case]]", "`cells` or [[case]] tables")
        return None, [], []
    if not (cells or entries):
        table.complain("cells" if entries is None else "case", "an empty list", "at least one cell")
    elif len(cells or entries) > MOST_CELLS:
        wanted = f"at most {MOST_CELLS:,}"
        table.complain("cells" if entries is None else "case", f"{len(cells or entries):,} cells", wanted)
        return None, [], []
    tables = [
        Table(
            {"cell": name, "label": name} if cells is not None else entry,
            table.file,
            table.problems,
            f"{key}[{number}]",
        )
        for key, items in (("cells", cells), ("case", entries))
        for number, (name, entry) in enumerate(((i, i if isinstance(i, dict) else {}) for i in items or []), start=1)
    ]
    read = [(case, entry) for case, entry in ((_case(entry, fixed), entry) for entry in tables) if case is not None]
    cases, settings = [case for case, _ in read], [entry.take("set", dict, {}) for _, entry in read]
    seen: set[str] = set()
    for case in cases:
        if case.label in seen:
            table.complain("case" if cells is None else "cells", f"{case.label!r} twice", "every label once")
        seen.add(case.label)
    if entries is not None:
        return "case", cases, settings
    return ("cell" if len(cells) > 1 else None), cases, settings


def _case(table: Table, fixed: Mapping[str, Any]) -> Case | None:
    cell = table.take("cell", str)
    label = table.take("label", str, cell)
    materials = {role: table.take(role, str, None) for role in _MATERIALS}
    temperature = table.quantity("temperature", "K")
    rate = _condition(table, "c_rate", table.values["c_rate"]) if "c_rate" in table.values else None
    table.allow(["c_rate"])
    own = table.take("set", dict, {})
    table.close()
    if cell is None:
        return None
    known = [*list_cells(), *list_liquid_cells()]
    if cell not in known and not Path(cell).is_file():
        table.complain("cell", repr(cell), choices(cell, known))
        return None
    try:
        parameters = load_cell(cell, **materials)
    except ParameterError as error:
        _pass_on(table, table.prefix, error)
        return None
    own_settings = _settings(table, parameters, own)
    replaced = {quantity(parameters, path) for path in own_settings}
    general = _settings(table, parameters, fixed).items()
    settings = {path: value for path, value in general if quantity(parameters, path) not in replaced}
    try:
        return Case(label, parameters.replace({**settings, **own_settings}), temperature, c_rate=rate)
    except ParameterError as error:
        _pass_on(table, "set", error)
        return None


def _pass_on(table: Table, where: str, error: ParameterError) -> None:
    """Note a cell's problems as problems of the study file."""
    table.problems.extend(Problem(table.file, f"{where}: {p.file}: {p.key}", p.found, p.wanted) for p in error.problems)


def _unit(parameters: ParameterSet, path: str) -> str:
    """Return the SI unit of a scalar parameter; ParameterError with the nearest names if there is none."""
    return "A.h.m-2" if path == AREAL_CAPACITY else parameters.entries[parameters.resolve(path)].unit


def _settings(table: Table, parameters: ParameterSet, settings: Mapping[str, Any]) -> dict[str, float]:
    values = {}
    place = Table({}, table.file, table.problems, "set")
    for path, before in twice(parameters, settings):
        place.complain(path, f"a value for the same number as {before}", "one of the two")
    for path, text in settings.items():
        try:
            value = parsed(place, path, text, _unit(parameters, path))
        except ParameterError as error:
            _pass_on(table, "set", error)
            continue
        if value is not None:
            values[path] = value
    return values


def _axes(table: Table, cases: list[Case]) -> list[Axis]:
    axes: list[Axis] = []
    if len(table.values) > MOST_AXES:
        table.complain("", f"{len(table.values)} axes", f"at most {MOST_AXES}")
        return axes
    for key, entries in table.values.items():
        if not isinstance(entries, list) or not entries or len(entries) > MOST_VALUES:
            wanted = f"a list with at least one value, and at most {MOST_VALUES:,}"
            table.complain(key, found_text(entries), wanted)
            continue
        kind = _axis_kind(table, key, cases)
        if kind is None:
            continue
        dimension, unit, long_name = kind
        values = [
            _condition(table, key, entry) if key in CONDITIONS else parsed(table, key, entry, unit) for entry in entries
        ]
        numbers = [value for value in values if value is not None]
        doubled = repeated(numbers)
        if doubled is not None:
            table.complain(key, f"the value {entries[_last(values, doubled)]!r} twice", "every value once")
        if any(axis.dimension == dimension for axis in axes):
            table.complain(key, "another axis of the same quantity", "every quantity once")
        axes.append(Axis(key, dimension, unit, long_name, tuple(numbers)))
    return axes


def _axis_kind(table: Table, key: str, cases: list[Case]) -> tuple[str, str, str] | None:
    """Return dimension, unit and long name of an axis; None and a problem if a cell does not have it."""
    if key in CONDITIONS:
        return CONDITIONS[key]
    if key == "cell.temperature":
        table.complain(key, "the default temperature of the cell", "the axis `temperature`")
        return None
    unit = "1"
    for case in cases:
        try:
            unit = _unit(case.parameters, key)
        except ParameterError as error:
            known = [*CONDITIONS, AREAL_CAPACITY, *case.parameters.entries]
            function = key in case.parameters.functions
            wanted = error.problems[0].wanted if function else choices(key, known)
            table.complain(key, f"{'a function' if function else 'no parameter'} of {case.parameters.name}", wanted)
            return None
    words = key.removesuffix(".value").split(".")
    words = words if "_".join(words[-2:]) in taken_names() else words[-2:]
    quantity = QUANTITIES.get(key) or QUANTITIES.get(key.removesuffix(".value"))
    return "_".join(words), unit, quantity.description if quantity else " ".join(words).replace("_", " ")


def _last(values: list[float | None], wanted: float) -> int:
    """Return the last place of a value, but for rounding."""
    return max(place for place, value in enumerate(values) if value is not None and math.isclose(value, wanted))


def _condition(table: Table, key: str, entry: Any) -> float | None:
    """Return a C-rate, current density or temperature in SI."""
    if key != "c_rate":
        return parsed(table, key, entry, CONDITIONS[key][1])
    try:
        return c_rate(entry, table.file, f"{table.prefix}.{key}".lstrip("."))
    except ParameterError as error:
        table.problems.extend(error.problems)
        return None
