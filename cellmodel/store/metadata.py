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

from cellmodel.errors import Problem, ResultsError, found_text
from cellmodel.store.layout import CHECKSUM, DIMENSIONS, STORE_VERSION, ArrayLayout, metadata_checksum, zarray

LARGEST_METADATA = 2**28
"""Bytes of a metadata file: a cell needs some ten thousand."""
LARGEST_RUN, LARGEST_ARRAY, MOST_STORED = 2**28, 2**38, 10_000_000
"""Bytes of one run and of all runs of a variable, and number of runs: what says more is damaged or made up."""
NAME = re.compile(r"\w[\w+-]{0,199}")
"""Names of variables: letters, digits, underscores; never a path."""
_KINDS = {
    np.dtype(kind).str: np.dtype(kind) for kind in ("f8", "f4", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "?", "O")
}
_WANTED = "a store written by cellmodel"
# what xarray and netCDF take as an instruction to change values
_INSTRUCTIONS = frozenset(
    {"scale_factor", "add_offset", "_FillValue", "missing_value", "_Unsigned", "dtype", "coordinates"}
)


def read_metadata(folder: Path) -> tuple[dict[str, ArrayLayout], dict[str, Any]]:
    """Return what `layout.write_metadata` wrote.

    Parameters
    ----------
    folder : pathlib.Path
        Of the store.

    Returns
    -------
    tuple of dict and dict
        The arrays by name, `status` and `run_digest` among them, and the attributes of the dataset.

    Raises
    ------
    ResultsError
        One problem: it cannot be read, is of another store version, or says what this package does not write.
    """
    files, checksum = _files(folder)
    attributes = dict(_mapping(folder, files, ".zattrs"))
    version = attributes.get("store_version")
    if type(version) is not int or version != STORE_VERSION:
        newer = type(version) is int and version > STORE_VERSION
        found = f"store version {version}" if "store_version" in attributes else "no store version"
        wanted = f"version {STORE_VERSION}{': a newer cellmodel wrote it' if newer else ''}"
        raise ResultsError(Problem(str(folder), "store_version", found, wanted))
    if _mapping(folder, files, ".zgroup") != {"zarr_format": 2}:
        raise _problem(folder, ".zgroup", found_text(files[".zgroup"]), "Zarr format 2")
    named = attributes.pop("coordinates", "")
    if not isinstance(named, str):
        raise _problem(folder, "coordinates", found_text(named), "names of variables")
    _check_attributes(folder, ".zattrs", attributes)
    names = list(dict.fromkeys(key.rpartition("/")[0] for key in files if "/" in key))
    for name in names:
        if not NAME.fullmatch(name):
            raise _problem(folder, "a variable", found_text(name), "a name of letters, digits and underscores")
    for key in files.keys() - {
        ".zgroup",
        ".zattrs",
        *(f"{name}/{end}" for name in names for end in (".zarray", ".zattrs")),
    }:
        raise _problem(folder, found_text(key), "an entry of that name", "arrays and their attributes only")
    described = {name: _dimensions(folder, name, _mapping(folder, files, f"{name}/.zattrs")) for name in names}
    if not {"status", "run_digest"} <= described.keys():
        raise _problem(folder, "results", "no status and digest of runs", _WANTED)
    axes = described["status"]
    arrays = {}
    for name, dimensions in described.items():
        arrays[name] = _array(folder, name, files, dimensions, axes, name in named.split())
    _check_together(folder, arrays, axes)
    if checksum not in (None, metadata_checksum(files)):  # stores begun by earlier versions have none
        raise _problem(folder, "results", "metadata with another checksum: they were damaged or edited", _WANTED)
    return arrays, attributes


def stated_version(folder: Path) -> int | None:
    """Return the store version that a folder states in any of its metadata files, None if none says so."""
    for name in (".zattrs", ".zmetadata"):
        try:
            found = json.loads(_content(folder / name))
            found = found if name == ".zattrs" else found["metadata"][".zattrs"]
            if type(found["store_version"]) is int:
                return int(found["store_version"])
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            continue
    return None


def _files(folder: Path) -> tuple[Mapping[str, Any], Any]:
    """Return the content of every metadata file, as the consolidated one has it, and the checksum it states."""
    try:
        found = json.loads(_content(folder / ".zmetadata"))
    except FileNotFoundError:
        other = (folder / "zarr.json").exists()
        raise _problem(folder, "results", f"{'Zarr format 3' if other else 'no .zmetadata'}", _WANTED) from None
    except OSError as error:
        raise _problem(folder, "results", f".zmetadata: {error.strerror or error}", _WANTED) from error
    except RecursionError:
        raise _problem(folder, "results", "metadata nested too deep", _WANTED) from None
    except ValueError as error:
        raise _problem(folder, "results", f"unreadable metadata ({error})", _WANTED) from error
    files = found.get("metadata") if isinstance(found, dict) else None
    if not isinstance(files, dict):
        raise _problem(folder, "results", "unreadable metadata", _WANTED)
    return files, found.get("checksum")


