"""Studies: what a file may say, what it is refused for, and the runs it expands to."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from cellmodel.errors import StudyError
from cellmodel.study import Study, load_study, parse_study

HEAD = 'description = "d"\nprotocol = "discharge"\n'
ONE = HEAD + 'cells = ["li_peo_lfp"]\n'
RATES = ONE + 'temperature = "80 degC"\n[grid]\nc_rate = ["C/10", "C/2"]\n'


def parse(text: str, name: str = "mine") -> Study:
    return parse_study(tomllib.loads(text), f"{name}.toml")


def test_a_study_is_a_labelled_product() -> None:
    study = parse(
        HEAD + 'cells = ["li_peo_lfp", "li_single_ion_lfp"]\n[grid]\ntemperature = ["70 degC", "80 degC"]\n'
        'c_rate = ["C/20", 1, "2C"]\n"cell.separator.thickness" = ["10 um", "20 um"]\n'
    )
    runs = study.expand()
    assert len(runs) == 2 * 2 * 3 * 2
    assert list(runs[0].labels) == ["cell", "ambient_temperature", "c_rate", "separator_thickness"]
    last = runs[-1]
    assert last.labels["cell"] == "li_single_ion_lfp"
    assert (last.c_rate, last.temperature) == (2.0, pytest.approx(353.15))
    assert last.parameters["cell.separator.thickness"] == pytest.approx(2e-5)
    assert study.axes[2].unit == "m"


def test_a_single_cell_without_grid_is_one_run_without_dimensions() -> None:
    (run,) = parse(ONE + 'c_rate = "C/3"\n').expand()
    assert run.labels == {}
    assert run.c_rate == pytest.approx(1 / 3)


def test_cases_have_their_own_materials_temperature_and_settings() -> None:
    study = parse(
        HEAD + 'c_rate = 1\n[set]\n"cell.separator.thickness" = "15 um"\n'
        '[[case]]\nlabel = "a"\ncell = "li_peo_lfp"\n'
        '[[case]]\nlabel = "b"\ncell = "li_peo_lfp"\nelectrolyte = "single_ion_stfsi"\ntemperature = "60 degC"\n'
        'set = { "cell.separator.thickness" = "25 um" }\n'
    )
    first, second = study.expand()
    assert study.case_dimension == "case"
    assert first.parameters["cell.separator.thickness"] == pytest.approx(15e-6)
    assert second.parameters["cell.separator.thickness"] == pytest.approx(25e-6)
    assert second.parameters.materials["electrolyte"] == "single_ion_stfsi"
    assert (first.temperature, second.temperature) == (None, pytest.approx(333.15))


def test_swept_numbers_are_inputs_of_the_model() -> None:
    study = parse(
        ONE + 'c_rate = 1\n[grid]\n"electrolyte.cation_transference_number" = [0.1, 0.3]\n'
        '"cell.separator.thickness" = ["10 um", "20 um"]\n'
        '"cell.positive_electrode.areal_capacity" = ["1 mA.h.cm-2", "2 mA.h.cm-2"]\n'
    )
    assert len({run.parameters.structure for run in study.expand()}) == 1
    assert [axis.dimension for axis in study.axes] == [
        "electrolyte_cation_transference_number",
        "separator_thickness",
        "positive_electrode_areal_capacity",
    ]
    assert study.expand()[-1].parameters.areal_capacity == pytest.approx(20.0)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (ONE + "modle = 'SPM'", ("modle: found an unknown key", "did you mean model")),
        (ONE + "model = 'DNF'", ("model: found 'DNF'", "did you mean DFN")),
        (ONE + "mesh = 'fine'", ("mesh: found 'fine'", "one of default, fast")),
        (HEAD + 'cells = ["li_peo_lpf"]', ("cells[1].cell: found 'li_peo_lpf'", "did you mean li_peo_lfp")),
        (HEAD, ("cells: found nothing", "`cells` or [[case]] tables")),
        (HEAD + "cells = []", ("cells: found an empty list",)),
        (ONE + '[[case]]\ncell = "li_peo_lfp"', ("found `cells` and [[case]]",)),
        (HEAD + 'cells = ["li_peo_lfp", "li_peo_lfp"]', ("'li_peo_lfp' twice", "every label once")),
        (
            'description = "d"\nprotocol = "dischage"\ncells = ["li_peo_lfp"]',
            ("found 'dischage'", "did you mean discharge"),
        ),
        (ONE + "c_rate = 1\n[grid]\n", ("grid: found no axis", "or no [grid]")),
        (ONE + "[grid]\nc_rate = []", ("grid.c_rate: found []", "at least one value")),
        (ONE + '[grid]\nc_rate = "1C"', ("grid.c_rate: found '1C'", "a list")),
        (ONE + '[grid]\nc_rate = ["C/2", 0.5]', ("grid.c_rate: found the value 0.5 twice",)),
        (ONE + "[grid]\nc_rate = [0]", ("grid.c_rate: found 0", "above zero")),
        (ONE + '[grid]\nc_rate = ["-1C"]', ("grid.c_rate: found '-1C'", "above zero")),
        (ONE + "[grid]\nc_rate = [nan]", ("grid.c_rate: found nan", "above zero")),
        (ONE + '[grid]\nc_rate = ["fast"]', ("grid.c_rate: found 'fast'",)),
        (ONE + "[grid]\ntemperature = [60]", ("grid.temperature: found 60 without a unit",)),
        (ONE + '[grid]\ntemperature = ["60 um"]', ("grid.temperature: found '60 um' (unit 'um')",)),
        (
            ONE + '[grid]\n"cell.seperator.thickness" = ["1 um"]',
            ("grid.cell.seperator.thickness: found no parameter", "cell.separator.thickness"),
        ),
        (
            ONE + '[grid]\n"cell.separator.thickness" = [20e-6]',
            ("grid.cell.separator.thickness: found 2e-05 without a unit",),
        ),
        (
            ONE + '[grid]\n"electrolyte.ionic_conductivity" = ["1 S.m-1"]',
            ("grid.electrolyte.ionic_conductivity: found a function", "one of its coefficients"),
        ),
        (ONE + '[grid]\n"cell.temperature" = ["300 K"]', ("the axis `temperature`",)),
        (
            ONE + '[grid]\n"electrolyte.cation_transference_number" = [0.1]\n'
            '"electrolyte.cation_transference_number.value" = [0.2]',
            ("another axis of the same quantity",),
        ),
        (ONE + 'c_rate = 1\n[grid]\nc_rate = ["1C"]', ("grid.c_rate: found a value at the top of the study too",)),
        (
            HEAD + '[[case]]\ncell = "li_peo_lfp"\ntemperature = "80 degC"\n[grid]\ntemperature = ["80 degC"]',
            ("grid.temperature: found a value at [[case]] too",),
        ),
        (
            ONE + '[set]\n"cell.separator.thicknes" = "1 um"',
            ("set: li_peo_lfp: cell.separator.thicknes", "cell.separator.thickness"),
        ),
        (ONE + '[set]\n"cell.separator.thickness" = 3e-5', ("set.cell.separator.thickness: found 3e-05 without",)),
        (ONE + '[set]\n"cell.separator.thickness" = "3 s"', ("found '3 s' (unit 's')",)),
        (ONE + '[set]\n"electrolyte.cation_transference_number" = 1.5', ("found 1.5,", "to 1")),
        (ONE + '[set]\n"cell.lower_voltage_cut_off" = "3.9 V"', ("cell.lower_voltage_cut_off", "lower below upper")),
        (HEAD + '[[case]]\nlabel = "a"', ("case[1].cell: found nothing",)),
        (
            HEAD + '[[case]]\ncell = "li_peo_lfp"\nelectrolyte = "peo_litfs"',
            ("mine.toml: case[1]", "did you mean peo_litfsi"),
        ),
    ],
)
def test_bad_studies_are_refused_with_key_found_and_wanted(text: str, said: tuple[str, ...]) -> None:
    with pytest.raises(StudyError) as caught:
        parse(text)
    assert all(words in str(caught.value) for words in said), str(caught.value)


def test_all_problems_come_in_one_message() -> None:
    with pytest.raises(StudyError) as caught:
        parse(ONE + 'modle = 1\nmesh = "x"\n[grid]\nc_rate = [0]\ntemperature = []\n')
    assert len(caught.value.problems) == 4


def test_malformed_toml_gives_the_line_and_unknown_names_the_nearest(tmp_path: Path) -> None:
    file = tmp_path / "broken.toml"
    file.write_text(HEAD + "cells = [\n")
    with pytest.raises(StudyError, match=r"broken\.toml: (line \d+, column \d+|end of document): .* wanted valid TOML"):
        load_study(file)
    with pytest.raises(StudyError, match="did you mean lfp_rate_capability"):
        load_study("lfp_rate_capabilty")


def test_fixed_inputs_can_be_replaced() -> None:
    study = parse(RATES).replace(set={"cell.separator.thickness": "30 um"}, model="SPM", solver="casadi")
    assert study.expand()[0].parameters["cell.separator.thickness"] == pytest.approx(3e-5)
    assert (study.model, study.mesh, study.solver) == ("SPM", "default", "casadi")
    with pytest.raises(StudyError) as caught:
        parse(RATES).replace(set={"cell.separator.thicknes": "30 um"}, mesh="fats")
    assert "did you mean fast" in str(caught.value)
    assert "cell.separator.thickness" in str(caught.value)
    swept = parse(ONE + 'c_rate = 1\n[grid]\n"cell.separator.thickness" = ["10 um"]\n')
    with pytest.raises(StudyError, match="found a value for a swept quantity"):
        swept.replace(set={"cell.separator.thickness": "30 um"})
