"""The designs on which a claim is tested: the cell as it is shipped, and the nominal optimum, at every condition.

The optimum is not looked for again in each draw. Those that were found are kept beside the runs, so that each is looked
for once for all claims.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from cellmodel import __version__
from cellmodel.assessment.claims.definition import CLAIMED, ComputedClaim
from cellmodel.errors import ParameterError, ResultsError
from cellmodel.execution import Workers, map_points
from cellmodel.labels import rate_text
from cellmodel.parameters import ParameterSet, load_format
from cellmodel.prepared_run import MODEL_VERSION
from cellmodel.study import Case

DESIGNS = {"shipped": "design of the cell's file", "optimum": "best design for the nominal numbers"}

DESIGN_PATHS = {
    "cell.positive_electrode.thickness": "m",
    "cell.positive_electrode.active_material_volume_fraction": "1",
    "cell.separator.thickness": "m",
    "cell.lithium.thickness": "m",
}
"""Numbers that a design chooses, with their units."""
_FOLLOWING = "cell.positive_electrode.electrolyte_volume_fraction"


class Condition(NamedTuple):
    """A temperature [K] and a C-rate [1]."""

    temperature: float
    c_rate: float

    def __str__(self) -> str:
        return f"{rate_text(self.c_rate)}, {self.temperature - 273.15:.3g} °C"


@dataclass(frozen=True)
class DesignPoint:
    """A design at a condition: one number to be tested.

    Attributes
    ----------
    design : str
        One of `DESIGNS`.
    condition : Condition
        Where the quantity compares temperatures, that of the claim.
    temperatures : tuple of float
        At which the cell is run [K].
    cell : ParameterSet or None
        None where no design is feasible.
    reason : str
        Why there is none.
    """

    design: str
    condition: Condition
    temperatures: tuple[float, ...]
    cell: ParameterSet | None
    reason: str = ""

    def label(self, temperature: float) -> str:
        """Return the name of the run at a temperature."""
        return f"{self.design}, {rate_text(self.condition.c_rate)}, {temperature - 273.15:.4g} °C"


@dataclass(frozen=True)
class RunContext:
    """With what claims are tested.

    Attributes
    ----------
    results : pathlib.Path or None
        Folder for the runs.
    executor : Workers
        Solves and searches.
    progress : callable
        Called with runs done, runs to do and what is being done.
    optima : dict
        Best designs that were found before: digest of what a search depends on -> condition -> changed numbers.
    """

    results: Path | None
    executor: Workers
    progress: Callable[[int, int, str], None]
    optima: dict[str, dict[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        path = self._optima_file
        if path is not None and path.is_file():
            try:
                self.optima.update(json.loads(path.read_text(encoding="utf-8")))
            except ValueError:
                self.optima.clear()  # cut off while it was written: they are found again

    @property
    def _optima_file(self) -> Path | None:
        return None if self.results is None else self.results / "designs.json"

    def keep_optima(self) -> None:
        """Write the best designs beside the runs."""
        path = self._optima_file
        if path is None:
            return
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(self.optima, indent=1), encoding="utf-8")
        except OSError as error:
            raise ResultsError(f"{path} cannot be written: {error}") from error


def own_condition(claim: ComputedClaim, case: Case) -> Condition:
    """Return the condition at which a claim is meant for a cell: the claim's, else that of the cell."""
    temperature = claim.temperature or case.temperature or case.parameters["cell.temperature"]
    return Condition(float(temperature), claim.c_rate)


def conditions_of(claim: ComputedClaim, case: Case) -> list[Condition]:
    """Return the claim's own condition, then every other of its grid; temperatures that are compared are no others."""
    own = own_condition(claim, case)
    temperatures = _axis(claim, "temperature", own.temperature)
    if CLAIMED[claim.quantity].over_temperature:
        temperatures = (own.temperature,)
    grid = [Condition(*point) for point in product(temperatures, _axis(claim, "c_rate", own.c_rate))]
    return [own, *(one for one in grid if not np.allclose(one, own, rtol=1e-9))]


def design_points(claim: ComputedClaim, case: Case, context: RunContext) -> list[DesignPoint]:
    """Return both designs at every condition, the claim's own first, the shipped design first."""
    conditions = conditions_of(claim, case)
    optima = _optima(claim, case.parameters, conditions, context)
    points = []
    for condition in conditions:
        temperatures: tuple[float, ...] = (condition.temperature,)
        if CLAIMED[claim.quantity].over_temperature:
            temperatures = _axis(claim, "temperature", condition.temperature)
        points.append(DesignPoint("shipped", condition, temperatures, case.parameters))
        points.append(DesignPoint("optimum", condition, temperatures, *optima[condition]))
    return points


def _axis(claim: ComputedClaim, key: str, own: float) -> tuple[float, ...]:
    """Return the values of an axis of the claim's grid; what it does not sweep is the claim's own."""
    return next((axis.values for axis in claim.study.axes if axis.key == key), (own,))


def _optima(
    claim: ComputedClaim, cell: ParameterSet, conditions: Sequence[Condition], context: RunContext
) -> dict[Condition, tuple[ParameterSet | None, str]]:
    """Return the best design at each condition, or None and why there is none."""
    stored = context.optima.setdefault(_digest(claim, cell), {})
    keys = {condition: json.dumps(condition) for condition in conditions}
    missing = [condition for condition, key in keys.items() if key not in stored]
    if missing:
        optima = map_points(
            partial(best_design, claim, cell),
            missing,
            context.executor,
            progress=lambda done, total: context.progress(done, total, f"{claim.name}: best designs"),
        )
        stored.update({keys[condition]: optimum for condition, optimum in zip(missing, optima, strict=True)})
        context.keep_optima()
    entries = {condition: stored[key] for condition, key in keys.items()}
    return {
        condition: (None if entry["values"] is None else cell.replace(entry["values"]), entry["why"])
        for condition, entry in entries.items()
    }


def best_design(claim: ComputedClaim, cell: ParameterSet, condition: Condition) -> dict[str, Any]:
    """Return which numbers the best design changes, None if none is feasible or delivers energy, and why."""
    from cellmodel.design import optimise_design

    ratio = claim.design.maximum_limiting_current_ratio
    options: dict[str, Any] = {} if ratio is None else {"maximum_limiting_current_ratio": ratio}
    try:
        best = optimise_design(
            cell,
            objective=claim.design.objective,
            c_rate=condition.c_rate,
            temperature=condition.temperature,
            bounds=dict(claim.design.bounds),
            format=claim.format,
            mesh="fast",
            extrapolate=claim.study.extrapolate,
            **options,
        ).parameters
    except ParameterError as error:
        return {"values": None, "why": str(error)}
    changed = {path: best[path] for path in (*DESIGN_PATHS, _FOLLOWING) if best[path] != cell[path]}
    return {"values": changed, "why": ""}


def _digest(claim: ComputedClaim, cell: ParameterSet) -> str:
    """Return a digest of all that a best design depends on, the version of the model included."""
    around = sorted((path, record.value) for path, record in load_format(claim.format).entries.items())
    facts = (cell.digest, repr(claim.design), around, claim.study.extrapolate, MODEL_VERSION, __version__)
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:16]
