"""Stores: nothing finished is lost, nothing warns, and the files open without cellmodel."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr
import zarr

from cellmodel.errors import ResultsError
from cellmodel.store import STORE_VERSION, StudyLock, StudyStore, arrays, check_writable, export, open_results

TEMPERATURES = (333.15, 353.15)
RATES = (0.1, 0.5, 1.0)


def axis(name: str, values: tuple[float, ...], units: str) -> xr.Variable:
    return xr.Variable((name,), np.array(values), {"units": units, "long_name": name})


class DatasetStore(StudyStore):
    """A store that also takes single datasets."""

    def put(self, index: tuple[int, ...], run: xr.Dataset) -> None:
        """Put one run, without the swept dimensions, at its position along them."""
        block = {
            str(name): (tuple(map(str, variable.dims)), variable.attrs, np.asarray(variable.values)[None])
            for name, variable in run.variables.items()
            if name not in self.axes.coords
        }
        self.put_block([index], block)


def new_store(path: Path | None, rates: tuple[float, ...] = RATES, lock: StudyLock | None = None) -> DatasetStore:
    coordinates = {
        "ambient_temperature": axis("ambient_temperature", TEMPERATURES, "K"),
        "c_rate": axis("c_rate", rates, "1"),
    }
    return DatasetStore(path, coordinates, {"title": "test", "store_version": STORE_VERSION}, lock=lock)


def one_run(value: float, *, samples: int = 5, nodes: int = 3, message: str = "completed") -> xr.Dataset:
    described: dict[str, Any] = {"units": "1", "long_name": "something"}
    sampled = {
        name: (("sample",), value + np.arange(float(samples)), described)
        for name in ("time", "voltage", "current", "discharge_capacity", "discharge_energy", "temperature")
    }
    flags = {
        **described,
        "flag_values": np.arange(4, dtype=np.int8),
        "flag_meanings": "not_run completed ended_early failed timeout",
    }
    return xr.Dataset(
        {
            **sampled,
            "step_index": ((), np.int32(1), described),
            "cycle_index": ((), np.int32(1), described),
            "electrolyte_concentration": (("x_node",), np.full(nodes, value, np.float32), described),
            "capacity": ((), value, described),
            "status": ((), np.int8(1), flags),
            "message": ((), message, described),
            "run_digest": ((), f"digest {value}", described),
        },
        coords={"x": (("x_node",), np.linspace(0.0, 1.0, nodes), described)},
    )


def test_what_is_written_is_what_is_read_without_cellmodel(tmp_path: Path) -> None:
    path = tmp_path / "study.zarr"
    keeper = new_store(path)
    keeper.put((0, 1), one_run(2.0, message="a much longer message than the first of them: é"))
    keeper.put((1, 2), one_run(3.0))
    keeper.flush()
    with xr.open_zarr(path, chunks=None) as found:
        found.load()
        assert dict(found.sizes) == {"ambient_temperature": 2, "c_rate": 3, "sample": 5, "x_node": 3}
        assert found["voltage"].sel(ambient_temperature=333.15, c_rate=0.5).values.tolist() == [2, 3, 4, 5, 6]
        assert found["status"].values.tolist() == [[0, 1, 0], [0, 0, 1]]
        assert str(found["message"].values[0, 1]).startswith("a much longer message")
        assert np.isnan(found["capacity"].values[0, 0])
        assert found["electrolyte_concentration"].dtype == np.float32
        assert found["x"].dims == ("x_node",)
        assert found["voltage"].attrs["units"] == "1"
        assert {**found.attrs, "metadata_digest": ""} == {
            "title": "test",
            "store_version": STORE_VERSION,
            "metadata_digest": "",
        }


def test_every_array_is_of_format_3_and_carries_its_checksum(tmp_path: Path) -> None:
    keeper = new_store(tmp_path / "study.zarr")
    keeper.put((0, 0), one_run(1.0))
    keeper.flush()
    group = zarr.open_group(tmp_path / "study.zarr", mode="r")
    arrays = dict(group.arrays())
    assert {"voltage", "status", "message", "c_rate"} <= arrays.keys()
    for array in arrays.values():
        assert array.metadata.zarr_format == 3
        assert isinstance(array.metadata.codecs[-1], zarr.codecs.Crc32cCodec)


def test_later_flushes_write_into_the_same_layout(tmp_path: Path) -> None:
    path = tmp_path / "study.zarr"
    keeper = new_store(path)
    for number, index in enumerate(np.ndindex(2, 3)):
        keeper.put(index, one_run(float(number)))
        keeper.flush()
        assert int((open_results(path)["status"] == 1).sum()) == number + 1
    assert open_results(path)["capacity"].values.tolist() == [[0, 1, 2], [3, 4, 5]]


def test_chunks_hold_whole_runs_and_some_hundred_kilobytes(tmp_path: Path) -> None:
    keeper = new_store(tmp_path / "study.zarr", rates=tuple(np.linspace(0.1, 1, 1000)))
    keeper.put((1, 999), one_run(7.0, samples=200))
    keeper.flush()
    keeper.put((0, 700), one_run(8.0, samples=200))
    keeper.flush()
    found = open_results(tmp_path / "study.zarr")
    assert tuple(found["voltage"].encoding["preferred_chunks"].values()) == (1, 2**19 // (200 * 8), 200)
    assert tuple(found["capacity"].encoding["preferred_chunks"].values()) == (2, 1000)
    assert float(found["capacity"][1, 999]) == 7.0
    assert found["voltage"][0, 700].values.tolist() == (8.0 + np.arange(200)).tolist()
    assert np.isnan(found["voltage"][0, 699]).all()
    assert int(found["status"].sum()) == 2


def test_a_run_is_whole_before_its_status_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever reads, or goes on after a death, between any two of these writes finds no half run that counts."""
    order: list[str] = []
    write = arrays.StudyArray.write
    store = new_store(tmp_path / "mine.zarr")
    store.put((0, 1), one_run(1.0))
    store.flush()  # lays the store out
    monkeypatch.setattr(
        arrays.StudyArray, "write", lambda self, *given: (order.append(self.name), write(self, *given))[1]
    )
    store.put((0, 0), one_run(1.0))
    store.flush()
    assert order[-2:] == ["run_digest", "status"]
    assert {"voltage", "capacity"} <= set(order[:-2])
    order.clear()
    store.put((0, 0), one_run(2.0))  # computed again: what is there counts no more before anything is written over
    store.flush()
    assert order[0] == order[-1] == "status"


