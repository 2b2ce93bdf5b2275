"""PyBaMM's own half-cell DFN in cellmodel's engine: everything equal but the submodels under test."""

from __future__ import annotations

from typing import Any

from cellmodel.assessment.checks.accuracy import voltage
from cellmodel.assessment.checks.check import STOCK, discharge, rms
from cellmodel.models.build import BuiltModel, build_model
from cellmodel.parameters import ParameterSet

__all__ = ["build_stock", "discharge", "rms", "voltage"]


def build_stock(parameters: ParameterSet, **arguments: Any) -> BuiltModel:
    """Build PyBaMM's DFN with the arguments of `build_model`."""
    return build_model(parameters, model=STOCK, **arguments)
