"""What numbers and functions must satisfy together before they are called a cell.

Each check returns problems; `check` raises with all of them.  Nothing here reads files.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import cache, lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cellmodel.correlations.conductivity import GLASSY
from cellmodel.correlations.frames import SALT_VOLUME
from cellmodel.errors import ParameterError, Problem
from cellmodel.parameters.stoichiometry import CUT_OFFS, DELITHIATION, DIRECTIONS, LITHIATION
from cellmodel.quantities import QUANTITIES
from cellmodel.units import number_text, range_text

if TYPE_CHECKING:
    from cellmodel.correlations import Correlation
    from cellmodel.parameters.parameter_set import ParameterSet

FRACTIONS = (
    "cell.positive_electrode.active_material_volume_fraction",
    "cell.positive_electrode.electrolyte_volume_fraction",
)
"""Volume fractions of the composite cathode that must leave room for each other."""

POINTS, TEMPERATURES, ENDS = 1001, 13, 2
"""Concentrations or stoichiometries at which a function is checked, 3 mol.m-3 apart over the widest range in use, so
that a polynomial that dips below zero between two printed points is seen; temperatures, of a new cell and when numbers
change: every form is monotonic in temperature, and a study changes them ten thousand times."""
TOGETHER = 16
"""Draws whose functions are evaluated at once: numbers enough that calls cost nothing, and few enough for a cache."""
_MAXIMUM = "electrode.maximum_concentration"
_LIGHTEST, _HEAVIEST = 500.0, 3000.0
"""What a polymer without its salt can weigh [kg.m-3]."""
_SALT = ("electrolyte.initial_concentration", "electrolyte.solubility")


def check(parameters: ParameterSet, changed: Collection[str] | None = None, valid: Collection[str] = ()) -> None:
    """Raise with all that keeps the numbers of a cell from being physics.

    Volume fractions must leave room for each other, the salt at the start must dissolve, cut-offs must be in order and
    inside the open-circuit potential, which must decrease; every function must be finite and within its bounds over the
    range it states. Of a cell that was checked, only what follows from the changed numbers and functions is looked at
    again, without the functions that `valid_functions` found within their bounds.
    """
    looked_at = [path for path in parameters.functions if changed is None or _has_changed(path, changed)]
    looked_at = [path for path in looked_at if path not in valid]
    temperatures = TEMPERATURES if changed is None else ENDS
    problems = [*_check_geometry(parameters), *_check_solubility(parameters), *_check_volumes(parameters)]
    problems += _check_functions(parameters, looked_at, temperatures)
    if changed is None or not parameters.window_inputs.isdisjoint(changed):
        problems += _check_open_circuit(parameters)
    if problems:
        raise ParameterError(problems)


def check_material(parameters: ParameterSet) -> list[Problem]:
    """Return what is wrong in the functions of one material, before it is in a cell."""
    problems = missing_links(parameters)
    if problems:
        return problems
    problems = [*_check_solubility(parameters), *_check_volumes(parameters)]
    problems += _check_functions(parameters, parameters.functions, TEMPERATURES)
    for path in (LITHIATION, DELITHIATION):
        problems += _check_slope(parameters, path) if path in parameters.functions else []
    return problems


def missing_links(parameters: ParameterSet) -> list[Problem]:
    """Return every function of a cell or material whose form builds on another one that is not there."""
    there = {*parameters.functions, *parameters.entries}
    return [
        Problem(parameters.name, path, f"form '{record.form.__name__}' without '{target}'", "that entry in the file")
        for path, record in parameters.functions.items()
        for target in (*record.form.links.values(), *record.form.shared.values())
        if target not in there
    ]


def _has_changed(path: str, changed: Collection[str]) -> bool:
    """Return whether a function, or the largest solid concentration at which it is asked, is among the changed."""
    return path in changed or (_MAXIMUM in changed and "maximum" in QUANTITIES[path].arguments)


def _check_geometry(parameters: ParameterSet) -> list[Problem]:
    problems = []
    for electrode in parameters.kind.electrodes:
        total = sum(parameters[f"{electrode.layer}.{path.rpartition('.')[2]}"] for path in FRACTIONS)
        if total > 1.0 + 1e-9:
            problems.append(
                Problem(parameters.name, electrode.layer, f"volume fractions that sum to {total:g}", "at most 1")
            )
    lower, upper = (parameters[path] for path in CUT_OFFS)
    if lower >= upper:
        found = f"{lower:g} V, upper cut-off {upper:g} V"
        problems.append(Problem(parameters.name, "cell.lower_voltage_cut_off", found, "lower below upper"))
    return problems


def _check_volumes(parameters: ParameterSet) -> list[Problem]:
    """Return a salt that fills all volume before it is dissolved, and densities that no one polymer and salt have."""
    names = ("salt_molar_volume", "salt_molar_mass", "density", "initial_concentration", "solubility")
    records = (parameters.entries.get(f"electrolyte.{name}") for name in names)
    volume, mass, density, start, most = (np.nan if record is None else record.value for record in records)
    highest = float(np.fmax(start, most))
    if volume * highest >= 1.0:
        found = f"{volume:g} m3.mol-1, which fills the volume below {highest:g} mol.m-3"
        return [Problem(parameters.name, SALT_VOLUME, found, f"less than {1.0 / highest:.3g} m3.mol-1")]
    polymer = (density - start * mass) / (1.0 - start * volume)
    if np.isnan(polymer) or _LIGHTEST <= polymer <= _HEAVIEST:
        return []
    found = f"{density:g} kg.m-3, which with salt of {mass:g} kg.mol-1 and {volume:g} m3.mol-1 leaves a polymer of "
    wanted = f"densities of one solution: {_LIGHTEST:g} to {_HEAVIEST:g} kg.m-3"
    return [Problem(parameters.name, "electrolyte.density", f"{found}{polymer:.4g} kg.m-3", wanted)]


def _check_solubility(parameters: ParameterSet) -> list[Problem]:
    """Return a problem if more salt than dissolves is there at the start: such a run would end before it begins."""
    initial, solubility = (parameters.entries.get(path) for path in _SALT)
    if initial is None or solubility is None or initial.value < solubility.value:
        return []
    wanted = f"below the solubility, {solubility.value:g} mol.m-3"
    return [Problem(parameters.name, _SALT[0], f"{initial.value:g} mol.m-3", wanted)]


def _check_open_circuit(parameters: ParameterSet) -> list[Problem]:
    materials = [electrode.material for electrode in parameters.kind.electrodes]
    paths = [f"{name}.open_circuit_potential" for name in materials]
    paths += [DELITHIATION] if DELITHIATION in parameters.functions else []
    problems = [problem for path in paths for problem in _check_slope(parameters, path)]
    if problems:
        return problems
    for key, direction in zip(CUT_OFFS, DIRECTIONS, strict=True) if materials else ():
        try:
            parameters.stoichiometry(parameters[key], direction=direction)
        except ParameterError as error:
            problems += [Problem(parameters.name, key, one.found, one.wanted) for one in error.problems]
    return problems


def _check_slope(parameters: ParameterSet, path: str) -> list[Problem]:
    """Return where an open-circuit potential is not finite or does not fall."""
    y = np.linspace(-0.01, 1.01, 1021)
    with np.errstate(all="ignore"):
        potential = np.broadcast_to(np.asarray(parameters.function(path)(y), dtype=float), y.shape)
    if not np.all(np.isfinite(potential)):
        return [Problem(parameters.name, path, "a value that is not finite", "finite over -0.01 <= y <= 1.01")]
    steps = np.diff(potential)
    if np.any(steps >= 0.0):
        where = float(y[int(np.argmax(steps))])
        return [Problem(parameters.name, path, f"a potential that does not fall at y = {where:.3f}", "dU/dy < 0")]
    return []


def valid_functions(parameters: ParameterSet, drawn: Mapping[str, NDArray[np.float64]]) -> list[set[str]]:
    """Return which functions are within their bounds for many draws of a cell's numbers, evaluated many at a time.

    Parameters
    ----------
    parameters : ParameterSet
        The cell.
    drawn : mapping of str to ndarray, shape (draws,)
        Values of numbers in SI, by full path.

    Returns
    -------
    list of set of str
        For each draw, those of the functions that depend on the drawn numbers. The others are to be looked at one by
        one, which says what is wrong with them.
    """
    count = len(next(iter(drawn.values())))
    valid: list[set[str]] = [set() for _ in range(count)]
    for start in range(0, count, TOGETHER):
        together = min(TOGETHER, count - start)
        block = {path: values[start : start + together, None, None] for path, values in drawn.items()}
        functions = parameters.correlations(block)
        for path in parameters.depending_on(drawn.keys()):
            temperature, concentration = _ranges(parameters, path)
            maximum = block.get(_MAXIMUM, parameters[_MAXIMUM])
            values = _values(functions[path], _arguments(path, temperature, concentration, ENDS, maximum))
            rows = np.broadcast_to(values, (together, *values.shape[-2:])).reshape(together, -1)
            low, high = QUANTITIES[path].bounds
            cold = np.ravel(_highest_glass(functions[path], concentration) < temperature[0])
            within = (low < rows.min(axis=1)) & (rows.max(axis=1) <= high) & np.broadcast_to(cold, together)
            for row in np.flatnonzero(within):
                valid[start + row].add(path)
    return valid


def _check_functions(parameters: ParameterSet, paths: Iterable[str], temperatures: int) -> list[Problem]:
    maximum = parameters.entries[_MAXIMUM].value if _MAXIMUM in parameters.entries else 0.0
    asked = ((path, parameters.correlation(path), *_ranges(parameters, path)) for path in paths)
    found = ((one[0], _out_of_bounds(*one, temperatures, maximum)) for one in asked)
    return [Problem(parameters.name, path, *bad) for path, bad in found if bad]


def _ranges(parameters: ParameterSet, path: str) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return the temperatures [K] and concentrations [mol.m-3] between which a function is looked at."""
    valid = parameters.functions[path].valid
    return valid.get("temperature", (298.15, 298.15)), valid.get("concentration", (1000.0, 1000.0))


