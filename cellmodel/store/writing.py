"""One study's runs in one labelled dataset, in memory or in a Zarr folder (format 2).

How nothing finished is lost: the folder is laid out for all runs, as a temporary sibling that is then renamed,
with status `not_run` everywhere; after that only whole chunks with new runs are written, each file replaced at
once, the digests of the runs after their data and `status` last. Whatever moment the process dies, the folder
opens, and a run with a status has all its data.

How memory stays bounded: only runs that are not yet written are held, and every run's status and digest. This
room knows no solver and no study.
"""

from __future__ import annotations

import math
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from cellmodel.errors import Problem, ResultsError
from cellmodel.store.arrays import Rows
from cellmodel.store.locking import StudyLock
from cellmodel.store.opening import open_results
from cellmodel.store.study_arrays import Block, StudyArrays

FLUSH_SECONDS = 2.0
FLUSH_BYTES = 2**26
"""Runs that wait are written before they take more than this [byte]."""
_LAST = ("run_digest", "status")


class _Waiting(NamedTuple):
    """Runs that are not written yet: their places, shape (runs, swept dimensions), and their variables."""

    places: NDArray[np.intp]
    block: Block


class StudyStore:
    """The dataset of a study, growing run by run; as a context manager it writes what waits and lets go at the end.

    Parameters
    ----------
    path : pathlib.Path or None
        Folder to write, ending in .zarr; None keeps everything in memory.
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
        Where they are NaN, what the folder has is kept.

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
        path: Path | None,
        coordinates: Mapping[str, xr.Variable],
        attributes: Mapping[str, str | int | float],
        geometry: tuple[str, ...] = (),
        lock: StudyLock | None = None,
        known: Mapping[str, xr.Variable] | None = None,
    ) -> None:
        self.path = path
        self.axes = xr.Dataset(coords=dict(coordinates))
        self.attributes = dict(attributes)
        shape = tuple(axis.size for axis in coordinates.values())
        self.status: NDArray[np.int8] = np.zeros(shape, dtype=np.int8)
        self.digests: NDArray[np.object_] = np.full(shape, "", dtype=object)
        self._strides = np.array([math.prod(shape[place + 1 :]) for place in range(len(shape))], dtype=np.intp)
        self._lock = lock
        self._arrays = StudyArrays(path, coordinates, attributes, tuple(geometry), known or {})
        self._waiting: list[_Waiting] = []
        self._waiting_bytes = 0
        self._written_once: set[str] = set()  # node positions that all runs share
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
        """Take over what the folder holds, at its place on the axes; new axis values make a new layout at once.

        Parameters
        ----------
        anew : bool, optional
            Let all its runs be ones that have not run: nothing of them stands any more.

        Raises
        ------
        ResultsError
            The folder cannot be written, or holds something else than results of such a study.

        Warns
        -----
        UserWarning
            Files of it are damaged: the runs in them have not run.
        """
        if self.path is not None:
            with _explained(self.path):
                damaged = self._arrays.read(self.path, anew=anew)
                self.status = self._arrays["status"].read_all()
                self.digests = self._arrays["run_digest"].read_all()
            if damaged:
                named = ", ".join(str(file.relative_to(self.path)) for file in damaged[:3])
                more = f" and {len(damaged) - 3} more" if len(damaged) > 3 else ""
                warnings.warn(
                    f"{self.path}: damaged files ({named}{more}): their runs are computed again", stacklevel=3
                )

    def put(self, index: tuple[int, ...], run: xr.Dataset) -> None:
        """Put one run at its place.

        Parameters
        ----------
        index : tuple of int
            Its position along the swept dimensions.
        run : xarray.Dataset
            Without the swept dimensions.
        """
        block = {
            str(name): (tuple(map(str, variable.dims)), variable.attrs, np.asarray(variable.values)[None])
            for name, variable in run.variables.items()
            if name not in self.axes.coords
        }
        self.put_block([index], block)

    def put_block(self, indices: Sequence[tuple[int, ...]], block: Block) -> None:
        """Put several runs with the same variables at their places.

        Parameters
        ----------
        indices : sequence of tuple of int
            Position of each run along the swept dimensions.
        block : Block
            Every variable by name, `status` and `run_digest` among them: its dimensions in one run, its attributes,
            its values of all runs along a leading axis. Those that `dataset.schema.COORDINATES` names become
            coordinates.
        """
        places = np.array(indices, dtype=np.intp).reshape(len(indices), self.status.ndim)
        self._waiting.append(_Waiting(places, block))
        self._waiting_bytes += sum(values.nbytes for _, _, values in block.values())

    def flush(self, *, force: bool = True) -> None:
        """Write what waits, unless forced only after two seconds or when it takes much memory.

        Parameters
        ----------
        force : bool, optional
            False waits until two seconds have passed since the last time.

        Raises
        ------
        ResultsError
            The folder cannot be written; what was written before opens and is gone on with.
        """
        due = force or self._waiting_bytes > FLUSH_BYTES or time.monotonic() - self._flushed >= FLUSH_SECONDS
        if not self._waiting or not due:
            return
        with _explained(self.path):
            self._write_waiting()
        self._waiting.clear()
        self._waiting_bytes = 0
        self._flushed = time.monotonic()

    def result(self) -> xr.Dataset:
        """Write what waits and return the dataset: in memory, or as `open_results` gives it.

        Returns
        -------
        xarray.Dataset
            All runs.
        """
        self.flush()
        return self._arrays.dataset() if self.path is None else open_results(self.path)

    def _write_waiting(self) -> None:
        """Write all that waits: first that runs which are there already count no more, `status` last."""
        self._waiting = _together(self._waiting)
        if self._arrays.gone():
            warnings.warn(f"{self.path} was deleted while the study ran; what ends from now on is kept", stacklevel=4)
            self._written_once.clear()
            self.status[...], self.digests[...] = 0, ""
        if self._arrays.make_room([block for _, block in self._waiting]):
            self._written_once.clear()
        status, digests = self.status.reshape(-1), self.digests.reshape(-1)  # views: a single run has no dimension
        flat = [places @ self._strides for places, _ in self._waiting]
        again = [status[numbers] != 0 for numbers in flat]
        gone = np.concatenate([places[mask] for (places, _), mask in zip(self._waiting, again, strict=True)])
        if len(gone):
            self._arrays["status"].put([Rows(gone, None)])
            status[gone @ self._strides] = 0
        for name in [*(name for name in self._arrays if name not in _LAST), *_LAST]:
            if name not in self._written_once:
                self._arrays[name].put(self._rows(name, again))
                for places, block in self._waiting:
                    if name not in block:
                        self._arrays[name].ensure(places[:, self._arrays.swept(name)])
                if self._arrays[name].layout.coordinate and not self._arrays[name].layout.swept:
                    self._written_once.add(name)
        for numbers, (_, block) in zip(flat, self._waiting, strict=True):
            digests[numbers] = block["run_digest"][2]
            status[numbers] = block["status"][2]

    def _rows(self, name: str, again: list[NDArray[np.bool_]]) -> list[Rows]:
        """Return what waits of one variable; what a run lacks is emptied if the run was there before."""
        layout, columns = self._arrays[name].layout, self._arrays.swept(name)
        rows = []
        for (places, block), mask in zip(self._waiting, again, strict=True):
            if name in block:
                values = block[name][2]
                rows.append(Rows(places[:, columns], values.astype(object) if layout.is_text else values))
            elif mask.any() and not layout.coordinate:
                rows.append(Rows(places[mask][:, columns], None))
        return rows


def _together(waiting: Sequence[_Waiting]) -> list[_Waiting]:
    """Return what waits in as few blocks as there are kinds of runs, so that an array is told of each kind once."""
    kinds: dict[Any, list[_Waiting]] = {}
    for one in waiting:
        kind = tuple((name, dimensions, values.shape[1:]) for name, (dimensions, _, values) in one.block.items())
        kinds.setdefault(kind, []).append(one)
    return [_joined(alike) for alike in kinds.values()]


def _joined(alike: list[_Waiting]) -> _Waiting:
    block = {
        name: (dimensions, attributes, np.concatenate([one.block[name][2] for one in alike]))
        for name, (dimensions, attributes, _) in alike[0].block.items()
    }
    return _Waiting(np.concatenate([one.places for one in alike]), block)


@contextmanager
def _explained(path: Path | None) -> Iterator[None]:
    """Turn an error of the operating system into one that says what is kept and what to do."""
    try:
        yield
    except OSError as error:
        found = error.strerror or str(error)
        wanted = "a folder with room; what was written before is kept, and the same command goes on from there"
        raise ResultsError(Problem(str(path), "results", found, wanted)) from error
