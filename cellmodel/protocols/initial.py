"""The cell at rest: from an initial state to a stoichiometry, and from a stoichiometry to a voltage.

At a temperature T and a stoichiometry y of the positive electrode a cell at rest has the voltage

    V = U(y) + (T - T_ref) dU/dT(y),

with U on the branch that the run walks first, where the material has two: a run that discharges first starts on
lithiation, one that charges first on delithiation. A state of charge is a share of the capacity between the cut-offs,
whose stoichiometries are those at T_ref whatever the temperature of the run: the capacity of a cell is one number.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cellmodel.errors import ParameterError, Problem, ProtocolError
from cellmodel.protocols.checks import ROUNDING
from cellmodel.protocols.loading import Protocol
from cellmodel.protocols.steps import InitialState

if TYPE_CHECKING:
    from cellmodel.parameters import ParameterSet

FILLED = (0.001, 0.999)
"""Stoichiometries from which a run may start: there PyBaMM adds a millivolt to the open-circuit potential, at 0.0001 it
adds half a volt, so that a cell would not rest at the potential of its file."""


def rest_voltage(
    parameters: ParameterSet, y: float, temperature: float | None = None, direction: str = "discharge"
) -> float:
    """Return the voltage of the cell at rest.

    Parameters
    ----------
    parameters : ParameterSet
        The cell.
    y : float
        Stoichiometry of the positive electrode [1].
    temperature : float, optional
        [K]; default the electrode's reference temperature.
    direction : {"discharge", "charge"}, optional
        On which branch of a material with hysteresis.

    Returns
    -------
    float
        [V].
    """
    voltage = parameters.open_circuit_voltage(y, direction)
    if temperature is not None and "electrode.entropic_coefficient" in parameters.functions:
        entropic = float(parameters.function("electrode.entropic_coefficient")(y))
        voltage += (temperature - parameters["electrode.reference_temperature"]) * entropic
    return voltage


def starting_direction(protocol: Protocol) -> str:
    """Return "discharge" or "charge", the first that a protocol does; "discharge" if it only rests or holds."""
    directions = (step.net_direction for step in protocol.steps)
    return next(filter(None, directions), "discharge")


def initial_stoichiometry(
    initial: InitialState,
    parameters: ParameterSet,
    temperature: float | None = None,
    direction: str = "discharge",
) -> float:
    """Return the stoichiometry of the positive electrode from which a protocol starts.

    Parameters
    ----------
    initial : InitialState
        Stoichiometry, state of charge or voltage.
    parameters : ParameterSet
        The cell.
    temperature : float, optional
        Of the cell when the protocol starts [K], for a voltage; default the electrode's reference temperature.
    direction : {"discharge", "charge"}, optional
        What the protocol does first: on which branch of a material with hysteresis the cell rests.

    Returns
    -------
    float
        Stoichiometry [1]. For a state of charge s: y = y_discharged - s (y_discharged - y_charged), with the
        stoichiometries at the cell's cut-offs.

    Raises
    ------
    ProtocolError
        No stoichiometry in `FILLED` has that voltage or state of charge.
    """
    if initial.stoichiometry is not None:
        value, key, given = initial.stoichiometry, "stoichiometry", f"{initial.stoichiometry:g}"
    elif initial.state_of_charge is not None:
        charged, discharged = parameters.stoichiometry_window
        value = discharged - initial.state_of_charge * (discharged - charged)
        key, given = "state_of_charge", f"{initial.state_of_charge:g}, which is stoichiometry {value:.4g}"
    else:
        key, given = "voltage", f"{initial.voltage:g} V"
        try:
            value = parameters.stoichiometry(float(initial.voltage or 0.0), temperature, direction)
        except ParameterError as error:
            found = f"{given} ({error})"
            raise ProtocolError(Problem(parameters.name, f"initial.{key}", found, "an open-circuit voltage")) from None
    low, high = FILLED if parameters.kind.electrodes else (0.0, 1.0)
    if not low - ROUNDING <= value <= high + ROUNDING:
        wanted = f"a stoichiometry from {low:g} to {high:g}: beyond, the model's potential runs away"
        raise ProtocolError(Problem(f"protocol on {parameters.name}", f"initial.{key}", given, wanted))
    return min(high, max(low, float(value)))


def initial_temperature(protocol: Protocol, temperature: float) -> float:
    """Return the temperature [K] of the cell when a protocol starts: of its first step, else of the run."""
    return protocol.steps[0].temperature or temperature
