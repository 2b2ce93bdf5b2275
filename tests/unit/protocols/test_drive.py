"""A current as a function of time in a protocol: what a file or Python may say, and that bad tables are refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pybamm
import pytest
import xarray as xr

from cellmodel.cli.library import check_path
from cellmodel.errors import ProtocolError
from cellmodel.prepared_run import prepare_run
from cellmodel.protocols import Protocol, Step, Termination, load_protocol, protocol_toml
from cellmodel.protocols.current_table import MOST_ROWS, CurrentTable

LISTS = {"time": [0, 1, 3], "time_unit": "h", "current": [1.0, 2.0, -1.0], "current_unit": "mA"}


def drive(**changes: Any) -> Protocol:
    return load_protocol({"description": "d", "steps": [{"drive": {**LISTS, **changes}}]})


def written(folder: Path, text: str, said: str = 'file = "current.csv"') -> Path:
    """Write a protocol and its file of currents; return the path of the protocol."""
    (folder / "current.csv").write_text(text)
    path = folder / "driven.toml"
    path.write_text(f'description = "d"\n[[step]]\ndrive = {{ {said} }}\n')
    return path


def test_lists_files_labelled_arrays_and_pybamm_mean_the_same(tmp_path: Path) -> None:
    wanted = CurrentTable((0.0, 3600.0, 10800.0), (1e-3, 2e-3, -1e-3))
    (step,) = drive().steps
    assert step == Step("drive", 0.0, 10800.0, current_table=wanted)
    rows = "\n0,1,x\n1,2,y\n3,-1,z\n"
    assert load_protocol(written(tmp_path, "time [h],current [mA],note" + rows)).steps == (step,)
    said = 'file = "current.csv", time = "t_h [h]", current = "I_mA [mA]"'
    assert load_protocol(written(tmp_path, "t_h,I_mA,note" + rows, said)).steps == (step,)
    labelled = xr.DataArray([1.0, 2.0, -1.0], {"t": ("t", [0.0, 1.0, 3.0], {"units": "h"})}, attrs={"units": "mA"})
    assert load_protocol([{"drive": labelled}]).steps == (step,)
    of_pybamm = pybamm.step.current(np.array([[0, 1e-3], [3600, 2e-3], [10800, -1e-3]]))
    assert load_protocol([of_pybamm]).steps == (step,)


def test_a_unit_of_current_density_makes_it_one_and_limits_have_a_side() -> None:
    assert drive(current_unit="mA.cm-2").steps[0].current_table.quantity == "current_density"
    protocol = load_protocol([{"drive": LISTS, "until": ["> 3.7 V", "lower cut-off"], "temperature": "60 degC"}])
    above, cut_off = protocol.steps[0].until
    assert (above, cut_off) == (Termination("voltage", 3.7, "above"), Termination("voltage", None, "below", "lower"))
    for until, said in (("3.7 V", "'< 3.7 V' or '> 3.7 V': a drive has no direction"), ("C/50", "that of its table")):
        with pytest.raises(ProtocolError, match=said):
            load_protocol([{"drive": LISTS, "until": until}])


def test_what_is_written_is_read_back_and_a_changed_file_is_read_anew(tmp_path: Path) -> None:
    import tomllib

    odd = [0.1 + 0.2, 1 / 3, -2e-7]
    protocol = drive(current=odd)
    assert load_protocol(tomllib.loads(protocol_toml(protocol))).steps == protocol.steps
    path = written(tmp_path, "time [h],current [mA]\n0,1\n1,2\n")
    before = load_protocol(path)
    written(tmp_path, "time [h],current [mA]\n0,1\n1,3\n")
    assert load_protocol(path) != before


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"time": [0, 2, 1]}, ("3600 s in row 3 after 7200 s", "times that rise")),
        ({"time": [0, 1, 1]}, ("times that rise",)),
        ({"time": [0, 1, 1 + 1e-10]}, ("times that rise by 1e-06 s or more",)),
        ({"time": [0, 1, 1e308]}, ("time of row 3 is no number",)),
        ({"time": [0, np.nan, 1], "current": [np.inf, 1, 2]}, ("time of row 2 is no number", "current of row 1 is no")),
        ({"time": [1, 2, 3]}, ("3600 s as the first time", "the table begins with the step")),
        ({"time": [], "current": []}, ("0 rows",)),
        ({"time": [0], "current": [1]}, ("found 1 row,", "2 to")),
        ({"time": [0, 1]}, ("2 times for 3 currents",)),
        ({"time": range(MOST_ROWS + 1), "current": [1] * (MOST_ROWS + 1)}, (f"{MOST_ROWS + 1} rows",)),
        ({"time_unit": "V", "current_unit": "h"}, ("drive.time: found unit 'V'", "drive.current: found unit 'h'")),
        ({"current_unit": None}, ("drive.current_unit: found nothing",)),
        ({"curent": [1]}, ("drive.curent", "did you mean current")),
        ({"time": "0 to 3"}, ("a list of numbers",)),
        ({"current": [0, "a", 1]}, ("current of row 2 is no number",)),
        ({"current": [0, 1e12, 1]}, ("currents of at most 1e+06 A",)),
        ({"time": [0, 1e9, 2e9]}, ("ten years",)),
    ],
)
def test_bad_tables_are_refused_with_all_problems(changes: dict[str, Any], said: tuple[str, ...]) -> None:
    with pytest.raises(ProtocolError) as caught:
        drive(**changes)
    assert all(words in str(caught.value) for words in ("step", *said)), str(caught.value)


@pytest.mark.parametrize(
    ("text", "keys", "said"),
    [
        ("time [h],current [mA]\n1,1\n", "", ("found 1 row,", "3600 s as the first time")),
        ("time [h],current [mA]\n0,1\n1,x\n2,\n", "", ("line 3, current [mA]", "'x' (and 1 more line like it)")),
        ("time [h],voltage [V]\n0,1\n1,1\n", "", ("drive.current", "the columns time [h], voltage [V]")),
        ("t,i\n0,1\n1,1\n", ', time = "tt [s]", current = "i"', ("no column 'tt'", "did you mean t", "found 'i'")),
        ("time [K],current [V]\n0,1\n1,1\n", "", ("unit 'K'", "unit 'V'")),
        ("", "", ("an empty file",)),
        ("time [h];current [mA]\n0;1\n", "", ("semicolons",)),
        ("time [h],current [mA]\n0,1\n1,1\n", ', current_unit = "A"', ("current_unit: found an unknown key",)),
    ],
)
def test_check_finds_what_is_wrong_with_a_file(tmp_path: Path, text: str, keys: str, said: tuple[str, ...]) -> None:
    folder = tmp_path / "protocols"
    folder.mkdir()
    path = written(folder, text, f'file = "current.csv"{keys}')
    with pytest.raises(ProtocolError) as caught:
        check_path(path)
    assert all(words in str(caught.value) for words in ("driven.toml: step[1].drive", *said)), str(caught.value)


def test_a_missing_file_and_a_step_made_in_python_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ProtocolError, match=r"drive.file: found .*absent.csv"):
        load_protocol(written(tmp_path, "", 'file = "absent.csv"'))
    table = CurrentTable((0.0, 60.0), (1e-3, 1e-3))
    for step, said in (
        (Step("drive", 0.0, 60.0), "a CurrentTable"),
        (Step("rest", 0.0, 60.0, current_table=table), "only a drive has a table"),
        (Step("drive", 0.0, 50.0, current_table=table), "as long as its table"),
        (Step("drive", 1.0, 60.0, current_table=table), "the table has the current"),
    ):
        with pytest.raises(ProtocolError, match=said):
            load_protocol(Protocol("p", "d", (step,)))
    with pytest.raises(ProtocolError, match=r"step\[1\]\.drive: found a current of 1000 A"):
        prepare_run("li_peo_lfp", [{"drive": {**LISTS, "current_unit": "kA", "current": [0, 1, 1]}}])


def test_rows_on_a_straight_line_are_left_out_and_the_charge_stays() -> None:
    t = np.linspace(0.0, 100.0, 1001)
    i = np.interp(t, [0, 30, 60, 100], [1, 1, -2, 0])
    table = CurrentTable(tuple(t.tolist()), tuple(i.tolist()))
    times, currents = table.knots
    assert times == pytest.approx([0, 30, 40, 60, 100])  # at 40 s the current changes its sign
    assert currents[2] == 0.0
    assert np.trapezoid(currents, times) == pytest.approx(np.trapezoid(i, t), rel=1e-9)
    bent = CurrentTable((0.0, 1.0, 2.0), (1.0, 1.0 + 1e-6, 1.0))
    assert bent.knots[0].size == 3
