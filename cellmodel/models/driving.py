"""A step whose current is a piecewise linear function of time: solved stretch by stretch, handed back as one step.

The slope of the current jumps at every row of its table. An integrator that steps over such a kink keeps a history
that no longer holds and may miss a short pulse altogether; so each stretch between two rows is integrated by itself,
from a start that is consistent with it. It knows no protocol, no cell and no PyBaMM.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from cellmodel.errors import SolveError
from cellmodel.models.built_model import BuiltModel
from cellmodel.models.solution import EVENT, FINAL_TIME, StepSolution, joined
from cellmodel.models.solving import EventAtStart, Unsolved

Array = NDArray[np.float64]
Limits = Callable[[float, float], Mapping[str, float]]


def solve_driven(
    built: BuiltModel,
    table: tuple[Array, Array],
    limits: Limits,
    state: Array | None = None,
    start_time: float = 0.0,
) -> StepSolution:
    """Solve one step in which the current follows a table.

    Parameters
    ----------
    built : BuiltModel
        The model.
    table : tuple of ndarray, shape (2, rows)
        Times since the start of the step [s], from zero and rising, and currents [A], discharge positive.
    limits : callable
        Currents [A] at both ends of a stretch -> what may end it, and the temperature, as `BuiltModel.solve` takes it.
    state, start_time
        As of `BuiltModel.solve`.

    Returns
    -------
    StepSolution
        One step; at an inner row its times hold the end of one stretch and the start of the next.

    Raises
    ------
    EventAtStart, SolveError
        As of `BuiltModel.solve`; an error after the first stretch is an `Unsolved` with what was solved before.
    """
    times, currents = table[0] + start_time, table[1]
    parts: list[StepSolution] = []
    for begin, end, first, last in zip(times, times[1:], currents, currents[1:], strict=False):
        ramp = {"current": float(first), "current_slope": float((last - first) / (end - begin))}
        controls = {**limits(float(first), float(last)), **ramp}
        try:
            parts.append(built.solve(float(end - begin), controls, state, float(begin)))
        except EventAtStart as error:
            if not parts:
                raise
            return _ended(joined(parts, (times, currents)), error.events[0])
        except SolveError as error:
            partial = error.partial if isinstance(error, Unsolved) else None
            solved = [*parts, *([] if partial is None else [partial])]
            raise Unsolved(str(error), joined(solved, (times, currents)) if solved else None) from error
        state = parts[-1].end_state
        if parts[-1].termination != FINAL_TIME:
            break
    return joined(parts, (times, currents))


def _ended(solution: StepSolution, event: str) -> StepSolution:
    """Return a step that ends at its last time because a limit is met there."""
    return StepSolution(**{**vars(solution), "termination": EVENT + event})
