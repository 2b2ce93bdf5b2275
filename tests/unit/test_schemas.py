"""The machine of every file: strict kinds, all problems at once with the keys as they stand, JSON Schema."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import jsonschema
import pydantic
import pytest

from cellmodel.errors import Problem
from cellmodel.schemas import CRate, Strict, Text, in_unit, json_schema, listed_as_tuple, validate


class Round(Strict):
    shape: Literal["round"]
    radius: Annotated[float, in_unit("m")]


class Square(Strict):
    shape: Literal["square"]
    sides: Annotated[tuple[float, float], listed_as_tuple]


class File(Strict):
    text: Text
    rate: CRate | None = None
    count: int = 1
    flag: bool = False
    shapes: dict[str, Annotated[Round | Square, pydantic.Field(discriminator="shape")]] = pydantic.Field(default={})
    rows: list[Square] = pydantic.Field(default=[])
    option: Literal["fast", "default"] = "default"


GOOD = {
    "text": "a",
    "rate": "C/10",
    "shapes": {"a": {"shape": "round", "radius": "3 cm"}},
    "rows": [{"shape": "square", "sides": [1.0, 2]}],
}


def problems_of(values: Any, **changes: Any) -> list[Problem]:
    problems: list[Problem] = []
    validate(File, {**values, **changes} if changes else values, "a.toml", "top", problems)
    return problems


def test_a_right_table_is_read_in_si() -> None:
    read = validate(File, GOOD, "a.toml", "", problems := [])
    assert not problems
    assert read is not None
    assert read.rate == pytest.approx(0.1)
    assert read.shapes["a"].radius == pytest.approx(0.03)
    assert read.rows[0].sides == (1.0, 2.0)


@pytest.mark.parametrize(
    ("changes", "key", "found", "wanted"),
    [
        ({"text": 3}, "top.text", "3", "text in quotes"),
        ({"text": " "}, "top.text", "' '", "visible characters"),
        ({"count": True}, "top.count", "True", "a whole number"),
        ({"count": 1.0}, "top.count", "1.0", "a whole number"),
        ({"flag": 1}, "top.flag", "1", "true or false"),
        ({"rate": "C/0"}, "top.rate", "'C/0'", "a rate above zero"),
        ({"option": "fst"}, "top.option", "'fst'", "did you mean fast?"),
        ({"txet": "x"}, "top.txet", "an unknown key", "did you mean text"),
        ({"shapes": {"a": {"shape": "round", "radius": 3}}}, "top.shapes.a.radius", "3 without a unit", "'1 m'"),
        ({"shapes": {"a": {"shape": "round"}}}, "top.shapes.a.radius", "nothing", "such as '1 m'"),
        ({"shapes": {"a": {"shape": "rond"}}}, "top.shapes.a.shape", "'rond'", "did you mean round?"),
        ({"shapes": {"a": {"radius": "1 m"}}}, "top.shapes.a.shape", "nothing", "one of round, square"),
        (
            {"shapes": {"a": {"shape": "round", "radius": "1 m", "sides": [1.0, 2.0]}}},
            "top.shapes.a.sides",
            "an unknown key",
            "one of radius, shape",
        ),
        ({"rows": [{"shape": "square", "sides": [1.0, "2"]}]}, "top.rows[1].sides[2]", "'2'", "a number"),
        ({"rows": [{"shape": "square", "sides": [1.0, float("inf")]}]}, "top.rows[1].sides[2]", "inf", "finite"),
        ({"rows": [3]}, "top.rows[1]", "3", "a table"),
        ({"rows": {}}, "top.rows", "{}", "a list"),
    ],
)
def test_one_fault_is_one_problem_at_its_key(changes: dict[str, Any], key: str, found: str, wanted: str) -> None:
    (problem,) = problems_of(GOOD, **changes)
    assert (problem.file, problem.key, problem.found) == ("a.toml", key, found)
    assert wanted in problem.wanted


def test_all_faults_come_at_once_and_the_rest_is_kept() -> None:
    problems: list[Problem] = []
    values = {"count": "1", "flag": 1, "rate": "C/10"}
    read = validate(File, values, "a.toml", "", problems, partly=True)
    assert sorted(problem.key for problem in problems) == ["count", "flag", "text"]
    assert read is not None
    assert (read.text, read.rate, read.count) == (None, 0.1, 1)
    assert problems_of(3)[0].found == "3"


def test_an_editor_sees_the_same_rules() -> None:
    schema = json_schema(File, "file")
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(GOOD, schema)
    for changes in ({"txet": "x"}, {"count": "1"}, {"shapes": {"a": {"shape": "rond"}}}, {"rate": True}, {"text": ""}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({**GOOD, **changes}, schema)
    assert "[m]" in str(schema["$defs"]["Round"]["properties"]["radius"])
