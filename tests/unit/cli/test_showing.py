"""`show` of a material, and `--version`."""

from __future__ import annotations

import subprocess
import sys

import pytest
from sets_library import NAME
from typer.testing import CliRunner

import cellmodel
from cellmodel import resources
from cellmodel.cli import app
from cellmodel.errors import ParameterError
from cellmodel.parameters import list_materials, load_cell, load_material
from cellmodel.parameters.transference_frame import DERIVED

MATERIALS = [(kind, name) for kind in ("electrolyte", "electrode", "interface") for name in list_materials(kind)]


def shown(*words: str) -> str:
    done = CliRunner().invoke(app, ["show", *words], env={"COLUMNS": "400"})
    assert done.exit_code == 0, done.output
    return " ".join(done.output.split())


@pytest.mark.parametrize(("kind", "name"), MATERIALS)
def test_a_material_is_shown_with_numbers_functions_ranges_and_sources(kind, name):
    text = shown(name)
    material = load_material(name)
    assert f"{name} ({kind})" in text
    for record in material.entries.values():
        assert record.path in text
        assert record.source in text
    for path, function in material.functions.items():
        if path in DERIVED:
            continue
        assert path in text
        assert all(f"{argument} " in text for argument in function.valid)


def test_ranges_stand_in_the_units_of_the_field():
    text = shown("peo_litfsi")
    assert "semicrystalline_vogel_tammann_fulcher S m⁻¹ concentration 0.245 to 3.658 mol L⁻¹" in text
    assert "temperature 20 to 130 °C" in text


def test_variants_and_files_of_materials_are_shown(tmp_path):
    for name, variants in list_materials("electrode").items():
        for variant in variants:
            assert f"{name}:{variant} (electrode)" in shown(f"{name}:{variant}")
    path = tmp_path / "own.toml"
    path.write_bytes((resources.folder("parameters") / "electrodes" / "lfp.toml").read_bytes())
    assert "own (electrode)" in shown(str(path))


def test_sets_of_a_material_are_shown_with_their_weights_and_why(sets_library):
    for words in ((NAME,), ("li_peo_lfp", "--electrolyte", NAME)):
        text = shown(*words)
        assert "set weight what it is base 0.5 An electrolyte of which three things are believed. fast 0.3 fast" in text
        assert "weights: assumed. for this test" in text
    assert "sets of the" not in shown("li_peo_lfp", "--electrolyte", f"{NAME}:fast")


def test_a_material_is_the_part_of_the_cells_that_have_it():
    cell = load_cell("li_peo_lfp")
    for name in cell.materials.values():
        for path, record in load_material(name).entries.items():
            assert (cell.entries[path] == record) if cell.kind.has(path) else path not in cell.entries


@pytest.mark.parametrize("wrong", [None, 3, "", "peo_litfs", "peo_litfsi:", "peo_litfsi:no", "missing.toml", b"lfp"])
def test_what_is_no_material_is_refused(wrong):
    with pytest.raises(ParameterError):
        load_material(wrong)


def test_unknown_names_and_changes_to_a_material_are_refused():
    for words, said in (
        (["peo_litfs"], "did you mean peo_litfsi"),
        (["li_peo_lpf"], "did you mean li_peo_lfp"),
        (["lfp", "--set", "electrode.density=3600"], "a material is shown as its file has it"),
    ):
        done = CliRunner().invoke(app, ["show", *words], env={"COLUMNS": "400"})
        assert done.exit_code in (1, 2)
        assert said in done.output


def test_the_version_is_said_at_once():
    code = "import sys; from cellmodel.cli import app\ntry: app(['--version'])\nexcept SystemExit: pass\n"
    code += "print('pybamm' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [f"cellmodel {cellmodel.__version__}", "False"]
