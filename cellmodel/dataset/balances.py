"""One number per run: what was delivered, and whether salt and lithium closed.

Inventories are taken at the solver's own steps with the mesh's own weights.
"""

from __future__ import annotations

import numpy as np

from cellmodel.correlations import FARADAY
from cellmodel.dataset.cycles import delivered
from cellmodel.dataset.extrapolation import extrapolation_numbers
from cellmodel.dataset.outcome import Outcome
from cellmodel.dataset.validity import limit_numbers
from cellmodel.mechanisms import MECHANISMS
from cellmodel.models.solution import StepSolution


def run_numbers(outcome: Outcome) -> dict[str, float]:
    """Return the numbers of `cellmodel.dataset.schema.PER_RUN` that are not about the end; times only if none ran."""
    numbers = {"solve_time": outcome.solve_time, "retries": float(outcome.retries)}
    if not outcome.steps:
        return numbers
    numbers |= delivered(outcome)
    numbers |= limit_numbers(outcome)
    numbers |= extrapolation_numbers(outcome)
    numbers["salt_closure_error"] = _salt(outcome)
    numbers |= _lithium(outcome)
    turnover = sum(step.turnover for step in outcome.steps)
    numbers["energy_closure_error"] = sum(step.imbalance for step in outcome.steps) / turnover if turnover else 0.0
    return numbers


def _salt(outcome: Outcome) -> float:
    """Return the largest drift of the salt's inventory, over the inventory."""
    built, first = outcome.built, outcome.steps[0]
    solution = first.solution
    fraction = built.read(solution, solution.times[:1], ("electrolyte_volume_fraction",))
    weights = fraction["electrolyte_volume_fraction"][0] * built.x_weights
    reference = float(first.concentration[0] @ weights)
    return max(float(np.max(np.abs(step.concentration @ weights / reference - 1.0))) for step in outcome.steps)


def _lithium(outcome: Outcome) -> dict[str, float]:
    """Return how far lithium is from closing, from the first to the last instant.

    In the positive electrode: (lithium gained - charge passed) over the charge between the cut-offs, none where it is
    metal. Then what mechanisms make of the lithium by place.
    """
    built, begun, ended = outcome.built, outcome.steps[0], outcome.steps[-1]
    first, last = begun.solution, ended.solution
    times = np.array([first.times[0], last.end_time])
    states = np.column_stack([first.states[:, 0], last.end_state])
    lithium = built.lithium_by_place(StepSolution(times, states, None, first.inputs), times)
    gained = float(np.diff(lithium.get("positive_electrode", np.full(2, np.nan)))[0]) * FARADAY / 3600.0
    passed = float(ended.samples["discharge_capacity"][-1] - begun.samples["discharge_capacity"][0])
    difference = gained - passed / outcome.run.parameters["cell.area"]
    errors = {"lithium_closure_error": difference / outcome.run.parameters.areal_capacity}
    before, after = ({place: float(held[at]) for place, held in lithium.items()} for at in (0, -1))
    for name in built.mechanisms:
        errors |= MECHANISMS[name].run_numbers(before, after)
    return errors
