"""Salt, lithium and energy close on every study that ships, at its full size."""

from __future__ import annotations

from functools import partial

import numpy as np

from cellmodel.study import list_studies, load_study, run_study
from cellmodel.validation.findings import Check, Finding, Observation, Surroundings

TOLERANCES = {"salt": 1e-10, "lithium": 1e-5, "energy": 2e-3}
"""Largest closure errors that pass, relative."""
REASONS = {
    "salt": "round-off: the scheme conserves salt exactly, 1e-16 per operation over up to 1e4 steps of 50 volumes",
    "lithium": "the integrator's relative tolerance of 1e-4 on a charge that is integrated beside the particles",
    "energy": "the dissipation is summed on the mesh, at second order: 0.1 % on the default one",
}


def closure_errors(study: str) -> tuple[dict[str, float], int, int]:
    """Return the largest closure errors of a study, how many of its runs were solved, and how many there are."""
    results = run_study(load_study(study), results=None)
    solved = int(np.sum(results["status"].isin([1, 2])))
    errors = {}
    for quantity in TOLERANCES:
        values = np.abs(results[f"{quantity}_closure_error"].values)
        errors[quantity] = float(np.nanmax(values)) if np.any(np.isfinite(values)) else np.nan
    return errors, solved, results["status"].size


def measure(study: str, _surroundings: Surroundings) -> Observation:
    """Run a study and report its three balances."""
    errors, solved, runs = closure_errors(study)
    if solved < runs:
        raise RuntimeError(f"{runs - solved} of {runs} runs were not solved")
    return Observation(
        [
            Finding(
                quantity,
                f"{quantity} balance of {study}, {runs} runs, largest closure error",
                errors[quantity],
                tolerance,
                "1",
                REASONS[quantity],
            )
            for quantity, tolerance in TOLERANCES.items()
        ]
    )


CHECKS = tuple(
    Check(f"balance_{study}", "balances", "conservation", "", partial(measure, study)) for study in list_studies()
)
