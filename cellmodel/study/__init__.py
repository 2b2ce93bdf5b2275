"""Studies: many runs of one protocol over cells and swept quantities, in one labelled dataset.

Names are imported on first use, so that reading a study file needs neither PyBaMM nor xarray.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cellmodel.study.checking import check_study
    from cellmodel.study.definition import Axis, Case, Run, Study
    from cellmodel.study.reading import list_studies, load_study, parse_study
    from cellmodel.study.running import run_study

__all__ = [
    "Axis",
    "Case",
    "Run",
    "Study",
    "check_study",
    "list_studies",
    "load_study",
    "parse_study",
    "run_study",
]

_HOME = {
    "Axis": "definition",
    "Case": "definition",
    "Run": "definition",
    "Study": "definition",
    "check_study": "checking",
    "list_studies": "reading",
    "load_study": "reading",
    "parse_study": "reading",
    "run_study": "running",
}


def __getattr__(name: str) -> Any:
    """Import a public name from its module on first use."""
    if name not in _HOME:
        raise AttributeError(f"module 'cellmodel.study' has no attribute {name!r}")
    return getattr(importlib.import_module(f"cellmodel.study.{_HOME[name]}"), name)
