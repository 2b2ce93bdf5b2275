"""Sobol indices: which of the drawn numbers the spread of a result comes from.

Saltelli's design is evaluated by SALib (Iwanaga et al. 2022, doi 10.18174/sesmo.18155), which the extra `analysis`
installs. SALib's estimators from given data are not used: on 256 points of a Sobol sequence in 13 dimensions random
balance designs gave indices up to 0.4 to numbers without any influence, as the points are not random, and binning
(`delta`) came out a tenth too low.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from cellmodel.analysis.runs import check_dimension, finished, numbers_of, of_selection, run_dimensions, variable_of
from cellmodel.errors import ResultsError
from cellmodel.inputs import number

FEWEST_RUNS = 64
"""Below this an index is mostly noise."""

_DEGREE, _RESAMPLES = 4, 100
_BLOCK, _GROUP_RESAMPLES = 4, 200
_SEED = 1  # of the bootstrap behind the confidence interval, so that it comes again
_INDICES = {
    "first_order": "share of the variance that the number explains alone",
    "total": "share of the variance that would go if all other numbers were known",
}


def sobol_indices(dataset: xr.Dataset, of: str, confidence: float = 0.95) -> xr.Dataset:
    """Return the share of a result's variance that each drawn number explains.

    With a sample of the method "saltelli" both orders are estimated as by Saltelli et al. 2010
    (doi 10.1016/j.cpc.2009.09.018). From any other sample only the first order can be had, from the runs as they are:
    the share of the variance that a polynomial of fourth degree in the number explains (adjusted R^2; the number as
    its normal score, so that its distribution does not matter; derived here). An influence with a sharp step is
    underestimated. Of a choice between sets (`electrolyte_set`) it is the share between the means of the sets (adjusted
    R^2 as well). The confidence interval is that of 100 bootstrap resamples in either case.

    Parameters
    ----------
    dataset : xarray.Dataset
        Results of a study with a `sample`.
    of : str
        A variable with one value per run, such as "areal_capacity".
    confidence : float, optional
        Probability of the confidence intervals.

    Returns
    -------
    xarray.Dataset
        `first_order` and its half-width `first_order_confidence` on (..., parameter), of a Saltelli sample `total` and
        `total_confidence` too, all dimensionless; `runs` that count; the coordinate `path` has each number's path. A
        run that did not finish is left out, with its block in a Saltelli sample. Indices below zero are estimates of
        zero.

    Raises
    ------
    ResultsError
        Nothing was drawn, the variable is not one value per run, too few runs finished, or the sample is Saltelli's
        and SALib is missing.
    """
    check_dimension(dataset, "draw")
    variable_of(dataset, of)
    dataset = of_selection(dataset, of)
    variable = numbers_of(dataset, of)
    confidence = number(
        confidence, "analysis", "confidence", "a probability from 0 to below 1", (0.0, 0.999999), ResultsError
    )
    if set(variable.dims) != set(run_dimensions(dataset)):
        raise ResultsError(f"{of} is not one value per run: it has the dimensions {', '.join(map(str, variable.dims))}")
    names = drawn_names(dataset)
    outer = tuple(name for name in run_dimensions(dataset) if name != "draw")
    sizes = tuple(dataset.sizes[name] for name in outer)
    choices = np.array([dataset[name].dtype.kind != "f" for name in names])
    saltelli = _method(dataset) == "saltelli"
    orders = tuple(_INDICES) if saltelli else ("first_order",)
    found = {key: np.full((*sizes, len(names)), np.nan) for o in orders for key in (o, f"{o}_confidence")}
    counted = np.zeros(sizes, dtype=int)
    values = variable.where(finished(dataset)).transpose(*outer, "draw").values
    for place in np.ndindex(*sizes):
        where = dict(zip(outer, place, strict=True))
        drawn = np.stack([_along_draws(dataset[name], where) for name in names], axis=1)
        given = drawn, values[place], confidence, of
        counted[place], indices = _saltelli(*given) if saltelli else first_order_indices(*given, choices)
        for key, row in indices.items():
            found[key][place] = row
    return _labelled(dataset, names, outer, found, counted, of)


def drawn_names(dataset: xr.Dataset) -> list[str]:
    """Return the variables that hold drawn numbers, then those that say which set of a material holds."""
    names = [str(n) for n, drawn in dataset.coords.items() if "path" in drawn.attrs and "draw" in drawn.dims]
    if not names:
        raise ResultsError("nothing was drawn in these results: the study has no `sample`")
    return sorted(names, key=lambda name: dataset[name].dtype.kind != "f")


def _method(dataset: xr.Dataset) -> str:
    inputs = tomllib.loads(dataset.attrs.get("inputs", ""))
    return str(inputs.get("study", {}).get("sample", {}).get("method", ""))


def _along_draws(variable: xr.DataArray, where: dict[str, int]) -> NDArray[np.float64]:
    """Return what was drawn of one number; of a choice between sets the place of each among their sorted names."""
    values = variable.isel({name: i for name, i in where.items() if name in variable.dims}).values
    if values.dtype.kind != "f":
        values = np.unique(values.astype(str), return_inverse=True)[1]
    return np.asarray(values, dtype=float)


def first_order_indices(
    drawn: NDArray[np.float64],
    values: NDArray[np.float64],
    confidence: float = 0.95,
    of: str = "value",
    choices: NDArray[np.bool_] | None = None,
) -> tuple[int, dict[str, NDArray[np.float64]]]:
    """Return how many runs count, and indices with half-widths from runs as they are.

    `drawn` is (draw, number). `choices` says which columns are no numbers but say which set holds; a number is NaN
    where the set that holds does not draw it.
    """
    from scipy.special import ndtri

    choices = np.zeros(drawn.shape[1], dtype=bool) if choices is None else choices
    kept = np.isfinite(values) & np.isfinite(drawn[:, choices]).all(axis=1)
    kept &= np.isfinite(drawn).all(axis=1) | choices.any()
    count = int(kept.sum())
    if count < FEWEST_RUNS:
        raise ResultsError(f"{count} runs have finished with a {of}: its indices need {FEWEST_RUNS}")
    y = values[kept] - values[kept].mean()
    weights = np.ones((1 + _RESAMPLES, count))  # the runs themselves, then how often each is in a resample
    weights[1:] = np.random.default_rng(_SEED).multinomial(count, np.full(count, 1.0 / count), size=_RESAMPLES)
    held = np.unique(drawn[kept][:, choices], axis=0, return_inverse=True)[1].ravel()
    columns = [
        _between(column, y, weights) if chosen else _explained(ndtri(_places(column, held)), y, weights)
        for column, chosen in zip(drawn[kept].T, choices, strict=True)
    ]
    shares = np.stack(columns, axis=1)
    width = ndtri(0.5 + confidence / 2.0) * shares[1:].std(axis=0, ddof=1)
    return count, {"first_order": shares[0], "first_order_confidence": width}


def _places(column: NDArray[np.float64], held: NDArray[np.intp]) -> NDArray[np.float64]:
    """Return where each value lies in its distribution, 0 to 1, from its rank among the draws in which one set holds.

    Sets have distributions of their own: ranks among all draws would count the difference between sets as one of the
    number. Where it is not drawn nothing depends on it, and its place is any.
    """
    from scipy.stats import rankdata

    places, generator = np.empty(len(column)), np.random.default_rng(_SEED)
    for one in np.unique(held):
        rows = held == one
        own = column[rows]
        ranks = rankdata(own) if np.isfinite(own).all() else 1.0 + generator.permutation(own.size)
        places[rows] = (ranks - 0.5) / own.size
    return places


def _explained(x: NDArray[np.float64], y: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the adjusted R^2 of a polynomial in x for each row of weights."""
    base = np.polynomial.hermite_e.hermevander(x, _DEGREE)
    products = (base[:, :, None] * base[:, None, :]).reshape(len(x), -1)
    gram = (weights @ products).reshape(-1, _DEGREE + 1, _DEGREE + 1)
    right = weights @ (base * y[:, None])
    explained = np.einsum("ri,ri->r", right, np.linalg.solve(gram, right[..., None])[..., 0])
    return _adjusted(explained, y, weights, _DEGREE)


