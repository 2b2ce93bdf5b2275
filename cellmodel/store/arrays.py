"""Values of one variable of a study, put in place run by run: in memory, or as chunks of a Zarr store.

Every chunk is written when an array is laid out, so one that is missing was lost. Chunks are changed and replaced as a
whole, one after the other. It knows no solver, no study and no other variable.
"""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import zarr
from numpy.typing import NDArray
from zarr.abc.store import Store
from zarr.core.buffer import default_buffer_prototype
from zarr.core.metadata import ArrayV3Metadata
from zarr.core.sync import sync
from zarr.storage import FsspecStore, LocalStore, MemoryStore, StorePath

from cellmodel.errors import Problem, ResultsError
from cellmodel.store.layout import ROOT, ArrayLayout, array_document, root_document

Array = NDArray[Any]
Place = Path | Store
"""A folder, or a Zarr store of another kind: in memory, or on a server."""
CONTENT_ERRORS = (ValueError, RuntimeError, TypeError, KeyError, OSError, EOFError, UnicodeError)
"""What zarr and its codecs raise for content that is not what was written."""


class RunRows(NamedTuple):
    """Some runs of one variable.

    Attributes
    ----------
    places : numpy.ndarray of int
        Shape (runs, swept dimensions of the variable).
    values : numpy.ndarray or None
        Shape (runs, *inner), no longer than the array along any inner dimension; None: as if they had not run.
    """

    places: NDArray[np.intp]
    values: Array | None


