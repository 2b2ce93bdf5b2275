"""The way of a positive electrode between the two branches of its open-circuit potential.

The branch h is between -1 (lithiation) and +1 (delithiation) and follows the charge passed, in every place of the
electrode by itself; its equation is PyBaMM's. Without the mechanism an electrode with two branches is on that of
lithiation in a discharge and on that of delithiation in a charge, from the first instant and everywhere. With it a run
starts on the branch of its first step that is no rest, and a reversed current reaches the other one by and by.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cellmodel.mechanisms.mechanism import Mechanism, Result
from cellmodel.mechanisms.registry import register
from cellmodel.units import Quantity

_LITHIATION, _DELITHIATION = "electrode.open_circuit_potential", "electrode.delithiation_potential"
_DECAY = "electrode.hysteresis_decay_rate"


@register
class Hysteresis(Mechanism):
    """The state of the positive electrode between its two branches."""

    name = "hysteresis"
    description = "gradual, local change between the two branches of the open-circuit potential"
    quantities = {
        _DECAY: Quantity(
            "1", "decay constant with which a branch is reached, per stoichiometry", (1e-3, 1e6), required=False
        ),
    }
    parameters = (_DELITHIATION, _DECAY)
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
        """Return the lower branch (the other has a name of its own), the decay rate, and the branch of the start."""
        return {
            "Positive electrode lithiation OCP [V]": p[_LITHIATION],
            "Positive particle lithiation hysteresis decay rate": p[_DECAY],
            "Positive particle delithiation hysteresis decay rate": p[_DECAY],
            "Initial hysteresis state in positive electrode": p["branch"],
        }
