"""Capacities of cells with many thicknesses fall on one curve of the limiting current, as Devaux et al. 2020 report."""

from __future__ import annotations

from cellmodel.analysis import collapse
from cellmodel.study import load_study, run_study
from cellmodel.validation.findings import Check, Finding, Observation, Surroundings

STUDY = "devaux_collapse"
TOLERANCE = 0.05
"""Spread of the share of capacity that still counts as one curve; against C-rate it is several times larger."""


def measure(_surroundings: Surroundings) -> Observation:
    """Return the spread of the capacities about one curve of the current over its limit."""
    results = run_study(load_study(STUDY), results=None)
    found, by_rate = collapse(results), collapse(results, "c_rate")
    remark = (
        f"Largest deviation {float(found['largest_deviation']):.3f}; the same capacities against C-rate spread by "
        f"{float(by_rate['spread']):.3f}. Thick films fall below the curve above the limit."
    )
    what = f"spread of the share of capacity about one curve of i/i_lim, {int(found['runs'])} runs, root mean square"
    reason = "about the size of the markers of a published figure; no data of the paper's figure are at hand"
    return Observation([Finding("spread", what, float(found["spread"]), TOLERANCE, "1", reason, remark=remark)])


CHECKS = (Check("collapse", "limits", "Devaux et al. 2020", "10.3389/fenrg.2019.00168", measure),)
