"""Impedance of symmetric cells and of half cells at rest, as labelled datasets.

Complex numbers are kept as two real variables, so that any netCDF reader opens them. It knows no figure and no file;
the linearisation is in `cellmodel.models.impedance`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from os import PathLike
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from cellmodel.characterisation.measurement import Measurement, prepare
from cellmodel.characterisation.steady import SteadySymmetricCell
from cellmodel.errors import ParameterError, Problem
from cellmodel.inputs import one_of, quantities
from cellmodel.models.cells.symmetric import VOLUMES
from cellmodel.models.impedance import MODELS, half_cell_impedance, symmetric_cell_impedance
from cellmodel.parameters import ParameterSet

Array = NDArray[np.float64]

PER_DECADE = 10
FREQUENCIES = (1e-15, 1e15)
"""[Hz]; far slower than any diffusion and far faster than any charge moves."""


def check_frequencies(frequencies: Any) -> Array:
    """Return frequencies [Hz] as an array; ParameterError if there is none, or one is not finite and above zero."""
    wanted = "finite and above zero (at zero frequency nothing oscillates: a full cell's impedance is infinite there, "
    wanted += "a symmetric cell's is the steady resistance, `expected_zero_frequency_limit`)"
    return np.array(quantities(frequencies, "Hz", "impedance", "frequencies", wanted, FREQUENCIES))


def symmetric_impedance(
    cell: str | PathLike[str] | ParameterSet,
    frequencies: Sequence[float | str] | None = None,
    *,
    temperature: float | str | None = None,
    overrides: Mapping[str, float | str] | None = None,
    extrapolate: bool = False,
    volumes: int = 2 * VOLUMES,
) -> xr.Dataset:
    """Return the impedance of lithium | polymer | lithium, and what an experimenter reads from it.

    Parameters
    ----------
    cell : str, os.PathLike or Cell
        Name of a shipped cell, path of a cell file, or a set.
    frequencies : sequence of float, optional
        [Hz]; default from far below the polymer's diffusion to far above the interfaces' arc.
    temperature, overrides, extrapolate
        As in `cellmodel.simulate`.
    volumes : int, optional
        Finite volumes across the polymer.

    Returns
    -------
    xarray.Dataset
        Dimension frequency.

    Raises
    ------
    ParameterError
        The input is wrong, a frequency is not above zero, or a capacitance is missing.

    Examples
    --------
    >>> import cellmodel
    >>> spectrum = cellmodel.symmetric_impedance("li_peo_lfp", volumes=40)
    >>> round(1e4 * spectrum["arc_width"].item(), 1)  # [ohm.cm2]
    32.8
    """
    measurement = prepare("symmetric_impedance", cell, temperature, overrides, extrapolate)
    volumes, steady = measurement.volumes(volumes), measurement.steady
    _require_capacitances(measurement, "interface.capacitance")
    asked = _default_frequencies(steady) if frequencies is None else check_frequencies(frequencies)
    impedance = symmetric_cell_impedance(measurement.parameters, measurement.temperature, asked, volumes)
    order = np.argsort(asked)[::-1]
    resistance, reactance = impedance.real[order], -impedance.imag[order]
    # A single-ion conductor has the one arc only, down to zero frequency.
    width = _arc_width(resistance, reactance) if steady.newman_number() > 0.0 else resistance[-1] - resistance[0]
    ohmic, faces = steady.ohmic_resistance(), steady.interface_resistance()
    variables = _spectrum(("frequency",), impedance) | {
        "high_frequency_intercept": ((), resistance[0]),
        "expected_high_frequency_intercept": ((), ohmic),
        "arc_width": ((), width),
        "expected_arc_width": ((), faces),
        "zero_frequency_limit": ((), resistance[-1]),
        "expected_zero_frequency_limit": ((), ohmic * (1.0 + steady.newman_number()) + faces),
    }
    return measurement.dataset(variables, {"frequency": (("frequency",), asked)}, volumes=volumes)


def cell_impedance(
    cell: str | PathLike[str] | ParameterSet,
    frequencies: Sequence[float] | None = None,
    *,
    states_of_charge: Sequence[float] = (0.2, 0.5, 0.8),
    temperature: float | str | None = None,
    overrides: Mapping[str, float | str] | None = None,
    extrapolate: bool = False,
    model: str = "DFN",
) -> xr.Dataset:
    """Return the impedance of a half cell at rest.

    Parameters
    ----------
    cell : str, os.PathLike or Cell
        Name of a shipped cell, path of a cell file, or a set.
    frequencies : sequence of float, optional
        [Hz]; default 0.1 mHz to 10 MHz.
    states_of_charge : sequence of float, optional
        Between 0 (lower cut-off) and 1 (upper cut-off).
    temperature, overrides, extrapolate
        As in `cellmodel.simulate`.
    model : {"DFN", "SPMe", "SPM"}, optional
        Which half-cell model.

    Returns
    -------
    xarray.Dataset
        Dimensions state_of_charge and frequency.

    Raises
    ------
    ParameterError
        The input is wrong, a frequency is not above zero, or a capacitance is missing.

    Examples
    --------
    >>> import cellmodel
    >>> spectrum = cellmodel.cell_impedance("li_peo_lfp", [1.0, 1e5], states_of_charge=[0.5])
    >>> (1e4 * spectrum["resistance"]).round(1).values.tolist()  # [ohm.cm2]
    [[20.7, 3.7]]
    """
    roles = ("electrolyte", "interface", "electrode")
    measurement = prepare("cell_impedance", cell, temperature, overrides, extrapolate, roles)
    _require_capacitances(measurement, "interface.capacitance", "electrode.double_layer_capacitance")
    states_of_charge = quantities(states_of_charge, "1", "impedance", "states_of_charge", "0 to 1", (0.0, 1.0))
    model = one_of(model, MODELS, "impedance", "model")
    asked = np.geomspace(1e-4, 1e7, 11 * PER_DECADE + 1) if frequencies is None else check_frequencies(frequencies)
    parameters, T = measurement.parameters, measurement.temperature
    charged, discharged = parameters.stoichiometry_window
    filling = [discharged + value * (charged - discharged) for value in states_of_charge]
    rows = [half_cell_impedance(parameters, T, y, asked, model) for y in filling]
    swept = ("state_of_charge",)
    variables = _spectrum((*swept, "frequency"), np.array(rows))
    coordinates = {
        "state_of_charge": (swept, np.array(states_of_charge, dtype=float)),
        "frequency": (("frequency",), asked),
        "stoichiometry": (swept, np.array(filling)),
    }
    return measurement.dataset(variables, coordinates, model=model)


def _arc_width(resistance: Array, reactance: Array) -> float:
    """Return the width of the first arc from high frequencies on, NaN without a second; `reactance` is -Im Z."""
    falls = np.flatnonzero(np.diff(reactance) < 0.0)
    rises = np.flatnonzero(np.diff(reactance) > 0.0)
    after = rises[rises > falls[0]] if falls.size else rises[:0]
    return float(resistance[after[0]] - resistance[0]) if after.size else np.nan


def _spectrum(dimensions: tuple[str, ...], impedance: Any) -> dict[str, tuple[tuple[str, ...], Any]]:
    return {
        "resistance": (dimensions, impedance.real),
        "reactance": (dimensions, impedance.imag),
        "magnitude": (dimensions, np.abs(impedance)),
        "phase": (dimensions, np.angle(impedance, deg=True)),
    }


def _require_capacitances(measurement: Measurement, *paths: str) -> None:
    parameters = measurement.parameters
    problems = [
        Problem(parameters.name, path, "nothing", "a capacitance in [F.m-2]: an impedance needs it")
        for path in paths
        if path not in parameters.entries
    ]
    if problems:
        raise ParameterError(problems)


def _default_frequencies(steady: SteadySymmetricCell) -> Array:
    """From a hundredth of D / L^2 to a thousand times the middle of the interfaces' arc."""
    diffusion = steady.salt_diffusivity() / steady.thickness**2
    arc = 1.0 / (np.pi * steady.interface_resistance() * steady.parameters["interface.capacitance"])
    low, high = 1e-2 * diffusion, 1e3 * max(arc, diffusion)
    return np.geomspace(low, high, int(PER_DECADE * np.log10(high / low)) + 1)
