"""The lithium side as states: foil, dead lithium, interphase, and the surface that is still in contact.

Submodels for PyBaMM's half cells. They know the current that crosses the lithium's surface; they know no cathode,
no protocol and no value of a parameter. Amounts are per electrode area; all states are one per cell.

The balance, with j the current density (stripping positive), F the Faraday constant, e the plating efficiency,
g the growth of the interphase [m.s-1] and v the volume of interphase per mole of lithium:

    foil          d n_foil / dt  = -max(j, 0) / F + e max(-j, 0) / F - g / v
    dead          d n_dead / dt  = (1 - e) max(-j, 0) / F
    interphase    d n_inter / dt = g / v

Their sum changes by -j / F, what the cathode gains, whatever e and g are. The interphase grows by a chemical reaction
of the foil with the polymer: it takes lithium, but no current and no salt, and its heat of reaction is left out.
"""

from __future__ import annotations

from typing import Any

import pybamm

FOIL_THICKNESS = "Lithium foil thickness [m]"
DEAD_LITHIUM = "Dead lithium [mol.m-2]"
INTERPHASE_THICKNESS = "Interphase thickness [m]"
INTERPHASE_LITHIUM = "Lithium in interphase [mol.m-2]"
CONTACT = "Share of lithium surface in contact"
RESISTANCE_RATIO = "Interphase resistance over that of the fresh, whole interphase"
INTERPHASE_RESISTANCE = "Interphase areal resistance [Ohm.m2]"
EXHAUSTED = "lithium exhausted"
"""Name of the event: the foil's thickness is zero."""
INITIAL_THICKNESS = pybamm.Parameter("cell.lithium.thickness")
"""[m]; not PyBaMM's own symbol, which says where the mesh begins."""


class Foil(pybamm.BaseSubModel):
    """Thickness of the foil [m] and dead lithium [mol.m-2], with the event that the foil is exhausted.

    Parameters
    ----------
    param : pybamm.LithiumIonParameters
        Symbols of the model.
    options : dict
        PyBaMM's options.
    """

    def __init__(self, param: Any, options: Any) -> None:
        super().__init__(param, "negative", options=options)

    def get_fundamental_variables(self) -> dict[str, Any]:
        """Add the two states, scaled by the initial thickness."""
        initial = INITIAL_THICKNESS
        return {
            FOIL_THICKNESS: pybamm.Variable(FOIL_THICKNESS, scale=initial),
            DEAD_LITHIUM: pybamm.Variable(DEAD_LITHIUM, scale=initial / self.param.V_bar_Li),
        }

    def set_rhs(self, variables: dict[str, Any]) -> None:
        """Strip, plate with the efficiency, and give the interphase what it takes."""
        density = current_density(self.param, variables)
        plated = pybamm.maximum(-density, 0) / self.param.F
        dead = (1 - pybamm.Parameter("interface.plating_efficiency")) * plated
        lost = dead + variables.get("Lithium consumption by interphase [mol.m-2.s-1]", pybamm.Scalar(0))
        thickness = variables[FOIL_THICKNESS]
        self.rhs = {
            thickness: -self.param.V_bar_Li * (density / self.param.F + lost),
            variables[DEAD_LITHIUM]: dead,
        }

    def set_initial_conditions(self, variables: dict[str, Any]) -> None:
        """Start with the whole foil and nothing dead."""
        self.initial_conditions = {variables[FOIL_THICKNESS]: INITIAL_THICKNESS, variables[DEAD_LITHIUM]: 0}

    def add_events_from(self, variables: dict[str, Any]) -> None:
        """End where the foil does."""
        self.events = [foil_event(variables)]


def foil_event(variables: dict[str, Any]) -> pybamm.Event:
    """Return the event that the foil is exhausted; its margin is the share of the foil that is left."""
    return pybamm.Event(EXHAUSTED, variables[FOIL_THICKNESS] / INITIAL_THICKNESS)


def current_density(param: Any, variables: dict[str, Any]) -> pybamm.Symbol:
    """Return the current density through the lithium's surface [A.m-2], stripping positive."""
    return variables["Current [A]"] / (param.A_cc * param.n_electrodes_parallel)


