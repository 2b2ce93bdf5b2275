"""Finds and reads the files of liquid cells: `parameters/liquid_cells`, one file per cell, `name:variant`.

The entries are those of every parameter file; the tables carry full paths, because one file holds the whole cell.
Nothing here knows physics.
"""

from __future__ import annotations

from functools import lru_cache
from os import PathLike
from pathlib import Path

from cellmodel import resources
from cellmodel.errors import ParameterError, Problem, choices, found_text
from cellmodel.inputs import existing_file, name_or_path
from cellmodel.parameters.files import SharedFiles, open_shared, read_parameters
from cellmodel.parameters.liquid_cell import LiquidCell, check_liquid_cell
from cellmodel.parameters.schema import LIQUID
from cellmodel.toml_files import TomlFile, open_toml, read_toml, tables

FOLDER = "liquid_cells"


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
    return liquid_cell(*(open_liquid(name) or (open_toml(Path(text)), variant)), open_shared())


@lru_cache(maxsize=32)
def liquid_cell(file: TomlFile, variant: str, shared: SharedFiles) -> LiquidCell:
    """Return the liquid cell in a file that was opened, one object for each content and variant, or raise."""
    contents = read_parameters(file, LIQUID, variant, shared)
    if contents.problems:
        raise ParameterError(contents.problems)
    label = file.path.stem + (f":{variant}" if variant else "")
    cell = LiquidCell(label, contents.description, contents.named, contents.records, contents.functions)
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
            liquid_cell(file, variant, open_shared())
        except ParameterError as error:
            problems += [problem for problem in error.problems if problem not in problems]
    if problems:
        raise ParameterError(problems)


def _split(name: str) -> tuple[str, str, str]:
    """Return the name or path, a colon if there is one, and the variant after the last."""
    file, colon, variant = name.rpartition(":")
    return (name, "", "") if not file or name.endswith(".toml") else (file, colon, variant)
