"""Finds a TOML file by the name of a shipped one or by its path. It reads none."""

from __future__ import annotations

from pathlib import Path

from cellmodel import resources
from cellmodel.errors import CellModelError, Problem, choices, found_text
from cellmodel.inputs import existing_file

_KINDS = {
    "protocol": ("protocols",),
    "study": ("studies", "studies/claims"),  # a claim is a study with something more to say
    "claim": ("studies/claims",),
    "published cell": ("published",),
}


def find_file(name: str, kind: str, error: type[CellModelError]) -> Path:
    """Return the file of a shipped protocol, study, claim or published cell, or the file at a path.

    Raises
    ------
    CellModelError
        There is no such name (the nearest are offered) and no such file.
    """
    known = {name: path for folder in _KINDS[kind] for name, path in resources.files("experiments", folder).items()}
    path = known.get(name) or existing_file(name)
    if path is not None:
        return path
    if name.endswith(".toml"):
        raise error(Problem(name, "file", "no such file", f"a TOML file that holds a {kind}"))
    raise error(Problem(f"experiments/{_KINDS[kind][0]}", kind, found_text(name), choices(name, known)))
