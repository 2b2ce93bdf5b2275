"""One reader of TOML: whatever lies at the path, the content or one problem with its cause."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from cellmodel.errors import ParameterError, StudyError
from cellmodel.toml_files import LARGEST_FILE, read_toml

BAD = {
    "syntax": (b"a = 1\nb = = 2\n", "line 2"),
    "latin": ("a = 'é'".encode("latin-1"), "not UTF-8"),
    "utf16": ("a = 1".encode("utf-16"), "not UTF-8"),
    "twice": (b"a = 1\na = 2\n", "overwrite"),
    "digits": (b"a = " + b"1" * 5000, "4300 digits"),
    "lists": (b"a = " + b"[" * 2000 + b"]" * 2000, "nested too deep"),
    "levels": (b"a = " + b"[" * 30 + b"]" * 30, "at most 20 levels"),
    "tables": (b"[" + b".".join([b"a"] * 40) + b"]\n", "at most 20 levels"),
    "key": (b"k" * 300 + b" = 1", "at most 200 characters"),
    "large": (b"#" * (LARGEST_FILE + 1), "MiB"),
    "nul": (b"a = '\0'", "valid TOML"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_file_that_cannot_be_taken_is_one_problem_with_its_cause(name: str, tmp_path: Path) -> None:
    content, cause = BAD[name]
    path = tmp_path / f"{name}.toml"
    path.write_bytes(content)
    with pytest.raises(StudyError) as caught:
        read_toml(path, StudyError)
    assert len(caught.value.problems) == 1
    assert cause in str(caught.value)
    assert path.name in caught.value.problems[0].file
    assert len(str(caught.value)) < 2000


def test_what_is_no_file_is_named_at_once(tmp_path: Path) -> None:
    places = [tmp_path, tmp_path / "nothing.toml", Path("a\0b.toml"), tmp_path / ("x" * 300)]
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.toml")
        places.append(tmp_path / "pipe.toml")
    for place in places:
        with pytest.raises(ParameterError, match="file"):
            read_toml(place)


def test_a_sound_file_is_its_tables(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text("a = [[1, 2], [3]]\n[b.c]\nd = 'µ'\n", encoding="utf-8")
    assert read_toml(tmp_path / "a.toml") == {"a": [[1, 2], [3]], "b": {"c": {"d": "µ"}}}


@pytest.mark.parametrize("item", ["1,", "{a=1},", '"",', "1.5,"])
def test_the_largest_file_is_parsed_or_refused_in_seconds(item: str, tmp_path: Path) -> None:
    path = tmp_path / "many.toml"
    path.write_text("v=[" + item * ((LARGEST_FILE - 4) // len(item)) + "]", encoding="utf-8")
    began = time.process_time()
    assert len(read_toml(path)["v"]) > 100_000
    assert time.process_time() - began < 5.0
