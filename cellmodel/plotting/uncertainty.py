"""What a sample of uncertain inputs gives: the band of its curves, and which input its spread comes from.

Dataset in, figure out; quantiles and indices come from `cellmodel.analysis`.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator, PercentFormatter
from numpy.typing import NDArray

from cellmodel.analysis import sobol_indices, voltage_bands
from cellmodel.dataset.schema import STATUS
from cellmodel.labels import axis_label, unit_text
from cellmodel.plotting import style
from cellmodel.plotting.panels import (
    AXES,
    add_remarks,
    grid_of,
    headline,
    labels_of,
    lines_of,
    panel_layout,
    require,
    require_curves,
    swept_dimensions,
    title_of,
    units_of,
    values_of,
    voltage_panels,
)

_Shades = Mapping[tuple[int, int], float]
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
_SHADES = {(0, 4): 0.18, (1, 3): 0.32}  # quantiles -> how dense the band between them is
_SHADES_OF_SEVERAL = {(0, 4): 0.25}  # bands of several colours lie on each other: one shade each
_SHADE_NAMES = {(0, 4): "nine tenths of the draws", (1, 3): "half of the draws"}
_WIDTH = 30  # letters of the name of a number
RESULTS = ("areal_capacity", "mean_voltage")


def plot_band(dataset: xr.Dataset, against: str = "areal_capacity") -> Figure:
    """Draw the median curve of a sample and the bands that hold half and nine tenths of its curves.

    Parameters
    ----------
    dataset : xarray.Dataset
        Results of a study with a `sample`; other swept dimensions take panels and colours as in `plot_discharge`.
    against : {"areal_capacity", "specific_capacity", "utilization"}
        Horizontal axis: per area [mA.h.cm-2], per mass [mA.h.g-1], or the share of the cell's capacity [1].

    Returns
    -------
    matplotlib.figure.Figure
        A curve that has ended counts as below all others: where the lower edge of a band stands upright, that many
        runs have ended.

    Raises
    ------
    ResultsError
        Nothing was drawn, no run has finished, or runs have several steps.
    """
    require(dataset, "a band", ("status",), ("draw",))
    require_curves(dataset, against)
    bands = voltage_bands(dataset, against, QUANTILES)
    bands_as_runs = _bands_as_runs(bands, dataset)
    layout = panel_layout(bands_as_runs)
    shades = _SHADES if layout.colour is None or bands_as_runs.sizes[layout.colour] == 1 else _SHADES_OF_SEVERAL
    rows, columns = grid_of(len(layout.panels))
    with style.styled():
        figure = style.new_figure(3.0 * columns + 1.9, 2.6 * rows + 0.6)
        label = axis_label(AXES[against], unit_text(units_of(dataset, against)))
        panels = voltage_panels(figure, layout, label, _WIDTH)
        for axes, panel in zip(panels, layout.panels, strict=True):
            for line in lines_of(bands_as_runs.isel(panel.where), layout.colour):
                _draw_band(axes, line.run, against, line.colour, shades)
            axes.xaxis.set_major_locator(MaxNLocator(5))
        panels[0].set_xlim(left=0)  # all share it, and a limit set before all bands are drawn would leave some out
        _add_legend(figure, bands_as_runs, layout.colour, shades)
        if len(layout.panels) == 1:
            headline(figure, dataset)
        add_remarks(figure, dataset, layout.left_out)
    return figure


def plot_sensitivity(dataset: xr.Dataset) -> Figure:
    """Draw the Sobol indices of capacity and mean voltage: one bar for each drawn number.

    Parameters
    ----------
    dataset : xarray.Dataset
        Results of a study with a `sample` and no other swept dimension of more than one value.

    Returns
    -------
    matplotlib.figure.Figure
        Shares of the variance with 95 % confidence intervals, the largest of the capacity on top; with Saltelli's
        design totals behind them.

    Raises
    ------
    ResultsError
        Nothing was drawn, or too few runs finished.
    """
    require(dataset, "shares of a variance", ("status", *RESULTS), ("draw",))
    single = dataset.isel({name: 0 for name in swept_dimensions(dataset) if name != "draw"})
    found = [sobol_indices(single, name) for name in RESULTS]
    order = np.argsort(found[0]["first_order"].values)
    names = _short_names(found[0]["path"].values[order].tolist())
    with style.styled():
        figure = style.new_figure(7.2, 1.2 + 0.3 * len(names))
        panels = figure.subplots(1, len(RESULTS), sharey=True)
        for axes, indices in zip(panels, found, strict=True):
            _draw_bars(axes, indices.isel(parameter=order))
        panels[0].set_yticks(range(len(names)), names)
        if "total" in found[0]:
            looks = [Patch(color=style.CATEGORIES[0]), Patch(color=style.CATEGORIES[0], alpha=0.3)]
            figure.legend(looks, ["alone", "with others (total)"], loc="outside upper center", ncols=2)
        figure.supxlabel("Share of the variance, with 95 % confidence interval", fontsize=9.0)
    return figure


def _short_names(paths: list[str]) -> list[str]:
    """Return what tells the paths apart in words, without the role where that is enough."""
    parts = [path.removesuffix(".value").replace("_", " ").split(".") for path in paths]
    brief = [", ".join(words[1:] or words) for words in parts]
    full = [", ".join(words) for words in parts]
    return [textwrap.fill(b if brief.count(b) == 1 else f, _WIDTH) for b, f in zip(brief, full, strict=True)]


def _bands_as_runs(bands: xr.Dataset, dataset: xr.Dataset) -> xr.Dataset:
    """Return the bands as if they were runs: with a status, completed where any draw has finished."""
    status = np.where(bands["runs"].values > 0, STATUS["completed"], STATUS["failed"])
    return bands.assign(status=(bands["runs"].dims, status)).assign_attrs(dataset.attrs)


def _draw_band(axes: Axes, band: xr.Dataset, against: str, colour: Any, shades: _Shades) -> None:
    """Draw the shades between pairs of quantiles, closed along the voltage at which runs end, and the median."""
    curves = [_quantile_curve(band.isel(quantile=number), against) for number in range(len(QUANTILES))]
    for (low, high), density in shades.items():
        outline = np.concatenate([curves[low], curves[high][::-1]])
        axes.fill(*outline.T, color=colour, alpha=density, linewidth=0)
    axes.plot(*curves[len(QUANTILES) // 2].T, color=colour)


def _quantile_curve(quantile: xr.Dataset, against: str) -> NDArray[np.float64]:
    """Return the points of one quantile's curve, to where it ends."""
    there = np.isfinite(quantile["voltage"].values)
    points = np.stack([quantile[against].values[there], quantile["voltage"].values[there]], axis=1)
    return np.append(points, [[float(quantile["end"]), float(quantile["end_voltage"])]], axis=0)