class StudyArray:
    """A variable on all runs.

    Parameters
    ----------
    name : str
        Of the variable.
    layout : ArrayLayout
        Its shape and kind.
    place : Place, optional
        The store that holds it, whose metadata was checked; None keeps it in memory, as if nothing had run.
    """

    def __init__(self, name: str, layout: ArrayLayout, place: Place | None = None) -> None:
        self.name, self.layout, self.place = name, layout, place
        self._store = None if place is None else store_of(place)
        self._last: tuple[tuple[int, ...], Array] | None = None

    @cached_property
    def _values(self) -> Any:
        """The array, made on first use: of a store from checked metadata, not from those beside its chunks."""
        if self._store is None:
            return np.full(self.layout.shape, self.layout.fill, dtype=self.layout.dtype)
        metadata = ArrayV3Metadata.from_dict(array_document(self.layout))
        path = StorePath(self._store, self.name)
        return zarr.Array(zarr.AsyncArray(metadata, path, config={"write_empty_chunks": True}))

    def write(self, number: tuple[int, ...], part: Array) -> None:
        """Replace one chunk, and keep it: the next runs are likely to belong there."""
        self._last = None  # on a full disk the chunk stays as it was
        self._values[self.layout.region(number)] = part
        self._last = number, part

    def reset(self, number: tuple[int, ...]) -> None:
        """Write one chunk as if nothing had run, whatever is there."""
        if self._store is not None:
            sync(self._store.delete(self.key(number)))
        self.write(number, self.empty(number))

    def empty(self, number: tuple[int, ...]) -> Array:
        """Return a chunk as if nothing had run."""
        shape = [part.stop - part.start for part in self.layout.region(number)]
        return np.full(shape, self.layout.fill, dtype=self.layout.dtype)

    def put(self, rows: Sequence[RunRows]) -> None:
        """Put runs at their places, each chunk written once."""
        swept = self.layout.swept
        cut = np.array(self.layout.chunks[:swept], dtype=np.intp)
        inner = (0,) * (len(self.layout.shape) - swept)
        shares: dict[tuple[int, ...], list[RunRows]] = {}
        for places, values in rows:
            numbers = places // cut
            for number in set(map(tuple, numbers.tolist())):
                inside = (numbers == np.array(number, dtype=np.intp)).all(axis=1)
                share = RunRows(places[inside], None if values is None else values[inside])
                shares.setdefault((*number, *inner), []).append(share)
        for number, own in shares.items():
            region = self.layout.region(number)
            part = self._last[1] if self._last is not None and self._last[0] == number else self.read(region)
            set_rows(part, own, region, self.layout)
            self.write(number, part)

    def read(self, key: Any = Ellipsis) -> Array:
        """Return some values, read now; of each dimension a place, a slice or an array of places.

        Raises ResultsError if a file that holds some of them is missing or damaged.
        """
        if key is Ellipsis:
            key = (slice(None),) * len(self.layout.shape)
        picked = [np.arange(size)[one] for size, one in zip(self.layout.shape, key, strict=True)]
        if self._store is None:
            return np.array(self._values[np.ix_(*map(np.atleast_1d, picked))]).reshape(
                [one.size for one in picked if one.ndim]
            )
        cut = zip(picked, self.layout.chunks, strict=True)
        numbers = list(itertools.product(*(np.unique(one // chunk).tolist() for one, chunk in cut)))
        try:
            self._check_there(numbers)
            found = self._values.oindex[tuple(map(_selection, picked))] if picked else self._values[...]
        except CONTENT_ERRORS as error:
            for number in numbers:
                self._check(number)
            raise self._damaged(str(self.place), f"damaged files ({error})") from error
        return np.array(found, dtype=self.layout.dtype)

    def _check_there(self, numbers: Sequence[tuple[int, ...]]) -> None:
        """Raise FileNotFoundError if a chunk is missing, for which zarr gives what stands for "not run"."""

        async def all_there() -> bool:
            return all(await asyncio.gather(*(self._store.exists(self.key(number)) for number in numbers)))  # type: ignore[union-attr]

        if not sync(all_there()):
            raise FileNotFoundError

    def _check(self, number: tuple[int, ...]) -> None:
        """Raise ResultsError, which names the file, if a chunk cannot be read."""
        file = f"{self.place}/{self.key(number)}"
        try:
            self._check_there([number])
            np.array(self._values[self.layout.region(number)], dtype=self.layout.dtype)
        except FileNotFoundError:
            raise self._damaged(file, "a missing file") from None
        except PermissionError as error:
            raise ResultsError(Problem(file, "chunk", str(error.strerror), "a file that can be read")) from error
        except CONTENT_ERRORS as error:
            raise self._damaged(file, f"a damaged file ({error})") from error

    def _damaged(self, file: str, found: str) -> ResultsError:
        again = "overwrite" if self.layout.dimensions == (self.name,) else "run"
        wanted = f"what was written; {again} the study again to compute these runs anew"
        return ResultsError(Problem(file, "chunk", found, wanted))

    def damaged(self) -> Iterator[tuple[int, ...]]:
        """Return the number of every chunk whose file is missing or cannot be decoded."""
        for number in self.layout.chunk_numbers():
            try:
                self._check(number)
            except ResultsError:
                yield number

    def key(self, number: tuple[int, ...]) -> str:
        """Return the name of the file of a chunk in the store."""
        return f"{self.name}/{'.'.join(['c', *map(str, number)])}"


def store_of(place: Place) -> Store:
    """Return a place as zarr takes it."""
    return LocalStore(place) if isinstance(place, Path) else place


def remote_store(given: Any) -> Store | None:
    """Return the Zarr store that a URL, a dictionary or a store stands for; None for the path of a local folder."""
    if isinstance(given, Store):
        return given
    if isinstance(given, dict):
        return MemoryStore(given)
    if not isinstance(given, str) or "://" not in given:
        return None
    try:
        return FsspecStore.from_url(given)
    except (ImportError, ValueError) as error:
        wanted = "a URL that fsspec knows, with the package for its protocol installed"
        raise ResultsError(Problem("results", "path", f"{given!r} ({error})", wanted)) from error


def is_store(place: Place) -> bool:
    """Return whether there is a root document."""
    return bool(sync(store_of(place).exists(ROOT)))


def open_arrays(place: Place, layouts: Mapping[str, ArrayLayout]) -> dict[str, StudyArray]:
    """Return every variable of a store by name."""
    return {name: StudyArray(name, layout, place) for name, layout in layouts.items()}


def write_array_documents(place: Place, layouts: Mapping[str, ArrayLayout]) -> None:
    """Write the metadata of every array, for other programs."""
    _write(place, {f"{name}/{ROOT}": array_document(layout) for name, layout in layouts.items()})


def write_root(place: Place, layouts: Mapping[str, ArrayLayout], attributes: Mapping[str, Any]) -> None:
    """Write the root document, which makes a store of what was written before."""
    _write(place, {ROOT: root_document(layouts, attributes)})


def _write(place: Place, documents: Mapping[str, Any]) -> None:
    """Write metadata without blanks: a store of one run is half metadata."""
    store, buffer = store_of(place), default_buffer_prototype().buffer

    async def write() -> None:
        for key, document in documents.items():
            await store.set(key, buffer.from_bytes(json.dumps(document, separators=(",", ":")).encode()))

    sync(write())


def set_rows(target: Array, rows: Sequence[RunRows], region: tuple[slice, ...], layout: ArrayLayout) -> None:
    """Put runs into a part of an array that holds a region of it; runs elsewhere are left out."""
    swept = layout.swept
    start = np.array([part.start for part in region[:swept]], dtype=np.intp)
    for places, values in rows:
        inside = ((places >= start) & (places < start + target.shape[:swept])).all(axis=1)
        where: tuple[Any, ...] = tuple((places[inside] - start).T)
        if values is None or not swept or values.shape[1:] != target.shape[swept:]:
            target[where] = layout.fill
        if values is not None and len(values):
            inner = tuple(slice(0, size) for size in values.shape[1:])
            target[(*where, *inner)] = values[inside] if swept else values[-1]


def _selection(places: Any) -> Any:
    """Return places along a dimension as zarr takes them fast: a slice where they are consecutive."""
    if places.ndim and places.size and np.array_equal(places, np.arange(places[0], places[0] + places.size)):
        return slice(int(places[0]), int(places[-1]) + 1)
    return places if places.ndim else int(places)
