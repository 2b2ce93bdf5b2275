"""What a figure needs of a dataset: asked for before anything is drawn, refused in one sentence.

It knows no figure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from typing import Any

import numpy as np
import xarray as xr

from cellmodel.errors import Problem, ResultsError, choices, found_text, shortened


def require(
    dataset: Any,
    figure: str,
    variables: Collection[str] = (),
    dimensions: Collection[str] = (),
    attributes: Collection[str] = (),
) -> None:
    """Raise unless a dataset holds what a figure draws.

    Parameters
    ----------
    dataset : xarray.Dataset
        What was given.
    figure : str
        What is to be drawn, such as "a rate capability".
    variables : collection of str, optional
        Must be there, each with at least one value that is a number (or text).
    dimensions : collection of str, optional
        Must be there.
    attributes : collection of str, optional
        Of the dataset; must be there. Arithmetic on a dataset drops them.

    Raises
    ------
    ResultsError
        It is no dataset, or what is missing or empty, in one sentence.
    """
    if not isinstance(dataset, xr.Dataset):
        raise ResultsError(Problem("figure", "dataset", found_text(dataset), "an xarray.Dataset of cellmodel"))
    if "message" in dataset and "status" in dataset and dataset["status"].size and not _finished(dataset):
        raise ResultsError(f"there is nothing to plot: no run of these results has been completed{_why(dataset)}")
    missing = [name for name in dimensions if name not in dataset.dims]
    missing += [name for name in attributes if name not in dataset.attrs]
    missing += [name for name in variables if name not in dataset.variables and name not in missing]
    if missing:
        raise ResultsError(f"these results cannot be drawn as {figure}: they have no {_listed(missing)}")
    empty = [name for name in variables if not _has_values(dataset[name])]
    if empty:
        raise ResultsError(f"these results cannot be drawn as {figure}: no run has a value of {_listed(empty)}")


def require_axis(against: Any, known: Collection[str]) -> None:
    """Raise unless `against` is one of the quantities a horizontal axis can have."""
    if not isinstance(against, str) or against not in known:
        text = against if isinstance(against, str) else ""
        raise ResultsError(Problem("figure", "against", found_text(against), choices(text, known)))


def _finished(dataset: xr.Dataset) -> bool:
    return bool(dataset["status"].isin([1, 2]).any())


def _why(dataset: xr.Dataset) -> str:
    """Return the message that most of the runs left, for the end of a sentence."""
    word = Counter(map(str, dataset["message"].values.ravel().tolist())).most_common(1)[0][0]
    return f" ({shortened(word, 200)})" if word else ""


def _has_values(variable: xr.DataArray) -> bool:
    if variable.dtype.kind not in "fc":
        return bool(variable.size)
    return bool(np.isfinite(variable.values).any())


def _listed(names: Collection[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
