"""Dask: workers on many machines, reached by the address of their scheduler or by a client of the caller.

Dask need not be installed until it is asked for. It knows nothing of what a batch holds.
"""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from cellmodel.dataset import versions
from cellmodel.errors import CellModelError, ExecutionError, Problem, found_text
from cellmodel.execution.batches import check_versions
from cellmodel.execution.workers import Workers
from cellmodel.inputs import LONGEST_NAME

if TYPE_CHECKING:
    from distributed import Client

CONNECT_SECONDS = 5.0
"""How long to try to reach a Dask scheduler."""
_SCHEDULER = "a running scheduler, such as tcp://host:8786"


class Dask(Workers):
    """The workers of a Dask cluster; ExecutionError if one has other versions; `own` closes the client in the end."""

    def __init__(self, client: Client, own: bool) -> None:
        self._client, self._own = client, own
        try:
            super().__init__(client.get_executor(pure=False))
            check_versions(versions(), client.run(versions))
        except CellModelError:
            raise
        except Exception as error:  # an import there that fails, a client that is closed: whatever Dask says
            wanted = "an open client, and workers in an environment with this cellmodel"
            raise ExecutionError(Problem("Dask", "workers", f"{type(error).__name__}: {error}", wanted)) from error

    @property
    def slots(self) -> int:
        """One per worker process: its threads share one interpreter."""
        return max(1, len(self._client.nthreads()))

    def close(self, *, now: bool) -> None:
        """Withdraw what is under way if asked; the cluster goes on living."""
        self.executor.shutdown(wait=not now)
        if self._own:
            self._client.close()


def connect(address: str) -> Client:
    """Return a client of the scheduler at an address; ExecutionError without Dask, or if none answers."""
    host, port = host_and_port(address)
    try:
        from distributed import Client
    except ImportError as error:
        wanted = "dask[distributed]: pip install 'cellmodel[dask]'"
        raise ExecutionError(Problem("run", "dask", "no installation of Dask", wanted)) from error
    try:
        if address.startswith("tcp:"):
            _hear(host, port)
        return Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, OverflowError, ValueError, TypeError) as error:
        found = f"no answer from {address!r} ({error})"
        raise ExecutionError(Problem("run", "dask", found, f"the address of {_SCHEDULER}")) from error


def host_and_port(address: str) -> tuple[str, int]:
    """Return the two parts of a scheduler's address; ExecutionError if it is none."""
    scheme, _, place = address.partition("://")
    host, _, port = place.rpartition(":")
    if not (scheme and host and port.isdecimal() and len(port) <= 5 and len(address) <= LONGEST_NAME):
        wanted = f"'auto', a number of processes (no text), or the address of {_SCHEDULER}"
        raise ExecutionError(Problem("run", "workers", found_text(address), wanted))
    return host.strip("[]"), int(port)


def _hear(host: str, port: int) -> None:
    """Raise OSError unless something at the address speaks first, as schedulers do; Dask would try for minutes."""
    with socket.create_connection((host, port), CONNECT_SECONDS) as connection:
        connection.settimeout(CONNECT_SECONDS)
        if not connection.recv(1):
            raise ConnectionError("it hung up")
