"""One leg at a time: SUNDIALS IDA on the model's CasADi functions, from any state.

It knows how to start PyBaMM's IDAKLU solver from a state vector, what to try when a solve fails, and which
failures are answers ("the cell is already beyond that limit"). It knows no cell and no protocol.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pybamm
from numpy.typing import NDArray

from cellmodel.errors import SolveError
from cellmodel.models.compiling import CompiledSetUp

IDAKLU_OPTIONS = {"silence_sundials_errors": True}
"""Failures are raised as exceptions; IDA's own lines on the terminal would only repeat them."""

FIRST_ITERATIONS, LATER_ITERATIONS = 6, 40
"""How often Newton's method may try with an old Jacobian, in the first attempt and in the others.

PyBaMM's default is 40, IDA's own 4. Six need 20-45 % fewer iterations for as many steps and the same error, over LFP
and NMC811 from C/10 to 1C.
"""

ATTEMPTS = ((1.0, False), (1.0, True), (0.1, False), (0.1, True), (0.01, True))
"""Factor on both tolerances, and whether the algebraic states are left out of the error test; tried in this order.

A step that fails at loose tolerances does so because the predicted state is outside the correlations' sensible
range; shorter steps predict better. At tight tolerances it is the round-off of the potentials that fails the error
test, where an electrode conducts very well (1e4 S/m): the potentials are solved for, not integrated, so the
differential states alone may control the step. Measured: all of 72 polymer discharges solve at rtol 1e-4 at the first
attempt, while rtol 1e-3 loses three.
"""


FIRST_SHARE, WALK_FACTOR, WALK_TRIES = 1e-3, 3.0, 30
"""First share of a leg's current, its first growth, and how many shares are tried, when every attempt failed.

From the potentials at rest, Newton's iteration overshoots where the kinetics are very slow (an overpotential above
some 0.5 V: exp overflows); from those of a somewhat smaller current it converges. So consistent potentials are sought
for a growing share of the current; the growth takes its square root where it was too much."""

WALK_TIME = 1e-6
"""Length [s] of the pseudo-steps of that walk: nothing but the potentials changes."""


class EventAtStart(SolveError):  # noqa: N818  (an answer rather than an error)
    """A leg that is over before it begins: a limit is already passed once its current flows.

    Parameters
    ----------
    events : tuple of str
        Names of the limits, as in `cellmodel.models.controls.EVENT_NAMES`.
    """

    def __init__(self, events: tuple[str, ...]) -> None:
        self.events = events
        super().__init__("beyond the limit from the start: " + ", ".join(events))


class Unsolved(SolveError):  # noqa: N818  (it carries what was solved)
    """A leg that no attempt could finish.

    Parameters
    ----------
    message : str
        What was tried.
    partial : pybamm.Solution or None
        The part up to the failure of the last attempt, if there is one.
    """

    def __init__(self, message: str, partial: pybamm.Solution | None) -> None:
        self.partial = partial
        super().__init__(message)


class LegSolver(pybamm.IDAKLUSolver):
    """PyBaMM's IDAKLU solver, started from a given state instead of the model's initial conditions.

    The differential states are taken as they are; the algebraic ones are a first guess, made consistent with
    the leg's inputs by IDAKLU's own Newton iteration.

    Parameters
    ----------
    rtol, atol : float
        Relative and absolute tolerance; every state is scaled to order one.
    differential_only : bool
        Whether to leave the algebraic states out of the error test.
    iterations : int
        How often Newton's method may try with an old Jacobian.
    """

    def __init__(self, rtol: float, atol: float, differential_only: bool, iterations: int) -> None:
        options = IDAKLU_OPTIONS | {
            "suppress_algebraic_error": differential_only,
            "max_nonlinear_iterations": iterations,
        }
        super().__init__(rtol=rtol, atol=atol, options=options)
        self.start_state: NDArray[np.float64] | None = None

    def _set_initial_conditions(self, model: Any, time: float, inputs: list[dict[str, float]]) -> None:
        if self.start_state is None:
            super()._set_initial_conditions(model, time, inputs)
        else:
            model.y0_list = [self.start_state.reshape(-1, 1)]
            model.y0S_list = None


class CompiledLegSolver(LegSolver, CompiledSetUp):
    """The same with residual and Jacobians as machine code."""


