"""The end of a run of metal | polymer | metal: its voltage losses, cause, extremes of the salt.

With indices 0 and L for the faces at x = 0, which a discharge strips, and x = L,

    V = 0                                      open circuit: lithium on either side
      + int_{c_0}^{c_L} chi R T / (F c) dc     electrolyte, diffusion potential
      + phi_L - phi_0 - that integral          electrolyte, ohmic
      - eta_L - eta_0                          reaction at lithium, on both sides
      - R i (1 / a + 1)                        interphases; a is the covered share of copper, 1 of lithium.

The integral needs no profile, as chi = 2 (1 - t)(1 + dln f/dln c) depends on c alone. The ohmic part is what is left,
so these losses always add up to the voltage and there is no closure error to store. Derived here. It knows one run
and the cell's correlations; it knows no file.
"""

from __future__ import annotations

import numpy as np

from cellmodel.correlations import FARADAY, GAS_CONSTANT
from cellmodel.dataset.end_cause import DEPLETED, LIMITS
from cellmodel.dataset.ending import Ending
from cellmodel.dataset.outcome import Outcome
from cellmodel.dataset.salt_flags import above_solubility, unresolved
from cellmodel.dataset.schema import VOLTAGE_LOSSES
from cellmodel.dataset.voltage_losses import VoltageLosses
from cellmodel.models.built_model import BuiltModel
from cellmodel.models.solution import StepSolution
from cellmodel.parameters import ParameterSet

PARTS = ("open_circuit", "electrolyte_ohmic", "electrolyte_diffusion", "negative_reaction", "interphase")
CROWDED = 0.5
"""Covered share of the copper below which crowding makes most of what its face takes of the voltage."""

_COVER = "copper_coverage"
_NAMES = ("voltage", "left_concentration", "right_concentration", "lithium_overpotential", "contact_overpotential")


def read_metal_ending(outcome: Outcome) -> Ending:
    """Return how a run ended and why; one of which no step ran has the cause its stepping found and no numbers."""
    built, cell, described = outcome.built, outcome.run.parameters, {name: VOLTAGE_LOSSES[name] for name in PARTS}
    if not outcome.steps:
        flags = {"end_cause": outcome.end_cause, "unresolved": "no", "above_solubility": above_solubility(outcome)}
        return Ending(flags, described=described)
    ends = [_read_end(built, step.solution) for step in outcome.steps]
    losses = [
        _voltage_losses(cell, end, step.controls["temperature"]) for end, step in zip(ends, outcome.steps, strict=True)
    ]
    faces = [end[name] for end in ends for name in _NAMES[1:3]]
    lowest = np.min([step.concentration.min(axis=0) for step in outcome.steps], axis=0)
    place = int(np.argmin(lowest))
    maximum = max(*faces, *(float(step.concentration.max()) for step in outcome.steps))
    flags = {
        "end_cause": _cause(outcome, ends[-1], losses[-1].losses),
        "unresolved": unresolved(outcome, built),
        "above_solubility": above_solubility(outcome),
    }
    numbers = {
        "minimum_salt_concentration": float(lowest[place]),
        "minimum_salt_position": float(built.x[place]),
        "maximum_salt_concentration": maximum,
    }
    return Ending(flags, numbers, losses, described)


def _read_end(built: BuiltModel, solution: StepSolution) -> dict[str, float]:
    names = (*_NAMES, *({_COVER} & set(built.functions.variable_names)))
    return {name: float(value[0]) for name, value in built.read(solution, solution.times[-1:], names).items()}


def _voltage_losses(cell: ParameterSet, end: dict[str, float], temperature: float) -> VoltageLosses:
    """Return the losses at the end of a step."""
    transference, factor = (
        cell.function(f"electrolyte.{name}") for name in ("volume_transference_number", "volume_thermodynamic_factor")
    )
    nodes, weights = np.polynomial.legendre.leggauss(64)
    low, high = np.log(np.maximum([end["left_concentration"], end["right_concentration"]], 1e-6))
    c = np.exp(0.5 * (high - low) * nodes + 0.5 * (high + low))
    chi = 2.0 * (1.0 - transference(c, temperature)) * factor(c, temperature)
    diffusion = GAS_CONSTANT * temperature / FARADAY * 0.5 * (high - low) * float(np.sum(weights * chi))
    reaction, interphase = -end["lithium_overpotential"], -end["contact_overpotential"]
    ohmic = end["voltage"] - reaction - interphase - diffusion
    parts = dict(zip(PARTS, (0.0, ohmic, diffusion, reaction, interphase), strict=True))
    return VoltageLosses(parts, end["voltage"], np.nan, np.nan)


def _cause(outcome: Outcome, end: dict[str, float], parts: dict[str, float]) -> str:
    """Return the cause of the end: bare copper, a face without salt, or the larger of reaction and resistance."""
    if outcome.end_cause not in LIMITS:
        return outcome.end_cause
    if outcome.end_cause == "lower_voltage" and end.get(_COVER, 1.0) < CROWDED:
        return "lithium_exhausted"
    salt = min(end["left_concentration"], end["right_concentration"])
    if salt < DEPLETED * outcome.run.parameters["electrolyte.initial_concentration"]:
        return "salt_depleted_at_lithium"
    sign = LIMITS[outcome.end_cause]
    losses = {"reaction": -sign * parts["negative_reaction"]}
    losses["ohmic"] = -sign * (sum(parts.values()) - parts["negative_reaction"])
    return max(losses, key=lambda name: losses[name])
