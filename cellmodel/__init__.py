"""The public names of cellmodel, each imported when it is first used.

Importing this package loads nothing but the standard library and switches PyBaMM's telemetry off, which must
happen before PyBaMM is imported.
"""

from __future__ import annotations

import importlib
import os
import sys
from types import ModuleType
from typing import Any

os.environ.setdefault("PYBAMM_DISABLE_TELEMETRY", "true")

__version__ = "0.1.0"

_HOMES = {
    "CellModelError": "errors",
    "ExecutionError": "errors",
    "ParameterError": "errors",
    "ProtocolError": "errors",
    "ResultsError": "errors",
    "SolveError": "errors",
    "StudyError": "errors",
    "ValidityWarning": "errors",
    "ParameterSet": "parameters",
    "list_cells": "parameters",
    "load_cell": "parameters",
    "load_format": "parameters",
    "load_vehicle": "parameters",
    "Protocol": "protocols",
    "list_protocols": "protocols",
    "load_protocol": "protocols",
    "DFN": "models",
    "SPM": "models",
    "SPMe": "models",
    "build_model": "models",
    "simulate": "simulate",
    "simulate_liquid": "simulate",
    "list_liquid_cells": "parameters",
    "load_liquid_cell": "parameters",
    "SymmetricCell": "models",
    "potentiostatic_polarisation": "polarisation",
    "galvanostatic_polarisation": "polarisation",
    "restricted_diffusion": "polarisation",
    "limiting_current": "polarisation",
    "symmetric_impedance": "impedance",
    "cell_impedance": "impedance",
    "plot_impedance": "plotting",
    "plot_polarisation": "plotting",
    "OptimalDesign": "design",
    "optimise_design": "design",
    "energy_budget": "energy",
    "ragone_front": "design",
    "list_claims": "claims",
    "run_claims": "claims",
    "claims_table": "claims",
    "plot_claims": "plotting",
    "Study": "study",
    "load_study": "study",
    "run_study": "study",
    "open_results": "store",
    "plot_budget": "plotting",
    "plot_collapse": "plotting",
    "plot_design": "plotting",
    "plot_discharge": "plotting",
    "plot_profiles": "plotting",
    "plot_results": "plotting",
}

__all__ = ["__version__", *_HOMES]


class _Package(ModuleType):
    """A package whose public function `simulate` is not hidden by the module it comes from."""

    def __setattr__(self, name: str, value: Any) -> None:
        if name in _HOMES and isinstance(value, ModuleType):
            value = getattr(value, name)
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package


def __getattr__(name: str) -> Any:
    """Import a public name from its room on first use."""
    if name not in _HOMES:
        raise AttributeError(f"module 'cellmodel' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"cellmodel.{_HOMES[name]}"), name)
    setattr(sys.modules[__name__], name, value)
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
