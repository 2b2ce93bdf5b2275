"""From the entries of one file to records: conversion to SI, bounds, ranges, sources and distributions.

The conversion from the printed value happens here, once. It knows no other file.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from cellmodel.correlations import FORMS, Correlation
from cellmodel.errors import Problem, choices, found_text
from cellmodel.parameters.bounds import RANGES, bounds_of
from cellmodel.parameters.distributions import uncertainty_problem
from cellmodel.parameters.records import FunctionRecord, Record
from cellmodel.parameters.schema import Coefficient, Function, Reference, Scalar, Uncertainty
from cellmodel.quantities import Quantity
from cellmodel.units import to_si

DEFAULT_FACTOR = 2.0
"""One-sigma factor of the log-normal distribution of an assumed value that states none."""
_SAME = 1e-6  # relative; unit conversion moves a number by less
_UNITS = {"temperature": "K", "concentration": "mol.m-3", "stoichiometry": "1"}


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
        self._add(key, path, entry, entry, quantity.unit)

    def function(self, key: str, path: str, entry: Function, quantity: Quantity) -> None:
        """Add a function and its coefficients, checking form, names, units and ranges."""
        form = FORMS.get(entry.form)
        if form is None:
            self._problem(f"{key}.form", found_text(entry.form), choices(entry.form, FORMS))
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
        self._order(key, paths, form)
        self._ranges(key, entry, form, quantity)
        self._held(key, entry, paths)
        self.functions[path] = FunctionRecord(path, form, paths, dict(entry.valid or {}), entry.note or "")

    def _order(self, key: str, paths: dict[str, str], form: type[Correlation]) -> None:
        """Hold "lower_x" below "upper_x", for every x of which a form has both."""
        for name in form.units:
            upper = name.replace("lower_", "upper_", 1)
            low, high = (self.records.get(paths.get(one, "")) for one in (name, upper))
            if upper != name and low and high and not low.value < high.value:
                found = f"{low.value:g} {low.unit}, {upper} {high.value:g} {high.unit}"
                self._problem(f"{key}.coefficients.{name}", found, "lower below upper")

    def _held(self, key: str, entry: Function, paths: dict[str, str]) -> None:
        """Hold the concentrations for which a function is said to hold within those where its form follows them."""
        low, high = (entry.valid or {}).get("concentration", (math.inf, -math.inf))
        lowest, highest = (self.records.get(paths.get(f"{end}_concentration", "")) for end in ("lower", "upper"))
        beyond = (lowest is not None and low < lowest.value * (1.0 - _SAME)) or (
            highest is not None and high > highest.value * (1.0 + _SAME)
        )
        if beyond:
            ends = " to ".join(f"{end.value:g}" for end in (lowest, highest) if end is not None)
            wanted = f"a range within that of the coefficients ({ends} mol.m-3), beyond which the form is constant"
            self._problem(f"{key}.valid.concentration", f"[{low:g}, {high:g}]", wanted)

    def _ranges(self, key: str, entry: Function, form: type[Correlation], quantity: Quantity) -> None:
        given = entry.valid or {}
        wanted = {name for name in form.arguments if name in RANGES and name in quantity.arguments}
        for name in sorted(wanted - given.keys()):
            self._problem(f"{key}.valid", f"no range of {name}", f"{name} = [lowest, highest] in SI units")
        for name in sorted(given.keys() - RANGES.keys()):
            self._problem(f"{key}.valid.{name}", "a range of that name", choices(name, RANGES))
        for name, (low, high) in given.items():
            least, most = RANGES.get(name, (low, high))
            if low > high:
                self._problem(f"{key}.valid.{name}", f"[{low:g}, {high:g}]", "the lowest value first")
            elif low == high and name != "temperature":  # data of one temperature are common, of one salt content none
                self._problem(f"{key}.valid.{name}", f"[{low:g}, {high:g}]", "a lowest value below the highest")
            elif not least <= low <= high <= most:
                wanted_range = f"a range within {least:g} to {most:g} {_UNITS[name]}"
                self._problem(f"{key}.valid.{name}", f"[{low:g}, {high:g}]", wanted_range)

    def _add(self, key: str, path: str, part: Scalar | Coefficient, entry: Scalar | Function, unit: str) -> None:
        try:
            value = to_si(part.value, part.unit, unit)
        except ValueError:
            self._problem(f"{key}.unit", found_text(part.unit), f"a unit that converts to {unit}")
            return
        low, high = bounds_of(path, unit)
        if not low <= value <= high:  # also if a unit makes it infinite
            self._problem(f"{key}.value", f"{part.value:g} {part.unit}", f"{low:g} to {high:g} {unit}")
            return
        source = part.source or entry.source or ""
        if source and source not in self.references:
            self._problem(f"{key}.source", found_text(source), choices(source, self.references))
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
        wrong = uncertainty_problem(self.records[path])
        if wrong:
            wanted = "a distribution within the bounds that contains the value"
            stated = part.uncertainty is not None
            self._problem(f"{key}.uncertainty", wrong if stated else f"none, which is {wrong}", wanted)

    @staticmethod
    def _distribution(part: Scalar | Coefficient, unit: str, status: str) -> tuple[str, tuple[float, ...]]:
        stated = part.uncertainty
        factor = abs(to_si(1.0, part.unit, unit) - to_si(0.0, part.unit, unit))
        if stated is None:
            return ("lognormal", (DEFAULT_FACTOR,)) if status == "assumed" else ("", ())
        if not isinstance(stated, Uncertainty):
            return "normal", (stated * factor,)
        if stated.factor is not None:
            return "lognormal", (stated.factor,)
        if stated.low is not None and stated.high is not None:
            return "uniform", (to_si(stated.low, part.unit, unit), to_si(stated.high, part.unit, unit))
        return "normal", ((stated.standard_deviation or 0.0) * factor,)

    def _problem(self, key: str, found: str, wanted: str) -> None:
        self.problems.append(Problem(self.file, key, found, wanted))


def unit_of(path: str, known: Mapping[str, Quantity], template: str = "{unit}") -> str:
    """Return the SI unit of a quantity, or of a coefficient of its form.

    Parameters
    ----------
    path : str
        Of the quantity.
    known : mapping of str to Quantity
        The table.
    template : str, optional
        Unit of the coefficient, with "{unit}" for that of the quantity.

    Returns
    -------
    str
        UDUNITS spelling.
    """
    return _substitute(template, known[path].unit)


def _substitute(template: str, unit: str) -> str:
    """Return the unit of a coefficient: the template with the quantity's unit in it, without a bare 1."""
    if "{unit}" not in template:
        return template
    rest = template.replace("{unit}", "").strip(".")
    if unit == "1":
        return rest or "1"
    return f"{unit}.{rest}" if rest else unit
