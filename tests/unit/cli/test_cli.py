"""The command line: what it prints, what it refuses and with which exit code, and what it does not import."""

from __future__ import annotations

import inspect
import json
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest
import synthetic
import typer
import xarray as xr
from typer.testing import CliRunner

from cellmodel.cli import _COMMANDS, app
from cellmodel.cli.summary import summary_table

HEAVY = ("numpy", "pybamm", "casadi", "xarray", "matplotlib", "pint", "zarr", "pandas", "scipy")
SCALE = '"electrolyte.ionic_conductivity.scale" = { distribution = "log-normal", median = 0.85, factor = 1.2 }\n'
STUDY = """
description = "one quick discharge"
cells = ["li_peo_lfp"]
protocol = "discharge"
mesh = "fast"
[grid]
c_rate = [{rates}]
"""


def call(*words: str):
    """Run one command in this process."""
    return CliRunner().invoke(app, list(words))


def one_line(text: str) -> str:
    """Return a text without the breaks and frames of a terminal."""
    return " ".join(text.replace("│", " ").split())


@pytest.mark.parametrize("words", [["--help"], ["list"], ["run", "--help"]])
def test_help_and_list_import_nothing_heavy(words: list[str]) -> None:
    code = (
        "import json, sys\n"
        "from cellmodel.cli import app\n"
        f"try:\n    app({words!r})\n"
        "except SystemExit as end:\n    code = end.code\n"
        f"print(json.dumps([code, [name for name in {HEAVY!r} if name in sys.modules]]))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout.splitlines()[-1]) == [0, []]


def test_help_teaches_with_examples() -> None:
    commands = [command.name for command in app.registered_commands]
    assert len(commands) == 14
    for command in commands:
        shown = one_line(call(str(command), "--help").stdout)
        assert "Examples" in shown
        assert f"cellmodel {command}" in shown
        assert "Exit codes: 0 all well, 1 problems" in shown


def test_list_names_every_file_of_the_library() -> None:
    listed = call("list").stdout
    root = Path(__file__).parents[3]
    files = [path for kind in ("parameters", "experiments") for path in (root / kind).glob("*/*.toml")]
    names = [path.stem for path in files if path.parent.name != "measured"]  # what belongs to checks, not to a study
    assert len(names) > 20
    assert [name for name in names if name not in listed] == []


def test_list_shows_one_kind() -> None:
    listed = call("list", "cells").stdout
    assert "li_peo_lfp" in listed
    assert "lfp_rate_capability" not in listed


def test_a_kind_that_does_not_exist_is_wrong_usage() -> None:
    result = call("list", "sells")
    assert result.exit_code == 2
    assert "did you mean cells" in one_line(result.stderr)


def test_show_reports_the_electrolyte() -> None:
    shown = call("show", "li_peo_lfp")
    assert shown.exit_code == 0
    assert "areal capacity" in shown.stdout
    header = next(line for line in shown.stdout.splitlines() if "1/(1+Ne)" in line)
    assert header.split()[-3:] == ["κ/(1+Ne)", "(mS", "cm⁻¹)"]
    row = next(line for line in shown.stdout.splitlines() if line.split()[:1] == ["80"])
    newman, fraction = (float(word) for word in row.split()[5:7])
    assert fraction == pytest.approx(1 / (1 + newman), rel=0.01)


def test_show_lists_every_value_with_its_source() -> None:
    from cellmodel.parameters import load_cell

    shown = call("show", "li_peo_lfp", "--sources").stdout
    entries = load_cell("li_peo_lfp").entries
    lines = shown[shown.index("as printed") :].splitlines()
    for path, record in entries.items():
        line = next(line for line in lines if line.split()[:1] == [path] and record.printed in line)
        for word in (record.status, record.uncertainty, record.source, record.doi):
            assert word in line
    assumed = sum(record.status == "assumed" for record in entries.values())
    assert f"{assumed} of {len(entries)} values are assumed" in shown


def test_show_takes_overrides_and_other_materials() -> None:
    changed = call("show", "li_peo_lfp", "--set", "cell.separator.thickness=33 um", "--electrolyte", ":edman")
    assert changed.exit_code == 0
    assert "33 µm" in changed.stdout
    assert "peo_litfsi:edman" in changed.stdout


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["show", "li_peo_lpf"], ["li_peo_lpf", "did you mean", "li_peo_lfp"]),
        (["run", "lfp_rate_capabilty"], ["lfp_rate_capabilty", "did you mean", "lfp_rate_capability"]),
        (["plot", "nothing_here"], ["nothing_here"]),
        (["check", "lfp_git"], ["'lfp_git'", "lfp_gitt"]),
        (["show", "li_peo_lfp", "--set", "cell.separator.thicknes=30 um"], ["cell.separator.thickness"]),
        (["show", "li_peo_lfp", "--set", "cell.separator.thickness=30"], ["cell.separator.thickness", "no unit"]),
        (["show", "li_peo_lfp", "--set", "cell.separator.thickness=30 V"], ["cell.separator.thickness", "'V'"]),
        (["run", "first_discharge", "--model", "DNF"], ["model", "'DNF'", "DFN"]),
        (["run", "first_discharge", "--mesh", "fats"], ["mesh", "'fats'", "fast"]),
        (["run", "first_discharge", "--solver", "ida"], ["solver", "'ida'", "idaklu"]),
    ],
)
def test_problems_in_the_input_are_named_on_stderr(folder: Path, words: list[str], expected: list[str]) -> None:
    result = call(*words)
    assert result.exit_code == 1
    assert [word for word in expected if word not in result.stderr] == []
    assert "Traceback" not in result.output
    assert list(folder.iterdir()) == []


