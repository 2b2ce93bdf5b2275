"""What a parameter file may say: strict, frozen schemas, and one message with every problem of a file.

Values are kept as printed in their source; conversion to SI happens in `cellmodel.parameters.records`.
The schemas know the table of quantities and the registry of forms, not where files are.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, Any, Literal

import pydantic

from cellmodel.errors import Problem, found_text
from cellmodel.schemas import Strict, Text, listed_as_tuple, validate

Status = Literal["measured", "fitted", "literature", "derived", "assumed", "setting"]
KINDS = ("electrolyte", "electrode", "interface", "cell", "format", "vehicle")
"""What a file may describe; the folders are these words in the plural."""


Range = Annotated[tuple[float, float], listed_as_tuple]


class Uncertainty(Strict):
    """Distribution of a value: normal (standard_deviation), lognormal (factor) or uniform (low, high)."""

    distribution: Literal["normal", "lognormal", "uniform"]
    standard_deviation: float | None = None
    factor: float | None = None
    low: float | None = None
    high: float | None = None

    @pydantic.model_validator(mode="after")
    def _complete(self) -> Uncertainty:
        wanted = {"normal": ("standard_deviation",), "lognormal": ("factor",), "uniform": ("low", "high")}
        names = wanted[self.distribution]
        given = tuple(k for k in ("standard_deviation", "factor", "low", "high") if getattr(self, k) is not None)
        if given != names:
            raise ValueError(f"a {self.distribution} distribution with {' and '.join(names)} only")
        return self


class Provenance(Strict):
    """Where a value comes from."""

    status: Status
    source: Text | None = None
    locator: Text | None = None
    note: Text | None = None


class Coefficient(Strict):
    """One number of a functional form; what is left out is inherited from the form's entry."""

    value: float
    unit: Text
    uncertainty: float | Uncertainty | None = None
    status: Status | None = None
    source: Text | None = None
    locator: Text | None = None
    note: Text | None = None


class Scalar(Provenance):
    """A number as printed, with its unit."""

    value: float
    unit: Text
    uncertainty: float | Uncertainty | None = None


class Function(Provenance):
    """A functional form with its coefficients and the range in which it holds."""

    form: Text
    valid: dict[str, Range] | None = None
    coefficients: dict[str, Coefficient] = pydantic.Field(default={})


class WrittenNumber(Strict):
    """A number of a written cell, in SI: a `Record` without its path."""

    model_config = pydantic.ConfigDict(allow_inf_nan=True)  # minus infinity: a polynomial without a floor

    value: float
    unit: Text
    printed: Text
    status: Status
    distribution: Literal["normal", "lognormal", "uniform", ""] = ""
    spread: Annotated[tuple[float, ...], listed_as_tuple] = ()
    source: str = ""
    doi: str = ""
    locator: str = ""
    note: str = ""

    @pydantic.model_validator(mode="after")
    def _complete(self) -> WrittenNumber:
        if len(self.spread) != {"": 0, "uniform": 2}.get(self.distribution, 1):
            raise ValueError("a distribution with its spread: one number, or two of a uniform one")
        return self


class WrittenFunction(Strict):
    """A function of a written cell: its form and where it holds."""

    form: Text
    valid: dict[str, Range] | None = None
    note: str = ""


class Reference(Strict):
    """One entry of references.toml."""

    authors: Text
    title: Text
    year: int
    journal: Text | None = None
    doi: Text | None = None
    note: Text | None = None


def parse_entry(file: str, key: str, table: Any, problems: list[Problem]) -> Scalar | Function | None:
    """Return one entry of a file, or None after adding what is wrong to `problems`.

    Parameters
    ----------
    file, key : str
        Where the entry stands.
    table : object
        What stands there.
    problems : list of Problem
        Extended in place, so that one message can carry all of them.

    Returns
    -------
    Scalar or Function or None
        The entry as printed.
    """
    if not isinstance(table, Mapping):
        problems.append(Problem(file, key, found_text(table), "a table with value and unit, or with a form"))
        return None
    schema: type[Scalar] | type[Function] = Function if "form" in table else Scalar
    entry = validate(schema, table, file, key, problems)
    if entry is not None:
        _check_provenance(file, key, entry, problems)
    return entry


def _check_provenance(file: str, key: str, entry: Scalar | Function, problems: list[Problem]) -> None:
    """Add to `problems` every value without a source, a reason or a distribution."""
    parts: list[tuple[str, Scalar | Function | Coefficient]] = [(key, entry)]
    if isinstance(entry, Function):
        parts += [(f"{key}.coefficients.{name}", value) for name, value in entry.coefficients.items()]
    for where, part in parts:
        status = part.status or entry.status
        source = part.source or entry.source
        note = part.note or entry.note
        if status in ("measured", "fitted", "literature", "derived") and not source:
            problems.append(Problem(file, where, f"status '{status}' without source", "a key of references.toml"))
        if status in ("assumed", "derived") and not note:
            problems.append(Problem(file, where, f"status '{status}' without note", "a note that says why"))
        if isinstance(part, Function):
            continue
        if not math.isfinite(part.value):
            problems.append(Problem(file, where, repr(part.value), "a finite number"))
        if status == "assumed" and part.uncertainty is None and part.value <= 0.0:
            wanted = "an explicit uncertainty (the default, lognormal factor 2, needs a positive value)"
            problems.append(Problem(file, where, f"assumed value {part.value}", wanted))
