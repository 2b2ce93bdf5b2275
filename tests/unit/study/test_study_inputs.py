"""Fixed inputs of a study: whatever differs never shares a store, whatever does nothing is refused by name."""

from __future__ import annotations

import time
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from test_foreign_stores import content, linked_store, other_zarr, photos, store_with_notes
from test_study_results import rewrite
from test_study_running import HEAD, ONE, RATES, FakeSolver, answered_by, parse

from cellmodel.errors import CellModelError, ResultsError, StudyError
from cellmodel.execution import batches
from cellmodel.parameters import load_cell
from cellmodel.parameters.distributions import Distribution
from cellmodel.prepared_run import MODEL_VERSION, RunOptions
from cellmodel.store import open_results
from cellmodel.study import Axis, Case, Study, fixed_inputs, load_study, parse_study, run_study
from cellmodel.study.sampling import Sample

THICKNESS = "cell.separator.thickness"
CATHODE, CAPACITY = "cell.positive_electrode.thickness", "cell.positive_electrode.areal_capacity"
TRANSFERENCE = "electrolyte.cation_transference_number"
pytestmark = pytest.mark.usefixtures("one_set")
SAMPLE = f'sample = {{ size = 4, method = "sobol", seed = 7, of = ["{TRANSFERENCE}"] }}\n'
CASES = '[[case]]\nlabel = "a"\ncell = "li_peo_lfp"\n[[case]]\nlabel = "b"\ncell = "li_single_ion_lfp"\n'


@pytest.fixture
def solver(monkeypatch: pytest.MonkeyPatch) -> FakeSolver:
    fake = FakeSolver()
    monkeypatch.setattr(batches, "_solve", answered_by(fake))
    return fake


def check_refused(study: Study, said: str, solver: FakeSolver, **options: Any) -> None:
    """Assert that a study is refused by name: nothing is solved and nothing in the folder changes."""
    before, solved = content(Path("results")), len(solver.solved)
    with pytest.raises(ResultsError) as caught:
        run_study(study, **options)
    assert said in str(caught.value), str(caught.value)
    assert content(Path("results")) == before
    assert len(solver.solved) == solved


# --- what differs never shares a store


OTHERS: dict[str, tuple[str, str]] = {
    "another cell": (RATES.replace("li_peo_lfp", "li_peo_nmc"), "cells: found 'li_peo_lfp', wanted 'li_peo_nmc'"),
    "another temperature": (RATES.replace("80 degC", "70 degC"), "study.temperature: found 353.15, wanted 343.15"),
    "no temperature": (
        RATES.replace('temperature = "80 degC"\n', ""),
        "study.temperature: found 353.15, wanted 'nothing'",
    ),
    "another number": (RATES + f'[set]\n"{THICKNESS}" = "30 um"\n', f"{THICKNESS}.value: found 2e-05, wanted 3e-05"),
    "another model": (RATES.replace("[grid]", 'model = "SPM"\n[grid]'), "study.model: found 'DFN'"),
    "another mesh": (RATES.replace("[grid]", 'mesh = "fast"\n[grid]'), "study.mesh: found 'default'"),
    "another solver": (RATES.replace("[grid]", 'solver = "casadi"\n[grid]'), "study.solver: found 'idaklu'"),
    "other mechanisms": (RATES.replace("[grid]", 'mechanisms = ["foil", "heat"]\n[grid]'), "study.mechanisms: found"),
    "profiles": (RATES.replace("[grid]", "profiles = true\n[grid]"), "study.profiles: found False"),
    "extrapolation": (RATES.replace("[grid]", "extrapolate = true\n[grid]"), "study.extrapolate: found False"),
    "another protocol": (RATES.replace('"discharge"', '"charge"'), "study.protocol.steps: found"),
    "another axis": (RATES + f'"{THICKNESS}" = ["30 um"]\n', "study.axes: found ['c_rate']"),
    "a sample": (RATES.replace("[grid]", SAMPLE + "[grid]"), "study.sample.seed: found 'nothing'"),
    "several cells": (
        RATES.replace('"li_peo_lfp"', '"li_peo_lfp", "li_peo_nmc"'),
        "study.cases: found '', wanted 'cell'",
    ),
    "a case": (
        RATES.replace('cells = ["li_peo_lfp"]\n', "") + '[[case]]\ncell = "li_peo_lfp"\n',
        "study.cases: found '', wanted 'case'",
    ),
}


@pytest.mark.parametrize("other", OTHERS)
def test_whatever_differs_is_refused_by_name(other: str, folder: Path, solver: FakeSolver) -> None:
    text, said = OTHERS[other]
    run_study(parse(RATES))
    check_refused(parse(text), said, solver)
    check_refused(parse(text.replace('"C/10", "C/2"', '"C/7"')), said, solver)  # as further values of an axis as well


