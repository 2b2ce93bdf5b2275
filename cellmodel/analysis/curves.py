"""Curves of runs on common axes: voltage over capacity, dQ/dV over voltage, the parts of the voltage at the end."""

from __future__ import annotations

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from cellmodel.analysis.runs import (
    SCALES,
    charge_passed,
    check_single_step,
    checked_points,
    each_run,
    finished,
    numbers_of,
    of_selection,
    pieces,
    run_dimensions,
    variable_of,
)
from cellmodel.dataset.schema import VOLTAGE_LOSSES
from cellmodel.errors import ResultsError
from cellmodel.inputs import one_of

NO_CHANGE = 1e-6
"""Voltage [V] below which a change is that of the solver."""


def capacity_axis(dataset: xr.Dataset, against: str, points: int) -> xr.Variable:
    """Return an axis from zero to the largest capacity of any finished run, evenly spaced."""
    one_of(against, SCALES, "analysis", "against", ResultsError)
    points = checked_points(points, 2)
    largest = float(numbers_of(dataset, against).where(finished(dataset)).max())
    if not largest > 0.0:
        raise ResultsError("no run of these results has finished with a capacity")
    return xr.Variable((against,), np.linspace(0.0, largest, points), dict(dataset[against].attrs))


def interpolated(runs: xr.Dataset, name: str, against: str, axis: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return curves of runs at given capacities, NaN where a curve has ended."""
    passed, curves = charge_passed(runs, against), runs[name].values
    found = np.full((len(passed), axis.size), np.nan)
    for row, (x, y) in enumerate(zip(passed, curves, strict=True)):
        there = np.isfinite(x) & np.isfinite(y)
        if there.any():
            # 1e-9: the end of the longest run is the end of the axis, but for rounding
            reach = x[there][-1] * (1.0 + 1e-9)
            found[row] = np.where(axis <= reach, np.interp(axis, x[there], y[there]), np.nan)
    return found


def on_capacity(
    dataset: xr.Dataset, name: str = "voltage", against: str = "areal_capacity", points: int = 201
) -> xr.Dataset:
    """Return a sampled variable of every run on one common axis of capacity.

    Linear between samples; from zero to the largest capacity of any run, NaN where a run has ended.

    Parameters
    ----------
    dataset : xarray.Dataset
        Results whose runs have one step, or of which one was chosen with `.isel(cycle=0, step=0)`.
    name : str, optional
        A variable on `sample`.
    against : {"areal_capacity", "specific_capacity", "utilization"}, optional
        The axis [mA.h.cm-2, mA.h.g-1 or 1].
    points : int, optional
        Of the axis.

    Returns
    -------
    xarray.Dataset
        The variable on (..., against).

    Raises
    ------
    ResultsError
        There is no such variable, no finished run, or runs have several steps.
    """
    check_single_step(dataset)
    dataset = of_selection(dataset)
    variable, axis = numbers_of(dataset, name), capacity_axis(dataset, against, points)
    if set(variable.dims) != {*run_dimensions(dataset), "sample"}:
        raise ResultsError(
            f"{name} is no curve of each run: it has the dimensions {', '.join(map(str, variable.dims))}"
        )
    dimensions, needed = run_dimensions(dataset), [name, "discharge_capacity", "capacity", against]
    values = each_run(dataset, needed, axis.size, lambda runs: interpolated(runs, name, against, axis.values))
    coordinates = {d: dataset[d] for d in dimensions if d in dataset.coords} | {against: axis}
    return xr.Dataset({name: ((*dimensions, against), values, dict(variable.attrs))}, coords=coordinates)


def differential_capacity(dataset: xr.Dataset, points: int = 200, against: str = "areal_capacity") -> xr.Dataset:
    """Return dQ/dV of every run on one common axis of voltage.

    The voltages that any run takes are divided into equal bins; the value of a bin is the charge that passes while the
    voltage is in it, over its width. Between samples charge and voltage go in proportion. So the integral over the
    voltage is the capacity, also where the voltage recovers for a while; a finer axis resolves more and is rougher.

    Parameters
    ----------
    dataset : xarray.Dataset
        Results whose runs have one step, or of which one was chosen with `.isel(cycle=0, step=0)`.
    points : int, optional
        Number of bins.
    against : {"areal_capacity", "specific_capacity", "utilization"}, optional
        What the capacity is counted in [mA.h.cm-2, mA.h.g-1 or 1].

    Returns
    -------
    xarray.Dataset
        `differential_capacity` (..., voltage) [unit of the capacity per V], positive in charge and discharge; the
        coordinate `voltage` [V] has the middles of the bins.

    Raises
    ------
    ResultsError
        No run has finished, or runs have several steps.
    """
    check_single_step(dataset)
    dataset = of_selection(dataset)
    capacity_axis(dataset, against, 2)
    points = checked_points(points, 1)
    edges = _voltage_edges(dataset, points)

    def per_bin(runs: xr.Dataset) -> NDArray[np.float64]:
        curves = zip(runs["voltage"].values, charge_passed(runs, against), strict=True)
        below = [_charge_below(voltage, charge, edges) for voltage, charge in curves]
        return np.diff(np.reshape(below, (-1, edges.size))) / np.diff(edges)

    dimensions, needed = run_dimensions(dataset), ["voltage", "discharge_capacity", "capacity", against]
    values = each_run(dataset, needed, points, per_bin)
    unit = str(dataset[against].attrs.get("units", "1"))
    described = {
        "units": "V-1" if unit == "1" else f"{unit}.V-1",
        "long_name": f"differential of the {dataset[against].attrs.get('long_name', against)} by voltage",
    }
    axis = ("voltage", (edges[1:] + edges[:-1]) / 2.0, dict(dataset["voltage"].attrs))
    coordinates = {d: dataset[d] for d in dimensions if d in dataset.coords} | {"voltage": axis}
    return xr.Dataset({"differential_capacity": ((*dimensions, "voltage"), values, described)}, coords=coordinates)


def _voltage_edges(dataset: xr.Dataset, points: int) -> NDArray[np.float64]:
    dimensions = run_dimensions(dataset)
    low, high = np.inf, -np.inf
    for _, runs in pieces(dataset[["voltage", "status"]], dimensions[-1] if dimensions else None):
        voltage = runs["voltage"].where(finished(runs))
        low, high = min(low, float(voltage.min())), max(high, float(voltage.max()))
    if not high > low:
        raise ResultsError("no run of these results has finished with a voltage that changes")
    if not high - low > NO_CHANGE:
        raise ResultsError("the voltage of these runs does not change: a hold has no dQ/dV")
    return np.linspace(low, high, points + 1)


def _charge_below(
    voltage: NDArray[np.float64], charge: NDArray[np.float64], edges: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the charge that passes while the voltage is at most each edge; all of it at the last edge."""
    there = np.isfinite(voltage) & np.isfinite(charge)
    v, passed = voltage[there], np.diff(charge[there])
    low, high = np.minimum(v[1:], v[:-1]), np.maximum(v[1:], v[:-1])
    width = high - low
    flat = width == 0.0
    share = (edges[:, None] - low) / np.where(flat, 1.0, width)
    # a flat piece belongs to the bin above the edge it lies on, but for the last bin, which has no other above it
    share = np.where(flat, (edges[:, None] > low) | (edges[:, None] == edges[-1]), np.clip(share, 0.0, 1.0))
    return np.asarray(share @ passed)


def voltage_losses(dataset: xr.Dataset) -> xr.Dataset:
    """Return what the voltage at the end of a step has lost, part by part.

    The parts are those that are stored as `end_<part>_voltage`; with the open-circuit potential they add up to the
    voltage at the end.

    Parameters
    ----------
    dataset : xarray.Dataset
        Results.

    Returns
    -------
    xarray.Dataset
        `loss` (..., part) [V], positive where it lowers the voltage; `share` (..., part) [1] of all losses;
        `open_circuit_voltage` and `end_voltage` (...) [V]. NaN where a run did not finish.

    Raises
    ------
    ResultsError
        The results have no parts.
    """
    counts = finished(dataset)
    names = [name for name in VOLTAGE_LOSSES if name != "open_circuit"]
    stored = {name: variable_of(dataset, f"end_{name}_voltage").where(counts) for name in VOLTAGE_LOSSES}
    labels = xr.Variable("part", np.array(names, dtype=object), {"units": "1", "long_name": "part of the voltage"})
    loss = -xr.concat([stored[name] for name in names], dim=labels, coords="minimal", compat="override")
    loss = loss.transpose(..., "part")
    open_circuit, total = stored["open_circuit"], loss.sum("part", skipna=False)
    described = {"units": "V", "long_name": "voltage lost at the end of the step"}
    share = {"units": "1", "long_name": "share of all losses at the end of the step"}
    return xr.Dataset(
        {
            "loss": loss.assign_attrs(described),
            "share": (loss / total.where(total != 0.0)).assign_attrs(share),
            "open_circuit_voltage": open_circuit.assign_attrs(
                units="V", long_name=VOLTAGE_LOSSES["open_circuit"].long_name
            ),
            "end_voltage": (open_circuit - total).assign_attrs(units="V", long_name="voltage at the end of the step"),
        }
    )
