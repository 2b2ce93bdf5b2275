"""The end of a run as the dataset states it: voltage losses, cause, depleted place, warnings about the salt.

It gathers what the rules of `end_cause` need from the last step; the rules themselves stand there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from cellmodel.dataset.end_cause import LIMITS, end_cause
from cellmodel.dataset.faces import with_faces
from cellmodel.dataset.outcome import Outcome
from cellmodel.dataset.salt_flags import above_solubility, unresolved
from cellmodel.dataset.schema import VOLTAGE_LOSSES, ResultVariable
from cellmodel.dataset.voltage_losses import VoltageLosses, voltage_losses
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
    losses : list of VoltageLosses
        At the end of each step.
    described : mapping of str to ResultVariable
        Which losses the voltage of this kind of cell has.
    """

    flags: dict[str, str]
    numbers: dict[str, float] = field(default_factory=dict)
    losses: list[VoltageLosses] = field(default_factory=list)
    described: Mapping[str, ResultVariable] = field(default_factory=lambda: VOLTAGE_LOSSES)


def read_ending(outcome: Outcome) -> Ending:
    """Return how a run ended and why; one of which no step ran has the cause its stepping found and no numbers."""
    built = outcome.built
    if not outcome.steps:
        flags = {"end_cause": outcome.end_cause, "unresolved": "no", "above_solubility": above_solubility(outcome)}
        return Ending(flags)
    losses = [voltage_losses(built, outcome.run.parameters, step.solution) for step in outcome.steps]
    profiles = [step.concentration for step in outcome.steps]
    faced = [with_faces(built.x_weights, profile) for profile in profiles]
    numbers = {"voltage_closure_error": max(abs(one.closure_error) for one in losses)}
    salt_at_end, in_separator = profiles[-1][-1, -built.x_electrode.size :].min(), False
    if outcome.run.parameters.kind.lithium_metal:
        positions = np.concatenate(([0.0], built.coordinates.x))
        profiles = [profile[:, :-1] for profile in faced]  # at the collector the salt has no gradient
        lowest = np.min([profile.min(axis=0) for profile in profiles], axis=0)
        numbers["minimum_salt_position"] = float(positions[int(np.argmin(lowest))])
        last = _sharpened(built, profiles[-1][-1], losses[-1].face_salt_gradient)
        salt_at_end = last.min()
        in_separator = bool(positions[int(np.argmin(last))] < outcome.run.parameters["cell.separator.thickness"])
    numbers["minimum_salt_concentration"] = min(float(profile.min()) for profile in profiles)
    numbers["maximum_salt_concentration"] = max(float(profile.max()) for profile in faced)
    flags = {
        "end_cause": _cause(outcome, losses[-1], float(salt_at_end), in_separator),
        "unresolved": unresolved(outcome, built),
        "above_solubility": above_solubility(outcome),
    }
    return Ending(flags, numbers, losses)


def _sharpened(built: BuiltModel, profile: Array, gradient: float) -> Array:
    """Return the last profile with a face that is no richer than the model's own gradient there makes it.

    Where the layer is thinner than the first volume, a line through the nodes misses it; the gradient does not.
    """
    if not built.resolves_dissipation:
        return profile
    width = built.coordinates.x_weights[0]
    face = min(profile[0], max(0.0, profile[1] - 0.5 * width * gradient))
    return np.concatenate(([face], profile[1:]))


def _cause(outcome: Outcome, decomposition: VoltageLosses, salt_at_end: float, in_separator: bool) -> str:
    """Return the cause of the end, from the losses and the smallest salt concentration [mol.m-3] at the end.

    Without a lithium face salt counts as depleted only in the positive electrode, where a discharge empties it.
    """
    if outcome.end_cause not in LIMITS:
        return outcome.end_cause
    return end_cause(
        outcome.end_cause,
        outcome.run.parameters,
        outcome.steps[-1].controls[outcome.end_cause],
        decomposition.losses,
        decomposition.mean_stoichiometry,
        decomposition.reacting_share,
        (salt_at_end / outcome.run.parameters["electrolyte.initial_concentration"], in_separator),
        outcome.steps[-1].controls["temperature"],
    )
