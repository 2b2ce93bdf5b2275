"""What of a protocol depends on the cell: rates, cut-offs, safety limits, the initial state.

It knows the numbers of one cell (its cut-offs, window, capacity, open-circuit potential) and no solver.
The voltage window of a cell is never widened: a protocol that needs more is refused.
"""

from __future__ import annotations

from dataclasses import replace
from math import isfinite
from typing import TYPE_CHECKING

from cellmodel.errors import ParameterError, Problem, ProtocolError
from cellmodel.protocols.steps import InitialState, Protocol, Step, Termination

if TYPE_CHECKING:
    from cellmodel.parameters import ParameterSet

SAFETY = 1.1  # longest constant-current step over the time the whole capacity takes
_TOUCHING = 1e-6  # V; an open-circuit voltage this close to a cut-off leaves nothing to do


def resolve_protocol(
    protocol: Protocol,
    parameters: ParameterSet,
    *,
    c_rate: float | None = None,
    current_density: float | None = None,
) -> Protocol:
    """Return the protocol with every number filled in for one cell.

    A constant-current step without a duration gets the safety limit 1.1 x capacity / current, beyond the
    time in which it must meet a cut-off; reaching it counts as a limit nobody asked for.

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
        The rate is missing, not above zero, given twice, or given though no step takes it.
    """
    kind, rate = _rate(protocol, c_rate, current_density)
    cut_offs = {side: parameters[f"cell.{side}_voltage_cut_off"] for side in ("lower", "upper")}
    hour_current_density = parameters.areal_capacity
    steps = []
    for step in protocol.steps:
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
            unit = {"c_rate": 1.0, "current_density": hour_current_density}.get(
                step_kind, hour_current_density * parameters["cell.area"]
            )
            step = replace(step, duration=SAFETY * 3600.0 * unit / abs(value or rate), duration_asked=False)
        steps.append(step)
    return replace(protocol, steps=tuple(steps))


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


def initial_stoichiometry(initial: InitialState, parameters: ParameterSet) -> float:
    """Return the stoichiometry of the positive electrode from which a protocol starts.

    Parameters
    ----------
    initial : InitialState
        Stoichiometry, state of charge or voltage.
    parameters : ParameterSet
        The cell.

    Returns
    -------
    float
        Stoichiometry [1]. For a state of charge s: y = y_discharged - s (y_discharged - y_charged), with the
        stoichiometries at the cell's cut-offs.

    Raises
    ------
    ProtocolError
        No stoichiometry between 0 and 1 has that voltage or state of charge.
    """
    if initial.stoichiometry is not None:
        value, key, given = initial.stoichiometry, "stoichiometry", f"{initial.stoichiometry:g}"
    elif initial.state_of_charge is not None:
        charged, discharged = parameters.stoichiometry_window
        value = discharged - initial.state_of_charge * (discharged - charged)
        key, given = "state_of_charge", f"{initial.state_of_charge:g}, which is stoichiometry {value:.4g}"
    else:
        key, given = "voltage", f"{initial.voltage:g} V"
        try:
            value = parameters.stoichiometry(float(initial.voltage or 0.0))
        except ParameterError as error:
            found = f"{given} ({error})"
            raise ProtocolError(Problem(parameters.name, f"initial.{key}", found, "an open-circuit voltage")) from None
    if not 0.0 <= value <= 1.0:
        wanted = "a stoichiometry between 0 and 1"
        raise ProtocolError(Problem(f"protocol on {parameters.name}", f"initial.{key}", given, wanted))
    return float(value)


def check_protocol(protocol: Protocol, parameters: ParameterSet, *, extrapolate: bool = False) -> None:
    """Raise if the protocol cannot run on the cell as it is written.

    Parameters
    ----------
    protocol : Protocol
        Resolved or not.
    parameters : ParameterSet
        The cell.
    extrapolate : bool, optional
        True lets steps have temperatures outside the validity of the cell's correlations.

    Raises
    ------
    ProtocolError
        Every problem: a voltage outside the window, an initial state outside it, a cut-off
        on the wrong side of the initial open-circuit voltage, a temperature outside validity.
    """
    where = f"protocol {protocol.name} on {parameters.name}"
    problems: list[Problem] = []
    for number, step in enumerate(protocol.steps, start=1):
        problems += _step_problems(where, f"step[{number}]", step, parameters, extrapolate)
    try:
        y = initial_stoichiometry(protocol.initial, parameters)
        problems += _start_problems(where, protocol, parameters, parameters.open_circuit_voltage(y))
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
    if step.temperature is not None and not extrapolate and parameters.outside_validity(step.temperature):
        coldest, hottest = parameters.validity["temperature"]
        wanted = f"{coldest:g} to {hottest:g} K, where the cell's correlations hold (or extrapolate)"
        problems.append(Problem(where, f"{key}.temperature", f"{step.temperature:g} K", wanted))
    return problems


def _start_problems(where: str, protocol: Protocol, parameters: ParameterSet, voltage: float) -> list[Problem]:
    """Return what keeps the first step with a current from starting at this open-circuit voltage [V]."""
    first = next((step for step in protocol.steps if step.direction is not None or step.kind == "voltage"), None)
    if first is None or first.direction is None:
        return []
    side, sign = ("lower", 1.0) if first.direction == "discharge" else ("upper", -1.0)
    limits = [Termination("voltage", None, "below" if sign > 0 else "above", side), *first.until]
    cut_off = parameters[f"cell.{side}_voltage_cut_off"]
    for limit in limits:
        value = cut_off if limit.value is None else limit.value
        if limit.quantity == "voltage" and sign * (voltage - value) <= _TOUCHING:
            word = "below" if sign > 0 else "above"
            wanted = f"a voltage {word} the open-circuit voltage of the initial state, {voltage:.4g} V"
            return [Problem(where, f"{side} voltage cut-off", f"{value:g} V", wanted)]
    return []
