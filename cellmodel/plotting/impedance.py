"""Nyquist and Bode plots of an impedance.

Dataset in, figure out; it does not know how the impedance came about.
"""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullLocator, StrMethodFormatter

from cellmodel.labels import axis_label, readable
from cellmodel.plotting import style
from cellmodel.plotting.requirements import require

_OHM_CM2, _UNIT = readable(1.0, "ohm.m2")  # the unit of the tables too


def plot_impedance(dataset: xr.Dataset) -> Figure:
    """Draw an impedance: Nyquist plot at the left, magnitude and phase against frequency at the right.

    Parameters
    ----------
    dataset : xarray.Dataset
        From `cellmodel.symmetric_impedance` or `cellmodel.cell_impedance`.

    Returns
    -------
    matplotlib.figure.Figure
        One colour per state of charge; points mark whole decades of frequency; for a symmetric cell, the three
        resistances that the parameters give are marked.

    Raises
    ------
    ResultsError
        The dataset is no impedance.

    Examples
    --------
    >>> import cellmodel
    >>> spectrum = cellmodel.symmetric_impedance("li_peo_lfp", volumes=40)
    >>> figure = cellmodel.plot_impedance(spectrum)
    >>> figure.axes[0].get_xlabel()
    'Resistance (Ω cm²)'
    """
    require(
        dataset,
        "an impedance",
        ("resistance", "reactance", "magnitude", "phase"),
        ("frequency",),
        ("cell", "temperature"),
    )
    states = dataset["state_of_charge"].values if "state_of_charge" in dataset.dims else [None]
    with style.styled():
        figure = style.new_figure(9.6, 4.4)
        panels = figure.subplot_mosaic([["nyquist", "magnitude"], ["nyquist", "phase"]], width_ratios=[1.15, 1])
        nyquist, magnitude, phase = (panels[name] for name in ("nyquist", "magnitude", "phase"))
        for state, colour in zip(states, style.sequence_colours(len(states)), strict=True):
            run = dataset if state is None else dataset.sel(state_of_charge=state)
            label = None if state is None else f"{float(state):g}"
            _draw_nyquist(nyquist, run, colour, label)
            magnitude.loglog(run["frequency"], run["magnitude"] * _OHM_CM2, color=colour)
            phase.semilogx(run["frequency"], -run["phase"], color=colour)
        _window(nyquist, dataset)
        if "expected_arc_width" in dataset:
            _mark_expected(nyquist, dataset)
        elif len(states) > 1:
            nyquist.legend(title="State of charge", loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=len(states))
        magnitude.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        magnitude.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
        magnitude.yaxis.set_minor_locator(NullLocator())
        magnitude.sharex(phase)
        magnitude.tick_params(labelbottom=False)
        magnitude.set_ylabel(axis_label("Magnitude", _UNIT))
        phase.set_ylabel("−Phase (°)")
        phase.set_xlabel("Frequency (Hz)")
        figure.suptitle(f"{dataset.attrs['cell']}, {dataset.attrs['temperature'] - 273.15:.0f} °C", fontsize=9)
    return figure


def _draw_nyquist(axes: Axes, run: xr.Dataset, colour: object, label: str | None) -> None:
    resistance, reactance = run["resistance"].values * _OHM_CM2, -run["reactance"].values * _OHM_CM2
    axes.plot(resistance, reactance, color=colour, label=label)
    decades = np.log10(run["frequency"].values)
    order = np.argsort(decades)
    whole = np.arange(np.ceil(decades.min()), np.floor(decades.max()) + 1)
    points = [np.interp(whole, decades[order], values[order]) for values in (resistance, reactance)]
    axes.plot(*points, "o", color=colour, markersize=3.0)


def _window(axes: Axes, dataset: xr.Dataset) -> None:
    """Equal scales; a capacitive tail is cut where it would squeeze the arcs."""
    largest = float(dataset["resistance"].max()) * _OHM_CM2
    highest = float((-dataset["reactance"]).max()) * _OHM_CM2
    axes.set_aspect("equal", adjustable="box")
    axes.set_xlim(0.0, 1.08 * largest)
    axes.set_ylim(0.0, min(1.2 * highest, 1.08 * largest))
    axes.set_xlabel(axis_label("Resistance", _UNIT))
    axes.set_ylabel(axis_label("−Reactance", _UNIT))


def _mark_expected(axes: Axes, dataset: xr.Dataset) -> None:
    ohmic = float(dataset["expected_high_frequency_intercept"]) * _OHM_CM2
    arc = float(dataset["expected_arc_width"]) * _OHM_CM2
    steady = float(dataset["expected_zero_frequency_limit"]) * _OHM_CM2
    places = {"$L/κ$": ohmic, "$L/κ + 2R$": ohmic + arc, "$L(1+Ne)/κ + 2R$": steady}
    for (label, place), mark in zip(places.items(), style.MARKERS[1:], strict=False):
        axes.plot(place, 0.0, mark, color="0.25", markersize=6, clip_on=False, zorder=5, label=label, linestyle="none")
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3, columnspacing=0.8, handletextpad=0.2)
