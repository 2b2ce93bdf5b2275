"""Units: from the text of one to the factor and offset that lead to another.

Units are spelled the UDUNITS way ("S.m-1", "ohm.cm2", "mA.h.cm-2", "degC"); pint does the arithmetic and is imported
on first use only. A `Quantity` is a unit with bounds and a meaning; which there are is not known here, nor any number.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from math import inf
from typing import Any

LONGEST_UNIT = 64
"""Characters of a unit; a longer text is refused before it is taken apart."""
_FACTOR = re.compile(r"^([A-Za-z%µ]+)([-+]?\d+(?:\.\d+)?)?$")


@dataclass(frozen=True)
class Quantity:
    """One scalar or function of a cell.

    Attributes
    ----------
    unit : str
        SI unit, UDUNITS spelling ("1" when dimensionless).
    description : str
        One phrase.
    bounds : tuple of float
        Smallest and largest physically possible value, in `unit`.
    key : str
        PyBaMM's parameter name; empty where PyBaMM has none or it is derived.
    arguments : tuple of str
        Empty for a scalar; else the arguments of the function.
    required : bool
        False if a file may leave it out.
    """

    unit: str
    description: str
    bounds: tuple[float, float] = (-inf, inf)
    key: str = ""
    arguments: tuple[str, ...] = ()
    required: bool = True


def number_text(value: float, unit: str) -> str:
    """Return a number with its unit as a message shows it; a bare number has none: "30 um", "1.2"."""
    return f"{value:g}" if unit == "1" else f"{value:g} {unit}"


def range_text(low: float, high: float, unit: str) -> str:
    """Return a range with its unit as a message shows it: "20 to 130 degC", "0 to 1"."""
    return f"{low:g} to {number_text(high, unit)}"


@cache
def _registry() -> Any:
    import pint

    return pint.UnitRegistry(autoconvert_offset_to_baseunit=True)


@lru_cache(maxsize=1024)
def _pint_unit(unit: str) -> Any:
    factors = []
    for part in re.split(r"[.\s](?=[A-Za-z%µ])", unit.strip()):
        match = _FACTOR.match(part)
        if match is None:
            raise ValueError(unit)
        name, power = match.group(1), match.group(2) or "1"
        factors.append(f"{name}**({power})")
    return _registry().Unit(" * ".join(factors))


@lru_cache(maxsize=1024)
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
    if len(unit) > LONGEST_UNIT:
        raise ValueError(f"a unit of {len(unit)} characters is not {wanted}")
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
        many = registry.Quantity(1e3, source).to(target).magnitude  # keeps the last digit of a factor beside a zero
    except Exception as error:  # pint raises several unrelated classes, all meaning "no"
        raise ValueError(f"{unit} is not {wanted}: {error}") from None
    if not abs(many - zero - 1e3 * (one - zero)) <= 1e-9 * abs(many):  # a logarithmic one, such as dBm
        raise ValueError(f"{unit} is no multiple of {wanted}")
    if zero == 0.0:
        return float(one), 0.0
    return float(round((many - zero) / 1e3, 15)), float(zero)


def to_si(value: float, unit: str, wanted: str) -> float:
    """Return `value` [unit] in the unit `wanted`; raises as `conversion` does."""
    factor, offset = conversion(unit, wanted)
    return value * factor + offset
