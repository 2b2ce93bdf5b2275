"""The cell at rest: from an initial state to a stoichiometry, and from a stoichiometry to a voltage.

At a temperature T and a stoichiometry y of the positive electrode a cell at rest has the voltage

    V = U(y) + (T - T_ref) dU/dT(y) + h(y) gap / 2,

the last term only with the mechanism "hysteresis": a run starts on the branch h(y) = 1 - 2 (y - y_charged) /
(y_discharged - y_charged) that its state suggests, as the model does. A state of charge is a share of the capacity
between the cut-offs, whose stoichiometries are those at T_ref whatever the temperature of the run: the capacity of a
cell is one number.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cellmodel.errors import ParameterError, Problem, ProtocolError
from cellmodel.mechanisms import MECHANISMS
from cellmodel.protocols.checks import ROUNDING
from cellmodel.protocols.loading import Protocol
from cellmodel.protocols.steps import InitialState

if TYPE_CHECKING:
    from collections.abc import Collection

    from cellmodel.parameters import ParameterSet

FILLED = (0.001, 0.999)
"""Stoichiometries from which a run may start: there PyBaMM adds a millivolt to the open-circuit potential, at 0.0001 it
adds half a volt, so that a cell would not rest at the potential of its file."""


def rest_voltage(
    parameters: ParameterSet, y: float, temperature: float | None = None, mechanisms: Collection[str] = ()
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
    mechanisms : collection of str, optional
        With "hysteresis" the branch counts on which a run starts.

    Returns
    -------
    float
        [V].
    """
    voltage = parameters.open_circuit_voltage(y)
    if temperature is not None and "electrode.entropic_coefficient" in parameters.functions:
        entropic = float(parameters.function("electrode.entropic_coefficient")(y))
        voltage += (temperature - parameters["electrode.reference_temperature"]) * entropic
    return voltage + sum(MECHANISMS[name].rest_voltage(parameters, y) for name in mechanisms)


def rest_stoichiometry(
    parameters: ParameterSet, voltage: float, temperature: float | None = None, mechanisms: Collection[str] = ()
) -> float:
    """Return the stoichiometry at which `rest_voltage` is a voltage [V]; parameters as there.

    Returns
    -------
    float
        Stoichiometry of the positive electrode [1].

    Raises
    ------
    ParameterError
        The cell at rest does not have that voltage at any stoichiometry.
    """
    if not any(MECHANISMS[name].rest_voltage(parameters, y) for name in mechanisms for y in (0.0, 1.0)):
        return parameters.stoichiometry(voltage, temperature)
    low, high = (rest_voltage(parameters, y, temperature, mechanisms) for y in (1.0, 0.0))
    if not low <= voltage <= high:
        wanted = f"a voltage of the cell at rest, {low:.4g} to {high:.4g} V"
        raise ParameterError(Problem(parameters.name, "voltage", f"{voltage:g} V", wanted))
    from scipy.optimize import brentq

    def difference(y: float) -> float:
        return rest_voltage(parameters, y, temperature, mechanisms) - voltage

    return float(brentq(difference, 0.0, 1.0, xtol=1e-14, rtol=1e-14))


def initial_stoichiometry(
    initial: InitialState,
    parameters: ParameterSet,
    temperature: float | None = None,
    mechanisms: Collection[str] = (),
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
    mechanisms : collection of str, optional
        Of the run: with "hysteresis" the cell rests on its branch.

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
            value = rest_stoichiometry(parameters, float(initial.voltage or 0.0), temperature, mechanisms)
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
