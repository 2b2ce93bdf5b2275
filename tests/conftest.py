"""What every test shares: one thread for linear algebra, reproducible examples, a folder to write in."""

from __future__ import annotations

import os
from pathlib import Path

import hypothesis
import pytest

# Before NumPy is imported: the matrices are small, and many threads only wait for each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")

hypothesis.settings.register_profile("reproducible", derandomize=True, deadline=None, database=None)
hypothesis.settings.load_profile("reproducible")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty current folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path
