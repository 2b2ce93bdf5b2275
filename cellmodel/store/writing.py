"""One study's runs in one labelled dataset, in memory and in a Zarr folder (format 2).

How nothing finished is lost: the folder is laid out once for all runs, as a temporary sibling that is then
renamed, with status `not_run` everywhere; after that only whole chunks with new runs are written, each file
atomically, and `status` last. Whatever moment the process dies, the folder opens, and a run with a status
has all its data. A new layout (more axis values) is again written beside the old folder and renamed. This
room knows no solver and no study.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
import zarr

from cellmodel.errors import Problem, ResultsError

STORE_VERSION = 1
"""Layout of the folder; another number is refused."""
FLUSH_SECONDS = 2.0
_CHUNK_RUNS = 64


class StudyStore:
    """The dataset of a study, growing run by run.

    Parameters
    ----------
    path : pathlib.Path or None
        Folder to write, ending in .zarr; None keeps everything in memory.
    coordinates : mapping of str to xarray.Variable
        The swept dimensions in order, each with its values.
    attributes : mapping of str to str or number
        Attributes of the dataset.
    geometry : sequence of str
        Swept dimensions along which spatial coordinates may differ.
    """

    def __init__(
        self,
        path: Path | None,
        coordinates: Mapping[str, xr.Variable],
        attributes: Mapping[str, str | int | float],
        geometry: tuple[str, ...] = (),
    ) -> None:
        self.path = path
        self.dimensions = tuple(coordinates)
        self.geometry = geometry
        self.dataset = xr.Dataset(coords=dict(coordinates), attrs=dict(attributes))
        self._new_layout = True
        self._dirty: set[tuple[int, ...]] = set()
        self._flushed = time.monotonic()

    def adopt(self, existing: xr.Dataset) -> None:
        """Take over the finished runs of a store at their places on the new axes.

        Parameters
        ----------
        existing : xarray.Dataset
            Loaded results with the same swept dimensions, whose values are all on the new axes.
        """
        wanted = {name: self.dataset.indexes[name] for name in self.dimensions}
        same = all(existing.indexes[name].equals(index) for name, index in wanted.items())
        fills = {str(name): _fill(variable) for name, variable in existing.variables.items()}
        merged = existing if same else existing.reindex(wanted, fill_value=fills)
        for name, variable in merged.variables.items():
            if name not in self.dimensions:
                kind = existing[name].dtype
                values = np.array(variable.values, dtype=object if kind.kind in "UT" else kind)
                own = xr.Variable(variable.dims, values, variable.attrs)
                coordinate = name in merged.coords
                self.dataset = (
                    self.dataset.assign_coords({name: own}) if coordinate else self.dataset.assign({name: own})
                )
        self._new_layout = not same or dict(existing.attrs) != dict(self.dataset.attrs)

    def put(self, index: tuple[int, ...], run: xr.Dataset) -> None:
        """Put one run at its place.

        Parameters
        ----------
        index : tuple of int
            Its position along the swept dimensions.
        run : xarray.Dataset
            Without the swept dimensions.
        """
        for name, size in run.sizes.items():
            if self.dataset.sizes.get(name, size) < size:
                self._grow(str(name), size)
        in_order = sorted(run.variables.items(), key=lambda item: item[0] == "status")  # `status` last, here too
        for name, variable in in_order:
            swept = self._swept_dimensions(str(name), run)
            if swept is None:
                continue
            if name not in self.dataset.variables:
                self._add(str(name), variable, swept, coordinate=name in run.coords)
            target = self.dataset.variables[name]
            place = dict(zip(self.dimensions, index, strict=True))
            inner = {dim: slice(0, size) for dim, size in variable.sizes.items()}
            where = tuple(place[d] if d in swept else inner[d] for d in target.dims)
            target.values[where] = variable.values if variable.ndim else variable.values.item()
        self._dirty.add(index)

    def flush(self, *, force: bool = True) -> None:
        """Write what is new to the folder, at most every two seconds unless forced.

        Parameters
        ----------
        force : bool, optional
            False waits until two seconds have passed since the last time.

        Raises
        ------
        ResultsError
            The folder cannot be written.
        """
        due = force or time.monotonic() - self._flushed >= FLUSH_SECONDS
        if self.path is None or not due or not (self._dirty or self._new_layout) or "status" not in self.dataset:
            return
        try:
            with zarr.config.set({"json_indent": None}):
                if self._new_layout:
                    self._write_all(self.path)
                else:
                    self._write_chunks(self.path)
        except OSError as error:
            found = error.strerror or str(error)
            raise ResultsError(Problem(str(self.path), "results", found, "a folder that can be written")) from error
        self._new_layout = False
        self._dirty.clear()
        self._flushed = time.monotonic()

    def _swept_dimensions(self, name: str, run: xr.Dataset) -> tuple[str, ...] | None:
        """Return the swept dimensions a variable of a run gets; None if it is not stored."""
        if name in self.dimensions:
            return None
        if name not in run.coords:
            return self.dimensions
        if name in run.sizes:
            return ()
        return self.geometry if run[name].dims else None

    def _add(self, name: str, variable: xr.Variable, swept: tuple[str, ...], *, coordinate: bool) -> None:
        kind = object if variable.dtype.kind in "UST" else variable.dtype
        inner = [self.dataset.sizes.get(dim, size) for dim, size in variable.sizes.items()]
        shape = [self.dataset.sizes[dim] for dim in swept] + inner
        full = xr.Variable((*swept, *variable.dims), np.empty(shape, dtype=kind), variable.attrs)
        full.values[...] = _fill(full)
        self.dataset = self.dataset.assign_coords({name: full}) if coordinate else self.dataset.assign({name: full})
        self._new_layout = True

    def _grow(self, dimension: str, size: int) -> None:
        """Make room along a dimension of the runs, such as `cycle` or a spatial one."""
        before = self.dataset.sizes[dimension]
        grown = {}
        for name, variable in self.dataset.variables.items():
            if dimension in variable.dims:
                pad = {dimension: (0, size - before)}
                padded = variable.pad(pad, constant_values=_fill(variable)).astype(variable.dtype)
                grown[name] = xr.Variable(padded.dims, np.array(padded.values), variable.attrs)
        coords = {name: value for name, value in grown.items() if name in self.dataset.coords}
        rest = self.dataset.drop_vars(list(grown))
        self.dataset = rest.assign_coords(coords).assign({n: v for n, v in grown.items() if n not in coords})
        self._new_layout = True

    def _write_all(self, path: Path) -> None:
        """Write the whole dataset beside the folder and put it in its place."""
        new, old = sibling(path, "writing"), sibling(path, "old")
        encoding = {
            str(name): {"chunks": tuple(self._chunks(variable).values())}
            for name, variable in self.dataset.variables.items()
            if variable.dims and variable.size
        }
        for leftover in (new, old):
            shutil.rmtree(leftover, ignore_errors=True)
        self.dataset.to_zarr(new, mode="w", zarr_format=2, consolidated=True, encoding=encoding)
        if path.exists():
            path.rename(old)
        new.rename(path)
        shutil.rmtree(old, ignore_errors=True)

    def _chunks(self, variable: xr.Variable) -> dict[str, int]:
        """Return the chunk length per dimension: about 64 runs, and all samples of each."""
        room, chunks = _CHUNK_RUNS, {str(dim): size for dim, size in variable.sizes.items()}
        for dim in reversed([str(d) for d in variable.dims if d in self.dimensions]):
            chunks[dim] = max(1, min(chunks[dim], room))
            room = room // chunks[dim]
        return chunks

    def _write_chunks(self, path: Path) -> None:
        """Write the chunks that hold new runs, `status` last."""
        group: Any = zarr.open_group(str(path), mode="r+", zarr_format=2)
        names = [str(name) for name in self.dataset.variables if name not in self.dimensions and name != "status"]
        for name in [*names, "status"]:
            variable = self.dataset.variables[name]
            blocks = set()
            for index in self._dirty:
                place, chunks = dict(zip(self.dimensions, index, strict=True)), self._chunks(variable)
                blocks.add(tuple(place.get(str(d), 0) // chunks[str(d)] for d in variable.dims))
            for block in blocks:
                where = tuple(
                    slice(number * chunks[str(d)], (number + 1) * chunks[str(d)])
                    for number, d in zip(block, variable.dims, strict=True)
                )
                group[name][where] = variable.values[where]


def _fill(variable: xr.Variable) -> Any:
    """Return what stands for "not run": NaN, an empty text, and 0 for flags and counts."""
    if variable.dtype.kind == "f":
        return np.nan
    return 0 if variable.dtype.kind in "iub" else ""


def sibling(path: Path, word: str) -> Path:
    """Return the hidden name beside a store that is used while it is rewritten."""
    return path.with_name(f".{path.stem}.{word}{path.suffix}")


def recover(path: Path) -> None:
    """Put back the old folder of a rewrite that died between its two renames."""
    old = sibling(path, "old")
    if not path.exists() and old.exists():
        old.rename(path)


def check_writable(folder: Path) -> None:
    """Make the folder for results and raise if nothing can be written in it.

    Parameters
    ----------
    folder : pathlib.Path
        Made if it is not there.

    Raises
    ------
    ResultsError
        It is a file, cannot be made, or is not writable.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".cellmodel-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        found = error.strerror or str(error)
        raise ResultsError(Problem(str(folder), "results", found, "a folder that can be written")) from error
