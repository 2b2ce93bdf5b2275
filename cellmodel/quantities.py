"""THE table of quantities: cellmodel's name -> SI unit, bounds, PyBaMM's key, what it is.

Names are the dotted paths that users see.  PyBaMM's parameter sentences stand here and nowhere
else.  This module knows no values and no files.
"""

from __future__ import annotations

from collections import ChainMap

from cellmodel.mechanisms.registry import MECHANISM_QUANTITIES
from cellmodel.units import Quantity

__all__ = ["QUANTITIES", "ROLES", "Quantity"]

_SALT = ("concentration", "temperature")
_PARTICLE = ("concentration", "solid_concentration", "maximum", "temperature")
_TEMPERATURE = (150.0, 700.0)
_LENGTH = (1e-9, 1e-2)
_DENSITY = (10.0, 3e4)
_HEAT = (10.0, 2e4)
_SHARE = (0.0, 1.0)
_PORTION = (1e-3, 1.0)
_SIZE = (1e-3, 2.0)
_DRAIN = (10.0, 1e5)

_TABLE = {
    "cell.temperature": Quantity("K", "default temperature of the cell", _TEMPERATURE),
    "cell.area": Quantity("m2", "electrode area", (1e-8, 1e3)),
    "cell.lower_voltage_cut_off": Quantity("V", "lower cut-off voltage", (-10.0, 10.0), "Lower voltage cut-off [V]"),
    "cell.upper_voltage_cut_off": Quantity("V", "upper cut-off voltage", (0.0, 10.0), "Upper voltage cut-off [V]"),
    "cell.lithium.thickness": Quantity(
        "m", "thickness of the lithium foil", _LENGTH, "Negative electrode thickness [m]"
    ),
    "cell.lithium.molar_volume": Quantity(
        "m3.mol-1", "molar volume of lithium metal", (1e-6, 1e-4), "Lithium metal partial molar volume [m3.mol-1]"
    ),
    "cell.lithium.electronic_conductivity": Quantity(
        "S.m-1", "conductivity of lithium metal", (1.0, 1e9), "Negative electrode conductivity [S.m-1]"
    ),
    "cell.copper.lithium_reservoir": Quantity(
        "A.h.m-2", "charge per area of the lithium on the copper of the charged cell, for 1C", (1e-3, 1e4)
    ),
    "cell.copper.coverage_thickness": Quantity(
        "m", "mean thickness of lithium that covers a share 1 - 1/e of the copper", (1e-10, 1e-4)
    ),
    "cell.separator.thickness": Quantity(
        "m", "thickness of the polymer between lithium and cathode", _LENGTH, "Separator thickness [m]"
    ),
    "cell.separator.electrolyte_volume_fraction": Quantity(
        "1", "volume fraction of electrolyte in the separator", (1e-3, 1.0), "Separator porosity"
    ),
    "cell.separator.bruggeman_exponent": Quantity(
        "1",
        "b in: effective property = bulk property x fraction^b, separator",
        (0.0, 10.0),
        "Separator Bruggeman coefficient (electrolyte)",
    ),
    "cell.positive_electrode.thickness": Quantity(
        "m", "thickness of the composite cathode", _LENGTH, "Positive electrode thickness [m]"
    ),
    "cell.positive_electrode.active_material_volume_fraction": Quantity(
        "1", "volume fraction of active material", (1e-3, 1.0), "Positive electrode active material volume fraction"
    ),
    "cell.positive_electrode.electrolyte_volume_fraction": Quantity(
        "1", "volume fraction of electrolyte in the cathode", (1e-3, 1.0), "Positive electrode porosity"
    ),
    "cell.positive_electrode.bruggeman_exponent": Quantity(
        "1",
        "b in: effective property = bulk property x fraction^b, cathode",
        (0.0, 10.0),
        "Positive electrode Bruggeman coefficient (electrolyte)",
    ),
    "cell.positive_electrode.electronic_conductivity": Quantity(
        "S.m-1",
        "effective electronic conductivity of the composite cathode",
        (1e-9, 1e9),
        "Positive electrode conductivity [S.m-1]",
    ),
    "electrolyte.initial_concentration": Quantity(
        "mol.m-3", "salt concentration at rest", (1e-3, 3e4), "Initial concentration in electrolyte [mol.m-3]"
    ),
    "electrolyte.reference_temperature": Quantity("K", "temperature at which the polymer is used", _TEMPERATURE),
    "electrolyte.solubility": Quantity(
        "mol.m-3", "salt concentration at which no more dissolves, which ends a run", (1.0, 3e4), required=False
    ),
    "electrolyte.ionic_conductivity": Quantity(
        "S.m-1", "ionic conductivity", (0.0, 1e3), "Electrolyte conductivity [S.m-1]", _SALT
    ),
    "electrolyte.salt_diffusivity": Quantity(
        "m2.s-1", "salt diffusivity", (0.0, 1e-7), "Electrolyte diffusivity [m2.s-1]", _SALT
    ),
    "electrolyte.cation_transference_number": Quantity(
        "1", "cation transference number, in the frame that the file states", (-20.0, 1.0), arguments=_SALT
    ),
    "electrolyte.thermodynamic_factor": Quantity(
        "1",
        "1 + d ln gamma / d ln m beside a transference number against the solvent, 1 + d ln f / d ln c beside one "
        "against the volume average",
        (0.0, 1e3),
        arguments=_SALT,
    ),
    "electrolyte.salt_molar_volume": Quantity(
        "m3.mol-1", "partial molar volume of the salt", (1e-5, 1e-3), required=False
    ),
    "electrolyte.salt_molar_mass": Quantity("kg.mol-1", "molar mass of the salt", (0.01, 2.0), required=False),
    # What follows from the two for the equations: see `cellmodel.correlations.frames`.
    "electrolyte.volume_transference_number": Quantity(
        "1",
        "cation transference number against the volume average",
        (-20.0, 1.0),
        "Cation transference number",
        _SALT,
        False,
    ),
    "electrolyte.volume_thermodynamic_factor": Quantity(
        "1", "thermodynamic factor beside it", (0.0, 1e5), "Thermodynamic factor", _SALT, False
    ),
    "electrode.maximum_concentration": Quantity(
        "mol.m-3",
        "lithium concentration of the full active material",
        (1e2, 1e6),
        "Maximum concentration in positive electrode [mol.m-3]",
    ),
    "electrode.particle_radius": Quantity(
        "m", "radius of the active particles", (1e-10, 1e-3), "Positive particle radius [m]"
    ),
    "electrode.density": Quantity("kg.m-3", "density of the active material", (1e2, 3e4)),
    "electrode.reference_temperature": Quantity(
        "K", "temperature of the open-circuit potential", _TEMPERATURE, "Reference temperature [K]"
    ),
    "electrode.open_circuit_potential": Quantity(
        "V", "open-circuit potential against lithium", (-3.0, 10.0), "Positive electrode OCP [V]", ("stoichiometry",)
    ),
    "electrode.delithiation_potential": Quantity(
        "V",
        "open-circuit potential on delithiation, where it has two branches; the other is then that on lithiation",
        (-3.0, 10.0),
        "Positive electrode delithiation OCP [V]",
        ("stoichiometry",),
        required=False,
    ),
    "electrode.entropic_coefficient": Quantity(
        "V.K-1",
        "temperature coefficient of the open-circuit potential",
        (-1e-2, 1e-2),
        "Positive electrode OCP entropic change [V.K-1]",
        ("stoichiometry",),
    ),
    "electrode.particle_diffusivity": Quantity(
        "m2.s-1",
        "lithium diffusivity in the particle",
        (0.0, 1e-7),
        "Positive particle diffusivity [m2.s-1]",
        ("stoichiometry", "temperature"),
    ),
    "electrode.exchange_current_density": Quantity(
        "A.m-2",
        "exchange-current density of the particle surface",
        (0.0, 1e6),
        "Positive electrode exchange-current density [A.m-2]",
        _PARTICLE,
    ),
    "electrode.double_layer_capacitance": Quantity(
        "F.m-2",
        "double-layer capacitance per surface of the particles; without it the cell has no impedance",
        (1e-9, 1e3),
        "Positive electrode double-layer capacity [F.m-2]",
        required=False,
    ),
    "interface.capacitance": Quantity(
        "F.m-2",
        "capacitance across charge transfer and interphase on lithium; without it the cell has no impedance",
        (1e-9, 1e3),
        "Negative electrode double-layer capacity [F.m-2]",
        required=False,
    ),
    "interface.areal_resistance": Quantity(
        "ohm.m2",
        "areal resistance of lithium | polymer, charge transfer and interphase together",
        (0.0, 1e3),
        arguments=("temperature",),
        required=False,
    ),
    "interface.charge_transfer_fraction": Quantity(
        "1", "share of charge transfer in the areal resistance", (0.0, 1.0), arguments=("temperature",), required=False
    ),
    "interface.exchange_current_density": Quantity(
        "A.m-2",
        "exchange-current density of lithium",
        (0.0, 1e9),
        "Exchange-current density for lithium metal electrode [A.m-2]",
        _SALT,
    ),
    "interface.interphase_resistance": Quantity(
        "ohm.m2",
        "areal resistance of the interphase on lithium",
        (-1e-12, 1e3),
        "Contact resistance [Ohm]",
        ("temperature",),
    ),
    # What the heat of a run and the budget of masses need: a file without them serves every other run.
    "cell.lithium.density": Quantity("kg.m-3", "density of lithium metal", (300.0, 1000.0), required=False),
    "cell.lithium.specific_heat_capacity": Quantity("J.kg-1.K-1", "of lithium metal", _HEAT, required=False),
    "cell.positive_electrode.additive_density": Quantity(
        "kg.m-3", "density of what is neither active material nor electrolyte (carbon)", _DENSITY, required=False
    ),
    "cell.positive_electrode.additive_specific_heat_capacity": Quantity(
        "J.kg-1.K-1", "of what is neither active material nor electrolyte", _HEAT, required=False
    ),
    "cell.positive_collector.thickness": Quantity(
        "m", "thickness of the positive current collector that belongs to this layer", (0.0, 1e-2), required=False
    ),
    "cell.positive_collector.density": Quantity(
        "kg.m-3", "density of the positive current collector", _DENSITY, required=False
    ),
    "cell.positive_collector.specific_heat_capacity": Quantity(
        "J.kg-1.K-1", "of the positive current collector", _HEAT, required=False
    ),
    # The budget of masses and volumes of `cellmodel.energy`: without a density a layer has no mass there.
    "cell.negative_collector.thickness": Quantity(
        "m",
        "thickness of the negative current collector that belongs to this layer; none if absent or 0",
        (0.0, 1e-2),
        required=False,
    ),
    "cell.negative_collector.density": Quantity(
        "kg.m-3", "density of the negative current collector", _DENSITY, required=False
    ),
    "cell.positive_electrode.additive_volume_fraction": Quantity(
        "1", "volume fraction of the additives in the cathode; what the others leave if absent", _SHARE, required=False
    ),
    "cell.separator.filler_density": Quantity(
        "kg.m-3", "density of what is not electrolyte in the separator", _DENSITY, required=False
    ),
    "electrode.stoichiometry_as_made": Quantity(
        "1", "stoichiometry of the active material when the cell is assembled; 1 if absent", _SHARE, required=False
    ),
    "electrolyte.density": Quantity("kg.m-3", "density of the electrolyte", (300.0, 5000.0), required=False),
    "electrolyte.specific_heat_capacity": Quantity("J.kg-1.K-1", "of the electrolyte", _HEAT, required=False),
    "electrode.specific_heat_capacity": Quantity("J.kg-1.K-1", "of the active material", _HEAT, required=False),
    # What a cell or a format takes over from a metal that it names.
    "metal.density": Quantity("kg.m-3", "density", _DENSITY, required=False),
    "metal.molar_volume": Quantity("m3.mol-1", "molar volume", (1e-6, 1e-4), required=False),
    "metal.electronic_conductivity": Quantity("S.m-1", "electronic conductivity", (1.0, 1e9), required=False),
    "metal.specific_heat_capacity": Quantity("J.kg-1.K-1", "specific heat capacity", _HEAT, required=False),
    # Of a porous negative electrode, and of the lithium that a cell with two of them holds.
    "cell.negative_electrode.thickness": Quantity(
        "m", "thickness of the graphite electrode", _LENGTH, "Negative electrode thickness [m]"
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
    # What is around the layers: a format, and around the cells: a vehicle.
    "format.stack.width": Quantity("m", "width of the cathode", _SIZE),
    "format.stack.length": Quantity("m", "length of the cathode, along which the tabs stand out", _SIZE),
    "format.stack.repeat_units": Quantity(
        "1", "number of cathodes coated on both sides; each is two layers of the cell", (0.5, 1e4)
    ),
    "format.pouch.thickness": Quantity("m", "thickness of the pouch laminate", (0.0, 1e-2)),
    "format.pouch.density": Quantity("kg.m-3", "mean density of the pouch laminate", _DENSITY),
    "format.pouch.margin": Quantity("m", "length and width of the pouch beyond those of the stack", (0.0, 1.0)),
    "format.tab.length": Quantity("m", "length of a tab outside the pouch", (0.0, 1.0)),
    "format.tab.width": Quantity("m", "width of a tab", (0.0, 1.0)),
    "format.tab.thickness": Quantity("m", "thickness of a tab", (0.0, 1e-2)),
    "format.positive_tab.density": Quantity("kg.m-3", "density of the positive tab", _DENSITY),
    "format.negative_tab.density": Quantity("kg.m-3", "density of the negative tab", _DENSITY),
    "format.other.mass": Quantity("kg", "whatever else a cell holds: tape, collector ends, glue", (0.0, 1e2)),
    "vehicle.pack.mass": Quantity("kg", "mass of the whole pack", (1.0, 1e5)),
    "vehicle.pack.cell_mass_fraction": Quantity("1", "mass of the cells over that of the pack", _PORTION),
    "vehicle.pack.cell_volume_fraction": Quantity("1", "volume of the cells over that of the pack", _PORTION),
    "vehicle.pack.usable_window": Quantity("1", "share of the energy of the pack that the vehicle uses", _PORTION),
    "vehicle.pack.heat_loss_coefficient": Quantity(
        "W.K-1", "heat flow from the pack to the surroundings per difference in temperature (U A)", (0.0, 1e4)
    ),
    "vehicle.pack.specific_heat_capacity": Quantity("J.kg-1.K-1", "of the pack as a whole", _HEAT),
    "vehicle.ambient_temperature": Quantity("K", "temperature around the vehicle", _TEMPERATURE),
    "vehicle.consumption": Quantity("J.m-1", "energy taken from the pack per distance, without heat for it", _DRAIN),
    "vehicle.mean_speed": Quantity("m.s-1", "mean speed at which the consumption holds", (0.1, 100.0)),
}

QUANTITIES: ChainMap[str, Quantity] = ChainMap(_TABLE, MECHANISM_QUANTITIES)
"""All of them: those that mechanisms add, and those of the table, which no mechanism can redefine."""

ROLES = ("cell", "electrolyte", "electrode", "interface", "negative_electrode", "metal", "format", "vehicle")
"""First part of every path: the file an entry comes from."""
