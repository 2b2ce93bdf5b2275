"""Salt diffusivity, transference number and thermodynamic factor of a binary salt in a polymer.

Every form takes (c [mol.m-3], T [K]) and is finite and smooth for every c the solver may visit; each
docstring states how it goes on outside its range.  Conversions from molality and [Li]/[EO] happen in here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from cellmodel.correlations.conductivity import WIDTH
from cellmodel.correlations.correlation import (
    FARADAY,
    GAS_CONSTANT,
    Correlation,
    coefficient,
    hold,
    link,
    lithium_per_repeat_unit,
    molal_to_molar_factor,
    molality,
    smooth_maximum,
)


@dataclass(frozen=True)
class DiffusivityFollowingConductivity(Correlation, arguments=("concentration", "temperature")):
    """Polynomial D(c) at one temperature, carried to others by the conductivity's own ratio.

        D(c, T) = f max(P(c), floor) kappa(c, T) / kappa(c, T_ref)

    Above melting this is the conductivity's Vogel-Tammann-Fulcher factor, below it the
    semi-crystalline cut as well.  c is held between `lower_concentration` and
    `upper_concentration` in both parts.
    """

    scale: Any = coefficient("1", 1.0)
    constant: Any = coefficient("{unit}")
    linear: Any = coefficient("{unit}.m3.mol-1", 0.0)
    quadratic: Any = coefficient("{unit}.m6.mol-2", 0.0)
    floor: Any = coefficient("{unit}")
    reference_temperature: Any = coefficient("K")
    lower_concentration: Any = coefficient("mol.m-3")
    upper_concentration: Any = coefficient("mol.m-3")
    conductivity: Any = link("electrolyte.ionic_conductivity")

    def evaluate(self, c: Any, T: Any) -> Any:
        """Return D [m2.s-1], shape of `c` broadcast with `T`."""
        x = hold(c, self.lower_concentration, self.upper_concentration, WIDTH)
        value = smooth_maximum(self.constant + x * (self.linear + x * self.quadratic), self.floor, self.floor)
        ratio = self.conductivity.evaluate(x, T) / self.conductivity.evaluate(x, self.reference_temperature)
        return self.scale * value * ratio


@dataclass(frozen=True)
class DiluteLimitDiffusivity(Correlation, arguments=("concentration", "temperature")):
    """Salt diffusivity estimated from conductivity and transference number at one composition.

        D(T) = f 2 t+ (1 - t+) kappa(c_ref, T) R T / (F^2 c_ref)

    Nernst-Einstein identity of an ideal binary salt; constant in concentration, zero at t+ = 1. Such a salt has
    0 < t+ < 1: where ions move in clusters and t+ is negative the identity is none, and the form is
    `current_fraction_diffusivity`.
    """

    beyond = "where t+ is negative, the form current_fraction_diffusivity: no ideal salt has one"

    scale: Any = coefficient("1", 1.0)
    reference_concentration: Any = coefficient("mol.m-3")
    conductivity: Any = link("electrolyte.ionic_conductivity")
    transference: Any = link("electrolyte.cation_transference_number")

    def evaluate(self, c: Any, T: Any) -> Any:
        """Return D [m2.s-1], shape of `c` broadcast with `T`."""
        c_ref = self.reference_concentration
        t = self.transference.evaluate(c_ref, T)
        kappa = self.conductivity.evaluate(c_ref, T)
        return self.scale * 2.0 * t * (1.0 - t) * kappa * GAS_CONSTANT * T / (FARADAY**2 * c_ref) + 0.0 * c


@dataclass(frozen=True)
class CurrentFractionDiffusivity(Correlation, arguments=("concentration", "temperature")):
    """Salt diffusivity that gives a measured current fraction p at one composition, whatever the transference number.

        D(T) = f Ne0 p/(1 - p),     Ne0 = 2 (1 - t)^2 X kappa(c_ref, T) R T / (F^2 c_ref)

    p = 1/(1 + Ne0/D) is the share of the first current that a cell of lithium | polymer | lithium still carries at a
    small voltage when the salt is at rest (Balsara and Newman 2015, doi 10.1149/2.0651514jes, with Ne = Ne0/D); it is
    what the method of Bruce and Vincent measures and often calls a transference number. (1 - t)^2 X is the same in
    every frame. With t = p and X = 1 it is the Nernst-Einstein identity of `dilute_limit_diffusivity`; D is positive
    for any t < 1, negative ones too. Constant in concentration.
    """

    scale: Any = coefficient("1", 1.0)
    current_fraction: Any = coefficient("1")
    reference_concentration: Any = coefficient("mol.m-3")
    conductivity: Any = link("electrolyte.ionic_conductivity")
    transference: Any = link("electrolyte.cation_transference_number")
    factor: Any = link("electrolyte.thermodynamic_factor")

    def evaluate(self, c: Any, T: Any) -> Any:
        """Return D [m2.s-1], shape of `c` broadcast with `T`."""
        c_ref = self.reference_concentration
        anions = (1.0 - self.transference.evaluate(c_ref, T)) ** 2 * self.factor.evaluate(c_ref, T)
        kappa = self.conductivity.evaluate(c_ref, T)
        share = self.current_fraction / (1.0 - self.current_fraction)
        return self.scale * 2.0 * anions * share * kappa * GAS_CONSTANT * T / (FARADAY**2 * c_ref) + 0.0 * c


@dataclass(frozen=True)
class TransferenceDip(Correlation, arguments=("concentration", "temperature")):
    """Transference number with one dip along r = [Li]/[EO]: t = t0 - h exp(-((r - r0)/w)^2).

    c is held smoothly between 0 and `upper_concentration`, then converted to r with the density
    relation of `cellmodel.correlations.correlation`.
    """

    plateau: Any = coefficient("1")
    depth: Any = coefficient("1")
    ratio_of_minimum: Any = coefficient("1")
    ratio_width: Any = coefficient("1")
    repeat_unit_molar_volume: Any = coefficient("m3.mol-1")
    salt_molar_volume: Any = coefficient("m3.mol-1")
    upper_concentration: Any = coefficient("mol.m-3")

    def evaluate(self, c: Any, T: Any) -> Any:
        """Return t+ [1], shape of `c`; `T` is accepted and not used."""
        held = hold(c, 0.0, self.upper_concentration, WIDTH)
        r = lithium_per_repeat_unit(held, self.repeat_unit_molar_volume, self.salt_molar_volume)
        return self.plateau - self.depth * np.exp(-(((r - self.ratio_of_minimum) / self.ratio_width) ** 2)) + 0.0 * T


@dataclass(frozen=True)
class MolalThermodynamicFactor(Correlation, arguments=("concentration", "temperature")):
    """1 + d ln(gamma)/d ln(m) = a0 + a1 m + a2 m^2, converted to the molarity scale.

    The result is the polynomial times d ln m / d ln c = 1 / (1 - c V_s): what belongs in front of
    the gradient of ln c.  c is held smoothly between 0 and `upper_concentration`.
    """

    constant: Any = coefficient("1")
    linear: Any = coefficient("kg.mol-1", 0.0)
    quadratic: Any = coefficient("kg2.mol-2", 0.0)
    polymer_specific_volume: Any = coefficient("m3.kg-1")
    salt_molar_volume: Any = coefficient("m3.mol-1")
    upper_concentration: Any = coefficient("mol.m-3")

    def evaluate(self, c: Any, T: Any) -> Any:
        """Return the thermodynamic factor on the molarity scale [1], shape of `c`."""
        held = hold(c, 0.0, self.upper_concentration, WIDTH)
        m = molality(held, self.polymer_specific_volume, self.salt_molar_volume)
        molal = self.constant + m * (self.linear + m * self.quadratic)
        return molal * molal_to_molar_factor(held, self.salt_molar_volume) + 0.0 * T
