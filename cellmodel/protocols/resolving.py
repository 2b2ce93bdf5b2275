"""What of a protocol depends on the cell: rates, cut-offs, safety limits, the initial state.

It knows the numbers of one cell (its cut-offs, window, capacity, open-circuit potential) and no solver.
The voltage window of a cell is never widened: a protocol that needs more is refused.
"""

from __future__ import annotations

from dataclasses import replace
from math import isfinite
from typing import TYPE_CHECKING

from cellmodel.errors import Problem, ProtocolError
from cellmodel.inputs import HIGHEST_RATE, LOWEST_RATE
from cellmodel.protocols.checks import check_shape
from cellmodel.protocols.initial import initial_stoichiometry, initial_temperature, rest_voltage, starting_direction
from cellmodel.protocols.loading import Protocol
from cellmodel.protocols.steps import Step, Termination

if TYPE_CHECKING:
    from cellmodel.parameters import ParameterSet

SAFETY = 1.1  # longest step without a duration over the time the whole capacity takes
_TOUCHING = 1e-6  # V; an open-circuit voltage this close to a cut-off leaves nothing to do


def resolve_protocol(
    protocol: Protocol,
    parameters: ParameterSet,
    *,
    c_rate: float | None = None,
    current_density: float | None = None,
) -> Protocol:
    """Return the protocol with every number filled in for one cell.

    A step without a duration gets a safety limit beyond the time in which it must meet a limit of its own:
    1.1 x capacity / current at constant current, 1.1 x capacity x upper cut-off / power at constant power, and for a
    hold 1.1 x capacity / the largest current at which it ends. Reaching it counts as a limit nobody asked for.

    Parameters
    ----------
    protocol : Protocol
        As loaded.
    parameters : ParameterSet
        The cell.
    c_rate : float, optional
        Rate of the swept steps [1]: 1 moves the capacity between the cut-offs in an hour.
    current_density : float, optional
        Or their current density [A.m-2].

    Returns
    -------
    Protocol
        Every step has a value and a duration, every termination a value.

    Raises
    ------
    ProtocolError
        The rate is missing, not above zero, given twice, or given though no step takes it; or a cut-off is another
        than the cell's.
    """
    kind, rate = _rate(protocol, c_rate, current_density)
    cut_offs = {side: parameters[f"cell.{side}_voltage_cut_off"] for side in ("lower", "upper")}
    steps = []
    for step in protocol.steps:
        _refuse_other_cut_offs(protocol, step, cut_offs)
        value, step_kind = step.value, step.kind
        if step.swept:
            step_kind, value = kind, rate if step.direction == "discharge" else -rate
        elif step.value is None:
            value = cut_offs[str(step.cut_off)]
        until = tuple(
            replace(limit, value=cut_offs[limit.cut_off]) if limit.cut_off is not None else limit
            for limit in step.until
        )
        step = replace(step, kind=step_kind, value=value, until=until)
        if step.duration is None:
            step = replace(step, duration=_safety_limit(step, parameters), duration_asked=False)
        steps.append(step)
    return replace(protocol, steps=tuple(steps))


def _refuse_other_cut_offs(protocol: Protocol, step: Step, cut_offs: dict[str, float]) -> None:
    """Raise if a step names a cut-off and has another voltage, such as that of another cell."""
    parts: list[Step | Termination] = [step, *step.until]
    for part in parts:
        if part.cut_off is not None and part.value not in (None, cut_offs[part.cut_off]):
            found, wanted = f"{part.value:g} V", f"none: it is named, and {cut_offs[part.cut_off]:g} V"
            raise ProtocolError(Problem(f"protocol {protocol.name}", f"{part.cut_off} cut-off", found, wanted))


def amperes(quantity: str, parameters: ParameterSet) -> float:
    """Return the current [A] of one unit of a current, C-rate or current density."""
    area = parameters["cell.area"]
    return {"current": 1.0, "c_rate": parameters.areal_capacity * area, "current_density": area}[quantity]


def _safety_limit(step: Step, parameters: ParameterSet) -> float:
    """Return the time [s] after which a step without a duration has surely met a limit, with a margin."""
    units = {"c_rate": 1.0, "current_density": parameters.areal_capacity}
    charge = units.get(step.kind, parameters.areal_capacity * parameters["cell.area"])
    if step.kind == "power":
        charge *= parameters["cell.upper_voltage_cut_off"]
    if step.kind == "voltage":
        # while the hold lasts, the current is above every limit
        held = max(float(limit.value or 0.0) * amperes(limit.quantity, parameters) for limit in step.until)
    else:
        held = float(step.value or 0.0)
    return SAFETY * 3600.0 * charge / abs(held)


def _rate(protocol: Protocol, c_rate: float | None, current_density: float | None) -> tuple[str, float]:
    given = {"c_rate": c_rate, "current_density": current_density}
    named = {key: value for key, value in given.items() if value is not None}
    where = f"protocol {protocol.name}"
    if not protocol.swept:
        if named:
            raise ProtocolError(
                [Problem(where, key, f"{value:g}", "nothing: no step is 'swept'") for key, value in named.items()]
            )
        return "c_rate", 1.0
    if len(named) != 1:
        found = " and ".join(named) or "nothing"
        raise ProtocolError(Problem(where, "c_rate", found, "a C-rate or a current density: a step is 'swept'"))
    ((key, value),) = named.items()
    if not (isfinite(value) and value > 0):
        wanted = "a value above zero (the verb of the step gives the direction)"
        raise ProtocolError(Problem(where, key, f"{value:g}", wanted))
    return key, float(value)


