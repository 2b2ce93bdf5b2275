"""Capacity against rate and temperature, energy against power, and how closely many cells follow one common curve."""

from __future__ import annotations

import numpy as np
import xarray as xr

from cellmodel.analysis.runs import (
    SCALES,
    check_dimension,
    check_single_step,
    checked_points,
    finished,
    numbers_of,
    of_selection,
    run_dimensions,
    variable_of,
)
from cellmodel.errors import ResultsError

_RATES = ("c_rate", "current_density")
CURVE_POINTS = 12
"""Points of the common curve; fewer than the rates of any study it is used on."""


def rate_capability(dataset: xr.Dataset) -> xr.Dataset:
    """Return the capacities of every rate, and what of the slowest one's is left.

    Parameters
    ----------
    dataset : xarray.Dataset
        Results of a study over `c_rate` or `current_density`. Of runs that cycle the last complete discharge counts;
        `.isel(cycle=0)` or `.isel(cycle=0, step=0)` chooses another cycle, or a step.

    Returns
    -------
    xarray.Dataset
        In ascending order of the rate: `areal_capacity` [mA.h.cm-2], `specific_capacity` [mA.h.g-1], `utilization`
        [1] and `capacity_retention` [1], the capacity over that at the lowest rate. NaN where a run did not finish.

    Raises
    ------
    ResultsError
        No rate was swept.
    """
    rate = next((name for name in _RATES if name in run_dimensions(dataset)), None)
    if rate is None:
        raise ResultsError(f"no rate was swept: these results have neither {' nor '.join(_RATES)} as a dimension")
    return _capacities(dataset, rate, 0, "capacity over that at the lowest rate")


def capacity_against_temperature(dataset: xr.Dataset) -> xr.Dataset:
    """Return the capacities of every temperature, and what of the warmest one's is left.

    Parameters
    ----------
    dataset : xarray.Dataset
        Results of a study over the temperature; the same holds as in `rate_capability`.

    Returns
    -------
    xarray.Dataset
        In ascending order of `ambient_temperature` [K]: `areal_capacity` [mA.h.cm-2], `specific_capacity`
        [mA.h.g-1], `utilization` [1] and `capacity_retention` [1], the capacity over that at the highest
        temperature. NaN where a run did not finish.

    Raises
    ------
    ResultsError
        The temperature was not swept.
    """
    return _capacities(dataset, "ambient_temperature", -1, "capacity over that at the highest temperature")


def ragone(dataset: xr.Dataset) -> xr.Dataset:
    """Return energy and mean power of every run, per electrode area and per mass of active material.

    The energy is the capacity times the mean voltage; the mean power is the energy over the duration.

    Parameters
    ----------
    dataset : xarray.Dataset
        Results whose runs have one step, or of which one was chosen with `.isel(cycle=0, step=0)`: energy and time are
        then those of the step.

    Returns
    -------
    xarray.Dataset
        `areal_energy` [mW.h.cm-2], `areal_power` [mW.cm-2], `specific_energy` [mW.h.g-1], `specific_power` [mW.g-1]
        on the dimensions of the runs. NaN where a run did not finish.

    Raises
    ------
    ResultsError
        Runs have several steps, or no charge passes in the chosen one.
    """
    check_single_step(dataset)
    dataset = of_selection(dataset)
    counts = finished(dataset)
    time = numbers_of(dataset, "time")
    hours = ((time.isel(sample=-1) - time.isel(sample=0)) / 3600.0).where(counts)
    found = {}
    for scale, area, words in (
        ("areal", "cm-2", "per electrode area"),
        ("specific", "g-1", "per mass of active material"),
    ):
        energy = (numbers_of(dataset, f"{scale}_capacity") * numbers_of(dataset, "mean_voltage")).where(counts)
        power = (energy / hours).where(hours > 0.0)
        found[f"{scale}_energy"] = energy.assign_attrs(units=f"mW.h.{area}", long_name=f"energy {words}")
        found[f"{scale}_power"] = power.assign_attrs(units=f"mW.{area}", long_name=f"mean power {words}")
    return xr.Dataset(found)


