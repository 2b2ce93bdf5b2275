"""One step at a time: SUNDIALS IDA on the model's CasADi functions, from any state; what to try when a solve fails.

It knows which failures are answers ("the cell is already beyond that limit"). It knows no cell, no protocol and no
PyBaMM: `cellmodel.models.idaklu` calls the solver.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from cellmodel.errors import SolveError
from cellmodel.models.functions import ModelFunctions
from cellmodel.models.idaklu import Failure, IdakluSolver
from cellmodel.models.solution import EVENT, FINAL_TIME, StepSolution

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


FIRST_SHARE, GROWTH, MOST_SHARES = 1e-3, 3.0, 30
"""First share of a step's current, its first growth, and how many shares are tried, when every attempt failed.

From the potentials at rest, Newton's iteration overshoots where the kinetics are very slow (an overpotential above
some 0.5 V: exp overflows); from those of a somewhat smaller current it converges. So consistent potentials are sought
for a growing share of the current; the growth takes its square root where it was too much."""

MOMENT = 1e-6
"""Length [s] of the steps in which the current is raised: nothing but the potentials changes."""


class EventAtStart(SolveError):  # noqa: N818  (an answer rather than an error)
    """A step that is over before it begins: limits, of `EVENT_NAMES`, are already passed once its current flows."""

    def __init__(self, events: tuple[str, ...]) -> None:
        self.events = events
        super().__init__("beyond the limit from the start: " + ", ".join(events))


class Unsolved(SolveError):  # noqa: N818  (it carries what was solved)
    """A step that no attempt could finish: what was tried, and the part up to the failure of the last, if any."""

    def __init__(self, message: str, partial: StepSolution | None) -> None:
        self.partial = partial
        super().__init__(message)


class IdakluIntegrator:
    """Integrates steps of one discretised model; keeps one solver per tolerance it needed.

    Parameters
    ----------
    functions : ModelFunctions
        Of the model.
    rtol, atol : float
        Tolerances of the first attempt; states are scaled to order one.
    compiled : bool, optional
        Whether the first attempt calls machine code; the others, which are rare, do not wait for a compiler.
    """

    def __init__(self, functions: ModelFunctions, rtol: float, atol: float, compiled: bool = False) -> None:
        self.functions, self.rtol, self.atol, self.compiled = functions, rtol, atol, compiled
        self.retries = 0
        self._solvers: dict[tuple[float, bool], IdakluSolver] = {}

    def solve(
        self, start_time: float, end_time: float, inputs: Mapping[str, float], state: NDArray[np.float64]
    ) -> StepSolution:
        """Integrate to `end_time` [s] or the first event; raise `EventAtStart`, or `Unsolved` if no attempt works."""
        failures: list[str] = []
        for attempt in ATTEMPTS:
            solution = self._try(attempt, start_time, end_time, inputs, state, failures)
            if solution is not None:
                return solution
        guess = self._raised_current(start_time, inputs, state)
        if guess is not None:
            solution = self._try(ATTEMPTS[0], start_time, end_time, inputs, guess, failures)
            if solution is not None:
                return solution
        partial = self._solver(ATTEMPTS[-1]).integrate(start_time, end_time, inputs, state)
        solved = partial.part if isinstance(partial, Failure) else partial
        raise Unsolved(f"no solution from t = {start_time:g} s: " + "; ".join(failures), solved)

    def _try(
        self,
        attempt: tuple[float, bool],
        start_time: float,
        end_time: float,
        inputs: Mapping[str, float],
        state: NDArray[np.float64],
        failures: list[str],
    ) -> StepSolution | None:
        """Return the solution of one attempt, or None with its failure noted and counted."""
        solver = self._solver(attempt)
        found = solver.integrate(start_time, end_time, inputs, state)
        if isinstance(found, Failure):
            test = "differential states" if attempt[1] else "all states"
            failures.append(f"rtol {solver.rtol:g}, error test on {test}: {found.message}")
            self.retries += 1
            return None
        return self._unless_over_at_start(found)

    def _unless_over_at_start(self, found: StepSolution) -> StepSolution:
        """Return a solution; raise if a limit is passed as soon as the step's current flows."""
        if found.times.size > 1 or found.termination == FINAL_TIME:
            return found
        q = self.functions.constants(self.functions.stacked(found.inputs))
        margins = np.asarray(self.functions.events(found.end_time, found.end_state, q)).ravel()
        passed = [name for name, margin in zip(self.functions.event_names, margins, strict=True) if margin <= 0.0]
        raise EventAtStart(tuple(passed) or (found.termination.removeprefix(EVENT),))

    def _raised_current(
        self, start_time: float, inputs: Mapping[str, float], state: NDArray[np.float64]
    ) -> NDArray[np.float64] | None:
        """Return the state with potentials that belong to the full current, found by raising it; None if not."""
        if not inputs.get("current"):
            return None
        solver, guess, share, factor = self._solver(ATTEMPTS[0]), state.copy(), FIRST_SHARE, GROWTH
        reached = FIRST_SHARE / GROWTH
        for _ in range(MOST_SHARES):
            raised = dict(inputs) | {"current": share * inputs["current"]}
            found = solver.integrate(start_time, start_time + MOMENT, raised, guess.copy())
            if isinstance(found, Failure):
                factor = factor**0.5
                share = min(1.0, reached * factor)
                continue
            self._unless_over_at_start(found)
            guess[self.functions.differential :] = found.end_state[self.functions.differential :]
            if share == 1.0:
                return guess
            reached, share = share, min(1.0, share * factor)
        return None

    def _solver(self, attempt: tuple[float, bool]) -> IdakluSolver:
        if attempt not in self._solvers:
            factor, differential_only = attempt
            first = attempt == ATTEMPTS[0]
            self._solvers[attempt] = IdakluSolver(
                self.functions,
                self.rtol * factor,
                self.atol * factor,
                differential_only=differential_only,
                iterations=FIRST_ITERATIONS if first else LATER_ITERATIONS,
                compiled=self.compiled and first,
            )
        return self._solvers[attempt]
