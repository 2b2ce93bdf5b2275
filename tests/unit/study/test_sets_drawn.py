"""Which set of a material holds is drawn like a number: by its weight, on a dimension of its own, and stored."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from sets_library import NAME, WEIGHTS
from test_study_running import FakeSolver, answered_by

from cellmodel import simulation
from cellmodel.analysis import sobol_indices
from cellmodel.errors import ResultsError, StudyError
from cellmodel.execution import batches
from cellmodel.parameters import load_cell
from cellmodel.parameters.distributions import Distribution
from cellmodel.study import Study, check_study, parse_study, run_study
from cellmodel.study.sampling import Sample

ELECTROLYTE = "electrolyte"
D, LINE = "electrolyte.salt_diffusivity.value", "electrolyte.cation_transference_number.constant"
CONSTANT = "electrolyte.cation_transference_number.value"
pytestmark = pytest.mark.usefixtures("sets_library")


def study(sample: str = "size = 64", more: str = "", electrolyte: str = NAME, top: str = "") -> Study:
    """Return a study of one cell with the electrolyte of three sets."""
    text = f'description = "d"\nprotocol = "discharge"\nc_rate = 1\nmesh = "fast"\n{top}\n'
    text += f"sample = {{ {sample}, seed = 7 }}\n"
    text += f'[[case]]\ncell = "li_peo_lfp"\nlabel = "one"\nelectrolyte = "{electrolyte}"\n{more}'
    return parse_study(tomllib.loads(text), "mine.toml")


@pytest.fixture
def solver(monkeypatch: pytest.MonkeyPatch) -> FakeSolver:
    fake = FakeSolver()
    monkeypatch.setattr(batches, "_solve", answered_by(fake))
    return fake


def test_each_set_holds_as_often_as_its_weight_says() -> None:
    sets = study().draws[0].sets[ELECTROLYTE]
    for name, weight in WEIGHTS.items():  # a Sobol sequence has one point in every 64th part
        assert np.mean(sets == name) == pytest.approx(weight, abs=1 / 64)


def test_a_draw_is_the_cell_of_its_set_with_the_numbers_of_that_set() -> None:
    made = study()
    (draws,), points = made.draws, made.sample.points(64)
    assert made.sample.dimensions[-1] == "electrolyte_set"
    spreads = {
        "base": Distribution("lognormal", 7e-12, (2.0,), "m2.s-1"),
        "fast": Distribution("lognormal", 2e-11, (1.5,), "m2.s-1"),
        "slow": Distribution("lognormal", 2e-12, (1.5,), "m2.s-1"),
    }
    column = made.sample.paths.index(D)
    for number, run in enumerate(made.expand()[:16]):
        name = draws.sets[ELECTROLYTE][number]
        assert draws.values[number, column] == pytest.approx(spreads[name].quantile(points[number, column]), rel=1e-9)
        alone = load_cell("li_peo_lfp", electrolyte=f"{NAME}:{name}").replace(dict(run.swept))
        assert run.parameters.digest == alone.digest
        assert run.parameters.structure == alone.structure


def test_a_number_that_the_set_has_not_is_not_used() -> None:
    made = study()
    (draws,) = made.draws
    fast = draws.sets[ELECTROLYTE] == "fast"
    for path, there in ((LINE, fast), (CONSTANT, ~fast)):
        np.testing.assert_array_equal(np.isfinite(draws.values[:, made.sample.paths.index(path)]), there)
    for number, run in enumerate(made.expand()):
        assert (LINE in run.swept) == (LINE in run.parameters.entries) == bool(fast[number])


def test_designs_exchange_the_set_as_one_more_number() -> None:
    saltelli = study(f'size = 20, method = "saltelli", of = ["{D}", "interface.areal_resistance"]')
    assert saltelli.sample.block == 5
    assert saltelli.draws[0].sets[ELECTROLYTE].shape == (20,)
    with pytest.raises(StudyError, match=r"sample.size: found 16, wanted a multiple of 5, two more than the 2 numbers"):
        study(f'size = 16, method = "saltelli", of = ["{D}", "interface.areal_resistance"]')
    grouped = study('size = 64, method = "grouped_saltelli"').sample
    assert "electrolyte_set" in grouped.group
    block = grouped.points(64).reshape(16, 4, -1)[..., grouped.dimensions.index("electrolyte_set")]
    np.testing.assert_array_equal(block[:, 0], block[:, 1])  # the first with the rest of the last
    np.testing.assert_array_equal(block[:, 2], block[:, 3])
    assert (block[:, 0] != block[:, 3]).all()


def test_a_cell_that_names_its_set_fixes_it() -> None:
    fixed = study(electrolyte=f"{NAME}:base")
    assert fixed.sample.sets == ()
    assert fixed.cases[0].set_distributions == {}
    assert {run.parameters.materials[ELECTROLYTE] for run in fixed.expand()} == {f"{NAME}:base"}


def test_a_stated_distribution_holds_in_every_set_that_has_the_number() -> None:
    more = (
        f'[distributions]\n"{D}" = {{ distribution = "uniform", minimum = "1e-11 m2.s-1", maximum = "2e-11 m2.s-1" }}\n'
    )
    (draws,) = study(more=more).draws
    assert 1e-11 < draws.values.min() < draws.values.max() < 2e-11
    assert set(draws.sets[ELECTROLYTE]) == set(WEIGHTS)


def test_a_number_that_is_set_is_drawn_in_no_set() -> None:
    made = study(more=f'set = {{ "{D}" = "5e-12 m2.s-1" }}\n')
    assert D not in made.sample.paths
    assert {run.parameters[D] for run in made.expand()} == {5e-12}
    assert made.fixed_inputs()["cells"]["one"]["values"][D]["value"] == 5e-12


@pytest.mark.parametrize(
    ("more", "top", "said"),
    [
        (f'set = {{ "{CONSTANT}" = 0.3 }}\n', "", r"cation_transference_number.value.*the set 'fast' has not"),
        (f'[grid]\n"{CONSTANT}" = [0.1, 0.2]\n', "", r"where '.*number.value' is swept and fast has no such number"),
    ],
)
def test_what_only_some_sets_have_cannot_be_set_or_swept(more: str, top: str, said: str) -> None:
    with pytest.raises(StudyError, match=said):
        study(more=more, top=top)


def test_what_is_set_afterwards_must_be_a_number_of_every_set() -> None:
    made = study(f'size = 8, of = ["{D}"]')
    assert (
        made.replace(set={"electrolyte.ionic_conductivity": 0.2}).draws[0].cells[0]["electrolyte.ionic_conductivity"]
        == 0.2
    )
    with pytest.raises(StudyError, match="the set 'fast' has not"):
        made.replace(set={CONSTANT: 0.3})


def test_a_sample_made_in_python_names_the_sets_it_draws() -> None:
    import dataclasses

    made = study(f'size = 8, of = ["{D}"]')
    for changes, said in (
        ({"sample": Sample(8, "sobol", 7, (D,))}, "sets of the electrolyte, which nothing draws"),
        ({"cases": (dataclasses.replace(made.cases[0], set_distributions={ELECTROLYTE: {"base": {}}}),)}, "base, fast"),
    ):
        with pytest.raises(StudyError, match=said):
            dataclasses.replace(made, **changes)


def test_the_dataset_says_which_set_held(folder: Path, solver: FakeSolver) -> None:
    made = study("size = 8")
    dataset = run_study(made).load()
    assert dataset["electrolyte_set"].dims == ("case", "draw")
    held = dataset["electrolyte_set"].sel(case="one").values
    assert held.tolist() == made.draws[0].sets[ELECTROLYTE].tolist()
    assert [run.parameters.materials[ELECTROLYTE] for run in solver.solved] == [f"{NAME}:{name}" for name in held]
    told = tomllib.loads(dataset.attrs["inputs"])
    assert told["study"]["sample"]["sets"] == [ELECTROLYTE]
    assert {name: one["weight"] for name, one in told["cells"]["one"]["sets"][ELECTROLYTE].items()} == WEIGHTS
    larger = run_study(study("size = 16"))
    assert len(solver.solved) == 16
    assert larger["electrolyte_set"].sel(case="one").values[:8].tolist() == held.tolist()
    assert check_study(study("size = 16"))


def test_other_weights_or_numbers_of_a_set_are_other_inputs(
    folder: Path, solver: FakeSolver, sets_library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_study(study("size = 8"))
    path = sets_library / "parameters" / "electrolytes" / f"{NAME}.toml"
    text = path.read_text(encoding="utf-8")
    try:
        for before, after, said in (
            (
                "fast = 0.3, slow = 0.2",
                "fast = 0.4, slow = 0.1",
                r"sets\.electrolyte\.fast\.weight: found 0.3, wanted 0.4",
            ),
            ("value = 1.3\n", "value = 1.4\n", r"sets\.electrolyte\.fast\.values\.electrolyte\.density"),
        ):
            path.write_text(text.replace(before, after, 1), encoding="utf-8")
            with pytest.raises(ResultsError, match=said):
                run_study(study("size = 8"))
    finally:
        path.write_text(text, encoding="utf-8")


def test_a_cell_without_sets_stands_beside_one_with_them(folder: Path, solver: FakeSolver) -> None:
    more = '[[case]]\ncell = "li_peo_nmc"\nlabel = "other"\nelectrolyte = "many_sets:slow"\n'
    made = study('size = 8, of = ["interface.areal_resistance"]', more)
    dataset = run_study(made)
    assert set(dataset["electrolyte_set"].sel(case="other").values) == {""}
    assert "" not in dataset["electrolyte_set"].sel(case="one").values


def test_one_model_is_built_for_each_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sets with the same forms share one; each draw gives what its own cell gives alone."""
    simulation.clear_models()
    built: list[Any] = []
    original = simulation.build_model
    monkeypatch.setattr(simulation, "build_model", lambda *words: built.append(words) or original(*words))
    made = study(f'size = 8, of = ["{D}"]', top="extrapolate = true")
    dataset = run_study(made, results=None)
    assert set(made.draws[0].sets[ELECTROLYTE]) == set(WEIGHTS)
    assert len(built) == 2
    run = next(run for run in made.expand() if run.parameters.materials[ELECTROLYTE] == f"{NAME}:fast")
    alone = simulation.simulate(
        load_cell("li_peo_lfp", electrolyte=f"{NAME}:fast"),
        "discharge",
        c_rate=1,
        mesh="fast",
        overrides=dict(run.swept),
    )
    found = dataset.isel(case=0, draw=int(run.labels["draw"]))
    assert float(found["capacity"]) == pytest.approx(float(alone["capacity"]), rel=1e-3)
    simulation.clear_models()


