"""Draws of uncertain numbers: their distributions, that they come again, and what a study is refused for."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from scipy import stats
from test_study_running import FakeSolver, answered_by

from cellmodel import simulation
from cellmodel.errors import ResultsError, StudyError
from cellmodel.execution import batches
from cellmodel.parameters import ParameterSet, list_cells, load_cell
from cellmodel.parameters.distributions import Distribution, declared_distributions
from cellmodel.study import Study, check_study, parse_study, run_study
from cellmodel.study.axes import geometry_dimensions
from cellmodel.study.sampling import METHODS, Sample

ONE = 'description = "d"\nprotocol = "discharge"\ncells = ["li_peo_lfp"]\nc_rate = 1\n'
SAMPLE = 'sample = {{ size = {size}, method = "{method}", seed = 7, of = [{of}] }}\n'
THICKNESS = '[distributions]\n"cell.separator.thickness" = { distribution = "normal", mean = "20 um"'
pytestmark = pytest.mark.usefixtures("one_set")
PREFACTOR, DIFFUSIVITY = "electrolyte.ionic_conductivity.prefactor", "electrolyte.salt_diffusivity.scale"


def parse(text: str) -> Study:
    return parse_study(tomllib.loads(text), "mine.toml")


def sampled(size: int = 8, method: str = "sobol", of: tuple[str, ...] = (PREFACTOR, DIFFUSIVITY)) -> str:
    return ONE + SAMPLE.format(size=size, method=method, of=", ".join(f'"{path}"' for path in of))


@pytest.fixture
def solver(monkeypatch: pytest.MonkeyPatch) -> FakeSolver:
    fake = FakeSolver()
    monkeypatch.setattr(batches, "_solve", answered_by(fake))
    return fake


@pytest.mark.parametrize(
    ("distribution", "reference"),
    [
        (Distribution("normal", 0.2, (0.1,), "1"), stats.norm(0.2, 0.1)),
        (Distribution("normal", 0.9, (0.1,), "1", (-20.0, 1.0)), stats.truncnorm(-209.0, 1.0, 0.9, 0.1)),
        (Distribution("lognormal", 5.0, (2.0,), "S.m-1"), stats.lognorm(np.log(2.0), scale=5.0)),
        (Distribution("uniform", 1.5, (0.5, 2.5), "1"), stats.uniform(0.5, 2.0)),
        (Distribution("uniform", 0.9, (0.6, 1.2), "1", (1e-3, 1.0)), stats.uniform(0.6, 0.4)),
    ],
)
def test_quantiles_and_moments_are_those_of_the_distribution(distribution: Distribution, reference: Any) -> None:
    p = np.linspace(0.001, 0.999, 401)
    np.testing.assert_allclose(distribution.quantile(p), reference.ppf(p), rtol=1e-9)
    # the mean of quantiles at n midpoints: the trapezoidal error of the tails is below 1 % of a standard deviation
    drawn = distribution.quantile((np.arange(4096) + 0.5) / 4096)
    assert drawn.mean() == pytest.approx(reference.mean(), abs=0.01 * reference.std())
    assert drawn.std() == pytest.approx(reference.std(), rel=0.02)


def test_no_draw_is_infinite_or_leaves_the_bounds() -> None:
    ends = np.array([0.0, 1.0])
    assert np.isfinite(Distribution("lognormal", 1.0, (2.0,), "1").quantile(ends)).all()
    assert Distribution("normal", 0.9, (0.3,), "1", (0.001, 1.0)).quantile(ends) == pytest.approx([0.001, 1.0])


def test_every_declared_uncertainty_has_a_distribution() -> None:
    found = declared_distributions(load_cell("li_peo_lfp"))
    assert found["cell.positive_electrode.bruggeman_exponent"].spread == (0.5, 2.5)
    assert found[DIFFUSIVITY] == Distribution("lognormal", 1.0, (1.6,), "1", (-1e6, 1e6))
    assert found["electrolyte.cation_transference_number.value"].bounds == (-20.0, 1.0)
    assert "cell.separator.thickness" not in found


@pytest.mark.parametrize("method", METHODS)
def test_the_same_seed_gives_the_same_draws_and_another_seed_others(method: str) -> None:
    first, again, other = (Sample(50, method, seed, ("a", "b", "c")).points(50) for seed in (7, 7, 8))
    assert first.shape == (50, 3)
    np.testing.assert_array_equal(first, again)
    assert abs(first - other).min() > 0


@pytest.mark.parametrize("method", ["sobol", "random"])
def test_a_larger_sample_begins_with_the_smaller_one(method: str) -> None:
    sample = Sample(1000, method, 7, ("a", "b", "c"))
    np.testing.assert_array_equal(sample.points(1000), sample.points(2000)[:1000])


def test_a_latin_hypercube_has_one_point_in_every_layer() -> None:
    points = Sample(37, "latin", 1, ("a", "b")).points(37)
    for column in points.T:
        assert sorted((column * 37).astype(int).tolist()) == list(range(37))


def test_a_saltelli_block_changes_one_coordinate_at_a_time_to_the_last_point() -> None:
    blocks = Sample(40, "saltelli", 7, ("a", "b", "c")).points(40).reshape(8, 5, 3)
    for first, *between, last in blocks:
        for coordinate, point in enumerate(between):
            wanted = first.copy()
            wanted[coordinate] = last[coordinate]
            np.testing.assert_array_equal(point, wanted)
    assert np.unique(blocks[:, [0, -1]]).size == 8 * 2 * 3
    np.testing.assert_array_equal(Sample(20, "saltelli", 7, ("a", "b", "c")).points(20), blocks.reshape(40, 3)[:20])


def test_a_sobol_sequence_averages_better_than_random_points() -> None:
    """The mean of a product over 1000 points, which is no power of two, is four times closer."""
    errors = {}
    for method in ("sobol", "random"):
        means = [np.prod(Sample(1000, method, s, ("a", "b")).points(1000) * 2, axis=1).mean() for s in range(20)]
        errors[method] = float(np.sqrt(np.mean((np.array(means) - 1.0) ** 2)))
    assert errors["sobol"] < errors["random"] / 4


def test_runs_carry_the_drawn_numbers_and_one_model_serves_them() -> None:
    study = parse(sampled(4).replace("c_rate = 1\n", "") + '[grid]\nc_rate = ["C/10", "C/2"]\n')
    runs = study.expand()
    assert [run.labels for run in runs[:2]] == [{"c_rate": 0.1, "draw": 0}, {"c_rate": 0.1, "draw": 1}]
    assert len(runs) == study.number_of_runs == 8
    assert study.swept_paths == (PREFACTOR, DIFFUSIVITY)
    for run in runs:
        assert run.parameters[PREFACTOR] == run.swept[PREFACTOR]
        assert run.parameters.digest == run.case.parameters.replace(run.swept).digest
    assert runs[0].swept == runs[4].swept
    assert str(runs[5]) == "c_rate 0.5, draw 1"


def test_sample_alone_draws_all_declared_uncertainties_but_what_is_set_or_swept() -> None:
    text = ONE + "sample = { size = 2 }\n"
    everything = parse(text).sample
    assert everything is not None
    assert set(everything.paths) == set(declared_distributions(load_cell("li_peo_lfp")))
    fewer = parse(text + f'[set]\n"{PREFACTOR}" = "7 S.m-1"\n[grid]\n"{DIFFUSIVITY}" = [1.0, 2.0]\n').sample
    assert fewer is not None
    assert set(everything.paths) - set(fewer.paths) == {PREFACTOR, DIFFUSIVITY}


def test_what_is_drawn_cannot_be_set_afterwards() -> None:
    study = parse(sampled(of=("electrolyte.cation_transference_number",)))
    with pytest.raises(StudyError, match="found a value for a swept quantity"):
        study.replace(set={"electrolyte.cation_transference_number": 0.3})


def test_stated_distributions_are_read_in_their_units() -> None:
    study = parse(
        ONE + f'sample = {{ size = 2, of = ["{PREFACTOR}"] }}\n[distributions]\n'
        '"cell.separator.thickness" = { distribution = "normal", mean = "20 um", standard_deviation = "2 um" }\n'
        '"electrode.reference_temperature" = '
        '{ distribution = "normal", mean = "25 degC", standard_deviation = "2 degC" }\n'
        '"cell.area" = { distribution = "log-normal", median = "1 cm2", factor = 1.1 }\n'
        '"electrolyte.cation_transference_number" = { distribution = "uniform", minimum = 0.1, maximum = 0.3 }\n'
    )
    found = study.cases[0].distributions
    assert set(found) == {
        PREFACTOR,
        "cell.separator.thickness",
        "cell.area",
        "electrode.reference_temperature",
        "electrolyte.cation_transference_number.value",
    }
    thickness, temperature = found["cell.separator.thickness"], found["electrode.reference_temperature"]
    assert (thickness.centre, *thickness.spread) == pytest.approx((20e-6, 2e-6))
    assert (temperature.centre, *temperature.spread) == pytest.approx((298.15, 2.0))
    assert (found["cell.area"].centre, *found["cell.area"].spread) == pytest.approx((1e-4, 1.1))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (ONE + "sample = { size = 0 }", ("sample.size: found 0", "at least one draw")),
        (ONE + "sample = { size = 2.5 }", ("sample.size: found 2.5", "a whole number")),
        (ONE + "sample = { }", ("sample.size: found nothing",)),
        (ONE + "sample = { size = 2, seed = -1 }", ("sample.seed: found -1",)),
        (ONE + "sample = { size = 2, sede = 1 }", ("sample.sede: found an unknown key", "did you mean seed")),
        (ONE + 'sample = { size = 2, method = "sobl" }', ("sample.method: found 'sobl'", "did you mean sobol")),
        (sampled(9, "saltelli"), ("sample.size: found 9", "a multiple of 4", "such as 8")),
        (sampled(of=("electrolyte.salt_difusivity.scale",)), ("sample.of: found", "no parameter", DIFFUSIVITY)),
        (sampled(of=("electrolyte.ionic_conductivity",)), ("a function of li_peo_lfp", "one of its coefficients")),
        (sampled(of=("cell.separator.thickness",)), ("no uncertainty in li_peo_lfp", "[distributions]")),
        (ONE + "sample = { size = 2, of = [] }", ("sample.of: found []", "at least one number")),
        (
            sampled() + f'[grid]\n"{PREFACTOR}" = ["7 S.m-1"]',
            (f"sample.of: found '{PREFACTOR}', which the grid sweeps",),
        ),
        (ONE + THICKNESS + ', standard_deviation = "2 um" }', ("`sample = { size = ... }` as well",)),
        (
            ONE + "sample = { size = 2 }\n" + THICKNESS + ', standard_deviation = "-2 um" }',
            ("distributions.cell.separator.thickness: found a standard deviation of -2e-06, which is not above 0",),
        ),
        (ONE + "sample = { size = 2 }\n" + THICKNESS + ', standard_deviation = "0 um" }', ("not above 0",)),
        (ONE + "sample = { size = 2 }\n" + THICKNESS + ", standard_deviation = 2 }", ("found 2 without a unit",)),
        (ONE + "sample = { size = 2 }\n" + THICKNESS + " }", ("standard_deviation: found nothing",)),
        (ONE + "sample = { size = 2 }\n" + THICKNESS + ", factor = 2 }", ("factor: found an unknown key",)),
        (
            ONE + "sample = { size = 2 }\n" + THICKNESS.replace("normal", "gauss") + " }",
            ("distribution: found 'gauss'", "one of log-normal, normal, uniform"),
        ),
        (
            ONE + "sample = { size = 2 }\n" + THICKNESS.replace("thickness", "thicknes") + " }",
            ("no parameter of li_peo_lfp", "cell.separator.thickness"),
        ),
        (
            ONE + "sample = { size = 2 }\n" + THICKNESS.replace("20 um", "2 cm") + ', standard_deviation = "1 mm" }',
            ("lies outside 1e-09 to 0.01 m",),
        ),
        (
            ONE + 'sample = { size = 2 }\n[distributions]\n"cell.area" = '
            '{ distribution = "log-normal", median = "1 cm2", factor = 1 }',
            ("a factor of 1, which is not above 1",),
        ),
        (
            ONE + 'sample = { size = 2 }\n[distributions]\n"cell.area" = '
            '{ distribution = "uniform", minimum = "1 cm2", maximum = "1 cm2" }',
            ("that is not below the maximum",),
        ),
        (
            ONE + 'sample = { size = 2 }\n[set]\n"cell.area" = "1 cm2"\n[distributions]\n"cell.area" = '
            '{ distribution = "log-normal", median = "1 cm2", factor = 2 }',
            ("distributions.cell.area: found a value at [set] too",),
        ),
        (
            ONE.replace('"]', '", "li_single_ion_lfp"]') + "sample = { size = 2 }",
            ("uncertain in only one of li_peo_lfp and li_single_ion_lfp",),
        ),
        (
            ONE.replace("peo_lfp", "peo_tis2_doyle1993") + 'sample = { size = 2 }\n[grid]\n"cell.area" = []',
            ("grid.cell.area: found []", "at least one value"),
        ),
    ],
)
def test_bad_samples_are_refused_with_key_found_and_wanted(text: str, said: tuple[str, ...]) -> None:
    with pytest.raises(StudyError) as caught:
        parse(text)
    assert all(words in str(caught.value) for words in said), str(caught.value)


@pytest.mark.parametrize(
    "cell", [name for name in list_cells("lithium_metal") if declared_distributions(load_cell(name))]
)
def test_every_shipped_cell_can_be_drawn_with_all_its_uncertainties(cell: str) -> None:
    study = parse(ONE.replace("li_peo_lfp", cell) + "extrapolate = true\nsample = { size = 16 }\n")
    assert len(check_study(study)) == 16


def impossible(method: str, high: float) -> str:
    """Return a study whose active material and electrolyte have no room for each other in some draws."""
    return (
        ONE + f'sample = {{ size = 16, method = "{method}" }}\n[distributions]\n'
        '"cell.positive_electrode.active_material_volume_fraction" = '
        f'{{ distribution = "uniform", minimum = 0.4, maximum = {high} }}\n'
    )


@pytest.mark.parametrize("method", ["sobol", "random"])
def test_a_draw_that_makes_no_cell_is_drawn_again(method: str) -> None:
    """Beyond a fraction of 1 - 0.517 there is no room: a third of the draws are such."""
    study = parse(impossible(method, 0.525))
    assert study.sample is not None
    drawn = study.draws[0].values[:, 0]
    every = 0.4 + 0.125 * study.sample.points(64)[:, 0]
    np.testing.assert_allclose(drawn, every[every <= 0.483][:16])


def test_too_many_draws_that_make_no_cell_are_refused() -> None:
    with pytest.raises(StudyError, match=r"draws are infeasible \(the first: .*sum to.*narrower"):
        parse(impossible("sobol", 0.9)).expand()
    for method in ("latin", "saltelli"):
        with pytest.raises(StudyError, match="or the method sobol or random"):
            parse(impossible(method, 0.525).replace("size = 16", "size = 15")).expand()


def test_draws_outside_validity_are_told_once_with_their_number() -> None:
    study = parse(
        ONE + "sample = { size = 64 }\n[distributions]\n"
        '"electrolyte.initial_concentration" = '
        '{ distribution = "uniform", minimum = "2 mol.L-1", maximum = "4 mol.L-1" }\n'
    )
    with pytest.raises(StudyError) as caught:
        check_study(study)
    assert len(caught.value.problems) == 10
    assert "more like it)" in caught.value.problems[-1].found
    assert len(check_study(study, extrapolate=True)) == 64


def test_more_than_a_million_runs_have_to_be_confirmed(monkeypatch: pytest.MonkeyPatch) -> None:
    study = parse(sampled(1_000_001))
    with pytest.raises(StudyError, match=r"runs: found 1,000,001, wanted at most 1,000,000.*--yes"):
        check_study(study)
    monkeypatch.setattr(Study, "expand", lambda _study: [])
    assert check_study(study, confirmed=True) == []


def test_the_dataset_has_the_drawn_values_as_variables(folder: Path, solver: FakeSolver) -> None:
    run_study(parse(sampled(4)))
    stored = xr.open_zarr(folder / "results" / "mine.zarr", chunks=None).load()
    assert stored["voltage"].dims == ("draw", "sample")
    prefactor = stored["electrolyte_ionic_conductivity_prefactor"]
    assert prefactor.dims == ("draw",)
    assert prefactor.attrs["units"] == "S.m-1"
    assert prefactor.attrs["path"] == PREFACTOR
    assert prefactor.attrs["long_name"] == "ionic conductivity, prefactor"
    assert prefactor.values.tolist() == [run.parameters[PREFACTOR] for run in solver.solved]
    inputs = tomllib.loads(stored.attrs["inputs"])
    assert inputs["study"]["sample"] == {"method": "sobol", "seed": 7, "of": [PREFACTOR, DIFFUSIVITY]}
    told = inputs["cells"]["li_peo_lfp"]["distributions"][DIFFUSIVITY]
    assert told == {"distribution": "log-normal", "unit": "1", "median": 1.0, "factor": 1.6}


def test_a_sample_grows_and_shrinks_without_computing_anything_twice(folder: Path, solver: FakeSolver) -> None:
    small = run_study(parse(sampled(4))).load()  # the larger one moves the folder
    large = run_study(parse(sampled(8)))
    assert len(solver.solved) == 8
    name = "electrolyte_salt_diffusivity_scale"
    np.testing.assert_array_equal(large[name].values[:4], small[name].values)
    assert np.isfinite(large[name].values).all()
    again = run_study(parse(sampled(4)))
    assert len(solver.solved) == 8
    np.testing.assert_array_equal(again[name], large[name])
    assert (again["status"] == 1).all()


def test_another_seed_distribution_or_latin_size_is_refused(folder: Path, solver: FakeSolver) -> None:
    run_study(parse(sampled(4)))
    with pytest.raises(ResultsError, match=r"study\.sample\.seed: found 7, wanted 8"):
        run_study(parse(sampled(4).replace("seed = 7", "seed = 8")))
    run_study(parse(sampled(4, "latin")), overwrite=True)
    with pytest.raises(ResultsError, match=r"study\.sample\.size: found 4, wanted 5"):
        run_study(parse(sampled(5, "latin")))


@pytest.mark.parametrize(
    ("of", "grid", "dimensions"),
    [
        ((PREFACTOR,), "", ()),
        (("electrode.particle_radius",), "", ("draw",)),
        (
            ("electrode.maximum_concentration",),
            '[grid]\n"cell.positive_electrode.areal_capacity" = ["1 mA.h.cm-2"]\n',
            ("positive_electrode_areal_capacity", "draw"),
        ),
    ],
)
def test_node_positions_differ_between_draws_that_move_them(
    of: tuple[str, ...], grid: str, dimensions: tuple[str, ...]
) -> None:
    assert geometry_dimensions(parse(sampled(2, of=of) + grid)) == dimensions


def test_a_drawn_thickness_is_the_thickness_of_the_run(folder: Path, solver: FakeSolver) -> None:
    text = ONE + "sample = { size = 4 }\n" + THICKNESS + ', standard_deviation = "2 um" }\n'
    thickness = run_study(parse(text))["cell_separator_thickness"].values
    assert thickness.tolist() == [run.parameters["cell.separator.thickness"] for run in solver.solved]
    assert 1.2e-5 < thickness.min() < thickness.max() < 2.8e-5


def test_cells_share_the_points_and_have_their_own_values(folder: Path, solver: FakeSolver) -> None:
    thickness = (
        'set = { "cell.separator.thickness" = "30 um" }\nlabel = "thick"\n[[case]]\ncell = "li_peo_nmc"\nlabel = "nmc"'
    )
    head = sampled(4, of=("electrode.maximum_concentration",)).replace('cells = ["li_peo_lfp"]\n', "")
    dataset = run_study(parse(head + f'[[case]]\ncell = "li_peo_lfp"\n{thickness}\n'))
    drawn = dataset["electrode_maximum_concentration"]
    assert drawn.dims == ("case", "draw")
    shares = (drawn - [[22806.0], [51765.0]]) / [[700.0], [1500.0]]
    np.testing.assert_allclose(shares[0], shares[1], rtol=1e-12)


def test_a_drawn_correlation_coefficient_is_an_input_of_one_built_model(
    monkeypatch: pytest.MonkeyPatch, lfp_cell: ParameterSet
) -> None:
    """Two draws, one model, and the same as a run of its own cell."""
    simulation.clear_models()
    built: list[object] = []
    original = simulation.build_model
    monkeypatch.setattr(simulation, "build_model", lambda *words: built.append(words) or original(*words))
    study = parse(sampled(2).replace("c_rate = 1\n", 'c_rate = "C/3"\nmesh = "fast"\n'))
    dataset = run_study(study, results=None)
    assert len(built) == 1
    drawn = study.expand()[1].swept  # the model was built with the numbers of draw 0
    alone = simulation.simulate(lfp_cell, "discharge", c_rate=1 / 3, mesh="fast", overrides=drawn)
    for name in ("capacity", "mean_voltage"):  # within the integrator's tolerance
        assert float(dataset[name][1]) == pytest.approx(float(alone[name]), rel=1e-4)
    simulation.clear_models()
