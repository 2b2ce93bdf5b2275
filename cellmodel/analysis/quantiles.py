"""Quantiles over the draws of a sample: of any variable, and of the voltage on a common axis of capacity."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from cellmodel import inputs
from cellmodel.analysis.curves import capacity_axis, interpolated
from cellmodel.analysis.runs import (
    check_dimension,
    check_single_step,
    finished,
    numbers_of,
    of_selection,
    pieces,
    run_dimensions,
)
from cellmodel.errors import ResultsError, found_text

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
"""Median, the half and the nine tenths in the middle."""

_AT_ONCE = 4096  # runs whose samples are in memory together
_QUANTILE = {"units": "1", "long_name": "share of the runs below"}


def quantile_bands(
    dataset: xr.Dataset, names: str | Sequence[str], quantiles: Sequence[float] = QUANTILES, over: str = "draw"
) -> xr.Dataset:
    """Return quantiles of variables over the runs along one dimension.

    Parameters
    ----------
    dataset : xarray.Dataset
        Results of a study.
    names : str or sequence of str
        Variables with the dimension `over`, such as "areal_capacity".
    quantiles : sequence of float, optional
        Shares of the runs below, 0 to 1; between two runs linear.
    over : str, optional
        The dimension that is replaced by `quantile`.

    Returns
    -------
    xarray.Dataset
        The variables with `quantile` in place of `over`, and `runs`: how many count. A run that did not finish
        does not count; neither does a value that is NaN.

    Raises
    ------
    ResultsError
        There is no such dimension or variable, or a quantile is not between 0 and 1.
    """
    check_dimension(dataset, over)
    names = inputs.names(names, "analysis", "names", ResultsError)
    if not names:
        raise ResultsError("quantiles of which variables? `names` is empty")
    dataset = of_selection(dataset, *names)
    shares = _checked(quantiles)
    counts = finished(dataset)
    found: dict[str, xr.DataArray] = {}
    for name in names:
        variable = numbers_of(dataset, name)
        if over not in variable.dims:
            raise ResultsError(f"{name} does not have the dimension {over!r}")
        parts = []
        outer = [str(d) for d in variable.dims if d in counts.dims and d != over][:1]
        for index in range(dataset.sizes[outer[0]] if outer else 1):  # one slice at a time is in memory
            where = {outer[0]: index} if outer else {}
            part = variable.isel(where).where(counts.isel(where))
            parts.append(part.quantile(shares, dim=over, skipna=True, keep_attrs=True))
        whole = xr.concat(parts, dim=dataset[outer[0]]) if outer else parts[0]
        order = [d if d != over else "quantile" for d in variable.dims]
        found[name] = whole.transpose(*order).assign_attrs(variable.attrs)
    bands = xr.Dataset(found)
    bands["quantile"].attrs.update(_QUANTILE)
    bands["runs"] = counts.sum(over).assign_attrs(units="1", long_name="runs that count")
    return bands


def voltage_bands(
    dataset: xr.Dataset,
    against: str = "areal_capacity",
    quantiles: Sequence[float] = QUANTILES,
    points: int = 201,
    over: str = "draw",
) -> xr.Dataset:
    """Return quantiles of the voltage over the runs along one dimension, at equal capacity.

    Curves are interpolated linearly onto a common axis, evenly spaced up to the largest capacity. One that has ended
    counts as below all others in a discharge (above in a charge), so that a quantile is one of all runs everywhere; its
    curve ends at the same quantile of the capacities, and is NaN beyond.

    Parameters
    ----------
    dataset : xarray.Dataset
        Results of a study whose runs have one step.
    against : {"areal_capacity", "specific_capacity", "utilization"}, optional
        The axis [mA.h.cm-2, mA.h.g-1 or 1].
    quantiles, points, over : sequence of float; int; str, optional
        Shares of the runs below, 0 to 1; points of the axis; the dimension that is replaced by `quantile`.

    Returns
    -------
    xarray.Dataset
        `voltage` (..., quantile, against) [V]; `end` (..., quantile), the capacity at which its curve ends; `running`
        (..., against) [1], the share of runs not ended; of (...), median `end_voltage` [V] and finished `runs`.

    Raises
    ------
    ResultsError
        There is no such dimension, no finished run, or runs have several steps.
    """
    check_dimension(dataset, over)
    check_single_step(dataset)
    dataset = of_selection(dataset)
    shares, axis = _checked(quantiles), capacity_axis(dataset, against, points)
    outer = tuple(name for name in run_dimensions(dataset) if name != over)
    sizes = tuple(dataset.sizes[name] for name in outer)
    voltage = np.full((*sizes, len(shares), axis.size), np.nan)
    running, counted = np.zeros((*sizes, axis.size)), np.zeros(sizes, dtype=int)
    end, end_voltage = np.full((*sizes, len(shares)), np.nan), np.full(sizes, np.nan)
    names = dict.fromkeys(("voltage", "discharge_capacity", "current", "capacity", "status", against))
    for position, runs in pieces(dataset[list(names)], over):
        kept = runs.isel({over: np.flatnonzero(finished(runs).values)}).transpose(over, ...)
        place = tuple(position[name] for name in outer)
        counted[place] = kept.sizes[over]
        if kept.sizes[over]:
            running[place], voltage[place], end[place] = _bands(kept, over, against, axis.values, shares)
            end_voltage[place] = np.nanmedian(kept["voltage"].isel(sample=-1).values)
    return xr.Dataset(
        {
            "voltage": ((*outer, "quantile", against), voltage, dict(dataset["voltage"].attrs)),
            "end": ((*outer, "quantile"), end, dict(dataset[against].attrs)),
            "end_voltage": (outer, end_voltage, {"units": "V", "long_name": "median voltage at which runs end"}),
            "running": ((*outer, against), running, {"units": "1", "long_name": "share of the runs not ended"}),
            "runs": (outer, counted, {"units": "1", "long_name": "runs that count"}),
        },
        coords={"quantile": ("quantile", shares, _QUANTILE), **{name: dataset[name] for name in outer}, against: axis},
    )


def _bands(
    runs: xr.Dataset, over: str, against: str, axis: NDArray[np.float64], shares: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return the share of finished runs that go on, quantiles of their voltage along the axis, and where those end."""
    blocks = [runs.isel({over: slice(i, i + _AT_ONCE)}) for i in range(0, runs.sizes[over], _AT_ONCE)]
    curves = np.concatenate([interpolated(block, "voltage", against, axis) for block in blocks])
    discharge = float(runs["current"].isel({over: 0}).mean()) > 0.0
    end = np.quantile(runs[against].values, shares if discharge else 1.0 - shares)
    return np.isfinite(curves).mean(axis=0), _quantiles_with_ended(curves, shares, discharge), end


