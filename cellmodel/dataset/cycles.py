"""What each step, each cycle and the run delivered, from the integrals of `integrals` at the solver's own steps.

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
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cellmodel.dataset.integrals import LegValues
from cellmodel.dataset.outcome import Outcome

Array = NDArray[np.float64]

NOTHING = 1e-9
"""Charge over the capacity between the cut-offs below which none has passed: what the solver leaves of a zero."""

_INCOMPLETE = ("failed", "timeout")


def step_numbers(outcome: Outcome, legs: Sequence[LegValues]) -> dict[str, Array]:
    """Return the variables of `cellmodel.dataset.schema.STEP_NUMBERS`.

    Parameters
    ----------
    outcome : Outcome
        The run.
    legs : sequence of LegValues
        One for each leg that ran.

    Returns
    -------
    dict of str to ndarray, shape (cycles, steps)
        NaN where a step did not run.
    """
    shape = (outcome.protocol.cycles, len(outcome.protocol.steps))
    capacity, energy, ambient = (np.full(shape, np.nan) for _ in range(3))
    for leg, read in zip(outcome.legs, legs, strict=True):
        place = leg.cycle, leg.step
        capacity[place], energy[place] = (net(read, name) for name in ("discharge_capacity", "discharge_energy"))
        ambient[place] = leg.controls["temperature"]
    return {
        "step_capacity": capacity,
        "step_energy": energy,
        "step_mean_voltage": _ratio(energy, capacity, _least(outcome)),
        "step_ambient_temperature": ambient,
    }


def cycle_numbers(outcome: Outcome, legs: Sequence[LegValues]) -> dict[str, Array]:
    """Return the variables of `cellmodel.dataset.schema.CYCLE_NUMBERS`.

    Parameters
    ----------
    outcome : Outcome
        The run.
    legs : sequence of LegValues
        One for each leg that ran.

    Returns
    -------
    dict of str to ndarray, shape (cycles,)
        NaN in a cycle of which no step ran.
    """
    cycles, least = outcome.protocol.cycles, _least(outcome)
    ways = {way: np.full((2, cycles), np.nan) for way in ("discharge", "charge")}
    for leg, read in zip(outcome.legs, legs, strict=True):
        for way, passed in (("discharge", read.delivered), ("charge", read.taken_up)):
            ways[way][:, leg.cycle] = np.nan_to_num(ways[way][:, leg.cycle]) + np.array(passed)
    numbers = {}
    for way, (charge, energy) in ways.items():
        numbers[f"cycle_{way}_capacity"] = charge
        numbers[f"cycle_{way}_energy"] = energy
        numbers[f"cycle_mean_{way}_voltage"] = _ratio(energy, charge, least)
    complete = cycles if outcome.complete_cycles is None else outcome.complete_cycles
    both = (np.arange(cycles) < complete) & (ways["discharge"][0] > least)
    for name, row in (("coulombic_efficiency", 0), ("energy_efficiency", 1)):
        found = _ratio(ways["discharge"][row], ways["charge"][row], least)
        numbers[name] = np.where(both & (ways["charge"][0] > least), found, np.nan)
    return numbers


def delivered(outcome: Outcome, legs: Sequence[LegValues]) -> dict[str, float]:
    """Return capacity, energy and mean voltage of a run, in the units of `cellmodel.dataset.schema.PER_RUN`.

    Parameters
    ----------
    outcome : Outcome
        The run.
    legs : sequence of LegValues
        One for each leg that ran; at least one.

    Returns
    -------
    dict of str to float
        NaN where a run that cycles has completed no discharge.
    """
    capacity, energy = _of_run(outcome, legs)
    area, mass = outcome.parameters["cell.area"], outcome.parameters.active_mass
    return {
        "capacity": capacity,
        "areal_capacity": capacity / area * 0.1,
        "specific_capacity": capacity / area / mass,
        "capacity_share": capacity / area / outcome.parameters.areal_capacity,
        "energy": energy,
        "mean_voltage": energy / capacity if capacity > 0.0 else math.nan,
    }


@dataclass
class _HalfCycle:
    """Legs that all deliver charge, or all take it up, with the rests between them."""

    sign: float
    first: int
    last: int


def _of_run(outcome: Outcome, legs: Sequence[LegValues]) -> tuple[float, float]:
    """Return charge [A.h] and energy [W.h] of the last complete discharge, or of all where a run has one direction."""
    halves: list[_HalfCycle] = []
    least = _least(outcome)
    for number, read in enumerate(legs):
        charge = net(read, "discharge_capacity")
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
    first, last = legs[chosen[-1].first].samples, legs[chosen[-1].last].samples
    charge, energy = (
        abs(float(last[name][-1] - first[name][0])) for name in ("discharge_capacity", "discharge_energy")
    )
    return charge, energy


def net(read: LegValues, name: str) -> float:
    """Return what a leg delivered, discharge positive: charge [A.h] or energy [W.h]."""
    return float(read.samples[name][-1] - read.samples[name][0])


def _least(outcome: Outcome) -> float:
    """Return the charge [A.h] that counts as none."""
    return NOTHING * outcome.parameters.areal_capacity * outcome.parameters["cell.area"]


def _ratio(above: Array, below: Array, least: float) -> Array:
    """Return a ratio, NaN where what stands below is nothing."""
    there = np.abs(below) > least
    return np.divide(above, below, out=np.full_like(below, np.nan), where=there)
