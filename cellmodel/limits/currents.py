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
from os import PathLike

import numpy as np

from cellmodel.correlations import FARADAY
from cellmodel.inputs import number, parse_quantity
from cellmodel.limits.transport import (
    SINGLE_ION,
    TABLE_POINTS,
    Array,
    Path,
    SaltTransport,
    cell_path,
    layer,
    root,
    separator_path,
)
from cellmodel.parameters import ParameterSet, require_lithium_metal, resolve_cell
from cellmodel.quantities import QUANTITIES


@dataclass(frozen=True)
class LimitingCurrents:
    """Largest steady discharge current densities [A.m-2] that the salt allows, for three places of the reaction.

    The salt runs out at the back, or lithium's face reaches its solubility, whichever comes first.

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
    parameters, T = asked_cell(parameters, temperature)
    transport = SaltTransport(parameters, T)
    paths = (separator_path(parameters), cell_path(parameters, "uniform"), cell_path(parameters, "collector"))
    separator, uniform, collector = (limiting_current(transport, path) for path in paths)
    return LimitingCurrents(separator, uniform, collector, transport.temperature)


def limiting_current(transport: SaltTransport, path: Path) -> float:
    """Return the current density [A.m-2] at which the salt at the end of a path is used up, or dissolves no more.

    The unknown is Phi at the lithium face, Phi_f: c(x) = Phi^-1(Phi_f w(x)) with w the path's resistance over its
    total, the salt present grows with Phi_f, and i = F Phi_f / total. Where that face is above the solubility, or above
    `HIGHEST_FACE` initial concentrations if none is stated (D then falls so steeply that no face holds the salt back),
    the current is limited there: i = F (Phi_f - Phi_back) / total.

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
    for concentration, phi in transport.tables():

        def excess(at_face: float, c: Array = concentration, phi: Array = phi) -> float:
            return float(np.interp(at_face * share, phi, c) @ path.amount) - salt

        if excess(float(phi[-1])) > 0.0:
            least = float(np.interp(transport.initial, concentration, phi))
            return FARADAY * root(excess, least, float(phi[-1])) / path.total
    if concentration.size < TABLE_POINTS:  # t+ reaches 1 there
        return math.inf
    return FARADAY * float(phi[-1] - _back_of_highest_face(concentration, phi, share, path.amount, salt)) / path.total


def _back_of_highest_face(concentration: Array, phi: Array, share: Array, amount: Array, salt: float) -> float:
    """Return Phi at the end of a path [mol.m-1.s-1] where the face has the highest concentration of a table."""

    def excess(back: float) -> float:
        return float(np.interp(back + (phi[-1] - back) * share, phi, concentration) @ amount) - salt

    return root(excess, 0.0, float(phi[-1]))


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
    current_density = asked_current(current_density, "Sand's time")
    parameters, T = asked_cell(parameters, temperature)
    transport = SaltTransport(parameters, T)
    diffusivity, anions = (float(value[0]) for value in transport.coefficients(np.array([transport.initial])))
    if anions <= SINGLE_ION or current_density == 0.0:
        return math.inf
    _, fraction, efficiency = layer(parameters, "separator")
    drive = transport.initial * FARADAY / (2.0 * current_density * anions)
    return math.pi * fraction * efficiency * diffusivity * drive**2


def asked_cell(cell: str | PathLike[str] | ParameterSet, temperature: float | str | None) -> tuple[ParameterSet, float]:
    """Return the cell and the temperature [K] that a caller means; ParameterError for what is none."""
    parameters = resolve_cell(cell)
    require_lithium_metal(parameters, "limits")
    if temperature is None:
        return parameters, parameters["cell.temperature"]
    low, high = QUANTITIES["cell.temperature"].bounds
    kelvin = parse_quantity(temperature, "K", "limits", "temperature")
    return parameters, number(kelvin, "limits", "temperature", f"{low:g} to {high:g} K", (low, high))


def asked_current(current_density: float | str, file: str) -> float:
    """Return the current density [A.m-2] that a caller means; ParameterError for what is none."""
    density = parse_quantity(current_density, "A.m-2", file, "current_density")
    return number(density, file, "current_density", "zero or more", (0.0, math.inf))
