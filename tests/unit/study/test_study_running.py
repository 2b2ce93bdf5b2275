"""Running studies: labelled, stored, resumed, and nothing that is finished is ever lost."""

from __future__ import annotations

import pkgutil
import tomllib
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from cellmodel.dataset import STATUS, Variables
from cellmodel.dataset.schema import PER_RUN, SAMPLED, flag_attributes
from cellmodel.errors import ParameterError, ResultsError, SolveError, StudyError
from cellmodel.execution import batches
from cellmodel.models import compiling
from cellmodel.simulation import PreparedRun
from cellmodel.study import Study, check_study, parse_study, run_study

HEAD = 'description = "d"\nprotocol = "discharge"\n'
ONE = HEAD + 'cells = ["li_peo_lfp"]\n'
RATES = ONE + 'temperature = "80 degC"\n[grid]\nc_rate = ["C/10", "C/2"]\n'


def parse(text: str, name: str = "mine") -> Study:
    return parse_study(tomllib.loads(text), f"{name}.toml")


class FakeSolver:
    """Stands in for `execute`: counts the runs and can be made to fail at one of them."""

    def __init__(self) -> None:
        self.solved: list[PreparedRun] = []
        self.fail_at: dict[int, BaseException] = {}

    def __call__(self, run: PreparedRun) -> xr.Dataset:
        self.solved.append(run)
        if len(self.solved) in self.fail_at:
            raise self.fail_at[len(self.solved)]
        rate = float(run.protocol.steps[0].value or 0.0)
        described = {"units": "1", "long_name": "something"}
        sampled = {name: (("sample",), rate + np.arange(4.0), described) for name in SAMPLED}
        numbers = dict.fromkeys(PER_RUN, ((), rate, described))
        flags = {name: ((), np.int8(1), flag_attributes(name, "a flag")) for name in ("status", "end_cause")}
        texts = {"message": ((), "completed", described), "run_digest": ((), run.digest, described)}
        return xr.Dataset({**sampled, **numbers, **flags, **texts})


def answered_by(execute: Callable[[PreparedRun], xr.Dataset]) -> Callable[..., Variables]:
    """Return what takes the place of the solver in this process."""

    def solve(_position: int, run: PreparedRun, _time_limit: float | None) -> Variables:
        try:
            dataset = execute(run)
        except Exception as error:
            return batches.unsolved_run(run.digest, f"{type(error).__name__}: {error}")
        return {str(name): (v.dims, v.values if v.ndim else v.item(), v.attrs) for name, v in dataset.variables.items()}

    return solve


@pytest.fixture
def solver(monkeypatch: pytest.MonkeyPatch) -> FakeSolver:
    fake = FakeSolver()
    monkeypatch.setattr(batches, "_solve", answered_by(fake))
    return fake


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            ONE + 'c_rate = 1\ntemperature = "-20 degC"',
            ("temperature: found 253.15 K in li_peo_lfp", "extrapolate = true"),
        ),
        (
            ONE + 'c_rate = 1\n[grid]\n"electrolyte.initial_concentration" = ["0.1 mol.L-1"]',
            ("initial concentration: found 100 mol.m-3", "extrapolate = true"),
        ),
        (ONE, ("c_rate: found nothing, wanted a C-rate or a current density",)),
        (
            ONE + 'c_rate = 1\n[grid]\n"electrolyte.cation_transference_number" = [0.2, 1.2]',
            ("electrolyte.cation_transference_number", "found 1.2"),
        ),
        (HEAD.replace('"discharge"', '"gitt"') + 'cells = ["li_peo_lfp"]\nc_rate = 1', ("no step is 'swept'",)),
    ],
)
def test_impossible_runs_are_told_before_anything_is_computed(
    text: str, said: tuple[str, ...], folder: Path, solver: FakeSolver
) -> None:
    with pytest.raises(StudyError) as caught:
        run_study(parse(text))
    assert all(words in str(caught.value) for words in said), str(caught.value)
    assert solver.solved == []
    assert list(folder.iterdir()) == []


def test_a_missing_compiler_is_told_before_anything_is_computed_or_written(
    folder: Path, solver: FakeSolver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compiling, "COMPILER", "no-such-compiler")
    with pytest.raises(ParameterError, match="compiled: found true without no-such-compiler"):
        run_study(parse(ONE + "c_rate = 1\ncompiled = true\n"))
    assert solver.solved == []
    assert list(folder.iterdir()) == []


