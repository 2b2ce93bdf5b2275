"""Experiments on lithium | polymer | lithium, evaluated as a laboratory would, beside what was put in."""

from __future__ import annotations

from cellmodel.polarisation.galvanostatic import galvanostatic_polarisation, limiting_current, restricted_diffusion
from cellmodel.polarisation.potentiostatic import potentiostatic_polarisation
from cellmodel.polarisation.steady import SteadySymmetricCell

__all__ = [
    "SteadySymmetricCell",
    "galvanostatic_polarisation",
    "limiting_current",
    "potentiostatic_polarisation",
    "restricted_diffusion",
]
