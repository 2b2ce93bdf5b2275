"""What an integrator gives back of one step: times, scaled states and their rates, and how it ended.

Plain arrays. It knows no model, no cell and no solver.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

FINAL_TIME, EVENT = "final time", "event: "
"""How a step ends: at its last time, or "event: NAME"."""


@dataclass(frozen=True)
class StepSolution:
    """One step, solved.

    Attributes
    ----------
    times : ndarray, shape (n,)
        The solver's own times, or those that were kept of them [s].
    states : ndarray, shape (states, n)
        Scaled states.
    rates : ndarray, shape (states, n), or None
        Their time derivatives [s-1]; None where states between the times are straight lines or not wanted.
    inputs : mapping of str to float
        Every input of the model.
    termination : str
        "final time" or "event: NAME".
    integration_time : float
        Wall time inside the solver [s].
    currents : tuple of ndarray, shape (2, rows), or None
        Times [s] and currents [A] between which the current is a straight line, where it changes within the step; a
        time at which its slope changes is twice among `times`, with the rates before and after it.
    """

    times: Array
    states: Array
    rates: Array | None
    inputs: Mapping[str, float]
    termination: str = FINAL_TIME
    integration_time: float = 0.0
    currents: tuple[Array, Array] | None = None

    @property
    def end_time(self) -> float:
        """Last time [s]."""
        return float(self.times[-1])

    @property
    def end_state(self) -> Array:
        """Scaled states at the end, shape (states,)."""
        return self.states[:, -1]

    def kept(self, times: Array) -> StepSolution:
        """Return the step with its states at some times and nothing between them.

        A step of a polymer cell has some 700 times; a hundred cycles kept whole take a gigabyte.
        """
        return replace(self, times=times, states=states_at(self, times), rates=None)


def joined(parts: Sequence[StepSolution], currents: tuple[Array, Array]) -> StepSolution:
    """Return stretches that follow each other as one step, which ends as the last of them; `currents` as there."""
    last, rates = parts[-1], [part.rates for part in parts if part.rates is not None]
    return replace(
        last,
        times=np.concatenate([part.times for part in parts]),
        states=np.hstack([part.states for part in parts]),
        rates=np.hstack(rates) if len(rates) == len(parts) else None,
        integration_time=sum(part.integration_time for part in parts),
        currents=currents,
    )


def states_at(solution: StepSolution, times: Array, rows: Array | slice = slice(None)) -> Array:
    """Interpolate the states of one step with the solver's own accuracy.

    Cubic Hermite where the solution carries rates (IDAKLU), linear where it does not.
    """
    knots, states = solution.times, solution.states
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
    if solution.rates is None:
        return start + s * change
    first, last = _cut(solution.rates, rows, left, left + 1)
    bend = (1 - s) * (width * first - change) + s * (change - width * last)
    return start + s * (change + (1 - s) * bend)


def _cut(states: Array, rows: Array | slice, *columns: NDArray[np.intp]) -> list[Array]:
    """Return some rows at each of some sets of columns; the cut that leaves less comes first."""
    if isinstance(rows, slice) or columns[0].size * len(states) < rows.size * states.shape[1]:
        return [states[:, places][rows] for places in columns]
    chosen = states[rows]
    return [chosen[:, places] for places in columns]
