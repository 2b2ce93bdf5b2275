"""What a study file may say.

Numbers whose unit depends on a cell ([set], [grid], [distributions]) are read in `reading`, when the cells are known.
"""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any, Literal

import pydantic

from cellmodel.inputs import wall_time
from cellmodel.mechanisms import DEFAULT_MECHANISMS, MECHANISMS
from cellmodel.models.meshes import MESHES
from cellmodel.prepared_run import MODELS, SOLVERS
from cellmodel.schemas import CRate, Read, Strict, Whole, in_unit, one_of, within
from cellmodel.study.sampling import LARGEST, METHODS, read_method

OPTIONS = {"model": MODELS, "mesh": tuple(MESHES), "solver": SOLVERS}
"""Choices of a study that are words; the first is the default."""
_NUMBER = {"type": ["number", "string"], "examples": ["20 um", 0.2]}


def _as_given(value: Any) -> Any:
    return value


Number = Annotated[Any, Read(_as_given, "a number with a unit", _NUMBER)]
Factor = Annotated[Any, Read(_as_given, "a number", {"type": "number", "exclusiveMinimum": 1})]
Settings = Annotated[dict[str, Any], pydantic.WithJsonSchema({"type": "object", "additionalProperties": _NUMBER})]


class Normal(Strict):
    """A normal distribution."""

    distribution: Literal["normal"]
    mean: Number
    standard_deviation: Number


class LogNormal(Strict):
    """A log-normal distribution: a number of which the logarithm is normal, with the standard deviation log(factor)."""

    distribution: Literal["log-normal"]
    median: Number
    factor: Factor


class Uniform(Strict):
    """Every value between two is as likely."""

    distribution: Literal["uniform"]
    minimum: Number
    maximum: Number


class CaseTable(Strict):
    """One cell of a study, with its own materials, conditions and numbers."""

    cell: str
    label: str | None = None
    electrolyte: str | None = None
    electrode: str | None = None
    interface: str | None = None
    temperature: Annotated[float | None, in_unit("K")] = None
    c_rate: CRate | None = None
    set: Settings = pydantic.Field(default={})


class SampleTable(Strict):
    """How many random draws of uncertain numbers, and of which."""

    size: Annotated[Whole, within(1, LARGEST, f"at least one draw, and at most {LARGEST:,}")]
    method: Annotated[str, Read(read_method, json={"type": "string", "enum": list(METHODS)})] = METHODS[0]
    seed: Annotated[Whole, within(0, 2**63 - 1, "a whole number from 0 on")] = 0
    of: Annotated[list[Any] | None, pydantic.WithJsonSchema({"type": "array", "items": {"type": "string"}})] = None


class StudyFile(Strict):
    """Many runs of one protocol over cells and swept quantities."""

    description: str
    protocol: str
    cells: list[str] | None = None
    case: list[CaseTable] | None = None
    grid: Annotated[
        dict[str, Any] | None,
        pydantic.WithJsonSchema({"type": "object", "additionalProperties": {"type": "array", "items": _NUMBER}}),
    ] = None
    set: Settings = pydantic.Field(default={})
    c_rate: CRate | None = None
    current_density: Annotated[float | None, in_unit("A.m-2")] = None
    temperature: Annotated[float | None, in_unit("K")] = None
    model: Annotated[str, one_of(OPTIONS["model"])] = OPTIONS["model"][0]
    mesh: Annotated[str, one_of(OPTIONS["mesh"])] = OPTIONS["mesh"][0]
    solver: Annotated[str, one_of(OPTIONS["solver"])] = OPTIONS["solver"][0]
    profiles: bool = False
    extrapolate: bool = False
    compiled: bool = False
    mechanisms: Annotated[
        list[Any], pydantic.WithJsonSchema({"type": "array", "items": {"enum": list(MECHANISMS), "type": "string"}})
    ] = pydantic.Field(default=list(DEFAULT_MECHANISMS))
    time_limit: Annotated[
        float | None,
        Read(
            partial(wall_time, file="", key=""), json={"type": ["string", "number"], "description": "[s] of each run"}
        ),
    ] = None
    sample: SampleTable | None = None
    distributions: (
        dict[str, Annotated[Normal | LogNormal | Uniform, pydantic.Field(discriminator="distribution")]] | None
    ) = None
    claim: Annotated[Any, pydantic.WithJsonSchema({"type": "object"})] = None
