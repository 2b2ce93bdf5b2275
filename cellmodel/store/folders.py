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

from cellmodel.errors import Problem, ResultsError, found_text
from cellmodel.store.metadata import NAME, stated_version

_METADATA = (".zgroup", ".zattrs", ".zmetadata")
_LEFT_BY_DESKTOPS = (".DS_Store", "Thumbs.db", "desktop.ini")
_CHUNK = re.compile(r"\d+(\.\d+)*|\.zarray|\.zattrs|\.(\d+(\.\d+)*|\.zarray|\.zattrs)\.partial")
_OWN = "a folder that cellmodel wrote: nothing else is replaced, deleted or written through a link"


def sibling(path: Path, word: str) -> Path:
    """Return the hidden name beside a store that is used while it is rewritten."""
    return path.with_name(f".{path.stem}.{word}{path.suffix}")


def check_own(path: Path) -> bool:
    """Return whether a store, or what is left of one, is at a path; refuse anything else that is there.

    Parameters
    ----------
    path : pathlib.Path
        A store or one of its siblings.

    Returns
    -------
    bool
        False if nothing is there.

    Raises
    ------
    ResultsError
        A symbolic link, a file, or a folder with content that is not of a store of this package.
    """
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
    stated = any((path / name).exists() for name in (".zattrs", ".zmetadata"))
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
                        known = _CHUNK.fullmatch(file.name) or file.name in _LEFT_BY_DESKTOPS
                        if not known or not file.is_file(follow_symlinks=False):
                            return f"{entry.name}/{file.name}"
                continue
            known = entry.name in _METADATA or entry.name in [f".{name}.partial" for name in _METADATA]
            if not known or not entry.is_file(follow_symlinks=False):
                return entry.name
    return ""


def identity(path: Path) -> tuple[int, int] | None:
    """Return what tells a folder from the next of the same name: its oldest file, which is never written again."""
    try:
        found = (path / ".zgroup").stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns


def swap(path: Path) -> None:
    """Put the folder that was written beside a store in its place.

    Parameters
    ----------
    path : pathlib.Path
        The store; its sibling "writing" is whole. What `path` held is deleted.

    Raises
    ------
    ResultsError
        What `path` holds is no store of this package.
    """
    new, old = sibling(path, "writing"), sibling(path, "old")
    if check_own(path):
        path.rename(old)
    new.rename(path)
    with suppress(OSError):  # the next run tries again
        discard(old)


def discard(folder: Path) -> None:
    """Delete a store so that, half deleted, it is not taken for one; OSError if something of it stays.

    Parameters
    ----------
    folder : pathlib.Path
        The store, which need not be there.

    Raises
    ------
    ResultsError
        It is no store of this package.
    """
    if check_own(folder):
        (folder / ".zmetadata").unlink(missing_ok=True)
        shutil.rmtree(folder)


def recover(path: Path) -> None:
    """Put back the old folder of a rewrite that died between its two renames, and delete what a death left over.

    Parameters
    ----------
    path : pathlib.Path
        The store. Only who holds its lock may do this.

    Raises
    ------
    ResultsError
        There is something else in the place of the store or of one of its siblings.
    """
    old = sibling(path, "old")
    if check_own(old) and not check_own(path) and (old / ".zmetadata").exists():
        old.rename(path)
    for leftover in (old, sibling(path, "writing")):
        discard(leftover)


def check_writable(folder: Path) -> None:
    """Make the folder for results and raise if nothing can be written in it.

    Parameters
    ----------
    folder : pathlib.Path
        Made if it is not there.

    Raises
    ------
    ResultsError
        It is a file, cannot be made, or is not writable.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        found = error.strerror or str(error)
        raise ResultsError(Problem(str(folder), "results", found, "a folder that can be written")) from error
