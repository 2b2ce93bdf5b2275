"""Concentration, potential and reaction current across the cell at a few times.

Dataset in, figure out. Positions are the true ones of the dataset's coordinates [m].
"""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cellmodel.errors import ResultsError
from cellmodel.plotting import arrangement as arranging
from cellmodel.plotting import style
from cellmodel.plotting.requirements import require

# variable, the coordinate of its nodes, label, and the factor to the unit in the label
_ROWS = (
    ("electrolyte_concentration", "x", "Salt concentration\n(mol L⁻¹)", 1e-3),
    ("electrolyte_potential", "x", "Electrolyte potential\n(mV)", 1e3),
    ("reaction_current_density", "x_electrode", "Reaction current\ndensity (A m⁻²)", 1.0),
)
_IN_TIME = ("cycle", "step", "profile_sample")
TIMES = 5
_MOST_RUNS = 4


def plot_profiles(dataset: xr.Dataset) -> Figure:
    """Draw concentration, potential and reaction current across the cell at five times.

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
    require(dataset, "profiles", ("profile_time", *(name for name, *_ in _ROWS), "x", "x_electrode"))
    runs = _runs(dataset)
    with style.styled():
        figure = style.new_figure(2.9 * len(runs) + 1.4, 6.2)
        panels = figure.subplots(len(_ROWS), len(runs), sharex="col", sharey="row", squeeze=False)
        for column, (title, run) in enumerate(runs):
            _draw_run(panels[:, column], run)
            _name_layers(panels[0, column], run)
            panels[0, column].set_title(title)
            panels[-1, column].set_xlabel("Distance from the lithium (µm)")
        for row, (_, _, label, _) in enumerate(_ROWS):
            panels[row, 0].set_ylabel(label)
        figure.align_ylabels(panels[:, 0])
        _add_legend(figure, panels[0, 0], runs)
    return figure


def _runs(dataset: xr.Dataset) -> list[tuple[str, xr.Dataset]]:
    """Return the runs to draw with their titles: all, or a few spread evenly over the sweep."""
    layout = arranging.arrange(dataset)
    found = []
    for panel in layout.panels:
        for line in arranging.lines_of(dataset.isel(panel.where), layout.colour):
            found.append((", ".join(word for word in (panel.title, line.label) if word), line.run))
    chosen = np.unique(np.linspace(0, len(found) - 1, min(_MOST_RUNS, len(found))).round().astype(int))
    return [found[index] for index in chosen]


def _order(run: xr.Dataset) -> list[str]:
    return [name for name in _IN_TIME if name in run["profile_time"].dims]


def _times(run: xr.Dataset) -> np.ndarray:
    """Return the times of all profiles of a run [s] through its cycles and steps; NaN where there is none."""
    return np.asarray(run["profile_time"].transpose(*_order(run)).values.ravel())


def _chosen(times: np.ndarray) -> list[int]:
    """Return the positions of the profiles closest to evenly spaced times."""
    wanted = np.linspace(np.nanmin(times), np.nanmax(times), TIMES)
    return [int(np.nanargmin(abs(times - time))) for time in wanted]


def _draw_run(panels: Any, run: xr.Dataset) -> None:
    times = _times(run)
    chosen, last = _chosen(times), np.nanmax(times)
    order = _order(run)
    colours = style.sequence_colours(TIMES)
    for axes, (name, coordinate, _, factor) in zip(panels, _ROWS, strict=True):
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
    start, end = _cathode(run)
    axes.axvspan(start, end, color="0.95", zorder=0, linewidth=0)
    axes.axvline(start, color="0.45", linewidth=0.8, linestyle="--")
    axes.set_xlim(0, end)


def _name_layers(axes: Axes, run: xr.Dataset) -> None:
    start, end = _cathode(run)
    place, look = axes.get_xaxis_transform(), {"ha": "center", "va": "top", "fontsize": 8, "color": "0.35"}
    axes.text(start / 2, 0.985, "separator", look, transform=place)
    axes.text((start + end) / 2, 0.985, "cathode", look, transform=place)
    axes.margins(y=0.12)  # room for the two words


def _add_legend(figure: Figure, axes: Axes, runs: list[tuple[str, xr.Dataset]]) -> None:
    handles, labels = axes.get_legend_handles_labels()
    if len(runs) == 1:
        times = _times(runs[0][1])
        labels = [f"{label}\n({_duration(times[index])})" for label, index in zip(labels, _chosen(times), strict=True)]
    figure.legend(handles, labels, loc="outside right upper", title="Share of\nthe run's time", handlelength=1.6)


def _duration(time: float) -> str:
    if time < 120:
        return f"{time:.0f} s"
    return f"{time / 60:.0f} min" if time < 7200 else f"{time / 3600:.3g} h"
