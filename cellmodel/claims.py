"""The former name of `cellmodel.assessment`; gone in the next release."""

from __future__ import annotations

import warnings

from cellmodel.assessment import Claim, claims_table, explain_claim, list_claims, load_claim, run_claim, run_claims

__all__ = ["Claim", "claims_table", "explain_claim", "list_claims", "load_claim", "run_claim", "run_claims"]

warnings.warn("cellmodel.claims is now called cellmodel.assessment", DeprecationWarning, stacklevel=2)
