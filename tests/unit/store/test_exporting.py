"""Exports: what a file says, what it is called, and that nothing is written where it cannot be."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import synthetic
import xarray as xr

from cellmodel.errors import ResultsError
from cellmodel.simulation import simulate
from cellmodel.store import export, open_results

STEPS = ["Discharge at C/2 for 3 minutes", "Rest for 1 minute"]


def test_the_step_count_of_a_test_never_repeats(tmp_path: Path) -> None:
    run = simulate("li_peo_lfp", {"description": "d", "cycles": 3, "samples": 5, "steps": STEPS}, mesh="fast")
    table = pd.read_csv(export(run, tmp_path / "t.bdf.csv", "bdf")[0])
    assert table["Step Count / 1"].tolist() == np.repeat(np.arange(1, 7), 5).tolist()
    assert table["Cycle Count / 1"].tolist() == np.repeat([1, 2, 3], 10).tolist()
    assert (table["Test Time / s"].diff().dropna() >= 0).all()


def test_ambient_and_cell_temperature_have_a_column_each(tmp_path: Path) -> None:
    steps = [{"discharge": "2C", "duration": "5 min"}, {"rest": "1 min", "temperature": "70 degC"}]
    given = {"description": "d", "samples": 5, "steps": steps}
    run = simulate("li_peo_lfp", given, mesh="fast", mechanisms=("foil", "heat"))
    table = pd.read_csv(export(run, tmp_path / "t.bdf.csv", "bdf")[0])
    np.testing.assert_allclose(table["Ambient Temperature / degC"], [80.0] * 5 + [70.0] * 5)
    np.testing.assert_allclose(table["Surface Temperature T1 / degC"], run["temperature"].values.ravel() - 273.15)
    assert table["Surface Temperature T1 / degC"].iloc[4] > 80.001
    older = run.drop_vars("step_ambient_temperature")
    assert "Ambient Temperature / degC" not in pd.read_csv(export(older, tmp_path / "o.bdf.csv", "bdf")[0])


def written(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def test_two_rates_equal_to_six_digits_have_a_file_each(tmp_path: Path) -> None:
    rates = [0.1, 0.10000001, 0.5]
    files = export(synthetic.results(c_rate=rates), tmp_path / "out", "bdf")
    assert [file.name for file in files] == [f"c_rate_{rate}.bdf.csv" for rate in rates]
    assert written(tmp_path / "out") == sorted(file.name for file in files)
    ends = [pd.read_csv(file)["Test Time / s"].iloc[-1] for file in files]
    assert len(set(ends)) == 3


AWKWARD = ["a/b", "a\\b", "a:b", "a b", "A b", "con", "NUL.x", "COM1", "", "..", ".hidden"]
AWKWARD += ["x" * 300, "x" * 301, "µm", "a-b_2", "\x00", "-o"]


def test_names_are_safe_on_every_file_system_and_each_once(tmp_path: Path) -> None:
    files = export(synthetic.results(case=AWKWARD), tmp_path / "out", "bdf")
    names = [file.name for file in files]
    assert len(names) == len({name.casefold() for name in names}) == len(AWKWARD)
    assert written(tmp_path / "out") == sorted(names)
    assert all(file.parent == tmp_path / "out" for file in files)
    for name in names:
        stem = name.removesuffix(".bdf.csv")
        assert len(name) <= 140
        assert name.isascii()
        assert not set(name) & set('/\\:*?"<>|\0 ')
        assert stem[0] not in ".-"
        assert stem.split(".")[0].casefold() not in {"con", "nul", "com1"}


def test_nothing_is_written_where_it_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    (tmp_path / "folder").mkdir()
    one, many = synthetic.results(), synthetic.results(c_rate=[0.1, 0.5])
    for dataset, place, form in (
        (many, "file", "bdf"),
        (one, "folder", "bdf"),
        (one, "folder", "csv"),
        (one, "folder", "netcdf"),
        (one, "file/x/y.csv", "csv"),
        (many, "file/x", "bdf"),
    ):
        with pytest.raises(ResultsError, match=r"wanted a (file|folder)"):
            export(dataset, tmp_path / place, form)
    assert written(tmp_path) == ["file", "folder"]
    assert (tmp_path / "file").read_text() == "mine"
    assert written(tmp_path / "folder") == []


@pytest.mark.parametrize("given", [None, 3, b"x", [], "", "a\0b"])
def test_wrong_kinds_of_arguments_are_named(given: object, tmp_path: Path) -> None:
    with pytest.raises(ResultsError, match="export: path"):
        export(synthetic.results(), given)
    with pytest.raises(ResultsError, match="export: format"):
        export(synthetic.results(), tmp_path / "x", given)
    with pytest.raises(ResultsError, match="export: dataset"):
        export(given, tmp_path / "x")


def test_a_file_that_is_replaced_is_whole_and_reads_back(tmp_path: Path) -> None:
    run = simulate("li_peo_lfp", STEPS, mesh="fast")
    for _ in range(2):
        assert export(run, str(tmp_path / "r.nc")) == [tmp_path / "r.nc"]
    assert written(tmp_path) == ["r.nc"]
    with open_results(tmp_path / "r.nc") as found:
        xr.testing.assert_equal(found["step_capacity"], run["step_capacity"])
        assert found["step_index"].attrs["valid_max"].dtype == found["step_index"].dtype
