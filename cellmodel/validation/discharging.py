"""What several checks do with a built model: discharge it, read its voltage, and give it simple properties.

It knows no reference.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cellmodel.correlations import Constant
from cellmodel.models import build_model
from cellmodel.models.build import BuiltModel
from cellmodel.parameters import ParameterSet, Record
from cellmodel.parameters.records import FunctionRecord
from cellmodel.quantities import QUANTITIES

Array = NDArray[np.float64]

STOCK = "StockDFN"
"""PyBaMM's own half-cell DFN, in cellmodel's engine."""


def with_constants(parameters: ParameterSet, values: Mapping[str, float]) -> ParameterSet:
    """Return a cell some of whose functions are constants, so that closed forms hold.

    Parameters
    ----------
    parameters : ParameterSet
        A cell.
    values : mapping of str to float
        Path of a function -> its value in SI.

    Returns
    -------
    ParameterSet
        A new cell.
    """
    entries, functions = dict(parameters.entries), dict(parameters.functions)
    for path, value in values.items():
        unit = QUANTITIES[path].unit
        record = Record(f"{path}.value", value, unit, f"{value:g} {unit}", "setting", note="constant for a closed form")
        entries[record.path] = record
        functions[path] = FunctionRecord(path, Constant, {"value": record.path}, {})
    return replace(parameters, entries=entries, functions=functions)


def discharge(built: BuiltModel, c_rate: float, **controls: float) -> Any:
    """Discharge the charged cell at a multiple of its one-hour current, down to its cut-off.

    Parameters
    ----------
    built : BuiltModel
        A model.
    c_rate : float
        Multiple of the one-hour current.
    **controls : float
        Further controls of `BuiltModel.solve`.

    Returns
    -------
    StepSolution
        One leg.
    """
    parameters = built.parameters
    current = c_rate * parameters.areal_capacity * parameters["cell.area"]
    ends = {"current": current, "lower_voltage": parameters["cell.lower_voltage_cut_off"], **controls}
    return built.solve(1.3 * 3600 / c_rate, ends)


def voltage(built: BuiltModel, solution: Any, times: Array) -> Array:
    """Return the voltage [V] at given times [s], with the solver's interpolation."""
    return built.read(solution, times, ("voltage",))["voltage"]


def root_mean_square(values: Array) -> float:
    """Return the root mean square."""
    return float(np.sqrt(np.mean(np.square(values))))


def discharged_voltages(
    parameters: ParameterSet, c_rate: float, settings: list[dict[str, Any]], share: float = 0.97
) -> tuple[Array, list[Array]]:
    """Discharge one cell with several numerical settings and read the voltages at the same times.

    Parameters
    ----------
    parameters : ParameterSet
        A cell.
    c_rate : float
        Multiple of the one-hour current.
    settings : list of dict
        Arguments of `build_model`.
    share : float, optional
        How much of the shortest discharge is compared: the last part is nearly vertical.

    Returns
    -------
    tuple of (ndarray, list of ndarray)
        1,000 times [s] and the voltages [V] of each setting.
    """
    runs = []
    for setting in settings:
        built = build_model(parameters, **setting)
        runs.append((built, discharge(built, c_rate)))
    end = min(solution.end_time for _, solution in runs)
    times = np.linspace(0, share * end, 1000)
    return times, [voltage(built, solution, times) for built, solution in runs]
