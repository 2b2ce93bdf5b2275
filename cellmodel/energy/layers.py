"""The layers of a cell as components: what each weighs and how thick it is.

One layer is the negative electrode (lithium metal or porous), the separator, the positive electrode and the share of
the collectors that belongs to it. Masses are those of the cell as assembled (see `lithium`), volumes those of the
charged cell; porous electrodes are as thick as their file says, charged or not (graphite that swells on charge is not
counted, which favours a full cell by some percent of its volume).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from cellmodel.energy.components import Component
from cellmodel.energy.lithium import THICKNESS, assembled_foil
from cellmodel.errors import ParameterError, Problem
from cellmodel.parameters import ParameterSet
from cellmodel.parameters.kinds import PorousElectrode
from cellmodel.quantities import QUANTITIES

_ELECTROLYTE, _FILLING = "electrolyte.density", "electrolyte.filling_ratio"
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
        From the negative to the positive collector; a part of no thickness is left out. "electrolyte beyond the pores"
        weighs and takes no room.

    Raises
    ------
    ParameterError
        Layers without a density (all of them), volume fractions that do not sum to one, a negative lithium excess.
    """
    numbers = {**parameters.scalars, **(values or {})}
    positive, *negative = (_electrode(parameters.name, numbers, one) for one in parameters.kind.electrodes)
    metal = _lithium(parameters, numbers, values) if parameters.kind.lithium_metal else []
    separator, pores = (numbers[f"cell.separator.{name}"] for name in ("thickness", "electrolyte_volume_fraction"))
    parts = [
        _collector(numbers, "negative"),
        *metal,
        *(part for electrode in negative for part in electrode),
        _Part("electrolyte in the separator", "separator", "stack", separator * pores, _ELECTROLYTE),
        _Part("filler", "separator", "stack", separator * (1.0 - pores), "cell.separator.filler_density"),
        *positive,
        _collector(numbers, "positive"),
    ]
    present = [part for part in parts if part.name == _LITHIUM or np.any(part.thickness > 0.0)]
    _check_densities(parameters.name, numbers, present)
    weighed = tuple(_weigh(parameters, numbers, part) for part in present)
    return weighed + _beyond_the_pores(parameters, numbers, weighed)


def _lithium(parameters: ParameterSet, numbers: Mapping[str, Any], values: Mapping[str, Any] | None) -> list[_Part]:
    """Return the foil, and the lithium that the first charge plates on it."""
    charged, foil = numbers[THICKNESS], assembled_foil(parameters, values)
    kept = np.minimum(foil, charged)
    return [
        _Part(_LITHIUM, "lithium", "material", kept, "cell.lithium.density", foil),
        # Its mass counts as part of the active material, in which it came.
        _Part("lithium from the cathode", "lithium", "material", charged - kept, ""),
    ]


def _electrode(name: str, numbers: Mapping[str, Any], electrode: PorousElectrode) -> list[_Part]:
    """Return the parts of a porous electrode."""
    thickness, layer = numbers[f"{electrode.layer}.thickness"], f"{electrode.side} electrode"
    active, electrolyte, additive = _fractions(name, numbers, electrode.layer)
    material = "active material" if electrode.side == "positive" else f"{electrode.side} active material"
    density = f"{electrode.layer}.additive_density"
    return [
        _Part(material, layer, "material", thickness * active, f"{electrode.material}.density"),
        _Part(f"electrolyte in the {layer}", layer, "stack", thickness * electrolyte, _ELECTROLYTE),
        _Part(f"additives in the {layer}", layer, "stack", thickness * additive, density),
    ]


def _collector(numbers: Mapping[str, Any], side: str) -> _Part:
    name = f"{side} collector"
    thickness = numbers.get(f"cell.{side}_collector.thickness", 0.0)
    return _Part(name, name, "stack", thickness, f"cell.{side}_collector.density")


def _fractions(name: str, numbers: Mapping[str, Any], layer: str) -> tuple[Any, Any, Any]:
    """Return the volume fractions of active material, electrolyte and additives in a porous electrode."""
    active, electrolyte = (numbers[f"{layer}.{part}_volume_fraction"] for part in ("active_material", "electrolyte"))
    rest, stated = 1.0 - active - electrolyte, f"{layer}.additive_volume_fraction"
    additive = numbers.get(stated, rest)
    wrong = np.abs(rest - additive) > _TOLERANCE if stated in numbers else rest < -_TOLERANCE
    if np.any(wrong):
        total = np.ravel(active + electrolyte + additive if stated in numbers else active + electrolyte)
        found = f"volume fractions that sum to {total[np.argmax(np.ravel(wrong))]:g}"
        wanted = "1: active material, electrolyte and additives fill the electrode"
        raise ParameterError(Problem(name, layer, found, wanted))
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


def _beyond_the_pores(
    parameters: ParameterSet, numbers: Mapping[str, Any], weighed: tuple[Component, ...]
) -> tuple[Component, ...]:
    """Return the electrolyte that is filled in and does not fit into the pores, where a file states how much."""
    if _FILLING not in parameters.entries:
        return ()
    held, record = sum(part.mass for part in weighed if part.path == _ELECTROLYTE), parameters.entries[_FILLING]
    surplus = (numbers[_FILLING] - 1.0) * held
    named = "electrolyte beyond the pores", "electrolyte", "stack"
    return (Component(*named, surplus, 0.0 * surplus, record.status, record.source, record.path),)
