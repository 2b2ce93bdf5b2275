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
means at the edge between two layers included. An arithmetic mean there, as of a transference number that depends on
concentration, weighs X_1 and X_2 by the widths h = s h_0 on both sides, and the mesh knows h_0 only. Of any X,

    (X_1 h_2 + X_2 h_1) / (h_1 + h_2) = M(X / s) / M(1 / s),        M: the mean on the mesh,

which is M(X) inside a layer. PyBaMM's symbolic meshes do the same at the price of a division by every width in every
evaluation, 40 % more time per discharge of a DFN, and must be uniform. Derived here.

This module knows which of PyBaMM's values and variables carry a length; it knows no mesh, no material and no solver.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pybamm

from cellmodel.models.meshes import ScaleFactors, scale_factors
from cellmodel.models.variables import VARIABLES
from cellmodel.parameters.kinds import PorousElectrode
from cellmodel.quantities import QUANTITIES


def on_nodes(factors: ScaleFactors, layers: Iterable[str]) -> pybamm.Symbol:
    """Return the factor of each layer on the nodes of all of them."""
    return pybamm.concatenation(
        *(pybamm.FullBroadcast(factors.layers[layer], layer, "current collector") for layer in layers)
    )


@dataclass(frozen=True)
class Scaled:
    """A function of PyBaMM's arguments times a factor [1]."""

    function: Any
    factor: Any

    def evaluate(self, *arguments: Any) -> Any:
        """Return the function's value times the factor."""
        return self.function(*arguments) * self.factor


def scaled_values(
    values: dict[str, Any], sizes: Mapping[str, float], inputs: Iterable[str], electrodes: Iterable[PorousElectrode]
) -> dict[str, Any]:
    """Return PyBaMM's values of the cell on the mesh from those of the true one."""
    factors = scale_factors(sizes, inputs, pybamm.InputParameter)
    if not factors:
        return values
    own = {
        "cell.lithium.electronic_conductivity": 1 / factors.lithium,
        "cell.separator.electrolyte_volume_fraction": factors.layers["separator"],
    }
    scaled = {QUANTITIES[path].key: factor for path, factor in own.items()}
    for electrode in electrodes:
        side = electrode.side
        layer, radius = factors.layers[f"{side} electrode"], factors.particles[side]
        scaled |= {
            f"{side.capitalize()} electrode porosity": layer,
            f"{side.capitalize()} electrode active material volume fraction": layer,
            f"{side.capitalize()} particle diffusivity [m2.s-1]": 1 / radius**2,
            f"{side.capitalize()} electrode exchange-current density [A.m-2]": 1 / radius,
            f"{side.capitalize()} electrode double-layer capacity [F.m-2]": 1 / radius,
        }
    changed = {}
    for key in scaled.keys() & values.keys():
        value, factor = values[key], scaled[key]
        changed[key] = Scaled(value, factor).evaluate if callable(value) else value * factor
    given = set(inputs)
    return values | changed | {QUANTITIES[path].key: size for path, size in sizes.items() if path in given}


class ScaledEfficiency(pybamm.transport_efficiency.Bruggeman):
    """Transport efficiency f^b / s of electrolyte or electrode, from the volume fraction eps_0 = s eps on the mesh.

    f is the volume fraction eps of the electrolyte, or 1 - eps of the electrode.
    """

    def __init__(self, param: Any, component: str, options: Any, factors: ScaleFactors) -> None:
        super().__init__(param, component, options)
        self._factors = factors.layers

    def get_coupled_variables(self, variables: dict[str, Any]) -> dict[str, Any]:
        """Add the efficiency, whole and by layer."""
        efficiencies = {}
        for domain, factor in self._factors.items():
            fraction = variables[f"{domain.capitalize()} porosity"] / factor
            own = self.param.domain_params[domain.split()[0]]
            if self.component == "Electrolyte":
                efficiencies[domain] = fraction**own.b_e / factor
            elif domain == "separator":
                efficiencies[domain] = pybamm.FullBroadcast(0, domain, "current collector")
            else:
                efficiencies[domain] = (1 - fraction) ** own.b_s / factor
        variables.update(self._get_standard_transport_efficiency_variables(efficiencies))
        return variables


def restore_true_values(
    equations: pybamm.BaseModel, factors: ScaleFactors, layers: Iterable[str], electrodes: Iterable[PorousElectrode]
) -> None:
    """Give the variables that are read the values of the true cell, in place; the equations stay as they are."""
    if not factors:
        return
    by_layer, first = on_nodes(factors, layers), factors.layers["separator"]
    scaled = {
        "electrolyte_volume_fraction": 1 / by_layer,
        "effective_conductivity": by_layer,
        "diffusion_conductivity": by_layer,
        "face_salt_gradient": 1 / first,
        "face_diffusion_potential": 1 / first,
    }
    for electrode in electrodes:
        scaled[f"{electrode.prefix}volumetric_reaction"] = 1 / factors.layers[f"{electrode.side} electrode"]
        scaled[f"{electrode.prefix}reaction_current_density"] = factors.particles[electrode.side]
    for name, factor in scaled.items():
        key = VARIABLES[name].pybamm_name if name in VARIABLES else ""
        if key in equations.variables:
            equations.variables[key] = equations.variables[key] * factor
