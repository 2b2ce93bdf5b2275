"""The runs of a dataset: which dimensions tell them apart, which of them count, and their curves piece by piece.

`dataset.isel(cycle=0, step=2)` leaves every number that there is one of per run as it was. `of_selection` takes those
of the discharge (`OWN`) from the step or the cycle that is left, and refuses the others: they belong to the whole run.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterator
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from cellmodel.dataset.schema import PER_RUN, STATUS, mechanism_numbers
from cellmodel.errors import Problem, ResultsError, choices, found_text
from cellmodel.inputs import whole_number
from cellmodel.mechanisms import MECHANISMS

FINISHED = (STATUS["completed"], STATUS["ended_early"])
"""Status of a run that has left a curve."""

_SAMPLES = re.compile(r"^samples = (\d+)$", re.MULTILINE)
"""Where the protocol among the attributes of results says how many samples every step has."""
_STEPS = {"cycle", "step"}
MOST_POINTS = 100_000
"""Of an axis or a curve."""
SCALES = ("areal_capacity", "specific_capacity", "utilization")
"""What a capacity may be counted in."""
OWN = {
    "capacity": "charge passed",
    "areal_capacity": "capacity per electrode area",
    "specific_capacity": "capacity per mass of active material",
    "utilization": "capacity over the capacity between the cut-offs",
    "energy": "energy moved",
    "mean_voltage": "energy over capacity",
}
"""Numbers of a run that a step and a cycle have too, and what they are."""


def check_results(dataset: Any) -> None:
    """Raise unless something is a dataset that cellmodel wrote."""
    if not isinstance(dataset, xr.Dataset):
        raise ResultsError(Problem("analysis", "dataset", found_text(dataset), "an xarray.Dataset of cellmodel"))
    if "status" not in dataset:
        raise ResultsError("these results have no variable `status`: they were not written by cellmodel")
    if not dataset["status"].size:
        raise ResultsError("there are no runs in these results: one of their dimensions is empty")


def checked_points(points: Any, least: int) -> int:
    """Return a number of points, or raise a ResultsError; at most `MOST_POINTS`."""
    wanted = f"a whole number from {least} to {MOST_POINTS}"
    return whole_number(points, "analysis", "points", wanted, (least, MOST_POINTS), ResultsError)


def run_dimensions(dataset: xr.Dataset) -> tuple[str, ...]:
    """Return the dimensions that tell runs apart, in the dataset's order."""
    check_results(dataset)
    return tuple(str(name) for name in dataset["status"].dims)


def finished(dataset: xr.Dataset) -> xr.DataArray:
    """Return where a run completed, or ended early and left a curve."""
    check_results(dataset)
    return dataset["status"].isin(FINISHED)


def variable_of(dataset: xr.Dataset, name: str) -> xr.DataArray:
    """Return a variable by name."""
    if not isinstance(dataset, xr.Dataset):
        check_results(dataset)
    if not isinstance(name, str):
        raise ResultsError(Problem("analysis", "variable", found_text(name), "the name of a variable"))
    if name not in dataset.variables:
        raise ResultsError(f"these results have no variable {name!r}: {choices(name, map(str, dataset.variables))}")
    return dataset[name]


def numbers_of(dataset: xr.Dataset, name: str) -> xr.DataArray:
    """Return a variable of numbers by name; parameters and errors as of `variable_of`, and of texts."""
    variable = variable_of(dataset, name)
    if variable.dtype.kind not in "fiub":
        raise ResultsError(f"{name} holds no numbers: it is of kind {variable.dtype}")
    return variable


def check_dimension(dataset: xr.Dataset, name: str) -> None:
    """Raise if the runs do not differ along a dimension."""
    known = run_dimensions(dataset)
    if not isinstance(name, str) or name not in known:
        there = ", ".join(known) or "none"
        raise ResultsError(f"the runs of these results do not differ in {found_text(name)}; their dimensions: {there}")


