"""The liquid cell that a polymer cell is compared with: its own draws, run through the same runner."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cellmodel.claims.definition import Claim, named
from cellmodel.claims.drawing import Number, numbers_of, values_beside
from cellmodel.execution import Workers
from cellmodel.parameters import LiquidCell, load_liquid_cell
from cellmodel.parameters.bounds import bounds_of
from cellmodel.parameters.liquid_cell import MASSES
from cellmodel.protocols import load_protocol
from cellmodel.study import Study, run_study
from cellmodel.study.definition import Case
from cellmodel.study.sampling import Sample

_BLOCK = 4


@dataclass(frozen=True)
class LiquidDraws:
    """The liquid cell in each draw.

    Attributes
    ----------
    cells : list of LiquidCell
        With the numbers of each draw.
    energies : ndarray, shape (draw,)
        Per area [W.h.m-2].
    numbers : list of Number
        What was drawn.
    values : ndarray, shape (draw, number)
        In SI.
    failed : int
        Runs that the solver did not finish; their energy is 0.
    """

    cells: list[LiquidCell]
    energies: NDArray[np.float64]
    numbers: list[Number]
    values: NDArray[np.float64]
    failed: int

    @property
    def pairs(self) -> list[tuple[float, LiquidCell]]:
        """Energy per area [W.h.m-2] and cell of each draw."""
        return list(zip(self.energies.tolist(), self.cells, strict=True))


def run_liquid(claim: Claim, c_rate: float, size: int, results: Path | None, executor: Workers | None) -> LiquidDraws:
    """Run the liquid cell of a claim at a rate and the cell's own temperature.

    The blocks of its sample are in random order, because two Sobol samples side by side in order would depend on each
    other; within a block the order stays, so that the assumed numbers of both cells are exchanged together.

    Parameters
    ----------
    claim : Claim
        Names the cell.
    c_rate : float
        [1].
    size : int
        Number of draws, a multiple of 4.
    results, executor
        As `results` and `workers` of `cellmodel.study.run_study`.

    Returns
    -------
    LiquidDraws
        One row per draw.
    """
    cell = load_liquid_cell(claim.liquid)
    numbers = [_possible(cell, number) for number in numbers_of(cell, "liquid")]
    inputs = [number for number in numbers if number.path not in MASSES]
    others = [number for number in numbers if number.path in MASSES]
    sample = Sample(
        size,
        "crossed",
        claim.seed + 1,
        tuple(number.path for number in inputs),
        group=tuple(number.path for number in numbers if number.assumed),
        beside=tuple(number.path for number in others),
    )
    study = _study(claim, c_rate, cell, {number.path: number.distribution for number in inputs}, sample)
    dataset = run_study(study, results, workers=executor).isel(case=0, draw=slice(0, size))
    rest = values_beside(study.draws[0].beside, others)
    energies = dataset["energy"].fillna(0.0).values / cell["cell.area"]
    cells = [_with(one, others, row) for one, row in zip(study.draws[0].cells, rest, strict=True)]
    order = _shuffled(size, claim.seed)
    values = np.hstack([study.draws[0].values, rest])[order]
    failed = int((~dataset["status"].isin([1, 2])).sum())
    return LiquidDraws([cells[i] for i in order], energies[order], [*inputs, *others], values, failed)


def nominal_liquid(claim: Claim, c_rate: float) -> LiquidDraws:
    """Return the liquid cell as its file has it, as a single draw; see `run_liquid`."""
    from cellmodel.simulation import simulate_liquid

    cell = load_liquid_cell(claim.liquid)
    run = simulate_liquid(cell, c_rate=c_rate, mesh="fast")
    energy = np.array([float(run["energy"]) / cell["cell.area"]])
    return LiquidDraws([cell], energy, [], np.empty((1, 0)), 0)


def liquid_specific_energy(around: Mapping[str, Any], level: str) -> float:
    """Return the specific energy of the liquid cell in the packaging of the same draw.

    Parameters
    ----------
    around : mapping
        "liquid": energy per area [W.h.m-2] and cell; "format".
    level : str
        Of the budget.

    Returns
    -------
    float
        [W.h.kg-1].
    """
    from cellmodel.energy import liquid_components, specific_energy, stack_budget

    energy, cell = around["liquid"]
    return float(specific_energy(energy, stack_budget(liquid_components(cell), around["format"]), level)[0])


def _possible(cell: LiquidCell, number: Number) -> Number:
    """Return a number whose distribution ends where no cell is possible: at its bounds or in a full electrode."""
    low, high = bounds_of(number.path)
    layer, _, what = number.path.rpartition(".")
    if what == "active_material_volume_fraction":
        high = 1.0 - cell[f"{layer}.electrolyte_volume_fraction"]
    return replace(number, distribution=replace(number.distribution, bounds=(low, high)))


def _study(claim: Claim, c_rate: float, cell: LiquidCell, distributions: Mapping[str, Any], sample: Sample) -> Study:
    case = Case(cell.name, cell, None, dict(distributions))
    protocol = load_protocol("discharge")
    study = Study(
        cell.name, claim.text, claim.file, (case,), "case", protocol,
        c_rate=c_rate, mesh="fast", mechanisms=(), sample=sample,
    )  # fmt: skip
    return named(study)


def _with(cell: Any, numbers: list[Number], row: NDArray[np.float64]) -> LiquidCell:
    changed: LiquidCell = cell.replace(dict(zip((number.path for number in numbers), row.tolist(), strict=True)))
    return changed


def _shuffled(size: int, seed: int) -> NDArray[np.int_]:
    blocks = np.random.default_rng(seed).permutation(size // _BLOCK)
    return (blocks[:, None] * _BLOCK + np.arange(_BLOCK)).ravel()
