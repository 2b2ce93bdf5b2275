"""One rule for what a caller gives: the same values are taken and refused as number, rate, switch and name."""

from __future__ import annotations

import doctest
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from cellmodel import errors, inputs
from cellmodel.errors import ParameterError, ProtocolError

NO_NUMBERS = [None, True, False, np.bool_(True), "", "   ", "ten", b"1", [1.0], (), {}, {1}, 1j, ..., Path("1")]
NO_NUMBERS += [np.ma.masked, np.ma.array(2.0, mask=True), pd.NA, pd.NaT, "\u0663", "\uff13"]
NOT_FINITE = [math.nan, math.inf, -math.inf, np.float32("nan"), 10**400]
NUMBERS = [2, 2.0, np.float32(2), np.float64(2), np.int8(2), np.uint64(2), np.array(2), pd.Series([2])[0]]


@pytest.mark.parametrize("value", [*NUMBERS, xr.DataArray(2.0)], ids=repr)
def test_every_kind_of_number_is_the_same_number(value: object) -> None:
    assert inputs.number(value, "f", "k", "a number") == 2.0
    assert inputs.parse_quantity(value, "m") == 2.0
    assert inputs.c_rate(value) == 2.0
    assert type(inputs.number(value, "f", "k", "a number")) is float


@pytest.mark.parametrize("value", [*NO_NUMBERS, *NOT_FINITE, pd.Series([1.0, 2.0]), np.ones(1)], ids=repr)
def test_what_is_no_number_is_refused_by_name_everywhere(value: object) -> None:
    for call in (
        lambda: inputs.number(value, "file.toml", "a.key", "a number"),
        lambda: inputs.parse_quantity(value, "m", "file.toml", "a.key"),
        lambda: inputs.c_rate(value, "file.toml", "a.key"),
        lambda: inputs.whole_number(value, "file.toml", "a.key", "a number", (0, 9)),
    ):
        with pytest.raises(ParameterError) as caught:
            call()
        (problem,) = caught.value.problems
        assert (problem.file, problem.key) == ("file.toml", "a.key")
        assert len(str(caught.value)) < 700


@pytest.mark.parametrize("value", [2.0, 2.5, "2", 10])
def test_a_whole_number_is_an_integer_within_its_bounds(value: object) -> None:
    assert inputs.whole_number(np.int32(2), "f", "k", "2", (2, 3)) == 2
    with pytest.raises(ParameterError):
        inputs.whole_number(value, "f", "k", "2 or 3", (2, 3))


@pytest.mark.parametrize("value", ["no", "false", "true", 0, 1, None, 1.0, [], np.int8(1)])
def test_only_a_boolean_is_a_switch(value: object) -> None:
    assert inputs.switch(np.bool_(False), "f", "k") is False
    with pytest.raises(ProtocolError, match="true or false"):
        inputs.switch(value, "f", "k", ProtocolError)


@pytest.mark.parametrize(
    "rate", ["C/0", "0C", "-C/3", "1e-300", 1e-300, "1e9 C", "C/1e9", "1 A", "C3", "inf", "C" * 300]
)
def test_rates_that_no_run_can_have_are_refused(rate: object) -> None:
    assert inputs.c_rate("C/1e4") == 1e-4
    with pytest.raises(ParameterError, match="above zero"):
        inputs.c_rate(rate)


@pytest.mark.parametrize("value", [None, 3, b"li_peo_lfp", "", " ", "a\0b", "x" * 5000, ["a"]])
def test_a_name_is_text_or_a_path(value: object) -> None:
    assert inputs.name_or_path(Path("a/b.toml"), "f", "k", "w") == str(Path("a/b.toml"))
    with pytest.raises(ParameterError):
        inputs.name_or_path(value, "f", "k", "a name")


@pytest.mark.parametrize("value", [{"foil": False}, None, 3, [1], b"foil"])
def test_names_are_text_and_a_mapping_is_none(value: object) -> None:
    assert inputs.names("foil", "f", "k") == ("foil",)
    assert inputs.names(iter(["a", "b"]), "f", "k") == ("a", "b")
    with pytest.raises(ParameterError):
        inputs.names(value, "f", "k")


def test_a_file_that_cannot_exist_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "here").touch()
    assert inputs.existing_file(tmp_path / "here") == tmp_path / "here"
    assert [inputs.existing_file(text) for text in ("a\0b", "x" * 100_000, str(tmp_path))] == [None] * 3


def test_a_difference_loses_the_zero_of_its_scale() -> None:
    assert inputs.parse_difference("2 degC", "K") == pytest.approx(2.0)
    assert inputs.parse_difference(2.0, "K") == 2.0


@pytest.mark.parametrize("module", [inputs, errors])
def test_the_examples_run(module: object) -> None:
    found = doctest.testmod(module)  # type: ignore[arg-type]
    assert found.attempted > 0
    assert found.failed == 0
