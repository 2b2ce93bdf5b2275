"""What a format puts around the layers: tabs, pouch, the room at the edges.

A pouch cell is taken as the box around it, tabs included, as a pack has to make room for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike
from typing import Any

from cellmodel.energy.components import Budget, Component
from cellmodel.energy.layers import cell_components
from cellmodel.errors import ParameterError, Problem
from cellmodel.inputs import name_or_path
from cellmodel.parameters import ComponentSet, ParameterSet, load_format, load_vehicle
from cellmodel.parameters.bounds import check_bounds
from cellmodel.parameters.kinds import require_porous_electrode

LAMINATES = 2
"""Sheets of laminate, one above the stack and one below."""

LAYERS_PER_UNIT = 2
"""A repeat unit is a cathode coated on both sides, with its separators and its shares of the collectors."""


def budget(
    parameters: ParameterSet,
    format: str | PathLike[str] | ComponentSet = "pouch",  # noqa: A002
    values: Mapping[str, Any] | None = None,
) -> Budget:
    """Return what every part of a cell weighs and fills.

    Parameters
    ----------
    parameters : ParameterSet
        The cell.
    format : str or ComponentSet, optional
        Name of a shipped format, path of its file, or a format.
    values : mapping of str to float or array, optional
        Numbers to use instead of those of cell and format, by path: arrays of draws, all of one shape. The
        stoichiometries of the charged and discharged cell stay those of `parameters`.

    Returns
    -------
    Budget
        Per area of cathode.

    Raises
    ------
    ParameterError
        Values out of their bounds, layers without a density, volume fractions that do not sum to one, a negative
        lithium excess: all of a kind at once.
    """
    require_porous_electrode(parameters, "energy budget")
    check_bounds(parameters.name, values or {})
    return stack_budget(cell_components(parameters, values), format, values)


def stack_budget(
    components: tuple[Component, ...],
    format: str | PathLike[str] | ComponentSet = "pouch",  # noqa: A002
    values: Mapping[str, Any] | None = None,
) -> Budget:
    """Return the budget of a stack of any layers in a format.

    Parameters
    ----------
    components : tuple of Component
        The parts of one layer, per area of cathode.
    format : str or ComponentSet, optional
        Name of a shipped format, path of its file, or a format.
    values : mapping of str to float or array, optional
        Numbers to use instead of those of the format, by path.

    Returns
    -------
    Budget
        With tabs, pouch and the room at the edges.

    Raises
    ------
    ParameterError
        No such format.
    """
    enclosing = surroundings(format, "format")
    given = values or {}
    numbers = {path: given.get(path, record.value) for path, record in enclosing.entries.items()}
    width, length = numbers["format.stack.width"], numbers["format.stack.length"]
    layers = LAYERS_PER_UNIT * numbers["format.stack.repeat_units"]
    area = layers * width * length
    around = _enclosure(numbers, sum(part.thickness for part in components) * layers)
    parts = [
        Component(name, "around", "cell", mass / area, volume / area, record.status, record.source, record.path)
        for (name, mass, volume), record in ((part, enclosing.entries[path]) for path, part in around.items())
    ]
    return Budget((*components, *parts), area)


def surroundings(given: str | PathLike[str] | ComponentSet, kind: str) -> ComponentSet:
    """Return the format or vehicle that a caller means.

    Parameters
    ----------
    given : str, os.PathLike or ComponentSet
        Name of a shipped one, path of its file, or a set, which is handed back.
    kind : {"format", "vehicle"}
        Which.

    Returns
    -------
    ComponentSet
        With numbers of that kind only.

    Raises
    ------
    ParameterError
        Anything else, one of another kind, or every problem of the file.
    """
    wanted = f"the name of a {kind}, the path of its file, or a {kind}"
    if not isinstance(given, ComponentSet):
        given = {"format": load_format, "vehicle": load_vehicle}[kind](name_or_path(given, "energy", kind, wanted))
    if not all(path.startswith(f"{kind}.") for path in given.entries):
        raise ParameterError(Problem("energy", kind, f"'{given.name}', which is none", wanted))
    return given


def _enclosure(numbers: Mapping[str, Any], height: Any) -> dict[str, tuple[str, Any, Any]]:
    """Return name, mass [kg] and volume [m3] of what is around a stack of some height [m], by the path of its source.

    Both tabs stand out at one end and run through the margin, as mass but not as volume of their own; the box is
    that of pouch and tabs.
    """
    width, length = numbers["format.stack.width"], numbers["format.stack.length"]
    margin, tab = numbers["format.pouch.margin"], numbers["format.tab.length"]
    sheet = (width + margin) * (length + margin)
    laminate = LAMINATES * sheet * numbers["format.pouch.thickness"]
    metal = (tab + margin) * numbers["format.tab.width"] * numbers["format.tab.thickness"]
    thickness = height + LAMINATES * numbers["format.pouch.thickness"]
    box = (width + margin) * (length + margin + tab) * thickness
    room = box - laminate - width * length * height
    return {
        "format.positive_tab.density": ("positive tab", metal * numbers["format.positive_tab.density"], 0.0 * metal),
        "format.negative_tab.density": ("negative tab", metal * numbers["format.negative_tab.density"], 0.0 * metal),
        "format.pouch.density": ("pouch", laminate * numbers["format.pouch.density"], laminate),
        "format.other.mass": ("other", numbers["format.other.mass"], 0.0 * metal),
        "format.pouch.margin": ("room at the edges", 0.0 * metal, room),
    }
