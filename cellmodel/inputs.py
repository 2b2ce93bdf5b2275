"""What a caller gives, turned into a number, a rate, a switch, a name: accepted or refused here, the same everywhere.

Files, the command line and Python come through these functions. A number is an int, a float or a NumPy or pandas
scalar; text counts where a unit can stand, booleans and blanks never; NaN and infinity are no numbers. Every refusal
names file (or call), key, what was found and what is wanted. It knows no quantity, no file format and no cell.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Collection, Iterable, Mapping
from numbers import Integral, Real
from pathlib import Path
from typing import Any

from cellmodel.errors import CellModelError, ParameterError, Problem, ProblemLog, choices, found_text
from cellmodel.units import to_si

LONGEST_QUANTITY = 200
"""Characters of a number with its unit."""
LONGEST_NAME = 4096
"""Characters of a name or a path."""
LONGEST_RUN = 1e8
"""Longest wall time that can be asked for [s]: three years."""
LOWEST_RATE, HIGHEST_RATE = 1e-5, 1e4
"""C-rates that a run may have: beyond them it never ends, or is over before the first step of any integrator."""

_NUMBER = r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?"
_QUANTITY = re.compile(rf"^([-+]?{_NUMBER})\s*(.*)$", re.DOTALL)
_C_RATE = re.compile(rf"^([-+]?{_NUMBER})?\s*C(?:\s*/\s*({_NUMBER}))?$")


def real(value: Any) -> float | None:
    """Return a number (int, float, scalar of NumPy or pandas, array without dimensions) as a float, else None."""
    value = unwrapped(value)
    if isinstance(value, bool) or not isinstance(value, Real):
        return None
    try:
        return float(value)
    except OverflowError:
        return math.inf


def unwrapped(value: Any) -> Any:
    """Return what a scalar or an array without dimensions of NumPy holds; a masked one holds nothing."""
    if getattr(value, "shape", None) == () and hasattr(value, "item"):
        return None if getattr(value, "mask", False) else value.item()
    return value


def number(
    value: Any,
    file: str,
    key: str,
    wanted: str,
    bounds: tuple[float, float] = (-math.inf, math.inf),
    error: type[CellModelError] = ParameterError,
) -> float:
    """Return a finite number within bounds, or raise with what is wanted."""
    found = real(value)
    if found is None or not math.isfinite(found) or not bounds[0] <= found <= bounds[1]:
        raise error(Problem(file, key, found_text(value), wanted))
    return found


def whole_number(
    value: Any, file: str, key: str, wanted: str, bounds: tuple[int, int], error: type[CellModelError] = ParameterError
) -> int:
    """Return a whole number within bounds; 3.0 is none."""
    value = unwrapped(value)
    found = int(value) if isinstance(value, Integral) and not isinstance(value, bool) else None
    if found is None or not bounds[0] <= found <= bounds[1]:
        raise error(Problem(file, key, found_text(value), wanted))
    return found


def switch(value: Any, file: str, key: str, error: type[CellModelError] = ParameterError) -> bool:
    """Return True or False; text such as "no", numbers and None are refused."""
    value = unwrapped(value)
    if not isinstance(value, bool):
        raise error(Problem(file, key, found_text(value), "true or false"))
    return value


def one_of(
    value: Any, known: Collection[str], file: str, key: str, error: type[CellModelError] = ParameterError
) -> str:
    """Return one of some words; the nearest are offered."""
    if not isinstance(value, str) or value not in known:
        text = value if isinstance(value, str) else ""
        raise error(Problem(file, key, found_text(value), choices(text, known)))
    return str(value)


def name_or_path(value: Any, file: str, key: str, wanted: str, error: type[CellModelError] = ParameterError) -> str:
    """Return a name or the text of a path: not blank, without a NUL, at most `LONGEST_NAME` characters."""
    text = os.fspath(value) if isinstance(value, os.PathLike) else value
    if not isinstance(text, str) or not text.strip() or "\0" in text or len(text) > LONGEST_NAME:
        raise error(Problem(file, key, found_text(value), wanted))
    return text


def existing_file(text: str | Path) -> Path | None:
    """Return the file of that path, None if there is none or the path is one that no file can have."""
    try:
        path = Path(text)
        return path if path.is_file() else None
    except (OSError, ValueError):
        return None


def names(value: Any, file: str, key: str, error: type[CellModelError] = ParameterError) -> tuple[str, ...]:
    """Return several names, from one text or an iterable of texts; a mapping is refused: its values would be lost."""
    if isinstance(value, str):
        return (value,)
    listed = list(value) if isinstance(value, Iterable) and not isinstance(value, Mapping | bytes) else None
    if listed is None or not all(isinstance(one, str) for one in listed):
        raise error(Problem(file, key, found_text(value), "a name, or a list of names"))
    return tuple(listed)


def mapping(value: Any, file: str, key: str, error: type[CellModelError] = ParameterError) -> dict[str, Any]:
    """Return a copy of a mapping from names to values, None as an empty one."""
    if value is None:
        return {}
    if not isinstance(value, Mapping) or not all(isinstance(one, str) for one in value):
        raise error(Problem(file, key, found_text(value), "a mapping from names to values"))
    return dict(value)


def parse_quantity(value: Any, unit: str, file: str = "value", key: str = "value") -> float:
    """Return text like "30 um", or a number in `unit` already, as a finite float in `unit` (SI, UDUNITS spelling).

    Examples
    --------
    >>> parse_quantity("2 h", "s")
    7200.0
    """
    return _quantity(value, unit, file, key)[0]


def parse_difference(value: Any, unit: str, file: str = "value", key: str = "value") -> float:
    """Return a difference such as "2 degC" as a float in `unit`: scales with zeros of their own lose them."""
    found, own = _quantity(value, unit, file, key)
    return found - (to_si(0.0, own, unit) if own else 0.0)


def _quantity(value: Any, unit: str, file: str, key: str) -> tuple[float, str]:
    """Return a number in `unit`, and the unit of the text it stood in; none if it was a number."""
    plain, finite = real(value), "a finite number" if unit == "1" else f"a finite number in {unit}"
    if plain is not None:
        return number(plain, file, key, finite), ""
    example = f"a number with a unit, such as '1 {unit}'" if unit != "1" else "a number"
    text = value.strip() if isinstance(value, str) and len(value) <= LONGEST_QUANTITY else ""
    match = _QUANTITY.match(text)
    if match is None:
        raise ParameterError(Problem(file, key, found_text(value), example))
    own = match.group(2) or "1"
    try:
        found = to_si(float(match.group(1)), own, unit)
    except ValueError:
        shown = "no unit" if own == "1" else f"unit '{own}'"
        wanted = f"{example} or one it converts from"
        raise ParameterError(Problem(file, key, f"{found_text(value)} ({shown})", wanted)) from None
    if not math.isfinite(found):
        raise ParameterError(Problem(file, key, found_text(value), finite))
    return found, own


def parse_c_rate(text: Any) -> float | None:
    """Return the C-rate [1] in text such as "C/10", "0.5C" or "2 C"; None if it is something else."""
    match = _C_RATE.match(text.strip()) if isinstance(text, str) and len(text) <= LONGEST_QUANTITY else None
    if match is None:
        return None
    top, bottom = float(match.group(1) or 1.0), float(match.group(2) or 1.0)
    return top / bottom if bottom else math.inf


def c_rate(value: Any, file: str = "run", key: str = "c_rate", error: type[CellModelError] = ParameterError) -> float:
    """Return the C-rate that a user gave as a number, or as text such as "C/10", "0.5C" or "0.5".

    Examples
    --------
    >>> c_rate("C/10")
    0.1
    """
    wanted = f"a rate above zero, such as 0.1 or 'C/10' ({LOWEST_RATE:g} to {HIGHEST_RATE:g})"
    found = real(value)
    if found is None and isinstance(value, str) and value.strip():
        found = parse_c_rate(value if "C" in value else f"{value} C")
    if found is None or not LOWEST_RATE <= found <= HIGHEST_RATE:
        raise error(Problem(file, key, found_text(value), wanted))
    return found


def wall_time(
    value: Any, file: str = "run", key: str = "time_limit", error: type[CellModelError] = ParameterError
) -> float:
    """Return the wall time [s] that a user gave: above zero, at most `LONGEST_RUN`; errors as of `c_rate`.

    Examples
    --------
    >>> wall_time("2 min")
    120.0
    """
    try:
        found = parse_quantity(value, "s", file, key)
    except ParameterError as wrong:
        raise error(wrong.problems) from None
    if not 0.0 < found <= LONGEST_RUN:
        raise error(Problem(file, key, found_text(value), f"a time above zero, at most {LONGEST_RUN:g} s"))
    return found


def quantities(
    value: Any,
    unit: str,
    file: str,
    key: str,
    wanted: str,
    bounds: tuple[float, float] = (-math.inf, math.inf),
    error: type[CellModelError] = ParameterError,
) -> tuple[float, ...]:
    """Return several numbers in one unit, at least one, each within bounds; a single one counts as a list of it."""
    several = listed(value)
    if not several:
        raise error(Problem(file, key, found_text(value), f"at least one number: {wanted}"))
    log = ProblemLog(file)
    found = [
        log.read(_within, one, unit, file, f"{key} {place}", wanted, bounds) for place, one in enumerate(several, 1)
    ]
    log.raise_any(error)
    return tuple(found)


def _within(value: Any, unit: str, file: str, key: str, wanted: str, bounds: tuple[float, float]) -> float:
    return number(parse_quantity(value, unit, file, key), file, key, wanted, bounds)


def listed(value: Any) -> list[Any] | None:
    """Return what several values are given in as a list, one text or number as a list of it; None if it is no list."""
    if isinstance(value, str) or real(value) is not None:
        return [value]
    if isinstance(value, bytes | bytearray | Mapping) or not isinstance(value, Iterable):
        return None
    try:
        return list(value)
    except TypeError:  # an array without dimensions
        return None
