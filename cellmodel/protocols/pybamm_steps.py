"""PyBaMM's step strings, such as "Discharge at C/10 for 2 hours or until 2.6 V", its step objects and experiments.

PyBaMM itself reads the strings. It ends a step without a time after 24 hours in silence; here such a step gets the
safety limit of its kind (`resolving`), which counts as a limit nobody asked for. What means something else here is
refused with a sentence.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from cellmodel.errors import Problem, ProtocolError, found_text
from cellmodel.inputs import real
from cellmodel.protocols.current_table import CurrentTable
from cellmodel.protocols.steps import Step, Termination

LONGEST = 200
"""Characters of a step string."""
_KINDS = {"CRate": "c_rate", "Current": "current", "Voltage": "voltage", "Rest": "rest", "Power": "power"}
_LIMITS = {"CRateTermination": "c_rate", "CurrentTermination": "current", "VoltageTermination": "voltage"}
_PERIOD = "no period: `samples` sets how many samples every step has"
_NUMBER = r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?"
_HELD = rf"(?:C ?/ ?{_NUMBER}|{_NUMBER} ?(?:C|m?[AW]|m?Ohm))"
_GRAMMAR = re.compile(
    rf"^(?:(?:Discharge|Charge|Hold) at {_HELD}|Hold at {_NUMBER} ?m?V|Rest)"
    rf"(?: for {_NUMBER} ?[a-z]+)?(?:(?: or)? until [<>]? ?(?:C ?/ ?{_NUMBER}|{_NUMBER} ?(?:C|m?[AVW])))?$"
)
_EXAMPLES = "'Discharge at C/10 for 2 hours or until 2.6 V', 'Hold at 3.8 V until C/50' or 'Rest for 1 hour'"
_ERRORS = (ValueError, TypeError, KeyError, AttributeError, IndexError, ArithmeticError)


def is_pybamm(value: Any, name: str) -> bool:
    """Return whether a value is an object of a class of PyBaMM, or of one derived from it, without importing PyBaMM."""
    classes = getattr(type(value), "__mro__", ())
    return any(one.__name__ == name and one.__module__.partition(".")[0] == "pybamm" for one in classes)


def _refused(text: Any, wanted: str) -> ProtocolError:
    return ProtocolError(Problem("", "", found_text(text), wanted))


def step_from_string(text: str) -> Step:
    """Return the step that one of PyBaMM's strings describes, not yet checked by itself, or raise ProtocolError."""
    import pybamm

    if len(text) > LONGEST:
        raise _refused(text, f"one of PyBaMM's step strings, at most {LONGEST} characters")
    if "period)" in text:
        raise _refused(text, _PERIOD)
    try:
        step = pybamm.step.string(text)
    except _ERRORS as error:
        reason = " ".join(str(error).partition("For example")[0].split())
        raise _refused(text, f"one of PyBaMM's step strings ({reason})") from None
    if not _GRAMMAR.match(text):  # PyBaMM takes "Rest at 1C for 1 hour", "C*3", and "Charge at -3 V"
        raise _refused(text, f"one of PyBaMM's step strings, such as {_EXAMPLES}")
    return step_from_pybamm(step, text)


def step_from_pybamm(step: Any, text: str = "") -> Step:
    """Return the step that means the same here, or raise ProtocolError; `text` is the string that it came from."""
    kind, value = _KINDS.get(type(step).__name__), real(step.input_value)
    table = _table(step) if kind == "current" and value is None else None
    if table is not None:
        kind, value = "drive", 0.0
    problem = _unlike(step, kind, value)
    direction, limits = None, []
    if kind in ("current", "c_rate", "power") and value is not None:
        direction = text.split()[0].lower() if text else "discharge" if value > 0 else "charge"
        if not np.isfinite(value) or value == 0 or (value > 0) != (direction == "discharge"):
            problem = problem or f"a value above zero (the word {direction!r} gives the direction)"
    if kind == "rest" and step.uses_default_duration:
        problem = problem or "a rest with a time, such as 'Rest for 10 minutes'"
    for limit in step.termination if not problem else ():
        found = _limit(limit, kind, direction)
        if isinstance(found, str):
            problem = found
            break
        limits.append(found)
    if problem or kind is None:
        raise _refused(text or step, problem)
    duration = None if step.uses_default_duration else real(step.duration)
    temperature = None if step.temperature is None else real(step.temperature)
    return Step(kind, value, duration, tuple(limits), temperature, direction, current_table=table)


def _table(step: Any) -> CurrentTable | None:
    """Return the current of a drive cycle, columns of time and current, as a table; None if it is something else."""
    given = step.input_value
    if not isinstance(given, np.ndarray) or given.ndim != 2 or given.shape[1] != 2:
        return None
    times, currents = (tuple(column) for column in given.astype(float).T.tolist())
    return CurrentTable(times, currents)


def _unlike(step: Any, kind: str | None, value: float | None) -> str:
    """Return what would be right instead of a step that has no equal here; empty if it has."""
    if kind is None:
        return "a current, C-rate, voltage, power or rest; a resistance cannot be held"
    if value is None:
        return "one number to hold, or a current as an array of times and currents"
    if step.period is not None:
        return _PERIOD
    if step.start_time is not None:
        return "no start time: steps follow each other at once"
    if not step.skip_ok:
        return "skip_ok=True: a step that has nothing to do is skipped here, and the run says so"
    return ""


def _limit(limit: Any, kind: str | None, direction: str | None) -> Termination | str:
    """Return the limit that means the same here, or what would be right."""
    quantity = _LIMITS.get(type(limit).__name__, "")
    by_voltage = quantity == "voltage"
    reachable = kind == "power" or by_voltage != (kind == "voltage")
    if not quantity or not reachable or (not by_voltage and limit.operator is not None):
        return "a limit that this step can reach"
    side = {"<": "below", ">": "above", None: "above" if direction == "charge" else "below"}[limit.operator]
    if by_voltage and limit.operator is None and direction is None:
        return "'< ...' or '> ...' before the voltage: a rest has no direction"
    value = real(limit.value)
    if value is None:
        return "a limit that is one number"
    return Termination(quantity, value, side if by_voltage else "below")


def steps_of_experiment(experiment: Any) -> tuple[list[Any], int]:
    """Return the steps of a `pybamm.Experiment`, of one cycle where all are equal, and how often they are repeated.

    ProtocolError: the experiment has a period, a temperature or a termination of its own.
    """
    alien = {
        "period": (experiment.period, _PERIOD),
        "temperature": (experiment.temperature, "none: give `temperature` to the run, or to each step"),
        "termination": (experiment.termination or None, "none: every step states its own limits"),
    }
    problems = [
        Problem("pybamm.Experiment", key, found_text(given), wanted)
        for key, (given, wanted) in alien.items()
        if given is not None
    ]
    if problems:
        raise ProtocolError(problems)
    cycles = [list(cycle) for cycle in experiment.cycles]
    if cycles and all(cycle == cycles[0] for cycle in cycles):
        return cycles[0], len(cycles)
    return [step for cycle in cycles for step in cycle], 1
