"""Results that were stored: a study's Zarr store as a labelled dataset that reads what is asked for, when it is."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Mapping
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from xarray.backends import BackendArray, BackendEntrypoint
from xarray.core import indexing
from zarr.abc.store import Store

from cellmodel.errors import Problem, ResultsError, choices
from cellmodel.inputs import name_or_path
from cellmodel.store.arrays import StudyArray, remote_store
from cellmodel.store.folders import identity, recover, sibling
from cellmodel.store.locking import StudyLock
from cellmodel.store.metadata import read_metadata

_TEXT = np.dtype(object, metadata={"element_type": str})  # tells xarray what the objects are


def open_results(
    path: str | PathLike[str] | Store | dict[str, Any], chunks: dict[Any, Any] | None = None
) -> xr.Dataset:
    """Return the results in a Zarr folder or another Zarr store, or in a netCDF file that `export` wrote.

    A variable is read when its values are used, and only the part that was selected before; the dataset keeps what
    it has read. For results larger than memory, select first (`results["voltage"].sel(...)`), or install dask and
    give `chunks={}`: everything then happens chunk by chunk.

    Parameters
    ----------
    path : str, os.PathLike, zarr store or dict
        Folder results/<study>.zarr (the ending may be left out), a file ending in .nc, an fsspec URL such as
        "memory://results/study.zarr", or what zarr keeps a store in.
    chunks : dict, optional
        For dask, as in `xarray.open_zarr`; `{}` takes the chunks of the store. None needs no dask.

    Returns
    -------
    xarray.Dataset
        Values are read when they are used, and refused if the study was laid out anew in the meantime, or if their
        file is damaged.

    Raises
    ------
    ResultsError
        Nothing is there (the nearest names are offered), or it is not a store of cellmodel as this version writes it.

    Examples
    --------
    >>> import cellmodel
    >>> study = cellmodel.load_study("first_discharge").replace(mesh="fast")
    >>> _ = cellmodel.run_study(study, results="results")
    >>> results = cellmodel.open_results("results/first_discharge")
    >>> results["message"].item(), results["voltage"].dims
    ('completed', ('sample',))
    """
    if chunks is not None and not isinstance(chunks, Mapping):
        raise ResultsError(Problem("open_results", "chunks", type(chunks).__name__, "a mapping, or None"))
    other = remote_store(path)
    if other is not None:
        return xr.open_dataset(other, engine=_Engine, chunks=chunks)  # type: ignore[arg-type]
    place = Path(name_or_path(path, "open_results", "path", "the path of results", ResultsError))
    if place.suffix == ".nc":
        return _open_netcdf(place, chunks)
    place = place if place.suffix == ".zarr" else place.with_name(place.name + ".zarr")
    _await_renames(place)
    _check_there(place)
    return xr.open_dataset(place, engine=_Engine, chunks=chunks)


def _open_netcdf(place: Path, chunks: dict[Any, Any] | None) -> xr.Dataset:
    _check_there(place)
    try:
        dataset = xr.open_dataset(place, engine="h5netcdf", chunks=chunks)
    except Exception as error:  # HDF5 has many words for a file that is none
        found = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ResultsError(Problem(str(place), "results", found, "a netCDF file")) from error
    for variable in dataset.variables.values():  # what another format cannot write
        variable.encoding = {key: found for key, found in variable.encoding.items() if key == "preferred_chunks"}
    return dataset


def _check_there(place: Path) -> None:
    """Raise if nothing, a file in the place of a folder, or something that may not be read is at a path."""
    try:
        kind = "folder" if place.suffix == ".zarr" else "file"
        if (place.is_dir() if kind == "folder" else place.is_file()) and os.access(place, os.R_OK):
            return
        found = place.name
        if place.is_symlink() and not place.exists():
            found = f"{place.name}, a link to nothing"
        elif place.exists():
            found = f"{place.name}, {'which may not be read' if not os.access(place, os.R_OK) else f'no {kind}'}"
        known = [one.name for one in place.parent.glob(f"[!.]*{place.suffix}")] if place.parent.is_dir() else []
    except OSError as error:
        raise ResultsError(Problem(str(place), "results", error.strerror or str(error), "results")) from error
    known = [name for name in known if name != place.name]
    wanted = choices(place.name, known) if known else f"a name ending in {place.suffix}: none is there"
    raise ResultsError(Problem(str(place.parent), "results", found, wanted))


class _Engine(BackendEntrypoint):
    """How xarray opens a store: from checked metadata, with the codecs of this package whatever it may name."""

    def open_dataset(self, filename_or_obj: Any, *, drop_variables: str | Iterable[str] | None = None) -> xr.Dataset:
        """Return the dataset of a store; nothing but its metadata and its axes is read."""
        before = identity(filename_or_obj)
        layouts, attributes = read_metadata(filename_or_obj)
        left_out = [drop_variables] if isinstance(drop_variables, str) else list(drop_variables or ())
        variables = {}
        for name, layout in layouts.items():
            values = indexing.LazilyIndexedArray(_Stored(StudyArray(name, layout, filename_or_obj), before))
            attached = dict(layout.attributes)
            if "flag_values" in attached:
                attached["flag_values"] = np.array(attached["flag_values"], dtype=layout.dtype)
            encoding = {"preferred_chunks": dict(zip(layout.dimensions, layout.chunks, strict=True))}
            variables[name] = xr.Variable(layout.dimensions, values, attached, encoding)
        kept = {name: variable for name, variable in variables.items() if name not in left_out}
        coordinates = {name: variable for name, variable in kept.items() if layouts[name].coordinate}
        data = {name: variable for name, variable in kept.items() if name not in coordinates}
        return xr.Dataset(data, coordinates, attributes)


class _Stored(BackendArray):
    """A variable in a store; it is not read once another layout is in its place, where the runs may stand elsewhere."""

    def __init__(self, array: StudyArray, before: tuple[int, int] | None) -> None:
        self._array, self._before = array, before
        self.shape = array.layout.shape
        self.dtype = _TEXT if array.layout.is_text else array.layout.dtype

    def __getitem__(self, key: indexing.ExplicitIndexer) -> Any:
        """Return some values."""
        return indexing.explicit_indexing_adapter(key, self.shape, indexing.IndexingSupport.OUTER, self._read)

    def _read(self, key: tuple[Any, ...]) -> Any:
        place = self._array.place
        try:
            values = self._array.read(key)
        except MemoryError as error:
            found = f"{self._array.name} of shape {self.shape}, more than there is memory for"
            raise ResultsError(Problem(str(place), "results", found, "a selection of it, or chunks={}")) from error
        finally:
            if place is not None and identity(place) != self._before:
                wanted = "the results to be opened again: runs were added to the study since"
                raise ResultsError(Problem(str(place), "results", "another layout", wanted))
        return values


def _await_renames(path: Path) -> None:
    """Wait while a study is between the two renames of a new layout; if it died there, put the old one back."""
    for _ in range(20):
        try:
            if os.path.lexists(path) or not sibling(path, "old").exists():
                return
        except OSError:  # a name that no folder can have
            return
        try:
            lock = StudyLock(path)
        except (ResultsError, OSError):
            time.sleep(0.05)
            continue
        try:
            recover(path)
        except (ResultsError, OSError):  # what is there is not ours: there are no results
            return
        finally:
            lock.release()
