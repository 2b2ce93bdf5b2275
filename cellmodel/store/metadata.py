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
    root = _root(place)
    attributes = _table(place, root, "attributes")
    _check_version(place, attributes)
    documents = _table(place, _table(place, root, "consolidated_metadata"), "metadata")
    if root.get("zarr_format") != 3 or root.get("node_type") != "group":
        raise _problem(place, "zarr_format", found_text(root.get("zarr_format")), "a group of Zarr format 3")
    group, named = dict(attributes), attributes.get("coordinates", "")
    digest = group.pop(DIGEST, None)
    if not isinstance(named, str):
        raise _problem(place, "coordinates", found_text(named), "names of variables")
    own = {key: value for key, value in group.items() if key != "coordinates"}
    _check_attributes(place, "attributes", own)
    for name, document in documents.items():
        if not NAME.fullmatch(name):
            raise _problem(place, "a variable", found_text(name), "a name of letters, digits and underscores")
        if not isinstance(document, dict) or not isinstance(document.get("attributes"), dict):
            raise _problem(place, name, found_text(document), "the metadata of an array")
    described = {name: _dimensions(place, name, document) for name, document in documents.items()}
    if not {"status", "run_digest"} <= described.keys():
        raise _problem(place, "results", "no status and digest of runs", _WANTED)
    axes, coordinates = described["status"], named.split()
    layouts = {name: _layout(place, name, documents[name], described, name in coordinates) for name in documents}
    _check_together(place, layouts, axes)
    if digest != metadata_digest(group, documents):
        raise _problem(place, "results", "metadata with another checksum: they were damaged or edited", _WANTED)
    return layouts, own


def stated_version(folder: Path) -> int | None:
    """Return the store version that a folder states, of this or of an earlier format; None if it states none."""
    for name in (ROOT, ".zattrs", ".zmetadata"):
        try:
            found = json.loads(file_content(folder / name))
            table = {ROOT: ["attributes"], ".zattrs": [], ".zmetadata": ["metadata", ".zattrs"]}[name]
            for key in table:
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


def _root(place: Path | Store) -> Mapping[str, Any]:
    """Return the root document, whatever it says."""
    try:
        if isinstance(place, Path):
            content = file_content(place / ROOT)
        else:
            buffer = sync(place.get(ROOT, default_buffer_prototype()))
            if buffer is None:
                raise FileNotFoundError
            content = buffer.to_bytes()
        found = json.loads(content)
    except FileNotFoundError:
        if isinstance(place, Path) and stated_version(place) is not None:
            _check_version(place, {"store_version": stated_version(place)})
        raise _problem(place, "results", f"no {ROOT}", _WANTED) from None
    except OSError as error:
        raise _problem(place, "results", f"{ROOT}: {error.strerror or error}", _WANTED) from error
    except RecursionError:
        raise _problem(place, "results", "metadata nested too deep", _WANTED) from None
    except ValueError as error:
        raise _problem(place, "results", f"unreadable metadata ({error})", _WANTED) from error
    return found if isinstance(found, dict) else {}


def _problem(place: Path | Store, key: str, found: str, wanted: str) -> ResultsError:
    return ResultsError(Problem(str(place), key, found, wanted))


def _check_version(place: Path | Store, attributes: Mapping[str, Any]) -> None:
    """Raise unless the store version is that of this package; say what to do about an older one."""
    version = attributes.get("store_version")
    if type(version) is int and version == STORE_VERSION:
        return
    found = f"store version {version}" if "store_version" in attributes else "no store version"
    wanted = f"version {STORE_VERSION}"
    if type(version) is int:
        older = f"; `cellmodel convert {place}` rewrites results of cellmodel 0.1"
        wanted += ": a newer cellmodel wrote it" if version > STORE_VERSION else older
    raise _problem(place, "store_version", found, wanted)