@cache
def _grid(
    temperature: tuple[float, float], concentration: tuple[float, float], temperatures: int
) -> Mapping[str, NDArray[np.float64]]:
    """Return the arguments a function may have over its range: salt or stoichiometry first, temperature second."""
    grid = {
        "concentration": np.linspace(*concentration, POINTS)[:, None],
        "temperature": np.linspace(*temperature, temperatures)[None, :],
        "thickness": np.geomspace(1e-9, 1e-6, POINTS)[:, None],
        "stoichiometry": np.linspace(0.02, 0.98, POINTS)[:, None],
    }
    for values in grid.values():
        values.flags.writeable = False
    return MappingProxyType(grid)


def _arguments(
    path: str, temperature: tuple[float, float], concentration: tuple[float, float], temperatures: int, maximum: Any
) -> dict[str, Any]:
    """Return what a function is asked at, by name."""
    grid = _grid(temperature, concentration, temperatures)
    solid = {"solid_concentration": grid["stoichiometry"] * maximum, "maximum": maximum}
    return {name: {**grid, **solid}[name] for name in QUANTITIES[path].arguments}


def _values(correlation: Correlation, arguments: Mapping[str, Any]) -> NDArray[np.float64]:
    """Return a function at its arguments; the last two dimensions are salt or stoichiometry, and temperature."""
    with np.errstate(all="ignore"):
        return np.atleast_2d(np.asarray(correlation.evaluate(*arguments.values()), dtype=float))


