"""Tables on a narrow terminal: no word is cut and no column is lost."""

from __future__ import annotations

import io
from typing import Any

import pytest
import synthetic
from rich.console import Console
from rich.table import Table

from cellmodel.cli.console import fitted
from cellmodel.cli.summary import summary_table

LONG = "a_cell_with_a_name_of_thirty_letters"


def printed(table: Any, width: int) -> str:
    """Return a table as a terminal of that width shows it."""
    screen = Console(file=io.StringIO(), width=width, markup=False, highlight=False)
    screen.print(fitted(screen, table))
    return screen.file.getvalue()  # type: ignore[attr-defined,no-any-return]


@pytest.mark.parametrize("width", [60, 80, 120])
def test_a_summary_shows_every_word(width: int) -> None:
    dataset = synthetic.results(failed=((0, 0),), case=["b", LONG], c_rate=[0.1, 1.0])
    shown = printed(summary_table(dataset), width)
    assert "…" not in shown
    assert max(len(line.rstrip()) for line in shown.splitlines()) <= width
    words = shown.split()
    for word in (LONG, "C/10", "completed", "failed", "66.7%", "95.2%", "solver"):
        assert word in words
    assert words.count("completed") == 3


def test_a_table_that_fits_is_left_alone() -> None:
    table = summary_table(synthetic.results(c_rate=[0.1, 1.0]))
    lines = printed(table, 120).splitlines()
    assert len(lines) == 3
    assert "message" not in lines[0]


def test_a_table_without_room_for_its_words_becomes_a_list() -> None:
    table = Table("name", "first", "second", box=None)
    table.add_row("x", LONG, "")
    table.add_row("y", LONG, LONG)
    assert [line.strip() for line in printed(table, 50).splitlines()] == [
        "x",
        f"first: {LONG}",
        "y",
        f"first: {LONG}",
        f"second: {LONG}",
    ]


def test_no_width_cuts_a_word() -> None:
    rows = [
        ("cell.positive_electrode.active_material_volume_fraction", "0.612", "0.3 to 0.65", ""),
        ("cell.separator.thickness", "10 µm", "10 µm to 50 µm", "lower bound"),
        ("cell.positive_electrode.thickness", "41.5 µm", "20 µm to 200 µm", ""),
    ]
    for width in range(56, 200):
        table = Table("", "optimum", "bounds", "", title="best", box=None, padding=(0, 2))
        for row in rows:
            table.add_row(*row)
        shown = printed(table, width)
        assert sorted(word for row in rows for cell in row for word in cell.split()) == sorted(
            word for word in shown.split() if word not in ("best", "optimum", "bounds", "optimum:", "bounds:")
        ), width
