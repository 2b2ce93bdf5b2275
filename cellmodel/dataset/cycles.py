"""What each step, each cycle and the run delivered, from the integrals of `step_result` at the solver's own steps.

Discharging is what delivers charge, charging what takes it up; a step whose current turns round counts for both.

*Step*: net charge and energy, discharge positive, and their ratio.
*Cycle*: charge, energy and mean voltage of all its discharging and of all its charging, each positive. The efficiencies
are those of the same cycle, delivered over taken up, whichever comes first: for a cell that starts charged the charge
that follows its discharge. They need both directions and every step of the cycle, so a single discharge, a titration
and the cycle in which a run stopped have none. A cycle that ends at another state of charge than it began with has
that difference in its efficiency: of the first cycle of a cell that starts full and is charged by another rule.
*Run*: a discharge is everything from the first step that delivers charge to the last one before a step that takes
charge up, rests and holds included, over as many cycles as it takes: a titration is one discharge. Where a run both
charges and discharges, its numbers are those of its last complete discharge: not of one in which the solver failed or
the time for the run was over.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cellmodel.dataset.outcome import Outcome
from cellmodel.dataset.schema import CYCLE_NUMBERS, STEP_NUMBERS

Array = NDArray[np.float64]

NOTHING = 1e-9
"""Charge over the capacity between the cut-offs below which none has passed: what the solver leaves of a zero."""

_INCOMPLETE = ("failed", "timeout")


def step_numbers(outcome: Outcome) -> dict[str, Array]:
    """Return the variables of `cellmodel.dataset.schema.STEP_NUMBERS`, shape (cycles, steps), NaN where none ran."""
    shape = (outcome.run.protocol.cycles, len(outcome.run.protocol.steps))
    values, least = np.full((len(STEP_NUMBERS), *shape), np.nan), _least(outcome)
    for step in outcome.steps:
        charge, energy = step.net("discharge_capacity"), step.net("discharge_energy")
        mean = energy / charge if abs(charge) > least else math.nan
        values[:, *step.position] = charge, energy, mean, step.controls["temperature"]
    return dict(zip(STEP_NUMBERS, values, strict=True))


def cycle_numbers(outcome: Outcome) -> dict[str, Array]:
    """Return the variables of `cellmodel.dataset.schema.CYCLE_NUMBERS`, shape (cycles,), NaN where no step ran."""
    cycles, least = outcome.run.protocol.cycles, _least(outcome)
    sums = np.full((cycles, 4), np.nan)
    for step in outcome.steps:
        cycle = step.position[0]
        sums[cycle] = np.nan_to_num(sums[cycle]) + np.array([*step.delivered, *step.taken_up])
    rows = []
    for number, (out, energy_out, into, energy_into) in enumerate(sums.tolist()):
        both = number < outcome.complete_cycles and out > least and into > least
        rows.append(
            (
                out,
                into,
                energy_out,
                energy_into,
                energy_out / out if out > least else math.nan,
                energy_into / into if into > least else math.nan,
                out / into if both else math.nan,
                energy_out / energy_into if both else math.nan,
            )
        )
    return dict(zip(CYCLE_NUMBERS, np.array(rows).T, strict=True))


def delivered(outcome: Outcome) -> dict[str, float]:
    """Return capacity, energy and mean voltage of a run, in the units of `cellmodel.dataset.schema.PER_RUN`.

    They are NaN where a run that cycles has completed no discharge.
    """
    capacity, energy = _of_run(outcome)
    cell = outcome.run.parameters
    area, mass = cell["cell.area"], cell.active_mass
    return {
        "capacity": capacity,
        "areal_capacity": capacity / area * 0.1,
        "specific_capacity": capacity / area / mass,
        "utilization": capacity / area / cell.areal_capacity,
        "energy": energy,
        "mean_voltage": energy / capacity if capacity > 0.0 else math.nan,
    }


@dataclass
class _HalfCycle:
    """Steps that all deliver charge, or all take it up, with the rests between them."""

    sign: float
    first: int
    last: int


def _of_run(outcome: Outcome) -> tuple[float, float]:
    """Return charge [A.h] and energy [W.h] of the last complete discharge, or of all where a run has one direction."""
    halves: list[_HalfCycle] = []
    least = _least(outcome)
    for number, step in enumerate(outcome.steps):
        charge = step.net("discharge_capacity")
        if abs(charge) <= least:
            continue
        sign = math.copysign(1.0, charge)
        if halves and halves[-1].sign == sign:
            halves[-1].last = number
        else:
            halves.append(_HalfCycle(sign, number, number))
    if not halves:
        return 0.0, 0.0
    chosen = halves
    if len(halves) > 1:
        complete = halves[:-1] if outcome.status in _INCOMPLETE else halves
        chosen = [half for half in complete if half.sign > 0.0]
    if not chosen:
        return math.nan, math.nan
    first, last = (outcome.steps[number].samples for number in (chosen[-1].first, chosen[-1].last))
    charge, energy = (
        abs(float(last[name][-1] - first[name][0])) for name in ("discharge_capacity", "discharge_energy")
    )
    return charge, energy


def _least(outcome: Outcome) -> float:
    """Return the charge [A.h] that counts as none."""
    return NOTHING * outcome.run.parameters.areal_capacity * outcome.run.parameters["cell.area"]
