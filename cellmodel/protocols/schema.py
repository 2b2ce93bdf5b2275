"""What a protocol file may say.

A step is one verb with its quantity (the unit tells what is held) and the limits that end it:

    discharge = "C/10" | "0.5 mA.cm-2" | "10 mA" | "1 W" | "swept" (the study or the call gives it)
    charge = the same          hold = "3.8 V" | "upper cut-off"          rest = "10 min"
    drive = { file = "current.csv", time = "time [h]", current = "current [mA]" }: a current as a function of time
    until = "2.6 V" | "lower cut-off" | "C/50" | ["C/50", "1 mA"]: the first one met ends the step
    duration = "2 h"           temperature = "60 degC"

What a step must fulfil wherever it came from stands in `checks`, what depends on a cell in `resolving`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Annotated, Any

import pydantic
from pydantic_core import core_schema

from cellmodel.errors import CellModelError, ParameterError, Problem, ProtocolError, found_text
from cellmodel.inputs import parse_c_rate, parse_quantity
from cellmodel.protocols.checks import initial_problems, step_problems
from cellmodel.protocols.current_table import CurrentTable, read_current_table
from cellmodel.protocols.pybamm_steps import is_pybamm, step_from_pybamm, step_from_string
from cellmodel.protocols.steps import UNITS, InitialState, Step, Termination
from cellmodel.schemas import FieldError, Read, Strict, Whole, in_unit, with_unit

VERBS = ("discharge", "charge", "hold", "rest", "drive")
_CUT_OFF = re.compile(r"^\s*(lower|upper) cut-off\s*$")
_LIMIT = re.compile(r"^\s*([<>]?)\s*(.*)$", re.DOTALL)
_RATES = "'C/10', '0.5 mA.cm-2', '10 mA', '1 W' or 'swept' (the study or the call gives the rate)"
_LIMITS = "a limit such as '2.6 V', 'lower cut-off', 'C/50' or '1 mA'"
_Held = tuple[str, float | None, str | None]


def _refused(found: Any, wanted: str) -> ProtocolError:
    return ProtocolError(Problem("", "", found_text(found), wanted))


def _with_unit(text: Any, kinds: tuple[str, ...]) -> tuple[str, float] | None:
    """Return which of some quantities a text is, and its number; None if it is none of them."""
    rate = parse_c_rate(text)
    if rate is not None:
        return "c_rate", rate
    for kind in kinds if isinstance(text, str) else ():
        try:
            return kind, parse_quantity(text, UNITS[kind])
        except ParameterError:
            continue
    return None


def _rate(text: Any) -> _Held:
    """Return kind, size and cut-off of what a discharge or charge holds."""
    if text == "swept":
        return "c_rate", None, None
    found = _with_unit(text, ("current", "current_density", "power"))
    if found is None:
        raise _refused(text, _RATES)
    return (*found, None)


def _voltage(text: Any) -> _Held:
    """Return kind, voltage and cut-off of a hold."""
    match = _CUT_OFF.match(text) if isinstance(text, str) else None
    return ("voltage", None, match.group(1)) if match else ("voltage", with_unit(text, "V"), None)


def _cut_off(text: Any) -> str:
    match = _CUT_OFF.match(text) if isinstance(text, str) else None
    if match is None:
        raise _refused(text, "'lower cut-off' or 'upper cut-off'" if isinstance(text, str) else "text in quotes")
    return match.group(1)


def _limit(text: Any, verb: str) -> Termination:
    """Return one limit of a step."""
    sign, rest = _LIMIT.match(text).groups() if isinstance(text, str) else ("", text)  # type: ignore[union-attr]
    side = {"<": "below", ">": "above", "discharge": "below", "charge": "above"}.get(sign or verb)
    if isinstance(rest, str) and (match := _CUT_OFF.match(rest)):
        expected = "below" if match.group(1) == "lower" else "above"
        if sign or verb == "hold" or side not in (None, expected):
            raise _refused(text, f"a limit that a {verb} can reach")
        return Termination("voltage", None, expected, match.group(1))
    found = _with_unit(rest, ("voltage", "current", "current_density"))
    if found is None or not 0 < found[1] < float("inf"):
        raise _refused(text, _LIMITS)
    if found[0] != "voltage":
        if sign == ">":
            raise _refused(text, "a current that the step falls below")
        return Termination(found[0], found[1], "below")
    if side is None and verb in ("rest", "drive"):
        raise _refused(text, f"'< {rest}' or '> {rest}': a {verb} has no direction")
    return Termination("voltage", found[1], side or "below")


_RATE_TEXT = Read(_rate, _RATES, {"type": "string", "description": _RATES, "examples": ["C/10", "swept"]})
_LIMIT_TEXT = {"type": "string", "description": _LIMITS, "examples": ["2.6 V", "lower cut-off", "C/50"]}


_TEXT, _NUMBERS = {"type": "string"}, {"type": "array", "items": {"type": "number"}}
_DRIVE = {
    "type": "object",
    "additionalProperties": False,
    "description": "current as a function of time, discharge positive: columns of a CSV file, 'name [unit]', or lists",
    "properties": {
        "file": _TEXT,
        "time": {"anyOf": [_TEXT, _NUMBERS]},
        "time_unit": _TEXT,
        "current": {"anyOf": [_TEXT, _NUMBERS]},
        "current_unit": _TEXT,
    },
}


class StepTable(Strict):
    """One step: exactly one verb with what it holds, and the limits that end it."""

    discharge: Annotated[_Held | None, _RATE_TEXT] = None
    charge: Annotated[_Held | None, _RATE_TEXT] = None
    hold: Annotated[
        _Held | None,
        Read(_voltage, "a voltage", {"type": "string", "description": "[V]", "examples": ["3.8 V", "upper cut-off"]}),
    ] = None
    rest: Annotated[float | None, in_unit("s")] = None
    drive: Annotated[CurrentTable | None, Read(read_current_table, "a table of currents", _DRIVE)] = None
    until: Annotated[
        tuple[Termination, ...],
        pydantic.WithJsonSchema({"anyOf": [_LIMIT_TEXT, {"type": "array", "items": _LIMIT_TEXT}]}),
    ] = ()
    duration: Annotated[float | None, in_unit("s")] = None
    temperature: Annotated[float | None, in_unit("K")] = None

    @pydantic.field_validator("until", mode="before")
    @classmethod
    def _limits(cls, value: Any, info: pydantic.ValidationInfo) -> tuple[Termination, ...]:
        verb = next((verb for verb in VERBS if info.data.get(verb) is not None), "")
        limits, problems = [], list[Problem]()
        for text in value if isinstance(value, list | tuple) else [value]:
            try:
                limits.append(_limit(text, verb))
            except ProtocolError as error:
                problems += error.problems
        if problems:
            raise FieldError(problems)
        return tuple(limits)

    def step(self, written: Mapping[str, Any]) -> Step:
        """Return the step, discharge positive; FieldError unless it has one verb. `written` is the table as given."""
        given = [verb for verb in VERBS if getattr(self, verb) is not None]
        if len(given) != 1:
            wanted = "exactly one of " + ", ".join(VERBS)
            raise FieldError([Problem("", "", " and ".join(given) or "no verb", wanted)])
        verb = given[0]
        if verb in ("rest", "drive"):
            if self.duration is not None:
                own = "the duration of a rest is `rest = ...`" if verb == "rest" else "a drive is as long as its table"
                raise FieldError([Problem("", "duration", found_text(written["duration"]), f"nothing: {own}")])
            duration = self.rest if self.drive is None else self.drive.times[-1]
            return Step(verb, 0.0, duration, self.until, self.temperature, current_table=self.drive)
        kind, value, cut_off = getattr(self, verb)
        value = -value if verb == "charge" and value is not None else value
        direction = None if verb == "hold" else verb
        return Step(kind, value, self.duration, self.until, self.temperature, direction, cut_off)


def _read_step(entry: Any, read_table: Callable[[Any], StepTable]) -> Step:
    """Return the step of a table, of a string or object of PyBaMM, or of a Step, as `checks` accept it."""
    try:
        if isinstance(entry, Step):
            step = entry
        elif isinstance(entry, Mapping):
            step = read_table({str(key): value for key, value in entry.items()}).step(entry)
        elif isinstance(entry, str):
            step = step_from_string(entry)
        elif is_pybamm(entry, "BaseStep"):
            step = step_from_pybamm(entry)
        else:
            raise _refused(entry, "a table, or one of PyBaMM's step strings")
    except CellModelError as error:
        raise FieldError(error) from None
    problems = [Problem("", *_as_written(entry, step, *found), wanted) for *found, wanted in step_problems(step)]
    if problems:
        raise FieldError(problems)
    return step


def _as_written(entry: Any, step: Step, part: str, found: str) -> tuple[str, str]:
    """Return the key and the text to name for a problem of a step: as they were written."""
    if isinstance(entry, str):
        return "", found_text(entry)
    if not isinstance(entry, Mapping):
        return part, found
    verb = next(verb for verb in VERBS if verb in entry)
    key = (
        verb
        if part in ("value", "direction", "kind", "current_table") or (part, step.kind) == ("duration", "rest")
        else part
    )
    if part == "current_table":
        return key, found
    return key, found_text(entry[key]) if key in entry and key != "until" else found


class _AnyStep:
    """Annotation of one entry of the steps."""

    table = StepTable

    @staticmethod
    def __get_pydantic_core_schema__(source: Any, handler: pydantic.GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_wrap_validator_function(_read_step, handler.generate_schema(StepTable))

    @staticmethod
    def __get_pydantic_json_schema__(schema: Any, handler: pydantic.GetJsonSchemaHandler) -> dict[str, Any]:
        text = {"type": "string", "description": "one of PyBaMM's step strings", "examples": ["Rest for 1 hour"]}
        return {"anyOf": [handler(schema), text]}


class InitialTable(Strict):
    """The state from which a protocol starts, at rest and uniform: exactly one of the three."""

    stoichiometry: Annotated[float | None, in_unit("1")] = None
    state_of_charge: Annotated[float | None, in_unit("1")] = None
    voltage: Annotated[float | None, in_unit("V")] = None

    @property
    def state(self) -> InitialState:
        """The same as the record that a run takes."""
        return InitialState(**dict(self))

    @pydantic.model_validator(mode="after")
    def _possible(self) -> InitialTable:
        problems = [Problem("", *problem) for problem in initial_problems(self.state)]
        if problems:
            raise FieldError(problems)
        return self


class ProtocolFile(Strict):
    """Steps, repeated in cycles from an initial state."""

    description: str
    step: list[Annotated[Step, _AnyStep]] | None = None
    steps: list[Annotated[Step, _AnyStep]] | None = None
    cycles: Whole = 1
    initial: InitialTable = InitialTable(state_of_charge=1.0)
    samples: Whole = 200
    complete_at: Annotated[
        str | None, Read(_cut_off, json={"enum": ["lower cut-off", "upper cut-off"], "type": "string"})
    ] = None
