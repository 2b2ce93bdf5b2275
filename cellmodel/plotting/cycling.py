"""Protocols of several steps and cycles: voltage and current against time, and what cycling does to a cell.

Dataset in, figure out; it does not know what the steps were for.
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
from cellmodel.plotting import style
from cellmodel.plotting.measured import Measured, draw_points
from cellmodel.plotting.panels import (
    MOST_ENTRIES,
    add_legend,
    add_remarks,
    full_label,
    headline,
    lines_of,
    panel_layout,
    require,
    scaled,
    title_of,
    units_of,
    wrapped,
)

Array = NDArray[np.float64]

_PROTOCOL_ORDER = ("cycle", "step", "sample")
_MOST_COLUMNS = 4
_CYCLING_VARIABLES = (
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
_NO_CURRENT = 1e-6  # of the largest current: nothing flows
_DEGRADATION = {  # what a mechanism changes from cycle to cycle -> its label
    "lithium_thickness": "Lithium foil",
    "interphase_resistance": "Interphase resistance",
    "dead_lithium": "Dead lithium",
    "contact_share": "Surface in contact",
}
_MOST_SHOWN = 2
_LEAST_CHANGE = 1e-6  # of a value, below which nothing wears


def plot_cycle(dataset: xr.Dataset, measured: Measured | None = None) -> Figure:
    """Draw voltage above current against time: one column per panel, one colour per run.

    Parameters
    ----------
    dataset : xarray.Dataset
        Results of a protocol with one or more steps.
    measured : Measured, optional
        Points with a column `time` to lay over the voltage.

    Returns
    -------
    matplotlib.figure.Figure
        Time runs from the start of the protocol through all its cycles and steps.

    Raises
    ------
    ResultsError
        If no run has been completed.
    """
    require(dataset, "curves against time", ("status", "time", "voltage", "current", "areal_capacity", "capacity"))
    layout = panel_layout(dataset)
    columns = min(len(layout.panels), _MOST_COLUMNS)
    rows = -(-len(layout.panels) // columns)
    with style.styled():
        figure = style.new_figure(min(3.4 * columns + 2.6, 14.0), 4.4 * rows)
        panels = figure.subplots(2 * rows, columns, squeeze=False, height_ratios=[2, 1] * rows)
        pairs = panels.reshape(rows, 2, columns).swapaxes(1, 2).reshape(-1, 2)
        for place, (panel, (voltage, current)) in enumerate(zip(layout.panels, pairs, strict=False)):
            _share_axes(voltage, current, panels[0, 0], panels[1, 0], place % columns)
            for label, run, colour, line_style in lines_of(dataset.isel(panel.where), layout.colour):
                time = _in_order(run, run["time"]) / 3600
                voltage.plot(time, _in_order(run, run["voltage"]), line_style, color=colour, label=label or None)
                current.plot(
                    time, _in_order(run, scaled(run, run["current"], "areal_capacity")), line_style, color=colour
                )
            if measured is not None:
                draw_points(voltage, dataset.isel(panel.where), measured, "time")
            voltage.set_title(wrapped(panel.title, 36))
            current.set_xlabel("Time (h)")
            current.axhline(0, color="0.45", linewidth=0.8, zorder=1)
        for axes in pairs[len(layout.panels) :].ravel():
            axes.remove()
        for voltage, current in pairs[::columns]:
            voltage.set_ylabel("Cell voltage (V)")
            current.set_ylabel("Current density\n(mA cm⁻²)")
        figure.align_ylabels(panels[:, 0])
        add_legend(figure, list(pairs[: len(layout.panels), 0]), dataset, layout.colour)
        headline(figure, dataset)
        add_remarks(figure, dataset, layout.left_out)
    return figure


def _share_axes(voltage: Axes, current: Axes, first_voltage: Axes, first_current: Axes, column: int) -> None:
    """Give a pair of panels one time, and the scales of the first pair; labels stand at the left only."""
    current.sharex(voltage)
    voltage.tick_params(labelbottom=False)
    if voltage is not first_voltage:
        voltage.sharey(first_voltage)
        current.sharey(first_current)
    for axes in (voltage, current):
        axes.tick_params(labelleft=column == 0)


def _in_order(run: xr.Dataset, variable: xr.DataArray) -> np.ndarray:
    """Return one run's values of all cycles and steps in the order of time, gaps dropped."""
    order = [name for name in _PROTOCOL_ORDER if name in variable.dims]
    values = variable.transpose(*order).values.ravel()
    kept = np.isfinite(run["time"].transpose(*order).values.ravel())
    return np.asarray(values[kept])


def is_cycled(dataset: xr.Dataset) -> bool:
    """Return whether cells were discharged and charged again more than once."""
    if dataset.sizes.get("cycle", 1) < 2 or not set(_CYCLING_VARIABLES) <= set(map(str, dataset.variables)):
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
    require(dataset, "cycles", _CYCLING_VARIABLES)
    if not is_cycled(dataset):
        raise ResultsError("these results cannot be drawn as cycles: no cell was discharged and charged more than once")
    runs = _titled_runs(dataset)
    shown = runs[:_MOST_COLUMNS]
    degrading = _degrading(dataset)
    with style.styled():
        figure = style.new_figure(max(2.6 * len(shown) + 1.6, 2.8 * (2 + len(degrading)) + 0.6, 6.4), 5.6)
        parts: Any = figure.subfigures(2, 1, height_ratios=[1.15, 1.0], hspace=0.02)
        _draw_discharges(parts[0], shown)
        _draw_numbers(parts[1], runs, degrading, dataset)
        headline(figure, dataset)
        add_remarks(figure, dataset, len(runs) - len(shown))
    return figure


