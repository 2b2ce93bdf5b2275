"""Stores that somebody else made, or damaged: nothing is run, deleted or written through, and one line says why."""

from __future__ import annotations

import copy
import json
import os
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
import zarr.registry
from test_store import RATES, new_store, one_run
from test_store_guards import stored

from cellmodel.errors import ResultsError
from cellmodel.store import StudyLock, arrays, check_store, folders, open_results
from cellmodel.store.folders import discard, recover, sibling, swap
from cellmodel.store.measurements import replace_netcdf, write_measurement


def grid(*chunks: int) -> dict[str, Any]:
    return {"chunk_grid": {"name": "regular", "configuration": {"chunk_shape": list(chunks)}}}


BYTES = {"name": "bytes", "configuration": {"endian": "little"}}
MODIFY = {
    "a codec that runs code": ("voltage", {"codecs": [{"name": "pickle"}]}, "voltage: codecs"),
    "no checksum": ("voltage", {"codecs": [BYTES]}, "voltage: codecs"),
    "no codec": ("voltage", {"codecs": None}, "voltage: codecs"),
    "objects that are no texts": ("message", {"codecs": [{"name": "json2"}]}, "message: codecs"),
    "another separator": ("voltage", {"chunk_key_encoding": {"name": "default"}}, "voltage: chunk_key_encoding"),
    "another grid": ("voltage", {"chunk_grid": {"name": "rectilinear"}}, "voltage: chunks"),
    "a transformer": ("voltage", {"storage_transformers": [{"name": "x"}]}, "voltage: storage_transformers"),
    "another fill value": ("voltage", {"fill_value": 3.7}, "voltage: fill_value"),
    "times": ("voltage", {"data_type": {"name": "numpy.datetime64"}}, "voltage: data_type"),
    "records": ("voltage", {"data_type": "struct"}, "voltage: data_type"),
    "terabytes": ("voltage", {"shape": [2, 3, 10**13], **grid(2, 3, 10**13)}, "shape"),
    "other lengths": ("voltage", {"shape": [2, 3, 6], **grid(2, 3, 6)}, "shape: found"),
    "a length below zero": ("voltage", {"shape": [2, 3, -5]}, "voltage: shape"),
    "a length that is no number": ("voltage", {"shape": [2, 3, True]}, "voltage: shape"),
    "a missing length": ("voltage", {"shape": [2, 3]}, "voltage: shape"),
    "chunks within a run": ("voltage", grid(2, 3, 1), "voltage: chunks"),
    "chunks of nothing": ("voltage", grid(0, 3, 5), "voltage: chunks"),
    "large chunks": ("voltage", grid(10**9, 3, 5), "voltage: chunks"),
    "one more entry": ("voltage", {"object_codec": "pickle"}, "voltage: object_codec"),
    "a group": ("voltage", {"node_type": "group"}, "voltage: node_type"),
    "other dimensions": ("voltage", {"dimension_names": ["c_rate", "c_rate", "sample"]}, "voltage: dimensions"),
    "paths as dimensions": ("voltage", {"dimension_names": ["../x", "c_rate", "sample"]}, "voltage: dimensions"),
    "no attributes": ("voltage", {"attributes": None}, "voltage: found"),
    "a scale": ("voltage", {"attributes": {"scale_factor": 0.5}}, "voltage: scale_factor"),
    "an offset": ("capacity", {"attributes": {"add_offset": 1.0}}, "capacity: add_offset"),
    "flags that do not fit": ("status", {"attributes": {"flag_values": [1000]}}, "status: flag_values"),
    "flags that are none": ("status", {"attributes": {"flag_values": 3}}, "status: flag_values"),
    "a table as attribute": ("", {"title": {"a": {}}}, "title"),
    "a list as coordinates": ("", {"coordinates": ["x"]}, "coordinates"),
    "a newer layout": ("", {"store_version": 3}, "store_version: found store version 3, wanted version 2: a newer"),
    "an older layout": ("", {"store_version": 1}, "store_version: found store version 1, wanted version 2; `cellmodel"),
    "a version in words": ("", {"store_version": "2"}, "store_version"),
    "a version that is a switch": ("", {"store_version": True}, "store_version"),
    "another attribute": ("", {"title": "other"}, "metadata with another checksum"),
    "another unit": ("voltage", {"attributes": {"units": "mV"}}, "metadata with another checksum"),
}