def _between(held: NDArray[np.float64], y: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the adjusted R^2 of the means of the sets for each row of weights."""
    belongs = (held[:, None] == np.unique(held)).astype(float)
    sums, sizes = weights @ (belongs * y[:, None]), weights @ belongs
    explained = np.divide(sums**2, sizes, out=np.zeros_like(sums), where=sizes > 0.0).sum(axis=1)
    return _adjusted(explained, y, weights, belongs.shape[1] - 1)


def _adjusted(
    explained: NDArray[np.float64], y: NDArray[np.float64], weights: NDArray[np.float64], terms: int
) -> NDArray[np.float64]:
    """Return the adjusted R^2 from the sum of squares that some terms beside a constant explain."""
    centre = (weights @ y) ** 2 / weights.sum(axis=1)
    total = weights @ y**2 - centre
    unexplained = 1.0 - (explained - centre) / np.where(total > 0.0, total, np.nan)
    return np.asarray(1.0 - unexplained * (len(y) - 1.0) / (len(y) - terms - 1.0))


def _saltelli(
    drawn: NDArray[np.float64], values: NDArray[np.float64], confidence: float, of: str
) -> tuple[int, dict[str, Any]]:
    try:
        from SALib.analyze import sobol
    except ImportError:
        raise ResultsError("indices of a Saltelli sample need SALib: pip install 'cellmodel[analysis]'") from None
    block = drawn.shape[1] + 2
    blocks = values[: len(values) // block * block].reshape(-1, block)
    kept = blocks[np.isfinite(blocks).all(axis=1)]
    if kept.size < FEWEST_RUNS:
        raise ResultsError(
            f"{kept.size} runs have finished in whole blocks with a {of}: its indices need {FEWEST_RUNS}"
        )
    number = drawn.shape[1]
    problem = {"num_vars": number, "names": [str(i) for i in range(number)], "bounds": [[0.0, 1.0]] * number}
    result = sobol.analyze(
        problem, kept.ravel(), num_resamples=_RESAMPLES, calc_second_order=False, conf_level=confidence, seed=_SEED
    )
    names = {"first_order": "S1", "first_order_confidence": "S1_conf", "total": "ST", "total_confidence": "ST_conf"}
    return kept.size, {name: result[key] for name, key in names.items()}


def _labelled(
    dataset: xr.Dataset,
    names: list[str],
    outer: tuple[str, ...],
    found: dict[str, NDArray[np.float64]],
    counted: NDArray[np.int_],
    of: str,
) -> xr.Dataset:
    variables: dict[str, Any] = {}
    for key, values in found.items():
        order = key.removesuffix("_confidence")
        words = _INDICES[order] if key == order else f"half-width of the confidence interval: {_INDICES[order]}"
        variables[key] = ((*outer, "parameter"), values, {"units": "1", "long_name": words})
    variables["runs"] = (outer, counted, {"units": "1", "long_name": "runs that count"})
    paths = [str(dataset[name].attrs["path"]) for name in names]
    labels = {"units": "1", "long_name": "drawn number"}
    meanings = [str(dataset[name].attrs.get("long_name", name)) for name in names]
    coordinates = {
        **{name: dataset[name] for name in outer if name in dataset.coords},
        "parameter": ("parameter", np.array(names, dtype=object), labels),
        "path": ("parameter", np.array(paths, dtype=object), {"units": "1", "long_name": "path of the number"}),
        "meaning": ("parameter", np.array(meanings, dtype=object), {"units": "1", "long_name": "what the number is"}),
    }
    attributes = {"of": of, "of_long_name": str(dataset[of].attrs.get("long_name", of))}
    return xr.Dataset(variables, coords=coordinates, attrs=attributes)


@dataclass(frozen=True)
class GroupShare:
    """Share of a variance that comes from a group of numbers, with the standard error of a bootstrap over blocks.

    Attributes
    ----------
    alone, alone_error : float
        What the group explains by itself: the closed Sobol index Var(E[Y|group])/Var(Y).
    total, total_error : float
        What would go if the group were known: 1 - Var(E[Y|rest])/Var(Y); more than `alone` by the interactions.
    """

    alone: float
    alone_error: float
    total: float
    total_error: float


def group_share(values: ArrayLike) -> GroupShare:
    """Return the share of the variance that a group of numbers explains.

    In each block of four runs (0, 1, 2, 3) the pairs (0, 1) and (2, 3) have the group in common and nothing else, the
    pairs (0, 2) and (1, 3) the rest. The covariance of pairs over the variance, both about the mean of all runs, is
    the closed Sobol index of what they have in common (Janon et al. 2014, doi 10.1051/ps/2013040, eq. 6, on both
    kinds of pair).

    Parameters
    ----------
    values : array_like, shape (draws,)
        Results of a sample of the method "grouped_saltelli", in its order; a last incomplete block is left out.

    Returns
    -------
    GroupShare
        Between 0 and 1 but for noise; NaN if there are fewer than two blocks or the values do not vary.
    """
    blocks = np.asarray(values, dtype=float)
    blocks = blocks[: blocks.size // _BLOCK * _BLOCK].reshape(-1, _BLOCK)
    if len(blocks) < 2 or not np.ptp(blocks) > 0.0:
        return GroupShare(np.nan, np.nan, np.nan, np.nan)
    alone, total = _closed_indices(blocks[None])
    chosen = np.random.default_rng(_SEED).integers(len(blocks), size=(_GROUP_RESAMPLES, len(blocks)))
    spread = [float(np.nanstd(index, ddof=1)) for index in _closed_indices(blocks[chosen])]
    return GroupShare(float(alone[0]), spread[0], float(total[0]), spread[1])


def _closed_indices(blocks: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return both indices of each sample of blocks, shape (samples, blocks, 4)."""
    y = blocks - blocks.mean(axis=(1, 2), keepdims=True)
    variance = (y**2).mean(axis=(1, 2))
    variance = np.where(variance > 0.0, variance, np.nan)
    group = (y[..., 0] * y[..., 1] + y[..., 2] * y[..., 3]).mean(axis=1) / 2.0
    rest = (y[..., 0] * y[..., 2] + y[..., 1] * y[..., 3]).mean(axis=1) / 2.0
    return group / variance, 1.0 - rest / variance
