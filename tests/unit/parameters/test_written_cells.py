"""A cell written as text and read back is the same cell."""

from __future__ import annotations

import pytest

from cellmodel.errors import ParameterError
from cellmodel.parameters import check_file, list_cells, load_cell
from cellmodel.parameters.distributions import declared_distributions


def written(tmp_path, text: str):
    path = tmp_path / "written.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("name", list_cells())
def test_a_written_cell_reads_back_as_itself(tmp_path, name):
    cell = load_cell(name)
    path = written(tmp_path, cell.to_toml())
    read = load_cell(path)
    assert read == cell  # every number with source, place, note and distribution; every form with its range
    assert type(read) is type(cell)
    assert read.digest == cell.digest
    assert read.to_toml() == cell.to_toml()
    assert declared_distributions(read) == declared_distributions(cell)
    assert read.areal_capacity == cell.areal_capacity
    assert load_cell(path) is read
    check_file(path)


def test_a_changed_cell_with_odd_texts_reads_back(tmp_path):
    import dataclasses

    cell = load_cell("li_peo_lfp").replace({"cell.separator.thickness": "33 um"})
    cell = dataclasses.replace(cell, name='a "quoted"\\name', description="two\nlines\tand \x7f é")
    assert load_cell(written(tmp_path, cell.to_toml())) == cell


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("schema = 1", "schema = 1.0", "schema"),
        ('"cell.separator.thickness"]\nvalue = 2e-05', '"cell.separator.thickness"]\nvalue = true', "thickness"),
        ('"cell.separator.thickness"]\nvalue = 2e-05', '"cell.separator.thickness"]\nvalue = 20.0', "0.01"),
        ('"cell.separator.thickness"]', '"cell.separatr.thickness"]', "did you mean cell.separator.thickness"),
        ('value = 2e-05\nunit = "m"', 'value = 2e-05\nunit = "um"', "0.01"),
        ('value = 2e-05\nunit = "m"', 'value = 2e-05\nunit = "V"', "unit"),
        ('[functions."electrode.', '[function."electrode.', "did you mean functions"),
        ('form = "constant"', 'form = "constnt"', "did you mean constant"),
        ('electrode = "lfp"', "electrode = 3", "electrode"),
        ('name = "li_peo_lfp"', "name = 3", "name: found 3"),
        ("[values.", "[values.cell]\nx = 3\n[values.", "cell.x: found an unknown key"),
        ('[values."cell.temperature"]', '[values."cell.temperature.x"]', "cell.temperature"),
    ],
)
def test_a_broken_written_cell_is_refused(tmp_path, before, after, said):
    text = load_cell("li_peo_lfp").replace({"cell.separator.thickness": 2e-5}).to_toml()
    assert before in text
    with pytest.raises(ParameterError) as caught:
        load_cell(written(tmp_path, text.replace(before, after, 1)))
    assert said in str(caught.value)


def test_a_written_cell_has_no_materials_to_choose(tmp_path):
    with pytest.raises(ParameterError, match="all its numbers"):
        load_cell(written(tmp_path, load_cell("li_peo_lfp").to_toml()), electrolyte="peo_litfsi")
