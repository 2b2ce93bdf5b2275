"""Copper | polymer | lithium: lithium plated on copper and stripped from it, the measurement of its efficiency.

The symmetric cell of `cellmodel.models.cells.symmetric` with copper at x = 0 and the foil of lithium at x = L; the
lithium on the copper is the mechanism of `cellmodel.mechanisms.copper_plating`. It knows the equations; it knows no
parameter values, no protocol and no dataset.

The end of stripping
--------------------
Copper takes lithium ions everywhere, so plating (i < 0) goes through the whole face; a barrier to nuclei is left out.
Stripping (i > 0) needs lithium: the current crowds onto the share a of the copper that is covered,

    phi_metal - phi = 2 R T / F asinh(i / (2 i_0 a)) + R_interphase i / a.

With n the lithium on copper, v its molar volume and h the thickness that covers, a -> n v / h as the copper becomes
bare, and both terms grow without bound: the cell's own voltage ends the stripping. At a cut-off V the last term alone
leaves n = -(h / v) ln(1 - R i / V) behind, less for a thinner h, a lower rate and a higher cut-off. Derived here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pybamm

from cellmodel.mechanisms import MECHANISMS
from cellmodel.models.cells.symmetric import PolymerBetweenMetals, SymmetricCell


class PlatingCell(SymmetricCell):
    """Copper | polymer | lithium: plating with an efficiency, stripping until the copper is bare.

    Parameters
    ----------
    options : dict
        As of `SymmetricCell`.
    p : mapping of str to float or pybamm.Symbol
        What the equations of mechanisms call `p`.
    """

    def __init__(self, options: dict[str, Any], p: Mapping[str, Any]) -> None:
        self._p, self._plating = p, MECHANISMS["copper_plating"]
        super().__init__(options, "Lithium on copper")

    def _assemble(self) -> None:
        started = self._plating.start(self._p)
        cell: Any = {name: pybamm.Variable(name, scale=state.scale) for name, state in started.items()}
        outputs = self._plating.evaluate(cell, self._p)
        self._cover = outputs["copper_coverage"]
        super()._assemble()
        self.variables.update(cell | outputs)
        self.initial_conditions |= {cell[name]: pybamm.Scalar(0) + state.initial for name, state in started.items()}
        cell["current_density"] = self.variables["Current density [A.m-2]"]
        self.rhs |= {cell[name]: rate for name, rate in self._plating.rates(cell, self._p).items()}
        # no event of depletion: the voltage tells of a face without salt
        self.events = [pybamm.Event(name, one) for name, one in self._plating.margins(cell, self._p).items()]

    def _active_share(self, side: str, density: pybamm.Symbol) -> pybamm.Symbol:
        """Return the covered share of the copper where it is stripped."""
        return 1 - (density > 0) * (1 - self._cover) if side == "left" else super()._active_share(side, density)


class Plating(PolymerBetweenMetals):
    """Copper | polymer | lithium."""

    kind = "lithium_copper"

    def new_metal_model(self, options: dict[str, Any], p: Mapping[str, Any]) -> SymmetricCell:
        """Return the model with lithium on copper."""
        return PlatingCell(options, p)
