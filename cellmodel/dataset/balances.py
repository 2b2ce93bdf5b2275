"""One number per run: what was delivered, and whether salt and lithium closed.

Inventories are taken at the solver's own steps with the mesh's own weights.
"""

from __future__ import annotations

import numpy as np

from cellmodel.correlations import FARADAY
from cellmodel.dataset.cycles import delivered
from cellmodel.dataset.integrals import LegValues
from cellmodel.dataset.outcome import Outcome
from cellmodel.dataset.validity import limit_numbers
from cellmodel.models.build import BuiltModel
from cellmodel.models.solution import StepSolution


def run_numbers(outcome: Outcome, legs: list[LegValues]) -> dict[str, float]:
    """Return the numbers of `cellmodel.dataset.schema.PER_RUN` that are not about the end.

    Parameters
    ----------
    outcome : Outcome
        The run.
    legs : list of LegValues
        One for each leg that ran.

    Returns
    -------
    dict of str to float
        In the units of the schema; only the times where no leg ran.
    """
    numbers = {"solve_time": outcome.solve_time, "retries": float(outcome.retries)}
    if outcome.built is None or not legs:
        return numbers
    numbers |= delivered(outcome, legs)
    numbers |= limit_numbers(outcome, legs)
    numbers |= _salt(outcome, outcome.built, legs)
    numbers |= _lithium(outcome, outcome.built, legs)
    turnover = sum(leg.turnover for leg in legs)
    numbers["energy_closure_error"] = sum(leg.imbalance for leg in legs) / turnover if turnover else 0.0
    return numbers


def _salt(outcome: Outcome, built: BuiltModel, legs: list[LegValues]) -> dict[str, float]:
    """Return the share of (x, t) outside validity and the drift of the inventory."""
    solution, widths = outcome.legs[0].solution, built.x_weights
    fraction = built.read(solution, solution.times[:1], ("electrolyte_volume_fraction",))
    weights = fraction["electrolyte_volume_fraction"][0] * widths
    low, high = outcome.parameters.validity["concentration"]
    reference = float(legs[0].concentration[0] @ weights)
    drift, outside, duration = 0.0, 0.0, 0.0
    for leg in legs:
        c = leg.concentration
        drift = max(drift, float(np.max(np.abs(c @ weights / reference - 1.0))))
        beyond = ((c < low) | (c > high)) @ widths / widths.sum()
        outside += float(np.trapezoid(beyond, leg.knots))
        duration += float(leg.knots[-1] - leg.knots[0])
    return {
        "extrapolated_fraction": outside / duration if duration > 0.0 else 0.0,
        "salt_closure_error": drift,
    }


def _lithium(outcome: Outcome, built: BuiltModel, legs: list[LegValues]) -> dict[str, float]:
    """Return how far lithium is from closing, from the first to the last instant.

    In the cathode: (lithium gained - charge passed) over the charge between the cut-offs. With the mechanism "foil",
    which counts all lithium: its change over the lithium at the start.
    """
    first, last = outcome.legs[0].solution, outcome.legs[-1].solution
    times = np.array([first.times[0], last.times[-1]])
    states = np.column_stack([first.states[:, 0], last.end_state])
    lithium = built.lithium_by_place(StepSolution(times, states, None, first.inputs), times)
    gained = float(np.diff(lithium["cathode"])[0]) * FARADAY / 3600.0
    passed = float(legs[-1].samples["discharge_capacity"][-1] - legs[0].samples["discharge_capacity"][0])
    difference = gained - passed / outcome.parameters["cell.area"]
    errors = {"lithium_closure_error": difference / outcome.parameters.areal_capacity}
    if "foil" in built.mechanisms:
        start, end = np.sum(list(lithium.values()), axis=0)
        errors["lithium_inventory_error"] = float(end / start - 1.0)
    return errors
