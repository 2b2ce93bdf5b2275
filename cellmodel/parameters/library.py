"""Finds parameter files and composes a cell from its electrolyte, electrode and interface.

A cell names its materials; a material may be followed by a variant ("peo_litfsi:edman").  All
problems of all files of a cell come in one message.  Every file is read from disk at each call; the same content gives
the same cell.  Nothing here knows physics.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from os import PathLike
from pathlib import Path
from typing import Any, NamedTuple

from cellmodel import resources
from cellmodel.errors import ParameterError, Problem, choices, found_text
from cellmodel.inputs import name_or_path
from cellmodel.parameters.checks import check_material
from cellmodel.parameters.composing import compose
from cellmodel.parameters.files import SharedFiles, find, open_shared, read_parameters
from cellmodel.parameters.kinds import DEFAULT_KIND, find_kind, kind_of_file
from cellmodel.parameters.kinds import KINDS as KINDS_OF_CELL
from cellmodel.parameters.parameter_set import ParameterSet
from cellmodel.parameters.schema import KINDS, MATERIALS, ROLES, WHOLE, WRITTEN
from cellmodel.parameters.surroundings import load_format, load_vehicle
from cellmodel.parameters.written import written_cell
from cellmodel.toml_files import TomlFile, open_toml, read_toml, tables

_CELL = "the name of a cell, the path of a TOML file, or a cell"


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
        content = read_toml(path)
        if wanted in (None, kind_of_file(content.get("kind"))):
            names += [name, *(f"{name}:{variant}" for variant in sorted(content.get("variants", {})))]
    return names


def resolve_cell(cell: Any) -> ParameterSet:
    """Return the cell that a caller means.

    Parameters
    ----------
    cell : str, os.PathLike or ParameterSet
        Name of a shipped cell, path of a TOML file, or a cell, which is handed back.

    Returns
    -------
    ParameterSet
        Everything in SI, frozen.

    Raises
    ------
    ParameterError
        Anything else, or every problem of the files.
    """
    if isinstance(cell, ParameterSet):
        return cell
    return load_cell(name_or_path(cell, "run", "cell", _CELL))


def load_cell(
    name: str | PathLike[str],
    electrolyte: str | None = None,
    electrode: str | None = None,
    interface: str | None = None,
) -> ParameterSet:
    """Return a cell with all its materials.

    The files are read at each call, so that a change on disk is seen; as long as they and the choice of materials are
    the same, the same object is handed out.

    Parameters
    ----------
    name : str or os.PathLike
        Name of a file in parameters/cells, or the path of a TOML file; ":variant" may follow.
    electrolyte, electrode, interface : str, optional
        Material, or material:variant, to use instead of the one the cell names; ":variant" keeps
        the material. A file that holds its materials itself has none to choose.

    Returns
    -------
    ParameterSet
        Everything in SI, frozen.

    Raises
    ------
    ParameterError
        Every problem of every file, in one message.

    Examples
    --------
    >>> import cellmodel
    >>> cell = cellmodel.load_cell("li_peo_lfp", electrolyte="pcl_ptmc_litfsi", interface="lithium_polycarbonate")
    >>> cell.materials["electrolyte"], cell["cell.temperature"]
    ('pcl_ptmc_litfsi', 353.15)
    """
    name = name_or_path(name, "load_cell", "name", _CELL)
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
        return written_cell(file)
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
def _composed(file: TomlFile, variant: str, parts: tuple[_Part, ...], shared: SharedFiles) -> ParameterSet:
    """Return the cell of some files, one object for each content of all of them."""
    cell = read_parameters(file, _file_kind(file), variant, shared)
    files, problems = [cell], list(cell.problems)
    for part in parts:
        material = read_parameters(part.file, part.kind, part.variant, shared)
        files.append(material)
        unknown = found_text(part.variant)  # which the cell names, not the material's file
        problems += [
            Problem(file.name, part.kind, one.found, one.wanted) if part.variant and one.found == unknown else one
            for one in material.problems
        ]
    if problems:
        raise ParameterError(problems)
    names = {part.kind: f"{part.name}:{part.variant}" if part.variant else part.name for part in parts}
    kind = kind_of_file(_file_kind(file))
    name = file.path.stem + (f":{variant}" if variant else "")
    return compose(name, cell.description, names or cell.named, files, kind or KINDS_OF_CELL[DEFAULT_KIND])


def check_file(path: Path) -> None:
    """Raise if a parameter file has a problem; every variant is looked at, and every function over its validity.

    Parameters
    ----------
    path : pathlib.Path
        A cell, electrolyte, electrode, interface, metal, format or vehicle.

    Raises
    ------
    ParameterError
        Every problem of the file.
    """
    file = open_toml(Path(name_or_path(path, "check_file", "path", "the path of a TOML file")))
    kind = tables(file).get("kind")
    if kind in WRITTEN or kind_of_file(kind) is not None:
        _check_cell(str(path), tables(file).get("variants"))
    elif kind == "format":
        load_format(str(path))
    elif kind == "vehicle":
        load_vehicle(str(path))
    elif kind in MATERIALS:
        _check_material(file, kind)
    else:
        found = "nothing" if kind is None else found_text(kind)
        raise ParameterError(Problem(file.path.name, "kind", found, "one of " + ", ".join((*KINDS, WRITTEN[0]))))


def _check_cell(path: str, variants: Any) -> None:
    """Raise with every problem of a cell and of its variants, at the temperature that each states."""
    problems: list[Problem] = []
    for variant in ("", *(variants if isinstance(variants, dict) else ())):
        try:
            cell = load_cell(f"{path}:{variant}" if variant else path)
            found = cell.outside_validity(cell["cell.temperature"])  # a run that is told nothing else would be refused
        except ParameterError as error:
            found = list(error.problems)
        problems += [problem for problem in found if problem not in problems]
    if problems:
        raise ParameterError(problems)


def load_material(name: str) -> ParameterSet:
    """Return the numbers and functions of one material, checked as far as they can be without a cell.

    Parameters
    ----------
    name : str or os.PathLike
        Name of a shipped electrolyte, electrode, interface or metal, or the path of such a file; ":variant" may follow.

    Returns
    -------
    ParameterSet
        With the kind of the file in `materials`; what needs a whole cell (capacity, window) is not there.

    Raises
    ------
    ParameterError
        No such material, or every problem of the file.
    """
    text = name_or_path(name, "load_material", "name", "the name of a material, or the path of its file")
    stem, colon, variant = (text, "", "") if text.endswith(".toml") else text.partition(":")
    if ".toml:" in text:
        stem, colon, variant = text.rpartition(":")
    known = {one: path for kind in MATERIALS for one, path in resources.files("parameters", f"{kind}s").items()}
    if not stem.endswith(".toml") and stem not in known:
        raise ParameterError(Problem("parameters", "material", found_text(stem), choices(stem, known)))
    file = open_toml(known.get(stem) or Path(stem))
    kind = tables(file).get("kind")
    if kind not in MATERIALS or (colon and not variant):
        found, wanted = found_text(variant if kind in MATERIALS else kind), "one of " + ", ".join(MATERIALS)
        raise ParameterError(Problem(file.name, "kind" if kind not in MATERIALS else "variants", found, wanted))
    material, problems = _material(file, kind, variant, open_shared())
    if material is None or problems:
        raise ParameterError(problems)
    return material


def _material(
    file: TomlFile, kind: str, variant: str, shared: SharedFiles
) -> tuple[ParameterSet | None, list[Problem]]:
    """Return what one file of a material holds, None if it cannot be read, and what is wrong with it."""
    contents = read_parameters(file, kind, variant, shared)
    if contents.problems:
        return None, contents.problems
    name = file.path.stem + (f":{variant}" if variant else "")
    made = ParameterSet(name, contents.description, {kind: name}, contents.records, contents.functions)
    return made, check_material(made)


def _check_material(file: TomlFile, kind: str) -> None:
    """Raise with every problem of a material and of its variants, its functions evaluated as a cell's are."""
    variants = tables(file).get("variants")
    problems: list[Problem] = []
    shared = open_shared()
    for variant in ("", *(variants if isinstance(variants, dict) else ())):
        _, found = _material(file, kind, variant, shared)
        where = file.name + (f":{variant}" if variant else "")
        found = [replace(one, file=where) if one.file != file.name else one for one in found]
        problems += [problem for problem in found if problem not in problems]
    if problems:
        raise ParameterError(problems)
