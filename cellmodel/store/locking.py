"""One writer per study: a lock of the operating system on a hidden file beside the store.

The kernel lets go of it when the process ends, however it ends; the file's content only says whom to ask.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import socket
import stat
import sys
import warnings
import weakref
from datetime import UTC, datetime
from pathlib import Path

from cellmodel.errors import Problem, ResultsError

_FAR = 2**30  # byte that Windows locks: beyond the content, which others read
_UNSUPPORTED = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)
_CONTENT = re.compile(r"process \d+ on [^\n]{1,300}\Z")
_held: weakref.WeakSet[StudyLock] = weakref.WeakSet()


class StudyLock:
    """The right to write a study's results.

    Parameters
    ----------
    path : pathlib.Path
        The store, in a folder that exists.

    Raises
    ------
    ResultsError
        Another process, or another run in this one, writes this study (it says which, where and since when); or what
        bears the name of the lock is none: a link, no regular file, or one with other content.

    Warns
    -----
    UserWarning
        The file system knows no locks.
    """

    def __init__(self, path: Path) -> None:
        self.file = path.with_name(f".{path.stem}.lock")
        self._descriptor: int | None = None
        while self._descriptor is None:
            descriptor = self._open()
            try:
                _lock(descriptor)
            except OSError as error:
                holder = _content(descriptor)
                os.close(descriptor)
                if error.errno not in _UNSUPPORTED:
                    raise ResultsError(_held_by_another(path, holder)) from error
                warnings.warn(
                    f"{path.parent}: its file system knows no locks; see to it that only one process runs this study",
                    stacklevel=2,
                )
                return
            if _is_still(self.file, descriptor):
                self._descriptor = descriptor
            else:  # its last holder deleted it between our opening and our locking
                os.close(descriptor)
        _held.add(self)
        since = datetime.now(UTC).isoformat(timespec="seconds")
        with contextlib.suppress(OSError):  # on a full disk the lock holds all the same
            os.ftruncate(self._descriptor, 0)
            os.lseek(self._descriptor, 0, os.SEEK_SET)
            os.write(self._descriptor, f"process {os.getpid()} on {socket.gethostname()} since {since}".encode())

    def _open(self) -> int:
        """Return the lock's file, opened: never another one through a link, and never what is no lock of ours."""
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        wanted = "a lock that cellmodel made; remove the file, or take another folder for results"
        try:
            descriptor = os.open(self.file, flags, 0o644)
        except OSError as error:
            found = "a symbolic link" if self.file.is_symlink() else error.strerror or str(error)
            raise ResultsError(Problem(str(self.file), "lock", found, wanted)) from error
        found, told = "", os.fstat(descriptor)
        if not stat.S_ISREG(told.st_mode):
            found = "no regular file"
        elif told.st_nlink > 1:
            found = "a file that has another name too"
        elif told.st_size and not _CONTENT.match(_content(descriptor)):
            found = "a file with other content"
        if found:
            os.close(descriptor)
            raise ResultsError(Problem(str(self.file), "lock", found, wanted))
        return descriptor

    def release(self) -> None:
        """Let others write; does nothing if that was done before."""
        if self._descriptor is None:
            return
        if sys.platform == "win32":  # where a file that is open cannot be deleted
            self.let_go()
            return
        if _is_still(self.file, self._descriptor):
            self.file.unlink(missing_ok=True)  # while it is locked: who opened it before sees that it is gone
        self.let_go()

    def let_go(self) -> None:
        """Close the file; a child process does so after a fork, or it would hold the lock of a parent that died."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def _held_by_another(path: Path, holder: str) -> Problem:
    found = f"a run of this study that is going on: {holder or 'another process'}"
    return Problem(str(path), "lock", found, "to wait until it ends, or another folder or study name")


def _content(descriptor: int) -> str:
    """Return the first words of an open file."""
    with contextlib.suppress(OSError):
        os.lseek(descriptor, 0, os.SEEK_SET)
        return os.read(descriptor, 500).decode(errors="replace")
    return ""


def _lock(descriptor: int) -> None:
    """Lock an open file for as long as it is open; OSError if it is locked already."""
    if sys.platform == "win32":
        import msvcrt

        os.lseek(descriptor, _FAR, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        os.lseek(descriptor, 0, os.SEEK_SET)
    else:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _is_still(file: Path, descriptor: int) -> bool:
    """Return whether the open file is the one of that name."""
    try:
        return os.path.samestat(file.lstat(), os.fstat(descriptor))
    except (FileNotFoundError, NotADirectoryError):
        return False


def _let_go_of_all() -> None:
    for lock in list(_held):
        lock.let_go()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_let_go_of_all)
