"""What the runs of a study are made of: swept quantities, cells, and points of the grid with their own cell.

Frozen data. It knows no study and reads no file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from cellmodel.parameters import ParameterSet
from cellmodel.parameters.distributions import Distribution


@dataclass(frozen=True)
class Axis:
    """One swept quantity.

    Attributes
    ----------
    key : str
        "c_rate", "current_density", "temperature" or the path of a scalar parameter.
    dimension, unit, long_name : str
        Of the dataset's coordinate.
    values : tuple of float
        [unit], without duplicates.
    """

    key: str
    dimension: str
    unit: str
    long_name: str
    values: tuple[float, ...]


@dataclass(frozen=True)
class Case:
    """One cell of a study.

    Attributes
    ----------
    label : str
        Its name along the dimension `cell` or `case`.
    parameters : ParameterSet
        The cell with everything that is fixed in the study.
    temperature : float or None
        [K]; None: the study's, else the cell's own.
    distributions : mapping of str to Distribution
        Of the numbers that the study draws, by full path.
    c_rate : float or None
        [1]; None: the study's.
    set_distributions : mapping of str to mapping
        Role -> set -> path -> Distribution, of those numbers of a material that are drawn where the set holds, for
        each role of the sample's `sets` of which the cell has several.
    """

    label: str
    parameters: ParameterSet
    temperature: float | None = None
    distributions: Mapping[str, Distribution] = field(default_factory=dict)
    c_rate: float | None = None
    set_distributions: Mapping[str, Mapping[str, Mapping[str, Distribution]]] = field(default_factory=dict)


@dataclass(frozen=True)
class Run:
    """One point of the grid.

    Attributes
    ----------
    labels : mapping of str to str, int or float
        Dimension -> value.
    case : Case
        The cell.
    swept : mapping of str to float
        Drawn and swept parameter paths and their values in SI.
    c_rate, current_density, temperature : float or None
        Conditions [1, A.m-2, K].
    drawn : ParameterSet or None
        The cell with the drawn numbers filled in; None if nothing is drawn.
    """

    labels: Mapping[str, str | float]
    case: Case
    swept: Mapping[str, float]
    c_rate: float | None = None
    current_density: float | None = None
    temperature: float | None = None
    drawn: ParameterSet | None = field(default=None, repr=False)

    @cached_property
    def parameters(self) -> ParameterSet:
        """The cell with the drawn and the swept parameters of this run filled in.

        Raises
        ------
        ParameterError
            A value is not possible for this cell.
        """
        if self.drawn is None:
            return self.case.parameters.replace(self.swept)
        return self.drawn.replace({path: v for path, v in self.swept.items() if path not in self.case.distributions})

    def __str__(self) -> str:
        return ", ".join(
            value if isinstance(value, str) else f"{name} {value:.6g}" for name, value in self.labels.items()
        )
