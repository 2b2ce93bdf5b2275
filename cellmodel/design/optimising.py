"""From a cell, a rate, a temperature and bounds to the best design and a dataset that says how it was found."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from os import PathLike

import numpy as np
import xarray as xr

from cellmodel.design.evaluating import Evaluator
from cellmodel.design.feasible import AXES, FeasibleDesigns
from cellmodel.design.problem import (
    ACTIVE,
    ELECTROLYTE,
    LEAST_ELECTROLYTE,
    SEPARATOR,
    THICKNESS,
    VARIABLES,
    Bounds,
    DesignProblem,
    check_progress,
    read_problem,
)
from cellmodel.design.searching import maximise
from cellmodel.design.tables import Numbers, labelled
from cellmodel.errors import ParameterError, Problem
from cellmodel.inputs import c_rate as read_rate
from cellmodel.labels import rate_text
from cellmodel.parameters import ParameterSet

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


def optimise_design(
    cell: str | PathLike[str] | ParameterSet,
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
    Chosen are thickness and active fraction of the cathode (electrolyte gives way), separator and excess of lithium.

    Parameters
    ----------
    cell : str, os.PathLike or Cell
        Name of a shipped cell, path of a cell file, or a set.
    c_rate, objective : float or str; {"gravimetric", "volumetric"}, optional
        Such as 0.1 or "C/10", of the capacity of each design; specific energy [W.h.kg-1] or energy density [W.h.L-1].
    temperature, bounds, format : float or str; mapping of str to (low, high); str, optional
        [K] or "80 degC", default the cell's own; by path of `cellmodel.design.VARIABLES`, SI numbers or text with a
        unit (equal bounds fix a variable, others keep their default); name of what surrounds the layers.
    maximum_limiting_current_ratio : float, optional
        Largest current density over the limiting one of the salt (`limiting_currents(...).uniform_reaction`). Above 1
        the salt cannot keep up in a steady state, but a discharge may end before that matters.
    overrides, mesh, extrapolate, progress : mapping of str to float or str; str; bool; callable, optional
        Changes to the cell before the search; numbers of finite volumes; allow a temperature outside the range a
        correlation states; called with the number of discharges after each.

    Returns
    -------
    OptimalDesign
        The best design as a new parameter set, and a dataset.

    Raises
    ------
    ParameterError
        The input is wrong, or no design meets bounds and constraints (which one binds is said) or delivers energy.

    Examples
    --------
    >>> import cellmodel
    >>> cathode = "cell.positive_electrode"
    >>> fixed = {f"{cathode}.thickness": ("60 um", "60 um"), f"{cathode}.active_material_volume_fraction": (0.5, 0.5)}
    >>> fixed["cell.separator.thickness"] = ("20 um", "20 um")
    >>> best = cellmodel.optimise_design("li_peo_lfp", c_rate="C/3", bounds=fixed)  # the excess of lithium is left
    >>> best.dataset["optimum"].sel(variable="lithium_excess").item()
    1.0
    """
    problem = read_problem(
        cell, objective, temperature, bounds, format, maximum_limiting_current_ratio, overrides, mesh, extrapolate
    )
    check_progress(progress)
    return solve_problem(problem, read_rate(c_rate, "design"), progress)


def solve_problem(
    problem: DesignProblem, c_rate: float, progress: Callable[[int], None] | None = None
) -> OptimalDesign:
    """Return the best design at a rate; ParameterError if none is feasible, or none delivers energy."""
    evaluator = Evaluator(problem, c_rate, progress)
    feasible = FeasibleDesigns(
        problem.bounds, problem.space.most_active, evaluator.limiting_current_ratio, problem.maximum_ratio
    )
    feasible.check(c_rate)
    problem.check_lithium()
    point, steps = maximise(lambda at: evaluator.evaluate(feasible.design(at)), feasible.free)
    values = feasible.design(point)
    parameters = problem.space.candidate(values)
    if evaluator.discharge(parameters).energy <= 0.0:
        found = f"{rate_text(c_rate)}, at which every design looked at passes its lower cut-off at once"
        raise ParameterError(Problem("design", "c_rate", found, "a lower rate, a higher temperature, thinner layers"))
    numbers = {**_choice(problem, values), **_constraints(evaluator, parameters), **energies(evaluator, parameters)}
    numbers |= {
        "evaluated_design": (("evaluation", "variable"), [[one[path] for path in AXES] for one, _ in evaluator.path]),
        "evaluated_objective": (("evaluation",), [value for _, value in evaluator.path]),
        "discharges": ((), evaluator.discharges),
        "failures": ((), evaluator.failures),
        "steps": ((), steps),
    }
    coordinates: Numbers = {
        "variable": (("variable",), list(AXES)),
        "variable_units": (("variable",), [VARIABLES[path].units for path in AXES]),
        "constraint": (("constraint",), ["limiting_current_ratio", "electrolyte_volume_fraction"]),
        "c_rate": ((), c_rate),
    }
    settings = {"study": "optimal_design", **problem.settings, "digest": problem.digest(c_rate)}
    return OptimalDesign(parameters, labelled(numbers, coordinates, parameters, settings))


def energies(evaluator: Evaluator, parameters: ParameterSet) -> Numbers:
    """Return what a design delivers, by the names of `cellmodel.design.tables.DESIGN`."""
    discharge, cell = evaluator.discharge(parameters), evaluator.energies(parameters)
    stack = evaluator.energies(parameters, "stack")
    time = discharge.capacity / (evaluator.c_rate * parameters.areal_capacity)  # h
    found = {
        "specific_energy": cell["gravimetric"],
        "energy_density": cell["volumetric"],
        "stack_specific_energy": stack["gravimetric"],
        "stack_energy_density": stack["volumetric"],
        "specific_power": cell["gravimetric"] / time if time else 0.0,
        "areal_energy": discharge.energy,
        "areal_capacity": parameters.areal_capacity,
        "utilization": discharge.capacity / parameters.areal_capacity,
        "mean_voltage": discharge.energy / discharge.capacity if discharge.capacity else float("nan"),
    }
    return {name: ((), value) for name, value in found.items()}


def _choice(problem: DesignProblem, values: Mapping[str, float]) -> Numbers:
    """Return the variables of a design with their bounds."""
    low, high = (np.array([problem.bounds[path][end] for path in AXES]) for end in (0, 1))
    best = np.array([values[path] for path in AXES])
    near = BINDS * (high - low)
    at = np.where(best <= low + near, -1, np.where(best >= high - near, 1, 0))
    found = {"optimum": best, "lower_bound": low, "upper_bound": high, "at_bound": at}
    return {name: (("variable",), value) for name, value in found.items()}


def _constraints(evaluator: Evaluator, cell: ParameterSet) -> Numbers:
    """Return the constrained quantities of a design, their limits and which of them bind."""
    ratio = evaluator.limiting_current_ratio(cell[ACTIVE], cell[SEPARATOR], cell[THICKNESS])
    electrolyte, most = cell[ELECTROLYTE], evaluator.problem.maximum_ratio
    binds = [ratio >= most * (1.0 - BINDS), electrolyte <= LEAST_ELECTROLYTE * (1.0 + BINDS)]
    found = {
        "constraint_value": [ratio, electrolyte],
        "constraint_limit": [most, LEAST_ELECTROLYTE],
        "constraint_binds": [int(one) for one in binds],
    }
    return {name: (("constraint",), value) for name, value in found.items()}
