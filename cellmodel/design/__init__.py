"""The best cell under stated bounds: thickness and active fraction of the cathode, separator, excess of lithium.

One search is some sixty discharges of one built model, in which the geometry is an input. How it searches was measured
(li_peo_lfp at 80 degC and li_polycarbonate_nmc811 at 30 degC, C/3, `fast` mesh, one core):

* Differences or the solver's sensitivities: three central differences are six discharges, 0.28 s and 0.09 s. One
  discharge with IDAKLU's forward sensitivities to what a design changes (four numbers of the geometry, the current and
  the nominal capacity) takes 1.1 s and 0.66 s, and in one of eight trials missed the end of the discharge. So
  differences; `tests/benchmarks/test_design_speed.py` measures it again.
* The energy repeats to 2e-6 to 1e-5 of itself at rtol 1e-4 under changes of the design too small to matter, so the
  differences are taken over a hundredth of the range of a variable (`searching.STEP`).
* SLSQP or IPOPT: all constraints are built into the coordinates (`feasible`), what is left are four bounds, at two of
  which nearly every optimum lies. From the same start, C/20 to 2C, SciPy's SLSQP needs 18 to 58 discharges; IPOPT,
  which stays inside its bounds, 74 to 578 for the same optimum; L-BFGS-B, which searches along lines down to the noise,
  31 to 281.
* The landscape has one ridge, the current at which the salt just lasts, and falls to zero beyond it, where there is no
  slope to follow. Sixteen points of a coarse grid, thin and lean, find the side of it to start from.

The lithium excess changes the mass only: its optimum is its lower bound, and moving it costs no discharge.
"""

from __future__ import annotations

from cellmodel.design.front import FRONT_RATES, RagoneFront, ragone_front, rate_reaching
from cellmodel.design.optimising import OptimalDesign, optimise_design
from cellmodel.design.problem import OBJECTIVES, VARIABLES

__all__ = [
    "FRONT_RATES",
    "OBJECTIVES",
    "VARIABLES",
    "OptimalDesign",
    "RagoneFront",
    "optimise_design",
    "ragone_front",
    "rate_reaching",
]
