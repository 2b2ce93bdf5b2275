"""The best cell under stated bounds."""

from __future__ import annotations

from cellmodel.design.evaluating import OBJECTIVES
from cellmodel.design.optimising import OptimalDesign, optimise_design
from cellmodel.design.variables import VARIABLES

__all__ = ["OBJECTIVES", "VARIABLES", "OptimalDesign", "optimise_design"]
