"""All arrays of a study, in memory or in a Zarr folder, and how they make room for more runs, variables or nodes.

A new layout is written beside the folder, chunk by chunk, and takes its place as a whole. It knows no solver and no
study, and not which runs are finished.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from cellmodel.dataset.schema import COORDINATES
from cellmodel.errors import Problem, ResultsError
from cellmodel.store.arrays import ChunkedArray, MemoryArray, Rows, chunked
from cellmodel.store.folders import discard, identity, sibling, swap
from cellmodel.store.layout import ArrayLayout, lay_out, write_attributes, write_metadata
from cellmodel.store.metadata import read_metadata

Block = Mapping[str, tuple[tuple[str, ...], Mapping[Any, Any], NDArray[Any]]]
"""Name -> dimensions of one run, attributes, values of several runs along a first axis that `dimensions` leaves out."""
StudyArray = ChunkedArray | MemoryArray


class _Described(NamedTuple):
    """A variable whose lengths are not known yet."""

    swept: tuple[str, ...]
    inner: tuple[str, ...]
    dtype: np.dtype[Any]
    coordinate: bool
    attributes: Mapping[Any, Any]


class StudyArrays:
    """The variables of a study, each on all runs.

    Parameters
    ----------
    path : pathlib.Path or None
        Folder, ending in .zarr; None keeps everything in memory.
    axes : mapping of str to xarray.Variable
        The swept dimensions in order, each with its values.
    attributes : mapping of str to str or number
        Attributes of the dataset.
    geometry : tuple of str
        Swept dimensions along which spatial coordinates may differ.
    known : mapping of str to xarray.Variable
        Coordinates on swept dimensions whose values are given; where they are NaN, what the folder has is kept.
    """

    def __init__(
        self,
        path: Path | None,
        axes: Mapping[str, xr.Variable],
        attributes: Mapping[str, str | int | float],
        geometry: tuple[str, ...],
        known: Mapping[str, xr.Variable],
    ) -> None:
        self.path, self.axes, self.attributes, self.geometry = path, dict(axes), dict(attributes), geometry
        self.known = dict(known)
        self._arrays: dict[str, StudyArray] = {}
        self._folder: tuple[int, int] | None = None

    def __getitem__(self, name: str) -> StudyArray:
        return self._arrays[name]

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names of all variables that runs have."""
        return (name for name in self._arrays if name not in self.axes)

    def swept(self, name: str, layout: ArrayLayout | None = None) -> list[int]:
        """Return which of the swept dimensions a variable has, by position."""
        layout = layout or self._arrays[name].layout
        return [tuple(self.axes).index(dimension) for dimension in layout.dimensions[: layout.swept]]

    def read(self, path: Path, *, anew: bool = False) -> list[Path]:
        """Take over a folder; if its axis values are fewer or stand elsewhere, lay it out anew at once.

        Parameters
        ----------
        path : pathlib.Path
            The folder.
        anew : bool, optional
            Let all its runs be ones that have not run, before the folder says that it is of other versions.

        Returns
        -------
        list of pathlib.Path
            Files that were damaged: what they held is emptied, and their runs have not run.

        Raises
        ------
        ResultsError
            Its metadata is not what this package writes, its dimensions are others, or its axes are damaged.
        """
        layouts, attributes = read_metadata(path)
        if layouts["status"].dimensions != tuple(self.axes):
            found, wanted = ", ".join(layouts["status"].dimensions), ", ".join(self.axes)
            raise ResultsError(Problem(str(path), "dimensions", found or "none", wanted or "none"))
        arrays = chunked(path, layouts)
        self._arrays, self._folder = dict(arrays), identity(path)
        stored = {name: arrays[name].read_all().tolist() for name in self.axes}
        damaged = _mend({name: array for name, array in arrays.items() if name not in self.axes})
        if anew:
            arrays["status"].put([Rows(np.argwhere(np.ones(layouts["status"].shape, dtype=bool)), None)])
        moved = any(stored[name] != axis.values.tolist() for name, axis in self.axes.items())
        if moved or not self.known.keys() <= self._arrays.keys():
            self._lay_out_anew(self._layouts(()), stored)
            return damaged
        for name in self.known:
            self._put_known(name, self._arrays[name])
        if attributes != self.attributes:
            write_attributes(path, layouts, self.attributes)
        return damaged

    def gone(self) -> bool:
        """Return whether the folder was deleted since it was last written, and forget what it held if so.

        Raises
        ------
        ResultsError
            Another is in its place.
        """
        if self.path is None or not self._arrays or identity(self.path) == self._folder:
            return False
        if (self.path / ".zgroup").exists():
            wanted = "the folder that this run has written; start the study again"
            raise ResultsError(Problem(str(self.path), "results", "another folder in its place", wanted))
        discard(self.path)  # what was written while it was deleted
        self._arrays = {}
        return True

    def make_room(self, blocks: Iterable[Block]) -> bool:
        """Lay everything out anew if a block has a variable or a length that is not there; return whether it had.

        Parameters
        ----------
        blocks : iterable of Block
            What is to be put.

        Returns
        -------
        bool
            Whether there is a new layout.
        """
        layouts = self._layouts(blocks)
        if all(self._holds(name, layout.shape) for name, layout in layouts.items()):
            return False
        self._lay_out_anew(layouts, {name: axis.values.tolist() for name, axis in self.axes.items()})
        return True

    def dataset(self) -> xr.Dataset:
        """Return what is in memory as a dataset."""
        variables = {
            name: xr.Variable(array.layout.dimensions, array.read_all(), dict(array.layout.attributes))
            for name, array in self._arrays.items()
        }
        coordinates = {name for name in variables if self._arrays[name].layout.coordinate}
        data = {name: variable for name, variable in variables.items() if name not in coordinates}
        return xr.Dataset(data, {name: variables[name] for name in coordinates}, self.attributes)

    def _holds(self, name: str, shape: tuple[int, ...]) -> bool:
        return name in self._arrays and self._arrays[name].layout.shape == shape

    def _layouts(self, blocks: Iterable[Block]) -> dict[str, ArrayLayout]:
        """Return the layout that holds all there is and all blocks."""
        described, sizes = self._described(blocks)
        layouts = {}
        for name, (swept, inner, dtype, coordinate, attributes) in described.items():
            dimensions = (*swept, *inner)
            shape = tuple(sizes[dimension] for dimension in dimensions)
            if self._holds(name, shape):
                layouts[name] = self._arrays[name].layout
            else:
                layouts[name] = lay_out(dimensions, len(swept), shape, dtype, coordinate, attributes)
        return layouts

    def _described(self, blocks: Iterable[Block]) -> tuple[dict[str, _Described], dict[str, int]]:
        """Return every variable as it is first met, and the largest length of every dimension."""
        described: dict[str, _Described] = {}
        sizes: dict[str, int] = {}
        for name, axis in self.axes.items():
            described[name], sizes[name] = _Described((), (name,), axis.dtype, True, axis.attrs), axis.size
        for name, given in self.known.items():
            described[name] = _Described(tuple(map(str, given.dims)), (), given.dtype, True, given.attrs)
        for name, array in self._arrays.items():
            layout = array.layout
            for dimension, size in zip(layout.dimensions, layout.shape, strict=True):
                sizes.setdefault(dimension, size)
            swept, inner = layout.dimensions[: layout.swept], layout.dimensions[layout.swept :]
            found = _Described(swept, inner, layout.dtype, layout.coordinate, layout.attributes)
            described.setdefault(name, found)
        for block in blocks:
            for name, (dimensions, attributes, values) in block.items():
                for dimension, size in zip(dimensions, values.shape[1:], strict=True):
                    sizes[dimension] = max(size, sizes.get(dimension, 0))
                coordinate = name in COORDINATES
                swept = self.geometry if coordinate else tuple(self.axes)
                described.setdefault(name, _Described(swept, dimensions, values.dtype, coordinate, attributes))
        return described, sizes

    def _lay_out_anew(self, layouts: Mapping[str, ArrayLayout], stored: Mapping[str, list[Any]]) -> None:
        """Copy everything to another layout; `stored` has the axis values that the present one is made for."""
        arrays: dict[str, StudyArray]
        if self.path is None:
            arrays = {name: MemoryArray(layout) for name, layout in layouts.items()}
            self._fill(arrays, stored)
        else:
            new = sibling(self.path, "writing")
            discard(new)
            try:
                write_metadata(new, layouts, self.attributes)
                self._fill({name: ChunkedArray(new / name, layout) for name, layout in layouts.items()}, stored)
            except OSError:
                discard(new)  # on a full disk it is the first to go
                raise
            swap(self.path)
            self._folder = identity(self.path)
            arrays = {**chunked(self.path, layouts)}
        self._arrays = arrays

    def _fill(self, arrays: Mapping[str, StudyArray], stored: Mapping[str, list[Any]]) -> None:
        """Put into new arrays what the present ones hold, each run at its place on the axes."""
        moves = {}
        for name, axis in self.axes.items():
            here = {value: place for place, value in enumerate(axis.values.tolist())}
            moves[name] = np.array([here[value] for value in stored[name]], dtype=np.intp)
        ran = self._ran(moves)
        for name, array in arrays.items():
            if name in self.axes:
                array.set_all(self.axes[name].values)
                continue
            array.fill()
            if name in self._arrays:
                _copy(self._arrays[name], array, moves)
            if name in self.known:
                self._put_known(name, array)
            array.ensure(ran[:, self.swept(name, array.layout)])

    def _ran(self, moves: Mapping[str, NDArray[np.intp]]) -> NDArray[np.intp]:
        """Return the new place of every run that has a status, shape (runs, swept dimensions)."""
        if "status" not in self._arrays:
            return np.empty((0, len(self.axes)), dtype=np.intp)
        old = np.argwhere(self._arrays["status"].read_all() != 0)
        moved = [moves[name][old[:, column]] for column, name in enumerate(self.axes)]
        return np.stack(moved, axis=1) if moved else old

    def _put_known(self, name: str, array: StudyArray) -> None:
        """Put given values over those of an array, unless they are there."""
        given = self.known[name].values
        places = np.argwhere(~np.isnan(given))
        values = given[tuple(places.T)]
        if not np.array_equal(array.read_all()[tuple(places.T)], values):
            array.put([Rows(places, values)])


