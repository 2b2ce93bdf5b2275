"""The steady symmetric cell by quadrature: what the studies must find, without a mesh and without a solver.

With b the transport efficiency, D, kappa, t and chi = 2 (1 - t)(1 + dln f/dln c) as functions of the salt
concentration c, the steady flux of anions is zero, b D dc/dx = -(1 - t) i / F. Hence, with

    Phi(c) = integral_0^c D / (1 - t) dc',

i = (b F / L) (Phi(c_left) - Phi(c_right)); the salt that was there stays there, integral (c - c0) dPhi = 0; and with
dx = -b F D / ((1 - t) i) dc the electrolyte's voltage needs no profile,

    V = integral_{c_right}^{c_left} [F D / ((1 - t) kappa) + chi R T / (F c)] dc.

The limiting current has c_right = 0. Derived here; the first two are the usual quasi-steady integrals. It knows
correlations only: no model, no study.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from cellmodel.correlations import FARADAY, GAS_CONSTANT
from cellmodel.errors import ParameterError, Problem
from cellmodel.parameters import ParameterSet

Array = NDArray[np.float64]

_POINTS = 64
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(_POINTS)
_PANELS = 8
"""Gauss-Legendre with 64 points in each of 8 panels: within 1e-8 where properties are smooth, 1e-5 where
they bend within 0.1 mol.m-3 because they are held beyond what was measured."""


def integrate(function: Callable[[Array], Array], low: float, high: float) -> float:
    """Return the integral of a function.

    Parameters
    ----------
    function : callable
        Of an array.
    low, high : float
        Bounds.

    Returns
    -------
    float
        In the units of the function times those of its argument.
    """
    edges = np.linspace(low, high, _PANELS + 1)
    half = 0.5 * np.diff(edges)[:, None]
    points = half * _NODES + 0.5 * (edges[1:] + edges[:-1])[:, None]
    values = np.broadcast_to(function(points.ravel()), points.size).reshape(points.shape)
    return float(np.sum(half * _WEIGHTS * values))


@dataclass(frozen=True)
class SteadySymmetricCell:
    """A symmetric cell at steady state.

    Parameters
    ----------
    parameters : ParameterSet
        Any cell.
    temperature : float
        [K].
    """

    parameters: ParameterSet
    temperature: float

    def electrolyte(self, name: str, concentration: Array | float) -> Array:
        """Return one electrolyte property.

        Parameters
        ----------
        name : str
            Such as "salt_diffusivity".
        concentration : ndarray or float
            [mol.m-3].

        Returns
        -------
        ndarray
            In SI, shape of `concentration`.
        """
        value = self.parameters.function(f"electrolyte.{name}")(concentration, self.temperature)
        return np.asarray(value, dtype=float)

    @property
    def initial_concentration(self) -> float:
        """Salt concentration at rest [mol.m-3]."""
        return self.parameters["electrolyte.initial_concentration"]

    @property
    def thickness(self) -> float:
        """Distance between the faces [m]."""
        return self.parameters["cell.separator.thickness"]

    @property
    def volume_fraction(self) -> float:
        """Volume fraction of electrolyte between the faces [1]."""
        return self.parameters["cell.separator.electrolyte_volume_fraction"]

    @property
    def efficiency(self) -> float:
        """Transport efficiency b between the faces [1]."""
        return self.volume_fraction ** self.parameters["cell.separator.bruggeman_exponent"]

    def require_a_gradient(self, study: str) -> None:
        """Raise if no salt moves at all.

        Parameters
        ----------
        study : str
            Name of the study, for the message.

        Raises
        ------
        ParameterError
            If the cation transference number is one.
        """
        if 1.0 - self.electrolyte("volume_transference_number", self.initial_concentration) < 1e-9:
            wanted = "below 1 (a single-ion conductor has no salt gradient to measure)"
            raise ParameterError(Problem(study, "electrolyte.cation_transference_number", "1", wanted))

    def mobility(self, concentration: Array) -> Array:
        """Return D / (1 - t) [m2.s-1]; see the module's docstring."""
        share = 1.0 - self.electrolyte("volume_transference_number", concentration)
        return self.electrolyte("salt_diffusivity", concentration) / share

    def salt_diffusivity(self) -> float:
        """Return b D / eps [m2.s-1] at rest: what a relaxation across the polymer shows."""
        bulk = float(self.electrolyte("salt_diffusivity", self.initial_concentration))
        return self.efficiency * bulk / self.volume_fraction

    @property
    def relaxation_time(self) -> float:
        """L^2 / D [s] of the salt across the polymer."""
        return self.thickness**2 / self.salt_diffusivity()

    @property
    def unit_gradient_current_density(self) -> float:
        """Current density [A.m-2] whose steady state, with the properties at rest, spans c0 from face to face."""
        c = self.initial_concentration
        return self.efficiency * float(self.mobility(np.array(c))) * c * FARADAY / self.thickness

    def ohmic_resistance(self) -> float:
        """Return L / (b kappa) at rest [ohm.m2]."""
        return self.thickness / (
            self.efficiency * float(self.electrolyte("ionic_conductivity", self.initial_concentration))
        )

    def interface_resistance(self) -> float:
        """Return 2 (R_ct + R_interphase) at rest [ohm.m2]: both faces."""
        exchange = self.parameters.function("interface.exchange_current_density")
        charge_transfer = self._thermal / float(exchange(self.initial_concentration, self.temperature))
        return 2.0 * (charge_transfer + self._interphase)

    def newman_number(self) -> float:
        """Return Ne = 2 kappa R T (1 - t)^2 TDF / (F^2 D c) at rest [1] (Balsara and Newman 2015)."""
        c = self.initial_concentration
        share = 1.0 - float(self.electrolyte("volume_transference_number", c))
        kappa, D = float(self.electrolyte("ionic_conductivity", c)), float(self.electrolyte("salt_diffusivity", c))
        factor = float(self.electrolyte("volume_thermodynamic_factor", c))
        return 2.0 * kappa * self._thermal * share**2 * factor / (FARADAY * D * c)

    def sand_time(self, current_density: float) -> float:
        """Return Sand's time, eps b pi D (c0 F / (2 i (1 - t)))^2 with the properties at rest [s].

        Parameters
        ----------
        current_density : float
            [A.m-2].

        Returns
        -------
        float
            Infinite for a single-ion conductor.
        """
        c = self.initial_concentration
        flux = 2.0 * current_density * (1.0 - float(self.electrolyte("volume_transference_number", c)))
        bulk = float(self.electrolyte("salt_diffusivity", c))
        if flux == 0.0:
            return np.inf
        return self.volume_fraction * self.efficiency * np.pi * bulk * (c * FARADAY / flux) ** 2

    def limiting_current_density(self) -> float:
        """Return the largest steady current density [A.m-2].

        It leaves no salt at the plated face, or the solubility at the dissolving one, whichever comes first.

        Raises
        ------
        ParameterError
            If the cation transference number is one: there is no such current.
        """
        self.require_a_gradient("limiting current")
        left = self._conserving_left(0.0)
        solubility = self.parameters.entries.get("electrolyte.solubility")
        if solubility is None or left <= solubility.value:
            return self._current_density(left, 0.0)
        return self._current_density(solubility.value, self._conserving_right(solubility.value))

    def polarise(self, voltage: float) -> dict[str, float]:
        """Return the steady state at a constant voltage.

        Parameters
        ----------
        voltage : float
            Applied [V], above zero and small enough for a steady state to exist.

        Returns
        -------
        dict of str to float
            "current_density" [A.m-2], "left_concentration", "right_concentration" [mol.m-3],
            "interface_resistance" [ohm.m2]: small-signal, both faces, as an impedance at that state shows it.
        """
        from scipy.optimize import brentq

        def excess(depth: float) -> float:
            right = self.initial_concentration * (1.0 - depth)
            left = self._conserving_left(right)
            return self._voltage(left, right) - voltage

        right = self.initial_concentration * (1.0 - float(brentq(excess, 1e-9, 1.0 - 1e-9, xtol=1e-13)))
        left = self._conserving_left(right)
        density = self._current_density(left, right)
        return {
            "current_density": density,
            "left_concentration": left,
            "right_concentration": right,
            "interface_resistance": sum(self._small_signal(c, density) for c in (left, right)),
        }

    # -- parts -------------------------------------------------------------------------------------------------------

    @property
    def _thermal(self) -> float:
        return GAS_CONSTANT * self.temperature / FARADAY

    @property
    def _interphase(self) -> float:
        return float(self.parameters.function("interface.interphase_resistance")(self.temperature))

    def _conserving_left(self, right: float) -> float:
        """Return the concentration at the dissolving face that leaves the amount of salt as it was."""
        from scipy.optimize import brentq

        c0 = self.initial_concentration

        def gained(left: float) -> float:
            return integrate(lambda c: (c - c0) * self.mobility(c), right, left)

        highest = 2.0 * c0
        while gained(highest) < 0.0:
            highest *= 1.5
        return float(brentq(gained, c0, highest, xtol=1e-11 * c0))

    def _conserving_right(self, left: float) -> float:
        """Return the concentration at the plated face that leaves the amount of salt as it was."""
        from scipy.optimize import brentq

        c0 = self.initial_concentration
        gained = partial(integrate, lambda c: (c - c0) * self.mobility(c), high=left)
        return float(brentq(lambda right: gained(low=right), 0.0, c0, xtol=1e-11 * c0))

    def _current_density(self, left: float, right: float) -> float:
        return self.efficiency * FARADAY / self.thickness * integrate(self.mobility, right, left)

    def _voltage(self, left: float, right: float) -> float:
        def slope(c: Array) -> Array:
            share = 1.0 - self.electrolyte("volume_transference_number", c)
            ohmic = FARADAY * self.mobility(c) / self.electrolyte("ionic_conductivity", c)
            return ohmic + 2.0 * share * self.electrolyte("volume_thermodynamic_factor", c) * self._thermal / c

        density = self._current_density(left, right)
        exchange = self.parameters.function("interface.exchange_current_density")
        reactions = [
            2.0 * self._thermal * np.arcsinh(density / (2.0 * float(exchange(c, self.temperature))))
            for c in (left, right)
        ]
        return integrate(slope, right, left) + float(sum(reactions)) + 2.0 * self._interphase * density

    def _small_signal(self, concentration: float, density: float) -> float:
        exchange = float(
            self.parameters.function("interface.exchange_current_density")(concentration, self.temperature)
        )
        return self._thermal / float(np.hypot(exchange, 0.5 * density)) + self._interphase
