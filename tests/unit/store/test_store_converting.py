"""Stores of cellmodel 0.1: refused with the command that rewrites them, and rewritten with every value."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
import zarr
from numcodecs import CRC32, Blosc, VLenUTF8
from test_store import new_store, one_run

from cellmodel.cli import app
from cellmodel.errors import ResultsError
from cellmodel.store import open_results
from cellmodel.store.converting import RENAMED, convert_store


def write_as_before(dataset: xr.Dataset, path: Path, *, checksums: bool = True) -> None:
    """Write a dataset as cellmodel 0.1 did, under the names of that time."""
    old = {new: name for name, new in RENAMED.items()}
    group = zarr.open_group(path, mode="w", zarr_format=2)
    for name, variable in dataset.variables.items():
        text = variable.dtype.kind == "O"
        filters: list[Any] = [VLenUTF8()] if text else []
        array = group.create_array(
            old.get(str(name), str(name)),
            shape=variable.shape,
            chunks=variable.shape or (),
            dtype="string" if text else variable.dtype,
            filters=[*filters, *([CRC32()] if checksums else [])] or None,
            compressors=Blosc("zstd", 3),
            fill_value="" if text else np.nan if variable.dtype.kind == "f" else 0,
        )
        array[...] = variable.values
        attributes = {key: np.asarray(value).tolist() for key, value in variable.attrs.items()}
        array.attrs.update({**attributes, "_ARRAY_DIMENSIONS": list(variable.dims)})
    named = [str(name) for name in dataset.coords if name not in dataset.dims]
    group.attrs.update({**dataset.attrs, "store_version": 1, "coordinates": " ".join(named)})


@pytest.fixture
def results() -> xr.Dataset:
    """Return results with variables that had other names, and with places that have not run."""
    store = new_store(None)
    for index in ((0, 1), (1, 2)):
        run = one_run(2.0 + index[0], message=f"run {index}: é")
        store.put(index, run.assign(dict.fromkeys(RENAMED.values(), run["capacity"] * 0.5)))
    return store.result()


@pytest.mark.parametrize("checksums", [True, False])
def test_an_old_store_is_refused_with_the_command_that_rewrites_it(
    results: xr.Dataset, tmp_path: Path, checksums: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "old.zarr"
    write_as_before(results, path, checksums=checksums)
    with pytest.raises(ResultsError, match="found store version 1, wanted version 2; `cellmodel convert"):
        open_results(path)
    app(["convert", str(path)], standalone_mode=False)
    assert capsys.readouterr().out.strip() == f"results: {path}"
    xr.testing.assert_identical(open_results(path).load(), results)
    assert list(tmp_path.iterdir()) == [path]
    again = new_store(path)
    again.adopt()
    assert again.digests[1, 2] == "digest 3.0"
    with pytest.raises(ResultsError, match="found store version 2, wanted version 1"):
        convert_store(path)


def test_an_old_store_that_is_damaged_stays_as_it_is(results: xr.Dataset, tmp_path: Path) -> None:
    path = tmp_path / "old.zarr"
    write_as_before(results, path)
    (path / "voltage" / "0.0.0").write_bytes(b"damaged")
    with pytest.raises(ResultsError, match="voltage: chunk: found a damaged file"):
        convert_store(path)
    (path / "voltage" / ".zarray").write_text(json.dumps({"compressor": {"id": "pickle"}}))
    with pytest.raises(ResultsError, match=r"found voltage: .*pickle"):
        convert_store(path)
    with pytest.raises(ResultsError, match="store version 1"):
        open_results(path)
    with pytest.raises(ResultsError, match="found nothing, wanted version 1"):
        convert_store(tmp_path / "none.zarr")
    assert list(tmp_path.iterdir()) == [path]
