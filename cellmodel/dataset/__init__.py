"""Solver output to labelled `xarray.Dataset`: names, units and flags, sampling, balances.

The only room that knows both PyBaMM's solutions and xarray.
"""

from __future__ import annotations

from cellmodel.dataset.assemble import Variables, assemble, run_variables, versions
from cellmodel.dataset.integrals import LegValues, kept_moments, read_leg
from cellmodel.dataset.outcome import Leg, Outcome
from cellmodel.dataset.schema import END_CAUSE, MODEL_VERSION, STATUS, meaning
from cellmodel.dataset.validity import validity_remark

__all__ = [
    "END_CAUSE",
    "MODEL_VERSION",
    "STATUS",
    "Leg",
    "LegValues",
    "Outcome",
    "Variables",
    "assemble",
    "kept_moments",
    "meaning",
    "read_leg",
    "run_variables",
    "validity_remark",
    "versions",
]
