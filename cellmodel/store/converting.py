"""Results of cellmodel 0.1, in Zarr format 2, rewritten as this version writes them.

It knows the old layout and the new names of variables; it computes nothing.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import zarr
from zarr.storage import LocalStore

from cellmodel.errors import Problem, ResultsError, found_text
from cellmodel.inputs import name_or_path
from cellmodel.store.arrays import CONTENT_ERRORS, StudyArray, write_array_documents, write_root
from cellmodel.store.folders import check_store, discard, recover, sibling, swap
from cellmodel.store.layout import STORE_VERSION, ArrayLayout, lay_out
from cellmodel.store.locking import StudyLock
from cellmodel.store.metadata import NAME, file_content, read_metadata, stated_version

RENAMED = {
    "capacity_share": "utilization",
    "share_outside_validity": "extrapolated_fraction",
    "end_uneven_use_voltage": "end_nonuniform_utilization_voltage",
    "end_cathode_reaction_voltage": "end_positive_reaction_voltage",
    "end_graphite_reaction_voltage": "end_negative_reaction_voltage",
    "end_lithium_reaction_voltage": "end_negative_reaction_voltage",
}
"""Names of variables of version 0.1 and what they are called now; no run has both of two that became one."""
_CODECS = {"vlen-utf8", "crc32", "blosc"}
"""All that the old stores name; nothing else is handed to Zarr, which takes codecs from whoever wrote the metadata."""


def convert_store(path: str | Path) -> Path:
    """Rewrite a store of cellmodel 0.1 in its place; return its folder.

    Raises
    ------
    ResultsError
        It is no store of that version, it is damaged, or it is being written.
    """
    place = Path(name_or_path(path, "convert", "STORE", "the path of results", ResultsError))
    if not check_store(place) or stated_version(place) != 1:
        version = stated_version(place) if place.is_dir() else None
        found = "nothing" if version is None else f"store version {version}"
        raise ResultsError(Problem(str(place), "store_version", found, "version 1, which cellmodel 0.1 wrote"))
    lock = StudyLock(place)
    try:
        recover(place)
        _rewrite(place)
    finally:
        discard(sibling(place, "writing"))
        lock.release()
    return place


def _rewrite(place: Path) -> None:
    """Write the new store beside the old one, and put it in its place once it opens."""
    attributes = _json(place, ".zattrs")
    coordinates = str(attributes.pop("coordinates", "")).split()
    names = sorted(one.name for one in place.iterdir() if one.is_dir() and NAME.fullmatch(one.name))
    described = {name: _json(place, f"{name}/.zattrs") for name in names}
    dimensions = {name: tuple(map(str, one.pop("_ARRAY_DIMENSIONS", ()))) for name, one in described.items()}
    axes, new = dimensions.get("status", ()), sibling(place, "writing")
    arrays: dict[str, tuple[list[Any], ArrayLayout]] = {}
    for name in names:
        array = _opened(place, name)
        swept = 0 if name in axes else sum(dimension in axes for dimension in dimensions[name])
        named = name in coordinates or name in dimensions[name]
        layout = lay_out(dimensions[name], swept, array.shape, np.dtype(array.dtype), named, described[name])
        arrays.setdefault(RENAMED.get(name, name), ([], layout))[0].append(array)
    layouts = {name: layout for name, (_, layout) in arrays.items()}
    write_array_documents(new, layouts)
    for name, (old, layout) in arrays.items():
        written = StudyArray(name, layout, new)
        for number in layout.chunk_numbers():
            try:
                part, *others = (np.asarray(array[layout.region(number)], dtype=layout.dtype) for array in old)
            except CONTENT_ERRORS as error:
                wanted = "whole results; run the study again with --overwrite"
                raise ResultsError(Problem(f"{place}/{name}", "chunk", f"a damaged file ({error})", wanted)) from error
            for other in others:
                part = np.where(np.isnan(part), other, part)
            written.write(number, part)
    write_root(new, layouts, {**attributes, "store_version": STORE_VERSION})
    read_metadata(new)
    swap(place)


def _opened(place: Path, name: str) -> Any:
    """Return an array of the old store, after a look at the codecs it names."""
    told = _json(place, f"{name}/.zarray")
    codecs = [told.get("compressor"), *(told.get("filters") or [])]
    if any(not isinstance(codec, dict) or codec.get("id") not in _CODECS for codec in codecs):
        found = f"{name}: {found_text(codecs)}"
        raise ResultsError(Problem(str(place), "codec", found, "one of cellmodel 0.1"))
    return zarr.open_array(LocalStore(place, read_only=True), path=name, mode="r", zarr_format=2)


def _json(place: Path, name: str) -> dict[str, Any]:
    """Return a metadata file of the old store."""
    try:
        found = json.loads(file_content(place / name))
        if isinstance(found, dict):
            return found
        text = found_text(found)
    except (OSError, ValueError, RecursionError) as error:
        text = f"unreadable metadata ({error})"
    raise ResultsError(Problem(str(place), name, text, "results that cellmodel 0.1 wrote"))
