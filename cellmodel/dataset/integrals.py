"""One leg as arrays: stored samples, and what the balances need at the solver's own times.

Charge and energy are integrated with Simpson's rule on the solver's steps, with the solver's own
interpolation at their middles.  A state of the solver that only counts (dE/dt = I V) is a poorer
integral: its error is one among hundreds in the solver's norm (5e-4 of the energy was seen at rtol
1e-4).  Stored samples play no part in any integral.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cellmodel.dataset.outcome import Leg
from cellmodel.dataset.sampling import sample_times
from cellmodel.dataset.schema import MECHANISM_SAMPLED, mechanism_variables
from cellmodel.models.build import BuiltModel

Array = NDArray[np.float64]

BALANCE_TIMES = 32
"""Times per leg at which the energy balance is read; all of several hundred change it by less than 2e-4."""


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
    """

    samples: dict[str, Array]
    knots: Array
    concentration: Array
    imbalance: float
    turnover: float


def read_leg(built: BuiltModel, leg: Leg, samples: int, charge: float, energy: float) -> LegValues:
    """Return everything the dataset needs of one leg.

    Parameters
    ----------
    built : BuiltModel
        The model that solved it.
    leg : Leg
        The step.
    samples : int
        How many samples to store.
    charge, energy : float
        Delivered before the leg [A.h], [W.h].

    Returns
    -------
    LegValues
        Read with the solver's own interpolation.
    """
    solution = leg.solution
    knots = solution.all_ts[0]
    read = built.read(solution, knots, ("voltage", "electrolyte_concentration"))
    times = sample_times(knots, read["voltage"], samples)
    values = {"time": times, **_integrate(built, leg, np.union1d(knots, times), times)}
    values["discharge_capacity"] += charge
    values["discharge_energy"] += energy
    values["temperature"] = np.full(samples, leg.controls["temperature"])
    own = tuple(mechanism_variables(MECHANISM_SAMPLED, built.mechanisms))
    if "heat" in built.mechanisms:
        own = (*own, "temperature")
    if own:
        values |= built.read(solution, times, own)
    imbalance, turnover = _energy_balance(built, leg)
    return LegValues(values, knots, read["electrolyte_concentration"], imbalance, turnover)


def _integrate(built: BuiltModel, leg: Leg, grid: Array, times: Array) -> dict[str, Array]:
    """Return voltage, current, and charge [A.h] and energy [W.h] since the start of the leg, at `times`."""
    points = np.empty(2 * grid.size - 1)
    points[::2], points[1::2] = grid, 0.5 * (grid[1:] + grid[:-1])
    read = built.read(leg.solution, points, ("voltage", "current"))
    at = 2 * np.searchsorted(grid, times)
    values = {name: read[name][at] for name in ("voltage", "current")}
    rates = {"discharge_capacity": read["current"], "discharge_energy": read["current"] * read["voltage"]}
    for name, rate in rates.items():
        parts = np.diff(grid) * (rate[:-2:2] + 4.0 * rate[1::2] + rate[2::2]) / (6.0 * 3600.0)
        values[name] = np.concatenate(([0.0], np.cumsum(parts)))[at // 2]
    return values


def _energy_balance(built: BuiltModel, leg: Leg) -> tuple[float, float]:
    """Return the integrals [W.h] of the power not accounted for, and of the magnitude of the power.

    The first is small and smooth: the trapezoidal rule over a few of the solver's own times is enough.
    """
    if not built.resolves_dissipation:
        return np.nan, np.nan
    knots = leg.solution.all_ts[0]
    times = knots[np.unique(np.linspace(0, knots.size - 1, BALANCE_TIMES).astype(int))]
    names = ("open_circuit_power", "dissipated_power", "voltage", "current")
    released, dissipated, voltage, current = built.read(leg.solution, times, names).values()
    missing = np.trapezoid(released - dissipated - voltage * current, times) / 3600.0
    return float(missing), float(np.trapezoid(np.abs(voltage * current), times)) / 3600.0
