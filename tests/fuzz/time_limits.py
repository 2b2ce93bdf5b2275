"""Ends what takes too long, where the system can."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

LONGEST = 5.0
"""Seconds that a file or a call may take to be refused or taken."""


@contextmanager
def no_hang() -> Iterator[None]:
    """Fail what takes longer than `LONGEST` seconds."""

    def end(*_: Any) -> None:
        raise TimeoutError(f"more than {LONGEST} s")

    start = time.perf_counter()
    if hasattr(signal, "setitimer"):
        before = signal.signal(signal.SIGALRM, end)
        signal.setitimer(signal.ITIMER_REAL, LONGEST)
    try:
        yield
    finally:
        if hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_REAL, 0.0)
            signal.signal(signal.SIGALRM, before)
    assert time.perf_counter() - start < LONGEST
