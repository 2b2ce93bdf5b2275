"""The runs of a dataset: which dimensions tell them apart, which of them count, and their curves piece by piece."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from cellmodel.dataset.schema import STATUS
from cellmodel.errors import Problem, ResultsError, choices, found_text
from cellmodel.inputs import whole_number

FINISHED = (STATUS["completed"], STATUS["ended_early"])
"""Status of a run that has left a curve."""

_SAMPLES = re.compile(r"^samples = (\d+)$", re.MULTILINE)
"""Where the protocol among the attributes of results says how many samples every step has."""
_STEPS = {"cycle", "step"}


MOST_POINTS = 100_000
"""Of an axis or a curve."""


def check_results(dataset: Any) -> None:
    """Raise unless something is a dataset that cellmodel wrote.

    Parameters
    ----------
    dataset : object
        What was given.

    Raises
    ------
    ResultsError
        It is no dataset, there is no `status`, or there are no runs.
    """
    if not isinstance(dataset, xr.Dataset):
        raise ResultsError(Problem("analysis", "dataset", found_text(dataset), "an xarray.Dataset of cellmodel"))
    if "status" not in dataset:
        raise ResultsError("these results have no variable `status`: they were not written by cellmodel")
    if not dataset["status"].size:
        raise ResultsError("there are no runs in these results: one of their dimensions is empty")


def checked_points(points: Any, least: int) -> int:
    """Return a number of points, or raise a ResultsError; at most `MOST_POINTS`.

    Parameters
    ----------
    points : int
        What was given.
    least : int
        The fewest that have a meaning.

    Returns
    -------
    int
        The number.
    """
    wanted = f"a whole number from {least} to {MOST_POINTS}"
    return whole_number(points, "analysis", "points", wanted, (least, MOST_POINTS), ResultsError)


def run_dimensions(dataset: xr.Dataset) -> tuple[str, ...]:
    """Return the dimensions that tell runs apart, in the dataset's order.

    Parameters
    ----------
    dataset : xarray.Dataset
        Results.

    Returns
    -------
    tuple of str
        Those of `status`.

    Raises
    ------
    ResultsError
        There is no `status`.
    """
    check_results(dataset)
    return tuple(str(name) for name in dataset["status"].dims)


def finished(dataset: xr.Dataset) -> xr.DataArray:
    """Return where a run completed, or ended early and left a curve.

    Parameters
    ----------
    dataset : xarray.Dataset
        Results.

    Returns
    -------
    xarray.DataArray
        True or False on the dimensions of the runs.
    """
    check_results(dataset)
    return dataset["status"].isin(FINISHED)


def variable_of(dataset: xr.Dataset, name: str) -> xr.DataArray:
    """Return a variable by name.

    Parameters
    ----------
    dataset : xarray.Dataset
        Results.
    name : str
        What is wanted.

    Returns
    -------
    xarray.DataArray
        Not read yet.

    Raises
    ------
    ResultsError
        There is none of that name; the nearest names are offered.
    """
    if not isinstance(dataset, xr.Dataset):
        check_results(dataset)
    if not isinstance(name, str):
        raise ResultsError(Problem("analysis", "variable", found_text(name), "the name of a variable"))
    if name not in dataset.variables:
        raise ResultsError(f"these results have no variable {name!r}: {choices(name, map(str, dataset.variables))}")
    return dataset[name]


def numbers_of(dataset: xr.Dataset, name: str) -> xr.DataArray:
    """Return a variable of numbers by name; parameters and errors as of `variable_of`, and of texts.

    Returns
    -------
    xarray.DataArray
        Not read yet.
    """
    variable = variable_of(dataset, name)
    if variable.dtype.kind not in "fiub":
        raise ResultsError(f"{name} holds no numbers: it is of kind {variable.dtype}")
    return variable


def check_dimension(dataset: xr.Dataset, name: str) -> None:
    """Raise if the runs do not differ along a dimension.

    Parameters
    ----------
    dataset : xarray.Dataset
        Results.
    name : str
        The dimension.

    Raises
    ------
    ResultsError
        With the dimensions there are.
    """
    known = run_dimensions(dataset)
    if not isinstance(name, str) or name not in known:
        there = ", ".join(known) or "none"
        raise ResultsError(f"the runs of these results do not differ in {found_text(name)}; their dimensions: {there}")


def check_single_step(dataset: xr.Dataset) -> None:
    """Raise if a run has several steps or cycles, whose curves have no common axis, or not all of its samples.

    Parameters
    ----------
    dataset : xarray.Dataset
        Results.

    Raises
    ------
    ResultsError
        With the way to choose one.
    """
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
    """Give the dataset one position of all but the last dimension at a time, so that little is read at once.

    Parameters
    ----------
    dataset : xarray.Dataset
        Results.
    last : str or None
        The run dimension that stays whole; None leaves single runs.

    Yields
    ------
    tuple of dict and xarray.Dataset
        Position, and the runs there.
    """
    outer = [name for name in run_dimensions(dataset) if name != last]
    for where in np.ndindex(*(dataset.sizes[name] for name in outer)):
        position: dict[Hashable, int] = dict(zip(outer, where, strict=True))
        yield position, dataset.isel(position)


def charge_passed(runs: xr.Dataset, against: str) -> NDArray[np.float64]:
    """Return the charge passed since the start of a run, on the scale of one of its capacities.

    Parameters
    ----------
    runs : xarray.Dataset
        Of one step.
    against : str
        "areal_capacity" [mA.h.cm-2], "specific_capacity" [mA.h.g-1] or "utilization" [1].

    Returns
    -------
    ndarray, shape (..., sample)
        Never negative, in the unit of that variable.
    """
    charge = runs["discharge_capacity"].values
    capacity = runs["capacity"].values
    scale = np.divide(runs[against].values, capacity, out=np.full(np.shape(capacity), np.nan), where=capacity > 0)
    return np.asarray(np.abs(charge - charge[..., :1]) * scale[..., None])
