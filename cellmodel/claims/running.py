"""Claims put to the test: from a name to a labelled dataset with a verdict.

It knows no model; `trial` runs the cells, `verdicts` judges.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import xarray as xr

from cellmodel import inputs
from cellmodel.claims.assembling import assemble_claim, assemble_subject
from cellmodel.claims.definition import DESIGNS, Claim
from cellmodel.claims.designs import KnownDesigns
from cellmodel.claims.places import Means, Progress
from cellmodel.claims.reading import MOST_DRAWS, list_claims, load_claim
from cellmodel.claims.trial import places_of, run_places
from cellmodel.errors import Problem, ResultsError, StudyError
from cellmodel.execution import make_executor, number_of_workers
from cellmodel.execution.stopping import signals_stop, what_is_kept
from cellmodel.store.replacing import replace_netcdf
from cellmodel.study.definition import Case

_BLOCK, _LEAST = 4, 8


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
        By name; `claims_table` makes the table of them.

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
    claims = [with_draws(load_claim(name), draws) for name in chosen]
    claims.sort(key=lambda claim: not claim.computed)
    with signals_stop(lambda: what_is_kept(folder, "call")), make_executor(size) as executor:
        means = Means(folder, executor, progress or _silent, KnownDesigns(folder))
        return {claim.name: _run(claim, means) for claim in claims}


def run_claim(
    name: str | Path | Claim,
    draws: int | None = None,
    results: str | Path | None = "results/claims",
    workers: int = 1,
    progress: Progress | None = None,
) -> xr.Dataset:
    """Put one claim to the test; see `run_claims`.

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
    """
    size, folder = number_of_workers(workers, "claims"), _folder(results)
    claim = with_draws(name if isinstance(name, Claim) else load_claim(name), draws)
    with signals_stop(lambda: what_is_kept(folder, "call")), make_executor(size) as executor:
        return _run(claim, Means(folder, executor, progress or _silent, KnownDesigns(folder)))


def with_draws(claim: Claim, draws: int | None) -> Claim:
    """Return a claim with another number of draws.

    Parameters
    ----------
    claim : Claim
        As loaded.
    draws : int or None
        None leaves it as it is.

    Returns
    -------
    Claim
        At other conditions than its own, at most as many.

    Raises
    ------
    StudyError
        It is not a multiple of 4, or below 8.
    """
    if draws is None:
        return claim
    wanted = f"a multiple of {_BLOCK}, at least {_LEAST}: draws come in blocks of {_BLOCK}, at most {MOST_DRAWS}"
    draws = inputs.whole_number(draws, "claims", "draws", wanted, (_LEAST, MOST_DRAWS), StudyError)
    if draws % _BLOCK:
        raise StudyError(Problem("claims", "draws", str(draws), wanted))
    if not claim.computed:
        return claim
    return replace(claim, draws=draws, draws_elsewhere=min(draws, claim.draws_elsewhere))


def _run(claim: Claim, means: Means) -> xr.Dataset:
    cases = () if claim.study is None else claim.study.cases
    dataset = assemble_claim(claim, [_subject(claim, case, means) for case in cases])
    if means.results is not None:
        replace_netcdf(dataset, means.results / f"{claim.name}.nc")
    return dataset


def _subject(claim: Claim, case: Case, means: Means) -> xr.Dataset:
    places = places_of(claim, case, means)
    first, others = places[: len(DESIGNS)], places[len(DESIGNS) :]
    nominal = run_places(claim, case, places, 0, means)
    own = run_places(claim, case, first, claim.draws, means)
    elsewhere = run_places(claim, case, others, claim.draws_elsewhere, means) if others else None
    return assemble_subject(claim, case.label, places, nominal, own, elsewhere)


def _folder(results: str | Path | None) -> Path | None:
    if results is None:
        return None
    wanted = "the path of a folder, or none"
    return Path(inputs.name_or_path(results, "claims", "results", wanted, ResultsError))


def _silent(_done: int, _total: int, _label: str) -> None:
    """Report nothing."""