def test_all_problems_of_a_call_are_named_at_once(folder: Path) -> None:
    wrong = ["--set", "cell.separator.thickness=30", "--set", "cell.aera=1 cm2"]
    result = call("show", "li_peo_lfp", *wrong)
    assert len(result.stderr.strip().splitlines()) == 2


@pytest.mark.parametrize("word", ["cell.separator.thickness", "=30 um", "cell.separator.thickness="])
def test_an_override_without_path_or_value_is_wrong_usage(word: str) -> None:
    assert call("show", "li_peo_lfp", "--set", word).exit_code == 2


def test_an_override_given_twice_is_wrong_usage() -> None:
    twice = ["--set", "cell.separator.thickness=30 um", "--set", "cell.separator.thickness=20 um"]
    result = call("show", "li_peo_lfp", *twice)
    assert result.exit_code == 2
    assert "set twice" in one_line(result.stderr)


def test_the_whole_library_is_sound() -> None:
    result = call("check")
    assert result.stderr == ""
    assert result.exit_code == 0


def test_check_names_every_problem_of_every_file(folder: Path) -> None:
    Path("study.toml").write_text(STUDY.format(rates="-1, 0.1").replace('discharge"\nmesh', 'dischage"\nmesh'))
    Path("protocol.toml").write_text('description = "x"\nsteps = ["Discharge at C/10 untl 2.6 V"]\n')
    Path("broken.toml").write_text("kind = \n")
    result = call("check", "study.toml", "protocol.toml", "broken.toml", "li_peo_lfp")
    assert result.exit_code == 1
    for word in ("study.toml", "dischage", "protocol.toml", "untl", "broken.toml", "line 1"):
        assert word in result.stderr
    assert "3 of 4 files have problems" in result.stderr


def test_run_writes_results_and_a_figure_and_sums_up(folder: Path) -> None:
    Path("quick.toml").write_text(STUDY.format(rates='"C/5", "1C"'))
    result = call("run", "quick.toml")
    assert result.exit_code == 0, result.output
    assert Path("results/quick.png").read_bytes().startswith(b"\x89PNG")
    endings = ("open circuit end", "salt depleted in the cathode")
    rows = [line for line in result.stdout.splitlines() if any(words in line for words in endings)]
    assert [line.split()[0] for line in rows] == ["C/5", "1C"]
    stored = xr.open_zarr("results/quick.zarr", chunks=None)
    assert [line.split()[1] for line in rows] == [f"{share:.1%}" for share in stored["utilization"].values]
    assert "2/2" in result.stderr


def test_run_takes_overrides_a_folder_and_leaves_the_figure_out(folder: Path) -> None:
    Path("quick.toml").write_text(STUDY.format(rates='"C/5"'))
    words = ["--set", "cell.separator.thickness=35 um", "--results", "elsewhere", "--no-plot", "--mesh", "fast"]
    result = call("run", "quick.toml", *words)
    assert result.exit_code == 0, result.output
    assert [path.name for path in Path("elsewhere").iterdir()] == ["quick.zarr"]
    inputs = tomllib.loads(xr.open_zarr("elsewhere/quick.zarr", chunks=None).attrs["inputs"])
    thickness = inputs["cells"]["li_peo_lfp"]["values"]["cell.separator.thickness"]
    assert thickness["value"] == pytest.approx(35e-6)


def test_results_of_other_inputs_are_kept_unless_overwritten(folder: Path) -> None:
    Path("quick.toml").write_text(STUDY.format(rates='"C/2"'))
    assert call("run", "quick.toml", "--no-plot").exit_code == 0
    other = ["run", "quick.toml", "--no-plot", "--set", "cell.separator.thickness=35 um"]
    refused = call(*other)
    assert refused.exit_code == 1
    assert "cell.separator.thickness" in refused.stderr
    assert call(*other, "--overwrite").exit_code == 0


