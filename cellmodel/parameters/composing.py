"""Puts the records of a cell file and of its materials together into one checked cell. Knows no files."""

from __future__ import annotations

from collections.abc import Mapping

from cellmodel.errors import ParameterError
from cellmodel.parameters.checks import check, missing_links
from cellmodel.parameters.conversion import FileContents
from cellmodel.parameters.kinds import DEFAULT_KIND, KINDS, CellKind
from cellmodel.parameters.parameter_set import ParameterSet
from cellmodel.parameters.records import FunctionRecord, Record


def compose(
    name: str,
    description: str,
    materials: Mapping[str, str],
    files: list[FileContents],
    kind: CellKind = KINDS[DEFAULT_KIND],
) -> ParameterSet:
    """Return a checked cell from the problem-free contents of its file and its materials."""
    entries: dict[str, Record] = {}
    functions: dict[str, FunctionRecord] = {}
    for contents in files:
        entries.update(contents.records)
        functions.update(contents.functions)
    return checked_cell(name, description, materials, entries, functions, kind)


def checked_cell(
    name: str,
    description: str,
    materials: Mapping[str, str],
    entries: Mapping[str, Record],
    functions: Mapping[str, FunctionRecord],
    kind: CellKind = KINDS[DEFAULT_KIND],
) -> ParameterSet:
    """Return the cell of some records, or raise with what keeps them from being one."""
    parameters = ParameterSet(name, description, dict(materials), dict(entries), dict(functions), kind)
    missing = missing_links(parameters)
    if missing:
        raise ParameterError(missing)
    check(parameters)
    return parameters.with_derived()
