"""From a cell, a rate, a temperature and bounds to the best design and a dataset that says how it was found."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from cellmodel.design.evaluating import OBJECTIVES, Evaluator
from cellmodel.design.feasible import AXES, FeasibleDesigns
from cellmodel.design.searching import maximise
from cellmodel.design.tables import labelled
from cellmodel.design.variables import (
    ACTIVE,
    ELECTROLYTE,
    LEAST_ELECTROLYTE,
    SEPARATOR,
    THICKNESS,
    VARIABLES,
    Bounds,
    Family,
    Range,
    is_positive,
    read_bounds,
)
from cellmodel.errors import ParameterError, Problem, choices
from cellmodel.labels import rate_text
from cellmodel.parameters import ParameterSet, load_cell, load_format, parse_quantity
from cellmodel.protocols import parse_c_rate

BINDS = 1e-3
"""A constraint binds, and a variable is at its bound, where it is met within this share of the limit or the range."""


@dataclass(frozen=True)
class OptimalDesign:
    """The best design and how it was found.

    Attributes
    ----------
    parameters : ParameterSet
        The cell of the best design; a new set, ready to be run.
    dataset : xarray.Dataset
        Optimum, bounds, constraints and which of them bind, energies, every design that was looked at.
    """

    parameters: ParameterSet
    dataset: xr.Dataset


@dataclass(frozen=True)
class Task:
    """A design problem that was read and checked, at any rate.

    Attributes
    ----------
    family : Family
        The cells to choose from.
    objective : str
        Key of `OBJECTIVES`.
    temperature : float
        [K].
    bounds : dict of str to (float, float)
        By path, SI.
    format_name : str
        What surrounds the layers.
    maximum_ratio : float
        Largest current over limiting current.
    options : dict
        Of each discharge.
    """

    family: Family
    objective: str
    temperature: float
    bounds: dict[str, Range]
    format_name: str
    maximum_ratio: float
    options: dict[str, Any]

    def evaluator(self, c_rate: float, progress: Callable[[int], None] | None) -> Evaluator:
        """Return what evaluates designs at a rate."""
        surroundings = load_format(self.format_name)
        return Evaluator(
            self.family, c_rate, self.temperature, self.objective, surroundings, self.options, progress=progress
        )

    def feasible(self, evaluator: Evaluator) -> FeasibleDesigns:
        """Return the designs that bounds and constraints allow at the rate of an evaluator."""
        ratio = evaluator.limiting_current_ratio
        return FeasibleDesigns(self.bounds, self.family.most_active, ratio, self.maximum_ratio)


def optimise_design(
    cell: str | ParameterSet,
    *,
    c_rate: float | str,
    objective: str = "gravimetric",
    temperature: float | str | None = None,
    bounds: Bounds | None = None,
    format: str = "pouch",  # noqa: A002
    maximum_limiting_current_ratio: float = 1.0,
    overrides: Mapping[str, float | str] | None = None,
    mesh: str = "fast",
    extrapolate: bool = False,
    progress: Callable[[int], None] | None = None,
) -> OptimalDesign:
    """Return the design that delivers most energy per mass or volume at a rate and a temperature.

    The energy is that of a simulated discharge from full to the lower cut-off, the mass that of the whole cell.
    Thickness and active fraction of the cathode (its additives keep their volume fraction, the electrolyte takes what
    is left), thickness of the separator and excess of lithium are chosen; everything else is the cell's.

    Parameters
    ----------
    cell : str or ParameterSet
        Name of a shipped cell, path of a cell file, or a set.
    c_rate : float or str
        Rate of the discharge, such as 0.1 or "C/10", relative to the capacity of each design.
    objective : {"gravimetric", "volumetric"}, optional
        Specific energy [W.h.kg-1] or energy density [W.h.L-1] of the cell.
    temperature : float or str, optional
        [K], or text such as "80 degC"; default the cell's own.
    bounds : mapping of str to (low, high), optional
        By path of `cellmodel.design.VARIABLES`, SI numbers or text with a unit; others keep their default bounds;
        equal bounds fix a variable.
    format : str, optional
        Name of what surrounds the layers.
    maximum_limiting_current_ratio : float, optional
        Largest current density over the limiting one of the salt (`limiting_currents(...).uniform_reaction`). Above 1
        the salt cannot keep up in a steady state, but a discharge may end before that matters.
    overrides : mapping of str to float or str, optional
        Changes to the cell before the search.
    mesh : str, optional
        Numbers of finite volumes.
    extrapolate : bool, optional
        Allow a temperature outside the range a correlation states.
    progress : callable, optional
        Called with the number of discharges after each.

    Returns
    -------
    OptimalDesign
        The best design as a new parameter set, and a dataset.

    Raises
    ------
    ParameterError
        The input is wrong, no design within the bounds meets the constraints (which one binds is said), or none
        delivers energy.
    """
    task = read_task(
        cell, objective, temperature, bounds, format, maximum_limiting_current_ratio, overrides, mesh, extrapolate
    )
    return solve_task(task, read_rate(c_rate), progress)


def read_task(
    cell: str | ParameterSet,
    objective: str,
    temperature: float | str | None,
    bounds: Bounds | None,
    format_name: str,
    maximum_ratio: float,
    overrides: Mapping[str, float | str] | None,
    mesh: str,
    extrapolate: bool,
) -> Task:
    """Return a design problem after checking what can be checked without a rate; see `optimise_design`."""
    parameters = (load_cell(cell) if isinstance(cell, str) else cell).replace(overrides or {})
    problems = []
    if objective not in OBJECTIVES:
        problems.append(Problem("design", "objective", repr(objective), choices(objective, OBJECTIVES)))
    if not is_positive(maximum_ratio):
        found = f"{maximum_ratio:g}"
        problems.append(Problem("design", "maximum_limiting_current_ratio", found, "a number above zero"))
    if problems:
        raise ParameterError(problems)
    T = parameters["cell.temperature"]
    if temperature is not None:
        T = parse_quantity(temperature, "K", "design", "temperature")
    options = {"mesh": mesh, "extrapolate": extrapolate}
    return Task(Family(parameters), objective, T, read_bounds(bounds), format_name, maximum_ratio, options)


def read_rate(c_rate: float | str) -> float:
    """Return a C-rate as a number.

    Raises
    ------
    ParameterError
        If it is not a rate above zero.
    """
    rate = parse_c_rate(c_rate) if isinstance(c_rate, str) else c_rate
    if rate is None or not is_positive(rate):
        raise ParameterError(Problem("design", "c_rate", repr(c_rate), "a rate above zero, such as 0.1 or 'C/10'"))
    return float(rate)


def solve_task(
    task: Task,
    c_rate: float,
    progress: Callable[[int], None] | None = None,
    start: np.ndarray[Any, np.dtype[np.float64]] | None = None,
) -> OptimalDesign:
    """Return the best design at a rate.

    Parameters
    ----------
    task : Task
        The problem.
    c_rate : float
        [1].
    progress : callable, optional
        As in `optimise_design`.
    start : ndarray, shape (4,), optional
        Point of the cube to start from instead of a coarse grid.

    Returns
    -------
    OptimalDesign
        As `optimise_design`.

    Raises
    ------
    ParameterError
        No design is feasible, or none delivers energy.
    """
    evaluator = task.evaluator(c_rate, progress)
    feasible = task.feasible(evaluator)
    feasible.check(c_rate)
    point, steps = maximise(lambda at: evaluator.evaluate(feasible.design(at)), feasible.free, start)
    values = feasible.design(point)
    parameters = task.family.member(values)
    if evaluator.discharge(parameters).energy <= 0.0:
        found = f"{rate_text(c_rate)}, at which every design looked at passes its lower cut-off at once"
        raise ParameterError(Problem("design", "c_rate", found, "a lower rate, a higher temperature, thinner layers"))
    numbers = {**_choice(task, values), **_constraints(task, evaluator, values), **energies(evaluator, parameters)}
    numbers |= _search(evaluator, steps)
    coordinates = {
        "variable": (("variable",), list(AXES)),
        "variable_units": (("variable",), [VARIABLES[path].units for path in AXES]),
        "constraint": (("constraint",), ["limiting_current_ratio", "electrolyte_volume_fraction"]),
        "c_rate": ((), c_rate),
    }
    return OptimalDesign(parameters, labelled(numbers, coordinates, parameters, settings_of(task)))


def settings_of(task: Task) -> dict[str, str | float]:
    """Return everything that was asked for, as attributes."""
    return {
        "objective": task.objective,
        "objective_units": OBJECTIVES[task.objective][0],
        "temperature": task.temperature,
        "format": task.format_name,
        "maximum_limiting_current_ratio": task.maximum_ratio,
        "mesh": str(task.options["mesh"]),
        "extrapolate": "yes" if task.options["extrapolate"] else "no",
        "method": "coarse grid, then SLSQP with central differences",
    }


def energies(evaluator: Evaluator, parameters: ParameterSet) -> dict[str, tuple[tuple[str, ...], float]]:
    """Return what a design delivers, by the names of `cellmodel.design.tables.DESIGN`."""
    discharge, cell, stack = (
        evaluator.discharge(parameters),
        evaluator.energies(parameters),
        evaluator.energies(parameters, "stack"),
    )
    time = discharge.capacity / (evaluator.c_rate * parameters.areal_capacity)  # h
    found = {
        "specific_energy": cell["gravimetric"],
        "energy_density": cell["volumetric"],
        "stack_specific_energy": stack["gravimetric"],
        "stack_energy_density": stack["volumetric"],
        "specific_power": cell["gravimetric"] / time if time else 0.0,
        "areal_energy": discharge.energy,
        "areal_capacity": parameters.areal_capacity,
        "capacity_share": discharge.capacity / parameters.areal_capacity,
        "mean_voltage": discharge.energy / discharge.capacity if discharge.capacity else float("nan"),
    }
    return {name: ((), value) for name, value in found.items()}


def _choice(task: Task, values: Mapping[str, float]) -> dict[str, tuple[tuple[str, ...], Any]]:
    """Return the variables of a design with their bounds."""
    low, high = (np.array([task.bounds[path][end] for path in AXES]) for end in (0, 1))
    best = np.array([values[path] for path in AXES])
    near = BINDS * (high - low)
    at = np.where(best <= low + near, -1, np.where(best >= high - near, 1, 0))
    found = {"optimum": best, "lower_bound": low, "upper_bound": high, "at_bound": at}
    return {name: (("variable",), value) for name, value in found.items()}


def _constraints(
    task: Task, evaluator: Evaluator, values: Mapping[str, float]
) -> dict[str, tuple[tuple[str, ...], Any]]:
    """Return the constrained quantities of a design, their limits and which of them bind."""
    ratio = evaluator.limiting_current_ratio(values[ACTIVE], values[SEPARATOR], values[THICKNESS])
    electrolyte = task.family.member(values)[ELECTROLYTE]
    found = {
        "constraint_value": [ratio, electrolyte],
        "constraint_limit": [task.maximum_ratio, LEAST_ELECTROLYTE],
        "constraint_binds": [
            int(ratio >= task.maximum_ratio * (1.0 - BINDS)),
            int(electrolyte <= LEAST_ELECTROLYTE * (1.0 + BINDS)),
        ],
    }
    return {name: (("constraint",), value) for name, value in found.items()}


def _search(evaluator: Evaluator, steps: int) -> dict[str, tuple[tuple[str, ...], Any]]:
    """Return every design that was looked at and what it took."""
    designs = np.array([[values[path] for path in AXES] for values, _ in evaluator.path])
    return {
        "evaluated_design": (("evaluation", "variable"), designs),
        "evaluated_objective": (("evaluation",), [value for _, value in evaluator.path]),
        "discharges": ((), evaluator.discharges),
        "failures": ((), evaluator.failures),
        "steps": ((), steps),
    }
