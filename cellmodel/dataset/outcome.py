"""What a run leaves behind before it is labelled: the steps that ran, as they were read, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cellmodel.prepared_run import PreparedRun

if TYPE_CHECKING:
    from cellmodel.dataset.step_result import StepResult
    from cellmodel.models.built_model import BuiltModel


@dataclass(frozen=True)
class Outcome:
    """One run, finished or not.

    Attributes
    ----------
    run : PreparedRun
        What was asked for: cell, resolved protocol, options.
    built : BuiltModel
        The model that was solved.
    steps : list of StepResult
        Those that ran, in order; may be empty.
    status, end_cause : str
        Words of `cellmodel.dataset.schema`; a step that met a voltage limit has "lower_voltage" or "upper_voltage"
        for its end, whose cause `cellmodel.dataset.end_cause` finds.
    message : str
        Why it ended as it did, for people.
    solve_time : float
        Wall time inside the solver [s].
    retries : int
        Steps solved again at tighter tolerances.
    complete_cycles : int
        Cycles of which no step was cut short or left out because the run stopped.
    """

    run: PreparedRun
    built: BuiltModel
    steps: list[StepResult]
    status: str
    end_cause: str
    message: str
    solve_time: float
    retries: int
    complete_cycles: int
