"""What goes into which panel and which colour, and titles, legends and remarks around the panels.

It knows the dataset's names, and refuses in one sentence a dataset without what a figure needs; it draws no curve.
"""

from __future__ import annotations

import itertools
import math
import re
import textwrap
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure, FigureBase

from cellmodel.dataset import schema
from cellmodel.errors import Problem, ResultsError, choices, found_text, shortened
from cellmodel.labels import value_text
from cellmodel.plotting import style

MEASURED = "measured"
"""Label of points laid over curves."""
AXES = {
    "areal_capacity": "Areal capacity",
    "specific_capacity": "Specific capacity",
    "utilization": "Share of the cell's capacity",
}
"""What a horizontal axis of capacity can be."""
_LONGEST_NAME, LEGEND_WIDTH, _LETTERS_PER_INCH = 40, 20, 13
_INCHES_PER_LETTER, _HANDLE = 0.075, 0.5  # of a legend
_UNBROKEN = "\u00a0"
_NUMBER_AND_UNIT = re.compile(r"(?<!\S)[\d.]+ [^\s,\d]+(?: [^\s,]*[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)*")
MOST_ENTRIES = 12  # panels in one figure, or labels in one legend
_PROTOCOL_DIMENSIONS = ("cycle", "step")
_WITH_CURVE = (1, 2)  # status: completed, ended_early


class Panel(NamedTuple):
    """The runs that share one panel: values of the panel's dimensions, such as "80 °C", and their positions."""

    title: str
    where: Mapping[str, int]


class PanelLayout(NamedTuple):
    """The dimension told apart by colour, the panels for all others, and how many more panels there would be."""

    colour: str | None
    panels: tuple[Panel, ...]
    left_out: int


class Line(NamedTuple):
    """One run with its label, colour and line style."""

    label: str
    run: xr.Dataset
    colour: Any
    line_style: str


def require(
    dataset: Any,
    figure: str,
    variables: Collection[str] = (),
    dimensions: Collection[str] = (),
    attributes: Collection[str] = (),
) -> None:
    """Raise unless a dataset holds what a figure draws; each variable needs at least one value."""
    if not isinstance(dataset, xr.Dataset):
        raise ResultsError(Problem("figure", "dataset", found_text(dataset), "an xarray.Dataset of cellmodel"))
    if "message" in dataset and "status" in dataset and dataset["status"].size and not has_curve(dataset).any():
        raise ResultsError(f"there is nothing to plot: no run of these results has been completed{_why(dataset)}")
    missing = [name for name in dimensions if name not in dataset.dims]
    missing += [name for name in attributes if name not in dataset.attrs]
    missing += [name for name in variables if name not in dataset.variables and name not in missing]
    if missing:
        raise ResultsError(f"these results cannot be drawn as {figure}: they have no {_listed(missing)}")
    empty = [name for name in variables if not _has_values(dataset[name])]
    if empty:
        raise ResultsError(f"these results cannot be drawn as {figure}: no run has a value of {_listed(empty)}")


def require_curves(dataset: Any, against: Any) -> None:
    """Raise unless a dataset holds one curve of each run against a capacity."""
    if not isinstance(against, str) or against not in AXES:
        text = against if isinstance(against, str) else ""
        raise ResultsError(Problem("figure", "against", found_text(against), choices(text, AXES)))
    require(dataset, "curves against capacity", ("status", "voltage", "discharge_capacity", "capacity", against))
    steps = [name for name in _PROTOCOL_DIMENSIONS if name in dataset["voltage"].dims]
    if steps:
        raise ResultsError(f"runs with several values of `{steps[0]}` have no one curve: plot_cycle draws them")


def _why(dataset: xr.Dataset) -> str:
    """Return the message that most of the runs left, for the end of a sentence."""
    message = Counter(map(str, dataset["message"].values.ravel().tolist())).most_common(1)[0][0]
    return f" ({shortened(message, 200)})" if message else ""


def _has_values(variable: xr.DataArray) -> bool:
    if variable.dtype.kind not in "fc":
        return bool(variable.size)
    return bool(np.isfinite(variable.values).any())


