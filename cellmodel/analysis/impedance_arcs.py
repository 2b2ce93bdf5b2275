"""What is read from an impedance by eye: intercept, width and frequency of the first arc, the low-frequency end.

Dataset in, dataset out; it knows no cell.
"""

from __future__ import annotations

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from cellmodel.errors import ResultsError

ARC: dict[str, tuple[str, str]] = {
    "high_frequency_intercept": ("ohm.m2", "resistance at the highest frequency"),
    "arc_width": ("ohm.m2", "resistance where the first arc ends, minus the high-frequency intercept"),
    "arc_frequency": ("Hz", "frequency at the top of the first arc"),
    "low_frequency_resistance": ("ohm.m2", "resistance at the lowest frequency"),
    "lowest_frequency": ("Hz", "lowest frequency"),
}
"""Name -> (UDUNITS unit, long name)."""


def read_arcs(dataset: xr.Dataset) -> xr.Dataset:
    """Return what a reader takes from each spectrum of an impedance.

    Parameters
    ----------
    dataset : xarray.Dataset
        From `cellmodel.symmetric_impedance` or `cellmodel.cell_impedance`.

    Returns
    -------
    xarray.Dataset
        The variables of `ARC`, along the dataset's other dimensions. The first arc below the highest frequency ends
        where the reactance is smallest before it grows again, or with the spectrum; where there is no arc, its width
        and frequency are not-a-number.

    Raises
    ------
    ResultsError
        The dataset is no impedance.
    """
    if not isinstance(dataset, xr.Dataset) or not {"frequency", "resistance", "reactance"} <= set(dataset.variables):
        raise ResultsError("these results hold no impedance: no frequency, resistance and reactance")
    ordered = dataset[["resistance", "reactance"]].sortby("frequency", ascending=False)
    frequency = np.asarray(ordered["frequency"].values, dtype=float)
    found = xr.apply_ufunc(
        lambda real, imaginary: _arc(frequency, real, -imaginary),
        ordered["resistance"],
        ordered["reactance"],
        input_core_dims=[["frequency"], ["frequency"]],
        output_core_dims=[[]] * len(ARC),
        vectorize=True,
    )
    described = zip(ARC.items(), found, strict=True)
    variables = {name: one.assign_attrs(units=unit, long_name=words) for (name, (unit, words)), one in described}
    return xr.Dataset(variables, attrs=dataset.attrs)


def _arc(
    frequency: NDArray[np.float64], resistance: NDArray[np.float64], height: NDArray[np.float64]
) -> tuple[float, ...]:
    """Return the numbers of one spectrum from high to low frequency; `height` is the negative reactance."""
    known = np.isfinite(resistance) & np.isfinite(height)
    frequency, resistance, height = frequency[known], resistance[known], height[known]
    if not resistance.size:
        return (np.nan,) * len(ARC)
    slope = np.diff(height)
    falls = np.flatnonzero(slope < 0.0)
    falls = falls[falls > 0]
    ends = (resistance[0], resistance[-1], frequency[-1])
    if not falls.size:
        return ends[0], np.nan, np.nan, *ends[1:]
    top = int(falls[0])
    after = np.flatnonzero(slope[top:] > 0.0)
    end = top + int(after[0]) if after.size else resistance.size - 1
    return ends[0], float(resistance[end] - ends[0]), _top(frequency, height, top), *ends[1:]


def _top(frequency: NDArray[np.float64], height: NDArray[np.float64], place: int) -> float:
    """Return the frequency of a maximum, by the parabola through its three points over the logarithm."""
    decades = np.log10(frequency[place - 1 : place + 2])
    curvature, slope, _ = np.polyfit(decades - decades[1], height[place - 1 : place + 2], 2)
    return float(10 ** (decades[1] - slope / (2.0 * curvature)))
