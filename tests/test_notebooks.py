"""Every notebook runs from top to bottom."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from cellmodel import resources

NOTEBOOKS = sorted((resources.folder("experiments") / "notebooks").glob("*.ipynb"))


def test_there_is_a_notebook():
    assert [path.stem for path in NOTEBOOKS] == ["first_discharge"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_runs(path: Path, tmp_path: Path):
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": tmp_path}}).execute()
    pictures = [
        output for cell in notebook.cells for output in cell.get("outputs", []) if "image/png" in output.get("data", {})
    ]
    assert len(pictures) >= 2
    nbformat.write(notebook, tmp_path / path.name)
