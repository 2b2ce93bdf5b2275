"""PyBaMM's step strings, such as "Discharge at C/10 for 2 hours or until 2.6 V", read by PyBaMM itself.

PyBaMM gives a hold or a power step without a time 24 hours in silence; here that limit is kept, but reaching
it counts as a limit nobody asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cellmodel.protocols.steps import Step, Termination

if TYPE_CHECKING:
    from cellmodel.protocols.reading import Table

_KINDS = {"CRate": "c_rate", "Current": "current", "Voltage": "voltage", "Rest": "rest", "Power": "power"}
_LIMITS = {"CRateTermination": "c_rate", "CurrentTermination": "current", "VoltageTermination": "voltage"}


def step_from_string(text: str, table: Table) -> list[Step]:
    """Return the step that one of PyBaMM's strings describes, or nothing and the problem in the table.

    Parameters
    ----------
    text : str
        As `pybamm.step.string` takes it.
    table : Table
        Where it stands; problems are noted there.

    Returns
    -------
    list of Step
        One step, or none if the string is wrong.
    """
    import pybamm

    if "period)" in text:
        table.complain("", repr(text), "no period: `samples` sets how many samples every step has")
        return []
    try:
        step = pybamm.step.string(text)
    except (ValueError, TypeError, KeyError, AttributeError, IndexError) as error:
        reason = str(error).partition("For example")[0].strip()
        table.complain("", repr(text), f"one of PyBaMM's step strings ({reason})")
        return []
    kind = _KINDS.get(type(step).__name__)
    if kind is None:
        table.complain("", repr(text), "a current, C-rate, voltage, power or rest; a resistance cannot be held")
        return []
    return _converted(text, table, step, kind)


def _converted(text: str, table: Table, step: Any, kind: str) -> list[Step]:
    direction = text.split()[0].lower() if kind in ("current", "c_rate", "power") else None
    value = float(step.value)
    if direction is not None and not (value > 0 if direction == "discharge" else value < 0):
        table.complain("", repr(text), f"a value above zero (the word {direction!r} gives the direction)")
        return []
    if kind == "rest" and step.uses_default_duration:
        table.complain("", repr(text), "a rest with a time, such as 'Rest for 10 minutes'")
        return []
    limits = []
    for limit in step.termination:
        quantity = _LIMITS[type(limit).__name__]
        by_voltage = quantity == "voltage"
        reachable = kind == "power" or by_voltage != (kind == "voltage")
        if not reachable or (not by_voltage and limit.operator is not None):
            table.complain("", repr(text), "a limit that this step can reach")
            return []
        side = {"<": "below", ">": "above", None: "above" if direction == "charge" else "below"}[limit.operator]
        if quantity == "voltage" and limit.operator is None and direction is None:
            table.complain("", repr(text), "'< ...' or '> ...' before the voltage: a rest has no direction")
            return []
        limits.append(Termination(quantity, float(limit.value), side if quantity == "voltage" else "below"))
    no_limit = step.uses_default_duration and kind in ("current", "c_rate")
    duration = None if no_limit else float(step.duration)
    return [Step(kind, value, duration, tuple(limits), None, direction, None, not step.uses_default_duration)]
