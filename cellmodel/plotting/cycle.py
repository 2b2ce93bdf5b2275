"""Voltage and current against time, for protocols of several steps.

Dataset in, figure out; it does not know what the steps were for.
"""

from __future__ import annotations

import math

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cellmodel.plotting import arrangement as arranging
from cellmodel.plotting import measured as measuring
from cellmodel.plotting import style
from cellmodel.plotting.requirements import require

_PROTOCOL_ORDER = ("cycle", "step", "sample")


def plot_cycle(dataset: xr.Dataset, measured: measuring.Measured | None = None) -> Figure:
    """Draw voltage above current against time: one column per panel, one colour per run.

    Parameters
    ----------
    dataset : xarray.Dataset
        Results of a protocol with one or more steps.
    measured : Measured, optional
        Points with a column `time` to lay over the voltage.

    Returns
    -------
    matplotlib.figure.Figure
        Time runs from the start of the protocol through all its cycles and steps.

    Raises
    ------
    ResultsError
        If no run has been completed.
    """
    require(dataset, "curves against time", ("status", "time", "voltage", "current", "areal_capacity", "capacity"))
    layout = arranging.arrange(dataset)
    columns = len(layout.panels)
    with style.styled():
        figure = style.new_figure(min(3.4 * columns + 2.6, 14.0), 4.4)
        panels = figure.subplots(2, columns, sharex="col", sharey="row", squeeze=False, height_ratios=[2, 1])
        for column, panel in enumerate(layout.panels):
            voltage, current = panels[:, column]
            for label, run, colour, line_style in arranging.lines_of(dataset.isel(panel.where), layout.colour):
                time = _in_order(run, run["time"]) / 3600
                voltage.plot(time, _in_order(run, run["voltage"]), line_style, color=colour, label=label or None)
                current.plot(time, _in_order(run, _current(run)), line_style, color=colour)
            if measured is not None:
                measuring.draw_points(voltage, dataset.isel(panel.where), measured, "time")
            voltage.set_title(arranging.wrapped(panel.title, 36))
            current.set_xlabel("Time (h)")
            current.axhline(0, color="0.45", linewidth=0.8, zorder=1)
        panels[0, 0].set_ylabel("Cell voltage (V)")
        panels[1, 0].set_ylabel("Current density\n(mA cm⁻²)")
        figure.align_ylabels(panels[:, 0])
        _add_legend(figure, panels[0, 0], dataset, layout.colour)
        arranging.headline(figure, dataset)
        text = arranging.remarks(dataset, layout.left_out)
        if text:
            figure.supxlabel(text, fontsize=8, color="0.35", x=0.99, ha="right")
    return figure


def _in_order(run: xr.Dataset, variable: xr.DataArray) -> np.ndarray:
    """Return one run's values of all cycles and steps in the order of time, gaps dropped."""
    order = [name for name in _PROTOCOL_ORDER if name in variable.dims]
    values = variable.transpose(*order).values.ravel()
    kept = np.isfinite(run["time"].transpose(*order).values.ravel())
    return np.asarray(values[kept])


def _current(run: xr.Dataset) -> xr.DataArray:
    return arranging.scaled(run, run["current"], "areal_capacity")


def _add_legend(figure: Figure, axes: Axes, dataset: xr.Dataset, colour: str | None) -> None:
    handles, labels = axes.get_legend_handles_labels()
    if len(labels) < 2 and measuring.LABEL not in labels:
        return
    step = math.ceil(len(labels) / arranging.LONGEST)
    figure.legend(
        handles[::step],
        labels[::step],
        loc="outside right upper",
        title=arranging.title_of(dataset, colour) if colour else None,
        handlelength=1.6,
    )