CHECKS = ("prepared_run.resolve_cell", "prepared_run.resolve_protocol", "prepared_run.check_protocol")
CHECKS += ("study.checking.prepare_run", "parameters.parameter_set.Cell.outside_validity")


def test_a_run_is_prepared_once_on_its_way_from_the_study_to_the_solver(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = parse(ONE + "mesh = 'fast'\nmodel = 'SPM'\nextrapolate = true\n[grid]\nc_rate = [0.1, 0.2, 0.3]\n")
    calls = Counter[str]()
    for name in CHECKS:
        function = pkgutil.resolve_name(f"cellmodel.{name}".replace(".Cell", ":Cell"))

        def counted(*given: Any, name: str = name, function: Any = function, **named: Any) -> Any:
            calls[name] += 1
            return function(*given, **named)

        monkeypatch.setattr(f"cellmodel.{name}", counted)
    run_study(study, workers=1)
    assert calls == dict.fromkeys(CHECKS, 3 + 1)  # the one more tells which model to build ahead
    run_study(study.replace(mesh="default"), results=None, workers=2)
    assert calls == dict.fromkeys(CHECKS, 2 * (3 + 1))


def test_extrapolation_is_allowed_when_asked_and_recorded(solver: FakeSolver) -> None:
    cold = ONE + 'c_rate = 1\ntemperature = "-20 degC"\n'
    assert len(check_study(parse(cold + "extrapolate = true\n"))) == 1
    assert len(check_study(parse(cold), extrapolate=True)) == 1
    dataset = run_study(parse(cold), results=None, extrapolate=True)
    assert "temperature 253.15 K" in dataset.attrs["extrapolated"]


def test_the_dataset_is_labelled_and_stored(folder: Path, solver: FakeSolver) -> None:
    calls: list[tuple[int, int]] = []
    dataset = run_study(parse(RATES), progress=lambda done, total: calls.append((done, total)))
    assert calls == [(0, 2), (1, 2), (2, 2)]
    assert dataset["voltage"].dims == ("c_rate", "sample")
    assert dataset["c_rate"].attrs["units"] == "1"
    stored = xr.open_zarr(folder / "results" / "mine.zarr", chunks=None).load()
    assert stored["voltage"].sel(c_rate=0.5).values.tolist() == [0.5, 1.5, 2.5, 3.5]
    for key in ("inputs", "inputs_digest", "created", "pybamm_version", "model_version"):
        assert stored.attrs[key]
    assert all(isinstance(value, str | int | float) for value in stored.attrs.values())
    inputs = tomllib.loads(stored.attrs["inputs"])
    assert inputs["study"]["axes"] == ["c_rate"]
    assert inputs["cells"]["li_peo_lfp"]["values"]["cell.separator.thickness"]["unit"] == "m"


def test_finished_runs_are_not_computed_again_and_new_values_are_added(folder: Path, solver: FakeSolver) -> None:
    run_study(parse(RATES))
    run_study(parse(RATES))
    assert len(solver.solved) == 2
    more = run_study(parse(RATES.replace('"C/2"', '"C/5", "C/2", "1C"')))
    assert len(solver.solved) == 4
    assert more["c_rate"].values.tolist() == [0.1, 0.2, 0.5, 1.0]
    other = run_study(parse(RATES.replace('"C/10", "C/2"', '"2C"')))
    assert len(solver.solved) == 5
    assert other["c_rate"].values.tolist() == [0.1, 0.2, 0.5, 1.0, 2.0]
    assert (other["status"] == STATUS["completed"]).all()
    stored = xr.open_zarr(folder / "results" / "mine.zarr", chunks=None)
    assert stored["capacity"].values.tolist() == [0.1, 0.2, 0.5, 1.0, 2.0]


def test_cells_can_be_added(folder: Path, solver: FakeSolver) -> None:
    case = '[[case]]\nlabel = "{0}"\ncell = "{1}"\n'
    head = HEAD + "c_rate = 1\n"
    run_study(parse(head + case.format("peo", "li_peo_lfp")))
    both = run_study(parse(head + case.format("ion", "li_single_ion_lfp") + case.format("peo", "li_peo_lfp")))
    assert len(solver.solved) == 2
    assert both["case"].values.tolist() == ["ion", "peo"]
    again = run_study(parse(head + case.format("peo", "li_peo_lfp")))
    assert len(solver.solved) == 2
    assert again["case"].values.tolist() == ["peo", "ion"]
    assert again["status"].values.tolist() == [1, 1]
    assert xr.open_zarr(folder / "results" / "mine.zarr", chunks=None)["status"].sel(case="ion") == 1


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (RATES.replace("80 degC", "70 degC"), "study.temperature: found 353.15, wanted 343.15"),
        (RATES.replace("[grid]", 'model = "SPM"\n[grid]'), "study.model: found 'DFN', wanted 'SPM'"),
        (
            RATES + '[set]\n"cell.separator.thickness" = "30 um"',
            "cell.separator.thickness.value: found 2e-05, wanted 3e-05",
        ),
        (RATES + '"cell.separator.thickness" = ["30 um"]', "study.axes: found ['c_rate']"),
    ],
)
def test_other_fixed_inputs_are_refused_and_named_unless_overwritten(
    changed: str, said: str, folder: Path, solver: FakeSolver
) -> None:
    run_study(parse(RATES))
    with pytest.raises(ResultsError) as caught:
        run_study(parse(changed))
    assert said in str(caught.value), str(caught.value)
    assert len(solver.solved) == 2
    assert xr.open_zarr(folder / "results" / "mine.zarr", chunks=None)["status"].values.tolist() == [1, 1]
    run_study(parse(changed), overwrite=True)
    assert len(solver.solved) == 4