def metadata(path: Path) -> dict[str, Any]:
    """Return the documents of a store by array, and its attributes under an empty name."""
    root = json.loads((path / "zarr.json").read_bytes())
    return {"": root["attributes"], **root["consolidated_metadata"]["metadata"]}


def write(path: Path, documents: dict[str, Any]) -> None:
    """Write what `metadata` returned, changed, wherever a reader may look for it; the digest stays as it was."""
    root = json.loads((path / "zarr.json").read_bytes())
    root["attributes"] = documents[""]
    root["consolidated_metadata"]["metadata"] = {name: one for name, one in documents.items() if name}
    (path / "zarr.json").write_text(json.dumps(root))
    for name in ("voltage", "message", "capacity", "status"):
        if name in documents:
            (path / name / "zarr.json").write_text(json.dumps(documents[name]))


def content(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder, links by their target."""
    return {
        str(file.relative_to(folder)): str(file.readlink()).encode() if file.is_symlink() else file.read_bytes()
        for file in folder.rglob("*")
        if file.is_symlink() or file.is_file()
    }


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return stored(tmp_path / "study.zarr")


def check_refused(path: Path, said: str) -> None:
    """Assert that a store is neither opened nor gone on with, with one problem, and stays as it is."""
    before = content(path)
    for act in (lambda: open_results(path), lambda: new_store(path).adopt()):
        with pytest.raises(ResultsError) as caught:
            act()
        assert said in str(caught.value), str(caught.value)
        assert str(path) in str(caught.value)
        assert len(caught.value.problems) == 1
    assert content(path) == before


@pytest.mark.parametrize("case", MODIFY)
def test_metadata_that_is_not_ours_is_refused(path: Path, case: str) -> None:
    key, changed, said = MODIFY[case]
    files = metadata(path)
    files[key].update(changed)
    write(path, files)
    check_refused(path, said)


@pytest.mark.parametrize("name", ["../evil", "/etc/evil", "a/b", "..", ".hidden", "a\nb", "x" * 300, ""])
def test_names_that_are_paths_are_refused(path: Path, name: str) -> None:
    files = metadata(path)
    write(path, {**files, (name or " "): copy.deepcopy(files["voltage"])})
    check_refused(path, "")


@pytest.mark.parametrize("name", ["status", "run_digest", "c_rate"])
def test_a_store_without_what_every_store_has_is_refused(path: Path, name: str) -> None:
    write(path, {key: found for key, found in metadata(path).items() if key != name})
    check_refused(path, "")


@pytest.mark.parametrize("text", ["[" * 100_000, '{"attributes": ' + "9" * 6000 + "}", "\x00", '"x"', "{}", "nan"])
def test_metadata_that_is_no_table_is_one_problem(path: Path, text: str) -> None:
    (path / "zarr.json").write_text(text)
    check_refused(path, "results: found")


def test_code_in_a_codec_is_never_reached(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    documents = metadata(path)
    for document in documents.values():  # what stands beside the chunks is for other programs and is not looked at
        if "codecs" in document:
            document["codecs"] = [{"name": "pickle"}]
    for name in documents.keys() - {""}:
        (path / name / "zarr.json").write_text(json.dumps(documents[name]))
    chosen: list[str] = []
    usual = zarr.registry.get_codec_class
    monkeypatch.setattr(zarr.registry, "get_codec_class", lambda name, *_, **__: chosen.append(name) or usual(name))
    assert float(open_results(path)["capacity"].load()[0, 0]) == 1.0
    again = new_store(path)
    again.adopt()
    assert again.status[0, 0] == 1
    assert "pickle" not in chosen


def empty(place: Path) -> None:
    place.mkdir()


def other_format(place: Path) -> None:
    xr.Dataset({"a": ("b", [1.0])}).to_zarr(place, zarr_format=3, consolidated=False)


THINGS: dict[str, tuple[str, Callable[[Path], object], str]] = {
    "an empty folder": ("x.zarr", empty, "wanted a store written by cellmodel"),
    "format 3": ("x.zarr", other_format, "no store version"),
    "a file": ("x.zarr", lambda place: place.write_text("a"), "no folder"),
    "a link to nothing": ("x.zarr", lambda place: place.symlink_to("nothing"), "a link to nothing"),
    "a link to itself": ("x.zarr", lambda place: place.symlink_to(place), "results"),
    "no netCDF": ("x.nc", lambda place: place.write_text("a"), "a netCDF file"),
    "an empty netCDF": ("x.nc", lambda place: place.touch(), "a netCDF file"),
    "netCDF that is a folder": ("x.nc", empty, "no file"),
    "no netCDF at all": ("x.nc", lambda _: None, "x.nc"),
}


@pytest.mark.parametrize("thing", THINGS)
def test_what_is_no_store_is_one_problem(tmp_path: Path, thing: str) -> None:
    name, make, said = THINGS[thing]
    make(tmp_path / name)
    with pytest.raises(ResultsError) as caught:
        open_results(tmp_path / name)
    assert len(caught.value.problems) == 1
    assert said in str(caught.value), str(caught.value)


@pytest.mark.parametrize("given", [None, 3, True, b"study.zarr", ["study"], "", "a\0b", "x" * 5000, np.float64(1.0)])
def test_a_path_that_is_none_is_refused(given: Any) -> None:
    with pytest.raises(ResultsError, match="open_results: path: found"):
        open_results(given)


def test_a_name_longer_than_a_file_can_have_is_one_problem() -> None:
    with pytest.raises(ResultsError) as caught:
        open_results("x" * 4000)
    assert len(caught.value.problems) == 1


# --- damage


@pytest.mark.parametrize("damage", ["short", "longer", "noise", "empty", "link", "claims more"])
@pytest.mark.parametrize("name", ["voltage", "capacity", "status", "message", "run_digest", "x"])
def test_a_damaged_chunk_is_named_and_its_runs_are_computed_again(path: Path, name: str, damage: str) -> None:
    keeper = new_store(path)
    keeper.adopt()
    for index in np.ndindex(2, 3):
        keeper.put(index, one_run(10.0 + sum(index)))
    keeper.flush()
    whole = open_results(path).load()
    (file,) = (path / name).glob("c*")
    spoil(file, damage)
    with pytest.raises(ResultsError, match=f"{name}/{file.name}: chunk: found a damaged file") as caught:
        open_results(path)[name].load()
    assert len(caught.value.problems) == 1
    again = new_store(path)
    with pytest.warns(UserWarning, match=rf"damaged files \({name}/{file.name}\): their runs are computed again"):
        again.adopt()
    assert (again.status == 0).all()
    assert (open_results(path)["status"] == 0).all()  # whoever opens it now is not told otherwise
    for index in np.ndindex(2, 3):
        again.put(index, one_run(10.0 + sum(index)))
    assert again.result().load().identical(whole)


def spoil(file: Path, damage: str) -> None:
    found = bytearray(file.read_bytes())
    if damage == "link":
        file.unlink()
        file.symlink_to("/etc/hostname")
        return
    if damage == "short":
        found = found[:-1]
    elif damage == "longer":
        found += b"x"
    elif damage == "noise":
        found = bytearray(b"\xff" * len(found))
    elif damage == "empty":
        found = bytearray()
    else:
        found[4:8] = (2**31 - 1).to_bytes(4, "little")
    file.write_bytes(found)


def test_only_the_runs_of_a_damaged_chunk_are_computed_again(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from cellmodel.store import layout

    monkeypatch.setattr(layout, "CHUNK_BYTES", 5 * 8)
    shutil.rmtree(path)
    keeper = new_store(path)
    for index in np.ndindex(2, 3):
        keeper.put(index, one_run(10.0))
    keeper.flush()
    (path / "voltage" / "c.1.2.0").write_bytes(b"damaged")
    again = new_store(path)
    with pytest.warns(UserWarning, match="damaged files"):
        again.adopt()
    assert again.status.tolist() == [[1, 1, 1], [1, 1, 0]]


def test_a_missing_chunk_of_flags_or_texts_is_damage(path: Path) -> None:
    (path / "message" / "c.0.0").unlink()
    with pytest.raises(ResultsError, match=r"message/c\.0\.0: chunk: found a missing file"):
        open_results(path)["message"].load()


def test_damaged_axes_are_one_problem(path: Path) -> None:
    (path / "c_rate" / "c.0").write_bytes(b"x")
    check_refused(path, "c_rate/c.0: chunk: found a damaged file")


# --- what is deleted


def other_zarr(place: Path) -> None:
    xr.Dataset({"a": ("b", [1.0])}).to_zarr(place, zarr_format=2, consolidated=True)


def photos(place: Path) -> None:
    place.mkdir()
    (place / "holiday.jpg").write_text("a picture")


def store_with_notes(place: Path) -> None:
    stored(place)
    (place / "voltage" / "notes.txt").write_text("do not lose me")


def store_with_a_linked_array(place: Path) -> None:
    stored(place)
    shutil.move(place / "voltage", place.parent / "elsewhere")
    (place / "voltage").symlink_to(place.parent / "elsewhere")


def linked_store(place: Path) -> None:
    stored(place.parent / "target.zarr")
    place.symlink_to(place.parent / "target.zarr")


def a_file(place: Path) -> None:
    place.write_text("a file")


def dangling(place: Path) -> None:
    place.symlink_to("nothing")


FOREIGN = [other_zarr, photos, store_with_notes, store_with_a_linked_array, linked_store, a_file, dangling]


@pytest.mark.parametrize("make", FOREIGN)
@pytest.mark.parametrize("name", ["study.zarr", ".study.old.zarr", ".study.writing.zarr"])
def test_nothing_foreign_is_deleted_or_moved(tmp_path: Path, make: Callable[[Path], None], name: str) -> None:
    make(tmp_path / name)
    before = content(tmp_path)
    with pytest.raises(ResultsError, match="cellmodel wrote"):
        discard(tmp_path / name)
    if name != "study.zarr":
        with pytest.raises(ResultsError, match="cellmodel wrote"):
            recover(tmp_path / "study.zarr")
    else:
        with pytest.raises(ResultsError, match="cellmodel wrote"):
            check_store(tmp_path / name)
        with pytest.raises(ResultsError, match="cellmodel wrote"):
            swap(tmp_path / name)
    assert content(tmp_path) == before


@pytest.mark.parametrize("make", [other_zarr, photos, a_file, dangling])
def test_opening_leaves_what_is_beside_alone(tmp_path: Path, make: Callable[[Path], None]) -> None:
    make(tmp_path / ".study.old.zarr")
    before = content(tmp_path)
    with pytest.raises(ResultsError):
        open_results(tmp_path / "study.zarr")
    assert content(tmp_path) == before


def test_what_a_death_left_is_swept_whatever_is_missing(path: Path) -> None:
    for missing in (["zarr.json"], ["zarr.json", "voltage/zarr.json", "status/c.0.0"], []):
        left = sibling(path, "writing")
        shutil.copytree(path, left)
        for name in missing:
            (left / name).unlink()
        (left / "voltage" / f"c.0.0.{'ab' * 16}.partial").write_bytes(b"half")
        (left / f"zarr.{'ab' * 16}.partial").write_bytes(b"half")
        recover(path)
        assert list(path.parent.iterdir()) == [path]


def test_a_linked_store_can_be_read(tmp_path: Path) -> None:
    linked_store(tmp_path / "study.zarr")
    assert float(open_results(tmp_path / "study.zarr")["capacity"][0, 0]) == 1.0


# --- the lock


@pytest.mark.parametrize("kind", ["link", "link to nothing", "hard link", "other content", "folder", "pipe"])
def test_a_lock_that_is_none_is_refused_and_nothing_is_emptied(tmp_path: Path, kind: str) -> None:
    victim, lock = tmp_path / "victim", tmp_path / ".study.lock"
    victim.write_text("precious")
    if kind == "link":
        lock.symlink_to(victim)
    elif kind == "link to nothing":
        lock.symlink_to(tmp_path / "new")
    elif kind == "hard link":
        os.link(victim, lock)
    elif kind == "other content":
        lock.write_text("precious too")
    elif kind == "folder":
        lock.mkdir()
    else:
        os.mkfifo(lock)
    before = sorted(tmp_path.iterdir())
    with pytest.raises(ResultsError, match=r"\.study\.lock: lock: found .*remove the file, or take another folder"):
        StudyLock(tmp_path / "study.zarr")
    assert victim.read_text() == "precious"
    assert sorted(tmp_path.iterdir()) == before
    if kind == "other content":
        assert lock.read_text() == "precious too"


def test_the_lock_that_a_death_left_is_taken(tmp_path: Path) -> None:
    for left in ("", "process 123 on a machine since 2026-01-01T00:00:00+00:00"):
        (tmp_path / ".study.lock").write_text(left)
        lock = StudyLock(tmp_path / "study.zarr")
        assert lock.file.read_text().startswith(f"process {os.getpid()} on ")
        lock.release()
    assert list(tmp_path.iterdir()) == []


# --- a folder that goes away


@pytest.mark.parametrize("everything", [True, False])
def test_a_store_deleted_while_it_is_written_is_made_anew(path: Path, everything: bool) -> None:
    keeper = new_store(path)
    keeper.adopt()
    shutil.rmtree(path.parent if everything else path)
    keeper.put((1, 1), one_run(6.0))
    with pytest.warns(UserWarning, match="was deleted while the study ran; what ends from now on is kept"):
        keeper.flush()
    found = open_results(path).load()
    assert found["status"].values.tolist() == [[0, 0, 0], [0, 1, 0]] == keeper.status.tolist()
    assert found["voltage"].values[1, 1].tolist() == [6, 7, 8, 9, 10]
    assert found["x"].values.tolist() == [0.0, 0.5, 1.0]
    again = new_store(path)
    again.adopt()
    assert again.digests[1, 1] == "digest 6.0"


def test_a_store_that_another_took_the_place_of_is_not_written(path: Path) -> None:
    keeper = new_store(path)
    keeper.adopt()
    shutil.rmtree(path)
    stored(path)
    before = content(path)
    keeper.put((1, 1), one_run(6.0))
    with pytest.raises(ResultsError, match="another folder in its place"):
        keeper.flush()
    assert content(path) == before


def test_what_remains_of_a_deletion_does_not_block(path: Path) -> None:
    keeper = new_store(path)
    keeper.adopt()
    for file in path.iterdir():
        if file.is_file():
            file.unlink()
    shutil.rmtree(path / "status")
    keeper.put((1, 1), one_run(6.0))
    with pytest.warns(UserWarning, match="was deleted while the study ran"):
        keeper.flush()
    assert int(open_results(path)["status"].sum()) == 1


def test_runs_written_into_a_folder_that_goes_meanwhile_are_written_again(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeper, put = new_store(path), arrays.StudyArray.put
    keeper.adopt()

    def put_after_the_deletion(self: arrays.StudyArray, rows: Any) -> None:
        if self.name == "temperature" and path.exists() and not deleted:
            shutil.rmtree(path)
            deleted.append(path)
        put(self, rows)

    deleted: list[Path] = []
    monkeypatch.setattr(arrays.StudyArray, "put", put_after_the_deletion)
    keeper.put((1, 1), one_run(6.0))
    with pytest.warns(UserWarning, match="was deleted while the study ran"):
        keeper.flush()
    assert deleted
    found = open_results(path).load()
    assert found["status"].values.tolist() == [[0, 0, 0], [0, 1, 0]] == keeper.status.tolist()
    assert found["voltage"].values[1, 1].tolist() == [6, 7, 8, 9, 10]


# --- what xarray opens, xarray writes


@pytest.mark.filterwarnings("ignore:The data type .FixedLengthUTF32:Warning")  # Zarr 3 of any text that xarray writes
def test_what_is_opened_can_be_written_in_every_format_and_comes_back(tmp_path: Path) -> None:
    path = stored(tmp_path / "study.zarr")
    whole = open_results(path).load()
    export = tmp_path / "exported.nc"
    open_results(path).to_netcdf(export, engine="h5netcdf")
    for opened in (open_results(path), open_results(path).isel(c_rate=[0]), open_results(export)):
        wanted = opened.copy(deep=True).load()
        for number, version in enumerate((2, 3)):
            place = tmp_path / f"out_{number}_{len(list(tmp_path.iterdir()))}.zarr"
            opened.to_zarr(place, zarr_format=version, consolidated=version == 2)
            back = xr.open_zarr(place, chunks=None, zarr_format=version, consolidated=version == 2).load()
            check_same_values(back, wanted)
        place = tmp_path / f"out_{len(list(tmp_path.iterdir()))}.nc"
        opened.to_netcdf(place, engine="h5netcdf")
        check_same_values(open_results(place).load(), wanted)
    check_same_values(open_results(export).load(), whole)


def check_same_values(found: xr.Dataset, wanted: xr.Dataset) -> None:
    assert set(found.variables) == set(wanted.variables)
    for name in wanted.variables:
        here, there = found[name].values, wanted[name].values
        if there.dtype.kind == "f":
            np.testing.assert_array_equal(here, there)
        else:
            assert here.tolist() == there.tolist()


def test_what_is_opened_can_be_encoded_copied_and_pickled(tmp_path: Path) -> None:
    path = stored(tmp_path / "study.zarr")
    whole = open_results(path).load()
    assert open_results(path).copy(deep=True).identical(whole)
    assert pickle.loads(pickle.dumps(open_results(path))).load().identical(whole)
    encoding = {"voltage": {"dtype": "float32", "chunks": (1, 1, 5)}}
    open_results(path).to_zarr(tmp_path / "packed.zarr", zarr_format=2, encoding=encoding)
    packed = xr.open_zarr(tmp_path / "packed.zarr", chunks=None)
    assert packed["voltage"].dtype == np.float32
    pytest.importorskip("dask")
    open_results(path, chunks={}).chunk({"c_rate": 1}).to_zarr(tmp_path / "small.zarr", zarr_format=2)
    check_same_values(xr.open_zarr(tmp_path / "small.zarr", chunks=None).load(), whole)


def test_parts_are_read_as_they_were_written(tmp_path: Path) -> None:
    path = tmp_path / "study.zarr"
    keeper = new_store(path)
    for number, index in enumerate(np.ndindex(2, 3)):
        keeper.put(index, one_run(float(number), message=f"run {number}"))
    whole = keeper.result().load()
    for key in (
        {"c_rate": 1},
        {"c_rate": [2, 0], "sample": [4, 1]},
        {"c_rate": slice(None, None, -1), "sample": slice(1, 4)},
        {"ambient_temperature": xr.DataArray([0, 1], dims="point"), "c_rate": xr.DataArray([2, 1], dims="point")},
        {"c_rate": []},
        {"sample": -1},
    ):
        assert open_results(path).isel(key).load().identical(whole.isel(key)), key
    assert len(RATES) == 3
    assert folders.identity(path) is not None


# --- single files


@pytest.mark.parametrize("kind", ["text", "another program's", "link", "folder"])
@pytest.mark.parametrize("overwrite", [True, False])
def test_a_file_of_another_program_is_not_replaced(tmp_path: Path, kind: str, overwrite: bool) -> None:
    target = tmp_path / "one.nc"
    if kind == "text":
        target.write_text("precious")
    elif kind == "another program's":
        xr.Dataset({"a": ("b", [1.0])}).to_netcdf(target, engine="h5netcdf")
    elif kind == "link":
        write_measurement(one_run(1.0).assign_attrs(cellmodel_version="0"), tmp_path / "two.nc")
        target.symlink_to("two.nc")
    else:
        target.mkdir()
    before = content(tmp_path)
    for write in (
        lambda: write_measurement(one_run(1.0), target, overwrite),
        lambda: replace_netcdf(one_run(1.0), target),
    ):
        with pytest.raises(ResultsError, match=r"nothing was replaced|links are not followed|found a folder"):
            write()
    assert content(tmp_path) == before


def test_a_file_of_ours_is_replaced_as_a_whole(tmp_path: Path) -> None:
    target = tmp_path / "one.nc"
    for version in ("1", "2"):
        write_measurement(one_run(1.0).assign_attrs(cellmodel_version=version), target, overwrite=True)
        assert xr.load_dataset(target, engine="h5netcdf").attrs["cellmodel_version"] == version
    with pytest.raises(ResultsError, match="results of other inputs"):
        write_measurement(one_run(1.0).assign_attrs(cellmodel_version="3"), target)
    with pytest.raises(ResultsError, match="overwrite: found 'no'"):
        write_measurement(one_run(1.0), target, overwrite="no")  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == [target]
