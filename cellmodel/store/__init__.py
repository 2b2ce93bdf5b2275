"""Results on disk: writing a study run by run, opening it again, and exporting it to other programs."""

from __future__ import annotations

from cellmodel.store.exporting import FORMATS, export
from cellmodel.store.opening import open_results
from cellmodel.store.writing import STORE_VERSION, StudyStore, check_writable, recover

__all__ = ["FORMATS", "STORE_VERSION", "StudyStore", "check_writable", "export", "open_results", "recover"]
