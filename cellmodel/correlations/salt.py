"""Salt diffusivity, transference number and thermodynamic factor of a binary salt in a polymer.

Every form takes (c [mol.m-3], T [K]) and is finite and smooth for every c the solver may visit; each
docstring states how it goes on outside its range: held at the last measured value.
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
)


@dataclass(frozen=True)
class DiffusivityFollowingConductivity(Correlation, arguments=("concentration", "temperature")):
    """Polynomial D(c) at one temperature, carried to others by the conductivity's own ratio.

        D(c, T) = s P(c) kappa(c, T) / kappa(c, T_ref)

    Above melting this is the conductivity's Vogel-Tammann-Fulcher factor, below it the
    semi-crystalline cut as well.  c is held between `lower_concentration` and
    `upper_concentration` in both parts.
    """

    scale: Any = coefficient("1", 1.0)
    constant: Any = coefficient("{unit}")
    linear: Any = coefficient("{unit}.m3.mol-1", 0.0)
    quadratic: Any = coefficient("{unit}.m6.mol-2", 0.0)
    reference_temperature: Any = coefficient("K")
    lower_concentration: Any = coefficient("mol.m-3")
    upper_concentration: Any = coefficient("mol.m-3")
    conductivity: Any = link("electrolyte.ionic_conductivity")

    def evaluate(self, c: Any, T: Any) -> Any:
        """Return D [m2.s-1], shape of `c` broadcast with `T`."""
        x = hold(c, self.lower_concentration, self.upper_concentration, WIDTH)
        value = self.constant + x * (self.linear + x * self.quadratic)
        ratio = self.conductivity.evaluate(x, T) / self.conductivity.evaluate(x, self.reference_temperature)
        return self.scale * value * ratio


@dataclass(frozen=True)
class LogarithmicPolynomialDiffusivity(Correlation, arguments=("concentration", "temperature")):
    """Diffusivity positive for any coefficients, carried to other temperatures by the conductivity's ratio.

        D(c, T) = s D_ref exp(a1 x + a2 x^2 + a3 x^3 + a4 x^4) q^g kappa(c, T) / kappa(c, T_ref),   x = c / c_ref - 1

    c is held smoothly between the lowest and the highest measured concentration, `lower_concentration` c_l and
    `upper_concentration`. Towards no salt, where g = 1 - c / c_l grows from 0 to 1, D goes over to q D(c_l): q, the
    `dilute_ratio`, says what is not known there, and is 1 where nothing else is.
    """

    scale: Any = coefficient("1", 1.0)
    value: Any = coefficient("{unit}")
    linear: Any = coefficient("1", 0.0)
    quadratic: Any = coefficient("1", 0.0)
    cubic: Any = coefficient("1", 0.0)
    quartic: Any = coefficient("1", 0.0)
    dilute_ratio: Any = coefficient("1", 1.0)
    reference_concentration: Any = coefficient("mol.m-3")
    reference_temperature: Any = coefficient("K")
    lower_concentration: Any = coefficient("mol.m-3")
    upper_concentration: Any = coefficient("mol.m-3")
    conductivity: Any = link("electrolyte.ionic_conductivity")

    def evaluate(self, c: Any, T: Any) -> Any:
        """Return D [m2.s-1], shape of `c` broadcast with `T`."""
        held = hold(c, self.lower_concentration, self.upper_concentration, WIDTH)
        x = held / self.reference_concentration - 1.0
        exponent = x * (self.linear + x * (self.quadratic + x * (self.cubic + x * self.quartic)))
        dilute = 1.0 - hold(c, 0.0, self.lower_concentration, WIDTH) / self.lower_concentration
        ratio = self.conductivity.evaluate(held, T) / self.conductivity.evaluate(held, self.reference_temperature)
        return self.scale * self.value * np.exp(exponent + dilute * np.log(self.dilute_ratio)) * ratio


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
class TransferencePolynomial(Correlation, arguments=("concentration", "temperature")):
    """Transference number as a parabola around a concentration: t = value + slope x + curvature x^2, x = c / c_ref - 1.

    c is held smoothly between `lower_concentration` and `upper_concentration`.
    """

    value: Any = coefficient("1")
    slope: Any = coefficient("1")
    curvature: Any = coefficient("1", 0.0)
    reference_concentration: Any = coefficient("mol.m-3")
    lower_concentration: Any = coefficient("mol.m-3")
    upper_concentration: Any = coefficient("mol.m-3")

    def evaluate(self, c: Any, T: Any) -> Any:
        """Return t+ [1], shape of `c`; `T` is accepted and not used."""
        x = hold(c, self.lower_concentration, self.upper_concentration, WIDTH) / self.reference_concentration - 1.0
        return self.value + x * (self.slope + x * self.curvature) + 0.0 * T
