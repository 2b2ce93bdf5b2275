"""Potentials that balance the charge to round-off, where the integrator leaves its tolerance of them.

A reaction whose exchange current is large takes a thousandth of a volt for its whole current, so that potentials within
the integrator's tolerance may be far off in the current of a single volume. It knows the equations as functions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import casadi
import numpy as np
from numpy.typing import NDArray

from cellmodel.models.functions import ModelFunctions
from cellmodel.models.model_inputs import RAMP
from cellmodel.models.solution import StepSolution

Array = NDArray[np.float64]


class ChargeBalance:
    """One step of Newton's method on the algebraic states.

    Parameters
    ----------
    functions : ModelFunctions
        Of the model.
    """

    def __init__(self, functions: ModelFunctions) -> None:
        self._functions = functions
        t, y = casadi.MX.sym("t"), casadi.MX.sym("y", functions.states)
        q = casadi.MX.sym("q", functions.balances.size1_in(2))
        residual = functions.balances(t, y, q)
        jacobian = casadi.jacobian(residual, y)[:, functions.differential :]
        self._linear = casadi.Function("linear", [t, y, q], [residual, casadi.densify(jacobian)])

    def balanced(self, solution: StepSolution, times: Array) -> StepSolution:
        """Return the states at `times`, the algebraic ones one step closer to the solution of their equations."""
        kept = solution.kept(times)
        states, start = np.array(kept.states), self._functions.differential
        flowing = np.full(times.size, np.nan) if solution.currents is None else np.interp(times, *solution.currents)
        constants = self._constants(solution.inputs)
        for place, (time, current) in enumerate(zip(times, flowing, strict=True)):
            if np.isfinite(current):
                constants = self._constants({**solution.inputs, "current": current, **dict.fromkeys(RAMP, 0.0)})
            residual, jacobian = self._linear(time, states[:, place], constants)
            states[start:, place] -= np.linalg.solve(np.asarray(jacobian), np.asarray(residual).ravel())
        return replace(kept, states=states)

    def _constants(self, inputs: Mapping[str, float]) -> casadi.DM:
        """Return what follows from the inputs alone."""
        return self._functions.constants(self._functions.stacked(inputs))
