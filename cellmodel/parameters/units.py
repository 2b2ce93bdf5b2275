"""Quantities with units: text such as "30 um" to a float in the wanted SI unit.

Units are spelled the UDUNITS way ("S.m-1", "ohm.cm2", "mA.h.cm-2", "degC"); pint does the
arithmetic and is imported on first use only.  The module knows no quantity by name.
"""

from __future__ import annotations

import math
import re
from functools import cache
from typing import Any

from cellmodel.errors import ParameterError, Problem

_NUMBER = re.compile(r"^\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*(.*?)\s*$")
_FACTOR = re.compile(r"^([A-Za-z%µ]+)([-+]?\d+(?:\.\d+)?)?$")


@cache
def _registry() -> Any:
    import pint

    return pint.UnitRegistry(autoconvert_offset_to_baseunit=True)


@cache
def _pint_unit(unit: str) -> Any:
    factors = []
    for part in re.split(r"[.\s](?=[A-Za-z%µ])", unit.strip()):
        match = _FACTOR.match(part)
        if match is None:
            raise ValueError(unit)
        name, power = match.group(1), match.group(2) or "1"
        factors.append(f"{name}**({power})")
    return _registry().Unit(" * ".join(factors))


@cache
def conversion(unit: str, wanted: str) -> tuple[float, float]:
    """Return (factor, offset) such that value_in_wanted = factor * value + offset.

    Parameters
    ----------
    unit, wanted : str
        Units in UDUNITS spelling; "1" is dimensionless.

    Returns
    -------
    tuple of float
        Offset is not zero only for temperatures.

    Raises
    ------
    ValueError
        The unit is unknown or has another dimension.
    """
    if unit == wanted:
        return 1.0, 0.0
    if (unit, wanted) == ("%", "1"):
        return 0.01, 0.0
    if "1" in (unit, wanted):
        raise ValueError(f"{unit} is not {wanted}")
    try:
        source, target = _pint_unit(unit), _pint_unit(wanted)
        registry = _registry()
        zero = registry.Quantity(0.0, source).to(target).magnitude
        one = registry.Quantity(1.0, source).to(target).magnitude
    except Exception as error:  # pint raises several unrelated classes, all meaning "no"
        raise ValueError(f"{unit} is not {wanted}: {error}") from None
    if zero == 0.0:
        return float(one), 0.0
    return float(round(one - zero, 12)), float(zero)


def to_si(value: float, unit: str, wanted: str) -> float:
    """Return `value` [unit] in the unit `wanted`.

    Parameters
    ----------
    value : float
        Number as printed.
    unit, wanted : str
        Units in UDUNITS spelling.

    Returns
    -------
    float
        The number in `wanted`.

    Raises
    ------
    ValueError
        The unit is unknown or has another dimension.
    """
    factor, offset = conversion(unit, wanted)
    return value * factor + offset


def parse_quantity(text: str | float, unit: str, file: str = "value", key: str = "value") -> float:
    """Return text like "30 um" as a float in `unit`; a bare number is refused unless `unit` is "1".

    Parameters
    ----------
    text : str or float
        Number and unit.  A float is taken to be in `unit` already.
    unit : str
        Wanted SI unit, UDUNITS spelling.
    file, key : str, optional
        Where the text stands, for the message.

    Returns
    -------
    float
        Value in `unit`.

    Raises
    ------
    ParameterError
        No number, a missing or unknown unit, another dimension, or not a finite number.
    """
    if isinstance(text, int | float) and not isinstance(text, bool):
        if not math.isfinite(text):
            raise ParameterError(Problem(file, key, repr(text), f"a finite number in {unit}"))
        return float(text)
    match = _NUMBER.match(text) if isinstance(text, str) else None
    example = f"a number with a unit, such as '1 {unit}'" if unit != "1" else "a number"
    if match is None:
        raise ParameterError(Problem(file, key, repr(text), example))
    number, found = float(match.group(1)), match.group(2) or "1"
    try:
        value = to_si(number, found, unit)
    except ValueError:
        shown = "no unit" if found == "1" else f"unit '{found}'"
        raise ParameterError(Problem(file, key, f"{text!r} ({shown})", f"{example} or one it converts from")) from None
    return value


def parse_difference(text: str | float, unit: str, file: str = "value", key: str = "value") -> float:
    """Return a difference such as "2 degC" as a float in `unit`: scales with zeros of their own lose them.

    Parameters
    ----------
    text : str or float
        Number and unit.  A float is taken to be in `unit` already.
    unit : str
        Wanted SI unit, UDUNITS spelling.
    file, key : str, optional
        Where the text stands, for the message.

    Returns
    -------
    float
        Difference in `unit`.

    Raises
    ------
    ParameterError
        As `parse_quantity`.
    """
    value = parse_quantity(text, unit, file, key)
    match = _NUMBER.match(text) if isinstance(text, str) else None
    return value - (to_si(0.0, match.group(2) or "1", unit) if match else 0.0)