def test_flush_waits_two_seconds_unless_forced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keeper = new_store(tmp_path / "study.zarr")
    keeper.put((0, 0), one_run(1.0))
    keeper.flush(force=False)
    assert not (tmp_path / "study.zarr").exists()
    monkeypatch.setattr("cellmodel.store.writing.FLUSH_SECONDS", 0.0)
    keeper.flush(force=False)
    assert (tmp_path / "study.zarr").exists()


def test_a_flush_writes_each_chunk_once_however_many_blocks_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeper = new_store(tmp_path / "study.zarr")
    keeper.put((0, 0), one_run(1.0))
    keeper.flush()
    written: list[str] = []
    write = arrays.StudyArray.write
    monkeypatch.setattr(
        arrays.StudyArray, "write", lambda self, *given: (written.append(self.key(given[0])), write(self, *given))[1]
    )
    for column in (1, 2):
        keeper.put((0, column), one_run(1.0 + column))
    keeper.put((1, 0), one_run(4.0, message="of another kind", samples=4))
    keeper.flush()
    assert len(written) == len(set(written))
    assert open_results(tmp_path / "study.zarr")["capacity"].values[0].tolist() == [1.0, 2.0, 3.0]
    assert float(open_results(tmp_path / "study.zarr")["capacity"][1, 0]) == 4.0


def test_a_run_with_more_nodes_makes_room(tmp_path: Path) -> None:
    keeper = new_store(tmp_path / "study.zarr")
    keeper.put((0, 0), one_run(1.0, nodes=3))
    keeper.flush()
    keeper.put((0, 1), one_run(2.0, nodes=4))
    keeper.flush()
    found = open_results(tmp_path / "study.zarr")["electrolyte_concentration"]
    assert found.sizes["x_node"] == 4
    assert np.isnan(found.values[0, 0]).tolist() == [False, False, False, True]
    assert found.values[0, 1].tolist() == [2.0] * 4


def test_adopting_a_store_keeps_its_runs_on_longer_axes(tmp_path: Path) -> None:
    path = tmp_path / "study.zarr"
    first = new_store(path)
    first.put((1, 1), one_run(5.0))
    first.flush()
    second = new_store(path, rates=(0.1, 0.2, 0.5, 1.0))
    second.adopt()
    second.put((0, 0), one_run(6.0))
    second.flush()
    found = open_results(path)
    assert found["c_rate"].values.tolist() == [0.1, 0.2, 0.5, 1.0]
    assert float(found["capacity"].sel(c_rate=0.5, ambient_temperature=353.15)) == 5.0
    assert found["status"].values.tolist() == [[1, 0, 0, 0], [0, 0, 1, 0]]
    assert str(found["run_digest"].values[0, 1]) == ""
    assert found["status"].dtype == np.int8


def test_a_rewrite_that_died_between_its_renames_is_put_back(tmp_path: Path) -> None:
    path = tmp_path / "study.zarr"
    keeper = new_store(path)
    keeper.put((0, 0), one_run(1.0))
    keeper.flush()
    path.rename(tmp_path / ".study.old.zarr")
    assert float(open_results(path)["capacity"][0, 0]) == 1.0


