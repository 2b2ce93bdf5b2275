"""One machine for every file that people write: strict tables, all problems at once, JSON Schema for editors.

Each room states its own files with it, as a class derived from `Strict`.
"""

from __future__ import annotations

from cellmodel.schemas.fields import (
    CRate,
    Read,
    Text,
    Whole,
    in_unit,
    is_text,
    listed_as_tuple,
    one_of,
    with_unit,
    within,
)
from cellmodel.schemas.lookup import find_file
from cellmodel.schemas.tables import FieldError, Strict, json_schema, validate

__all__ = [
    "CRate",
    "FieldError",
    "Read",
    "Strict",
    "Text",
    "Whole",
    "find_file",
    "in_unit",
    "is_text",
    "json_schema",
    "listed_as_tuple",
    "one_of",
    "validate",
    "with_unit",
    "within",
]
