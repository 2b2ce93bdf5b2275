"""A design problem, read and checked before anything is simulated.

It knows what may be asked; it searches nothing.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from os import PathLike
from typing import Any

from cellmodel import inputs
from cellmodel.design.evaluating import OBJECTIVES, Evaluator
from cellmodel.design.feasible import FeasibleDesigns
from cellmodel.design.variables import EXCESS, VARIABLES, Bounds, Family, Range, read_bounds
from cellmodel.energy import budget, with_lithium_excess
from cellmodel.errors import ParameterError, Problem, found_text
from cellmodel.models.meshes import MESHES
from cellmodel.parameters import ParameterSet, load_format, require_lithium_metal, resolve_cell
from cellmodel.parameters.bounds import read_temperature
from cellmodel.several import listed


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
    own = resolve_cell(cell)
    require_lithium_metal(own, "design")
    parameters = own.replace(inputs.mapping(overrides, "design", "overrides"))
    objective = inputs.one_of(objective, OBJECTIVES, "design", "objective")
    extrapolate = inputs.switch(extrapolate, "design", "extrapolate")
    positive = sys.float_info.min, sys.float_info.max
    maximum_ratio = inputs.number(
        maximum_ratio, "design", "maximum_limiting_current_ratio", "a number above zero", positive
    )
    mesh = inputs.one_of(mesh, MESHES, "design", "mesh")
    format_name = inputs.name_or_path(format_name, "design", "format", "the name of a format, or the path of its file")
    T = parameters["cell.temperature"]
    if temperature is not None:
        T = read_temperature(temperature, "design")
    outside = parameters.outside_validity(T)
    if outside and not extrapolate:
        raise ParameterError(outside)
    ranges = read_bounds(inputs.mapping(bounds, "design", "bounds"))
    # Raises before anything is simulated: no such format, layers without density.
    budget(with_lithium_excess(parameters, ranges[EXCESS][1]), format_name)
    options = {"mesh": mesh, "extrapolate": extrapolate}
    return Task(Family(parameters), objective, T, ranges, format_name, maximum_ratio, options)


def check_progress(progress: Any) -> None:
    """Raise if what should be told of progress cannot be called: it would end the search after its first discharge."""
    if progress is not None and not callable(progress):
        raise ParameterError(Problem("design", "progress", found_text(progress), "a function, or none"))


def read_rate(c_rate: float | str) -> float:
    """Return a C-rate as a number.

    Raises
    ------
    ParameterError
        If it is not a rate above zero.
    """
    return inputs.c_rate(c_rate, "design")


def read_rates(c_rates: Any) -> list[float]:
    """Return C-rates in ascending order, each once.

    Raises
    ------
    ParameterError
        If they are no list, an empty one, or one of them is no rate above zero.
    """
    given = listed(c_rates)
    if not given:
        raise ParameterError(Problem("design", "c_rates", found_text(c_rates), "at least one rate"))
    problems, rates = list[Problem](), set[float]()
    for place, one in enumerate(given, start=1):
        try:
            rates.add(inputs.c_rate(one, "design", f"c_rates {place}"))
        except ParameterError as error:
            problems += error.problems
    if problems:
        raise ParameterError(problems)
    return sorted(rates)
