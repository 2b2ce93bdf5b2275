"""Discharge (or charge) curves against areal capacity, and rate capability.

Dataset in, figure out; nothing is computed here that the dataset does not hold.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure, FigureBase
from matplotlib.ticker import MaxNLocator, NullFormatter, NullLocator, PercentFormatter

from cellmodel.errors import ResultsError
from cellmodel.labels import axis_label, rate_text, unit_text
from cellmodel.plotting import arrangement as arranging
from cellmodel.plotting import measured as measuring
from cellmodel.plotting import style
from cellmodel.plotting.requirements import require, require_axis

AXES = {
    "areal_capacity": "Areal capacity",
    "specific_capacity": "Specific capacity",
    "utilization": "Share of the cell's capacity",
}
_TITLE_LENGTH = 26  # letters above one panel
_WIDEST_LETTER = 0.026  # of the axis of the rate capability
_ROOM_INSIDE = 4  # labels that fit beside the lines of the rate capability


def plot_discharge(
    dataset: xr.Dataset, against: str = "areal_capacity", measured: measuring.Measured | None = None
) -> Figure:
    """Draw voltage against capacity: one panel per temperature (or case), one colour per C-rate.

    Parameters
    ----------
    dataset : xarray.Dataset
        Results of a study or of one run, with any swept dimensions.
    against : {"areal_capacity", "specific_capacity", "utilization"}
        Horizontal axis: per area [mA.h.cm-2], per mass [mA.h.g-1], or the share of the cell's capacity [1].
    measured : Measured, optional
        Points to lay over the curves.

    Returns
    -------
    matplotlib.figure.Figure
        The curves, a legend, and a note on runs that are not drawn.

    Raises
    ------
    ResultsError
        If no run has been completed.

    Examples
    --------
    >>> import cellmodel
    >>> run = cellmodel.simulate("li_peo_lfp", c_rate="C/3", mesh="fast")
    >>> figure = cellmodel.plot_discharge(run, against="specific_capacity")
    >>> figure.axes[0].get_xlabel()
    'Specific capacity (mA h g⁻¹)'
    """
    require_axis(against, AXES)
    require_curves(dataset, against)
    layout = arranging.arrange(dataset)
    rows, columns = grid_of(len(layout.panels))
    with style.styled():
        figure = style.new_figure(2.3 * columns + 2.2, 2.2 * rows + 0.8)
        draw_discharge(figure, dataset, against, measured, "outside right upper")
        if len(layout.panels) == 1:
            arranging.headline(figure, dataset)
        add_remarks(figure, dataset, layout.left_out)
    return figure


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
        draw_rate_capability(figure.add_subplot(), dataset)
        add_remarks(figure, dataset)
    return figure


def plot_rate_study(dataset: xr.Dataset, measured: measuring.Measured | None = None) -> Figure:
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
    layout = arranging.arrange(dataset)
    rows, columns = grid_of(len(layout.panels))
    with style.styled():
        left, height = 2.2 * columns + 0.9, max(3.4, 2.1 * rows + 0.9)
        figure = style.new_figure(left + 3.9, height)
        parts: Any = figure.subfigures(1, 2, width_ratios=[left, 3.9], wspace=0.04)
        curves, capability = parts
        draw_discharge(curves, dataset, "areal_capacity", measured, "outside lower center")
        draw_rate_capability(capability.add_subplot(), dataset)
        add_remarks(figure, dataset, layout.left_out)
    return figure


def require_curves(dataset: Any, against: str) -> None:
    """Raise unless a dataset holds one curve of each run."""
    require(dataset, "curves against capacity", ("status", "voltage", "discharge_capacity", "capacity", against))
    steps = [name for name in ("cycle", "step") if name in dataset["voltage"].dims]
    if steps:
        raise ResultsError(f"runs with several values of `{steps[0]}` have no one curve: plot_cycle draws them")


def draw_discharge(
    figure: FigureBase,
    dataset: xr.Dataset,
    against: str,
    measured: measuring.Measured | None,
    legend: str,
) -> None:
    """Fill a figure or a part of one with the panels of `plot_discharge` and their legend."""
    layout = arranging.arrange(dataset)
    rows, columns = grid_of(len(layout.panels))
    panels = list(figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False).ravel())
    label = axis_label(AXES[against], unit_text(arranging.units_of(dataset, against)))
    for axes, panel in zip(panels, layout.panels, strict=False):
        for name, run, colour, line_style in arranging.lines_of(dataset.isel(panel.where), layout.colour):
            capacity = abs(arranging.scaled(run, run["discharge_capacity"], against))
            axes.plot(capacity.values, run["voltage"].values, line_style, color=colour, label=name or None)
        if measured is not None:
            measuring.draw_points(axes, dataset.isel(panel.where), measured, against)
        axes.set_title(arranging.wrapped(panel.title, _TITLE_LENGTH))
        axes.xaxis.set_major_locator(MaxNLocator(4))
    # all share it, and a limit set before all is drawn would leave some out; measured points may lie below zero
    panels[0].set_xlim(left=1.05 * min(0.0, *(axes.dataLim.x0 for axes in panels)))
    for axes in panels[len(layout.panels) :]:
        axes.remove()
    for index, axes in enumerate(panels[: len(layout.panels)]):
        below = index + columns >= len(layout.panels)
        axes.tick_params(labelbottom=below)
        if below:
            axes.set_xlabel(label)
        if index % columns == 0:
            axes.set_ylabel("Cell voltage (V)")
    add_legend(figure, panels[: len(layout.panels)], dataset, layout.colour, legend)


def draw_rate_capability(axes: Axes, dataset: xr.Dataset) -> None:
    """Draw the share of the cell's capacity against C-rate into `axes`."""
    layout = arranging.arrange(dataset, ("c_rate",))
    rates = np.asarray(arranging.values_of(dataset, "c_rate"), dtype=float)
    shares = dataset["utilization"].where(arranging.drawn(dataset))
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
        figure.legend(loc="outside lower center", handlelength=2.2, ncols=_columns(figure, names))


