"""What a parameter file may say: strict, frozen schemas, and one message with every problem of a file.

Values are kept as printed in their source; conversion to SI happens in `cellmodel.parameters.records`.
The schemas know the table of quantities and the registry of forms, not where files are.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, Any, Literal

import pydantic

from cellmodel.errors import Problem, choices, found_text

Status = Literal["measured", "fitted", "literature", "derived", "assumed", "setting"]
KINDS = ("electrolyte", "electrode", "interface", "cell", "format", "vehicle")
"""What a file may describe; the folders are these words in the plural."""


class _Strict(pydantic.BaseModel):
    """A table whose values are of the kind stated: no text or true for a number, no number for a text."""

    model_config = pydantic.ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, strict=True)


def is_text(value: Any) -> bool:
    """Return whether a value is text that can be shown: not blank, not too long, without control characters."""
    if not isinstance(value, str) or not value.strip() or len(value) > LONGEST_TEXT:
        return False
    return all(character.isprintable() or character in "\n\t" for character in value)


def _is_written(text: str) -> str:
    if not is_text(text):
        raise ValueError(f"a text of 1 to {LONGEST_TEXT} visible characters")
    return text


LONGEST_TEXT = 4000
"""Characters of a note, a source or a description."""
Text = Annotated[str, pydantic.AfterValidator(_is_written)]
Range = Annotated[tuple[float, float], pydantic.BeforeValidator(lambda value: _pair(value))]


def _pair(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value  # TOML has arrays only


class Uncertainty(_Strict):
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


class Provenance(_Strict):
    """Where a value comes from."""

    status: Status
    source: Text | None = None
    locator: Text | None = None
    note: Text | None = None


class Coefficient(_Strict):
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
    coefficients: dict[str, Coefficient] = {}


class WrittenNumber(_Strict):
    """A number of a written cell, in SI: a `Record` without its path."""

    model_config = pydantic.ConfigDict(allow_inf_nan=True)  # minus infinity: a polynomial without a floor

    value: float
    unit: Text
    printed: Text
    status: Status
    distribution: Literal["normal", "lognormal", "uniform", ""] = ""
    spread: Annotated[tuple[float, ...], pydantic.BeforeValidator(lambda value: _pair(value))] = ()
    source: str = ""
    doi: str = ""
    locator: str = ""
    note: str = ""

    @pydantic.model_validator(mode="after")
    def _complete(self) -> WrittenNumber:
        if len(self.spread) != {"": 0, "uniform": 2}.get(self.distribution, 1):
            raise ValueError("a distribution with its spread: one number, or two of a uniform one")
        return self


class WrittenFunction(_Strict):
    """A function of a written cell: its form and where it holds."""

    form: Text
    valid: dict[str, Range] | None = None
    note: str = ""


class Reference(_Strict):
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
    try:
        entry = schema.model_validate(dict(table))
    except pydantic.ValidationError as error:
        problems.extend(translate(file, key, error, schema))
        return None
    _check_provenance(file, key, entry, problems)
    return entry


def translate(file: str, key: str, error: pydantic.ValidationError, schema: type[pydantic.BaseModel]) -> list[Problem]:
    """Return pydantic's complaints as Problems, with the nearest name for each unknown key.

    Parameters
    ----------
    file, key : str
        Where the table stands.
    error : pydantic.ValidationError
        What pydantic found.
    schema : type
        The schema that was not met.

    Returns
    -------
    list of Problem
        One per complaint.
    """
    problems = []
    for detail in error.errors():
        where = ".".join([key, *(str(part) for part in detail["loc"])]).strip(".")
        found, wanted = found_text(detail["input"]), detail["msg"].removeprefix("Value error, ")
        if detail["type"] == "extra_forbidden":
            known = Coefficient.model_fields if "coefficients" in detail["loc"] else schema.model_fields
            found, wanted = "a key that is not known here", choices(str(detail["loc"][-1]), known)
        elif detail["type"] == "missing":
            found = "nothing"
            wanted = f"'{detail['loc'][-1]}'"
        problems.append(Problem(file, where, found, wanted))
    return problems


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