def _capacities(dataset: xr.Dataset, along: str, reference: int, words: str) -> xr.Dataset:
    """Return the capacities in ascending order of a dimension, and their ratio to the one at a position of it."""
    check_dimension(dataset, along)
    dataset = of_selection(dataset)
    counts = finished(dataset)
    found = xr.Dataset(
        {name: numbers_of(dataset, name).where(counts).assign_attrs(dataset[name].attrs) for name in SCALES}
    )
    found = found.sortby(along)
    capacity = found["areal_capacity"]
    retention = capacity / capacity.isel({along: reference}, drop=True)
    return found.assign(capacity_retention=retention.assign_attrs(units="1", long_name=words))


def collapse(dataset: xr.Dataset, against: str = "limiting_current_ratio", points: int = CURVE_POINTS) -> xr.Dataset:
    """Return how closely the capacities of many cells follow one curve.

    The curve is piecewise linear in the logarithm of `against`, with points so that equally many runs lie between
    them, and the least-squares fit to all runs: how far runs of *different* cells stray from it is the spread.

    Parameters
    ----------
    dataset : xarray.Dataset
        Results of a study, with any dimensions.
    against : str, optional
        A variable or coordinate, positive: "limiting_current_ratio" (Devaux et al. 2020,
        doi 10.3389/fenrg.2019.00168), or "c_rate" for comparison.
    points : int, optional
        Of the curve; fewer where there are few runs.

    Returns
    -------
    xarray.Dataset
        On the dimensions of the runs: `position` (the values of `against`), `utilization`, `deviation` from
        the curve; along `point`: `curve_position`, `curve`; and `spread` (rms deviation), `largest_deviation`,
        `runs` (how many count). All dimensionless but `position`.

    Raises
    ------
    ResultsError
        If fewer than three runs with a capacity and a positive `against` are there, or if one step or cycle was chosen
        and `against` is a number of the whole run.
    """
    variable_of(dataset, against)
    dataset = of_selection(dataset, against)
    share, position = numbers_of(dataset, "utilization"), numbers_of(dataset, against)
    points = checked_points(points, 2)
    if not set(position.dims) <= set(share.dims):
        raise ResultsError(f"{against} has more than one value per run")
    position = position.broadcast_like(share).transpose(*share.dims)
    kept = share.notnull() & position.notnull() & (position > 0) & (position < np.inf)
    if int(kept.sum()) < 3:
        raise ResultsError(f"there is nothing to collapse: {int(kept.sum())} runs have a capacity and a {against}")
    x, y = np.log(position.values[kept.values]), share.values[kept.values]
    knots = np.unique(np.quantile(x, np.linspace(0.0, 1.0, max(2, min(points, x.size // 3)))))
    curve = np.linalg.lstsq(_hats(x, knots), y, rcond=None)[0]
    predicted = np.interp(np.log(position.where(kept)), knots, curve)
    deviation = (share - predicted).where(kept)
    words = {"units": "1"}
    units = {"units": str(dataset[against].attrs.get("units", "1"))}
    return xr.Dataset(
        {
            "position": position.where(kept).assign_attrs(units, long_name=against),
            "utilization": share.where(kept),
            "deviation": deviation.assign_attrs(words, long_name="share of capacity minus the common curve"),
            "curve_position": ("point", np.exp(knots), {**units, "long_name": against}),
            "curve": ("point", curve, {**words, "long_name": "share of capacity on the common curve"}),
            "spread": ((), float(np.sqrt((deviation**2).mean())), {**words, "long_name": "rms deviation"}),
            "largest_deviation": ((), float(abs(deviation).max()), {**words, "long_name": "largest deviation"}),
            "runs": ((), int(kept.sum()), {**words, "long_name": "runs that count"}),
        }
    )


def _hats(x: np.ndarray, knots: np.ndarray) -> np.ndarray:
    """Return the matrix of piecewise-linear base functions: 1 at their own knot, 0 at all others."""
    return np.stack([np.interp(x, knots, unit) for unit in np.eye(knots.size)], axis=1)
