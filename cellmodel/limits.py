"""What the salt of a cell can carry, by quadrature: limiting currents and Sand's time, before anything is solved.

With i_e the ionic current density and tor the transport efficiency, the steady balance of the anions is

    tor D dc/dx = -(1 - t+) i_e / F.

Divided by tor (1 - t+) it is a total differential of

    Phi(c) = integral_0^c D / (1 - t+) dc',      hence      Phi(c(x)) = Phi(c_back) + integral_x^L i_e / (F tor) dx',

for any D(c) > 0 and t+(c) < 1, negative ones included. What is left open is c_back, and the salt present settles it:
integral eps c dx = c0 integral eps dx. The limiting current is the one for which c_back = 0. In a cell, i_e depends on
where in the cathode the reaction is; the module takes three distributions and solves none. Derived here.

It knows parameter sets; it knows no model, no mesh and no solver.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from cellmodel.correlations import FARADAY
from cellmodel.errors import ParameterError, Problem
from cellmodel.parameters import ParameterSet

Array = NDArray[np.float64]

TABLE_POINTS = 2001
"""Concentrations at which Phi is tabulated; odd, for Simpson's rule. The inversion is linear in between, an error of
3e-7 of the limit where D varies tenfold."""
NODES, NODE_WEIGHTS = (0.5 * np.polynomial.legendre.leggauss(24)[0] + 0.5, 0.5 * np.polynomial.legendre.leggauss(24)[1])
"""Gauss-Legendre nodes and weights on (0, 1), for separator and cathode each."""
SINGLE_ION = 1e-9
"""Below this 1 - t+ counts as zero: the anions carry nothing and no gradient of the salt can form."""
HIGHEST_FACE = 64.0
"""Concentrations up to this multiple of the initial one are looked at: more than any salt dissolves."""


@dataclass(frozen=True)
class LimitingCurrents:
    """Largest steady discharge current densities [A.m-2] that the salt allows, for three places of the reaction.

    Attributes
    ----------
    separator : float
        Of the electrolyte between two lithium electrodes: the separator alone. No cell with this separator and a
        cathode of any thickness carries more in a steady state.
    uniform_reaction : float
        Of the cell, if the reaction is uniform: i_e falls linearly through the cathode. Where the open-circuit
        potential slopes (NMC), this is what the cell does.
    reaction_at_collector : float
        Of the cell, if all lithium is inserted at the current collector: i_e crosses the whole cathode undiminished.
        A flat open-circuit potential (LFP) drives the reaction there as the front fills.
    temperature : float
        At which they hold [K].
    """

    separator: float
    uniform_reaction: float
    reaction_at_collector: float
    temperature: float


@dataclass(frozen=True)
class SaltTransport:
    """Phi of one electrolyte at one temperature, as a table.

    Parameters
    ----------
    parameters : ParameterSet
        The cell.
    temperature : float
        [K].
    """

    parameters: ParameterSet
    temperature: float

    @property
    def initial(self) -> float:
        """Initial salt concentration [mol.m-3]."""
        return self.parameters["electrolyte.initial_concentration"]

    def coefficients(self, concentration: Array) -> tuple[Array, Array]:
        """Return D [m2.s-1] and 1 - t+ [1] at the given concentrations [mol.m-3].

        Raises
        ------
        ParameterError
            If D is not positive, or one of them not finite, where the salt can move.
        """
        diffusivity, transference = (
            np.broadcast_to(
                np.asarray(self.parameters.function(path)(concentration, self.temperature), dtype=float),
                concentration.shape,
            )
            for path in ("electrolyte.salt_diffusivity", "electrolyte.cation_transference_number")
        )
        anions = 1.0 - transference
        bad = ~np.isfinite(anions) | (anions > SINGLE_ION) & ~((diffusivity > 0.0) & (diffusivity < np.inf))
        if bad.any():
            where = int(np.argmax(bad))
            found = f"{diffusivity[where]:g} m2.s-1 at {concentration[where]:g} mol.m-3, {self.temperature:g} K"
            wanted = "a positive number, and a finite transference number"
            raise ParameterError(Problem(self.parameters.name, "electrolyte.salt_diffusivity", found, wanted))
        return diffusivity, anions

    def table(self, highest: float) -> tuple[Array, Array]:
        """Return concentrations from 0 to at most `highest` [mol.m-3] and Phi there [mol.m-1.s-1].

        The table ends below the first concentration at which t+ reaches 1, because Phi is infinite there.
        """
        concentration = np.linspace(0.0, highest, TABLE_POINTS)
        diffusivity, anions = self.coefficients(concentration)
        blocked = np.flatnonzero(anions <= SINGLE_ION)
        last = int(blocked[0]) if blocked.size else TABLE_POINTS
        slope = diffusivity[:last] / anions[:last]
        return concentration[:last], _cumulative(slope, concentration[1])

    @cached_property
    def is_single_ion(self) -> bool:
        """True if t+ = 1 at or below the initial concentration: the salt there cannot be moved."""
        _, anions = self.coefficients(np.linspace(0.0, self.initial, TABLE_POINTS))
        return bool((anions <= SINGLE_ION).any())


@dataclass(frozen=True)
class Path:
    """Way of the ionic current from the lithium to the back, as quadrature nodes.

    Attributes
    ----------
    position : ndarray, shape (n,)
        Distance from the lithium [m].
    resistance : ndarray, shape (n,)
        integral_x^L (i_e / i) / tor dx' [m] there.
    total : float
        The same from the lithium face.
    amount : ndarray, shape (n,)
        Quadrature weights times the electrolyte's volume fraction [m].
    """

    position: Array
    resistance: Array
    total: float
    amount: Array


def limiting_currents(parameters: ParameterSet, temperature: float | None = None) -> LimitingCurrents:
    """Return the three limiting current densities of a cell.

    Parameters
    ----------
    parameters : ParameterSet
        The cell.
    temperature : float, optional
        [K]; default the cell's own.

    Returns
    -------
    LimitingCurrents
        [A.m-2]; infinite for a transference number of 1.

    Raises
    ------
    ParameterError
        If the salt diffusivity is not positive and finite.
    """
    transport = SaltTransport(parameters, _temperature(parameters, temperature))
    paths = (separator_path(parameters), cell_path(parameters, "uniform"), cell_path(parameters, "collector"))
    values = [limiting_current(transport, path) for path in paths]
    return LimitingCurrents(*values, temperature=transport.temperature)


def limiting_current(transport: SaltTransport, path: Path) -> float:
    """Return the current density [A.m-2] at which the salt at the end of a path is used up.

    The unknown is the concentration at the lithium face, c_f: c(x) = Phi^-1(Phi(c_f) w(x)) with w the path's
    resistance over its total, the salt present grows with c_f, and i = F Phi(c_f) / total.

    Parameters
    ----------
    transport : SaltTransport
        The electrolyte.
    path : Path
        The way of the current.

    Returns
    -------
    float
        Infinite where no current can use up the salt (t+ = 1 at or below the initial concentration).
    """
    if transport.is_single_ion:
        return math.inf
    share = path.resistance / path.total
    salt = transport.initial * float(path.amount.sum())
    highest = 4.0 * transport.initial
    while True:
        concentration, phi = transport.table(highest)

        def excess(face: float, c: Array = concentration, phi: Array = phi) -> float:
            inside = np.interp(np.interp(face, c, phi) * share, phi, c)
            return float(inside @ path.amount) - salt

        if excess(float(concentration[-1])) > 0.0:
            face = _root(excess, transport.initial, float(concentration[-1]))
            return FARADAY * float(np.interp(face, concentration, phi)) / path.total
        if concentration.size < TABLE_POINTS or highest > HIGHEST_FACE * transport.initial:
            return math.inf
        highest *= 2.0


def steady_profile(transport: SaltTransport, path: Path, current_density: float) -> Array | None:
    """Return the steady salt concentration along a path, below the limiting current.

    Parameters
    ----------
    transport : SaltTransport
        The electrolyte.
    path : Path
        The way of the current.
    current_density : float
        [A.m-2], discharge positive.

    Returns
    -------
    ndarray, shape (n,), or None
        [mol.m-3] at the path's nodes; None at or above the limiting current.
    """
    if transport.is_single_ion:
        return np.full(path.position.shape, transport.initial)
    salt = transport.initial * float(path.amount.sum())
    rise = current_density / FARADAY * path.resistance
    highest = 4.0 * transport.initial
    while True:
        c, phi = transport.table(highest)
        room = phi[-1] - float(np.max(rise))
        if room > 0.0:
            top = float(np.interp(room, phi, c))

            def excess(back: float, c: Array = c, phi: Array = phi) -> float:
                return float(np.interp(np.interp(back, c, phi) + rise, phi, c) @ path.amount) - salt

            if excess(top) > 0.0:
                if excess(0.0) >= 0.0:
                    return None
                back = _root(excess, 0.0, top)
                return np.interp(np.interp(back, c, phi) + rise, phi, c)
        if c.size < TABLE_POINTS or highest > HIGHEST_FACE * transport.initial:
            return None
        highest *= 2.0


def separator_path(parameters: ParameterSet) -> Path:
    """Return the way through the separator alone: a symmetric cell.

    Parameters
    ----------
    parameters : ParameterSet
        The cell.

    Returns
    -------
    Path
        From the lithium face to the far side of the separator.
    """
    thickness, fraction, efficiency = _layer(parameters, "separator")
    left = (1.0 - NODES) * thickness / efficiency
    return Path(NODES * thickness, left, thickness / efficiency, NODE_WEIGHTS * thickness * fraction)


def cell_path(parameters: ParameterSet, reaction: str) -> Path:
    """Return the way through separator and cathode.

    Parameters
    ----------
    parameters : ParameterSet
        The cell.
    reaction : {"uniform", "collector"}
        Where in the cathode the current goes over to the solid.

    Returns
    -------
    Path
        From the lithium face to the current collector.
    """
    separator = separator_path(parameters)
    thickness, fraction, efficiency = _layer(parameters, "positive_electrode")
    away = 1.0 - NODES
    uniform = reaction == "uniform"
    inside = (0.5 * away**2 if uniform else away) * thickness / efficiency
    whole = (0.5 if uniform else 1.0) * thickness / efficiency
    start = parameters["cell.separator.thickness"]
    return Path(
        np.concatenate([separator.position, start + NODES * thickness]),
        np.concatenate([separator.resistance + whole, inside]),
        separator.total + whole,
        np.concatenate([separator.amount, NODE_WEIGHTS * thickness * fraction]),
    )


def sand_time(parameters: ParameterSet, current_density: float, temperature: float | None = None) -> float:
    """Return Sand's time: when a constant current has used up the salt at the lithium that is plated.

        tau = pi eps tor D (c0 F / (2 i (1 - t+)))^2

    Properties are those at the initial concentration. The separator counts as semi-infinite: the diffusion layer
    sqrt(tor D tau / eps) must be thin against it, which holds from about twice the separator's limiting current
    (the layer is then 0.22 of the thickness); below that current the salt is never used up, whatever tau says.

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
    float
        [s]; infinite for a transference number of 1 and for no current.  H. J. S. Sand, Phil. Mag. 1 (1901) 45,
        with the volume fraction and transport efficiency of the separator (derived here).

    Raises
    ------
    ParameterError
        If the current density is negative, or the salt diffusivity is not positive.
    """
    if not current_density >= 0.0:
        raise ParameterError(Problem("Sand's time", "current_density", f"{current_density:g} A.m-2", "zero or more"))
    transport = SaltTransport(parameters, _temperature(parameters, temperature))
    diffusivity, anions = (float(value[0]) for value in transport.coefficients(np.array([transport.initial])))
    if anions <= SINGLE_ION or current_density == 0.0:
        return math.inf
    _, fraction, efficiency = _layer(parameters, "separator")
    drive = transport.initial * FARADAY / (2.0 * current_density * anions)
    return math.pi * fraction * efficiency * diffusivity * drive**2


def _temperature(parameters: ParameterSet, temperature: float | None) -> float:
    return parameters["cell.temperature"] if temperature is None else temperature


def _layer(parameters: ParameterSet, layer: str) -> tuple[float, float, float]:
    """Return thickness [m], volume fraction of electrolyte [1] and transport efficiency [1]."""
    fraction = parameters[f"cell.{layer}.electrolyte_volume_fraction"]
    efficiency = fraction ** parameters[f"cell.{layer}.bruggeman_exponent"]
    return parameters[f"cell.{layer}.thickness"], fraction, efficiency


def _cumulative(values: Array, step: float) -> Array:
    """Return the integral from the first point to each, fourth order inside (trapezia with end corrections)."""
    slope = np.gradient(values, step, edge_order=2) if values.size > 2 else np.zeros_like(values)
    pieces = 0.5 * step * (values[1:] + values[:-1]) - step**2 / 12.0 * (slope[1:] - slope[:-1])
    return np.concatenate([[0.0], np.cumsum(pieces)])


def _root(function: object, low: float, high: float) -> float:
    """Return the root of a continuous function between two points of opposite sign."""
    from scipy.optimize import brentq

    return float(brentq(function, low, high, xtol=1e-12 * high, rtol=1e-12))