def _content(file: Path) -> bytes:
    """Return the bytes of a regular file of bounded size, never through a link."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    with os.fdopen(os.open(file, flags), "rb") as stream:
        if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
            raise ValueError("no regular file")
        content = stream.read(LARGEST_METADATA + 1)
    if len(content) > LARGEST_METADATA:
        raise ValueError(f"more than {LARGEST_METADATA} bytes")
    return content


def _problem(folder: Path, key: str, found: str, wanted: str) -> ResultsError:
    return ResultsError(Problem(str(folder), key, found, wanted))


def _mapping(folder: Path, files: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = files.get(key)
    if not isinstance(found, dict):
        raise _problem(folder, "results", f"{key}: {'nothing' if found is None else found_text(found)}", _WANTED)
    return found


def _dimensions(folder: Path, name: str, attributes: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the dimensions that a variable states, after a check of all its attributes."""
    found: Any = attributes.get(DIMENSIONS)
    sound = isinstance(found, list) and all(isinstance(one, str) and NAME.fullmatch(one) for one in found)
    if not sound or len(set(found)) < len(found):
        raise _problem(folder, f"{name}: dimensions", found_text(found), "names of dimensions, each once")
    _check_attributes(folder, name, {key: value for key, value in attributes.items() if key != DIMENSIONS})
    return tuple(found)


def _check_attributes(folder: Path, where: str, attributes: Mapping[str, Any]) -> None:
    """Raise if an attribute is one that changes values, or neither text nor a number nor a list of those."""
    for key, value in attributes.items():
        parts = value if isinstance(value, list) else [value]
        if (
            key in _INSTRUCTIONS
            or not key.isprintable()
            or not all(isinstance(part, str | int | float) for part in parts)
        ):
            raise _problem(folder, f"{where}: {key}", found_text(value), "no such attribute")


def _array(
    folder: Path, name: str, files: Mapping[str, Any], dimensions: tuple[str, ...], axes: tuple[str, ...], named: bool
) -> ArrayLayout:
    """Return the layout of one array if its metadata is what `layout` writes for such a layout."""
    table = _mapping(folder, files, f"{name}/.zarray")
    kind = table.get("dtype")
    if not isinstance(kind, str) or kind not in _KINDS:
        raise _problem(folder, f"{name}: dtype", found_text(kind), f"one of {', '.join(_KINDS)}")
    sizes: dict[str, Any] = {}
    for key, least in (("shape", 0), ("chunks", 1)):
        sizes[key] = table.get(key)
        sound = isinstance(sizes[key], list) and all(type(one) is int and one >= least for one in sizes[key])
        if not sound or len(sizes[key]) != len(dimensions):
            raise _problem(folder, f"{name}: {key}", found_text(sizes[key]), f"{len(dimensions)} whole numbers")
    attributes = {key: value for key, value in files[f"{name}/.zattrs"].items() if key != DIMENSIONS}
    swept = 0 if name in axes else sum(dimension in axes for dimension in dimensions)
    shape, chunks = tuple(sizes["shape"]), tuple(sizes["chunks"])
    coordinate = named or name in dimensions
    filters = table.get("filters")
    checked = not isinstance(filters, list | None) or CHECKSUM in (filters or ())
    found = ArrayLayout(dimensions, swept, shape, chunks, _KINDS[kind], coordinate, attributes, checked)
    for key, wanted in zarray(found).items():
        if table.get(key) != wanted or type(table.get(key)) is not type(wanted):
            raise _problem(folder, f"{name}: {key}", found_text(table.get(key)), f"{wanted!r}, as cellmodel writes it")
    if table.keys() - zarray(found).keys():
        raise _problem(folder, f"{name}: .zarray", found_text(sorted(table)), "no other entries")
    _check_sizes(folder, name, found, axes)
    flags = attributes.get("flag_values", [])
    limits = np.iinfo(found.dtype) if found.dtype.kind in "iu" else None
    fitting = limits is not None and isinstance(flags, list) and all(type(one) is int for one in flags)
    if flags and not (fitting and limits and limits.min <= min(flags) <= max(flags) <= limits.max):
        raise _problem(folder, f"{name}: flag_values", found_text(flags), f"whole numbers of type {found.dtype}")
    return found


def _check_sizes(folder: Path, name: str, found: ArrayLayout, axes: tuple[str, ...]) -> None:
    """Raise if chunks are not cut along swept dimensions only, or if more is stated than a study can have."""
    swept, inner = found.dimensions[: found.swept], found.dimensions[found.swept :]
    ordered = list(swept) == [axis for axis in axes if axis in swept] and (name in axes or set(inner).isdisjoint(axes))
    whole = tuple(max(1, size) for size in found.shape)
    cut = any(chunk > size for chunk, size in zip(found.chunks, whole, strict=True))
    if not ordered or cut or found.chunks[found.swept :] != whole[found.swept :]:
        raise _problem(folder, f"{name}: chunks", found_text(found.chunks), f"whole runs of {found.shape}")
    one_run = found.dtype.itemsize * math.prod(whole[found.swept :])
    runs = math.prod(whole[: found.swept])
    if one_run > LARGEST_RUN or one_run * runs > LARGEST_ARRAY or runs > MOST_STORED:
        raise _problem(folder, f"{name}: shape", found_text(found.shape), "no more than a study can have")


def _check_together(folder: Path, arrays: Mapping[str, ArrayLayout], axes: tuple[str, ...]) -> None:
    """Raise if the arrays do not fit each other, or the kinds of status and digest are not theirs."""
    sizes: dict[str, int] = {}
    for name, array in arrays.items():
        for dimension, size in zip(array.dimensions, array.shape, strict=True):
            if sizes.setdefault(dimension, size) != size:
                raise _problem(
                    folder, f"{name}: shape", found_text(array.shape), f"{sizes[dimension]} along {dimension}"
                )
    for axis in axes:
        if axis not in arrays or arrays[axis].dimensions != (axis,):
            raise _problem(folder, axis, "no values of that axis", "one for each run along it")
    for name, kind, words in (("status", "i", "whole numbers"), ("run_digest", "O", "texts")):
        if arrays[name].dtype.kind != kind or arrays[name].dimensions != axes:
            raise _problem(folder, f"{name}: dtype", arrays[name].dtype.str, f"{words} on every swept dimension")
