"""One step as arrays: stored samples, and what the balances need at the solver's own times.

*Integrals.* Charge and energy are integrated with Simpson's rule on the solver's steps, with the solver's own
interpolation at their middles, and carried to the samples by a cubic.  A state of the solver that
only counts (dE/dt = I V) is a poorer integral: its error is one among hundreds in the solver's norm
(5e-4 of the energy was seen at rtol 1e-4).  Stored samples play no part in any integral.

*Samples* lie so that straight lines between few of them follow the solver's voltage. The error of a straight line over
a time h is h^2 |V''| / 8; equal error everywhere means a density of samples proportional to sqrt(|V''|) (de Boor, A
Practical Guide to Splines (1978), chapter XII); a share of the samples is spread evenly in time so that no stretch is
empty.

It knows the built model and arrays; it knows no protocol and no xarray.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cellmodel.mechanisms import MECHANISMS
from cellmodel.mechanisms.registry import stored_variables
from cellmodel.models.built_model import BuiltModel
from cellmodel.models.solution import StepSolution

Array = NDArray[np.float64]

PROFILE_SAMPLES = 9
"""Profiles stored per step, both ends included."""
BALANCE_TIMES = 16
"""Times per step at which the energy balance is read; all of several hundred change it by less than 2e-4."""
NOTICED = 1e-3
"""Share of the energy of a step above which its balance is taken again with balanced potentials, some 10 ms."""
EVEN_SHARE = 0.2
"""Share of the samples spread evenly in time."""
INTEGRALS = ("discharge_capacity", "discharge_energy")
"""Integrals of current [A.h] and power [W.h]."""


@dataclass(frozen=True)
class StepResult:
    """One step that ran, as it was read.

    Attributes
    ----------
    position : tuple of int
        Cycle and step in the protocol, from 0.
    controls : dict of str to float
        What was held and what could end it, as given to `BuiltModel.solve`.
    solution : StepSolution
        The states at both ends of the step, or at the times of its profiles.
    samples : dict of str to ndarray, shape (samples,)
        By the names of `cellmodel.dataset.schema.SAMPLED`.
    solver_times : ndarray, shape (n,)
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

    position: tuple[int, int]
    controls: dict[str, float]
    solution: StepSolution
    samples: dict[str, Array]
    solver_times: Array
    concentration: Array
    imbalance: float
    turnover: float
    delivered: tuple[float, float]
    taken_up: tuple[float, float]

    def net(self, name: str) -> float:
        """Return what the step delivered, discharge positive: charge [A.h] or energy [W.h], a name of `INTEGRALS`."""
        return float(self.samples[name][-1] - self.samples[name][0])


def read_step(
    built: BuiltModel,
    solution: StepSolution,
    position: tuple[int, int],
    controls: dict[str, float],
    samples: int,
    profiles: bool,
    before: Sequence[StepResult] = (),
) -> StepResult:
    """Return everything the dataset needs of one step; charge and energy count on from the steps `before`."""
    solver_times = solution.times
    read = built.read(solution, solver_times, ("voltage", "current", "electrolyte_concentration"))
    once = np.unique(solver_times, return_index=True)[1]  # where the current has a kink, a time is there twice
    times = sample_times(solver_times[once], read["voltage"][once], samples)
    warms = any("temperature_rate" in MECHANISMS[name].effects for name in built.mechanisms)
    own = (*stored_variables(built.mechanisms), *(("temperature",) if warms else ()))
    values = {"time": times, "temperature": np.full(samples, controls["temperature"])}
    values |= built.read(solution, times, ("voltage", "current", *own))
    integrated, delivered, taken_up = _integrate(built, solution, read, times)
    for name, integral in integrated.items():
        values[name] = integral + (before[-1].samples[name][-1] if before else 0.0)
    imbalance, turnover = _energy_balance(built, solution)
    kept = solution.kept(np.linspace(solver_times[0], solver_times[-1], PROFILE_SAMPLES if profiles else 2))
    salt = read["electrolyte_concentration"]
    passed = (imbalance, turnover, delivered, taken_up)
    return StepResult(position, controls, kept, values, solver_times, salt, *passed)


def sample_times(times: Array, voltage: Array, samples: int) -> Array:
    """Return the times at which a step is stored, both ends included, from the solver's own and the voltage there."""
    steps = np.diff(times)
    slopes = np.diff(voltage) / steps
    curvature = np.zeros_like(times)
    if times.size > 2:
        curvature[1:-1] = np.abs(np.diff(slopes)) / (0.5 * (steps[1:] + steps[:-1]))
        curvature[0], curvature[-1] = curvature[1], curvature[-2]
    density = np.sqrt(np.maximum(curvature[1:], curvature[:-1]))
    by_curvature = np.concatenate(([0.0], np.cumsum(density * steps)))
    even = (times - times[0]) / (times[-1] - times[0])
    share = EVEN_SHARE if by_curvature[-1] > 0.0 else 1.0
    measure = share * even + (1.0 - share) * (by_curvature / by_curvature[-1] if by_curvature[-1] > 0.0 else 0.0)
    chosen = np.interp(np.linspace(0.0, 1.0, samples), measure, times)
    chosen[0], chosen[-1] = times[0], times[-1]
    return chosen


def _integrate(
    built: BuiltModel, solution: StepSolution, at_ends: dict[str, Array], times: Array
) -> tuple[dict[str, Array], tuple[float, float], tuple[float, float]]:
    """Return charge [A.h] and energy [W.h] since the start of the step at `times`, and those of either direction."""
    knots = solution.times
    inside = built.read(solution, 0.5 * (knots[1:] + knots[:-1]), ("voltage", "current"))
    rates = ((read["current"], read["current"] * read["voltage"]) for read in (at_ends, inside))
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


def _energy_balance(built: BuiltModel, solution: StepSolution) -> tuple[float, float]:
    """Return the integrals [W.h] of the power not accounted for, and of the magnitude of the power.

    The first is small and smooth: the trapezoidal rule over a few of the solver's own times is enough. Where the
    kinetics are fast, the solver's tolerance on potentials is coarse against an overpotential, and what a volume reacts
    is far off: where that could be seen, the potentials are balanced before they are read.
    """
    if not built.resolves_dissipation:
        return np.nan, np.nan
    knots = solution.times
    times = knots[np.unique(np.linspace(0, knots.size - 1, BALANCE_TIMES).astype(int))]
    missing, turnover = _missing_energy(built, solution, times)
    if abs(missing) > NOTICED * turnover > 0.0:
        missing, turnover = _missing_energy(built, built.with_balanced_charge(solution, times), times)
    return missing, turnover


def _missing_energy(built: BuiltModel, solution: StepSolution, times: Array) -> tuple[float, float]:
    """Return what `_energy_balance` does, from the states as they are at some times."""
    names = ("open_circuit_power", "dissipated_power", "voltage", "current")
    released, dissipated, voltage, current = built.read(solution, times, names).values()
    missing = np.trapezoid(released - dissipated - voltage * current, times) / 3600.0
    return float(missing), float(np.trapezoid(np.abs(voltage * current), times)) / 3600.0
