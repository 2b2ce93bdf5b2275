"""What is in the way of a file is found before the work, and a file that cannot be finished leaves nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import synthetic
from matplotlib.figure import Figure
from typer.testing import CliRunner

from cellmodel.cli import app
from cellmodel.errors import ResultsError
from cellmodel.plotting import save_figure
from cellmodel.store.targets import check_folder, check_target, whole_file

COMMANDS = [
    ["energy", "li_peo_lfp"],
    ["polarise", "limiting-current", "li_peo_lfp"],
    ["impedance", "li_peo_lfp"],
    ["design", "li_peo_lfp"],
    ["design", "li_peo_lfp", "--plot"],
    ["run", "first_discharge"],
    ["claims", "--only", "lfp_250", "--plot"],
    ["validate", "--only", "nothing", "--plot"],
]


@pytest.fixture
def no_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every computation raise: what a command finds out, it must find out before."""

    def work(*_: object, **__: object) -> None:
        raise AssertionError("worked before it looked")

    for name in (
        "cellmodel.energy.energy_budget",
        "cellmodel.characterisation.limiting_current",
        "cellmodel.characterisation.cell_impedance",
        "cellmodel.design.optimise_design",
        "cellmodel.design.ragone_front",
        "cellmodel.assessment.run_claims",
        "cellmodel.assessment.validate",
    ):
        monkeypatch.setattr(name, work)


def failure(words: list[str]) -> str:
    """Return what a command says that must end with code 1, without a traceback and without output."""
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 1, done.output
    assert isinstance(done.exception, SystemExit)
    assert "results:" not in done.stdout
    return done.stderr


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("place", ["file", "file/below", "/proc/nowhere"])
@pytest.mark.usefixtures("no_work")
def test_a_folder_that_cannot_be_made_is_found_before_the_work(folder: Path, words: list[str], place: str) -> None:
    Path("file").write_text("mine")
    said = failure([*words, "--results", place])
    assert place.split("/")[0] in said or "/proc" in said
    assert [path.name for path in folder.iterdir()] == ["file"]
    assert Path("file").read_text() == "mine"


@pytest.mark.parametrize("words", COMMANDS[:6], ids=" ".join)
@pytest.mark.usefixtures("no_work")
def test_a_folder_or_link_with_the_name_of_a_result_is_found_before_the_work(folder: Path, words: list[str]) -> None:
    names = ["energy_li_peo_lfp", "limiting_current_li_peo_lfp", "cell_impedance_li_peo_lfp", "design_li_peo_lfp"]
    names += ["ragone_front_li_peo_lfp", "first_discharge"]
    Path("mine").write_text("mine")
    for name in names:
        Path(f"results/{name}.png").mkdir(parents=True)
        Path(f"results/{name}.nc").symlink_to(folder / "mine")
    said = failure(words)
    assert "a folder" in said or "a symbolic link" in said
    assert Path("mine").read_text() == "mine"


@pytest.mark.usefixtures("no_work")
@pytest.mark.parametrize("words", COMMANDS[:5], ids=" ".join)
def test_a_file_of_something_else_is_kept(folder: Path, words: list[str]) -> None:
    Path("results").mkdir()
    names = ["energy_li_peo_lfp", "limiting_current_li_peo_lfp", "cell_impedance_li_peo_lfp", "design_li_peo_lfp"]
    for name in [*names, "ragone_front_li_peo_lfp"]:
        Path(f"results/{name}.nc").write_text("mine")
    assert "nothing was replaced" in failure(words)
    assert {path.read_text() for path in Path("results").iterdir()} == {"mine"}


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("figure", "no ending"),
        ("figure.xyz", "'.xyz'"),
        ("taken", "no ending"),
        ("taken.png", "a folder"),
        ("link.png", "a symbolic link"),
        ("old.png", "there already"),
        ("old.png/x.png", "no folder"),
        ("a" * 300 + ".png", "too long"),
        ("a\0b.png", "wanted"),
    ],
)
def test_targets_in_the_way_are_named(folder: Path, name: str, said: str) -> None:
    Path("old.png").write_text("mine")
    Path("link.png").symlink_to("old.png")
    Path("taken.png").mkdir()
    Path("taken").mkdir()
    with pytest.raises(ResultsError, match=said):
        check_target(name, (".png", ".pdf"), overwrite=False)
    assert Path("old.png").read_text() == "mine"


@pytest.mark.parametrize("wrong", [None, 3, b"a.png", "", "  ", ["a.png"]])
def test_what_is_no_name_is_refused(wrong: Any) -> None:
    with pytest.raises(ResultsError, match="the name of a file"):
        check_target(wrong)
    with pytest.raises(ResultsError):
        check_folder(wrong)
    with pytest.raises(ResultsError):
        save_figure(Figure(), wrong)


@pytest.mark.parametrize("wrong", [None, 3, "figure", synthetic.results()])
def test_only_a_figure_is_saved(folder: Path, wrong: Any) -> None:
    with pytest.raises(ResultsError, match="Figure"):
        save_figure(wrong, "a.png")
    assert list(folder.iterdir()) == []


def test_a_file_that_cannot_be_finished_leaves_what_was_there(folder: Path) -> None:
    Path("old.txt").write_text("mine")

    def fill() -> None:
        with whole_file(Path("old.txt")) as partial:
            partial.write_text("half")
            raise OSError(28, "full")

    with pytest.raises(ResultsError, match="No space left"):
        fill()
    assert [path.name for path in folder.iterdir()] == ["old.txt"]
    assert Path("old.txt").read_text() == "mine"


def test_all_runs_failed_prints_the_table_and_says_why_there_is_no_figure(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = synthetic.results(failed=((0,), (1,)), c_rate=[0.1, 1.0])
    bare = dataset.drop_vars(["voltage", "time", "current", "discharge_capacity", "discharge_energy", "temperature"])
    monkeypatch.setattr("cellmodel.study.run_study", lambda *_, **__: bare)
    done = CliRunner().invoke(app, ["run", "lfp_rate_capability"])
    assert done.exit_code == 3, done.output
    assert done.stdout.count("the solver gave up") == 2
    assert "no figure: there is nothing to plot" in done.stderr
    assert "figure:" not in done.stdout
