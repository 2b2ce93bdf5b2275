"""Several numbers where a caller may give a list, each turned into a number by `cellmodel.inputs`.

One number or text counts as a list of it; a mapping, bytes and an array without dimensions are no lists.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from cellmodel.errors import CellModelError, ParameterError, Problem, found_text
from cellmodel.inputs import number, parse_quantity, real


def quantities(
    value: Any,
    unit: str,
    file: str,
    key: str,
    wanted: str,
    bounds: tuple[float, float] = (-math.inf, math.inf),
    error: type[CellModelError] = ParameterError,
) -> tuple[float, ...]:
    """Return several numbers in one unit; a single one counts as a list of it. Other parameters as of `number`.

    Parameters
    ----------
    value : iterable of float or str
        A list, tuple, array of one dimension, or series; text as in `parse_quantity`.
    unit : str
        Wanted SI unit.

    Returns
    -------
    tuple of float
        In their order, at least one.

    Raises
    ------
    CellModelError
        Every one that is no number in that unit or outside the bounds; no list, or an empty one.
    """
    several = listed(value)
    if not several:
        raise error(Problem(file, key, found_text(value), f"at least one number: {wanted}"))
    found, problems = [], list[Problem]()
    for place, one in enumerate(several, start=1):
        try:
            plain = parse_quantity(one, unit, file, f"{key} {place}")
            found.append(number(plain, file, f"{key} {place}", wanted, bounds))
        except ParameterError as refused:
            problems += refused.problems
    if problems:
        raise error(problems)
    return tuple(found)


def listed(value: Any) -> list[Any] | None:
    """Return what several values are given in as a list, one text or number as a list of it.

    Parameters
    ----------
    value : object
        As given.

    Returns
    -------
    list or None
        None for bytes, a mapping and what is no list.
    """
    if isinstance(value, str) or real(value) is not None:
        return [value]
    if isinstance(value, bytes | bytearray | Mapping) or not isinstance(value, Iterable):
        return None
    try:
        return list(value)
    except TypeError:  # an array without dimensions
        return None
