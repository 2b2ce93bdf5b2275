"""Files of measured points: drawn, named in a warning, or refused with the cause first in at most three lines."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest
import synthetic
from test_plotting import points

from cellmodel.csv_files import LARGEST_FILE
from cellmodel.errors import ResultsError
from cellmodel.plotting import plot_results, read_measured
from cellmodel.store import export

CYCLERS = Path(__file__).parents[4] / "shared/data/cyclers"
RATES = [0.1, 1 / 3, 1.0]
HEAD = "capacity [mA.h.cm-2],voltage [V]"


def refused(content: str | bytes, name: str = "points.csv") -> str:
    """Return what reading a file says that must be refused in at most three lines."""
    Path(name).write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(ResultsError) as caught:
        read_measured(name, synthetic.results(c_rate=RATES))
    said = str(caught.value)
    assert len(said.splitlines()) <= 3
    assert len(said) < 1000
    assert name in said
    return said


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("time [s];voltage [V]\n" + "0;3,42\n" * 1000, "delimiter: found semicolons"),
        ("time [s]\tvoltage [V]\n0\t3.42\n", "delimiter: found tabs"),
        (f"{HEAD}\n" + "0,5,3,42\n" * 1000, "line 2: found 4 values for 2 columns (and 999 more lines like it)"),
        (
            f"{HEAD}\n" + '"0,5","3,42"\n' * 1000,
            "found '0,5' (and 999 more lines like it), wanted a number with a decimal point",
        ),
        (f"{HEAD}\n1,3.4\n2\n", "line 3: found 1 value for 2 columns"),
        (f"{HEAD}\nNaN,NaN\n", "found 'NaN', wanted a number"),
        (f"{HEAD}\n0,3.4\n1,\n", "line 3, voltage [V]: found ''"),
        (f"{HEAD}\n0,3.4\n1,inf\n", "line 3, voltage [V]: found 'inf'"),
        (f"{HEAD}\n0,3_4\n", "'3_4'"),
        (f"{HEAD},voltage [mV]\n1,3.4,3400\n", "'voltage' more than once"),
        (f"{HEAD}\n0,3.4\n".encode("utf-16"), "encoding: found UTF-16"),
        (f"{HEAD},temperature [°C]\n0,3.4,80\n".encode("latin-1"), "encoding: found byte 0xb0 in line 1"),
        (b"PK\x03\x04\0\0", "a binary file"),
        (b"", "an empty file"),
        (b" \n\n", "an empty file"),
        (f"{HEAD}\n", "found 1 line, "),
        ("Cycler 7\nstarted in May\n" + f"{HEAD}\n0,3.4\n1,3.3\n", "line 3: found 2 values for 1 column"),
        ("Cycler 7\n" + f"{HEAD}\n0,3.4\n", "line 1: found 'Cycler 7', wanted the names of all columns"),
        (f"{HEAD}\n1\n2\n", "line 2: found 1 value for 2 columns (and 1 more line like it)"),
        (f"{HEAD},temperature [°C]\n0,3.4,80\n", "wanted a unit of K, such as degC"),
        (f"capacity [{'m.' * 20_000}m],voltage [V]\n0,3.4\n", "(40001 characters)"),
        ('time [h],voltage [V]\n"0\n",3.4\n', "wanted CSV"),
        ('time [h],voltage [V]\n"' + "9" * 200_000 + '",3.4\n', "field larger"),
        ("time [h],voltage [V]\n0,3.4\n2,3.3\n1,3.2\n", "line 4: found a time that goes back"),
        (",".join(f"column {n}" for n in range(5000)) + "\n" + "1," * 4999 + "1\n", "and 4996 more"),
        (f"{HEAD},c_rate [1]\n1,3.4,0.2\n", "1 of 1 points belong to no run by c_rate"),
        (f"{HEAD},temperature [degC]\n1,3.4,25\n", "belong to no run by temperature"),
    ],
)
def test_a_wrong_file_is_one_problem_with_its_cause(folder: Path, content: str | bytes, said: str) -> None:
    assert said in refused(content)


def test_a_folder_a_device_and_a_huge_file_are_refused(folder: Path) -> None:
    Path("inside").mkdir()
    with Path("huge.csv").open("wb") as file:
        file.truncate(LARGEST_FILE + 1)
    for name, said in (("inside", "a folder"), ("/dev/zero", "no regular file"), ("huge.csv", "50 MB")):
        with pytest.raises(ResultsError, match=said):
            read_measured(name, synthetic.results(c_rate=RATES))
    for wrong in (None, 3, b"points.csv", "", "a\0b"):
        with pytest.raises(ResultsError, match="name of a CSV file"):
            read_measured(wrong, synthetic.results())  # type: ignore[arg-type]


def test_a_rounded_rate_belongs_to_its_run(folder: Path) -> None:
    dataset = synthetic.results(ambient_temperature=[333.15, 353.15], c_rate=RATES)
    Path("points.csv").write_text(f"{HEAD},c_rate [1],temperature [degC]\n0,3.42,0.33,79.5\n1,3.4,0.33,80\n")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = read_measured("points.csv", dataset)
    assert set(found.conditions["c_rate"]) == {1 / 3}
    cold, warm, *_ = plot_results(dataset, found).axes
    np.testing.assert_allclose(points(warm), [[0.0, 3.42], [1.0, 3.4]])
    assert points(cold).size == 0


def test_points_of_no_run_are_named_in_a_warning(folder: Path) -> None:
    dataset = synthetic.results(failed=((2,),), c_rate=RATES)
    Path("points.csv").write_text(f"{HEAD},c_rate [1]\n1,3.4,0.1\n1,3.3,0.2\n1,3.2,1\n")
    with pytest.warns(UserWarning, match=r"2 of 3 points belong to no run by c_rate that was drawn \(line 3, 4\)"):
        found = read_measured("points.csv", dataset)
    np.testing.assert_allclose(found.voltage, [3.4])


@pytest.mark.parametrize(("text", "wanted"), [("-0.1 0.5 1", [-0.1, 0.5, 1.0]), ("0.1 -0.5 -1", [-0.1, 0.5, 1.0])])
def test_points_beyond_zero_are_drawn_where_they_are(folder: Path, text: str, wanted: list[float]) -> None:
    Path("points.csv").write_text(f"{HEAD}\n" + "\n".join(f"{place},3.4" for place in text.split()))
    dataset = synthetic.results()
    axes = plot_results(dataset, read_measured("points.csv", dataset)).axes[0]
    np.testing.assert_allclose(points(axes)[:, 0], wanted)
    assert axes.get_xlim()[0] < -0.1


def test_charge_is_counted_forward_in_each_run(folder: Path) -> None:
    dataset = synthetic.results(c_rate=RATES)
    Path("points.csv").write_text(f"{HEAD},c_rate [1]\n0.1,3.4,0.1\n0.2,3.4,0.1\n-0.3,3.4,1\n0.01,3.4,1\n")
    np.testing.assert_allclose(read_measured("points.csv", dataset).positions, [0.1, 0.2, 0.3, -0.01])


def test_points_are_not_dropped_where_a_figure_has_no_place_for_them(folder: Path) -> None:
    Path("points.csv").write_text(f"{HEAD}\n1,3.4\n")
    stepped = synthetic.with_steps(synthetic.results(c_rate=[0.1]), 2, 2)
    with pytest.raises(ResultsError, match="cannot be laid over curves against time"):
        plot_results(stepped, read_measured("points.csv", stepped))


@pytest.mark.parametrize(
    "dataset",
    [
        synthetic.results(),
        synthetic.results(ambient_temperature=[333.15, 353.15], c_rate=RATES),
        synthetic.results(case=["a, b", "c"]),
        synthetic.with_steps(synthetic.results(c_rate=[0.1, 1.0]), 2, 2),
    ],
    ids=["one run", "rates", "cases", "steps"],
)
def test_our_own_csv_is_taken_back(folder: Path, dataset) -> None:
    export(dataset, "own.csv", "csv")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = read_measured("own.csv", dataset)
    assert found.voltage.size == int(np.isfinite(dataset["voltage"]).sum())
    drawn = [points(axes).shape[0] for axes in plot_results(dataset, found).axes]
    assert sum(drawn) == found.voltage.size


def test_our_own_battery_data_format_is_taken_back(folder: Path) -> None:
    dataset = synthetic.results()
    export(dataset, "own.bdf.csv", "bdf")
    found = read_measured("own.bdf.csv", dataset)
    np.testing.assert_allclose(found.voltage, dataset["voltage"])
    np.testing.assert_allclose(found.positions, dataset["discharge_capacity"], atol=1e-12)


@pytest.mark.skipif(not CYCLERS.is_dir(), reason="no files of cyclers on this machine")
def test_files_of_cyclers_are_refused_in_three_lines_or_drawn() -> None:
    dataset = synthetic.results(c_rate=RATES)
    for path in CYCLERS.iterdir():
        try:
            read_measured(path, dataset)
        except ResultsError as error:
            said = str(error)
            assert len(said.splitlines()) <= 3, path
            assert len(said) < 1500
        else:
            assert path.name == "sample.bdf.csv"