def _listed(names: Collection[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def has_curve(dataset: xr.Dataset) -> xr.DataArray:
    """Return where a run has left a curve: completed or ended early."""
    return dataset["status"].isin(_WITH_CURVE)


def swept_dimensions(dataset: xr.Dataset) -> list[str]:
    """Return the dimensions that tell runs apart, in the dataset's order."""
    require(dataset, "results of cellmodel", ("status",))
    return [str(name) for name in dataset["status"].dims if name not in _PROTOCOL_DIMENSIONS]


def values_of(dataset: xr.Dataset, dimension: str) -> list[Any]:
    """Return the values along a dimension as plain Python numbers or strings."""
    return list(dataset[dimension].values.tolist())


def units_of(dataset: xr.Dataset, name: str) -> str:
    """Return the units of a variable, those of the schema where arithmetic has dropped its attributes."""
    described = {**schema.SAMPLED, **schema.PER_RUN, **schema.CYCLE_NUMBERS}.get(name)
    return str(dataset[name].attrs.get("units", described.units if described else "1"))


def labels_of(dataset: xr.Dataset, dimension: str) -> list[str]:
    """Return the label of each value along a dimension, such as "C/10"."""
    units = str(dataset[dimension].attrs.get("units", "1"))
    return [value_text(dimension, value, units) for value in values_of(dataset, dimension)]


def full_label(dataset: xr.Dataset, dimension: str, label: str) -> str:
    """Return a label that stands without a legend's title: a bare number gets the name of its quantity."""
    try:
        float(label)
    except ValueError:
        return label
    return f"{' '.join(title_of(dataset, dimension).split())} {label}"


def title_of(dataset: xr.Dataset, dimension: str) -> str:
    """Return the dimension's name for a legend."""
    name = str(dataset[dimension].attrs.get("long_name", ""))
    if not name or len(name) > _LONGEST_NAME:  # a description, not a name
        name = dimension.replace("_", " ")
    return textwrap.fill(name[:1].upper() + name[1:], LEGEND_WIDTH)


def wrapped(text: str, width: int) -> str:
    """Return a text in lines of at most that width, no number parted from its unit."""
    whole = _NUMBER_AND_UNIT.sub(lambda part: part[0].replace(" ", _UNBROKEN), text)
    return textwrap.fill(whole, width).replace(_UNBROKEN, " ")


def panel_layout(dataset: xr.Dataset, first: Sequence[str] = ("c_rate", "current_density")) -> PanelLayout:
    """Return which dimension takes the colour, one of `first` or the last one swept, and the panels of all others."""
    require(dataset, "curves", ("status",))
    swept = swept_dimensions(dataset)
    if not has_curve(dataset).any():
        raise ResultsError("there is nothing to plot: no run of these results has been completed")
    several = [name for name in swept if dataset.sizes[name] > 1]
    colour = next(iter([*(name for name in first if name in several), *several[::-1], *swept[::-1]]), None)
    others = [name for name in swept if name != colour]
    panels = []
    for where in itertools.product(*(range(dataset.sizes[name]) for name in others)):
        positions = dict(zip(others, where, strict=True))
        labels = (
            full_label(dataset, name, labels_of(dataset, name)[k]) for name, k in positions.items() if name in several
        )
        panels.append(Panel(", ".join(labels), positions))
    return PanelLayout(colour, tuple(panels[:MOST_ENTRIES]), max(0, len(panels) - MOST_ENTRIES))


def lines_of(panel: xr.Dataset, colour: str | None) -> list[Line]:
    """Return the runs of one panel that have left a curve, each with its look, and its label if there are several."""
    if colour is None:
        return [Line("", panel, style.CATEGORIES[0], "-")] if bool(has_curve(panel)) else []
    values = values_of(panel, colour)
    names = labels_of(panel, colour) if len(values) > 1 else [""]
    colours = style.colours_of(values)
    lines = [
        Line(name, panel.isel({colour: index}), colours[index], style.line_style(values, index))
        for index, name in enumerate(names)
    ]
    return [line for line in lines if bool(has_curve(line.run))]


def scaled(dataset: xr.Dataset, charge: xr.DataArray, name: str) -> xr.DataArray:
    """Return a charge [A.h] or current [A] on the scale of one of the run's capacities, NaN where that is 0."""
    return charge * (dataset[name] / dataset["capacity"].where(dataset["capacity"] != 0))


def grid_of(count: int) -> tuple[int, int]:
    """Return rows and columns for a number of panels."""
    columns = count if count <= 3 else math.ceil(math.sqrt(count))
    return math.ceil(count / columns), columns


def voltage_panels(figure: FigureBase, layout: PanelLayout, label: str, letters: int) -> list[Axes]:
    """Return one panel for each of a layout, with titles, that share both axes; labels stand at the outer ones only."""
    count = len(layout.panels)
    rows, columns = grid_of(count)
    panels = list(figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False).ravel())
    for axes in panels[count:]:
        axes.remove()
    for index, (axes, panel) in enumerate(zip(panels, layout.panels, strict=False)):
        axes.set_title(wrapped(panel.title, letters))
        below = index + columns >= count
        axes.tick_params(labelbottom=below)
        if below:
            axes.set_xlabel(label)
        if index % columns == 0:
            axes.set_ylabel("Cell voltage (V)")
    return panels[:count]


def add_legend(
    figure: FigureBase,
    panels: Sequence[Axes],
    dataset: xr.Dataset,
    colour: str | None,
    place: Any = "outside right upper",
) -> None:
    """Name the colours of the panels beside or below them, and the measured points."""
    handles: dict[str, Any] = {}
    for axes in panels:
        for handle, label in zip(*axes.get_legend_handles_labels(), strict=True):
            handles.setdefault(label, handle)
    order = labels_of(dataset, colour) if colour else []
    names = [name for name in order if name in handles] + [name for name in handles if name not in order]
    if len(names) < 2 and MEASURED not in names:
        return
    names = names[:: math.ceil(len(names) / MOST_ENTRIES)]
    figure.legend(
        [handles[name] for name in names],
        names,
        loc=place,
        title=title_of(dataset, colour) if colour else None,
        ncols=columns_of_legend(figure, names) if "lower" in place else 1,
        handlelength=1.6,
        columnspacing=1.2,
    )


def columns_of_legend(figure: Any, names: Sequence[str]) -> int:
    """Return how many legend entries stand side by side without leaving the figure, in even rows."""
    width = figure.bbox.width / figure.dpi
    most = max(1, int(width / (0.4 + 0.08 * max(map(len, names)))))
    return math.ceil(len(names) / math.ceil(len(names) / most))


def headline(figure: Figure, dataset: xr.Dataset) -> None:
    """Write what was simulated above a figure whose legends are drawn, in lines that end before them."""
    text = str(dataset.attrs.get("title", "")).strip()
    if not text:
        return
    legends = [legend for part in (figure, *figure.subfigs) for legend in part.legends]
    entries = [entry.get_text() for legend in legends for entry in (legend.get_title(), *legend.get_texts())]
    letters = max((len(line) for entry in entries for line in entry.splitlines()), default=0)
    width = figure.bbox.width / figure.dpi - (letters * _INCHES_PER_LETTER + _HANDLE if letters else 0.0)
    lines = wrapped(shortened(text, 300).replace(" degC", " °C"), max(30, int(width * _LETTERS_PER_INCH)))
    figure.suptitle(lines, x=0.01, ha="left", fontsize=9.0, fontweight="bold")


def add_remarks(figure: Figure, dataset: xr.Dataset, left_out: int = 0) -> None:
    """Write at the foot of the figure what it does not show."""
    total = int(np.prod([dataset.sizes[name] for name in swept_dimensions(dataset)]))
    missing = total - int(has_curve(dataset).sum())
    remarks = [f"{missing} of {total} runs did not finish and are not drawn"] if missing else []
    alike = _panels_of_one_unit(dataset)
    if alike:
        remarks.append("panels: " + ", ".join(alike))
    if left_out:
        remarks.append(f"{left_out} more panels are not drawn")
    if remarks:
        figure.supxlabel("; ".join(remarks), fontsize=8, color="0.35", x=0.99, ha="right")


def _panels_of_one_unit(dataset: xr.Dataset) -> list[str]:
    """Return what the values above panels are, where two of them have one unit: "25 µm, 10 µm"."""
    names = [name for name in panel_layout(dataset).panels[0].where if dataset.sizes[name] > 1]
    units = [dataset[name].attrs.get("units", "1") for name in names if dataset[name].dtype.kind in "fiu"]
    twice = any(units.count(unit) > 1 for unit in units if unit not in ("1", ""))
    return [" ".join(title_of(dataset, name).split()) for name in names] if twice else []
