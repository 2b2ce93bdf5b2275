"""Results from disk: a study's Zarr folder as a labelled dataset that reads what is asked for, when it is."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from zarr.abc.store import ByteRequest
from zarr.core.buffer import Buffer, BufferPrototype
from zarr.storage import LocalStore

from cellmodel.errors import Problem, ResultsError, choices
from cellmodel.store.folders import recover, sibling
from cellmodel.store.layout import STORE_VERSION
from cellmodel.store.locking import StudyLock


def open_results(path: str | Path, chunks: dict[Any, Any] | None = None) -> xr.Dataset:
    """Return the results in a Zarr folder, or in a netCDF file that `export` wrote.

    A variable is read when its values are used, and only the part that was selected before; the dataset keeps what
    it has read. For results larger than memory, select first (`results["voltage"].sel(...)`), or install dask and
    give `chunks={}`: everything then happens chunk by chunk.

    Parameters
    ----------
    path : str or pathlib.Path
        Folder results/<study>.zarr (the ending may be left out), or a file ending in .nc.
    chunks : dict, optional
        For dask, as in `xarray.open_zarr`; `{}` takes the chunks of the store. None needs no dask.

    Returns
    -------
    xarray.Dataset
        Values are read when they are used, and refused if the study was laid out anew in the meantime.

    Raises
    ------
    ResultsError
        Nothing is there (the nearest names are offered), or it is not a store of cellmodel.
    """
    place = Path(path)
    if place.suffix == ".nc" and place.is_file():
        return xr.open_dataset(place, engine="h5netcdf", chunks=chunks)
    place = place if place.suffix == ".zarr" else place.with_name(place.name + ".zarr")
    _await_renames(place)
    if not place.is_dir():
        known = [found.name for found in place.parent.glob("[!.]*.zarr")] if place.parent.is_dir() else []
        raise ResultsError(Problem(str(place.parent), "results", place.name, choices(place.name, known)))
    try:
        dataset = xr.open_zarr(_OneLayout(place, read_only=True), chunks=chunks, zarr_format=2, consolidated=True)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        found = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ResultsError(Problem(str(place), "results", found, "a store written by cellmodel")) from error
    version = dataset.attrs.get("store_version")
    if "status" not in dataset or version != STORE_VERSION:
        found = f"store version {version}" if version is not None else "no store version"
        raise ResultsError(Problem(str(place), "store_version", found, f"version {STORE_VERSION}"))
    for variable in dataset.variables.values():
        if "flag_values" in variable.attrs:
            variable.attrs["flag_values"] = np.array(variable.attrs["flag_values"], dtype=variable.dtype)
    return dataset


class _OneLayout(LocalStore):
    """A folder that refuses to be read once another was put in its place, where the runs may stand elsewhere."""

    def __init__(self, root: Path | str, *, read_only: bool = False) -> None:
        super().__init__(root, read_only=read_only)
        self._layout = self._identity()

    async def get(
        self, key: str, prototype: BufferPrototype | None = None, byte_range: ByteRequest | None = None
    ) -> Buffer | None:
        """Return the content of a file of the folder."""
        found = await super().get(key, prototype, byte_range)
        if self._identity() != self._layout:
            wanted = "the results to be opened again: runs were added to the study since"
            raise ResultsError(Problem(str(self.root), "results", "another layout", wanted))
        return found

    def _identity(self) -> tuple[int, int] | None:
        """Return what tells a folder from the next of the same name: its oldest file, which is never written again."""
        try:
            found = (self.root / ".zgroup").stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns


def _await_renames(path: Path) -> None:
    """Wait while a study is between the two renames of a new layout; if it died there, put the old one back."""
    for _ in range(20):
        if path.exists() or not sibling(path, "old").exists():
            return
        try:
            lock = StudyLock(path)
        except (ResultsError, OSError):
            time.sleep(0.05)
        else:
            recover(path)
            lock.release()
