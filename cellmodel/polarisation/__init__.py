"""Experiments on lithium | polymer | lithium, evaluated as a laboratory would, beside what was put in."""

from __future__ import annotations

from cellmodel.polarisation.studies import (
    galvanostatic_polarisation,
    limiting_current,
    potentiostatic_polarisation,
    restricted_diffusion,
)

__all__ = ["galvanostatic_polarisation", "limiting_current", "potentiostatic_polarisation", "restricted_diffusion"]
