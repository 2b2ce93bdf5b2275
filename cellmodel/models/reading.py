"""Solutions -> plain arrays: interpolation in time and variables of PyBaMM, compiled once per model.

PyBaMM's own way to read a variable passes every state at every time; here each group of variables knows which states
it depends on, and only those are interpolated and passed; what follows from the inputs alone is computed once per leg.
It knows no cell and no protocol.
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
        Times [s] within the leg, ascending; the solver's own times give its own states.
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
    right = np.searchsorted(knots, times)
    if right[-1] < knots.size and np.array_equal(knots[right], times):
        return _cut(states, rows, right)[0]
    left = np.clip(right - 1, 0, knots.size - 2)
    width = knots[left + 1] - knots[left]
    s = (times - knots[left]) / width
    start, end = _cut(states, rows, left, left + 1)
    change = end - start
    if solution.all_yps is None or solution.all_yps[0] is None:
        return start + s * change
    first, last = _cut(solution.all_yps[0], rows, left, left + 1)
    bend = (1 - s) * (width * first - change) + s * (change - width * last)
    return start + s * (change + (1 - s) * bend)


def _cut(states: Array, rows: Array | slice, *columns: NDArray[np.intp]) -> list[Array]:
    """Return some rows at each of some sets of columns; the cut that leaves less comes first."""
    if isinstance(rows, slice) or columns[0].size * len(states) < rows.size * states.shape[1]:
        return [states[:, places][rows] for places in columns]
    chosen = states[rows]
    return [chosen[:, places] for places in columns]


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


LONGEST_BLOCK = 256
"""Most times per call: long enough that calls cost nothing; what the last block has too many repeats the last time."""


def split_constants(function: casadi.Function) -> tuple[casadi.Function, casadi.Function]:
    """Take what depends on the inputs alone out of a function, so that it is computed once for many times.

    Parameters
    ----------
    function : casadi.Function
        Of a time, some states and the stacked inputs; one column.

    Returns
    -------
    constants : casadi.Function
        Of the inputs: a column of numbers.
    rest : casadi.Function
        Of time, states and those numbers: the same values as `function`.
    """
    kind: Any = casadi.SX if function.is_a("SXFunction") else casadi.MX
    time, states, inputs = (kind.sym(name, function.size1_in(k)) for k, name in enumerate("typ"))
    whole = function.call([time, states, inputs], True, False)[0]  # inlined, so that its insides are seen
    rest, symbols, values = casadi.extract_parametric(whole, inputs, {"extract_trivial": True})
    column = casadi.vertcat(*(value.nz[:] for value in values)) if values else kind(0, 1)
    fixed = kind.sym("fixed", column.numel())
    ends = np.cumsum([symbol.nnz() for symbol in symbols]).tolist()
    places = [slice(end - symbol.nnz(), end) for symbol, end in zip(symbols, ends, strict=True)]
    pieces = [kind(symbol.sparsity(), fixed[place]) for symbol, place in zip(symbols, places, strict=True)]
    rest = casadi.cse(casadi.substitute([rest], symbols, pieces)[0])
    return casadi.Function("constants", [inputs], [column]), casadi.Function("rest", [time, states, fixed], [rest])


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
    compiled : bool, optional
        Whether to turn it into machine code.
    """

    def __init__(self, function: casadi.Function, rows: Array, sizes: Sequence[int], compiled: bool = False) -> None:
        ends = np.cumsum(sizes)
        self.rows, self._length = rows, int(ends[-1])
        self._parts = [slice(end - size, end) for size, end in zip(sizes, ends.tolist(), strict=True)]
        constants, rest = split_constants(function.expand() if compiled else function)
        self._constants, self._repeated = constants.buffer(), np.empty((LONGEST_BLOCK, constants.size1_out(0)))
        self._inputs: Array | None = None
        lengths = [2**power for power in range(LONGEST_BLOCK.bit_length())]
        blocks = [rest.map(length) if length > 1 else rest for length in lengths]
        self._blocks = [block.buffer() for block in (compile_functions(blocks) if compiled else blocks)]

    def __call__(self, times: Array, states: Array, inputs: Array) -> list[Array]:
        """Return each variable, shape (values, n), for states of shape (rows, n)."""
        self._take(inputs)
        power = (min(times.size, LONGEST_BLOCK) - 1).bit_length()
        length = 2**power
        whole = -(-times.size // length) * length
        arguments = [_padded(times, whole), _padded(states.T, whole)]
        values = np.empty((whole, self._length))
        buffer, evaluate = self._blocks[power]
        _pass(buffer, 2, self._repeated)
        for start in range(0, whole, length):
            for place, argument in enumerate(arguments):
                _pass(buffer, place, argument[start:])
            buffer.set_res(0, values[start:].data)  # type: ignore[call-arg]  # the stubs describe C
            evaluate()
        return [values[: times.size, part].T for part in self._parts]

    def _take(self, inputs: Array) -> None:
        """Compute what follows from the inputs alone, unless they are those of the last call."""
        if self._inputs is not inputs and self._repeated.size:
            buffer, evaluate = self._constants
            _pass(buffer, 0, inputs)
            buffer.set_res(0, self._repeated[0].data)  # type: ignore[call-arg]
            evaluate()
            self._repeated[1:] = self._repeated[0]
        self._inputs = inputs


def _padded(values: Array, length: int) -> Array:
    """Return the rows of an array followed by the last one as often as it takes."""
    longer = np.empty((length, *values.shape[1:]))
    longer[: len(values)] = values
    longer[len(values) :] = values[-1:]
    return longer


def _pass(buffer: Any, place: int, argument: Array) -> None:
    """Give a function its argument, unless that is empty and has no address."""
    if argument.size:
        buffer.set_arg(place, argument.data)


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
        together = casadi.vertcat(*whole.call([time, state, stacked], True, False))
        function = casadi.Function("read", [time, some, stacked], [together])
        return Evaluator(function, rows, [whole.size1_out(i) for i in range(len(names))], self._machine_code)
