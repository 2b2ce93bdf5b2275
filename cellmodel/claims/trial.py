"""One cell put to the test of a claim: its designs, its runs, and the quantity in every draw.

What solves is `cellmodel.study`; what a run is worth, `cellmodel.claims.measures`. Here they are brought together, and
nothing is judged yet.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import Any, NamedTuple

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from cellmodel.claims.definition import DESIGNS, Claim, Condition, named
from cellmodel.claims.designs import best_designs
from cellmodel.claims.drawing import Number, drawn_surroundings, joint_sample, surroundings, values_beside
from cellmodel.claims.liquid import LiquidDraws, nominal_liquid, run_liquid
from cellmodel.claims.measures import MEASURES, heating
from cellmodel.claims.places import Means, Outcomes, Place, Window
from cellmodel.claims.variance import BLOCK
from cellmodel.dataset.schema import END_CAUSE, STATUS
from cellmodel.parameters import ParameterSet
from cellmodel.study import Study, run_study
from cellmodel.study.definition import Case

_FINISHED = [STATUS["completed"], STATUS["ended_early"]]
_SAME = 1e-6  # relative; unit conversion moves a temperature by less
_AT_ONCE = END_CAUSE["below_the_cut_off_at_the_first_instant"]


def own_condition(claim: Claim, case: Case) -> Condition:
    """Return the condition at which a claim is meant for a cell: the claim's, else that of the cell."""
    temperature = claim.temperature or case.temperature or case.parameters["cell.temperature"]
    return Condition(float(temperature), claim.c_rate)


def conditions_of(claim: Claim, case: Case) -> list[Condition]:
    """Return the claim's own condition, then every other of its grid.

    Parameters
    ----------
    claim : Claim
        With a study.
    case : Case
        The cell.

    Returns
    -------
    list of Condition
        Each once.
    """
    own = own_condition(claim, case)
    if MEASURES[claim.quantity].over_temperature is not None:
        others = [Condition(own.temperature, rate) for rate in _axis(claim, "c_rate", own.c_rate)]
    else:
        temperatures = _axis(claim, "temperature", own.temperature)
        others = [Condition(*point) for point in product(temperatures, _axis(claim, "c_rate", own.c_rate))]
    return [own, *(one for one in others if not np.allclose([*vars(one).values()], [*vars(own).values()], rtol=1e-9))]


def places_of(claim: Claim, case: Case, means: Means) -> list[Place]:
    """Return both designs at every condition, after looking for the best design at each.

    Parameters
    ----------
    claim : Claim
        With a study.
    case : Case
        The cell.
    means : Means
        Who searches.

    Returns
    -------
    list of Place
        Condition by condition, the claim's own first; the shipped design first.
    """
    conditions = conditions_of(claim, case)
    found = _designs(claim, case, conditions, means)
    across = MEASURES[claim.quantity].over_temperature is not None
    places = []
    for condition in conditions:
        grid = _axis(claim, "temperature", condition.temperature)
        temperatures = tuple(grid) if across else (condition.temperature,)
        cells = {"shipped": (case.parameters, ""), "optimum": found[condition]}
        places += [Place(design, condition, temperatures, *cells[design]) for design in DESIGNS]
    return places


def _designs(
    claim: Claim, case: Case, conditions: list[Condition], means: Means
) -> dict[Condition, tuple[ParameterSet | None, str]]:
    """Return the best design at each condition, each looked for once for all claims."""
    means.progress(0, 1, f"{claim.name}: best designs")
    study, search = _study_of(claim), claim.search
    known = means.designs.of(case.parameters, search, claim.format, study.extrapolate)
    unknown = [one for one in conditions if one not in known]
    new = best_designs(case.parameters, unknown, search, claim.format, study.extrapolate, means.executor)
    means.designs.add(case.parameters, search, claim.format, study.extrapolate, new)
    return known | new


def run_places(claim: Claim, case: Case, places: Sequence[Place], draws: int, means: Means) -> Outcomes:
    """Run every draw of every place and return the quantity in each.

    Parameters
    ----------
    claim : Claim
        What is tested.
    case : Case
        The cell.
    places : sequence of Place
        Designs at conditions.
    draws : int
        A multiple of 4; 0 runs the nominal numbers once.
    means : Means
        Who solves and where to.

    Returns
    -------
    Outcomes
        A run that the solver did not finish or that ended at once counts with what it delivered: nothing.
    """
    sample, numbers = joint_sample(claim, case.parameters, draws or BLOCK)
    cases = _cases(places, numbers if draws else ())
    if not cases:
        return _nothing(len(places), max(draws, 1))
    whole = replace(
        _study_of(claim), name=case.label, cases=cases, case_dimension="case", axes=(), sample=sample if draws else None
    )
    study = named(whole)
    runs = _run(study, means, f"{claim.name}: {case.label}")
    runs = runs.isel(draw=slice(0, draws)) if draws else runs.expand_dims("draw", -1)
    around, beside, values = _around(claim, study, numbers, draws)
    liquid = _liquid(claim, {place.condition.c_rate for place in places}, draws, means)
    if draws and liquid:
        one = next(iter(liquid.values()))
        beside, values = [*beside, *one.numbers], np.hstack([values, one.values])
    cells = {one.label: drawn.cells for one, drawn in zip(cases, study.draws, strict=True)} if draws else {}
    found = [_worth(claim, place, runs, cells, _with_liquid(around, liquid, place)) for place in places]
    of_cell = [number for number in numbers if number.owner == "cell"]
    return Outcomes(
        values=np.array([one.values for one in found]),
        failed=np.array([one.failed for one in found]),
        at_once=np.array([one.at_once for one in found]),
        outside=np.array([one.outside for one in found]),
        numbers=[*of_cell, *beside] if draws else [],
        drawn=np.hstack([study.draws[0].values, values]) if draws else np.empty((1, 0)),
        heating=_heating(claim, places, around),
        windows=[one.window for one in found if one.window is not None],
    )


