"""Discharges of the draws of a published cell, as they are judged. It knows no reference and no verdict."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cellmodel.assessment.published.reading import UTILISATION, PublishedCell
from cellmodel.dataset.schema import STATUS
from cellmodel.study import run_study
from cellmodel.study.sets import set_name

if TYPE_CHECKING:
    from concurrent.futures import Executor

Array = NDArray[np.float64]


@dataclass(frozen=True)
class DrawnDischarges:
    """What the draws of a published cell deliver.

    Attributes
    ----------
    capacities : ndarray, shape (draw, rate)
        Per mass of all active material [mA.h.g-1]; NaN where the solver did not finish.
    numbers : dict of str to ndarray
        Path -> drawn values in SI, NaN where the set that holds does not draw the number; name of a choice of sets ->
        number of the set that holds.
    sets : dict of str to ndarray of str
        Role of a material -> name of the set that holds in each draw.
    """

    capacities: Array
    numbers: dict[str, Array]
    sets: dict[str, NDArray[np.object_]] = field(default_factory=dict)


def discharge_draws(cell: PublishedCell, workers: int | str | Executor | None = None) -> DrawnDischarges:
    """Run every draw of a published cell at every rate.

    Parameters
    ----------
    cell : PublishedCell
        As it was read.
    workers : int, str, Executor or None, optional
        Who solves, as of `cellmodel.run_study`.

    Returns
    -------
    DrawnDischarges
        The capacity is that of the active material that takes part, times its share. The rate refers to that
        material too.
    """
    table = run_study(cell.study, results=None, workers=workers).isel(case=0)
    finished = table["status"].isin([STATUS["completed"], STATUS["ended_early"]])
    capacities = np.asarray(table["specific_capacity"].where(finished).transpose("draw", "c_rate").values, dtype=float)
    (draws,), sample = cell.study.draws, cell.study.sample
    numbers: dict[str, Array] = dict(zip(sample.paths if sample else (), draws.values.T, strict=True))
    numbers |= {
        set_name(role): np.unique(one, return_inverse=True)[1].astype(np.float64) for role, one in draws.sets.items()
    }
    if cell.utilisation is not None:
        share = cell.utilisation.quantile(draws.extra_inputs[:, 0])
        numbers, capacities = {**numbers, UTILISATION: share}, capacities * share[:, None]
    return DrawnDischarges(capacities, numbers, draws.sets)
