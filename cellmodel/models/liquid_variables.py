"""The names of PyBaMM's variables that are read of a liquid cell: those of a half cell, and of the graphite.

The only place where these sentences stand. It knows no model and no solver.
"""

from __future__ import annotations

from cellmodel.models.variables import VARIABLES, Variable

_SHARED = (
    "voltage",
    "current",
    "discharge_capacity",
    "discharge_energy",
    "temperature",
    "open_circuit_power",
    "dissipated_power",
    "electrolyte_concentration",
    "electrolyte_volume_fraction",
    "electrolyte_potential",
    "electrode_potential",
    "open_circuit_potential",
    "reaction_overpotential",
    "volumetric_reaction",
    "particle_concentration",
    "particle_surface_concentration",
)

LIQUID_VARIABLES: dict[str, Variable] = {
    **{name: VARIABLES[name] for name in _SHARED},
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
"""Name in cellmodel -> variable in PyBaMM; `x` runs from the negative collector."""
