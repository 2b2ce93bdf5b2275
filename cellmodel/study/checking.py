"""Whether every run of a study is possible: told before anything is computed, all problems at once."""

from __future__ import annotations

from dataclasses import replace

from cellmodel.errors import CellModelError, ParameterError, Problem, ProtocolError, StudyError
from cellmodel.protocols import check_protocol, resolve_protocol
from cellmodel.study.definition import Run, Study
from cellmodel.study.soundness import size_problems

_TOLD = 10  # problems with one key


def check_size(study: Study, *, confirmed: bool) -> None:
    """Raise if a study has more runs than can be, or than were confirmed; it takes no time, however many there are."""
    problems = size_problems(study, confirmed=confirmed)
    if problems:
        raise StudyError(problems)


def check_study(study: Study, *, extrapolate: bool | None = None, confirmed: bool = False) -> list[Run]:
    """Return the runs of a study, or raise with everything that keeps one from running.

    Parameters
    ----------
    study : Study
        As loaded.
    extrapolate : bool, optional
        True allows temperatures and initial concentrations outside the validity of a cell's correlations;
        None: as the study says.
    confirmed : bool, optional
        True allows more than a million runs.

    Returns
    -------
    list of Run
        Every run.

    Raises
    ------
    StudyError
        A parameter out of bounds, a protocol that cannot run on a cell, a temperature or initial
        concentration outside validity, draws that make no cell, too many runs that nobody confirmed.
    """
    check_size(study, confirmed=confirmed)
    allowed = study.extrapolate if extrapolate is None else extrapolate
    runs = study.expand()
    found: dict[str, dict[Problem, None]] = {}
    for run in runs:
        for problem in _problems(study, run, allowed):
            found.setdefault(problem.key, {})[problem] = None
    if found:
        raise StudyError([problem for alike in found.values() for problem in _shortened(list(alike))])
    return runs


def _shortened(alike: list[Problem]) -> list[Problem]:
    """Return the first of many problems with one key, and how many more there are."""
    if len(alike) <= _TOLD:
        return alike
    last = alike[_TOLD - 1]
    return [*alike[: _TOLD - 1], replace(last, found=f"{last.found} (and {len(alike) - _TOLD} more like it)")]


def _problems(study: Study, run: Run, extrapolate: bool) -> list[Problem]:
    try:
        parameters = run.parameters
    except ParameterError as error:
        return _passed_on(study, error)
    problems = []
    try:
        protocol = resolve_protocol(study.protocol, parameters, c_rate=run.c_rate, current_density=run.current_density)
        kelvin, chosen = run.temperature, study.mechanisms
        check_protocol(protocol, parameters, extrapolate=extrapolate, temperature=kelvin, mechanisms=chosen)
    except ProtocolError as error:
        problems += _passed_on(study, error)
    except ParameterError as error:
        problems += _passed_on(study, error)
    if extrapolate:
        return problems
    temperature = parameters["cell.temperature"] if run.temperature is None else run.temperature
    outside = parameters.outside_validity(temperature)
    for quantity, value, unit in (
        ("temperature", temperature, "K"),
        ("concentration", parameters["electrolyte.initial_concentration"], "mol.m-3"),
    ):
        key = {"concentration": "initial concentration"}.get(quantity, quantity)
        paths = [problem.key for problem in outside if problem.found.startswith(quantity)]
        if paths:
            low, high = parameters.validity[quantity]
            found = f"{value:g} {unit} in {run.case.label}"
            wanted = f"{low:g} to {high:g} {unit}, where {', '.join(paths)} hold, or extrapolate = true"
            problems.append(Problem(study.file, key, found, wanted))
    return problems


def _passed_on(study: Study, error: CellModelError) -> list[Problem]:
    return [Problem(study.file, f"{p.file}: {p.key}", p.found, p.wanted) for p in error.problems]
