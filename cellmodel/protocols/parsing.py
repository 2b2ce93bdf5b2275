"""TOML and PyBaMM's step strings to protocols.

A step is one verb with its quantity (the unit tells what is held) and the limits that end it:

    discharge = "C/10" | "0.5 mA.cm-2" | "10 mA" | "1 W" | "swept" (the study or the call gives it)
    charge = the same          hold = "3.8 V" | "upper cut-off"          rest = "10 min"
    until = "2.6 V" | "lower cut-off" | "C/50" | ["C/50", "1 mA"]
    duration = "2 h"           temperature = "60 degC"

It refuses to know cells: see `resolving` for what depends on one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from cellmodel import resources
from cellmodel.errors import ParameterError, Problem, ProtocolError
from cellmodel.inputs import parse_c_rate, parse_quantity
from cellmodel.protocols.pybamm_strings import step_from_string
from cellmodel.protocols.reading import Table, find_file
from cellmodel.protocols.steps import UNITS, InitialState, Protocol, Step, Termination
from cellmodel.toml_files import read_toml

VERBS = ("discharge", "charge", "hold", "rest")
_CUT_OFF = re.compile(r"^\s*(lower|upper) cut-off\s*$")
_LIMIT = re.compile(r"^\s*([<>]?)\s*(.*)$", re.DOTALL)
_RATE_EXAMPLES = "'C/10', '0.5 mA.cm-2', '10 mA', '1 W' or 'swept' (the study or the call gives the rate)"


def list_protocols() -> list[str]:
    """Return the names of the shipped protocols."""
    return list(resources.files("experiments", "protocols"))


def load_protocol(name: str | Path | Protocol) -> Protocol:
    """Return the protocol of that name, or the one in a file.

    Parameters
    ----------
    name : str, pathlib.Path or Protocol
        Name of a shipped protocol or path of a TOML file; a Protocol is handed back.

    Returns
    -------
    Protocol
        In SI; what depends on the cell is still open.

    Raises
    ------
    ProtocolError
        Unknown name (nearest names offered), malformed TOML (line number), or every problem of the file.
    """
    if isinstance(name, Protocol):
        return name
    path = find_file(name, "protocols", ProtocolError)
    return _read(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=32)
def _read(path: Path, _changed: int) -> Protocol:
    """Return the protocol in a file, read once for every time at which the file was changed."""
    return parse_protocol(read_toml(path, ProtocolError), str(path))


def parse_protocol(values: Mapping[str, Any], file: str) -> Protocol:
    """Return the protocol that a TOML document describes.

    Parameters
    ----------
    values : mapping
        `description`, `step` (tables) or `steps` (PyBaMM's strings or tables), and optionally `cycles`,
        `initial`, `samples`, `complete_at`.
    file : str
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
    problems: list[Problem] = []
    table = Table(values, file, problems)
    description = table.take("description", str)
    steps = _steps(table)
    cycles, samples = table.take("cycles", int, 1), table.take("samples", int, 200)
    if cycles < 1:
        table.complain("cycles", repr(cycles), "1 or more")
    if samples < 2:
        table.complain("samples", repr(samples), "2 or more: both ends of a step are kept")
    initial = _initial(table.subtable("initial"))
    complete_at = table.take("complete_at", str, None)
    match = _CUT_OFF.match(complete_at or "")
    if complete_at is not None and match is None:
        table.complain("complete_at", repr(complete_at), "'lower cut-off' or 'upper cut-off'")
    table.close()
    if problems:
        raise ProtocolError(problems)
    return Protocol(
        Path(file).stem,
        description,
        tuple(steps),
        cycles,
        initial,
        samples,
        match.group(1) if match else None,
    )


def _initial(table: Table | None) -> InitialState:
    if table is None:
        return InitialState(state_of_charge=1.0)
    keys = ("stoichiometry", "state_of_charge", "voltage")
    table.allow(keys)
    given = {key: table.quantity(key, "V" if key == "voltage" else "1") for key in keys if key in table.values}
    table.close()
    if len(given) != 1:
        table.complain("", " and ".join(given) or "nothing", "exactly one of " + ", ".join(keys))
        return InitialState(state_of_charge=1.0)
    return InitialState(**given)


def _steps(table: Table) -> list[Step]:
    tables, mixed = table.take("step", list, None), table.take("steps", list, None)
    key, entries = ("step", tables) if tables is not None else ("steps", mixed)
    if tables is not None and mixed is not None:
        table.complain("steps", "both `steps` and [[step]]", "one of the two")
    elif not entries:
        table.complain("steps", "no step", "[[step]] tables, or `steps` with PyBaMM's strings")
    steps: list[Step] = []
    for number, entry in enumerate(entries or [], start=1):
        place = Table(entry if isinstance(entry, dict) else {}, table.file, table.problems, f"{key}[{number}]")
        if isinstance(entry, str):
            steps.extend(step_from_string(entry, place))
        elif isinstance(entry, dict):
            steps.extend(_step(place))
        else:
            place.complain("", repr(entry), "a table, or one of PyBaMM's step strings")
    return steps


def _step(table: Table) -> list[Step]:
    table.allow([*VERBS, "until"])
    temperature = table.quantity("temperature", "K")
    verbs = [verb for verb in VERBS if verb in table.values]
    duration = _duration(table, "duration")
    if len(verbs) != 1:
        table.close()
        table.complain("", " and ".join(verbs) or "no verb", "exactly one of " + ", ".join(VERBS))
        return []
    verb = verbs[0]
    kind, value, cut_off = _held(table, verb)
    if verb == "rest":
        if "duration" in table.values:
            table.complain(
                "duration", repr(table.values["duration"]), "nothing: the duration of a rest is `rest = ...`"
            )
        duration = _duration(table, "rest")
    until = _until(table, verb, kind)
    table.close()
    if duration is None and "duration" not in table.values and verb != "rest":
        if kind in ("voltage", "power"):
            table.complain("duration", "nothing", "the longest time this step may take, such as '10 h'")
        elif not until and "until" not in table.values:
            table.complain("until", "nothing", "a limit that ends the step (`until`), a `duration`, or both")
    direction = verb if verb in ("discharge", "charge") else None
    return [Step(kind, value, duration, until, temperature, direction, cut_off)]


def _duration(table: Table, key: str) -> float | None:
    value = table.quantity(key, "s")
    if value is not None and not value > 0:
        table.complain(key, repr(table.values[key]), "a time above zero")
        return None
    return value


def _held(table: Table, verb: str) -> tuple[str, float | None, str | None]:
    """Return kind, value and cut-off of a step; discharge positive."""
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
        table.complain(verb, repr(text), _RATE_EXAMPLES)
        return "c_rate", 1.0, None
    kind, value = found
    if not 0 < value < float("inf"):
        table.complain(verb, repr(text), f"a value above zero (the verb `{verb}` gives the direction)")
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


def _until(table: Table, verb: str, kind: str) -> tuple[Termination, ...]:
    entries = table.values.get("until", [])
    limits = []
    for text in entries if isinstance(entries, list) else [entries]:
        limit = _limit(table, text, verb)
        if limit is not None:
            limits.append(limit)
    fixed_current = kind in ("current", "c_rate", "current_density", "rest")
    for limit in limits:
        if fixed_current and limit.quantity != "voltage":
            table.complain("until", f"'{limit}'", "a voltage: the current of this step does not change")
        elif kind == "voltage" and limit.quantity == "voltage":
            table.complain("until", f"'{limit}'", "a current or C-rate: the voltage of this step does not change")
    return tuple(limits)


def _limit(table: Table, text: Any, verb: str) -> Termination | None:
    wanted = "a limit such as '2.6 V', 'lower cut-off', 'C/50' or '1 mA'"
    sign, rest = _LIMIT.match(text).groups() if isinstance(text, str) else ("", text)  # type: ignore[union-attr]
    sides = {"<": "below", ">": "above", "discharge": "below", "charge": "above"}
    side = sides.get(sign or verb)
    if isinstance(rest, str) and (match := _CUT_OFF.match(rest)):
        cut_off, expected = match.group(1), "below" if match.group(1) == "lower" else "above"
        if sign or verb == "hold" or (verb != "rest" and side != expected):
            table.complain("until", repr(text), f"a limit that a {verb} can reach")
            return None
        return Termination("voltage", None, expected, cut_off)
    found = _with_unit(rest, ("voltage", "current"))
    if found is None or not 0 < found[1] < float("inf"):
        table.complain("until", repr(text), wanted)
        return None
    if found[0] != "voltage":
        if sign == ">":
            table.complain("until", repr(text), "a current that the step falls below")
        return Termination(found[0], found[1], "below")
    if side is None and verb == "rest":
        table.complain("until", repr(text), f"'< {rest}' or '> {rest}': a {verb} has no direction")
        return None
    return Termination("voltage", found[1], side or "below")
