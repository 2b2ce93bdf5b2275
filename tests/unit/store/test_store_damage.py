"""A store with a bit flipped or a chunk lost: it opens with the values that were written, or is refused by name."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xarray as xr
import zarr
from test_store import RATES, new_store, one_run

from cellmodel.errors import ResultsError
from cellmodel.store import damaged_files, open_results

FLIPS = 150


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    """Return a store in which every run has ended, one of them without samples."""
    path = tmp_path / "whole.zarr"
    with new_store(path) as keeper:
        for index in np.ndindex(*keeper.status.shape):
            run = one_run(10.0 * index[0] + RATES[index[1]])
            keeper.put(index, run if index != (1, 1) else run.drop_vars("voltage"))
    return path


def chunks(path: Path) -> list[Path]:
    return sorted(file for file in path.rglob("c*") if file.is_file())


def test_no_flipped_bit_of_a_chunk_gives_other_values(whole: Path, tmp_path: Path) -> None:
    expected, generator = open_results(whole).load(), np.random.default_rng(5)
    files = chunks(whole)
    refused = 0
    for number in generator.integers(len(files), size=FLIPS).tolist():
        file = files[number]
        content = file.read_bytes()
        wrong = bytearray(content)
        wrong[generator.integers(len(wrong))] ^= 1 << int(generator.integers(8))
        file.write_bytes(wrong)
        try:
            found = open_results(whole).load()
        except ResultsError:
            refused += 1
            assert str(file.relative_to(whole)) in damaged_files(whole)
        else:
            xr.testing.assert_identical(found, expected)  # a bit that says nothing
        file.write_bytes(content)
    assert refused > 0.9 * FLIPS


def test_no_flipped_bit_of_the_metadata_changes_a_word(whole: Path) -> None:
    expected, generator = open_results(whole).load(), np.random.default_rng(6)
    file = whole / "zarr.json"
    content = file.read_bytes()
    refused = 0
    for place in generator.integers(len(content), size=FLIPS).tolist():
        wrong = bytearray(content)
        wrong[place] ^= 1 << int(generator.integers(8))
        file.write_bytes(wrong)
        try:
            found = open_results(whole).load()
        except ResultsError:
            refused += 1
        else:
            xr.testing.assert_identical(found, expected)
    assert refused > 0.9 * FLIPS


def test_a_lost_chunk_of_a_run_is_not_one_that_has_not_run(whole: Path) -> None:
    for file in chunks(whole):
        kept = file.read_bytes()
        file.unlink()
        with pytest.raises(ResultsError, match="a missing file"):
            open_results(whole).load()
        file.write_bytes(kept)
    open_results(whole).load()


def test_a_chunk_that_was_never_written_is_none_that_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "half.zarr"
    with new_store(path) as keeper:
        keeper.put((0, 0), one_run(0.1))
    assert np.isnan(open_results(path)["voltage"].values[1]).all()
    assert damaged_files(path) == []


def test_a_reader_of_zarr_finds_the_damage_itself(whole: Path) -> None:
    expected = open_results(whole)["capacity"].values
    assert np.array_equal(zarr.open_group(whole, mode="r")["capacity"][:], expected)
    file = whole / "capacity" / "c.0.0"
    values = bytearray(file.read_bytes())
    values[-1] ^= 1
    file.write_bytes(values)
    with pytest.raises((RuntimeError, ValueError)):
        zarr.open_group(whole, mode="r")["capacity"][:]
