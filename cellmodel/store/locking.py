"""One writer per study: a lock of the operating system on a hidden file beside the store.

The kernel lets go of it when the process ends, however it ends; the file's content only says whom to ask.
"""

from __future__ import annotations

import errno
import os
import re
import socket
import stat
import warnings
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from cellmodel.errors import Problem, ResultsError

_UNSUPPORTED = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)
_CONTENT = re.compile(r"process \d+ on [^\n]{1,300}\Z")


class StudyLock:
    """The right to write a study's results in a folder that exists.

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
        self._check_file()
        self._lock = FileLock(self.file, timeout=0, fallback_to_soft=False, on_acquired=_write_holder)
        try:
            self._lock.acquire()
        except Timeout:
            found = f"a run of this study that is going on: {_content(self.file) or 'another process'}"
            wanted = "to wait until it ends, or another folder or study name"
            raise ResultsError(Problem(str(path), "lock", found, wanted)) from None
        except OSError as error:
            if error.errno not in _UNSUPPORTED:
                raise self._refused(error.strerror or str(error)) from error
            text = "its file system knows no locks; see to it that only one process runs this study"
            warnings.warn(f"{path.parent}: {text}", stacklevel=2)

    def _check_file(self) -> None:
        """Raise unless the lock's file is a lock of ours, or nothing: nothing else is opened or written to."""
        with suppress(FileNotFoundError):
            told = self.file.lstat()
            if stat.S_ISLNK(told.st_mode):
                raise self._refused("a symbolic link")
            if not stat.S_ISREG(told.st_mode):
                raise self._refused("no regular file")
            if told.st_nlink > 1:
                raise self._refused("a file that has another name too")
            if told.st_size and not _CONTENT.match(_content(self.file)):
                raise self._refused("a file with other content")

    def _refused(self, found: str) -> ResultsError:
        wanted = "a lock that cellmodel made; remove the file, or take another folder for results"
        return ResultsError(Problem(str(self.file), "lock", found, wanted))

    def release(self) -> None:
        """Let others write; does nothing if that was done before."""
        if self._lock.is_locked and os.name != "nt":  # where a file that is open cannot be deleted
            self.file.unlink(missing_ok=True)  # while it is locked: who opened it before sees that it is gone
        self._lock.release()


def _write_holder(descriptor: int) -> None:
    """Write into the locked file who holds it."""
    since = datetime.now(UTC).isoformat(timespec="seconds")
    with suppress(OSError):  # on a full disk the lock holds all the same
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"process {os.getpid()} on {socket.gethostname()} since {since}".encode(), 0)


def _content(file: Path) -> str:
    """Return the first words of a file, or nothing: Windows lets nobody read what is locked."""
    with suppress(OSError):
        return file.read_bytes()[:500].decode(errors="replace")
    return ""
