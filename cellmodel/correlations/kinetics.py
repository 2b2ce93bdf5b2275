"""Exchange-current densities, diffusion in particles, and resistance and growth of the interphase on lithium.

Forms for particles take (c_e, c_s, c_max, T), forms for lithium (c_e, T), concentrations in mol.m-3. A growing
interphase takes (thickness [m], T).
Every base of a real power is kept positive, so nothing fails when salt or sites run out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from cellmodel.correlations.correlation import (
    FARADAY,
    GAS_CONSTANT,
    LN_10,
    Activated,
    Correlation,
    coefficient,
    link,
    positive_part,
)

SALT_WIDTH = 1e-3
"""Width of the smooth positive part of the salt concentration [mol.m-3].

Small, because a reaction must stop where the salt has run out."""
SITE_WIDTH = 1e-6
"""Width of the smooth positive part of a stoichiometry [1]."""


@dataclass(frozen=True)
class Arrhenius(Activated, arguments=("stoichiometry", "temperature")):
    """v exp(E/R (1/T_ref - 1/T)): a diffusivity in a particle that does not depend on its filling."""

    value: Any = coefficient("{unit}")

    def evaluate(self, y: Any, T: Any) -> Any:
        """Return the value in the unit of the quantity, shape of `y` broadcast with `T`."""
        return self.value * self.arrhenius(T) + 0.0 * y


@dataclass(frozen=True)
class ActivatedResistance(Activated, arguments=("temperature",)):
    """R = R_ref exp(E/R_gas (1/T - 1/T_ref)): a resistance that falls with temperature for E > 0."""

    value: Any = coefficient("{unit}")

    def evaluate(self, T: Any) -> Any:
        """Return the resistance in the unit of the quantity, shape of `T`."""
        return self.value / self.arrhenius(T)


@dataclass(frozen=True)
class GaussianSumDiffusivity(Activated, arguments=("stoichiometry", "temperature")):
    """D = f 10^(a0 + sum_k a_k exp(-(y - b_k)^2 / w_k)) times an Arrhenius factor, three Gaussians.

    Smooth for every y; O'Regan et al. 2022 print it for NMC811.
    """

    scale: Any = coefficient("{unit}")
    log10_base: Any = coefficient("1")
    amplitude_1: Any = coefficient("1")
    centre_1: Any = coefficient("1")
    width_1: Any = coefficient("1")
    amplitude_2: Any = coefficient("1")
    centre_2: Any = coefficient("1")
    width_2: Any = coefficient("1")
    amplitude_3: Any = coefficient("1")
    centre_3: Any = coefficient("1")
    width_3: Any = coefficient("1")

    def evaluate(self, y: Any, T: Any) -> Any:
        """Return D [m2.s-1], shape of `y` broadcast with `T`."""
        exponent = (
            self.log10_base
            + self.amplitude_1 * np.exp(-((y - self.centre_1) ** 2) / self.width_1)
            + self.amplitude_2 * np.exp(-((y - self.centre_2) ** 2) / self.width_2)
            + self.amplitude_3 * np.exp(-((y - self.centre_3) ** 2) / self.width_3)
        )
        factor = self.arrhenius(T)
        return self.scale * np.exp(LN_10 * exponent) * factor


@dataclass(frozen=True)
class MassActionExchangeCurrent(
    Activated, arguments=("concentration", "solid_concentration", "maximum", "temperature")
):
    """i0 = k sqrt(c_e c_s (c_max - c_s)) times an Arrhenius factor, each concentration kept positive."""

    rate_constant: Any = coefficient("A.m-2.m4.5.mol-1.5")

    def evaluate(self, c_e: Any, c_s: Any, c_max: Any, T: Any) -> Any:
        """Return i0 [A.m-2], shapes broadcast."""
        y = c_s / c_max
        sites = positive_part(y, SITE_WIDTH) * positive_part(1.0 - y, SITE_WIDTH)
        root = np.sqrt(positive_part(c_e, SALT_WIDTH) * sites) * c_max
        return self.rate_constant * root * self.arrhenius(T)


@dataclass(frozen=True)
class SaltWindowMassActionExchangeCurrent(
    Activated, arguments=("concentration", "solid_concentration", "maximum", "temperature")
):
    """i0 = k sqrt(c_e (c_e,max - c_e) c_s (c_max - c_s)) times an Arrhenius factor: salt must come and have room.

    Each concentration is kept positive. Doyle, Fuller and Newman 1993 have it, their equation 30.
    """

    rate_constant: Any = coefficient("A.m-2.m6.mol-2")
    maximum_concentration: Any = coefficient("mol.m-3")

    def evaluate(self, c_e: Any, c_s: Any, c_max: Any, T: Any) -> Any:
        """Return i0 [A.m-2], shapes broadcast."""
        y = c_s / c_max
        sites = positive_part(y, SITE_WIDTH) * positive_part(1.0 - y, SITE_WIDTH)
        salt = positive_part(c_e, SALT_WIDTH) * positive_part(self.maximum_concentration - c_e, SALT_WIDTH)
        return self.rate_constant * np.sqrt(salt * sites) * c_max * self.arrhenius(T)


@dataclass(frozen=True)
class NormalisedExchangeCurrent(
    Activated, arguments=("concentration", "solid_concentration", "maximum", "temperature")
):
    """i0 = i_ref (c_e/c_ref)^a y^b (1 - y)^c times an Arrhenius factor, every base kept positive."""

    value: Any = coefficient("{unit}")
    reference_concentration: Any = coefficient("mol.m-3")
    salt_exponent: Any = coefficient("1")
    occupied_exponent: Any = coefficient("1")
    vacant_exponent: Any = coefficient("1")

    def evaluate(self, c_e: Any, c_s: Any, c_max: Any, T: Any) -> Any:
        """Return i0 [A.m-2], shapes broadcast."""
        y = c_s / c_max
        powers = (  # summed as logarithms: one exponential for three powers
            self.salt_exponent * np.log(positive_part(c_e, SALT_WIDTH) / self.reference_concentration)
            + self.occupied_exponent * np.log(positive_part(y, SITE_WIDTH))
            + self.vacant_exponent * np.log(positive_part(1.0 - y, SITE_WIDTH))
        )
        return self.value * np.exp(powers) * self.arrhenius(T)


@dataclass(frozen=True)
class SaltPowerExchangeCurrent(Correlation, arguments=("concentration", "temperature")):
    """i0 = i_ref (c/c_ref)^n, the concentration kept positive."""

    value: Any = coefficient("{unit}")
    reference_concentration: Any = coefficient("mol.m-3")
    salt_exponent: Any = coefficient("1")

    def evaluate(self, c: Any, T: Any) -> Any:
        """Return i0 [A.m-2], shape of `c`; `T` is accepted and not used."""
        salt = positive_part(c, SALT_WIDTH) / self.reference_concentration
        return self.value * salt**self.salt_exponent + 0.0 * T


@dataclass(frozen=True)
class SaltWindowExchangeCurrent(Correlation, arguments=("concentration", "temperature")):
    """i0 = i_ref sqrt(c (c_max - c)) / sqrt(c_ref (c_max - c_ref)): salt must come and have room.

    Both factors under the root are kept positive.
    """

    value: Any = coefficient("{unit}")
    reference_concentration: Any = coefficient("mol.m-3")
    maximum_concentration: Any = coefficient("mol.m-3")

    def evaluate(self, c: Any, T: Any) -> Any:
        """Return i0 [A.m-2], shape of `c`; `T` is accepted and not used."""
        window = positive_part(c, SALT_WIDTH) * positive_part(self.maximum_concentration - c, SALT_WIDTH)
        reference = self.reference_concentration * (self.maximum_concentration - self.reference_concentration)
        return self.value * np.sqrt(window / reference) + 0.0 * T


@dataclass(frozen=True)
class ChargeTransferShare(Correlation, arguments=("concentration", "temperature")):
    """i0 of lithium from its share f of the measured areal resistance R(T) of the interface.

        i0 = R_gas T / (F f R(T)) (c/c_ref)^n

    so that at c_ref and small current the charge-transfer resistance is exactly f R.
    """

    salt_exponent: Any = coefficient("1")
    reference_concentration: Any = coefficient("mol.m-3")
    areal_resistance: Any = link("interface.areal_resistance")
    fraction: Any = link("interface.charge_transfer_fraction")

    def evaluate(self, c: Any, T: Any) -> Any:
        """Return i0 [A.m-2], shape of `c` broadcast with `T`."""
        resistance = self.fraction.evaluate(T) * self.areal_resistance.evaluate(T)
        salt = (positive_part(c, SALT_WIDTH) / self.reference_concentration) ** self.salt_exponent
        return GAS_CONSTANT * T / (FARADAY * resistance) * salt


@dataclass(frozen=True)
class InterphaseShare(Correlation, arguments=("temperature",)):
    """Interphase resistance (1 - f) R(T): what charge transfer leaves of the measured areal resistance."""

    areal_resistance: Any = link("interface.areal_resistance")
    fraction: Any = link("interface.charge_transfer_fraction")

    def evaluate(self, T: Any) -> Any:
        """Return the resistance [ohm.m2], shape of `T`."""
        return (1.0 - self.fraction.evaluate(T)) * self.areal_resistance.evaluate(T)


@dataclass(frozen=True)
class ParabolicGrowth(Activated, arguments=("thickness", "temperature")):
    """dL/dt = k(T) / (2 L), so that L^2 = L0^2 + k t: growth limited by transport through the layer.

    k(T) is k times an Arrhenius factor. A layer of vanishing thickness would grow at an unbounded rate; a cell
    file gives an initial thickness above zero.
    """

    rate_constant: Any = coefficient("m2.s-1")

    def evaluate(self, L: Any, T: Any) -> Any:
        """Return dL/dt [m.s-1], shape of `L` broadcast with `T`."""
        factor = self.arrhenius(T)
        return 0.5 * self.rate_constant * factor / L


@dataclass(frozen=True)
class LinearGrowth(Activated, arguments=("thickness", "temperature")):
    """dL/dt = v(T), whatever the thickness: growth limited by the reaction at a surface."""

    value: Any = coefficient("{unit}")

    def evaluate(self, L: Any, T: Any) -> Any:
        """Return dL/dt [m.s-1], shape of `L` broadcast with `T`."""
        return self.value * self.arrhenius(T) + 0.0 * L
