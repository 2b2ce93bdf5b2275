"""A claim from its file to its verdict: definition, designs, samples, runs, measures, verdict, each a module, in order.

It knows no model, no quantity and no rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import xarray as xr

from cellmodel import inputs
from cellmodel.assessment.claims.definition import Claim, ComputedClaim, check_draws, list_claims, load_claim
from cellmodel.assessment.claims.designs import DESIGNS, RunContext, design_points
from cellmodel.assessment.claims.measures import measure
from cellmodel.assessment.claims.runs import run_sample
from cellmodel.assessment.claims.samples import sample_points
from cellmodel.assessment.claims.verdict import judge_cell, judge_claim
from cellmodel.errors import ResultsError, StudyError
from cellmodel.execution import make_executor, number_of_workers
from cellmodel.execution.stopping import signals_stop, what_is_kept
from cellmodel.store.measurements import replace_netcdf
from cellmodel.study import Case

Progress = Callable[[int, int, str], None]


def run_claims(
    names: str | Iterable[str] = (),
    draws: int | None = None,
    results: str | Path | None = "results/claims",
    workers: int = 1,
    progress: Progress | None = None,
) -> dict[str, xr.Dataset]:
    """Put claims to the test.

    Parameters
    ----------
    names : str or iterable of str, optional
        Claims; none: all that are shipped.
    draws : int, optional
        Number of draws at the condition of each claim, a multiple of 4; elsewhere at most as many. None: as the
        claims say.
    results : str, pathlib.Path or None, optional
        Folder for runs and verdicts; runs that are there are not computed again. None writes nothing.
    workers : int, optional
        Processes; 1 is this one, at most four for each core.
    progress : callable, optional
        Called with runs done, runs to do, and what is being done.

    Returns
    -------
    dict of str to xarray.Dataset
        By name, as of `run_claim`; `claims_table` makes the table of them.

    Raises
    ------
    StudyError
        There is no such claim, its file has problems, or the number of draws is not possible.
    ExecutionError
        No such number of processes.
    ResultsError
        The folder cannot be written.

    Examples
    --------
    >>> import cellmodel
    >>> verdicts = cellmodel.run_claims("lfp_250", workers=4)  # doctest: +SKIP
    >>> verdicts["lfp_250"]["verdict"]  # doctest: +SKIP
    """
    size, folder = number_of_workers(workers, "claims"), _folder(results)
    chosen = inputs.names(names, "claims", "names", StudyError) or list_claims()
    claims = sorted((with_draws(load_claim(name), draws) for name in chosen), key=lambda claim: not claim.computed)
    with _context(size, folder, progress) as context:
        return {claim.name: _assess(claim, context) for claim in claims}


def run_claim(
    name: str | Path | Claim,
    draws: int | None = None,
    results: str | Path | None = "results/claims",
    workers: int = 1,
    progress: Progress | None = None,
) -> xr.Dataset:
    """Put one claim to the test.

    Parameters
    ----------
    name : str, pathlib.Path or Claim
        Name of a shipped claim, path of its file, or a claim.
    draws, results, workers, progress
        As in `run_claims`.

    Returns
    -------
    xarray.Dataset
        Dimensions: subject (cell), design, condition (0 is the claim's own), draw, number (drawn), variable (of the
        design). `verdict`, `probability`, `value`, `assumed_alone`, `first_order` and others; the attributes have the
        claim, its sentence, sources and assumptions.

    Raises
    ------
    StudyError, ExecutionError, ResultsError
        As of `run_claims`.

    Examples
    --------
    >>> from cellmodel.assessment import run_claim
    >>> run_claim("safety", results=None).attrs["verdict"]
    'not yet computed'
    """
    size, folder = number_of_workers(workers, "claims"), _folder(results)
    claim = with_draws(name if isinstance(name, Claim) else load_claim(name), draws)
    with _context(size, folder, progress) as context:
        return _assess(claim, context)


def with_draws(claim: Claim, draws: int | None) -> Claim:
    """Return a claim with another number of draws, at most as many elsewhere; None leaves it as it is."""
    if draws is None:
        return claim
    size = check_draws(draws, "claims", "draws")
    if not isinstance(claim, ComputedClaim):
        return claim
    return claim.model_copy(update={"draws": size, "draws_elsewhere": min(size, claim.draws_elsewhere)})


def _assess(claim: Claim, context: RunContext) -> xr.Dataset:
    cells = []
    if isinstance(claim, ComputedClaim):
        cells = [_assess_cell(claim, case, context) for case in claim.study.cases]
    dataset = judge_claim(claim, cells)
    if context.results is not None:
        replace_netcdf(dataset, context.results / f"{claim.name}.nc")
    return dataset


def _assess_cell(claim: ComputedClaim, case: Case, context: RunContext) -> xr.Dataset:
    """Return the verdict on one cell: nominal numbers everywhere, many draws at the claim's condition, else fewer."""
    points = design_points(claim, case, context)
    own, others = points[: len(DESIGNS)], points[len(DESIGNS) :]
    parts = [(points, 0), (own, claim.draws), *([(others, claim.draws_elsewhere)] if others else [])]
    samples = [sample_points(claim, case, part, draws) for part, draws in parts]
    outcomes = []
    for (part, _), sample in zip(parts, samples, strict=True):
        runs = run_sample(sample, context, f"{claim.name}: {case.label}")
        outcomes.append(measure(claim, part, sample, runs))
    return judge_cell(claim, case.label, points, samples[1:], outcomes[0], outcomes[1:])


@contextmanager
def _context(workers: int, results: Path | None, progress: Progress | None) -> Iterator[RunContext]:
    """Yield with what claims are tested; a signal tells what is kept."""
    with signals_stop(lambda: what_is_kept(results, "call")), make_executor(workers) as executor:
        yield RunContext(results, executor, progress or (lambda *_: None))


def _folder(results: str | Path | None) -> Path | None:
    if results is None:
        return None
    return Path(inputs.name_or_path(results, "claims", "results", "the path of a folder, or none", ResultsError))
