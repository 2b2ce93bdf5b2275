"""Solutions -> plain arrays: interpolation in time and variables of PyBaMM, compiled once per model.

PyBaMM's own way to read a variable passes every state at every time; here each group of variables knows which states
it depends on, and only those are interpolated and passed. It knows no cell and no protocol.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import casadi
import numpy as np
import pybamm
from numpy.typing import NDArray

from cellmodel.models.compiling import compile_functions
from cellmodel.models.variables import VARIABLES, Variable

Array = NDArray[np.float64]


def states_at(solution: pybamm.Solution, times: Array, rows: Array | slice = slice(None)) -> Array:
    """Interpolate the states of one leg with the solver's own accuracy.

    Cubic Hermite where the solution carries time derivatives (IDAKLU), linear where it does not.

    Parameters
    ----------
    solution : pybamm.Solution
        A leg.
    times : ndarray, shape (n,)
        Times [s] within the leg; the solver's own array of times gives its own states.
    rows : ndarray of int or slice, optional
        Which states; all by default.

    Returns
    -------
    ndarray, shape (rows, n)
        Scaled states.
    """
    knots, states = solution.all_ts[0], solution.all_ys[0]
    if times is knots:
        return states[rows]
    left = np.clip(np.searchsorted(knots, times, side="right") - 1, 0, knots.size - 2)
    width = knots[left + 1] - knots[left]
    s = (times - knots[left]) / width
    chosen = np.arange(states.shape[0])[rows][:, None]
    start = states[chosen, left]
    change = states[chosen, left + 1] - start
    if solution.all_yps is None or solution.all_yps[0] is None:
        return start + s * change
    rates = solution.all_yps[0]
    bend = (1 - s) * (width * rates[chosen, left] - change) + s * (change - width * rates[chosen, left + 1])
    return start + s * change + s * (1 - s) * bend


@dataclass(frozen=True)
class Moments:
    """What is kept of a leg once it has been read: the states at a few times, under PyBaMM's names.

    A leg of a polymer cell has some 700 steps; a hundred cycles kept whole take a gigabyte.

    Attributes
    ----------
    all_ts, all_ys : list of ndarray
        One segment: times [s], shape (n,), and scaled states, shape (states, n).
    all_inputs : list of dict
        The leg's inputs.
    all_yps : None
        No rates: states between the times are not wanted.
    """

    all_ts: list[Array]
    all_ys: list[Array]
    all_inputs: list[dict[str, Any]]
    all_yps: None = None


def moments(solution: pybamm.Solution, times: Array) -> Moments:
    """Return a leg's states at some times and nothing else.

    Parameters
    ----------
    solution : pybamm.Solution
        A leg.
    times : ndarray, shape (n,)
        Ascending, within the leg [s].

    Returns
    -------
    Moments
        Read like the leg itself, at these times.
    """
    return Moments([times], [states_at(solution, times)], solution.all_inputs)


BLOCKS = (32, 8, 1)
"""Times per call, the largest that fits first: long enough that calls cost nothing, and no time is read twice."""


class Evaluator:
    """One function of (time, some states, inputs), called for many times without a copy or a conversion.

    Parameters
    ----------
    function : casadi.Function
        Of a time, the states in `rows` and the stacked inputs; one dense column.
    rows : ndarray of int
        Which states it takes.
    sizes : sequence of int
        Lengths of the variables stacked in its output.
    """

    def __init__(self, function: casadi.Function, rows: Array, sizes: Sequence[int]) -> None:
        ends = np.cumsum(sizes)
        self.rows, self._length = rows, int(ends[-1])
        self._parts = [slice(end - size, end) for size, end in zip(sizes, ends.tolist(), strict=True)]
        self._calls = {size: (function.map(size) if size > 1 else function).buffer() for size in BLOCKS}

    def __call__(self, times: Array, states: Array, inputs: Array) -> list[Array]:
        """Return each variable, shape (values, n), for states of shape (rows, n)."""
        by_time, repeated = np.ascontiguousarray(states.T), np.tile(inputs, (BLOCKS[0], 1))
        values = np.empty((times.size, self._length))
        start = 0
        while start < times.size:
            size = next(size for size in BLOCKS if start + size <= times.size)
            part = slice(start, start + size)
            buffer, evaluate = self._calls[size]
            for place, argument in enumerate((times[part], by_time[part], repeated[:size])):
                if argument.size:
                    buffer.set_arg(place, argument.data)  # type: ignore[call-arg]  # the stubs describe C
            buffer.set_res(0, values[part].data)  # type: ignore[call-arg]
            evaluate()
            start += size
        return [values.T[part] for part in self._parts]


class Reader:
    """Reads variables from solutions of one model.

    Parameters
    ----------
    model : pybamm.BaseModel
        A discretised model.
    input_names : sequence of str
        The model's inputs, in the order in which their values are stacked.
    variables : mapping of str to Variable, optional
        The names that `read` knows; a half cell's by default.
    compiled : bool, optional
        Whether to read with machine code.
    """

    def __init__(
        self,
        model: pybamm.BaseModel,
        input_names: Sequence[str],
        variables: Mapping[str, Variable] = VARIABLES,
        compiled: bool = False,
    ) -> None:
        self._machine_code = compiled
        self._model, self._input_names, self._variables = model, list(input_names), variables
        self._compiled: dict[tuple[str, ...], Evaluator] = {}
        self._last: tuple[Mapping[str, Any], Array] | None = None

    def function(self, symbols: Sequence[pybamm.Symbol]) -> casadi.Function:
        """Return a CasADi function of (time, states, stacked inputs).

        Parameters
        ----------
        symbols : sequence of pybamm.Symbol
            Discretised.

        Returns
        -------
        casadi.Function
            One dense output per symbol.
        """
        time, state = casadi.MX.sym("t"), casadi.MX.sym("y", self._model.len_rhs_and_alg)
        stacked = casadi.MX.sym("p", len(self._input_names))
        inputs = dict(zip(self._input_names, casadi.vertsplit(stacked), strict=True))
        values = [casadi.densify(symbol.to_casadi(time, state, inputs=inputs)) for symbol in symbols]
        return casadi.Function("read", [time, state, stacked], values)

    def read(self, solution: pybamm.Solution, times: Array, names: Sequence[str]) -> dict[str, Array]:
        """Return variables at given times of a leg.

        Parameters
        ----------
        solution : pybamm.Solution
            A leg.
        times : ndarray, shape (n,)
            Times [s] within the leg.
        names : sequence of str
            Keys of `cellmodel.models.variables.VARIABLES`.

        Returns
        -------
        dict of str to ndarray
            SI units; shape (values, n).
        """
        key = tuple(names)
        if key not in self._compiled:
            self._compiled[key] = self._compile(key)
        evaluator = self._compiled[key]
        times = np.atleast_1d(np.asarray(times, dtype=float))
        values = evaluator(times, states_at(solution, times, evaluator.rows), self._inputs(solution))
        return dict(zip(key, values, strict=True))

    def _inputs(self, solution: pybamm.Solution) -> Array:
        """Return the inputs of a leg, stacked; those of the last leg are kept, for legs are read several times."""
        values = solution.all_inputs[0]
        if self._last is None or self._last[0] is not values:
            stacked = np.array([np.asarray(values[name]).item() for name in self._input_names])
            self._last = (values, stacked)
        return self._last[1]

    def _compile(self, names: tuple[str, ...]) -> Evaluator:
        """Return a function of the states that the variables depend on."""
        symbols = [self._model.get_processed_variable_or_event(self._variables[name].pybamm_name) for name in names]
        whole = self.function(symbols)
        columns = [whole.jac_sparsity(i, 1).get_crs()[1] for i in range(len(names))]
        rows = np.unique(np.concatenate([np.asarray(c, dtype=int) for c in columns]))
        time, some = casadi.MX.sym("t"), casadi.MX.sym("y", rows.size)
        stacked = casadi.MX.sym("p", len(self._input_names))
        state = casadi.MX.zeros(self._model.len_rhs_and_alg, 1)
        if rows.size:
            state[rows.tolist()] = some
        together = casadi.vertcat(*whole.call([time, state, stacked]))
        function = casadi.Function("read", [time, some, stacked], [together])
        if self._machine_code:
            function = compile_functions([function])[0]
        return Evaluator(function, rows, [whole.size1_out(i) for i in range(len(names))])
