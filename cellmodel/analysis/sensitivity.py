"""Sobol indices: which of the drawn numbers the spread of a result comes from.

The estimators are SALib's (Iwanaga et al. 2022, doi 10.18174/sesmo.18155), which the extra `analysis` installs.
"""

from __future__ import annotations

import tomllib
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from cellmodel.analysis.runs import check_dimension, finished, run_dimensions, variable_of
from cellmodel.errors import ResultsError

FEWEST_RUNS = 64
"""Below this an index estimated from given runs is mostly noise: ten harmonics are taken from them."""

_SEED = 1  # of the bootstrap behind the confidence interval, so that it comes again
_INDICES = {
    "first_order": "share of the variance that the number explains alone",
    "total": "share of the variance that would go if all other numbers were known",
}


def sobol_indices(dataset: xr.Dataset, of: str, confidence: float = 0.95) -> xr.Dataset:
    """Return the share of a result's variance that each drawn number explains.

    With a sample of the method "saltelli" both orders are estimated as by Saltelli et al. 2010
    (doi 10.1016/j.cpc.2009.09.018). From any other sample only the first order can be had: it is estimated from the
    runs as they are by random balance designs (Tarantola et al. 2006, doi 10.1016/j.ress.2005.06.003, with the bias
    correction of Tissot and Prieur 2012, doi 10.1016/j.ress.2012.06.010), and numbers must be drawn independently, as
    studies do.

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
        SALib is missing, nothing was drawn, the variable is not one value per run, or too few runs finished.
    """
    check_dimension(dataset, "draw")
    variable = variable_of(dataset, of)
    if set(variable.dims) != set(run_dimensions(dataset)):
        raise ResultsError(f"{of} is not one value per run: it has the dimensions {', '.join(map(str, variable.dims))}")
    names = drawn_names(dataset)
    outer = tuple(name for name in run_dimensions(dataset) if name != "draw")
    sizes = tuple(dataset.sizes[name] for name in outer)
    saltelli = _method(dataset) == "saltelli"
    orders = tuple(_INDICES) if saltelli else ("first_order",)
    found = {key: np.full((*sizes, len(names)), np.nan) for o in orders for key in (o, f"{o}_confidence")}
    counted = np.zeros(sizes, dtype=int)
    values = variable.where(finished(dataset)).transpose(*outer, "draw").values
    for place in np.ndindex(*sizes):
        where = dict(zip(outer, place, strict=True))
        drawn = np.stack([_along_draws(dataset[name], where) for name in names], axis=1)
        estimate = _saltelli if saltelli else _given_runs
        counted[place], indices = estimate(drawn, values[place], confidence, of)
        for key, row in indices.items():
            found[key][place] = row
    return _labelled(dataset, names, outer, found, counted, of)


def drawn_names(dataset: xr.Dataset) -> list[str]:
    """Return the variables that hold drawn numbers.

    Parameters
    ----------
    dataset : xarray.Dataset
        Results of a study.

    Returns
    -------
    list of str
        Those with the attribute `path` along `draw`.

    Raises
    ------
    ResultsError
        There are none.
    """
    names = [
        str(n) for n, variable in dataset.variables.items() if "path" in variable.attrs and "draw" in variable.dims
    ]
    if not names:
        raise ResultsError("nothing was drawn in these results: the study has no `sample`")
    return names


def _method(dataset: xr.Dataset) -> str:
    inputs = tomllib.loads(dataset.attrs.get("inputs", ""))
    return str(inputs.get("study", {}).get("sample", {}).get("method", ""))


def _along_draws(variable: xr.DataArray, where: dict[str, int]) -> NDArray[np.float64]:
    return np.asarray(variable.isel({name: i for name, i in where.items() if name in variable.dims}).values)


def _given_runs(
    drawn: NDArray[np.float64], values: NDArray[np.float64], confidence: float, of: str
) -> tuple[int, dict[str, Any]]:
    analyze = _salib("rbd_fast")
    kept = np.isfinite(values) & np.isfinite(drawn).all(axis=1)
    if kept.sum() < FEWEST_RUNS:
        raise ResultsError(f"{int(kept.sum())} runs have finished with a {of}: its indices need {FEWEST_RUNS}")
    result = analyze(_problem(drawn), drawn[kept], values[kept], conf_level=confidence, seed=_SEED)
    return int(kept.sum()), {"first_order": result["S1"], "first_order_confidence": result["S1_conf"]}


def _saltelli(
    drawn: NDArray[np.float64], values: NDArray[np.float64], confidence: float, of: str
) -> tuple[int, dict[str, Any]]:
    analyze = _salib("sobol")
    block = drawn.shape[1] + 2
    blocks = values[: len(values) // block * block].reshape(-1, block)
    kept = blocks[np.isfinite(blocks).all(axis=1)]
    if kept.size < FEWEST_RUNS:
        raise ResultsError(
            f"{kept.size} runs have finished in whole blocks with a {of}: its indices need {FEWEST_RUNS}"
        )
    result = analyze(_problem(drawn), kept.ravel(), calc_second_order=False, conf_level=confidence, seed=_SEED)
    names = {"first_order": "S1", "first_order_confidence": "S1_conf", "total": "ST", "total_confidence": "ST_conf"}
    return kept.size, {name: result[key] for name, key in names.items()}


def _problem(drawn: NDArray[np.float64]) -> dict[str, Any]:
    count = drawn.shape[1]
    return {"num_vars": count, "names": [str(number) for number in range(count)], "bounds": [[0.0, 1.0]] * count}


def _salib(module: str) -> Any:
    """Return an analyser of SALib, or say how to get it."""
    try:
        if module == "sobol":
            from SALib.analyze import sobol as found
        else:
            from SALib.analyze import rbd_fast as found
    except ImportError:
        raise ResultsError("sensitivity indices need SALib: pip install 'cellmodel[analysis]'") from None
    return found.analyze


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
