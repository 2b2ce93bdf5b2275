"""What a laboratory measures on a cell and its materials, evaluated as it would, beside what was put in."""

from __future__ import annotations

from cellmodel.characterisation.galvanostatic import galvanostatic_polarisation, limiting_current, restricted_diffusion
from cellmodel.characterisation.impedance import cell_impedance, symmetric_impedance
from cellmodel.characterisation.potentiostatic import potentiostatic_polarisation
from cellmodel.characterisation.steady import SteadySymmetricCell

__all__ = [
    "SteadySymmetricCell",
    "cell_impedance",
    "galvanostatic_polarisation",
    "limiting_current",
    "potentiostatic_polarisation",
    "restricted_diffusion",
    "symmetric_impedance",
]
