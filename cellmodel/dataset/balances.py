"""One number per run: what was delivered, and whether salt and lithium closed.

Inventories are taken at the solver's own steps with the mesh's own weights.
"""

from __future__ import annotations

import numpy as np

from cellmodel.correlations import FARADAY
from cellmodel.dataset.cycles import delivered
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
    numbers |= _salt(outcome)
    numbers |= _lithium(outcome)
    turnover = sum(step.turnover for step in outcome.steps)
    numbers["energy_closure_error"] = sum(step.imbalance for step in outcome.steps) / turnover if turnover else 0.0
    return numbers


def _salt(outcome: Outcome) -> dict[str, float]:
    """Return the share of (x, t) outside validity and the drift of the inventory."""
    built, first = outcome.built, outcome.steps[0]
    solution, widths = first.solution, built.x_weights
    fraction = built.read(solution, solution.times[:1], ("electrolyte_volume_fraction",))
    weights = fraction["electrolyte_volume_fraction"][0] * widths
    low, high = outcome.run.parameters.validity["concentration"]
    reference = float(first.concentration[0] @ weights)
    drift, outside, duration = 0.0, 0.0, 0.0
    for step in outcome.steps:
        c = step.concentration
        drift = max(drift, float(np.max(np.abs(c @ weights / reference - 1.0))))
        beyond = ((c < low) | (c > high)) @ widths / widths.sum()
        outside += float(np.trapezoid(beyond, step.solver_times))
        duration += float(step.solver_times[-1] - step.solver_times[0])
    return {
        "extrapolated_fraction": outside / duration if duration > 0.0 else 0.0,
        "salt_closure_error": drift,
    }


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
