"""One number of a cell in SI, with everything known about it, and one function as form plus range.

The conversion from the printed value happens here, once.  A record knows its path and source, not
the other records.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cellmodel.correlations import FORMS, Correlation
from cellmodel.errors import Problem, choices
from cellmodel.parameters.schema import Coefficient, Function, Reference, Scalar, Uncertainty
from cellmodel.quantities import QUANTITIES, Quantity
from cellmodel.units import to_si

DEFAULT_FACTOR = 2.0
"""One-sigma factor of the log-normal distribution of an assumed value that states none."""
ARGUMENT_RANGES = ("concentration", "temperature", "stoichiometry")
"""Arguments for which a function has to state the range in which it holds."""


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
        With the bounds of the table of quantities.
    """
    quantity = QUANTITIES.get(record.path) or QUANTITIES.get(record.path.removesuffix(".value"))
    if quantity is None or quantity.bounds[0] <= number <= quantity.bounds[1]:
        return None
    wanted = f"{quantity.bounds[0]:g} to {quantity.bounds[1]:g} {quantity.unit}"
    return Problem(name, record.path, f"{number:g} {record.unit}", wanted)


class Reader:
    """Turns checked entries of one file into records, collecting problems instead of stopping.

    Parameters
    ----------
    file : str
        Name for messages.
    references : dict of str to Reference
        The library's references.
    problems : list of Problem
        Extended in place.
    """

    def __init__(self, file: str, references: dict[str, Reference], problems: list[Problem]) -> None:
        self.file, self.references, self.problems = file, references, problems
        self.records: dict[str, Record] = {}
        self.functions: dict[str, FunctionRecord] = {}

    def scalar(self, key: str, path: str, entry: Scalar, quantity: Quantity) -> None:
        """Add the number of one scalar entry, converted and held against its bounds."""
        if quantity.arguments:
            self._problem(key, "a number", "a function: give it a form ('constant' for a number)")
            return
        self._add(key, path, entry, entry, quantity.unit, quantity.bounds)

    def function(self, key: str, path: str, entry: Function, quantity: Quantity) -> None:
        """Add a function and its coefficients, checking form, names, units and ranges."""
        form = FORMS.get(entry.form)
        if form is None:
            self._problem(f"{key}.form", f"'{entry.form}'", choices(entry.form, FORMS))
            return
        if not quantity.arguments:
            self._problem(key, "a form", "a number with value and unit")
            return
        paths = {name: f"{path}.{name}" for name in form.units}
        for name in entry.coefficients.keys() - form.units.keys():
            self._problem(f"{key}.coefficients.{name}", "a coefficient the form has not", choices(name, form.units))
        for name, template in form.units.items():
            unit = _substitute(template, quantity.unit)
            coefficient = entry.coefficients.get(name)
            if coefficient is not None:
                self._add(f"{key}.coefficients.{name}", paths[name], coefficient, entry, unit)
            elif name in form.optional:
                value = form.optional[name]
                self.records[paths[name]] = Record(paths[name], value, unit, f"{value:g} {unit}", "setting")
            else:
                self._problem(f"{key}.coefficients", "nothing", f"'{name}' [{unit}] for form '{entry.form}'")
        self._ranges(key, entry, form, quantity)
        self.functions[path] = FunctionRecord(path, form, paths, dict(entry.valid or {}), entry.note or "")

    def _ranges(self, key: str, entry: Function, form: type[Correlation], quantity: Quantity) -> None:
        given = entry.valid or {}
        wanted = {name for name in form.arguments if name in ARGUMENT_RANGES and name in quantity.arguments}
        for name in sorted(wanted - given.keys()):
            self._problem(f"{key}.valid", f"no range of {name}", f"{name} = [lowest, highest] in SI units")
        for name in sorted(given.keys() - set(ARGUMENT_RANGES)):
            self._problem(f"{key}.valid.{name}", "a range of that name", choices(name, ARGUMENT_RANGES))
        for name, (low, high) in given.items():
            if low > high:
                self._problem(f"{key}.valid.{name}", f"[{low:g}, {high:g}]", "the lowest value first")

    def _add(
        self,
        key: str,
        path: str,
        part: Scalar | Coefficient,
        entry: Scalar | Function,
        unit: str,
        bounds: tuple[float, float] | None = None,
    ) -> None:
        try:
            value = to_si(part.value, part.unit, unit)
        except ValueError:
            self._problem(f"{key}.unit", f"'{part.unit}'", f"a unit that converts to {unit}")
            return
        if bounds is not None and not bounds[0] <= value <= bounds[1]:
            self._problem(f"{key}.value", f"{part.value:g} {part.unit}", f"{bounds[0]:g} to {bounds[1]:g} {unit}")
        source = part.source or entry.source or ""
        if source and source not in self.references:
            self._problem(f"{key}.source", f"'{source}'", choices(source, self.references))
        status = part.status or entry.status
        distribution, spread = self._distribution(part, unit, status)
        reference = self.references.get(source)
        self.records[path] = Record(
            path=path,
            value=value,
            unit=unit,
            printed=f"{part.value:g} {part.unit}" if part.unit != "1" else f"{part.value:g}",
            status=status,
            distribution=distribution,
            spread=spread,
            source=source,
            doi=(reference.doi or "") if reference else "",
            locator=part.locator or entry.locator or "",
            note=part.note or entry.note or "",
        )

    @staticmethod
    def _distribution(part: Scalar | Coefficient, unit: str, status: str) -> tuple[str, tuple[float, ...]]:
        stated = part.uncertainty
        factor = abs(to_si(1.0, part.unit, unit) - to_si(0.0, part.unit, unit))
        if stated is None:
            return ("lognormal", (DEFAULT_FACTOR,)) if status == "assumed" else ("", ())
        if isinstance(stated, Uncertainty):
            if stated.distribution == "lognormal":
                return "lognormal", (float(stated.factor or 1.0),)
            if stated.distribution == "uniform":
                low, high = float(stated.low or 0.0), float(stated.high or 0.0)
                return "uniform", (to_si(low, part.unit, unit), to_si(high, part.unit, unit))
            return "normal", (float(stated.standard_deviation or 0.0) * factor,)
        return "normal", (stated * factor,)

    def _problem(self, key: str, found: str, wanted: str) -> None:
        self.problems.append(Problem(self.file, key, found, wanted))


def _substitute(template: str, unit: str) -> str:
    """Return the unit of a coefficient: the template with the quantity's unit in it, without a bare 1."""
    if "{unit}" not in template:
        return template
    rest = template.replace("{unit}", "").strip(".")
    if unit == "1":
        return rest or "1"
    return f"{unit}.{rest}" if rest else unit


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
