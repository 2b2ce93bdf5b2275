"""What the studies that ship must show: balances close, and capacities fall on one curve of the limiting current.

The collapse is what Devaux et al. 2020 report of films with many thicknesses. Studies run at their full size and mesh.
"""

from __future__ import annotations

import numpy as np
import xarray as xr

from cellmodel import analysis
from cellmodel.assessment.checks.check import DataFolder, Evidence, Finding, check
from cellmodel.dataset.schema import STATUS
from cellmodel.models.meshes import MESHES
from cellmodel.study import list_studies, load_study, run_study

BALANCES = {"salt": 1e-10, "lithium": 1e-5, "energy": 2e-3}
"""Largest closure errors that pass, relative."""
REASONS = {
    "salt": "round-off: the scheme conserves salt exactly, 1e-16 per operation over up to 1e4 steps of 50 volumes",
    "lithium": "a tenth of the integrator's relative tolerance, with which charge and particles are integrated",
    "energy": "the dissipation is summed on the mesh, at second order: 0.1 % on the default one, to which the error of "
    "a study on another mesh is brought with the square of the electrode's volumes",
}
SPREAD = 0.05
"""Spread of the share of capacity that still counts as one curve; against C-rate it is several times larger."""


def closure_errors(results: xr.Dataset) -> dict[str, float]:
    """Return the largest closure errors of the runs of a study; a balance that its cells do not have is left out."""
    named = {quantity: f"{quantity}_closure_error" for quantity in BALANCES}
    errors = {quantity: np.abs(results[name].values) for quantity, name in named.items() if name in results}
    return {quantity: float(np.nanmax(one)) for quantity, one in errors.items() if np.isfinite(one).any()}


@check("limits", "Devaux et al. 2020", "10.3389/fenrg.2019.00168")
def collapse(_data: DataFolder) -> Evidence:
    """Yield the spread of the capacities about one curve of the current over its limit."""
    results = run_study(load_study("devaux_collapse"), results=None)
    collapsed, by_rate = analysis.collapse(results), analysis.collapse(results, "c_rate")
    remark = (
        f"Largest deviation {float(collapsed['largest_deviation']):.3f}; the same capacities against C-rate spread by "
        f"{float(by_rate['spread']):.3f}. Thick films fall below the curve above the limit."
    )
    runs, spread = int(collapsed["runs"]), float(collapsed["spread"])
    what = f"spread of the share of capacity about one curve of i/i_lim, {runs} runs, root mean square"
    reason = "about the size of the markers of a published figure; no data of the paper's figure are at hand"
    yield Finding("spread", what, spread, SPREAD, "1", reason, remark=remark)


@check("balances", "conservation of salt, charge and energy")
def balances(_data: DataFolder) -> Evidence:
    """Run every study and yield the largest error of each balance, and where it is."""
    errors: dict[str, dict[str, float]] = {quantity: {} for quantity in BALANCES}
    unsolved: dict[str, int] = {}
    runs = 0
    for name in list_studies():
        study = load_study(name)
        results = run_study(study, results=None)
        runs += results["status"].size
        unsolved[name] = int((~results["status"].isin([STATUS["completed"], STATUS["ended_early"]])).sum())
        coarseness = (MESHES[study.mesh].electrode / MESHES["default"].electrode) ** 2
        for quantity, error in closure_errors(results).items():
            errors[quantity][name] = error * (coarseness if quantity == "energy" else 1.0)
    for quantity, tolerance in BALANCES.items():
        what = f"{quantity} balance, {len(errors[quantity])} studies, largest relative error"
        remark = ", ".join(f"{study} {error:.1e}" for study, error in errors[quantity].items()) + "."
        yield Finding(quantity, what, max(errors[quantity].values()), tolerance, "1", REASONS[quantity], remark=remark)
    what = f"runs that the solver did not finish, of {runs} in {len(unsolved)} studies"
    remark = ", ".join(study for study, number in unsolved.items() if number)
    yield Finding("solved", what, sum(unsolved.values()), 0, "1", "every shipped run can be solved", remark=remark)
