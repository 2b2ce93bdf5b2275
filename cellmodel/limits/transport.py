"""Steady salt transport along a prescribed ionic current: Phi(c) as a table, the current's way as quadrature nodes.

See `cellmodel.limits.currents` for the equation. It knows parameter sets; it knows no model, no mesh and no solver.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cellmodel.correlations import FARADAY, GAS_CONSTANT
from cellmodel.errors import ParameterError, Problem
from cellmodel.inputs import one_of
from cellmodel.parameters import ParameterSet

Array = NDArray[np.float64]

TABLE_POINTS = 2001
"""Concentrations at which Phi is tabulated; odd, for Simpson's rule. The inversion is linear in between, an error of
3e-7 of the limit where D varies tenfold."""
NODES, NODE_WEIGHTS = (np.polynomial.legendre.leggauss(24)[k] * 0.5 + (0.5, 0.0)[k] for k in (0, 1))
"""Gauss-Legendre nodes and weights on (0, 1), for separator and cathode each."""
SINGLE_ION = 1e-9
"""Below this 1 - t+ counts as zero: the anions carry nothing and no gradient of the salt can form."""
FIRST_TABLE = 4.0
"""Length of the first table, in initial concentrations: few faces rise above it."""
HIGHEST_FACE = 64.0
"""Concentrations up to this multiple of the initial one are looked at where no solubility is stated."""


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
            for path in ("electrolyte.salt_diffusivity", "electrolyte.volume_transference_number")
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

    def tables(self) -> Iterator[tuple[Array, Array]]:
        """Yield ever longer tables, up to the highest concentration or to where t+ reaches 1."""
        yield self._first_table
        reach = self._first_reach
        while reach < self.highest:
            reach = min(2.0 * reach, self.highest)
            yield self.table(reach)

    @cached_property
    def highest(self) -> float:
        """Highest concentration that a face may have [mol.m-3]: the solubility, or `HIGHEST_FACE` initial ones."""
        stated = self.parameters.entries.get("electrolyte.solubility")
        return min(HIGHEST_FACE * self.initial, stated.value if stated else np.inf)

    @property
    def _first_reach(self) -> float:
        return min(FIRST_TABLE * self.initial, self.highest)

    @cached_property
    def _first_table(self) -> tuple[Array, Array]:
        return self.table(self._first_reach)

    @cached_property
    def is_single_ion(self) -> bool:
        """True if t+ = 1 at or below the initial concentration: the salt there cannot be moved."""
        points = self._first_table[0].size  # the table ends below the first concentration with t+ = 1
        return points < TABLE_POINTS and points * self._first_reach / (TABLE_POINTS - 1) <= self.initial


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


@dataclass(frozen=True)
class SteadyProfile:
    """Salt concentration along a path at a steady current.

    Attributes
    ----------
    concentration : ndarray, shape (n,)
        At the nodes of the path [mol.m-3].
    face : float
        At the lithium face [mol.m-3].
    back : float
        At the end of the path [mol.m-3].
    """

    concentration: Array
    face: float
    back: float


def steady_profile(transport: SaltTransport, path: Path, current_density: float) -> SteadyProfile | None:
    """Return the steady salt concentration along a path in a discharge below the limiting current.

    Parameters
    ----------
    transport : SaltTransport
        The electrolyte.
    path : Path
        The way of the current.
    current_density : float
        [A.m-2], not negative.

    Returns
    -------
    SteadyProfile or None
        None at or above the limiting current: the salt would run out at the back, or not dissolve at lithium.
    """
    initial = transport.initial
    if transport.is_single_ion:
        return SteadyProfile(np.full(path.position.shape, initial), initial, initial)
    salt = initial * float(path.amount.sum())
    rise, whole = (current_density / FARADAY * resistance for resistance in (path.resistance, path.total))
    for c, phi in transport.tables():
        if phi[-1] <= whole:
            continue
        top = float(np.interp(phi[-1] - whole, phi, c))

        def excess(back: float, c: Array = c, phi: Array = phi) -> float:
            return float(np.interp(np.interp(back, c, phi) + rise, phi, c) @ path.amount) - salt

        if excess(0.0) >= 0.0:
            return None
        if excess(top) > 0.0:
            back = root(excess, 0.0, top)
            lowest = float(np.interp(back, c, phi))
            concentration = np.asarray(np.interp(lowest + rise, phi, c), dtype=float)
            return SteadyProfile(concentration, float(np.interp(lowest + whole, phi, c)), back)
    return None


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
    thickness, fraction, efficiency = layer(parameters, "separator")
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
    one_of(reaction, ("uniform", "collector"), "limits", "reaction")
    separator = separator_path(parameters)
    thickness, fraction, efficiency = layer(parameters, "positive_electrode")
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


def layer(parameters: ParameterSet, layer: str) -> tuple[float, float, float]:
    """Return thickness [m], volume fraction of electrolyte [1] and transport efficiency [1]."""
    fraction = parameters[f"cell.{layer}.electrolyte_volume_fraction"]
    efficiency = fraction ** parameters[f"cell.{layer}.bruggeman_exponent"]
    return parameters[f"cell.{layer}.thickness"], fraction, efficiency


def _cumulative(values: Array, step: float) -> Array:
    """Return the integral from the first point to each, fourth order inside (trapezia with end corrections)."""
    slope = np.gradient(values, step, edge_order=2) if values.size > 2 else np.zeros_like(values)
    pieces = 0.5 * step * (values[1:] + values[:-1]) - step**2 / 12.0 * (slope[1:] - slope[:-1])
    return np.concatenate([[0.0], np.cumsum(pieces)])


def root(function: Callable[[float], float], low: float, high: float) -> float:
    """Return the root of a continuous function between two points of opposite sign."""
    from scipy.optimize import brentq

    return float(brentq(function, low, high, xtol=1e-12 * high, rtol=1e-12))


def newman_number(parameters: ParameterSet, concentration: Any, temperature: Any) -> Any:
    """Return Ne = 2 kappa R T (1 - t+)^2 TDF / (F^2 D c), the ratio of diffusion to ohmic resistance.

    A symmetric cell with kinetics removed has the steady resistance (L/kappa)(1 + Ne).

    Parameters
    ----------
    parameters : ParameterSet
        Any cell with the electrolyte.
    concentration : float or array
        [mol.m-3].
    temperature : float or array
        [K].

    Returns
    -------
    float or array
        Dimensionless, shape broadcast.  Balsara and Newman, J. Electrochem. Soc. 162 (2015) A2720,
        doi 10.1149/2.0651514jes, written with the salt diffusivity and the molarity scale.
    """
    names = ("ionic_conductivity", "salt_diffusivity", "volume_transference_number", "volume_thermodynamic_factor")
    values = (parameters.function(f"electrolyte.{name}")(concentration, temperature) for name in names)
    kappa, diffusivity, transference, factor = values
    drive = 2.0 * kappa * GAS_CONSTANT * temperature * (1.0 - transference) ** 2 * factor
    return drive / (FARADAY**2 * diffusivity * concentration)


def electrolyte_numbers(parameters: ParameterSet, concentrations: Any, temperatures: Any) -> list[dict[str, float]]:
    """Return conductivity, diffusivity, t+, Ne, 1/(1 + Ne) and kappa/(1 + Ne) on a grid.

    Parameters
    ----------
    parameters : ParameterSet
        Any cell with the electrolyte.
    concentrations : sequence of float
        [mol.m-3].
    temperatures : sequence of float
        [K].

    Returns
    -------
    list of dict
        One row per pair, temperature outermost, SI units.
    """
    rows = []
    names = ("ionic_conductivity", "salt_diffusivity", "cation_transference_number")
    for T in np.atleast_1d(temperatures):
        for c in np.atleast_1d(concentrations):
            row = {"temperature": float(T), "concentration": float(c)}
            row |= {name: float(parameters.function(f"electrolyte.{name}")(c, T)) for name in names}
            row["newman_number"] = float(newman_number(parameters, c, T))
            row["current_fraction"] = 1.0 / (1.0 + row["newman_number"])
            row["effective_conductivity"] = row["ionic_conductivity"] / (1.0 + row["newman_number"])
            rows.append(row)
    return rows
