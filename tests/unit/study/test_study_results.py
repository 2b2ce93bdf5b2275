"""A study and its results folder: who may write it, what other versions mean, what is kept when it goes on."""

from __future__ import annotations

import json
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from test_study_running import RATES, FakeSolver, answered_by, parse
from zarr.storage import MemoryStore

from cellmodel.errors import ResultsError, StudyError
from cellmodel.execution import batches
from cellmodel.store import StudyLock, open_results
from cellmodel.store.layout import DIGEST, metadata_digest
from cellmodel.study import results, run_study, solving
from cellmodel.study.axes import union


@pytest.fixture
def solver(monkeypatch: pytest.MonkeyPatch) -> FakeSolver:
    fake = FakeSolver()
    monkeypatch.setattr(batches, "_solve", answered_by(fake))
    return fake


def rewrite(folder: Path, **attributes: object) -> None:
    """Change attributes of the stored study, as another version would have written them."""
    path = folder / "results" / "mine.zarr"
    root = json.loads((path / "zarr.json").read_text())
    group = {key: value for key, value in {**root["attributes"], **attributes}.items() if key != DIGEST}
    root["attributes"] = {**group, DIGEST: metadata_digest(group, root["consolidated_metadata"]["metadata"])}
    (path / "zarr.json").write_text(json.dumps(root))


def test_a_study_that_is_being_written_is_told_and_nothing_is_computed(folder: Path, solver: FakeSolver) -> None:
    (folder / "results").mkdir()
    lock = StudyLock(folder / "results" / "mine.zarr")
    with pytest.raises(ResultsError, match=r"mine\.zarr: lock: found a run of this study that is going on: process"):
        run_study(parse(RATES))
    assert solver.solved == []
    lock.release()
    run_study(parse(RATES))
    assert [file.name for file in (folder / "results").iterdir()] == ["mine.zarr"]


def test_a_study_lets_go_of_its_lock_however_it_ends(folder: Path, solver: FakeSolver) -> None:
    solver.fail_at = {1: KeyboardInterrupt()}
    with pytest.raises(KeyboardInterrupt):
        run_study(parse(RATES))
    run_study(parse(RATES))
    with pytest.raises(ResultsError, match="wanted 'SPM'"):
        run_study(parse(RATES.replace("[grid]", 'model = "SPM"\n[grid]')))
    StudyLock(folder / "results" / "mine.zarr").release()


def test_what_was_written_is_returned_as_opened(folder: Path, solver: FakeSolver) -> None:
    found = run_study(parse(RATES))
    assert found["voltage"].encoding["preferred_chunks"] == {"c_rate": 2, "sample": 4}
    assert found.load().identical(open_results("results/mine").load())


def test_other_libraries_only_warn_and_stay_recorded(folder: Path, solver: FakeSolver) -> None:
    run_study(parse(RATES))
    rewrite(folder, pybamm_version="26.1", numpy_version="1.0")
    with pytest.warns(UserWarning, match=r"begun with pybamm 26\.1 \(here 26\..*\), numpy 1\.0 \(here .*\)"):
        found = run_study(parse(RATES))
    assert len(solver.solved) == 2
    assert found.attrs["pybamm_version"] == "26.1"


def test_another_model_version_computes_again_and_says_so(folder: Path, solver: FakeSolver) -> None:
    first = run_study(parse(RATES)).load()
    rewrite(folder, model_version=1, pybamm_version="26.1")
    with pytest.warns(UserWarning, match="results of model version 1, this is .: all runs of this study are computed"):
        found = run_study(parse(RATES))
    assert found.attrs["model_version"] == first.attrs["model_version"]
    assert found.attrs["pybamm_version"] == first.attrs["pybamm_version"]
    assert found.attrs["created"] == first.attrs["created"]


