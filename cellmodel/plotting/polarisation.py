"""One figure for each study of a symmetric cell.

Dataset in, figure out; nothing is simulated.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from cellmodel.errors import ResultsError, choices
from cellmodel.plotting import style
from cellmodel.plotting.requirements import require


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
    if study not in FIGURES:
        raise ResultsError(f"study: found {study!r}, wanted {choices(str(study), FIGURES)}")
    require(dataset, "a polarisation", _NEEDED[study], (), ("cell", "temperature"))
    with style.styled():
        figure = FIGURES[study](dataset)
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
    axes.plot(step[~lasted], density[~lasted], "X", color=style.CATEGORIES[1], label="salt ran out")
    expected = float(dataset["expected_limiting_current_density"])
    axes.axhline(expected, color="0.45", linewidth=0.8, label=f"by quadrature: {expected:.4g} A m⁻²")
    axes.set_xlabel("Hold")
    axes.set_ylabel("Current density (A m⁻²)")
    axes.set_ylim(bottom=0.0)
    axes.legend()
    return figure


FIGURES: dict[str, Callable[[xr.Dataset], Figure]] = {
    "potentiostatic_polarisation": _potentiostatic,
    "galvanostatic_polarisation": _galvanostatic,
    "restricted_diffusion": _restricted,
    "limiting_current": _limiting,
}
"""Study -> what draws it."""
_NEEDED = {
    "potentiostatic_polarisation": ("time", "current_density", "initial_current_density", "quadrature_current_ratio"),
    "galvanostatic_polarisation": ("time", "voltage", "sand_time", "share_of_limiting_current"),
    "restricted_diffusion": ("rest_time", "rest_voltage", "found_salt_diffusivity", "expected_salt_diffusivity"),
    "limiting_current": ("sustained", "step", "applied_current_density", "expected_limiting_current_density"),
}
