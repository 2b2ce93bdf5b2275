"""What cycling does: the first, middle and last discharge of a cell, and numbers of every cycle.

Dataset in, figure out.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure, FigureBase
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from cellmodel.errors import ResultsError
from cellmodel.labels import axis_label, readable, unit_text
from cellmodel.plotting import arrangement as arranging
from cellmodel.plotting import style
from cellmodel.plotting.requirements import require

Array = NDArray[np.float64]

_MOST_COLUMNS = 4
_NEEDED = (
    "status",
    "time",
    "voltage",
    "current",
    "discharge_capacity",
    "areal_capacity",
    "capacity",
    "cycle_discharge_capacity",
    "cycle_charge_capacity",
    "cycle_discharge_energy",
)
_RESTING = 1e-6  # of the largest current: nothing flows
_WORN = {  # what a mechanism changes from cycle to cycle -> its label
    "lithium_thickness": "Lithium foil",
    "interphase_resistance": "Interphase resistance",
    "dead_lithium": "Dead lithium",
    "contact_share": "Surface in contact",
}
_MOST_WORN = 2
_LEAST_CHANGE = 1e-6  # of a value, below which nothing wears


def is_cycled(dataset: xr.Dataset) -> bool:
    """Return whether cells were discharged and charged again more than once."""
    if dataset.sizes.get("cycle", 1) < 2 or not set(_NEEDED) <= set(map(str, dataset.variables)):
        return False
    delivered, taken_up = (dataset[f"cycle_{way}_capacity"] > 0.0 for way in ("discharge", "charge"))
    return int((delivered & taken_up).any([name for name in delivered.dims if name != "cycle"]).sum()) > 1


def plot_cycles(dataset: xr.Dataset) -> Figure:
    """Draw the first, middle and last discharge of each run, and capacity, energy and wear of every cycle.

    Parameters
    ----------
    dataset : xarray.Dataset
        Results of a protocol with several cycles of discharge and charge.

    Returns
    -------
    matplotlib.figure.Figure
        Above, voltage against capacity, one panel for each run, cycles told apart by colour; below, numbers against
        the number of the cycle, runs told apart by colour. Capacity and energy are those of the discharge of a cycle,
        relative to cycle 1.

    Raises
    ------
    ResultsError
        No run has been completed, or there are no cycles.
    """
    require(dataset, "cycles", _NEEDED)
    if not is_cycled(dataset):
        raise ResultsError("these results cannot be drawn as cycles: no cell was discharged and charged more than once")
    runs = _runs(dataset)
    shown = runs[:_MOST_COLUMNS]
    worn = _worn(dataset)
    with style.styled():
        figure = style.new_figure(max(2.6 * len(shown) + 1.6, 2.8 * (2 + len(worn)) + 0.6, 6.4), 5.6)
        parts: Any = figure.subfigures(2, 1, height_ratios=[1.15, 1.0], hspace=0.02)
        _draw_discharges(parts[0], shown)
        _draw_numbers(parts[1], runs, worn, dataset)
        arranging.headline(figure, dataset)
        text = arranging.remarks(dataset, len(runs) - len(shown))
        if text:
            figure.supxlabel(text, fontsize=8, color="0.35", x=0.99, ha="right")
    return figure


def _runs(dataset: xr.Dataset) -> list[tuple[str, str, xr.Dataset]]:
    """Return all runs that have left curves, with the title of their panel and their label in a legend."""
    layout = arranging.arrange(dataset)
    found = []
    for panel in layout.panels:
        for line in arranging.lines_of(dataset.isel(panel.where), layout.colour):
            own = arranging.alone(dataset, str(layout.colour), line.label)
            words = [", ".join(word for word in (panel.title, last) if word) for last in (own, line.label)]
            found.append((words[0], words[1], line.run))
    return found


def _steps(run: xr.Dataset, cycle: int) -> xr.Dataset:
    """Return one cycle as (step, sample)."""
    one = run.isel(cycle=cycle)
    return one if "step" in one["voltage"].dims else one.expand_dims("step")


def _discharges(run: xr.Dataset, cycle: int) -> list[tuple[Array, Array]]:
    """Return capacity from its own zero [A.h] and voltage of each step of a cycle that discharges."""
    one = _steps(run, cycle)
    largest = float(abs(run["current"]).max())
    found = []
    for step in range(one.sizes["step"]):
        part = one.isel(step=step)
        charge, voltage = part["discharge_capacity"].values, part["voltage"].values
        there = np.isfinite(charge) & np.isfinite(voltage)
        if there.sum() > 1 and np.nanmean(part["current"].values) > _RESTING * largest:
            found.append((charge[there] - charge[there][0], voltage[there]))
    return found


def _cycles(run: xr.Dataset) -> list[int]:
    """Return the positions of the cycles in which something was discharged."""
    return np.flatnonzero(run["cycle_discharge_capacity"].values > 0.0).tolist()


def _draw_discharges(figure: FigureBase, runs: list[tuple[str, str, xr.Dataset]]) -> None:
    panels = figure.subplots(1, len(runs), sharex=True, sharey=True, squeeze=False)[0]
    handles: dict[str, Any] = {}
    for axes, (title, _, run) in zip(panels, runs, strict=True):
        cycles = _cycles(run)
        chosen = [cycles[place] for place in sorted({0, (len(cycles) - 1) // 2, len(cycles) - 1})] if cycles else []
        per_area = float(run["areal_capacity"] / run["capacity"])
        looks = zip(chosen, style.sequence_colours(len(chosen)), style.LINE_STYLES, strict=False) if chosen else ()
        for cycle, colour, look in looks:
            before = 0.0
            for charge, voltage in _discharges(run, cycle):
                (line,) = axes.plot((before + charge) * per_area, voltage, look, color=colour)
                before += float(charge[-1])
                handles.setdefault(f"cycle {cycle + 1}", line)
        axes.set_title(arranging.wrapped(title, 28))
        axes.set_xlabel(axis_label("Areal capacity", unit_text("mA.h.cm-2")))
        axes.xaxis.set_major_locator(MaxNLocator(4))
    panels[0].set_xlim(left=0)
    panels[0].set_ylabel("Cell voltage (V)")
    figure.legend(handles.values(), handles.keys(), loc="outside right upper", title="Discharge", handlelength=1.8)


def _draw_numbers(
    figure: FigureBase, runs: list[tuple[str, str, xr.Dataset]], worn: list[str], dataset: xr.Dataset
) -> None:
    """Draw capacity and energy of the discharges relative to the first, and what wears, against the cycle."""
    panels = figure.subplots(1, 2 + len(worn), squeeze=False)[0]
    colours = style.sequence_colours(len(runs))
    for place, ((_, label, run), colour) in enumerate(zip(runs, colours, strict=True)):
        cycles = _cycles(run)
        ends = {name: [_last(run, cycle, name) for cycle in cycles] for name in worn}
        number = np.array(cycles) + 1
        totals = [run[f"cycle_discharge_{name}"].values[cycles] for name in ("capacity", "energy")]
        curves = [100.0 * (total / total[:1] - 1.0) for total in totals]
        curves += [readable(np.array(ends[name]), arranging.units_of(dataset, name))[0] for name in worn]
        for axes, values in zip(panels, curves, strict=True):
            look = {"marker": style.MARKERS[place % len(style.MARKERS)], "markersize": 4.0}
            axes.plot(number, values, color=colour, label=label or None, **look)
    panels[0].set_ylabel("Discharge capacity,\nchange since cycle 1 (%)")
    panels[1].set_ylabel("Discharge energy,\nchange since cycle 1 (%)")
    for axes, name in zip(panels[2:], worn, strict=True):
        axes.set_ylabel(axis_label(_WORN[name], readable(0.0, arranging.units_of(dataset, name))[1]))
    for axes in panels:
        _cycle_axis(axes)
    if len(runs) > 1:
        layout = arranging.arrange(dataset)
        several = len(layout.panels) > 1 or layout.colour is None
        title = None if several else arranging.title_of(dataset, str(layout.colour))
        shown = slice(None, None, -(-len(runs) // arranging.LONGEST))
        handles, names = panels[0].get_legend_handles_labels()
        figure.legend(handles[shown], names[shown], loc="outside right upper", title=title)


def _cycle_axis(axes: Axes) -> None:
    axes.set_xlabel("Cycle")
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.yaxis.set_major_locator(MaxNLocator(5))


def _last(run: xr.Dataset, cycle: int, name: str) -> float:
    """Return the last value of a sampled variable in a cycle; NaN if it has none."""
    values = np.ravel(_steps(run, cycle)[name].transpose("step", "sample").values)
    there = np.flatnonzero(np.isfinite(values))
    return float(values[there[-1]]) if there.size else np.nan


def _worn(dataset: xr.Dataset) -> list[str]:
    """Return what changes most from cycle to cycle, of what the mechanisms follow."""
    changes = {}
    for name in _WORN:
        if name in dataset and {"cycle", "sample"} <= set(map(str, dataset[name].dims)):
            values = np.abs(dataset[name].values[np.isfinite(dataset[name].values)])
            changes[name] = float(np.ptp(values) / values.max()) if values.size and values.max() > 0 else 0.0
    return [name for name, change in changes.items() if change > _LEAST_CHANGE][:_MOST_WORN]
