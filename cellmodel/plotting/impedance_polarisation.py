"""Measurements on a polymer and its interfaces: Nyquist and Bode plots of an impedance, studies of a symmetric cell.

Dataset in, figure out; it does not know how the measurement came about.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullLocator, StrMethodFormatter

from cellmodel.errors import ResultsError, choices
from cellmodel.labels import axis_label, readable
from cellmodel.plotting import style
from cellmodel.plotting.panels import require

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
        _set_limits(nyquist, dataset)
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


def _set_limits(axes: Axes, dataset: xr.Dataset) -> None:
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


def plot_polarisation(dataset: xr.Dataset) -> Figure:
    """Draw the figure that belongs to a study of a symmetric cell.

    Parameters
    ----------
    dataset : xarray.Dataset
        From one of the functions of `cellmodel.characterisation`.

    Returns
    -------
    matplotlib.figure.Figure
        What was measured, and what was found beside what was put in.

    Raises
    ------
    ResultsError
        If the dataset is from something else.

    Examples
    --------
    >>> import cellmodel
    >>> held = cellmodel.limiting_current("li_peo_lfp", volumes=20)
    >>> figure = cellmodel.plot_polarisation(held)
    >>> figure.axes[0].get_xlabel()
    'Hold'
    """
    require(dataset, "a polarisation")
    study = str(dataset.attrs.get("study", ""))
    if study not in POLARISATIONS:
        raise ResultsError(f"study: found {study!r}, wanted {choices(str(study), POLARISATIONS)}")
    require(dataset, "a polarisation", _POLARISATION_VARIABLES[study], (), ("cell", "temperature"))
    with style.styled():
        figure = POLARISATIONS[study](dataset)
        figure.suptitle(f"{dataset.attrs['cell']}, {dataset.attrs['temperature'] - 273.15:.0f} °C", fontsize=9)
    return figure


def _potentiostatic(dataset: xr.Dataset) -> Figure:
    figure = style.new_figure(9.0, 3.6)
    decay, ratio = figure.subplots(1, 2)
    voltages = dataset["applied_voltage"].values
    for voltage, colour in zip(voltages, style.sequence_colours(len(voltages)), strict=True):
        current = dataset["current_density"].sel(applied_voltage=voltage)
        share = current / dataset["initial_current_density"].sel(applied_voltage=voltage)
        decay.semilogx(dataset["time"][1:], share[1:], color=colour, label=f"{1e3 * voltage:g}")
    decay.set_xlabel("Time (s)")
    decay.set_ylabel("Current over its initial value")
    decay.legend(title="Voltage (mV)")
    expected = float(dataset["expected_current_ratio"])
    exact = 100 * (dataset["quadrature_current_ratio"] / expected - 1)
    ratio.axhline(0.0, color="0.45", linewidth=0.8)
    ratio.semilogx(1e3 * dataset["quadrature_voltage"], exact, color="0.45", label="steady state by quadrature")
    ratio.semilogx(1e3 * voltages, 100 * dataset["deviation"], "o", color=style.CATEGORIES[0], label="simulated")
    ratio.set_xlabel("Applied voltage (mV)")
    ratio.set_ylabel("Ratio over 1/(1+Ne), deviation (%)")
    ratio.set_title(f"1/(1+Ne) = {expected:.3g}")
    ratio.legend()
    return figure


def _galvanostatic(dataset: xr.Dataset) -> Figure:
    figure = style.new_figure(6.2, 3.6)
    axes = figure.subplots()
    densities = dataset["applied_current_density"].values
    for index, colour in enumerate(style.sequence_colours(len(densities))):
        run = dataset.isel(applied_current_density=index)
        share = float(run["share_of_limiting_current"])
        axes.plot(run["time"] / run["sand_time"], run["voltage"], color=colour, label=f"{share:.2g}")
    axes.axvline(1.0, color="0.45", linewidth=0.8)
    axes.set_xlabel("Time over Sand's time")
    axes.set_ylabel("Applied voltage (V)")
    axes.legend(title="Current over\nlimiting current")
    return figure


def _restricted(dataset: xr.Dataset) -> Figure:
    figure = style.new_figure(6.2, 3.6)
    axes = figure.subplots()
    time, voltage = dataset["rest_time"].values, 1e3 * dataset["rest_voltage"].values
    shown = voltage > 1e-3 * voltage[0]
    found, expected = float(dataset["found_salt_diffusivity"]), float(dataset["expected_salt_diffusivity"])
    axes.semilogy(time[shown], voltage[shown], color=style.CATEGORIES[0], label=f"$D$ found: {found:.4g} m² s⁻¹")
    start = int(0.1 * time.size)
    decay = time[-1] * expected  # proportional to L^2: the rest lasts L^2 / D
    line = voltage[start] * np.exp(-(np.pi**2) * expected * (time - time[start]) / decay)
    axes.semilogy(
        time[shown], line[shown], "--", color="0.35", label=f"slope −π²$D$/$L²$: {expected:.4g} m² s⁻¹ put in"
    )
    axes.set_xlabel("Time since the interruption (s)")
    axes.set_ylabel("Voltage (mV)")
    axes.legend()
    return figure


def _limiting(dataset: xr.Dataset) -> Figure:
    figure = style.new_figure(6.2, 3.6)
    axes = figure.subplots()
    lasted = dataset["sustained"].values > 0.5
    step, density = dataset["step"].values, dataset["applied_current_density"].values
    axes.plot(step[lasted], density[lasted], "o", color=style.CATEGORIES[0], label="sustained")
    axes.plot(step[~lasted], density[~lasted], "X", color=style.CATEGORIES[1], label="not sustained")
    expected = float(dataset["expected_limiting_current_density"])
    axes.axhline(expected, color="0.45", linewidth=0.8, label=f"by quadrature: {expected:.4g} A m⁻²")
    axes.set_xlabel("Hold")
    axes.set_ylabel("Current density (A m⁻²)")
    axes.set_ylim(bottom=0.0)
    axes.legend()
    return figure


POLARISATIONS: dict[str, Callable[[xr.Dataset], Figure]] = {
    "potentiostatic_polarisation": _potentiostatic,
    "galvanostatic_polarisation": _galvanostatic,
    "restricted_diffusion": _restricted,
    "limiting_current": _limiting,
}
"""Study -> what draws it."""
_POLARISATION_VARIABLES = {
    "potentiostatic_polarisation": ("time", "current_density", "initial_current_density", "quadrature_current_ratio"),
    "galvanostatic_polarisation": ("time", "voltage", "sand_time", "share_of_limiting_current"),
    "restricted_diffusion": ("rest_time", "rest_voltage", "found_salt_diffusivity", "expected_salt_diffusivity"),
    "limiting_current": ("sustained", "step", "applied_current_density", "expected_limiting_current_density"),
}
