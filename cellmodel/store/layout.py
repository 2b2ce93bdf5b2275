"""How the arrays of a study lie in a Zarr store (format 3): shapes, chunks, codecs and the documents that say so.

Chunks hold whole runs: all samples of some hundred kilobytes of runs, so that a chunk is written a few times and read
at once. Every chunk carries its CRC32C, and the root document a digest of all metadata. The root document holds a copy
of all others, so that a store opens with one read. It knows no values, no solver and no study.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

STORE_VERSION = 2
"""Layout of the store; another number is refused. Stores of version 1 are converted: `cellmodel.store.converting`."""
CHUNK_BYTES = 2**19
"""Uncompressed size that a chunk of samples is made for [byte]."""
MOST_RUNS = 8192
"""Runs in a chunk of numbers that there is one of per run: it is written anew at every flush."""
TEXT_BYTES = 512
"""What a text is taken to need [byte]."""
ROOT = "zarr.json"
DIGEST = "metadata_digest"
"""Attribute of the root: the SHA-256 of all metadata, so that a flipped bit of them is noticed as well."""


@dataclass(frozen=True)
class ArrayLayout:
    """One variable in a store.

    Attributes
    ----------
    dimensions : tuple of str
        The swept ones first.
    swept : int
        How many of them are swept.
    shape, chunks : tuple of int
        Of the array, and of one chunk; a chunk is whole along the dimensions that are not swept.
    dtype : numpy.dtype
        `object` stands for text.
    coordinate : bool
        Whether it is a coordinate of the dataset.
    attributes : mapping
        Attributes of the variable.
    """

    dimensions: tuple[str, ...]
    swept: int
    shape: tuple[int, ...]
    chunks: tuple[int, ...]
    dtype: np.dtype[Any]
    coordinate: bool = False
    attributes: Mapping[str, Any] = field(default_factory=dict)

    @property
    def fill(self) -> Any:
        """What stands for "not run": NaN, an empty text, and 0 for flags and counts."""
        return {"f": np.nan, "O": "", "b": False}.get(self.dtype.kind, 0)

    @property
    def is_text(self) -> bool:
        """Whether its values are texts."""
        return self.dtype.kind == "O"

    def chunk_numbers(self) -> Iterator[tuple[int, ...]]:
        """Return the number of every chunk."""
        return np.ndindex(*(math.ceil(n / c) for n, c in zip(self.shape, self.chunks, strict=True)))

    def region(self, number: tuple[int, ...]) -> tuple[slice, ...]:
        """Return which part of the array a chunk holds."""
        triples = zip(number, self.chunks, self.shape, strict=True)
        return tuple(slice(n * chunk, min((n + 1) * chunk, size)) for n, chunk, size in triples)


def lay_out(
    dimensions: tuple[str, ...],
    swept: int,
    shape: tuple[int, ...],
    dtype: np.dtype[Any],
    coordinate: bool,
    attributes: Mapping[str, Any],
) -> ArrayLayout:
    """Return a layout with chunks of a good size: whole along the last swept dimension before one above it is cut."""
    kind = np.dtype(object) if dtype.kind in "OUST" else dtype
    size = TEXT_BYTES if kind.kind == "O" else kind.itemsize
    room = min(max(1, CHUNK_BYTES // max(1, size * math.prod(shape[swept:]))), MOST_RUNS)
    chunks = [max(1, length) for length in shape]
    for place in reversed(range(swept)):
        chunks[place] = max(1, min(chunks[place], room))
        room = room // chunks[place]
    return ArrayLayout(dimensions, swept, shape, tuple(chunks), kind, coordinate, dict(attributes))


def array_document(layout: ArrayLayout) -> dict[str, Any]:
    """Return the metadata of an array as Zarr has it."""
    size = 1 if layout.is_text else layout.dtype.itemsize
    codec = {"name": "vlen-utf8"} if layout.is_text else {"name": "bytes", "configuration": {"endian": "little"}}
    shuffle = "noshuffle" if layout.is_text else "shuffle"
    packed = {"typesize": size, "cname": "zstd", "clevel": 3, "shuffle": shuffle, "blocksize": 0}
    several = math.prod(layout.chunks) > 1 or layout.is_text  # packing one number only makes it longer
    return {
        "zarr_format": 3,
        "node_type": "array",
        "shape": list(layout.shape),
        "data_type": "string" if layout.is_text else layout.dtype.name,
        "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": list(layout.chunks)}},
        "chunk_key_encoding": {"name": "default", **({"configuration": {"separator": "."}} if layout.shape else {})},
        "fill_value": "NaN" if layout.dtype.kind == "f" else layout.fill,
        "codecs": [codec, *([{"name": "blosc", "configuration": packed}] if several else []), {"name": "crc32c"}],
        "attributes": plain(layout.attributes),
        "dimension_names": list(layout.dimensions),
    }


def root_document(layouts: Mapping[str, ArrayLayout], attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the metadata of a store as Zarr has it, with a copy of those of all arrays."""
    arrays = {name: array_document(layout) for name, layout in layouts.items()}
    coordinates = [name for name, layout in layouts.items() if layout.coordinate and name not in layout.dimensions]
    group = {**plain(attributes), **({"coordinates": " ".join(coordinates)} if coordinates else {})}
    return {
        "zarr_format": 3,
        "node_type": "group",
        "attributes": {**group, DIGEST: metadata_digest(group, arrays)},
        "consolidated_metadata": {"kind": "inline", "must_understand": False, "metadata": arrays},
    }


def metadata_digest(group: Mapping[str, Any], arrays: Mapping[str, Any]) -> str:
    """Return the SHA-256 of attributes and documents of arrays, however they are spaced and ordered."""
    return hashlib.sha256(json.dumps([group, arrays], sort_keys=True).encode()).hexdigest()


def plain(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Return attributes as JSON has them."""
    return {
        key: value.tolist() if isinstance(value, np.ndarray | np.generic) else value
        for key, value in attributes.items()
    }