@pytest.mark.parametrize("method", ["sobol", "random", "saltelli"])
def test_the_share_of_the_choice_between_sets_is_that_of_their_means(method: str) -> None:
    """Y = mean of the set + z in one set, with z drawn elsewhere from another distribution and without effect."""
    rng, size = np.random.default_rng(3), 1280
    points = Sample(size, method, 3, ("a", "b"), sets=(ELECTROLYTE,)).points(size)
    names = np.array(list(WEIGHTS), dtype=object)[np.searchsorted([0.5, 0.8], points[:, 2], side="right")]
    z = Distribution("normal", 0.0, (1.0,), "1").quantile(points[:, 0])
    here = names == "base"
    y = np.select([here, names == "fast"], [z, 2.0], 4.0) + 0.1 * rng.standard_normal(size)
    only_in_base = np.where(here, z, np.nan)
    shifted = Distribution("normal", 0.0, (1.0,), "1").quantile(points[:, 1]) + 100.0 * here  # of each set its own
    mean = 0.3 * 2.0 + 0.2 * 4.0
    between = 0.5 * mean**2 + 0.3 * (2.0 - mean) ** 2 + 0.2 * (4.0 - mean) ** 2
    total = between + 0.5 + 0.01
    dataset = xr.Dataset({"status": ("draw", np.ones(size, dtype=np.int8)), "capacity": ("draw", y)})
    dataset["capacity"].attrs["units"] = "A.h"
    coordinates = {
        "electrolyte_set": ("draw", names, {"units": "1", "path": "electrolyte_set"}),
        "a": ("draw", only_in_base, {"units": "1", "path": "cell.a"}),
        "b": ("draw", shifted, {"units": "1", "path": "cell.b"}),
    }
    dataset = dataset.assign_attrs(inputs=f'[study]\nsample = {{ method = "{method}" }}\n')
    found = sobol_indices(dataset.assign_coords(coordinates).assign_coords(draw=np.arange(size)), "capacity")
    expected = {"a": 0.25 / total, "b": 0.0, "electrolyte_set": between / total}
    assert found["parameter"].values.tolist() == ["a", "b", "electrolyte_set"]
    for name, share in expected.items():
        one = found.sel(parameter=name)
        assert abs(float(one["first_order"]) - share) < 2.0 * max(float(one["first_order_confidence"]), 0.01)
