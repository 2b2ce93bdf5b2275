"""`schema`: what a file of some kind may say, as JSON Schema, by which an editor completes keys and shows units."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from cellmodel.errors import choices

KINDS = (
    *("cell", "electrolyte", "electrode", "interface", "metal", "full_cell", "format", "vehicle", "references"),
    *("protocol", "study", "claim"),
)


def print_schema(kind: Annotated[str, typer.Argument(metavar="KIND", help=f"one of {', '.join(KINDS)}")]) -> None:
    """Print what a file of some kind may say, as JSON Schema.

    An editor that knows TOML completes keys and shows units by the schema that a file names in its first line,
    `#:schema PATH`, as every shipped file does.

    **Examples**

    * `cellmodel schema study`
    * `cellmodel schema electrolyte`
    """
    if kind not in KINDS:
        raise typer.BadParameter(f"{kind!r}: {choices(kind, KINDS)}")
    typer.echo(json.dumps(schema_of(kind), indent=1, ensure_ascii=False))


def schema_of(kind: str) -> dict[str, Any]:
    """Return the JSON Schema of one of `KINDS`."""
    import pydantic

    from cellmodel.assessment.claims.definition import ClaimFile
    from cellmodel.parameters.schema import parameter_schema
    from cellmodel.protocols.schema import ProtocolFile
    from cellmodel.schemas import json_schema
    from cellmodel.study.schema import StudyFile

    files: dict[str, type[pydantic.BaseModel]] = {"protocol": ProtocolFile, "study": StudyFile, "claim": ClaimFile}
    return json_schema(files[kind], kind) if kind in files else parameter_schema(kind)
