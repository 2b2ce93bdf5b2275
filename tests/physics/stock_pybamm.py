"""PyBaMM's own half-cell models in cellmodel's engine: everything equal but the submodels under test."""

from __future__ import annotations

from typing import Any
from unittest import mock

import numpy as np
import pybamm
from numpy.typing import NDArray

from cellmodel.models import build
from cellmodel.models.build import BuiltModel, build_model
from cellmodel.models.half_cell import half_cell_options
from cellmodel.parameters import ParameterSet


class StockDFN(pybamm.lithium_ion.DFN):
    """PyBaMM's DFN with the same options as ours."""

    def __init__(self, options: dict[str, Any] | None = None, build: bool = True) -> None:
        super().__init__(half_cell_options(options), build=build)


def build_stock(parameters: ParameterSet, **arguments: Any) -> BuiltModel:
    """Build PyBaMM's DFN with the arguments of `build_model`."""
    with mock.patch.dict(build.MODELS, {"DFN": StockDFN}):
        return build_model(parameters, **arguments)


def discharge(built: BuiltModel, c_rate: float, **controls: float) -> pybamm.Solution:
    """Discharge the charged cell at a multiple of its one-hour current, down to its cut-off."""
    parameters = built.parameters
    current = c_rate * parameters.areal_capacity * parameters["cell.area"]
    ends = {"current": current, "lower_voltage": parameters["cell.lower_voltage_cut_off"], **controls}
    return built.solve(1.3 * 3600 / c_rate, ends)


def voltage(built: BuiltModel, solution: pybamm.Solution, times: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the voltage at given times, with the solver's interpolation."""
    return built.read(solution, times, ("voltage",))["voltage"]


def root_mean_square(values: NDArray[np.float64]) -> float:
    """Return the root mean square."""
    return float(np.sqrt(np.mean(np.square(values))))
