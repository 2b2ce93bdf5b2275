"""Dead lithium takes surface out of contact: the share exp(-n_dead / n_0) of the lithium still reacts.

Derived here from the picture that each bit of dead lithium blocks a fresh random bit of surface. The current crowds
on what is left: the share multiplies the exchange current of lithium and divides the resistance of the interphase.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from cellmodel.mechanisms.mechanism import CellVariables, Mechanism, Result
from cellmodel.mechanisms.registry import register
from cellmodel.units import Quantity

_INVENTORY = "interface.contact_loss_inventory"


@register
class ContactLoss(Mechanism):
    """Share of the lithium's surface in contact."""

    name = "contact_loss"
    description = "dead lithium takes surface out of contact"
    builds_on = ("foil",)
    quantities = {
        _INVENTORY: Quantity(
            "mol.m-2", "dead lithium that leaves 1/e of the surface in contact", (1e-6, 1e6), required=False
        ),
    }
    parameters = (_INVENTORY,)
    outputs = {
        "contact_share": Result("1", "share of the lithium surface in contact"),
        "interphase_resistance": Result("ohm.m2", "areal resistance of the interphase"),
    }
    effects = ("lithium_contact", "interphase_resistance_factor")

    def evaluate(self, cell: CellVariables, p: Mapping[str, Any]) -> dict[str, Any]:
        """Return the share and what follows from it."""
        share = np.exp(-cell["dead_lithium"] / p[_INVENTORY])
        return {"contact_share": share, "lithium_contact": share, "interphase_resistance_factor": 1.0 / share}
