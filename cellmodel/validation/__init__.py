"""The evidence: checks of the model against theory, another code, published curves and measured data.

Names are imported on first use, so that the command line can ask for the list of checks without PyBaMM.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cellmodel.validation.findings import Check, Finding, Observation
    from cellmodel.validation.registry import all_checks
    from cellmodel.validation.report import markdown_table
    from cellmodel.validation.running import Report, validate

__all__ = ["Check", "Finding", "Observation", "Report", "all_checks", "markdown_table", "validate"]

_HOME = {
    "Check": "findings",
    "Finding": "findings",
    "Observation": "findings",
    "Report": "running",
    "all_checks": "registry",
    "markdown_table": "report",
    "validate": "running",
}


def __getattr__(name: str) -> Any:
    """Import a public name from its module on first use."""
    if name not in _HOME:
        raise AttributeError(f"module 'cellmodel.validation' has no attribute {name!r}")
    return getattr(importlib.import_module(f"cellmodel.validation.{_HOME[name]}"), name)
