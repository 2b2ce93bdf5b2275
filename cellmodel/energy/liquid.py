"""The layers of a graphite | liquid electrolyte | LFP stack as components: what each weighs and how thick it is.

Electrodes are as thick as their file says, charged or not (graphite that swells on charge is not counted, which favours
the liquid cell by some percent of its volume). Active materials weigh what they do as assembled; lithium only moves.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from cellmodel.energy.components import Component
from cellmodel.errors import ParameterError, Problem
from cellmodel.parameters import ParameterSet

_NEGATIVE, _POSITIVE = "cell.negative_electrode", "cell.positive_electrode"
_FILLING = "electrolyte.filling_ratio"
_TOLERANCE = 1e-6  # of a sum of volume fractions: more than rounding of printed digits takes

_Row = tuple[str, str, str, Any, str]
"""Name, layer, level, thickness [m], path of the density."""


def liquid_components(cell: ParameterSet, values: Mapping[str, Any] | None = None) -> tuple[Component, ...]:
    """Return the parts of one layer of a liquid cell.

    Parameters
    ----------
    cell : ParameterSet
        The cell.
    values : mapping of str to float or array, optional
        Numbers to use instead of the cell's, by path: arrays of draws, all of one shape.

    Returns
    -------
    tuple of Component
        From the negative to the positive collector. "electrolyte beyond the pores" weighs and takes no room.

    Raises
    ------
    ParameterError
        Volume fractions of an electrode that sum to more than one.
    """
    numbers = {**cell.scalars, **(values or {})}
    separator, pores = (
        numbers["cell.separator.thickness"],
        numbers["cell.separator.electrolyte_volume_fraction"],
    )
    rows: list[_Row] = [_collector(numbers, "negative")]
    rows += _electrode(cell.name, numbers, _NEGATIVE, "graphite", "negative_electrode.density")
    rows.append(("separator", "separator", "stack", separator * (1.0 - pores), "cell.separator.filler_density"))
    rows.append(("electrolyte in the separator", "separator", "stack", separator * pores, "electrolyte.density"))
    rows += _electrode(cell.name, numbers, _POSITIVE, "active material", "electrode.density")
    rows.append(_collector(numbers, "positive"))
    parts = [_weigh(cell, numbers, row) for row in rows]
    held = sum(part.mass for part in parts if part.path == "electrolyte.density")
    record = cell.entries[_FILLING]
    surplus = (numbers[_FILLING] - 1.0) * held
    text = ("electrolyte beyond the pores", "electrolyte", "stack")
    parts.append(Component(*text, surplus, 0.0 * surplus, record.status, record.source, record.path))
    return tuple(parts)


def _electrode(name: str, numbers: Mapping[str, Any], layer: str, active: str, density: str) -> list[_Row]:
    """Return the parts of one porous electrode."""
    thickness, solid = numbers[f"{layer}.thickness"], numbers[f"{layer}.active_material_volume_fraction"]
    pores = numbers[f"{layer}.electrolyte_volume_fraction"]
    rest = 1.0 - solid - pores
    if np.any(rest < -_TOLERANCE):
        found = f"volume fractions that sum to {float(np.max(solid + pores)):g}"
        raise ParameterError(Problem(name, layer, found, "at most 1"))
    label = layer.removeprefix("cell.").replace("_", " ")
    return [
        (active, label, "material", thickness * solid, density),
        (f"electrolyte in the {label}", label, "stack", thickness * pores, "electrolyte.density"),
        (f"additives in the {label}", label, "stack", thickness * np.maximum(rest, 0.0), f"{layer}.additive_density"),
    ]


def _collector(numbers: Mapping[str, Any], sign: str) -> _Row:
    name = f"{sign} collector"
    return name, name, "stack", numbers[f"cell.{sign}_collector.thickness"], f"cell.{sign}_collector.density"


def _weigh(cell: ParameterSet, numbers: Mapping[str, Any], row: _Row) -> Component:
    name, layer, level, thickness, density = row
    record = cell.entries[density]
    mass = numbers[density] * thickness
    return Component(name, layer, level, mass, thickness, record.status, record.source, record.path)