def _titled_runs(dataset: xr.Dataset) -> list[tuple[str, str, xr.Dataset]]:
    """Return all runs that have left curves, with the title of their panel and their label in a legend."""
    layout = panel_layout(dataset)
    found = []
    for panel in layout.panels:
        for line in lines_of(dataset.isel(panel.where), layout.colour):
            own = full_label(dataset, str(layout.colour), line.label)
            words = [", ".join(word for word in (panel.title, last) if word) for last in (own, line.label)]
            found.append((words[0], words[1], line.run))
    return found


def _with_steps(run: xr.Dataset, cycle: int) -> xr.Dataset:
    """Return one cycle as (step, sample)."""
    one = run.isel(cycle=cycle)
    return one if "step" in one["voltage"].dims else one.expand_dims("step")


def _discharges(run: xr.Dataset, cycle: int) -> list[tuple[Array, Array]]:
    """Return capacity from its own zero [A.h] and voltage of each step of a cycle that discharges."""
    one = _with_steps(run, cycle)
    largest = float(abs(run["current"]).max())
    found = []
    for step in range(one.sizes["step"]):
        part = one.isel(step=step)
        charge, voltage = part["discharge_capacity"].values, part["voltage"].values
        there = np.isfinite(charge) & np.isfinite(voltage)
        if there.sum() > 1 and np.nanmean(part["current"].values) > _NO_CURRENT * largest:
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
        axes.set_title(wrapped(title, 28))
        axes.set_xlabel(axis_label("Areal capacity", unit_text("mA.h.cm-2")))
        axes.xaxis.set_major_locator(MaxNLocator(4))
    panels[0].set_xlim(left=0)
    panels[0].set_ylabel("Cell voltage (V)")
    figure.legend(handles.values(), handles.keys(), loc="outside right upper", title="Discharge", handlelength=1.8)


def _draw_numbers(
    figure: FigureBase, runs: list[tuple[str, str, xr.Dataset]], degrading: list[str], dataset: xr.Dataset
) -> None:
    """Draw capacity and energy of the discharges relative to the first, and what wears, against the cycle."""
    panels = figure.subplots(1, 2 + len(degrading), squeeze=False)[0]
    colours = style.sequence_colours(len(runs))
    for place, ((_, label, run), colour) in enumerate(zip(runs, colours, strict=True)):
        cycles = _cycles(run)
        ends = {name: [_last_value(run, cycle, name) for cycle in cycles] for name in degrading}
        number = np.array(cycles) + 1
        totals = [run[f"cycle_discharge_{name}"].values[cycles] for name in ("capacity", "energy")]
        curves = [100.0 * (total / total[:1] - 1.0) for total in totals]
        curves += [readable(np.array(ends[name]), units_of(dataset, name))[0] for name in degrading]
        for axes, values in zip(panels, curves, strict=True):
            look = {"marker": style.MARKERS[place % len(style.MARKERS)], "markersize": 4.0}
            axes.plot(number, values, color=colour, label=label or None, **look)
    panels[0].set_ylabel("Discharge capacity,\nchange since cycle 1 (%)")
    panels[1].set_ylabel("Discharge energy,\nchange since cycle 1 (%)")
    for axes, name in zip(panels[2:], degrading, strict=True):
        axes.set_ylabel(axis_label(_DEGRADATION[name], readable(0.0, units_of(dataset, name))[1]))
    for axes in panels:
        _cycle_axis(axes)
    if len(runs) > 1:
        layout = panel_layout(dataset)
        several = len(layout.panels) > 1 or layout.colour is None
        title = None if several else title_of(dataset, str(layout.colour))
        shown = slice(None, None, -(-len(runs) // MOST_ENTRIES))
        handles, names = panels[0].get_legend_handles_labels()
        figure.legend(handles[shown], names[shown], loc="outside right upper", title=title)


def _cycle_axis(axes: Axes) -> None:
    axes.set_xlabel("Cycle")
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.yaxis.set_major_locator(MaxNLocator(5))


def _last_value(run: xr.Dataset, cycle: int, name: str) -> float:
    """Return the last value of a sampled variable in a cycle; NaN if it has none."""
    values = np.ravel(_with_steps(run, cycle)[name].transpose("step", "sample").values)
    there = np.flatnonzero(np.isfinite(values))
    return float(values[there[-1]]) if there.size else np.nan


def _degrading(dataset: xr.Dataset) -> list[str]:
    """Return what changes most from cycle to cycle, of what the mechanisms follow."""
    changes = {}
    for name in _DEGRADATION:
        if name in dataset and {"cycle", "sample"} <= set(map(str, dataset[name].dims)):
            values = np.abs(dataset[name].values[np.isfinite(dataset[name].values)])
            changes[name] = float(np.ptp(values) / values.max()) if values.size and values.max() > 0 else 0.0
    return [name for name, change in changes.items() if change > _LEAST_CHANGE][:_MOST_SHOWN]
