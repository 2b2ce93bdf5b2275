"""The designs that bounds and constraints allow, as a unit cube.

The current over the limiting current rises with active fraction and cathode thickness, and with the separator where
the salt runs out at its back. Where it reaches its solubility at lithium first, a thin separator keeps little of it in
the room beside lithium that is full, and the ratio falls by some percent before it rises (derived here, found so in
the shipped cells). A ratio that falls and then rises is between two thicknesses at most the larger of those at both.
So what is allowed can be swept edge to edge, one variable after the other:

    active fraction     from its lower bound to where the thinnest layers meet the constraint, or its upper bound
    separator           from its lower bound to where the thinnest cathode meets the constraint, or its upper bound
    cathode thickness   from its lower bound to where it meets the constraint, or its upper bound
    lithium excess      between its bounds

and every point of the cube is a design that meets everything: no penalty, no infeasible trial. What the cube leaves
out are designs that only a separator wider than the thinnest makes possible. The third coordinate
runs evenly in i / i_lim instead of in the thickness. Capacities fall on one curve of i / i_lim whatever the layers
are (Devaux et al. 2020, doi 10.3389/fenrg.2019.00168), so that the sharp ridge on which the best designs lie runs
nearly along the axes of the cube. Derived here.

It knows limits by name and value; it simulates nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cellmodel.design.problem import ACTIVE, EXCESS, LEAST_ELECTROLYTE, SEPARATOR, THICKNESS, Range
from cellmodel.errors import ParameterError, Problem
from cellmodel.labels import rate_text

Ratio = Callable[[float, float, float], float]

PRECISION = 1e-9
"""Of the edges, relative to their range: far below the differences that gradients are taken over."""

AXES = (ACTIVE, SEPARATOR, THICKNESS, EXCESS)
"""Variable behind each coordinate."""


@dataclass(frozen=True)
class FeasibleDesigns:
    """A unit cube whose every point is a design within bounds and constraints.

    Attributes
    ----------
    bounds : mapping of str to (float, float)
        By path, SI.
    most_active : float
        Largest volume fraction of active material that leaves room for the electrolyte.
    ratio : callable
        (active fraction, separator, cathode thickness) -> current over limiting current.
    maximum_ratio : float
        What it may be.
    """

    bounds: Mapping[str, Range]
    most_active: float
    ratio: Ratio
    maximum_ratio: float

    @property
    def free(self) -> list[int]:
        """Coordinates whose bounds leave a choice."""
        return [axis for axis, path in enumerate(AXES) if self.bounds[path][0] < self.bounds[path][1]]

    def design(self, point: Sequence[float] | NDArray[np.float64]) -> dict[str, float]:
        """Return the design at a point of the cube, four coordinates between 0 and 1: every variable in SI."""
        thinnest, thickest = self.bounds[THICKNESS]
        lowest = self.bounds[SEPARATOR][0]
        least, most = self.bounds[ACTIVE]
        most = self._edge(lambda value: self.ratio(value, lowest, thinnest), least, min(most, self.most_active))
        active = _between(least, most, point[0])
        widest = self._edge(lambda value: self.ratio(active, value, thinnest), *self.bounds[SEPARATOR])
        separator = _between(lowest, widest, point[1])
        thickest = self._edge(lambda value: self.ratio(active, separator, value), thinnest, thickest)
        thickness = self._thickness(active, separator, (thinnest, thickest), float(point[2]))
        excess = _between(*self.bounds[EXCESS], point[3])
        return {ACTIVE: active, SEPARATOR: separator, THICKNESS: thickness, EXCESS: excess}

    def _edge(self, ratio: Callable[[float], float], low: float, high: float) -> float:
        """Return the largest value up to `high` at which the ratio is what it may be at most."""
        if ratio(high) <= self.maximum_ratio:
            return high
        if ratio(low) >= self.maximum_ratio:  # the edge of the variable before, met to its precision
            return low
        return _root(lambda value: ratio(value) - self.maximum_ratio, low, high)

    def _thickness(self, active: float, separator: float, ends: Range, share: float) -> float:
        """Return the thickness whose ratio lies at a share of the way between those of two thicknesses."""
        if share <= 0.0 or ends[0] == ends[1]:
            return ends[0]
        if share >= 1.0:
            return ends[1]
        low, high = (self.ratio(active, separator, end) for end in ends)
        if not low < high:  # a single-ion conductor has no limiting current
            return float(ends[0] ** (1.0 - share) * ends[1] ** share)
        wanted = _between(low, high, share)
        return _root(lambda value: self.ratio(active, separator, value) - wanted, *ends)

    def check(self, c_rate: float) -> None:
        """Raise if no design within the bounds meets the constraints at a rate; say which one it is."""
        least = self.bounds[ACTIVE][0]
        if least > self.most_active:
            left = LEAST_ELECTROLYTE + self.most_active - least
            found = f"at least {least:g}, which leaves {left:.3g} for the electrolyte"
            wanted = (
                f"at most {self.most_active:.4g}: electrolyte_volume_fraction, at least {LEAST_ELECTROLYTE:g}, is the "
                "constraint that binds"
            )
            raise ParameterError(Problem("design bounds", ACTIVE, found, wanted))
        smallest = self.ratio(least, self.bounds[SEPARATOR][0], self.bounds[THICKNESS][0])
        if smallest > self.maximum_ratio:
            raise ParameterError(self._beyond(smallest, c_rate))

    def _beyond(self, smallest: float, c_rate: float) -> Problem:
        """Return what is wrong where even the thinnest, leanest design needs more current than is allowed."""
        rate = rate_text(self.maximum_ratio / smallest * c_rate)
        thinnest = (
            f"the thinnest and leanest one (active fraction {self.bounds[ACTIVE][0]:g}, separator "
            f"{self.bounds[SEPARATOR][0] * 1e6:g} um, cathode {self.bounds[THICKNESS][0] * 1e6:g} um)"
        )
        if smallest > 1.0:
            found = f"{rate_text(c_rate)}, {smallest:.3g} times the limiting current even of {thinnest}"
            wanted = (
                f"at most {rate}, a higher temperature or thinner layers: limiting_current_ratio, at most "
                f"{self.maximum_ratio:g}, is the constraint that binds"
            )
            return Problem("design", "c_rate", found, wanted)
        found = f"{self.maximum_ratio:g}, but {thinnest} needs {smallest:.3g} at {rate_text(c_rate)}"
        wanted = f"at least that, a rate of at most {rate}, or thinner layers: limiting_current_ratio is what binds"
        return Problem("design", "maximum_limiting_current_ratio", found, wanted)


def _between(low: float, high: float, share: float) -> float:
    return float(min(max(low + (high - low) * share, low), high))


def _root(function: Callable[[float], float], low: float, high: float) -> float:
    from scipy.optimize import brentq

    return float(brentq(function, low, high, xtol=PRECISION * (high - low), rtol=PRECISION))
