"""A claim's file to a Claim: a study with a table [claim]; strict keys, every problem at once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from cellmodel import resources
from cellmodel.claims.definition import NOT_COMPUTED, Claim, Search
from cellmodel.claims.measures import MEASURES
from cellmodel.errors import ParameterError, Problem, StudyError, choices, found_text
from cellmodel.inputs import c_rate, existing_file, name_or_path
from cellmodel.parameters import load_format, load_liquid_cell, load_references, load_vehicle
from cellmodel.protocols.reading import Table, parsed
from cellmodel.quantities import QUANTITIES
from cellmodel.study import Study, parse_study
from cellmodel.toml_files import read_toml

MOST_DRAWS = 2**20
"""Draws of one place: a thousand times what a verdict needs, and as many as a sequence of points has."""
_STATUS = ("assumed", "literature")
_LEVELS = ("material", "stack", "cell")
_SURROUNDINGS: dict[str, Callable[[str], object]] = {
    "format": load_format,
    "vehicle": load_vehicle,
    "liquid": load_liquid_cell,
}
_OBJECTIVES = ("gravimetric", "volumetric")


def claim_files() -> dict[str, Path]:
    """Return the file of every shipped claim by name."""
    return resources.files("experiments", "studies/claims")


def list_claims() -> list[str]:
    """Return the names of the shipped claims.

    Returns
    -------
    list of str
        In alphabetical order.

    Examples
    --------
    >>> import cellmodel
    >>> "lfp_250" in cellmodel.list_claims()
    True
    """
    return list(claim_files())


def load_claim(name: str | Path) -> Claim:
    """Return the claim of that name, or the one in a file.

    Parameters
    ----------
    name : str or pathlib.Path
        Name of a shipped claim or path of a TOML file.

    Returns
    -------
    Claim
        With its study loaded.

    Raises
    ------
    StudyError
        There is no such claim (the nearest are offered), or every problem of its file.
    """
    known = claim_files()
    text = name_or_path(name, "claims", "claim", "the name of a claim, or the path of its file", StudyError)
    path = known.get(text) or existing_file(text)
    if path is None:
        raise StudyError(Problem("experiments/studies/claims", "claim", found_text(text), choices(text, known)))
    return parse_claim(read_toml(path, StudyError), str(path))


def parse_claim(values: dict[str, Any], file: str) -> Claim:
    """Return the claim that a TOML document describes.

    Parameters
    ----------
    values : dict
        A study (see `cellmodel.study.parse_study`) with [claim]; without a protocol it is not yet computed.
    file : str
        Where it stands, for messages; its stem is the claim's name.

    Returns
    -------
    Claim
        In SI.

    Raises
    ------
    StudyError
        Every problem found.
    """
    problems: list[Problem] = []
    table = Table(values, file, problems).subtable("claim")
    if table is None:
        raise StudyError(problems or Problem(file, "claim", "nothing", "a table [claim]"))
    quantity = table.take("quantity", str)
    said = _what_was_said(table)
    if quantity == NOT_COMPUTED:
        table.close()
        if problems:
            raise StudyError(problems)
        return Claim(Path(file).stem, file, **said, quantity=NOT_COMPUTED)
    study: Study | None = None
    try:
        study = parse_study({**values}, file)
        _check_study(table, study)
    except StudyError as error:
        problems += error.problems
    test = _test(table, quantity)
    table.close()
    if problems:
        raise StudyError(list(dict.fromkeys(problems)))
    return Claim(Path(file).stem, file, **said, quantity=quantity, study=study, **test)


def _what_was_said(table: Table) -> dict[str, Any]:
    said: dict[str, Any] = {key: table.take(key, str) for key in ("text", "sentence", "status")}
    said["note"] = table.take("note", str, "")
    for key in ("text", "sentence"):
        if isinstance(said[key], str) and not said[key].strip():
            table.complain(key, repr(said[key]), "a text")
    for key in ("sources", "assumptions"):
        listed = table.take(key, list, []) or []
        wrong = [one for one in listed if not isinstance(one, str) or not one.strip()]
        if wrong:
            table.complain(key, found_text(wrong[0]), "a list of texts")
        said[key] = tuple(one for one in listed if one not in wrong)
    if said["status"] is not None and said["status"] not in _STATUS:
        table.complain("status", repr(said["status"]), choices(said["status"], _STATUS))
    known = load_references()
    for key in said["sources"]:
        if key not in known:
            table.complain("sources", repr(key), choices(str(key), known))
    if said["status"] == "literature" and not said["sources"]:
        table.complain("sources", "nothing", "where the sentence was published, or the status 'assumed'")
    return said


def _test(table: Table, quantity: str | None) -> dict[str, Any]:
    """Return what has to be reached, where, and with how many draws."""
    found: dict[str, Any] = {}
    measure = MEASURES.get(quantity or "")
    if quantity is not None and measure is None:
        table.complain("quantity", repr(quantity), choices(quantity, [*MEASURES, NOT_COMPUTED]))
    text = table.values.get("threshold")
    table.allow(["threshold"])
    if text is None:
        table.complain("threshold", "nothing", "what the quantity must reach")
    elif measure is not None:
        found["threshold"] = parsed(table, "threshold", text, measure.unit)
    rate = table.values.get("c_rate")
    table.allow(["c_rate"])
    try:
        found["c_rate"] = c_rate(rate, table.file, f"{table.prefix}.c_rate".lstrip("."))
    except ParameterError as error:
        table.problems.extend(error.problems)
    found["temperature"] = table.quantity("temperature", "K")
    low, high = QUANTITIES["cell.temperature"].bounds
    if found["temperature"] is not None and not low <= found["temperature"] <= high:
        table.complain("temperature", f"{found['temperature']:g} K", f"{low:g} to {high:g} K")
    found["level"] = table.take("level", str, "cell")
    if found["level"] not in _LEVELS:
        table.complain("level", repr(found["level"]), choices(found["level"], _LEVELS))
    found |= {"format": table.take("format", str, "pouch")}
    needed = {} if measure is None else {key: key in measure.needs for key in ("vehicle", "liquid")}
    found |= {key: table.take(key, str) if needs else "" for key, needs in needed.items()}
    _check_surroundings(table, found)
    for key in ("draws", "draws_elsewhere"):
        found[key] = table.take(key, int)
        if found[key] is not None and (not 8 <= found[key] <= MOST_DRAWS or found[key] % 4):
            table.complain(
                key,
                repr(found[key]),
                f"a multiple of 4, at least 8: draws come in blocks of four, at most {MOST_DRAWS}",
            )
    found["seed"] = table.take("seed", int, 0)
    if not 0 <= found["seed"] < 2**63:
        table.complain("seed", repr(found["seed"]), "a whole number from 0 on, below 2^63")
    found["search"] = _search(table)
    return found


def _check_surroundings(table: Table, found: dict[str, Any]) -> None:
    for key, load in _SURROUNDINGS.items():
        if found.get(key):
            try:
                load(found[key])
            except ParameterError as error:
                table.complain(key, repr(found[key]), error.problems[0].wanted if error.problems else str(error))


def _search(table: Table) -> Search:
    own = table.subtable("design")
    if own is None:
        return Search()
    objective = own.take("objective", str, _OBJECTIVES[0])
    if objective not in _OBJECTIVES:
        own.complain("objective", repr(objective), choices(objective, _OBJECTIVES))
    ratio = own.quantity("maximum_limiting_current_ratio", "1")
    from cellmodel.design.variables import read_bounds

    bounds: dict[str, tuple[float, float]] = {}
    try:
        limits = own.take("bounds", dict, {})
        bounds = {path: pair for path, pair in read_bounds(limits).items() if path in limits}
    except ParameterError as error:
        for problem in error.problems:
            own.complain(f"bounds.{problem.key}", problem.found, problem.wanted)
    own.close()
    return Search(objective, bounds, ratio)


def _check_study(table: Table, study: Study) -> None:
    """Note what a study of a claim must not or has to have."""
    axes = {axis.key for axis in study.axes}
    if axes - {"c_rate", "temperature"} or "c_rate" not in axes:
        table.complain("grid", ", ".join(sorted(axes)) or "nothing", "c_rate, and temperature if it is swept")
    if study.sample is not None:
        table.complain("sample", "a sample", "`draws` and `seed` in [claim]: the numbers drawn include the packaging's")
