"""Capacities of many runs: against C-rate, and against current over limiting current on one common curve.

Dataset in, figure out; the common curve comes from `cellmodel.analysis`.
"""

from __future__ import annotations

import itertools
import math
import textwrap
from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import NullFormatter, NullLocator, PercentFormatter

from cellmodel.analysis.capacities import collapse
from cellmodel.labels import rate_text
from cellmodel.plotting import style
from cellmodel.plotting.discharge import draw_discharge
from cellmodel.plotting.measured import Measured
from cellmodel.plotting.panels import (
    LEGEND_WIDTH,
    Panel,
    add_remarks,
    columns_of_legend,
    grid_of,
    has_curve,
    labels_of,
    panel_layout,
    require,
    require_curves,
    swept_dimensions,
    values_of,
)

_WIDEST_LETTER = 0.026  # of the axis of the rate capability
_ROOM_INSIDE = 4  # labels that fit beside the lines of the rate capability
_COLLAPSE_AXES = {
    "c_rate": "C-rate",
    "limiting_current_ratio": "Current over limiting current (uniform reaction)",
}


def plot_rate_capability(dataset: xr.Dataset) -> Figure:
    """Draw the share of the cell's capacity against C-rate, one line per temperature (or case).

    Parameters
    ----------
    dataset : xarray.Dataset
        Results with the dimension `c_rate` and the variable `utilization`.

    Returns
    -------
    matplotlib.figure.Figure
        One panel with a logarithmic axis of C-rates.
    """
    require(dataset, "a rate capability", ("status", "utilization"), ("c_rate",))
    with style.styled():
        figure = style.new_figure(4.6, 3.4)
        _draw_rate_capability(figure.add_subplot(), dataset)
        add_remarks(figure, dataset)
    return figure


def plot_rate_study(dataset: xr.Dataset, measured: Measured | None = None) -> Figure:
    """Draw the curves of every rate beside the rate capability they give.

    Parameters
    ----------
    dataset : xarray.Dataset
        Results with the dimension `c_rate`.
    measured : Measured, optional
        Points to lay over the curves.

    Returns
    -------
    matplotlib.figure.Figure
        Small multiples on the left, rate capability on the right.
    """
    require(dataset, "a rate capability", ("status", "utilization"), ("c_rate",))
    require_curves(dataset, "areal_capacity")
    layout = panel_layout(dataset)
    rows, columns = grid_of(len(layout.panels))
    with style.styled():
        left, height = 2.2 * columns + 0.9, max(3.4, 2.1 * rows + 0.9)
        figure = style.new_figure(left + 3.9, height)
        parts: Any = figure.subfigures(1, 2, width_ratios=[left, 3.9], wspace=0.04)
        curves, capability = parts
        draw_discharge(curves, dataset, "areal_capacity", measured, "outside lower center")
        _draw_rate_capability(capability.add_subplot(), dataset)
        add_remarks(figure, dataset, layout.left_out)
    return figure


def _draw_rate_capability(axes: Axes, dataset: xr.Dataset) -> None:
    """Draw the share of the cell's capacity against C-rate into `axes`."""
    layout = panel_layout(dataset, ("c_rate",))
    rates = np.asarray(values_of(dataset, "c_rate"), dtype=float)
    shares = dataset["utilization"].where(has_curve(dataset))
    numbers = _panel_values(dataset, layout.panels)
    colours = style.colours_of(numbers, "plasma")
    for index, panel in enumerate(layout.panels):
        axes.plot(
            rates,
            shares.isel(panel.where).transpose("c_rate").values,
            marker=style.MARKERS[index % len(style.MARKERS)],
            markersize=4.5,
            color=colours[index],
            linestyle=style.line_style(numbers, index),
            label=panel.title or None,
        )
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(NullLocator())
    axes.set_xticks(rates, _rate_labels(rates))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_xlabel("C-rate")
    axes.set_ylabel("Share of the cell's capacity")
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    axes.set_ylim(0, max(1.02, float(shares.max()) * 1.02))
    names = [panel.title for panel in layout.panels]
    if 1 < len(names) <= _ROOM_INSIDE:
        axes.legend(loc="best", handlelength=2.2)
    elif len(names) > 1:
        figure = axes.figure
        figure.legend(loc="outside lower center", handlelength=2.2, ncols=columns_of_legend(figure, names))


def _panel_values(dataset: xr.Dataset, panels: Sequence[Panel]) -> list[Any]:
    """Return what orders the lines: the numbers of the only panel dimension, or their titles."""
    first = [name for name in panels[0].where if dataset.sizes[name] > 1]
    if len(first) == 1:
        values = values_of(dataset, first[0])
        return [values[panel.where[first[0]]] for panel in panels]
    return [panel.title for panel in panels] if len(panels) > 1 else [0.0]


def _rate_labels(rates: np.ndarray) -> list[str]:
    """Return the rates as labels, blank where one would run into its neighbour."""
    span = float(np.ptp(np.log(rates))) or 1.0
    names = [""] * rates.size
    last, end = -math.inf, 0
    for index in np.argsort(rates):
        position, name = math.log(rates[index]) / span, rate_text(rates[index])
        if position - last >= _WIDEST_LETTER * (len(name) + end) / 2 + 0.01:
            names[index], last, end = name, position, len(name)
    return names


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
    others = [name for name in swept_dimensions(dataset) if name != "c_rate" and dataset.sizes[name] > 1]
    with style.styled():
        figure = style.new_figure(8.6, 3.8)
        panels = figure.subplots(1, 2, sharey=True)
        for axes, (against, label) in zip(panels, _COLLAPSE_AXES.items(), strict=True):
            _draw_collapse(axes, dataset, against, others)
            axes.set_xlabel(label)
        panels[0].set_ylabel("Share of the cell's capacity")
        panels[0].yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
        panels[1].axvline(1.0, color="0.6", linewidth=0.8, linestyle=":")
        _name_colours_and_markers(figure, dataset, others)
    return figure


def _draw_collapse(axes: Axes, dataset: xr.Dataset, against: str, others: list[str]) -> None:
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


def _name_colours_and_markers(figure: Figure, dataset: xr.Dataset, others: list[str]) -> None:
    """Say in one column what the colours and the markers mean."""
    handles, names = [Line2D([], [], color="0.3", linewidth=1.0)], ["common curve"]
    for place, dimension in enumerate(others[:2]):
        handles.append(Line2D([], [], linestyle="none"))
        names.append(textwrap.fill(dimension.replace("_", " ").capitalize(), LEGEND_WIDTH))
        labels = labels_of(dataset, dimension)
        looks = style.sequence_colours(len(labels)) if place == 0 else ["0.3"] * len(labels)
        for index, (label, colour) in enumerate(zip(labels, looks, strict=True)):
            marker = style.MARKERS[index % len(style.MARKERS)] if place else "o"
            handles.append(Line2D([], [], linestyle="none", marker=marker, markersize=4.0, color=colour))
            names.append(label)
    figure.legend(handles, names, loc="outside right upper")
