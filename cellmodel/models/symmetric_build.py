"""Build the symmetric cell once and solve any leg of it: current or voltage held, from any state.

It knows the model's inputs and reads its variables; it knows no experiment and no dataset.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pybamm
from numpy.typing import NDArray

from cellmodel.models.from_pybamm import model_functions
from cellmodel.models.one_thread import one_thread_at_a_time
from cellmodel.models.parameter_values import pybamm_values
from cellmodel.models.reading import Reader
from cellmodel.models.solution import StepSolution
from cellmodel.models.solving import IdakluIntegrator
from cellmodel.models.symmetric import SEPARATOR, VOLUMES, SymmetricCell
from cellmodel.models.variables import Variable
from cellmodel.parameters import ParameterSet

Array = NDArray[np.float64]

SYMMETRIC_VARIABLES: dict[str, Variable] = {
    "current_density": Variable("Current density [A.m-2]", "cell"),
    "voltage": Variable("Applied voltage [V]", "cell"),
    "electrolyte_overpotential": Variable("Electrolyte overpotential [V]", "cell"),
    "interface_overpotential": Variable("Interface overpotential [V]", "cell"),
    "interface_resistance": Variable("Interface resistance [Ohm.m2]", "cell"),
    "left_concentration": Variable("Electrolyte concentration at left face [mol.m-3]", "cell"),
    "right_concentration": Variable("Electrolyte concentration at right face [mol.m-3]", "cell"),
    "electrolyte_concentration": Variable("Electrolyte concentration [mol.m-3]", "x"),
    "electrolyte_potential": Variable("Electrolyte potential [V]", "x"),
}
"""Name in cellmodel -> variable of `SymmetricCell`."""

DEPLETED_EVENT = "event: salt depleted at lithium"
NO_LIMIT = 1e3
"""Voltage [V] that no leg reaches."""


class BuiltSymmetricCell:
    """A discretised symmetric cell that solves any leg from any state; made by `build_symmetric_cell`.

    Attributes
    ----------
    parameters : ParameterSet
        The cell whose polymer and lithium interface these are.
    temperature : float
        [K].
    x, x_weights : ndarray
        Nodes, and widths of the volumes [m].
    """

    def __init__(
        self, parameters: ParameterSet, temperature: float, model: pybamm.BaseModel, mesh: pybamm.Mesh, rtol: float
    ) -> None:
        self.parameters, self.temperature = parameters, temperature
        self.x, self.x_weights = mesh[SEPARATOR].nodes, mesh[SEPARATOR].d_edges
        self.functions = model_functions(model, SYMMETRIC_VARIABLES)
        self._reader = Reader(self.functions)
        self._integrator = IdakluIntegrator(self.functions, rtol, 1e-2 * rtol)

    @one_thread_at_a_time
    def solve(
        self,
        duration: float,
        current_density: float | None = None,
        voltage: float | None = None,
        state: Array | None = None,
        voltage_limit: float = NO_LIMIT,
        start_time: float = 0.0,
    ) -> StepSolution:
        """Solve one leg.

        Parameters
        ----------
        duration : float
            Longest time [s].
        current_density, voltage : float, optional
            What is held, exactly one of them: [A.m-2], dissolving lithium at x = 0, or the applied voltage [V].
        state : ndarray, shape (states,), optional
            Where to start; None: at rest with uniform salt.
        voltage_limit : float, optional
            Magnitude of the applied voltage [V] that ends the leg.
        start_time : float, optional
            Time [s] of the start.

        Returns
        -------
        StepSolution
            With `termination` "final time", "event: salt depleted at lithium" or "event: voltage limit".

        Raises
        ------
        ValueError
            If not exactly one of current density and voltage is given.
        EventAtStart
            If a limit is already passed at the start.
        SolveError
            If the solver gives up.
        """
        if (current_density is None) == (voltage is None):
            raise ValueError("exactly one of current_density and voltage must be given")
        values = {
            "hold_voltage": float(voltage is not None),
            "current_density": current_density or 0.0,
            "applied_voltage": voltage or 0.0,
            "voltage_limit": voltage_limit,
        }
        inputs = {name: values[name] for name in self.functions.input_names}
        start = self.rest if state is None else np.asarray(state, dtype=float)
        return self._integrator.solve(start_time, start_time + duration, inputs, start)

    @property
    def rest(self) -> Array:
        """The scaled states of the cell at rest with uniform salt."""
        return self.functions.state_at_rest(dict.fromkeys(self.functions.input_names, 0.0))

    @one_thread_at_a_time
    def read(self, solution: StepSolution, times: Array, names: Sequence[str]) -> dict[str, Array]:
        """Read variables of one leg.

        Parameters
        ----------
        solution : StepSolution
            A leg.
        times : ndarray, shape (n,)
            Times [s] within it.
        names : sequence of str
            Keys of `SYMMETRIC_VARIABLES`.

        Returns
        -------
        dict of str to ndarray
            SI units; shape (n,) or (n, x).
        """
        values = self._reader.read(solution, times, names)
        return {
            name: value.T if SYMMETRIC_VARIABLES[name].layout == "x" else value.ravel()
            for name, value in values.items()
        }


def build_symmetric_cell(
    parameters: ParameterSet, temperature: float | None = None, volumes: int = VOLUMES, rtol: float = 1e-6
) -> BuiltSymmetricCell:
    """Discretise the symmetric cell of a cell's polymer and lithium interface.

    Parameters
    ----------
    parameters : ParameterSet
        Any cell: its electrolyte, interface and separator count.
    temperature : float, optional
        [K]; default the cell's own.
    volumes : int, optional
        Finite volumes across the polymer.
    rtol : float, optional
        Relative tolerance of the integrator; the absolute one is a hundredth of it, for states of order one.

    Returns
    -------
    BuiltSymmetricCell
        Ready to solve.
    """
    T = parameters["cell.temperature"] if temperature is None else temperature
    model = SymmetricCell({"operating mode": "any"})
    values = pybamm.ParameterValues(pybamm_values(parameters) | {"Ambient temperature [K]": T})
    values.process_model(model)
    geometry = model.default_geometry
    values.process_geometry(geometry)
    mesh = pybamm.Mesh(geometry, model.default_submesh_types, {"x_s": volumes})
    pybamm.Discretisation(mesh, model.default_spatial_methods).process_model(model)
    return BuiltSymmetricCell(parameters, T, model, mesh, rtol)
