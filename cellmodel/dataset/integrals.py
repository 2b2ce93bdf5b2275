"""One leg as arrays: stored samples, and what the balances need at the solver's own times.

Charge and energy are integrated with Simpson's rule on the solver's steps, with the solver's own
interpolation at their middles, and carried to the samples by a cubic.  A state of the solver that
only counts (dE/dt = I V) is a poorer integral: its error is one among hundreds in the solver's norm
(5e-4 of the energy was seen at rtol 1e-4).  Stored samples play no part in any integral.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from cellmodel.dataset.outcome import Leg
from cellmodel.dataset.sampling import sample_times
from cellmodel.dataset.schema import MECHANISM_SAMPLED, mechanism_variables
from cellmodel.models.build import BuiltModel

Array = NDArray[np.float64]

PROFILE_SAMPLES = 9
"""Profiles stored per step, both ends included."""
BALANCE_TIMES = 16
"""Times per leg at which the energy balance is read; all of several hundred change it by less than 2e-4."""


INTEGRALS = ("discharge_capacity", "discharge_energy")
"""Integrals of current [A.h] and power [W.h]."""


@dataclass(frozen=True)
class LegValues:
    """What is read of one leg.

    Attributes
    ----------
    samples : dict of str to ndarray, shape (samples,)
        By the names of `cellmodel.dataset.schema.SAMPLED`.
    knots : ndarray, shape (n,)
        The solver's own times [s].
    concentration : ndarray, shape (n, x)
        Salt concentration there [mol.m-3].
    imbalance : float
        Integral of open-circuit power minus delivered power minus local dissipation [W.h]; NaN for models that
        resolve no local dissipation.
    turnover : float
        Integral of the magnitude of the delivered power [W.h].
    delivered, taken_up : tuple of float
        Charge [A.h] and energy [W.h] while discharging, and while charging, each positive.
    """

    samples: dict[str, Array]
    knots: Array
    concentration: Array
    imbalance: float
    turnover: float
    delivered: tuple[float, float] = (0.0, 0.0)
    taken_up: tuple[float, float] = (0.0, 0.0)


def read_leg(built: BuiltModel, leg: Leg, samples: int, before: Sequence[LegValues] = ()) -> LegValues:
    """Return everything the dataset needs of one leg.

    Parameters
    ----------
    built : BuiltModel
        The model that solved it.
    leg : Leg
        The step.
    samples : int
        How many samples to store.
    before : sequence of LegValues, optional
        The legs before it: charge and energy count on from leg to leg.

    Returns
    -------
    LegValues
        Read with the solver's own interpolation.
    """
    solution = leg.solution
    knots = solution.times
    read = built.read(solution, knots, ("voltage", "current", "electrolyte_concentration"))
    times = sample_times(knots, read["voltage"], samples)
    own = tuple(mechanism_variables(MECHANISM_SAMPLED, built.mechanisms))
    own = (*own, "temperature") if "heat" in built.mechanisms else own
    values = {"time": times, "temperature": np.full(samples, leg.controls["temperature"])}
    values |= built.read(solution, times, ("voltage", "current", *own))
    integrated, delivered, taken_up = _integrate(built, leg, read, times)
    values |= integrated
    for name in INTEGRALS:
        values[name] += before[-1].samples[name][-1] if before else 0.0
    imbalance, turnover = _energy_balance(built, leg)
    concentration = read["electrolyte_concentration"]
    return LegValues(values, knots, concentration, imbalance, turnover, delivered, taken_up)


def kept_moments(leg: Leg, profiles: bool) -> Leg:
    """Return a leg that was read with only the states that the dataset's profiles and balances still want.

    Parameters
    ----------
    leg : Leg
        As solved.
    profiles : bool
        Whether profiles are wanted.

    Returns
    -------
    Leg
        With the states at both ends, or at `PROFILE_SAMPLES` times, evenly spaced, both ends included.
    """
    knots = leg.solution.times
    times = np.linspace(knots[0], knots[-1], PROFILE_SAMPLES if profiles else 2)
    return replace(leg, solution=leg.solution.kept(times))


def _integrate(
    built: BuiltModel, leg: Leg, at_knots: dict[str, Array], times: Array
) -> tuple[dict[str, Array], tuple[float, float], tuple[float, float]]:
    """Return charge [A.h] and energy [W.h] since the start of the leg at `times`, and those of either direction."""
    knots = leg.solution.times
    inside = built.read(leg.solution, 0.5 * (knots[1:] + knots[:-1]), ("voltage", "current"))
    rates = ((read["current"], read["current"] * read["voltage"]) for read in (at_knots, inside))
    values, steps, totals = {}, [], []
    for name, ends, middles in zip(INTEGRALS, *rates, strict=True):
        parts = np.diff(knots) * (ends[:-1] + 4.0 * middles + ends[1:]) / 6.0
        total = np.concatenate(([0.0], np.cumsum(parts)))
        values[name] = _hermite(knots, total, ends, times) / 3600.0
        steps.append(parts)
        totals.append(total[-1] / 3600.0)
    return values, *_by_direction(steps, (float(totals[0]), float(totals[1])))


def _by_direction(steps: list[Array], totals: tuple[float, float]) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return charge [A.h] and energy [W.h] delivered, and taken up, from those of the solver's steps [A.s, W.s]."""
    discharging = steps[0] > 0.0
    if discharging.all():
        return totals, (0.0, 0.0)
    if not discharging.any():
        return (0.0, 0.0), (0.0 - totals[0], 0.0 - totals[1])
    charge, energy = (float(step[discharging].sum()) / 3600.0 for step in steps)
    return (charge, energy), (charge - totals[0], energy - totals[1])


def _hermite(knots: Array, values: Array, slopes: Array, times: Array) -> Array:
    """Return the cubic through values and slopes at the knots, at `times` within them."""
    left = np.clip(np.searchsorted(knots, times, side="right") - 1, 0, knots.size - 2)
    width = knots[left + 1] - knots[left]
    s = (times - knots[left]) / width
    change = values[left + 1] - values[left]
    bend = (1.0 - s) * (width * slopes[left] - change) + s * (change - width * slopes[left + 1])
    return values[left] + s * change + s * (1.0 - s) * bend


def _energy_balance(built: BuiltModel, leg: Leg) -> tuple[float, float]:
    """Return the integrals [W.h] of the power not accounted for, and of the magnitude of the power.

    The first is small and smooth: the trapezoidal rule over a few of the solver's own times is enough.
    """
    if not built.resolves_dissipation:
        return np.nan, np.nan
    knots = leg.solution.times
    times = knots[np.unique(np.linspace(0, knots.size - 1, BALANCE_TIMES).astype(int))]
    names = ("open_circuit_power", "dissipated_power", "voltage", "current")
    released, dissipated, voltage, current = built.read(leg.solution, times, names).values()
    missing = np.trapezoid(released - dissipated - voltage * current, times) / 3600.0
    return float(missing), float(np.trapezoid(np.abs(voltage * current), times)) / 3600.0
