"""Numbers that a user sets in a cell, format or vehicle: read, converted and held against their bounds, all at once.

It knows no kind of set: each says what its names mean and what follows from a change.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from cellmodel.errors import ParameterError, Problem
from cellmodel.inputs import mapping, parse_quantity
from cellmodel.parameters.records import Record, out_of_bounds

AREAL_CAPACITY = "cell.positive_electrode.areal_capacity"
"""Accepted by `replace` of a cell: sets the thickness of what stores lithium to give this capacity [A.h.m-2]."""
_CAPACITY_UNIT = "A.h.m-2"


def read_changes(
    name: str, values: Mapping[str, Any] | None, record_of: Callable[[str], Record]
) -> tuple[dict[str, float], list[Problem]]:
    """Return the new numbers by full path, and everything that is wrong in them.

    Parameters
    ----------
    name : str
        Of the set, for messages.
    values : mapping of str to float or str
        Path -> SI number, or text with a unit.
    record_of : callable
        Path -> the number as it is; raises ParameterError if there is none.

    Returns
    -------
    tuple of dict and list of Problem
        `AREAL_CAPACITY` is left out. One number under two names is a problem, whatever the values.

    Raises
    ------
    ParameterError
        No mapping from names to values.
    """
    found: dict[str, float] = {}
    given: dict[str, str] = {}
    problems: list[Problem] = []
    for path, value in mapping(values, name, "overrides").items():
        if path == AREAL_CAPACITY:
            continue
        try:
            record = record_of(path)
            number = parse_quantity(value, record.unit, name, path)
        except ParameterError as error:
            problems += error.problems
            continue
        problem = out_of_bounds(name, record, number)
        if record.path in given:
            problem = Problem(name, path, f"the same number as '{given[record.path]}'", "one of the two")
        problems += [problem] if problem else []
        found[record.path], given[record.path] = number, path
    return found, problems


def read_capacity(
    name: str, values: Mapping[str, Any], thicknesses: tuple[str, ...]
) -> tuple[float | None, list[Problem]]:
    """Return the areal capacity among some changes, and what is wrong in it.

    Parameters
    ----------
    name : str
        Of the cell, for messages.
    values : mapping of str to float or str
        As `read_changes` takes them.
    thicknesses : tuple of str
        Paths that the capacity decides, which must not be given as well.

    Returns
    -------
    tuple of float or None and list of Problem
        [A.h.m-2], above zero; None where it is not given or wrong.
    """
    if AREAL_CAPACITY not in values:
        return None, []
    problems = [
        Problem(name, AREAL_CAPACITY, f"a capacity and '{path}'", "one of the two: the capacity sets the thickness")
        for path in thicknesses
        if path in values
    ]
    try:
        wanted = parse_quantity(values[AREAL_CAPACITY], _CAPACITY_UNIT, name, AREAL_CAPACITY)
    except ParameterError as error:
        return None, problems + list(error.problems)
    if not wanted > 0.0:
        problems.append(Problem(name, AREAL_CAPACITY, f"{wanted:g} {_CAPACITY_UNIT}", "a capacity above zero"))
    return wanted, problems


def derived_thickness(name: str, record: Record, thickness: float, wanted: float) -> list[Problem]:
    """Return what is wrong with a thickness that follows from an areal capacity.

    Parameters
    ----------
    name : str
        Of the cell, for messages.
    record : Record
        The thickness as it was.
    thickness, wanted : float
        What it becomes [m] for which capacity [A.h.m-2].

    Returns
    -------
    list of Problem
        Empty if the layer is possible.
    """
    problem = out_of_bounds(name, record, thickness)
    if problem is None:
        return []
    found = f"{wanted:g} {_CAPACITY_UNIT}, for which '{record.path}' is {problem.found}"
    return [Problem(name, AREAL_CAPACITY, found, f"a thickness of {problem.wanted}")]
