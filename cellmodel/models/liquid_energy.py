"""Where the energy of a leg of a liquid cell goes: open-circuit power released, and the part dissipated inside.

The same two variables as in a half cell, with two porous electrodes. It knows PyBaMM's variables; no thermal model.
"""

from __future__ import annotations

from typing import Any

import pybamm

from cellmodel.models.energy_balance import DISSIPATED_POWER, OPEN_CIRCUIT_POWER


class LiquidEnergyBalance(pybamm.BaseSubModel):
    """Open-circuit and dissipated power [W] of a full cell resolved in x.

        P_oc = -A int a j U dx,  P_dis = A [int a j eta dx - int i_e dphi_e/dx dx - int i_s dphi_s/dx dx],

    over both electrodes. As in `cellmodel.models.energy_balance`, int a j = -+ I / A multiplies the mean exactly and
    a j weighs only the deviations from it. Derived here.
    """

    def get_coupled_variables(self, variables: dict[str, Any]) -> dict[str, Any]:
        """Add both powers [W], one value per cell."""
        area = self.param.A_cc * self.param.n_electrodes_parallel
        current = variables["Current [A]"]
        released: Any = 0.0
        dissipated: Any = 0.0
        for name, layer, sign in (("Negative", self.param.n, 1.0), ("Positive", self.param.p, -1.0)):
            reaction = variables[f"{name} electrode volumetric interfacial current density [A.m-3]"]
            reacted = sign * current / area

            def weighted(value: Any, reaction: Any = reaction, reacted: Any = reacted, length: Any = layer.L) -> Any:
                mean = pybamm.x_average(value)
                return reacted * mean + length * pybamm.x_average(reaction * (value - mean))

            electronic = pybamm.inner(
                variables[f"{name} electrode current density [A.m-2]"],
                variables[f"Gradient of {name.lower()} electrode potential [V.m-1]"],
            )
            released -= weighted(variables[f"{name} electrode open-circuit potential [V]"])
            dissipated += weighted(variables[f"{name} electrode reaction overpotential [V]"])
            dissipated -= layer.L * pybamm.x_average(electronic)
        ionic = pybamm.inner(
            variables["Electrolyte current density [A.m-2]"], variables["Gradient of electrolyte potential [V.m-1]"]
        )
        dissipated -= self.param.L_x * pybamm.x_average(ionic)
        variables.update({OPEN_CIRCUIT_POWER: area * released, DISSIPATED_POWER: area * dissipated})
        return variables
