"""From the runs of a claim to its quantity in every draw: energy, cell and what is around it make one number.

It solves nothing and judges nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cellmodel.assessment.claims.definition import CLAIMED, ComputedClaim
from cellmodel.assessment.claims.designs import DesignPoint
from cellmodel.assessment.claims.runs import ClaimRuns, delivered
from cellmodel.assessment.claims.samples import ClaimSample
from cellmodel.dataset.schema import END_CAUSE, SATURATED, STATUS
from cellmodel.energy import budget, heating_power, specific_energy, vehicle_range
from cellmodel.labels import rate_text
from cellmodel.parameters import ComponentSet, ParameterSet

Array = NDArray[np.float64]

_FINISHED = [STATUS["completed"], STATUS["ended_early"]]
_AT_ONCE = END_CAUSE["below_the_cut_off_at_the_first_instant"]
_SATURATED = [END_CAUSE[name] for name in SATURATED]
_SAME = 1e-6  # relative; unit conversion moves a temperature by less
_KILOMETRE = 1000.0

Surroundings = Mapping[str, Any]
"""In one draw: "format" and "vehicle" (component sets), "liquid" (energy per area and cell), "temperature" (K)."""


@dataclass(frozen=True)
class Outcomes:
    """What the runs of some design points gave.

    Attributes
    ----------
    values : ndarray, shape (point, draw)
        The quantity.
    failed, at_once, saturated : ndarray, shape (point,)
        Runs that the solver did not finish, runs that were below the cut-off at the first instant, and runs that the
        solubility of the salt ended.
    extrapolated : ndarray, shape (point,)
        Mean share of the time in which salt somewhere was outside a correlation's range.
    heating : ndarray, shape (point, draw)
        Power that keeps the cells warm [W]; empty without a vehicle.
    energies : ndarray, shape (point, temperature, draw)
        Per area [W.h.m-2], where the quantity compares temperatures; else empty.
    extrapolated_at : ndarray, shape (point, temperature)
        As `extrapolated`, where the quantity compares temperatures; else empty.
    """

    values: Array
    failed: NDArray[np.int_]
    at_once: NDArray[np.int_]
    saturated: NDArray[np.int_]
    extrapolated: Array
    heating: Array
    energies: Array
    extrapolated_at: Array


def measure(claim: ComputedClaim, points: Sequence[DesignPoint], sample: ClaimSample, runs: ClaimRuns) -> Outcomes:
    """Return the quantity in each draw of each point; a run without a result counts as no energy."""
    rows = [_measure_point(claim, point, sample, runs) for point in points]
    tables, failed, at_once, saturated, extrapolated = (np.array(column) for column in zip(*rows, strict=True))
    temperatures = [point.condition.temperature for point in points] if claim.vehicle else []
    heating = [[heating_of(one["vehicle"], kelvin) for one in sample.surroundings] for kelvin in temperatures]
    compares = CLAIMED[claim.quantity].over_temperature
    return Outcomes(
        values=smallest_share(tables.swapaxes(0, 1)) if compares else tables[:, 0],
        failed=failed,
        at_once=at_once,
        saturated=saturated,
        extrapolated=np.array([_mean(row) for row in extrapolated]),
        heating=np.array(heating),
        energies=tables if compares else np.empty(0),
        extrapolated_at=extrapolated if compares else np.empty(0),
    )


def _measure_point(
    claim: ComputedClaim, point: DesignPoint, sample: ClaimSample, runs: ClaimRuns
) -> tuple[Array, int, int, int, Array]:
    """Return the quantity by temperature and draw, counts of runs as `Outcomes` has them, shares outside validity."""
    table = np.zeros((len(point.temperatures), len(sample.surroundings)))
    if point.cell is None:
        return table, 0, 0, 0, np.full(len(point.temperatures), np.nan)
    labels = [point.label(kelvin) for kelvin in point.temperatures]
    chosen = runs.table.sel(case=labels)
    energies = delivered(chosen)
    compared: list[Any] = [None] * len(sample.surroundings)
    if sample.reference is not None:
        cells = sample.reference.cells[rate_text(point.condition.c_rate)]
        energies_of = runs.reference_energies[point.condition.c_rate].tolist()
        compared = [(energy, cells[draw]) for energy, draw in zip(energies_of, sample.order.tolist(), strict=True)]
    for row, (label, kelvin) in enumerate(zip(labels, point.temperatures, strict=True)):
        for column, (cell, around) in enumerate(zip(sample.drawn.cells[label], sample.surroundings, strict=True)):
            energy = float(energies[row, column]) / cell["cell.area"]
            surrounded = {**around, "liquid": compared[column], "temperature": kelvin}
            table[row, column] = MEASURES[claim.quantity](energy, cell, surrounded, claim.level)
    failed, causes = ~chosen["status"].isin(_FINISHED), chosen["end_cause"]
    at_once, saturated = causes == _AT_ONCE, causes.isin(_SATURATED)
    low, high = point.cell.validity["temperature"]
    within = [low * (1.0 - _SAME) <= kelvin <= high * (1.0 + _SAME) for kelvin in point.temperatures]
    # a run counts concentrations only; at a temperature outside its range a correlation is nowhere inside
    extrapolated = np.where(within, chosen["extrapolated_fraction"].mean("draw").values, 1.0)
    return table, int(failed.sum()), int(at_once.sum()), int(saturated.sum()), extrapolated


def _mean(shares: Array) -> float:
    """Return the mean of what is finite; NaN where every run ended at once."""
    finite = shares[np.isfinite(shares)]
    return float(finite.mean()) if finite.size else float("nan")


def _specific_energy(energy: float, cell: ParameterSet, around: Surroundings, level: str) -> float:
    return float(specific_energy(energy, budget(cell, around["format"]), level)[0])


def _energy_density(energy: float, cell: ParameterSet, around: Surroundings, level: str) -> float:
    return float(specific_energy(energy, budget(cell, around["format"]), level)[1])


def _over_liquid(energy: float, cell: ParameterSet, around: Surroundings, level: str) -> float:
    """Return the specific energy over that of the liquid cell in the same packaging and the same draw."""
    reference_energy, reference = around["liquid"]
    return _specific_energy(energy, cell, around, level) / _specific_energy(reference_energy, reference, around, level)


def _range(energy: float, cell: ParameterSet, around: Surroundings, _level: str) -> float:
    """Return the range [km] of the vehicle, whose pack keeps its cells warm all the way."""
    vehicle = around["vehicle"]
    metres = vehicle_range(
        _specific_energy(energy, cell, around, "cell"),
        vehicle["vehicle.pack.mass"],
        vehicle["vehicle.pack.cell_mass_fraction"],
        vehicle["vehicle.pack.usable_window"],
        vehicle["vehicle.consumption"],
        heating_of(vehicle, around["temperature"]),
        vehicle["vehicle.mean_speed"],
    )
    return float(metres) / _KILOMETRE


def heating_of(vehicle: ComponentSet, temperature: float) -> float:
    """Return the power [W] that keeps the cells of a vehicle at a temperature [K]."""
    loss, ambient = vehicle["vehicle.pack.heat_loss_coefficient"], vehicle["vehicle.ambient_temperature"]
    return float(heating_power(loss, temperature, ambient))


def smallest_share(energies: Array) -> Array:
    """Return the smallest energy over the largest along the first axis; 0 where nothing is delivered anywhere."""
    largest = energies.max(axis=0)
    return np.divide(energies.min(axis=0), largest, out=np.zeros_like(largest), where=largest > 0.0)


MEASURES: dict[str, Callable[[float, ParameterSet, Surroundings, str], float]] = {
    "specific_energy": _specific_energy,
    "energy_density": _energy_density,
    "specific_energy_over_liquid": _over_liquid,
    "range": _range,
    "smallest_share_of_energy": lambda energy, _cell, _around, _level: energy,
}
"""By the names of `CLAIMED`: (energy per area [W.h.m-2], cell, surroundings, level) -> number in its unit."""
