"""The lithium foil as a state: stripped, plated with an efficiency, and exhausted in the end.

With j the current density (stripping positive), F the Faraday constant, l the share of what is plated that is lost and
g the consumption by other mechanisms [mol.m-2.s-1],

    foil    d n_foil / dt  = -max(j, 0) / F + (1 - l) max(-j, 0) / F - g
    dead    d n_dead / dt  = l max(-j, 0) / F

Their sum, with what the consumers hold, changes by -j / F, what the cathode gains, whatever l and g are.

What is lost on a foil is not what is lost on copper: cells of lithium foil have run a thousand cycles, with an
efficiency that nobody could measure because the foil makes up for it, while lithium on bare copper first has to
nucleate and to form its interphase. A cell without a foil, whose lithium its first charge plates on copper, loses what
is lost there, 1 minus the plating efficiency. No cell has both numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from cellmodel.correlations import FARADAY
from cellmodel.mechanisms.mechanism import CellVariables, EndEvent, Mechanism, Result, State
from cellmodel.mechanisms.registry import register
from cellmodel.units import Quantity

if TYPE_CHECKING:
    from cellmodel.parameters import ParameterSet

_LOSS, _EFFICIENCY = "interface.foil_loss", "interface.plating_efficiency"
_THICKNESS, _MOLAR_VOLUME = "cell.lithium.thickness", "cell.lithium.molar_volume"


@register
class Foil(Mechanism):
    """Foil and dead lithium. On by default: a discharge needs no assumed number, and the voltage is as without it."""

    name = "foil"
    description = "lithium foil stripped and plated with a loss, dead lithium, exhaustion"
    quantities = {
        _LOSS: Quantity(
            "1",
            "share of the lithium plated on foil that cannot be stripped again; 0 if absent",
            (0.0, 0.999),
            required=False,
        ),
    }
    optional = (_LOSS, _EFFICIENCY)
    states = {
        "lithium_thickness": Result("m", "thickness of the lithium foil"),
        "dead_lithium": Result("mol.m-2", "plated lithium that cannot be stripped again"),
    }
    numbers = {
        "lithium_inventory_error": Result(
            "1", "change of all lithium (foil, dead, interphase, salt, cathode) over the lithium at the start"
        ),
    }
    events = {"lithium exhausted": EndEvent("the lithium foil is exhausted", "lithium_exhausted")}

    def start(self, p: Mapping[str, Any]) -> dict[str, State]:
        """Start with the whole foil and nothing dead."""
        thickness = p[_THICKNESS]
        return {
            "lithium_thickness": State(thickness, thickness),
            "dead_lithium": State(0.0, thickness / p[_MOLAR_VOLUME]),
        }

    def rates(self, cell: CellVariables, p: Mapping[str, Any]) -> dict[str, Any]:
        """Strip, plate with the loss, and give other mechanisms what they take."""
        density = cell["current_density"]
        dead = _lost(p) * np.maximum(-density, 0.0) / FARADAY
        lost = dead + cell["lithium_consumption"]
        return {"lithium_thickness": -p[_MOLAR_VOLUME] * (density / FARADAY + lost), "dead_lithium": dead}

    def margins(self, cell: CellVariables, p: Mapping[str, Any]) -> dict[str, Any]:
        """Return the share of the foil that is left."""
        return {"lithium exhausted": cell["lithium_thickness"] / p[_THICKNESS]}

    def lithium(self, states: Mapping[str, Any], p: Mapping[str, Any]) -> Any:
        """Return the lithium of the foil and what is dead [mol.m-2]."""
        return states["lithium_thickness"] / p[_MOLAR_VOLUME] + states["dead_lithium"]

    def run_numbers(self, first: Mapping[str, float], last: Mapping[str, float]) -> dict[str, float]:
        """Return how far all lithium is from being conserved."""
        return {"lithium_inventory_error": sum(last.values()) / sum(first.values()) - 1.0}

    def caution(self, cell: ParameterSet, initial_stoichiometry: float, cycles: int) -> str:
        """Return a sentence if the foil is too thin for the run."""
        return foil_shortfall(cell, initial_stoichiometry, cycles)


def _lost(p: Mapping[str, Any]) -> Any:
    """Return the share of the plated lithium that is lost, where it is plated."""
    return p[_LOSS] if _LOSS in p else 1.0 - p.get(_EFFICIENCY, 1.0)


def foil_shortfall(parameters: ParameterSet, initial_stoichiometry: float, cycles: int) -> str:
    """Return a sentence if the foil is thinner than the lithium that a run may strip from it, else "".

    Each full discharge strips the lithium that the cathode can still take up; every cycle after the first also
    loses what is plated without coming back.
    """
    molar_volume, thickness = parameters[_MOLAR_VOLUME], parameters[_THICKNESS]
    charged, discharged = parameters.stoichiometry_window
    whole = parameters.areal_capacity * 3600.0 / FARADAY * molar_volume
    first = whole * (discharged - initial_stoichiometry) / (discharged - charged)
    lost = (cycles - 1) * _lost(parameters.scalars) * whole
    if first + lost <= thickness:
        return ""
    return (
        f"{parameters.name}: the lithium foil is {thickness * 1e6:.3g} um thick, the run may strip "
        f"{(first + lost) * 1e6:.3g} um of it; it ends when the foil is exhausted"
    )
