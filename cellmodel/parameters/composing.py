"""Puts the records of a cell file and of its materials together into one checked cell. Knows no files."""

from __future__ import annotations

from collections.abc import Mapping

from cellmodel.errors import ParameterError, Problem
from cellmodel.parameters.checks import check
from cellmodel.parameters.parameter_set import ParameterSet
from cellmodel.parameters.records import FunctionRecord, Reader, Record


def compose(name: str, description: str, materials: Mapping[str, str], readers: list[Reader]) -> ParameterSet:
    """Return a checked cell from the records of its files.

    Parameters
    ----------
    name, description : str
        Of the cell.
    materials : mapping of str to str
        Role -> material[:variant].
    readers : list of Reader
        Problem-free records of the cell and its materials.

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
    for reader in readers:
        entries.update(reader.records)
        functions.update(reader.functions)
    missing = [
        Problem(name, path, f"form '{record.form.__name__}' without '{target}'", "that entry in the same file")
        for path, record in functions.items()
        for target in record.form.links.values()
        if target not in functions
    ]
    if missing:
        raise ParameterError(missing)
    parameters = ParameterSet(name, description, dict(materials), entries, functions)
    check(parameters)
    return parameters