def test_runs_that_failed_are_told_by_the_exit_code(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = synthetic.results(failed=((1,),), c_rate=[0.1, 1.0])
    monkeypatch.setattr("cellmodel.study.run_study", lambda *_, **__: dataset)
    Path("quick.toml").write_text(STUDY.format(rates="0.1, 1"))
    result = call("run", "quick.toml")
    assert result.exit_code == 3
    failed = next(line for line in result.stdout.splitlines() if line.strip().startswith("1C"))
    assert "failed" in failed
    assert "the solver gave up" in failed
    assert Path("results/quick.png").is_file()


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--workers", "2", "--dask", "tcp://127.0.0.1:1"], 2, "--workers or --dask, not both"),
        (["--workers", "0"], 2, "greater than or equal to 1"),
        (["--dask", "tcp://127.0.0.1:1"], 1, "no answer from 'tcp://127.0.0.1:1'"),
        (["--time-limit", "60"], 1, "time_limit: found '60' (no unit)"),
        (["--time-limit", "3 kg"], 1, "time_limit"),
        (["--time-limit", "0 s"], 1, "time_limit: found '0 s', wanted a time above zero"),
    ],
)
def test_wrong_ways_to_hand_runs_out_are_told(folder: Path, words: list[str], code: int, said: str) -> None:
    Path("quick.toml").write_text(STUDY.format(rates='"C/5"'))
    result = call("run", "quick.toml", "--no-plot", *words)
    assert result.exit_code == code
    assert said in one_line(result.output)
    assert not Path("results").exists()


def test_a_folder_that_cannot_be_written_is_named(folder: Path) -> None:
    Path("quick.toml").write_text(STUDY.format(rates='"C/5"'))
    Path("results").touch()
    result = call("run", "quick.toml")
    assert result.exit_code == 1
    assert "results" in result.stderr
    assert "Traceback" not in result.output


def test_a_temperature_outside_validity_needs_extrapolate(folder: Path) -> None:
    text = STUDY.format(rates='"C/20"').replace("[grid]", 'temperature = "200 degC"\n[grid]')
    Path("hot.toml").write_text(text)
    refused = call("run", "hot.toml", "--no-plot")
    assert refused.exit_code == 1
    assert "temperature" in refused.stderr
    assert call("run", "hot.toml", "--no-plot", "--extrapolate").exit_code == 0


def test_stored_results_are_drawn_and_exported(folder: Path) -> None:
    Path("quick.toml").write_text(STUDY.format(rates='"C/2"').replace("[grid]", "profiles = true\n[grid]"))
    assert call("run", "quick.toml", "--no-plot").exit_code == 0
    Path("points.csv").write_text("capacity [mA.h.cm-2],voltage [V]\n0.5,3.3\n")
    for words, file in (
        (["plot", "quick"], "results/quick.png"),
        (["plot", "results/quick.zarr", "--profiles"], "results/quick_profiles.png"),
        (["plot", "quick", "--measured", "points.csv", "--output", "compared.pdf"], "compared.pdf"),
        (["export", "quick", "--format", "netcdf"], "results/quick.nc"),
        (["export", "quick", "--format", "csv", "-o", "quick.csv"], "quick.csv"),
        (["export", "quick", "--format", "bdf"], "results/quick.bdf.csv"),
    ):
        result = call(*words)
        assert result.exit_code == 0, result.output
        assert file in result.stdout
        assert Path(file).stat().st_size > 100


def test_profiles_take_no_measured_points(folder: Path) -> None:
    assert call("plot", "quick", "--profiles", "--measured", "points.csv").exit_code == 2
    assert call("plot", "quick", "--collapse", "--measured", "points.csv").exit_code == 2
    assert call("plot", "quick", "--collapse", "--profiles").exit_code == 2
    assert call("plot", "quick", "--band", "--sensitivity").exit_code == 2


def test_a_sample_is_run_summed_up_in_one_line_and_drawn(folder: Path) -> None:
    text = STUDY.format(rates='"C/2"').replace("[grid]", "sample = { size = 3 }\n[distributions]\n" + SCALE + "[grid]")
    Path("drawn.toml").write_text(text)
    done = call("run", "drawn.toml")
    assert done.exit_code == 0, done.output
    assert "3 completed" in done.stdout
    assert call("plot", "drawn", "--band").exit_code == 0
    assert Path("results/drawn_band.png").stat().st_size > 100
    refused = call("plot", "drawn", "--sensitivity")
    assert (refused.exit_code, "3 runs have finished" in refused.stderr) == (1, True)


