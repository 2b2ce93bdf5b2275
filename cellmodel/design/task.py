"""A design problem, read and checked before anything is simulated.

It knows what may be asked; it searches nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from os import PathLike
from typing import Any

from cellmodel import inputs
from cellmodel.design.evaluating import OBJECTIVES, Evaluator
from cellmodel.design.feasible import FeasibleDesigns
from cellmodel.design.variables import EXCESS, VARIABLES, Bounds, Family, Range, is_positive, read_bounds
from cellmodel.energy import budget, with_lithium_excess
from cellmodel.errors import ParameterError, Problem, choices
from cellmodel.inputs import parse_quantity
from cellmodel.parameters import ParameterSet, load_format, resolve_cell


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

    @property
    def settings(self) -> dict[str, str | float]:
        """Everything that was asked for but rates, as attributes."""
        ranges = [f"{path}: {low:g} to {high:g} {VARIABLES[path].units}" for path, (low, high) in self.bounds.items()]
        return {
            "objective": self.objective,
            "objective_units": OBJECTIVES[self.objective][0],
            "temperature": self.temperature,
            "bounds": "\n".join(ranges),
            "format": self.format_name,
            "maximum_limiting_current_ratio": self.maximum_ratio,
            "mesh": str(self.options["mesh"]),
            "extrapolate": "yes" if self.options["extrapolate"] else "no",
            "method": "coarse grid, then SLSQP with central differences",
        }

    def digest(self, *rates: float) -> str:
        """Return SHA-256 of everything that decides the result at some rates."""
        surroundings = sorted((path, record.value) for path, record in load_format(self.format_name).entries.items())
        asked = (self.family.cell.digest, sorted(self.settings.items()), surroundings, rates)
        return hashlib.sha256(repr(asked).encode()).hexdigest()

    def feasible(self, evaluator: Evaluator) -> FeasibleDesigns:
        """Return the designs that bounds and constraints allow at the rate of an evaluator."""
        ratio = evaluator.limiting_current_ratio
        return FeasibleDesigns(self.bounds, self.family.most_active, ratio, self.maximum_ratio)


def read_task(
    cell: str | PathLike[str] | ParameterSet,
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
    parameters = resolve_cell(cell).replace(inputs.mapping(overrides, "design", "overrides"))
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
    outside = parameters.outside_validity(T)
    if outside and not extrapolate:
        raise ParameterError(outside)
    ranges = read_bounds(bounds)
    # Raises before anything is simulated: no such format, layers without density.
    budget(with_lithium_excess(parameters, ranges[EXCESS][1]), format_name)
    options = {"mesh": mesh, "extrapolate": extrapolate}
    return Task(Family(parameters), objective, T, ranges, format_name, maximum_ratio, options)


def read_rate(c_rate: float | str) -> float:
    """Return a C-rate as a number.

    Raises
    ------
    ParameterError
        If it is not a rate above zero.
    """
    return inputs.c_rate(c_rate, "design")