class InterphaseGrowth(pybamm.BaseSubModel):
    """Thickness of the interphase [m], growing by the law of the interface's file."""

    def __init__(self, param: Any, options: Any) -> None:
        super().__init__(param, "negative", options=options)

    def get_fundamental_variables(self) -> dict[str, Any]:
        """Add the thickness, scaled by the initial one."""
        initial = pybamm.Parameter("interface.interphase_thickness")
        thickness = pybamm.Variable(INTERPHASE_THICKNESS, scale=initial)
        volume = pybamm.Parameter("interface.interphase_lithium_molar_volume")
        return {
            INTERPHASE_THICKNESS: thickness,
            INTERPHASE_LITHIUM: thickness / volume,
            "Interphase thickness over the initial one": thickness / initial,
        }

    def get_coupled_variables(self, variables: dict[str, Any]) -> dict[str, Any]:
        """Add the growth [m.s-1] and the lithium it takes."""
        arguments = {
            "Thickness [m]": variables[INTERPHASE_THICKNESS],
            "Temperature [K]": variables["Volume-averaged cell temperature [K]"],
        }
        growth = pybamm.FunctionParameter("interface.interphase_growth_rate", arguments)
        volume = pybamm.Parameter("interface.interphase_lithium_molar_volume")
        variables["Interphase growth rate [m.s-1]"] = growth
        variables["Lithium consumption by interphase [mol.m-2.s-1]"] = growth / volume
        return variables

    def set_rhs(self, variables: dict[str, Any]) -> None:
        """Grow."""
        self.rhs = {variables[INTERPHASE_THICKNESS]: variables["Interphase growth rate [m.s-1]"]}

    def set_initial_conditions(self, variables: dict[str, Any]) -> None:
        """Start with the thickness to which the resistance belongs."""
        self.initial_conditions = {variables[INTERPHASE_THICKNESS]: pybamm.Parameter("interface.interphase_thickness")}


class ContactLoss(pybamm.interface_utilisation.BaseModel):
    """Share of the lithium's surface in contact: exp(-n_dead / n_0).

    It multiplies the exchange current of lithium and divides the resistance of the interphase: the current crowds
    on what is left. Derived here from the picture that each bit of dead lithium blocks a fresh random bit of surface.
    """

    def __init__(self, param: Any, options: Any) -> None:
        super().__init__(param, "negative", options)

    def get_coupled_variables(self, variables: dict[str, Any]) -> dict[str, Any]:
        """Add the share, under PyBaMM's names too."""
        share = pybamm.exp(-variables[DEAD_LITHIUM] / pybamm.Parameter("interface.contact_loss_inventory"))
        broadcast = pybamm.PrimaryBroadcast(share, "current collector")
        variables[CONTACT] = share
        variables["Lithium metal interface utilisation variable"] = broadcast
        variables["Lithium metal interface utilisation"] = broadcast
        return variables


class InterphaseResistance(pybamm.BaseSubModel):
    """Ratio of the interphase's resistance to that of the fresh interphase in full contact, and the resistance.

    R(T, t) = R(T) (L / L_0) / (share in contact): a layer of fixed conductivity whose temperature dependence is that
    of the measured resistance.

    Parameters
    ----------
    param, options
        Symbols and options of the model.
    mechanisms : tuple of str
        What changes the resistance.
    """

    def __init__(self, param: Any, options: Any, mechanisms: tuple[str, ...]) -> None:
        super().__init__(param, "negative", options=options)
        self.mechanisms = mechanisms

    def get_coupled_variables(self, variables: dict[str, Any]) -> dict[str, Any]:
        """Add ratio and areal resistance [Ohm.m2]."""
        ratio = pybamm.Scalar(1)
        if "interphase_growth" in self.mechanisms:
            ratio = ratio * variables["Interphase thickness over the initial one"]
        if "contact_loss" in self.mechanisms:
            ratio = ratio / variables[CONTACT]
        temperature = variables["Volume-averaged cell temperature [K]"]
        area = self.param.A_cc * self.param.n_electrodes_parallel
        variables[RESISTANCE_RATIO] = ratio
        variables[INTERPHASE_RESISTANCE] = self.param.R_contact(temperature) * area * ratio
        return variables


class _GrownInterphase:
    """For electrodes: multiplies PyBaMM's drop over the contact resistance by the ratio of the interphase."""

    def _get_standard_whole_cell_variables(self, variables: dict[str, Any]) -> dict[str, Any]:
        self._ratio = variables[RESISTANCE_RATIO]
        return super()._get_standard_whole_cell_variables(variables)  # type: ignore[misc]

    def _get_standard_current_collector_potential_variables(
        self, negative: Any, positive: Any, drop: Any
    ) -> dict[str, Any]:
        return super()._get_standard_current_collector_potential_variables(  # type: ignore[misc]
            negative, positive, drop * self._ratio
        )


class Ohm(_GrownInterphase, pybamm.electrode.ohm.Full):
    """Ohm's law in the cathode, resolved in x, with the interphase's own resistance in series."""


class CompositeOhm(_GrownInterphase, pybamm.electrode.ohm.Composite):
    """Ohm's law in the cathode, averaged, with the interphase's own resistance in series."""


class LeadingOrderOhm(_GrownInterphase, pybamm.electrode.ohm.LeadingOrder):
    """No drop in the cathode, with the interphase's own resistance in series."""


ELECTRODES: dict[type, type] = {
    pybamm.electrode.ohm.Full: Ohm,
    pybamm.electrode.ohm.Composite: CompositeOhm,
    pybamm.electrode.ohm.LeadingOrder: LeadingOrderOhm,
}
"""PyBaMM's submodel of the cathode's potential -> the one that sees the interphase change."""
