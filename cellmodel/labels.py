"""How a value with a unit is written for a reader: "C/10", "80 °C", "30 µm", "mA h cm⁻²".

Figures and tables share these words. Nothing here reads or converts an input.
"""

from __future__ import annotations

import math
import re
from typing import Any

_SUPERSCRIPT = str.maketrans("-.0123456789", "⁻·⁰¹²³⁴⁵⁶⁷⁸⁹")
_HOUR = 3600.0  # s
_FACTORS = re.compile(r"\.(?=[^\d])")
# units of storage -> (factor, offset, unit a reader of this field expects)
_READABLE = {
    "K": (1.0, -273.15, "°C"),
    "m": (1e6, 0.0, "µm"),
    "A.m-2": (0.1, 0.0, "mA.cm-2"),
    "A.h.m-2": (0.1, 0.0, "mA.h.cm-2"),
    "s": (1 / 3600.0, 0.0, "h"),
    "ohm.m2": (1e4, 0.0, "ohm.cm2"),
    "degree": (1.0, 0.0, "°"),
    "mol.m-3": (1e-3, 0.0, "mol.L-1"),
}


def unit_text(units: str) -> str:
    """Return UDUNITS such as "mA.h.cm-2" as a reader writes them: "mA h cm⁻²"."""
    if units in ("1", ""):
        return ""
    words = []
    for factor in _FACTORS.split(units.replace("degC", "°C")):
        letters = factor.rstrip("-.0123456789")
        words.append(letters.replace("ohm", "Ω") + factor[len(letters) :].translate(_SUPERSCRIPT))
    return " ".join(words)


def readable(values: Any, units: str) -> tuple[Any, str]:
    """Return values [units] in the unit a reader of this field expects, and that unit."""
    factor, offset, unit = _READABLE.get(units, (1.0, 0.0, units))
    return values * factor + offset, unit_text(unit)


def axis_label(name: str, unit: str) -> str:
    """Return "Name (unit)", or the name alone for a number without unit."""
    return f"{name} ({unit})" if unit else name


def rate_text(rate: float) -> str:
    """Return a C-rate as the field writes it: 0.1 is "C/10", 2 is "2C"."""
    if 0 < rate < 1 and abs(1 / rate - round(1 / rate)) < 1e-3 / rate:
        return f"C/{round(1 / rate)}"
    return f"{rate:.3g}C"


def value_text(dimension: str, value: Any, units: str) -> str:
    """Return one value of a swept quantity as a label.

    Parameters
    ----------
    dimension : str
        The dimension's name, such as "c_rate".
    value : float or str
        Its value [units].
    units : str
        UDUNITS of the value.

    Returns
    -------
    str
        Such as "C/10", "80 °C" or "30 µm"; a name stays as it is.
    """
    if isinstance(value, str):
        return value
    if dimension == "c_rate":
        return rate_text(float(value))
    return quantity_text(float(value), units, 3)


def quantity_text(value: float, units: str, digits: int = 4) -> str:
    """Return a value [units] as a table shows it: in the reader's unit, a time below an hour in seconds, NaN as none.

    Parameters
    ----------
    value : float
        [units].
    units : str
        UDUNITS.
    digits : int, optional
        How many of the number.

    Returns
    -------
    str
        Such as "32.82 Ω cm²".
    """
    if math.isnan(value):
        return "none"
    number, unit = (value, units) if units == "s" and abs(value) < _HOUR else readable(value, units)
    return f"{float(number):.{digits}g} {unit}".strip()
