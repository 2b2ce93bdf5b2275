"""The folder of a store and its hidden siblings: replaced as a whole, put back after a death, writable or not.

It knows names and renames, not what is in a store.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from cellmodel.errors import Problem, ResultsError


def sibling(path: Path, word: str) -> Path:
    """Return the hidden name beside a store that is used while it is rewritten."""
    return path.with_name(f".{path.stem}.{word}{path.suffix}")


def swap(path: Path) -> None:
    """Put the folder that was written beside a store in its place.

    Parameters
    ----------
    path : pathlib.Path
        The store; its sibling "writing" is whole. What `path` held is deleted.
    """
    new, old = sibling(path, "writing"), sibling(path, "old")
    if path.exists():
        path.rename(old)
    new.rename(path)
    discard(old)


def discard(folder: Path) -> None:
    """Delete a store so that, half deleted, it is not taken for one."""
    (folder / ".zmetadata").unlink(missing_ok=True)
    shutil.rmtree(folder, ignore_errors=True)


def recover(path: Path) -> None:
    """Put back the old folder of a rewrite that died between its two renames, and delete what a death left over.

    Parameters
    ----------
    path : pathlib.Path
        The store. Only who holds its lock may do this.
    """
    old = sibling(path, "old")
    if not path.exists() and (old / ".zmetadata").exists():
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
        probe = folder / f".cellmodel-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        found = error.strerror or str(error)
        raise ResultsError(Problem(str(folder), "results", found, "a folder that can be written")) from error
