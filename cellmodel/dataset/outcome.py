"""What a run leaves behind before it is labelled: legs of solver output, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cellmodel.dataset.integrals import LegValues
    from cellmodel.models.build import BuiltModel
    from cellmodel.models.solution import StepSolution
    from cellmodel.parameters import ParameterSet
    from cellmodel.protocols import Protocol


@dataclass(frozen=True)
class Leg:
    """One step that ran.

    Attributes
    ----------
    cycle, step : int
        Position in the protocol, from 0.
    solution : StepSolution
        The solver's own steps and states, or, once they have been read, the states at the times of the profiles.
    controls : dict of str to float
        What was held and what could end it, as given to `BuiltModel.solve`.
    """

    cycle: int
    step: int
    solution: StepSolution
    controls: dict[str, float]


@dataclass(frozen=True)
class Outcome:
    """One run, finished or not.

    Attributes
    ----------
    parameters : ParameterSet
        The cell as it was run.
    protocol : Protocol
        Resolved: every number filled in.
    temperature : float
        Of the run [K].
    legs : list of Leg
        In order; may be empty.
    values : list of LegValues
        What was read of each leg as soon as it was solved.
    status, end_cause : str
        Words of `cellmodel.dataset.schema`; a leg that met a voltage limit has "lower_voltage" or "upper_voltage"
        for its end, whose cause `cellmodel.dataset.end_cause` finds.
    message : str
        Why it ended as it did, for people.
    digest : str
        Of everything that decides the result.
    solve_time : float
        Wall time inside the solver [s].
    retries : int
        Legs solved again at tighter tolerances.
    complete_cycles : int or None
        Cycles of which no step was cut short or left out because the run stopped; None: all.
    built : BuiltModel or None
        The model that was solved; None if it could not be built.
    profiles : bool
        Whether spatial profiles are wanted.
    settings : dict
        Model, mesh, tolerances, solver, for the attributes.
    """

    parameters: ParameterSet
    protocol: Protocol
    temperature: float
    legs: list[Leg]
    values: list[LegValues]
    status: str
    end_cause: str
    message: str
    digest: str
    solve_time: float = 0.0
    retries: int = 0
    complete_cycles: int | None = None
    built: BuiltModel | None = None
    profiles: bool = False
    settings: dict[str, str | float] = field(default_factory=dict)
