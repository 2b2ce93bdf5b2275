"""Reads a TOML file, whoever wrote it: within stated sizes, or one problem with its cause and never a traceback.

It knows neither a key nor a kind of file.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
import tomllib
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from cellmodel.errors import CellModelError, ParameterError, Problem

LARGEST_FILE = 2**20
"""Bytes of a TOML file: the largest that is shipped has 40 kB, a study of 10,000 listed values 200 kB. Four times as
many are parsed for more than ten seconds."""
LONGEST_KEY, DEEPEST = 200, 20
"""Characters of a key, and levels of tables and lists within each other."""
_LINE = re.compile(r"^(.*?)\s*\(at (line \d+, column \d+|end of document)\)$", re.DOTALL)


@dataclass(frozen=True)
class TomlFile:
    """A file as it is on disk now. Equal ones have equal paths and content, so that what is made of one can be kept.

    Attributes
    ----------
    path : pathlib.Path
        Absolute.
    digest : str
        SHA-256 of the content.
    content : bytes
        As read.
    """

    path: Path
    digest: str
    content: bytes = field(compare=False, repr=False)

    @property
    def name(self) -> str:
        """Folder and name, for messages."""
        return f"{self.path.parent.name}/{self.path.name}"


def open_toml(path: Path, error: type[CellModelError] = ParameterError) -> TomlFile:
    """Return a file read anew from disk, not yet parsed; arguments and errors as of `read_toml`.

    Returns
    -------
    TomlFile
        With an absolute path: the same name in another current folder is another file.
    """
    content = read_bytes(path, error)
    return TomlFile(Path(os.path.abspath(path)), hashlib.sha256(content).hexdigest(), content)  # noqa: PTH100


@lru_cache(maxsize=64)
def tables(file: TomlFile) -> dict[str, Any]:
    """Return the content of a file, kept for the files asked last: not to be changed; raises as `read_toml` does."""
    return parse_toml(file.content, str(file.path))


def read_toml(path: Path, error: type[CellModelError] = ParameterError) -> dict[str, Any]:
    """Return the content of a TOML file.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    error : type of CellModelError, optional
        What to raise.

    Returns
    -------
    dict
        As `tomllib` gives it.

    Raises
    ------
    CellModelError
        The file cannot be read, is no regular file, too large, not UTF-8, not TOML (the message has the line number),
        or beyond the limits of this module.
    """
    return parse_toml(read_bytes(path, error), str(path), error)


def read_bytes(path: Path, error: type[CellModelError] = ParameterError) -> bytes:
    """Return the bytes of a TOML file, of at most `LARGEST_FILE`; see `read_toml`."""
    try:
        # even a named pipe that nobody writes is opened at once
        with os.fdopen(os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)), "rb") as stream:
            facts = os.fstat(stream.fileno())
            if not stat.S_ISREG(facts.st_mode):
                raise error(Problem(str(path), "file", "no regular file", "a TOML file"))
            content = stream.read(min(facts.st_size, LARGEST_FILE) + 1)
            if facts.st_size < len(content) <= LARGEST_FILE:  # it grew meanwhile
                content += stream.read(LARGEST_FILE)
    except OSError as problem:
        raise error(Problem(str(path), "file", problem.strerror or str(problem), "a readable file")) from None
    except ValueError as problem:  # a NUL in the path
        raise error(Problem(str(path), "file", str(problem), "a readable file")) from None
    if len(content) > LARGEST_FILE:
        raise error(Problem(str(path), "file", f"more than {LARGEST_FILE / 2**20:g} MiB", "a file that people write"))
    return content


def parse_toml(content: bytes, file: str, error: type[CellModelError] = ParameterError) -> dict[str, Any]:
    """Return the content of a TOML document; `file` is its name in messages, the rest as in `read_toml`."""
    try:
        values = tomllib.loads(content.decode("utf-8"))
    except UnicodeDecodeError as problem:
        raise error(Problem(file, "file", f"a byte that is not UTF-8 ({problem})", "UTF-8 text")) from None
    except RecursionError:
        raise error(Problem(file, "file", "tables or lists nested too deep", f"at most {DEEPEST} levels")) from None
    except ValueError as problem:  # TOMLDecodeError, and integers of thousands of digits
        match = _LINE.match(str(problem))
        found, where = match.groups() if match else (str(problem), "file")
        raise error(Problem(file, where, found, "valid TOML")) from None
    problems = _beyond_limits(values, file)
    if problems:
        raise error(problems)
    return values


def _beyond_limits(values: Any, file: str) -> list[Problem]:
    """Return keys that are too long and levels that are too deep, found without recursion."""
    problems: list[Problem] = []
    left: list[tuple[str, int, Any]] = [("", 0, values)]
    while left:
        place, level, value = left.pop()
        if level > DEEPEST:
            problems.append(Problem(file, place, "tables or lists nested too deep", f"at most {DEEPEST} levels"))
        elif isinstance(value, dict):
            for key, item in value.items():
                if len(key) > LONGEST_KEY:
                    problems.append(Problem(file, key, "a key that is too long", f"at most {LONGEST_KEY} characters"))
                left.append((f"{place}.{key}".lstrip("."), level + 1, item))
        elif isinstance(value, list) and any(isinstance(item, list | dict) for item in value):
            left += [(place, level + 1, item) for item in value]
    return problems
