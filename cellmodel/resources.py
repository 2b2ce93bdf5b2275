"""Where the data folders `parameters/` and `experiments/` are.

They exist once, at the top level of the project; a wheel carries them inside the package. This room finds
them and lists the files in them; it does not know what a file means.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from cellmodel.errors import CellModelError

_PACKAGE = Path(__file__).resolve().parent
FOLDERS = ("parameters", "experiments")


def folder(name: str) -> Path:
    """Return the folder of that name, in a wheel, an editable install or a bare checkout.

    Parameters
    ----------
    name : str
        "parameters" or "experiments".

    Returns
    -------
    pathlib.Path
        An existing folder.

    Raises
    ------
    CellModelError
        If the installation has lost its data.
    """
    if name not in FOLDERS:
        raise ValueError(f"{name!r} is not a data folder; they are {', '.join(FOLDERS)}")
    return _folder(_PACKAGE, name)


@cache  # an installation does not move while it runs
def _folder(package: Path, name: str) -> Path:
    inside, beside = package / "_data" / name, package.parent / name
    if inside.is_dir():
        return inside
    if beside.is_dir() and (package.parent / "pyproject.toml").is_file():
        return beside
    raise CellModelError(f"this installation of cellmodel has lost its folder {name}/: install it again")


def files(name: str, kind: str, suffix: str = ".toml") -> dict[str, Path]:
    """Return the files of one kind by name, in alphabetical order.

    Parameters
    ----------
    name : str
        "parameters" or "experiments".
    kind : str
        A folder in it, such as "cells" or "studies".
    suffix : str, optional
        The ending of the files wanted.

    Returns
    -------
    dict of str to pathlib.Path
        The name without its ending, and the file.
    """
    return {path.stem: path for path in sorted((folder(name) / kind).glob(f"*{suffix}"))}


def file(name: str, kind: str, stem: str, suffix: str = ".toml") -> Path | None:
    """Return the file of a name as `files` lists it, None if there is none; arguments as there."""
    if "/" in stem or "\\" in stem or "\0" in stem or stem.startswith(".") or len(stem) > 200:
        return None
    path = folder(name) / kind / f"{stem}{suffix}"
    return path if path.is_file() else None
