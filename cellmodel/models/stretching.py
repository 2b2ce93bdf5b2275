"""Thickness and radius as inputs of a model whose mesh stays as it is.

A layer of thickness L on a mesh of thickness L_0, s = L / L_0, is a layer of thickness L_0 with other properties. With
x = s x_0 in each layer, and fluxes and current densities per area of the cell left alone,

    d(eps c)/dt = -dN/dx            eps_0 = s eps             (also the active material's share)
    N = -b D dc/dx + ...            b_0 = b / s               (b: transport efficiency, of salt and of charge)
    i = -sigma dphi/dx              sigma_0 = sigma / s       (electrode and lithium)
    di/dx = a j                     (a j)_0 = s a j

are the same equations in x_0. A particle of radius R on a mesh of radius R_0, r = r_0 R / R_0, is

    dc/dt = r^-2 d(r^2 D dc/dr)/dr  D_0 = D (R_0 / R)^2
    a = 3 eps / R                   a_0 = 3 eps_0 / R_0, and a_0 j_0 = s a j leaves j_0 = j R_0 / R: so scale i_0 and C.

The flux at the surface, j / F = -D dc/dr, holds as j_0 / F = -D_0 dc/dr_0. Nothing is approximated, and because finite
volumes scale with their mesh the discrete equations are those of a mesh that was made for the true sizes, harmonic
means at the edge between two layers included. (Of an arithmetic mean there, as of a transference number that depends on
concentration, the weights stay those of the mesh; it interpolates at second order either way.) PyBaMM's symbolic meshes
do the same at the price of a division by every width in every evaluation, 40 % more time per discharge of a DFN, and
must be uniform. Derived here.

This module knows which of PyBaMM's values and variables carry a length; it knows no mesh, no material and no solver.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import pybamm

from cellmodel.models.variables import VARIABLES
from cellmodel.quantities import QUANTITIES

LITHIUM = "cell.lithium.thickness"
SEPARATOR = "cell.separator.thickness"
CATHODE = "cell.positive_electrode.thickness"
RADIUS = "electrode.particle_radius"

MESH_SIZES = {LITHIUM: 30e-6, SEPARATOR: 20e-6, CATHODE: 50e-6, RADIUS: 1e-6}
"""Sizes [m] of the mesh where the true ones are inputs.

The same for every cell, so that a result does not depend on which run of a study built the model."""


@dataclass(frozen=True)
class Stretch:
    """True sizes over those of the mesh, one each where the mesh has the true size.

    Attributes
    ----------
    lithium, separator, cathode, radius : float or pybamm.Symbol
        [1].
    """

    lithium: Any = 1.0
    separator: Any = 1.0
    cathode: Any = 1.0
    radius: Any = 1.0


def stretch_of(inputs: Iterable[str], value: Callable[[str], Any]) -> Stretch:
    """Return how much a cell is larger than the mesh of a model.

    Parameters
    ----------
    inputs : iterable of str
        Paths that are inputs of the model; all others have their true size in the mesh.
    value : callable
        Path -> size [m], a number or a symbol.

    Returns
    -------
    Stretch
        Of numbers or symbols, as `value` gives them.
    """
    given = set(inputs)
    return Stretch(*(value(path) / size if path in given else 1.0 for path, size in MESH_SIZES.items()))


@dataclass(frozen=True)
class Scaled:
    """A function of PyBaMM's arguments times a factor.

    Parameters
    ----------
    function : callable
        Any.
    factor : float or pybamm.Symbol
        [1].
    """

    function: Any
    factor: Any

    def evaluate(self, *arguments: Any) -> Any:
        """Return the function's value times the factor."""
        return self.function(*arguments) * self.factor


