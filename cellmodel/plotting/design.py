"""What the best design reaches at each rate, against a claim, and what that design is.

Dataset in, figure out.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, NullLocator
from numpy.typing import NDArray

from cellmodel.errors import ResultsError
from cellmodel.inputs import number
from cellmodel.labels import axis_label, rate_text, unit_text, value_text
from cellmodel.plotting import style
from cellmodel.plotting.requirements import require

_REACHED = {
    "gravimetric": ("specific_energy", "Specific energy of the cell"),
    "volumetric": ("energy_density", "Energy density of the cell"),
}
_ACTIVE = "cell.positive_electrode.active_material_volume_fraction"
_MILLIAMPERE_HOURS_PER_SQUARE_CENTIMETRE = 0.1  # in 1 A h/m2


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
    shown = list(fronts) if isinstance(fronts, Sequence) and not isinstance(fronts, str | bytes) else [fronts]
    if claim is not None:
        number(claim, "figure", "claim", "a number", error=ResultsError)
    for front in shown:
        require(
            front,
            "a front of designs",
            ("own_specific_energy", "areal_capacity", "optimum"),
            ("c_rate", "variable"),
            ("cell", "temperature", "objective", "objective_units"),
        )
    objectives = {str(front.attrs.get("objective")) for front in shown}
    if len(objectives) != 1 or not objectives <= set(_REACHED):
        raise ResultsError(f"a figure of designs needs fronts of one objective, found {sorted(objectives)}")
    name, words = _REACHED[objectives.pop()]
    with style.styled():
        figure = style.new_figure(8.6, 4.6)
        grid = figure.add_gridspec(2, 2, width_ratios=(1.7, 1.0))
        reached = figure.add_subplot(grid[:, 0])
        capacity, active = figure.add_subplot(grid[0, 1]), figure.add_subplot(grid[1, 1])
        for place, front in enumerate(shown):
            _draw((reached, capacity, active), front, name, style.CATEGORIES[place % len(style.CATEGORIES)])
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
        _add_legend(figure, reached, shown, claim)
    return figure


def _draw(panels: tuple[Axes, Axes, Axes], front: xr.Dataset, name: str, colour: str) -> None:
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


def _add_legend(figure: Figure, axes: Axes, fronts: Sequence[xr.Dataset], claim: float | None) -> None:
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
