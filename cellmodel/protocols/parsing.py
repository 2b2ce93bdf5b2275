"""TOML and PyBaMM's step strings to protocols.

A step is one verb with its quantity (the unit tells what is held) and the limits that end it:

    discharge = "C/10" | "0.5 mA.cm-2" | "10 mA" | "1 W" | "swept" (the study or the call gives it)
    charge = the same          hold = "3.8 V" | "upper cut-off"          rest = "10 min"
    until = "2.6 V" | "lower cut-off" | "C/50" | ["C/50", "1 mA"]: the first one met ends the step
    duration = "2 h"           temperature = "60 degC"

What a step must fulfil wherever it came from stands in `checks`, what depends on a cell in `resolving`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from cellmodel import resources
from cellmodel.errors import ParameterError, Problem, ProtocolError, found_text, shortened
from cellmodel.inputs import name_or_path, parse_c_rate, parse_quantity
from cellmodel.protocols.checks import check_shape, initial_problems, size_problems, step_problems, text_problems
from cellmodel.protocols.plain import plain_protocol
from cellmodel.protocols.pybamm_steps import is_pybamm, step_from_pybamm, step_from_string, steps_of_experiment
from cellmodel.protocols.reading import Table, find_file
from cellmodel.protocols.steps import UNITS, InitialState, Protocol, Step, Termination
from cellmodel.toml_files import parse_toml, read_bytes

VERBS = ("discharge", "charge", "hold", "rest")
_CUT_OFF = re.compile(r"^\s*(lower|upper) cut-off\s*$")
_LIMIT = re.compile(r"^\s*([<>]?)\s*(.*)$", re.DOTALL)
_RATE_EXAMPLES = "'C/10', '0.5 mA.cm-2', '10 mA', '1 W' or 'swept' (the study or the call gives the rate)"


def list_protocols() -> list[str]:
    """Return the names of the shipped protocols.

    Returns
    -------
    list of str
        In alphabetical order.

    Examples
    --------
    >>> import cellmodel
    >>> cellmodel.list_protocols()
    ['cccv_cycle', 'charge', 'charge_from_0862', 'discharge', 'gitt']
    """
    return list(resources.files("experiments", "protocols"))


def load_protocol(name: Any) -> Protocol:
    """Return the protocol of that name, the one in a file, or the one that is given as it is.

    Parameters
    ----------
    name : str, path-like, Protocol, list, mapping or pybamm.Experiment
        Name of a shipped protocol or path of a TOML file; a Protocol, which is handed back; a list of steps, each one
        of PyBaMM's strings, a table as in a file, or a step of PyBaMM; a mapping as a file has it; or an experiment of
        PyBaMM, where it means the same here.

    Returns
    -------
    Protocol
        In SI; what depends on the cell is still open.

    Raises
    ------
    ProtocolError
        Unknown name (nearest names offered), malformed TOML (line number), every problem of the steps, an experiment
        that asks for what is not done here, or something else than the above.

    Examples
    --------
    >>> import cellmodel
    >>> cellmodel.load_protocol("discharge").steps[0].kind
    'c_rate'
    >>> cellmodel.load_protocol(["Discharge at C/3 until 2.8 V", "Rest for 1 hour"]).steps[1].duration
    3600.0
    """
    if isinstance(name, Protocol):
        check_shape(name)
        return plain_protocol(name)
    if isinstance(name, Mapping):
        return parse_protocol(name, "protocol")
    if isinstance(name, list | tuple):
        return _from_steps(name)
    if is_pybamm(name, "Experiment"):
        return _from_steps(*steps_of_experiment(name))
    wanted = "the name of a protocol, the path of a TOML file, a list of steps, a Protocol or a pybamm.Experiment"
    path = find_file(name_or_path(name, "run", "protocol", wanted, ProtocolError), "protocols", ProtocolError)
    return _read(read_bytes(path, ProtocolError), str(path))


@lru_cache(maxsize=32)
def _read(content: bytes, path: str) -> Protocol:
    """Return the protocol that a file holds now: parsed once for every content."""
    return parse_protocol(parse_toml(content, path, ProtocolError), path)


def _from_steps(steps: list[Any] | tuple[Any, ...], cycles: int = 1) -> Protocol:
    """Return the protocol of some steps; what they say is its description."""
    words = ", ".join(step if isinstance(step, str) else "a step" for step in steps[:10])
    values = {"description": shortened(words, 200) or "no step", "steps": list(steps), "cycles": cycles}
    return parse_protocol(values, "protocol")


def parse_protocol(values: Mapping[str, Any], file: str | os.PathLike[str] = "protocol") -> Protocol:
    """Return the protocol that a TOML document describes.

    Parameters
    ----------
    values : mapping
        `description`, `step` (tables) or `steps` (PyBaMM's strings or tables), and optionally `cycles`,
        `initial`, `samples`, `complete_at`.
    file : str or path-like, optional
        Where it stands, for messages; its stem is the protocol's name.

    Returns
    -------
    Protocol
        In SI.

    Raises
    ------
    ProtocolError
        Every problem found.
    """
    file = name_or_path(file, "protocol", "file", "the name of a file", ProtocolError)
    if not isinstance(values, Mapping):
        raise ProtocolError(Problem(file, "protocol", found_text(values), "a table with `description` and `steps`"))
    problems: list[Problem] = []
    table = Table({str(key): value for key, value in values.items()}, file, problems)
    description = table.take("description", str)
    steps, counted = _steps(table)
    cycles, samples = table.take("cycles", int, 1), table.take("samples", int, 200)
    for problem in size_problems(cycles, samples, counted):
        table.complain(*problem)
    for problem in text_problems(Path(file).stem, description) if description is not None else ():
        table.complain(*problem)
    initial = _initial(table.subtable("initial"))
    complete_at = table.take("complete_at", str, None)
    match = _CUT_OFF.match(complete_at or "")
    if complete_at is not None and match is None:
        table.complain("complete_at", found_text(complete_at), "'lower cut-off' or 'upper cut-off'")
    table.close()
    if problems:
        raise ProtocolError(problems)
    side = match.group(1) if match else None
    return plain_protocol(Protocol(Path(file).stem, description, tuple(steps), cycles, initial, samples, side))


def _initial(table: Table | None) -> InitialState:
    charged = InitialState(state_of_charge=1.0)
    if table is None:
        return charged
    keys = ("stoichiometry", "state_of_charge", "voltage")
    table.allow(keys)
    before = len(table.problems)
    given = {key: table.quantity(key, "V" if key == "voltage" else "1") for key in keys if key in table.values}
    table.close()
    initial = InitialState(**given)
    for problem in initial_problems(initial) if len(table.problems) == before else ():
        table.complain(*problem)
    return charged if len(table.problems) > before else initial


def _steps(table: Table) -> tuple[list[Step], int]:
    """Return the steps that are sound, and how many were given."""
    tables, mixed = table.take("step", list, None), table.take("steps", list, None)
    key, entries = ("step", tables) if tables is not None else ("steps", mixed)
    if tables is not None and mixed is not None:
        table.complain("steps", "both `steps` and [[step]]", "one of the two")
    elif not entries:
        table.complain("steps", "no step", "[[step]] tables, or `steps` with PyBaMM's strings")
    steps: list[Step] = []
    for number, entry in enumerate(entries or [], start=1):
        place = Table(entry if isinstance(entry, Mapping) else {}, table.file, table.problems, f"{key}[{number}]")
        before = len(place.problems)
        step = _any_step(place, entry)
        if step is None or len(place.problems) > before:
            continue
        for part, found, wanted in step_problems(step):
            place.complain(*_where(place, entry, step, part, found), wanted)
        steps.append(step)
    return steps, len(entries or [])


def _any_step(place: Table, entry: Any) -> Step | None:
    """Return the step of a string, a table, or an object; the problem is in the table where there is none."""
    if isinstance(entry, Step):
        return entry
    if isinstance(entry, str):
        return step_from_string(entry, place)
    if isinstance(entry, Mapping):
        return _step(place)
    if is_pybamm(entry, "BaseStep"):
        return step_from_pybamm(entry, place)
    place.complain("", found_text(entry), "a table, or one of PyBaMM's step strings")
    return None


def _where(place: Table, entry: Any, step: Step, part: str, found: str) -> tuple[str, str]:
    """Return the key and the text to name for a problem of a step: as they were written."""
    if isinstance(entry, str):
        return "", found_text(entry)
    if not isinstance(entry, Mapping):
        return part, found
    verb = next(verb for verb in VERBS if verb in place.values)
    key = {"value": verb, "direction": verb, "kind": verb}.get(part, part)
    key = "rest" if key == "duration" and step.kind == "rest" else key
    return key, found_text(place.values[key]) if key in place.values and key != "until" else found


def _step(table: Table) -> Step | None:
    table.allow([*VERBS, "until"])
    temperature = table.quantity("temperature", "K")
    verbs = [verb for verb in VERBS if verb in table.values]
    duration = table.quantity("duration", "s")
    if len(verbs) != 1:
        table.close()
        table.complain("", " and ".join(verbs) or "no verb", "exactly one of " + ", ".join(VERBS))
        return None
    verb = verbs[0]
    held = _held(table, verb)
    if verb == "rest":
        if "duration" in table.values:
            table.complain(
                "duration", found_text(table.values["duration"]), "nothing: the duration of a rest is `rest = ...`"
            )
        duration = table.quantity("rest", "s")
    until = _until(table, verb)
    table.close()
    if held is None:
        return None
    kind, value, cut_off = held
    direction = verb if verb in ("discharge", "charge") else None
    return Step(kind, value, duration, until, temperature, direction, cut_off)


def _held(table: Table, verb: str) -> tuple[str, float | None, str | None] | None:
    """Return kind, value and cut-off of a step, discharge positive; None where the text is wrong."""
    text = table.values[verb]
    if verb == "rest":
        return "rest", 0.0, None
    if verb == "hold":
        match = _CUT_OFF.match(text) if isinstance(text, str) else None
        return "voltage", None if match else table.quantity(verb, "V"), match.group(1) if match else None
    if text == "swept":
        return "c_rate", None, None
    found = _with_unit(text, ("current", "current_density", "power"))
    if found is None:
        table.complain(verb, found_text(text), _RATE_EXAMPLES)
        return None
    kind, value = found
    return kind, value if verb == "discharge" else -value, None


def _with_unit(text: Any, kinds: tuple[str, ...]) -> tuple[str, float] | None:
    rate = parse_c_rate(text)
    if rate is not None:
        return "c_rate", rate
    for kind in kinds:
        try:
            return (kind, parse_quantity(text, UNITS[kind])) if isinstance(text, str) else None
        except ParameterError:
            continue
    return None


def _until(table: Table, verb: str) -> tuple[Termination, ...]:
    entries = table.values.get("until", [])
    limits = []
    for text in entries if isinstance(entries, list | tuple) else [entries]:
        limit = _limit(table, text, verb)
        if limit is not None:
            limits.append(limit)
    return tuple(limits)


def _limit(table: Table, text: Any, verb: str) -> Termination | None:
    wanted = "a limit such as '2.6 V', 'lower cut-off', 'C/50' or '1 mA'"
    sign, rest = _LIMIT.match(text).groups() if isinstance(text, str) else ("", text)  # type: ignore[union-attr]
    sides = {"<": "below", ">": "above", "discharge": "below", "charge": "above"}
    side = sides.get(sign or verb)
    if isinstance(rest, str) and (match := _CUT_OFF.match(rest)):
        cut_off, expected = match.group(1), "below" if match.group(1) == "lower" else "above"
        if sign or verb == "hold" or (verb != "rest" and side != expected):
            table.complain("until", found_text(text), f"a limit that a {verb} can reach")
            return None
        return Termination("voltage", None, expected, cut_off)
    found = _with_unit(rest, ("voltage", "current", "current_density"))
    if found is None or not 0 < found[1] < float("inf"):
        table.complain("until", found_text(text), wanted)
        return None
    if found[0] != "voltage":
        if sign == ">":
            table.complain("until", found_text(text), "a current that the step falls below")
        return Termination(found[0], found[1], "below")
    if side is None and verb == "rest":
        table.complain("until", found_text(text), f"'< {rest}' or '> {rest}': a {verb} has no direction")
        return None
    return Termination("voltage", found[1], side or "below")
