"""What a cell consists of, part by part, and what the parts weigh and fill together.

Every part counts per area of cathode. Here are the sums only: which parts there are, `layers` (the stack) and
`enclosure` (what is around it) say.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cellmodel.errors import ParameterError, Problem, choices

LEVELS = ("material", "stack", "cell")
"""What counts, each with all before it: active material and the lithium brought along; every layer; tabs and pouch."""

_LITRE = 1e-3
"""[m3]"""


@dataclass(frozen=True)
class Component:
    """One part of a cell.

    Attributes
    ----------
    name : str
        Such as "electrolyte in the positive electrode".
    layer : str
        The layer it belongs to, such as "positive electrode".
    level : str
        The first of `LEVELS` at which it counts.
    mass : float or array
        Per area of cathode [kg.m-2].
    thickness : float or array
        Volume per area of cathode [m], in the charged cell.
    status, source : str
        Of the density (or mass) it comes from.
    path : str
        Of that number.
    """

    name: str
    layer: str
    level: str
    mass: Any
    thickness: Any
    status: str
    source: str
    path: str


@dataclass(frozen=True)
class Budget:
    """Masses and volumes of a cell, part by part.

    Attributes
    ----------
    components : tuple of Component
        From lithium to aluminium, then what is around them.
    area : float
        Cathode area of the whole cell, all layers together [m2].
    """

    components: tuple[Component, ...]
    area: float

    def counted(self, level: str) -> tuple[Component, ...]:
        """Return the parts that count at a level.

        Parameters
        ----------
        level : str
            One of `LEVELS`.

        Returns
        -------
        tuple of Component
            In the order of the budget.

        Raises
        ------
        ParameterError
            No such level.
        """
        if level not in LEVELS:
            raise ParameterError(Problem("budget", "level", repr(level), choices(level, LEVELS)))
        last = LEVELS.index(level)
        return tuple(part for part in self.components if LEVELS.index(part.level) <= last)

    def mass(self, level: str = "cell") -> Any:
        """Return the mass per area of cathode [kg.m-2] at a level; see `counted`."""
        return sum(part.mass for part in self.counted(level))

    def volume(self, level: str = "cell") -> Any:
        """Return the volume per area of cathode [m3.m-2] of the charged cell at a level; see `counted`."""
        return sum(part.thickness for part in self.counted(level))


def specific_energy(energy: Any, budget: Budget, level: str = "cell") -> tuple[Any, Any]:
    """Return what a discharge gives per mass and per volume.

    Parameters
    ----------
    energy : float or array
        Of one discharge, per area of cathode [W.h.m-2].
    budget : Budget
        Of the same cell.
    level : str, optional
        One of `LEVELS`.

    Returns
    -------
    tuple of float or array
        Gravimetric [W.h.kg-1] and volumetric [W.h.L-1].

    Raises
    ------
    ParameterError
        No such level.
    """
    return energy / budget.mass(level), energy / budget.volume(level) * _LITRE
