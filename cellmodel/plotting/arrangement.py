"""What goes into which panel and which colour: the swept dimensions of a dataset, put in a reader's order.

It knows the dataset's names; it draws nothing.
"""

from __future__ import annotations

import itertools
import re
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import xarray as xr
from matplotlib.figure import FigureBase
from matplotlib.legend import Legend

from cellmodel.dataset import schema
from cellmodel.errors import ResultsError, shortened
from cellmodel.labels import value_text
from cellmodel.plotting import style
from cellmodel.plotting.requirements import require

_LONGEST_NAME, _LEGEND_WIDTH, _LETTERS_PER_INCH = 40, 20, 13
_INCHES_PER_LETTER, _HANDLE = 0.075, 0.5  # of a legend
_UNBROKEN = "\u00a0"
_NUMBER_AND_UNIT = re.compile(r"(?<!\S)[\d.]+ [^\s,\d]+(?: [^\s,]*[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)*")
LONGEST = 12  # panels in one figure, or labels in one legend
_COLOUR_FIRST = ("c_rate", "current_density")
_PROTOCOL_DIMENSIONS = ("cycle", "step")
_DRAWN = (1, 2)  # status: completed, ended_early


@dataclass(frozen=True)
class Panel:
    """The runs that share one panel.

    Parameters
    ----------
    title : str
        Values of the panel's dimensions, such as "80 °C".
    where : mapping of str to int
        Their positions.
    """

    title: str
    where: Mapping[str, int]


@dataclass(frozen=True)
class Arrangement:
    """Which dimension is told apart by colour, and the panels for all others.

    Parameters
    ----------
    colour : str or None
        The dimension told apart by colour; None if there is a single run in each panel.
    panels : tuple of Panel
        At most `LONGEST`.
    left_out : int
        How many panels more the dataset has.
    """

    colour: str | None
    panels: tuple[Panel, ...]
    left_out: int


class Line(NamedTuple):
    """One run with its label, colour and line style."""

    label: str
    run: xr.Dataset
    colour: Any
    line_style: str


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


def alone(dataset: xr.Dataset, dimension: str, label: str) -> str:
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
    return textwrap.fill(name[:1].upper() + name[1:], _LEGEND_WIDTH)


def wrapped(text: str, width: int) -> str:
    """Return a text in lines of at most that width, no number parted from its unit."""
    whole = _NUMBER_AND_UNIT.sub(lambda part: part[0].replace(" ", _UNBROKEN), text)
    return textwrap.fill(whole, width).replace(_UNBROKEN, " ")


def headline(figure: FigureBase, dataset: xr.Dataset) -> None:
    """Write what was simulated above a figure whose legends are drawn, in lines that end before them."""
    text = str(dataset.attrs.get("title", "")).strip()
    if text:
        parts = [figure, *figure.subfigs]
        words = [one.get_text() for part in parts for legend in part.legends for one in _texts(legend)]
        letters = max((len(line) for word in words for line in word.splitlines()), default=0)
        room = figure.bbox.width / figure.dpi - (letters * _INCHES_PER_LETTER + _HANDLE if letters else 0.0)  # type: ignore[attr-defined]
        lines = wrapped(shortened(text, 300).replace(" degC", " °C"), max(30, int(room * _LETTERS_PER_INCH)))
        figure.suptitle(lines, x=0.01, ha="left", fontsize=9.0, fontweight="bold")


def _texts(legend: Legend) -> list[Any]:
    return [legend.get_title(), *legend.get_texts()]


