"""Charge and discharge branches of the open-circuit potential, half a gap above and below the potential of the file.

The branch h is between -1 (lithiation) and +1 (delithiation) and follows the charge passed; its equation is PyBaMM's.
A full cell was charged and starts on the delithiation branch, an empty one was discharged and starts on the lithiation
branch; in between it is linear in the stoichiometry, h(y) = 1 - 2 (y - y_charged) / (y_discharged - y_charged).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cellmodel.mechanisms.mechanism import Mechanism, Result
from cellmodel.mechanisms.registry import register
from cellmodel.units import Quantity

if TYPE_CHECKING:
    from cellmodel.parameters import ParameterSet

_GAP, _DECAY = "electrode.hysteresis_gap", "electrode.hysteresis_decay_rate"


@register
class Hysteresis(Mechanism):
    """The state of the positive electrode between its two branches."""

    name = "hysteresis"
    description = "charge and discharge branches of the open-circuit potential"
    quantities = {
        _GAP: Quantity("V", "delithiation branch minus lithiation branch of the potential", (0.0, 1.0), required=False),
        _DECAY: Quantity(
            "1", "decay constant with which a branch is reached, per stoichiometry", (1e-3, 1e6), required=False
        ),
    }
    parameters = (_GAP, _DECAY)
    outputs = {
        "hysteresis_state": Result(
            "1",
            "mean branch of the open-circuit potential, lithiation -1, delithiation +1",
            "X-averaged positive electrode hysteresis state",
        ),
    }
    # of the positive electrode only: PyBaMM would give it to the lithium as well
    options = {"open-circuit potential": ("single", "one-state hysteresis")}

    def pybamm_values(self, p: Mapping[str, Any]) -> dict[str, Any]:
        """Return the branches, their decay rate and the branch on which a run starts."""
        centre, half = p["electrode.open_circuit_potential"], 0.5 * p[_GAP]
        window = p["charged_stoichiometry"], p["discharged_stoichiometry"]
        return {
            "Positive electrode lithiation OCP [V]": lambda stoichiometry: centre(stoichiometry) - half,
            "Positive electrode delithiation OCP [V]": lambda stoichiometry: centre(stoichiometry) + half,
            "Positive particle lithiation hysteresis decay rate": p[_DECAY],
            "Positive particle delithiation hysteresis decay rate": p[_DECAY],
            "Initial hysteresis state in positive electrode": _branch(p["initial_stoichiometry"], window),
        }

    def rest_voltage(self, cell: ParameterSet, stoichiometry: float) -> float:
        """Return half the gap times the branch [V]; 0 for a cell that states no gap."""
        if _GAP not in cell.entries:
            return 0.0
        return 0.5 * cell[_GAP] * float(_branch(stoichiometry, cell.stoichiometry_window))


def _branch(y: Any, window: tuple[Any, Any]) -> Any:
    """Return the branch on which a cell of stoichiometry y starts."""
    charged, discharged = window
    return 1.0 - 2.0 * (y - charged) / (discharged - charged)