class IdakluIntegrator:
    """Integrates legs of one discretised model; keeps one solver per tolerance it needed.

    Parameters
    ----------
    model : pybamm.BaseModel
        A discretised model.
    rtol, atol : float
        Tolerances of the first attempt.
    compiled : bool, optional
        Whether the first attempt calls machine code; the others, which are rare, do not wait for a compiler.
    """

    def __init__(self, model: pybamm.BaseModel, rtol: float, atol: float, compiled: bool = False) -> None:
        self.model, self.rtol, self.atol, self.compiled = model, rtol, atol, compiled
        self.retries = 0
        self._solvers: dict[tuple[float, bool], LegSolver] = {}

    def solve(
        self, start_time: float, end_time: float, inputs: Mapping[str, float], state: NDArray[np.float64]
    ) -> pybamm.Solution:
        """Integrate from `start_time` to `end_time` [s] or the first event.

        Parameters
        ----------
        start_time, end_time : float
            Interval [s].
        inputs : mapping
            Every input of the model.
        state : ndarray, shape (states,)
            Where to start; the algebraic part is a guess.

        Returns
        -------
        pybamm.Solution
            With `termination` "final time" or "event: NAME".

        Raises
        ------
        EventAtStart
            If a limit is already passed at `start_time`.
        Unsolved
            If every attempt fails; says what was tried and carries what was solved.
        """
        failures: list[str] = []
        for attempt in ATTEMPTS:
            solution = self._try(attempt, [start_time, end_time], inputs, state, failures)
            if solution is not None:
                return solution
        guess = self._walked_up(start_time, inputs, state)
        if guess is not None:
            solution = self._try(ATTEMPTS[0], [start_time, end_time], inputs, guess, failures)
            if solution is not None:
                return solution
        partial = self._partial(start_time, end_time, inputs)
        raise Unsolved(f"no solution from t = {start_time:g} s: " + "; ".join(failures), partial)

    def _try(
        self,
        attempt: tuple[float, bool],
        interval: list[float],
        inputs: Mapping[str, float],
        state: NDArray[np.float64],
        failures: list[str],
    ) -> pybamm.Solution | None:
        """Return the solution of one attempt, or None with its failure noted and counted."""
        solver = self._solver(attempt)
        solver.start_state = state
        try:
            return solver.solve(self.model, interval, inputs=dict(inputs))
        except pybamm.SolverError as error:
            raise_if_event_at_start(str(error))
            test = "differential states" if attempt[1] else "all states"
            failures.append(f"rtol {solver.rtol:g}, error test on {test}: {error}")
            self.retries += 1
        return None

    def _walked_up(
        self, start_time: float, inputs: Mapping[str, float], state: NDArray[np.float64]
    ) -> NDArray[np.float64] | None:
        """Return the state with potentials that belong to the full current, found by raising it; None if not."""
        if not inputs.get("current"):
            return None
        solver, guess, share, factor = self._solver(ATTEMPTS[0]), state.copy(), FIRST_SHARE, WALK_FACTOR
        reached = FIRST_SHARE / WALK_FACTOR
        for _ in range(WALK_TRIES):
            solver.start_state = guess.copy()
            raised = dict(inputs) | {"current": share * inputs["current"]}
            try:
                solution = solver.solve(self.model, [start_time, start_time + WALK_TIME], inputs=raised)
            except pybamm.SolverError as error:
                raise_if_event_at_start(str(error))
                factor = factor**0.5
                share = min(1.0, reached * factor)
                continue
            guess[self.model.len_rhs :] = solution.all_ys[-1][self.model.len_rhs :, -1]
            if share == 1.0:
                return guess
            reached, share = share, min(1.0, share * factor)
        return None

    def _partial(self, start_time: float, end_time: float, inputs: Mapping[str, float]) -> pybamm.Solution | None:
        """Return what the last attempt solves before it fails, None if that is nothing."""
        solver = self._solver(ATTEMPTS[-1])
        solver.on_failure = "ignore"
        try:
            solution = solver.solve(self.model, [start_time, end_time], inputs=dict(inputs))
        except pybamm.SolverError:
            return None
        finally:
            solver.on_failure = "error"
        return solution if solution.all_ts[0].size > 1 else None

    def _solver(self, attempt: tuple[float, bool]) -> LegSolver:
        if attempt not in self._solvers:
            factor, differential_only = attempt
            first = attempt == ATTEMPTS[0]
            iterations = FIRST_ITERATIONS if first else LATER_ITERATIONS
            kind = CompiledLegSolver if self.compiled and first else LegSolver
            self._solvers[attempt] = kind(self.rtol * factor, self.atol * factor, differential_only, iterations)
        return self._solvers[attempt]


def raise_if_event_at_start(message: str) -> None:
    """Translate PyBaMM's complaint about events at the initial conditions.

    Parameters
    ----------
    message : str
        Text of a `pybamm.SolverError`.

    Raises
    ------
    EventAtStart
        If that is what the text says.
    """
    if "non-positive at initial conditions" in message:
        listed = message.partition("]")[0]
        raise EventAtStart(tuple(re.findall(r"'([^']*)'", listed)))
