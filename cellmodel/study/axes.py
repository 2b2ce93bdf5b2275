"""Where the runs of a study stand in its dataset: coordinates, drawn values, joined axes, positions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import xarray as xr

from cellmodel.parameters.records import AREAL_CAPACITY
from cellmodel.quantities import QUANTITIES
from cellmodel.study.sampling import DIMENSION as DRAW
from cellmodel.study.sets import set_name
from cellmodel.study.settings import CONDITIONS

if TYPE_CHECKING:
    from cellmodel.study.definition import Study

_SAME = 1e-9  # relative; axis values closer than this are one

MOVING_NODES = frozenset({"cell.separator.thickness", "cell.positive_electrode.thickness", "electrode.particle_radius"})
"""Numbers that move the nodes of the mesh."""


def coordinates(study: Study) -> dict[str, xr.Variable]:
    """Return the swept dimensions of a study in order, with their values.

    Parameters
    ----------
    study : Study
        As loaded.

    Returns
    -------
    dict of str to xarray.Variable
        `cell` or `case` first, then the axes, then `draw`; each with units and long_name.
    """
    found = {}
    if study.case_dimension is not None:
        labels = np.array([case.label for case in study.cases], dtype=object)
        attributes = {"units": "1", "long_name": study.case_dimension.capitalize()}
        found[study.case_dimension] = xr.Variable((study.case_dimension,), labels, attributes)
    for axis in study.axes:
        attributes = {"units": axis.unit, "long_name": axis.long_name}
        found[axis.dimension] = xr.Variable((axis.dimension,), np.array(axis.values, dtype=float), attributes)
    if study.sample is not None:
        attributes = {"units": "1", "long_name": "Draw"}
        found[DRAW] = xr.Variable((DRAW,), np.arange(study.sample.size), attributes)
    return found


def drawn_values(study: Study, dataset: xr.Dataset) -> dict[str, xr.Variable]:
    """Return the values of the drawn numbers along `draw`, and along the cells where there are several.

    Parameters
    ----------
    study : Study
        As loaded.
    dataset : xarray.Dataset
        With the swept dimensions of `study`, which may be longer: NaN at draws and cells that are not the study's.

    Returns
    -------
    dict of str to xarray.Variable
        By path with "_" for "."; the attribute `path` has the path. After the numbers, as text, which set of a material
        holds, such as `electrolyte_set`. Empty if the study draws nothing.
    """
    if study.sample is None:
        return {}
    labels = (None,) if study.case_dimension is None else dataset[study.case_dimension].values.tolist()
    dimensions = (DRAW,) if study.case_dimension is None else (study.case_dimension, DRAW)
    rows = [0] if study.case_dimension is None else [labels.index(case.label) for case in study.cases]
    shape = (len(labels), dataset.sizes[DRAW])
    found = {}
    sizes = [dataset.sizes[name] for name in dimensions]
    for column, path in enumerate(study.sample.paths):
        values = np.full(shape, np.nan)
        for row, draws in zip(rows, study.draws, strict=True):
            values[row, : study.sample.size] = draws.values[:, column]
        unit = study.cases[0].distributions[path].unit
        attributes = {"units": unit, "long_name": long_name(path), "path": path}
        found[variable_name(path)] = xr.Variable(dimensions, values.reshape(sizes), attributes)
    for role in study.sample.sets:
        held = np.full(shape, "", dtype=object)
        for row, draws in zip(rows, study.draws, strict=True):
            held[row, : study.sample.size] = draws.sets[role]
        attributes = {"units": "1", "long_name": f"set of the {role} that holds", "path": set_name(role)}
        found[set_name(role)] = xr.Variable(dimensions, held.reshape(sizes), attributes)
    return found


def variable_name(path: str) -> str:
    """Return the path of a number as the name of a variable: letters, digits and underscores only."""
    return path.removesuffix(".value").replace(".", "_")


def long_name(path: str) -> str:
    """Return what a number is: the phrase of the table of quantities, for a coefficient with its name."""
    whole = path.removesuffix(".value")
    if whole in QUANTITIES:
        return QUANTITIES[whole].description
    function, _, coefficient = path.rpartition(".")
    words = coefficient.replace("_", " ")
    return f"{QUANTITIES[function].description}, {words}" if function in QUANTITIES else words


def geometry_dimensions(study: Study) -> tuple[str, ...]:
    """Return the swept dimensions along which node positions may differ: cells, parameters, draws that move them."""
    cases = () if study.case_dimension is None else (study.case_dimension,)
    axes = tuple(axis.dimension for axis in study.axes if axis.key not in CONDITIONS)
    drawn = () if study.sample is None else study.sample.paths
    # at a given areal capacity the thickness follows from all that is drawn
    moved = drawn and any(axis.key == AREAL_CAPACITY for axis in study.axes)
    moved = moved or not MOVING_NODES.isdisjoint(drawn)
    return (*cases, *axes, *((DRAW,) if moved else ()))


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
    if new.dtype.kind == "i":
        return new if new.size >= old.size else xr.Variable(new.dims, old.values, new.attrs)
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


def _position(index: pd.Index, value: str | float) -> int:
    """Return where a value stands: looked up as it is, else as the one that is equal but for rounding."""
    try:
        return int(index.get_loc(value))
    except KeyError:
        if isinstance(value, str):
            raise
        return int(np.flatnonzero(np.isclose(index.values, value, rtol=_SAME, atol=0))[0])
