"""Signals that ask this process to end: SIGTERM and SIGHUP stop runs as Ctrl-C does, with what is finished kept.

A handler of the caller is never replaced, an ignored signal stays ignored (`nohup`), threads and systems without a
signal are left as they are. The first signal raises, but never in the middle of writing; a second one takes its usual
action at once. It knows no runs.
"""

from __future__ import annotations

import ctypes
import gc
import logging
import platform
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, TypeVar

_Kept = TypeVar("_Kept")
_log = logging.getLogger(__name__)
_LAYOUT = (256, 136, 0x80000000)
"""Of glibc's `struct sigaction` on 64 bits: more than its size, where its flags stand, and SA_RESETHAND."""
_active: _Handler | None = None


class Stopped(SystemExit):
    """SIGTERM or SIGHUP asked this process to end; its exit code is 128 and the number of the signal.

    Parameters
    ----------
    number : int
        Of the signal.
    """

    def __init__(self, number: int) -> None:
        super().__init__(128 + number)
        self.signal = signal.Signals(number)


def what_is_kept(store: Any, what: str) -> str:
    """Return what remains of runs that were stopped, and how to go on.

    Parameters
    ----------
    store : pathlib.Path, zarr store or None
        Where results go; None: nowhere.
    what : str
        What has to be done again, such as "command".
    """
    if store is None or (isinstance(store, Path) and not store.exists()):
        return "nothing was written"
    return f"what is finished is in {store}; the same {what} goes on from there"


def exit_code(stop: BaseException) -> int:
    """Return the exit code after Ctrl-C (130) or a signal (128 and its number)."""
    return 128 + (stop.signal if isinstance(stop, Stopped) else signal.SIGINT)


class _Handler:
    """What happens at a signal, as long as the handlers are in place."""

    def __init__(self, final: bool) -> None:
        self.final, self.first, self.waits, self.held = final, 0, False, 0
        self.usual: dict[int, Any] = {}

    def install(self) -> None:
        """Take the place of the usual actions, and of nothing else."""
        for name, usual in (("SIGINT", signal.default_int_handler), ("SIGTERM", None), ("SIGHUP", None)):
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) == (usual or signal.SIG_DFL):
                self.usual[number] = signal.SIG_DFL if self.final or usual is None else usual
                signal.signal(number, self)
                if self.usual[number] == signal.SIG_DFL:
                    _reset_when_it_comes(number)

    def restore(self) -> None:
        """Put the usual actions back, unless the process is ending."""
        for number, usual in self.usual.items():
            if not (self.final and self.first):
                signal.signal(number, signal.default_int_handler if number == signal.SIGINT else usual)

    def __call__(self, number: int, _frame: FrameType | None) -> None:
        """Stop now, or as soon as nothing is being written."""
        for each, usual in self.usual.items():  # before all else: the next one is not for us
            signal.signal(each, usual)
        self.first = number
        self.waits = self.held > 0
        if not self.waits:
            self.stop()

    def stop(self) -> None:
        self.waits = False
        raise KeyboardInterrupt if self.first == signal.SIGINT else Stopped(self.first)


def _reset_when_it_comes(number: int) -> None:
    """Have a signal take its usual action from the second time on, although a solver keeps Python from running.

    Only where the layout of the system's structure is known; elsewhere that waits until the solver returns.
    """
    if platform.libc_ver()[0] != "glibc" or platform.machine() not in ("x86_64", "aarch64"):
        return
    size, place, reset = _LAYOUT
    action = (ctypes.c_char * size)()
    sigaction = ctypes.CDLL(None).sigaction
    if sigaction(number, None, action) == 0:
        ctypes.c_uint32.from_buffer(action, place).value |= reset
        sigaction(number, action, None)


@contextmanager
def signals_stop(kept: Callable[[], str] | None = None, *, final: bool = False) -> Iterator[None]:
    """Let SIGTERM and SIGHUP raise `Stopped` in the block, in the main thread, and Ctrl-C wait while runs are written.

    Parameters
    ----------
    kept : callable, optional
        Gives what is logged after "stopped by SIGTERM: "; without a traceback nobody would say so.
    final : bool, optional
        The process ends with the block: a second Ctrl-C ends it at once, and a signal that came decides its exit code,
        whatever became of the exception on its way.

    Raises
    ------
    Stopped
        A signal came.
    """
    global _active
    if _active is not None or threading.current_thread() is not threading.main_thread():
        yield
        return
    handler = _active = _Handler(final)
    try:
        handler.install()
        yield
        check_stopped()  # a library may have swallowed the exception
    except BaseException as error:
        if isinstance(error, Stopped) or (final and handler.first):
            gc.freeze()  # else the end of the process walks through everything once more, for half a second
        if isinstance(error, Stopped) and kept is not None:
            _log.warning("stopped by %s: %s", error.signal.name, kept())
        if final and handler.first:
            raise SystemExit(128 + handler.first) from None
        raise
    finally:
        _active = None
        handler.restore()


def check_stopped() -> None:
    """Raise if a signal came and what it raised was lost on the way."""
    if _active is not None and _active.first and threading.current_thread() is threading.main_thread():
        _active.stop()


def was_stopped() -> bool:
    """Return whether a signal came in the block of `signals_stop` that is under way."""
    return _active is not None and bool(_active.first)


@contextmanager
def undisturbed() -> Iterator[None]:
    """Hold a first signal back until the block, which writes, is left."""
    handler = _active if threading.current_thread() is threading.main_thread() else None
    if handler is None:
        yield
        return
    handler.held += 1
    try:
        yield
    finally:
        handler.held -= 1
        if handler.waits and not handler.held:
            handler.stop()


@contextmanager
def left_undisturbed(manager: AbstractContextManager[_Kept]) -> Iterator[_Kept]:
    """Enter a context that is left without a signal cutting its end short.

    Parameters
    ----------
    manager : context manager
        Such as a store that writes what waits at its end.

    Yields
    ------
    object
        What it gives.
    """
    kept = manager.__enter__()
    try:
        yield kept
    except BaseException as error:
        with undisturbed():
            manager.__exit__(type(error), error, error.__traceback__)
        raise
    with undisturbed():
        manager.__exit__(None, None, None)
