"""The metadata of a store, whoever sent it: accepted only as this package writes it, before anything else looks at it.

A store may have come by mail. Its metadata decides how much is allocated, which files are read and, in Zarr, which
codec runs; so every entry is held against what `layout` writes, and nothing of it chooses code.
"""

from __future__ import annotations

import json
import math
import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from zarr.abc.store import Store
from zarr.core.buffer import default_buffer_prototype
from zarr.core.sync import sync

from cellmodel.errors import Problem, ResultsError, found_text
from cellmodel.store.layout import DIGEST, ROOT, STORE_VERSION, ArrayLayout, array_document, metadata_digest

LARGEST_METADATA = 2**28
"""Bytes of a metadata file: a cell needs some ten thousand."""
LARGEST_RUN, LARGEST_ARRAY, MOST_STORED = 2**28, 2**38, 10_000_000
"""Bytes of one run and of all runs of a variable, and number of runs: what says more is damaged or made up."""
NAME = re.compile(r"\w[\w+-]{0,199}")
"""Names of variables: letters, digits, underscores; never a path."""
_KINDS = {np.dtype(kind).name: np.dtype(kind) for kind in ("f8", "f4", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "?")}
_KINDS["string"] = np.dtype(object)
_WANTED = "a store written by cellmodel"
# what xarray and netCDF take as an instruction to change values
_INSTRUCTIONS = frozenset(
    {"scale_factor", "add_offset", "_FillValue", "missing_value", "_Unsigned", "dtype", "coordinates"}
)


def read_metadata(place: Path | Store) -> tuple[dict[str, ArrayLayout], dict[str, Any]]:
    """Return the arrays of a store by name, `status` and `run_digest` among them, and the attributes of the dataset.

    Raises ResultsError with one problem: it cannot be read, is of another store version, or says what this package
    does not write.
    """
    require = _Requirement(place)
    root = require.table(_root(place, require), "")
    attributes = require.table(root.get("attributes"), "attributes: ")
    require.version(attributes)
    kind = root.get("zarr_format"), root.get("node_type")
    require(kind == (3, "group"), "zarr_format", found_text(kind), "a group of Zarr format 3")
    consolidated = require.table(root.get("consolidated_metadata"), "consolidated_metadata: ")
    documents = require.table(consolidated.get("metadata"), "metadata: ")
    group = {key: value for key, value in attributes.items() if key != DIGEST}
    own = {key: value for key, value in group.items() if key != "coordinates"}
    named = attributes.get("coordinates", "")
    require(isinstance(named, str), "coordinates", found_text(named), "names of variables")
    require.attributes(own, "attributes")
    for name, document in documents.items():
        require(NAME.fullmatch(name), "a variable", found_text(name), "a name of letters, digits and underscores")
        sound = isinstance(document, dict) and isinstance(document.get("attributes"), dict)
        require(sound, name, found_text(document), "the metadata of an array")
        require.attributes(document["attributes"], name)
        dimensions = document.get("dimension_names")
        sound = isinstance(dimensions, list) and all(isinstance(one, str) and NAME.fullmatch(one) for one in dimensions)
        sound = sound and len(set(dimensions)) == len(dimensions)
        require(sound, f"{name}: dimensions", found_text(dimensions), "names of dimensions, each once")
    described = {name: tuple(document["dimension_names"]) for name, document in documents.items()}
    require({"status", "run_digest"} <= described.keys(), "results", "no status and digest of runs", _WANTED)
    coordinates = set(named.split())
    layouts = {name: _layout(require, name, documents[name], described, name in coordinates) for name in documents}
    _check_together(require, layouts, described["status"])
    edited = "metadata with another checksum: they were damaged or edited"
    require(attributes.get(DIGEST) == metadata_digest(group, documents), "results", edited, _WANTED)
    return layouts, own


def stated_version(folder: Path) -> int | None:
    """Return the store version that a folder states, of this or of an earlier format; None if it states none."""
    for name, keys in ((ROOT, ["attributes"]), (".zattrs", []), (".zmetadata", ["metadata", ".zattrs"])):
        try:
            found = json.loads(file_content(folder / name))
            for key in keys:
                found = found[key]
            if type(found["store_version"]) is int:
                return int(found["store_version"])
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            continue
    return None


def file_content(file: Path) -> bytes:
    """Return the bytes of a regular file of bounded size, never through a link."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    with os.fdopen(os.open(file, flags), "rb") as stream:
        if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
            raise ValueError("no regular file")
        content = stream.read(LARGEST_METADATA + 1)
    if len(content) > LARGEST_METADATA:
        raise ValueError(f"more than {LARGEST_METADATA} bytes")
    return content


class _Requirement:
    """Raises the one problem of a store's metadata where something does not hold."""

    def __init__(self, place: Path | Store) -> None:
        self.place = place

    def __call__(self, holds: object, key: str, found: str, wanted: str) -> None:
        if not holds:
            raise ResultsError(Problem(str(self.place), key, found, wanted))

    def table(self, value: Any, name: str) -> Mapping[str, Any]:
        """Return a table of the metadata."""
        found = f"{name}{'nothing' if value is None else found_text(value)}"
        self(isinstance(value, dict), "results", found, _WANTED)
        return dict(value)

    def version(self, attributes: Mapping[str, Any]) -> None:
        """Raise unless the store version is that of this package; say what to do about an older one."""
        version, wanted = attributes.get("store_version"), f"version {STORE_VERSION}"
        if type(version) is int and version > STORE_VERSION:
            wanted += ": a newer cellmodel wrote it"
        elif type(version) is int:
            wanted += f"; `cellmodel convert {self.place}` rewrites results of cellmodel 0.1"
        found = f"store version {version}" if "store_version" in attributes else "no store version"
        self(type(version) is int and version == STORE_VERSION, "store_version", found, wanted)

    def attributes(self, attributes: Mapping[str, Any], where: str) -> None:
        """Raise if an attribute is one that changes values, or neither text nor a number nor a list of those."""
        for key, value in attributes.items():
            parts = value if isinstance(value, list) else [value]
            sound = key not in _INSTRUCTIONS and key.isprintable()
            sound = sound and all(isinstance(part, str | int | float) for part in parts)
            self(sound, f"{where}: {key}", found_text(value), "no such attribute")


