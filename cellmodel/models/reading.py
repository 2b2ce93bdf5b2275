"""Solutions -> plain arrays: interpolation in time and variables of the model, one function per group of names.

Each group of variables knows which states it depends on, and only those are interpolated and passed; what follows
from the inputs alone is computed once per step. It knows no cell, no protocol and no PyBaMM.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import casadi
import numpy as np
from numpy.typing import NDArray

from cellmodel.models.compiling import compile_functions
from cellmodel.models.functions import ModelFunctions, chosen_variables, without_constants
from cellmodel.models.model_inputs import RAMP
from cellmodel.models.solution import StepSolution, states_at

Array = NDArray[np.float64]

LONGEST_BLOCK = 256
"""Most times per call: long enough that calls cost nothing; what the last block has too many repeats the last time."""


def split_constants(function: casadi.Function) -> tuple[casadi.Function, casadi.Function]:
    """Part a function of (t, y, p) into one of p alone and one of (t, y) and that, so that the first is called once."""
    kind: Any = casadi.SX if function.is_a("SXFunction") else casadi.MX
    time, states, inputs = (kind.sym(name, function.size1_in(k)) for k, name in enumerate("typ"))
    whole = function.call([time, states, inputs], True, False)[0]  # inlined, so that its insides are seen
    (rest,), fixed, column = without_constants([whole], inputs)
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
        """Return each variable, shape (values, n), for states of shape (rows, n); inputs of shape (p,) or (n, p)."""
        if inputs.ndim == 1:
            self._take(inputs)
        power = (min(times.size, LONGEST_BLOCK) - 1).bit_length()
        length = 2**power
        whole = -(-times.size // length) * length
        arguments = [_padded(times, whole), _padded(states.T, whole)]
        values = np.empty((whole, self._length))
        buffer, evaluate = self._blocks[power]
        _pass(buffer, 2, self._repeated)
        for start in range(0, whole, length):
            if inputs.ndim > 1:
                self._take_each(inputs[start : start + length])
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

    def _take_each(self, inputs: Array) -> None:
        """Compute what follows from the inputs alone at each time of a block."""
        buffer, evaluate = self._constants
        for row, one in enumerate(inputs if self._repeated.size else ()):
            _pass(buffer, 0, one)
            buffer.set_res(0, self._repeated[row].data)  # type: ignore[call-arg]
            evaluate()
        self._inputs = None


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
    functions : ModelFunctions
        Of the model.
    compiled : bool, optional
        Whether to read with machine code.
    """

    def __init__(self, functions: ModelFunctions, compiled: bool = False) -> None:
        self._functions, self._machine_code = functions, compiled
        self._evaluators: dict[tuple[str, ...], Evaluator] = {}
        self._last: tuple[Mapping[str, float], Array] | None = None

    def read(self, solution: StepSolution, times: Array, names: Sequence[str]) -> dict[str, Array]:
        """Return variables of a step at times [s], in SI units; shape (values, times)."""
        key = tuple(names)
        if key not in self._evaluators:
            self._evaluators[key] = self._evaluator(key)
        evaluator = self._evaluators[key]
        times = np.atleast_1d(np.asarray(times, dtype=float))
        inputs = self._inputs(solution)
        if solution.currents is not None:
            inputs = self._with_current(inputs, np.interp(times, *solution.currents))
        values = evaluator(times, states_at(solution, times, evaluator.rows), inputs)
        return dict(zip(key, values, strict=True))

    def _inputs(self, solution: StepSolution) -> Array:
        """Return the inputs of a step, stacked; those of the last one are kept, for steps are read several times."""
        if self._last is None or self._last[0] is not solution.inputs:
            self._last = (solution.inputs, self._functions.stacked(solution.inputs))
        return self._last[1]

    def _with_current(self, inputs: Array, currents: Array) -> Array:
        """Return the inputs at each of some times, shape (n, p), with the current [A] that flows then."""
        each = np.tile(inputs, (currents.size, 1))
        for name in ("current", *RAMP):
            each[:, self._functions.input_names.index(name)] = currents if name == "current" else 0.0
        return each

    def _evaluator(self, names: tuple[str, ...]) -> Evaluator:
        """Return a function of the states that the variables depend on."""
        time, state, inputs, columns = chosen_variables(self._functions, names)
        whole = casadi.Function("read", [time, state, inputs], columns)
        touched = [whole.jac_sparsity(i, 1).get_crs()[1] for i in range(len(names))]
        rows = np.unique(np.concatenate([np.asarray(places, dtype=int) for places in touched]))
        some = casadi.MX.sym("y", rows.size)
        scattered = casadi.MX.zeros(self._functions.states, 1)
        if rows.size:
            scattered[rows.tolist()] = some
        together = casadi.vertcat(*whole.call([time, scattered, inputs], True, False))
        function = casadi.Function("read", [time, some, inputs], [together])
        return Evaluator(function, rows, [whole.size1_out(i) for i in range(len(names))], self._machine_code)
