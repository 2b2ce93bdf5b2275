"""One number of a cell in SI, with everything known about it, and one function as form plus range.

A record knows its path and source, not the other records.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cellmodel.correlations import Correlation
from cellmodel.errors import Problem
from cellmodel.parameters.bounds import bounds_of


@dataclass(frozen=True)
class Record:
    """One number.

    Attributes
    ----------
    path : str
        Dotted name.
    value : float
        In SI.
    unit : str
        SI unit.
    printed : str
        Value and unit as printed in the source.
    status : str
        measured, fitted, literature, derived, assumed or setting.
    distribution : str
        "normal", "lognormal", "uniform", or "" if none is stated.
    spread : tuple of float
        (standard deviation,), (factor,) or (low, high), in SI.
    source, doi, locator, note : str
        Empty where not stated.
    """

    path: str
    value: float
    unit: str
    printed: str
    status: str
    distribution: str = ""
    spread: tuple[float, ...] = ()
    source: str = ""
    doi: str = ""
    locator: str = ""
    note: str = ""

    @property
    def uncertainty(self) -> str:
        """The distribution in words, for tables."""
        if self.distribution == "normal":
            return f"± {self.spread[0]:.3g}"
        if self.distribution == "lognormal":
            return f"×/÷ {self.spread[0]:.3g}"
        if self.distribution == "uniform":
            return f"{self.spread[0]:.3g} to {self.spread[1]:.3g}"
        return ""


@dataclass(frozen=True)
class FunctionRecord:
    """One function: its form, the paths of its coefficients and the range in which it holds (SI)."""

    path: str
    form: type[Correlation]
    coefficients: dict[str, str]
    valid: dict[str, tuple[float, float]]
    note: str = ""


def set_by_user(record: Record, number: float) -> Record:
    """Return the record with another value, whose source and distribution no longer apply.

    Parameters
    ----------
    record : Record
        The number as it was.
    number : float
        Its new value, in the unit of the record.

    Returns
    -------
    Record
        With status "setting".
    """
    return Record(record.path, number, record.unit, f"{number:g} {record.unit}", "setting", note="set by the user")


def out_of_bounds(name: str, record: Record, number: float) -> Problem | None:
    """Return what is wrong with a new value of a number, None if it is physically possible.

    Parameters
    ----------
    name : str
        Where the number stands, for the message.
    record : Record
        The number as it was.
    number : float
        Its new value, in the unit of the record.

    Returns
    -------
    Problem or None
        With the bounds of `bounds_of`.
    """
    low, high = bounds_of(record.path, record.unit)
    if low <= number <= high:
        return None
    return Problem(name, record.path, f"{number:g} {record.unit}", f"{low:g} to {high:g} {record.unit}")


def build_correlations(
    functions: Mapping[str, FunctionRecord],
    values: Mapping[str, Any],
    known: Mapping[str, Correlation] | None = None,
) -> dict[str, Correlation]:
    """Return every function of a cell as a frozen correlation, links included.

    Parameters
    ----------
    functions : mapping of str to FunctionRecord
        The functions by path.
    values : mapping of str to float or symbol
        SI value (or PyBaMM input) of every coefficient path.
    known : mapping of str to Correlation, optional
        Functions that are built already and taken as they are.

    Returns
    -------
    dict of str to Correlation
        By path.  Links (a diffusivity that follows the conductivity) are resolved first.
    """
    built: dict[str, Correlation] = dict(known or {})

    def build(path: str) -> Correlation:
        if path not in built:
            record = functions[path]
            links = {field: build(target) for field, target in record.form.links.items()}
            coefficients = {name: values[where] for name, where in record.coefficients.items()}
            built[path] = record.form(**coefficients, **links)
        return built[path]

    return {path: build(path) for path in functions}


def numbers_used(functions: Mapping[str, FunctionRecord]) -> dict[str, frozenset[str]]:
    """Return which numbers enter each function, directly or through another function.

    Parameters
    ----------
    functions : mapping of str to FunctionRecord
        The functions by path.

    Returns
    -------
    dict of str to frozenset of str
        Path of the function -> paths of its coefficients and of those of its links.
    """

    def used(path: str) -> frozenset[str]:
        record = functions[path]
        return frozenset(record.coefficients.values()).union(*map(used, record.form.links.values()))

    return {path: used(path) for path in functions}
