"""How the arrays of a study lie in its folder: shapes, chunks, codec and the metadata files of Zarr format 2.

Chunks hold whole runs: all samples of some hundred kilobytes of runs, so that a chunk is written a few times
and read at once. It writes metadata and knows no values, no solver and no study.
"""

from __future__ import annotations

import json
import math
import os
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

STORE_VERSION = 1
"""Layout of the folder; another number is refused."""
CHUNK_BYTES = 2**19
"""Uncompressed size that a chunk of samples is made for [byte]."""
MOST_RUNS = 8192
"""Runs in a chunk of numbers that there is one of per run: it is written anew at every flush."""
TEXT_BYTES = 512
"""What a text is taken to need [byte]."""
COMPRESSOR: dict[str, Any] = {"id": "blosc", "cname": "zstd", "clevel": 3, "shuffle": 1, "blocksize": 0}
CHECKSUM = {"id": "crc32"}
"""Filter of every array: a chunk begins with the CRC-32 of its content, which any reader of Zarr verifies too."""
DIMENSIONS = "_ARRAY_DIMENSIONS"  # where xarray looks for the names of dimensions


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
    checked : bool
        Whether chunks have a checksum; those of stores begun by earlier versions have none.
    """

    dimensions: tuple[str, ...]
    swept: int
    shape: tuple[int, ...]
    chunks: tuple[int, ...]
    dtype: np.dtype[Any]
    coordinate: bool = False
    attributes: Mapping[str, Any] = field(default_factory=dict)
    checked: bool = True

    @property
    def fill(self) -> Any:
        """What stands for "not run": NaN, an empty text, and 0 for flags and counts."""
        return {"f": np.nan, "O": ""}.get(self.dtype.kind, 0)

    @property
    def is_text(self) -> bool:
        """Whether its values are texts."""
        return self.dtype.kind == "O"

    def chunk_numbers(self) -> Iterator[tuple[int, ...]]:
        """Return the number of every chunk along the swept dimensions."""
        return np.ndindex(*(math.ceil(n / c) for n, c in zip(self.shape, self.chunks, strict=True)))


def lay_out(
    dimensions: tuple[str, ...],
    swept: int,
    shape: tuple[int, ...],
    dtype: np.dtype[Any],
    coordinate: bool,
    attributes: Mapping[str, Any],
) -> ArrayLayout:
    """Return the layout of an array with chunks of a good size.

    Parameters
    ----------
    dimensions, swept, shape, dtype, coordinate, attributes
        As in `ArrayLayout`; any kind of text becomes `object`.

    Returns
    -------
    ArrayLayout
        Whole along the last swept dimension before the one above it is cut less than once per value.
    """
    kind = np.dtype(object) if dtype.kind in "OUST" else dtype
    size = TEXT_BYTES if kind.kind == "O" else kind.itemsize
    room = min(max(1, CHUNK_BYTES // max(1, size * math.prod(shape[swept:]))), MOST_RUNS)
    chunks = [max(1, length) for length in shape]
    for place in reversed(range(swept)):
        chunks[place] = max(1, min(chunks[place], room))
        room = room // chunks[place]
    return ArrayLayout(dimensions, swept, shape, tuple(chunks), kind, coordinate, dict(attributes))


def write_metadata(folder: Path, arrays: Mapping[str, ArrayLayout], attributes: Mapping[str, Any]) -> None:
    """Write the metadata of a new store.

    Parameters
    ----------
    folder : pathlib.Path
        Of the store; made if it is not there.
    arrays : mapping of str to ArrayLayout
        Every variable by name.
    attributes : mapping
        Of the dataset.
    """
    for key, content in _metadata(arrays, attributes).items():
        replace_file(folder / key, _json(content), make=True)


def write_attributes(folder: Path, arrays: Mapping[str, ArrayLayout], attributes: Mapping[str, Any]) -> None:
    """Write other attributes of the dataset; arguments as for `write_metadata`."""
    files = _metadata(arrays, attributes)
    for key in (".zattrs", ".zmetadata"):
        replace_file(folder / key, _json(files[key]))


def _metadata(arrays: Mapping[str, ArrayLayout], attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the content of every metadata file, the consolidated one last."""
    coordinates = " ".join(name for name, array in arrays.items() if array.coordinate and name not in array.dimensions)
    group = {**attributes, **({"coordinates": coordinates} if coordinates else {})}
    files: dict[str, Any] = {".zgroup": {"zarr_format": 2}, ".zattrs": _plain(group)}
    for name, array in arrays.items():
        files[f"{name}/.zarray"] = zarray(array)
        files[f"{name}/.zattrs"] = {**_plain(array.attributes), DIMENSIONS: list(array.dimensions)}
    whole = {"metadata": files, "zarr_consolidated_format": 1, "checksum": metadata_checksum(files)}
    return {**files, ".zmetadata": whole}


def metadata_checksum(files: Mapping[str, Any]) -> int:
    """Return the CRC-32 of the content of all metadata files, however it is spaced and ordered."""
    return zlib.crc32(json.dumps(files, sort_keys=True).encode())


def _json(content: Any) -> bytes:
    """Return metadata without blanks: a store of one run is half metadata."""
    return json.dumps(content, separators=(",", ":")).encode()


def replace_file(file: Path, content: bytes, *, make: bool = False) -> None:
    """Write a file so that, whenever the process dies, either the old content or the new is there.

    Parameters
    ----------
    file : pathlib.Path
        The file.
    content : bytes
        All of it.
    make : bool, optional
        Make its folder if it is not there. Otherwise that is an error: a store deleted while it is written stays so.
    """
    partial = file.with_name(f".{file.name}.partial")
    try:
        try:
            partial.write_bytes(content)
        except FileNotFoundError:
            if not make:
                raise
            partial.parent.mkdir(parents=True, exist_ok=True)
            partial.write_bytes(content)
        os.replace(partial, file)  # noqa: PTH105 (half the time of Path.replace)
    except OSError:
        partial.unlink(missing_ok=True)
        raise


def zarray(array: ArrayLayout) -> dict[str, Any]:
    """Return the metadata of an array as Zarr has it."""
    filters = [*([{"id": "vlen-utf8"}] if array.is_text else []), *([CHECKSUM] if array.checked else [])]
    return {
        "zarr_format": 2,
        "shape": list(array.shape),
        "chunks": list(array.chunks),
        "dtype": array.dtype.str,
        "fill_value": "NaN" if array.dtype.kind == "f" else None,  # a number here would be masked by xarray
        "order": "C",
        "filters": filters or None,
        "dimension_separator": ".",
        "compressor": COMPRESSOR,
    }


def _plain(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Return attributes as JSON has them."""
    return {
        key: value.tolist() if isinstance(value, np.ndarray | np.generic) else value
        for key, value in attributes.items()
    }
