"""Draws of the uncertain numbers of a study: points of the unit cube, turned into values by their distributions.

An infeasible draw, whose numbers make no cell (volume fractions above one, a property that turns negative inside its
range, a cut-off outside the open-circuit potential), is drawn again: the sample is conditioned on what is possible.
Nothing is solved here.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cellmodel.errors import ParameterError, Problem, StudyError, found_text
from cellmodel.inputs import names, one_of, whole_number
from cellmodel.parameters import ParameterSet
from cellmodel.parameters.checks import valid_functions
from cellmodel.study.sets import alternatives, set_name

if TYPE_CHECKING:
    from cellmodel.study.runs import Case

METHODS = ("sobol", "latin", "random", "saltelli", "grouped_saltelli")
"""How points are laid in the unit cube; the first is the default."""

DIMENSION = "draw"
"""Name of the dimension of a dataset along which draws stand."""

LARGEST = 10_000_000
"""Draws of a sample."""
_LEAST_POSSIBLE = 0.5


def read_method(value: Any, file: str = "", key: str = "") -> str:
    """Return the name of a method; the former name of "grouped_saltelli" lives one release."""
    if isinstance(value, str) and value == "crossed":
        warnings.warn("the method crossed is now called grouped_saltelli", FutureWarning, stacklevel=2)
        return "grouped_saltelli"
    return one_of(value, METHODS, file, key, StudyError)


@dataclass(frozen=True)
class Sample:
    """Which numbers of a study are drawn, how, and how often.

    Attributes
    ----------
    size : int
        Number of draws.
    method : str
        One of `METHODS`.
    seed : int
        Of the random numbers.
    paths : tuple of str
        Full paths of the numbers, in the order of the cube's dimensions.
    group : tuple of str
        Of the method "grouped_saltelli": those of `dimensions` that are exchanged together.
    extra_inputs : tuple of str
        Names of numbers that belong to no cell but are drawn with it, such as those of its packaging: further
        dimensions of the cube, of which a cell takes nothing.
    sets : tuple of str
        Roles of the materials of which it is drawn which set holds: one dimension for each, after those of `paths`.
    """

    size: int
    method: str
    seed: int
    paths: tuple[str, ...]
    group: tuple[str, ...] = ()
    extra_inputs: tuple[str, ...] = ()
    sets: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        whole_number(self.size, "sample", "size", f"a whole number from 1 to {LARGEST:,}", (1, LARGEST), StudyError)
        whole_number(self.seed, "sample", "seed", "a whole number, 0 or more", (0, 2**63), StudyError)
        object.__setattr__(self, "method", read_method(self.method, "sample", "method"))
        for key in ("paths", "group", "extra_inputs", "sets"):
            if not isinstance(getattr(self, key), tuple | list):
                raise StudyError(Problem("sample", key, found_text(getattr(self, key)), "a tuple of names"))
            names(getattr(self, key), "sample", key, StudyError)

    @property
    def dimensions(self) -> tuple[str, ...]:
        """Names of the dimensions of the cube, in order."""
        return (*self.paths, *map(set_name, self.sets), *self.extra_inputs)

    @property
    def grows(self) -> bool:
        """Whether a larger sample begins with the draws of a smaller one."""
        return self.method != "latin"

    @property
    def draws_again(self) -> bool:
        """Whether a draw can be left out for the next one: not if every point has its place in a design."""
        return self.method in ("sobol", "random", "grouped_saltelli")

    @property
    def block(self) -> int:
        """Number of draws that belong together; the size is a multiple of it."""
        return {"saltelli": len(self.dimensions) + 2, "grouped_saltelli": 4}.get(self.method, 1)

    @property
    def table(self) -> dict[str, int | str | list[str]]:
        """What must be equal for two samples to be parts of one, as a table for TOML."""
        size: dict[str, int] = {} if self.grows else {"size": self.size}
        also = {"group": list(self.group), "extra_inputs": list(self.extra_inputs), "sets": list(self.sets)}
        named = {key: names for key, names in also.items() if names}
        return {"method": self.method, "seed": self.seed, "of": list(self.paths), **named, **size}

    def points(self, count: int) -> NDArray[np.float64]:
        """Return the first points of the sample in the unit cube.

        "sobol" is a scrambled Sobol sequence: quadratures over it converge almost as 1/n. A count that is no power of
        two loses the last of the balance between the halves, quarters and so on of every dimension, which costs
        about the factor by which the nearest power of two is smaller. "latin" has exactly one point in every n-th
        part of every dimension, so its points are other ones for another n. "random" are independent points. "saltelli"
        is the design for Sobol indices of first order and total (Saltelli et al. 2010, doi 10.1016/j.cpc.2009.09.018):
        blocks of d + 2 points, of which the first and the last are halves of one Sobol point in 2 d dimensions, and
        each of those between is the first with one coordinate of the last. "grouped_saltelli" is the design for the
        share of a group of numbers: blocks of four points, of which the first and the last are such halves, and the two
        between are the first with all coordinates but the group's of the last, and the other way round. In both each
        point alone is evenly distributed.

        Parameters
        ----------
        count : int
            Number of points.

        Returns
        -------
        ndarray, shape (count, dimensions)
            Between 0 and 1. Of all but "latin", more points begin with fewer points.
        """
        from scipy.stats import qmc

        generator = np.random.default_rng(self.seed)
        dimensions = len(self.dimensions)
        if self.method == "random":
            return generator.random((count, dimensions))
        if self.method == "latin":
            return np.asarray(qmc.LatinHypercube(dimensions, rng=generator).random(count))
        if self.method in ("saltelli", "grouped_saltelli"):
            whole = -(-count // self.block)
            first, last = np.split(_sobol(qmc.Sobol(2 * dimensions, rng=generator), whole), 2, axis=1)
            blocks = np.repeat(first[:, None, :], self.block, axis=1)
            blocks[:, -1] = last
            each = np.arange(dimensions)
            if self.method == "saltelli":
                blocks[:, each + 1, each] = last
            else:
                grouped = np.isin(self.dimensions, self.group)
                blocks[:, np.where(grouped, 2, 1), each] = last
            return blocks.reshape(-1, dimensions)[:count]
        return _sobol(qmc.Sobol(dimensions, rng=generator), count)


def _sobol(sequence: Any, count: int) -> NDArray[np.float64]:
    """Return the first points of a scrambled sequence, taken in a whole power of two, as it wants to be taken."""
    return np.asarray(sequence.random_base2(max(count - 1, 0).bit_length()))[:count]


@dataclass(frozen=True)
class Draws:
    """What was drawn for one cell of a study.

    Attributes
    ----------
    values : ndarray, shape (size, paths)
        In SI; NaN where the set that holds does not draw the number.
    cells : tuple of ParameterSet
        The cell with the numbers of each draw.
    extra_inputs : ndarray, shape (size, extra_inputs)
        Where each draw lies in those dimensions of the cube that no cell takes anything of, 0 to 1.
    sets : dict of str to ndarray of str, shape (size,)
        Role -> the set that holds in each draw; empty text if the cell has only one.
    """

    values: NDArray[np.float64]
    cells: tuple[ParameterSet, ...]
    extra_inputs: NDArray[np.float64]
    sets: dict[str, NDArray[np.object_]]


@dataclass(frozen=True)
class _Drawn:
    """What some points of the cube give for one cell: values, sets and the cell of each, and why one makes none."""

    values: NDArray[np.float64]
    sets: NDArray[np.object_]
    cells: list[ParameterSet | None]
    why: list[str]


def draw(sample: Sample, cases: Sequence[Case], file: str) -> tuple[Draws, ...]:
    """Return the draws of every cell of a study; draw i comes from the same point of the cube for all of them.

    Of the method "grouped_saltelli", a block goes with any of its draws. That leaves the sample conditioned on what is
    possible as long as what makes a cell impossible lies wholly within the exchanged group, or wholly outside it.

    Parameters
    ----------
    sample : Sample
        What is drawn.
    cases : sequence of Case
        Cells with the distributions of the sample's paths.
    file : str
        Where the study stands, for messages.

    Returns
    -------
    tuple of Draws
        One for each cell.

    Raises
    ------
    StudyError
        More than half of the draws are infeasible; or any is, and the method cannot draw again.
    """
    parts: list[list[_Drawn]] = [[] for _ in cases]
    kept: list[NDArray[np.intp]] = []
    taken: list[NDArray[np.float64]] = []
    tried = found = 0
    rejected: list[str] = []
    together = sample.block if sample.draws_again else 1
    while found < sample.size:
        count = tried + sample.size - found
        points = sample.points(count)[tried:]
        drawn = [_drawn(sample, case, points) for case in cases]
        for column, one in zip(parts, drawn, strict=True):
            column.append(one)
        reasons = [next(filter(None, why), "") for why in zip(*(one.why for one in drawn), strict=True)]
        rejected += filter(None, reasons)
        whole = [not any(reasons[start : start + together]) for start in range(0, len(points), together)]
        kept.append(np.flatnonzero(np.repeat(whole, together)[: len(points)]))
        taken.append(points[kept[-1]])
        found, tried = found + kept[-1].size, count
        _check_possible(sample, tried, rejected, file)
    extra = np.concatenate(taken)[:, len(sample.paths) + len(sample.sets) :]
    return tuple(_joined(sample, column, kept, extra) for column in parts)


def _joined(
    sample: Sample, parts: Sequence[_Drawn], kept: Sequence[NDArray[np.intp]], extra: NDArray[np.float64]
) -> Draws:
    """Return the draws of one cell that are possible for all of them."""
    values, sets = (
        np.concatenate([getattr(part, name)[rows] for part, rows in zip(parts, kept, strict=True)])
        for name in ("values", "sets")
    )
    made = (part.cells[row] for part, rows in zip(parts, kept, strict=True) for row in rows.tolist())
    labels = {role: sets[:, column] for column, role in enumerate(sample.sets)}
    return Draws(values, tuple(cell for cell in made if cell is not None), extra, labels)


def _drawn(sample: Sample, case: Case, points: NDArray[np.float64]) -> _Drawn:
    """Return the cell with the numbers of each point; none, and why, for one that makes no cell."""
    number = len(sample.paths)
    values, why = np.full((len(points), number), np.nan), [""] * len(points)
    sets = np.full((len(points), len(sample.sets)), "", dtype=object)
    made: list[ParameterSet | None] = [None] * len(points)
    for one in alternatives(case, sample.sets, points[:, number : number + len(sample.sets)]):
        columns = [column for column, path in enumerate(sample.paths) if path in one.distributions]
        for column in columns:
            values[one.rows, column] = one.distributions[sample.paths[column]].quantile(points[one.rows, column])
        sets[one.rows] = [one.names[role] for role in sample.sets]
        numbers = {sample.paths[column]: values[one.rows, column] for column in columns}
        valid = valid_functions(one.cell, numbers) if numbers else [set[str]()] * len(one.rows)
        for place, row in enumerate(one.rows.tolist()):
            changed = {path: float(column[place]) for path, column in numbers.items()}
            try:
                made[row] = one.cell.replace(changed, valid[place])
            except ParameterError as error:
                why[row] = str(error.problems[0])
    return _Drawn(values, sets, made, why)


def _check_possible(sample: Sample, tried: int, rejected: Sequence[str], file: str) -> None:
    """Raise if too many draws were rejected, or any with a method that lays all its points at once."""
    if not rejected or (sample.draws_again and len(rejected) <= (1.0 - _LEAST_POSSIBLE) * max(tried, 8)):
        return
    found = f"{len(rejected)} of {tried} draws are infeasible (the first: {rejected[0]})"
    wanted = "narrower distributions" if sample.draws_again else "narrower distributions, or the method sobol or random"
    raise StudyError(Problem(file, "sample", found, wanted))
