"""Finds and reads the files of liquid cells: `parameters/liquid_cells`, one file per cell, `name:variant`.

The entries are those of every parameter file; the tables carry full paths, because one file holds the whole cell.
Nothing here knows physics.
"""

from __future__ import annotations

from functools import lru_cache
from os import PathLike
from pathlib import Path
from typing import Any

from cellmodel import resources
from cellmodel.errors import ParameterError, Problem, choices, found_text
from cellmodel.inputs import existing_file, name_or_path
from cellmodel.liquid_quantities import LIQUID_QUANTITIES, LIQUID_ROLES
from cellmodel.parameters.files import (
    check_head,
    flatten,
    open_references,
    read_entries,
    references,
    refuse_dots,
    variant_entries,
)
from cellmodel.parameters.liquid_cell import LiquidCell, check_liquid_cell
from cellmodel.parameters.reading import Reader
from cellmodel.toml_files import TomlFile, open_toml, read_toml, tables

FOLDER, SET = "liquid_cells", "parameter_set"
LIQUID = "liquid_cell"
"""Kind of a file that is a whole cell by itself."""


def list_liquid_cells() -> list[str]:
    """Return the names of all shipped liquid cells, those of variants as "name:variant".

    Returns
    -------
    list of str
        In alphabetical order.

    Examples
    --------
    >>> import cellmodel
    >>> cellmodel.list_liquid_cells()
    ['graphite_lfp', 'graphite_lfp:energy']
    """
    names = []
    for name, path in resources.files("parameters", FOLDER).items():
        names += [name, *(f"{name}:{variant}" for variant in sorted(read_toml(path).get("variants", {})))]
    return names


def open_liquid(name: str) -> tuple[TomlFile, str] | None:
    """Return the file of a liquid cell, read now, and the variant asked for; None if the name means something else.

    Parameters
    ----------
    name : str
        Of a cell, or the path of a TOML file; ":variant" may follow.

    Returns
    -------
    tuple of TomlFile and str, or None
        None also where there is no such cell at all.
    """
    text, colon, variant = _split(name)
    path = existing_file(text) if text.endswith(".toml") else resources.file("parameters", FOLDER, text)
    if path is None:
        return None
    file = open_toml(path)
    if tables(file).get("kind") != LIQUID and (text.endswith(".toml") and not colon):
        return None
    if colon and not variant:
        raise ParameterError(Problem(file.name, "variants", found_text(name), "a variant after the colon"))
    return file, variant


def load_liquid_cell(name: str | PathLike[str]) -> LiquidCell:
    """Return a liquid cell; its file is read at each call, and the same content gives the same object.

    Parameters
    ----------
    name : str or os.PathLike
        Name of a file in parameters/liquid_cells, or the path of a TOML file; ":variant" may follow.

    Returns
    -------
    LiquidCell
        Everything in SI, frozen.

    Raises
    ------
    ParameterError
        Every problem of the file in one message.

    Examples
    --------
    >>> import cellmodel
    >>> cell = cellmodel.load_liquid_cell("graphite_lfp:energy")
    >>> cell.parameter_set
    'Prada2013'
    """
    name = name_or_path(name, "load_liquid_cell", "name", "the name of a liquid cell, or the path of a TOML file")
    text, _, variant = _split(name)
    if not text.endswith(".toml") and resources.file("parameters", FOLDER, text) is None:
        wanted = choices(text, list_liquid_cells())
        raise ParameterError(Problem(f"parameters/{FOLDER}", LIQUID, found_text(text), wanted))
    return liquid_cell(*(open_liquid(name) or (open_toml(Path(text)), variant)), open_references())


@lru_cache(maxsize=32)
def liquid_cell(file: TomlFile, variant: str, bibliography: TomlFile) -> LiquidCell:
    """Return the liquid cell in a file that was opened, one object for each content and variant.

    Parameters
    ----------
    file : TomlFile
        From `open_liquid`.
    variant : str
        Its name, or nothing.
    bibliography : TomlFile
        Where the sources are listed.

    Returns
    -------
    LiquidCell
        Checked.

    Raises
    ------
    ParameterError
        Every problem of the file in one message.
    """
    content = tables(file)
    problems: list[Problem] = []
    head = {key: value for key, value in content.items() if key == "variants" or not isinstance(value, dict)}
    parameter_set = head.pop(SET, None)
    if not isinstance(parameter_set, str) or not parameter_set.strip():
        found = "nothing" if parameter_set is None else found_text(parameter_set)
        problems.append(Problem(file.name, SET, found, "the name of a parameter set of PyBaMM"))
    check_head(file.name, LIQUID, head, problems)
    replaced = variant_entries(file.name, head, variant, problems)
    own = {key: value for key, value in content.items() if key not in head and key != SET}
    refuse_dots(file.name, {**own, "variants": replaced}, problems)
    reader = Reader(file.name, references(bibliography), problems)
    entries = {**_entries(own, file.name, problems), **_entries(replaced, file.name, problems)}
    read_entries(reader, entries, LIQUID_QUANTITIES)
    for key, quantity in LIQUID_QUANTITIES.items():
        if key not in entries:
            problems.append(Problem(file.name, key, "nothing", f"{quantity.description} [{quantity.unit}]"))
    if problems:
        raise ParameterError(problems)
    description = head["variants"][variant]["description"] if variant else head["description"]
    label = file.path.stem + (f":{variant}" if variant else "")
    cell = LiquidCell(label, description, {SET: str(parameter_set)}, reader.records, reader.functions)
    check_liquid_cell(cell)
    return cell


def check_liquid_file(file: TomlFile) -> None:
    """Raise if the file of a liquid cell, or a variant in it, has a problem.

    Parameters
    ----------
    file : TomlFile
        The file.

    Raises
    ------
    ParameterError
        Every problem.
    """
    problems: list[Problem] = []
    variants = tables(file).get("variants")
    for variant in ("", *(variants if isinstance(variants, dict) else ())):
        try:
            liquid_cell(file, variant, open_references())
        except ParameterError as error:
            problems += [problem for problem in error.problems if problem not in problems]
    if problems:
        raise ParameterError(problems)


def _split(name: str) -> tuple[str, str, str]:
    """Return the name or path, a colon if there is one, and the variant after the last."""
    file, colon, variant = name.rpartition(":")
    return (name, "", "") if not file or name.endswith(".toml") else (file, colon, variant)


def _entries(nested: dict[str, Any], where: str, problems: list[Problem]) -> dict[str, Any]:
    """Return the entries of a file by full path."""
    entries: dict[str, Any] = {}
    for role, table in nested.items():
        if role in LIQUID_ROLES and isinstance(table, dict):
            entries |= flatten(table, role)
        else:
            problems.append(Problem(where, role, "a table that is not known here", choices(role, LIQUID_ROLES)))
    return entries
