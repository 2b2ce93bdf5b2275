"""Capacity against rate and temperature, and energy against power."""

from __future__ import annotations

import xarray as xr

from cellmodel.analysis.runs import check_dimension, check_single_step, finished, numbers_of, run_dimensions
from cellmodel.analysis.selection import of_selection
from cellmodel.errors import ResultsError

_CAPACITIES = ("areal_capacity", "specific_capacity", "utilization")
_RATES = ("c_rate", "current_density")


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
        {name: numbers_of(dataset, name).where(counts).assign_attrs(dataset[name].attrs) for name in _CAPACITIES}
    )
    found = found.sortby(along)
    capacity = found["areal_capacity"]
    retention = capacity / capacity.isel({along: reference}, drop=True)
    return found.assign(capacity_retention=retention.assign_attrs(units="1", long_name=words))