def stretched_values(values: dict[str, Any], inputs: Iterable[str]) -> dict[str, Any]:
    """Return PyBaMM's values of the cell on the mesh from those of the true one.

    Parameters
    ----------
    values : dict
        From `cellmodel.models.parameter_values.pybamm_values`, sizes among them as inputs.
    inputs : iterable of str
        Paths that are inputs of the model.

    Returns
    -------
    dict
        As `values`, with the sizes of the mesh and the properties that go with them.
    """
    sizes = {QUANTITIES[path].key: size for path, size in MESH_SIZES.items() if path in set(inputs)}
    if not sizes:
        return values
    stretch = stretch_of(inputs, pybamm.InputParameter)
    cathode = "cell.positive_electrode."
    factors = {
        "cell.lithium.electronic_conductivity": 1 / stretch.lithium,
        "cell.separator.electrolyte_volume_fraction": stretch.separator,
        f"{cathode}electrolyte_volume_fraction": stretch.cathode,
        f"{cathode}active_material_volume_fraction": stretch.cathode,
        f"{cathode}electronic_conductivity": 1 / stretch.cathode,
        "electrode.particle_diffusivity": 1 / stretch.radius**2,
        "electrode.exchange_current_density": 1 / stretch.radius,
        "electrode.double_layer_capacitance": 1 / stretch.radius,
    }
    changed = {}
    for path, factor in factors.items():
        key = QUANTITIES[path].key
        if key in values:
            value = values[key]
            changed[key] = Scaled(value, factor).evaluate if callable(value) else value * factor
    return values | changed | sizes


class StretchedEfficiency(pybamm.transport_efficiency.Bruggeman):
    """Transport efficiency eps^b / s of the electrolyte, from the volume fraction eps_0 = s eps on the mesh.

    Parameters
    ----------
    param, options
        Symbols and options of the model.
    stretch : Stretch
        Of symbols.
    """

    def __init__(self, param: Any, options: Any, stretch: Stretch) -> None:
        super().__init__(param, "Electrolyte", options)
        self._factors = {"separator": stretch.separator, "positive electrode": stretch.cathode}

    def get_coupled_variables(self, variables: dict[str, Any]) -> dict[str, Any]:
        """Add the efficiency, whole and by layer."""
        efficiencies = {}
        for domain, factor in self._factors.items():
            fraction = variables[f"{domain.capitalize()} porosity"] / factor
            efficiencies[domain] = fraction ** self.param.domain_params[domain.split()[0]].b_e / factor
        variables.update(self._get_standard_transport_efficiency_variables(efficiencies))
        return variables


def stretch_equations(equations: pybamm.BaseModel, inputs: Iterable[str]) -> None:
    """Exchange the submodel that must know the stretch, in place.

    Parameters
    ----------
    equations : pybamm.BaseModel
        Not yet built.
    inputs : iterable of str
        Paths that are inputs of the model.
    """
    stretch = stretch_of(inputs, pybamm.InputParameter)
    if stretch != Stretch():
        submodel = StretchedEfficiency(equations.param, equations.options, stretch)
        equations.submodels["electrolyte transport efficiency"] = submodel


def restore_true_values(equations: pybamm.BaseModel, inputs: Iterable[str]) -> None:
    """Give the variables that are read the values of the true cell, in place; the equations stay as they are.

    Parameters
    ----------
    equations : pybamm.BaseModel
        Built, not yet discretised.
    inputs : iterable of str
        Paths that are inputs of the model.
    """
    stretch = stretch_of(inputs, pybamm.InputParameter)
    if stretch == Stretch():
        return
    parts = {"separator": stretch.separator, "positive electrode": stretch.cathode}
    layers = pybamm.concatenation(
        *(pybamm.FullBroadcast(factor, domain, "current collector") for domain, factor in parts.items())
    )
    factors = {
        "electrolyte_volume_fraction": 1 / layers,
        "effective_conductivity": layers,
        "diffusion_conductivity": layers,
        "volumetric_reaction": 1 / stretch.cathode,
        "reaction_current_density": stretch.radius,
        "face_salt_gradient": 1 / stretch.separator,
        "face_diffusion_potential": 1 / stretch.separator,
    }
    for name, factor in factors.items():
        key = VARIABLES[name].pybamm_name
        if key in equations.variables:
            equations.variables[key] = equations.variables[key] * factor