def _cases(places: Sequence[Place], numbers: Sequence[Number]) -> tuple[Case, ...]:
    """Return one case for each design and temperature that there is to run."""
    distributions = {number.path: number.distribution for number in numbers if number.owner == "cell"}
    return tuple(
        Case(place.label(temperature), place.cell, temperature, distributions, place.condition.c_rate)
        for place in places
        if place.cell is not None
        for temperature in place.temperatures
    )


def _nothing(places: int, draws: int) -> Outcomes:
    """Return the outcome of places without a design: no energy."""
    none = np.zeros(places, dtype=int)
    empty = np.empty((draws, 0))
    return Outcomes(np.zeros((places, draws)), none, none, np.full(places, np.nan), [], empty, np.empty(0), [])


def _heating(claim: Claim, places: Sequence[Place], around: Sequence[Mapping[str, Any]]) -> NDArray[np.float64]:
    if not claim.vehicle:
        return np.empty(0)
    return np.array([[heating(one["vehicle"], place.condition.temperature) for one in around] for place in places])


def _with_liquid(
    around: Sequence[dict[str, Any]], liquid: Mapping[float, LiquidDraws], place: Place
) -> Sequence[dict[str, Any]]:
    """Return what is around the cell, with the liquid cell at the rate of the place if there is one."""
    if not liquid:
        return around
    pairs = liquid[place.condition.c_rate].pairs
    return [{**one, "liquid": pair} for one, pair in zip(around, pairs, strict=True)]


class _Worth(NamedTuple):
    """What one place gave: see `Outcomes`."""

    values: NDArray[np.float64]
    failed: int
    at_once: int
    outside: float
    window: Window | None = None


def _worth(
    claim: Claim,
    place: Place,
    runs: xr.Dataset,
    cells: Mapping[str, Sequence[ParameterSet]],
    around: Sequence[Mapping[str, Any]],
) -> _Worth:
    """Return the quantity of a place in each draw, and how its runs ended."""
    count = len(around)
    measure = MEASURES[claim.quantity]
    if place.cell is None:
        height = len(place.temperatures)
        none = Window(place.temperatures, np.zeros((height, count)), np.full(height, np.nan))
        return _Worth(np.zeros(count), 0, 0, np.nan, none if measure.over_temperature else None)
    labels = [place.label(temperature) for temperature in place.temperatures]
    chosen = runs.sel(case=labels)
    energies = chosen["energy"].fillna(0.0).transpose("case", "draw").values
    table = np.empty((len(labels), count))
    for row, (label, temperature) in enumerate(zip(labels, place.temperatures, strict=True)):
        for column, cell in enumerate(cells.get(label, [place.cell])):
            surrounded = {**around[column], "temperature": temperature}
            energy = float(energies[row, column]) / cell["cell.area"]
            table[row, column] = measure.evaluate(energy, cell, surrounded, claim.level)
    values = table[0] if measure.over_temperature is None else measure.over_temperature(table)
    failed = int((~chosen["status"].isin(_FINISHED)).sum())
    at_once = int((chosen["end_cause"] == _AT_ONCE).sum())
    low, high = place.cell.validity["temperature"]
    within = [low * (1.0 - _SAME) <= temperature <= high * (1.0 + _SAME) for temperature in place.temperatures]
    # the share in a run counts concentrations only; at a temperature outside its range a correlation is nowhere inside
    outside = np.where(within, chosen["extrapolated_fraction"].mean("draw").values, 1.0)
    window = Window(place.temperatures, table, outside) if measure.over_temperature else None
    return _Worth(values, failed, at_once, _mean(outside), window)


def _mean(shares: NDArray[np.float64]) -> float:
    """Return the mean of what is known; NaN where every run ended at once."""
    known = shares[np.isfinite(shares)]
    return float(known.mean()) if known.size else float("nan")


def _around(
    claim: Claim, study: Study, numbers: Sequence[Number], draws: int
) -> tuple[list[dict[str, Any]], list[Number], NDArray[np.float64]]:
    """Return what is around the cell in each draw, and the numbers and values that were drawn for it."""
    if not draws:
        return [{**surroundings(claim)}], [], np.empty((1, 0))
    beside = [number for number in numbers if number.owner != "cell"]
    values = values_beside(study.draws[0].beside, beside)
    return [{**one} for one in drawn_surroundings(claim, beside, values)], beside, values


def _liquid(claim: Claim, rates: set[float], draws: int, means: Means) -> dict[float, LiquidDraws]:
    """Return the liquid cell at each rate, if the claim compares with one."""
    if not claim.liquid:
        return {}
    if not draws:
        return {rate: nominal_liquid(claim, rate) for rate in rates}
    return {rate: run_liquid(claim, rate, draws, means.results, means.executor) for rate in sorted(rates)}


def _run(study: Study, means: Means, label: str) -> xr.Dataset:
    def report(done: int, total: int) -> None:
        means.progress(done, total, label)

    return run_study(study, means.results, False, study.extrapolate, report, means.executor)


def _study_of(claim: Claim) -> Study:
    if claim.study is None:
        raise ValueError(f"{claim.name} has no study")
    return claim.study


def _axis(claim: Claim, key: str, own: float) -> tuple[float, ...]:
    """Return the values of an axis of the claim's grid; what it does not sweep is the claim's own."""
    return next((axis.values for axis in _study_of(claim).axes if axis.key == key), (own,))
