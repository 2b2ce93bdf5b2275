"""Finds the files of a cell and puts together what they say of it, its electrolyte, electrode and interface.

A cell names its materials; a material may be followed by a variant ("peo_litfsi:edman"). All problems of all files of a
cell come in one message. Every file is read from disk at each call; the same content gives the same object. Nothing
here knows physics.
"""

from __future__ import annotations

from functools import lru_cache
from os import PathLike
from pathlib import Path
from typing import NamedTuple

from cellmodel import resources
from cellmodel.errors import ParameterError, Problem, choices, found_text
from cellmodel.inputs import name_or_path
from cellmodel.parameters.conversion import CellContents
from cellmodel.parameters.files import SharedFiles, find, open_shared, read_parameters
from cellmodel.parameters.kinds import DEFAULT_KIND, find_kind, kind_of_file
from cellmodel.parameters.kinds import KINDS as KINDS_OF_CELL
from cellmodel.parameters.records import MaterialSets
from cellmodel.parameters.schema import ROLES, WHOLE, WRITTEN
from cellmodel.parameters.sets import read_sets
from cellmodel.parameters.written import written_contents
from cellmodel.toml_files import TomlFile, open_toml, tables

A_CELL = "the name of a cell, the path of a TOML file, or a cell"


class _Part(NamedTuple):
    """A material of a cell: the kind of its file, its name, the variant and the file."""

    kind: str
    name: str
    variant: str
    file: TomlFile


def list_cells(kind: str | None = None) -> list[str]:
    """Return the names of all shipped cells, those of variants as "name:variant".

    Parameters
    ----------
    kind : str, optional
        Only cells of this kind, such as "lithium_metal".

    Returns
    -------
    list of str
        In alphabetical order.

    Raises
    ------
    ParameterError
        No such kind.

    Examples
    --------
    >>> import cellmodel
    >>> "li_peo_lfp" in cellmodel.list_cells()
    True
    >>> cellmodel.list_cells("full_cell")
    ['graphite_lfp', 'graphite_lfp:energy']
    """
    wanted = None if kind is None else find_kind(kind, "list_cells")
    names = []
    for name, path in resources.files("parameters", "cells").items():
        content = tables(open_toml(path))
        if wanted in (None, kind_of_file(content.get("kind"))):
            names += [name, *(f"{name}:{variant}" for variant in sorted(content.get("variants", {})))]
    return names


def read_cell(
    name: str | PathLike[str], electrolyte: str | None, electrode: str | None, interface: str | None
) -> CellContents:
    """Return what the files of a cell say; arguments and errors are those of `load_cell`."""
    name = name_or_path(name, "load_cell", "name", A_CELL)
    asked = {"electrolyte": electrolyte, "electrode": electrode, "interface": interface}
    given = {
        kind: name_or_path(material, "load_cell", kind, "the name of a material, or :variant")
        for kind, material in asked.items()
        if material is not None
    }
    file, variant = _open_cell(name)
    kind = tables(file).get("kind")
    if kind in WRITTEN:
        _refuse_materials(name, given, "a written cell has all its numbers")
        return written_contents(file)
    if kind in WHOLE:
        _refuse_materials(name, given, "the cell is one file")
        return _composed(file, variant, (), open_shared())
    parts, problems = _parts(file, given)
    shared = open_shared()
    if problems:  # told together with those of the files that are there
        read = [read_parameters(file, _file_kind(file), variant, shared)]
        read += [read_parameters(part.file, part.kind, part.variant, shared) for part in parts]
        raise ParameterError([*(problem for contents in read for problem in contents.problems), *problems])
    return _composed(file, variant, parts, shared)


def _open_cell(name: str) -> tuple[TomlFile, str]:
    """Return the file of a cell, read now, and the variant asked for."""
    stem, colon, variant = name.rpartition(":")
    text, variant = (name, "") if not stem or name.endswith(".toml") else (stem, variant)
    if not text.endswith(".toml") and resources.file("parameters", "cells", text) is None:
        raise ParameterError(Problem("parameters/cells", "cell", found_text(text), choices(text, list_cells())))
    file = open_toml(Path(text) if text.endswith(".toml") else find("cell", text))
    if colon and text != name and not variant:
        raise ParameterError(Problem(file.name, "variants", found_text(name), "a variant after the colon"))
    return file, variant


def _file_kind(file: TomlFile) -> str:
    """Return the kind of the file of a cell; that of the commonest kind where it states none that is known."""
    kind = tables(file).get("kind")
    return str(kind) if kind_of_file(kind) else "cell"


def _refuse_materials(name: str, given: dict[str, str], why: str) -> None:
    """Raise if materials are chosen for a cell that has none to choose."""
    if given:
        raise ParameterError([Problem(name, kind, found_text(one), f"nothing: {why}") for kind, one in given.items()])


def _parts(file: TomlFile, given: dict[str, str]) -> tuple[tuple[_Part, ...], list[Problem]]:
    """Return the materials of a cell, read from disk now, and what is wrong in their names."""
    parts, problems = [], list[Problem]()
    for kind in ROLES:
        own = tables(file).get(kind, "")
        if not isinstance(own, str) or not own.strip():
            if kind not in given or given[kind].startswith(":"):
                continue  # a problem of the cell file
            own = ""
        chosen = given.get(kind, own)
        chosen = own.partition(":")[0] + chosen if chosen.startswith(":") else chosen
        material, colon, variant = chosen.partition(":")
        try:
            if colon and not variant:
                wanted = "a variant after the colon"
                raise ParameterError(Problem(file.name, kind, found_text(chosen), wanted))
            parts.append(_Part(kind, material, variant, open_toml(find(kind, material))))
        except ParameterError as error:  # what the cell names wrongly stands in the cell's file
            problems += [Problem(file.name, kind, one.found, one.wanted) for one in error.problems]
    return tuple(parts), problems


@lru_cache(maxsize=64)
def _composed(file: TomlFile, variant: str, parts: tuple[_Part, ...], shared: SharedFiles) -> CellContents:
    """Return what some files say of a cell, one object for each content of all of them."""
    cell = read_parameters(file, _file_kind(file), variant, shared)
    files, problems, sets = [cell], list(cell.problems), dict[str, MaterialSets]()
    for part in parts:
        material = read_parameters(part.file, part.kind, part.variant, shared)
        found = None if part.variant else read_sets(part.file, part.kind, material, shared)
        sets |= {part.kind: found} if found else {}
        files.append(material)
        unknown = found_text(part.variant)  # which the cell names, not the material's file
        problems += [
            Problem(file.name, part.kind, one.found, one.wanted) if part.variant and one.found == unknown else one
            for one in material.problems
        ]
    if problems:
        raise ParameterError(problems)
    names = {part.kind: f"{part.name}:{part.variant}" if part.variant else part.name for part in parts}
    name = file.path.stem + (f":{variant}" if variant else "")
    kind = kind_of_file(_file_kind(file)) or KINDS_OF_CELL[DEFAULT_KIND]
    entries = {path: record for contents in files for path, record in contents.records.items() if kind.has(path)}
    functions = {path: one for contents in files for path, one in contents.functions.items() if kind.has(path)}
    return CellContents(name, cell.description, names or cell.named, entries, functions, kind, sets)