def damaged_files(path: Path) -> list[Path]:
    """Return the files of a store that cannot be decoded.

    Parameters
    ----------
    path : pathlib.Path
        The store.

    Returns
    -------
    list of pathlib.Path
        Empty if all can.
    """
    arrays = chunked(path, read_metadata(path)[0])
    return [array.file(number) for array in arrays.values() for number in array.damaged()]


def _mend(arrays: Mapping[str, ChunkedArray]) -> list[Path]:
    """Empty every chunk that cannot be decoded, after the status of its runs; return their files.

    A damaged chunk of what all runs share takes all of them.
    """
    status, found = arrays["status"], [(array, number) for array in arrays.values() for number in array.damaged()]
    for array, number in found:
        if array is status:
            array.reset(number)
    shape = status.layout.shape
    for array, number in found:
        along = dict(zip(array.layout.dimensions[: array.layout.swept], array.runs(number), strict=True))
        place = tuple(along.get(name, slice(None)) for name in status.layout.dimensions)
        hit = np.zeros(shape, dtype=bool)
        hit[place] = True
        status.put([Rows(np.argwhere(hit), None)])
    for array, number in found:
        if array is not status:
            array.reset(number)
    return [array.file(number) for array, number in found]


def _copy(old: StudyArray, new: StudyArray, moves: Mapping[str, NDArray[np.intp]]) -> None:
    """Copy all runs of a variable; `moves` has the new place of every old one along each swept dimension."""
    along = [moves[name] for name in old.layout.dimensions[: old.layout.swept]]
    for places, values in old.parts():
        moved = [move[column] for move, column in zip(along, places.T, strict=True)]
        new.put([Rows(np.array(moved, dtype=np.intp).reshape(len(along), len(places)).T, values)])
