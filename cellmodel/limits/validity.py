"""How far SPMe and SPM are from the DFN: an estimate of the voltage error of a discharge, before it is solved.

Both models let the reaction be uniform. Let q be the share of the cathode's charge window that has passed, dY that
window in stoichiometry, phi(xi) the loss between lithium and the current collector for lithium that reacts at depth xi
of the cathode (electrolyte, electrode and kinetics) if the reaction is uniform, dphi the rms of its variation, and
r the relative deviation of the reaction, with the shape of phi, that the DFN allows.  To first order

    (eta' + K + |U'| y_lag) r + |U'(y)| dy = dphi,        d(dy)/dq = dY r,

where dy is the spread of the stoichiometry that r has left behind, eta' = d eta / d ln j the kinetic and |U'| y_lag the
diffusional resistance of the particles to a change of the reaction (y_lag = j R / (5 F D_s c_max)), and K what the
change of the reaction takes back from phi (the resistance of the cathode over pi^2, the first cosine).  The slope of
the potential levels r; a flat one lets it persist.  Averaged over the cathode, V = U - eta - phi of the DFN and of the
uniform reaction then differ, to second order, by

    e(q) = r dphi + [U(y + dy) + U(y - dy)] / 2 - U(y).

A reaction that deviates by more than itself is a front, for which this is too much.  A front that walks from the
separator to the collector loses from 0 to 2 s, where the uniform reaction loses 2 s / 3 throughout (s: the difference
of phi from end to end, of an ohmic cathode); the rms of the difference is 2 s / 3, which is the largest e.

SPMe takes conductivity and thermodynamic factor at the mean concentration: the steady salt profile gives the
difference to the local ones, and the same for the exchange-current density.  SPM has no electrolyte at all: the whole
loss of electrolyte and electrode is its error.

It knows parameter sets; it knows no model, no mesh and no solver.  Derived here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from cellmodel.correlations import FARADAY, GAS_CONSTANT
from cellmodel.limits.currents import limiting_current
from cellmodel.limits.transport import (
    NODE_WEIGHTS,
    NODES,
    Array,
    Path,
    SaltTransport,
    SteadyProfile,
    cell_path,
    layer,
    steady_profile,
)
from cellmodel.parameters import ParameterSet

TOLERATED = 5e-3
"""Rms difference from the DFN [V] up to which a single-particle model counts as valid."""
MARGIN = 1.5
"""Factor on the estimate. Of 200 random cells (seed 11, none of them in any test), the largest ratio of true to
estimated error, for true errors of 2 to 10 mV, was 1.36."""
STEPS = 200
"""Steps in the charge passed."""
FRONT = 2.0 / 3.0
"""Rms difference in loss between a walking front and a uniform reaction, over the difference of the latter's loss from
end to end."""


@dataclass(frozen=True)
class ErrorEstimate:
    """What separates SPMe from the DFN in one discharge.

    Attributes
    ----------
    depletion : float
        Current density over the limiting one for a uniform reaction [1].
    coefficients : float
        Error of SPMe from coefficients taken at the mean concentration [V].
    electrolyte : float
        Loss of electrolyte and electrode up to the mean of the cathode, all of which SPM lacks [V].
    variation : float
        Rms variation of the loss across the cathode, dphi [V].
    reaction : ndarray, shape (n,)
        Error from the uniform reaction at equal steps of charge [V].
    """

    depletion: float
    coefficients: float
    electrolyte: float
    variation: float
    reaction: Array

    def error(self, model: str) -> float:
        """Return the estimated rms error [V] of "SPMe" or "SPM"; infinite where the salt is used up."""
        constant = abs(self.coefficients) if model == "SPMe" else abs(self.electrolyte)
        return float(np.sqrt(np.mean((constant + self.reaction) ** 2)))


def validity_index(
    parameters: ParameterSet, current_density: float, temperature: float | None = None, model: str = "SPMe"
) -> float:
    """Return how far beyond its validity a single-particle model is, in a discharge at constant current.

        index = max(1.5 x estimated rms error / 5 mV, current / limiting current for a uniform reaction)

    Below 1 the model stays within 5 mV rms of the DFN.

    Parameters
    ----------
    parameters : ParameterSet
        The cell.
    current_density : float
        [A.m-2], positive.
    temperature : float, optional
        [K]; default the cell's own.
    model : {"SPMe", "SPM"}, optional
        Which model.

    Returns
    -------
    float
        Zero for no current, infinite at and above the limiting current.
    """
    estimate = estimate_error(parameters, current_density, temperature)
    return max(MARGIN * estimate.error(model) / TOLERATED, estimate.depletion)


def estimate_error(parameters: ParameterSet, current_density: float, temperature: float | None = None) -> ErrorEstimate:
    """Return the estimate described in the module's docstring.

    Parameters
    ----------
    parameters : ParameterSet
        The cell.
    current_density : float
        [A.m-2], positive.
    temperature : float, optional
        [K]; default the cell's own.

    Returns
    -------
    ErrorEstimate
        Infinite errors where the salt is used up.

    Raises
    ------
    ParameterError
        If the salt diffusivity is not positive and finite.
    """
    T = parameters["cell.temperature"] if temperature is None else temperature
    transport, path = SaltTransport(parameters, T), cell_path(parameters, "uniform")
    depletion = current_density / limiting_current(transport, path)
    if current_density <= 0.0:
        return ErrorEstimate(0.0, 0.0, 0.0, 0.0, np.zeros(1))
    profile = steady_profile(transport, path, current_density)
    if profile is None:
        return ErrorEstimate(depletion, math.inf, math.inf, math.inf, np.full(1, math.inf))
    loss = UniformReaction(transport, path, profile, current_density)
    return ErrorEstimate(
        depletion,
        loss.electrolyte - loss.electrolyte_of_spme + loss.kinetics - loss.kinetics_of_spme,
        loss.electrolyte + loss.electrode / 3.0,
        loss.variation,
        _reaction_error(parameters, T, loss),
    )


@dataclass(frozen=True)
class UniformReaction:
    """The losses of a uniform reaction on the steady salt profile; positive in discharge.

    Parameters
    ----------
    transport : SaltTransport
        Cell and temperature.
    path : Path
        The way of the current.
    profile : SteadyProfile
        The salt on it.
    current : float
        Current density [A.m-2].
    """

    transport: SaltTransport
    path: Path
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


def _reaction_error(parameters: ParameterSet, temperature: float, loss: UniformReaction) -> Array:
    """Return e [V] at equal steps of charge, up to where the uniform reaction meets the lower cut-off."""
    charged, discharged = parameters.stoichiometry_window
    window = discharged - charged
    y = charged + np.arange(1, STEPS + 1) / STEPS * window
    diffusivity: Any = parameters.function("electrode.particle_diffusivity")(y, temperature)
    flux = loss.surface_current * parameters["electrode.particle_radius"] / 5.0
    lag = flux / (FARADAY * parameters["electrode.maximum_concentration"] * np.broadcast_to(diffusivity, y.shape))
    grid = np.linspace(0.0, 1.0, 4001)
    potential = np.asarray(parameters.function("electrode.open_circuit_potential")(grid), dtype=float)
    slope = np.maximum(-np.gradient(potential, grid), 0.0)
    surface = y + lag
    end = parameters["cell.lower_voltage_cut_off"] + loss.mean
    alive = (surface <= 1.0) & (np.interp(surface, grid, potential) >= end)
    spread, errors = 0.0, []
    for now, behind, alike in zip(surface, lag, alive, strict=True):
        if not alike:
            break
        steep = float(np.interp(now, grid, slope))
        resistance = loss.stiffness + steep * behind
        deviation = (loss.variation - steep * spread) / (resistance + steep * window / STEPS)
        spread += deviation * window / STEPS
        around = np.interp([now - spread, now, now + spread], grid, potential)
        curvature = abs(0.5 * (around[0] + around[2]) - around[1])
        errors.append(min(abs(deviation) * loss.variation + curvature, FRONT * loss.span))
    return np.array(errors or [FRONT * loss.span])


def _cumulative_legendre() -> Array:
    """Return the matrix that takes values at `NODES` to their integrals from 0 to each node."""
    order = NODES.size
    x = 2.0 * NODES - 1.0
    coefficients = np.linalg.inv(np.polynomial.legendre.legvander(x, order - 1))
    columns = [np.polynomial.legendre.legint(row, lbnd=-1) for row in np.eye(order)]
    integrals = np.stack([np.polynomial.legendre.legval(x, column) for column in columns], axis=1)
    return 0.5 * integrals @ coefficients


_INTEGRAL = _cumulative_legendre()
