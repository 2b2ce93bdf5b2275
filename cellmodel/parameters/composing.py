"""Puts the records of a cell file and of its materials together into one checked cell. Knows no files."""

from __future__ import annotations

from collections.abc import Mapping

from cellmodel.errors import ParameterError
from cellmodel.parameters.checks import check, missing_links
from cellmodel.parameters.conversion import FileContents
from cellmodel.parameters.liquid_cell import LiquidCell, check_liquid_cell
from cellmodel.parameters.parameter_set import ParameterSet
from cellmodel.parameters.records import FunctionRecord, Record


def compose(name: str, description: str, materials: Mapping[str, str], files: list[FileContents]) -> ParameterSet:
    """Return a checked cell from the records of its files.

    Parameters
    ----------
    name, description : str
        Of the cell.
    materials : mapping of str to str
        Role -> material[:variant].
    files : list of FileContents
        Problem-free contents of the files of the cell and its materials.

    Returns
    -------
    ParameterSet
        Frozen.

    Raises
    ------
    ParameterError
        The parts do not make a cell: see `check`.
    """
    entries: dict[str, Record] = {}
    functions: dict[str, FunctionRecord] = {}
    for contents in files:
        entries.update(contents.records)
        functions.update(contents.functions)
    return checked_cell(name, description, materials, entries, functions)


def checked_cell(
    name: str,
    description: str,
    materials: Mapping[str, str],
    entries: Mapping[str, Record],
    functions: Mapping[str, FunctionRecord],
) -> ParameterSet:
    """Return the cell of some records, or raise with what keeps them from being one.

    Parameters
    ----------
    name, description, materials, entries, functions
        As of `ParameterSet`; materials with a "parameter_set" make a liquid cell.

    Returns
    -------
    ParameterSet or LiquidCell
        Frozen.

    Raises
    ------
    ParameterError
        All problems.
    """
    if "parameter_set" in materials:
        cell = LiquidCell(name, description, dict(materials), dict(entries), dict(functions))
        check_liquid_cell(cell)
        return cell
    parameters = ParameterSet(name, description, dict(materials), dict(entries), dict(functions))
    missing = missing_links(parameters)
    if missing:
        raise ParameterError(missing)
    check(parameters)
    return parameters