def test_the_cell_of_a_study_of_one_cell_may_not_change_along_the_axis(folder: Path, solver: FakeSolver) -> None:
    run_study(parse(RATES))
    check_refused(
        parse(RATES.replace("li_peo_lfp", "li_peo_nmc").replace('"C/10", "C/2"', '"C/5"')), "cells: found", solver
    )
    cell = parse(RATES).cases[0].parameters.replace({THICKNESS: "30 um"})
    same_name = replace(parse(RATES), cases=(Case("li_peo_lfp", cell),))
    check_refused(same_name, f"cells.li_peo_lfp.values.{THICKNESS}.value: found 2e-05, wanted 3e-05", solver)


def test_ranges_of_validity_are_inputs(folder: Path, solver: FakeSolver) -> None:
    study = parse(RATES)
    run_study(study)
    cell = study.cases[0].parameters
    path = next(path for path, record in cell.functions.items() if "temperature" in record.valid)
    functions = {**cell.functions, path: replace(cell.functions[path], valid={"temperature": (300.0, 400.0)})}
    other = replace(study, cases=(Case("li_peo_lfp", replace(cell, functions=functions)),))
    check_refused(other, f"cells.li_peo_lfp.ranges.{path}.temperature: found", solver)


def test_tolerances_and_volumes_are_inputs(folder: Path, solver: FakeSolver, monkeypatch: pytest.MonkeyPatch) -> None:
    study = parse(RATES)
    tables = study.fixed_inputs()["study"]
    assert tables["tolerances"]["rtol"] == RunOptions().rtol
    assert tables["volumes"]["separator"] > 0
    run_study(study)
    monkeypatch.setattr(fixed_inputs, "_TOLERANCES", {"rtol": 1e-6, "atol": 1e-6})
    check_refused(parse(RATES), "study.tolerances.rtol: found 0.0001, wanted 1e-06", solver)


def test_of_several_cells_each_is_a_value_of_an_axis(folder: Path, solver: FakeSolver) -> None:
    run_study(parse(HEAD + "c_rate = 1\n" + CASES))
    assert len(solver.solved) == 2
    more = CASES.replace('label = "a"', 'label = "c"').replace("li_peo_lfp", "li_peo_nmc")
    assert run_study(parse(HEAD + "c_rate = 1\n" + more))["case"].values.tolist() == ["c", "b", "a"]
    assert len(solver.solved) == 3
    other = CASES.replace("li_peo_lfp", "li_peo_nmc")
    check_refused(parse(HEAD + "c_rate = 1\n" + other), "cells.a.cell: found 'li_peo_lfp', wanted 'li_peo_nmc'", solver)