def check_single_step(dataset: xr.Dataset) -> None:
    """Raise if a run has several steps or cycles, whose curves have no common axis, or not all of its samples."""
    voltage = numbers_of(dataset, "voltage")
    several = sorted(_STEPS & {str(name) for name in voltage.dims})
    if several:
        chosen = ", ".join(f"{name}=0" for name in several)
        raise ResultsError(f"these runs have several {' and '.join(several)}s: choose one with .isel({chosen})")
    stated = _SAMPLES.search(str(dataset.attrs.get("protocol", "")))
    there = dataset.sizes.get("sample", 1)
    if stated and there != int(stated.group(1)):
        wanted = "leave them whole: capacity and energy are those of all"
        raise ResultsError(f"{there} of {stated.group(1)} samples were chosen; {wanted}")
    if not voltage.sizes.get("sample"):
        raise ResultsError("these runs have no curves: their voltage has no dimension `sample`, or nothing along it")
    if there < 2:
        raise ResultsError(f"a curve needs at least two samples, not {there}")


def pieces(dataset: xr.Dataset, last: str | None) -> Iterator[tuple[dict[Hashable, int], xr.Dataset]]:
    """Give the dataset one position of all but the last dimension at a time, so that little is read at once."""
    outer = [name for name in run_dimensions(dataset) if name != last]
    for where in np.ndindex(*(dataset.sizes[name] for name in outer)):
        position: dict[Hashable, int] = dict(zip(outer, where, strict=True))
        yield position, dataset.isel(position)


def charge_passed(runs: xr.Dataset, against: str) -> NDArray[np.float64]:
    """Return the charge passed since the start of a run, never negative, in the unit of one of its capacities."""
    charge = runs["discharge_capacity"].values
    capacity = runs["capacity"].values
    scale = np.divide(runs[against].values, capacity, out=np.full(np.shape(capacity), np.nan), where=capacity > 0)
    return np.asarray(np.abs(charge - charge[..., :1]) * scale[..., None])


def each_run(
    dataset: xr.Dataset, names: list[str], size: int, function: Callable[[xr.Dataset], NDArray[np.float64]]
) -> NDArray[np.float64]:
    """Return (run dimensions, size) numbers that a function makes of runs along one dimension; NaN if not finished."""
    dimensions = run_dimensions(dataset)
    last = dimensions[-1] if dimensions else None
    values = np.full((*(dataset.sizes[name] for name in dimensions), size), np.nan)
    for position, runs in pieces(dataset[list(dict.fromkeys([*names, "status"]))], last):
        together = (runs if last else runs.expand_dims("run")).transpose(last or "run", ...)
        found = values[tuple(position[name] for name in dimensions[:-1])].reshape(-1, size)  # a view: filled in place
        counts = finished(together).values
        found[counts] = function(together.isel({last or "run": counts}))
    return values


def selected(dataset: xr.Dataset) -> str:
    """Return what was chosen of several steps or cycles: "step", "cycle", or "" for all; raise if several of them."""
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
    """Return results whose capacities and energy are those of the chosen step or cycle, before `names` are used."""
    what = selected(dataset)
    if not what:
        return dataset
    alien = [name for name in names if name in {*PER_RUN, *mechanism_numbers(MECHANISMS)} - OWN.keys()]
    if alien:
        raise ResultsError(
            f"{', '.join(alien)} is a number of the whole run, not of one {what}: leave the {what}s whole"
        )
    if what == "step":
        capacity, energy = abs(dataset["step_capacity"]), abs(dataset["step_energy"])
    else:  # what it delivered, or took up where it does nothing else
        way = "discharge" if bool((dataset["cycle_discharge_capacity"] > 0.0).any()) else "charge"
        capacity, energy = dataset[f"cycle_{way}_capacity"], dataset[f"cycle_{way}_energy"]
    if not bool((capacity > 0.0).any()):
        raise ResultsError(f"no charge passes in this {what}: it has no capacity, energy or power")
    numbers = {"capacity": capacity, "energy": energy, "mean_voltage": energy / capacity.where(capacity > 0.0)}
    per_capacity = numbers_of(dataset, "capacity").where(dataset["capacity"] > 0.0)
    numbers |= {name: capacity * (dataset[name] / per_capacity) for name in SCALES if name in dataset}
    described = {
        name: values.assign_attrs({**dataset[name].attrs, "long_name": f"{OWN[name]} of one {what}"})
        for name, values in numbers.items()
        if name in dataset
    }
    changed = dataset.assign(described)
    status = dataset["status"]
    if set(capacity.dims) <= set(status.dims):  # a run in which the chosen one did not run is none of it
        ran = capacity.notnull().broadcast_like(status).transpose(*status.dims)
        changed["status"] = status.copy(data=np.where(ran, status, STATUS["not_run"]))
    return changed