def _table(place: Path | Store, outer: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """Return a table of the metadata."""
    found = outer.get(key)
    if not isinstance(found, dict):
        raise _problem(place, "results", f"{key}: {'nothing' if found is None else found_text(found)}", _WANTED)
    return found


def _dimensions(place: Path | Store, name: str, document: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the names of the dimensions of an array after a look at them and at its attributes."""
    found = document.get("dimension_names")
    sound = isinstance(found, list) and all(isinstance(one, str) and NAME.fullmatch(one) for one in found)
    if not sound or len(set(found or ())) != len(found or ()):
        raise _problem(place, f"{name}: dimensions", found_text(found), "names of dimensions, each once")
    _check_attributes(place, name, document["attributes"])
    return tuple(found or ())


def _check_attributes(place: Path | Store, where: str, attributes: Mapping[str, Any]) -> None:
    """Raise if an attribute is one that changes values, or neither text nor a number nor a list of those."""
    for key, value in attributes.items():
        parts = value if isinstance(value, list) else [value]
        known = key not in _INSTRUCTIONS and key.isprintable()
        if not known or not all(isinstance(part, str | int | float) for part in parts):
            raise _problem(place, f"{where}: {key}", found_text(value), "no such attribute")


def _layout(
    place: Path | Store, name: str, document: Mapping[str, Any], described: Mapping[str, tuple[str, ...]], named: bool
) -> ArrayLayout:
    """Return the layout of one array if its metadata is what `layout` writes for such a layout."""
    dimensions, axes = described[name], described["status"]
    kind, grid = document.get("data_type"), document.get("chunk_grid")
    if not isinstance(kind, str) or kind not in _KINDS:
        raise _problem(place, f"{name}: data_type", found_text(kind), f"one of {', '.join(_KINDS)}")
    inner = grid.get("configuration") if isinstance(grid, dict) else None
    chunks = inner.get("chunk_shape") if isinstance(inner, dict) else None
    for key, value, least in (("shape", document.get("shape"), 0), ("chunks", chunks, 1)):
        sound = isinstance(value, list) and all(type(one) is int and one >= least for one in value)
        if not sound or len(value or ()) != len(dimensions):
            raise _problem(place, f"{name}: {key}", found_text(value), f"{len(dimensions)} whole numbers")
    swept = 0 if name in axes else sum(dimension in axes for dimension in dimensions)
    sizes = tuple(document["shape"]), tuple(chunks or ())
    coordinate, attributes = named or name in dimensions, document["attributes"]
    found = ArrayLayout(dimensions, swept, *sizes, _KINDS[kind], coordinate, attributes)
    wanted = array_document(found)
    for key in dict.fromkeys((*wanted, *document)):
        if key not in wanted or json.dumps(document.get(key)) != json.dumps(wanted[key]):
            text = f"{wanted.get(key)!r}, as cellmodel writes it" if key in wanted else "no such entry"
            raise _problem(place, f"{name}: {key}", found_text(document.get(key)), text)
    _check_sizes(place, name, found, axes)
    flags = attributes.get("flag_values", [])
    limits = np.iinfo(found.dtype) if found.dtype.kind in "iu" else None
    fitting = limits is not None and isinstance(flags, list) and all(type(one) is int for one in flags)
    if flags and not (fitting and limits and limits.min <= min(flags) <= max(flags) <= limits.max):
        raise _problem(place, f"{name}: flag_values", found_text(flags), f"whole numbers of type {found.dtype}")
    return found


def _check_sizes(place: Path | Store, name: str, found: ArrayLayout, axes: tuple[str, ...]) -> None:
    """Raise if chunks are not cut along swept dimensions only, or if more is stated than a study can have."""
    swept, inner = found.dimensions[: found.swept], found.dimensions[found.swept :]
    ordered = list(swept) == [axis for axis in axes if axis in swept] and (name in axes or set(inner).isdisjoint(axes))
    whole = tuple(max(1, size) for size in found.shape)
    cut = any(chunk > size for chunk, size in zip(found.chunks, whole, strict=True))
    if not ordered or cut or found.chunks[found.swept :] != whole[found.swept :]:
        raise _problem(place, f"{name}: chunks", found_text(found.chunks), f"whole runs of {found.shape}")
    one_run = found.dtype.itemsize * math.prod(whole[found.swept :])
    runs = math.prod(whole[: found.swept])
    if one_run > LARGEST_RUN or one_run * runs > LARGEST_ARRAY or runs > MOST_STORED:
        raise _problem(place, f"{name}: shape", found_text(found.shape), "no more than a study can have")


def _check_together(place: Path | Store, layouts: Mapping[str, ArrayLayout], axes: tuple[str, ...]) -> None:
    """Raise if the arrays do not fit each other, or the kinds of status and digest are not theirs."""
    sizes: dict[str, int] = {}
    for name, layout in layouts.items():
        for dimension, size in zip(layout.dimensions, layout.shape, strict=True):
            if sizes.setdefault(dimension, size) != size:
                wanted = f"{sizes[dimension]} along {dimension}"
                raise _problem(place, f"{name}: shape", found_text(layout.shape), wanted)
    for axis in axes:
        if axis not in layouts or layouts[axis].dimensions != (axis,):
            raise _problem(place, axis, "no values of that axis", "one for each run along it")
    for name, kind, words in (("status", "i", "whole numbers"), ("run_digest", "O", "texts")):
        if layouts[name].dtype.kind != kind or layouts[name].dimensions != axes:
            raise _problem(place, f"{name}: dtype", layouts[name].dtype.name, f"{words} on every swept dimension")
