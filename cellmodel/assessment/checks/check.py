"""What a check is and what it returns: findings, each a deviation with its tolerance, and curves to draw.

With it is what several checks do with a built model. It knows no cell, no reference and no verdict.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:
    from cellmodel.models.build import BuiltModel

Array = NDArray[np.float64]

STOCK = "StockDFN"
"""PyBaMM's own half-cell DFN, in cellmodel's engine."""


@dataclass(frozen=True)
class Finding:
    """One line of the table.

    Attributes
    ----------
    name : str
        Unique within its check; empty if the check has only one.
    what : str
        What deviates from what, and under which conditions.
    deviation, tolerance : float
        Size of the deviation, not negative, and the largest that passes [unit].
    unit : str
        UDUNITS, "1" if a ratio.
    reason : str
        Why the tolerance is what it is.
    stock : float, optional
        Deviation of PyBaMM's own half-cell DFN, everything else equal; not a number where that says nothing.
    remark : str, optional
        Further figures worth knowing.
    missing : str, optional
        What would have to be known for the line to tell anything; empty if it does.
    """

    name: str
    what: str
    deviation: float
    tolerance: float
    unit: str
    reason: str
    stock: float = math.nan
    remark: str = ""
    missing: str = ""


class DataMissingError(Exception):
    """Raised by a check whose measured data are not on this machine; it is then skipped."""


@dataclass(frozen=True)
class DataFolder:
    """The folder of measured and computed curves that are not part of the project; None if there is none."""

    path: Path | None = None

    def file(self, name: str) -> Path:
        """Return the path of a file, or raise DataMissingError."""
        if self.path is None or not (self.path / name).is_file():
            raise DataMissingError(f"{name} is not in the data folder")
        return self.path / name

    def files(self, pattern: str) -> list[Path]:
        """Return the paths of all files that match a pattern, by name, or raise DataMissingError if none does."""
        found = sorted(self.path.glob(pattern)) if self.path is not None else []
        if not found:
            raise DataMissingError(f"{pattern} is not in the data folder")
        return found

    def table(self, name: str) -> np.ndarray:
        """Return the columns of a CSV file below its header, shape (columns, rows); text is not-a-number."""
        return np.atleast_2d(np.genfromtxt(self.file(name), delimiter=",", skip_header=1)).T


Evidence = Iterator[Finding | xr.Dataset]
"""What a check yields: at least one finding, and at most once the curves that it draws, from `curves`."""


@dataclass(frozen=True)
class Check:
    """One piece of evidence.

    Attributes
    ----------
    name, group : str
        What `--only` takes: the check alone, or all below one heading.
    reference, doi : str
        What it is held against; the DOI is empty where none exists.
    measure : callable
        DataFolder -> Evidence; raises DataMissingError where it needs data that are absent.
    needs : tuple of str
        Files of the data folder that it cannot do without, for the listing.
    """

    name: str
    group: str
    reference: str
    doi: str
    measure: Callable[[DataFolder], Evidence]
    needs: tuple[str, ...] = ()


def check(
    group: str, reference: str, doi: str = "", needs: tuple[str, ...] = ()
) -> Callable[[Callable[[DataFolder], Evidence]], Check]:
    """Return the decorator that makes a check of a function and calls it by the function's name."""
    return lambda measure: Check(measure.__name__, group, reference, doi, measure, needs)


def curves(
    title: str, x_label: str, y_label: str, lines: Mapping[str, tuple[str, ArrayLike, ArrayLike]], log: str = ""
) -> xr.Dataset:
    """Return curves as `role`, and `x` and `y` on (curve, point) with NaN past their ends.

    Lines are role, x and y by label; the role is "model", "reference", "stock" or "other". `log` names the logarithmic
    axes.
    """
    arrays = [tuple(np.ravel(values).astype(float) for values in (x, y)) for _, x, y in lines.values()]
    filled = np.full((2, len(lines), max(x.size for x, _ in arrays)), np.nan)
    for row, (x, y) in enumerate(arrays):
        filled[0, row, : x.size], filled[1, row, : y.size] = x, y
    variables = {
        name: (("curve", "point"), values, {"long_name": label, "units": "as labelled"})
        for name, label, values in zip(("x", "y"), (x_label, y_label), filled, strict=True)
    }
    roles, labels = (np.array([*texts], dtype=object) for texts in ([role for role, _, _ in lines.values()], lines))
    return xr.Dataset({**variables, "role": ("curve", roles)}, {"curve": labels}, {"title": title, "log": log})


def rms(values: Array) -> float:
    """Return the root mean square."""
    return float(np.sqrt(np.mean(np.square(values))))


def discharge(built: BuiltModel, c_rate: float, **controls: float) -> Any:
    """Return the solution of discharging the charged cell at a C-rate, down to its cut-off; controls of `solve`."""
    parameters = built.parameters
    current = c_rate * parameters.areal_capacity * parameters["cell.area"]
    ends = {"current": current, "lower_voltage": parameters["cell.lower_voltage_cut_off"], **controls}
    return built.solve(1.3 * 3600 / c_rate, ends)
