"""Masses and volumes of every layer, and what a discharge gives per kilogram and per litre.

The budget is plain numbers and fast: `budget`, `specific_energy`, `lithium_excess`. Only `energy_budget` runs a model.
"""

from __future__ import annotations

from cellmodel.energy.components import LEVELS, Budget, Component, specific_energy
from cellmodel.energy.enclosure import budget, stack_budget
from cellmodel.energy.layers import cell_components
from cellmodel.energy.lithium import assembled_foil, lithium_excess, with_lithium_excess

__all__ = [
    "LEVELS",
    "Budget",
    "Component",
    "assembled_foil",
    "budget",
    "cell_components",
    "lithium_excess",
    "specific_energy",
    "stack_budget",
    "with_lithium_excess",
]
