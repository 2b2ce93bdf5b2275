"""`cellmodel check` finds what a later call would refuse, and takes nothing that is wrong for sound."""

from __future__ import annotations

import pytest

from cellmodel import resources
from cellmodel.cli.library import check_path
from cellmodel.errors import CellModelError

STUDY = """
description = "A study to break."
protocol = "discharge"
cells = ["li_peo_lfp"]
[grid]
c_rate = ["C/10", "C/3"]
"""
CLAIM = (resources.folder("experiments") / "studies" / "claims" / "lfp_250.toml").read_text()


def said_of(tmp_path, folder: str, text: str) -> str:
    path = tmp_path / folder / "broken.toml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    with pytest.raises(CellModelError) as caught:
        check_path(path)
    return str(caught.value)


def test_a_sound_study_is_sound_wherever_it_lies(tmp_path):
    for folder in ("studies", "elsewhere"):
        path = tmp_path / folder / "sound.toml"
        path.parent.mkdir()
        path.write_text(STUDY)
        check_path(path)


@pytest.mark.parametrize(
    ("addition", "said"),
    [
        ('temperature = ["80 degC", "300 degC"]\n', "573.15 K"),
        ('"electrolyte.initial_concentration" = ["1 mol.L-1", "0.1 mol.L-1"]\n', "initial concentration"),
        ('"electrolyte.initial_concentration" = ["1 mol.L-1", "20 mol.L-1"]\n', "below the solubility"),
        ('"cell.positive_electrode.areal_capacity" = ["1 mA.h.cm-2", "1e5 mA.h.cm-2"]\n', "areal_capacity"),
        ('"cell.positive_electrode.active_material_volume_fraction" = [0.5, 0.9]\n', "volume fractions"),
    ],
)
def test_a_study_of_which_one_run_is_impossible_is_found(tmp_path, addition, said):
    assert said in said_of(tmp_path, "studies", STUDY + addition)


def test_a_mechanism_that_a_cell_cannot_have_is_found(tmp_path):
    text = STUDY.replace('["li_peo_lfp"]\n', '["li_peo_tis2_doyle1993"]\nmechanisms = ["hysteresis"]\n')
    assert "hysteresis" in said_of(tmp_path, "studies", text)


@pytest.mark.parametrize("key", ["text", "sentence"])
@pytest.mark.parametrize("blank", ['""', '"   "'])
def test_a_claim_that_says_nothing_is_refused(tmp_path, key, blank):
    line = next(line for line in CLAIM.splitlines() if line.startswith(f"{key} ="))
    assert key in said_of(tmp_path, "claims", CLAIM.replace(line, f"{key} = {blank}"))


@pytest.mark.parametrize("wrong", ["[3]", "[[]]", '[""]', "[{}]"])
def test_sources_of_a_claim_are_texts(tmp_path, wrong):
    line = next(line for line in CLAIM.splitlines() if line.startswith("sources ="))
    assert "sources" in said_of(tmp_path, "claims", CLAIM.replace(line, f"sources = {wrong}"))


def test_formats_and_vehicles_are_loaded_as_they_would_be(tmp_path):
    text = (resources.folder("parameters") / "vehicles" / "electric_car.toml").read_text()
    assert "schema" in said_of(tmp_path, "vehicles", text.replace("schema = 1", "schema = true"))
