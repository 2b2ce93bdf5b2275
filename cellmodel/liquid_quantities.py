"""The table of quantities of a graphite | LFP cell with a liquid electrolyte, beside `cellmodel.quantities`.

What both kinds of cell have stands there and is taken over; what only the liquid cell has stands here, with PyBaMM's
parameter sentences of the negative electrode. This module knows no values and no files.
"""

from __future__ import annotations

from cellmodel.quantities import QUANTITIES, Quantity

_SHARED = (
    "cell.temperature",
    "cell.area",
    "cell.lower_voltage_cut_off",
    "cell.upper_voltage_cut_off",
    "cell.separator.thickness",
    "cell.separator.electrolyte_volume_fraction",
    "cell.separator.bruggeman_exponent",
    "cell.separator.filler_density",
    "cell.positive_electrode.thickness",
    "cell.positive_electrode.active_material_volume_fraction",
    "cell.positive_electrode.electrolyte_volume_fraction",
    "cell.positive_electrode.bruggeman_exponent",
    "cell.positive_electrode.additive_density",
    "cell.negative_collector.thickness",
    "cell.negative_collector.density",
    "cell.positive_collector.thickness",
    "cell.positive_collector.density",
    "electrolyte.initial_concentration",
    "electrolyte.density",
    "electrolyte.salt_diffusivity",
    "electrolyte.cation_transference_number",
    "electrolyte.thermodynamic_factor",
    "electrode.maximum_concentration",
    "electrode.particle_radius",
    "electrode.density",
    "electrode.open_circuit_potential",
)

_LENGTH = (1e-9, 1e-2)
_DENSITY = (10.0, 3e4)

_OWN: dict[str, Quantity] = {
    "cell.negative_electrode.thickness": Quantity(
        "m", "thickness of the graphite electrode", _LENGTH, QUANTITIES["cell.lithium.thickness"].key
    ),
    "cell.negative_electrode.active_material_volume_fraction": Quantity(
        "1", "volume fraction of graphite", (1e-3, 1.0), "Negative electrode active material volume fraction"
    ),
    "cell.negative_electrode.electrolyte_volume_fraction": Quantity(
        "1", "volume fraction of electrolyte in the graphite electrode", (1e-3, 1.0), "Negative electrode porosity"
    ),
    "cell.negative_electrode.bruggeman_exponent": Quantity(
        "1",
        "b in: effective property = bulk property x fraction^b, graphite electrode",
        (0.0, 10.0),
        "Negative electrode Bruggeman coefficient (electrolyte)",
    ),
    "cell.negative_electrode.additive_density": Quantity(
        "kg.m-3", "density of what is neither graphite nor electrolyte (binder, carbon)", _DENSITY
    ),
    "electrolyte.filling_ratio": Quantity(
        "1", "volume of the electrolyte filled in over the volume of the pores", (1.0, 10.0)
    ),
    "electrolyte.conductivity_factor": Quantity("1", "multiplies the ionic conductivity of PyBaMM's set", (1e-3, 1e3)),
    "electrode.charged_stoichiometry": Quantity(
        "1", "lithium in LFP over its maximum, in the charged cell", (0.0, 1.0)
    ),
    "negative_electrode.maximum_concentration": Quantity(
        "mol.m-3",
        "lithium concentration of the full graphite",
        (1e2, 1e6),
        "Maximum concentration in negative electrode [mol.m-3]",
    ),
    "negative_electrode.particle_radius": Quantity(
        "m", "radius of the graphite particles", (1e-10, 1e-3), "Negative particle radius [m]"
    ),
    "negative_electrode.particle_diffusivity": Quantity(
        "m2.s-1",
        "lithium diffusivity in the graphite particles",
        (1e-20, 1e-7),
        "Negative particle diffusivity [m2.s-1]",
    ),
    "negative_electrode.density": Quantity("kg.m-3", "density of the graphite", (1e2, 3e4)),
    "negative_electrode.charged_stoichiometry": Quantity(
        "1", "lithium in graphite over its maximum, in the charged cell", (0.0, 1.0)
    ),
    "negative_electrode.open_circuit_potential": Quantity(
        "V",
        "open-circuit potential of graphite against lithium",
        (-3.0, 10.0),
        "Negative electrode OCP [V]",
        ("stoichiometry",),
    ),
}

LIQUID_QUANTITIES: dict[str, Quantity] = {**{path: QUANTITIES[path] for path in _SHARED}, **_OWN}
"""Full path -> quantity; every one is needed, whatever `required` says of it in a polymer cell."""

LIQUID_ROLES = ("cell", "electrolyte", "electrode", "negative_electrode")
"""First part of every path: a table of the file. `electrode` is the positive active material, as in a polymer cell."""
