"""What a design may vary and what may be asked of it: read and checked before anything is simulated.

It knows the geometry of a cell and the bounds of a design; it simulates nothing and searches nothing.
"""

from __future__ import annotations

import hashlib
import math
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from os import PathLike
from typing import Any

from cellmodel import inputs
from cellmodel.correlations import FARADAY
from cellmodel.energy import budget, with_lithium_excess
from cellmodel.errors import ParameterError, Problem, ProblemLog, choices, found_text
from cellmodel.mechanisms.foil import foil_shortfall
from cellmodel.models.meshes import MESHES
from cellmodel.parameters import ParameterSet, load_format, require_lithium_metal, resolve_cell
from cellmodel.parameters.bounds import read_temperature
from cellmodel.quantities import QUANTITIES
from cellmodel.units import number_text, range_text

OBJECTIVES = {
    "gravimetric": ("W.h.kg-1", "specific energy of the cell"),
    "volumetric": ("W.h.L-1", "energy density of the cell"),
}
"""What can be maximised -> unit and meaning; both count everything up to the pouch."""

THICKNESS = "cell.positive_electrode.thickness"
ACTIVE = "cell.positive_electrode.active_material_volume_fraction"
ELECTROLYTE = "cell.positive_electrode.electrolyte_volume_fraction"
SEPARATOR = "cell.separator.thickness"
EXCESS = "lithium_excess"

LEAST_ELECTROLYTE = 0.05
"""Smallest volume fraction of electrolyte in the cathode [1].

A setting: Bruggeman's law knows no percolation threshold and would let a design do with less than any binder phase
that still touches every particle."""

Bounds = Mapping[str, tuple[float | str, float | str]]
Range = tuple[float, float]


@dataclass(frozen=True)
class Variable:
    """One number that a design may choose.

    Attributes
    ----------
    units, description : str
        UDUNITS and one phrase.
    default : tuple of float
        Bounds where none are stated [units].
    limits : tuple of float
        What bounds may be stated [units].
    """

    units: str
    description: str
    default: Range
    limits: Range


VARIABLES: dict[str, Variable] = {
    ACTIVE: Variable("1", "volume fraction of active material in the cathode", (0.30, 0.65), QUANTITIES[ACTIVE].bounds),
    SEPARATOR: Variable("m", QUANTITIES[SEPARATOR].description, (10e-6, 50e-6), QUANTITIES[SEPARATOR].bounds),
    THICKNESS: Variable("m", QUANTITIES[THICKNESS].description, (20e-6, 200e-6), QUANTITIES[THICKNESS].bounds),
    EXCESS: Variable(
        "1",
        "lithium foil as assembled over the lithium that the cathode cycles; 0 is anode-free",
        (1.0, 4.0),
        (0.0, 1e3),
    ),
}
"""Path -> variable. The default bounds are settings: films thinner than 10 um and lithium thinner than what one
capacity takes are hard to make by extrusion and rolling, cathodes beyond 0.65 hold more than 80 % by weight of active
material."""


def read_bounds(bounds: Bounds | None) -> dict[str, Range]:
    """Return lower and upper bound of every variable in SI, by path in the order of `VARIABLES`.

    Numbers are in SI, text has a unit; a variable that is not named keeps its default, one whose bounds are equal is
    fixed. ParameterError: an unknown variable, not two numbers in order and within the limits; all at once.
    """
    log = ProblemLog("design bounds")
    ranges = {path: variable.default for path, variable in VARIABLES.items()}
    for path, pair in (bounds or {}).items():
        if path not in VARIABLES:
            log.add(path, "not a variable of the design", choices(path, VARIABLES))
        else:
            ranges[path] = log.read(_read_range, path, pair)
    log.raise_any(ParameterError)
    return ranges


def _read_range(path: str, pair: Any) -> Range:
    """Return two numbers in order and within what the variable can be."""
    log, unit, (least, most) = ProblemLog("design bounds"), VARIABLES[path].units, VARIABLES[path].limits
    given = inputs.listed(pair) or []
    if isinstance(pair, str) or len(given) != 2:
        raise ParameterError(Problem(log.file, path, found_text(pair), "a lower and an upper bound"))
    low, high = (inputs.parse_quantity(value, unit, log.file, path) for value in given)
    for value in (low, high):
        if not least <= value <= most:
            log.add(path, number_text(value, unit), range_text(least, most, unit))
    if low > high:
        log.add(path, range_text(low, high, unit), "a lower bound that is not above the upper one")
    log.raise_any(ParameterError)
    return low, high


@dataclass(frozen=True)
class DesignSpace:
    """All cells that differ from one cell in the variables of a design.

    Carbon and what else is neither active material nor electrolyte keeps its volume fraction; the electrolyte takes
    what the active material leaves.
    """

    cell: ParameterSet

    @property
    def additive(self) -> float:
        """Volume fraction of the cathode that is neither active material nor electrolyte [1]."""
        return 1.0 - self.cell[ACTIVE] - self.cell[ELECTROLYTE]

    @property
    def most_active(self) -> float:
        """Largest volume fraction of active material that leaves `LEAST_ELECTROLYTE` [1]."""
        return 1.0 - self.additive - LEAST_ELECTROLYTE

    def layers(self, active: float, separator: float, thickness: float) -> ParameterSet:
        """Return the candidate with an active fraction [1], separator and cathode [m], and the cell's own lithium."""
        electrolyte = 1.0 - self.additive - active
        return self.cell.replace({ACTIVE: active, ELECTROLYTE: electrolyte, SEPARATOR: separator, THICKNESS: thickness})

    def candidate(self, values: Mapping[str, float]) -> ParameterSet:
        """Return the cell with these values of all variables, by path in SI."""
        layers = self.layers(values[ACTIVE], values[SEPARATOR], values[THICKNESS])
        return with_lithium_excess(layers, values[EXCESS])


