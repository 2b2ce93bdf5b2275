"""One design: discharged, weighed, and held against what its salt can carry.

It knows one rate and one temperature; it knows no bounds and no search. Geometry stays an input of the built model,
so that every design of a study, and every study of a cell, is solved with the same model.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from cellmodel.design.problem import (
    ACTIVE,
    ELECTROLYTE,
    OBJECTIVES,
    SEPARATOR,
    THICKNESS,
    VARIABLES,
    DesignProblem,
)
from cellmodel.energy import budget, specific_energy
from cellmodel.limits import SaltTransport, cell_path, limiting_current
from cellmodel.parameters import ParameterSet, load_format
from cellmodel.simulation import RunOptions, prepare_run, solve_run

INPUTS = (ACTIVE, ELECTROLYTE, SEPARATOR, THICKNESS)
"""What changes in the model from design to design. The lithium's thickness changes no voltage: every discharge has the
lithium of the cell the study started from, without the foil's exhaustion, which no design in the search can meet."""


@dataclass(frozen=True)
class Discharge:
    """What one discharge gave.

    Attributes
    ----------
    energy, capacity : float
        Delivered down to the cut-off [W.h.m-2], [A.h.m-2]; zero where the cut-off is passed at the first instant.
    solved : bool
        False if the solver gave up; energy and capacity are then those up to the failure.
    """

    energy: float
    capacity: float
    solved: bool


class Evaluator:
    """Discharges and weighs the designs of a problem at one rate; keeps every discharge.

    `path` has every design that was evaluated, with its objective. `progress` is told the number of discharges after
    each.
    """

    def __init__(self, problem: DesignProblem, c_rate: float, progress: Callable[[int], None] | None = None) -> None:
        self.problem, self.space, self.c_rate, self.progress = problem, problem.space, c_rate, progress
        self.surroundings = load_format(problem.format)
        self.path: list[tuple[dict[str, float], float]] = []
        self._discharges: dict[tuple[float, ...], Discharge] = {}

    @property
    def discharges(self) -> int:
        """How many discharges were simulated."""
        return len(self._discharges)

    @property
    def failures(self) -> int:
        """How many of them the solver did not finish."""
        return sum(not discharge.solved for discharge in self._discharges.values())

    def limiting_current_ratio(self, active: float, separator: float, thickness: float) -> float:
        """Return the current density over the limiting one of the salt at uniform reaction [1].

        Of an active fraction [1], a separator and a cathode [m]; zero for a single-ion conductor.
        """
        cell = self.space.layers(active, separator, thickness)
        limit = limiting_current(SaltTransport(cell, self.problem.temperature), cell_path(cell, "uniform"))
        return self.c_rate * cell.areal_capacity / limit

    def discharge(self, cell: ParameterSet) -> Discharge:
        """Return what a design delivers, simulated at most once; never raises for a solver failure."""
        key = tuple(cell[path] for path in INPUTS)
        if key not in self._discharges:
            alike = self.space.layers(cell[ACTIVE], cell[SEPARATOR], cell[THICKNESS])
            asked = {key: getattr(self.problem, key) for key in ("temperature", "mesh", "extrapolate")}
            outcome = solve_run(prepare_run(alike, options=RunOptions(c_rate=self.c_rate, mechanisms=(), **asked)))
            last = outcome.steps[-1].samples if outcome.steps else None
            delivered = [
                float(last[name][-1]) / cell["cell.area"] if last else 0.0
                for name in ("discharge_energy", "discharge_capacity")
            ]
            self._discharges[key] = Discharge(delivered[0], delivered[1], outcome.status != "failed")
            if self.progress is not None:
                self.progress(self.discharges)
        return self._discharges[key]

    def energies(self, cell: ParameterSet, level: str = "cell") -> dict[str, float]:
        """Return what a design delivers per mass [W.h.kg-1] and volume [W.h.L-1] of a level, by objective."""
        energy = self.discharge(cell).energy
        return dict(zip(OBJECTIVES, specific_energy(energy, budget(cell, self.surroundings), level), strict=True))

    def evaluate(self, values: Mapping[str, float]) -> float:
        """Return the objective of a design, given by all variables in SI, and note it in `path`."""
        value = self.energies(self.space.candidate(values))[self.problem.objective]
        self.path.append(({path: values[path] for path in VARIABLES}, value))
        return value
