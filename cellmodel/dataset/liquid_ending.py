"""The end of a run of a liquid cell: its voltage taken apart over two porous electrodes, cause, extremes of the salt.

With the local reaction over its sum as weights in each electrode, <.>_p and <.>_n the weighted means, y and x the
mean fillings of the particles, Y and X those of the whole electrodes,

    V = U_p(Y) - U_n(X)                                            open circuit
      + <U_p(y)>_p - U_p(Y) - (<U_n(x)>_n - U_n(X))                uneven use of the electrodes
      + <U_p(surface) - U_p(y)>_p - <U_n(surface) - U_n(x)>_n      diffusion in the particles
      + <eta_p>_p | - <eta_n>_n                                    reaction at LFP | at graphite
      + V - <phi_s>_p + <phi_s>_n                                  electrons
      + <phi_e>_p - <phi_e>_n, in two parts:                       electrolyte, diffusion potential | ohmic.

The diffusion potential is 2 (1 - t+) TDF R T / F (<ln c>_p - <ln c>_n), with the constants of the set; the ohmic part
is the rest of the electrolyte's drop. Derived here, after `cellmodel.dataset.voltage_parts`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cellmodel.correlations import FARADAY, GAS_CONSTANT
from cellmodel.dataset.end_cause import LIMITS, end_cause
from cellmodel.dataset.ending import Ending
from cellmodel.dataset.outcome import Outcome
from cellmodel.dataset.salt_flags import VOLUMES, layer_thicknesses
from cellmodel.dataset.schema import LIQUID_VOLTAGE_PARTS
from cellmodel.dataset.voltage_parts import REST, VoltageParts
from cellmodel.models.built_model import BuiltModel
from cellmodel.models.solution import StepSolution
from cellmodel.parameters import ParameterSet

Array = NDArray[np.float64]

_SIDES = {"positive": ("", "electrode", 1.0), "negative": ("negative_", "negative_electrode", -1.0)}
"""Electrode -> prefix of its variables, its role in the cell's file, its sign in the voltage."""
_LOCAL = (
    "open_circuit_potential",
    "reaction_overpotential",
    "volumetric_reaction",
    "particle_concentration",
    "particle_surface_concentration",
    "electrode_potential",
)


def read_liquid_ending(outcome: Outcome, cell: ParameterSet) -> Ending:
    """Return how a run of a liquid cell ended and why.

    Parameters
    ----------
    outcome : Outcome
        The run.
    cell : ParameterSet
        As it was run.

    Returns
    -------
    Ending
        Salt counts as depleted only in the positive electrode, where a discharge empties it; its position is left
        out, for there is no lithium surface to count from.
    """
    built = outcome.built
    flags = {"end_cause": outcome.end_cause, "unresolved": "no", "above_solubility": "solubility_not_stated"}
    if built is None or not outcome.steps:
        return Ending(flags, described=LIQUID_VOLTAGE_PARTS)
    parts = [liquid_voltage_parts(built, cell, step.solution) for step in outcome.steps]
    flags["end_cause"] = _cause(outcome, cell, built, outcome.steps[-1].concentration[-1], parts[-1])
    flags["unresolved"] = _unresolved(outcome, built)
    numbers = {
        "minimum_salt_concentration": min(float(step.concentration.min()) for step in outcome.steps),
        "maximum_salt_concentration": max(float(step.concentration.max()) for step in outcome.steps),
        "voltage_closure_error": max(abs(taken_apart.closure_error) for taken_apart in parts),
    }
    return Ending(flags, numbers, parts, LIQUID_VOLTAGE_PARTS)


