"""The designs on which a claim is tested: the cell as it is shipped, and the nominal optimum at a condition."""

from __future__ import annotations

import hashlib
import json
from functools import partial
from pathlib import Path
from typing import Any

from cellmodel import __version__
from cellmodel.claims.definition import Condition, Search
from cellmodel.errors import ParameterError, ResultsError
from cellmodel.execution import Workers, map_points
from cellmodel.parameters import ParameterSet, load_format
from cellmodel.prepared_run import MODEL_VERSION

DESIGN_PATHS = {
    "cell.positive_electrode.thickness": "m",
    "cell.positive_electrode.active_material_volume_fraction": "1",
    "cell.separator.thickness": "m",
    "cell.lithium.thickness": "m",
}
"""Numbers that a design chooses, with their units."""
DESIGN = (*DESIGN_PATHS, "cell.positive_electrode.electrolyte_volume_fraction")
"""The same, and the number that follows from them."""


def best_design(
    cell: ParameterSet, condition: Condition, search: Search, format_name: str, extrapolate: bool
) -> tuple[ParameterSet | None, str]:
    """Return the design with the highest nominal objective at a condition.

    Parameters
    ----------
    cell : ParameterSet
        The cell whose materials it takes.
    condition : Condition
        Rate and temperature.
    search : Search
        Objective, bounds and largest share of the limiting current.
    format_name : str
        What is around the layers.
    extrapolate : bool
        Whether correlations may be used outside their range.

    Returns
    -------
    tuple of ParameterSet or None, and str
        The cell of that design, None if no design within the bounds is feasible or delivers energy; and why.
    """
    from cellmodel.design import optimise_design

    ratio = search.maximum_limiting_current_ratio
    options: dict[str, Any] = {} if ratio is None else {"maximum_limiting_current_ratio": ratio}
    try:
        found = optimise_design(
            cell,
            objective=search.objective,
            c_rate=condition.c_rate,
            temperature=condition.temperature,
            bounds=dict(search.bounds),
            format=format_name,
            mesh="fast",
            extrapolate=extrapolate,
            **options,
        )
    except ParameterError as error:
        return None, str(error)
    return found.parameters, ""


def best_designs(
    cell: ParameterSet,
    conditions: list[Condition],
    search: Search,
    format_name: str,
    extrapolate: bool,
    executor: Workers,
) -> dict[Condition, tuple[ParameterSet | None, str]]:
    """Return the best design at each condition; see `best_design`.

    Parameters
    ----------
    cell, search, format_name, extrapolate
        As in `best_design`.
    conditions : list of Condition
        Where.
    executor : Workers
        Who searches.

    Returns
    -------
    dict
        By condition.
    """
    each = list(dict.fromkeys(conditions))
    find = partial(best_design, cell, search=search, format_name=format_name, extrapolate=extrapolate)
    return dict(zip(each, map_points(find, each, executor), strict=True))


Found = dict[Condition, tuple[ParameterSet | None, str]]


class KnownDesigns:
    """Best designs that were found before, in memory and in a file beside the runs, so that each is sought once.

    Parameters
    ----------
    folder : pathlib.Path or None
        Where `designs.json` is; None keeps them in memory.
    """

    def __init__(self, folder: Path | None) -> None:
        self._path = None if folder is None else folder / "designs.json"
        self._known: dict[str, dict[str, Any]] = {}
        if self._path is not None and self._path.is_file():
            try:
                self._known = json.loads(self._path.read_text(encoding="utf-8"))
            except ValueError:
                self._known = {}  # cut off while it was written: they are found again

    def of(self, cell: ParameterSet, search: Search, format_name: str, extrapolate: bool) -> Found:
        """Return what is known of a cell, by condition; see `best_design` for the parameters."""
        entries = self._known.get(self._key(cell, search, format_name, extrapolate), {})
        found: Found = {}
        for text, entry in entries.items():
            condition = Condition(*json.loads(text))
            found[condition] = (None if entry["values"] is None else cell.replace(entry["values"]), entry["why"])
        return found

    def add(self, cell: ParameterSet, search: Search, format_name: str, extrapolate: bool, new: Found) -> None:
        """Take over designs that were found; see `best_design` for the parameters."""
        if not new:
            return
        entries = self._known.setdefault(self._key(cell, search, format_name, extrapolate), {})
        for condition, (design, why) in new.items():
            values = None if design is None else {path: design[path] for path in DESIGN if design[path] != cell[path]}
            entries[json.dumps([condition.temperature, condition.c_rate])] = {"values": values, "why": why}
        if self._path is not None:
            try:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                self._path.write_text(json.dumps(self._known, indent=1), encoding="utf-8")
            except OSError as error:
                raise ResultsError(f"{self._path} cannot be written: {error}") from error

    @staticmethod
    def _key(cell: ParameterSet, search: Search, format_name: str, extrapolate: bool) -> str:
        """Return a digest of all that a design depends on, the version of the model included."""
        masses = load_format(format_name).entries
        around = sorted((path, record.value) for path, record in masses.items())
        facts = (cell.digest, repr(search), around, extrapolate, MODEL_VERSION, __version__)
        return hashlib.sha256(repr(facts).encode()).hexdigest()[:16]
