"""Which number of a cell a setting means, however it is spelled, and whether it has an effect in a study.

It reads no file and expands nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from cellmodel.errors import ParameterError, Problem
from cellmodel.mechanisms import idle
from cellmodel.parameters import LiquidCell, ParameterSet
from cellmodel.parameters.parameter_set import AREAL_CAPACITY, CATHODE_THICKNESS

if TYPE_CHECKING:
    from cellmodel.study.definition import Case, Study

CELL_TEMPERATURE = "cell.temperature"


def quantity(cell: ParameterSet, path: str) -> str:
    """Return the one number that a path sets, however it is spelled: a capacity per area sets the cathode's thickness.

    Parameters
    ----------
    cell : ParameterSet
        The cell.
    path : str
        As given.

    Returns
    -------
    str
        A full path; the path itself if the cell has no such number.
    """
    if path == AREAL_CAPACITY:
        return CATHODE_THICKNESS
    try:
        return cell.resolve(path)
    except ParameterError:
        return path


def twice(cell: ParameterSet, paths: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Return every path that sets the number of one before it, and that one."""
    seen: dict[str, str] = {}
    for path in paths:
        number = quantity(cell, path)
        if number in seen:
            yield path, seen[number]
        seen.setdefault(number, path)


def without_effect(cell: ParameterSet, path: str, mechanisms: Iterable[str]) -> tuple[str, str]:
    """Return what is wrong with varying or setting a number that no run of a study uses, and what would be right.

    Parameters
    ----------
    cell : ParameterSet
        The cell.
    path : str
        As given.
    mechanisms : iterable of str
        Of the study.

    Returns
    -------
    tuple of str
        Empty texts if its runs use the number.
    """
    user = "" if isinstance(cell, LiquidCell) else idle(quantity(cell, path), mechanisms)
    return (f"a number that only the mechanism {user!r} uses", f"{user!r} among `mechanisms`") if user else ("", "")


def settings_without_effect(study: Study, case: Case, settings: Mapping[str, Any]) -> list[Problem]:
    """Return a problem for every setting of a cell that something else in the study decides."""
    swept = {quantity(case.parameters, path) for path in study.swept_paths}
    problems = [
        Problem(study.file, path, "a value for a swept quantity", "a fixed one")
        for path in settings
        if quantity(case.parameters, path) in swept
    ]
    problems += [
        Problem(study.file, path, f"a value for the same number as {before}", "one of the two")
        for path, before in twice(case.parameters, settings)
    ]
    unused = [(path, *without_effect(case.parameters, path, study.mechanisms)) for path in settings]
    problems += [Problem(study.file, path, found, wanted) for path, found, wanted in unused if found]
    decided = study.temperature is not None or case.temperature is not None
    if CELL_TEMPERATURE in settings and (decided or "temperature" in (axis.key for axis in study.axes)):
        found = "the default temperature of the cell, where the study sets the temperature"
        problems.append(Problem(study.file, CELL_TEMPERATURE, found, "the `temperature` of the study"))
    return problems
