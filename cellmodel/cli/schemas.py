"""`schema`: what a file of some kind may say, as JSON Schema, by which an editor completes keys and shows units."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Annotated, Any

import typer

from cellmodel.errors import choices


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
    files = file_schemas()
    if kind not in files:
        raise typer.BadParameter(f"{kind!r}: {choices(kind, files)}")
    typer.echo(json.dumps(files[kind](), indent=1, ensure_ascii=False))


def file_schemas() -> dict[str, Callable[[], dict[str, Any]]]:
    """Return what makes the JSON Schema of each kind of file."""
    import pydantic

    from cellmodel.assessment.claims.definition import ClaimFile
    from cellmodel.parameters.schema import KINDS, parameter_schema
    from cellmodel.protocols.schema import ProtocolFile
    from cellmodel.schemas import json_schema
    from cellmodel.study.schema import StudyFile

    experiments: dict[str, type[pydantic.BaseModel]]
    experiments = {"protocol": ProtocolFile, "study": StudyFile, "claim": ClaimFile}
    return {
        **{kind: partial(parameter_schema, kind) for kind in (*KINDS, "references")},
        **{kind: partial(json_schema, model, kind) for kind, model in experiments.items()},
    }
