"""Salt, lithium and energy close on every study that ships, at its full size and mesh."""

from __future__ import annotations

import numpy as np
import xarray as xr

from cellmodel.models.meshes import MESHES
from cellmodel.study import list_studies, load_study, run_study
from cellmodel.validation.findings import Check, Finding, Observation, Surroundings

TOLERANCES = {"salt": 1e-10, "lithium": 1e-5, "energy": 2e-3}
"""Largest closure errors that pass, relative."""
REASONS = {
    "salt": "round-off: the scheme conserves salt exactly, 1e-16 per operation over up to 1e4 steps of 50 volumes",
    "lithium": "a tenth of the integrator's relative tolerance, with which charge and particles are integrated",
    "energy": "the dissipation is summed on the mesh, at second order: 0.1 % on the default one, to which the error of "
    "a study on another mesh is brought with the square of the electrode's volumes",
}
SOLVED = ("completed", "ended_early")


def closure_errors(results: xr.Dataset) -> dict[str, float]:
    """Return the largest closure errors of the runs of a study; a balance that its cells do not have is left out."""
    errors = {}
    for quantity in TOLERANCES:
        if f"{quantity}_closure_error" not in results:
            continue
        values = np.abs(results[f"{quantity}_closure_error"].values)
        if np.any(np.isfinite(values)):
            errors[quantity] = float(np.nanmax(values))
    return errors


def coarseness(mesh: str) -> float:
    """Return the square of the electrode's volumes over those of the default mesh."""
    return (MESHES[mesh].electrode / MESHES["default"].electrode) ** 2


def unsolved(results: xr.Dataset) -> int:
    """Return how many runs of a study failed or did not run."""
    words = dict(
        zip(results["status"].attrs["flag_meanings"].split(), results["status"].attrs["flag_values"], strict=True)
    )
    return int((~results["status"].isin([words[word] for word in SOLVED])).sum())


def measure(_surroundings: Surroundings) -> Observation:
    """Run every study and report the largest error of each balance, and where it is."""
    errors: dict[str, dict[str, float]] = {quantity: {} for quantity in TOLERANCES}
    failures: dict[str, int] = {}
    runs = 0
    for study in list_studies():
        loaded = load_study(study)
        results = run_study(loaded, results=None)
        runs += results["status"].size
        failures[study] = unsolved(results)
        for quantity, error in closure_errors(results).items():
            errors[quantity][study] = error * (coarseness(loaded.mesh) if quantity == "energy" else 1.0)
    findings = [
        Finding(
            quantity,
            f"{quantity} balance, {len(found)} studies, largest relative error",
            max(found.values()),
            TOLERANCES[quantity],
            "1",
            REASONS[quantity],
            remark=", ".join(f"{study} {error:.1e}" for study, error in found.items()) + ".",
        )
        for quantity, found in errors.items()
    ]
    failed = ", ".join(study for study, number in failures.items() if number)
    words = f"runs that the solver did not finish, of {runs} in {len(failures)} studies"
    none = "every shipped run can be solved"
    findings.append(Finding("solved", words, sum(failures.values()), 0, "1", none, remark=failed))
    return Observation(findings)


CHECKS = (Check("balances", "balances", "conservation of salt, charge and energy", "", measure),)
