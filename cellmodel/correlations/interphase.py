"""Laws by which an interphase on lithium thickens.

Forms take (thickness [m], temperature [K]) and return dL/dt [m.s-1]. They know no lithium balance.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from cellmodel.correlations.base import Correlation, arrhenius_factor


@dataclass(frozen=True)
class ParabolicGrowth(Correlation):
    """dL/dt = k(T) / (2 L), so that L^2 = L0^2 + k t: growth limited by transport through the layer.

    k(T) is k times an Arrhenius factor. A layer of vanishing thickness would grow at an unbounded rate; a cell
    file gives an initial thickness above zero.
    """

    rate_constant: Any
    activation_energy: Any
    reference_temperature: Any
    units: ClassVar[dict[str, str]] = {
        "rate_constant": "m2.s-1",
        "activation_energy": "J.mol-1",
        "reference_temperature": "K",
    }
    arguments: ClassVar[tuple[str, ...]] = ("thickness", "temperature")

    def evaluate(self, L: Any, T: Any) -> Any:
        """Return dL/dt [m.s-1], shape of `L` broadcast with `T`."""
        factor = arrhenius_factor(self.activation_energy, self.reference_temperature, T)
        return 0.5 * self.rate_constant * factor / L


@dataclass(frozen=True)
class LinearGrowth(Correlation):
    """dL/dt = v(T), whatever the thickness: growth limited by the reaction at a surface."""

    value: Any
    activation_energy: Any
    reference_temperature: Any
    units: ClassVar[dict[str, str]] = {
        "value": "{unit}",
        "activation_energy": "J.mol-1",
        "reference_temperature": "K",
    }
    arguments: ClassVar[tuple[str, ...]] = ("thickness", "temperature")

    def evaluate(self, L: Any, T: Any) -> Any:
        """Return dL/dt [m.s-1], shape of `L` broadcast with `T`."""
        return self.value * arrhenius_factor(self.activation_energy, self.reference_temperature, T) + 0.0 * L
