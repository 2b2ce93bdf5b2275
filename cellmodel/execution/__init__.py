"""Runs handed to executors: in this process, a pool of processes, Dask; results come back stacked.

It knows prepared runs and plain arrays; it knows no study, no labels of a sweep and no file of results.
Names are imported on first use, so that a worker sets its threads before it loads NumPy.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cellmodel.execution.dispatching import solve_runs
    from cellmodel.execution.finding import check_workers, find_workers, number_of_workers
    from cellmodel.execution.packages import Block
    from cellmodel.execution.workers import Workers

__all__ = ["Block", "Workers", "check_workers", "find_workers", "number_of_workers", "solve_runs"]

_HOME = {
    "Block": "packages",
    "Workers": "workers",
    "check_workers": "finding",
    "find_workers": "finding",
    "number_of_workers": "finding",
    "solve_runs": "dispatching",
}


def __getattr__(name: str) -> Any:
    """Import a public name from its module on first use."""
    if name not in _HOME:
        raise AttributeError(f"module 'cellmodel.execution' has no attribute {name!r}")
    return getattr(importlib.import_module(f"cellmodel.execution.{_HOME[name]}"), name)
