"""What every test shares: one thread for linear algebra, reproducible examples, a folder to write in."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from cellmodel.mechanisms.registry import MECHANISM_QUANTITIES, MECHANISMS

# Before NumPy is imported: the matrices are small, and many threads only wait for each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")

hypothesis.settings.register_profile("reproducible", derandomize=True, deadline=None, database=None)
hypothesis.settings.load_profile("reproducible")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the deliberate breaks be asked for: an option, because a marker in `addopts` would give way to any `-m`."""
    parser.addoption("--mutants", action="store_true", help="also break the source deliberately, in copies")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the deliberate breaks unless they are asked for."""
    if config.getoption("--mutants"):
        return
    left_out = [item for item in items if item.get_closest_marker("mutants")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty current folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def shipped_mechanisms() -> Iterator[None]:
    """Only the mechanisms of the package are known before and after."""
    tables = (MECHANISMS, MECHANISM_QUANTITIES)
    kept = [dict(table) for table in tables]
    yield
    for table, before in zip(tables, kept, strict=True):
        table.clear()
        table.update(before)
