"""An interphase that thickens by the law of its file, and takes lithium from the foil.

It grows by a chemical reaction of lithium with the polymer: that takes lithium, but no current and no salt, and its
heat of reaction is left out. It knows neither the law nor what the foil makes of the loss.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cellmodel.mechanisms.mechanism import CellVariables, Mechanism, Result, State
from cellmodel.mechanisms.registry import register
from cellmodel.units import Quantity

_THICKNESS = "interface.interphase_thickness"
_VOLUME = "interface.interphase_lithium_molar_volume"
_RATE = "interface.interphase_growth_rate"


@register
class InterphaseGrowth(Mechanism):
    """Thickness of the interphase, to which its resistance is proportional: a layer of fixed conductivity."""

    name = "interphase_growth"
    description = "interphase that thickens and consumes lithium"
    builds_on = ("foil",)
    quantities = {
        _THICKNESS: Quantity(
            "m", "thickness of the interphase to which its resistance belongs", (1e-10, 1e-4), required=False
        ),
        _VOLUME: Quantity("m3.mol-1", "volume of interphase per mole of lithium in it", (1e-6, 1e-2), required=False),
        _RATE: Quantity(
            "m.s-1",
            "rate at which the interphase thickens",
            (0.0, 1e-3),
            arguments=("thickness", "temperature"),
            required=False,
        ),
    }
    parameters = (_THICKNESS, _VOLUME, _RATE)
    states = {"interphase_thickness": Result("m", "thickness of the interphase on lithium")}
    outputs = {
        "interphase_lithium": Result("mol.m-2", "lithium in the interphase"),
        "interphase_resistance": Result("ohm.m2", "areal resistance of the interphase"),
    }
    effects = ("interphase_resistance_factor", "lithium_consumption")

    def start(self, p: Mapping[str, Any]) -> dict[str, State]:
        """Start with the thickness to which the resistance belongs."""
        return {"interphase_thickness": State(p[_THICKNESS], p[_THICKNESS])}

    def evaluate(self, cell: CellVariables, p: Mapping[str, Any]) -> dict[str, Any]:
        """Return the lithium in the interphase, the lithium it takes and its resistance over the fresh one's."""
        return {
            "interphase_lithium": cell["interphase_thickness"] / p[_VOLUME],
            "lithium_consumption": self._growth(cell, p) / p[_VOLUME],
            "interphase_resistance_factor": cell["interphase_thickness"] / p[_THICKNESS],
        }

    def rates(self, cell: CellVariables, p: Mapping[str, Any]) -> dict[str, Any]:
        """Grow."""
        return {"interphase_thickness": self._growth(cell, p)}

    def _growth(self, cell: CellVariables, p: Mapping[str, Any]) -> Any:
        return p[_RATE](cell["interphase_thickness"], cell["temperature"])

    def lithium(self, states: Mapping[str, Any], p: Mapping[str, Any]) -> Any:
        """Return the lithium in the interphase [mol.m-2]."""
        return states["interphase_thickness"] / p[_VOLUME]
