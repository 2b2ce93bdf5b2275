"""What the commands print where the output cannot show every sign, is closed early, or is full."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
import synthetic

from cellmodel.cli.console import console, in_ascii, make_writable, shows_all
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
