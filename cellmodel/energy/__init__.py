"""Masses and volumes of every layer, and what a discharge gives per kilogram and per litre.

The budget is plain numbers and fast: `budget`, `specific_energy`, `lithium_excess`, `vehicle_range`. Only
`energy_budget` runs a model.
"""

from __future__ import annotations

from cellmodel.energy.components import LEVELS, Budget, Component, specific_energy
from cellmodel.energy.enclosure import budget, stack_budget
from cellmodel.energy.layers import cell_components
from cellmodel.energy.lithium import assembled_foil, lithium_excess, plated_by_first_charge, with_lithium_excess
from cellmodel.energy.report import energy_budget, energy_identity
from cellmodel.energy.vehicle import (
    heating_power,
    heating_share,
    pack_energy,
    pack_specific_energy,
    parked_energy,
    reheating_energy,
    vehicle_range,
)

__all__ = [
    "LEVELS",
    "Budget",
    "Component",
    "assembled_foil",
    "budget",
    "cell_components",
    "energy_budget",
    "energy_identity",
    "heating_power",
    "heating_share",
    "lithium_excess",
    "pack_energy",
    "pack_specific_energy",
    "parked_energy",
    "plated_by_first_charge",
    "reheating_energy",
    "specific_energy",
    "stack_budget",
    "vehicle_range",
    "with_lithium_excess",
]
