"""Mechanisms by name: which there are, which a run has, and what follows from that.

It knows what mechanisms declare; it knows none of them.
"""

from __future__ import annotations

import hashlib
import inspect
import os
from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

from cellmodel import inputs
from cellmodel.errors import ParameterError, Problem, choices, found_text
from cellmodel.mechanisms.mechanism import CELL_VARIABLES, EFFECTS, EndEvent, Mechanism, Result
from cellmodel.units import Quantity

if TYPE_CHECKING:
    from cellmodel.parameters import ParameterSet

_Class = TypeVar("_Class", bound=type[Mechanism])

MECHANISMS: dict[str, Mechanism] = {}
"""By name, in the order in which a run names them."""

MECHANISM_QUANTITIES: dict[str, Quantity] = {}
"""The parameters that mechanisms add to the library, by path."""

DEFAULT_MECHANISMS: tuple[str, ...] = ("foil",)
"""On unless a run says otherwise."""

_USED_ANYWAY = ("electrode.density", "electrode.delithiation_potential")
"""Of the numbers of mechanisms, those that a run without the mechanism depends on too."""


def register(mechanism: _Class) -> _Class:
    """Make a mechanism known by its name; a class decorator.

    Parameters
    ----------
    mechanism : type
        A subclass of `Mechanism`. The same class run again, as in a notebook, takes the place of the former.

    Returns
    -------
    type
        The same class.

    Raises
    ------
    ParameterError
        Its name, one of its parameters or what it stores is taken, or an effect is unknown: all at once.
    """
    where, own = f"mechanism '{mechanism.name}'", (mechanism.__module__, mechanism.__qualname__)
    others = [one for one in MECHANISMS.values() if (type(one).__module__, type(one).__qualname__) != own]
    taken = {
        "name": {one.name for one in others},
        "quantities": {path for one in others for path in one.quantities},
        "states": {*CELL_VARIABLES, *EFFECTS, *(name for one in others for name in one.states)},
        "events": {event for one in others for event in one.events},
    }
    problems = [
        Problem(where, key, found_text(name), "one that is not taken")
        for key, names in taken.items()
        for name in ((mechanism.name,) if key == "name" else getattr(mechanism, key))
        if name in names
    ]
    problems += [
        Problem(where, "effects", found_text(name), choices(name, EFFECTS))
        for name in mechanism.effects
        if name not in EFFECTS
    ]
    if problems:
        raise ParameterError(problems)
    MECHANISMS[mechanism.name] = mechanism()
    MECHANISM_QUANTITIES.update(mechanism.quantities)
    return mechanism


def select_mechanisms(names: str | Iterable[str], parameters: ParameterSet) -> tuple[str, ...]:
    """Return the mechanisms of a run in the order of the table, after checking that the cell has their parameters.

    Parameters
    ----------
    names : str or iterable of str
        Keys of `MECHANISMS`.
    parameters : ParameterSet
        The cell.

    Returns
    -------
    tuple of str
        Without duplicates.

    Raises
    ------
    ParameterError
        A mapping (what it says of each name would be lost) or no names at all; an unknown name, a mechanism without
        one it builds on, every parameter that is missing: all at once.
    """
    given = inputs.names(names, "run", "mechanisms")
    if not parameters.kind.lithium_metal:
        own = parameters.kind.mechanisms
        if given and given not in (DEFAULT_MECHANISMS, own):
            wanted = " and ".join(own) or "none: they are those of a lithium-metal cell"
            raise ParameterError(Problem(f"run of '{parameters.name}'", "mechanisms", ", ".join(given), wanted))
        return own
    problems = [
        Problem("run", "mechanisms", found_text(name), choices(name, MECHANISMS))
        for name in given
        if name not in MECHANISMS
    ]
    chosen = tuple(name for name in MECHANISMS if name in given)
    for mechanism in (MECHANISMS[name] for name in chosen):
        problems += [
            Problem(
                "run", "mechanisms", f"'{mechanism.name}' without '{other}'", "both: the first builds on the second"
            )
            for other in mechanism.builds_on
            if other not in given
        ]
        problems += [
            Problem(parameters.name, path, "nothing", f"a value, which the mechanism '{mechanism.name}' needs")
            for path in mechanism.parameters
            if path not in parameters.entries and path not in parameters.functions
        ]
    if problems:
        raise ParameterError(problems)
    return chosen


def idle(path: str, chosen: Iterable[str]) -> str:
    """Return the mechanism that alone uses a number, if a run does without it: the number then changes nothing.

    A number of a function, such as a coefficient, begins with the path of the function. "" if the number is used.
    """

    def belongs(paths: Iterable[str]) -> bool:
        return any(path == one or path.startswith(f"{one}.") for one in paths)

    users = [name for name, one in MECHANISMS.items() if belongs((*one.parameters, *one.optional))]
    return "" if belongs(_USED_ANYWAY) or not users or not set(users).isdisjoint(chosen) else users[0]


def stored_variables(chosen: Iterable[str]) -> dict[str, Result]:
    """Return what the mechanisms of a run store along it: states and outputs, each once."""
    return {
        key: value for name in chosen for key, value in (MECHANISMS[name].states | MECHANISMS[name].outputs).items()
    }


def own_sources(chosen: Iterable[str]) -> dict[str, str]:
    """Return a digest of the source of each mechanism that is not of this package: another class is another run."""
    classes = {name: type(MECHANISMS[name]) for name in chosen}
    return {
        name: hashlib.sha256(_source(one).encode()).hexdigest()
        for name, one in classes.items()
        if not one.__module__.startswith(__package__)
    }


def _source(mechanism: type) -> str:
    """Return the text of a class; of one that was typed in or made by a function, a word that no other class has."""
    if "<locals>" not in mechanism.__qualname__:  # else the text does not tell what the function was given
        with suppress(OSError, TypeError):
            return inspect.getsource(mechanism)
    return f"{mechanism.__qualname__}, {id(mechanism)} of process {os.getpid()}"


def event_end(event: str) -> EndEvent | None:
    """Return what an event of a mechanism means, None for any other event."""
    return next((one.events[event] for one in MECHANISMS.values() if event in one.events), None)
