"""One study's runs in one labelled dataset, in memory or in a Zarr store.

How nothing finished is lost: a layout for all runs is written as a temporary sibling that is then renamed; after that
only whole chunks with new runs are replaced, one after the other by one thread, the digests of the runs after their
data and `status` last. Whatever moment the process dies, the folder opens, and a run with a status has all its data.
Stores that are no local folders have no lock and no renames: there is one writer, and what `status` says counts.

How memory stays bounded: only runs that are not yet written are held, and every run's status and digest. This
room knows no solver and no study.
"""

from __future__ import annotations

import math
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from cellmodel.errors import Problem, ResultsError
from cellmodel.store.arrays import Place
from cellmodel.store.locking import StudyLock
from cellmodel.store.opening import open_results
from cellmodel.store.study_arrays import Block, PendingRuns, StudyArrays

FLUSH_SECONDS = 2.0
FLUSH_BYTES = 2**26
"""Runs that wait are written before they take more than this [byte]."""


class StudyStore:
    """The dataset of a study, growing run by run; as a context manager it writes what waits and lets go at the end.

    Parameters
    ----------
    place : Place or None
        Folder to write, ending in .zarr, or another Zarr store; None keeps everything in memory.
    coordinates : mapping of str to xarray.Variable
        The swept dimensions in order, each with its values.
    attributes : mapping of str to str or number
        Attributes of the dataset.
    geometry : sequence of str
        Swept dimensions along which spatial coordinates may differ.
    lock : StudyLock, optional
        Released with the store.
    known : mapping of str to xarray.Variable, optional
        Numbers along swept dimensions that are given from the start, such as what was drawn; they become coordinates.
        Where they are NaN, what the store has is kept.

    Attributes
    ----------
    axes : xarray.Dataset
        The swept dimensions with their values.
    attributes : dict
        Attributes of the dataset.
    status : numpy.ndarray of int8
        Of every run, as written; 0 is not run.
    digests : numpy.ndarray of str
        `run_digest` of every run, as written.
    """

    def __init__(
        self,
        place: Place | None,
        coordinates: Mapping[str, xr.Variable],
        attributes: Mapping[str, str | int | float],
        geometry: tuple[str, ...] = (),
        lock: StudyLock | None = None,
        known: Mapping[str, xr.Variable] | None = None,
    ) -> None:
        self.place = place
        self.axes = xr.Dataset(coords=dict(coordinates))
        self.attributes = dict(attributes)
        shape = tuple(axis.size for axis in coordinates.values())
        self.status: NDArray[np.int8] = np.zeros(shape, dtype=np.int8)
        self.digests: NDArray[np.object_] = np.full(shape, "", dtype=object)
        self._strides = np.array([math.prod(shape[place + 1 :]) for place in range(len(shape))], dtype=np.intp)
        self._lock = lock
        self._arrays = StudyArrays(place, coordinates, attributes, tuple(geometry), known or {})
        self._pending: list[PendingRuns] = []
        self._pending_bytes = 0
        self._flushed = time.monotonic()

    def __enter__(self) -> StudyStore:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Write what waits, unless writing is what failed, and let go of the lock."""
        try:
            if not isinstance(error, ResultsError):
                self.flush()
        finally:
            if self._lock is not None:
                self._lock.release()

    def adopt(self, *, anew: bool = False) -> None:
        """Take over what the store holds, at its place on the axes; new axis values make a new layout at once.

        `anew` lets all its runs be ones that have not run: nothing of them stands any more. ResultsError if it cannot
        be written, or holds something else than results of such a study; a warning names files that are damaged.
        """
        if self.place is None:
            return
        with _explained(self.place):
            damaged = self._arrays.read(anew=anew)
            self.status = self._arrays["status"].read()
            self.digests = self._arrays["run_digest"].read()
        if damaged:
            more = f" and {len(damaged) - 3} more" if len(damaged) > 3 else ""
            text = f"damaged files ({', '.join(damaged[:3])}{more}): their runs are computed again"
            warnings.warn(f"{self.place}: {text}", stacklevel=3)

    def put_block(self, indices: Sequence[tuple[int, ...]], block: Block) -> None:
        """Put several runs with the same variables, `status` and `run_digest` among them, at their positions.

        Variables that `dataset.schema.COORDINATES` names become coordinates.
        """
        places = np.array(indices, dtype=np.intp).reshape(len(indices), self.status.ndim)
        self._pending.append(PendingRuns(places, block))
        self._pending_bytes += sum(values.nbytes for _, _, values in block.values())

    def flush(self, *, force: bool = True) -> None:
        """Write what waits, unless forced only after two seconds or when it takes much memory.

        ResultsError if the store cannot be written; what was written before opens and is gone on with.
        """
        due = force or self._pending_bytes > FLUSH_BYTES or time.monotonic() - self._flushed >= FLUSH_SECONDS
        if not self._pending or not due:
            return
        with _explained(self.place):
            self._write_pending()
        self._pending.clear()
        self._pending_bytes = 0
        self._flushed = time.monotonic()

    def result(self) -> xr.Dataset:
        """Write what waits and return the dataset of all runs: in memory, or as `open_results` gives it."""
        self.flush()
        return self._arrays.dataset() if self.place is None else open_results(self.place)

    def _write_pending(self) -> None:
        """Write all that waits, once more if the folder was deleted meanwhile."""
        self._pending = _concatenate(self._pending)
        status, digests = self.status.reshape(-1), self.digests.reshape(-1)  # views: a single run has no dimension
        flat = [places @ self._strides for places, _ in self._pending]
        self._forget_if_gone()
        written = False
        while not written:
            there = [places[status[numbers] != 0] for (places, _), numbers in zip(self._pending, flat, strict=True)]
            try:
                self._arrays.write(self._pending, np.concatenate(there))
                written = not self._forget_if_gone()
            except (ResultsError, OSError):
                if not self._forget_if_gone():
                    raise
        for numbers, (_, block) in zip(flat, self._pending, strict=True):
            digests[numbers] = block["run_digest"][2]
            status[numbers] = block["status"][2]

    def _forget_if_gone(self) -> bool:
        """Return whether the folder was deleted, after saying so and forgetting what it held."""
        if not self._arrays.gone():
            return False
        text = "was deleted while the study ran; what ends from now on is kept"
        warnings.warn(f"{self.place} {text}", stacklevel=6)
        self.status[...], self.digests[...] = 0, ""
        return True


def _concatenate(pending: Sequence[PendingRuns]) -> list[PendingRuns]:
    """Return what waits in as few blocks as there are kinds of runs, so that an array is told of each kind once."""
    kinds: dict[Any, list[PendingRuns]] = {}
    for one in pending:
        kind = tuple((name, dimensions, values.shape[1:]) for name, (dimensions, _, values) in one.block.items())
        kinds.setdefault(kind, []).append(one)
    joined = []
    for alike in kinds.values():
        block = {
            name: (dimensions, attributes, np.concatenate([one.block[name][2] for one in alike]))
            for name, (dimensions, attributes, _) in alike[0].block.items()
        }
        joined.append(PendingRuns(np.concatenate([one.places for one in alike]), block))
    return joined


@contextmanager
def _explained(place: Place | None) -> Iterator[None]:
    """Turn an error of the operating system into one that says what is kept and what to do."""
    try:
        yield
    except OSError as error:
        found = error.strerror or str(error)
        wanted = "a folder with room; what was written before is kept, and the same command goes on from there"
        raise ResultsError(Problem(str(place), "results", found, wanted)) from error
