"""What a check is and what it returns: findings, each a deviation with its tolerance, and curves to draw.

It knows no cell, no data and no verdict.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike


@dataclass(frozen=True)
class Finding:
    """One line of the table.

    Attributes
    ----------
    name : str
        Unique within its check; empty if the check has only one.
    what : str
        What deviates from what, and under which conditions.
    deviation : float
        Size of the deviation, not negative, in `unit`.
    tolerance : float
        Largest deviation that passes, in `unit`.
    unit : str
        UDUNITS, "1" if a ratio.
    reason : str
        Why the tolerance is what it is.
    stock : float, optional
        Deviation of PyBaMM's own half-cell DFN, everything else equal; not a number where that says nothing.
    remark : str, optional
        Further figures worth knowing.
    """

    name: str
    what: str
    deviation: float
    tolerance: float
    unit: str
    reason: str
    stock: float = math.nan
    remark: str = ""


@dataclass(frozen=True)
class Observation:
    """What a check found.

    Attributes
    ----------
    findings : list of Finding
        At least one.
    curves : xarray.Dataset or None
        What `cellmodel.plotting.plot_comparison` draws; made by `curves`.
    """

    findings: list[Finding]
    curves: xr.Dataset | None = None


class DataMissingError(Exception):
    """Raised by a check whose measured data are not on this machine; it is then skipped."""


@dataclass(frozen=True)
class Surroundings:
    """What a check may read besides the package.

    Attributes
    ----------
    data : pathlib.Path or None
        Folder of measured and computed curves that are not part of the project.
    """

    data: Path | None = None

    def table(self, name: str) -> np.ndarray:
        """Return the columns of a CSV file in the data folder, without its header.

        Parameters
        ----------
        name : str
            Name of the file.

        Returns
        -------
        ndarray, shape (columns, rows)
            Numbers; text becomes not-a-number.

        Raises
        ------
        DataMissingError
            There is no such file.
        """
        return np.atleast_2d(np.genfromtxt(self.file(name), delimiter=",", skip_header=1)).T

    def file(self, name: str) -> Path:
        """Return the path of a file in the data folder.

        Parameters
        ----------
        name : str
            Name of the file.

        Returns
        -------
        pathlib.Path
            Of an existing file.

        Raises
        ------
        DataMissingError
            There is no such file.
        """
        if self.data is None or not (self.data / name).is_file():
            raise DataMissingError(f"{name} is not in the data folder")
        return self.data / name


Measure = Callable[[Surroundings], Observation]


@dataclass(frozen=True)
class Check:
    """One piece of evidence.

    Attributes
    ----------
    name : str
        What `--only` takes.
    group : str
        Heading under which it stands in the table.
    reference : str
        What it is held against.
    doi : str
        Of the reference; empty where none exists.
    measure : callable
        Surroundings -> Observation; raises DataMissingError where it needs data that are absent.
    needs : tuple of str
        Files of the data folder that it cannot do without, for the listing.
    """

    name: str
    group: str
    reference: str
    doi: str
    measure: Measure
    needs: tuple[str, ...] = field(default=())


class Curve(NamedTuple):
    """One curve of a figure: role is "model", "reference", "stock" or "other"; a panel has its own axes."""

    label: str
    role: str
    x: ArrayLike
    y: ArrayLike
    panel: str = ""


def curves(title: str, x_label: str, y_label: str, lines: Sequence[Curve], log: str = "") -> xr.Dataset:
    """Return curves as one dataset, padded with not-a-number.

    Parameters
    ----------
    title, x_label, y_label : str
        Texts of the figure.
    lines : sequence of Curve
        What to draw.
    log : str, optional
        Axes with a logarithmic scale: "", "x", "y" or "xy".

    Returns
    -------
    xarray.Dataset
        `x` and `y` on (curve, point), `role` and `panel` on (curve,).
    """
    arrays = [(np.ravel(line.x).astype(float), np.ravel(line.y).astype(float)) for line in lines]
    size = max(x.size for x, _ in arrays)
    filled = np.full((2, len(lines), size), np.nan)
    for row, (x, y) in enumerate(arrays):
        filled[0, row, : x.size], filled[1, row, : y.size] = x, y
    return xr.Dataset(
        {
            "x": (("curve", "point"), filled[0], {"long_name": x_label, "units": "as labelled"}),
            "y": (("curve", "point"), filled[1], {"long_name": y_label, "units": "as labelled"}),
            "role": (("curve",), np.array([line.role for line in lines], dtype=object)),
            "panel": (("curve",), np.array([line.panel for line in lines], dtype=object)),
        },
        coords={"curve": np.array([line.label for line in lines], dtype=object)},
        attrs={"title": title, "log": log},
    )
