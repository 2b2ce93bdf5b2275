"""The joint sample: what is uncertain of a cell, of what is around it and of the cell it is compared with.

A study draws the numbers that its cells solve with; those that only weigh, of format, vehicle and reference cell, are
further dimensions of the same sample, so that one probability covers all of them. Nothing is solved here.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
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
from cellmodel.study.sets import records_of_sets, set_distributions, set_name, with_all_names

_CAPACITANCES = ("electrode.double_layer_capacitance", "interface.capacitance")

_WEIGH = ("density", "_collector.thickness", "filling_ratio")
"""Ends of the paths of numbers that weigh and do not enter the electrochemistry."""

Array = NDArray[np.float64]


@dataclass(frozen=True)
class UncertainInput:
    """One number that is drawn, or the choice between the sets of a material.

    Attributes
    ----------
    path, status : str
        Full path, and the status its file gives it; such as "electrolyte_set" for a choice, and that of its weights.
    distribution : Distribution or None
        As its file states it; none of a choice.
    owner : str
        "cell", "format", "vehicle" or "liquid".
    """

    path: str
    status: str
    distribution: Distribution | None
    owner: str = "cell"

    @property
    def label(self) -> str:
        """Its path; that of a number of the liquid cell begins with `liquid.`."""
        return f"liquid.{self.path}" if self.owner == "liquid" else self.path


@dataclass(frozen=True)
class DrawnStudy:
    """A study with the numbers that are drawn for it: once with the nominal numbers, or many times.

    Attributes
    ----------
    study : Study
        Draws the numbers that its cells solve with.
    cells : dict of str to tuple of ParameterSet
        By case, the cell in each draw.
    inputs : tuple of UncertainInput
        What is drawn, the extra numbers last; nothing of the nominal numbers.
    values, extra_values : ndarray, shape (draw, input)
        Of all of them, and of the extra ones, which the study does not take; in SI, of a choice the place of the set
        among the names in `sets`, NaN where the set that holds does not draw a number.
    sets : tuple of str
        Names of the sets in each draw, several materials' with a comma between; empty if there is nothing to choose.
    """

    study: Study
    cells: dict[str, tuple[ParameterSet, ...]]
    inputs: tuple[UncertainInput, ...]
    values: Array
    extra_values: Array
    sets: tuple[str, ...] = ()


@dataclass(frozen=True)
class ClaimSample:
    """What is run for some design points, and what is drawn for it.

    Attributes
    ----------
    drawn : DrawnStudy
        One case for each design and temperature.
    surroundings : list of dict
        In each draw: what is around the cell, by owner.
    reference : DrawnStudy or None
        One case for each rate of the cell that is compared with.
    order : ndarray of int, shape (draw,)
        Draw of the reference that belongs to each.
    """

    drawn: DrawnStudy
    surroundings: list[dict[str, ComponentSet]]
    reference: DrawnStudy | None
    order: NDArray[np.int_]

    @property
    def inputs(self) -> tuple[UncertainInput, ...]:
        """Everything that is drawn."""
        return self.drawn.inputs + (self.reference.inputs if self.reference else ())

    @property
    def choices(self) -> NDArray[np.bool_]:
        """Which of these are no numbers but say which set of a material holds."""
        return np.array([one.distribution is None for one in self.inputs], dtype=bool)

    @property
    def values(self) -> Array:
        """What is drawn, shape (draw, input), as of `DrawnStudy`."""
        return np.hstack([self.drawn.values, *([self.reference.values[self.order]] if self.reference else [])])


def sample_points(claim: ComputedClaim, case: Case, points: Sequence[DesignPoint], draws: int) -> ClaimSample:
    """Return the sample of some design points of a cell; no draws: the nominal numbers once."""
    own, extra = claim_inputs(claim, case.parameters) if draws else ([], [])
    cases = [
        Case(point.label(kelvin), point.cell, kelvin, {}, point.condition.c_rate)
        for point in points
        if point.cell is not None
        for kelvin in point.temperatures
    ]
    drawn = _draw(replace(claim.study, name=case.label, axes=()), cases, own, extra, claim.seed, draws)
    rates = dict.fromkeys(point.condition.c_rate for point in points)
    around = drawn_surroundings(claim, extra, drawn.extra_values)
    order = _shuffled(draws, claim.seed) if draws else np.zeros(1, dtype=int)
    return ClaimSample(drawn, around, _reference(claim, rates, draws) if claim.liquid else None, order)


def _draw(
    study: Study,
    cases: Sequence[Case],
    own: Sequence[UncertainInput],
    extra: Sequence[UncertainInput],
    seed: int,
    draws: int,
) -> DrawnStudy:
    """Return a study of some cases with its draws; its blocks exchange the assumed numbers."""
    distributions = {one.path: one.distribution for one in own if one.distribution is not None}
    sample = joint_sample(draws, seed, own, extra) if draws else None
    cases = tuple(
        replace(case, distributions=distributions, set_distributions=set_distributions(case.parameters, distributions))
        if draws
        else case
        for case in cases
    )
    study = _named(replace(study, cases=cases, case_dimension="case", sample=sample))
    labels = [case.label for case in cases]
    if not draws:
        nothing = np.empty((1, 0))
        return DrawnStudy(study, {case.label: (case.parameters,) for case in cases}, (), nothing, nothing)
    first = study.draws[0]
    columns = [
        one.distribution.quantile(first.extra_inputs[:, column])
        for column, one in enumerate(extra)
        if one.distribution is not None
    ]
    extra_values = np.stack(columns, axis=1) if columns else np.empty((draws, 0))
    cells = dict(zip(labels, (one.cells for one in study.draws), strict=True))
    chosen = [np.unique(held.astype(str), return_inverse=True)[1] for held in first.sets.values()]
    values = np.hstack([first.values, *(codes[:, None].astype(float) for codes in chosen), extra_values])
    held = tuple(", ".join(names) for names in zip(*first.sets.values(), strict=True))
    return DrawnStudy(study, cells, (*own, *extra), values, extra_values, held)


def uncertain_inputs(owned: ParameterSet | ComponentSet, owner: str) -> list[UncertainInput]:
    """Return every number whose uncertainty its file states, in alphabetical order, then the choices between sets.

    A number of several sets is assumed if one of them says so.
    """
    if not isinstance(owned, ParameterSet):
        declared = declared_distributions(owned)
        return [UncertainInput(path, owned.entries[path].status, one, owner) for path, one in declared.items()]
    declared, records = declared_distributions(with_all_names(owned)), records_of_sets(owned)
    found = []
    for path, one in declared.items():
        statuses = [record.status for record in records[path]]
        found.append(UncertainInput(path, "assumed" if "assumed" in statuses else statuses[0], one, owner))
    choices = {set_name(role): sets.status for role, sets in sorted(owned.sets.items())}
    return found + [UncertainInput(name, status, None, owner) for name, status in choices.items()]


def inert_inputs(cell: ParameterSet, mechanisms: Sequence[str]) -> set[str]:
    """Return the paths of a cell that neither a discharge nor a mass depends on.

    Those of mechanisms that are off, and capacitances, which count in impedance only. Drawing them would change
    nothing but the quality of the sample.
    """
    off = [path for name, one in MECHANISMS.items() if name not in mechanisms for path in one.parameters]
    roots = (*(path for path in off if not path.endswith("density")), *_CAPACITANCES)
    return {
        path for path in records_of_sets(cell) if any(path == root or path.startswith(f"{root}.") for root in roots)
    }


def surroundings(claim: ComputedClaim) -> dict[str, ComponentSet]:
    """Return what is around the cell, as the files have it, by owner."""
    around = {"format": load_format(claim.format)}
    return {**around, "vehicle": load_vehicle(claim.vehicle)} if claim.vehicle else around


def claim_inputs(claim: ComputedClaim, cell: ParameterSet) -> tuple[list[UncertainInput], list[UncertainInput]]:
    """Return what is drawn of a cell, and of what is around it."""
    inert = inert_inputs(cell, claim.study.mechanisms)
    own = [one for one in uncertain_inputs(cell, "cell") if one.path not in inert]
    return own, [one for owner, owned in surroundings(claim).items() for one in uncertain_inputs(owned, owner)]


def joint_sample(size: int, seed: int, own: Sequence[UncertainInput], extra: Sequence[UncertainInput]) -> Sample:
    """Return a sample whose blocks exchange the assumed numbers; a study takes nothing of the extra ones."""
    assumed = tuple(one.path for one in (*own, *extra) if one.status == "assumed")
    paths = tuple(one.path for one in own if one.distribution is not None)
    roles = tuple(one.path.removesuffix(set_name("")) for one in own if one.distribution is None)
    extra_paths = tuple(one.path for one in extra)
    return Sample(size, "grouped_saltelli", seed, paths, group=assumed, extra_inputs=extra_paths, sets=roles)


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


def _reference(claim: ComputedClaim, rates: Iterable[float], draws: int) -> DrawnStudy:
    """Return the draws of the cell that is compared with, at its own temperature; what only weighs is put into it."""
    cell = load_cell(claim.liquid)
    inputs = [_possible(cell, one) for one in uncertain_inputs(cell, "liquid")] if draws else []
    own, weighed = ([one for one in inputs if one.path.endswith(_WEIGH) == weighs] for weighs in (False, True))
    cases = [Case(rate_text(rate), cell, None, {}, rate) for rate in rates]
    study = Study(
        cell.name, claim.text, claim.file, tuple(cases), "case", load_protocol("discharge"), mesh="fast", mechanisms=()
    )
    drawn = _draw(study, cases, own, weighed, claim.seed + 1, draws)
    rows = [dict(zip((one.path for one in weighed), row, strict=True)) for row in drawn.extra_values.tolist()]
    cells = {
        label: tuple(one.replace(row) for one, row in zip(each, rows, strict=True))
        for label, each in drawn.cells.items()
    }
    return replace(drawn, cells=cells)


def _possible(cell: ParameterSet, uncertain: UncertainInput) -> UncertainInput:
    """Return a number whose distribution ends where no cell is possible: at its bounds or in a full electrode."""
    if uncertain.distribution is None:
        return uncertain
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
