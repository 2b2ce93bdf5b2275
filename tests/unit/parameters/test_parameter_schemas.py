"""JSON Schemas of parameter files: those that lie in the tree are those of the code, and say what the reader says."""

from __future__ import annotations

import json
import tomllib

import jsonschema
import pytest
from test_parameters import ELECTROLYTE

from cellmodel import resources
from cellmodel.parameters.schema import KINDS, parameter_schema

PARAMETERS = resources.folder("parameters")
FILES = [path for kind in KINDS for path in resources.files("parameters", f"{kind}s").values()]
FILES.append(PARAMETERS / "references.toml")


@pytest.mark.parametrize("kind", [*KINDS, "references"])
def test_the_schema_in_the_tree_is_that_of_the_code(kind):
    schema = parameter_schema(kind)
    jsonschema.Draft202012Validator.check_schema(schema)
    written = json.loads((PARAMETERS / "schemas" / f"{kind}.json").read_text(encoding="utf-8"))
    assert written == schema, f"run: cellmodel schema {kind} > parameters/schemas/{kind}.json"


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_shipped_file_names_its_schema_and_meets_it(path):
    text = path.read_text(encoding="utf-8")
    first = text.splitlines()[0]
    assert first.startswith("#:schema ")
    schema = json.loads((path.parent / first.removeprefix("#:schema ")).read_text(encoding="utf-8"))
    content = tomllib.loads(text)
    assert schema["title"] == content.get("kind", "references")
    jsonschema.Draft202012Validator(schema).validate(content)
    assert max(map(len, text.splitlines())) <= 160


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('kind = "electrolyte"', 'kind = "electrolite"'),
        ("schema = 1", "schema = 2"),
        ("[salt_diffusivity]", "[salt_difusivity]"),
        ("prefactor =", "prefactr ="),
        ('unit = "S.cm-1", ', ""),
        ("value = 0.07", 'value = "0.07"'),
        ('form = "vogel_tammann_fulcher"', 'form = "arctangent_potential"'),
        ('status = "measured"', 'status = "guessed"'),
        ("low = 300.0", 'low = "300 K"'),
        ("temperature = {", "temprature = {"),
        ("uncertainty = 0.01", 'uncertainty = { distribution = "cauchy", factor = 2.0 }'),
    ],
)
def test_an_editor_sees_the_faults_that_the_reader_sees(before, after):
    validator = jsonschema.Draft202012Validator(parameter_schema("electrolyte"))
    validator.validate(tomllib.loads(ELECTROLYTE))
    assert before in ELECTROLYTE
    assert not validator.is_valid(tomllib.loads(ELECTROLYTE.replace(before, after, 1)))


def test_an_editor_shows_units_and_coefficients():
    schema = parameter_schema("electrolyte")
    conductivity = schema["$defs"]["ionic_conductivity of electrolyte"]
    assert conductivity["description"] == "ionic conductivity [S.m-1]"
    forms = {one["properties"]["form"]["const"]: one["properties"] for one in conductivity["oneOf"]}
    assert "arctangent_potential" not in forms
    coefficients = forms["vogel_tammann_fulcher"]["coefficients"]
    assert coefficients["properties"]["glass_temperature_slope"]["description"] == "[K]"
    assert "scale" not in coefficients["required"]
    lithium = parameter_schema("cell")["$defs"]["lithium"]["properties"]
    assert lithium["density"]["description"] == "density of lithium metal [kg.m-3]"
    assert {"material", "thickness"} <= lithium.keys()
