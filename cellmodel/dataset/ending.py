"""The end of a run as the dataset states it: voltage taken apart, cause, depleted place, warnings about the salt.

It gathers what the rules of `end_cause` need from the last leg; the rules themselves stand there.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from cellmodel.dataset.end_cause import LIMITS, end_cause
from cellmodel.dataset.integrals import LegValues
from cellmodel.dataset.outcome import Outcome
from cellmodel.dataset.salt_flags import above_solubility, unresolved
from cellmodel.dataset.voltage_parts import VoltageParts, voltage_parts
from cellmodel.models.build import BuiltModel


@dataclass(frozen=True)
class Ending:
    """How a run ended.

    Attributes
    ----------
    flags : dict of str to str
        Words of `cellmodel.dataset.schema.FLAGS`, without the status.
    numbers : dict of str to float
        For `cellmodel.dataset.schema.PER_RUN`; only the cause's word where no leg ran.
    parts : list of VoltageParts
        At the end of each leg.
    """

    flags: dict[str, str]
    numbers: dict[str, float] = field(default_factory=dict)
    parts: list[VoltageParts] = field(default_factory=list)


def read_ending(outcome: Outcome, legs: list[LegValues]) -> Ending:
    """Return how a run ended and why.

    Parameters
    ----------
    outcome : Outcome
        The run.
    legs : list of LegValues
        One for each leg that ran.

    Returns
    -------
    Ending
        A run without legs has the cause its stepping found and no numbers.
    """
    built = outcome.built
    if built is None or not legs:
        nothing = "no" if "electrolyte.solubility" in outcome.parameters.scalars else "solubility_not_stated"
        return Ending({"end_cause": outcome.end_cause, "unresolved": "no", "above_solubility": nothing})
    parts = [
        voltage_parts(built, outcome.parameters, leg, float(leg.solution.all_ts[-1][-1])) for leg in outcome.legs
    ]
    lowest = min(legs, key=lambda leg: float(leg.concentration.min())).concentration
    node = int(np.unravel_index(int(np.argmin(lowest)), lowest.shape)[1])
    flags = {
        "end_cause": _cause(outcome, built, legs[-1], parts[-1]),
        "unresolved": unresolved(outcome, built),
        "above_solubility": above_solubility(outcome, max(float(leg.concentration.max()) for leg in legs)),
    }
    numbers = {
        "minimum_salt_position": float(built.x[node]),
        "voltage_closure_error": max(abs(taken_apart.closure_error) for taken_apart in parts),
    }
    return Ending(flags, numbers, parts)


def _cause(outcome: Outcome, built: BuiltModel, last: LegValues, taken_apart: VoltageParts) -> str:
    """Return the cause of the end, from the state at the end of the last leg."""
    if outcome.end_cause not in LIMITS:
        return outcome.end_cause
    profile = last.concentration[-1]
    node = int(np.argmin(profile))
    initial = outcome.parameters["electrolyte.initial_concentration"]
    in_separator = bool(built.x[node] < outcome.parameters["cell.separator.thickness"])
    return end_cause(
        outcome.end_cause,
        outcome.parameters,
        outcome.legs[-1].controls[outcome.end_cause],
        taken_apart.parts,
        taken_apart.mean_stoichiometry,
        taken_apart.reacting_share,
        (float(profile[node]) / initial, in_separator),
    )