def arrange(dataset: xr.Dataset, first: Sequence[str] = _COLOUR_FIRST) -> Arrangement:
    """Choose the dimension for colour and spread the others over panels.

    Parameters
    ----------
    dataset : xarray.Dataset
        Results of a study or of one run.
    first : sequence of str, optional
        Dimensions that take the colour if they have more than one value.

    Returns
    -------
    Arrangement
        C-rate or current density takes the colour; else the last swept dimension with more than one value.

    Raises
    ------
    ResultsError
        If the dataset has no run to draw.
    """
    require(dataset, "curves", ("status",))
    swept = swept_dimensions(dataset)
    if not drawn(dataset).any():
        raise ResultsError("there is nothing to plot: no run of these results has been completed")
    several = [name for name in swept if dataset.sizes[name] > 1]
    preferred = [name for name in first if name in several]
    colour = preferred[0] if preferred else (several[-1] if several else (swept[-1] if swept else None))
    others = [name for name in swept if name != colour]
    panels = []
    for where in itertools.product(*(range(dataset.sizes[name]) for name in others)):
        places = [(name, index) for name, index in zip(others, where, strict=True) if name in several]
        words = [alone(dataset, name, labels_of(dataset, name)[index]) for name, index in places]
        panels.append(Panel(", ".join(words), dict(zip(others, where, strict=True))))
    return Arrangement(colour, tuple(panels[:LONGEST]), max(0, len(panels) - LONGEST))


def lines_of(panel: xr.Dataset, colour: str | None) -> list[Line]:
    """Return the runs of one panel that have left a curve, each with its label and look.

    Parameters
    ----------
    panel : xarray.Dataset
        Results without the dimensions that tell panels apart.
    colour : str or None
        The dimension told apart by colour.

    Returns
    -------
    list of Line
        The label is empty where there is one run only.
    """
    if colour is None:
        return [Line("", panel, style.CATEGORIES[0], "-")] if bool(drawn(panel)) else []
    values = values_of(panel, colour)
    names = labels_of(panel, colour) if len(values) > 1 else [""]
    colours = style.colours_of(values)
    lines = [
        Line(name, panel.isel({colour: index}), colours[index], style.line_style(values, index))
        for index, name in enumerate(names)
    ]
    return [line for line in lines if bool(drawn(line.run))]


def drawn(dataset: xr.Dataset) -> xr.DataArray:
    """Return where a run has left a curve: completed or ended early."""
    return dataset["status"].isin(_DRAWN)


def scaled(dataset: xr.Dataset, charge: xr.DataArray, name: str) -> xr.DataArray:
    """Return a charge [A.h] or current [A] on the scale of one of the run's capacities.

    Parameters
    ----------
    dataset : xarray.Dataset
        Results with `capacity` [A.h] and the variable `name`.
    charge : xarray.DataArray
        What to scale.
    name : str
        "areal_capacity" [mA.h.cm-2], "specific_capacity" [mA.h.g-1] or "utilization" [1].

    Returns
    -------
    xarray.DataArray
        In the unit of that variable (a current: per hour); NaN where no charge has passed.
    """
    return charge * (dataset[name] / dataset["capacity"].where(dataset["capacity"] != 0))


def _panels_of_one_unit(dataset: xr.Dataset) -> list[str]:
    """Return what the values above panels are, where two of them have one unit: "25 µm, 10 µm"."""
    names = [name for name in arrange(dataset).panels[0].where if dataset.sizes[name] > 1]
    units = [dataset[name].attrs.get("units", "1") for name in names if dataset[name].dtype.kind in "fiu"]
    twice = any(units.count(unit) > 1 for unit in units if unit not in ("1", ""))
    return [" ".join(title_of(dataset, name).split()) for name in names] if twice else []


def remarks(dataset: xr.Dataset, left_out: int = 0) -> str:
    """Return what a figure does not show, for its foot; empty if it shows all."""
    total = int(np.prod([dataset.sizes[name] for name in swept_dimensions(dataset)]))
    missing = total - int(drawn(dataset).sum())
    words = []
    if missing:
        words.append(f"{missing} of {total} runs did not finish and are not drawn")
    alike = _panels_of_one_unit(dataset)
    if alike:
        words.append("panels: " + ", ".join(alike))
    if left_out:
        words.append(f"{left_out} more panels are not drawn")
    return "; ".join(words)
