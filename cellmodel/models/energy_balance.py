"""Where the energy of a step goes: the open-circuit power released and the part dissipated inside the cell.

Two variables that every run reads, to state how far they and the delivered power are from closing. It knows PyBaMM's
variables; it knows no thermal model.
"""

from __future__ import annotations

from typing import Any

import pybamm

from cellmodel.parameters.kinds import PorousElectrode

OPEN_CIRCUIT_POWER = "Open-circuit power [W]"
DISSIPATED_POWER = "Dissipated power [W]"


class EnergyBalance(pybamm.BaseSubModel):
    """Open-circuit and dissipated power [W] of a cell resolved in x.

    With A the area, a j the volumetric reaction current (negative where lithium is taken up), U the open-circuit
    potential at the particle surface and eta the overpotentials, summed over the porous electrodes,

        P_oc = -A sum int a j U dx
        P_dis = A [sum (int a j eta dx - int i_s dphi_s/dx dx) - int i_e dphi_e/dx dx] + I (eta_Li + eta_film),

    the last term where there is lithium metal. Charge conservation makes P_oc = I V + P_dis exactly in the continuum;
    on a mesh the local integrals are second-order accurate, so the difference measures how well the mesh resolves the
    dissipation. Derived here.

    The kinetics return int a j dx = -+ I / A only within the solver's tolerance on potentials, which is coarse against
    an overpotential of a millivolt. So the mean of U and of eta is multiplied by the current itself, and a j weighs
    only the deviations from the mean: see `reaction_weighted`.

    Parameters
    ----------
    param, options
        Symbols and options of the model.
    electrodes : tuple of PorousElectrode
        The porous electrodes of the cell.
    """

    def __init__(self, param: Any, electrodes: tuple[PorousElectrode, ...], options: Any) -> None:
        super().__init__(param, options=options)
        self._electrodes = electrodes

    def get_coupled_variables(self, variables: dict[str, Any]) -> dict[str, Any]:
        """Add both powers [W], one value per cell."""
        area, current = self.param.A_cc * self.param.n_electrodes_parallel, variables["Current [A]"]
        released: Any = 0.0
        dissipated: Any = 0.0
        for electrode in self._electrodes:
            name, layer = f"{electrode.side.capitalize()} electrode", self.param.domain_params[electrode.side]
            reaction = variables[f"{name} volumetric interfacial current density [A.m-3]"]
            electronic = pybamm.inner(
                variables[f"{name} current density [A.m-2]"],
                variables[f"Gradient of {electrode.side} electrode potential [V.m-1]"],
            )
            potential, overpotential = (
                reaction_weighted(layer, reaction, variables[f"{name} {what} [V]"], electrode.sign * current / area)
                for what in ("open-circuit potential", "reaction overpotential")
            )
            released += potential
            dissipated -= overpotential + layer.L * pybamm.x_average(electronic)
        ionic = pybamm.inner(
            variables["Electrolyte current density [A.m-2]"], variables["Gradient of electrolyte potential [V.m-1]"]
        )
        length = sum(self.param.domain_params[layer.split()[0]].L for layer in self.options.whole_cell_domains)
        dissipated -= length * pybamm.x_average(ionic)
        lost = area * dissipated
        metal = "Lithium metal interface reaction overpotential [V]"
        if metal in variables:
            lost += current * (variables[metal] + variables["Contact overpotential [V]"])
        variables.update({OPEN_CIRCUIT_POWER: area * released, DISSIPATED_POWER: lost})
        return variables


def reaction_weighted(
    layer: Any, reaction: pybamm.Symbol, value: pybamm.Symbol, density: pybamm.Symbol
) -> pybamm.Symbol:
    """Return -int a j value dx over one electrode, the mean of the value multiplied by the current density itself.

    `layer` has PyBaMM's symbols of the electrode, `reaction` is a j [A.m-3] on its nodes, and `density` [A.m-2] is what
    its reaction takes up: the cell's current density for the positive electrode, minus that for the negative one.
    """
    mean = pybamm.x_average(value)
    return density * mean - layer.L * pybamm.x_average(reaction * (value - mean))
