"""A discretised half cell that solves any leg from any state and is read with plain arrays.

It knows the inputs of the model and the weights of its mesh; it knows no protocol, no file and no dataset.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

import casadi
import numpy as np
import pybamm
from numpy.typing import NDArray

from cellmodel.errors import ParameterError, Problem, choices
from cellmodel.models.collocation import CollocationIntegrator
from cellmodel.models.controls import TARGETS, THRESHOLDS, hold_weight
from cellmodel.models.energy_balance import OPEN_CIRCUIT_POWER
from cellmodel.models.meshes import Mesh
from cellmodel.models.reading import Reader
from cellmodel.models.solving import IdakluIntegrator
from cellmodel.models.variables import CURRENT_STATE, VARIABLES
from cellmodel.parameters import ParameterSet

Array = NDArray[np.float64]


class BuiltModel:
    """A discretised half cell that solves any leg from any state; made by `build_model`.

    Attributes
    ----------
    parameters : ParameterSet
        The cell.
    pybamm_model : pybamm.BaseModel
        The discretised model.
    mesh : Mesh
        Numbers of finite volumes.
    inputs : tuple of str
        Paths of the parameters whose values each leg may choose.
    x, x_electrode, r : ndarray
        Nodes [m]: across electrolyte (separator and electrode) from the lithium face, across the electrode from the
        lithium face, and along the particle's radius.
    x_weights, x_electrode_weights : ndarray
        Widths of the volumes [m], same shapes as `x` and `x_electrode`.
    r_weights : ndarray
        Shares of the particle's volume, summing to 1.
    retries : int
        How often a leg had to be solved again at tighter tolerances, since the model was built.
    mechanisms : tuple of str
        What the model has beyond charge and salt transport.
    """

    def __init__(
        self,
        parameters: ParameterSet,
        pybamm_model: pybamm.BaseModel,
        pybamm_mesh: pybamm.Mesh,
        mesh: Mesh,
        inputs: tuple[str, ...],
        integrator: IdakluIntegrator | CollocationIntegrator,
        mechanisms: tuple[str, ...] = (),
        compiled: bool = False,
    ) -> None:
        self.mechanisms = mechanisms
        self.parameters, self.pybamm_model, self.mesh, self.inputs = parameters, pybamm_model, mesh, inputs
        self._integrator = integrator
        electrolyte = pybamm_mesh[["separator", "positive electrode"]]
        electrode, particle = pybamm_mesh["positive electrode"], pybamm_mesh["positive particle"]
        origin = electrolyte.edges[0]
        self.x, self.x_weights = electrolyte.nodes - origin, electrolyte.d_edges
        self.x_electrode, self.x_electrode_weights = electrode.nodes - origin, electrode.d_edges
        self.r, self.r_weights = particle.nodes, np.diff(particle.edges**3) / particle.edges[-1] ** 3
        self._input_names = sorted(parameter.name for parameter in pybamm_model.input_parameters)
        self._reader = Reader(pybamm_model, self._input_names, compiled=compiled)

    @property
    def retries(self) -> int:
        """Attempts beyond the first, over all legs so far."""
        return self._integrator.retries

    def solve(
        self,
        duration: float,
        controls: Mapping[str, float],
        state: Array | None = None,
        start_time: float = 0.0,
    ) -> pybamm.Solution:
        """Solve one leg.

        Parameters
        ----------
        duration : float
            Longest time [s].
        controls : mapping of str to float
            What the leg holds, exactly one of "current" [A, discharge positive], "voltage" [V], "power" [W]; what
            ends it, any of "lower_voltage", "upper_voltage" [V], "current_cut_off" (magnitude) [A], absent = does
            not end it; "temperature" [K], absent = the cell's own; "initial_stoichiometry", absent = charged, read
            only without `state`; and values (SI) of `inputs` by path, absent = the cell's own.
        state : ndarray, shape (states,), optional
            State to start from, for instance the last column of another leg's `all_ys`. None: the cell at rest, salt
            uniform, particles uniform at the initial stoichiometry.
        start_time : float, optional
            Time [s] of the start.

        Returns
        -------
        pybamm.Solution
            One segment; `termination` is "final time" or "event: NAME" with NAME one of "lower voltage",
            "upper voltage", "current cut-off", "lithium exhausted".

        Raises
        ------
        EventAtStart
            If a limit is already passed at the start.
        SolveError
            If the solver gives up at every tolerance tried.
        ParameterError
            If a control is unknown, or the target is missing or not single.
        """
        inputs = self.model_inputs(controls)
        start = self.initial_state(controls) if state is None else np.array(state, dtype=float)
        self._guess_current(start, controls)
        return self._integrator.solve(start_time, start_time + duration, inputs, start)

    def model_inputs(self, controls: Mapping[str, float]) -> dict[str, float]:
        """Return every input of the PyBaMM model for a leg; see `solve` for `controls`.

        Parameters
        ----------
        controls : mapping of str to float
            What the leg prescribes.

        Returns
        -------
        dict of str to float
            Complete and in a fixed order.

        Raises
        ------
        ParameterError
            If a control is unknown, or the target is missing or not single.
        """
        held = [target for target in TARGETS if target in controls]
        values = dict.fromkeys(TARGETS, 0.0) | {hold_weight(t): float(t in held) for t in TARGETS}
        values |= THRESHOLDS
        values["temperature"] = self.parameters["cell.temperature"]
        values["initial_stoichiometry"] = self.parameters.stoichiometry_window[0]
        values |= {path: self.parameters[path] for path in self.inputs}
        controls = {self._full_path(name): value for name, value in controls.items()}
        known = set(values) - {hold_weight(target) for target in TARGETS}
        problems = [Problem("leg", name, "a control", choices(name, known)) for name in controls if name not in known]
        available = [target for target in TARGETS if target in self._input_names]
        if len(held) != 1 or held[0] not in available:
            problems.append(Problem("leg", "target", ", ".join(held) or "none", "one of " + ", ".join(available)))
        if problems:
            raise ParameterError(problems)
        values |= {name: float(value) for name, value in controls.items()}
        return {name: values[name] for name in self._input_names}

    def initial_state(self, controls: Mapping[str, float]) -> Array:
        """Return the state vector of the cell at rest; algebraic states are guesses.

        Parameters
        ----------
        controls : mapping of str to float
            As in `solve`; "initial_stoichiometry" and the parameter inputs count.

        Returns
        -------
        ndarray, shape (states,)
            Scaled states, as in a solution's `all_ys`.
        """
        inputs = self.model_inputs(controls)
        rest = self._initial_conditions(0, np.zeros(self.state_size), list(inputs.values()))
        return np.asarray(rest).ravel()

    @cached_property
    def _initial_conditions(self) -> casadi.Function:
        return self._reader.function([self.pybamm_model.concatenated_initial_conditions])

    @property
    def resolves_dissipation(self) -> bool:
        """True if the model has local dissipation, so that an energy balance means something."""
        return OPEN_CIRCUIT_POWER in self.pybamm_model.variables

    @property
    def state_size(self) -> int:
        """Length of a state vector."""
        return int(self.pybamm_model.len_rhs_and_alg)

    def read(self, solution: pybamm.Solution, times: Array, names: Sequence[str]) -> dict[str, Array]:
        """Read variables of one leg with the solver's own interpolation.

        Parameters
        ----------
        solution : pybamm.Solution
            A leg, from `solve`.
        times : ndarray, shape (n,)
            Times [s] within it.
        names : sequence of str
            Keys of `cellmodel.models.variables.VARIABLES`.

        Returns
        -------
        dict of str to ndarray
            SI units; shape (n,), (n, x), (n, x_electrode) or (n, x_electrode, r) by layout.
        """
        values = self._reader.read(solution, times, names)
        sizes: dict[str, tuple[int, ...]] = {
            "cell": (),
            "x": (self.x.size,),
            "x_electrode": (self.x_electrode.size,),
            "particle": (self.x_electrode.size, self.r.size),
        }
        return {
            name: np.ascontiguousarray(value.T).reshape(-1, *sizes[VARIABLES[name].layout])
            for name, value in values.items()
        }

    def salt_inventory(self, solution: pybamm.Solution, times: Array) -> Array:
        """Return the salt in the cell [mol.m-2]: sum of volume fraction, concentration and width.

        Parameters
        ----------
        solution : pybamm.Solution
            A leg.
        times : ndarray, shape (n,)
            Times [s] within it.

        Returns
        -------
        ndarray, shape (n,)
            Moles of salt per area of electrode.
        """
        names = ("electrolyte_volume_fraction", "electrolyte_concentration")
        fraction, concentration = self.read(solution, times, names).values()
        return (fraction * concentration) @ self.x_weights

    def lithium_inventory(self, solution: pybamm.Solution, times: Array) -> Array:
        """Return the lithium in the positive active material [mol.m-2].

        Parameters
        ----------
        solution : pybamm.Solution
            A leg.
        times : ndarray, shape (n,)
            Times [s] within it.

        Returns
        -------
        ndarray, shape (n,)
            Moles of lithium per area of electrode.
        """
        path = "cell.positive_electrode.active_material_volume_fraction"
        fraction = solution.all_inputs[0].get(path, self.parameters[path])
        concentration = self.read(solution, times, ("particle_concentration",))["particle_concentration"]
        return fraction * (concentration @ self.r_weights) @ self.x_electrode_weights

    def total_lithium(self, solution: pybamm.Solution, times: Array) -> Array:
        """Return all lithium in the cell [mol.m-2]: foil, dead, interphase, salt and cathode.

        Parameters
        ----------
        solution : pybamm.Solution
            A leg of a model with the mechanism "foil".
        times : ndarray, shape (n,)
            Times [s] within it.

        Returns
        -------
        ndarray, shape (n,)
            Moles of lithium per area of electrode.
        """
        growth = "interphase_growth" in self.mechanisms
        names = ("lithium_thickness", "dead_lithium", *(("interphase_lithium",) if growth else ()))
        thickness, *others = self.read(solution, times, names).values()
        path = "cell.lithium.molar_volume"
        molar_volume = solution.all_inputs[0].get(path, self.parameters[path])
        salt, cathode = self.salt_inventory(solution, times), self.lithium_inventory(solution, times)
        return thickness / molar_volume + sum(others) + salt + cathode

    def _full_path(self, name: str) -> str:
        return f"{name}.value" if f"{name}.value" in self.inputs else name

    def _guess_current(self, state: Array, controls: Mapping[str, float]) -> None:
        """Put the prescribed current, where there is one, in place of the algebraic state's old value."""
        if "current" in controls and CURRENT_STATE in self._slices:
            state[self._slices[CURRENT_STATE]] = controls["current"] / self._hour_current

    @property
    def _slices(self) -> dict[str, slice]:
        return {
            getattr(variable, "name", variable): slices[0] for variable, slices in self.pybamm_model.y_slices.items()
        }

    @property
    def _hour_current(self) -> float:
        return self.parameters.areal_capacity * self.parameters["cell.area"]