def test_without_a_folder_nothing_is_written(folder: Path) -> None:
    keeper = new_store(None)
    keeper.put((0, 0), one_run(1.0))
    keeper.flush()
    assert list(folder.iterdir()) == []
    assert float(keeper.result()["capacity"][0, 0]) == 1.0


def test_opening_what_is_not_there_offers_the_nearest(tmp_path: Path) -> None:
    keeper = new_store(tmp_path / "rate_capability.zarr")
    keeper.put((0, 0), one_run(1.0))
    keeper.flush()
    with pytest.raises(ResultsError, match=r"found rate_capabilty\.zarr; did you mean rate_capability\.zarr"):
        open_results(tmp_path / "rate_capabilty")


def test_opening_what_cellmodel_did_not_write_is_refused(tmp_path: Path) -> None:
    xr.Dataset({"a": ("b", [1.0])}).to_zarr(tmp_path / "other.zarr", zarr_format=2, consolidated=True)
    with pytest.raises(ResultsError, match=r"found no zarr\.json, wanted a store written by cellmodel"):
        open_results(tmp_path / "other.zarr")
    (tmp_path / "empty.zarr").mkdir()
    with pytest.raises(ResultsError, match="wanted a store written by cellmodel"):
        open_results(tmp_path / "empty.zarr")


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "results").write_text("a file")
    with pytest.raises(ResultsError, match=r"results: results: found .*, wanted a folder that can be written"):
        check_writable(tmp_path / "results")
    with pytest.raises(ResultsError, match="wanted a folder that can be written"):
        check_writable(tmp_path / "results" / "below")


def two_runs() -> xr.Dataset:
    keeper = new_store(None)
    keeper.put((0, 1), one_run(2.0))
    keeper.put((1, 2), one_run(3.0))
    return keeper.result()


def test_export_to_netcdf_reads_back(tmp_path: Path) -> None:
    dataset = two_runs()
    assert export(dataset, tmp_path / "out" / "results.nc") == [tmp_path / "out" / "results.nc"]
    with open_results(tmp_path / "out" / "results.nc") as found:
        assert found["voltage"].equals(dataset["voltage"])
        assert found["message"].values[0, 1] == "completed"
        assert found["status"].attrs["flag_values"].dtype == np.int8


def test_export_to_csv_has_a_row_for_each_sample(tmp_path: Path) -> None:
    (file,) = export(two_runs(), tmp_path / "results.csv", "csv")
    table = pd.read_csv(file)
    assert len(table) == 10
    assert list(table.columns[:4]) == ["ambient_temperature", "c_rate", "step", "cycle"]
    assert table.loc[table["c_rate"] == 1.0, "voltage [1]"].tolist() == [3, 4, 5, 6, 7]


def test_export_to_bdf_has_its_columns_and_its_sign(tmp_path: Path) -> None:
    files = export(two_runs(), tmp_path / "bdf", "bdf")
    assert [file.name for file in files] == [
        "ambient_temperature_333.15__c_rate_0.5.bdf.csv",
        "ambient_temperature_353.15__c_rate_1.bdf.csv",
    ]
    table = pd.read_csv(files[0])
    assert list(table.columns) == [
        "Test Time / s",
        "Voltage / V",
        "Current / A",
        "Cycle Count / 1",
        "Step Count / 1",
        "Ambient Temperature / degC",
        "Surface Temperature T1 / degC",
        "Discharging Capacity / Ah",
        "Charging Capacity / Ah",
    ]
    assert table["Discharging Capacity / Ah"].tolist() == [0, 1, 2, 3, 4]
    assert table["Current / A"].tolist() == [-2, -3, -4, -5, -6]
    assert table["Ambient Temperature / degC"][0] == pytest.approx(2.0 - 273.15)


def test_bdf_splits_the_net_charge_by_direction(tmp_path: Path) -> None:
    cycle = two_runs().isel(ambient_temperature=[0], c_rate=[1])
    cycle["discharge_capacity"] = cycle["discharge_capacity"].copy(data=[[[0.0, 1.0, 2.0, 1.5, 0.5]]])
    table = pd.read_csv(export(cycle, tmp_path / "cycle.bdf.csv", "bdf")[0])
    assert table["Discharging Capacity / Ah"].tolist() == [0, 1, 2, 2, 2]
    assert table["Charging Capacity / Ah"].tolist() == [0, 0, 0, 0.5, 1.5]


def test_export_refuses_unknown_formats_and_unwritable_files(tmp_path: Path) -> None:
    with pytest.raises(ResultsError, match=r"format: found 'netcfd'; did you mean netcdf"):
        export(two_runs(), tmp_path / "x", "netcfd")
    (tmp_path / "file").write_text("")
    with pytest.raises(ResultsError, match="wanted a file in a folder that can be written"):
        export(two_runs(), tmp_path / "file" / "x.csv", "csv")
    with pytest.raises(ResultsError, match="found no finished run"):
        export(two_runs().isel(c_rate=[0]), tmp_path / "x.csv", "csv")