@dataclass(frozen=True)
class DesignProblem:
    """A design problem that was read and checked, at any rate.

    Attributes
    ----------
    space : DesignSpace
        The cells to choose from.
    objective, format, mesh : str
        Key of `OBJECTIVES`, what surrounds the layers, numbers of finite volumes.
    temperature, maximum_ratio : float
        [K]; largest current over limiting current [1].
    bounds : dict of str to (float, float)
        By path, SI.
    extrapolate : bool
        Whether correlations may be used beyond their validity.
    """

    space: DesignSpace
    objective: str
    temperature: float
    bounds: dict[str, Range]
    format: str
    maximum_ratio: float
    mesh: str
    extrapolate: bool

    @property
    def settings(self) -> dict[str, str | float]:
        """Everything that was asked for but rates, as attributes."""
        ranges = [f"{path}: {low:g} to {high:g} {VARIABLES[path].units}" for path, (low, high) in self.bounds.items()]
        return {
            "objective": self.objective,
            "objective_units": OBJECTIVES[self.objective][0],
            "temperature": self.temperature,
            "bounds": "\n".join(ranges),
            "format": self.format,
            "maximum_limiting_current_ratio": self.maximum_ratio,
            "mesh": self.mesh,
            "extrapolate": "yes" if self.extrapolate else "no",
            "method": "coarse grid, then SLSQP with central differences",
        }

    def digest(self, *rates: float) -> str:
        """Return SHA-256 of everything that decides the result at some rates."""
        surroundings = sorted((path, record.value) for path, record in load_format(self.format).entries.items())
        asked = (self.space.cell.digest, sorted(self.settings.items()), surroundings, rates)
        return hashlib.sha256(repr(asked).encode()).hexdigest()

    def check_lithium(self) -> None:
        """Raise if the smallest excess leaves a foil that cannot fill a cathode that brings no lithium."""
        cell = self.space.candidate({path: low for path, (low, _) in self.bounds.items()})  # only the excess counts
        short = foil_shortfall(cell, cell.stoichiometry_window[0], 1)
        if short:
            foil, more = (with_lithium_excess(cell, excess)["cell.lithium.thickness"] for excess in (1.0, 2.0))
            whole = cell.areal_capacity * 3600.0 / FARADAY * cell["cell.lithium.molar_volume"]
            enough = math.ceil(1e3 * (1.0 + (whole - foil) / (more - foil))) / 1e3
            wanted = f"at least {enough:g}, for this cathode is made without lithium"
            raise ParameterError(Problem("design bounds", EXCESS, f"{self.bounds[EXCESS][0]:g}: {short}", wanted))


def read_problem(
    cell: str | PathLike[str] | ParameterSet,
    objective: str = "gravimetric",
    temperature: float | str | None = None,
    bounds: Bounds | None = None,
    format: str = "pouch",  # noqa: A002
    maximum_limiting_current_ratio: float = 1.0,
    overrides: Mapping[str, float | str] | None = None,
    mesh: str = "fast",
    extrapolate: bool = False,
) -> DesignProblem:
    """Return a design problem after checking what can be checked without a rate; arguments as of `optimise_design`."""
    own = resolve_cell(cell)
    require_lithium_metal(own, "design")
    parameters = own.replace(inputs.mapping(overrides, "design", "overrides"))
    log, positive = ProblemLog("design"), (sys.float_info.min, sys.float_info.max)
    kelvin = parameters["cell.temperature"]
    if temperature is not None:
        kelvin = log.read(read_temperature, temperature, log.file)
    outside = parameters.outside_validity(kelvin) if kelvin is not None else []
    ratio = "maximum_limiting_current_ratio"
    problem = DesignProblem(
        DesignSpace(parameters),
        log.read(inputs.one_of, objective, OBJECTIVES, log.file, "objective"),
        kelvin,
        log.read(lambda: read_bounds(inputs.mapping(bounds, log.file, "bounds"))),
        log.read(inputs.name_or_path, format, log.file, "format", "the name of a format, or the path of its file"),
        log.read(inputs.number, maximum_limiting_current_ratio, log.file, ratio, "a number above zero", positive),
        log.read(inputs.one_of, mesh, MESHES, log.file, "mesh"),
        log.read(inputs.switch, extrapolate, log.file, "extrapolate"),
    )
    log.problems += outside if problem.extrapolate is False else []
    if problem.bounds is not None and problem.format is not None:  # no such format, layers without density
        log.read(budget, with_lithium_excess(parameters, problem.bounds[EXCESS][1]), problem.format)
    log.raise_any(ParameterError)
    return problem


def read_rates(c_rates: Any) -> list[float]:
    """Return C-rates in ascending order, each once; ParameterError for no list, an empty one, and every wrong rate."""
    given = inputs.listed(c_rates)
    if not given:
        raise ParameterError(Problem("design", "c_rates", found_text(c_rates), "at least one rate"))
    log = ProblemLog("design")
    rates = {log.read(inputs.c_rate, rate, log.file, f"c_rates {place}") for place, rate in enumerate(given, start=1)}
    log.raise_any(ParameterError)
    return sorted(rates)


def check_progress(progress: Any) -> None:
    """Raise if what should be told of progress cannot be called: it would end the search after its first discharge."""
    if progress is not None and not callable(progress):
        raise ParameterError(Problem("design", "progress", found_text(progress), "a function, or none"))
