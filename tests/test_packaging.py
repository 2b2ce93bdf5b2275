"""Wheel, sdist, editable install and bare checkout all find their data, and an installed wheel runs a discharge."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest

from cellmodel import resources
from cellmodel.parameters import list_cells

ROOT = Path(__file__).parents[1]
BIN = "Scripts" if os.name == "nt" else "bin"
CELLS = [
    "dualfoil_d2_peo_lfp",
    "dualfoil_d3_peo_nca",
    "dualfoil_d4_pemo_nickel_cobalt",
    "li_peo_lfp",
    "li_peo_nmc",
    "li_peo_tis2_doyle1993",
    "li_polycarbonate_nmc811",
    "li_single_ion_lfp",
]


def run(*words: str | Path, cwd: Path, path: str = "") -> str:
    """Return what a command prints; it sees no other checkout of this project."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    if path:
        environment["PYTHONPATH"] = path
    done = subprocess.run([str(word) for word in words], cwd=cwd, env=environment, capture_output=True, text=True)
    if done.returncode:
        pytest.fail(f"{words}\n{done.stdout}\n{done.stderr}")
    return done.stdout


def data_files() -> set[str]:
    """Return the files of parameters/ and experiments/ in this checkout."""
    found = (path for name in resources.FOLDERS for path in (ROOT / name).rglob("*") if path.is_file())
    return {path.relative_to(ROOT).as_posix() for path in found if ".ipynb_checkpoints" not in path.parts}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the sdist and the wheel built from that sdist."""
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT, cwd=folder)
    return folder


@pytest.fixture(scope="module")
def installed(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a fresh virtual environment with the wheel; the dependencies are those of the running environment."""
    place = tmp_path_factory.mktemp("environment")
    venv.create(place, with_pip=False, symlinks=os.name != "nt")
    python = place / BIN / "python"
    wheel = next(built.glob("*.whl"))
    run(sys.executable, "-m", "pip", "--python", python, "install", "--no-deps", "--no-index", wheel, cwd=place)
    packages = run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=place).strip()
    (Path(packages) / "dependencies.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    return place


def test_the_wheel_carries_the_data_inside_the_package(built: Path) -> None:
    with zipfile.ZipFile(next(built.glob("*.whl"))) as wheel:
        names = set(wheel.namelist())
    prefix = "cellmodel/_data/"
    assert {name.removeprefix(prefix) for name in names if name.startswith(prefix)} == data_files()
    assert {"cellmodel/__init__.pyi", "cellmodel/py.typed"} <= names  # names are loaded, and types read, from them
    assert {name.split("/")[0] for name in names if ".dist-info" not in name.split("/")[0]} == {"cellmodel"}


def test_the_sdist_carries_data_and_tests(built: Path) -> None:
    with tarfile.open(next(built.glob("*.tar.gz"))) as sdist:
        names = {name.partition("/")[2] for name in sdist.getnames()}
    wanted = {
        "pyproject.toml",
        "README.md",
        "LICENSE",
        "CITATION.cff",
        "tests/test_packaging.py",
        "cellmodel/cli/__init__.py",
        "cellmodel/__init__.pyi",
        "cellmodel/py.typed",
    }
    assert (data_files() | wanted) - names == set()


def test_an_installed_wheel_runs_a_discharge(installed: Path, tmp_path: Path) -> None:
    command = installed / BIN / "cellmodel"
    printed = run(command, "run", "first_discharge", "--no-plot", "--mesh", "fast", cwd=tmp_path)
    assert "completed" in printed
    assert (tmp_path / "results" / "first_discharge.zarr" / "zarr.json").is_file()


def test_an_installed_wheel_reads_its_own_data(installed: Path, tmp_path: Path) -> None:
    code = "import json, cellmodel.resources as r; print(json.dumps([str(r.folder(n)) for n in r.FOLDERS]))"
    folders = json.loads(run(installed / BIN / "python", "-c", code, cwd=tmp_path))
    assert [Path(folder).is_relative_to(installed) for folder in folders] == [True, True]


def test_pybamm_finds_cells_and_models_without_an_import_of_cellmodel(installed: Path, tmp_path: Path) -> None:
    code = (
        "import json, sys, pybamm\n"
        "sets = pybamm.parameter_sets\n"
        f"values = {{name: pybamm.ParameterValues(name)['Separator thickness [m]'] for name in {CELLS!r}}}\n"
        "model = pybamm.Model('CellModelDFN')\n"
        "print(json.dumps([values, type(model).__module__, sorted(set(sets) & set(values))]))\n"
    )
    values, module, listed = json.loads(run(installed / BIN / "python", "-c", code, cwd=tmp_path).splitlines()[-1])
    assert sorted(values) == listed == CELLS
    assert all(0 < thickness < 1e-3 for thickness in values.values())
    assert module.startswith("cellmodel.models")


def test_every_shipped_cell_with_lithium_foil_is_an_entry_point() -> None:
    """PyBaMM's own half-cell models take these; a full cell or copper is another model there."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = project["entry-points"]["pybamm_parameter_sets"]
    assert sorted(declared) == list_cells("lithium_metal") == CELLS


def test_a_bare_checkout_finds_its_data(built: Path, tmp_path: Path) -> None:
    with tarfile.open(next(built.glob("*.tar.gz"))) as sdist:
        sdist.extractall(tmp_path, filter="data")
    checkout = next(tmp_path.glob("cellmodel-*"))
    code = "import cellmodel.resources as r; print(r.folder('parameters')); print(len(r.files('parameters', 'cells')))"
    folder, count = run(sys.executable, "-c", code, cwd=tmp_path, path=str(checkout)).split("\n")[:2]
    assert Path(folder) == checkout / "parameters"
    assert int(count) == len(resources.files("parameters", "cells")) > len(CELLS)


def test_an_editable_install_leaves_the_data_where_it_is(tmp_path: Path) -> None:
    code = "import sys\nfrom hatchling.build import build_editable\nprint(build_editable(sys.argv[1]))\n"
    name = run(sys.executable, "-c", code, tmp_path, cwd=ROOT).split()[-1]
    with zipfile.ZipFile(tmp_path / name) as wheel:
        names = wheel.namelist()
        path = wheel.read("_cellmodel.pth").decode()
    assert [name for name in names if name.endswith(".toml")] == []
    assert Path(path) == ROOT


def test_a_lost_folder_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from cellmodel.errors import CellModelError

    monkeypatch.setattr(resources, "_PACKAGE", tmp_path / "cellmodel")
    with pytest.raises(CellModelError, match="parameters"):
        resources.folder("parameters")
    with pytest.raises(ValueError, match="not a data folder"):
        resources.folder("results")


def test_a_strangers_folder_beside_the_package_is_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from cellmodel.errors import CellModelError

    (tmp_path / "parameters").mkdir()
    monkeypatch.setattr(resources, "_PACKAGE", tmp_path / "cellmodel")
    with pytest.raises(CellModelError, match="install it again"):
        resources.folder("parameters")


def test_the_citation_names_this_version() -> None:
    import cellmodel

    assert f"version: {cellmodel.__version__}\n" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")
