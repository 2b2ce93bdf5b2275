"""The names of PyBaMM's variables that cellmodel reads, and how each is laid out in space.

The only place where these sentences stand. It knows no model and no solver.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple

from cellmodel.mechanisms.registry import stored_variables

Layout = Literal["cell", "x", "x_electrode", "particle", "x_negative", "negative_particle"]


class Variable(NamedTuple):
    """A variable of PyBaMM's.

    Parameters
    ----------
    pybamm_name : str
        The key in the model's variables.
    layout : {"cell", "x", "x_electrode", "particle", "x_negative", "negative_particle"}
        One value per cell, per node of the electrolyte, per node of the positive electrode, or per node of it and of
        the particle there; the last two for a porous negative electrode.
    """

    pybamm_name: str
    layout: Layout


VARIABLES: dict[str, Variable] = {
    "voltage": Variable("Voltage [V]", "cell"),
    "current": Variable("Current [A]", "cell"),
    "discharge_capacity": Variable("Discharge capacity [A.h]", "cell"),
    "discharge_energy": Variable("Discharge energy [W.h]", "cell"),
    "temperature": Variable("Volume-averaged cell temperature [K]", "cell"),
    "open_circuit_power": Variable("Open-circuit power [W]", "cell"),
    "dissipated_power": Variable("Dissipated power [W]", "cell"),
    "lithium_overpotential": Variable("Lithium metal interface reaction overpotential [V]", "cell"),
    "contact_overpotential": Variable("Contact overpotential [V]", "cell"),
    "face_potential": Variable("Lithium metal interface electrolyte potential [V]", "cell"),
    "face_salt_gradient": Variable("Salt concentration gradient at the lithium face [mol.m-4]", "cell"),
    "face_diffusion_potential": Variable("Diffusion potential gradient at the lithium face [V.m-1]", "cell"),
    "diffusion_overpotential": Variable("X-averaged concentration overpotential [V]", "cell"),
    "effective_conductivity": Variable("Electrolyte effective conductivity [S.m-1]", "x"),
    "diffusion_conductivity": Variable("Electrolyte diffusion conductivity [A.m2.mol-1]", "x"),
    "open_circuit_potential": Variable("Positive electrode open-circuit potential [V]", "x_electrode"),
    "reaction_overpotential": Variable("Positive electrode reaction overpotential [V]", "x_electrode"),
    "volumetric_reaction": Variable("Positive electrode volumetric interfacial current density [A.m-3]", "x_electrode"),
    "electrolyte_concentration": Variable("Electrolyte concentration [mol.m-3]", "x"),
    "electrolyte_volume_fraction": Variable("Porosity", "x"),
    "electrolyte_potential": Variable("Electrolyte potential [V]", "x"),
    "electrode_potential": Variable("Positive electrode potential [V]", "x_electrode"),
    "reaction_current_density": Variable("Positive electrode interfacial current density [A.m-2]", "x_electrode"),
    "particle_surface_concentration": Variable("Positive particle surface concentration [mol.m-3]", "x_electrode"),
    "particle_concentration": Variable("Positive particle concentration [mol.m-3]", "particle"),
    "current_density": Variable("Current density [A.m-2]", "cell"),
    "applied_voltage": Variable("Applied voltage [V]", "cell"),
    "electrolyte_drop": Variable("Electrolyte overpotential [V]", "cell"),
    "interface_resistance": Variable("Interface resistance [Ohm.m2]", "cell"),
    "polymer_velocity": Variable("Polymer velocity [m.s-1]", "x"),
    "left_concentration": Variable("Electrolyte concentration at left face [mol.m-3]", "cell"),
    "right_concentration": Variable("Electrolyte concentration at right face [mol.m-3]", "cell"),
    "interphase_overpotential": Variable("Contact overpotential [V]", "cell"),
    "negative_electrode_potential": Variable("Negative electrode potential [V]", "x_negative"),
    "negative_open_circuit_potential": Variable("Negative electrode open-circuit potential [V]", "x_negative"),
    "negative_reaction_overpotential": Variable("Negative electrode reaction overpotential [V]", "x_negative"),
    "negative_volumetric_reaction": Variable(
        "Negative electrode volumetric interfacial current density [A.m-3]", "x_negative"
    ),
    "negative_particle_concentration": Variable("Negative particle concentration [mol.m-3]", "negative_particle"),
    "negative_particle_surface_concentration": Variable(
        "Negative particle surface concentration [mol.m-3]", "x_negative"
    ),
}
"""Name in cellmodel -> variable in PyBaMM, of every run."""

CURRENT_STATE = "Current variable [A]"
"""The algebraic state that carries the current where it is not prescribed."""


def mechanism_variables(mechanisms: Iterable[str]) -> dict[str, Variable]:
    """Return what can be read besides, of a run with these mechanisms."""
    stored = stored_variables(mechanisms)
    return {name: Variable(result.source or name, "cell") for name, result in stored.items()}
