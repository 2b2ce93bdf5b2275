"""Runs a built model through the steps of a protocol, each from the state the last one left.

Every step runs, or the run says why it did not.  Knows how steps become controls of the model and what
each way of ending means; it knows no dataset layout, no cache and no file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from cellmodel.dataset import Outcome, StepResult, read_step
from cellmodel.errors import SolveError
from cellmodel.mechanisms.registry import event_end
from cellmodel.models.built_model import BuiltModel
from cellmodel.models.driving import solve_driven
from cellmodel.models.model_inputs import BRANCHES, SALT_ENDS
from cellmodel.models.solution import StepSolution
from cellmodel.models.solving import EventAtStart, Unsolved
from cellmodel.parameters import ParameterSet
from cellmodel.prepared_run import PreparedRun
from cellmodel.protocols import Step, amperes, initial_stoichiometry, initial_temperature, starting_direction

_EVENT_SIDE = {"lower voltage": "lower", "upper voltage": "upper"}

FIRST_INSTANT = {
    "lower voltage": "below_the_cut_off_at_the_first_instant",
    "upper voltage": "above_the_cut_off_at_the_first_instant",
}
"""Limit that is passed as soon as the current flows -> the cause it gives the run."""

SKIPS_NAMED = 3
"""Steps that had nothing to do that a message names; of the others their number."""

ADVICE = (
    "Near depletion use mesh = 'default' or a finer Mesh, a lower rate, or end the step at a higher voltage; "
    "otherwise look at the cell's values with `cellmodel check`, or try solver = 'casadi'."
)
"""What to do about a solve that fails."""


def solve_protocol(run: PreparedRun, built: BuiltModel, time_limit: float | None = None) -> Outcome:
    """Run every step of every cycle until one ends the protocol; no step begins after `time_limit` [s]."""
    return _ProtocolRun(run, built, time_limit).solve()


@dataclass
class _ProtocolRun:
    """A run under way: what was solved so far, where the next step starts, and how it ended."""

    run: PreparedRun
    built: BuiltModel
    time_limit: float | None = None
    steps: list[StepResult] = field(default_factory=list)
    status: str = "completed"
    end_cause: str = "time"
    message: str = "completed"
    solve_time: float = 0.0
    state: NDArray[np.float64] | None = None
    time: float = 0.0
    skipped: list[str] = field(default_factory=list)
    complete_cycles: int = 0

    def __post_init__(self) -> None:
        run = self.run
        kelvin = initial_temperature(run.protocol, run.temperature)
        self._direction = starting_direction(run.protocol)
        self._start = initial_stoichiometry(run.protocol.initial, run.parameters, kelvin, self._direction)

    def solve(self) -> Outcome:
        """Run the protocol."""
        retries = self.built.retries
        self._run_cycles()
        self._report_skipped_steps()
        return Outcome(
            run=self.run,
            built=self.built,
            steps=self.steps,
            status=self.status,
            end_cause=self.end_cause,
            message=self.message,
            solve_time=self.solve_time,
            retries=self.built.retries - retries,
            complete_cycles=self.complete_cycles,
        )

    def _run_cycles(self) -> None:
        begun = perf_counter()
        for cycle in range(self.run.protocol.cycles):
            for number, step in enumerate(self.run.protocol.steps):
                if self._out_of_time(cycle, number, perf_counter() - begun) or not self._run_step(cycle, number, step):
                    return
            self.complete_cycles += 1

    def _report_skipped_steps(self) -> None:
        """Put into message and status that steps had nothing to do; the message of a worse end comes first."""
        if not self.skipped:
            return
        more = len(self.skipped) - SKIPS_NAMED
        text = "; ".join([*self.skipped[:SKIPS_NAMED], *([f"and {more} more steps not run"] if more > 0 else [])])
        self.message = text if self.status == "completed" else f"{self.message}; {text}"
        self.status = "ended_early" if self.status == "completed" else self.status

    def _out_of_time(self, cycle: int, number: int, passed: float) -> bool:
        """Record that the wall clock ends the run before this step, if it does."""
        if self.time_limit is None or passed < self.time_limit:
            return False
        self.status, self.end_cause = "timeout", "wall_clock_limit"
        where = f"cycle {cycle + 1}, step {number + 1}"
        self.message = f"{where}: not begun, the run had taken {passed:.3g} s of the {self.time_limit:g} s it may take"
        return True

    def _run_step(self, cycle: int, number: int, step: Step) -> bool:
        """Run one step; return whether the next one may run."""
        where = f"cycle {cycle + 1}, step {number + 1} ({step})"
        controls = step_controls(step, self.run.parameters, self.run.temperature)
        controls["initial_stoichiometry"] = self._start
        direction = step.net_direction or self._direction  # rests and holds stay on the branch of what was before
        controls["branch"] = BRANCHES[direction]
        begun = perf_counter()
        try:
            solution = self._solve(step, controls)
        except EventAtStart as error:
            return self._past_limit_at_start(where, step, controls, error.events[0])
        except SolveError as error:
            self._failed(where, (cycle, number), controls, error)
            return False
        finally:
            self.solve_time += perf_counter() - begun
        self._read((cycle, number), controls, solution)
        self.time, self.state, self._direction = solution.end_time, solution.end_state, direction
        return self._after(where, step, controls, solution.termination)

    def _solve(self, step: Step, controls: dict[str, float]) -> StepSolution:
        """Solve one step from where the last one ended."""
        if step.current_table is None:
            return self.built.solve(float(step.duration or 0.0), controls, self.state, self.time)
        times, currents = step.current_table.knots
        unit = amperes(step.current_table.quantity, self.run.parameters)
        limits = partial(ramp_limits, controls, self.run.parameters)
        return solve_driven(self.built, (times, currents * unit), limits, self.state, self.time)

    def _read(self, position: tuple[int, int], controls: dict[str, float], solution: StepSolution) -> None:
        """Read a step now, so that its hundreds of states need not be kept."""
        samples, profiles = self.run.protocol.samples, self.run.options.profiles
        self.steps.append(read_step(self.built, solution, position, controls, samples, profiles, self.steps))

    def _failed(self, where: str, position: tuple[int, int], controls: dict[str, float], error: SolveError) -> None:
        """Record a step that no attempt solves: keep its beginning, say where it stopped and what can be done."""
        self.status, self.end_cause = "failed", "solver_failure"
        solved = error.partial if isinstance(error, Unsolved) else None
        reached = self.time
        if solved is not None:
            self._read(position, controls, solved)
            reached = solved.end_time
        smallest = self.run.parameters["electrolyte.initial_concentration"]
        if self.steps:
            last = self.steps[-1].solution
            salt = self.built.read(last, last.times[-1:], ("electrolyte_concentration",))
            smallest = float(salt["electrolyte_concentration"].min())
        self.message = (
            f"{where}: the solver gave up at t = {reached:g} s, where the smallest salt concentration was "
            f"{smallest:.4g} mol.m-3. {ADVICE} Tried: {error}"
        )

    def _after(self, where: str, step: Step, controls: dict[str, float], termination: str) -> bool:
        """Record how a step ended; return whether the next one may run."""
        event = termination.partition("event: ")[2]
        if not event:
            self.end_cause = "time"
            if step.duration_asked:
                return True
            self.status = "ended_early"
            self.message = f"{where}: its safety limit of {step.duration:g} s passed before any limit was met"
            return False
        if event == "current cut-off":
            self.end_cause = "current_cut_off"
            return True
        if (end := SALT_ENDS.get(event) or event_end(event)) is not None:
            self.status, self.end_cause, self.message = "ended_early", end.end_cause, f"{where}: {end.message}"
            return False
        side = _EVENT_SIDE[event]
        self.end_cause = f"{side}_voltage"
        return self._at_voltage_limit(where, step, side, controls[f"{side}_voltage"])

    def _at_voltage_limit(self, where: str, step: Step, side: str, voltage: float) -> bool:
        """Return whether a step that met a voltage limit was meant to, so that the next one may run."""
        cut_off = voltage == self.run.parameters[f"cell.{side}_voltage_cut_off"]
        direction = "below" if side == "lower" else "above"
        listed = any(
            limit.quantity == "voltage" and limit.value == voltage and limit.direction == direction
            for limit in step.until
        )
        if cut_off and self.run.protocol.complete_at == side:
            if not listed:
                self.message = f"completed at the {side} cut-off: {where}"
            return False
        if listed:
            return True
        self.status = "ended_early"
        self.message = f"{where}: met the {side} cut-off of the cell, {voltage:g} V, which it does not list"
        return False

    def _past_limit_at_start(self, where: str, step: Step, controls: dict[str, float], event: str) -> bool:
        """Record a step that has nothing to do, as its limit is passed before it begins; whether the next may run."""
        goes_on = self._after(where, step, controls, f"event: {event}")
        self.end_cause = FIRST_INSTANT.get(event, self.end_cause)
        as_intended = not goes_on and self.status == "completed" and bool(self.steps)  # the cut-off completes all
        if not as_intended:
            flows = "" if step.kind == "rest" else " as soon as the current flows"
            self.skipped.append(f"{where}: not run, beyond its limit ({event}){flows}")
        return goes_on


def step_controls(step: Step, parameters: ParameterSet, temperature: float) -> dict[str, float]:
    """Return what a step holds and what may end it, as `BuiltModel.solve` takes it.

    Of several limits of one kind the first that is met counts: the highest voltage of those that end the step
    from above, the lowest of those from below, the largest current. Of a drive its largest current stands for all.
    """
    controls = {"temperature": step.temperature or temperature, **_held(step, parameters)}
    if step.direction == "discharge" or step.kind == "drive":
        controls["lower_voltage"] = parameters["cell.lower_voltage_cut_off"]
    if step.direction == "charge" or step.kind == "drive":
        controls["upper_voltage"] = parameters["cell.upper_voltage_cut_off"]
    for limit in step.until:
        value = float(limit.value or 0.0)
        if limit.quantity != "voltage":
            current = value * amperes(limit.quantity, parameters)
            controls["current_cut_off"] = max(current, controls.get("current_cut_off", current))
        elif limit.direction == "below":
            controls["lower_voltage"] = max(value, controls.get("lower_voltage", value))
        else:
            controls["upper_voltage"] = min(value, controls.get("upper_voltage", value))
    return controls


def _held(step: Step, parameters: ParameterSet) -> dict[str, float]:
    """Return what a step holds [A, V or W] by the name of the control."""
    if step.current_table is not None:
        return {"current": step.current_table.largest * amperes(step.current_table.quantity, parameters)}
    target = "current" if step.constant_current or step.kind == "rest" else step.kind
    unit = amperes(step.kind, parameters) if step.constant_current else 1.0
    return {target: float(step.value or 0.0) * unit}


def ramp_limits(controls: Mapping[str, float], parameters: ParameterSet, first: float, last: float) -> dict[str, float]:
    """Return what may end a stretch of a drive between two currents [A], from what may end the drive.

    A cut-off of the cell ends only a stretch whose current leads towards it, as it ends a discharge or a charge and no
    rest: a full cell may be discharged from its upper cut-off.
    """
    limits = {name: value for name, value in controls.items() if name != "current"}
    leads = {"lower": max(first, last) > 0.0, "upper": min(first, last) < 0.0}
    for side, towards in leads.items():
        if not towards and limits[f"{side}_voltage"] == parameters[f"cell.{side}_voltage_cut_off"]:
            del limits[f"{side}_voltage"]
    return limits