@pytest.mark.parametrize("failing", [1, 2])
def test_a_run_that_fails_does_not_take_its_neighbours(folder: Path, solver: FakeSolver, failing: int) -> None:
    solver.fail_at = {failing: SolveError("the solver gave up at 12 s")}
    dataset = run_study(parse(RATES))
    wanted = [1, 1]
    wanted[failing - 1] = STATUS["failed"]
    assert dataset["status"].values.tolist() == wanted
    assert dataset["message"].values[failing - 1] == "SolveError: the solver gave up at 12 s"
    assert np.isnan(dataset["voltage"].values[failing - 1]).all()
    stored = xr.open_zarr(folder / "results" / "mine.zarr", chunks=None)
    assert stored["status"].values.tolist() == wanted
    solver.fail_at = {}
    assert run_study(parse(RATES))["status"].values.tolist() == [1, 1]
    assert len(solver.solved) == 3


def test_a_study_whose_every_run_fails_still_says_why(folder: Path, solver: FakeSolver) -> None:
    solver.fail_at = {1: ValueError("no"), 2: SolveError("neither")}
    run_study(parse(RATES))
    stored = xr.open_zarr(folder / "results" / "mine.zarr", chunks=None)
    assert stored["message"].values.tolist() == ["ValueError: no", "SolveError: neither"]
    assert stored["areal_capacity"].attrs["units"] == "mA.h.cm-2"


def test_ctrl_c_keeps_what_is_finished(folder: Path, solver: FakeSolver) -> None:
    solver.fail_at = {2: KeyboardInterrupt()}
    with pytest.raises(KeyboardInterrupt):
        run_study(parse(RATES))
    stored = xr.open_zarr(folder / "results" / "mine.zarr", chunks=None)
    assert stored["status"].values.tolist() == [1, 0]
    assert stored["capacity"].values[0] == 0.1
    solver.fail_at = {}
    assert run_study(parse(RATES))["status"].values.tolist() == [1, 1]
    assert len(solver.solved) == 3


def test_an_unwritable_folder_is_told_before_anything_is_computed(folder: Path, solver: FakeSolver) -> None:
    (folder / "results").write_text("in the way")
    with pytest.raises(ResultsError, match="wanted a folder that can be written"):
        run_study(parse(RATES))
    assert solver.solved == []


def test_node_positions_follow_the_swept_thickness(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def execute(run: PreparedRun) -> xr.Dataset:
        nodes = np.linspace(0.0, 1.0, 3) * run.parameters["cell.separator.thickness"]
        described: dict[str, Any] = {"units": "m", "long_name": "position"}
        return FakeSolver()(run).assign_coords(x=(("x_node",), nodes, described))

    monkeypatch.setattr(batches, "_solve", answered_by(execute))
    text = RATES + '"cell.separator.thickness" = ["10 um", "20 um"]\n'
    x = run_study(parse(text))["x"]
    assert x.dims == ("separator_thickness", "x_node")
    assert x.values[:, -1] == pytest.approx([1e-5, 2e-5])
