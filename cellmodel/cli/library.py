"""`list`, `check`, `schema`: what the library holds, what is wrong with a file, and what a file may say.

Nothing is solved. It does not know what the numbers mean: each file is read by the room of its kind.
"""

from __future__ import annotations

import tomllib
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from cellmodel import resources
from cellmodel.cli.commands import PROBLEMS, report
from cellmodel.cli.console import console, plain_table
from cellmodel.errors import CellModelError, Problem, choices, found_text

KINDS = {
    "cells": "parameters",
    "electrolytes": "parameters",
    "electrodes": "parameters",
    "interfaces": "parameters",
    "metals": "parameters",
    "formats": "parameters",
    "vehicles": "parameters",
    "protocols": "experiments",
    "studies": "experiments",
    "claims": "experiments",
    "published": "experiments",
}
MATERIAL_KINDS = ("electrolytes", "electrodes", "interfaces", "metals")
_FOLDERS = {"claims": "studies/claims"}  # where a kind has not its own name


def list_library(
    kind: Annotated[str | None, typer.Argument(metavar="KIND", help=f"one of {', '.join(KINDS)}")] = None,
) -> None:
    """List cells, materials, formats, vehicles, protocols, studies, claims and published cells.

    **Examples**

    * `cellmodel list`
    * `cellmodel list studies`
    """
    if kind is not None and kind not in KINDS:
        raise typer.BadParameter(f"{kind!r}: {choices(kind, KINDS)}")
    for name in [kind] if kind else KINDS:
        table = plain_table(["", ""], name, "l")
        for stem, path in files_of(name).items():
            content = _content(path)
            table.add_row(stem, str(content.get("description", "")).strip())
            for variant, entries in content.get("variants", {}).items():
                table.add_row(f"  :{variant}", str(entries.get("description", "")).strip())
        console().print(table)
        console().print()


def _content(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        return {"description": f"cannot be read: {error}"}


def library() -> dict[tuple[str, str], Path]:
    """Return every shipped file by kind and name."""
    return {(kind, name): path for kind in KINDS for name, path in files_of(kind).items()}


def files_of(kind: str) -> dict[str, Path]:
    """Return the shipped files of a kind by name."""
    return resources.files(KINDS[kind], _FOLDERS.get(kind, kind))


def check_inputs(
    targets: Annotated[
        list[str] | None,
        typer.Argument(metavar="FILE|NAME", help="files or names; without any: the whole library"),
    ] = None,
) -> None:
    """Find every problem in parameter files, protocols, studies, claims and published cells, before anything is solved.

    **Examples**

    * `cellmodel check my_cell.toml`
    * `cellmodel check li_peo_lfp lfp_gitt`
    * `cellmodel check`
    """
    paths = [path for target in targets for path in _files_named(target)] if targets else list(library().values())
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
    typer.echo("1 file is valid" if len(paths) == 1 else f"{len(paths)} files are valid")


def _files_named(target: str) -> list[Path]:
    if target.endswith(".toml"):
        return [Path(target)]
    known = library()
    found = [path for (_, name), path in known.items() if name == target]
    if not found:
        names = {name for _, name in known}
        raise CellModelError(Problem("command line", "NAME", found_text(target), choices(target, names)))
    return found


def check_path(path: Path) -> None:
    """Raise every problem of a file: its folder, else its keys, tell which room reads its kind."""
    from cellmodel.parameters import check_file
    from cellmodel.toml_files import read_toml

    keys = read_toml(path).keys()
    folder = path.resolve().parent.name
    checks: dict[str, Callable[[Path], None]] = {
        "claims": _check_claim,
        "published": _check_published,
        "studies": _check_study_file,
        "protocols": _check_protocol,
    }
    kind = folder if folder in checks else ""
    if "claim" in keys:
        kind = "claims"
    elif "discharge" in keys:
        kind = "published"
    elif folder not in KINDS and {"protocol", "cells", "case", "grid"} & keys:
        kind = "studies"
    elif folder not in KINDS and {"step", "steps"} & keys:
        kind = "protocols"
    checks.get(kind, check_file)(path)


def _check_protocol(path: Path) -> None:
    from cellmodel.protocols import load_protocol

    load_protocol(str(path))


def _check_study_file(path: Path) -> None:
    from cellmodel.study import check_study, load_study

    check_study(load_study(str(path)))


def _check_published(path: Path) -> None:
    from cellmodel.assessment.published.reading import load_published
    from cellmodel.study import check_study

    check_study(load_published(path).study)


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
    from cellmodel.study.runs import Run

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


def print_schema(
    kind: Annotated[str, typer.Argument(metavar="KIND", help="such as cell, electrolyte, study or claim")],
) -> None:
    """Print what a file of some kind may say, as JSON Schema.

    An editor that knows TOML completes keys and shows units by the schema that a file names in its first line,
    `#:schema PATH`, as every shipped file does.

    **Examples**

    * `cellmodel schema study`
    * `cellmodel schema electrolyte`
    """
    import json

    files = file_schemas()
    if kind not in files:
        raise typer.BadParameter(f"{kind!r}: {choices(kind, files)}")
    typer.echo(json.dumps(files[kind](), indent=1, ensure_ascii=False))


def file_schemas() -> dict[str, Callable[[], dict[str, Any]]]:
    """Return what makes the JSON Schema of each kind of file."""
    import pydantic

    from cellmodel.assessment.claims.definition import ClaimFile
    from cellmodel.assessment.published.schema import PublishedFile
    from cellmodel.parameters import schema
    from cellmodel.protocols.schema import ProtocolFile
    from cellmodel.schemas import json_schema
    from cellmodel.study.schema import StudyFile

    experiments: dict[str, type[pydantic.BaseModel]]
    experiments = {"protocol": ProtocolFile, "study": StudyFile, "claim": ClaimFile, "published": PublishedFile}
    return {
        **{kind: partial(schema.parameter_schema, kind) for kind in (*schema.KINDS, "references")},
        **{kind: partial(json_schema, model, kind) for kind, model in experiments.items()},
    }
