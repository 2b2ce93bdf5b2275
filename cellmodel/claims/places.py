"""What is run for a claim and what came of it: a design at a condition, with what it is run, and the outcomes.

Frozen data; nothing is run here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cellmodel.claims.definition import Condition
from cellmodel.claims.designs import KnownDesigns
from cellmodel.claims.drawing import Number
from cellmodel.execution import Workers
from cellmodel.labels import rate_text
from cellmodel.parameters import ParameterSet

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Means:
    """With what a claim is tested.

    Attributes
    ----------
    results : pathlib.Path or None
        Folder for the runs.
    executor : Workers
        Who solves and searches.
    progress : callable
        Called with runs done, runs to do and what is being done.
    designs : KnownDesigns
        Best designs that were found before.
    """

    results: Path | None
    executor: Workers
    progress: Progress
    designs: KnownDesigns


@dataclass(frozen=True)
class Place:
    """A design at a condition: one number to be tested.

    Attributes
    ----------
    design : str
        One of `DESIGNS`.
    condition : Condition
        Rate and temperature; the reference temperature where the quantity compares temperatures.
    temperatures : tuple of float
        At which the cell is run [K].
    cell : ParameterSet or None
        None where no design is feasible.
    why : str
        Why there is none.
    """

    design: str
    condition: Condition
    temperatures: tuple[float, ...]
    cell: ParameterSet | None
    why: str

    def label(self, temperature: float) -> str:
        """Return the name of the place's run at a temperature."""
        return f"{self.design}, {rate_text(self.condition.c_rate)}, {temperature - 273.15:.4g} °C"


@dataclass(frozen=True)
class Window:
    """What a place delivers over temperature.

    Attributes
    ----------
    temperatures : tuple of float
        [K].
    energies : ndarray, shape (temperature, draw)
        Per area [W.h.m-2].
    outside : ndarray, shape (temperature,)
        Mean share of the electrolyte's (x, t) domain outside a correlation's range.
    """

    temperatures: tuple[float, ...]
    energies: NDArray[np.float64]
    outside: NDArray[np.float64]


@dataclass(frozen=True)
class Outcomes:
    """What the runs of some places gave.

    Attributes
    ----------
    values : ndarray, shape (place, draw)
        The quantity.
    failed, at_once : ndarray, shape (place,)
        Runs that the solver did not finish, and runs that were below the cut-off at the first instant.
    outside : ndarray, shape (place,)
        Mean share of the electrolyte's (x, t) domain outside a correlation's range.
    numbers : list of Number
        What was drawn.
    drawn : ndarray, shape (draw, number)
        In SI.
    heating : ndarray, shape (place, draw)
        Power that keeps the cells warm [W]; empty without a vehicle.
    windows : list of Window
        Of each place, where the quantity compares temperatures; else empty.
    """

    values: NDArray[np.float64]
    failed: NDArray[np.int_]
    at_once: NDArray[np.int_]
    outside: NDArray[np.float64]
    numbers: list[Number]
    drawn: NDArray[np.float64]
    heating: NDArray[np.float64]
    windows: list[Window]