def _add_legend(figure: Figure, bands_as_runs: xr.Dataset, colour: str | None, shades: _Shades) -> None:
    """Say what line and shades are, and below what the colours are."""
    several = colour is not None and bands_as_runs.sizes[colour] > 1
    grey: Any = "0.3" if several else style.CATEGORIES[0]
    handles: list[Any] = [Line2D([], [], color=grey)]
    names, clear = ["median"], 1.0
    for pair, density in shades.items():
        clear *= 1.0 - density  # each shade lies on the wider one
        handles.append(Patch(facecolor=grey, alpha=1.0 - clear, linewidth=0))
        names.append(_SHADE_NAMES[pair])
    if colour is not None and several:
        looks = style.colours_of(values_of(bands_as_runs, colour))
        handles += [Line2D([], [], linestyle="none"), *(Line2D([], [], color=look) for look in looks)]
        names += [title_of(bands_as_runs, colour), *labels_of(bands_as_runs, colour)]
    figure.legend(handles, names, loc="outside right upper")


def _draw_bars(axes: Axes, indices: xr.Dataset) -> None:
    rows = np.arange(indices.sizes["parameter"])
    if "total" in indices:
        axes.barh(rows, indices["total"].values, color=style.CATEGORIES[0], alpha=0.3, height=0.7)
    axes.barh(
        rows,
        np.maximum(indices["first_order"].values, 0.0),
        xerr=indices["first_order_confidence"].values,
        color=style.CATEGORIES[0],
        height=0.45,
        error_kw={"elinewidth": 1.0, "ecolor": "0.25"},
    )
    axes.set_title(str(indices.attrs["of"]).replace("_", " ").capitalize())
    axes.set_xlim(0.0, 1.0)
    axes.set_xticks([0.0, 0.25, 0.5, 0.75])  # the last one of a panel would meet the first of the next
    axes.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    axes.grid(visible=False, axis="y")
