"""The machine of every file: strict kinds, all problems at once with the keys as they stand, JSON Schema."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

import jsonschema
import pydantic
import pytest
from typer.testing import CliRunner

from cellmodel import resources
from cellmodel.cli import app
from cellmodel.cli.library import file_schemas
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


# --- protocols, studies and claims: what an editor is told of them

FOLDERS = {"protocol": "protocols", "study": "studies", "claim": "studies/claims", "published": "published"}
SHIPPED = [path for folder in FOLDERS.values() for path in resources.files("experiments", folder).values()]
PROTOCOL = (
    'description = "d"\nsteps = ["Rest for 1 hour", { discharge = "C/10", until = ["2.6 V", "lower cut-off"] }]\n'
)
STUDY = """description = "d"
protocol = "discharge"
c_rate = "C/3"
sample = { size = 4, of = ["cell.area"] }
[[case]]
cell = "li_peo_lfp"
temperature = "80 degC"
[grid]
"cell.separator.thickness" = ["20 um"]
[distributions]
"cell.area" = { distribution = "log-normal", median = "1 cm2", factor = 1.1 }
"""
FAULTS = [
    ("protocol", PROTOCOL, 'description = "d"', "description = 3"),
    ("protocol", PROTOCOL, "steps =", "stps ="),
    ("protocol", PROTOCOL, "discharge", "dischrge"),
    ("protocol", PROTOCOL, '"C/10"', "0.1"),
    ("protocol", PROTOCOL, '["2.6 V", "lower cut-off"]', "2.6"),
    ("study", STUDY, "protocol", "protocl"),
    ("study", STUDY, '"C/3"', "true"),
    ("study", STUDY, '"80 degC"', "80"),
    ("study", STUDY, '["20 um"]', '"20 um"'),
    ("study", STUDY, '"log-normal"', '"lognormal"'),
    ("study", STUDY, "factor", "standard_deviation"),
    ("study", STUDY, "size = 4", 'size = "4"'),
]


@pytest.mark.parametrize("kind", FOLDERS)
def test_the_schema_in_the_tree_is_that_of_the_code(kind: str) -> None:
    printed = CliRunner().invoke(app, ["schema", kind]).stdout
    jsonschema.Draft202012Validator.check_schema(json.loads(printed))
    written = resources.folder("parameters") / "schemas" / f"{kind}.json"
    assert written.read_text(encoding="utf-8") == printed, f"run: cellmodel schema {kind} > {written}"


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_shipped_experiment_names_its_schema_and_meets_it(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    first = text.splitlines()[0]
    assert first.startswith("#:schema ")
    schema = json.loads((path.parent / first.removeprefix("#:schema ")).read_text(encoding="utf-8"))
    assert resources.files("experiments", FOLDERS[schema["title"]])[path.stem] == path
    jsonschema.Draft202012Validator(schema).validate(tomllib.loads(text))


@pytest.mark.parametrize(("kind", "text", "before", "after"), FAULTS)
def test_an_editor_sees_the_faults_that_the_reader_sees(kind: str, text: str, before: str, after: str) -> None:
    validator = jsonschema.Draft202012Validator(file_schemas()[kind]())
    validator.validate(tomllib.loads(text))
    assert before in text
    assert not validator.is_valid(tomllib.loads(text.replace(before, after, 1)))


def test_every_kind_of_file_has_a_schema_and_another_word_is_refused() -> None:
    schemas = file_schemas()
    assert [make()["title"] for make in schemas.values()] == list(schemas)
    assert {f"{kind}.json" for kind in schemas} == {
        path.name for path in (resources.folder("parameters") / "schemas").iterdir()
    }
    refused = CliRunner().invoke(app, ["schema", "protocl"])
    assert refused.exit_code == 2
    assert "did you mean protocol" in refused.stderr
