"""Whatever is given for an argument of a run, it is refused by name or accepted; nothing fails inside."""

from __future__ import annotations

import inspect
from dataclasses import fields, replace

import numpy as np
import pandas as pd
import pybamm
import pytest

import cellmodel
from cellmodel.characterisation import limiting_current
from cellmodel.energy import energy_budget
from cellmodel.errors import CellModelError, ParameterError
from cellmodel.models.built_model import BuiltModel
from cellmodel.prepared_run import READERS
from cellmodel.simulation import RunOptions, prepare_run, simulate
from cellmodel.study import load_study

ALIEN = {
    "none": None,
    "list": [],
    "bytes": b"x",
    "large": 10**6,
    "nan": float("nan"),
    "no": "no",
    "series": pd.Series([0.1, 0.2]),
    "bool": np.bool_(True),
    "object": object(),
    "mapping": {1: 2},
    "huge text": "x" * 100_000,
    "array": np.array([1.0, 2.0]),
}
ARGUMENTS = [name for name in inspect.signature(simulate).parameters if name != "cell"]
ACCEPTED = {
    ("temperature", "none"),
    ("overrides", "none"),
    ("mechanisms", "list"),
    ("profiles", "bool"),
    ("extrapolate", "bool"),
    ("compiled", "bool"),
}
WITHOUT_A_RATE = {("c_rate", "none"), ("current_density", "none")}
"""None is "not given": then the protocol asks for a rate."""
SAID = {
    "protocol": "protocol|step",
    "current_density": "current_density|a rate of",
}


def given(argument: str, kind: str) -> dict[str, object]:
    """Return the arguments of a run with one replaced."""
    rate = {} if argument == "current_density" else {"c_rate": 0.5}
    return {"cell": "li_peo_lfp", **rate, argument: ALIEN[kind]}


def prepare(cell: object, protocol: object = "discharge", **options: object) -> None:
    """Prepare a run."""
    prepare_run(cell, protocol, RunOptions(**options))


@pytest.mark.parametrize(("argument", "kind"), [(a, k) for a in ("cell", *ARGUMENTS) for k in ALIEN])
def test_every_argument_of_a_run_is_accepted_or_refused_by_its_name(argument: str, kind: str) -> None:
    if (argument, kind) in ACCEPTED:
        prepare(**given(argument, kind))
        return
    said = "C-rate" if (argument, kind) in WITHOUT_A_RATE else SAID.get(argument, argument)
    with pytest.raises(CellModelError, match=said) as caught:
        prepare(**given(argument, kind))
    assert len(str(caught.value)) <= 2000


def test_simulate_takes_every_option_of_a_run_with_the_same_default() -> None:
    keywords = {name: one.default for name, one in inspect.signature(simulate).parameters.items() if one.kind == 3}
    assert keywords == {field.name: field.default for field in fields(RunOptions)}
    assert list(READERS) == list(keywords)


def test_all_that_is_wrong_with_all_arguments_is_said_at_once() -> None:
    wrong = {"c_rate": -1, "temperature": "80 kg", "model": "DFM", "mesh": "fine", "profiles": 1, "rtol": 2.0}
    wrong |= {"solver": "ida", "mechanisms": ["foill"], "overrides": {"cell.separator.thicknes": 1e-5}}
    with pytest.raises(ParameterError) as caught:
        simulate("li_peo_lfp", "dicharge", **wrong)
    keys = {problem.key for problem in caught.value.problems}
    assert keys >= wrong.keys() - {"overrides", "mechanisms"} | {"cell.separator.thicknes"}
    assert any("did you mean discharge" in problem.wanted for problem in caught.value.problems)
    with pytest.raises(CellModelError) as caught:  # each argument is fine by itself
        simulate("li_peo_lfp", temperature="180 degC", mechanisms=["foill"])
    assert {"mechanisms", "c_rate"} < {problem.key for problem in caught.value.problems}
    assert any("temperature 453.15 K" in problem.found for problem in caught.value.problems)


def test_the_collocation_check_with_machine_code_is_refused_before_anything_is_built() -> None:
    with pytest.raises(ParameterError, match="compiled: found true with solver = 'casadi', wanted solver = 'idaklu'"):
        prepare_run("li_peo_lfp", options=RunOptions(c_rate=1.0, solver="casadi", compiled=True))


@pytest.mark.parametrize("kind", ALIEN)
def test_a_run_under_its_former_name_warns_and_refuses_what_is_no_cell(kind: str) -> None:
    with pytest.warns(DeprecationWarning, match="simulate"), pytest.raises(CellModelError, match="cell"):
        cellmodel.simulate_liquid(ALIEN[kind], c_rate=0.5)


def test_a_list_of_steps_and_an_experiment_of_pybamm_run_as_their_strings_say(monkeypatch: pytest.MonkeyPatch) -> None:
    steps = [
        "Discharge at C/2 for 10 minutes or until 2.8 V",
        "Rest for 5 minutes",
        {"charge": "C/2", "duration": "60 s"},
    ]
    run = simulate("li_peo_lfp", steps, mesh="fast")
    assert run.sizes["step"] == 3
    assert run["step_index"].values.tolist() == [1, 2, 3]
    again = simulate("li_peo_lfp", pybamm.Experiment([tuple(steps[:2])] * 2), mesh="fast")
    assert dict(again.sizes) | {"sample": 200} == {"cycle": 2, "step": 2, "sample": 200}
    np.testing.assert_array_equal(again["voltage"][0, 0], run["voltage"][0])
    monkeypatch.setattr(BuiltModel, "solve", lambda *_: pytest.fail("solved in spite of bad input"))
    for experiment, said in (
        (pybamm.Experiment(steps[:2], period="1 minute"), "period"),
        (pybamm.Experiment(steps[:2], temperature=300.0), "temperature"),
        (pybamm.Experiment(steps[:2], termination="80% capacity"), "termination"),
        (pybamm.Experiment([pybamm.step.resistance(3, duration=60)]), "a resistance cannot be held"),
        (pybamm.Experiment([pybamm.step.current(lambda t: 1 + t, duration=60)]), "one number to hold"),
    ):
        with pytest.raises(CellModelError, match=said):
            simulate("li_peo_lfp", experiment)


@pytest.mark.parametrize("wrong", [0, -1, 80, "353 mK", 1e300, "600 degC", np.float64("nan"), np.ma.masked], ids=repr)
def test_no_extrapolation_reaches_a_temperature_that_no_cell_has(wrong: object) -> None:
    calls = (
        lambda: prepare_run("li_peo_lfp", options=RunOptions(c_rate=1.0, temperature=wrong, extrapolate=True)),  # type: ignore[arg-type]
        lambda: energy_budget("li_peo_lfp", temperature=wrong, extrapolate=True),  # type: ignore[arg-type]
        lambda: limiting_current("li_peo_lfp", temperature=wrong, extrapolate=True),  # type: ignore[arg-type]
        lambda: replace(load_study("lfp_rate_capability"), axes=(), c_rate=1.0, temperature=wrong, extrapolate=True),
    )
    for call in calls:
        with pytest.raises(CellModelError, match="temperature"):
            call()
