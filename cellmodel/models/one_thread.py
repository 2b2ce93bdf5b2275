"""One thread at a time solves or reads: the functions of a built model are shared, and keep buffers of their last call.

It knows no model.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

_Function = TypeVar("_Function", bound=Callable[..., Any])
_lock = threading.RLock()


def one_thread_at_a_time(function: _Function) -> _Function:
    """Return the function with a lock around it, one and the same for all such functions; they may call each other."""

    @wraps(function)
    def locked(*arguments: Any, **named: Any) -> Any:
        with _lock:
            return function(*arguments, **named)

    return locked  # type: ignore[return-value]


def _new_lock() -> None:
    """Give a forked process a free lock: the thread that held it is not there."""
    global _lock
    _lock = threading.RLock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_new_lock)