def add_remarks(figure: Figure, dataset: xr.Dataset, left_out: int = 0) -> None:
    """Write at the foot of the figure what it does not show."""
    text = arranging.remarks(dataset, left_out)
    if text:
        figure.supxlabel(text, fontsize=8, color="0.35", x=0.99, ha="right")


def grid_of(count: int) -> tuple[int, int]:
    """Return rows and columns for a number of panels."""
    columns = count if count <= 3 else math.ceil(math.sqrt(count))
    return math.ceil(count / columns), columns


def add_legend(figure: FigureBase, panels: Sequence[Axes], dataset: xr.Dataset, colour: str | None, place: Any) -> None:
    """Name the colours of the panels beside or below them, and the measured points."""
    handles: dict[str, Any] = {}
    for axes in panels:
        for handle, label in zip(*axes.get_legend_handles_labels(), strict=True):
            handles.setdefault(label, handle)
    order = arranging.labels_of(dataset, colour) if colour else []
    names = [name for name in order if name in handles] + [name for name in handles if name not in order]
    if len(names) < 2 and measuring.LABEL not in names:
        return
    if len(names) > arranging.LONGEST:
        names = names[:: math.ceil(len(names) / arranging.LONGEST)]
    figure.legend(
        [handles[name] for name in names],
        names,
        loc=place,
        title=arranging.title_of(dataset, colour) if colour else None,
        ncols=_columns(figure, names) if "lower" in place else 1,
        handlelength=1.6,
        columnspacing=1.2,
    )


def _columns(figure: Any, names: Sequence[str]) -> int:
    """Return how many legend entries stand side by side without leaving the figure, in even rows."""
    width = figure.bbox.width / figure.dpi
    most = max(1, int(width / (0.4 + 0.08 * max(map(len, names)))))
    return math.ceil(len(names) / math.ceil(len(names) / most))


def _panel_values(dataset: xr.Dataset, panels: Sequence[arranging.Panel]) -> list[Any]:
    """Return what orders the lines: the numbers of the only panel dimension, or their titles."""
    first = [name for name in panels[0].where if dataset.sizes[name] > 1]
    if len(first) == 1:
        values = arranging.values_of(dataset, first[0])
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
