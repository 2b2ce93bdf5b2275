"""Results of which one step or one cycle was chosen: their own capacity and energy in the place of the run's.

`dataset.isel(cycle=0, step=2)` leaves every number that there is one of per run as it was. Here those of the discharge
(`OWN`) are taken from the step or the cycle that is left, and the others are refused: they belong to the whole run.
"""

from __future__ import annotations

import numpy as np
import xarray as xr

from cellmodel.analysis.runs import check_results, numbers_of
from cellmodel.dataset.schema import PER_RUN, STATUS, mechanism_numbers
from cellmodel.errors import ResultsError
from cellmodel.mechanisms import MECHANISMS

OWN = ("capacity", "areal_capacity", "specific_capacity", "utilization", "energy", "mean_voltage")
"""Numbers of a run that a step and a cycle have too."""
_SCALED = ("areal_capacity", "specific_capacity", "utilization")
_WORDS = {
    "capacity": "charge passed",
    "areal_capacity": "capacity per electrode area",
    "specific_capacity": "capacity per mass of active material",
    "utilization": "capacity over the capacity between the cut-offs",
    "energy": "energy moved",
    "mean_voltage": "energy over capacity",
}
_OF_THE_RUN = {*PER_RUN, *mechanism_numbers(MECHANISMS)} - set(OWN)


def selected(dataset: xr.Dataset) -> str:
    """Return what was chosen of results with several steps or cycles.

    Parameters
    ----------
    dataset : xarray.Dataset
        Results.

    Returns
    -------
    str
        "step", "cycle", or "" for all of a run, and for results that do not say how many there were.

    Raises
    ------
    ResultsError
        Some of several were chosen: their numbers are neither those of the run nor of one of them.
    """
    check_results(dataset)
    chosen = ""
    for name in ("cycle", "step"):
        index = dataset.get(f"{name}_index")
        most = int(index.attrs.get("valid_max", 1)) if index is not None else 1
        left = dataset.sizes[name] if index is not None and name in index.dims else 1
        if most == left:
            continue
        if index is not None and name in index.dims:
            raise ResultsError(f"{left} of {most} {name}s were chosen: choose one with .isel({name}=0), or all")
        chosen = name
    return chosen


def of_selection(dataset: xr.Dataset, *names: str) -> xr.Dataset:
    """Return results whose capacities and energy are those of the chosen step or cycle.

    Parameters
    ----------
    dataset : xarray.Dataset
        Results.
    *names : str
        Variables that are about to be used.

    Returns
    -------
    xarray.Dataset
        As it was where nothing was chosen. A step that did not run has NaN; the numbers of a charge are positive, as
        those of a run that only charges are.

    Raises
    ------
    ResultsError
        One of the names is a number of the whole run, or no charge passes in what was chosen.
    """
    what = selected(dataset)
    if not what:
        return dataset
    alien = [name for name in names if name in _OF_THE_RUN]
    if alien:
        raise ResultsError(
            f"{', '.join(alien)} is a number of the whole run, not of one {what}: leave the {what}s whole"
        )
    capacity, energy = _of_step(dataset) if what == "step" else _of_cycle(dataset)
    if not bool((capacity > 0.0).any()):
        raise ResultsError(f"no charge passes in this {what}: it has no capacity, energy or power")
    numbers = {"capacity": capacity, "energy": energy, "mean_voltage": energy / capacity.where(capacity > 0.0)}
    per_capacity = numbers_of(dataset, "capacity").where(dataset["capacity"] > 0.0)
    numbers |= {name: capacity * (dataset[name] / per_capacity) for name in _SCALED if name in dataset}
    described = {
        name: {**dataset[name].attrs, "long_name": f"{_WORDS[name]} of one {what}"}
        for name in numbers
        if name in dataset
    }
    changed = dataset.assign({name: numbers[name].assign_attrs(attrs) for name, attrs in described.items()})
    status = dataset["status"]
    if set(capacity.dims) <= set(status.dims):  # a run in which the chosen one did not run is none of it
        ran = capacity.notnull().broadcast_like(status).transpose(*status.dims)
        changed["status"] = status.copy(data=np.where(ran, status, STATUS["not_run"]))
    return changed


def _of_step(dataset: xr.Dataset) -> tuple[xr.DataArray, xr.DataArray]:
    return abs(dataset["step_capacity"]), abs(dataset["step_energy"])


def _of_cycle(dataset: xr.Dataset) -> tuple[xr.DataArray, xr.DataArray]:
    """Return what the cycle delivered, or took up where it does nothing else."""
    charge, energy = dataset["cycle_discharge_capacity"], dataset["cycle_discharge_energy"]
    discharges = bool((charge > 0.0).any())
    taken = dataset["cycle_charge_capacity"], dataset["cycle_charge_energy"]
    return (charge, energy) if discharges else taken
