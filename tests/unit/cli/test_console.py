"""What the commands print where a terminal is narrow, and where output cannot show every sign, is closed or full."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import synthetic
from rich.console import Console
from rich.table import Table

from cellmodel.cli.console import console, fitted, in_ascii, make_writable, shows_all
from cellmodel.cli.summary import summary_table

NOT_UTF8 = [
    {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    {"PYTHONIOENCODING": "cp1252"},
    {"PYTHONIOENCODING": "cp932"},
    {"PYTHONIOENCODING": "ascii"},
]
COMMAND = [sys.executable, "-c", "from cellmodel.cli import app; app()"]


def run(words: list[str], **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Run a command in a process of its own."""
    return subprocess.run([*COMMAND, *words], capture_output=True, env={**os.environ, **environment}, check=False)


def test_signs_are_said_in_ascii() -> None:
    assert in_ascii("80 °C, 30 µm, mA h cm⁻²") == "80 degC, 30 um, mA h cm-2"
    assert in_ascii("2 × 3 ÷ 4 · 5 – κ Ω t₊ ≤ →") == "2 x 3 / 4 . 5 - kappa ohm t+ <= ->"
    assert in_ascii("Étude, 漢") == "Etude, \\u6f22"
    assert in_ascii("Σ │ ─ ┼") == "Sigma | - +"


@pytest.mark.parametrize("environment", NOT_UTF8)
@pytest.mark.parametrize("words", [["show", "li_peo_lfp"], ["energy", "--help"], ["list", "sells°"]])
def test_output_that_is_not_utf8_gets_ascii(environment: dict[str, str], words: list[str]) -> None:
    done = run(words, **environment)
    assert done.returncode == (2 if "sells°" in words else 0), done.stderr
    assert done.stdout.isascii()
    assert done.stderr.isascii()
    assert b"Traceback" not in done.stderr
    if words[0] == "show":
        assert b"20 um" in done.stdout
        assert b"mA h cm-2" in done.stdout
        assert b"80 degC" in done.stdout


def test_columns_stay_in_line_in_ascii(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="cp1252")
    make_writable(stream)
    monkeypatch.setattr(sys, "stdout", stream)
    console().print(summary_table(synthetic.results(ambient_temperature=[293.15, 353.15], c_rate=[0.1])))
    lines = stream.buffer.getvalue().decode("ascii").rstrip("\n").split("\n")  # type: ignore[attr-defined]
    assert "20 degC" in lines[1]
    assert [lines[0].index("C-rate"), lines[0].index("status")] == [lines[1].index("C/10"), lines[1].index("completed")]


def test_an_encoding_that_has_every_sign_is_left_alone() -> None:
    for name in ("utf-8", "utf-16", "gb18030"):
        stream = io.TextIOWrapper(io.BytesIO(), encoding=name)
        make_writable(stream)
        assert stream.encoding == name
        assert shows_all(stream)
        stream.write("°⁻\udcff")
        stream.flush()


def test_an_output_closed_early_gives_no_traceback() -> None:
    with subprocess.Popen([*COMMAND, "list"], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full here")
def test_a_full_output_is_one_sentence() -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run([*COMMAND, "list"], stdout=full, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 1
    assert done.stderr.decode().splitlines() == ["output: No space left on device"]


def test_brackets_in_a_text_are_no_markup(capsys: pytest.CaptureFixture[str]) -> None:
    console().print("a unit [s] and a slash [/]")
    assert "a unit [s] and a slash [/]" in capsys.readouterr().out


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
