"""Where the energy of a leg goes: the open-circuit power released and the part dissipated inside the cell.

Two variables that every run reads, to state how far they and the delivered power are from closing. It knows PyBaMM's
variables; it knows no thermal model.
"""

from __future__ import annotations

from typing import Any

import pybamm

OPEN_CIRCUIT_POWER = "Open-circuit power [W]"
DISSIPATED_POWER = "Dissipated power [W]"


class EnergyBalance(pybamm.BaseSubModel):
    """Open-circuit and dissipated power [W] of a half cell resolved in x.

    With A the area, a j the volumetric reaction current (negative when the cathode takes up lithium), U the
    open-circuit potential at the particle surface and eta the overpotentials,

        P_oc = -A int a j U dx
        P_dis = A [int a j eta dx - int i_e dphi_e/dx dx - int i_s dphi_s/dx dx] + I (eta_Li + eta_film).

    Charge conservation makes P_oc = I V + P_dis exactly in the continuum; on a mesh the local integrals are
    second-order accurate, so the difference measures how well the mesh resolves the dissipation. Derived here.

    The kinetics return int a j dx = -I / A only within the solver's tolerance on potentials, which is coarse
    against an overpotential of a millivolt. So the mean of U and of eta is multiplied by the current itself, and a j
    weighs only the deviations from the mean: int a j U dx = -I <U> / A + int a j (U - <U>) dx.
    """

    def get_coupled_variables(self, variables: dict[str, Any]) -> dict[str, Any]:
        """Add both powers [W], one value per cell."""
        reaction = variables["Positive electrode volumetric interfacial current density [A.m-3]"]
        potential = variables["Positive electrode open-circuit potential [V]"]
        overpotential = variables["Positive electrode reaction overpotential [V]"]
        ionic = pybamm.inner(
            variables["Electrolyte current density [A.m-2]"], variables["Gradient of electrolyte potential [V.m-1]"]
        )
        electronic = pybamm.inner(
            variables["Positive electrode current density [A.m-2]"],
            variables["Gradient of positive electrode potential [V.m-1]"],
        )
        current, thickness = variables["Current [A]"], self.param.p.L
        area = self.param.A_cc * self.param.n_electrodes_parallel
        reacted = reaction_weighted(self.param, reaction, overpotential, current / area)
        distributed = -reacted - thickness * pybamm.x_average(electronic)
        distributed -= (self.param.s.L + thickness) * pybamm.x_average(ionic)
        lithium = current * variables["Lithium metal interface reaction overpotential [V]"]
        film = current * variables["Contact overpotential [V]"]
        released = area * reaction_weighted(self.param, reaction, potential, current / area)
        variables.update({OPEN_CIRCUIT_POWER: released, DISSIPATED_POWER: area * distributed + lithium + film})
        return variables


def reaction_weighted(
    param: Any, reaction: pybamm.Symbol, value: pybamm.Symbol, density: pybamm.Symbol
) -> pybamm.Symbol:
    """Return -int a j value dx, the mean of the value multiplied by the current density itself.

    Parameters
    ----------
    param : pybamm.LithiumIonParameters
        Symbols of the model.
    reaction, value : pybamm.Symbol
        a j [A.m-3], negative when the cathode takes up lithium, and what it weighs, on the cathode's nodes.
    density : pybamm.Symbol
        Current density of the cell [A.m-2], discharge positive.

    Returns
    -------
    pybamm.Symbol
        [A.m-2] times the unit of `value`, one per cell.
    """
    mean = pybamm.x_average(value)
    return density * mean - param.p.L * pybamm.x_average(reaction * (value - mean))
