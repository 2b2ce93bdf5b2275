"""Values of one variable of a study, put in place run by run: as chunk files on disk, or as one array in memory.

A chunk file is changed and replaced as a whole; only the chunk written last is kept in memory, because the next runs
are likely to belong there, so what a process holds does not grow with the study. It knows no solver and no
study, and of other variables only the status of runs.
"""

from __future__ import annotations

import itertools
import math
import stat
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numcodecs import Blosc, VLenUTF8, blosc
from numpy.typing import NDArray

from cellmodel.errors import Problem, ResultsError
from cellmodel.store.layout import COMPRESSOR, ArrayLayout, replace_file

Array = NDArray[Any]
LARGEST_TEXTS = 2**28
"""Bytes that a chunk of texts may unpack to."""
_text = VLenUTF8()
_codec = Blosc(**{key: value for key, value in COMPRESSOR.items() if key != "id"})
_CHECKSUM = 4  # bytes before what a chunk unpacks to
_HEADER = 16  # bytes before a chunk's content; among them its sizes, unpacked and packed


class Rows(NamedTuple):
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


class MemoryArray:
    """A variable in memory.

    Parameters
    ----------
    layout : ArrayLayout
        Its shape and kind.
    """

    def __init__(self, layout: ArrayLayout) -> None:
        self.layout = layout
        self.values: Array = np.full(layout.shape, layout.fill, dtype=layout.dtype)

    def fill(self) -> None:
        """Make every run one that has not run."""
        self.values[...] = self.layout.fill

    def ensure(self, places: NDArray[np.intp]) -> None:
        """Keep room for runs: there is."""

    def put(self, rows: Sequence[Rows]) -> None:
        """Put runs at their places."""
        for places, values in rows:
            _set(self.values, places, values, self.layout)

    def set_all(self, values: Array) -> None:
        """Take all values at once."""
        self.values = np.array(values, dtype=self.layout.dtype)

    def read_all(self) -> Array:
        """Return all values."""
        return self.values

    def parts(self) -> Iterator[Rows]:
        """Return all runs."""
        yield _rows(self.values, (0,) * self.layout.swept, self.layout)


