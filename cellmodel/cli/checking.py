"""`check`: everything in a file that would keep it from being used, found without solving anything."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cellmodel.cli.library import KINDS, library
from cellmodel.cli.screen import PROBLEMS, report
from cellmodel.errors import CellModelError, Problem, choices, found_text

if TYPE_CHECKING:
    pass


def check_inputs(
    targets: Annotated[
        list[str] | None,
        typer.Argument(metavar="FILE|NAME", help="files or names; without any: the whole library"),
    ] = None,
) -> None:
    """Find every problem in parameter files, protocols, studies and claims: all that a run would find before it solves.

    **Examples**

    * `cellmodel check my_cell.toml`
    * `cellmodel check li_peo_lfp lfp_gitt`
    * `cellmodel check`
    """
    paths = [path for target in targets for path in _find(target)] if targets else list(library().values())
    wrong = 0
    for path in paths:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # what a run only warns of keeps no file from being used
                check_path(path)
        except CellModelError as error:
            report(error)
            wrong += 1
    if wrong:
        typer.echo(f"{wrong} of {len(paths)} files have problems", err=True)
        raise typer.Exit(PROBLEMS)
    typer.echo("1 file is sound" if len(paths) == 1 else f"{len(paths)} files are sound")


def _find(target: str) -> list[Path]:
    if target.endswith(".toml"):
        return [Path(target)]
    known = library()
    found = [path for (_, name), path in known.items() if name == target]
    if not found:
        names = {name for _, name in known}
        raise CellModelError(Problem("command line", "NAME", found_text(target), choices(target, names)))
    return found


def check_path(path: Path) -> None:
    """Hand a file to the room that reads its kind: told by its folder, else by its keys.

    Parameters
    ----------
    path : pathlib.Path
        Any TOML file of cellmodel.

    Raises
    ------
    CellModelError
        Every problem of the file.
    """
    from cellmodel.toml_files import read_toml

    keys = read_toml(path).keys()
    folder = path.resolve().parent.name
    checks: dict[str, Callable[[Path], None]] = {
        "claims": _check_claim,
        "studies": _check_study_file,
        "protocols": _check_protocol,
    }
    kind = folder if folder in checks else ""
    if "claim" in keys:
        kind = "claims"
    elif folder not in KINDS and {"protocol", "cells", "case", "grid"} & keys:
        kind = "studies"
    elif folder not in KINDS and {"step", "steps"} & keys:
        kind = "protocols"
    checks.get(kind, _check_parameters)(path)


def _check_parameters(path: Path) -> None:
    from cellmodel.parameters import check_file

    check_file(path)


def _check_protocol(path: Path) -> None:
    from cellmodel.protocols import load_protocol

    load_protocol(str(path))


def _check_study_file(path: Path) -> None:
    from cellmodel.study import check_study, load_study

    check_study(load_study(str(path)))


def _check_claim(path: Path) -> None:
    from cellmodel.assessment.claims.definition import ComputedClaim, load_claim

    claim = load_claim(path)
    if not isinstance(claim, ComputedClaim):
        return
    from cellmodel.assessment.claims.designs import own_condition
    from cellmodel.assessment.claims.samples import claim_inputs, joint_sample
    from cellmodel.energy import budget
    from cellmodel.parameters import load_cell
    from cellmodel.simulation import prepare_run
    from cellmodel.study.checking import check_study, run_options
    from cellmodel.study.definition import Run

    study = claim.study
    check_study(study)
    for case in study.cases:
        condition = own_condition(claim, case)
        run = Run({}, case, {}, c_rate=condition.c_rate, temperature=condition.temperature)
        prepare_run(case.parameters, study.protocol, run_options(study, run))
        joint_sample(8, claim.seed, *claim_inputs(claim, case.parameters))
        budget(case.parameters, claim.format)
    if claim.liquid:
        budget(load_cell(claim.liquid), claim.format)
