"""A figure of curves beside their reference, from what a check of `cellmodel.validation` returns.

It does not know what is compared.
"""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cellmodel.plotting.requirements import require
from cellmodel.plotting.style import CATEGORIES, MARKERS, new_figure, styled

_MANY = 60  # points from which a reference is drawn as small dots
_LINES = {"model": "-", "stock": "--", "other": ":"}


def plot_comparison(comparison: xr.Dataset) -> Figure:
    """Draw curves beside their reference.

    Parameters
    ----------
    comparison : xarray.Dataset
        `x` and `y` on (curve, point), `role` on (curve,): "model", "reference", "stock" or "other"; the long names of
        `x` and `y` label the axes; attributes `title` and `log` ("", "x", "y" or "xy").

    Returns
    -------
    matplotlib.figure.Figure
        References as points, everything else as lines; curves that share the first part of their label, up to a comma,
        share a colour.

    Raises
    ------
    ResultsError
        The dataset is no comparison.
    """
    require(comparison, "a comparison", ("x", "y", "role"), ("curve", "point"))
    with styled():
        figure = new_figure(8.2, 4.2)
        axes = figure.add_subplot()
        families = list(dict.fromkeys(_family(label) for label in comparison["curve"].values))
        for index in range(comparison.sizes["curve"]):
            _draw(axes, comparison.isel(curve=index), families)
        for axis in comparison.attrs["log"]:
            axes.set(**{f"{axis}scale": "log"})
        axes.set(
            xlabel=comparison["x"].attrs["long_name"],
            ylabel=comparison["y"].attrs["long_name"],
            title=comparison.attrs["title"],
        )
        figure.legend(*axes.get_legend_handles_labels(), loc="outside right upper", fontsize=7)
    return figure


def _family(label: str) -> str:
    return str(label).partition(",")[0]


def _draw(axes: Axes, curve: xr.Dataset, families: list[str]) -> None:
    """Draw one curve in the colour of its family."""
    label, role = str(curve["curve"].item()), str(curve["role"].item())
    position = families.index(_family(label))
    colour = CATEGORIES[position % len(CATEGORIES)]
    known = np.isfinite(curve["x"].values) & np.isfinite(curve["y"].values)
    x, y = curve["x"].values[known], curve["y"].values[known]
    if role == "reference":
        marker = "." if x.size > _MANY else MARKERS[position % len(MARKERS)]
        axes.plot(x, y, marker, color=colour, markersize=3 if x.size > _MANY else 4.5, alpha=0.7, label=label)
    else:
        axes.plot(x, y, _LINES.get(role, "-"), color=colour, label=label)
