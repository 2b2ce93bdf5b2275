"""A worker process: how it begins, which run it leaves word of in case it dies, and the clock that kills it.

A solve inside SUNDIALS never returns to Python, so no exception can interrupt it. The interval timer's signal with
its default action ends the process whatever it is doing; the parent then reads the note of the dead. It knows no
model and no executor.
"""

from __future__ import annotations

import ctypes
import gc
import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import wait
from pathlib import Path

GRACE = 2.0
"""Seconds beyond the wall-clock limit that a run has to end by itself, between two steps."""

KEPT_MEMORY = ((-1, 128 * 2**20), (-3, 32 * 2**20))
"""glibc's M_TRIM_THRESHOLD and M_MMAP_THRESHOLD [bytes] in a worker; see `_keep_freed_memory`."""

_note: int | None = None  # file descriptor; None outside the workers of a pool
_settled = False


def begin_worker(notes: str) -> None:
    """Make a fresh worker process ready: one thread, everything imported, a note to write on, an eye on the parent.

    Parameters
    ----------
    notes : str
        Folder for the note, which is named by the process id; empty if nobody reads it.
    """
    global _note
    _keep_freed_memory()
    threading.Thread(target=_end_with_parent, daemon=True).start()
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # before NumPy: every core has a worker already
    gc.disable()
    import cellmodel.execution.packages  # noqa: F401

    gc.freeze()
    gc.enable()
    if notes:
        _note = os.open(Path(notes) / str(os.getpid()), os.O_WRONLY | os.O_CREAT)


def settle() -> None:
    """Have the garbage collector of a worker leave alone what is there after its first run: modules, the built model.

    They live as long as the process, and walking through them costs a fifth of a run. Once only, for models that
    are built later may be let go again. No effect outside pools.
    """
    global _settled
    if _note is not None and not _settled:
        _settled = True
        gc.collect()
        gc.freeze()


def _keep_freed_memory() -> None:
    """Have the C library keep what a run frees for the next run; other C libraries than glibc stay as they are.

    By default it gives the megabytes of every solution back to the system, which maps and zeroes them anew, page by
    page: 8 % of a run's time where two workers do so at once. The caller's process is not ours to tune.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if os.name == "posix" else None
    if mallopt is not None:
        for parameter, size in KEPT_MEMORY:
            mallopt(parameter, size)


def _end_with_parent() -> None:
    """End this process when its parent is gone; a queue that other workers hold open would never say so."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def note_run(position: int) -> None:
    """Leave word that this worker is at a run.

    Parameters
    ----------
    position : int
        Of the run in the list that is being solved.
    """
    if _note is not None:
        os.pwrite(_note, f"{position:<20d}".encode(), 0)


@contextmanager
def deadline(seconds: float | None) -> Iterator[None]:
    """End this process if the block takes longer; no effect outside the workers of a pool.

    Parameters
    ----------
    seconds : float or None
        Wall time [s]; `GRACE` is added. None: no limit.
    """
    if seconds is None or _note is None or not hasattr(signal, "setitimer"):
        yield
        return
    signal.setitimer(signal.ITIMER_REAL, seconds + GRACE)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)


def noted_run(notes: Path, process: int | None) -> int | None:
    """Return the run a worker was at last; None if it had not begun any.

    Parameters
    ----------
    notes : pathlib.Path
        Folder of the notes.
    process : int or None
        Its process id.

    Returns
    -------
    int or None
        Position of the run.
    """
    path = notes / str(process)
    text = path.read_text() if path.is_file() else ""
    return int(text) if text.strip() else None
