"""The smallest and largest value that a number of a cell, format or vehicle can have.

A quantity has the bounds of its table. A coefficient of a functional form has those of what its name means: beyond
them no material is known and a form may give a plausible number all the same. It knows no values and no files.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from cellmodel.errors import ParameterError, Problem
from cellmodel.inputs import parse_quantity
from cellmodel.quantities import QUANTITIES
from cellmodel.units import range_text

_NUMBERED = re.compile(r"_\d+$")

TEMPERATURE, CONCENTRATION, STOICHIOMETRY = (150.0, 1000.0), (0.0, 1e5), (0.0, 1.0)
RANGES = {"temperature": TEMPERATURE, "concentration": CONCENTRATION, "stoichiometry": STOICHIOMETRY}
"""What the range in which a function holds may reach [K, mol.m-3, 1]."""

_SOME_SALT, _WIDTH, _PLACE, _RATE = (1e-3, 1e5), (1e-9, 10.0), (-1.0, 2.0), (-1e5, 1e5)
_BY_NAME: dict[str, tuple[float, float]] = {
    **dict.fromkeys(("reference_temperature", "lower_temperature", "upper_temperature"), TEMPERATURE),
    "ideal_glass_temperature": (1.0, 1000.0),
    "activation_temperature": (0.0, 1e5),
    "glass_temperature_slope": (-1e3, 1e3),
    **dict.fromkeys(("activation_energy", "semicrystalline_activation_energy"), (-2e5, 1e7)),
    "lower_concentration": CONCENTRATION,
    **dict.fromkeys(("upper_concentration", "maximum_concentration", "concentration_of_maximum"), _SOME_SALT),
    "reference_concentration": _SOME_SALT,
    **dict.fromkeys(("salt_molar_volume", "repeat_unit_molar_volume"), (1e-7, 1e-2)),
    "polymer_specific_volume": (1e-5, 1e-1),
    **dict.fromkeys(("salt_exponent", "occupied_exponent", "vacant_exponent"), (0.0, 10.0)),
    **dict.fromkeys(("tail_width", "knee_width", "end_width", "start_width", "width", "ratio_width"), _WIDTH),
    **dict.fromkeys(("centre", "ratio_of_minimum"), _PLACE),
    **dict.fromkeys(("knee_stoichiometry", "end_stoichiometry", "start_stoichiometry"), _PLACE),
    **dict.fromkeys(("steepness", "end_steepness", "rate", "start_rate", "end_rate", "shift", "interaction"), _RATE),
    "exponent": (0.0, 100.0),
    "current_fraction": (1e-3, 0.999),
    "thermal_voltage": (1e-3, 1.0),
    "sharpness": (0.1, 100.0),
    "log10_base": (-100.0, 10.0),
}
_BY_UNIT = {"V": (-100.0, 100.0), "1": (-1e6, 1e6)}
_ANY = (-1e30, 1e30)


def bounds_text(path: str, low: float, high: float, unit: str, value: float) -> str:
    """Return the bounds of a number in words; no lithium is the name of another kind of cell, never a thickness."""
    told = range_text(low, high, unit)
    if path == "cell.lithium.thickness" and value == 0.0:
        told += '; a cell without a foil has kind = "anode_free" and states no thickness of lithium'
    return told


def bounds_of(path: str, unit: str = "") -> tuple[float, float]:
    """Return the smallest and the largest possible value of a quantity or coefficient, in SI, by its full path.

    The SI unit of a coefficient bounds those whose name says nothing.
    """
    quantity = QUANTITIES.get(path) or QUANTITIES.get(path.removesuffix(".value"))
    if quantity is not None:
        return quantity.bounds
    name = path.rpartition(".")[2]
    return _BY_NAME.get(_NUMBERED.sub("", name)) or _BY_UNIT.get(unit, _ANY)


def read_temperature(value: Any, name: str) -> float:
    """Return the temperature [K] that a user gave, a number in kelvin or text with a unit; raise if no cell has it."""
    found, (low, high) = parse_quantity(value, "K", name, "temperature"), bounds_of("cell.temperature")
    if not low <= found <= high:
        raise ParameterError(Problem(name, "temperature", f"{found:g} K", f"a temperature of {low:g} to {high:g} K"))
    return found


def check_bounds(name: str, values: Mapping[str, Any]) -> None:
    """Raise if numbers or arrays by path, in SI, are impossible: all at once, with the worst of an array."""
    problems = []
    for path, value in values.items():
        low, high = bounds_of(path)
        least, most = float(np.min(value)), float(np.max(value))
        if not low <= least <= most <= high:
            worst = least if not least >= low else most
            problems.append(Problem(name, path, f"{worst:g}", f"{low:g} to {high:g}"))
    if problems:
        raise ParameterError(problems)
