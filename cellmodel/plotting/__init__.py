"""Figures: a Dataset goes in, a matplotlib Figure comes out.

Nothing is simulated or read from `results/` here. `plot_results` chooses the figure for whatever the dataset
holds; the others draw one kind of figure each.
"""

from __future__ import annotations

import xarray as xr
from matplotlib.figure import Figure

from cellmodel.errors import Problem, ResultsError, found_text
from cellmodel.plotting.cycling import is_cycled, plot_cycle, plot_cycles
from cellmodel.plotting.discharge import plot_discharge, plot_profiles, plot_warming, warms
from cellmodel.plotting.energy_density import plot_budget, plot_design
from cellmodel.plotting.impedance_polarisation import POLARISATIONS, plot_impedance, plot_polarisation
from cellmodel.plotting.measured import Measured, read_measured
from cellmodel.plotting.panels import panel_layout, require
from cellmodel.plotting.rate_capability import plot_collapse, plot_rate_capability, plot_rate_study
from cellmodel.plotting.style import save_figure
from cellmodel.plotting.uncertainty import plot_band, plot_sensitivity
from cellmodel.plotting.verdicts import plot_claims, plot_comparison

__all__ = [
    "Measured",
    "plot_band",
    "plot_budget",
    "plot_claims",
    "plot_collapse",
    "plot_comparison",
    "plot_cycle",
    "plot_cycles",
    "plot_design",
    "plot_discharge",
    "plot_impedance",
    "plot_polarisation",
    "plot_profiles",
    "plot_rate_capability",
    "plot_rate_study",
    "plot_results",
    "plot_sensitivity",
    "plot_warming",
    "read_measured",
    "save_figure",
]

_FEWEST_RATES = 3


def plot_results(dataset: xr.Dataset, measured: Measured | None = None) -> Figure:
    """Draw the figure that suits a dataset.

    Parameters
    ----------
    dataset : xarray.Dataset
        Results of `simulate` or of a study, with any dimensions.
    measured : Measured, optional
        Points to lay over the curves.

    Returns
    -------
    matplotlib.figure.Figure
        For a budget of masses, a polarisation study or an impedance, its own. Discharges and numbers of each cycle, if
        cells were discharged and charged again; else against time, if the protocol has several steps or cycles or the
        points are against time; a band, if numbers were drawn; with the temperature, if cells warm up; curves and rate
        capability, if at least three C-rates were swept; else curves against areal capacity.

    Raises
    ------
    ResultsError
        If no run has been completed.

    Examples
    --------
    >>> import cellmodel
    >>> run = cellmodel.simulate("li_peo_lfp", c_rate="C/3", mesh="fast")
    >>> figure = cellmodel.plot_results(run)
    >>> figure.savefig("discharge.png")
    """
    require(dataset, "a figure")
    if measured is not None and not isinstance(measured, Measured):
        raise ResultsError(Problem("figure", "measured", found_text(measured), "points of `read_measured`"))
    own = {"frequency", "component"} & set(map(str, dataset.dims)) or dataset.attrs.get("study") in POLARISATIONS
    if measured is not None and (own or "own_specific_energy" in dataset):
        raise ResultsError("measured points can be laid over curves of runs only")
    if "frequency" in dataset.dims:
        return plot_impedance(dataset)
    if "component" in dataset.dims:
        return plot_budget(dataset)
    if dataset.attrs.get("study") in POLARISATIONS:
        return plot_polarisation(dataset)
    if "own_specific_energy" in dataset:
        return plot_design(dataset)
    require(dataset, "curves", ("status", "voltage"))
    against_time = measured is not None and measured.scale == "time"
    if measured is None and is_cycled(dataset):
        return plot_cycles(dataset)
    if against_time or {"cycle", "step"} & set(map(str, dataset["voltage"].dims)):
        return plot_cycle(dataset, measured)
    if dataset.sizes.get("draw", 1) > 1 and measured is None:
        return plot_band(dataset)
    if measured is None and warms(dataset):
        return plot_warming(dataset)
    if panel_layout(dataset).colour == "c_rate" and dataset.sizes["c_rate"] >= _FEWEST_RATES:
        return plot_rate_study(dataset, measured)
    return plot_discharge(dataset, measured=measured)
