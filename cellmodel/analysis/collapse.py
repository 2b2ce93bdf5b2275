"""How closely the capacities of many runs follow one common curve.

Nothing is simulated, read or drawn here.
"""

from __future__ import annotations

import numpy as np
import xarray as xr

from cellmodel.analysis.runs import checked_points, numbers_of, variable_of
from cellmodel.analysis.selection import of_selection
from cellmodel.errors import ResultsError

CURVE_POINTS = 12
"""Points of the common curve; fewer than the rates of any study it is used on."""


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
    share, position, points = (
        numbers_of(dataset, "utilization"),
        numbers_of(dataset, against),
        checked_points(points, 2),
    )
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
