"""A discretised model as data: CasADi functions, names and sizes.

With t the time, y the scaled states, p the inputs and q what follows from the inputs alone,

    rates(t, y, q) = dy/dt of the differential states,    balances(t, y, q) = 0 for the algebraic ones.

q is computed once per step: every number of a cell is an input, and most of what they enter (scales, products of
coefficients, Arrhenius factors of an isothermal run) does not change while a step is integrated. Measured on the
residual of the half-cell DFN with foil: 1,429 instructions with all inputs in place, about 840 with q, 810 if no number
is an input; on that of the events: 221, 18 and 14.

`from_pybamm` makes them; from here on nothing needs PyBaMM. It knows no solver and no cell.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import casadi
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class ModelFunctions:
    """Everything that solving and reading a model needs.

    Attributes
    ----------
    input_names : tuple of str
        In the order of p.
    differential, algebraic : int
        Numbers of states of either kind; the differential ones come first.
    constants : casadi.Function
        p -> q, a column.
    rates : casadi.Function
        (t, y, q) -> dy/dt of the differential states.
    balances : casadi.Function
        (t, y, q) -> what is zero when the algebraic states are right.
    events : casadi.Function
        (t, y, q) -> margins, positive until an event ends the step.
    event_names : tuple of str
        In the order of the margins.
    start : casadi.Function
        p -> states at rest; the algebraic ones are guesses.
    variables : casadi.Function
        (t, y, p) -> one column per variable that can be read.
    variable_names : tuple of str
        In the order of its outputs.
    current_state : int or None
        Place of the algebraic state that carries the current, if there is one.
    """

    input_names: tuple[str, ...]
    differential: int
    algebraic: int
    constants: casadi.Function
    rates: casadi.Function
    balances: casadi.Function
    events: casadi.Function
    event_names: tuple[str, ...]
    start: casadi.Function
    variables: casadi.Function
    variable_names: tuple[str, ...]
    current_state: int | None = None

    @property
    def states(self) -> int:
        """Number of states."""
        return self.differential + self.algebraic

    def stacked(self, inputs: Mapping[str, float]) -> Array:
        """Return p from inputs by name."""
        return np.array([float(inputs[name]) for name in self.input_names])

    def state_at_rest(self, inputs: Mapping[str, float]) -> Array:
        """Return the states of a cell at rest, shape (states,)."""
        return np.asarray(self.start(self.stacked(inputs))).ravel()


def without_constants(columns: Sequence[Any], inputs: Any) -> tuple[list[Any], Any, Any]:
    """Return columns of MX or SX without what depends on the inputs alone, a symbol for that, and its values.

    The columns are treated as one, so that they share what they have in common, and are parted afterwards.
    """
    kind: Any = type(inputs)
    rest, symbols, values = casadi.extract_parametric(casadi.vertcat(*columns), inputs, {"extract_trivial": True})
    column = casadi.vertcat(*(value.nz[:] for value in values)) if values else kind(0, 1)
    fixed = kind.sym("q", column.numel())
    ends = np.cumsum([0, *(symbol.nnz() for symbol in symbols)]).tolist()
    parts = casadi.vertsplit(fixed, ends) if symbols else []
    pieces = [
        part if symbol.is_dense() else kind(symbol.sparsity(), part)
        for symbol, part in zip(symbols, parts, strict=True)
    ]
    (rest,) = casadi.cse(casadi.substitute([rest], list(symbols), pieces))
    return _parted(rest, [column.size1() for column in columns]), fixed, column


def _parted(stacked: Any, sizes: Sequence[int]) -> list[Any]:
    """Return the columns that were stacked, each by itself: a slice of an MX would still evaluate all of them."""
    if isinstance(stacked, casadi.SX):
        return list(casadi.vertsplit(stacked, np.cumsum([0, *sizes]).tolist()))
    pieces = [stacked.dep(i) for i in range(stacked.n_dep())] if stacked.op() == casadi.OP_VERTCAT else [stacked]
    ends = np.cumsum([piece.size1() for piece in pieces]).tolist()
    columns, start = [], 0
    for end in np.cumsum(sizes).tolist():
        stop = ends.index(end) + 1 if end else 0
        columns.append(casadi.vertcat(*pieces[start:stop]) if stop > start else casadi.MX(0, 1))
        start = stop
    return columns


def chosen_variables(functions: ModelFunctions, names: Sequence[str]) -> tuple[Any, Any, Any, list[Any]]:
    """Return symbols of time, states and inputs, and the graphs of some variables in them."""
    t, y = casadi.MX.sym("t"), casadi.MX.sym("y", functions.states)
    p = casadi.MX.sym("p", len(functions.input_names))
    found = functions.variables.call([t, y, p], True, False)
    return t, y, p, [found[place] for place in _places(functions.variable_names, names)]


def _places(known: Sequence[str], names: Iterable[str]) -> list[int]:
    return [known.index(name) for name in names]