def _root(place: Path | Store, require: _Requirement) -> Any:
    """Return the root document, whatever it says."""
    try:
        if isinstance(place, Path):
            return json.loads(file_content(place / ROOT))
        buffer = sync(place.get(ROOT, default_buffer_prototype()))
        if buffer is not None:
            return json.loads(buffer.to_bytes())
        found = f"no {ROOT}"
    except FileNotFoundError:
        version = stated_version(place) if isinstance(place, Path) else None
        if version is not None:
            require.version({"store_version": version})
        found = f"no {ROOT}"
    except OSError as error:
        found = f"{ROOT}: {error.strerror or error}"
    except RecursionError:
        found = "metadata nested too deep"
    except ValueError as error:
        found = f"unreadable metadata ({error})"
    raise ResultsError(Problem(str(place), "results", found, _WANTED))


def _layout(
    require: _Requirement, name: str, document: Mapping[str, Any], described: Mapping[str, tuple[str, ...]], named: bool
) -> ArrayLayout:
    """Return the layout of one array if its metadata is what `layout` writes for such a layout."""
    dimensions, axes, attributes = described[name], described["status"], document["attributes"]
    kind, grid = document.get("data_type"), document.get("chunk_grid")
    known = isinstance(kind, str) and kind in _KINDS
    require(known, f"{name}: data_type", found_text(kind), f"one of {', '.join(_KINDS)}")
    inner = grid.get("configuration") if isinstance(grid, dict) else None
    chunks = inner.get("chunk_shape") if isinstance(inner, dict) else None
    for key, value, least in (("shape", document.get("shape"), 0), ("chunks", chunks, 1)):
        sound = isinstance(value, list) and all(type(one) is int and one >= least for one in value)
        sound = sound and len(value or ()) == len(dimensions)
        require(sound, f"{name}: {key}", found_text(value), f"{len(dimensions)} whole numbers")
    swept = 0 if name in axes else sum(dimension in axes for dimension in dimensions)
    sizes = tuple(document["shape"]), tuple(chunks or ())
    found = ArrayLayout(dimensions, swept, *sizes, _KINDS[str(kind)], named or name in dimensions, attributes)
    wanted = array_document(found)
    for key in dict.fromkeys((*wanted, *document)):
        text = f"{wanted[key]!r}, as cellmodel writes it" if key in wanted else "no such entry"
        same = key in wanted and json.dumps(document.get(key)) == json.dumps(wanted[key])
        require(same, f"{name}: {key}", found_text(document.get(key)), text)
    _check_sizes(require, name, found, axes)
    flags = attributes.get("flag_values", [])
    limits = np.iinfo(found.dtype) if found.dtype.kind in "iu" else None
    fitting = limits is not None and isinstance(flags, list) and all(type(one) is int for one in flags)
    fitting = not flags or (fitting and limits.min <= min(flags) <= max(flags) <= limits.max)  # type: ignore[union-attr]
    require(fitting, f"{name}: flag_values", found_text(flags), f"whole numbers of type {found.dtype}")
    return found


def _check_sizes(require: _Requirement, name: str, found: ArrayLayout, axes: tuple[str, ...]) -> None:
    """Raise if chunks are not cut along swept dimensions only, or if more is stated than a study can have."""
    swept, inner = found.dimensions[: found.swept], found.dimensions[found.swept :]
    ordered = list(swept) == [axis for axis in axes if axis in swept] and (name in axes or set(inner).isdisjoint(axes))
    whole = tuple(max(1, size) for size in found.shape)
    cut = any(chunk > size for chunk, size in zip(found.chunks, whole, strict=True))
    sound = ordered and not cut and found.chunks[found.swept :] == whole[found.swept :]
    require(sound, f"{name}: chunks", found_text(found.chunks), f"whole runs of {found.shape}")
    one_run, runs = found.dtype.itemsize * math.prod(whole[found.swept :]), math.prod(whole[: found.swept])
    sound = one_run <= LARGEST_RUN and one_run * runs <= LARGEST_ARRAY and runs <= MOST_STORED
    require(sound, f"{name}: shape", found_text(found.shape), "no more than a study can have")


def _check_together(require: _Requirement, layouts: Mapping[str, ArrayLayout], axes: tuple[str, ...]) -> None:
    """Raise if the arrays do not fit each other, or the kinds of status and digest are not theirs."""
    sizes: dict[str, int] = {}
    for name, layout in layouts.items():
        for dimension, size in zip(layout.dimensions, layout.shape, strict=True):
            wanted = f"{sizes.setdefault(dimension, size)} along {dimension}"
            require(sizes[dimension] == size, f"{name}: shape", found_text(layout.shape), wanted)
    for axis in axes:
        sound = axis in layouts and layouts[axis].dimensions == (axis,)
        require(sound, axis, "no values of that axis", "one for each run along it")
    for name, kind, words in (("status", "i", "whole numbers"), ("run_digest", "O", "texts")):
        sound = layouts[name].dtype.kind == kind and layouts[name].dimensions == axes
        require(sound, f"{name}: dtype", layouts[name].dtype.name, f"{words} on every swept dimension")
