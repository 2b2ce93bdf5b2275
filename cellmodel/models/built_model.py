"""A discretised cell that solves any step from any state and is read with plain arrays.

It knows the inputs of the model and the weights of its mesh; it knows no protocol, no file and no dataset.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from cellmodel.mechanisms import MECHANISMS
from cellmodel.models.balanced_states import ChargeBalance
from cellmodel.models.collocation import CollocationIntegrator
from cellmodel.models.functions import ModelFunctions
from cellmodel.models.meshes import Coordinates, Mesh, scale_factors
from cellmodel.models.model_inputs import DERIVED, complete_inputs
from cellmodel.models.one_thread import one_thread_at_a_time
from cellmodel.models.reading import Reader
from cellmodel.models.solution import StepSolution
from cellmodel.models.solving import IdakluIntegrator
from cellmodel.models.variables import Variable
from cellmodel.parameters import ParameterSet
from cellmodel.parameters.kinds import PorousElectrode

Array = NDArray[np.float64]

_SALT = ("electrolyte_volume_fraction", "electrolyte_concentration")
_INSERTED = "particle_concentration"
"""What inventories of salt and of lithium in an electrode are read from."""


@dataclass(frozen=True, eq=False)
class Discretisation:
    """What cells of the same structure share: equations, mesh, integrator and reader.

    Attributes
    ----------
    electrodes : tuple of PorousElectrode
        The porous electrodes of the kind of cell.
    variables : mapping of str to Variable
        What can be read.
    sizes : mapping of str to float
        Path of a thickness or radius -> its size [m] on the mesh.
    functions : ModelFunctions
        The equations, in which every number of the cell is an input.
    coordinates : Coordinates
        Where the volumes of the mesh lie.
    mesh : Mesh
        Numbers of finite volumes.
    inputs : tuple of str
        Paths of the numbers that are inputs.
    integrator : IdakluIntegrator or CollocationIntegrator
        Keeps nothing of one step for the next.
    reader : Reader
        Of the equations' variables.
    mechanisms : tuple of str
        What the model has beyond charge and salt transport.
    """

    electrodes: tuple[PorousElectrode, ...]
    variables: Mapping[str, Variable]
    sizes: Mapping[str, float]
    functions: ModelFunctions
    coordinates: Coordinates
    mesh: Mesh
    inputs: tuple[str, ...]
    integrator: IdakluIntegrator | CollocationIntegrator
    reader: Reader
    mechanisms: tuple[str, ...] = ()


class BuiltModel:
    """A discretised cell that solves any step from any state; made by `build_model`.

    Parameters
    ----------
    parameters : ParameterSet
        The cell; any of the structure for which the equations were made.
    discretisation : Discretisation
        Shared with other cells, which `of` gives.

    Attributes
    ----------
    parameters : ParameterSet
        The cell.
    discretisation : Discretisation
        As given.
    functions : ModelFunctions
        Its equations.
    coordinates : Coordinates
        Where the finite volumes lie in this cell.
    x, x_electrode, r : ndarray
        Nodes [m]: across electrolyte (separator and electrode) from the lithium face, across the electrode from the
        lithium face, and along the particle's radius.
    x_weights, x_electrode_weights : ndarray
        Widths of the volumes [m], same shapes as `x` and `x_electrode`.
    r_weights : ndarray
        Shares of the particle's volume, summing to 1.
    retries : int
        How often a step had to be solved again at tighter tolerances, since the model was built.
    mechanisms : tuple of str
        What the model has beyond charge and salt transport.
    """

    def __init__(self, parameters: ParameterSet, discretisation: Discretisation) -> None:
        self.parameters, self.discretisation = parameters, discretisation
        self.functions, self.mechanisms = discretisation.functions, discretisation.mechanisms
        self.electrodes, self.variables = discretisation.electrodes, discretisation.variables
        factors = scale_factors(discretisation.sizes, discretisation.inputs, parameters.__getitem__)
        own = discretisation.coordinates.scaled(factors) if factors else discretisation.coordinates
        self.coordinates = own
        self.x, self.x_weights = own.x, own.x_weights
        if self.electrodes:
            self.r, self.r_weights = own.r, own.shells["positive"]
            self.x_electrode, self.x_electrode_weights = own.x_electrode, own.x_electrode_weights

    def of(self, cell: ParameterSet) -> Self:
        """Return the model of another cell of the same structure; nothing is built.

        Parameters
        ----------
        cell : ParameterSet
            With the same functional forms and entries.

        Returns
        -------
        BuiltModel
            With the same equations, integrator and reader.
        """
        return type(self)(cell, self.discretisation)

    @property
    def retries(self) -> int:
        """Attempts beyond the first, over all steps of all cells so far."""
        return self.discretisation.integrator.retries

    @one_thread_at_a_time
    def solve(
        self,
        duration: float,
        controls: Mapping[str, float],
        state: Array | None = None,
        start_time: float = 0.0,
    ) -> StepSolution:
        """Solve one step.

        Parameters
        ----------
        duration : float
            Longest time [s].
        controls : mapping of str to float
            What the step holds, exactly one of "current" [A, discharge positive], "voltage" [V], "power" [W]; what
            ends it, any of "lower_voltage", "upper_voltage" [V], "current_cut_off" (magnitude) [A], absent = does
            not end it; "current_slope" [A.s-1], the change of a current since the start of the step, absent =
            none; "temperature" [K], absent = the cell's own; "initial_stoichiometry", absent = charged, read
            only without `state`; "branch" of a potential with hysteresis, absent = 1 in a charge, else -1.
        state : ndarray, shape (states,), optional
            State to start from, for instance the last column of another step's `states`. None: the cell at rest, salt
            uniform, particles uniform at the initial stoichiometry.
        start_time : float, optional
            Time [s] of the start.

        Returns
        -------
        StepSolution
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
        ramp = {"ramp_start": start_time} if "current_slope" in controls else {}
        inputs = self.model_inputs({**controls, **ramp})
        start = self.functions.state_at_rest(inputs) if state is None else np.array(state, dtype=float)
        self._guess_current(start, controls)
        return self.discretisation.integrator.solve(start_time, start_time + duration, inputs, start)

    def model_inputs(self, controls: Mapping[str, float]) -> dict[str, float]:
        """Return every input of the model for a step, by name in a fixed order; see `solve` for `controls`."""
        return complete_inputs(self.parameters, controls, self.functions.input_names)

    def initial_state(self, controls: Mapping[str, float]) -> Array:
        """Return the scaled states of the cell at rest; algebraic states are guesses."""
        return self.functions.state_at_rest(self.model_inputs(controls))

    @property
    def resolves_dissipation(self) -> bool:
        """True if the model has local dissipation, so that an energy balance means something."""
        return "open_circuit_power" in self.functions.variable_names

    @property
    def state_size(self) -> int:
        """Length of a state vector."""
        return self.functions.states

    @one_thread_at_a_time
    def read(self, solution: StepSolution, times: Array, names: Sequence[str]) -> dict[str, Array]:
        """Read variables of one step with the solver's own interpolation.

        Parameters
        ----------
        solution : StepSolution
            A step, from `solve`.
        times : ndarray, shape (n,)
            Times [s] within it.
        names : sequence of str
            Keys of `cellmodel.models.variables.VARIABLES`.

        Returns
        -------
        dict of str to ndarray
            SI units; shape (n,), (n, x), (n, x_electrode) or (n, x_electrode, r) by layout.
        """
        values = self.discretisation.reader.read(solution, times, names)
        sizes = self.layout_sizes
        return {
            name: np.ascontiguousarray(value.T).reshape(-1, *sizes[self.variables[name].layout])
            for name, value in values.items()
        }

    @property
    def layout_sizes(self) -> dict[str, tuple[int, ...]]:
        """Shape of one variable at one time, by layout."""
        sizes: dict[str, tuple[int, ...]] = {"cell": (), "x": (self.x.size,)}
        for electrode in self.electrodes:
            nodes = self.coordinates.layers[f"{electrode.side} electrode"].size
            shells = self.coordinates.shells[electrode.side].size
            along = "x_electrode" if electrode.side == "positive" else "x_negative"
            sizes |= {along: (nodes,), f"{electrode.prefix}particle": (nodes, shells)}
        return sizes

    @one_thread_at_a_time
    def with_balanced_charge(self, solution: StepSolution, times: Array) -> StepSolution:
        """Return the states of a step at some times [s], with potentials that balance the charge to round-off."""
        return ChargeBalance(self.functions).balanced(solution, times)

    def salt_inventory(self, solution: StepSolution, times: Array) -> Array:
        """Return the salt in the cell [mol.m-2] at times of a step: sum of volume fraction, concentration and width."""
        return self._salt(self.read(solution, times, _SALT))

    def lithium_inventory(self, solution: StepSolution, times: Array, side: str = "positive") -> Array:
        """Return the lithium in the active material of a porous electrode [mol.m-2] at times of a step."""
        (electrode,) = (one for one in self.electrodes if one.side == side)
        return self._inserted(electrode, self.read(solution, times, (f"{electrode.prefix}{_INSERTED}",)))

    def lithium_by_place(self, solution: StepSolution, times: Array) -> dict[str, Array]:
        """Return the lithium in the cell [mol.m-2] by place, at times of a step.

        "salt", each porous electrode such as "positive_electrode", and with the mechanism "foil" "metal": the foil,
        dead lithium and what the interphase took.
        """
        mechanisms = [MECHANISMS[name] for name in self.mechanisms]
        states = (name for mechanism in mechanisms for name in mechanism.states)
        inserted = {electrode: f"{electrode.prefix}{_INSERTED}" for electrode in self.electrodes}
        read = self.read(solution, times, (*states, *_SALT, *inserted.values()))
        places = {f"{electrode.side}_electrode": self._inserted(electrode, read) for electrode in inserted}
        places["salt"] = self._salt(read)
        if {"foil", *self.parameters.kind.mechanisms} & set(self.mechanisms):
            held = [mechanism.lithium(read, self.parameters.scalars) for mechanism in mechanisms]
            places["metal"] = np.sum(np.broadcast_arrays(*held), axis=0)
        return places

    def total_lithium(self, solution: StepSolution, times: Array) -> Array:
        """Return all lithium in the cell [mol.m-2], the sum of `lithium_by_place`, where all of it is counted."""
        return np.sum(list(self.lithium_by_place(solution, times).values()), axis=0)

    def _salt(self, read: Mapping[str, Array]) -> Array:
        """Return `salt_inventory` from what was read."""
        return np.prod([read[name] for name in _SALT], axis=0) @ self.x_weights

    def _inserted(self, electrode: PorousElectrode, read: Mapping[str, Array]) -> Array:
        """Return the lithium in an electrode [mol.m-2] from what was read."""
        mean = read[f"{electrode.prefix}{_INSERTED}"] @ self.coordinates.shells[electrode.side]
        fraction = self.parameters[f"{electrode.layer}.active_material_volume_fraction"]
        return fraction * mean @ self.coordinates.layers[f"{electrode.side} electrode"]

    def _guess_current(self, state: Array, controls: Mapping[str, float]) -> None:
        """Put the prescribed current, where there is one, in place of the algebraic state's old value."""
        place = self.functions.current_state
        if "current" in controls and place is not None:
            state[place] = controls["current"] / DERIVED["nominal_capacity"](self.parameters)
