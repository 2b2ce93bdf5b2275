"""What a design may vary, within which bounds, and the cell that a choice of values makes.

It knows the geometry of a cell; it simulates nothing and weighs nothing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cellmodel.correlations import FARADAY
from cellmodel.energy import with_lithium_excess
from cellmodel.errors import ParameterError, Problem, choices, found_text
from cellmodel.inputs import parse_quantity
from cellmodel.mechanisms.foil import foil_shortfall
from cellmodel.parameters import ParameterSet
from cellmodel.quantities import QUANTITIES
from cellmodel.several import listed

THICKNESS = "cell.positive_electrode.thickness"
ACTIVE = "cell.positive_electrode.active_material_volume_fraction"
ELECTROLYTE = "cell.positive_electrode.electrolyte_volume_fraction"
SEPARATOR = "cell.separator.thickness"
EXCESS = "lithium_excess"
LITHIUM = "cell.lithium.thickness"

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
    """Return lower and upper bound of every variable in SI.

    Parameters
    ----------
    bounds : mapping of str to (low, high), optional
        Numbers in SI or text with a unit; a variable that is not named keeps its default, one whose bounds are equal
        is fixed.

    Returns
    -------
    dict of str to (float, float)
        By path, in the order of `VARIABLES`.

    Raises
    ------
    ParameterError
        An unknown variable, not two numbers, a wrong unit, a fraction outside 0 to 1, a negative excess, low above
        high: all at once.
    """
    problems: list[Problem] = []
    ranges = {path: variable.default for path, variable in VARIABLES.items()}
    for path, pair in (bounds or {}).items():
        if path not in VARIABLES:
            problems.append(Problem("design bounds", path, "not a variable of the design", choices(path, VARIABLES)))
            continue
        try:
            ranges[path] = _read_range(path, pair)
        except ParameterError as error:
            problems += error.problems
    if problems:
        raise ParameterError(problems)
    return ranges


def _read_range(path: str, pair: Any) -> Range:
    """Return two numbers in order and within what the variable can be."""
    variable = VARIABLES[path]
    given = listed(pair) or []
    if isinstance(pair, str) or len(given) != 2:
        raise ParameterError(Problem("design bounds", path, found_text(pair), "a lower and an upper bound"))
    low, high = (parse_quantity(value, variable.units, "design bounds", path) for value in given)
    least, most = variable.limits
    problems = [
        Problem("design bounds", path, f"{value:g} {variable.units}", f"{least:g} to {most:g} {variable.units}")
        for value in (low, high)
        if not least <= value <= most
    ]
    if low > high:
        found = f"{low:g} to {high:g} {variable.units}"
        problems.append(Problem("design bounds", path, found, "a lower bound that is not above the upper one"))
    if problems:
        raise ParameterError(problems)
    return low, high


@dataclass(frozen=True)
class Family:
    """All cells that differ from one cell in the variables of a design.

    Carbon and what else is neither active material nor electrolyte keeps its volume fraction; the electrolyte takes
    what the active material leaves.

    Attributes
    ----------
    cell : ParameterSet
        What every member shares.
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
        """Return the member with these layers and the lithium of the cell itself.

        Parameters
        ----------
        active : float
            Volume fraction of active material [1].
        separator, thickness : float
            Of separator and cathode [m].

        Returns
        -------
        ParameterSet
            A new set.
        """
        electrolyte = 1.0 - self.additive - active
        return self.cell.replace({ACTIVE: active, ELECTROLYTE: electrolyte, SEPARATOR: separator, THICKNESS: thickness})

    def member(self, values: Mapping[str, float]) -> ParameterSet:
        """Return the cell with these values of the variables.

        Parameters
        ----------
        values : mapping of str to float
            Every variable by path, SI.

        Returns
        -------
        ParameterSet
            A new set.
        """
        layers = self.layers(values[ACTIVE], values[SEPARATOR], values[THICKNESS])
        return with_lithium_excess(layers, values[EXCESS])


def check_lithium(family: Family, bounds: Mapping[str, Range]) -> None:
    """Raise if the smallest excess leaves a foil that cannot fill the cathode, as where the cathode brings no lithium.

    Parameters
    ----------
    family : Family
        The cells to choose from.
    bounds : mapping of str to (float, float)
        Of every variable, SI; whether the lithium suffices depends on the excess alone.

    Raises
    ------
    ParameterError
        Says how much is missing.
    """
    member = family.member({path: low for path, (low, _) in bounds.items()})
    short = foil_shortfall(member, member.stoichiometry_window[0], 1)
    if short:
        foil, more = (with_lithium_excess(member, excess)[LITHIUM] for excess in (1.0, 2.0))
        whole = member.areal_capacity * 3600.0 / FARADAY * member["cell.lithium.molar_volume"]
        enough = math.ceil(1e3 * (1.0 + (whole - foil) / (more - foil))) / 1e3
        wanted = f"at least {enough:g}, for this cathode is made without lithium"
        raise ParameterError(Problem("design bounds", EXCESS, f"{bounds[EXCESS][0]:g}: {short}", wanted))
