"""Kinds of cell: named in the file, never read from the value of a number; the anode-free kind has no foil to state."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

import cellmodel
from cellmodel import resources
from cellmodel.energy import budget, lithium_excess, plated_by_first_charge
from cellmodel.errors import ParameterError
from cellmodel.models.cells import CELL_MODELS
from cellmodel.parameters import check_file, list_cells, load_cell
from cellmodel.parameters.kinds import KINDS

FOIL = '[lithium.thickness]\nvalue = 30.0\nunit = "um"\nstatus = "setting"\n'
SOURCE = resources.folder("parameters") / "cells" / "li_peo_lfp.toml"
THICKNESS = "cell.lithium.thickness"


def written(folder: Path, **changes: str) -> Path:
    """Return the shipped PEO | LFP cell without its foil, as an anode-free one."""
    text = SOURCE.read_text(encoding="utf-8")
    assert FOIL in text
    path = folder / "anode_free.toml"
    path.write_text(text.replace('kind = "cell"', 'kind = "anode_free"').replace(FOIL, changes.get("foil", "")))
    return path


@pytest.fixture
def anode_free(tmp_path):
    return load_cell(str(written(tmp_path)))


def test_every_kind_has_equations_and_every_cell_a_kind():
    assert CELL_MODELS.keys() == KINDS.keys()
    assert {load_cell(name).kind.name for name in list_cells()} <= KINDS.keys()
    for name, kind in KINDS.items():
        assert CELL_MODELS[name].electrodes == kind.electrodes
        assert set(CELL_MODELS[name].models) == set(kind.models)
        assert pickle.loads(pickle.dumps(kind)) is kind
    with pytest.raises(ParameterError, match="did you mean lithium_metal"):
        list_cells("lithium_metall")


def test_no_lithium_is_a_kind_of_cell_and_no_thickness(tmp_path):
    with pytest.raises(ParameterError, match='kind = "anode_free"'):
        load_cell("li_peo_lfp").replace({THICKNESS: 0.0})
    path = tmp_path / "none.toml"
    path.write_text(SOURCE.read_text(encoding="utf-8").replace(FOIL, FOIL.replace("30.0", "0.0")))
    with pytest.raises(ParameterError, match='kind = "anode_free"'):
        load_cell(str(path))
    with pytest.raises(ParameterError, match=THICKNESS):
        load_cell(str(written(tmp_path, foil=FOIL)))


def test_an_anode_free_cell_has_the_lithium_that_its_cathode_brings(anode_free):
    assert anode_free[THICKNESS] == pytest.approx(plated_by_first_charge(anode_free), rel=1e-12)
    assert lithium_excess(anode_free) == pytest.approx(0.0, abs=1e-9)
    thin = anode_free.replace({"cell.positive_electrode.thickness": "25 um"})
    assert thin[THICKNESS] == pytest.approx(0.5 * anode_free[THICKNESS], rel=1e-9)
    assert thin.entries[THICKNESS].status == "derived"
    with pytest.raises(ParameterError, match="follows from the others"):
        anode_free.replace({THICKNESS: "10 um"})
    foil = {part.name: part for part in budget(anode_free).components}["lithium foil"]
    assert float(foil.mass) == pytest.approx(0.0, abs=1e-12)
    with pytest.raises(ParameterError, match="stoichiometry_as_made"):
        anode_free.replace({"electrode.stoichiometry_as_made": 0.0})


def test_an_anode_free_cell_runs_and_is_written_as_every_other(anode_free, tmp_path):
    run = cellmodel.simulate(anode_free, c_rate=1, mesh="fast")
    foil = run["lithium_thickness"]
    assert float(foil[0]) == pytest.approx(anode_free[THICKNESS])
    assert 0.0 < float(foil[-1]) < 0.5 * float(foil[0])
    assert abs(float(run["lithium_inventory_error"])) < 1e-7
    with_foil = cellmodel.simulate("li_peo_lfp", c_rate=1, mesh="fast")
    assert float(run["capacity"]) == pytest.approx(float(with_foil["capacity"]), rel=1e-4)
    path = tmp_path / "written.toml"
    path.write_text(anode_free.to_toml())
    back = load_cell(str(path))
    check_file(path)
    assert back.kind is KINDS["anode_free"]
    assert back.digest == anode_free.digest
    assert back.entries == anode_free.entries
