"""A CSV file of measured points as text: read, decoded and split, or refused with the cause named first.

It knows no quantity. A wrong delimiter or encoding is one problem, however many lines it spoils.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from cellmodel.errors import Problem, ResultsError, found_text, shortened
from cellmodel.inputs import name_or_path

LARGEST_FILE = 50_000_000
"""Bytes of a file of points; more than a figure can show."""
_DELIMITERS = {";": "semicolons", "\t": "tabs", "|": "vertical bars"}
_CSV = "CSV: UTF-8 text, columns between commas, points as decimal signs"


@dataclass(frozen=True)
class Table:
    """The header and the rows of a file, each as long as the header, with the number of each row's line."""

    file: str
    header: tuple[str, ...]
    rows: list[list[str]]
    lines: list[int]

    def texts(self, column: int) -> list[str]:
        """Return the entries of a column."""
        return [row[column].strip() for row in self.rows]

    def numbers(self, column: int) -> np.ndarray:
        """Return a column as finite numbers; an error names the first entry that is none, and how many there are."""
        values = _numbers([row[column] for row in self.rows])
        wrong = np.flatnonzero(~np.isfinite(values))
        if wrong.size:
            first = int(wrong[0])
            found = found_text(self.rows[first][column]) + _others(wrong.size)
            where = f"line {self.lines[first]}, {self.header[column]}"
            wanted = "a number with a decimal point" if "," in self.rows[first][column] else "a number"
            raise ResultsError(Problem(self.file, where, found, wanted))
        return values


def read_table(path: Any) -> Table:
    """Read a CSV file: comments (#) and blank lines are left out, the first line left is the header."""
    file = name_or_path(path, "plot", "measured", "the name of a CSV file", ResultsError)
    text = _decoded(file, _content(file))
    listed = [(number, line) for number, line in enumerate(text.splitlines(), start=1) if line.strip()]
    kept = [(number, line) for number, line in listed if not line.lstrip().startswith("#")]
    if len(kept) < 2:
        raise ResultsError(
            Problem(file, "file", counted(len(kept), "line"), "a header and at least one line of numbers")
        )
    head = kept[0][1]
    others = [name for sign, name in _DELIMITERS.items() if head.count(sign) > head.count(",")]
    if others:
        raise ResultsError(Problem(file, "delimiter", others[0], _CSV))
    try:
        split = list(csv.reader(io.StringIO("\n".join(line for _, line in kept))))
    except csv.Error as error:
        raise ResultsError(Problem(file, "file", str(error), _CSV)) from error
    if len(split) != len(kept):
        raise ResultsError(Problem(file, "file", "a quoted text over several lines", _CSV))
    header, rows, lines = tuple(name.strip() for name in split[0]), split[1:], [number for number, _ in kept[1:]]
    _refuse_uneven(file, header, rows, [number for number, _ in kept])
    return Table(file, header, rows, lines)


def _refuse_uneven(file: str, header: tuple[str, ...], rows: list[list[str]], lines: list[int]) -> None:
    """Raise where a row is not as long as the header; a header unlike all that follows it is the cause."""
    uneven = [place for place, row in enumerate(rows) if len(row) != len(header)]
    if not uneven:
        return
    if len(header) == 1 and len(uneven) == len(rows):
        found, where = named(list(header)), f"line {lines[0]}"
        raise ResultsError(Problem(file, where, found, f"the names of all columns; comments begin with #; {_CSV}"))
    values, columns = counted(len(rows[uneven[0]]), "value"), counted(len(header), "column")
    found = f"{values} for {columns}" + _others(len(uneven))
    raise ResultsError(Problem(file, f"line {lines[uneven[0] + 1]}", found, f"one value for each column; {_CSV}"))


def _content(file: str) -> bytes:
    path = Path(file)
    try:
        if path.is_dir():
            raise ResultsError(Problem(file, "file", "a folder", "a readable CSV file"))
        if path.exists() and not path.is_file():
            raise ResultsError(Problem(file, "file", "no regular file", "a readable CSV file"))
        size = path.stat().st_size
        if size > LARGEST_FILE:
            found = f"{size / 1e6:.0f} MB"
            raise ResultsError(Problem(file, "file", found, f"at most {LARGEST_FILE / 1e6:.0f} MB of points"))
        return path.read_bytes()
    except (OSError, ValueError) as error:
        found = getattr(error, "strerror", None) or str(error) or "an error"
        raise ResultsError(Problem(file, "file", found, "a readable CSV file")) from error


def _decoded(file: str, content: bytes) -> str:
    if not content.strip():
        raise ResultsError(Problem(file, "file", "an empty file", "a header and at least one line of numbers"))
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise ResultsError(Problem(file, "encoding", "UTF-16", _CSV))
    if b"\0" in content:
        raise ResultsError(Problem(file, "file", "NUL bytes: no text but a binary file", _CSV))
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        found = f"byte 0x{content[error.start]:02x} in line {line}, which is not UTF-8 (Latin-1 or Windows-1252?)"
        raise ResultsError(Problem(file, "encoding", found, _CSV)) from error


def _numbers(texts: list[str]) -> np.ndarray:
    """Return texts as numbers, NaN where one is none: at once where all are, as a million points take seconds."""
    try:
        if not any("_" in text for text in texts):  # Python reads 1_0 as 10
            return np.array(texts, dtype=float)
    except ValueError:
        pass
    return np.array([_number(text) for text in texts])


def _number(text: str) -> float:
    try:
        return float(text) if "_" not in text else np.nan
    except ValueError:
        return np.nan


def counted(count: int, what: str) -> str:
    """Return a number of things: "1 line", "3 lines"."""
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _others(count: int) -> str:
    return f" (and {counted(count - 1, 'more line')} like it)" if count > 1 else ""


def named(names: list[str]) -> str:
    """Return column names for a message: the first few, and how many there are."""
    shown = ", ".join(repr(shortened(name, 40)) for name in names[:4])
    return shown if len(names) <= 4 else f"{shown} and {len(names) - 4} more"
