"""Results on disk: writing a study run by run, opening it again, and exporting it to other programs."""

from __future__ import annotations

from cellmodel.store.arrays import Place, is_store, remote_store
from cellmodel.store.exporting import FORMATS, export
from cellmodel.store.folders import check_store, check_writable, recover
from cellmodel.store.layout import STORE_VERSION
from cellmodel.store.locking import StudyLock
from cellmodel.store.opening import open_results
from cellmodel.store.study_arrays import Block, damaged_files
from cellmodel.store.writing import StudyStore

__all__ = [
    "FORMATS",
    "STORE_VERSION",
    "Block",
    "Place",
    "StudyLock",
    "StudyStore",
    "check_store",
    "check_writable",
    "damaged_files",
    "export",
    "is_store",
    "open_results",
    "recover",
    "remote_store",
]
