"""Where the runs of a study stand in its dataset: coordinates, joined axes, positions."""

from __future__ import annotations

import numpy as np
import xarray as xr

from cellmodel.study.definition import CONDITIONS, Run, Study

_SAME = 1e-9  # relative; axis values closer than this are one


def coordinates(study: Study) -> dict[str, xr.Variable]:
    """Return the swept dimensions of a study in order, with their values.

    Parameters
    ----------
    study : Study
        As loaded.

    Returns
    -------
    dict of str to xarray.Variable
        `cell` or `case` first, then the axes; each with units and long_name.
    """
    found = {}
    if study.case_dimension is not None:
        labels = np.array([case.label for case in study.cases], dtype=object)
        attributes = {"units": "1", "long_name": study.case_dimension.capitalize()}
        found[study.case_dimension] = xr.Variable((study.case_dimension,), labels, attributes)
    for axis in study.axes:
        attributes = {"units": axis.unit, "long_name": axis.long_name}
        found[axis.dimension] = xr.Variable((axis.dimension,), np.array(axis.values, dtype=float), attributes)
    return found


def geometry_dimensions(study: Study) -> tuple[str, ...]:
    """Return the swept dimensions along which node positions may differ: cells and parameters."""
    cases = () if study.case_dimension is None else (study.case_dimension,)
    return (*cases, *(axis.dimension for axis in study.axes if axis.key not in CONDITIONS))


def union(new: xr.Variable, old: xr.Variable) -> xr.Variable:
    """Return an axis that holds the values of both; numbers ascend if `new` does not hold all of them.

    Parameters
    ----------
    new, old : xarray.Variable
        One-dimensional, of the same dimension.

    Returns
    -------
    xarray.Variable
        With the attributes of `new`; a value both have is spelled as in `old`.
    """
    if new.dtype.kind != "f":
        known = [*new.values, *(label for label in old.values if label not in set(new.values))]
        return xr.Variable(new.dims, np.array(known, dtype=object), new.attrs)
    stored = np.sort(old.values)
    above = np.searchsorted(stored, new.values)
    low, high = stored[np.maximum(above - 1, 0)], stored[np.minimum(above, stored.size - 1)]
    nearest = np.where(np.abs(new.values - low) < np.abs(new.values - high), low, high)
    spelled = np.where(np.isclose(nearest, new.values, rtol=_SAME, atol=0), nearest, new.values)
    others = np.setdiff1d(old.values, spelled)
    values = np.sort(np.concatenate([spelled, others])) if others.size else spelled
    return xr.Variable(new.dims, np.array(values, dtype=float), new.attrs)


def place(dataset: xr.Dataset, run: Run) -> tuple[int, ...]:
    """Return the position of a run along the swept dimensions of the dataset."""
    index = []
    for name, value in run.labels.items():
        known = dataset[name].values
        same = known == value if isinstance(value, str) else np.isclose(known, value, rtol=_SAME, atol=0)
        index.append(int(np.flatnonzero(same)[0]))
    return tuple(index)
