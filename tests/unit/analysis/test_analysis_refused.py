"""What the analyses cannot use is refused in one sentence: wrong arguments, and results that do not suit."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pandas as pd
import pytest
import synthetic
import xarray as xr

from cellmodel import analysis
from cellmodel.errors import ResultsError

FUNCTIONS = [getattr(analysis, name) for name in analysis.__all__]
WRONG: list[Any] = [
    None,
    "x",
    b"x",
    -1,
    0,
    1,
    2.5,
    np.nan,
    np.inf,
    1e300,
    10**12,
    True,
    [],
    ["x"],
    {},
    [None],
    object(),
]
WRONG += [np.array([[0.5]]), pd.Series([0.5]), xr.Dataset(), ("voltage", None)]
DRAWN = synthetic.results(draw=list(range(4)), c_rate=[0.1, 1.0])
STEPS = synthetic.with_steps(synthetic.results(c_rate=[0.1, 1.0]), 2, 2)
UNSUITED: dict[str, Any] = {
    "none": None,
    "text": "results",
    "table": pd.DataFrame({"voltage": [3.4]}),
    "variable": synthetic.results()["voltage"],
    "empty": xr.Dataset(),
    "no samples": synthetic.results().isel(sample=slice(0, 0)),
    "no runs": synthetic.results(c_rate=[0.1]).isel(c_rate=slice(0, 0)),
    "texts": synthetic.results().assign(voltage=("sample", np.full(synthetic.results().sizes["sample"], "x"))),
    "nothing but status": synthetic.results()[["status"]],
    "not a number": synthetic.results(c_rate=[0.1, 1.0]).assign(voltage=synthetic.results()["voltage"] * np.nan),
    "steps": STEPS,
    "one step": STEPS.isel(step=0),
    "one run": synthetic.results(),
    "drawn": DRAWN,
}


def check_used(function: Any, *given: Any, **more: Any) -> None:
    """Call an analysis: it answers with results, or refuses in a sentence that is not long."""
    said = "a sentence"
    try:
        found = function(*given, **more)
    except ResultsError as error:
        found, said = xr.Dataset(), str(error)
    assert isinstance(found, xr.Dataset)
    assert 9 < len(said) < 1000


def required(function: Any) -> list[str]:
    """Return arguments that suit those without a default, after the dataset."""
    parameters = list(inspect.signature(function).parameters.values())[1:]
    return ["areal_capacity" for one in parameters if one.default is one.empty]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", UNSUITED)
@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.__name__)
def test_unsuited_results_are_refused_in_a_sentence(function: Any, kind: str) -> None:
    check_used(function, UNSUITED[kind], *required(function))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.__name__)
def test_wrong_arguments_are_refused_in_a_sentence(function: Any) -> None:
    for name in list(inspect.signature(function).parameters)[1:]:
        for wrong in WRONG:
            given = dict(zip(list(inspect.signature(function).parameters)[1:], required(function), strict=False))
            check_used(function, DRAWN, **{**given, name: wrong})


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: analysis.collapse(DRAWN, against=None), "the name of a variable"),  # type: ignore[arg-type]
        (lambda: analysis.collapse(DRAWN, against="voltage"), "voltage has more than one value per run"),
        (lambda: analysis.collapse(DRAWN, against="message"), "message holds no numbers"),
        (lambda: analysis.on_capacity(DRAWN, points=2.5), "a whole number from 2 to 100000"),  # type: ignore[arg-type]
        (lambda: analysis.on_capacity(DRAWN, "energy"), "energy is no curve of each run"),
        (lambda: analysis.differential_capacity(DRAWN, points=-1), "a whole number from 1"),
        (lambda: analysis.voltage_bands(DRAWN, quantiles=["x"]), "quantiles are shares"),  # type: ignore[list-item]
        (lambda: analysis.quantile_bands(DRAWN, None), "names"),  # type: ignore[arg-type]
        (lambda: analysis.voltage_bands(DRAWN, against="areal_capacty"), "did you mean areal_capacity"),
        (lambda: analysis.ragone(UNSUITED["no samples"]), "no curves"),
    ],
)
def test_the_cause_is_named(call: Any, said: str) -> None:
    with pytest.raises(ResultsError, match=said):
        call()
