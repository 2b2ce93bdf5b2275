"""Curves of discharges (or charges): voltage and temperature against capacity, and profiles across the cell.

Dataset in, figure out; nothing is computed here that the dataset does not hold. Positions are the true ones of the
dataset's coordinates [m].
"""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure, FigureBase
from matplotlib.ticker import MaxNLocator

from cellmodel.errors import ResultsError
from cellmodel.labels import axis_label, readable, unit_text
from cellmodel.plotting import style
from cellmodel.plotting.measured import Measured, draw_points
from cellmodel.plotting.panels import (
    AXES,
    add_legend,
    add_remarks,
    grid_of,
    headline,
    lines_of,
    panel_layout,
    require,
    require_curves,
    scaled,
    units_of,
    voltage_panels,
    wrapped,
)

_TITLE_LENGTH = 26  # letters above one panel
_NOTABLE_WARMING = 0.1  # K, a change of temperature within a run that is worth a panel
_MOST_COLUMNS = 6  # of warming cells
_Profile = tuple[str, str, str, float]  # variable, the coordinate of its nodes, label, factor to the unit in the label
_PROFILES: tuple[_Profile, ...] = (
    ("electrolyte_concentration", "x", "Salt concentration\n(mol L⁻¹)", 1e-3),
    ("electrolyte_potential", "x", "Electrolyte potential\n(mV)", 1e3),
    ("reaction_current_density", "x_electrode", "Reaction current\ndensity (A m⁻²)", 1.0),
    ("polymer_velocity", "x", "Polymer velocity\n(nm s⁻¹)", 1e9),
)
_PROFILE_DIMENSIONS = ("cycle", "step", "profile_sample")
_PROFILE_TIMES = 5
_MOST_RUNS = 4  # with profiles


def plot_discharge(dataset: xr.Dataset, against: str = "areal_capacity", measured: Measured | None = None) -> Figure:
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
    require_curves(dataset, against)
    layout = panel_layout(dataset)
    rows, columns = grid_of(len(layout.panels))
    with style.styled():
        figure = style.new_figure(2.3 * columns + 2.2, 2.2 * rows + 0.8)
        draw_discharge(figure, dataset, against, measured, "outside right upper")
        if len(layout.panels) == 1:
            headline(figure, dataset)
        add_remarks(figure, dataset, layout.left_out)
    return figure


def draw_discharge(
    figure: FigureBase,
    dataset: xr.Dataset,
    against: str,
    measured: Measured | None,
    legend: str,
) -> None:
    """Fill a figure or a part of one with the panels of `plot_discharge` and their legend."""
    layout = panel_layout(dataset)
    label = axis_label(AXES[against], unit_text(units_of(dataset, against)))
    panels = voltage_panels(figure, layout, label, _TITLE_LENGTH)
    for axes, panel in zip(panels, layout.panels, strict=True):
        for name, run, colour, line_style in lines_of(dataset.isel(panel.where), layout.colour):
            capacity = abs(scaled(run, run["discharge_capacity"], against))
            axes.plot(capacity.values, run["voltage"].values, line_style, color=colour, label=name or None)
        if measured is not None:
            draw_points(axes, dataset.isel(panel.where), measured, against)
        axes.xaxis.set_major_locator(MaxNLocator(4))
    # all share it, and a limit set before all is drawn would leave some out; measured points may lie below zero
    panels[0].set_xlim(left=1.05 * min(0.0, *(axes.dataLim.x0 for axes in panels)))
    add_legend(figure, panels, dataset, layout.colour, legend)


