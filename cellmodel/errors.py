"""Every error and warning a user of cellmodel can meet, and the list of problems each one carries.

An error names *all* problems found, one per line, each with file, key, what was found and what was
wanted.  This module knows nothing about where the problems come from.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong in an input.

    Parameters
    ----------
    file : str
        File (or the name of the call) in which the problem stands.
    key : str
        Dotted key inside that file.
    found : str
        What stands there.
    wanted : str
        What would be right, with the nearest valid names where there are some.
    """

    file: str
    key: str
    found: str
    wanted: str

    def __str__(self) -> str:
        return f"{self.file}: {self.key}: found {self.found}, wanted {self.wanted}"


class CellModelError(Exception):
    """Base of all errors raised on purpose by cellmodel.

    Parameters
    ----------
    problems : str or Problem or sequence of Problem
        A sentence, or every problem found.
    """

    def __init__(self, problems: str | Problem | Sequence[Problem]) -> None:
        if isinstance(problems, Problem):
            problems = [problems]
        self.problems: tuple[Problem, ...] = () if isinstance(problems, str) else tuple(problems)
        text = problems if isinstance(problems, str) else "\n".join(str(problem) for problem in problems)
        super().__init__(text)


class ParameterError(CellModelError):
    """A parameter file, a parameter value or a parameter name is wrong."""


class ProtocolError(CellModelError):
    """A protocol cannot be read, or cannot be run on the cell it is meant for."""


class StudyError(CellModelError):
    """A study file is wrong: an unknown cell, axis or key, an empty grid, a clash."""


class SolveError(CellModelError):
    """The solver gave up; the message says where and what was tried."""


class ResultsError(CellModelError):
    """Results cannot be written, read, or do not belong to the study at hand."""


class ExecutionError(CellModelError):
    """Runs cannot be handed to workers: no scheduler at the address, other versions there, a broken executor."""


class ValidityWarning(UserWarning):
    """A run used a model beyond the conditions under which it can be trusted."""


def nearest(name: str, names: Iterable[str]) -> list[str]:
    """Return up to three of `names` that look like `name`, best first.

    Parameters
    ----------
    name : str
        What was typed.
    names : iterable of str
        What exists.

    Returns
    -------
    list of str
        Close matches; empty if nothing is close.
    """
    return difflib.get_close_matches(name, list(names), n=3, cutoff=0.5)


def choices(name: str, names: Iterable[str]) -> str:
    """Return the words after "wanted": the nearest names, or all of them if none is near.

    Parameters
    ----------
    name : str
        What was typed.
    names : iterable of str
        What exists.

    Returns
    -------
    str
        "one of a, b (did you mean a?)"-like text.
    """
    known = sorted(names)
    close = nearest(name, known)
    if close:
        return "did you mean " + " or ".join(close) + "?"
    return "one of " + ", ".join(known) if known else "nothing: there is none"
