"""Every error and warning a user of cellmodel can meet, and the list of problems each one carries.

An error carries *all* problems found, each with file, key, what was found and what was wanted; its text shows ten of
a kind and at most `MOST_LINES` lines, so that one wrong column does not flood a terminal. This module knows nothing
about where the problems come from.
"""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

MOST_OF_A_KIND, MOST_LINES, MOST_CHARACTERS = 10, 20, 2000
"""Problems of one kind, lines and characters that the text of an error shows at most."""
_LONGEST_VALUE, _LONGEST_PART = 160, 600  # characters of a value as given, and of each part of a problem
_QUESTION = "did you mean "
_VARYING = re.compile(r"'[^']*'|\d[\d.,e+-]*")


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
        file, key, found = (shortened(part) for part in (self.file, self.key, self.found))
        wanted = shortened(self.wanted)
        return f"{file}: {key}: found {found}{'; ' if wanted.startswith(_QUESTION) else ', wanted '}{wanted}"

    @property
    def kind(self) -> tuple[str, str]:
        """What problems of one kind share: the file, and what was found without its numbers and names."""
        return self.file, _VARYING.sub("#", self.found)


def shortened(text: str, longest: int = _LONGEST_PART) -> str:
    """Return a text on one line, what cannot be seen escaped and the middle left out where it is too long.

    Parameters
    ----------
    text : str
        Anything, such as a value that a user gave.
    longest : int, optional
        Number of characters to keep.

    Returns
    -------
    str
        Without line breaks, control characters and invisible ones.

    Examples
    --------
    >>> shortened("a" * 1000, 12)
    'aaaa...(1000 characters)...aaaa'
    """
    size = len(text)
    if size > longest:
        end = longest // 3
        text = f"{text[:end]}...({size} characters)...{text[-end:]}"
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in text)


def found_text(value: object) -> str:
    """Return what a user gave as a message shows it: its `repr`, shortened; a large object by its type alone."""
    if isinstance(value, str | bytes):
        return shortened(repr(value[:5000]) if len(value) > 5000 else repr(value), _LONGEST_VALUE)
    if value is None or isinstance(value, bool | float):
        return repr(value)
    if isinstance(value, int):
        return f"{value}" if abs(value) < 10**30 else "a whole number of more than 30 digits"
    try:
        text = repr(value)
    except Exception:  # a foreign object may fail in any way
        text = ""
    return text if 0 < len(text) <= _LONGEST_VALUE and text.isprintable() else f"a value of type {type(value).__name__}"


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
        super().__init__(shortened_lines(problems) if isinstance(problems, str) else _listed(self.problems))

    def __reduce__(self) -> tuple[type[CellModelError], tuple[object], dict[str, object]]:
        return type(self), (self.problems or str(self),), self.__dict__  # from a worker process with its problems


def shortened_lines(text: str) -> str:
    """Return a text of several lines with the middle of each, and all beyond the limits above, left out."""
    lines = [shortened(line, 1000) for line in text.split("\n")[:MOST_LINES]]
    return "\n".join(lines)[:MOST_CHARACTERS]


def _listed(problems: Sequence[Problem]) -> str:
    """Return problems one per line: ten of a kind, then how many more; never longer than the limits above."""
    shown: list[str] = []
    told, size = Counter[tuple[str, str]](), 0
    for number, problem in enumerate(problems):
        told[problem.kind] += 1
        if told[problem.kind] > MOST_OF_A_KIND:
            continue
        line = str(problem)
        left = len(problems) - number
        if len(shown) == MOST_LINES - 1 or (shown and size + len(line) > MOST_CHARACTERS - 60):
            fits = left == 1 and size + len(line) <= MOST_CHARACTERS
            return "\n".join([*shown, line if fits else f"and {len(problems) - len(shown)} more problems"])
        shown.append(line)
        size += len(line) + 1
    hidden = len(problems) - len(shown)
    return "\n".join([*shown, *([f"and {hidden} more like these"] if hidden else [])])


class ProblemLog:
    """Collects the problems of one file or call; whoever owns the list raises them all at once.

    Parameters
    ----------
    file : str
        File, or name of the call.
    problems : list of Problem, optional
        Extended in place.
    prefix : str, optional
        Dotted key of the table whose keys are noted.
    """

    def __init__(self, file: str, problems: list[Problem] | None = None, prefix: str = "") -> None:
        self.file, self.prefix = file, prefix
        self.problems: list[Problem] = [] if problems is None else problems

    def add(self, key: str, found: str, wanted: str) -> None:
        """Note one problem."""
        self.problems.append(Problem(self.file, ".".join(filter(None, (self.prefix, key))) or "file", found, wanted))

    def add_from(self, error: CellModelError, key: str = "") -> None:
        """Note the problems of another file or cell, which is named after the key where it stands."""
        where = self.below(key).prefix
        for one in error.problems:
            keys = ": ".join(filter(None, (where, one.file, one.key)))
            self.problems.append(Problem(self.file, keys, one.found, one.wanted))

    def read(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Return what a function of some arguments returns, or None after noting what it raises."""
        try:
            return function(*arguments)
        except CellModelError as error:
            self.problems += error.problems
            return None

    def raise_any(self, error: type[CellModelError]) -> None:
        """Raise all problems, each once, if there are any."""
        if self.problems:
            raise error(list(dict.fromkeys(self.problems)))

    def below(self, key: str) -> ProblemLog:
        """Return a log of the same list for the table under a key."""
        return ProblemLog(self.file, self.problems, ".".join(filter(None, (self.prefix, key))))


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


class Checks:
    """Checks made one after the other, whose problems are raised together.

    A check whose input another one refused is left out.

    Examples
    --------
    >>> checks = Checks()
    >>> checks.run(int, "3")
    3
    """

    _REFUSED = object()

    def __init__(self) -> None:
        self._errors: list[CellModelError] = []

    def run(self, check: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        """Return what a function returns; note its problems if it raises a `CellModelError` that lists any."""
        if any(one is self._REFUSED for one in (*arguments, *named.values())):
            return self._REFUSED
        try:
            return check(*arguments, **named)
        except CellModelError as error:
            if not error.problems:
                raise
            self._errors.append(error)
            return self._REFUSED

    def raise_problems(self) -> None:
        """Raise every problem noted, as an error of the first one's class; do nothing if there is none."""
        if self._errors:
            problems = [problem for error in self._errors for problem in error.problems]
            raise type(self._errors[0])(list(dict.fromkeys(problems)))


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
    """Return what is wanted instead of a name: the nearest ones as a question, or all of them if none is near.

    Parameters
    ----------
    name : str
        What was typed.
    names : iterable of str
        What exists.

    Returns
    -------
    str
        "did you mean a?", which a message asks in the place of "wanted ...", or "one of a, b".
    """
    known = sorted(names)
    close = nearest(name, known)
    if close:
        return _QUESTION + " or ".join(close) + "?"
    return "one of " + ", ".join(known) if known else "nothing: there is none"