def warms(dataset: xr.Dataset) -> bool:
    """Return whether the temperature of any run changes in time."""
    if "temperature" not in dataset or "sample" not in dataset["temperature"].dims:
        return False
    temperature = dataset["temperature"]
    change = temperature.max("sample") - temperature.min("sample")
    return bool((change > _NOTABLE_WARMING).any())


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
    layout = panel_layout(dataset, ("cell_heat_transfer_coefficient", "c_rate", "current_density"))
    panels = layout.panels[:_MOST_COLUMNS]
    with style.styled():
        figure = style.new_figure(2.3 * len(panels) + 2.4, 4.8)
        grid = figure.subplots(2, len(panels), sharex="col", sharey="row", squeeze=False, height_ratios=[1.2, 1.0])
        for (above, below), panel in zip(grid.T, panels, strict=True):
            for name, run, colour, line_style in lines_of(dataset.isel(panel.where), layout.colour):
                capacity = abs(scaled(run, run["discharge_capacity"], "areal_capacity")).values
                above.plot(capacity, run["voltage"].values, line_style, color=colour, label=name or None)
                below.plot(capacity, readable(run["temperature"].values, "K")[0], line_style, color=colour)
            above.set_title(wrapped(panel.title, 26))
            below.set_xlabel(axis_label("Areal capacity", unit_text("mA.h.cm-2")))
            below.set_xlim(left=0)
            below.xaxis.set_major_locator(MaxNLocator(4))
        grid[0, 0].set_ylabel("Cell voltage (V)")
        grid[1, 0].set_ylabel("Cell temperature (°C)")
        figure.align_ylabels(grid[:, 0])
        add_legend(figure, list(grid[0]), dataset, layout.colour)
        headline(figure, dataset)
        add_remarks(figure, dataset, layout.left_out + len(layout.panels) - len(panels))
    return figure


def plot_profiles(dataset: xr.Dataset) -> Figure:
    """Draw concentration, potential and reaction current across the cell at five times; the polymer's velocity, if any.

    Parameters
    ----------
    dataset : xarray.Dataset
        Results of runs solved with `profiles=True`; of more than four runs, four are drawn.

    Returns
    -------
    matplotlib.figure.Figure
        One column for each run; separator and cathode are told apart by shade and a line.

    Raises
    ------
    ResultsError
        If the results hold no profiles or no run has been completed.

    Examples
    --------
    >>> import cellmodel
    >>> run = cellmodel.simulate("li_peo_lfp", c_rate="C/3", mesh="fast", profiles=True)
    >>> figure = cellmodel.plot_profiles(run)
    >>> figure.axes[0].get_ylabel().splitlines()
    ['Salt concentration', '(mol L⁻¹)']
    """
    require(dataset, "profiles", ("status",))
    if "electrolyte_concentration" not in dataset:
        raise ResultsError("these results hold no profiles: run with `profiles = true` in the study")
    drawn = _drawn_profiles(dataset)
    runs = _runs_with_profiles(dataset)
    with style.styled():
        figure = style.new_figure(2.9 * len(runs) + 1.4, 6.2)
        panels = figure.subplots(len(drawn), len(runs), sharex="col", sharey="row", squeeze=False)
        for column, (title, run) in enumerate(runs):
            _draw_profiles(panels[:, column], run, drawn)
            _name_layers(panels[0, column], run)
            panels[0, column].set_title(title)
            panels[-1, column].set_xlabel("Distance from the lithium (µm)")
        for row, (_, _, label, _) in enumerate(drawn):
            panels[row, 0].set_ylabel(label)
        figure.align_ylabels(panels[:, 0])
        _name_times(figure, panels[0, 0], runs)
    return figure


def _drawn_profiles(dataset: xr.Dataset) -> list[_Profile]:
    """Return which profiles there are to draw: without a cathode no reaction, and the velocity where there is one."""
    cathode = "x_electrode" in dataset.variables
    drawn = [
        one for one in _PROFILES if (one[0] in dataset if one[0] == "polymer_velocity" else cathode or one[1] == "x")
    ]
    require(dataset, "profiles", ("profile_time", "x", *(name for name, *_ in drawn)))
    return drawn