class ChunkedArray:
    """A variable as Zarr chunks.

    Parameters
    ----------
    folder : pathlib.Path
        Of this array, in the store.
    layout : ArrayLayout
        As in its metadata.
    status : ChunkedArray, optional
        Which runs there are: where one is, a chunk that is missing was lost.
    """

    def __init__(self, folder: Path, layout: ArrayLayout, status: ChunkedArray | None = None) -> None:
        self.folder, self.layout, self._status = folder, layout, status
        self._inner = (0,) * (len(layout.shape) - layout.swept)
        self._last: tuple[tuple[int, ...], Array] | None = None
        counts = [-(-size // chunk) for size, chunk in zip(layout.shape, layout.chunks, strict=True)]
        self._strides = np.array([math.prod(counts[place + 1 :]) for place in range(len(counts))], dtype=np.intp)

    def fill(self) -> None:
        """Write every chunk as if nothing had run, where Zarr's metadata cannot say so: flags, counts and texts."""
        if self.layout.dtype.kind != "f":
            for number in self.layout.chunk_numbers():
                self._write(number, self._empty())

    def ensure(self, places: NDArray[np.intp]) -> None:
        """Write every chunk that some runs lie in, as if nothing had run, unless it is there."""
        cut = np.array(self.layout.chunks[: self.layout.swept], dtype=np.intp)
        numbers = np.unique(places // cut, axis=0).tolist() if len(cut) else [()] * min(1, len(places))
        for number in numbers:
            if not self.file((*number, *self._inner)).exists():
                self._write((*number, *self._inner), self._empty())

    def put(self, rows: Sequence[Rows]) -> None:
        """Put runs at their places, each chunk written once."""
        swept = self.layout.swept
        shares: dict[tuple[int, ...], list[Rows]] = {}
        for places, values in rows:
            numbers = places // np.array(self.layout.chunks[:swept], dtype=np.intp)
            single = numbers @ self._strides[:swept]
            for one in set(single.tolist()):
                inside = single == one
                some = Rows(places[inside], None if values is None else values[inside])
                shares.setdefault((*numbers[inside][0].tolist(), *self._inner), []).append(some)
        for number, share in shares.items():
            part = self._read(number)
            start = np.array(self._start(number)[:swept], dtype=np.intp)
            for places, values in share:
                _set(part, places - start, values, self.layout)
            self._write(number, part)

    def set_all(self, values: Array) -> None:
        """Write all values."""
        for number in self.layout.chunk_numbers():
            part, where = self._empty(), self._where(number)
            given = values[where]
            part[tuple(slice(0, size) for size in given.shape)] = given
            self._write(number, part)

    def read_all(self) -> Array:
        """Return all values, read now."""
        return self.read((slice(None),) * len(self.layout.shape))

    def read(self, key: tuple[Any, ...]) -> Array:
        """Return some values, read now; of each dimension a place, a slice or an array of places."""
        shape, swept = self.layout.shape, self.layout.swept
        picked = [np.atleast_1d(np.arange(size)[one]) for size, one in zip(shape, key, strict=True)]
        values = np.empty([len(one) for one in picked], dtype=self.layout.dtype)
        numbers = [one // chunk for one, chunk in zip(picked[:swept], self.layout.chunks, strict=False)]
        for number in itertools.product(*(np.unique(one).tolist() for one in numbers)):
            inside = [np.flatnonzero(one == wanted) for one, wanted in zip(numbers, number, strict=True)]
            start = self._start((*number, *self._inner))
            places = [one[where] - first for one, where, first in zip(picked, inside, start, strict=False)]
            part = self._decoded((*number, *self._inner))
            here = (*inside, *(np.arange(len(one)) for one in picked[swept:]))
            values[_block(here)] = self.layout.fill if part is None else part[_block([*places, *picked[swept:]])]
        kept = [len(one) for one, asked in zip(picked, key, strict=True) if not isinstance(asked, int | np.integer)]
        return values.reshape(kept)

    def damaged(self) -> Iterator[tuple[int, ...]]:
        """Return the number of every chunk whose file cannot be decoded."""
        for number in self.layout.chunk_numbers():
            try:
                self._decoded(number)
            except ResultsError:
                yield number

    def reset(self, number: tuple[int, ...]) -> None:
        """Write one chunk as if nothing had run."""
        self._write(number, self._empty())

    def runs(self, number: tuple[int, ...]) -> tuple[slice, ...]:
        """Return where the runs of a chunk stand along the swept dimensions of the variable."""
        return self._where(number)[: self.layout.swept]

    def file(self, number: tuple[int, ...]) -> Path:
        """Return the file of a chunk."""
        return self.folder / (".".join(map(str, number)) or "0")

    def parts(self) -> Iterator[Rows]:
        """Return all runs, chunk by chunk; chunks that were never written are left out."""
        for number in self.layout.chunk_numbers():
            part = self._decoded(number)
            if part is not None:
                start, shape = self._start(number), self.layout.shape
                ends: tuple[Any, ...] = (
                    *(slice(0, size - first) for size, first in zip(shape, start, strict=True)),
                    Ellipsis,
                )
                yield _rows(part[ends], start[: self.layout.swept], self.layout)

    def _start(self, number: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(n * c for n, c in zip(number, self.layout.chunks, strict=True))

    def _where(self, number: tuple[int, ...]) -> tuple[slice, ...]:
        return tuple(slice(s, s + c) for s, c in zip(self._start(number), self.layout.chunks, strict=True))

    def _empty(self) -> Array:
        return np.full(self.layout.chunks, self.layout.fill, dtype=self.layout.dtype)

    def _read(self, number: tuple[int, ...]) -> Array:
        if self._last is not None and self._last[0] == number:
            return self._last[1]
        part = self._decoded(number)
        return self._empty() if part is None else part

    def _decoded(self, number: tuple[int, ...]) -> Array | None:
        """Return a chunk as its file has it, None if it was never written; refuse a file that is damaged."""
        file = self.file(number)
        try:
            if not stat.S_ISREG(file.lstat().st_mode):
                raise ValueError("no regular file")
            return self._unpacked(file.read_bytes())
        except FileNotFoundError:
            if self.layout.dtype.kind == "f" and self.folder.is_dir() and not self._lost(number):
                return None
            found = "a missing file"
        except PermissionError as error:
            raise ResultsError(Problem(str(file), "chunk", str(error.strerror), "a file that can be read")) from error
        except (OSError, ValueError, RuntimeError) as error:
            found = f"a damaged file ({error})"
        is_axis = self.layout.dimensions == (self.folder.name,)
        wanted = f"what was written; {'overwrite' if is_axis else 'run'} the study again to compute these runs anew"
        raise ResultsError(Problem(str(file), "chunk", found, wanted))

    def _lost(self, number: tuple[int, ...]) -> bool:
        """Return whether a chunk that is missing was written once: a run in it has a status, or it is of an axis."""
        if not self.layout.checked or self._status is None:
            return False
        along = dict(zip(self.layout.dimensions[: self.layout.swept], self.runs(number), strict=True))
        runs = self._status.read(tuple(along.get(name, slice(None)) for name in self._status.layout.dimensions))
        return self.layout.dimensions == (self.folder.name,) or bool(runs.any())

    def _unpacked(self, content: bytes) -> Array:
        """Return the values of a chunk, after a look at the sizes it states: they decide what is allocated."""
        if len(content) < _HEADER:
            raise ValueError("too short")
        unpacked, _, packed = (int.from_bytes(content[at : at + 4], "little") for at in (4, 8, 12))
        count, extra = math.prod(self.layout.chunks), _CHECKSUM if self.layout.checked else 0
        whole = count * self.layout.dtype.itemsize + extra
        sound = extra <= unpacked <= LARGEST_TEXTS if self.layout.is_text else unpacked == whole
        if packed != len(content) or not sound:
            raise ValueError("other sizes than the metadata's")
        values = _codec.decode(content)
        if extra:
            stated, values = int.from_bytes(values[:extra], "little"), values[extra:]
            if stated != zlib.crc32(values):
                raise ValueError("another checksum than that of its content")
        if not self.layout.is_text:
            return np.frombuffer(values, dtype=self.layout.dtype).reshape(self.layout.chunks).copy()
        if int.from_bytes(values[:4], "little") != count:
            raise ValueError("another number of texts than the metadata's")
        return _text.decode(values).reshape(self.layout.chunks)

    def _write(self, number: tuple[int, ...], part: Array) -> None:
        content: Any = _text.encode(part.ravel()) if self.layout.is_text else np.ascontiguousarray(part).tobytes()
        if self.layout.checked:
            content = zlib.crc32(content).to_bytes(_CHECKSUM, "little") + content
        size = 1 if self.layout.is_text else self.layout.dtype.itemsize
        name, level, shuffle = str(COMPRESSOR["cname"]).encode(), COMPRESSOR["clevel"], COMPRESSOR["shuffle"]
        self._last = None  # on a full disk the file stays as it was
        replace_file(self.file(number), blosc.compress(content, name, level, shuffle, typesize=size))
        self._last = number, part


def chunked(folder: Path, layouts: Mapping[str, ArrayLayout]) -> dict[str, ChunkedArray]:
    """Return every variable of a folder by name, as Zarr chunks.

    Parameters
    ----------
    folder : pathlib.Path
        The store.
    layouts : mapping of str to ArrayLayout
        As in its metadata, `status` among them.

    Returns
    -------
    dict of str to ChunkedArray
        In the same order.
    """
    status = ChunkedArray(folder / "status", layouts["status"])
    rest = {name: ChunkedArray(folder / name, layout, status) for name, layout in layouts.items() if name != "status"}
    return {name: rest.get(name, status) for name in layouts}


def _block(places: Sequence[NDArray[np.intp]]) -> tuple[Any, ...]:
    """Return places along every dimension as an index: slices where they are consecutive, which copies fast."""
    spans = [slice(int(one[0]), int(one[-1]) + 1) if len(one) else slice(0, 0) for one in places]
    if all(len(one) == 0 or np.array_equal(one, np.arange(one[0], one[-1] + 1)) for one in places):
        return tuple(spans)
    return np.ix_(*places)


def _set(target: Array, places: NDArray[np.intp], values: Array | None, layout: ArrayLayout) -> None:
    """Put runs at places of an array whose leading dimensions are the swept ones."""
    where = tuple(places.T)
    if values is None:
        target[where] = layout.fill
        return
    inner = values.shape[1:]
    if layout.swept == 0:
        where, values = (), values[-1]
    if inner != target.shape[layout.swept :]:
        target[where] = layout.fill
    target[(*where, *(slice(0, size) for size in inner))] = values


def _rows(values: Array, start: tuple[int, ...], layout: ArrayLayout) -> Rows:
    """Return every run of an array whose first run stands at `start`."""
    swept = values.shape[: layout.swept]
    places = np.indices(swept, dtype=np.intp).reshape(layout.swept, math.prod(swept)).T + np.array(start, dtype=np.intp)
    return Rows(places, values.reshape(len(places), *values.shape[layout.swept :]))
