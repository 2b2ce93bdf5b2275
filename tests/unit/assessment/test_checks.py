"""The table of `cellmodel validate`: verdicts, labels, exit codes, and nothing green that was not measured."""

from __future__ import annotations

import math

import numpy as np
import pytest
from typer.testing import CliRunner

from cellmodel.assessment.checks import validation
from cellmodel.assessment.checks.check import Check, DataFolder, DataMissingError, Evidence, Finding, curves
from cellmodel.assessment.checks.validation import (
    BAD,
    KNOWN,
    VERDICTS,
    KnownDeviation,
    all_checks,
    judge,
    markdown_table,
    validate,
)
from cellmodel.assessment.table import STYLES
from cellmodel.cli import app
from cellmodel.plotting import plot_comparison


def finding(deviation: float, name: str = "") -> Finding:
    return Finding(name, "something, rms", deviation, 1e-3, "V", "asked", stock=2e-3, remark="A remark.")


def made(name: str, deviation: float, drawn: bool = False) -> Check:
    lines = {"ours, model": ("model", [0, 1], [0, 1]), "ours, paper": ("reference", [0, 1, 2], [0, 1, 1])}
    picture = [curves("Title", "x (m)", "y (V)", lines)] if drawn else []
    return Check(name, "made up", "somebody 1900", "10.0/1", lambda _: iter([finding(deviation), *picture]))


def raising(name: str, error: Exception) -> Check:
    def measure(_data: DataFolder) -> Evidence:
        yield finding(0.0)
        raise error

    return Check(name, "made up", "nobody", "", measure)


@pytest.fixture
def checks(monkeypatch):
    def use(*given: Check) -> None:
        monkeypatch.setattr(validation, "all_checks", lambda: list(given))

    return use


def test_verdicts() -> None:
    known = KnownDeviation(5e-3, "because")
    assert judge(finding(1e-3), None) == "pass"
    assert judge(finding(1.01e-3), None) == "fail"
    assert judge(finding(4e-3), known) == "known_deviation"
    assert judge(finding(6e-3), known) == "fail"
    assert judge(finding(math.nan), known) == "fail"


def test_the_table_is_labelled_and_keeps_every_figure(checks, monkeypatch) -> None:
    monkeypatch.setitem(KNOWN, "near", KnownDeviation(5e-3, "The reason."))
    checks(
        made("good", 5e-4, drawn=True),
        made("near", 2e-3),
        made("far", 2e-2),
        raising("absent", DataMissingError("x.csv is not here")),
        raising("broken", ZeroDivisionError("oh")),
    )
    done = []
    report = validate(progress=lambda n, total, name: done.append((n, total, name)))
    table = report.table
    assert list(table["verdict_word"].values) == ["pass", "known_deviation", "fail", "skipped", "did_not_run"]
    meanings = table["verdict"].attrs["flag_meanings"].split()
    assert [meanings[value] for value in table["verdict"].values] == list(table["verdict_word"].values)
    assert table["stock_deviation"].sel(line="good") == 2e-3
    assert "The reason." in str(table["explanation"].sel(line="near").item())
    assert "ZeroDivisionError: oh" in str(table["explanation"].sel(line="broken").item())
    assert np.all(table["wall_time"] >= 0)
    assert not report.passed
    with pytest.warns(DeprecationWarning, match="sound is now called passed"):
        assert report.sound is False
    assert list(report.curves) == ["good"]
    assert done[0] == (0, 5, "good")
    assert done[-1] == (5, 5, "")
    text = markdown_table(table)
    assert "| `far` | something, rms | [somebody 1900](https://doi.org/10.0/1) | 20 mV | 2 mV | 1 mV | FAIL |" in text
    assert "1 pass, 1 known deviation, 1 skipped, 1 FAIL, 1 DID NOT RUN." in text


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ([made("good", 0.0, drawn=True)], 0),
        ([made("good", 0.0), raising("absent", DataMissingError("x.csv"))], 0),
        ([made("good", 0.0), made("far", 1.0)], 1),
        ([raising("broken", ValueError("oh"))], 1),
    ],
)
def test_the_exit_code_is_one_only_for_a_fail_or_a_check_that_did_not_run(checks, given, code) -> None:
    checks(*given)
    assert CliRunner().invoke(app, ["validate"]).exit_code == code


def test_the_command_plots_and_writes_markdown(checks, tmp_path) -> None:
    checks(made("good", 0.0, drawn=True))
    done = CliRunner().invoke(app, ["validate", "--plot", "--results", str(tmp_path), "--markdown"])
    assert done.exit_code == 0
    assert (tmp_path / "validation" / "good.png").stat().st_size > 5000
    assert done.stdout.startswith("| check | what | reference |")


def test_only_takes_checks_and_groups_and_offers_the_nearest_name(checks) -> None:
    checks(made("good", 0.0), made("other", 0.0))
    assert list(validate(["other"]).table["line"].values) == ["other"]
    assert validate(["made up"]).table.sizes["line"] == 2
    done = CliRunner().invoke(app, ["validate", "--only", "god"])
    assert done.exit_code == 1
    assert "good" in done.stderr


def test_a_reference_is_drawn_as_points_and_a_model_as_a_line() -> None:
    _, picture = made("good", 0.0, drawn=True).measure(DataFolder())
    (axes,) = plot_comparison(picture).axes
    assert [line.get_linestyle() for line in axes.lines] == ["-", "None"]
    assert axes.lines[0].get_color() == axes.lines[1].get_color()
    assert axes.get_xlabel() == "x (m)"


def test_every_check_has_a_name_of_its_own_and_says_against_what() -> None:
    checks = all_checks()
    assert len({check.name for check in checks}) == len(checks) >= 16
    assert all(check.reference and check.group for check in checks)


def test_what_is_known_belongs_to_a_check_and_has_an_explanation() -> None:
    names = {check.name for check in all_checks()}
    for line, known in KNOWN.items():
        assert line.partition(".")[0] in names
        assert len(known.explanation) > 60
        assert known.allowed > 0


def test_without_data_the_checks_that_need_them_are_skipped(tmp_path) -> None:
    needing = [check.name for check in all_checks() if check.needs]
    assert len(needing) == 9
    report = validate(needing, data=tmp_path)
    assert set(report.table["verdict_word"].values) == {"skipped"}
    assert report.passed


def test_verdict_flags_are_distinct() -> None:
    assert len(set(VERDICTS.values())) == len(VERDICTS)
    assert set(BAD) <= set(VERDICTS)
    assert set(VERDICTS.values()) <= STYLES.keys()
