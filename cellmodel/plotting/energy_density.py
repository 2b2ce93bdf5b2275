"""Energy per mass and volume: where mass and volume of a cell go, and what the best designs reach against a claim.

Dataset in, figure out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, NullLocator, PercentFormatter
from numpy.typing import NDArray

from cellmodel.errors import ResultsError
from cellmodel.inputs import number
from cellmodel.labels import axis_label, rate_text, unit_text, value_text
from cellmodel.plotting import style
from cellmodel.plotting.panels import require

_PALEST = 0.65  # how far the last part of a layer goes towards white
_LABELLED = 0.045  # share of a bar that has room for its number
_ENERGY_COLOURS = {"gravimetric_energy": "0.25", "volumetric_energy": "0.65"}
_AROUND = "0.45"
_WIDTH = 0.38

_BUDGET_ATTRIBUTES = ("cell", "temperature", "format", "vehicle")
_OBJECTIVES = {
    "gravimetric": ("specific_energy", "Specific energy of the cell"),
    "volumetric": ("energy_density", "Energy density of the cell"),
}
_ACTIVE = "cell.positive_electrode.active_material_volume_fraction"
_MILLIAMPERE_HOURS_PER_SQUARE_CENTIMETRE = 0.1  # in 1 A h/m2


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
        ("mass", "thickness", *_ENERGY_COLOURS, "cell_mass"),
        ("component", "level"),
        _BUDGET_ATTRIBUTES,
    )
    with style.styled():
        figure = style.new_figure(8.6, 4.4)
        left, right = figure.subplots(1, 2, width_ratios=(1.15, 1.0))
        _draw_levels(left, dataset)
        _draw_shares(right, dataset)
        handles, names = right.get_legend_handles_labels()
        figure.legend(handles[::-1], names[::-1], loc="outside right upper", fontsize=8.0)
        figure.suptitle(_budget_title(dataset), x=0.01, ha="left", fontsize=9.0, fontweight="bold")
    return figure


def _draw_shares(axes: Axes, dataset: xr.Dataset) -> None:
    """Draw one bar for mass and one for volume, parts in the order of the stack from below."""
    shares = {name: dataset[name].values / dataset[name].values.sum() for name in ("mass", "thickness")}
    bottom = np.zeros(len(shares))
    for index, (name, colour) in enumerate(zip(dataset["component"].values, _component_colours(dataset), strict=True)):
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
    for side, (name, colour) in zip((-0.5, 0.5), _ENERGY_COLOURS.items(), strict=True):
        values = dataset[name].values
        unit = unit_text(dataset[name].attrs.get("units", "1"))
        bars = axes.bar(places + side * _WIDTH, values, width=_WIDTH, color=colour, label=unit)
        axes.bar_label(bars, fmt="%.0f", fontsize=8.0, padding=1.0)
    axes.set_xticks(places, [level.capitalize() for level in levels])
    axes.set_ylabel("Energy of the simulated discharge")
    axes.margins(y=0.1)
    axes.legend(loc="upper right")
    axes.grid(visible=False, axis="x")


def _budget_title(dataset: xr.Dataset) -> str:
    rate, temperature = rate_text(float(dataset["c_rate"])), float(dataset.attrs["temperature"]) - 273.15
    around = ", ".join(name for name in (dataset.attrs["format"], dataset.attrs["vehicle"]) if name)
    return f"{dataset.attrs['cell']} ({around}) at {rate} and {temperature:.3g} °C"


def _component_colours(dataset: xr.Dataset) -> list[Any]:
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


def plot_design(fronts: xr.Dataset | Sequence[xr.Dataset], claim: float | None = None) -> Figure:
    """Draw the energy of the best design against C-rate, and capacity and active fraction of that design.

    Parameters
    ----------
    fronts : xarray.Dataset or sequence of xarray.Dataset
        Of `cellmodel.design.ragone_front`, all with the same objective.
    claim : float, optional
        Drawn as a line, in the unit of the objective.

    Returns
    -------
    matplotlib.figure.Figure
        The best design as a full line, the cell as its file has it as a broken one.

    Raises
    ------
    ResultsError
        If there is no front, or the objectives differ.

    Examples
    --------
    >>> import cellmodel
    >>> cathode = "cell.positive_electrode"
    >>> fixed = {f"{cathode}.thickness": ("60 um", "60 um"), f"{cathode}.active_material_volume_fraction": (0.5, 0.5)}
    >>> fixed["cell.separator.thickness"] = ("20 um", "20 um")
    >>> front = cellmodel.ragone_front("li_peo_lfp", c_rates=["C/10", "C/3"], bounds=fixed)
    >>> figure = cellmodel.plot_design(front.dataset)
    >>> figure.axes[0].get_ylabel()
    'Specific energy of the cell (W h kg⁻¹)'
    """
    if claim is not None:
        number(claim, "figure", "claim", "a number", error=ResultsError)
    shown = _fronts_of_one_objective(fronts)
    name, words = _OBJECTIVES[str(shown[0].attrs["objective"])]
    with style.styled():
        figure = style.new_figure(8.6, 4.6)
        panels = figure.subplot_mosaic([["reached", "capacity"], ["reached", "active"]], width_ratios=(1.7, 1.0))
        reached, capacity, active = (panels[name] for name in ("reached", "capacity", "active"))
        for place, front in enumerate(shown):
            _draw_front((reached, capacity, active), front, name, style.CATEGORIES[place % len(style.CATEGORIES)])
        reached.set_ylabel(axis_label(words, unit_text(shown[0].attrs["objective_units"])))
        capacity.set_ylabel(f"Areal capacity\n({unit_text('mA.h.cm-2')})")
        active.set_ylabel("Active fraction\nof the cathode")
        for axes in (reached, capacity):
            axes.set_ylim(bottom=0.0)
        stated = np.unique(np.concatenate([front["c_rate"].values for front in shown]))
        for axes in (reached, capacity, active):
            _rate_axis(axes, stated)
        capacity.set_xlabel("")
        capacity.set_title("The best design at each rate")
        _name_fronts(figure, reached, shown, claim)
    return figure


def _fronts_of_one_objective(fronts: xr.Dataset | Sequence[xr.Dataset]) -> list[xr.Dataset]:
    """Return fronts as a list; raise unless each has what is drawn, and all the same objective."""
    listed = list(fronts) if isinstance(fronts, Sequence) and not isinstance(fronts, str | bytes) else [fronts]
    for front in listed:
        require(
            front,
            "a front of designs",
            ("own_specific_energy", "areal_capacity", "optimum"),
            ("c_rate", "variable"),
            ("cell", "temperature", "objective", "objective_units"),
        )
    objectives = {str(front.attrs["objective"]) for front in listed}
    if len(objectives) != 1 or not objectives <= set(_OBJECTIVES):
        raise ResultsError(f"a figure of designs needs fronts of one objective, found {sorted(objectives)}")
    return listed


def _draw_front(panels: tuple[Axes, Axes, Axes], front: xr.Dataset, name: str, colour: str) -> None:
    """Draw one front: energy of the best design and of the cell itself, capacity and active fraction of the best."""
    reached, capacity, active = panels
    rates = front["c_rate"].values
    reached.plot(rates, front[f"own_{name}"].values, color=colour, linestyle="--", linewidth=1.0)
    per_area = front["areal_capacity"].values * _MILLIAMPERE_HOURS_PER_SQUARE_CENTIMETRE
    fraction = front["optimum"].sel(variable=_ACTIVE).values
    for axes, values in ((reached, front[name].values), (capacity, per_area), (active, fraction)):
        axes.plot(rates, values, color=colour, marker="o", markersize=4.0)


def _rate_axis(axes: Axes, rates: NDArray[np.float64]) -> None:
    """Give an axis the C-rates as the field writes them."""
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(FixedLocator(rates.tolist()))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xticklabels([rate_text(rate) for rate in rates])
    axes.set_xlabel("C-rate")


def _name_fronts(figure: Figure, axes: Axes, fronts: Sequence[xr.Dataset], claim: float | None) -> None:
    """Name the cells, the two kinds of line and the claim."""
    handles = [
        Line2D([], [], color=style.CATEGORIES[place % len(style.CATEGORIES)], marker="o", markersize=4.0)
        for place in range(len(fronts))
    ]
    names = [f"{front.attrs['cell']}, {value_text('t', front.attrs['temperature'], 'K')}" for front in fronts]
    handles += [Line2D([], [], color="0.4"), Line2D([], [], color="0.4", linestyle="--", linewidth=1.0)]
    names += ["best design at each rate", "the cell as its file has it"]
    if claim is not None:
        handles.append(axes.axhline(claim, color="0.1", linestyle=":", linewidth=1.2))
        names.append(f"claim: {claim:g} {unit_text(fronts[0].attrs['objective_units'])}")
    figure.legend(handles, names, loc="outside lower center", ncols=2)
