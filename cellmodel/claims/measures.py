"""What a claim is about: from the energy of a run, its cell and what is around it to one number.

It solves nothing. A measure takes one run; one that compares temperatures is reduced over them afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cellmodel.parameters import ComponentSet, ParameterSet

_KILOMETRE = 1000.0

Surroundings = Mapping[str, Any]
"""What is around the cell in one draw: "format" and "vehicle" (component sets), "liquid" (energy per area and cell),
"temperature" (of the cell, K)."""


@dataclass(frozen=True)
class Measure:
    """A quantity that a claim is about.

    Attributes
    ----------
    unit, long_name : str
        Of the number.
    evaluate : callable
        (energy per area [W.h.m-2], cell, surroundings, level) -> number in `unit`.
    over_temperature : callable or None
        Reduces the numbers of one draw over the grid of temperatures, shape (temperature, draw) -> (draw,).
    needs : tuple of str
        Keys that a claim has to state: "vehicle", "liquid".
    """

    unit: str
    long_name: str
    evaluate: Callable[[float, ParameterSet, Surroundings, str], float]
    over_temperature: Callable[[NDArray[np.float64]], NDArray[np.float64]] | None = None
    needs: tuple[str, ...] = ()


def _specific_energy(energy: float, cell: ParameterSet, around: Surroundings, level: str) -> float:
    from cellmodel.energy import budget, specific_energy

    return specific_energy(energy, budget(cell, around["format"]), level)[0]


def _energy_density(energy: float, cell: ParameterSet, around: Surroundings, level: str) -> float:
    from cellmodel.energy import budget, specific_energy

    return specific_energy(energy, budget(cell, around["format"]), level)[1]


def _over_liquid(energy: float, cell: ParameterSet, around: Surroundings, level: str) -> float:
    """Return the specific energy over that of the liquid cell in the same packaging and the same draw."""
    from cellmodel.claims.liquid import liquid_specific_energy

    return _specific_energy(energy, cell, around, level) / liquid_specific_energy(around, level)


def _range(energy: float, cell: ParameterSet, around: Surroundings, _level: str) -> float:
    """Return the range [km] of the vehicle, whose pack keeps its cells warm all the way."""
    from cellmodel.energy import vehicle_range

    vehicle = around["vehicle"]
    metres = vehicle_range(
        _specific_energy(energy, cell, around, "cell"),
        vehicle["vehicle.pack.mass"],
        vehicle["vehicle.pack.cell_mass_fraction"],
        vehicle["vehicle.pack.usable_window"],
        vehicle["vehicle.consumption"],
        heating(vehicle, around["temperature"]),
        vehicle["vehicle.mean_speed"],
    )
    return float(metres) / _KILOMETRE


def heating(vehicle: ComponentSet, temperature: float) -> float:
    """Return the power [W] that keeps the cells of a vehicle at a temperature.

    Parameters
    ----------
    vehicle : ComponentSet
        With its pack's heat loss and the ambient temperature.
    temperature : float
        Of the cells [K].

    Returns
    -------
    float
        [W].
    """
    from cellmodel.energy import heating_power

    ambient = vehicle["vehicle.ambient_temperature"]
    return float(heating_power(vehicle["vehicle.pack.heat_loss_coefficient"], temperature, ambient))


def _energy(energy: float, _cell: ParameterSet, _around: Surroundings, _level: str) -> float:
    return energy


def smallest_share(energies: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the smallest energy over the largest along the first axis; 0 where nothing is delivered anywhere."""
    largest = energies.max(axis=0)
    return np.divide(energies.min(axis=0), largest, out=np.zeros_like(largest), where=largest > 0.0)


MEASURES: dict[str, Measure] = {
    "specific_energy": Measure("W.h.kg-1", "specific energy", _specific_energy),
    "energy_density": Measure("W.h.L-1", "energy density", _energy_density),
    "specific_energy_over_liquid": Measure(
        "1", "specific energy over that of the liquid cell", _over_liquid, None, ("liquid",)
    ),
    "range": Measure("km", "range of the vehicle", _range, None, ("vehicle",)),
    "smallest_share_of_energy": Measure(
        "1", "smallest energy over the largest of all temperatures", _energy, smallest_share
    ),
}
"""By name; what does not depend on temperature is tested at one."""
