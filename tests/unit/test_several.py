"""Several numbers or values as callers give them: one alone, lists, arrays, series; and what is no list."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from cellmodel.errors import ParameterError
from cellmodel.inputs import listed, quantities

PAIR = [0.01, 0.02]


@pytest.mark.parametrize(
    "given",
    [
        [0.01, 0.02],
        (0.01, 0.02),
        np.array([0.01, 0.02]),
        pd.Series([0.01, 0.02]),
        ["10 mV", "0.02 V"],
        iter([0.01, 0.02]),
    ],
)
def test_several_numbers_may_be_given_in_any_list(given: Any) -> None:
    assert quantities(given, "V", "call", "voltages", "above zero") == pytest.approx((0.01, 0.02))


@pytest.mark.parametrize("given", [0.01, "10 mV", np.float32(0.01), np.array(0.01)])
def test_one_number_counts_as_a_list_of_it(given: Any) -> None:
    assert quantities(given, "V", "call", "voltages", "above zero") == pytest.approx((0.01,))


@pytest.mark.parametrize("given", [b"ab", {"a": 1}, None, 3j, object()])
def test_what_is_no_list_is_none(given: Any) -> None:
    assert listed(given) is None
    with pytest.raises(ParameterError, match=r"call: voltages: found .*at least one number"):
        quantities(given, "V", "call", "voltages", "above zero")


def test_every_wrong_number_is_named_with_its_place() -> None:
    with pytest.raises(ParameterError) as refused:
        quantities([0.01, True, "3 kg", -1.0, None, [0.1]], "V", "call", "voltages", "above zero", (0.0, 10.0))
    assert [problem.key for problem in refused.value.problems] == [f"voltages {place}" for place in (2, 3, 4, 5, 6)]
