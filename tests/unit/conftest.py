from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sets_library import make_library

from cellmodel import resources
from cellmodel.parameters import ParameterSet, list_cells, load_cell
from cellmodel.study import reading


@pytest.fixture(scope="session")
def cells() -> list[ParameterSet]:
    """Return every shipped cell."""
    return [load_cell(name) for name in list_cells("lithium_metal")]


@pytest.fixture(scope="session")
def lfp_cell() -> ParameterSet:
    """Return the flagship warm cell."""
    return load_cell("li_peo_lfp")


@pytest.fixture(scope="session")
def sets_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a library with an electrolyte that has several sets: not to be changed."""
    folder = tmp_path_factory.mktemp("library")
    make_library(folder)
    return folder


@pytest.fixture
def sets_library(sets_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let the library be one with an electrolyte of which there are several sets."""
    shipped = resources.folder
    monkeypatch.setattr(resources, "folder", lambda name: sets_folder / name if name == "parameters" else shipped(name))
    return sets_folder


@pytest.fixture
def one_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each material of a study have the one set that its file states: choices are for `test_sets_drawn`."""
    monkeypatch.setattr(reading, "load_cell", lambda *words: replace(load_cell(*words), sets={}))
