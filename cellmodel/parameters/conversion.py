"""From the entries of one file to records: SI units, bounds, ranges, sources and distributions, once.

It knows no other file and no cell as a whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from cellmodel.correlations import FORMS, Correlation
from cellmodel.errors import Problem, choices, found_text
from cellmodel.parameters.bounds import RANGES, bounds_of, bounds_text
from cellmodel.parameters.distributions import uncertainty_problem
from cellmodel.parameters.kinds import CellKind
from cellmodel.parameters.records import FunctionRecord, MaterialSets, Record
from cellmodel.parameters.schema import (
    RANGE_UNITS,
    Function,
    Number,
    Range,
    Sets,
    Uncertainty,
    forms_of,
)
from cellmodel.parameters.sources import Reference, lacking, origin
from cellmodel.quantities import Quantity
from cellmodel.units import number_text, range_text, to_si

DEFAULT_FACTOR = 2.0
"""One-sigma factor of the log-normal distribution of an assumed value that states none."""
_SAME = 1e-6  # relative; unit conversion moves a number by less


@dataclass(frozen=True, eq=False)
class CellContents:
    """What all files of a cell say together: the fields of a `Cell`, not checked against each other."""

    name: str
    description: str
    materials: Mapping[str, str]
    entries: Mapping[str, Record]
    functions: Mapping[str, FunctionRecord]
    kind: CellKind
    sets: Mapping[str, MaterialSets]


@dataclass
class FileContents:
    """What one file says: numbers and functions by full path, in SI, and everything that is wrong in it.

    Attributes
    ----------
    file : str
        Folder and name, for messages.
    references : mapping of str to Reference
        The bibliography; empty for a file that carries all it needs, where nothing is inherited.
    problems : list of Problem
        Collected, not raised.
    records, functions : dict
        By full path, in SI.
    name, description : str
        Of the file, and of the variant that was asked for.
    named : dict of str to str
        What the file names by role: the materials of a cell.
    """

    file: str
    references: Mapping[str, Reference]
    problems: list[Problem] = field(default_factory=list)
    records: dict[str, Record] = field(default_factory=dict)
    functions: dict[str, FunctionRecord] = field(default_factory=dict)
    name: str = ""
    description: str = ""
    named: dict[str, str] = field(default_factory=dict)

    def tell(self, key: str, found: str, wanted: str) -> None:
        """Add a problem of this file."""
        self.problems.append(Problem(self.file, key, found, wanted))

    def add(self, path: str, entry: Number | Function, quantity: Quantity) -> None:
        """Add one entry, checked for sources, form, names, units, bounds and ranges."""
        self.check_source(path, entry, entry)
        if isinstance(entry, Number):
            self._add_number(path, path, entry, entry, quantity.unit)
            return
        forms = forms_of(quantity)
        form = forms.get(entry.form)
        if form is None:
            known = f"a form of {', '.join(quantity.arguments)}: " if entry.form in FORMS else ""
            self.tell(f"{path}.form", found_text(entry.form), known + choices(entry.form, forms))
            return
        units = form.coefficient_units(quantity.unit)
        key = f"{path}.coefficients"
        for name in entry.coefficients.keys() - units.keys():
            self.tell(f"{key}.{name}", "a coefficient the form has not", choices(name, units))
        for name, unit in units.items():
            where = f"{path}.{name}"
            if name in entry.coefficients:
                self._add_number(f"{key}.{name}", where, entry.coefficients[name], entry, unit)
            elif name in form.optional:
                value = form.optional[name]
                self.records[where] = Record(where, value, unit, number_text(value, unit), "setting")
            else:
                self.tell(key, "nothing", f"'{name}' [{unit}] for form '{entry.form}'")
        self._check_order(path, form)
        paths = {name: f"{path}.{name}" for name in units} | form.shared
        ranges = self._ranges(path, entry, form)
        self.functions[path] = FunctionRecord(path, form, paths, ranges, entry.note or "", entry.frame or "")

    def check_source(self, key: str, part: Number | Function | Sets, entry: Number | Function | Sets) -> None:
        """Tell what a value lacks of status, source and reason; a coefficient inherits those of its function."""
        if not self.references:
            return
        for below, found, wanted in lacking(origin(part, entry, self.references), self.references):
            self.tell(".".join(filter(None, (key, below))), found, wanted)

    def _add_number(self, key: str, path: str, part: Number, entry: Number | Function, unit: str) -> None:
        """Add a number, converted and held against its bounds."""
        if part is not entry and part.model_fields_set & {"status", "source", "seen", "through"}:
            self.check_source(key, part, entry)
        try:
            value = to_si(part.value, part.unit, unit)
        except ValueError:
            self.tell(f"{key}.unit", found_text(part.unit), f"a unit that converts to {unit}")
            return
        low, high = bounds_of(path, unit)
        if not low <= value <= high:  # also if a unit makes it infinite
            self.tell(f"{key}.value", number_text(part.value, part.unit), bounds_text(path, low, high, unit, value))
            return
        known = origin(part, entry, self.references)
        distribution, spread = _distribution(part, unit, known.status)
        reference = self.references.get(known.source)
        self.records[path] = Record(
            path=path,
            value=value,
            unit=unit,
            printed=part.printed or number_text(part.value, part.unit),
            status=known.status,
            distribution=distribution,
            spread=spread,
            source=known.source,
            doi=(reference.doi if reference else part.doi) or "",
            locator=known.locator,
            note=known.note if self.references else part.note or "",
            seen=known.seen,
            through=known.through,
        )
        wrong = uncertainty_problem(self.records[path])
        if wrong:
            wanted = "a distribution within the bounds that contains the value"
            self.tell(
                f"{key}.uncertainty", wrong if part.uncertainty is not None else f"none, which is {wrong}", wanted
            )

    def _check_order(self, path: str, form: type[Correlation]) -> None:
        """Hold "lower_x" below "upper_x", for every x of which a form has both."""
        for name in form.units:
            upper = name.replace("lower_", "upper_", 1)
            low, high = (self.records.get(f"{path}.{one}") for one in (name, upper))
            if upper != name and low and high and not low.value < high.value:
                found = f"{number_text(low.value, low.unit)}, {upper} {number_text(high.value, high.unit)}"
                self.tell(f"{path}.coefficients.{name}", found, "lower below upper")

    def _ranges(self, path: str, entry: Function, form: type[Correlation]) -> dict[str, tuple[float, float]]:
        """Return the ranges in which a function is said to hold, in SI."""
        ranges: dict[str, tuple[float, float]] = {}
        for name, unit in RANGE_UNITS.items():
            stated: Range | None = getattr(entry.valid, name)
            if stated is None and name in form.arguments:
                wanted = f"{name} = {{ low = lowest, high = highest, unit = '{unit}' }}"
                self.tell(f"{path}.valid", f"no range of {name}", wanted)
            if stated is None:
                continue
            try:
                low, high = to_si(stated.low, stated.unit, unit), to_si(stated.high, stated.unit, unit)
            except ValueError:
                self.tell(f"{path}.valid.{name}.unit", found_text(stated.unit), f"a unit that converts to {unit}")
                continue
            wrong = self._wrong_range(path, name, low, high)
            if wrong:
                self.tell(f"{path}.valid.{name}", range_text(stated.low, stated.high, stated.unit), wrong)
            else:
                ranges[name] = low, high
        return ranges

    def _wrong_range(self, path: str, name: str, low: float, high: float) -> str:
        """Return what is wanted instead of a range that no material, or not this form, has."""
        least, most = RANGES[name]
        if low > high:
            return "the lowest value first"
        if low == high and name != "temperature":  # data of one temperature are common, of one salt content none
            return "a lowest value below the highest"
        if not least <= low <= high <= most:
            return f"a range within {range_text(least, most, RANGE_UNITS[name])}"
        lowest, highest = (self.records.get(f"{path}.{end}_concentration") for end in ("lower", "upper"))
        below = lowest is not None and low < lowest.value * (1.0 - _SAME)
        above = highest is not None and high > highest.value * (1.0 + _SAME)
        if name != "concentration" or not (below or above):
            return ""
        ends = " to ".join(f"{end.value:g}" for end in (lowest, highest) if end is not None)
        return f"a range within that of the coefficients ({ends} mol.m-3), beyond which the form is constant"


def _distribution(part: Number, unit: str, status: str) -> tuple[str, tuple[float, ...]]:
    """Return the distribution of a number with its spread in SI."""
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
