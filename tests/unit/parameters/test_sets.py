"""Sets of a material: what a file may say of them, and the cell in which one of them holds."""

from __future__ import annotations

import pytest
from sets_library import HEAD, NAME, WEIGHTS, electrolyte, line

from cellmodel.errors import ParameterError
from cellmodel.parameters import check_file, load_cell
from cellmodel.parameters.library import load_material
from cellmodel.parameters.sets import all_sets, with_sets

OTHER = '[variants.other]\ndescription = "x"\n'
D, T_PLUS = "electrolyte.salt_diffusivity", "electrolyte.cation_transference_number"


def refused(tmp_path, before: str, after: str) -> str:
    """Return the message about the electrolyte with one text replaced by another."""
    text = electrolyte()
    assert before in text
    path = tmp_path / "example.toml"
    path.write_text(text.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(ParameterError) as caught:
        check_file(path)
    return str(caught.value)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("slow = 0.2 }", "slow = 0.3 }", "sets.weights: found weights that sum to 1.1, wanted 1"),
        ("slow = 0.2 }", "slwo = 0.2 }", "sets.weights.slwo: found 'slwo'; did you mean slow?"),
        ("slow = 0.2 }", "slow = 0.0 }", "sets.weights.slow: found 0, wanted a probability above 0"),
        ("fast = 0.3, slow = 0.2 }", "fast = 0.8, slow = -0.3 }", "sets.weights.slow: found -0.3"),
        ("base = 0.5, fast = 0.3, slow = 0.2", "fast = 0.3, slow = 0.7", "no weight of the file's own set"),
        ("base = 0.5, fast = 0.3, slow = 0.2", "base = 1.0", "sets.weights: found "),
        ("base = 0.5", 'base = "half"', "sets.weights.base: found 'half'"),
        ("weights = {", "wieghts = {", "did you mean weights"),
        ('[sets]\nstatus = "assumed"\nnote = "for this test"', "[sets]", "sets.status: found nothing"),
        ('[sets]\nstatus = "assumed"\nnote = "for this test"', '[sets]\nstatus = "assumed"', "without note"),
        ('[sets]\nstatus = "assumed"', '[sets]\nstatus = "assumed"\nsource = "Edmann2000"', "did you mean Edman2000"),
        ("[variants.fast.density]", "[variants.fast.initial_concentration]", "variants.fast.density: found nothing"),
        (
            "[variants.slow.salt_diff",
            OTHER + "[variants.other.salt_diff",
            "variants.slow.salt_diffusivity: found part of it",
        ),
    ],
)
def test_sets_that_are_none_are_refused(tmp_path, before, after, said):
    assert said in refused(tmp_path, before, after)


def test_the_files_own_set_has_its_name_for_itself(tmp_path):
    text = electrolyte().replace("variants.slow", "variants.base").replace("slow = 0.2", "base = 0.2")
    path = tmp_path / "example.toml"
    path.write_text(text.replace("base = 0.5, ", ""), encoding="utf-8")
    with pytest.raises(ParameterError, match=r"variants.base: found the name of the set that the file itself states"):
        check_file(path)


def test_only_an_electrolyte_has_sets(tmp_path, sets_library):
    text = (sets_library / "parameters" / "electrodes" / "lfp.toml").read_text(encoding="utf-8")
    path = tmp_path / "lfp.toml"
    path.write_text(text + HEAD.partition("description")[2].partition("\n")[2], encoding="utf-8")
    with pytest.raises(ParameterError, match=r"sets"):
        check_file(path)


def test_without_a_name_the_files_own_set_holds_and_a_name_fixes_one(sets_library):
    cell, fixed = load_cell("li_peo_lfp", electrolyte=NAME), load_cell("li_peo_lfp", electrolyte=f"{NAME}:base")
    assert cell.sets["electrolyte"].weights == WEIGHTS
    assert (fixed.sets, fixed.materials["electrolyte"]) == ({}, f"{NAME}:base")
    assert (fixed.digest, fixed.structure) == (cell.digest, cell.structure)
    assert load_material(NAME).sets["electrolyte"].status == "assumed"
    assert load_material(f"{NAME}:base").sets == {}
    with pytest.raises(ParameterError, match=r"'bas'.*did you mean base"):
        load_cell("li_peo_lfp", electrolyte=f"{NAME}:bas")


@pytest.mark.parametrize("name", WEIGHTS)
def test_a_cell_with_a_set_is_the_cell_that_names_it(sets_library, name):
    composed = with_sets(load_cell("li_peo_lfp", electrolyte=NAME), {"electrolyte": name})
    loaded = load_cell("li_peo_lfp", electrolyte=f"{NAME}:{name}")
    assert composed == loaded
    assert composed.structure == loaded.structure  # so that both share a built model
    assert composed.sets == {}


def test_a_changed_number_stays_changed_in_every_set_that_has_it(sets_library):
    cell = load_cell("li_peo_lfp", electrolyte=NAME)
    changes = {"cell.separator.thickness": "30 um", f"{D}.value": 5e-12}
    for one in all_sets(cell.replace(changes))["electrolyte"].values():
        assert (one["cell.separator.thickness"], one[D]) == pytest.approx((30e-6, 5e-12))
    said = r"cation_transference_number.value: found a value, which the set 'fast' has not, wanted .*many_sets:base"
    with pytest.raises(ParameterError, match=said):
        all_sets(cell.replace({f"{T_PLUS}.value": 0.3}))


@pytest.mark.parametrize("name", ["fast", "other"])
def test_a_transference_number_in_another_frame_than_its_factor_is_refused(tmp_path, name):
    """Whether the variant is a set or only changes the transference number of the file."""
    text = electrolyte()
    if name == "other":
        other = line("variants.other.cation_transference_number", 0.3, 5e-5).replace('"solvent"', '"volume"')
        text += '[variants.other]\ndescription = "only t"\n' + other
    else:
        start = text.index("[variants.fast.cation_transference_number]")
        text = text[:start] + text[start:].replace('"solvent"', '"volume"', 1)
    path = tmp_path / "example.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ParameterError, match=r"found 'solvent' beside a transference number in the frame 'volume'"):
        check_file(path)
