"""One number of a cell in SI, with everything known about it; one function as form plus range; numbers set by users.

A record knows its path and source, not the other records. It knows no kind of set: each says what its names mean and
what follows from a change.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cellmodel.correlations import Correlation
from cellmodel.errors import ParameterError, Problem
from cellmodel.inputs import mapping, parse_quantity
from cellmodel.parameters.bounds import bounds_of, bounds_text
from cellmodel.parameters.kinds import PLATED
from cellmodel.units import number_text

AREAL_CAPACITY = "cell.positive_electrode.areal_capacity"
"""Accepted by `replace` of a cell: sets the thickness of what stores lithium to give this capacity [A.h.m-2]."""
_CAPACITY_UNIT = "A.h.m-2"


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
    seen, through : str
        What was seen of the source, and who reports it if that was second-hand.
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
    seen: str = ""
    through: str = ""

    @property
    def evidence(self) -> str:
        """What the value rests on: what was seen of its source, or "assumed", "setting", "computed" from others."""
        if self.status in ("assumed", "setting"):
            return self.status
        return self.seen or ("not told" if self.source else "computed")

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
    """One function: its form, the paths of its coefficients, the range in which it holds (SI), its frame if any."""

    path: str
    form: type[Correlation]
    coefficients: dict[str, str]
    valid: dict[str, tuple[float, float]]
    note: str = ""
    frame: str = ""


@dataclass(frozen=True)
class MaterialSet:
    """One whole alternative of what is known of a material: its numbers and functions by path, and how likely it is."""

    name: str
    description: str
    weight: float
    entries: Mapping[str, Record]
    functions: Mapping[str, FunctionRecord]


@dataclass(frozen=True)
class MaterialSets:
    """The sets of one material, of which one holds.

    Attributes
    ----------
    material : str
        Name of its file.
    sets : tuple of MaterialSet
        The set that the file itself states, then the others in the order of their weights.
    status, source, note : str
        What the weights rest on.
    """

    material: str
    sets: tuple[MaterialSet, ...]
    status: str
    source: str = ""
    note: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the sets."""
        return tuple(one.name for one in self.sets)

    @property
    def weights(self) -> dict[str, float]:
        """Probability of each set."""
        return {one.name: one.weight for one in self.sets}

    def __getitem__(self, name: str) -> MaterialSet:
        """Return the set of that name."""
        return next(one for one in self.sets if one.name == name)


def set_by_user(record: Record, number: float) -> Record:
    """Return a record with another value in its unit, whose source and distribution no longer apply."""
    return Record(record.path, number, record.unit, number_text(number, record.unit), "setting", note="set by the user")


def out_of_bounds(name: str, record: Record, number: float) -> Problem | None:
    """Return what is wrong with a new value of a number, None if it is physically possible."""
    low, high = bounds_of(record.path, record.unit)
    if low <= number <= high:
        return None
    wanted = bounds_text(record.path, low, high, record.unit, number)
    return Problem(name, record.path, number_text(number, record.unit), wanted)


def read_changes(
    name: str, values: Mapping[str, Any] | None, record_of: Callable[[str], Record]
) -> tuple[dict[str, float], list[Problem]]:
    """Return numbers that a user sets, in SI by full path without `AREAL_CAPACITY`, and all that is wrong in them.

    One number under two names is a problem, whatever the values; `record_of` raises for a name that is none.
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
    """Return the areal capacity [A.h.m-2] among some changes, None if there is none, and what is wrong in it.

    It decides the thicknesses, which must not be given as well.
    """
    if AREAL_CAPACITY not in values:
        return None, []
    wanted = "one of the two: the capacity sets the thickness"
    given = [path for path in thicknesses if path in values]
    problems = [Problem(name, AREAL_CAPACITY, f"a capacity and '{path}'", wanted) for path in given]
    try:
        capacity = parse_quantity(values[AREAL_CAPACITY], _CAPACITY_UNIT, name, AREAL_CAPACITY)
    except ParameterError as error:
        return None, problems + list(error.problems)
    if not capacity > 0.0:
        problems.append(Problem(name, AREAL_CAPACITY, f"{capacity:g} {_CAPACITY_UNIT}", "a capacity above zero"))
    return capacity, problems


def derived_thickness(name: str, record: Record, thickness: float, wanted: float) -> list[Problem]:
    """Return what is wrong with a thickness [m] that follows from an areal capacity [A.h.m-2]."""
    problem = out_of_bounds(name, record, thickness)
    if problem is None:
        return []
    found = f"{wanted:g} {_CAPACITY_UNIT}, for which '{record.path}' is {problem.found}"
    return [Problem(name, AREAL_CAPACITY, found, f"a thickness of {problem.wanted}")]


def build_correlations(
    functions: Mapping[str, FunctionRecord],
    values: Mapping[str, Any],
    known: Mapping[str, Correlation] | None = None,
) -> dict[str, Correlation]:
    """Return functions as frozen correlations by path, links (a diffusivity that follows the conductivity) resolved.

    Values are numbers or symbols by the path of a coefficient; functions that are known are taken as they are.
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
    """Return the paths of the numbers that enter each function, directly or through another function."""

    def used(path: str) -> frozenset[str]:
        record = functions[path]
        return frozenset(record.coefficients.values()).union(*map(used, record.form.links.values()))

    return {path: used(path) for path in functions}


def plated_lithium(name: str, made: float, charged: float, sites: float, volume: float) -> Record:
    """Return the lithium that the first charge plates between two stoichiometries [m]; sites [mol.m-2], [m3.mol-1]."""
    if not made > charged:
        wanted = f"more than {charged:.3g}: what is plated comes from the cathode"
        raise ParameterError(Problem(name, "electrode.stoichiometry_as_made", f"{made:g}", wanted))
    thickness = float((made - charged) * sites * volume)
    note = "what the first charge plates from the cathode as made"
    return Record(PLATED, thickness, "m", f"{thickness:g} m", "derived", note=note)
