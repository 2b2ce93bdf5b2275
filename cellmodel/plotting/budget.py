"""Where mass and volume of a cell go, and what is left per kilogram and per litre at each level.

Dataset of `cellmodel.energy` in, figure out.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from cellmodel.labels import rate_text, unit_text
from cellmodel.plotting import style
from cellmodel.plotting.requirements import require

_PALEST = 0.65  # how far the last part of a layer goes towards white
_LABELLED = 0.045  # share of a bar that has room for its number
_LEVEL_COLOURS = {"gravimetric_energy": "0.25", "volumetric_energy": "0.65"}
_AROUND = "0.45"
_WIDTH = 0.38

_SAID = ("cell", "temperature", "format", "vehicle")


def plot_budget(dataset: xr.Dataset) -> Figure:
    """Draw the shares of all parts in mass and volume, and the energy per mass and volume at each level.

    Parameters
    ----------
    dataset : xarray.Dataset
        From `cellmodel.energy_budget`.

    Returns
    -------
    matplotlib.figure.Figure
        Levels on the left; stacked bars on the right, one colour for each layer and grey for what is around them.

    Raises
    ------
    ResultsError
        The dataset is no budget.

    Examples
    --------
    >>> import cellmodel
    >>> energy = cellmodel.energy_budget("li_peo_lfp", c_rate="C/3", mesh="fast")
    >>> figure = cellmodel.plot_budget(energy)
    >>> figure.axes[0].get_ylabel()
    'Energy of the simulated discharge'
    """
    require(
        dataset,
        "a budget of masses",
        ("mass", "thickness", *_LEVEL_COLOURS, "cell_mass"),
        ("component", "level"),
        _SAID,
    )
    with style.styled():
        figure = style.new_figure(8.6, 4.4)
        left, right = figure.subplots(1, 2, width_ratios=(1.15, 1.0))
        _draw_levels(left, dataset)
        _draw_shares(right, dataset)
        handles, names = right.get_legend_handles_labels()
        figure.legend(handles[::-1], names[::-1], loc="outside right upper", fontsize=8.0)
        figure.suptitle(_headline(dataset), x=0.01, ha="left", fontsize=9.0, fontweight="bold")
    return figure


def _draw_shares(axes: Axes, dataset: xr.Dataset) -> None:
    """Draw one bar for mass and one for volume, parts in the order of the stack from below."""
    shares = {name: dataset[name].values / dataset[name].values.sum() for name in ("mass", "thickness")}
    bottom = np.zeros(len(shares))
    for index, (name, colour) in enumerate(zip(dataset["component"].values, _colours(dataset), strict=True)):
        heights = np.array([values[index] for values in shares.values()])
        axes.bar((0, 1), heights, bottom=bottom, color=colour, edgecolor="white", linewidth=0.5, width=0.72, label=name)
        for place, height in enumerate(heights):
            if height >= _LABELLED:
                ink = "white" if _is_dark(colour) else "black"
                middle = bottom[place] + height / 2.0
                axes.text(place, middle, f"{height:.0%}", ha="center", va="center", color=ink, fontsize=8.0)
        bottom += heights
    mass, volume = float(dataset["cell_mass"]), float(dataset["cell_volume"])
    axes.set_xticks((0, 1), [f"Mass\n{mass * 1e3:.0f} g", f"Volume, charged\n{volume * 1e3:.0f} mL"])
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    axes.set_ylim(0.0, 1.0)
    axes.set_ylabel("Share of the cell")
    axes.grid(visible=False)


def _draw_levels(axes: Axes, dataset: xr.Dataset) -> None:
    levels = [str(level) for level in dataset["level"].values]
    places = np.arange(len(levels))
    for side, (name, colour) in zip((-0.5, 0.5), _LEVEL_COLOURS.items(), strict=True):
        values = dataset[name].values
        unit = unit_text(dataset[name].attrs.get("units", "1"))
        bars = axes.bar(places + side * _WIDTH, values, width=_WIDTH, color=colour, label=unit)
        axes.bar_label(bars, fmt="%.0f", fontsize=8.0, padding=1.0)
    axes.set_xticks(places, [level.capitalize() for level in levels])
    axes.set_ylabel("Energy of the simulated discharge")
    axes.margins(y=0.1)
    axes.legend(loc="upper right")
    axes.grid(visible=False, axis="x")


def _headline(dataset: xr.Dataset) -> str:
    rate, temperature = rate_text(float(dataset["c_rate"])), float(dataset.attrs["temperature"]) - 273.15
    around = ", ".join(name for name in (dataset.attrs["format"], dataset.attrs["vehicle"]) if name)
    return f"{dataset.attrs['cell']} ({around}) at {rate} and {temperature:.3g} °C"


def _colours(dataset: xr.Dataset) -> list[Any]:
    """Return one colour for each layer, paler from part to part inside it."""
    layers = [str(layer) for layer in dataset["layer"].values]
    hues: dict[str, str] = dict(zip(dict.fromkeys(layers), style.CATEGORIES * 2, strict=False))
    hues["around"] = _AROUND
    colours = []
    for index, layer in enumerate(layers):
        place, parts = layers[:index].count(layer), layers.count(layer)
        pale = _PALEST * place / max(parts - 1, 1)
        colours.append(tuple((1.0 - pale) * np.array(to_rgb(hues[layer])) + pale))
    return colours


def _is_dark(colour: Any) -> bool:
    return float(np.dot(colour, (0.299, 0.587, 0.114))) < 0.5  # luma of ITU-R BT.601
