"""One design: discharged, weighed, and held against what its salt can carry.

It knows one rate and one temperature; it knows no bounds and no search. Geometry stays an input of the built model,
so that every design of a study, and every study of a cell, is solved with the same model.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cellmodel.design.variables import ACTIVE, ELECTROLYTE, SEPARATOR, THICKNESS, VARIABLES, Family
from cellmodel.energy import budget, specific_energy
from cellmodel.limits import SaltTransport, cell_path, limiting_current
from cellmodel.parameters import ParameterSet
from cellmodel.simulation import RunOptions, prepare_run, solve_run

OBJECTIVES = {
    "gravimetric": ("W.h.kg-1", "specific energy of the cell"),
    "volumetric": ("W.h.L-1", "energy density of the cell"),
}
"""What can be maximised -> unit and meaning; both count everything up to the pouch."""

LEVEL = "cell"
"""Level of the mass budget whose energy is maximised."""

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


@dataclass
class Evaluator:
    """Discharges and weighs designs of one family; keeps every discharge.

    Attributes
    ----------
    family : Family
        The cells.
    c_rate, temperature : float
        [1], relative to the design's own capacity, and [K].
    objective : str
        Key of `OBJECTIVES`.
    format : object
        What surrounds the layers, from `cellmodel.energy.load_format`.
    options : dict
        Model, mesh, tolerances and the rest, as `cellmodel.simulate` takes them.
    progress : callable, optional
        Told the number of discharges after each.
    """

    family: Family
    c_rate: float
    temperature: float
    objective: str
    format: Any
    options: dict[str, Any]
    progress: Callable[[int], None] | None = None
    path: list[tuple[dict[str, float], float]] = field(default_factory=list)
    _discharges: dict[tuple[float, ...], Discharge] = field(default_factory=dict)

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

        Parameters
        ----------
        active, separator, thickness : float
            Volume fraction [1], thicknesses of separator and cathode [m].

        Returns
        -------
        float
            Zero for a single-ion conductor.
        """
        cell = self.family.layers(active, separator, thickness)
        limit = limiting_current(SaltTransport(cell, self.temperature), cell_path(cell, "uniform"))
        return self.c_rate * cell.areal_capacity / limit

    def discharge(self, cell: ParameterSet) -> Discharge:
        """Return what a design delivers, simulated at most once.

        Parameters
        ----------
        cell : ParameterSet
            A member of the family.

        Returns
        -------
        Discharge
            Never raises for a solver failure.
        """
        key = tuple(cell[path] for path in INPUTS)
        if key not in self._discharges:
            alike = self.family.layers(cell[ACTIVE], cell[SEPARATOR], cell[THICKNESS])
            options = RunOptions(c_rate=self.c_rate, temperature=self.temperature, mechanisms=(), **self.options)
            outcome = solve_run(prepare_run(alike, options=options))
            last = outcome.steps[-1].samples if outcome.steps else None
            delivered = [
                float(last[name][-1]) / cell["cell.area"] if last else 0.0
                for name in ("discharge_energy", "discharge_capacity")
            ]
            self._discharges[key] = Discharge(delivered[0], delivered[1], outcome.status != "failed")
            if self.progress is not None:
                self.progress(self.discharges)
        return self._discharges[key]

    def energies(self, cell: ParameterSet, level: str = LEVEL) -> dict[str, float]:
        """Return what a design delivers per mass [W.h.kg-1] and per volume [W.h.L-1].

        Parameters
        ----------
        cell : ParameterSet
            A member of the family.
        level : str, optional
            Of the budget.

        Returns
        -------
        dict of str to float
            By the keys of `OBJECTIVES`.
        """
        energy = self.discharge(cell).energy
        return dict(zip(OBJECTIVES, specific_energy(energy, budget(cell, self.format), level), strict=True))

    def evaluate(self, values: Mapping[str, float]) -> float:
        """Return the objective of a design and note it in `path`.

        Parameters
        ----------
        values : mapping of str to float
            Every variable by path, SI.

        Returns
        -------
        float
            [W.h.kg-1] or [W.h.L-1].
        """
        value = self.energies(self.family.member(values))[self.objective]
        self.path.append(({path: values[path] for path in VARIABLES}, value))
        return value