def test_runs_that_another_model_version_gave_are_solved_again(
    folder: Path, solver: FakeSolver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The inputs are the same, what was computed from them is not: every run is new, none is kept as completed."""
    with monkeypatch.context() as older:
        older.setattr("cellmodel.prepared_run.MODEL_VERSION", 1)
        first = run_study(parse(RATES)).load()
    rewrite(folder, model_version=1)
    with pytest.warns(UserWarning, match="results of model version 1"):
        found = run_study(parse(RATES)).load()
    assert len(solver.solved) == 4
    assert set(found["run_digest"].values).isdisjoint(first["run_digest"].values)
    assert found["run_digest"].values.tolist() == [run.digest for run in solver.solved[2:]]


def test_a_finished_run_of_another_digest_is_not_taken_for_this_one(
    folder: Path, solver: FakeSolver, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_study(parse(RATES))
    monkeypatch.setattr("cellmodel.prepared_run.MODEL_VERSION", 10_000)
    rewrite(folder, study_digest="as another study wrote it")
    with pytest.raises(ResultsError, match="run_digest: found another digest"):
        run_study(parse(RATES))


@pytest.mark.parametrize("compiled", [True, False])
def test_compiled_or_not_stays_as_it_was_begun(folder: Path, solver: FakeSolver, compiled: bool) -> None:
    words = {True: "yes", False: "no"}
    found = run_study(replace(parse(RATES), compiled=compiled))
    assert found.attrs["compiled"] == words[compiled]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        run_study(replace(parse(RATES), compiled=compiled))
    with pytest.warns(UserWarning, match="was begun with(out)? compiled functions and goes on so"):
        found = run_study(replace(parse(RATES.replace('"C/2"', '"C/2", "1C"')), compiled=not compiled))
    assert found.attrs["compiled"] == words[compiled]
    assert [run.options.compiled for run in solver.solved] == [compiled] * 3


@pytest.mark.parametrize("inputs", [None, "[study", "a = 1"])
def test_unreadable_inputs_are_told(folder: Path, solver: FakeSolver, inputs: str | None) -> None:
    run_study(parse(RATES))
    rewrite(folder, inputs=inputs or "")
    with pytest.raises(ResultsError, match="inputs: found unreadable attribute"):
        run_study(parse(RATES))


def test_axes_of_thousands_of_values_are_joined_and_looked_up(folder: Path) -> None:
    generator = np.random.default_rng(0)
    values = generator.permutation(np.linspace(0.1, 0.9, 20_000))
    old = xr.Variable(("a",), values)
    assert union(xr.Variable(("a",), values * (1 + 1e-12)), old).values.tolist() == values.tolist()
    fewer = union(xr.Variable(("a",), [values[7] * (1 - 1e-12), 0.05]), old).values
    assert fewer.tolist() == [0.05, *np.sort(values)]


def test_places_forgive_rounding(folder: Path, solver: FakeSolver) -> None:
    study = parse(RATES)
    with results.open_store(study, [], None, False) as keeper:
        runs = study.expand()
        shifted = [replace(run, labels={"c_rate": run.labels["c_rate"] * (1 + 1e-12)}) for run in runs]
        assert results.places(keeper, shifted) == results.places(keeper, runs) == [(0,), (1,)]


def test_a_finished_study_is_not_looked_at_run_by_run(
    folder: Path, solver: FakeSolver, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = run_study(parse(RATES)).load()
    solved = len(solver.solved)
    with monkeypatch.context() as patched:
        patched.setattr(solving, "prepare_runs", None)  # would be called if there were anything to do
        xr.testing.assert_identical(run_study(parse(RATES)).load(), first)
    assert len(solver.solved) == solved
    assert run_study(parse(RATES.replace("C/2", "C/3"))).sizes["c_rate"] == 3
    assert len(solver.solved) == solved + 1


def test_finished_results_beyond_validity_are_refused_where_that_is_not_allowed(
    folder: Path, solver: FakeSolver
) -> None:
    cold = RATES.replace("80 degC", "-20 degC")
    run_study(parse(cold), extrapolate=True)
    run_study(parse(cold), extrapolate=True)
    with pytest.raises(StudyError, match="extrapolate = true"):
        run_study(parse(cold))


@pytest.mark.parametrize("kind", ["url", "store", "dictionary"])
def test_a_study_is_kept_in_other_stores_than_folders_and_goes_on_there(
    kind: str, folder: Path, solver: FakeSolver
) -> None:
    given: Any = {"url": f"memory://{folder.name}", "store": MemoryStore(), "dictionary": {}}[kind]
    kept = f"memory://{folder.name}/mine.zarr" if kind == "url" else given
    solver.fail_at = {2: KeyboardInterrupt()}
    with pytest.raises(KeyboardInterrupt):
        run_study(parse(RATES), given)
    assert open_results(kept)["status"].values.tolist() == [1, 0]
    found = run_study(parse(RATES.replace('"C/2"', '"C/2", "1C"')), given).load()
    assert found["status"].values.tolist() == [1, 1, 1]
    assert len(solver.solved) == 4  # the first run of the four was kept, the second tried again
    assert open_results(kept).load().identical(found)
    assert run_study(parse(RATES.replace('"C/2"', '"C/2", "1C"')), given).load().identical(found)
    assert len(solver.solved) == 4
    assert list(folder.iterdir()) == []
