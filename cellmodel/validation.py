"""The former name of `cellmodel.assessment`; gone in the next release."""

from __future__ import annotations

import warnings

from cellmodel.assessment import Check, Finding, Report, all_checks, validate

__all__ = ["Check", "Finding", "Report", "all_checks", "validate"]

warnings.warn("cellmodel.validation is now called cellmodel.assessment", DeprecationWarning, stacklevel=2)
