"""Runs of a study as workers take them: prepared one by one, when they are asked for.

Ten thousand runs would take seconds before the first is solved; prepared on the way they cost nothing that is noticed.
What keeps a run from being prepared was found by `check_study` before. It solves nothing.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from cellmodel.errors import CellModelError
from cellmodel.execution import Workers
from cellmodel.prepared_run import PreparedRun, RunOptions, prepare_run
from cellmodel.study.definition import CONDITIONS, Run, Study


class PreparedRuns(Sequence[PreparedRun]):
    """A sequence of prepared runs; the first is prepared at once, for what is wrong with it may be wrong with all.

    Parameters
    ----------
    study : Study
        Whose runs they are.
    runs : sequence of Run
        In their order.
    extrapolate : bool
        Whether correlations may be used outside their validity.
    compiled : bool
        Whether to solve with machine code.

    Raises
    ------
    ParameterError
        There is no compiler.
    """

    def __init__(self, study: Study, runs: Sequence[Run], *, extrapolate: bool, compiled: bool) -> None:
        self._study, self._runs, self._extrapolate, self._compiled = study, runs, extrapolate, compiled
        if runs:
            self[0]

    def __len__(self) -> int:
        return len(self._runs)

    def __getitem__(self, number: Any) -> Any:
        """Return one run, prepared now."""
        run, study = self._runs[number], self._study
        options = replace(run_options(study, run), extrapolate=self._extrapolate, compiled=self._compiled)
        return prepare_run(run.parameters, study.protocol, options)

    def extrapolated(self) -> str:
        """Return what the runs use outside its range of validity, one per line; nothing if that is not allowed."""
        if not self._extrapolate:
            return ""
        return "\n".join(dict.fromkeys(line for item in self for line in item.extrapolated.splitlines()))


def run_options(study: Study, run: Run) -> RunOptions:
    """Return the options of one run of a study."""
    shared = ("model", "mesh", "profiles", "extrapolate", "solver", "mechanisms", "compiled")
    return RunOptions(**{key: getattr(run if key in CONDITIONS else study, key) for key in (*CONDITIONS, *shared)})


def build_ahead(workers: Workers, study: Study) -> None:
    """Have workers build the model of the study's first cell while its runs are being checked.

    Parameters
    ----------
    workers : Workers
        From `make_executor`.
    study : Study
        Not checked yet: what is wrong with it is left to the check.
    """
    case = study.cases[0]
    own = {"c_rate": case.c_rate, "temperature": case.temperature}
    conditions = {key: getattr(study, key) for key in CONDITIONS} | {k: v for k, v in own.items() if v is not None}
    conditions |= {axis.key: axis.values[0] for axis in study.axes if axis.key in CONDITIONS}
    with suppress(CellModelError), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        first = PreparedRuns(study, [Run({}, case, {}, **conditions)], extrapolate=True, compiled=study.compiled)
        workers.build_ahead(first[0])
