"""The runs of a claim: every draw of every design, and of the cell that is compared with, through one runner.

It knows no quantity; what a run is worth is for `measures`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from cellmodel.assessment.claims.designs import RunContext
from cellmodel.assessment.claims.samples import ClaimSample
from cellmodel.study import Study, run_study


@dataclass(frozen=True)
class ClaimRuns:
    """What the runs of a sample gave.

    Attributes
    ----------
    table : xarray.Dataset
        On (case, draw).
    reference_energies : dict of float to ndarray, shape (draw,)
        C-rate -> energy per area of the cell that is compared with [W.h.m-2]; empty without one.
    """

    table: xr.Dataset
    reference_energies: dict[float, NDArray[np.float64]]


def run_sample(sample: ClaimSample, context: RunContext, label: str) -> ClaimRuns:
    """Run a sample; runs that are in the folder of the results are not computed again."""
    table = _run(sample.drawn.study, context, label)
    energies: dict[float, NDArray[np.float64]] = {}
    if sample.reference is not None:
        study = sample.reference.study
        cell = study.cases[0].parameters
        per_area = delivered(_run(study, context, f"{label}, {cell.name}"))[:, sample.order] / cell["cell.area"]
        energies = {case.c_rate or 0.0: row for case, row in zip(study.cases, per_area, strict=True)}
    return ClaimRuns(table, energies)


def delivered(table: xr.Dataset) -> NDArray[np.float64]:
    """Return the energy of each run [W.h], shape (case, draw); one that ended at once or failed delivers nothing."""
    return np.asarray(table["energy"].fillna(0.0).transpose("case", "draw").values)


def _run(study: Study, context: RunContext, label: str) -> xr.Dataset:
    """Return the runs of a study on (case, draw); a store may hold more draws than were asked for."""
    table = run_study(
        study,
        context.results,
        extrapolate=study.extrapolate,
        progress=lambda done, total: context.progress(done, total, label),
        workers=context.executor,
    )
    return table.expand_dims("draw", -1) if study.sample is None else table.isel(draw=slice(0, study.sample.size))
