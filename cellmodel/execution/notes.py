"""The folder in which workers leave word of the run they are at, made for one pool and gone with it.

A parent that dies cannot clear up. It holds a lock on its folder, which the kernel lets go of however the process ends;
whoever starts runs next removes folders that nobody holds. Only what was made here is removed, file by file: a real
folder of this user's, with our mark in it, never through a link.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import tempfile
from datetime import UTC, datetime
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows: nothing is swept there
    fcntl = None  # type: ignore[assignment]

PREFIX, MARK = "cellmodel-", "owner"
_TITLE = "cellmodel: notes of the workers of process"


class Notes:
    """A new folder for notes in the temporary directory."""

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix=PREFIX))
        begun = self.path / f".{MARK}"
        self._lock = os.open(begun, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with contextlib.suppress(OSError):  # a file system without locks: the folder is never swept
            since = datetime.now(UTC).isoformat(timespec="seconds")
            os.write(self._lock, f"{_TITLE} {os.getpid()} since {since}\n".encode())
            if fcntl is not None:
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                begun.rename(self.path / MARK)  # only now is it one that may be swept

    def clear(self) -> None:
        """Remove the notes of workers that are gone."""
        for note in self.path.iterdir():
            if note.name.isdecimal():
                note.unlink()

    def remove(self) -> None:
        """Remove the folder."""
        shutil.rmtree(self.path, ignore_errors=True)
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1


def sweep() -> None:
    """Remove the folders of processes that died; what cannot be looked at or removed stays."""
    if fcntl is None:
        return
    with contextlib.suppress(OSError), os.scandir(tempfile.gettempdir()) as found:
        names = [one.path for one in found if one.name.startswith(PREFIX) and one.is_dir(follow_symlinks=False)]
        for name in names:
            with contextlib.suppress(OSError):
                _sweep_one(name)


def _sweep_one(path: str) -> None:
    """Remove a folder if it is ours and its owner is dead; OSError if it is not, or not all of it is ours."""
    folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        kept = os.fstat(folder)
        if kept.st_uid != os.geteuid() or stat.S_IMODE(kept.st_mode) & 0o022:
            return
        mark = os.open(MARK, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
        try:
            if not stat.S_ISREG(os.fstat(mark).st_mode) or not os.read(mark, 200).startswith(_TITLE.encode()):
                return
            fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)  # its owner lives, or another process sweeps: OSError
            with os.scandir(folder) as found:
                inside = [one.name for one in found]
            if any(not (name == MARK or name.isdecimal()) for name in inside):
                return
            for name in sorted(inside, key=lambda one: one == MARK):  # the mark last: cut short, it is swept again
                os.unlink(name, dir_fd=folder)
            Path(path).rmdir()
        finally:
            os.close(mark)
    finally:
        os.close(folder)
