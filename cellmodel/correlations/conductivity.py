"""Polynomials and conductivities of a salt in a polymer: functions of concentration and temperature.

Every form takes (c [mol.m-3], T [K]) and is finite, smooth and, for conductivity and diffusivity,
positive for every c the solver may visit, also slightly below zero. Above the last measured concentration each keeps
its value there, at the temperature of the moment; below the first one its docstring states how it goes on. Where a
source prints molality or [Li]/[EO], the conversion happens in here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from cellmodel.correlations.correlation import (
    GAS_CONSTANT,
    LN_10,
    Correlation,
    coefficient,
    hold,
    molality,
    shared,
)

WIDTH = 0.1
"""Width of every smooth transition in concentration [mol.m-3]: far below any concentration of interest.

Depleted discharges at width 1 pass through -20 mol.m-3 before they end, at 0.1 through -0.1, at no cost in steps."""


@dataclass(frozen=True)
class ConcentrationPolynomial(Correlation, arguments=("concentration", "temperature")):
    """P(c) = a0 + a1 c + a2 c^2 + a3 c^3, with c held smoothly between two concentrations.

    Beyond either it keeps its value there. Does not depend on temperature.
    """

    constant: Any = coefficient("{unit}")
    linear: Any = coefficient("{unit}.m3.mol-1", 0.0)
    quadratic: Any = coefficient("{unit}.m6.mol-2", 0.0)
    cubic: Any = coefficient("{unit}.m9.mol-3", 0.0)
    lower_concentration: Any = coefficient("mol.m-3")
    upper_concentration: Any = coefficient("mol.m-3")

    def evaluate(self, c: Any, T: Any) -> Any:
        """Return P(c), shape of `c`; `T` is accepted and not used."""
        x = hold(c, self.lower_concentration, self.upper_concentration, WIDTH)
        return self.constant + x * (self.linear + x * (self.quadratic + x * self.cubic)) + 0.0 * T


@dataclass(frozen=True)
class ConductivityPolynomial(ConcentrationPolynomial):
    """Conductivity as a polynomial P(c) between two concentrations; below the lower one it vanishes with the salt.

        kappa = P(x) min(c, lower) / lower,   x = c held smoothly between both concentrations

    Below the lower concentration the molar conductivity kappa/c keeps its value there; above the upper one kappa does.
    Does not depend on temperature.
    """

    def evaluate(self, c: Any, T: Any) -> Any:
        """Return kappa [S.m-1], shape of `c`; `T` is accepted and not used."""
        share = hold(c, 0.0, self.lower_concentration, WIDTH) / self.lower_concentration
        return super().evaluate(c, T) * share


@dataclass(frozen=True)
class ExponentialPolynomial(Correlation, arguments=("concentration", "temperature")):
    """P(c) = p exp(a0 + a1 c + a2 c^2), with c held smoothly between two concentrations; beyond it keeps its value."""

    prefactor: Any = coefficient("{unit}")
    constant: Any = coefficient("1")
    linear: Any = coefficient("m3.mol-1")
    quadratic: Any = coefficient("m6.mol-2")
    lower_concentration: Any = coefficient("mol.m-3")
    upper_concentration: Any = coefficient("mol.m-3")

    def evaluate(self, c: Any, T: Any) -> Any:
        """Return P(c), shape of `c`; `T` is accepted and not used."""
        x = hold(c, self.lower_concentration, self.upper_concentration, WIDTH)
        return self.prefactor * np.exp(self.constant + x * (self.linear + x * self.quadratic)) + 0.0 * T


@dataclass(frozen=True)
class VogelTammannFulcher(Correlation, arguments=("concentration", "temperature")):
    """Vogel-Tammann-Fulcher conductivity whose glass temperature and prefactor follow the salt content.

        kappa = s p x 10^(a x + b x^2) exp(-B / (T - T0 - g x)),   x = c / (1000 mol.m-3)

    c is held smoothly between 0 and `upper_concentration`; the result therefore goes to zero with
    the salt and stays constant above the range.  Only T - T0 - g x > 0 makes sense: `check` refuses
    files whose temperature range breaks it.
    """

    scale: Any = coefficient("1", 1.0)
    prefactor: Any = coefficient("{unit}")
    linear: Any = coefficient("1")
    quadratic: Any = coefficient("1")
    activation_temperature: Any = coefficient("K")
    ideal_glass_temperature: Any = coefficient("K")
    glass_temperature_slope: Any = coefficient("K")
    upper_concentration: Any = coefficient("mol.m-3")

    def evaluate(self, c: Any, T: Any) -> Any:
        """Return kappa [S.m-1], shape of `c` broadcast with `T`."""
        x = hold(c, 0.0, self.upper_concentration, WIDTH) / 1000.0
        decades = x * (self.linear + x * self.quadratic)
        glass = self.ideal_glass_temperature + self.glass_temperature_slope * x
        # One exponential for both factors: a power costs as much as several.
        return self.scale * self.prefactor * x * np.exp(LN_10 * decades - self.activation_temperature / (T - glass))

    def glass_temperature(self, c: Any) -> Any:
        """Return the temperature [K] above which the form holds, shape of `c`."""
        return (
            self.ideal_glass_temperature + self.glass_temperature_slope * np.minimum(c, self.upper_concentration) / 1e3
        )


@dataclass(frozen=True)
class SemicrystallineVogelTammannFulcher(VogelTammannFulcher):
    """Amorphous Vogel-Tammann-Fulcher conductivity, cut by that of the semi-crystalline polymer.

        kappa = (kappa_a^-n + kappa_s^-n)^(-1/n),   kappa_s = p_s exp(-E_s / (R T))

    n is the sharpness of the knee at melting: the smooth minimum lies a factor 2^(-1/n) below the
    sharp one where both are equal.  kappa_s has no concentration dependence (its data span too
    little of it); without salt the amorphous branch is the smaller one and takes over.  `scale` belongs
    to the amorphous branch.
    """

    semicrystalline_prefactor: Any = coefficient("{unit}")
    semicrystalline_activation_energy: Any = coefficient("J.mol-1")
    sharpness: Any = coefficient("1")

    def evaluate(self, c: Any, T: Any) -> Any:
        """Return kappa [S.m-1], shape of `c` broadcast with `T`."""
        amorphous = super().evaluate(c, T)
        crystalline = self.semicrystalline_prefactor * np.exp(
            -self.semicrystalline_activation_energy / (GAS_CONSTANT * T)
        )
        ratio = amorphous / crystalline
        return amorphous * np.exp(-np.log(1.0 + ratio**self.sharpness) / self.sharpness)


@dataclass(frozen=True)
class MolalVogelTammannFulcher(Correlation, arguments=("concentration", "temperature")):
    """Vogel-Tammann-Fulcher conductivity in the molality m of its source.

        kappa = s p m 10^(a m + b m^2) exp(-B / (T - T0 - g m)),   m = c v / (1 - c V_s)

    c is held smoothly between 0 and `upper_concentration` before it is converted with the density
    relation of `cellmodel.correlations.correlation`.
    """

    scale: Any = coefficient("1", 1.0)
    prefactor: Any = coefficient("{unit}.kg.mol-1")
    linear: Any = coefficient("kg.mol-1")
    quadratic: Any = coefficient("kg2.mol-2", 0.0)
    activation_temperature: Any = coefficient("K")
    ideal_glass_temperature: Any = coefficient("K")
    glass_temperature_slope: Any = coefficient("K.kg.mol-1", 0.0)
    polymer_specific_volume: Any = coefficient("m3.kg-1")
    salt_molar_volume: Any = shared("electrolyte.salt_molar_volume")
    upper_concentration: Any = coefficient("mol.m-3")

    def evaluate(self, c: Any, T: Any) -> Any:
        """Return kappa [S.m-1], shape of `c` broadcast with `T`."""
        held = hold(c, 0.0, self.upper_concentration, WIDTH)
        m = molality(held, self.polymer_specific_volume, self.salt_molar_volume)
        glass = self.ideal_glass_temperature + self.glass_temperature_slope * m
        decades = m * (self.linear + m * self.quadratic)
        return self.scale * self.prefactor * m * np.exp(LN_10 * decades - self.activation_temperature / (T - glass))

    def glass_temperature(self, c: Any) -> Any:
        """Return the temperature [K] above which the form holds, shape of `c`."""
        held = np.minimum(c, self.upper_concentration)
        m = molality(held, self.polymer_specific_volume, self.salt_molar_volume)
        return self.ideal_glass_temperature + self.glass_temperature_slope * m


@dataclass(frozen=True)
class BellShapedVogelTammannFulcher(Correlation, arguments=("concentration", "temperature")):
    """Vogel-Tammann-Fulcher conductivity with one maximum in concentration.

        kappa = s k1 (c/c_max) exp((1 - (c/c_max)^2) / 2) exp(B/(T1 - T0) - B/(T - T0)),
        B = ln(k2/k1) / (1/(T1 - T0) - 1/(T2 - T0))

    It passes through two measured conductivities, k1 at T1 and k2 at T2, whatever the ideal glass temperature T0, which
    is left to bend it: T0 may be uncertain without moving what was measured. c is held smoothly between 0 and
    `upper_concentration`. For polymers measured at one composition and two temperatures only.
    """

    scale: Any = coefficient("1", 1.0)
    lower_temperature: Any = coefficient("K")
    lower_conductivity: Any = coefficient("{unit}")
    upper_temperature: Any = coefficient("K")
    upper_conductivity: Any = coefficient("{unit}")
    ideal_glass_temperature: Any = coefficient("K")
    concentration_of_maximum: Any = coefficient("mol.m-3")
    upper_concentration: Any = coefficient("mol.m-3")

    def evaluate(self, c: Any, T: Any) -> Any:
        """Return kappa [S.m-1], shape of `c` broadcast with `T`."""
        lower, upper = (
            1.0 / (end - self.ideal_glass_temperature) for end in (self.lower_temperature, self.upper_temperature)
        )
        rise = np.log(self.upper_conductivity / self.lower_conductivity) / (lower - upper)
        factor = np.exp(rise * (lower - 1.0 / (T - self.ideal_glass_temperature)))
        x = hold(c, 0.0, self.upper_concentration, WIDTH) / self.concentration_of_maximum
        shape = x * np.exp(0.5 * (1.0 - x**2))
        return self.scale * self.lower_conductivity * shape * factor

    def glass_temperature(self, c: Any) -> Any:
        """Return the temperature [K] above which the form holds, shape of `c`; the measured ones lie above it."""
        held = self.ideal_glass_temperature + 0.0 * c
        return np.where(held < self.lower_temperature, held, np.inf)


GLASSY = (VogelTammannFulcher, MolalVogelTammannFulcher, BellShapedVogelTammannFulcher)
"""Forms that hold above an ideal glass temperature only."""
