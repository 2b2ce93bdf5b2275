"""One temperature of the cell: its heat source, its heat capacity and what it gives to the surroundings.

A submodel for PyBaMM's half cells. It knows current, voltage and the reaction-weighted open-circuit potential; it
knows no layer (`cellmodel.mechanisms.areal_heat_capacity` adds them up) and no protocol.
"""

from __future__ import annotations

from typing import Any

import pybamm

from cellmodel.models.energy_balance import reaction_weighted

HEAT = "Heat released in the cell [W]"
REVERSIBLE_HEAT = "Reversible heat released in the cell [W]"
MIXING_ENERGY = "Free energy of the salt gradients [J]"


class LumpedHeat(pybamm.thermal.Lumped):
    """Heat balance of a cell of one temperature.

    With C the heat capacity and h the heat transfer coefficient per electrode area A, <.>_j the mean over the
    cathode weighted by the local reaction current, and I positive on discharge,

        A C dT/dt = I (<U>_j - V) - I T <dU/dT>_j - A h (T - T_ambient).

    V is the voltage at the terminals, so every loss inside (electrolyte, kinetics, interphase, contact) is in the
    source; energy is conserved by construction, on any mesh. The sign of the entropic term follows from the first
    law: the cell gives up the enthalpy I (U - T dU/dT) and delivers I V (Bernardi, Pawlikowski and Newman 1985,
    doi 10.1149/1.2113792). PyBaMM sums local sources instead, which agree with this in the limit of a fine mesh, and
    leaves the interphase out of them.

    What the source leaves out is the heat of mixing. In an ideal solution it is zero: a salt gradient then holds
    free energy by its entropy alone, and no enthalpy. The free energy held,

        G = 2 R T A int eps (c ln(c / c_mean) - c + c_mean) dx        (thermodynamic factor 1),

    is the size of what a solution that is not ideal could hold back as heat and give later. Derived here.

    Parameters
    ----------
    param : pybamm.LithiumIonParameters
        Symbols of the model.
    options : dict
        PyBaMM's options.
    """

    def get_coupled_variables(self, variables: dict[str, Any]) -> dict[str, Any]:
        """Add the source [W], its reversible part and the free energy in the salt gradients [J]."""
        area = self.param.A_cc * self.param.n_electrodes_parallel
        current, temperature = variables["Current [A]"], variables["Volume-averaged cell temperature [K]"]
        reaction = variables["Positive electrode volumetric interfacial current density [A.m-3]"]
        names = ("open-circuit potential [V]", "entropic change [V.K-1]")
        released, entropic = (
            area * reaction_weighted(self.param, reaction, variables[f"Positive electrode {name}"], current / area)
            for name in names
        )
        variables[REVERSIBLE_HEAT] = -temperature * entropic
        variables[HEAT] = released - current * variables["Voltage [V]"] - temperature * entropic
        variables[MIXING_ENERGY] = area * self._mixing_energy(variables)
        return variables

    def _mixing_energy(self, variables: dict[str, Any]) -> pybamm.Symbol:
        fraction, c = variables["Porosity"], variables["Electrolyte concentration [mol.m-3]"]
        temperature = variables["Volume-averaged cell temperature [K]"]
        mean = self.param.c_e_init  # the salt starts uniform and is conserved
        positive = 0.5 * (c + pybamm.sqrt(c**2 + 4e-4))  # within 1e-4 mol.m-3 of c above 1 mol.m-3
        density = fraction * (positive * pybamm.log(positive / mean) - positive + mean)
        # not PyBaMM's x-average: it takes the porosity, two constants side by side, for one constant and pulls it out
        x = pybamm.SpatialVariable("x", domain=density.domain)
        return 2 * self.param.R * temperature * pybamm.Integral(density, x)

    def set_rhs(self, variables: dict[str, Any]) -> None:
        """Balance the heat."""
        temperature = variables["Volume-averaged cell temperature [K]"]
        ambient = variables["Volume-averaged ambient temperature [K]"]
        area = self.param.A_cc * self.param.n_electrodes_parallel
        lost = pybamm.Parameter("cell.heat_transfer_coefficient") * (temperature - ambient)
        capacity = pybamm.Parameter("areal heat capacity")
        self.rhs = {temperature: (variables[HEAT] / area - lost) / capacity}