def liquid_voltage_parts(built: BuiltModel, cell: ParameterSet, solution: StepSolution) -> VoltageParts:
    """Return the parts of the voltage at the end of a step.

    Parameters
    ----------
    built : BuiltModel
        The model that solved it.
    cell : ParameterSet
        As it was run.
    solution : StepSolution
        The step.

    Returns
    -------
    VoltageParts
        By the names of `cellmodel.dataset.schema.LIQUID_VOLTAGE_PARTS` [V].
    """
    local = [f"{prefix}{name}" for prefix, _, _ in _SIDES.values() for name in _LOCAL]
    whole = ("voltage", "current", "electrolyte_concentration", "electrolyte_potential")
    found = built.read(solution, solution.times[-1:], (*whole, *local))
    read = {name: value[0] for name, value in found.items()}
    parts = dict.fromkeys(LIQUID_VOLTAGE_PARTS, 0.0)
    weights = {side: _weights(built, cell, side, read) for side in _SIDES}
    for side, (prefix, role, sign) in _SIDES.items():
        for name, value in _electrode_parts(built, cell, side, read, weights[side]).items():
            parts[name] += sign * value
        reaction = "cathode_reaction" if role == "electrode" else "graphite_reaction"
        parts[reaction] = sign * float(weights[side] @ read[f"{prefix}reaction_overpotential"])
    parts["electronic"] = float(read["voltage"]) + parts["electronic"]
    drop, logarithm = (
        _difference(weights, values)
        for values in (read["electrolyte_potential"], np.log(np.maximum(read["electrolyte_concentration"], 1e-3)))
    )
    salt = (cell["electrolyte.initial_concentration"], solution.inputs["temperature"])
    share = 1.0 - float(cell.function("electrolyte.cation_transference_number")(*salt))
    factor = float(cell.function("electrolyte.thermodynamic_factor")(*salt))
    diffusion = 2.0 * share * factor * GAS_CONSTANT * salt[1] / FARADAY * logarithm
    parts |= {"electrolyte_diffusion": diffusion, "electrolyte_ohmic": drop - diffusion}
    widths = built.x_electrode_weights
    filling = read["particle_concentration"] @ built.r_weights / cell["electrode.maximum_concentration"]
    even = widths / widths.sum()
    reacting = min(1.0, 1.0 / float(np.sum(weights["positive"] ** 2 / even)))
    return VoltageParts(parts, float(read["voltage"]), float(filling @ even), reacting)


def _weights(built: BuiltModel, cell: ParameterSet, side: str, read: dict[str, Array]) -> Array:
    """Return the weights over one electrode, summing to one."""
    widths = built.x_electrode_weights if side == "positive" else built.coordinates.layers["negative electrode"]
    if abs(float(read["current"])) < REST * cell.areal_capacity * cell["cell.area"]:
        return widths / widths.sum()
    reacted = read[f"{_SIDES[side][0]}volumetric_reaction"] * widths
    return reacted / reacted.sum()


def _electrode_parts(
    built: BuiltModel, cell: ParameterSet, side: str, read: dict[str, Array], weights: Array
) -> dict[str, float]:
    """Return what one electrode contributes to its potential; minus the mean electronic potential."""
    prefix, role, _ = _SIDES[side]
    shells = built.r_weights if side == "positive" else built.coordinates.shells["negative"]
    widths = built.x_electrode_weights if side == "positive" else built.coordinates.layers["negative electrode"]
    potential = cell.function(f"{role}.open_circuit_potential")
    filling = read[f"{prefix}particle_concentration"] @ shells / cell[f"{role}.maximum_concentration"]
    mean = float(potential(filling @ widths / widths.sum()))
    local = float(weights @ potential(filling))
    surface = float(weights @ read[f"{prefix}open_circuit_potential"])
    return {
        "open_circuit": mean,
        "nonuniform_utilization": local - mean,
        "solid_diffusion": surface - local,
        "electronic": -float(weights @ read[f"{prefix}electrode_potential"]),
    }


def _difference(weights: dict[str, Array], values: Array) -> float:
    """Return the weighted mean in the positive electrode minus that in the negative one."""
    negative, positive = values[: weights["negative"].size], values[-weights["positive"].size :]
    return float(weights["positive"] @ positive - weights["negative"] @ negative)


def _cause(
    outcome: Outcome, cell: ParameterSet, built: BuiltModel, concentration: Array, taken_apart: VoltageParts
) -> str:
    """Return the cause of the end by the rules of the polymer cells, graphite in the place of lithium."""
    if outcome.end_cause not in LIMITS:
        return outcome.end_cause
    smallest = float(concentration[-built.x_electrode_weights.size :].min())
    parts = {**taken_apart.parts, "lithium_reaction": taken_apart.parts["graphite_reaction"], "interphase": 0.0}
    return end_cause(
        outcome.end_cause,
        cell,
        outcome.steps[-1].controls[outcome.end_cause],
        parts,
        taken_apart.mean_stoichiometry,
        taken_apart.reacting_share,
        (smallest / cell["electrolyte.initial_concentration"], False),
        outcome.steps[-1].controls["temperature"],
    )


def _unresolved(outcome: Outcome, built: BuiltModel) -> str:
    """Return whether a salt layer at a collector was thinner than two volumes of the mesh."""
    widths = {"negative_electrode": built.x_weights[0], "positive_electrode": built.x_weights[-1]}
    for number, step in enumerate(outcome.steps):
        starts = step.controls.get("current", 1.0) != 0.0 and ("voltage" not in step.controls or number == 0)
        layers = layer_thicknesses(outcome, step, widths)
        if starts and any(layers[layer] < VOLUMES * width for layer, width in widths.items()):
            return "yes"
    return "no"
