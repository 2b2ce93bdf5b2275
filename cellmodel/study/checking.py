"""The runs of a study, each prepared once: whether every one is possible is told before anything is computed.

It knows studies and what prepares a run; it solves nothing.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from cellmodel.errors import CellModelError, ParameterError, Problem, StudyError
from cellmodel.execution import Workers
from cellmodel.models.compiling import check_compiler
from cellmodel.prepared_run import PreparedRun, RunOptions, prepare_run
from cellmodel.study.checks import size_problems
from cellmodel.study.runs import Run
from cellmodel.study.settings import CONDITIONS

if TYPE_CHECKING:
    from cellmodel.study.definition import Study

_MOST_SHOWN = 10  # problems with one key


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
        concentration outside validity, infeasible samples, too many runs that nobody confirmed.
    ParameterError
        Compiled functions are asked for and there is no compiler.
    """
    check_size(study, confirmed=confirmed)
    runs = study.expand()
    prepare_runs(study, runs, extrapolate=extrapolate)
    return runs


def prepare_runs(study: Study, runs: Sequence[Run], *, extrapolate: bool | None = None) -> list[PreparedRun]:
    """Return runs of a study as they are solved; parameters and errors as of `check_study`."""
    if study.compiled:
        check_compiler()
    prepared: list[PreparedRun] = []
    problems: dict[str, dict[Problem, None]] = {}
    for run in runs:
        options = run_options(study, run)
        if extrapolate is not None:
            options = replace(options, extrapolate=extrapolate)
        try:
            prepared.append(prepare_run(run.parameters, study.protocol, options))
        except CellModelError as error:
            for problem in _problems(study, run, error):
                problems.setdefault(problem.key, {})[problem] = None
    if problems:
        raise StudyError([problem for of_key in problems.values() for problem in _shortened(list(of_key))])
    return prepared


def run_options(study: Study, run: Run) -> RunOptions:
    """Return the options of one run of a study."""
    shared = ("model", "mesh", "profiles", "extrapolate", "solver", "mechanisms", "compiled")
    return RunOptions(**{key: getattr(run if key in CONDITIONS else study, key) for key in (*CONDITIONS, *shared)})


def build_ahead(workers: Workers, study: Study) -> None:
    """Have workers build the model of the study's first cell while its runs are being prepared.

    What is wrong with the study is left to that.
    """
    case = study.cases[0]
    own = {"c_rate": case.c_rate, "temperature": case.temperature}
    conditions = {key: getattr(study, key) for key in CONDITIONS} | {k: v for k, v in own.items() if v is not None}
    conditions |= {axis.key: axis.values[0] for axis in study.axes if axis.key in CONDITIONS}
    options = replace(run_options(study, Run({}, case, {}, **conditions)), extrapolate=True)
    with suppress(CellModelError), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        workers.build_ahead(prepare_run(case.parameters, study.protocol, options))


def _shortened(problems: list[Problem]) -> list[Problem]:
    """Return the first of many problems with one key, and how many more there are."""
    if len(problems) <= _MOST_SHOWN:
        return problems
    last = problems[_MOST_SHOWN - 1]
    return [
        *problems[: _MOST_SHOWN - 1],
        replace(last, found=f"{last.found} (and {len(problems) - _MOST_SHOWN} more like it)"),
    ]


def _problems(study: Study, run: Run, error: CellModelError) -> list[Problem]:
    """Return the problems of one run as a reader of the study's file understands them."""
    if not error.problems:
        raise error
    outside = _outside_validity(run)
    problems = [
        Problem(study.file, f"{one.file}: {one.key}", one.found, one.wanted)
        for one in error.problems
        if one not in outside
    ]
    return problems + (_validity_problems(study, run, outside) if len(problems) < len(error.problems) else [])


def _outside_validity(run: Run) -> list[Problem]:
    try:
        return run.parameters.outside_validity(_temperature(run))
    except ParameterError:  # such a run has no cell
        return []


def _temperature(run: Run) -> float:
    return run.parameters["cell.temperature"] if run.temperature is None else run.temperature


def _validity_problems(study: Study, run: Run, outside: list[Problem]) -> list[Problem]:
    """Return one problem for the temperature and one for the concentration, whatever the number of correlations."""
    problems = []
    for quantity, value, unit in (
        ("temperature", _temperature(run), "K"),
        ("concentration", run.parameters["electrolyte.initial_concentration"], "mol.m-3"),
    ):
        key = {"concentration": "initial concentration"}.get(quantity, quantity)
        paths = [problem.key for problem in outside if problem.found.startswith(quantity)]
        if paths:
            low, high = run.parameters.validity[quantity]
            found = f"{value:g} {unit} in {run.case.label}"
            wanted = f"{low:g} to {high:g} {unit}, where {', '.join(paths)} hold, or extrapolate = true"
            problems.append(Problem(study.file, key, found, wanted))
    return problems
