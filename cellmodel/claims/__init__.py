"""The industry's claims put to the test: each a study with a verdict, as a probability over what is not known.

Names are imported on first use, so that listing the claims needs neither PyBaMM nor xarray.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cellmodel.claims.definition import Claim
    from cellmodel.claims.explaining import explain_claim
    from cellmodel.claims.reading import list_claims, load_claim
    from cellmodel.claims.report import claims_table, markdown_table
    from cellmodel.claims.running import run_claim, run_claims

__all__ = [
    "Claim",
    "claims_table",
    "explain_claim",
    "list_claims",
    "load_claim",
    "markdown_table",
    "run_claim",
    "run_claims",
]

_HOME = {
    "Claim": "definition",
    "claims_table": "report",
    "explain_claim": "explaining",
    "list_claims": "reading",
    "load_claim": "reading",
    "markdown_table": "report",
    "run_claim": "running",
    "run_claims": "running",
}


def __getattr__(name: str) -> Any:
    """Import a public name from its module on first use."""
    if name not in _HOME:
        raise AttributeError(f"module 'cellmodel.claims' has no attribute {name!r}")
    return getattr(importlib.import_module(f"cellmodel.claims.{_HOME[name]}"), name)
