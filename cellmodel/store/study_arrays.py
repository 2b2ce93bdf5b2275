"""All arrays of a study, in memory or in a Zarr store, and how they make room for more runs, variables or nodes.

A new layout is written whole, with all its runs, before it counts: beside a folder, whose place it then takes; in any
other store over the old one, which is no store until the new one is whole. It knows no solver and no study, and not
which runs are finished.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from zarr.core.sync import sync

from cellmodel.dataset.schema import COORDINATES
from cellmodel.errors import Problem, ResultsError
from cellmodel.store.arrays import (
    Place,
    RunRows,
    StudyArray,
    open_arrays,
    set_rows,
    write_array_documents,
    write_root,
)
from cellmodel.store.folders import discard, identity, sibling, swap, sweep_partial
from cellmodel.store.layout import ArrayLayout, lay_out
from cellmodel.store.metadata import read_metadata

Block = Mapping[str, tuple[tuple[str, ...], Mapping[Any, Any], NDArray[Any]]]
"""Name -> dimensions of one run, attributes, values of several runs along a first axis that `dimensions` leaves out."""
LAST = ("run_digest", "status")
"""Written after everything else of a run."""


class PendingRuns(NamedTuple):
    """Runs that are not written yet: their places, shape (runs, swept dimensions), and their variables."""

    places: NDArray[np.intp]
    block: Block


class StudyArrays:
    """The variables of a study, each on all runs.

    Parameters
    ----------
    place : Place or None
        Folder ending in .zarr, or another Zarr store; None keeps everything in memory.
    axes : mapping of str to xarray.Variable
        The swept dimensions in order, each with its values.
    attributes : mapping of str to str or number
        Attributes of the dataset.
    geometry : tuple of str
        Swept dimensions along which spatial coordinates may differ.
    known : mapping of str to xarray.Variable
        Coordinates on swept dimensions whose values are given; where they are NaN or empty, what the store has is kept.
    """

    def __init__(
        self,
        place: Place | None,
        axes: Mapping[str, xr.Variable],
        attributes: Mapping[str, str | int | float],
        geometry: tuple[str, ...],
        known: Mapping[str, xr.Variable],
    ) -> None:
        self.place, self.axes, self.attributes, self.geometry = place, dict(axes), dict(attributes), geometry
        self.known = dict(known)
        self._arrays: dict[str, StudyArray] = {}
        self._identity: tuple[int, int] | None = None
        self._shared: set[str] = set()  # node positions that all runs share and that are written

    def __getitem__(self, name: str) -> StudyArray:
        return self._arrays[name]

    def read(self, *, anew: bool = False) -> list[str]:
        """Take over the store; if its axis values are fewer or stand elsewhere, lay it out anew at once.

        `anew` lets all its runs be ones that have not run. Returns the files that were damaged: what they held is
        emptied, and their runs have not run. ResultsError if its metadata is not what this package writes, its
        dimensions are others, or its axes are damaged.
        """
        place = self.place
        if place is None:
            return []
        layouts, attributes = read_metadata(place)
        if layouts["status"].dimensions != tuple(self.axes):
            found, wanted = ", ".join(layouts["status"].dimensions), ", ".join(self.axes)
            raise ResultsError(Problem(str(place), "dimensions", found or "none", wanted or "none"))
        self._arrays, self._identity = open_arrays(place, layouts), identity(place)
        sweep_partial(place)
        stored = {name: self[name].read().tolist() for name in self.axes}
        damaged = _empty_damaged({name: array for name, array in self._arrays.items() if name not in self.axes})
        if anew:
            self["status"].put([RunRows(np.argwhere(np.ones(layouts["status"].shape, dtype=bool)), None)])
        moved = any(stored[name] != axis.values.tolist() for name, axis in self.axes.items())
        if moved or not self.known.keys() <= self._arrays.keys():
            self._lay_out_anew([], stored)
            return damaged
        for name in self.known:
            places, values = self._known_rows(name)
            if not np.array_equal(self[name].read()[tuple(places.T)], np.asarray(values)):
                self[name].put([RunRows(places, values)])
        if attributes != self.attributes:
            write_root(place, layouts, self.attributes)
        return damaged

    def gone(self) -> bool:
        """Return whether the folder was deleted since it was last written, and forget what it held if so.

        ResultsError if another is in its place.
        """
        if not isinstance(self.place, Path) or not self._arrays or identity(self.place) == self._identity:
            return False
        if identity(self.place) is not None:
            wanted = "the folder that this run has written; start the study again"
            raise ResultsError(Problem(str(self.place), "results", "another folder in its place", wanted))
        discard(self.place)  # what was written while it was deleted
        self._arrays = {}
        return True

    def write(self, pending: Sequence[PendingRuns], again: NDArray[np.intp]) -> None:
        """Write runs: in place if all of them fit, in a new layout if not.

        In place, those at the places `again`, which were there before, count no more before anything is written over,
        and `status` is written last: who reads, or goes on after a death, finds no half run that counts.
        """
        layouts = self._layouts(block for _, block in pending)
        if any(not self._holds(name, layout.shape) for name, layout in layouts.items()):
            self._lay_out_anew(pending, {name: axis.values.tolist() for name, axis in self.axes.items()})
            return
        if len(again):
            self["status"].put([RunRows(again, None)])
        done = {*LAST, *self.axes, *self._shared}
        for name in [*(name for name in self._arrays if name not in done), *LAST]:
            self[name].put(self._rows(name, self[name].layout, pending))
            self._note_shared(name, pending)

    def dataset(self) -> xr.Dataset:
        """Return what is in memory as a dataset."""
        variables = {
            name: xr.Variable(array.layout.dimensions, array.read(), dict(array.layout.attributes))
            for name, array in self._arrays.items()
        }
        coordinates = {name for name in variables if self[name].layout.coordinate}
        data = {name: variable for name, variable in variables.items() if name not in coordinates}
        return xr.Dataset(data, {name: variables[name] for name in coordinates}, self.attributes)

    def _rows(self, name: str, layout: ArrayLayout, pending: Sequence[PendingRuns]) -> list[RunRows]:
        """Return what is to be written of one variable; what a run lacks is emptied, for it may have been there."""
        axes, rows = tuple(self.axes), []
        columns = [axes.index(dimension) for dimension in layout.dimensions[: layout.swept]]
        for places, block in pending:
            if name in block:
                values = block[name][2]
                rows.append(RunRows(places[:, columns], values.astype(object) if layout.is_text else values))
            elif not layout.coordinate:
                rows.append(RunRows(places[:, columns], None))
        return rows

    def _known_rows(self, name: str) -> RunRows:
        """Return the given values of a coordinate."""
        given = self.known[name].values
        places = np.argwhere(given != "" if given.dtype == object else ~np.isnan(given))
        return RunRows(places, given[tuple(places.T)])

    def _note_shared(self, name: str, pending: Sequence[PendingRuns]) -> None:
        """Remember that node positions that all runs share are written."""
        layout = self[name].layout
        if layout.coordinate and not layout.swept and any(name in block for _, block in pending):
            self._shared.add(name)

    def _holds(self, name: str, shape: tuple[int, ...]) -> bool:
        return name in self._arrays and self[name].layout.shape == shape

    def _layouts(self, blocks: Iterable[Block]) -> dict[str, ArrayLayout]:
        """Return the layout that holds all there is and all blocks; a variable is what it was when it was first met."""
        kinds: dict[str, tuple[tuple[str, ...], tuple[str, ...], np.dtype[Any], bool, Mapping[Any, Any]]] = {}
        sizes = {name: axis.size for name, axis in self.axes.items()}
        for name, axis in self.axes.items():
            kinds[name] = (), (name,), axis.dtype, True, axis.attrs
        for name, given in self.known.items():
            kinds[name] = tuple(map(str, given.dims)), (), given.dtype, True, given.attrs
        for name, array in self._arrays.items():
            layout = array.layout
            sizes = {**dict(zip(layout.dimensions, layout.shape, strict=True)), **sizes}
            swept, inner = layout.dimensions[: layout.swept], layout.dimensions[layout.swept :]
            kinds.setdefault(name, (swept, inner, layout.dtype, layout.coordinate, layout.attributes))
        for block in blocks:
            for name, (inner, attributes, values) in block.items():
                for dimension, size in zip(inner, values.shape[1:], strict=True):
                    sizes[dimension] = max(size, sizes.get(dimension, 0))
                coordinate = name in COORDINATES
                swept = self.geometry if coordinate else tuple(self.axes)
                kinds.setdefault(name, (swept, inner, values.dtype, coordinate, attributes))
        layouts = {}
        for name, (swept, inner, dtype, coordinate, attributes) in kinds.items():
            dimensions = (*swept, *inner)
            shape = tuple(sizes[dimension] for dimension in dimensions)
            laid_out = lay_out(dimensions, len(swept), shape, dtype, coordinate, attributes)
            layouts[name] = self[name].layout if self._holds(name, shape) else laid_out
        return layouts

    def _lay_out_anew(self, pending: Sequence[PendingRuns], stored: Mapping[str, list[Any]]) -> None:
        """Write everything in another layout; `stored` has the axis values that the present one is made for."""
        layouts, place = self._layouts(block for _, block in pending), self.place
        moves = {}
        for name, axis in self.axes.items():
            here = {value: position for position, value in enumerate(axis.values.tolist())}
            moves[name] = np.array([here[value] for value in stored[name]], dtype=np.intp)
        old = self._arrays
        if isinstance(place, Path):
            target: Place | None = sibling(place, "writing")
            discard(sibling(place, "writing"))
        else:
            old, target = {name: _in_memory(array) for name, array in old.items()}, place
            if place is not None:
                sync(place.clear())  # from here to the end it is no store
        try:
            new = self._write_anew(target, layouts, old, moves, pending)
        except OSError:
            if isinstance(place, Path):
                discard(sibling(place, "writing"))  # on a full disk it is the first to go
            raise
        if isinstance(place, Path):
            swap(place)
            self._identity, new = identity(place), open_arrays(place, layouts)
        self._arrays, self._shared = new, set()
        for name in layouts:
            self._note_shared(name, pending)

    def _write_anew(
        self,
        target: Place | None,
        layouts: Mapping[str, ArrayLayout],
        old: Mapping[str, StudyArray],
        moves: Mapping[str, NDArray[np.intp]],
        pending: Sequence[PendingRuns],
    ) -> dict[str, StudyArray]:
        """Return new arrays with what the old ones hold, each run at its place on the axes, and with pending runs."""
        new = {name: StudyArray(name, layout, target) for name, layout in layouts.items()}
        if target is not None:
            write_array_documents(target, layouts)
        for name, array in new.items():
            layout = array.layout
            rows = [self._known_rows(name)] if name in self.known else self._rows(name, layout, pending)
            for number in layout.chunk_numbers():
                part, region = array.empty(number), layout.region(number)
                if name in self.axes:
                    part[...] = self.axes[name].values[region]
                elif name in old:
                    _copy_runs(old[name], part, region, moves)
                if name not in self.axes:
                    set_rows(part, rows, region, layout)
                array.write(number, part)
        if target is not None:
            write_root(target, layouts, self.attributes)
        return new


def damaged_files(place: Place) -> list[str]:
    """Return the names of the files of a store that are missing or cannot be decoded."""
    arrays = open_arrays(place, read_metadata(place)[0])
    return [array.key(number) for array in arrays.values() for number in array.damaged()]


def _in_memory(array: StudyArray) -> StudyArray:
    """Return a copy of an array in memory."""
    copy = StudyArray(array.name, array.layout)
    for number in array.layout.chunk_numbers():
        copy.write(number, array.read(array.layout.region(number)))
    return copy


def _empty_damaged(arrays: Mapping[str, StudyArray]) -> list[str]:
    """Empty every chunk that cannot be decoded, after the status of its runs; return their files.

    A damaged chunk of what all runs share takes all of them.
    """
    status, found = arrays["status"], [(array, number) for array in arrays.values() for number in array.damaged()]
    for array, number in found:
        if array is status:
            array.reset(number)
    for array, number in found:
        layout = array.layout
        along = dict(zip(layout.dimensions[: layout.swept], layout.region(number), strict=False))
        hit = np.zeros(status.layout.shape, dtype=bool)
        hit[tuple(along.get(name, slice(None)) for name in status.layout.dimensions)] = True
        status.put([RunRows(np.argwhere(hit), None)])
    for array, number in found:
        if array is not status:
            array.reset(number)
    return [array.key(number) for array, number in found]


def _copy_runs(
    old: StudyArray, part: NDArray[Any], region: tuple[slice, ...], moves: Mapping[str, NDArray[np.intp]]
) -> None:
    """Copy into a part of a new array the runs that stand in its region; `moves` has the new place of every old one."""
    layout, picked, places = old.layout, [], []
    for dimension, span in zip(layout.dimensions[: layout.swept], region, strict=False):
        move = moves[dimension]
        inside = np.flatnonzero((move >= span.start) & (move < span.stop))
        picked.append(inside)
        places.append(move[inside] - span.start)
    inner = layout.shape[layout.swept :]
    values = old.read((*picked, *(slice(None) for _ in inner)))
    part[np.ix_(*places, *(np.arange(size) for size in inner))] = values
