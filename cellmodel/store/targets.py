"""Files that a command will write: looked at before the work, written whole, put in place at the end.

It knows paths and what lies there, not what is written.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from cellmodel.errors import Problem, ResultsError, choices
from cellmodel.inputs import name_or_path


def check_target(path: Any, endings: Collection[str] | None = None, overwrite: bool = True) -> Path:
    """Return a file that can be written; ResultsError before the work if it cannot, or has none of the endings."""
    target = Path(name_or_path(path, "output", "file", "the name of a file", ResultsError))
    if endings is not None and target.suffix.lower() not in endings:
        found = f"the ending {target.suffix!r}" if target.suffix else "no ending"
        raise ResultsError(Problem(str(target), "output", found, choices(target.suffix.lower(), endings)))
    found, wanted = _hindrance(target, overwrite)
    if found:
        raise ResultsError(Problem(str(target), "output", found, wanted))
    return target


def check_folder(path: Any, empty: bool = False) -> Path:
    """Return a folder that can be written or made, and is empty if asked; ResultsError before the work if not."""
    folder = Path(name_or_path(path, "output", "folder", "the name of a folder", ResultsError))
    found = _closed(folder)
    if found:
        raise ResultsError(Problem(str(folder), "output", found, "a folder that can be written"))
    if empty and folder.is_dir() and any(folder.iterdir()):
        raise ResultsError(Problem(str(folder), "output", "a folder with files", "another name, or --overwrite"))
    return folder


@contextmanager
def whole_file(target: Path) -> Iterator[Path]:
    """Give a name beside a file to write to; what was written takes its place at the end, or is deleted."""
    partial = target.with_name(f".{os.getpid()}.{target.name}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        yield partial
        partial.replace(target)
    except (OSError, ValueError) as error:
        raise ResultsError(Problem(str(target), "output", _cause(error), "a file that can be written")) from error
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)


def _hindrance(target: Path, overwrite: bool) -> tuple[str, str]:
    """Return what lies in the way of a file, and what would be right; empty texts if nothing does."""
    try:
        if target.is_symlink():
            return "a symbolic link", "a file of its own: links are not followed"
        if target.is_dir():
            return "a folder", "a file"
        if target.exists() and not target.is_file():
            return "no regular file", "a file"
        if target.exists() and not overwrite:
            return "a file that is there already", "another name, or --overwrite"
        if target.exists() and not os.access(target, os.W_OK):
            return "a file that may not be written", "a file that can be written"
    except (OSError, ValueError) as error:
        return _cause(error), "a file that can be written"
    return _closed(target.parent), "a file in a folder that can be written"


def _closed(folder: Path) -> str:
    """Return why nothing can be written in a folder that is there or would be made; empty if it can."""
    try:
        while not folder.exists() and not folder.is_symlink() and folder != folder.parent:
            folder = folder.parent
        if not folder.is_dir():
            return f"{folder} is no folder"
        with tempfile.TemporaryFile(dir=folder):  # permissions alone do not tell of a disk that is read only or full
            return ""
    except (OSError, ValueError) as error:
        return _cause(error)


def _cause(error: Exception) -> str:
    """Return the system's words for an error, on one line."""
    number = getattr(error, "errno", None)
    return os.strerror(number) if number else (str(error) or type(error).__name__).splitlines()[0]
