"""Values of one variable of a study, put in place run by run: as chunk files on disk, or as one array in memory.

A chunk file is changed and replaced as a whole; only the chunk written last is kept in memory, because the next runs
are likely to belong there, so what a process holds does not grow with the study. It knows no solver, no study and no
other variable.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numcodecs import VLenUTF8, get_codec
from numpy.typing import NDArray

from cellmodel.store.layout import ArrayLayout, replace_file

Array = NDArray[Any]
_text = VLenUTF8()


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
    """

    def __init__(self, folder: Path, layout: ArrayLayout) -> None:
        self.folder, self.layout = folder, layout
        self._codec = None if layout.compressor is None else get_codec(dict(layout.compressor))
        self._inner = (0,) * (len(layout.shape) - layout.swept)
        self._last: tuple[tuple[int, ...], Array] | None = None
        counts = [-(-size // chunk) for size, chunk in zip(layout.shape, layout.chunks, strict=True)]
        self._strides = np.array([math.prod(counts[place + 1 :]) for place in range(len(counts))], dtype=np.intp)

    def fill(self) -> None:
        """Write every chunk as if nothing had run, where Zarr's metadata cannot say so: flags, counts and texts."""
        if self.layout.dtype.kind != "f":
            for number in self.layout.chunk_numbers():
                self._write(number, self._empty())

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
        values = np.empty(self.layout.shape, dtype=self.layout.dtype)
        for number in self.layout.chunk_numbers():
            where = self._where(number)
            part = self._read(number)
            values[where] = part[tuple(slice(0, size) for size in values[where].shape)]
        return values

    def parts(self) -> Iterator[Rows]:
        """Return all runs, chunk by chunk; chunks that were never written are left out."""
        for number in self.layout.chunk_numbers():
            if self._file(number).exists():
                start, shape = self._start(number), self.layout.shape
                part = self._read(number)
                ends = tuple(slice(0, size - first) for size, first in zip(shape, start, strict=True))
                yield _rows(part[ends], start[: self.layout.swept], self.layout)

    def _start(self, number: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(n * c for n, c in zip(number, self.layout.chunks, strict=True))

    def _where(self, number: tuple[int, ...]) -> tuple[slice, ...]:
        return tuple(slice(s, s + c) for s, c in zip(self._start(number), self.layout.chunks, strict=True))

    def _file(self, number: tuple[int, ...]) -> Path:
        return self.folder / (".".join(map(str, number)) or "0")

    def _empty(self) -> Array:
        return np.full(self.layout.chunks, self.layout.fill, dtype=self.layout.dtype)

    def _read(self, number: tuple[int, ...]) -> Array:
        if self._last is not None and self._last[0] == number:
            return self._last[1]
        try:
            content: Any = self._file(number).read_bytes()
        except FileNotFoundError:
            return self._empty()
        if self._codec is not None:
            content = self._codec.decode(content)
        if self.layout.is_text:
            return _text.decode(content).reshape(self.layout.chunks)
        return np.frombuffer(content, dtype=self.layout.dtype).reshape(self.layout.chunks).copy()

    def _write(self, number: tuple[int, ...], part: Array) -> None:
        content: Any = _text.encode(part.ravel()) if self.layout.is_text else np.ascontiguousarray(part)
        self._last = None  # on a full disk the file stays as it was
        replace_file(self._file(number), content if self._codec is None else self._codec.encode(content))
        self._last = number, part


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
