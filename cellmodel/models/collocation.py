"""One step at a time with `casadi.integrator`: Radau collocation on the model's CasADi graph, no SUNDIALS.

An independent check of the default integrator: same equations, another method, another implementation. It is
slower and has no error estimate. It knows no cell and no protocol.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import redirect_stderr
from io import StringIO
from typing import Any

import casadi
import numpy as np
from numpy.typing import NDArray

from cellmodel.errors import SolveError
from cellmodel.models.functions import ModelFunctions, chosen_variables
from cellmodel.models.solution import EVENT, FINAL_TIME, StepSolution
from cellmodel.models.solving import EventAtStart

Array = NDArray[np.float64]

FIRST_STEP = 1e-3
"""First step of the integrator [s]: far below the diffusion time of the smallest volume of any shipped cell."""

GROWTH = 1.6
"""Each step may be this many times as long as the one before."""

LARGEST_CHANGE = 4e-3
"""A step that changes the voltage by more [V] is followed by a shorter one; twice as much and it is repeated."""

LARGEST_SHARE = 0.003
"""No step is longer than this share of the interval, so that flat voltages do not hide moving fronts.

Between steps the voltage is interpolated linearly: with 0.005 that alone was 0.05 mV rms off on LFP at C/3."""

SMALLEST_STEP = 1e-6
"""Below this step [s] it gives up."""

EVENT_TOLERANCE = 1e-7
"""An event is located when its margin is this small (V, or multiples of the one-hour current)."""

NEWTON: dict[str, Any] = {"abstol": 1e-9, "abstolStep": 1e-9, "max_iter": 30, "error_on_fail": True}
"""The charge balances are scaled to about 1e-3; their round-off on fine meshes is about 1e-11."""

COLLOCATION: dict[str, Any] = {
    "number_of_finite_elements": 1,
    "interpolation_order": 3,
    "collocation_scheme": "radau",
    "rootfinder": "newton",
    "rootfinder_options": NEWTON,
}
"""Three-point Radau IIA: order five, stiffly accurate, so the algebraic states hold at the end of a step."""


class CollocationIntegrator:
    """Integrates one discretised model with casadi's collocation scheme; its step rule needs no tolerances.

    One step of unit length is set up once, dy/ds = h f(t + h s, y), in which start t and length h are parameters; an
    interval is solved by calls of it, each from the end of the last. The equations take what follows from the inputs
    alone as numbers, and are expanded to scalars: those numbers are symbols in the Jacobian of the step, which costs
    graphs of vectors dear. Measured on one NMC811 cell: 57 ms a step with vector functions that are called, 47 with
    them inlined, 13 as scalars.
    """

    def __init__(self, functions: ModelFunctions) -> None:
        self.functions, self.retries = functions, 0
        sym, (t, y, p, (voltage,)) = casadi.SX.sym, chosen_variables(functions, ("voltage",))
        margins = functions.events(t, y, functions.constants(p))
        self._watch = casadi.Function("watch", [t, y, p], [casadi.vertcat(voltage, margins)])
        t, x, z = sym("t"), sym("x", functions.differential), sym("z", functions.algebraic)
        q, h, s = sym("q", functions.constants.size1_out(0)), sym("h"), sym("s")

        def at(function: casadi.Function, time: Any) -> Any:
            return function.expand().call([time, casadi.vertcat(x, z), q], True, False)[0]

        step: Any = {"t": s, "x": x, "z": z, "p": casadi.vertcat(q, t, h)}
        step |= {"ode": h * at(functions.rates, t + h * s), "alg": at(functions.balances, t + h * s)}
        self._step = casadi.integrator("step", "collocation", step, 0, 1, COLLOCATION)
        self._consistent = None
        if functions.algebraic:
            problem = {"x": z, "p": casadi.vertcat(t, x, q), "g": at(functions.balances, t)}
            self._consistent = casadi.rootfinder("consistent", "newton", problem, NEWTON)

    def solve(self, start_time: float, end_time: float, inputs: Mapping[str, float], state: Array) -> StepSolution:
        """Integrate from `start_time` to `end_time` [s] or the first event, as `IdakluIntegrator.solve` does.

        Between the times of the solution interpolation is linear.
        """
        p = self.functions.stacked(inputs)
        q = np.asarray(self.functions.constants(p)).ravel()
        y = self._start(start_time, state, q)
        watched = self._watched(start_time, y, p)
        passed = [name for name, margin in zip(self.functions.event_names, watched[1:], strict=True) if margin <= 0]
        if passed:
            raise EventAtStart(tuple(passed))
        times, states, event = self._march(start_time, end_time, y, p, q, watched[0])
        termination = EVENT + event if event else FINAL_TIME
        return StepSolution(np.array(times), np.array(states).T, None, dict(inputs), termination)

    def _march(
        self, time: float, end_time: float, y: Array, p: Array, q: Array, voltage: float
    ) -> tuple[list[float], list[Array], str | None]:
        """Step to the end or the first event; return times, states and the event's name."""
        times, states = [time], [y]
        longest = LARGEST_SHARE * (end_time - time)
        step = min(FIRST_STEP, longest)
        while time < end_time:
            step = min(step, end_time - time)
            new = self._try_step(time, step, y, q)
            watched = None if new is None else self._watched(time + step, new, p)
            change = np.inf if watched is None else abs(watched[0] - voltage)
            if new is None or watched is None or change > 2 * LARGEST_CHANGE:
                step /= 2
                self.retries += new is None
                if step < SMALLEST_STEP:
                    raise SolveError(f"no solution from t = {time:g} s, with steps down to {SMALLEST_STEP:g} s")
                continue
            if min(watched[1:], default=1.0) <= 0:
                step, new, index = self._locate(time, step, y, new, p, q)
                return [*times, time + step], [*states, new], self.functions.event_names[index]
            time, y, voltage = (end_time if step == end_time - time else time + step), new, watched[0]
            times.append(time)
            states.append(y)
            step *= min(GROWTH, max(0.5, LARGEST_CHANGE / max(change, 1e-12)))
            step = min(step, longest)
        return times, states, None

    def _locate(self, time: float, step: float, y: Array, new: Array, p: Array, q: Array) -> tuple[float, Array, int]:
        """Shorten the step until it ends on the event: regula falsi (Illinois) on the smallest margin."""
        after = self._watched(time + step, new, p)[1:]
        index = int(np.argmin(after))
        low, low_margin = 0.0, self._watched(time, y, p)[1 + index]
        high, high_margin = step, after[index]
        while abs(high_margin) > EVENT_TOLERANCE and high - low > 1e-9 * step:
            middle = high - high_margin * (high - low) / (high_margin - low_margin)
            trial = self._try_step(time, middle, y, q)
            if trial is None:
                break
            margins = self._watched(time + middle, trial, p)[1:]
            index = int(np.argmin(margins)) if margins.min() <= 0 else index
            if margins[index] > 0:
                low, low_margin, high_margin = middle, margins[index], high_margin / 2
            else:
                high, high_margin, new, low_margin = middle, margins[index], trial, low_margin / 2
        return high, new, index

    def _try_step(self, time: float, step: float, y: Array, q: Array) -> Array | None:
        """Return the state after one step, or None where Newton's iteration fails."""
        count = self.functions.differential
        try:
            with redirect_stderr(StringIO()):  # CasADi prints every argument of a step that fails
                end = self._step(x0=y[:count], z0=y[count:], p=np.concatenate([q, [time, step]]))
        except RuntimeError:
            return None
        new = np.concatenate([np.asarray(end["xf"]).ravel(), np.asarray(end["zf"]).ravel()])
        return new if np.isfinite(new).all() else None

    def _start(self, time: float, state: Array, q: Array) -> Array:
        """Return the state with consistent algebraic part."""
        if self._consistent is None:
            return state
        x, z = np.split(state, [self.functions.differential])
        try:
            root = self._consistent(z, np.concatenate([[time], x, q]))
        except RuntimeError as error:
            raise SolveError(f"no consistent state at t = {time:g} s") from error
        return np.concatenate([x, np.asarray(root).ravel()])

    def _watched(self, time: float, y: Array, p: Array) -> Array:
        """Return the voltage and the margins of the events."""
        return np.asarray(self._watch(time, y, p)).ravel()
