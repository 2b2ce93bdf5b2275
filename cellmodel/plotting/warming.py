"""Voltage and temperature of cells that warm up by their own heat.

Dataset in, figure out.
"""

from __future__ import annotations

import xarray as xr
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from cellmodel.labels import axis_label, readable, unit_text
from cellmodel.plotting import arrangement as arranging
from cellmodel.plotting import style
from cellmodel.plotting.discharge import add_legend, add_remarks, require_curves
from cellmodel.plotting.requirements import require

_FELT = 0.1  # K, a change of temperature within a run that is worth a panel
_FIRST = ("cell_heat_transfer_coefficient", "c_rate", "current_density")
_MOST_COLUMNS = 6


def warms(dataset: xr.Dataset) -> bool:
    """Return whether the temperature of any run changes in time."""
    if "temperature" not in dataset or "sample" not in dataset["temperature"].dims:
        return False
    temperature = dataset["temperature"]
    change = temperature.max("sample") - temperature.min("sample")
    return bool((change > _FELT).any())


def plot_warming(dataset: xr.Dataset) -> Figure:
    """Draw voltage above the cell's temperature against capacity: one column per panel, one colour per run.

    Parameters
    ----------
    dataset : xarray.Dataset
        Results of a study or of one run without cycles or steps.

    Returns
    -------
    matplotlib.figure.Figure
        Where it was swept, the coefficient of heat transfer takes the colour.

    Raises
    ------
    ResultsError
        No run has been completed, or there is no temperature.
    """
    require_curves(dataset, "areal_capacity")
    require(dataset, "a course of temperature", ("temperature",))
    layout = arranging.arrange(dataset, _FIRST)
    panels = layout.panels[:_MOST_COLUMNS]
    with style.styled():
        figure = style.new_figure(2.3 * len(panels) + 2.4, 4.8)
        grid = figure.subplots(2, len(panels), sharex="col", sharey="row", squeeze=False, height_ratios=[1.2, 1.0])
        for (above, below), panel in zip(grid.T, panels, strict=True):
            for name, run, colour, line_style in arranging.lines_of(dataset.isel(panel.where), layout.colour):
                capacity = abs(arranging.scaled(run, run["discharge_capacity"], "areal_capacity")).values
                above.plot(capacity, run["voltage"].values, line_style, color=colour, label=name or None)
                below.plot(capacity, readable(run["temperature"].values, "K")[0], line_style, color=colour)
            above.set_title(arranging.wrapped(panel.title, 26))
            below.set_xlabel(axis_label("Areal capacity", unit_text("mA.h.cm-2")))
            below.set_xlim(left=0)
            below.xaxis.set_major_locator(MaxNLocator(4))
        grid[0, 0].set_ylabel("Cell voltage (V)")
        grid[1, 0].set_ylabel("Cell temperature (°C)")
        figure.align_ylabels(grid[:, 0])
        add_legend(figure, list(grid[0]), dataset, layout.colour, "outside right upper")
        arranging.headline(figure, dataset)
        add_remarks(figure, dataset, layout.left_out + len(layout.panels) - len(panels))
    return figure
