"""How an uncertain number is distributed, in SI, and the value at a given probability.

The physical bounds of `cellmodel.quantities` cut a distribution off: what is left is scaled up to a probability of
one. It draws no numbers and knows no study.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, isfinite, log
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cellmodel.parameters.bounds import bounds_of
from cellmodel.parameters.records import Record
from cellmodel.units import number_text, range_text

if TYPE_CHECKING:
    from cellmodel.parameters.parameter_set import ParameterSet
    from cellmodel.parameters.surroundings import ComponentSet

_SMALLEST = 2.0**-53  # a draw of exactly 0 or 1 would be infinite
_LEAST_INSIDE = 0.5
_LEAST_SPREAD = 1e-9
"""Share of a number below which its distribution is rounding: what is drawn would be certain."""
_LARGEST_FACTOR = 100.0
"""One-sigma factor of a log-normal distribution: two decades to either side say that nothing is known."""


@dataclass(frozen=True)
class Distribution:
    """A distribution of one number.

    Attributes
    ----------
    kind : str
        "normal", "lognormal" or "uniform".
    centre : float
        Mean of a normal, median of a log-normal, middle of a uniform distribution [unit].
    spread : tuple of float
        (standard deviation,) [unit], (factor,) [1] or (lowest, highest) [unit]. A factor f means that the logarithm
        has the standard deviation ln f.
    unit : str
        SI unit.
    bounds : tuple of float
        Smallest and largest possible value [unit].
    """

    kind: str
    centre: float
    spread: tuple[float, ...]
    unit: str
    bounds: tuple[float, float] = (-inf, inf)

    def quantile(self, probability: ArrayLike) -> NDArray[np.float64]:
        """Return the values below which the number lies with some probabilities p: same shape, inside the bounds.

        The inverse of the cumulative distribution F on what the bounds a and b leave of it,
        F^-1(F(a) + p (F(b) - F(a))). Probabilities closer than 1e-16 to 0 or 1 count as that.
        """
        from scipy.special import ndtri

        p = np.clip(np.asarray(probability, dtype=float), _SMALLEST, 1.0 - _SMALLEST)
        low, high = self._reach
        share = low + p * (high - low)
        if self.kind == "uniform":
            values = self.spread[0] + share * (self.spread[1] - self.spread[0])
        elif self.kind == "lognormal":
            values = self.centre * np.exp(log(self.spread[0]) * ndtri(share))
        else:
            values = self.centre + self.spread[0] * ndtri(share)
        return np.clip(values, *self.bounds)

    @property
    def share_inside(self) -> float:
        """Probability that the bounds leave of the distribution."""
        low, high = self._reach
        return high - low

    @property
    def problem(self) -> str:
        """What is wrong with it, in words; empty if nothing is."""
        none = {"normal": 0.0, "lognormal": 1.0}.get(self.kind)
        if not all(map(isfinite, (self.centre, *self.spread))):
            return "a number that is not finite"
        if none is not None and not self.spread[0] > none:
            name = "standard deviation" if self.kind == "normal" else "factor"
            return f"a {name} of {self.spread[0]:g}, which is not above {none:g}"
        if self.kind == "lognormal" and self.spread[0] > _LARGEST_FACTOR:
            return f"a factor of {self.spread[0]:g}, which is above {_LARGEST_FACTOR:g}"
        if self.kind == "uniform" and not self.spread[0] < self.spread[1]:
            return f"a minimum of {number_text(self.spread[0], self.unit)} that is not below the maximum"
        if self.kind == "lognormal" and not self.centre > 0.0:
            return f"a median of {number_text(self.centre, self.unit)}, which is not above 0"
        width = 2.0 * self.spread[0] if self.kind == "normal" else self.spread[-1] - self.spread[0]
        if self.kind == "lognormal":
            width = self.centre * (self.spread[0] - 1.0 / self.spread[0])
        if not width > _LEAST_SPREAD * max(abs(self.centre), width):
            return f"a spread of {number_text(width, self.unit)} around {self.centre:g}, which is none"
        if self.share_inside < _LEAST_INSIDE:
            outside = f"{1.0 - self.share_inside:.0%} lies outside {range_text(*self.bounds, self.unit)}"
            return f"a distribution of which {outside}"
        return ""

    @property
    def table(self) -> dict[str, float | str]:
        """The distribution as a table of a study's inputs, in SI."""
        names = {
            "normal": ("mean", "standard_deviation"),
            "lognormal": ("median", "factor"),
            "uniform": ("minimum", "maximum"),
        }[self.kind]
        numbers = self.spread if self.kind == "uniform" else (self.centre, *self.spread)
        return {"distribution": KINDS[self.kind], "unit": self.unit, **dict(zip(names, numbers, strict=True))}

    @property
    def _reach(self) -> tuple[float, float]:
        """Cumulative probability at the bounds."""
        from scipy.special import ndtr

        edges = np.array(self.bounds)
        if self.kind == "uniform":
            start, end = self.spread
            reach = np.clip((edges - start) / (end - start), 0.0, 1.0)
        elif self.kind == "lognormal":
            scores = (np.log(np.maximum(edges, np.finfo(float).tiny)) - log(self.centre)) / log(self.spread[0])
            reach = np.where(edges > 0.0, ndtr(scores), 0.0)
        else:
            reach = ndtr((edges - self.centre) / self.spread[0])
        return float(reach[0]), float(reach[1])


KINDS = {"normal": "normal", "lognormal": "log-normal", "uniform": "uniform"}
"""Kind -> its name in a study."""


def declared_distributions(parameters: ParameterSet | ComponentSet) -> dict[str, Distribution]:
    """Return the distribution of every number of a cell, format or vehicle whose uncertainty its file states.

    An assumed value without a stated uncertainty is log-normal with a factor of 2. All of them are there, by path in
    alphabetical order, because a file with a wrong one is not read.
    """
    return {path: _declared(record) for path, record in sorted(parameters.entries.items()) if record.distribution}


def uncertainty_problem(record: Record) -> str:
    """Return what is wrong with the stated uncertainty of a number, in words; empty if nothing is."""
    if not record.distribution:
        return ""
    if record.distribution == "uniform":
        (low, high), (least, most) = record.spread, bounds_of(record.path, record.unit)
        if not low <= record.value <= high:
            return f"{range_text(low, high, record.unit)}, which does not contain the value {record.value:g}"
        if not least <= low <= high <= most:
            return f"{range_text(low, high, record.unit)}, which leaves the bounds {least:g} to {most:g}"
    return _declared(record).problem


def _declared(record: Record) -> Distribution:
    middle = sum(record.spread) / 2.0 if record.distribution == "uniform" else record.value
    bounds = bounds_of(record.path, record.unit)
    return Distribution(record.distribution, middle, record.spread, record.unit, bounds)
