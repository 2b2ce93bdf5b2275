"""The joint sample: what is uncertain of a cell and of what is around it, drawn together.

A study draws the numbers of the cell; those of format and vehicle are further dimensions of the same sample, so that
one probability covers all of them. Nothing is solved here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cellmodel.claims.definition import Claim
from cellmodel.mechanisms import MECHANISMS
from cellmodel.parameters import ComponentSet, ParameterSet, load_format, load_vehicle
from cellmodel.parameters.distributions import Distribution, declared_distributions
from cellmodel.study.sampling import Sample

_CAPACITANCES = ("electrode.double_layer_capacitance", "interface.capacitance")


@dataclass(frozen=True)
class Number:
    """One number that is drawn.

    Attributes
    ----------
    path, status : str
        Full path, and the status its file gives it.
    distribution : Distribution
        As its file states it.
    owner : str
        "cell", "format", "vehicle" or "liquid".
    """

    path: str
    status: str
    distribution: Distribution
    owner: str = "cell"

    @property
    def assumed(self) -> bool:
        """Whether its file calls it assumed."""
        return self.status == "assumed"


def numbers_of(owned: ParameterSet | ComponentSet, owner: str) -> list[Number]:
    """Return every number of a cell, a format or a vehicle whose uncertainty its file states.

    Parameters
    ----------
    owned : ParameterSet or ComponentSet
        Whose numbers.
    owner : str
        What it is.

    Returns
    -------
    list of Number
        In alphabetical order.
    """
    found = declared_distributions(owned)
    return [Number(path, owned.entries[path].status, one, owner) for path, one in found.items()]


def inert_numbers(cell: ParameterSet, mechanisms: Sequence[str]) -> set[str]:
    """Return the uncertain numbers of a cell that neither a discharge nor a mass depends on.

    Those of mechanisms that are off, and capacitances, which count in impedance only. Drawing them would change
    nothing but the quality of the sample.

    Parameters
    ----------
    cell : ParameterSet
        The cell.
    mechanisms : sequence of str
        Those that are on.

    Returns
    -------
    set of str
        Full paths.
    """
    off = [path for name, one in MECHANISMS.items() if name not in mechanisms for path in one.parameters]
    roots = (*(path for path in off if not path.endswith("density")), *_CAPACITANCES)
    return {path for path in cell.entries if any(path == root or path.startswith(f"{root}.") for root in roots)}


def surroundings(claim: Claim) -> dict[str, ComponentSet]:
    """Return what is around the cell, as the files have it, by owner."""
    around = {"format": load_format(claim.format)}
    if claim.vehicle:
        around["vehicle"] = load_vehicle(claim.vehicle)
    return around


def joint_sample(claim: Claim, cell: ParameterSet, size: int) -> tuple[Sample, list[Number]]:
    """Return the sample of a claim on one cell, and what it draws.

    Parameters
    ----------
    claim : Claim
        What is tested.
    cell : ParameterSet
        The cell.
    size : int
        Number of draws, a multiple of 4.

    Returns
    -------
    tuple of Sample and list of Number
        The numbers of the cell, then those of what is around it, in the order of the sample's dimensions.
    """
    inert = inert_numbers(cell, () if claim.study is None else claim.study.mechanisms)
    own = [number for number in numbers_of(cell, "cell") if number.path not in inert]
    beside = [number for owner, owned in surroundings(claim).items() for number in numbers_of(owned, owner)]
    numbers = [*own, *beside]
    sample = Sample(
        size,
        "crossed",
        claim.seed,
        tuple(number.path for number in own),
        group=tuple(number.path for number in numbers if number.assumed),
        beside=tuple(number.path for number in beside),
    )
    return sample, numbers


def values_beside(points: NDArray[np.float64], numbers: Sequence[Number]) -> NDArray[np.float64]:
    """Return the values of numbers that belong to no cell.

    Parameters
    ----------
    points : ndarray, shape (draw, number)
        `cellmodel.study.sampling.Draws.beside`.
    numbers : sequence of Number
        In that order.

    Returns
    -------
    ndarray, shape (draw, number)
        In SI.
    """
    columns = [number.distribution.quantile(points[:, column]) for column, number in enumerate(numbers)]
    return np.stack(columns, axis=1) if columns else np.empty((len(points), 0))


def drawn_surroundings(
    claim: Claim, numbers: Sequence[Number], values: NDArray[np.float64]
) -> list[dict[str, ComponentSet]]:
    """Return what is around the cell in each draw, by owner.

    Parameters
    ----------
    claim : Claim
        What is tested.
    numbers : sequence of Number
        Those that belong to no cell.
    values : ndarray, shape (draw, number)
        In SI.

    Returns
    -------
    list of dict
        One per draw.
    """
    nominal = surroundings(claim)
    rows: list[dict[str, Any]] = []
    for row in values.tolist():
        given = [(number, value) for number, value in zip(numbers, row, strict=True)]
        rows.append(
            {
                owner: owned.replace({number.path: value for number, value in given if number.owner == owner})
                for owner, owned in nominal.items()
            }
        )
    return rows