def test_an_input_that_nobody_thought_of_does_not_mix(
    folder: Path, solver: FakeSolver, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_study(parse(RATES))
    monkeypatch.setattr("cellmodel.study.results.refuse_other_inputs", lambda *_: None)
    other = parse(RATES + f'[set]\n"{THICKNESS}" = "30 um"\n')
    solved = len(solver.solved)
    with pytest.raises(ResultsError, match="run_digest: found another digest than this run has now"):
        run_study(other)
    assert len(solver.solved) == solved


def test_a_time_limit_is_no_input_but_its_change_is_told(folder: Path, solver: FakeSolver) -> None:
    assert run_study(parse(RATES), time_limit="60 s").attrs["time_limit"] == "60 s"
    more = parse(RATES.replace('"C/2"', '"C/2", "1C"'))
    with pytest.warns(UserWarning, match="begun with a time limit of 60 s and goes on with none; finished runs stay"):
        assert run_study(more).attrs["time_limit"] == "60 s, then none"
    assert len(solver.solved) == 3


def test_an_altered_record_of_inputs_is_refused(folder: Path, solver: FakeSolver) -> None:
    stored = run_study(parse(RATES))
    rewrite(folder, inputs=stored.attrs["inputs"].replace("value = 0.436", "value = 0.437"))
    check_refused(parse(RATES), "inputs_digest: found another digest", solver)


def test_what_is_used_beyond_validity_adds_up(folder: Path, solver: FakeSolver) -> None:
    text = ONE + 'c_rate = 1\nextrapolate = true\n[grid]\ntemperature = ["-20 degC"]\n'
    run_study(parse(text))
    found = run_study(parse(text.replace("-20", "80")))
    assert "temperature 253.15 K" in found.attrs["extrapolated"]


def test_draws_that_are_others_are_refused(folder: Path, solver: FakeSolver, monkeypatch: pytest.MonkeyPatch) -> None:
    text = ONE + "c_rate = 1\n" + SAMPLE
    run_study(parse(text))
    points = Sample.points
    monkeypatch.setattr(Sample, "points", lambda self, count: 1.0 - points(self, count))
    check_refused(parse(text.replace("size = 4", "size = 8")), "cation_transference_number: found other draws", solver)


# --- versions


def test_a_newer_model_version_is_refused_and_an_older_one_computed_again(folder: Path, solver: FakeSolver) -> None:
    run_study(parse(RATES))
    for newer in (MODEL_VERSION + 1, "3", None, True):
        rewrite(folder, model_version=newer)
        check_refused(parse(RATES), "model_version: found", solver)
    rewrite(folder, model_version=MODEL_VERSION - 1)
    with pytest.warns(UserWarning, match="all runs of this study are computed again"):
        found = run_study(parse(RATES))
    assert len(solver.solved) == 4
    assert found.attrs["model_version"] == MODEL_VERSION
    rewrite(folder, model_version=MODEL_VERSION + 1)
    run_study(parse(RATES), overwrite=True)
    assert len(solver.solved) == 6


def test_no_store_has_rows_of_two_model_versions(folder: Path, solver: FakeSolver) -> None:
    run_study(parse(RATES.replace('"C/2"', '"C/2", "1C"')))
    rewrite(folder, model_version=MODEL_VERSION - 1)
    check_refused(parse(RATES), "c_rate: found runs of model version", solver)
    solver.fail_at = {5: KeyboardInterrupt()}
    with pytest.raises(KeyboardInterrupt), pytest.warns(UserWarning, match="computed again"):
        run_study(parse(RATES.replace('"C/2"', '"C/2", "1C"')))
    found = open_results("results/mine")
    assert (found.attrs["model_version"], found["status"].values.tolist()) == (MODEL_VERSION, [1, 0, 0])


def test_runs_of_other_libraries_say_so_themselves(folder: Path, solver: FakeSolver) -> None:
    run_study(parse(RATES))
    rewrite(folder, pybamm_version="26.1")
    with pytest.warns(UserWarning, match=r"begun with pybamm 26\.1"):
        found = run_study(parse(RATES.replace('"C/2"', '"C/2", "1C"')))
    assert found.attrs["pybamm_version"] == "26.1"
    said = found["computed_with"].values.tolist()
    assert said[:2] == ["", ""]
    assert "pybamm 26.10" in said[2]


def test_a_newer_store_is_refused_unless_overwritten(folder: Path, solver: FakeSolver) -> None:
    run_study(parse(RATES))
    rewrite(folder, store_version=3)
    check_refused(parse(RATES), "store version 3, wanted version 2: a newer cellmodel wrote it", solver)
    assert run_study(parse(RATES), overwrite=True).attrs["store_version"] == 2


# --- what is not ours


@pytest.mark.parametrize("overwrite", [True, False])
@pytest.mark.parametrize("name", ["mine.zarr", ".mine.old.zarr", ".mine.writing.zarr"])
@pytest.mark.parametrize("make", [other_zarr, photos, store_with_notes, linked_store])
def test_a_study_touches_nothing_that_is_not_its_own(
    make: Any, name: str, overwrite: bool, folder: Path, solver: FakeSolver
) -> None:
    (folder / "results").mkdir()
    make(folder / "results" / name)
    if make is linked_store and name == "mine.zarr" and not overwrite:
        (folder / "results" / "target.zarr" / "status" / "c.0.0").unlink()  # a whole one may be read
    before = content(folder)
    with pytest.raises(ResultsError):
        run_study(parse(RATES), overwrite=overwrite)
    assert solver.solved == []
    assert content(folder) == before


def test_damaged_results_are_computed_again_although_the_study_was_finished(folder: Path, solver: FakeSolver) -> None:
    whole = run_study(parse(RATES)).load()
    (folder / "results" / "mine.zarr" / "capacity" / "c.0").write_bytes(b"damaged")
    with pytest.warns(UserWarning, match=r"damaged files \(capacity/c\.0\)"):
        again = run_study(parse(RATES))
    assert len(solver.solved) == 4
    np.testing.assert_array_equal(again["capacity"].values, whole["capacity"].values)


def test_a_study_of_one_run_goes_on(folder: Path, solver: FakeSolver) -> None:
    solver.fail_at = {1: ValueError("no")}
    assert int(run_study(parse(ONE + "c_rate = 1\n"))["status"]) == 3
    assert int(run_study(parse(ONE + "c_rate = 1\n"))["status"]) == 1
    rewrite(folder, numpy_version="1.0")
    with pytest.warns(UserWarning, match="begun with numpy"):
        found = run_study(parse(ONE + "c_rate = 1\n"))
    assert (len(solver.solved), found["message"].item()) == (2, "completed")
    assert found["voltage"][2].item() == 3.0


def test_an_empty_folder_does_not_block(folder: Path, solver: FakeSolver) -> None:
    (folder / "results" / "mine.zarr").mkdir(parents=True)
    assert run_study(parse(RATES))["status"].values.tolist() == [1, 1]


# --- what does nothing

NOTHING: dict[str, tuple[str, str]] = {
    "temperature axis": (
        ONE + '[grid]\ntemperature = ["60 degC"]\n[set]\n"cell.temperature" = "50 degC"',
        "set.cell.temperature",
    ),
    "study temperature": (RATES + '[set]\n"cell.temperature" = "50 degC"', "set.cell.temperature"),
    "case temperature": (
        HEAD
        + 'c_rate = 1\n[[case]]\ncell = "li_peo_lfp"\ntemperature = "80 degC"\n'
        + 'set = { "cell.temperature" = "50 degC" }',
        "case[1].set.cell.temperature",
    ),
    "every case temperature": (
        HEAD
        + 'c_rate = 1\n[set]\n"cell.temperature" = "50 degC"\n[[case]]\ncell = "li_peo_lfp"\ntemperature = "80 degC"',
        "set.cell.temperature",
    ),
    "top and every case": (
        HEAD + 'c_rate = 1\ntemperature = "60 degC"\n[[case]]\ncell = "li_peo_lfp"\ntemperature = "80 degC"',
        "temperature: found a value at every [[case]] too",
    ),
    "rate and every case": (
        HEAD + 'c_rate = 1\n[[case]]\ncell = "li_peo_lfp"\nc_rate = 2',
        "c_rate: found a value at every [[case]] too",
    ),
    "set and every case": (
        HEAD
        + f'c_rate = 1\n[set]\n"{THICKNESS}" = "9 um"\n[[case]]\ncell = "li_peo_lfp"\n'
        + f'set = {{ "{THICKNESS}" = "8 um" }}',
        f"set.{THICKNESS}: found a value at every [[case]].set too",
    ),
    "two spellings in set": (
        RATES + f'[set]\n"{TRANSFERENCE}" = 0.2\n"{TRANSFERENCE}.value" = 0.3',
        f"set.{TRANSFERENCE}.value: found a value for the same number as {TRANSFERENCE}",
    ),
    "two spellings in a case": (
        HEAD
        + 'c_rate = 1\n[[case]]\ncell = "li_peo_lfp"\n'
        + f'set = {{ "{TRANSFERENCE}" = 0.2, "{TRANSFERENCE}.value" = 0.3 }}',
        "the same number as",
    ),
    "capacity and thickness": (
        RATES + f'[set]\n"{CAPACITY}" = "1 mA.h.cm-2"\n"{CATHODE}" = "30 um"',
        f"set.{CATHODE}: found a value for the same number as {CAPACITY}",
    ),
    "capacity and thickness on axes": (
        ONE + f'c_rate = 1\n[grid]\n"{CAPACITY}" = ["1 mA.h.cm-2"]\n"{CATHODE}" = ["30 um"]',
        "another axis of the same quantity",
    ),
    "set and axis in two spellings": (
        RATES + f'"{TRANSFERENCE}" = [0.2]\n[set]\n"{TRANSFERENCE}.value" = 0.3',
        f"grid.{TRANSFERENCE}: found a value at [set] too, as {TRANSFERENCE}.value",
    ),
    "thickness set, capacity swept": (
        RATES + f'"{CAPACITY}" = ["1 mA.h.cm-2"]\n[set]\n"{CATHODE}" = "30 um"',
        f"grid.{CAPACITY}: found a value at [set] too",
    ),
    "case and axis": (
        HEAD
        + f'c_rate = 1\n[grid]\n"{THICKNESS}" = ["9 um"]\n[[case]]\ncell = "li_peo_lfp"\n'
        + f'set = {{ "{THICKNESS}" = "8 um" }}',
        f"grid.{THICKNESS}: found a value at [[case]].set too",
    ),
    "capacity set, fraction swept": (
        RATES + '"cell.positive_electrode.active_material_volume_fraction" = [0.4, 0.42]\n'
        f'[set]\n"{CAPACITY}" = "1 mA.h.cm-2"',
        f"set.{CAPACITY}: found a value, which does not hold where",
    ),
    "distribution and set in two spellings": (
        ONE + f'c_rate = 1\nsample = {{ size = 2 }}\n[set]\n"{TRANSFERENCE}" = 0.2\n[distributions]\n'
        f'"{TRANSFERENCE}.value" = {{ distribution = "uniform", minimum = 0.1, maximum = 0.3 }}',
        f"distributions.{TRANSFERENCE}.value: found a value at [set] too",
    ),
    "distribution and capacity": (
        ONE + f'c_rate = 1\nsample = {{ size = 2 }}\n[set]\n"{CAPACITY}" = "1 mA.h.cm-2"\n[distributions]\n'
        f'"{CATHODE}" = {{ distribution = "uniform", minimum = "20 um", maximum = "30 um" }}',
        f"distributions.{CATHODE}: found a value at [set] too",
    ),
    "two distributions": (
        ONE + "c_rate = 1\nsample = { size = 2 }\n[distributions]\n"
        f'"{TRANSFERENCE}" = {{ distribution = "uniform", minimum = 0.1, maximum = 0.3 }}\n'
        f'"{TRANSFERENCE}.value" = {{ distribution = "uniform", minimum = 0.1, maximum = 0.2 }}',
        "another distribution of the same number",
    ),
    "drawn twice": (
        ONE + f'c_rate = 1\nsample = {{ size = 2, of = ["{TRANSFERENCE}", "{TRANSFERENCE}.value"] }}',
        "the same number as",
    ),
    "drawn but set": (
        ONE + f'c_rate = 1\nsample = {{ size = 2, of = ["{TRANSFERENCE}"] }}\n[set]\n"{TRANSFERENCE}" = 0.2',
        "which has no uncertainty",
    ),
}


@pytest.mark.parametrize("case", NOTHING)
def test_what_would_do_nothing_is_refused_by_name(case: str) -> None:
    text, said = NOTHING[case]
    with pytest.raises(StudyError) as caught:
        parse(text)
    assert said in str(caught.value), str(caught.value)


@pytest.mark.parametrize("where", ['c_rate = "C/3"\n', '[grid]\nc_rate = ["C/3"]\n', 'current_density = "1 A.m-2"\n'])
def test_a_rate_that_no_step_takes_is_refused(where: str, folder: Path, solver: FakeSolver) -> None:
    with pytest.raises(StudyError, match="nothing: no step is 'swept'"):
        run_study(parse(ONE.replace('"discharge"', '"gitt"') + where))
    with pytest.raises(StudyError, match="found c_rate and current_density"):
        run_study(parse(ONE + 'c_rate = "C/3"\ncurrent_density = "1 A.m-2"\n'))


def test_a_case_takes_the_place_of_what_is_set_for_all_in_whatever_words() -> None:
    head = HEAD + f'c_rate = 1\n[set]\n"{CATHODE}" = "30 um"\n"{TRANSFERENCE}" = 0.2\n'
    text = head + CASES + f'set = {{ "{CAPACITY}" = "1 mA.h.cm-2", "{TRANSFERENCE}.value" = 0.3 }}\n'
    text = text.replace("li_single_ion_lfp", "li_peo_lfp")
    first, second = (case.parameters for case in parse(text).cases)
    assert (first[CATHODE], first[TRANSFERENCE]) == (pytest.approx(3e-5), 0.2)
    assert (second.areal_capacity, second[TRANSFERENCE]) == (pytest.approx(10.0), 0.3)


@pytest.mark.parametrize(
    ("text", "given", "said"),
    [
        (RATES, {"cell.temperature": "50 degC"}, "the study sets the temperature"),
        (RATES + f'"{CAPACITY}" = ["1 mA.h.cm-2"]\n', {CATHODE: "30 um"}, "a value for a swept quantity"),
        (RATES + f'"{TRANSFERENCE}" = [0.2]\n', {f"{TRANSFERENCE}.value": 0.3}, "a value for a swept quantity"),
        (RATES, {TRANSFERENCE: 0.2, f"{TRANSFERENCE}.value": 0.3}, "the same number as"),
        (RATES, {CAPACITY: "1 mA.h.cm-2", CATHODE: "30 um"}, "the same number as"),
        (RATES, [("a", 1)], "set: found"),
        (RATES, "cell.area=1 cm2", "set: found"),
    ],
)
def test_replacing_what_does_nothing_is_refused(text: str, given: Any, said: str) -> None:
    with pytest.raises(StudyError) as caught:
        parse(text).replace(set=given)
    assert said in str(caught.value), str(caught.value)


# --- sizes and kinds, in Python


def study(**changed: Any) -> Study:
    return replace(parse(RATES), **changed)


CASE = Case("a", load_cell("li_peo_lfp"))
RATE_AXIS = Axis("c_rate", "c_rate", "1", "C-rate", (0.1, 0.5))
WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "overwriting another folder": ({"name": "../evil"}, "name: found '../evil'"),
    "a hidden name": ({"name": ".evil"}, "name: found"),
    "no name": ({"name": ""}, "name: found"),
    "a name of bytes": ({"name": b"mine"}, "name: found"),
    "a long description": ({"description": "x" * 5000}, "description: found"),
    "no cells": ({"cases": ()}, "cases: found"),
    "a cell that is none": ({"cases": (Case("a", "li_peo_lfp"),)}, "a cell, as load_cell gives it"),  # type: ignore[arg-type]
    "cells by name": ({"cases": ("li_peo_lfp",)}, "cases: found"),
    "a protocol by name": ({"protocol": "discharge"}, "protocol: found 'discharge'"),
    "text as switch": ({"extrapolate": "false"}, "extrapolate: found 'false', wanted true or false"),
    "a number as switch": ({"profiles": 0}, "profiles: found 0"),
    "none as switch": ({"compiled": None}, "compiled: found None"),
    "a word that is none": ({"model": None}, "model: found None"),
    "a mechanism": ({"mechanisms": {"foil": False}}, "mechanisms: found"),
    "a limit in words": ({"time_limit": "60 s"}, "time_limit: found '60 s'"),
    "a limit of nothing": ({"time_limit": 0.0}, "time_limit: found 0 s"),
    "a limit without end": ({"time_limit": float("inf")}, "time_limit: found inf"),
    "a rate in words": ({"c_rate": "C/2", "axes": ()}, "c_rate: found 'C/2'"),
    "a rate beyond all": ({"c_rate": 1e-300, "axes": ()}, "c_rate: found 1e-300"),
    "a temperature below zero": ({"temperature": -3.0}, "temperature: found -3.0"),
    "a temperature that is none": ({"temperature": float("nan")}, "temperature: found nan"),
    "a temperature and an axis of it": (
        {"axes": (RATE_AXIS, Axis("temperature", "ambient_temperature", "K", "T", (350.0,)))},
        "grid.temperature: found a value at the top of the study too",
    ),
    "two axes of one quantity": (
        {"axes": (Axis(CATHODE, "a", "m", "a", (1e-5,)), Axis(CAPACITY, "b", "A.h.m-2", "b", (10.0,)))},
        "another axis of the same quantity",
    ),
    "a value twice": ({"axes": (replace(RATE_AXIS, values=(0.1, 0.5, 0.1 + 1e-15)),)}, "the value 0.1"),
    "a value that is none": ({"axes": (replace(RATE_AXIS, values=(0.1, float("nan"))),)}, "grid.c_rate: found nan"),
    "a value in words": ({"axes": (replace(RATE_AXIS, values=("C/2",)),)}, "grid.c_rate: found 'C/2'"),
    "a switch as value": ({"axes": (replace(RATE_AXIS, values=(True,)),)}, "grid.c_rate: found True"),
    "no values": ({"axes": (replace(RATE_AXIS, values=()),)}, "grid.c_rate: found ()"),
    "values beyond all": ({"axes": (replace(RATE_AXIS, values=tuple(np.linspace(1, 2, 100_001))),)}, "100,001 values"),
    "axes beyond all": ({"axes": (RATE_AXIS,) * 9}, "axes: found 9"),
    "an axis of the name of a result": (
        {"axes": (replace(RATE_AXIS, dimension="voltage"),)},
        "the dimension 'voltage'",
    ),
    "a dimension of a run": ({"axes": (replace(RATE_AXIS, dimension="sample"),)}, "the dimension 'sample'"),
    "a dimension that no store has": ({"axes": (replace(RATE_AXIS, dimension="a.b"),)}, "the dimension 'a.b'"),
    "a dimension twice": (
        {"axes": (RATE_AXIS, Axis(THICKNESS, "c_rate", "m", "thickness", (1e-5,)))},
        "the dimension 'c_rate'",
    ),
    "another unit": ({"axes": (replace(RATE_AXIS, unit="A"),)}, "the unit 'A', wanted 1"),
    "no unit": ({"axes": (replace(RATE_AXIS, unit=None),)}, "axes.unit: found None"),
    "a number as key": ({"axes": (replace(RATE_AXIS, key=3),)}, "axes.key: found 3"),
    "a mechanism alone": ({"mechanisms": ("interphase_growth",)}, "'interphase_growth' without 'foil'"),
    "an unknown mechanism": ({"mechanisms": ("bogus",)}, "mechanisms: found 'bogus'"),
    "an endless limit": ({"time_limit": 1e300}, "time_limit: found 1e+300 s"),
    "a name too long for a file": ({"name": "\u00fc" * 150}, "name: found"),
    "a description of escapes": ({"description": "a\x1b[31m"}, "description: found"),
    "an axis that no mechanism uses": (
        {"axes": (Axis("electrode.hysteresis_decay_rate", "rate", "1", "rate", (10.0, 20.0)),)},
        "only the mechanism 'hysteresis' uses",
    ),
    "a distribution that nothing draws": (
        {
            "cases": (
                Case(
                    "a", load_cell("li_peo_lfp"), distributions={THICKNESS: Distribution("normal", 3e-5, (1e-6,), "m")}
                ),
            )
        },
        "which nothing draws",
    ),
    "a sample that is none": ({"sample": 3}, "sample: found 3"),
    "a sample without distributions": ({"sample": Sample(2, "sobol", 0, (TRANSFERENCE,))}, "no distribution of"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_study_that_is_none_cannot_be_made(wrong: str) -> None:
    changed, said = WRONG[wrong]
    with pytest.raises(StudyError) as caught:
        study(**changed)
    assert said in str(caught.value), str(caught.value)
    assert len(str(caught.value)) <= 2000


HEAT = "cell.heat_transfer_coefficient"


@pytest.mark.parametrize(
    "path", [HEAT, "interface.interphase_growth_rate.activation_energy", "electrode.hysteresis_decay_rate"]
)
def test_a_number_that_no_mechanism_of_the_study_uses_cannot_be_set(path: str) -> None:
    value = parse(RATES).cases[0].parameters[path]
    for refused in (
        lambda: parse(RATES + f'[set]\n"{path}" = 1.0\n'),
        lambda: parse_study(tomllib.loads(RATES), "mine.toml", {path: value}),
        lambda: parse(RATES).replace(set={path: value}),
    ):
        with pytest.raises(StudyError, match="a number that only the mechanism"):
            refused()
    with pytest.raises(
        StudyError, match=r"sample.of.electrode.hysteresis_decay_rate: found a number that only the mechanism"
    ):
        parse(ONE + SAMPLE.replace(TRANSFERENCE, "electrode.hysteresis_decay_rate"))
    every = 'sample = { size = 4, method = "sobol", seed = 7 }\n'
    assert (
        "electrode.hysteresis_decay_rate" in parse(ONE + "c_rate = 0.5\n" + every).swept_paths
    )  # all that is uncertain
    assert replace(parse(RATES), mechanisms=("foil", "heat")).replace(set={HEAT: 1.0}).cases[0].parameters[HEAT] == 1.0


def test_what_is_set_for_every_cell_is_refused_where_a_case_decides_it() -> None:
    cases = (
        CASES.replace("li_single_ion_lfp", "li_peo_lfp")
        + f'[case.set]\n"{THICKNESS}" = "30 um"\n[grid]\nc_rate = [0.5]\n'
    )
    values = tomllib.loads(HEAD + cases)
    with pytest.raises(StudyError, match=f"set.{THICKNESS}: found a value at ..case...set of 'b' too"):
        parse_study(values, "mine.toml", {THICKNESS: "40 um"})
    found = parse_study({**values, "set": {THICKNESS: "40 um"}}, "mine.toml")  # in one file both are in sight
    assert [case.parameters[THICKNESS] for case in found.cases] == pytest.approx([4e-5, 3e-5])
    own = tomllib.loads(CASES.replace('label = "a"', 'label = "a"\ntemperature = "70 degC"'))
    with pytest.raises(StudyError, match=r"where a ..case.. sets the temperature"):
        parse_study({**tomllib.loads(HEAD), **own, "c_rate": 1.0}, "mine.toml", {"cell.temperature": "80 degC"})


def test_no_axis_takes_the_name_of_a_result() -> None:
    axis = parse(RATES + '"cell.lithium.thickness" = ["30 um", "40 um"]\n').axes[-1]
    assert axis.dimension == "cell_lithium_thickness"
    assert parse(RATES + f'"{THICKNESS}" = ["30 um"]\n').axes[-1].dimension == "separator_thickness"


def test_labels_are_visible_short_and_each_once() -> None:
    cell = load_cell("li_peo_lfp")
    for labels in (("a", "a"), ("", "b"), (" ", "b"), ("x" * 300, "b"), ("a\n", "b"), (None, "b"), (3, "b")):
        with pytest.raises(StudyError, match=r"(label|case): found"):
            study(cases=tuple(Case(label, cell) for label in labels), case_dimension="case")
    with pytest.raises(StudyError, match="cases: found 10,001"):
        study(cases=(Case("a", cell),) * 10_001, case_dimension="case")


@pytest.mark.parametrize(
    "given",
    [
        (0, "sobol", 0, ("a",)),
        (10**9, "sobol", 0, ("a",)),
        (True, "sobol", 0, ("a",)),
        (4.0, "sobol", 0, ("a",)),
        (4, "sobl", 0, ("a",)),
        (4, None, 0, ("a",)),
        (4, "sobol", -1, ("a",)),
        (4, "sobol", "7", ("a",)),
        (4, "sobol", 0, "a"),
        (4, "sobol", 0, (3,)),
    ],
)
def test_a_sample_that_is_none_cannot_be_made(given: Any) -> None:
    with pytest.raises(StudyError, match="sample: "):
        Sample(*given)


def test_a_study_of_a_thousand_million_runs_is_refused_at_once(folder: Path, solver: FakeSolver) -> None:
    values = tuple(np.linspace(0.1, 1.0, 1000).tolist())
    axes = tuple(
        Axis(key, key.replace(".", "_"), "1", key, values)
        for key in ("c_rate", TRANSFERENCE, "cell.positive_electrode.bruggeman_exponent")
    )
    large = study(axes=axes)
    began = time.perf_counter()
    for confirmed in (False, True):
        with pytest.raises(StudyError, match="runs: found 1,000,000,000, wanted at most 1"):
            run_study(large, confirmed=confirmed)
    assert time.perf_counter() - began < 0.2
    assert list(folder.iterdir()) == []


def test_files_have_the_same_caps() -> None:
    rates = ", ".join(f"{0.1 + number * 1e-6}" for number in range(100_001))
    began = time.perf_counter()
    with pytest.raises(StudyError, match=r"grid\.c_rate: found .* at most 100,000"):
        parse(ONE + f"[grid]\nc_rate = [{rates}]\n")
    with pytest.raises(StudyError, match="size: found 1000000000, wanted at least one draw, and at most"):
        parse(ONE + "c_rate = 1\nsample = { size = 1000000000 }\n")
    with pytest.raises(StudyError, match="10,001 cells"):
        parse(HEAD + "c_rate = 1\ncells = [" + '"li_peo_lfp", ' * 10_001 + "]\n")
    with pytest.raises(StudyError, match="9 axes, wanted at most 8"):
        parse(ONE + "[grid]\n" + "".join(f"a{number} = [1]\n" for number in range(9)))
    assert time.perf_counter() - began < 5.0


THINGS = [None, 3, 3.5, True, b"mine", ["mine"], {"a": 1}, pd.Series([1.0]), "", "  ", "a\0b", "x" * 10_000]


@pytest.mark.parametrize("given", THINGS, ids=lambda one: f"{type(one).__name__} {str(one)[:5]}".replace("\0", ""))
def test_what_is_no_study_is_refused(given: Any, folder: Path) -> None:
    for call in (load_study, run_study):
        with pytest.raises(StudyError) as caught:
            call(given)
        assert len(str(caught.value)) <= 2000
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("given", [None, 3, b"a", ["a"], pd.Series([1.0]), "text", {1: 2}])
def test_what_is_no_table_is_refused(given: Any) -> None:
    with pytest.raises(StudyError, match="values: found"):
        parse_study(given, "mine.toml")
    assert parse_study({**_TABLE}, Path("mine.toml")).name == "mine"
    with pytest.raises(StudyError, match="file: found"):
        parse_study(_TABLE, None)  # type: ignore[arg-type]


_TABLE = {"description": "d", "protocol": "discharge", "cells": ["li_peo_lfp"], "c_rate": 1}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"overwrite": "no"}, "overwrite: found 'no', wanted true or false"),
        ({"overwrite": 1}, "overwrite: found 1"),
        ({"overwrite": None}, "overwrite: found None"),
        ({"extrapolate": "false"}, "extrapolate: found 'false'"),
        ({"extrapolate": 0}, "extrapolate: found 0"),
        ({"confirmed": "yes"}, "confirmed: found 'yes'"),
        ({"progress": "bar"}, "progress: found 'bar'"),
        ({"progress": True}, "progress: found True"),
        ({"results": 3}, "results: found 3"),
        ({"results": b"results"}, "results: found b'results'"),
        ({"results": ["results"]}, "results: found"),
        ({"results": ""}, "results: found ''"),
        ({"results": True}, "results: found True"),
        ({"time_limit": True}, "time_limit: found True"),
        ({"time_limit": "  "}, "time_limit: found"),
        ({"time_limit": "60 m"}, "time_limit: found '60 m'"),
        ({"time_limit": 0}, "time_limit: found 0"),
        ({"time_limit": float("nan")}, "time_limit: found nan"),
        ({"time_limit": "-1 s"}, "time_limit: found '-1 s'"),
    ],
)
def test_other_arguments_are_checked_before_anything_is_done(
    options: dict[str, Any], said: str, folder: Path, solver: FakeSolver
) -> None:
    with pytest.raises(CellModelError) as caught:
        run_study(parse(RATES), **options)
    assert said in str(caught.value), str(caught.value)
    assert solver.solved == []
    assert list(folder.iterdir()) == []


def test_scalars_of_other_libraries_are_what_they_are(folder: Path, solver: FakeSolver) -> None:
    found = run_study(parse(RATES), Path("results"), np.bool_(False), np.True_, time_limit=np.float32(60.0))
    assert found.attrs["time_limit"] == "60 s"
    assert isinstance(found, xr.Dataset)
