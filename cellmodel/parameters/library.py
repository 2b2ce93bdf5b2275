"""Cells and materials by name, and the check of a parameter file with all its variants. Nothing here knows physics."""

from __future__ import annotations

from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import Any

from cellmodel import resources
from cellmodel.errors import ParameterError, Problem, choices, found_text
from cellmodel.inputs import name_or_path
from cellmodel.parameters.cell_files import A_CELL
from cellmodel.parameters.checks import check_material
from cellmodel.parameters.files import SharedFiles, open_shared, read_parameters
from cellmodel.parameters.kinds import kind_of_file
from cellmodel.parameters.parameter_set import Cell
from cellmodel.parameters.schema import KINDS, MATERIALS, WRITTEN
from cellmodel.parameters.sets import read_sets
from cellmodel.parameters.surroundings import load_format, load_vehicle
from cellmodel.toml_files import TomlFile, open_toml, tables


def resolve_cell(cell: Any) -> Cell:
    """Return the cell that a caller means.

    Parameters
    ----------
    cell : str, os.PathLike or Cell
        Name of a shipped cell, path of a TOML file, or a cell, which is handed back.

    Returns
    -------
    Cell
        Everything in SI, frozen.

    Raises
    ------
    ParameterError
        Anything else, or every problem of the files.
    """
    if isinstance(cell, Cell):
        return cell
    return load_cell(name_or_path(cell, "run", "cell", A_CELL))


def load_cell(
    name: str | PathLike[str],
    electrolyte: str | None = None,
    electrode: str | None = None,
    interface: str | None = None,
) -> Cell:
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
    Cell
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
    return Cell.load(name, electrolyte, electrode, interface)


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


def load_material(name: str) -> Cell:
    """Return the numbers and functions of one material, checked as far as they can be without a cell.

    Parameters
    ----------
    name : str or os.PathLike
        Name of a shipped electrolyte, electrode, interface or metal, or the path of such a file; ":variant" may follow.

    Returns
    -------
    Cell
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


def _material(file: TomlFile, kind: str, variant: str, shared: SharedFiles) -> tuple[Cell | None, list[Problem]]:
    """Return what one file of a material holds, None if it cannot be read, and what is wrong with it."""
    contents = read_parameters(file, kind, variant, shared)
    if contents.problems:
        return None, contents.problems
    sets = None if variant else read_sets(file, kind, contents, shared)
    if contents.problems:
        return None, contents.problems
    name = file.path.stem + (f":{variant}" if variant else "")
    found = {kind: sets} if sets else {}
    made = Cell(name, contents.description, {kind: name}, contents.records, contents.functions, sets=found)
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
