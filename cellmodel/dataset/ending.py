"""The end of a run as the dataset states it: voltage taken apart, cause, depleted place, warnings about the salt.

It gathers what the rules of `end_cause` need from the last step; the rules themselves stand there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from cellmodel.dataset.end_cause import LIMITS, end_cause
from cellmodel.dataset.outcome import Outcome
from cellmodel.dataset.salt_flags import above_solubility, unresolved
from cellmodel.dataset.schema import VOLTAGE_PARTS, ResultVariable
from cellmodel.dataset.voltage_parts import VoltageParts, voltage_parts
from cellmodel.models.built_model import BuiltModel

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Ending:
    """How a run ended.

    Attributes
    ----------
    flags : dict of str to str
        Words of `cellmodel.dataset.schema.FLAGS`, without the status.
    numbers : dict of str to float
        For `cellmodel.dataset.schema.PER_RUN`; only the cause's word where no step ran.
    parts : list of VoltageParts
        At the end of each step.
    described : mapping of str to ResultVariable
        Which parts the voltage of this kind of cell has.
    """

    flags: dict[str, str]
    numbers: dict[str, float] = field(default_factory=dict)
    parts: list[VoltageParts] = field(default_factory=list)
    described: Mapping[str, ResultVariable] = field(default_factory=lambda: VOLTAGE_PARTS)


def read_ending(outcome: Outcome) -> Ending:
    """Return how a run ended and why; one of which no step ran has the cause its stepping found and no numbers."""
    built = outcome.built
    if not outcome.steps:
        nothing = "no" if "electrolyte.solubility" in outcome.run.parameters.scalars else "solubility_not_stated"
        return Ending({"end_cause": outcome.end_cause, "unresolved": "no", "above_solubility": nothing})
    parts = [voltage_parts(built, outcome.run.parameters, step.solution) for step in outcome.steps]
    positions = np.concatenate(([0.0], built.coordinates.x))
    profiles = [with_face(built.x_weights, step.concentration) for step in outcome.steps]
    lowest = np.min([profile.min(axis=0) for profile in profiles], axis=0)
    place = int(np.argmin(lowest))
    maximum = max(float(profile.max()) for profile in profiles)
    last = _sharpened(built, profiles[-1][-1], parts[-1].face_salt_gradient)
    flags = {
        "end_cause": _cause(outcome, positions, last, parts[-1]),
        "unresolved": unresolved(outcome, built),
        "above_solubility": above_solubility(outcome, maximum),
    }
    numbers = {
        "minimum_salt_concentration": float(lowest[place]),
        "minimum_salt_position": float(positions[place]),
        "maximum_salt_concentration": maximum,
        "voltage_closure_error": max(abs(taken_apart.closure_error) for taken_apart in parts),
    }
    return Ending(flags, numbers, parts)


def with_face(widths: Array, concentration: Array) -> Array:
    """Return profiles with the value at the lithium face before the first node, extrapolated as the model does.

    Parameters
    ----------
    widths : ndarray, shape (x,)
        Of the finite volumes [m] of the cell that ran; the one that the model was built from rounds otherwise.
    concentration : ndarray, shape (n, x)
        At the nodes [mol.m-3].

    Returns
    -------
    ndarray, shape (n, 1 + x)
        A layer at lithium may be thinner than the first volume: only the face shows that its salt has run out.
    """
    first, second = widths[:2]
    face = concentration[:, 0] + (concentration[:, 0] - concentration[:, 1]) * first / (first + second)
    return np.column_stack([face, concentration])


def _sharpened(built: BuiltModel, profile: Array, gradient: float) -> Array:
    """Return the last profile with a face that is no richer than the model's own gradient there makes it.

    Where the layer is thinner than the first volume, a line through the nodes misses it; the gradient does not.
    """
    if not built.resolves_dissipation:
        return profile
    width = built.coordinates.x_weights[0]
    face = min(profile[0], max(0.0, profile[1] - 0.5 * width * gradient))
    return np.concatenate(([face], profile[1:]))


def _cause(outcome: Outcome, positions: Array, profile: Array, taken_apart: VoltageParts) -> str:
    """Return the cause of the end, from the state at the end of the last step."""
    if outcome.end_cause not in LIMITS:
        return outcome.end_cause
    place = int(np.argmin(profile))
    in_separator = bool(positions[place] < outcome.run.parameters["cell.separator.thickness"])
    return end_cause(
        outcome.end_cause,
        outcome.run.parameters,
        outcome.steps[-1].controls[outcome.end_cause],
        taken_apart.parts,
        taken_apart.mean_stoichiometry,
        taken_apart.reacting_share,
        (float(profile[place]) / outcome.run.parameters["electrolyte.initial_concentration"], in_separator),
        outcome.steps[-1].controls["temperature"],
    )
