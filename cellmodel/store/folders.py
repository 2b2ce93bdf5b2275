"""The folder of a store and its hidden siblings: looked at before it is deleted, replaced as a whole, put back.

Nothing is deleted, replaced or written through a link unless its content shows that this package wrote it. It knows
names of files and renames, not what is in an array.
"""

from __future__ import annotations

import os
import re
import shutil
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

from zarr.abc.store import Store

from cellmodel.errors import Problem, ResultsError, found_text
from cellmodel.store.layout import ROOT
from cellmodel.store.metadata import NAME, stated_version

_METADATA = (ROOT, ".zgroup", ".zattrs", ".zmetadata")
"""Files at the root of a store, of version 2 and of version 1."""
_LEFT_BY_DESKTOPS = (".DS_Store", "Thumbs.db", "desktop.ini")
_PARTIAL = r"(c(\.\d+)*|zarr)\.[0-9a-f]{32}\.partial"  # zarr's name for a file that is being written
_OF_VERSION_1 = r"\d+(\.\d+)*|\.zarray|\.zattrs|\.(\d+(\.\d+)*|\.zarray|\.zattrs)\.partial"
_FILES = re.compile(rf"c(\.\d+)*|zarr\.json|{_PARTIAL}|{_OF_VERSION_1}")
_OWN = "a folder that cellmodel wrote: nothing else is replaced, deleted or written through a link"


def sibling(path: Path, word: str) -> Path:
    """Return the hidden name beside a store that is used while it is rewritten."""
    return path.with_name(f".{path.stem}.{word}{path.suffix}")


def check_own(path: Path) -> bool:
    """Return whether a store, or what is left of one, is at a path; ResultsError if anything else is there."""
    try:
        kind = path.lstat().st_mode
        if stat.S_ISLNK(kind):
            raise ResultsError(Problem(str(path), "results", "a symbolic link", _OWN))
        if not stat.S_ISDIR(kind):
            raise ResultsError(Problem(str(path), "results", "no folder", _OWN))
        foreign = _foreign(path)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise ResultsError(Problem(str(path), "results", error.strerror or str(error), _OWN)) from error
    if foreign:
        raise ResultsError(Problem(str(path), "results", f"{found_text(foreign)}, which is no part of a store", _OWN))
    stated = any((path / name).exists() for name in _METADATA if name != ".zgroup")
    if stated and stated_version(path) is None:
        raise ResultsError(Problem(str(path), "results", "a Zarr folder without a store version", _OWN))
    return True


def check_store(path: Path) -> bool:
    """Return whether a whole store is at a path, False if nothing is; refuse the same as `check_own`, and remnants."""
    if not check_own(path):
        return False
    if stated_version(path) is None:
        if any(path.iterdir()):
            raise ResultsError(
                Problem(str(path), "results", "a folder without metadata", f"{_OWN}; delete it yourself")
            )
        return False
    return True


def _foreign(folder: Path) -> str:
    """Return an entry that no store has, an empty text if there is none."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name in _LEFT_BY_DESKTOPS:
                continue
            if entry.is_dir(follow_symlinks=False) and NAME.fullmatch(entry.name):
                with os.scandir(entry.path) as files:
                    for file in files:
                        known = _FILES.fullmatch(file.name) or file.name in _LEFT_BY_DESKTOPS
                        if not known or not file.is_file(follow_symlinks=False):
                            return f"{entry.name}/{file.name}"
                continue
            kind = entry.name in _METADATA or re.fullmatch(rf"{_PARTIAL}|\.\.z[a-z]+\.partial", entry.name)
            if not kind or not entry.is_file(follow_symlinks=False):
                return entry.name
    return ""


def sweep_partial(place: Path | Store) -> None:
    """Delete what writers that died left half written in a store; only who holds its lock may do this."""
    if isinstance(place, Path):
        for file in place.rglob("*.partial"):
            file.unlink(missing_ok=True)


def identity(place: Path | Store) -> tuple[int, int] | None:
    """Return what tells a layout from the next in the same folder: a file that is never written again."""
    try:
        found = (place / "status" / ROOT).stat() if isinstance(place, Path) else None
    except OSError:
        return None
    return None if found is None else (found.st_ino, found.st_mtime_ns)


def swap(path: Path) -> None:
    """Put the folder "writing" that was written beside a store in its place; what the path held is deleted."""
    new, old = sibling(path, "writing"), sibling(path, "old")
    if check_own(path):
        path.rename(old)
    new.rename(path)
    with suppress(OSError):  # the next run tries again
        discard(old)


def discard(folder: Path) -> None:
    """Delete a store so that, half deleted, it is not taken for one; OSError if something of it stays."""
    if check_own(folder):
        for name in _METADATA:
            (folder / name).unlink(missing_ok=True)
        shutil.rmtree(folder)


def recover(path: Path) -> None:
    """Put back the old folder of a rewrite that died between its renames, and delete what a death left over."""
    old = sibling(path, "old")
    if check_own(old) and not check_own(path) and stated_version(old) is not None:
        old.rename(path)
    for leftover in (old, sibling(path, "writing")):
        discard(leftover)


def check_writable(folder: Path) -> None:
    """Make the folder for results; ResultsError if it cannot be made or nothing can be written in it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        found = error.strerror or str(error)
        raise ResultsError(Problem(str(folder), "results", found, "a folder that can be written")) from error
