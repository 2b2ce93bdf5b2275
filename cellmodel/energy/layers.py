"""The layers of a lithium | polymer | cathode stack as components: what each weighs and how thick it is.

One layer is lithium, polymer, cathode and the share of the collectors that belongs to it. Masses are those of the
cell as assembled (see `lithium`), volumes those of the charged cell.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from cellmodel.energy.components import Component
from cellmodel.energy.lithium import THICKNESS, assembled_foil
from cellmodel.errors import ParameterError, Problem
from cellmodel.parameters import ParameterSet
from cellmodel.quantities import QUANTITIES

_CATHODE = "cell.positive_electrode"
_ADDITIVE = f"{_CATHODE}.additive_volume_fraction"
_TOLERANCE = 1e-6  # of a sum of volume fractions: more than rounding of printed digits takes
_LITHIUM = "lithium foil"


class _Part(NamedTuple):
    """A part before it is weighed: thickness when charged [m], path of its density, thickness as assembled if other."""

    name: str
    layer: str
    level: str
    thickness: Any
    density: str
    assembled: Any = None


def cell_components(parameters: ParameterSet, values: Mapping[str, Any] | None = None) -> tuple[Component, ...]:
    """Return the parts of one layer of a cell.

    Parameters
    ----------
    parameters : ParameterSet
        The cell.
    values : mapping of str to float or array, optional
        Numbers to use instead of the cell's, by path: arrays of draws, all of one shape.

    Returns
    -------
    tuple of Component
        From the negative to the positive collector; a part of no thickness is left out.

    Raises
    ------
    ParameterError
        Layers without a density (all of them), volume fractions that do not sum to one, a negative lithium excess.
    """
    numbers = {**parameters.scalars, **(values or {})}
    charged, foil = numbers[THICKNESS], assembled_foil(parameters, values)
    kept = np.minimum(foil, charged)
    parts = [
        _collector(numbers, "negative"),
        _Part(_LITHIUM, "lithium", "material", kept, "cell.lithium.density", foil),
        # Its mass counts as part of the active material, in which it came.
        _Part("lithium from the cathode", "lithium", "material", charged - kept, ""),
        *_polymer_parts(parameters.name, numbers),
        _collector(numbers, "positive"),
    ]
    present = [part for part in parts if part.name == _LITHIUM or np.any(part.thickness > 0.0)]
    _check_densities(parameters.name, numbers, present)
    return tuple(_weigh(parameters, numbers, part) for part in present)


def _polymer_parts(name: str, numbers: Mapping[str, Any]) -> list[_Part]:
    """Return the parts of separator and cathode."""
    cathode, separator = numbers[f"{_CATHODE}.thickness"], numbers["cell.separator.thickness"]
    polymer = numbers["cell.separator.electrolyte_volume_fraction"]
    active, electrolyte, additive = _fractions(name, numbers)
    return [
        _Part("polymer", "separator", "stack", separator * polymer, "electrolyte.density"),
        _Part("filler", "separator", "stack", separator * (1.0 - polymer), "cell.separator.filler_density"),
        _Part("active material", "cathode", "material", cathode * active, "electrode.density"),
        _Part("polymer in the cathode", "cathode", "stack", cathode * electrolyte, "electrolyte.density"),
        _Part("carbon in the cathode", "cathode", "stack", cathode * additive, f"{_CATHODE}.additive_density"),
    ]


def _collector(numbers: Mapping[str, Any], sign: str) -> _Part:
    name = f"{sign} collector"
    thickness = numbers.get(f"cell.{sign}_collector.thickness", 0.0)
    return _Part(name, name, "stack", thickness, f"cell.{sign}_collector.density")


def _fractions(name: str, numbers: Mapping[str, Any]) -> tuple[Any, Any, Any]:
    """Return the volume fractions of active material, electrolyte and additives in the cathode."""
    active, electrolyte = (numbers[f"{_CATHODE}.{part}_volume_fraction"] for part in ("active_material", "electrolyte"))
    rest = 1.0 - active - electrolyte
    additive = numbers.get(_ADDITIVE, rest)
    wrong = np.abs(rest - additive) > _TOLERANCE if _ADDITIVE in numbers else rest < -_TOLERANCE
    if np.any(wrong):
        total = np.ravel(active + electrolyte + additive if _ADDITIVE in numbers else active + electrolyte)
        found = f"volume fractions that sum to {total[np.argmax(np.ravel(wrong))]:g}"
        wanted = "1: active material, electrolyte and additives fill the cathode"
        raise ParameterError(Problem(name, _CATHODE, found, wanted))
    return active, electrolyte, np.where(additive > _TOLERANCE, additive, 0.0) if np.ndim(rest) else _clip(additive)


def _clip(additive: float) -> float:
    """Return a fraction without what rounding leaves."""
    return additive if additive > _TOLERANCE else 0.0


def _check_densities(name: str, numbers: Mapping[str, Any], parts: list[_Part]) -> None:
    """Raise with every layer that has a thickness and no density."""
    missing = dict.fromkeys(part.density for part in parts if part.density and part.density not in numbers)
    if missing:
        raise ParameterError(
            [Problem(name, path, "nothing", f"a density: {QUANTITIES[path].description}") for path in missing]
        )


def _weigh(parameters: ParameterSet, numbers: Mapping[str, Any], part: _Part) -> Component:
    if not part.density:
        record = parameters.entries[THICKNESS]
        return Component(part.name, part.layer, part.level, 0.0, part.thickness, record.status, "", record.path)
    record = parameters.entries[part.density]
    mass = numbers[part.density] * (part.thickness if part.assembled is None else part.assembled)
    return Component(part.name, part.layer, part.level, mass, part.thickness, record.status, record.source, record.path)
