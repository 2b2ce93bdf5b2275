"""Polynomials and conductivities of a salt in a polymer: functions of concentration and temperature.

Every form takes (c [mol.m-3], T [K]) and is finite, smooth and, for conductivity and diffusivity,
positive for every c the solver may visit, also slightly below zero; each docstring states how it
goes on outside its range.  Where a source prints molality or [Li]/[EO], the conversion happens in here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from cellmodel.correlations.base import GAS_CONSTANT, LN_10, Correlation
from cellmodel.correlations.concentration import molality
from cellmodel.correlations.smooth import hold, smooth_maximum

WIDTH = 0.1
"""Width of every smooth transition in concentration [mol.m-3]: far below any concentration of interest.

Depleted discharges at width 1 pass through -20 mol.m-3 before they end, at 0.1 through -0.1, at no cost in steps."""


@dataclass(frozen=True)
class ConcentrationPolynomial(Correlation):
    """P(c) = a0 + a1 c + a2 c^2 + a3 c^3, with c held smoothly between two concentrations.

    Where `floor` is given, the result is smoothly kept above it (transition as wide as the floor).
    Does not depend on temperature.
    """

    constant: Any
    linear: Any
    quadratic: Any
    cubic: Any
    lower_concentration: Any
    upper_concentration: Any
    floor: Any
    arguments: ClassVar[tuple[str, ...]] = ("concentration", "temperature")
    units: ClassVar[dict[str, str]] = {
        "constant": "{unit}",
        "linear": "{unit}.m3.mol-1",
        "quadratic": "{unit}.m6.mol-2",
        "cubic": "{unit}.m9.mol-3",
        "lower_concentration": "mol.m-3",
        "upper_concentration": "mol.m-3",
        "floor": "{unit}",
    }
    optional: ClassVar[dict[str, float]] = {"linear": 0.0, "quadratic": 0.0, "cubic": 0.0, "floor": -np.inf}

    def evaluate(self, c: Any, T: Any) -> Any:
        """Return P(c), shape of `c`; `T` is accepted and not used."""
        x = hold(c, self.lower_concentration, self.upper_concentration, WIDTH)
        value = self.constant + x * (self.linear + x * (self.quadratic + x * self.cubic)) + 0.0 * T
        if isinstance(self.floor, float) and np.isneginf(self.floor):
            return value
        return smooth_maximum(value, self.floor, self.floor)


@dataclass(frozen=True)
class ExponentialPolynomial(Correlation):
    """P(c) = p exp(a0 + a1 c + a2 c^2), with c held smoothly between two concentrations."""

    prefactor: Any
    constant: Any
    linear: Any
    quadratic: Any
    lower_concentration: Any
    upper_concentration: Any
    arguments: ClassVar[tuple[str, ...]] = ("concentration", "temperature")
    units: ClassVar[dict[str, str]] = {
        "prefactor": "{unit}",
        "constant": "1",
        "linear": "m3.mol-1",
        "quadratic": "m6.mol-2",
        "lower_concentration": "mol.m-3",
        "upper_concentration": "mol.m-3",
    }

    def evaluate(self, c: Any, T: Any) -> Any:
        """Return P(c), shape of `c`; `T` is accepted and not used."""
        x = hold(c, self.lower_concentration, self.upper_concentration, WIDTH)
        return self.prefactor * np.exp(self.constant + x * (self.linear + x * self.quadratic)) + 0.0 * T


@dataclass(frozen=True)
class VogelTammannFulcher(Correlation):
    """Vogel-Tammann-Fulcher conductivity whose glass temperature and prefactor follow the salt content.

        kappa = s p x 10^(a x + b x^2) exp(-B / (T - T0 - g x)),   x = c / (1000 mol.m-3)

    c is held smoothly between 0 and `upper_concentration`; the result therefore goes to zero with
    the salt and stays constant above the range.  Only T - T0 - g x > 0 makes sense: `check` refuses
    files whose temperature range breaks it.
    """

    scale: Any
    prefactor: Any
    linear: Any
    quadratic: Any
    activation_temperature: Any
    ideal_glass_temperature: Any
    glass_temperature_slope: Any
    upper_concentration: Any
    arguments: ClassVar[tuple[str, ...]] = ("concentration", "temperature")
    units: ClassVar[dict[str, str]] = {
        "scale": "1",
        "prefactor": "{unit}",
        "linear": "1",
        "quadratic": "1",
        "activation_temperature": "K",
        "ideal_glass_temperature": "K",
        "glass_temperature_slope": "K",
        "upper_concentration": "mol.m-3",
    }
    optional: ClassVar[dict[str, float]] = {"scale": 1.0}

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

    semicrystalline_prefactor: Any
    semicrystalline_activation_energy: Any
    sharpness: Any
    units: ClassVar[dict[str, str]] = {
        **VogelTammannFulcher.units,
        "semicrystalline_prefactor": "{unit}",
        "semicrystalline_activation_energy": "J.mol-1",
        "sharpness": "1",
    }

    def evaluate(self, c: Any, T: Any) -> Any:
        """Return kappa [S.m-1], shape of `c` broadcast with `T`."""
        amorphous = super().evaluate(c, T)
        crystalline = self.semicrystalline_prefactor * np.exp(
            -self.semicrystalline_activation_energy / (GAS_CONSTANT * T)
        )
        ratio = amorphous / crystalline
        return amorphous * np.exp(-np.log(1.0 + ratio**self.sharpness) / self.sharpness)


@dataclass(frozen=True)
class MolalVogelTammannFulcher(Correlation):
    """Vogel-Tammann-Fulcher conductivity in the molality m of its source.

        kappa = s p m 10^(a m + b m^2) exp(-B / (T - T0 - g m)),   m = c v / (1 - c V_s)

    c is held smoothly between 0 and `upper_concentration` before it is converted with the density
    relation of `cellmodel.correlations.concentration`.
    """

    scale: Any
    prefactor: Any
    linear: Any
    quadratic: Any
    activation_temperature: Any
    ideal_glass_temperature: Any
    glass_temperature_slope: Any
    polymer_specific_volume: Any
    salt_molar_volume: Any
    upper_concentration: Any
    arguments: ClassVar[tuple[str, ...]] = ("concentration", "temperature")
    units: ClassVar[dict[str, str]] = {
        "scale": "1",
        "prefactor": "{unit}.kg.mol-1",
        "linear": "kg.mol-1",
        "quadratic": "kg2.mol-2",
        "activation_temperature": "K",
        "ideal_glass_temperature": "K",
        "glass_temperature_slope": "K.kg.mol-1",
        "polymer_specific_volume": "m3.kg-1",
        "salt_molar_volume": "m3.mol-1",
        "upper_concentration": "mol.m-3",
    }
    optional: ClassVar[dict[str, float]] = {"scale": 1.0, "quadratic": 0.0, "glass_temperature_slope": 0.0}

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
class BellShapedVogelTammannFulcher(Correlation):
    """Vogel-Tammann-Fulcher conductivity with one maximum in concentration.

        kappa = s k1 (c/c_max) exp((1 - (c/c_max)^2) / 2) exp(B/(T1 - T0) - B/(T - T0)),
        B = ln(k2/k1) / (1/(T1 - T0) - 1/(T2 - T0))

    It passes through two measured conductivities, k1 at T1 and k2 at T2, whatever the ideal glass temperature T0, which
    is left to bend it: T0 may be uncertain without moving what was measured. c is held smoothly between 0 and 4 c_max.
    For polymers measured at one composition and two temperatures only.
    """

    scale: Any
    lower_temperature: Any
    lower_conductivity: Any
    upper_temperature: Any
    upper_conductivity: Any
    ideal_glass_temperature: Any
    concentration_of_maximum: Any
    arguments: ClassVar[tuple[str, ...]] = ("concentration", "temperature")
    units: ClassVar[dict[str, str]] = {
        "scale": "1",
        "lower_temperature": "K",
        "lower_conductivity": "{unit}",
        "upper_temperature": "K",
        "upper_conductivity": "{unit}",
        "ideal_glass_temperature": "K",
        "concentration_of_maximum": "mol.m-3",
    }
    optional: ClassVar[dict[str, float]] = {"scale": 1.0}

    def evaluate(self, c: Any, T: Any) -> Any:
        """Return kappa [S.m-1], shape of `c` broadcast with `T`."""
        lower, upper = (
            1.0 / (end - self.ideal_glass_temperature) for end in (self.lower_temperature, self.upper_temperature)
        )
        rise = np.log(self.upper_conductivity / self.lower_conductivity) / (lower - upper)
        factor = np.exp(rise * (lower - 1.0 / (T - self.ideal_glass_temperature)))
        x = hold(c, 0.0, 4.0 * self.concentration_of_maximum, WIDTH) / self.concentration_of_maximum
        shape = x * np.exp(0.5 * (1.0 - x**2))
        return self.scale * self.lower_conductivity * shape * factor

    def glass_temperature(self, c: Any) -> Any:
        """Return the temperature [K] above which the form holds, shape of `c`; the measured ones lie above it."""
        held = self.ideal_glass_temperature + 0.0 * c
        return np.where(held < self.lower_temperature, held, np.inf)


GLASSY = (VogelTammannFulcher, MolalVogelTammannFulcher, BellShapedVogelTammannFulcher)
"""Forms that hold above an ideal glass temperature only."""
