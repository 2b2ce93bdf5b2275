"""Measured points and the bibliography with one thing wrong in them: refused by name, or read as they are."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from time_limits import no_hang
from toml_writing import toml_text

from cellmodel import resources
from cellmodel.errors import MOST_CHARACTERS, MOST_LINES, CellModelError
from cellmodel.parameters.files import references
from cellmodel.plotting.measured import read_measured
from cellmodel.toml_files import open_toml

POINTS = "capacity [mA.h.cm-2],voltage [V],c_rate [1]\n0.1,3.4,0.1\n0.5,3.3,0.1\n1.0,3.2,0.1\n"
WRONG_POINTS: dict[str, bytes] = {
    "semicolons": POINTS.replace(",", ";").encode(),
    "tabs": POINTS.replace(",", "\t").encode(),
    "latin-1": POINTS.encode() + "1.1,3.1,0.1 # 80 \xb0C\n".encode("latin-1"),
    "UTF-16": POINTS.encode("utf-16"),
    "NUL": POINTS.replace("3.3", "3\x003").encode(),
    "empty": b"",
    "header only": POINTS.splitlines()[0].encode(),
    "no header": b"0.1,3.4,0.1\n0.5,3.3,0.1\n",
    "no units": POINTS.replace(" [V]", "").encode(),
    "unit of another dimension": POINTS.replace("[V]", "[A]").encode(),
    "unknown unit": POINTS.replace("[V]", "[blorbs]").encode(),
    "unknown column": POINTS.replace("voltage", "potental").encode(),
    "text for a number": POINTS.replace("3.3", "about 3").encode(),
    "column twice": POINTS.replace("c_rate [1]", "voltage [V]").encode(),
    "column of nothing": POINTS.replace(",3.4", ",").replace(",3.3", ",").replace(",3.2", ",").encode(),
    "column of nan": POINTS.replace("3.4", "nan").replace("3.3", "nan").replace("3.2", "nan").encode(),
    "infinite": POINTS.replace("3.3", "inf").encode(),
    "a field of 200 kB": POINTS.encode() + b"1.1,3.1," + b"9" * 200_000 + b"\n",
    "an open quotation mark": POINTS.replace("0.5", '"0.5').encode(),
    "60,000 wrong lines": POINTS.encode() + b"x,y,z\n" * 60_000,
}
SAME_POINTS: dict[str, bytes] = {
    "byte order mark": b"\xef\xbb\xbf" + POINTS.encode(),
    "comment": b"# measured by hand\n" + POINTS.encode(),
    "CRLF": POINTS.replace("\n", "\r\n").encode(),
    "empty line at the end": POINTS.encode() + b"\n",
}
SAME_POINTS["other unit"] = b"capacity [mA.h.cm-2],voltage [mV],c_rate [1]\n0.1,3400,0.1\n0.5,3300,0.1\n1.0,3200,0.1\n"


@pytest.fixture
def results() -> xr.Dataset:
    rates = xr.Variable(("c_rate",), [0.1, 0.2], {"units": "1", "long_name": "rate"})
    described = {"voltage": (("c_rate", "sample"), np.full((2, 3), 3.3)), "status": ("c_rate", np.ones(2, np.int8))}
    return xr.Dataset(described, coords={"c_rate": rates})


def _refused(error: CellModelError, file: str) -> None:
    text = str(error)
    assert file in text
    assert len(text) <= MOST_CHARACTERS
    assert text.count("\n") < MOST_LINES
    assert all(one.isprintable() for one in text.replace("\n", ""))


@pytest.mark.parametrize("name", WRONG_POINTS)
def test_measured_points_with_a_fault_are_refused_by_name(name: str, results: xr.Dataset, tmp_path: Path) -> None:
    path = tmp_path / "points.csv"
    path.write_bytes(WRONG_POINTS[name])
    with no_hang(), pytest.raises(CellModelError) as caught:
        read_measured(path, results)
    _refused(caught.value, "points.csv")


@pytest.mark.parametrize("name", SAME_POINTS)
def test_measured_points_written_differently_are_the_same(name: str, results: xr.Dataset, tmp_path: Path) -> None:
    path = tmp_path / "points.csv"
    path.write_bytes(SAME_POINTS[name])
    found = read_measured(path, results)
    assert found.positions == pytest.approx([0.1, 0.5, 1.0])
    assert found.voltage == pytest.approx([3.4, 3.3, 3.2])
    assert found.conditions["c_rate"] == pytest.approx([0.1, 0.1, 0.1])


WRONG_REFERENCES: list[tuple[str, Any]] = [
    ("authors", 3),
    ("authors", None),
    ("title", ["a"]),
    ("title", True),
    ("year", "2000"),
    ("year", True),
    ("year", 2000.5),
    ("year", None),
    ("doi", 10.1),
    ("journal", {"a": 1}),
    ("note", True),
    ("pages", "1-2"),
]


@pytest.mark.parametrize(("key", "value"), WRONG_REFERENCES)
def test_a_reference_with_a_fault_is_refused_by_name(key: str, value: Any, tmp_path: Path) -> None:
    path = resources.folder("parameters") / "references.toml"
    known = tomllib.loads(path.read_text(encoding="utf-8"))
    changed = {**known["Doyle1993"], key: value}
    known["Doyle1993"] = {name: one for name, one in changed.items() if one is not None}
    file = tmp_path / "references.toml"
    file.write_text(toml_text(known), encoding="utf-8")
    with pytest.raises(CellModelError, match="Doyle1993") as caught:
        references(open_toml(file))
    _refused(caught.value, "references.toml")
    assert key in str(caught.value)
