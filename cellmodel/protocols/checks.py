"""What every step and every protocol must fulfil, whether it came from a table, from a string or from Python.

The bounds stand here and nowhere else. It knows no cell: see `resolving` for what depends on one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from cellmodel.errors import Problem, ProtocolError, found_text
from cellmodel.inputs import HIGHEST_RATE, LOWEST_RATE, real, whole_number
from cellmodel.protocols.current_table import CurrentTable
from cellmodel.protocols.steps import CUT_OFFS, UNITS, InitialState, Step, Termination
from cellmodel.quantities import QUANTITIES

if TYPE_CHECKING:
    from cellmodel.protocols.loading import Protocol

SHORTEST, LONGEST = 1e-3, 10 * 365.25 * 86400.0
"""Duration of a step [s]: a millisecond to ten years."""
MOST_STEPS, MOST_CYCLES, MOST_SAMPLES, MOST_VALUES = 1000, 10_000, 100_000, 20_000_000
"""Steps, cycles, samples of a step, and samples of all steps of all cycles together (a gigabyte of results)."""
LONGEST_NAME, LONGEST_DESCRIPTION = 255, 2000
"""Characters."""
BOUNDS = {
    "c_rate": (LOWEST_RATE, HIGHEST_RATE),
    "current": (1e-12, 1e6),
    "current_density": (1e-8, 1e8),
    "power": (1e-12, 1e7),
    "voltage": QUANTITIES["cell.upper_voltage_cut_off"].bounds,
}
"""Smallest and largest magnitude of what a step holds or is limited by, in the units of `steps.UNITS`."""
ROUNDING = 1e-9
"""How far beyond 0 and 1 a share may lie: the last digits of a computed number."""

_CUT_OFF_LIMITS = {
    ("lower", "below", "discharge"),
    ("lower", "below", None),
    ("upper", "above", "charge"),
    ("upper", "above", None),
}
"""Cut-offs that end a step, on which side, and in which direction the step goes."""
_FIXED_CURRENT = ("current", "c_rate", "current_density", "rest", "drive")
_Found = tuple[str, str, str]


def step_problems(step: Step) -> list[tuple[str, str, str]]:
    """Return what is wrong with a step by itself.

    Parameters
    ----------
    step : Step
        From anywhere.

    Returns
    -------
    list of tuple of str
        Which part of the step ("value", "duration", "until", "temperature" or "direction"), what it is, and what is
        wanted.
    """
    kinds = (*UNITS, "rest", "drive")
    if step.kind not in kinds:
        return [("kind", found_text(step.kind), "one of " + ", ".join(kinds))]
    if not isinstance(step.until, tuple) or not all(isinstance(limit, Termination) for limit in step.until):
        return [("until", found_text(step.until), "a tuple of limits")]
    found = [*_table_problems(step), *_value_problems(step), *_time_problems(step)]
    for limit in step.until:
        found += _limit_problems(step, limit)
    return found


def _table_problems(step: Step) -> Iterator[_Found]:
    table = step.current_table
    if (step.kind == "drive") != isinstance(table, CurrentTable):
        wanted = "a CurrentTable" if step.kind == "drive" else "none: only a drive has a table"
        yield "current_table", found_text(table), wanted
    elif table is not None:
        found = [("current_table", *one) for one in table.problems()]
        yield from found
        if found:
            return
        high = BOUNDS[table.quantity][1]
        if abs(table.largest) > high:
            unit = UNITS[table.quantity]
            yield "current_table", f"{table.largest:g} {unit}", f"currents of at most {high:g} {unit}"
        if real(step.duration) != table.times[-1]:
            yield "duration", found_text(step.duration), "none: a drive takes as long as its table"


def _value_problems(step: Step) -> Iterator[_Found]:
    if step.cut_off is not None and (step.kind != "voltage" or step.cut_off not in CUT_OFFS):
        yield "cut_off", found_text(step.cut_off), "'lower' or 'upper' for a hold, none for other steps"
        return
    if step.kind in ("rest", "drive"):
        if real(step.value) != 0.0 or step.direction is not None:
            why = "nothing flows at rest" if step.kind == "rest" else "the table has the current"
            yield "value", found_text(step.value), f"0: {why}"
        return
    directed = step.kind != "voltage"
    if directed != (step.direction in ("discharge", "charge")):
        yield (
            "direction",
            found_text(step.direction),
            "'discharge' or 'charge'" if directed else "none for a hold",
        )
        return
    if step.value is None:
        if step.kind != "c_rate" and step.cut_off is None:
            yield "value", found_text(step.value), f"a number in {UNITS[step.kind]}"
        return
    value, (low, high) = real(step.value), BOUNDS[step.kind]
    size = -value if value is not None and step.direction == "charge" else value
    if size is None or not low <= size <= high or size == 0.0:
        verb = step.direction or "hold"
        sign = f" (the verb `{verb}` gives the direction)" if directed else ""
        wanted = f"a value above zero, {low or 0.001:g} to {high:g} {UNITS[step.kind]}{sign}"
        yield "value", f"{size:g} {UNITS[step.kind]}" if size is not None else found_text(step.value), wanted


def _time_problems(step: Step) -> Iterator[_Found]:
    duration = None if step.duration is None else real(step.duration)
    if not isinstance(step.duration_asked, bool):
        yield "duration_asked", found_text(step.duration_asked), "true or false"
    if step.duration is None:
        if step.kind == "rest":
            yield "duration", "nothing", "a rest with a time, such as '10 min'"
        elif not step.until:
            yield "until", "nothing", "a limit that ends the step (`until`), a `duration`, or both"
    elif duration is None or not duration > 0.0:
        yield "duration", found_text(step.duration), "a time above zero"
    elif not SHORTEST <= duration <= LONGEST * (1.0 if step.duration_asked else 2.0):  # a safety limit is longer
        yield "duration", f"{duration:g} s", f"a time of {SHORTEST:g} s to {LONGEST:.4g} s, which is ten years"
    if step.temperature is not None:
        kelvin, (low, high) = real(step.temperature), QUANTITIES["cell.temperature"].bounds
        if kelvin is None or not low <= kelvin <= high:
            found = found_text(step.temperature) if kelvin is None else f"{kelvin:g} K"
            yield "temperature", found, f"a temperature of {low:g} to {high:g} K"


def _limit_problems(step: Step, limit: Termination) -> Iterator[_Found]:
    if limit.quantity not in ("voltage", "current", "c_rate", "current_density"):
        yield "until", found_text(limit.quantity), "a limit by voltage, current, C-rate or current density"
        return
    by_voltage = limit.quantity == "voltage"
    if step.kind in _FIXED_CURRENT and not by_voltage:
        given = "is that of its table" if step.kind == "drive" else "does not change"
        yield "until", f"'{limit}'", f"a voltage: the current of this step {given}"
    elif step.kind == "voltage" and by_voltage:
        yield "until", f"'{limit}'", "a current or C-rate: the voltage of this step does not change"
    elif limit.direction not in (("below", "above") if by_voltage else ("below",)):
        yield "until", f"'{limit}'", "a voltage" if by_voltage else "a current that the step falls below"
    elif limit.cut_off is not None and (limit.cut_off, limit.direction, step.direction) not in _CUT_OFF_LIMITS:
        yield "until", found_text(limit.cut_off), "the cut-off 'lower' or 'upper', on the side that the step reaches"
    elif limit.value is None:
        if limit.cut_off is None:
            yield "until", found_text(limit.cut_off), "a value, or the cut-off 'lower' or 'upper'"
    elif limit.cut_off is None:  # a cell's own cut-off may be negative
        value, (low, high) = real(limit.value), BOUNDS[limit.quantity]
        if value is None or not low <= value <= high or value == 0.0:
            wanted = f"a limit above zero, {low or 0.001:g} to {high:g} {UNITS[limit.quantity]}"
            yield "until", f"'{limit}'", wanted


def initial_problems(initial: InitialState) -> list[tuple[str, str, str]]:
    """Return what is wrong with an initial state by itself, as `step_problems` does; the part may be ""."""
    given = {key: value for key, value in vars(initial).items() if value is not None}
    if len(given) != 1:
        return [("", " and ".join(given) or "nothing", "exactly one of " + ", ".join(vars(initial)))]
    ((key, value),) = given.items()
    low, high = BOUNDS["voltage"] if key == "voltage" else (-ROUNDING, 1.0 + ROUNDING)
    number = real(value)
    if number is not None and low <= number <= high:
        return []
    wanted = f"a voltage of 0 to {high:g} V" if key == "voltage" else "a number from 0 to 1"
    return [(key, found_text(value) if number is None else f"{number:g}{' V' * (key == 'voltage')}", wanted)]


def text_problems(name: Any, description: Any) -> list[tuple[str, str, str]]:
    """Return what is wrong with the name and the description of a protocol, as `step_problems` does."""
    texts = {"name": (name, LONGEST_NAME), "description": (description, LONGEST_DESCRIPTION)}
    return [
        (key, found_text(text), f"text of at most {most} characters")
        for key, (text, most) in texts.items()
        if not isinstance(text, str) or len(text) > most
    ]


def size_problems(cycles: Any, samples: Any, steps: int) -> list[tuple[str, str, str]]:
    """Return what is wrong with how often steps are repeated and sampled, as `step_problems` does."""
    found = []
    limits = {"cycles": (cycles, 1, MOST_CYCLES, "1 or more"), "samples": (samples, 2, MOST_SAMPLES, "2 or more")}
    for key, (value, low, high, words) in limits.items():
        why = ": both ends of a step are kept" if key == "samples" else ""
        try:
            whole_number(value, "", key, "", (low, high), ProtocolError)
        except ProtocolError:
            found.append((key, found_text(value), f"{words}, at most {high}{why}"))
    if steps > MOST_STEPS:
        found.append(("steps", f"{steps} steps", f"at most {MOST_STEPS}; `cycles` repeats them"))
    if not found and cycles * samples * steps > MOST_VALUES:
        product = f"{cycles} cycles of {steps} steps with {samples} samples"
        found.append(("samples", product, f"at most {MOST_VALUES} samples in all"))
    return found


def check_shape(protocol: Protocol) -> None:
    """Raise if a protocol, such as one that was made in Python, is none that can be run on any cell.

    Parameters
    ----------
    protocol : Protocol
        From anywhere.

    Raises
    ------
    ProtocolError
        Every problem of its steps, its initial state and its numbers.
    """
    where = f"protocol {protocol.name}"
    if not isinstance(protocol.steps, tuple) or not all(isinstance(step, Step) for step in protocol.steps):
        raise ProtocolError(Problem(where, "steps", found_text(protocol.steps), "a tuple of Step"))
    if not isinstance(protocol.initial, InitialState):
        raise ProtocolError(Problem(where, "initial", found_text(protocol.initial), "an InitialState"))
    problems = [("steps", "no step", "at least one")] if not protocol.steps else []
    problems += text_problems(protocol.name, protocol.description)
    problems += size_problems(protocol.cycles, protocol.samples, len(protocol.steps))
    problems += [(f"initial.{key}".rstrip("."), text, want) for key, text, want in initial_problems(protocol.initial)]
    for number, step in enumerate(protocol.steps, start=1):
        problems += [(f"step[{number}].{key}", text, wanted) for key, text, wanted in step_problems(step)]
    if protocol.complete_at not in (None, *CUT_OFFS):
        problems.append(("complete_at", found_text(protocol.complete_at), "'lower', 'upper' or none"))
    if problems:
        raise ProtocolError([Problem(where, *problem) for problem in problems])
