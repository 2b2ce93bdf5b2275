"""Where the functions of a cell hold together, and which of them is asked outside the range it states."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import inf

from cellmodel.errors import Problem
from cellmodel.parameters.records import FunctionRecord

_SAME = 1e-6  # relative; unit conversion moves a number by less


def common_ranges(functions: Iterable[FunctionRecord]) -> dict[str, tuple[float, float]]:
    """Return the temperatures [K] and concentrations [mol.m-3] within which every function holds."""
    ranges: dict[str, tuple[float, float]] = {}
    stated = [function.valid for function in functions]
    for name in ("temperature", "concentration"):
        ends = [valid[name] for valid in stated if name in valid]
        ranges[name] = max((low for low, _ in ends), default=-inf), min((high for _, high in ends), default=inf)
    return ranges


def outside_ranges(
    name: str,
    functions: Mapping[str, FunctionRecord],
    materials: Mapping[str, str],
    asked: Iterable[tuple[str, str, float]],
) -> list[Problem]:
    """Return one problem for each function asked outside a range it states: at (argument, unit, value), in SI.

    It says how far outside, and which material or set of it states the range.
    """
    points, problems = tuple(asked), []
    for path, function in functions.items():
        for argument, unit, value in points:
            low, high = function.valid.get(argument, (-inf, inf))
            if not low * (1.0 - _SAME) <= value <= high * (1.0 + _SAME):
                apart = f"{low - value:.3g} {unit} below" if value < low else f"{value - high:.3g} {unit} above"
                found = f"{argument} {value:g} {unit}, {apart} the range of {materials.get(path.split('.')[0], name)}"
                problems.append(Problem(name, path, found, f"{low:g} to {high:g} {unit} (or extrapolate)"))
    return problems