@lru_cache(maxsize=4096)
def _out_of_bounds(
    path: str,
    correlation: Correlation,
    temperature: tuple[float, float],
    concentration: tuple[float, float],
    temperatures: int,
    maximum: float,
) -> tuple[str, str] | None:
    """Return what a function gives that it must not, and what is wanted; the runs of a grid share most functions."""
    glass = float(np.max(_highest_glass(correlation, concentration)))
    if not glass < temperature[0]:
        return f"an ideal glass temperature of {glass:g} K", f"one below its lowest temperature, {temperature[0]:g} K"
    arguments = _arguments(path, temperature, concentration, temperatures, maximum)
    quantity, values = QUANTITIES[path], _values(correlation, arguments)
    low, high = quantity.bounds
    if low < values.min() and values.max() <= high:  # false if any is NaN
        return None
    strict = low == 0.0 and path != "interface.charge_transfer_fraction"
    bad = ~np.isfinite(values) | (values < low) | (values > high) | (strict & (values <= 0.0))
    if not np.any(bad):
        return None
    found = f"{number_text(values[bad].flat[0], quantity.unit)} inside its range of validity{_place(bad, arguments)}"
    wanted = f"{'more than ' if strict else ''}{range_text(low, high, quantity.unit)}"
    return found, "; ".join(filter(None, (wanted, correlation.beyond)))


def _highest_glass(correlation: Correlation, concentration: tuple[float, float]) -> Any:
    """Return the ideal glass temperature [K] that a form must stay above, zero for one that has none."""
    if not isinstance(correlation, GLASSY):
        return 0.0
    return np.maximum(*(correlation.glass_temperature(end) for end in concentration))


def _place(bad: NDArray[np.bool_], arguments: Mapping[str, Any]) -> str:
    """Return " at concentration = 12 mol.m-3, ..." for the first bad value."""
    units = {"concentration": " mol.m-3", "temperature": " K", "stoichiometry": ""}
    shown = {name: values for name, values in arguments.items() if name in units}
    bad, *grids = np.broadcast_arrays(bad, *shown.values())
    first = np.argmax(bad)
    places = (f"{name} = {grid.flat[first]:.5g}{units[name]}" for name, grid in zip(shown, grids, strict=True))
    return " at " + ", ".join(places) if shown else ""