def check_protocol(
    protocol: Protocol,
    parameters: ParameterSet,
    *,
    extrapolate: bool = False,
    temperature: float | None = None,
) -> None:
    """Raise if the protocol cannot run on the cell as it is written.

    Parameters
    ----------
    protocol : Protocol
        Resolved or not.
    parameters : ParameterSet
        The cell.
    extrapolate : bool, optional
        True lets steps have temperatures outside the validity of the cell's correlations.
    temperature : float, optional
        Of the run [K]; default the cell's own. Voltages at rest are those at the temperature of the step.

    Raises
    ------
    ProtocolError
        Every problem: a step, a number or an initial state that no cell can have, a voltage outside the window, a
        current that is none for this cell, a temperature outside validity, an initial voltage that the cell at rest
        has not, or a protocol of which no step has anything to do.
    """
    check_shape(protocol)
    where = f"protocol {protocol.name} on {parameters.name}"
    problems: list[Problem] = []
    for number, step in enumerate(protocol.steps, start=1):
        problems += _step_problems(where, f"step[{number}]", step, parameters, extrapolate)
    kelvin = parameters["cell.temperature"] if temperature is None else temperature
    try:
        at_start = initial_temperature(protocol, kelvin), starting_direction(protocol)
        y = initial_stoichiometry(protocol.initial, parameters, *at_start)
        problems += _start_problems(where, protocol, parameters, y, kelvin)
    except ProtocolError as error:
        problems += error.problems
    if problems:
        raise ProtocolError(problems)


def _step_problems(where: str, key: str, step: Step, parameters: ParameterSet, extrapolate: bool) -> list[Problem]:
    lower, upper = parameters["cell.lower_voltage_cut_off"], parameters["cell.upper_voltage_cut_off"]
    voltages = [(f"{key}.until", limit.value) for limit in step.until if limit.quantity == "voltage"]
    if step.kind == "voltage":
        voltages.append((f"{key}.hold", step.value))
    wanted = f"a voltage in the cell's window, {lower:g} to {upper:g} V"
    problems = [
        Problem(where, name, f"{voltage:g} V", wanted)
        for name, voltage in voltages
        if voltage is not None and not lower <= voltage <= upper
    ]
    problems += _rate_problems(where, key, step, parameters)
    if step.temperature is not None and not extrapolate and parameters.outside_validity(step.temperature):
        coldest, hottest = parameters.validity["temperature"]
        wanted = f"{coldest:g} to {hottest:g} K, where the cell's correlations hold (or extrapolate)"
        problems.append(Problem(where, f"{key}.temperature", f"{step.temperature:g} K", wanted))
    return problems


def _rate_problems(where: str, key: str, step: Step, parameters: ParameterSet) -> list[Problem]:
    """Return the currents and powers of a step that are no rates for this cell."""
    currents = [
        (f"{key}.until", str(limit), float(limit.value) * amperes(limit.quantity, parameters))
        for limit in step.until
        if limit.quantity != "voltage" and limit.value is not None
    ]
    if step.value and step.kind != "voltage":
        by_power = step.kind == "power"
        one = 1.0 / parameters["cell.upper_voltage_cut_off"] if by_power else amperes(step.kind, parameters)
        currents.append((f"{key}.{step.direction}", str(step), abs(step.value) * one))
    hour = amperes("c_rate", parameters)
    if step.current_table is not None and step.current_table.largest:
        largest = abs(step.current_table.largest) * amperes(step.current_table.quantity, parameters)
        currents.append((f"{key}.drive", f"a current of {largest:.4g} A", largest))
    low, high = LOWEST_RATE * (1.0 - 1e-9), HIGHEST_RATE * (1.0 + 1e-9)  # less than rounding would refuse the bounds
    wanted = f"a rate of {LOWEST_RATE:g}C to {HIGHEST_RATE:g}C, where 1C is {hour:.4g} A"
    return [
        Problem(where, name, f"{text}, which is {current / hour:.4g}C", wanted)
        for name, text, current in currents
        if not low <= current / hour <= high
    ]


def _start_problems(
    where: str, protocol: Protocol, parameters: ParameterSet, y: float, temperature: float
) -> list[Problem]:
    """Return what keeps a protocol that starts at a stoichiometry from doing anything.

    A step with nothing to do is skipped in the run where the protocol goes on after it; here only what leaves the
    protocol without any step is refused, before anything is solved.
    """
    active = [step for step in protocol.steps if step.direction is not None or step.kind in ("voltage", "drive")]
    first = active[0] if active else None
    if first is None or first.direction is None:
        return []
    voltage = rest_voltage(parameters, y, first.temperature or temperature, first.direction)
    side, sign = ("lower", 1.0) if first.direction == "discharge" else ("upper", -1.0)
    direction = "below" if sign > 0 else "above"
    cut_off = parameters[f"cell.{side}_voltage_cut_off"]
    asked = [cut_off if one.value is None else one.value for one in first.until if _by_voltage(one, direction)]
    goes_on = len(active) > 1 and any(sign * (voltage - value) <= _TOUCHING for value in asked)
    for value in () if goes_on else (cut_off, *asked):
        if sign * (voltage - value) <= _TOUCHING:
            wanted = f"a voltage {direction} the open-circuit voltage of the initial state, {voltage:.4g} V"
            return [Problem(where, f"{side} voltage cut-off", f"{value:g} V", wanted)]
    return []


def _by_voltage(limit: Termination, direction: str) -> bool:
    return limit.quantity == "voltage" and limit.direction == direction
