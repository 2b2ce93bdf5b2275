"""Two warnings about the salt of a run: a layer the mesh cannot resolve, and salt that reached its solubility.

A change of current starts a layer of changed concentration at the lithium face and at the collector's end of the
cathode; after t it is sqrt(D t) thick (D of the pore space, at the initial concentration).  Finite volumes need two of
them inside the layer to see its gradient at all.  Derived here.  Knows the mesh and the cell; no file.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from cellmodel.dataset.outcome import Outcome
from cellmodel.dataset.schema import SATURATED
from cellmodel.dataset.step_result import StepResult
from cellmodel.models.built_model import BuiltModel

VOLUMES = 2.0
"""Volumes of the mesh that a layer must span."""

_NO_LAYER = 1e-6
"""Anion transference number below which current moves no salt, so that there is no layer."""


def layer_thicknesses(outcome: Outcome, step: StepResult, regions: Iterable[str]) -> dict[str, float]:
    """Return sqrt(D t) [m] of the salt layers that a step starts.

    Parameters
    ----------
    outcome : Outcome
        The run.
    step : StepResult
        One of its steps; t is its duration.
    regions : iterable of str
        Such as "separator" and "positive_electrode".

    Returns
    -------
    dict of str to float
        D is the salt diffusivity at the initial concentration times fraction^(b - 1), b the Bruggeman exponent.
    """
    parameters, knots = outcome.run.parameters, step.solution.times
    salt = (parameters["electrolyte.initial_concentration"], step.controls["temperature"])
    spread = float(parameters.function("electrolyte.salt_diffusivity")(*salt)) * float(knots[-1] - knots[0])
    pores = {region: parameters[f"cell.{region}.electrolyte_volume_fraction"] for region in regions}
    exponents = {region: parameters[f"cell.{region}.bruggeman_exponent"] - 1.0 for region in pores}
    return {region: math.sqrt(spread * fraction ** exponents[region]) for region, fraction in pores.items()}


def unresolved(outcome: Outcome, built: BuiltModel) -> str:
    """Return whether a salt layer of the run was thinner than two volumes, at the negative or the positive end.

    Steps without current start no layer, and a hold of the voltage continues the current before it.

    Parameters
    ----------
    outcome : Outcome
        The run.
    built : BuiltModel
        The model that was solved.

    Returns
    -------
    str
        "yes" or "no".
    """
    all_widths = built.x_weights
    layers = [layer.replace(" ", "_") for layer in built.coordinates.layers]
    widths = {layers[0]: all_widths[0], layers[-1]: all_widths[-1]}
    for number, step in enumerate(outcome.steps):
        salt = (outcome.run.parameters["electrolyte.initial_concentration"], step.controls["temperature"])
        cation = float(outcome.run.parameters.function("electrolyte.volume_transference_number")(*salt))
        starts = step.controls.get("current", 1.0) != 0.0 and ("voltage" not in step.controls or number == 0)
        if starts and 1.0 - cation > _NO_LAYER:
            thicknesses = layer_thicknesses(outcome, step, widths)
            if any(thicknesses[region] < VOLUMES * width for region, width in widths.items()):
                return "yes"
    return "no"


def above_solubility(outcome: Outcome) -> str:
    """Return whether the salt reached its solubility, which ended the run.

    Parameters
    ----------
    outcome : Outcome
        The run.

    Returns
    -------
    str
        "yes", "no" or "solubility_not_stated": nothing then ends a run whose salt dissolves no more.
    """
    if "electrolyte.solubility" not in outcome.run.parameters.scalars:
        return "solubility_not_stated"
    return "yes" if outcome.end_cause in SATURATED else "no"
