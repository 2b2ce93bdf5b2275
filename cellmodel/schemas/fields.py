"""Kinds of values in files: text, a number with its unit, a rate, words, each read as the same value in Python is.

It knows no key by name; the reading itself stands in `cellmodel.inputs`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Annotated, Any

import pydantic
from pydantic_core import CoreSchema, core_schema

from cellmodel import inputs
from cellmodel.errors import CellModelError, ParameterError, Problem, choices, found_text
from cellmodel.schemas.tables import FieldError

LONGEST_TEXT = 4000
"""Characters of a note, a source or a description."""


@dataclass(frozen=True)
class Read:
    """Annotation of a field that a function turns into its value, or refuses with Problems.

    Attributes
    ----------
    function : callable
        Takes the value; raises CellModelError.
    wanted : str
        What is wanted where the key is missing.
    json : mapping
        JSON Schema of the value as it stands in the file.
    """

    function: Callable[[Any], Any]
    wanted: str = "a value"
    json: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self._value)

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> dict[str, Any]:
        return dict(self.json)

    def _value(self, value: Any) -> Any:
        try:
            return self.function(value)
        except CellModelError as error:
            raise FieldError(error) from None


def with_unit(value: Any, unit: str, file: str = "", key: str = "") -> float:
    """Return text such as "60 degC" as a number in `unit`; a bare number is refused unless `unit` is "1".

    Raises
    ------
    ParameterError
        No number with a unit that converts, or not finite.
    """
    bare = inputs.real(value) is not None
    if not isinstance(value, str) and not (bare and unit == "1"):
        wanted = f"a number with a unit in quotes, such as '1 {unit}'"
        raise ParameterError(Problem(file, key, found_text(value) + " without a unit" * bare, wanted))
    return inputs.parse_quantity(value, unit, file, key)


def in_unit(unit: str) -> Read:
    """Return the annotation of a number that is written with its unit and kept in `unit`."""
    wanted = f"a number with a unit, such as '1 {unit}'" if unit != "1" else "a number"
    kinds = "string" if unit != "1" else ["number", "string"]
    description = f"[{unit}] {wanted}"
    return Read(partial(with_unit, unit=unit), wanted, {"type": kinds, "description": description})


def one_of(words: Sequence[str]) -> Read:
    """Return the annotation of one of some words; the nearest are offered."""
    read = partial(inputs.one_of, known=words, file="", key="")
    return Read(read, choices("", words), {"type": "string", "enum": list(words)})


def within(low: int, high: int, wanted: str) -> pydantic.AfterValidator:
    """Return the annotation of a whole number that has bounds."""

    def check(value: int) -> int:
        if not low <= value <= high:
            raise FieldError([Problem("", "", found_text(value), wanted)])
        return value

    return pydantic.AfterValidator(check)


def is_text(value: Any) -> bool:
    """Return whether a value is text that can be shown: not blank, not too long, without control characters."""
    if not isinstance(value, str) or not value.strip() or len(value) > LONGEST_TEXT:
        return False
    return all(character.isprintable() or character in "\n\t" for character in value)


def _visible(text: str) -> str:
    if not is_text(text):
        raise ValueError(f"a text of 1 to {LONGEST_TEXT} visible characters")
    return text


_SHOWN = {"type": "string", "minLength": 1, "maxLength": LONGEST_TEXT}
Text = Annotated[str, pydantic.AfterValidator(_visible), pydantic.WithJsonSchema(_SHOWN)]
CRate = Annotated[
    float,
    Read(
        partial(inputs.c_rate, file="", key=""),
        "a rate above zero, such as 0.1 or 'C/10'",
        {"type": ["number", "string"], "description": "C-rate [1]", "examples": ["C/10", "1C", 0.5]},
    ),
]
listed_as_tuple = pydantic.BeforeValidator(lambda value: tuple(value) if isinstance(value, list) else value)
"""Annotation of a tuple: TOML has arrays only."""
Whole = Annotated[int, pydantic.BeforeValidator(inputs.unwrapped)]
"""A whole number, as Python, TOML or NumPy have it; 3.0 is none."""
