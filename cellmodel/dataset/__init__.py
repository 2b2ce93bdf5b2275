"""Solver output to labelled `xarray.Dataset`: names, units and flags, sampling, balances.

The only room that knows both the solver's solutions and xarray.
"""

from __future__ import annotations

from cellmodel.dataset.assemble import Variables, assemble, run_variables, versions
from cellmodel.dataset.outcome import Outcome
from cellmodel.dataset.schema import END_CAUSE, STATUS, meaning
from cellmodel.dataset.step_result import StepResult, read_step
from cellmodel.dataset.validity import validity_remark

__all__ = [
    "END_CAUSE",
    "STATUS",
    "Outcome",
    "StepResult",
    "Variables",
    "assemble",
    "meaning",
    "read_step",
    "run_variables",
    "validity_remark",
    "versions",
]
