"""One temperature of the cell: its heat source, its heat capacity and what it gives to the surroundings.

With C the heat capacity and h the heat transfer coefficient per electrode area A, <.>_j the mean over the cathode
weighted by the local reaction current, and I positive on discharge,

    A C dT/dt = I (<U>_j - V) - I T <dU/dT>_j - A h (T - T_ambient).

V is the voltage at the terminals, so every loss inside (electrolyte, kinetics, interphase, contact) is in the source;
energy is conserved by construction, on any mesh. The sign of the entropic term follows from the first law: the cell
gives up the enthalpy I (U - T dU/dT) and delivers I V (Bernardi, Pawlikowski and Newman 1985, doi 10.1149/1.2113792).
PyBaMM sums local sources instead, which agree with this in the limit of a fine mesh, and leaves the interphase out.

What the source leaves out is the heat of mixing. In an ideal solution it is zero: a salt gradient then holds free
energy by its entropy alone, and no enthalpy. The free energy held,

    G = 2 R T A int eps (c ln(c / c_mean) - c + c_mean) dx        (thermodynamic factor 1),

is the size of what a solution that is not ideal could hold back as heat and give later. Derived here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from cellmodel.correlations import GAS_CONSTANT
from cellmodel.mechanisms.mechanism import CellVariables, Mechanism, Result
from cellmodel.mechanisms.registry import register
from cellmodel.units import Quantity

_TRANSFER = "cell.heat_transfer_coefficient"


@register
class Heat(Mechanism):
    """The heat balance of a cell of one temperature."""

    name = "heat"
    description = "one temperature of the cell that follows its heat balance"
    quantities = {
        _TRANSFER: Quantity(
            "W.m-2.K-1", "heat flow to the surroundings per electrode area; 0 is adiabatic", (0.0, 1e6), required=False
        ),
    }
    parameters = (
        "cell.lithium.density",
        "cell.lithium.specific_heat_capacity",
        "cell.positive_electrode.additive_density",
        "cell.positive_electrode.additive_specific_heat_capacity",
        "cell.positive_collector.thickness",
        "cell.positive_collector.density",
        "cell.positive_collector.specific_heat_capacity",
        _TRANSFER,
        "electrolyte.density",
        "electrolyte.specific_heat_capacity",
        "electrode.density",
        "electrode.specific_heat_capacity",
    )
    outputs = {
        "heat": Result("W", "heat released in the cell, all losses and the reversible heat"),
        "reversible_heat": Result("W", "reversible part of the heat released"),
        "mixing_energy": Result("J", "free energy held in the salt gradients, thermodynamic factor 1"),
    }
    effects = ("temperature_rate",)

    def evaluate(self, cell: CellVariables, p: Mapping[str, Any]) -> dict[str, Any]:
        """Return the heat and the rate of the temperature that it leads to."""
        temperature, area = cell["temperature"], p["cell.area"]
        reversible = -temperature * cell["entropic_power"]
        heat = cell["open_circuit_power"] - cell["current"] * cell["voltage"] + reversible
        lost = p[_TRANSFER] * (temperature - cell["ambient_temperature"])
        c, mean = cell["electrolyte_concentration"], p["electrolyte.initial_concentration"]  # uniform and conserved
        positive = 0.5 * (c + np.sqrt(c**2 + 4e-4))  # within 1e-4 mol.m-3 of c above 1 mol.m-3
        held = cell.electrolyte_integral(positive * np.log(positive / mean) - positive + mean)
        return {
            "heat": heat,
            "reversible_heat": reversible,
            "mixing_energy": 2.0 * GAS_CONSTANT * temperature * area * held,
            "temperature_rate": (heat / area - lost) / areal_heat_capacity(p),
        }


def areal_heat_capacity(p: Mapping[str, Any]) -> Any:
    """Return the heat capacity of the cell per electrode area [J.K-1.m-2], summed over its layers.

    Foil of its initial thickness, separator (its volume fraction that is not electrolyte counts as electrolyte: the
    shipped ones have none), composite cathode (active material, electrolyte, the rest as additive) and its collector.
    """
    cathode = "cell.positive_electrode."
    active, electrolyte = (p[f"{cathode}{part}_volume_fraction"] for part in ("active_material", "electrolyte"))

    def volumetric(path: str, prefix: str = "") -> Any:
        return p[f"{path}.{prefix}density"] * p[f"{path}.{prefix}specific_heat_capacity"]

    composite = (
        active * volumetric("electrode")
        + electrolyte * volumetric("electrolyte")
        + (1.0 - active - electrolyte) * volumetric("cell.positive_electrode", "additive_")
    )
    return (
        p["cell.lithium.thickness"] * volumetric("cell.lithium")
        + p["cell.separator.thickness"] * volumetric("electrolyte")
        + p["cell.positive_electrode.thickness"] * composite
        + p["cell.positive_collector.thickness"] * volumetric("cell.positive_collector")
    )
