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
from cellmodel.dataset.schema import END_CAUSE, STATUS
from cellmodel.energy import budget, heating_power, specific_energy, vehicle_range
from cellmodel.labels import rate_text
from cellmodel.parameters import ComponentSet, ParameterSet

Array = NDArray[np.float64]

_FINISHED = [STATUS["completed"], STATUS["ended_early"]]
_AT_ONCE = END_CAUSE["below_the_cut_off_at_the_first_instant"]
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
    failed, at_once : ndarray, shape (point,)
        Runs that the solver did not finish, and runs that were below the cut-off at the first instant.
    extrapolated : ndarray, shape (point,)
        Mean share of the electrolyte's (x, t) domain outside a correlation's range.
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
    extrapolated: Array
    heating: Array
    energies: Array
    extrapolated_at: Array


def measure(claim: ComputedClaim, points: Sequence[DesignPoint], sample: ClaimSample, runs: ClaimRuns) -> Outcomes:
    """Return the quantity in each draw of each point; a run without a result counts as no energy."""
    over_temperature = CLAIMED[claim.quantity].over_temperature
    rows = [_measure_point(claim, point, sample, runs) for point in points]
    tables = np.array([row.pop("table") for row in rows])
    columns = {key: np.array([row[key] for row in rows]) for key in rows[0]}
    extrapolated = np.array([_mean(row) for row in columns["extrapolated_at"]])
    heating = (
        [[heating_of(one["vehicle"], point.condition.temperature) for one in sample.surroundings] for point in points]
        if claim.vehicle
        else []
    )
    empty = np.empty(0)
    return Outcomes(
        values=smallest_share(tables.swapaxes(0, 1)) if over_temperature else tables[:, 0],
        failed=columns["failed"],
        at_once=columns["at_once"],
        extrapolated=extrapolated,
        heating=np.array(heating),
        energies=tables if over_temperature else empty,
        extrapolated_at=columns["extrapolated_at"] if over_temperature else empty,
    )


def _measure_point(claim: ComputedClaim, point: DesignPoint, sample: ClaimSample, runs: ClaimRuns) -> dict[str, Any]:
    """Return the quantity of a point at each temperature and draw, how its runs ended and how far they were inside."""
    table = np.zeros((len(point.temperatures), len(sample.surroundings)))
    if point.cell is None:
        nowhere = np.full(len(point.temperatures), np.nan)
        return {"table": table, "failed": 0, "at_once": 0, "extrapolated_at": nowhere}
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
    low, high = point.cell.validity["temperature"]
    within = [low * (1.0 - _SAME) <= kelvin <= high * (1.0 + _SAME) for kelvin in point.temperatures]
    return {
        "table": table,
        "failed": int((~chosen["status"].isin(_FINISHED)).sum()),
        "at_once": int((chosen["end_cause"] == _AT_ONCE).sum()),
        # a run counts concentrations only; at a temperature outside its range a correlation is nowhere inside
        "extrapolated_at": np.where(within, chosen["extrapolated_fraction"].mean("draw").values, 1.0),
    }


def _mean(shares: Array) -> float:
    """Return the mean of what is known; NaN where every run ended at once."""
    known = shares[np.isfinite(shares)]
    return float(known.mean()) if known.size else float("nan")


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
