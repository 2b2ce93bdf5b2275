"""Why a run ended, in words of the physics: rules that read the end of its last step.

A run that met a voltage limit ended because its losses had eaten the room between the open-circuit potential and the
limit, or because the open-circuit potential itself got there.  The rules, in this order:

1. What stopped the last step decides where it is not a voltage limit: time, a current cut-off, lithium exhausted, a
   limit passed at the first instant, the solver.
2. `open_circuit_end`: less than `LEFT` of the charge between the cut-offs is missing until the open-circuit potential
   of the mean filling meets the limit. Whatever the losses, they cost almost nothing.
3. Otherwise the largest group of losses (`voltage_losses`) names the cause:
   solid diffusion in the particles | ohmic: electrolyte, electrons, interphase and contact | reaction: charge transfer
   at the cathode and at lithium | salt, below.
4. Where the smallest salt concentration at the end is below `DEPLETED` of the initial one, the diffusion potential and
   the uneven use of the cathode belong to the salt: the cause is then salt depleted in the cathode, or at lithium if
   the smallest concentration lies in the separator. A cathode without salt at its back also crowds the reaction: if
   only a share p of it reacts, the flux into those particles is 1/p of the even one, so the share 1 - p of the solid
   diffusion and of the cathode's reaction overpotential (linear estimate) is the salt's doing as well. Where the salt
   is not depleted, diffusion potential and uneven use count as ohmic: what the electrolyte resists.

It knows arrays and the words of the schema; no steps and no file.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cellmodel.parameters import ParameterSet
from cellmodel.protocols import rest_voltage

Array = NDArray[np.float64]

LEFT = 0.05
"""Share of the capacity below which nothing worth naming is missing: the spread of capacity between equal cells."""

DEPLETED = 0.1
"""Share of the initial concentration below which salt counts as depleted.

At a tenth of the salt an electrolyte conducts about a tenth, and a constant current empties the rest soon: in the
profile of a limiting current the concentration falls linearly to zero.  A run that ends above it has salt left.  It
is a condition only; the losses decide."""

LIMITS = {"lower_voltage": 1.0, "upper_voltage": -1.0}
"""What stops a step at a voltage -> sign of the losses: they lower a discharge and raise a charge."""


def end_cause(
    stopped_by: str,
    parameters: ParameterSet,
    limit: float,
    parts: dict[str, float],
    mean_stoichiometry: float,
    reacting_share: float,
    depletion: tuple[float, bool],
    temperature: float | None = None,
) -> str:
    """Return the cause, of `END_CAUSE`: from what stopped the last step, its limit [V], and the state it left."""
    if stopped_by not in LIMITS:
        return stopped_by
    direction = "discharge" if LIMITS[stopped_by] > 0.0 else "charge"
    if _at_open_circuit(parameters, limit, parts["open_circuit"], mean_stoichiometry, temperature, direction):
        return "open_circuit_end"
    losses = group_losses(parts, LIMITS[stopped_by], depletion[0] < DEPLETED, reacting_share)
    cause = max(losses, key=lambda name: losses[name])
    if cause == "salt":
        return "salt_depleted_at_lithium" if depletion[1] else "salt_depleted_in_the_cathode"
    return cause


def _at_open_circuit(
    parameters: ParameterSet,
    limit: float,
    open_circuit: float,
    filling: float,
    temperature: float | None,
    direction: str,
) -> bool:
    """Return whether the open-circuit potential meets the limit within `LEFT` of the capacity from a filling.

    It falls with the filling, so its values there and that much further on either side decide. What the model adds to
    the file's potential (a place between its branches) is taken to stay.
    """
    charged, discharged = parameters.stoichiometry_window
    reach = LEFT * (discharged - charged)

    def at(y: float) -> float:
        return rest_voltage(parameters, y, temperature, direction)

    added, fuller, emptier = open_circuit - at(filling), filling + reach, filling - reach
    below = fuller >= 1.0 or at(fuller) + added < limit
    return below and (emptier <= 0.0 or at(emptier) + added > limit)


def group_losses(parts: dict[str, float], sign: float, depleted: bool, reacting_share: float) -> dict[str, float]:
    """Return the losses [V] by group, positive where they bring the voltage nearer to its limit."""
    loss = {name: -sign * value for name, value in parts.items()}
    polarisation = loss["electrolyte_diffusion"] + loss["nonuniform_utilization"]
    even = reacting_share if depleted else 1.0
    crowded = loss["solid_diffusion"] + loss["positive_reaction"]
    return {
        "salt": polarisation + (1.0 - even) * crowded if depleted else 0.0,
        "solid_diffusion": even * loss["solid_diffusion"],
        "ohmic": loss["electrolyte_ohmic"]
        + loss["electronic"]
        + loss["interphase"]
        + (0.0 if depleted else polarisation),
        "reaction": even * loss["positive_reaction"] + loss["negative_reaction"],
    }