def test_more_than_a_million_runs_need_a_yes(folder: Path) -> None:
    text = STUDY.format(rates='"C/2"').replace("[grid]", "sample = { size = 1000001 }\n[grid]")
    Path("huge.toml").write_text(text)
    refused = call("run", "huge.toml")
    assert refused.exit_code == 1
    assert "1,000,001" in refused.stderr
    assert "--yes" in refused.stderr


def test_show_reports_three_limiting_currents_and_sand_time() -> None:
    from cellmodel.limits import limiting_currents, sand_time
    from cellmodel.parameters import load_cell

    parameters = load_cell("li_peo_lfp")
    limits = limiting_currents(parameters)
    shown = call("show", "li_peo_lfp", "--current-density", "20 mA.cm-2").stdout
    lines = shown[shown.index("limiting currents") :].splitlines()
    assert "80 °C" in lines[0]
    for line, limit in zip(
        lines[2:5], (limits.separator, limits.uniform_reaction, limits.reaction_at_collector), strict=True
    ):
        density, milliamperes, rate = line.split()[-3:]
        assert float(density) == pytest.approx(limit, rel=1e-3)
        assert float(milliamperes) == pytest.approx(limit / 10, rel=1e-3)
        assert float(rate.removesuffix("C")) == pytest.approx(limit / parameters.areal_capacity, rel=5e-3)
    assert f"Sand's time at 20 mA cm⁻²: {sand_time(parameters, 200.0):.4g} s" in lines[5]
    below = call("show", "li_peo_lfp", "--current-density", "1 mA.cm-2").stdout
    assert "none, that current is below" in below
    assert "no limit" in call("show", "li_single_ion_lfp").stdout
    assert call("show", "li_peo_lfp", "--current-density", "1 mA").exit_code == 1


def test_the_draws_of_a_sample_share_a_line() -> None:
    dataset = synthetic.results(failed=((1, 0), (0, 0), (0, 1), (0, 2)), c_rate=[0.1, 1.0], draw=[0, 1, 2])
    columns = [list(column.cells) for column in summary_table(dataset).columns]
    assert columns[0] == ["C/10", "1C"]
    assert columns[1] == ["–", "66.7% (66.7% to 66.7%)"]
    assert columns[5] == ["3 failed", "2 completed, 1 failed"]


def test_the_draws_of_each_set_have_a_line_more() -> None:
    dataset = synthetic.results(failed=((0,),), draw=[0, 1, 2])
    held = ("draw", np.array(["base", "fast", "base"], dtype=object), {"path": "electrolyte_set"})
    columns = [list(column.cells) for column in summary_table(dataset.assign_coords(electrolyte_set=held)).columns]
    assert columns[0] == ["all", "base (2 of 3)", "fast (1 of 3)"]
    assert columns[-1] == ["2 completed, 1 failed", "1 completed, 1 failed", "1 completed"]


def test_the_summary_has_one_line_per_run() -> None:
    table = summary_table(synthetic.results(failed=((1, 0),), case=["a", "b"], c_rate=[0.1, 1.0]))
    assert table.row_count == 4
    assert [list(column.cells) for column in table.columns][:3] == [
        ["a", "a", "b", "b"],
        ["C/10", "1C", "C/10", "1C"],
        ["95.2%", "66.7%", "–", "66.7%"],
    ]


def examples(*commands: str) -> list[list[str]]:
    """Return the examples in the help of some commands."""
    lines = [line for name in commands for line in inspect.getdoc(_COMMANDS[name]).splitlines()]
    found = [re.match(r"\* `cellmodel ([^`]+)`", line) for line in lines]
    return [shlex.split(one.group(1)) for one in found if one is not None]


@pytest.mark.parametrize("words", examples("list", "show"), ids=" ".join)
def test_examples_of_the_help_work(words: list[str]) -> None:
    done = call(*words)
    assert (done.exit_code, done.stderr) == (0, "")


@pytest.mark.parametrize("words", examples(*_COMMANDS), ids=" ".join)
def test_examples_of_the_help_have_the_options_that_the_commands_have(words: list[str]) -> None:
    command = typer.main.get_command(app).commands[words[0]]  # type: ignore[attr-defined]
    assert command.make_context(words[0], words[1:]).params


def test_an_option_given_twice_is_wrong_usage() -> None:
    done = call("energy", "li_peo_lfp", "--c-rate", "C/3", "--c-rate=1")
    assert done.exit_code == 2
    assert "--c-rate is given 2 times" in one_line(done.stderr)
    assert call("show", "li_peo_lfp", "--sources", "--sources").exit_code == 0


def test_no_line_ends_in_blanks_where_no_terminal_is() -> None:
    assert not [line for line in call("show", "li_peo_lfp").stdout.splitlines() if line != line.rstrip()]
