"""Odd words on the command line: an exit code, at most twenty lines, never a traceback, and nothing is computed."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
import synthetic
from typer.testing import CliRunner

from cellmodel.cli import app
from cellmodel.errors import CellModelError

SEED, SEVERAL = 20261128, 150
LONG = "a" * 100_000
TEXTS = [
    "",
    " ",
    "\t",
    "nan",
    "inf",
    "-inf",
    "-4",
    "0",
    "1e999",
    "1e-300",
    "True",
    "None",
    "x",
    "a=b=c",
    "=",
    "a=",
    "=",
]
TEXTS += ["\0", "a\0b", "30", "30 um", "30 parsec", "C/0", "-C/3", "C/1e-400", "[red]", "[/]", "\u202e\u200b", "\ud800"]
TEXTS += [LONG, "../..", "/", ".", "~", "/dev/null", "li_peo_lfp", "pouch:", ":", "a:b:c", "{}", "%s", "\n\n\n", "1_0"]
NAMES = ["li_peo_lfp", "first_discharge", "lfp_gitt", "stored"]
OPTIONS = {
    "list": [],
    "show": ["--set", "--electrolyte", "--electrode", "--interface", "--current-density"],
    "check": [],
    "schema": [],
    "run": ["--set", "--model", "--mesh", "--solver", "--workers", "--time-limit", "--results"],
    "polarise": ["--set", "--temperature", "--results"],
    "impedance": ["--set", "--temperature", "--results"],
    "energy": ["--c-rate", "--temperature", "--format", "--vehicle", "--set", "--mesh", "--results"],
    "design": ["--c-rate", "--temperature", "--objective", "--bounds", "--max-limiting-ratio", "--format", "--claim"],
    "plot": ["--measured", "--output"],
    "export": ["--format", "--output"],
    "claims": ["--only", "--draws", "--explain", "--results", "--workers"],
    "validate": ["--only", "--data", "--results"],
}
CHOSEN = [
    ["energy", "li_peo_lfp", "--c-rate", "0"],
    ["energy", "li_peo_lfp", "--c-rate", "-1"],
    ["energy", "li_peo_lfp", "--c-rate", "fast"],
    ["claims", "--draws", "-4"],
    ["claims", "--draws", "0", "--only", "lfp_250"],
    ["claims", "--explain", ""],
    ["claims", "--only", " "],
    ["design", "li_peo_lfp", "--claim", "nan"],
    ["design", "li_peo_lfp", "--claim", "-250"],
    ["design", "li_peo_lfp", "--max-limiting-ratio", "nan"],
    ["show", ""],
    ["show", "li_peo_lfp", "--set", ""],
    ["show", "li_peo_lfp", "--set", "a=b=c"],
    ["show", "li_peo_lfp", "--set", "cell.separator.thickness=30"],
    ["show", "a\0b"],
    ["show", LONG],
    ["run", LONG],
    ["check", "a\0b.toml"],
    ["check", LONG + ".toml"],
    ["plot", "a\0b"],
    ["export", LONG, "--format", "csv"],
    ["plot", "stored", "--measured", "a\0b"],
    [LONG],
]


@pytest.fixture
def nothing_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stop a command where it would begin to compute."""

    def stop(*_: object, **__: object) -> None:
        raise CellModelError("it would compute")

    for name in (
        "cellmodel.energy.energy_budget",
        "cellmodel.characterisation.potentiostatic_polarisation",
        "cellmodel.characterisation.cell_impedance",
        "cellmodel.design.optimise_design",
        "cellmodel.design.ragone_front",
        "cellmodel.assessment.claims.assess._assess",
        "cellmodel.assessment.validate",
        "cellmodel.study.run_study",
        "cellmodel.study.running.run_study",
    ):
        monkeypatch.setattr(name, stop)
    monkeypatch.setattr("cellmodel.store.open_results", lambda *_: synthetic.results())


def drawn() -> list[list[str]]:
    """Return odd lists of words, the same at every call."""
    chance = random.Random(SEED)
    found = []
    for _ in range(SEVERAL):
        command = chance.choice(list(OPTIONS))
        words = [command]
        if command == "polarise":
            words.append("potentiostatic")
        words += [chance.choice(NAMES if chance.random() < 0.7 else TEXTS)] * (command not in ("claims", "validate"))
        for option in chance.sample(OPTIONS[command], min(len(OPTIONS[command]), chance.randint(0, 2))):
            words += [option, chance.choice(TEXTS)]
        found.append(words)
    return found


@pytest.mark.usefixtures("nothing_computed")
@pytest.mark.parametrize("words", [*CHOSEN, *drawn()], ids=lambda words: ascii(" ".join(words))[:60])
def test_odd_words_end_with_an_exit_code_and_a_sentence(folder: Path, words: list[str]) -> None:
    done = CliRunner().invoke(app, words)
    assert done.exception is None or isinstance(done.exception, SystemExit), repr(done.exception)
    assert done.exit_code in (0, 1, 2)
    assert len(done.stderr.splitlines()) <= 20
    assert len(done.stderr) < 5000
    assert "Traceback" not in done.output
    if words in CHOSEN:
        assert done.exit_code in (1, 2)
        assert "it would compute" not in done.stderr
