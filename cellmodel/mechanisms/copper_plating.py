"""Lithium on copper: plated with an efficiency, stripped through what it covers, until the copper is bare.

With i > 0 the current density that strips (a discharge), F the Faraday constant and e the plating efficiency,

    lithium on copper    dn/dt = e max(-i, 0) / F - max(i, 0) / F
    dead lithium         dm/dt = (1 - e) max(-i, 0) / F
    counter electrode    dl/dt = i / F

A share 1 - e of what is plated is lost as it is plated, the first layer on bare copper included; nothing is lost in
stripping or at rest, and no loss is told from another (interphase, or lithium without contact). The sum of the three is
constant. What the foil loses by its own plating counts as foil: it never reaches the copper.

A bit of lithium of thickness h that lands at random covers what it lands on: with v the molar volume of lithium the
covered share a of the copper grows by da/dn = (1 - a) v / h, so

    a = 1 - exp(-n v / h),          a -> n v / h as the copper becomes bare.

Derived here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from cellmodel.correlations import FARADAY
from cellmodel.mechanisms.mechanism import CellVariables, EndEvent, Mechanism, Result, State
from cellmodel.mechanisms.registry import register
from cellmodel.units import Quantity

_RESERVOIR, _COVERAGE = "cell.copper.lithium_reservoir", "cell.copper.coverage_thickness"
_EFFICIENCY = "interface.plating_efficiency"
_THICKNESS, _MOLAR_VOLUME = "cell.lithium.thickness", "cell.lithium.molar_volume"
_EXHAUSTED = "counter electrode exhausted"
BARE = 1e-6
"""Covered share that always counts, so that bare copper has a voltage, far beyond every cut-off."""


@register
class CopperPlating(Mechanism):
    """Lithium on copper; every run of a cell with copper has it, and no other cell can."""

    name = "copper_plating"
    description = "lithium plated on copper with an efficiency, stripped until the copper is bare"
    quantities = {
        _EFFICIENCY: Quantity(
            "1",
            "share of the lithium plated on copper that can be stripped again; 1 if absent",
            (1e-3, 1.0),
            required=False,
        ),
    }
    parameters = (_RESERVOIR, _COVERAGE)
    optional = (_EFFICIENCY,)
    states = {
        "lithium_on_copper": Result("mol.m-2", "lithium on copper that can be stripped"),
        "dead_lithium_on_copper": Result("mol.m-2", "lithium plated on copper that cannot be stripped"),
        "counter_electrode_thickness": Result("m", "thickness of the lithium foil that is the counter electrode"),
    }
    outputs = {"copper_coverage": Result("1", "share of the copper covered by lithium")}
    numbers = {
        "lithium_inventory_error": Result("1", "change of all lithium (foil, copper, dead) over that at the start"),
    }
    events = {_EXHAUSTED: EndEvent("the lithium foil is exhausted", "lithium_exhausted")}

    def start(self, p: Mapping[str, Any]) -> dict[str, State]:
        """Start with what the initial stoichiometry leaves of the reservoir, nothing dead and the whole foil."""
        reservoir, thickness = 3600.0 * p[_RESERVOIR] / FARADAY, p[_THICKNESS]
        return {
            "lithium_on_copper": State((1.0 - p["initial_stoichiometry"]) * reservoir, reservoir),
            "dead_lithium_on_copper": State(0.0, reservoir),
            "counter_electrode_thickness": State(thickness, thickness),
        }

    def evaluate(self, cell: CellVariables, p: Mapping[str, Any]) -> dict[str, Any]:
        """Return the covered share."""
        layers = cell["lithium_on_copper"] * p[_MOLAR_VOLUME] / p[_COVERAGE]
        return {"copper_coverage": 1.0 - np.exp(-np.maximum(layers, BARE))}

    def rates(self, cell: CellVariables, p: Mapping[str, Any]) -> dict[str, Any]:
        """Plate with the efficiency and strip."""
        density, efficiency = cell["current_density"], p.get(_EFFICIENCY, 1.0)
        plated, stripped = np.maximum(-density, 0.0) / FARADAY, np.maximum(density, 0.0) / FARADAY
        return {
            "lithium_on_copper": efficiency * plated - stripped,
            "dead_lithium_on_copper": (1.0 - efficiency) * plated,
            "counter_electrode_thickness": p[_MOLAR_VOLUME] * density / FARADAY,
        }

    def margins(self, cell: CellVariables, p: Mapping[str, Any]) -> dict[str, Any]:
        """Return the share of the foil that is left."""
        return {_EXHAUSTED: cell["counter_electrode_thickness"] / p[_THICKNESS]}

    def lithium(self, states: Mapping[str, Any], p: Mapping[str, Any]) -> Any:
        """Return the lithium of foil and copper [mol.m-2]."""
        foil = states["counter_electrode_thickness"] / p[_MOLAR_VOLUME]
        return foil + states["lithium_on_copper"] + states["dead_lithium_on_copper"]

    def run_numbers(self, first: Mapping[str, float], last: Mapping[str, float]) -> dict[str, float]:
        """Return how far all lithium is from being conserved."""
        return {"lithium_inventory_error": sum(last.values()) / sum(first.values()) - 1.0}