def _runs_with_profiles(dataset: xr.Dataset) -> list[tuple[str, xr.Dataset]]:
    """Return the runs to draw with their titles: all, or a few spread evenly over the sweep."""
    layout = panel_layout(dataset)
    found = []
    for panel in layout.panels:
        for line in lines_of(dataset.isel(panel.where), layout.colour):
            found.append((", ".join(word for word in (panel.title, line.label) if word), line.run))
    chosen = np.unique(np.linspace(0, len(found) - 1, min(_MOST_RUNS, len(found))).round().astype(int))
    return [found[index] for index in chosen]


def _profile_order(run: xr.Dataset) -> list[str]:
    return [name for name in _PROFILE_DIMENSIONS if name in run["profile_time"].dims]


def _profile_times(run: xr.Dataset) -> np.ndarray:
    """Return the times of all profiles of a run [s] through its cycles and steps; NaN where there is none."""
    return np.asarray(run["profile_time"].transpose(*_profile_order(run)).values.ravel())


def _evenly_spaced(times: np.ndarray) -> list[int]:
    """Return the positions of the profiles closest to evenly spaced times."""
    wanted = np.linspace(np.nanmin(times), np.nanmax(times), _PROFILE_TIMES)
    return [int(np.nanargmin(abs(times - time))) for time in wanted]


def _draw_profiles(panels: Any, run: xr.Dataset, drawn: list[_Profile]) -> None:
    times = _profile_times(run)
    chosen, last = _evenly_spaced(times), np.nanmax(times)
    order = _profile_order(run)
    colours = style.sequence_colours(_PROFILE_TIMES)
    for axes, (name, coordinate, _, factor) in zip(panels, drawn, strict=True):
        position = run[coordinate].values * 1e6
        profiles = run[name].transpose(*order, ...).values.reshape(times.size, position.size) * factor
        for colour, index in zip(colours, chosen, strict=True):
            axes.plot(position, profiles[index], color=colour, label=_share_text(times[index], last))
        _mark_boundary(axes, run)


def _share_text(time: float, last: float) -> str:
    return f"{100 * time / last:.0f} %" if last > 0 else "0 %"


def _cathode(run: xr.Dataset) -> tuple[float, float]:
    """Return where the cathode starts and ends [µm]: half a cell beyond its first and last node."""
    nodes = run["x_electrode"].values * 1e6
    return nodes[0] - (nodes[1] - nodes[0]) / 2, nodes[-1] + (nodes[-1] - nodes[-2]) / 2


def _mark_boundary(axes: Axes, run: xr.Dataset) -> None:
    if "x_electrode" not in run.variables:
        return
    start, end = _cathode(run)
    axes.axvspan(start, end, color="0.95", zorder=0, linewidth=0)
    axes.axvline(start, color="0.45", linewidth=0.8, linestyle="--")
    axes.set_xlim(0, end)


def _name_layers(axes: Axes, run: xr.Dataset) -> None:
    if "x_electrode" not in run.variables:
        return
    start, end = _cathode(run)
    place, look = axes.get_xaxis_transform(), {"ha": "center", "va": "top", "fontsize": 8, "color": "0.35"}
    axes.text(start / 2, 0.985, "separator", look, transform=place)
    axes.text((start + end) / 2, 0.985, "cathode", look, transform=place)
    axes.margins(y=0.12)  # room for the two words


def _name_times(figure: Figure, axes: Axes, runs: list[tuple[str, xr.Dataset]]) -> None:
    handles, labels = axes.get_legend_handles_labels()
    if len(runs) == 1:
        times = _profile_times(runs[0][1])
        labels = [
            f"{label}\n({_duration(times[index])})" for label, index in zip(labels, _evenly_spaced(times), strict=True)
        ]
    figure.legend(handles, labels, loc="outside right upper", title="Share of\nthe run's time", handlelength=1.6)


def _duration(time: float) -> str:
    if time < 120:
        return f"{time:.0f} s"
    return f"{time / 60:.0f} min" if time < 7200 else f"{time / 3600:.3g} h"
