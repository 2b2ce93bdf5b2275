"""Strict reading of the TOML files people write: find a file, read it, take its keys one by one.

Every problem of a file is collected and told at once, with file, key, found and wanted. This module
knows no key by name, neither of a protocol nor of a study.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from numbers import Integral
from typing import Any

from cellmodel.errors import ParameterError, Problem, choices, found_text
from cellmodel.inputs import parse_quantity, real

_KINDS = {
    str: "text in quotes",
    int: "a whole number",
    bool: "true or false",
    dict: "a table",
    list: "a list",
}
REQUIRED = object()
"""Default of a key that must be there."""


class Table:
    """One TOML table from which keys are taken; what is left over at the end is unknown.

    Parameters
    ----------
    values : mapping
        The table.
    file : str
        File it stands in, for messages.
    problems : list of Problem
        Collects every problem; the owner of the list raises.
    prefix : str, optional
        Dotted position of the table in the file.
    """

    def __init__(self, values: Mapping[str, Any], file: str, problems: list[Problem], prefix: str = "") -> None:
        self.values = {str(key): value for key, value in values.items()}
        self.file = file
        self.problems = problems
        self.prefix = prefix
        self._known: set[str] = set()

    def complain(self, key: str, found: str, wanted: str) -> None:
        """Note one problem with the key."""
        dotted = ".".join(part for part in (self.prefix, key) if part)
        self.problems.append(Problem(self.file, dotted or "file", found, wanted))

    def take(self, key: str, kind: type, default: Any = REQUIRED) -> Any:
        """Return the value of a key if it is of the kind wanted, else the default, and note the problem.

        Parameters
        ----------
        key : str
            Key of this table.
        kind : type
            str, int, bool, dict or list.
        default : object, optional
            Given back when the key is absent or wrong; without it the key is required and None given back.

        Returns
        -------
        object
            The value.
        """
        self._known.add(key)
        fallback = None if default is REQUIRED else default
        if key not in self.values:
            if default is REQUIRED:
                self.complain(key, "nothing", _KINDS[kind])
            return fallback
        value = self.values[key]
        if kind is int and isinstance(value, Integral) and not isinstance(value, bool):
            return int(value)
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            self.complain(key, found_text(value), _KINDS[kind])
            return fallback
        return value

    def quantity(self, key: str, unit: str) -> float | None:
        """Return the number of a key in `unit`, from text such as "10 min"; None if absent or wrong.

        Parameters
        ----------
        key : str
            Key of this table; a bare number is refused, its unit would be a guess.
        unit : str
            SI unit wanted, UDUNITS spelling.

        Returns
        -------
        float or None
            Value [unit].
        """
        self._known.add(key)
        if key not in self.values:
            return None
        return parsed(self, key, self.values[key], unit)

    def subtable(self, key: str) -> Table | None:
        """Return the table under a key, None if there is none."""
        values = self.take(key, dict, None)
        return None if values is None else Table(values, self.file, self.problems, f"{self.prefix}.{key}".lstrip("."))

    def allow(self, keys: Iterable[str]) -> None:
        """Let these keys pass; somebody else reads them."""
        self._known.update(keys)

    def close(self) -> None:
        """Note every key that nobody took, with the nearest known names."""
        for key in self.values:
            if key not in self._known:
                self.complain(key, "an unknown key", choices(key, self._known))


def parsed(table: Table, key: str, text: Any, unit: str) -> float | None:
    """Return text with a unit as a float in `unit`; on a problem note it and return None.

    Parameters
    ----------
    table : Table
        Where the text stands.
    key : str
        Its key.
    text : object
        Such as "60 degC"; bare numbers are taken only where `unit` is "1".
    unit : str
        SI unit wanted.

    Returns
    -------
    float or None
        Value [unit].
    """
    number = real(text) is not None
    if not isinstance(text, str) and not (number and unit == "1"):
        found = found_text(text) + " without a unit" * number
        table.complain(key, found, f"a number with a unit in quotes, such as '1 {unit}'")
        return None
    try:
        return parse_quantity(text, unit)
    except ParameterError as error:
        table.problems.extend(
            Problem(
                table.file,
                ".".join(part for part in (table.prefix, key) if part),
                problem.found,
                problem.wanted,
            )
            for problem in error.problems
        )
        return None
