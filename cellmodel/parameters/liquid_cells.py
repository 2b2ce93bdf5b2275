"""Finds and reads the files of liquid cells: `parameters/liquid_cells`, one file per cell, `name:variant`.

The entries are those of every parameter file; the tables carry full paths, because one file holds the whole cell.
Nothing here knows physics.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from cellmodel import resources
from cellmodel.errors import ParameterError, Problem, choices
from cellmodel.liquid_quantities import LIQUID_QUANTITIES, LIQUID_ROLES
from cellmodel.parameters.library import LIQUID, check_head, flatten, load_references
from cellmodel.parameters.liquid_cell import LiquidCell, check_liquid_cell
from cellmodel.parameters.records import Reader
from cellmodel.parameters.schema import Function, Scalar, parse_entry
from cellmodel.toml_files import read_toml

FOLDER, SET = "liquid_cells", "parameter_set"


def list_liquid_cells() -> list[str]:
    """Return the names of all shipped liquid cells, those of variants as "name:variant".

    Returns
    -------
    list of str
        In alphabetical order.
    """
    names = []
    for name, path in resources.files("parameters", FOLDER).items():
        names += [name, *(f"{name}:{variant}" for variant in sorted(read_toml(path).get("variants", {})))]
    return names


def is_liquid_cell(name: str) -> bool:
    """Return whether a name, without its variant, is that of a shipped liquid cell, or of a file that says so.

    Parameters
    ----------
    name : str
        Of a cell, or the path of a TOML file.

    Returns
    -------
    bool
        False also where there is no such cell at all.
    """
    file, _ = _split(name)
    if not file.endswith(".toml"):
        return file in resources.files("parameters", FOLDER)
    return Path(file).is_file() and read_toml(Path(file)).get("kind") == LIQUID


@cache
def load_liquid_cell(name: str) -> LiquidCell:
    """Return a liquid cell.

    Parameters
    ----------
    name : str
        Name of a file in parameters/liquid_cells, or the path of a TOML file; ":variant" may follow.

    Returns
    -------
    LiquidCell
        Everything in SI, frozen.

    Raises
    ------
    ParameterError
        Every problem of the file in one message.
    """
    file, variant = _split(name)
    known = resources.files("parameters", FOLDER)
    if not file.endswith(".toml") and file not in known:
        wanted = choices(file, list_liquid_cells())
        raise ParameterError(Problem(f"parameters/{FOLDER}", LIQUID, f"'{file}'", wanted))
    path = Path(file) if file.endswith(".toml") else known[file]
    content = read_toml(path)
    problems: list[Problem] = []
    where = f"{path.parent.name}/{path.name}"
    head = {key: content.pop(key) for key in list(content) if key == "variants" or not isinstance(content[key], dict)}
    parameter_set = head.pop(SET, None)
    if not isinstance(parameter_set, str):
        problems.append(Problem(where, SET, repr(parameter_set), "the name of a parameter set of PyBaMM"))
    check_head(where, LIQUID, head, problems)
    variants = head.get("variants", {})
    if variant and variant not in variants:
        problems.append(Problem(where, "variants", f"'{variant}'", choices(variant, variants)))
    replaced = dict(variants.get(variant, {}))
    description = str(replaced.pop("description", head.get("description")))
    reader = _read(where, {**_entries(content, where, problems), **_entries(replaced, where, problems)}, problems)
    if problems:
        raise ParameterError(problems)
    label = path.stem + (f":{variant}" if variant else "")
    cell = LiquidCell(label, description, {SET: str(parameter_set)}, reader.records, reader.functions)
    check_liquid_cell(cell)
    return cell


def check_liquid_file(path: Path) -> None:
    """Raise if the file of a liquid cell, or a variant in it, has a problem.

    Parameters
    ----------
    path : pathlib.Path
        The file.

    Raises
    ------
    ParameterError
        Every problem.
    """
    problems: list[Problem] = []
    for variant in ("", *read_toml(path).get("variants", {})):
        try:
            load_liquid_cell(f"{path}:{variant}" if variant else str(path))
        except ParameterError as error:
            problems += [problem for problem in error.problems if problem not in problems]
    if problems:
        raise ParameterError(problems)


def _split(name: str) -> tuple[str, str]:
    """Return the name or path, and the variant after the last colon, if there is one."""
    file, _, variant = name.rpartition(":")
    return (name, "") if not file or name.endswith(".toml") else (file, variant)


def _entries(tables: dict[str, Any], where: str, problems: list[Problem]) -> dict[str, Any]:
    """Return the entries of a file by full path."""
    entries: dict[str, Any] = {}
    for role, table in tables.items():
        if role in LIQUID_ROLES and isinstance(table, dict):
            entries |= flatten(table, role)
        else:
            problems.append(Problem(where, role, "a table that is not known here", choices(role, LIQUID_ROLES)))
    return entries


def _read(where: str, entries: dict[str, Any], problems: list[Problem]) -> Reader:
    """Return the records of all entries; problems are collected."""
    reader = Reader(where, load_references(), problems)
    for key, table in entries.items():
        if key not in LIQUID_QUANTITIES:
            problems.append(Problem(where, key, "a name that is not known here", choices(key, LIQUID_QUANTITIES)))
            continue
        entry = parse_entry(where, key, table, problems)
        if isinstance(entry, Scalar):
            reader.scalar(key, key, entry, LIQUID_QUANTITIES[key])
        elif isinstance(entry, Function):
            reader.function(key, key, entry, LIQUID_QUANTITIES[key])
    for key, quantity in LIQUID_QUANTITIES.items():
        if key not in entries:
            problems.append(Problem(where, key, "nothing", f"{quantity.description} [{quantity.unit}]"))
    return reader