def _checked(quantiles: Sequence[float]) -> NDArray[np.float64]:
    try:
        given = np.asarray(quantiles)
        shares = np.atleast_1d(given.astype(float)) if given.dtype.kind in "fiu" else np.empty(0)
    except (TypeError, ValueError):
        shares = np.empty(0)
    if shares.ndim != 1 or shares.size == 0 or not np.all((shares >= 0.0) & (shares <= 1.0)):
        raise ResultsError(f"quantiles are shares between 0 and 1, not {found_text(quantiles)}")
    return shares


def _quantiles_with_ended(
    curves: NDArray[np.float64], shares: NDArray[np.float64], discharge: bool
) -> NDArray[np.float64]:
    """Return quantiles over the first axis, NaN counting as the lowest (in a charge the highest) value."""
    ordered = np.sort(np.where(np.isnan(curves), -np.inf if discharge else np.inf, curves), axis=0)
    position = shares * (len(ordered) - 1)
    below = np.floor(position).astype(int)
    low, high = ordered[below], ordered[np.minimum(below + 1, len(ordered) - 1)]
    weight = (position - below)[:, None]
    with np.errstate(invalid="ignore"):  # infinity minus infinity: both curves have ended
        between = low + np.where(weight > 0.0, weight * (high - low), 0.0)
    return np.where(np.isfinite(between), between, np.nan)
