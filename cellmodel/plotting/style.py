"""How a figure of cellmodel looks: type, lines and colours, and how it is written to a file.

It does not know what a dataset holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from matplotlib.figure import Figure

from cellmodel.errors import Problem, ResultsError, found_text
from cellmodel.store.targets import check_target, whole_file

RC: Any = {
    "font.size": 9.0,
    "axes.titlesize": 9.0,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": 9.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.8,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.formatter.useoffset": False,
    "grid.color": "0.9",
    "grid.linewidth": 0.6,
    "lines.linewidth": 1.6,
    "legend.frameon": False,
    "legend.fontsize": 8.5,
    "legend.title_fontsize": 8.5,
    "xtick.direction": "out",
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
}
RESOLUTION = 200
FIGURE_ENDINGS = (".png", ".pdf", ".svg", ".eps", ".ps", ".jpg", ".jpeg", ".tif", ".tiff", ".webp")
"""Endings of a figure's name, which are its formats."""

# Okabe and Ito's palette without yellow and black: told apart with every kind of colour vision.
CATEGORIES = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00")
LINE_STYLES = ("-", "--", ":", "-.")
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")


def new_figure(width: float, height: float) -> Figure:
    """Return an empty figure of that size [inch] which keeps its texts apart, free of the state of `pyplot`."""
    return Figure(figsize=(width, height), layout="constrained")


def styled() -> Any:
    """Return the context in which a figure takes this style."""
    return matplotlib.rc_context(RC)


def save_figure(figure: Figure, path: str | Path) -> Path:
    """Write a figure to a file; the ending of its name is the format.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        What to write.
    path : str or pathlib.Path
        Where to, such as "results/first_discharge.png".

    Returns
    -------
    pathlib.Path
        The file.

    Raises
    ------
    ResultsError
        It is no figure; the name has no ending or an unknown one; a folder or a link has that name; it cannot be
        written. What was there before is kept.
    """
    if not isinstance(figure, Figure):
        raise ResultsError(Problem("save_figure", "figure", found_text(figure), "a matplotlib Figure"))
    target = check_target(path, FIGURE_ENDINGS)
    with whole_file(target) as partial, styled():
        figure.savefig(partial, dpi=RESOLUTION)
    return target


def sequence_colours(count: int, name: str = "viridis") -> list[Any]:
    """Return colours for ordered values, dark to light, none too pale for paper."""
    if count == 1:
        return [CATEGORIES[0]]
    return list(matplotlib.colormaps[name](np.linspace(0.0, 0.88, count)))


def colours_of(values: Sequence[Any], name: str = "viridis") -> list[Any]:
    """Return one colour for each value: a sequence for numbers, a palette for names."""
    if all(isinstance(value, str) for value in values):
        return [CATEGORIES[index % len(CATEGORIES)] for index in range(len(values))]
    return sequence_colours(len(values), name)


def line_style(values: Sequence[Any], index: int) -> str:
    """Return the line style of one value; names beyond the palette get another one."""
    if isinstance(values[index], str):
        return LINE_STYLES[index // len(CATEGORIES) % len(LINE_STYLES)]
    return "-"
