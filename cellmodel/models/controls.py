"""What drives a step and what ends it: the current's equation, events, integrals.

Every number that changes from step to step is an input of the model, so that one built model runs any protocol.
This module knows PyBaMM's external circuit; it knows no cell and no protocol.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Any

import numpy as np
import pybamm

from cellmodel.models.model_inputs import EVENT_NAMES, RAMP, hold_weight

INTEGRALS = ("Discharge capacity [A.h]", "Discharge energy [W.h]")
NOT_INTEGRATED = ("Throughput capacity [A.h]", "Throughput energy [W.h]")


def given_current() -> pybamm.Symbol:
    """Return the current [A] that a step prescribes: constant, or a straight line in time."""
    slope, start = (pybamm.InputParameter(name) for name in RAMP)
    return pybamm.InputParameter("current") + slope * (pybamm.t - start)


def control_residual(variables: dict[str, Any]) -> pybamm.Symbol:
    """Residual of the equation for the current, zero when the step's target is met.

    With I_1 the one-hour current and weights of which one is 1 and the others 0,

        w_I (I - I*) / I_1 + w_V (V - V*) / 1 V + w_P (I V - P*) / (I_1 1 V) = 0.

    Parameters
    ----------
    variables : dict
        PyBaMM's variables (current and voltage are read).

    Returns
    -------
    pybamm.Symbol
        Dimensionless, one value per cell.
    """
    hour_current = pybamm.Parameter("Nominal cell capacity [A.h]")
    current, voltage = variables["Current [A]"], variables["Voltage [V]"]
    terms = {
        "current": (current - given_current()) / hour_current,
        "voltage": voltage - pybamm.InputParameter("voltage"),
        "power": (current * voltage - pybamm.InputParameter("power")) / hour_current,
    }
    return sum(pybamm.InputParameter(hold_weight(target)) * term for target, term in terms.items())


class DischargeIntegrals(pybamm.external_circuit.BaseModel):
    """Charge [A.h] and energy [W.h] delivered since the start, as states of the solver.

    dQ/dt = I and dE/dt = I V: integrated with the solver's own error control instead of summed from samples.
    Both are scaled by the nominal capacity, so that the absolute tolerance means the same for a coin cell and
    for a stack. PyBaMM's submodel of the same purpose does not scale, and adds two throughput states; its summary of
    cycles asks for those, so they stand here as not-a-number.
    """

    def get_fundamental_variables(self) -> dict[str, Any]:
        """Add the two states."""
        states = {name: pybamm.Variable(name, scale=self.param.Q) for name in INTEGRALS}
        return states | {name: pybamm.Scalar(np.nan) for name in NOT_INTEGRATED}

    def set_rhs(self, variables: dict[str, Any]) -> None:
        """Set current and power as their rates."""
        current, voltage = variables["Current [A]"], variables["Voltage [V]"]
        self.rhs = {
            variables["Discharge capacity [A.h]"]: current / 3600,
            variables["Discharge energy [W.h]"]: current * voltage / 3600,
        }

    def set_initial_conditions(self, variables: dict[str, Any]) -> None:
        """Start from zero."""
        self.initial_conditions = {variables[name]: pybamm.Scalar(0) for name in INTEGRALS}


def leg_events(variables: dict[str, Any], current_is_state: bool) -> list[pybamm.Event]:
    """Return the events that may end a step, each with its threshold as an input.

    Parameters
    ----------
    variables : dict
        PyBaMM's variables.
    current_is_state : bool
        Whether the current can reach a cut-off by itself.

    Returns
    -------
    list of pybamm.Event
        Voltage margins in V; the margin of the current in multiples of the one-hour current. All of order one,
        because IDAKLU takes the smallest for the one that fired.
    """
    voltage = variables["Voltage [V]"]
    margins = {
        "lower_voltage": voltage - pybamm.InputParameter("lower_voltage"),
        "upper_voltage": pybamm.InputParameter("upper_voltage") - voltage,
    }
    if current_is_state:
        magnitude = np.absolute(variables["Current [A]"]) - pybamm.InputParameter("current_cut_off")
        margins["current_cut_off"] = magnitude / pybamm.Parameter("Nominal cell capacity [A.h]")
    return [pybamm.Event(EVENT_NAMES[name], margin) for name, margin in margins.items()]


def solubility_events(
    variables: dict[str, Any], solubility: Any, faces: Mapping[str, Sequence[str]]
) -> list[pybamm.Event]:
    """Return the events at which the salt reaches its solubility at an outer face of the electrolyte.

    The concentration there is the one extrapolated to the face, at which the equations take every coefficient of that
    edge (`cellmodel.models.electrolyte`). In a quasi-steady profile it is nowhere higher than at one of the faces,
    because dc/dx = -(1 - t) i / (F b D) has one sign from face to face; while a charge builds its profile up, the place
    of the cathode that reacts is ahead of its back by some per mille. No precipitation is modelled: the run ends.

    Parameters
    ----------
    variables : dict
        PyBaMM's variables (the salt concentration is read).
    solubility : float or pybamm.Symbol or None
        [mol.m-3]; None where the electrolyte states none, for no events.
    faces : mapping of str to sequence of str
        Name of an event -> the sides, "left" or "right", of which the higher concentration counts.

    Returns
    -------
    list of pybamm.Event
        Margins are the share of the solubility that is left.
    """
    if solubility is None:
        return []
    concentration = variables["Electrolyte concentration [mol.m-3]"]
    highest = {
        event: reduce(pybamm.maximum, (pybamm.boundary_value(concentration, side) for side in sides))
        for event, sides in faces.items()
    }
    return [pybamm.Event(event, 1 - value / solubility) for event, value in highest.items()]
