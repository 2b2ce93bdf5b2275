"""The losses of a cell whose reaction is uniform, on its steady salt profile: where in the cathode they arise.

It knows parameter sets; it knows no model, no mesh and no solver.  Derived here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from cellmodel.correlations import FARADAY, GAS_CONSTANT
from cellmodel.limits.transport import NODE_WEIGHTS, NODES, Array, SaltTransport, SteadyProfile, layer
from cellmodel.parameters import ParameterSet


def _cumulative_legendre() -> Array:
    """Return the matrix that takes values at `NODES` to their integrals from 0 to each node."""
    order = NODES.size
    x = 2.0 * NODES - 1.0
    coefficients = np.linalg.inv(np.polynomial.legendre.legvander(x, order - 1))
    columns = [np.polynomial.legendre.legint(row, lbnd=-1) for row in np.eye(order)]
    integrals = np.stack([np.polynomial.legendre.legval(x, column) for column in columns], axis=1)
    return 0.5 * integrals @ coefficients


_INTEGRAL = _cumulative_legendre()
"""Takes values at `NODES` to their integrals from 0 to each node."""


@dataclass(frozen=True)
class UniformReaction:
    """The losses of a uniform reaction on the steady salt profile; positive in discharge.

    Parameters
    ----------
    transport : SaltTransport
        Cell and temperature.
    profile : SteadyProfile
        The salt on it.
    current : float
        Current density [A.m-2].
    """

    transport: SaltTransport
    profile: SteadyProfile
    current: float

    @cached_property
    def _slope(self) -> Array:
        """Loss per length [V.m-1] at the nodes of the path: i_e / (tor kappa) - chi R T / F d ln c / dx."""
        c, nodes = self.profile.concentration, NODES.size
        efficiency = np.repeat([layer(self._cell, name)[2] for name in ("separator", "positive_electrode")], nodes)
        share = np.concatenate([np.ones(nodes), 1.0 - NODES])
        gradient = 0.0 * c
        if not self.transport.is_single_ion:
            diffusivity, anions = self.transport.coefficients(c)
            gradient = -anions * share * self.current / (FARADAY * efficiency * diffusivity)
        ohmic = share * self.current / (efficiency * self._property("ionic_conductivity", c))
        return ohmic - self._diffusion(c) * gradient / c

    @cached_property
    def _in_cathode(self) -> Array:
        """Loss in the electrolyte [V] from the lithium to the nodes of the cathode."""
        start, nodes = self._cell["cell.separator.thickness"], NODES.size
        return start * float(NODE_WEIGHTS @ self._slope[:nodes]) + self._thickness * (_INTEGRAL @ self._slope[nodes:])

    @property
    def electrolyte(self) -> float:
        """Loss in the electrolyte up to the mean of the cathode [V]."""
        return float(NODE_WEIGHTS @ self._in_cathode)

    @property
    def electrolyte_of_spme(self) -> float:
        """The same with conductivity and thermodynamic factor at the mean concentration, as SPMe has it [V]."""
        c, nodes = self.profile.concentration, NODES.size
        separator, cathode = (layer(self._cell, name) for name in ("separator", "positive_electrode"))
        lengths = (separator[0], cathode[0])
        mean = float(NODE_WEIGHTS @ (lengths[0] * c[:nodes] + lengths[1] * c[nodes:])) / sum(lengths)
        one = np.array([mean])
        resistance = lengths[0] / separator[2] + lengths[1] / (3.0 * cathode[2])
        ohmic = self.current * resistance / float(self._property("ionic_conductivity", one)[0])
        logarithm = float(NODE_WEIGHTS @ np.log(c[nodes:] / self.profile.face))
        return ohmic - float(self._diffusion(one)[0]) * logarithm

    @property
    def electrode(self) -> float:
        """Current times resistance of the electrode, i L / sigma [V]; a third of it is lost on average."""
        return self.current * self._thickness / self._cell["cell.positive_electrode.electronic_conductivity"]

    @cached_property
    def surface_current(self) -> float:
        """Current density through the surface of the particles [A.m-2]."""
        cell = self._cell
        area = 3.0 * cell["cell.positive_electrode.active_material_volume_fraction"] / cell["electrode.particle_radius"]
        return self.current / (area * self._thickness)

    @cached_property
    def _kinetics(self) -> Array:
        return self._activation(self.profile.concentration[NODES.size :])[0]

    @property
    def kinetics(self) -> float:
        """Mean activation loss with the local salt concentration [V]."""
        return float(NODE_WEIGHTS @ self._kinetics)

    @property
    def kinetics_of_spme(self) -> float:
        """Activation loss at the cathode's mean concentration [V]."""
        return float(self._activation(self._mean_in_cathode)[0][0])

    @property
    def stiffness(self) -> float:
        """Resistance of the uniform reaction to a change: eta' + K [V]."""
        steepness = float(NODE_WEIGHTS @ (self._slope[NODES.size :] / (1.0 - NODES)))
        feedback = (self._thickness * steepness + self.electrode) / math.pi**2
        return float(self._activation(self._mean_in_cathode)[1][0]) + feedback

    @cached_property
    def _loss(self) -> Array:
        return self._in_cathode + 0.5 * self.electrode * (1.0 - NODES**2) + self._kinetics

    @property
    def mean(self) -> float:
        """Mean loss [V]."""
        return float(NODE_WEIGHTS @ self._loss)

    @property
    def variation(self) -> float:
        """Rms variation of the loss across the cathode [V]."""
        return float(np.sqrt(NODE_WEIGHTS @ (self._loss - self.mean) ** 2))

    @property
    def span(self) -> float:
        """Largest minus smallest loss across the cathode [V]."""
        return float(np.ptp(self._loss))

    @property
    def _cell(self) -> ParameterSet:
        return self.transport.parameters

    @property
    def _thickness(self) -> float:
        return self._cell["cell.positive_electrode.thickness"]

    @property
    def _mean_in_cathode(self) -> Array:
        return np.array([float(NODE_WEIGHTS @ self.profile.concentration[NODES.size :])])

    def _property(self, name: str, c: Array) -> Array:
        value: Any = self._cell.function(f"electrolyte.{name}")(c, self.transport.temperature)
        return np.broadcast_to(np.asarray(value, dtype=float), c.shape)

    def _diffusion(self, c: Array) -> Array:
        """Return 2 (1 - t+) times thermodynamic factor times R T / F [V]."""
        chi = 2.0 * (1.0 - self._property("cation_transference_number", c)) * self._property("thermodynamic_factor", c)
        return chi * GAS_CONSTANT * self.transport.temperature / FARADAY

    def _activation(self, c: Array) -> tuple[Array, Array]:
        """Return eta and d eta / d ln j [V] of symmetric kinetics at half the window."""
        cell, T = self._cell, self.transport.temperature
        maximum = cell["electrode.maximum_concentration"]
        solid = 0.5 * sum(cell.stoichiometry_window) * maximum
        exchange: Any = cell.function("electrode.exchange_current_density")(c, solid, maximum, T)
        ratio = self.surface_current / (2.0 * np.broadcast_to(exchange, c.shape))
        scale = 2.0 * GAS_CONSTANT * T / FARADAY
        return scale * np.arcsinh(ratio), scale * ratio / np.sqrt(1.0 + ratio**2)
