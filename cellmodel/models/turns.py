"""One thread at a time solves or reads: discretisations are shared by cells, and keep buffers of their last leg.

It knows no model.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

_Work = TypeVar("_Work", bound=Callable[..., Any])
_turn = threading.RLock()


def in_turn(work: _Work) -> _Work:
    """Return a function that waits until no other thread is in a function of this kind.

    Parameters
    ----------
    work : callable
        What uses a discretisation. It may call others of this kind.

    Returns
    -------
    callable
        The same otherwise.
    """

    @wraps(work)
    def waiting(*arguments: Any, **named: Any) -> Any:
        with _turn:
            return work(*arguments, **named)

    return waiting  # type: ignore[return-value]


def _anew() -> None:
    """Let a child process begin with a free turn: the thread that had it is not there."""
    global _turn
    _turn = threading.RLock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_anew)
