"""The joint sample: what is uncertain of a cell, of what is around it and of the cell it is compared with.

A study draws the numbers that its cells solve with; those that only weigh, of format, vehicle and reference cell, are
further dimensions of the same sample, so that one probability covers all of them. Nothing is solved here.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from cellmodel.assessment.claims.definition import BLOCK, ComputedClaim
from cellmodel.assessment.claims.designs import DesignPoint
from cellmodel.labels import rate_text
from cellmodel.mechanisms import MECHANISMS
from cellmodel.parameters import ComponentSet, ParameterSet, load_cell, load_format, load_vehicle
from cellmodel.parameters.bounds import bounds_of
from cellmodel.parameters.distributions import Distribution, declared_distributions
from cellmodel.protocols import load_protocol
from cellmodel.study import Case, Study
from cellmodel.study.sampling import Sample

_CAPACITANCES = ("electrode.double_layer_capacitance", "interface.capacitance")

_WEIGH = ("density", "_collector.thickness", "filling_ratio")
"""Ends of the paths of numbers that weigh and do not enter the electrochemistry."""

Array = NDArray[np.float64]


@dataclass(frozen=True)
class UncertainInput:
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
    def label(self) -> str:
        """Its path; that of a number of the liquid cell begins with `liquid.`."""
        return f"liquid.{self.path}" if self.owner == "liquid" else self.path


@dataclass(frozen=True)
class ClaimSample:
    """What is run for some design points, and what is drawn for it: one draw with the nominal numbers, or many.

    Attributes
    ----------
    study : Study
        One case for each design and temperature.
    cells : tuple of tuple of ParameterSet
        The cell of each case in each draw.
    reference : Study or None
        One case for each rate of the cell that is compared with.
    reference_cells : tuple of ParameterSet
        That cell in each draw.
    order : ndarray of int, shape (draw,)
        Draw of the reference study that belongs to each.
    surroundings : list of dict
        In each draw: what is around the cell, by owner.
    inputs : list of UncertainInput
        What is drawn; nothing of the nominal numbers.
    values : ndarray, shape (draw, input)
        In SI.
    """

    study: Study
    cells: tuple[tuple[ParameterSet, ...], ...]
    reference: Study | None
    reference_cells: tuple[ParameterSet, ...]
    order: NDArray[np.int_]
    surroundings: list[dict[str, ComponentSet]]
    inputs: list[UncertainInput]
    values: Array


def sample_points(claim: ComputedClaim, case: Case, points: Sequence[DesignPoint], draws: int) -> ClaimSample:
    """Return the sample of some design points of a cell; no draws: the nominal numbers once."""
    sample, inputs = joint_sample(claim, case.parameters, draws) if draws else (None, [])
    own = [one for one in inputs if one.owner == "cell"]
    extra = inputs[len(own) :]
    distributions = {one.path: one.distribution for one in own}
    cases = tuple(
        Case(point.label(kelvin), point.cell, kelvin, distributions, point.condition.c_rate)
        for point in points
        if point.cell is not None
        for kelvin in point.temperatures
    )
    study = _named(replace(claim.study, name=case.label, cases=cases, case_dimension="case", axes=(), sample=sample))
    rates = tuple(dict.fromkeys(point.condition.c_rate for point in points))
    reference, reference_inputs, reference_values, reference_cells = _reference(claim, rates, draws)
    order = _shuffled(draws, claim.seed) if draws else np.zeros(1, dtype=int)
    extra_values = _extra_values(study, extra)
    return ClaimSample(
        study,
        tuple(drawn.cells for drawn in study.draws) if draws else tuple((one.parameters,) for one in cases),
        reference,
        tuple(reference_cells[i] for i in order.tolist()) if reference else (),
        order,
        drawn_surroundings(claim, extra, extra_values),
        [*inputs, *reference_inputs],
        np.hstack([study.draws[0].values if draws else np.empty((1, 0)), extra_values, reference_values[order]]),
    )


def uncertain_inputs(owned: ParameterSet | ComponentSet, owner: str) -> list[UncertainInput]:
    """Return every number whose uncertainty its file states, in alphabetical order."""
    declared = declared_distributions(owned)
    return [UncertainInput(path, owned.entries[path].status, one, owner) for path, one in declared.items()]


def inert_inputs(cell: ParameterSet, mechanisms: Sequence[str]) -> set[str]:
    """Return the paths of a cell that neither a discharge nor a mass depends on.

    Those of mechanisms that are off, and capacitances, which count in impedance only. Drawing them would change
    nothing but the quality of the sample.
    """
    off = [path for name, one in MECHANISMS.items() if name not in mechanisms for path in one.parameters]
    roots = (*(path for path in off if not path.endswith("density")), *_CAPACITANCES)
    return {path for path in cell.entries if any(path == root or path.startswith(f"{root}.") for root in roots)}


def surroundings(claim: ComputedClaim) -> dict[str, ComponentSet]:
    """Return what is around the cell, as the files have it, by owner."""
    around = {"format": load_format(claim.format)}
    return {**around, "vehicle": load_vehicle(claim.vehicle)} if claim.vehicle else around


def joint_sample(claim: ComputedClaim, cell: ParameterSet, size: int) -> tuple[Sample, list[UncertainInput]]:
    """Return the sample of a claim on one cell: numbers of the cell, then those of what is around it."""
    inert = inert_inputs(cell, claim.study.mechanisms)
    own = [one for one in uncertain_inputs(cell, "cell") if one.path not in inert]
    extra = [one for owner, owned in surroundings(claim).items() for one in uncertain_inputs(owned, owner)]
    return _sample(size, claim.seed, own, extra), [*own, *extra]


def _sample(size: int, seed: int, inputs: list[UncertainInput], extra: list[UncertainInput]) -> Sample:
    """Return a sample whose blocks exchange the assumed numbers; a study takes nothing of the extra ones."""
    assumed = [one.path for one in (*inputs, *extra) if one.status == "assumed"]
    paths, extra_paths = (tuple(one.path for one in each) for each in (inputs, extra))
    return Sample(size, "crossed", seed, paths, group=tuple(assumed), beside=extra_paths)


def _extra_values(study: Study, extra: Sequence[UncertainInput]) -> Array:
    """Return the values of numbers that a study does not take, shape (draw, input)."""
    if study.sample is None:
        return np.empty((1, 0))
    points = study.draws[0].beside
    columns = [one.distribution.quantile(points[:, column]) for column, one in enumerate(extra)]
    return np.stack(columns, axis=1) if columns else np.empty((len(points), 0))


def drawn_surroundings(
    claim: ComputedClaim, inputs: Sequence[UncertainInput], values: Array
) -> list[dict[str, ComponentSet]]:
    """Return what is around the cell in each draw, by owner; values are in SI, shape (draw, input)."""
    nominal = surroundings(claim)
    return [
        {
            owner: owned.replace(
                {one.path: value for one, value in zip(inputs, row, strict=True) if one.owner == owner}
            )
            for owner, owned in nominal.items()
        }
        for row in values.tolist()
    ]


def _reference(
    claim: ComputedClaim, rates: Sequence[float], draws: int
) -> tuple[Study | None, list[UncertainInput], Array, Sequence[ParameterSet]]:
    """Return the study of the cell that is compared with at its own temperature, its numbers, values and cells."""
    if not claim.liquid:
        return None, [], np.empty((max(draws, 1), 0)), ()
    cell = load_cell(claim.liquid)
    inputs = [_possible(cell, one) for one in uncertain_inputs(cell, "liquid")] if draws else []
    own = [one for one in inputs if not one.path.endswith(_WEIGH)]
    weighed = [one for one in inputs if one.path.endswith(_WEIGH)]
    distributions = {one.path: one.distribution for one in own}
    study = _named(
        Study(
            cell.name,
            claim.text,
            claim.file,
            tuple(Case(rate_text(rate), cell, None, distributions, rate) for rate in rates),
            "case",
            load_protocol("discharge"),
            mesh="fast",
            mechanisms=(),
            sample=_sample(draws, claim.seed + 1, own, weighed) if draws else None,
        )
    )
    if not draws:
        return study, [], np.empty((1, 0)), (cell,)
    values = _extra_values(study, weighed)
    paths = [one.path for one in weighed]
    cells = [
        drawn.replace(dict(zip(paths, row, strict=True)))
        for drawn, row in zip(study.draws[0].cells, values.tolist(), strict=True)
    ]
    return study, [*own, *weighed], np.hstack([study.draws[0].values, values]), cells


def _possible(cell: ParameterSet, uncertain: UncertainInput) -> UncertainInput:
    """Return a number whose distribution ends where no cell is possible: at its bounds or in a full electrode."""
    low, high = bounds_of(uncertain.path)
    layer, _, name = uncertain.path.rpartition(".")
    if name == "active_material_volume_fraction":
        high = 1.0 - cell[f"{layer}.electrolyte_volume_fraction"]
    return replace(uncertain, distribution=replace(uncertain.distribution, bounds=(low, high)))


def _shuffled(size: int, seed: int) -> NDArray[np.int_]:
    """Return the blocks of the reference sample in random order.

    Two Sobol samples side by side in order would depend on each other; within a block the order stays, so that the
    assumed numbers of both cells are exchanged together.
    """
    blocks = np.random.default_rng(seed).permutation(size // BLOCK)
    return (blocks[:, None] * BLOCK + np.arange(BLOCK)).ravel()


def _named(study: Study) -> Study:
    """Return a study whose name ends in a digest of its inputs: what two claims both need is run once.

    The size of a sample that can grow is not in the digest: more draws go on where fewer ended.
    """
    digest = hashlib.sha256(repr((study.fixed_inputs(), study.extrapolate)).encode()).hexdigest()
    stem = re.sub(r"[^\w-]+", "_", study.name)
    return replace(study, name=f"{stem}_{digest[:12]}")
