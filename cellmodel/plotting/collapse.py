"""Capacities of many cells against C-rate, and against current over limiting current: one curve or many.

Dataset in, figure out; the curve comes from `cellmodel.analysis`.
"""

from __future__ import annotations

import itertools
import textwrap

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import PercentFormatter

from cellmodel.analysis.capacities import collapse
from cellmodel.plotting import arrangement as arranging
from cellmodel.plotting import style
from cellmodel.plotting.requirements import require

_PANELS = {
    "c_rate": "C-rate",
    "limiting_current_ratio": "Current over limiting current (uniform reaction)",
}

_LEGEND_WIDTH = 20  # letters


def plot_collapse(dataset: xr.Dataset) -> Figure:
    """Draw the share of the capacity against C-rate and against current over limiting current.

    Parameters
    ----------
    dataset : xarray.Dataset
        Results of a study over C-rate and one or two other quantities; the first takes the colour, the second
        the marker.

    Returns
    -------
    matplotlib.figure.Figure
        Two panels, each with the best common curve and the rms deviation from it.

    Raises
    ------
    ResultsError
        If there are too few runs for a curve.

    Examples
    --------
    >>> import cellmodel
    >>> study = cellmodel.Study.load("lfp_rate_capability")
    >>> figure = cellmodel.plot_collapse(study.run(results=None))  # doctest: +SKIP
    """
    require(
        dataset,
        "one curve against limiting current",
        ("status", "utilization", "limiting_current_ratio"),
        ("c_rate",),
    )
    others = [name for name in arranging.swept_dimensions(dataset) if name != "c_rate" and dataset.sizes[name] > 1]
    with style.styled():
        figure = style.new_figure(8.6, 3.8)
        panels = figure.subplots(1, 2, sharey=True)
        for axes, (against, label) in zip(panels, _PANELS.items(), strict=True):
            _draw(axes, dataset, against, others)
            axes.set_xlabel(label)
        panels[0].set_ylabel("Share of the cell's capacity")
        panels[0].yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
        panels[1].axvline(1.0, color="0.6", linewidth=0.8, linestyle=":")
        _add_legend(figure, dataset, others)
    return figure


def _draw(axes: Axes, dataset: xr.Dataset, against: str, others: list[str]) -> None:
    """Draw the runs of one panel, the curve they share and its spread."""
    found = collapse(dataset, against)
    first, second = ([*others, "", ""])[:2]
    colours = style.sequence_colours(dataset.sizes[first]) if first else [style.CATEGORIES[0]]
    for i, j in itertools.product(range(len(colours)), range(dataset.sizes[second] if second else 1)):
        where = {name: k for name, k in ((first, i), (second, j)) if name}
        runs = found.isel(where)
        axes.plot(
            np.ravel(runs["position"].values),
            np.ravel(runs["utilization"].values),
            linestyle="none",
            marker=style.MARKERS[j % len(style.MARKERS)],
            markersize=4.0,
            color=colours[i],
        )
    axes.plot(found["curve_position"], found["curve"], color="0.3", linewidth=1.0)
    axes.set_xscale("log")
    axes.set_ylim(0.0, 1.05)
    axes.set_title(f"rms deviation from one curve: {float(found['spread']):.1%}")


def _add_legend(figure: Figure, dataset: xr.Dataset, others: list[str]) -> None:
    """Say in one column what the colours and the markers mean."""
    handles, names = [Line2D([], [], color="0.3", linewidth=1.0)], ["common curve"]
    for place, dimension in enumerate(others[:2]):
        handles.append(Line2D([], [], linestyle="none"))
        names.append(textwrap.fill(dimension.replace("_", " ").capitalize(), _LEGEND_WIDTH))
        labels = arranging.labels_of(dataset, dimension)
        looks = style.sequence_colours(len(labels)) if place == 0 else ["0.3"] * len(labels)
        for index, (label, colour) in enumerate(zip(labels, looks, strict=True)):
            marker = style.MARKERS[index % len(style.MARKERS)] if place else "o"
            handles.append(Line2D([], [], linestyle="none", marker=marker, markersize=4.0, color=colour))
            names.append(label)
    figure.legend(handles, names, loc="outside right upper")
