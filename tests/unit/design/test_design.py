"""Design studies: what they refuse, which designs they look at, what they return, draw, store and print."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from typer.testing import CliRunner

import cellmodel
from cellmodel.cli import app
from cellmodel.cli.options import bounds_of
from cellmodel.design import VARIABLES, OptimalDesign, RagoneFront, optimise_design, ragone_front, rate_reaching
from cellmodel.design.evaluating import Discharge, Evaluator
from cellmodel.design.feasible import AXES, FeasibleDesigns
from cellmodel.design.problem import (
    ACTIVE,
    ELECTROLYTE,
    EXCESS,
    LEAST_ELECTROLYTE,
    SEPARATOR,
    THICKNESS,
    DesignProblem,
    read_problem,
)
from cellmodel.design.searching import maximise
from cellmodel.energy import lithium_excess
from cellmodel.errors import ParameterError, ResultsError
from cellmodel.limits.currents import limiting_current
from cellmodel.limits.transport import SaltTransport, cell_path, steady_profile
from cellmodel.parameters import list_cells, load_cell
from cellmodel.plotting import plot_design, plot_results
from cellmodel.store.measurements import write_measurement

CELL = "li_polycarbonate_nmc811"
FEW = {SEPARATOR: (20e-6, 20e-6), EXCESS: (1.0, 1.0)}


def problem_of(cell: str = CELL, bounds=None, ratio: float = 1.0, objective: str = "gravimetric") -> DesignProblem:
    return read_problem(cell, objective, bounds=bounds, maximum_limiting_current_ratio=ratio)


def feasible_designs(problem: DesignProblem, rate: float) -> FeasibleDesigns:
    ratio = Evaluator(problem, rate).limiting_current_ratio
    return FeasibleDesigns(problem.bounds, problem.space.most_active, ratio, problem.maximum_ratio)


@pytest.fixture(scope="module")
def best() -> OptimalDesign:
    return optimise_design(CELL, c_rate="1C")


@pytest.fixture(scope="module")
def front() -> RagoneFront:
    """Return a front whose fastest rate no design within its bounds sustains."""
    return ragone_front(CELL, c_rates=("2C", "C/5", "20C"), bounds=FEW)


@pytest.mark.parametrize(
    ("bounds", "key", "wanted"),
    [
        ({"cell.separator.thicknes": (1e-5, 2e-5)}, "cell.separator.thicknes", "did you mean cell.separator.thickness"),
        ({SEPARATOR: ("30 um", "20 um")}, SEPARATOR, "not above the upper one"),
        ({SEPARATOR: ("10 V", "20 um")}, SEPARATOR, "1 m"),
        ({SEPARATOR: (10e-6,)}, SEPARATOR, "a lower and an upper bound"),
        ({SEPARATOR: "10 um"}, SEPARATOR, "a lower and an upper bound"),
        ({EXCESS: (-0.5, 1.0)}, EXCESS, "0 to 1000"),
        ({ACTIVE: (0.3, 1.2)}, ACTIVE, "0.001 to 1"),
        ({THICKNESS: (-20e-6, 50e-6)}, THICKNESS, "to"),
        ({ACTIVE: (float("nan"), 0.5)}, ACTIVE, "a finite number"),
    ],
)
def test_wrong_bounds_are_named(bounds, key, wanted):
    with pytest.raises(ParameterError) as caught:
        optimise_design(CELL, c_rate=1.0, bounds=bounds)
    (problem,) = caught.value.problems
    assert problem.key == key
    assert wanted in problem.wanted


def test_all_that_is_wrong_with_a_question_is_listed_at_once():
    with pytest.raises(ParameterError) as caught:
        optimise_design(CELL, c_rate=1.0, objective="x", temperature="hot", mesh="fine", bounds={EXCESS: (-1, 1)})
    assert [problem.key for problem in caught.value.problems] == ["temperature", "objective", EXCESS, "mesh"]


def test_all_wrong_bounds_are_listed_at_once():
    with pytest.raises(ParameterError) as caught:
        optimise_design(CELL, c_rate=1.0, bounds={"excess": (0, 1), EXCESS: (-1, 1), SEPARATOR: (2e-5, 1e-5)})
    assert [problem.key for problem in caught.value.problems] == ["excess", EXCESS, SEPARATOR]


@pytest.mark.parametrize(
    ("options", "key", "words"),
    [
        ({"c_rate": 0.0}, "c_rate", "above zero"),
        ({"c_rate": "fast"}, "c_rate", "a rate above zero, such as"),
        ({"objective": "gravimetrc"}, "objective", "did you mean gravimetric"),
        ({"maximum_limiting_current_ratio": 0.0}, "maximum_limiting_current_ratio", "above zero"),
        ({"temperature": "500 degC"}, "temperature", "150 to 700 K"),
        ({"temperature": "200 degC"}, "electrolyte.ionic_conductivity", "extrapolate"),
        ({"temperature": 300.0, "mesh": "fine", "extrapolate": True}, "mesh", "default"),
    ],
)
def test_wrong_questions_are_named(options, key, words):
    with pytest.raises(ParameterError) as caught:
        optimise_design(CELL, **{"c_rate": 1.0, **options})
    assert key in {problem.key for problem in caught.value.problems}
    assert words in str(caught.value)


def test_bounds_without_room_for_electrolyte_say_that_it_binds():
    with pytest.raises(ParameterError, match=r"electrolyte_volume_fraction, .* is the constraint that binds"):
        optimise_design(CELL, c_rate=1.0, bounds={ACTIVE: (0.9, 0.95)})


def test_a_rate_beyond_every_limiting_current_names_the_largest_rate():
    with pytest.raises(ParameterError) as caught:
        optimise_design(CELL, c_rate=20.0)
    (problem,) = caught.value.problems
    assert problem.key == "c_rate"
    assert "times the limiting current even of the thinnest and leanest" in problem.found
    assert "limiting_current_ratio, at most 1, is the constraint that binds" in problem.wanted
    largest = float(problem.wanted.partition("C,")[0].removeprefix("at most "))
    smallest = Evaluator(problem_of(), largest).limiting_current_ratio(0.3, 10e-6, 20e-6)
    assert smallest == pytest.approx(1.0, rel=5e-3)


def test_a_limit_below_every_design_says_what_the_best_of_them_needs():
    with pytest.raises(ParameterError) as caught:
        optimise_design(CELL, c_rate=1 / 3, maximum_limiting_current_ratio=1e-3)
    (problem,) = caught.value.problems
    assert problem.key == "maximum_limiting_current_ratio"
    needed = Evaluator(problem_of(), 1 / 3).limiting_current_ratio(0.3, 10e-6, 20e-6)
    assert f"needs {needed:.3g} at C/3" in problem.found
    assert "limiting_current_ratio is what binds" in problem.wanted


def test_a_cathode_without_lithium_needs_a_foil_that_fills_it():
    fixed = {ACTIVE: (0.5, 0.5), SEPARATOR: (20e-6, 20e-6), THICKNESS: (30e-6, 30e-6)}
    with pytest.raises(ParameterError, match=r"lithium_excess: found 0.5: .* um thick") as caught:
        optimise_design("li_peo_tis2_doyle1993", c_rate=0.1, bounds={**fixed, EXCESS: (0.5, 2.0)})
    enough = float(caught.value.problems[0].wanted.removeprefix("at least ").partition(",")[0])
    best = optimise_design("li_peo_tis2_doyle1993", c_rate=0.1, bounds={**fixed, EXCESS: (enough, 2.0)})
    assert lithium_excess(best.parameters) == pytest.approx(enough)


def test_a_rate_at_which_nothing_is_delivered_is_refused(monkeypatch):
    monkeypatch.setattr(Evaluator, "discharge", lambda *_: Discharge(0.0, 0.0, True))
    with pytest.raises(ParameterError, match="every design looked at passes its lower cut-off at once"):
        optimise_design(CELL, c_rate=1.0)


def test_a_discharge_that_ends_at_the_first_instant_delivers_nothing():
    evaluator = Evaluator(problem_of(), 3000.0)
    assert evaluator.discharge(load_cell(CELL)) == Discharge(0.0, 0.0, True)
    assert evaluator.energies(load_cell(CELL)) == {"gravimetric": 0.0, "volumetric": 0.0}


def full_at_lithium(problem, design) -> bool:
    """Return whether the solubility limits the current: the steady face at (nearly) that current is that full."""
    transport = SaltTransport(problem.space.layers(*design), problem.temperature)
    path = cell_path(transport.parameters, "uniform")
    profile = steady_profile(transport, path, 0.9999 * limiting_current(transport, path))
    return profile is not None and profile.face > 0.99 * transport.parameters["electrolyte.solubility"]


def test_limiting_ratio_rises_with_every_layer_but_a_separator_at_whose_face_the_salt_dissolves_no_more():
    """What the cube of feasible designs rests on, for every shipped cell with a salt that can run out."""
    random, fallen = np.random.default_rng(5), set()
    for name in list_cells("lithium_metal"):
        problem = problem_of(name)
        ratio = Evaluator(problem, 1.0).limiting_current_ratio
        low = np.array([0.2, 5e-6, 10e-6])
        high = np.array([problem.space.most_active, 100e-6, 300e-6])
        for _ in range(20):
            point = low + random.random(3) * (high - low)
            for axis, path in enumerate((ACTIVE, SEPARATOR, THICKNESS)):
                more = point.copy()
                more[axis] += 0.02 * (high[axis] - point[axis])
                if ratio(*point) > 0.0 and not ratio(*more) > ratio(*point):
                    assert path == SEPARATOR, (name, path)
                    assert full_at_lithium(problem, point), (name, point)
                    fallen.add(name)
    assert fallen  # else the exception is none


@pytest.mark.parametrize("name", [CELL, "dualfoil_d4_pemo_nickel_cobalt", "li_peo_lfp"])
def test_limiting_ratio_falls_and_then_rises_with_the_separator_so_that_between_two_it_is_below_the_larger(name):
    problem = problem_of(name)
    ratio = Evaluator(problem, 1.0).limiting_current_ratio
    for active, thickness in ((0.25, 240e-6), (0.5, 100e-6), (0.7, 20e-6)):
        ratios = np.array([ratio(active, separator, thickness) for separator in np.geomspace(2e-6, 100e-6, 16)])
        lowest = int(np.argmin(ratios))
        assert np.all(np.diff(ratios[: lowest + 1]) < 0.0)
        assert np.all(np.diff(ratios[lowest:]) > 0.0)


@pytest.mark.parametrize("name", ["li_peo_lfp", CELL, "li_single_ion_lfp"])
@pytest.mark.parametrize(("rate", "most"), [(0.05, 1.0), (1.0, 0.4), (2.0, 1.0)])
def test_every_point_of_the_cube_is_feasible(name, rate, most):
    problem = problem_of(name, {ACTIVE: (0.3, 0.95)}, most)
    feasible = feasible_designs(problem, rate)
    random = np.random.default_rng(3)
    for point in [*random.random((20, 4)), np.zeros(4), np.ones(4)]:
        design = feasible.design(point)
        for path, (low, high) in problem.bounds.items():
            assert low <= design[path] <= high, (path, point)
        assert feasible.ratio(design[ACTIVE], design[SEPARATOR], design[THICKNESS]) <= most * (1.0 + 1e-6)
        assert problem.space.candidate(design)[ELECTROLYTE] >= LEAST_ELECTROLYTE - 1e-12


def test_the_cube_reaches_its_edges():
    problem = problem_of(ratio=0.5)
    feasible = feasible_designs(problem, 1.0)
    lowest = feasible.design(np.zeros(4))
    assert lowest == {path: problem.bounds[path][0] for path in AXES}
    beyond = feasible.design([0.5, 0.5, 1.0, 1.0])
    assert feasible.ratio(beyond[ACTIVE], beyond[SEPARATOR], beyond[THICKNESS]) == pytest.approx(0.5, rel=1e-6)
    assert beyond[EXCESS] == problem.bounds[EXCESS][1]


@pytest.mark.parametrize("peak", [(0.3, 0.2, 0.8, 0.6), (1.4, -0.3, 0.5, 0.1)])
def test_the_search_finds_a_known_peak_inside_and_at_bounds(peak):
    inside = np.clip(peak, 0.0, 1.0)

    def function(point):
        away = point - np.array(peak)
        return 300.0 - 50.0 * away @ away - 80.0 * (away[0] + 0.5 * away[2]) ** 2

    free = [0, 1, 2, 3]
    point, steps = maximise(function, free)
    corners = np.array(np.meshgrid(*[np.linspace(0, 1, 21)] * 4)).reshape(4, -1).T
    assert function(point) >= max(function(corner) for corner in corners) - 0.05
    assert steps > 0
    if np.array_equal(inside, peak):
        assert point == pytest.approx(inside, abs=0.02)


def test_the_search_leaves_fixed_coordinates_and_flat_functions_alone():
    point, _ = maximise(lambda at: 1.0 - (at[0] - 0.4) ** 2 + at[3], [0])
    assert point[0] == pytest.approx(0.4, abs=0.01)
    assert point[3] == 0.0
    point, steps = maximise(lambda _: 0.0, [0, 1, 2, 3])
    assert steps == 0


def test_the_best_design_is_a_new_cell_that_can_be_run_again(best):
    base = load_cell(CELL)
    assert base.digest == load_cell(CELL).digest
    assert best.parameters.digest != base.digest
    optimum = best.dataset["optimum"].to_series()
    for path in (ACTIVE, SEPARATOR, THICKNESS):
        assert best.parameters[path] == pytest.approx(optimum[path], rel=1e-12)
    assert lithium_excess(best.parameters) == pytest.approx(optimum[EXCESS], rel=1e-9)
    additive = 1.0 - base[ACTIVE] - base[ELECTROLYTE]
    assert best.parameters[ACTIVE] + best.parameters[ELECTROLYTE] + additive == pytest.approx(1.0)
    run = cellmodel.simulate(best.parameters, c_rate=1.0, mesh="fast")  # with the foil's own mechanism
    energy = float(run["energy"]) / best.parameters["cell.area"]
    assert energy == pytest.approx(float(best.dataset["areal_energy"]), rel=1e-4)
    assert "exhausted" not in str(run["message"].item())


def test_the_dataset_says_what_was_found_and_how(best):
    dataset = best.dataset
    assert dataset["variable"].values.tolist() == list(AXES)
    assert set(AXES) == set(VARIABLES)
    sides = dict(zip(AXES, dataset["at_bound"].values.tolist(), strict=True))
    assert sides == {ACTIVE: 0, SEPARATOR: -1, THICKNESS: 0, EXCESS: -1}
    assert not dataset["constraint_binds"].any()
    path = dataset["evaluated_objective"].values
    assert path.max() == float(dataset["specific_energy"])
    assert dataset["evaluated_design"].shape == (path.size, 4)
    assert 16 <= int(dataset["discharges"]) <= path.size
    assert int(dataset["failures"]) == 0
    assert float(dataset["stack_specific_energy"]) > float(dataset["specific_energy"])
    assert all(isinstance(value, str | float | int) for value in dataset.attrs.values())
    assert all("units" in values.attrs for values in dataset.data_vars.values())


def test_lithium_costs_mass_but_no_discharge():
    evaluator = Evaluator(problem_of(), 0.5)
    values = {ACTIVE: 0.5, SEPARATOR: 20e-6, THICKNESS: 40e-6}
    energies = [evaluator.evaluate({**values, EXCESS: excess}) for excess in (0.0, 1.0, 2.0)]
    assert energies == sorted(energies, reverse=True)
    assert evaluator.discharges == 1


def test_a_constraint_that_binds_is_said_to_bind():
    dataset = optimise_design(CELL, c_rate=0.5, bounds=FEW, maximum_limiting_current_ratio=0.3).dataset
    ratio = dataset.sel(constraint="limiting_current_ratio")
    assert int(ratio["constraint_binds"]) == 1
    assert float(ratio["constraint_value"]) == pytest.approx(0.3, rel=1e-3)


def test_equal_bounds_fix_everything_and_leave_one_discharge():
    fixed = {ACTIVE: (0.5, 0.5), THICKNESS: (30e-6, 30e-6), **FEW}
    dataset = optimise_design(CELL, c_rate=0.5, bounds=fixed, objective="volumetric").dataset
    assert dataset["optimum"].values == pytest.approx([0.5, 20e-6, 30e-6, 1.0])
    assert int(dataset["discharges"]) == 1


def test_the_front_has_every_rate_in_order_and_says_what_is_out_of_reach(front):
    dataset = front.dataset
    assert dataset["c_rate"].values.tolist() == [0.2, 2.0, 20.0]
    assert sorted(front.designs) == [0.2, 2.0]
    slow, fast, beyond = dataset["specific_energy"].values
    assert slow > fast > 0.0
    assert np.isnan(beyond)
    assert "limiting_current_ratio" in dataset["message"].values[2]
    assert dataset["message"].values[:2].tolist() == ["", ""]
    assert (dataset["own_specific_energy"][:2] <= dataset["specific_energy"][:2]).all()
    assert (dataset["specific_power"][:2].diff("c_rate") > 0.0).all()


def test_a_front_without_any_feasible_rate_is_refused():
    with pytest.raises(ParameterError, match="times the limiting current"):
        ragone_front(CELL, c_rates=(50.0, 100.0))
    with pytest.raises(ParameterError, match="at least one rate"):
        ragone_front(CELL, c_rates=())


def test_the_rate_that_reaches_a_claim_lies_between_the_rates(front):
    slow, fast = front.dataset["specific_energy"].values[:2]
    assert np.isnan(rate_reaching(front.dataset, slow + 1.0))
    middle = rate_reaching(front.dataset, 0.5 * (slow + fast))
    assert middle == pytest.approx((0.2 * 2.0) ** 0.5)
    assert rate_reaching(front.dataset.isel(c_rate=[0, 1]), fast - 1.0) == 2.0


@pytest.mark.parametrize("which", ["best", "front"])
def test_results_survive_a_file_and_are_not_replaced_by_others(which, best, front, tmp_path: Path):
    dataset = {"best": best, "front": front}[which].dataset
    path = write_measurement(dataset, tmp_path / "design.nc")
    with xr.open_dataset(path, engine="h5netcdf") as stored:
        xr.testing.assert_equal(stored.load(), dataset)
        assert stored.attrs["bounds"] == dataset.attrs["bounds"]
    other = dataset.assign_attrs(digest="of other bounds")
    with pytest.raises(ResultsError, match="results of other inputs"):
        write_measurement(other, path)


def test_digests_tell_bounds_and_objectives_apart():
    digests = {
        problem_of(bounds=bounds, objective=objective).digest(1.0)
        for bounds in (None, {SEPARATOR: (15e-6, 50e-6)})
        for objective in ("gravimetric", "volumetric")
    }
    assert len(digests) == 4


def test_the_picture_has_the_front_the_cell_and_the_claim(front):
    figure = plot_design([front.dataset, front.dataset], claim=350.0)
    reached, capacity, active = figure.axes
    assert len(reached.lines) == 5
    assert reached.lines[1].get_ydata()[0] == front.dataset["specific_energy"].values[0]
    assert reached.get_ylabel() == "Specific energy of the cell (W h kg⁻¹)"
    assert len(capacity.lines) == len(active.lines) == 2
    assert len(plot_results(front.dataset).axes) == 3
    other = front.dataset.assign_attrs(objective="volumetric")
    with pytest.raises(ResultsError, match="one objective"):
        plot_design([front.dataset, other])


def run_command(*words: str):
    return CliRunner().invoke(app, ["design", *words])


def test_the_command_prints_the_design_and_its_bounds(folder: Path):
    words = ("--bounds", f"{SEPARATOR}=20 um..20 um", "--bounds", "lithium_excess=1..1", "--claim", "350")
    result = run_command(CELL, "--c-rate", "1C", *words)
    assert result.exit_code == 0, result.output
    assert "best gravimetric design of li_polycarbonate_nmc811 at 1C, 30 °C" in result.output
    assert "claim of 350 W h kg⁻¹: " in result.output
    assert "mA h cm⁻²" in result.output
    assert (folder / "results" / f"design_{CELL}.nc").exists()


@pytest.mark.parametrize(
    ("word", "pair"),
    [
        ("10..20 um", ("10 um", "20 um")),
        ("0.1 mm .. 200um", ("0.1 mm", "200um")),
        ("1e-5 m..2e-5 m", ("1e-5 m", "2e-5 m")),
    ],
)
def test_bounds_on_the_command_line_share_a_unit(word, pair):
    assert bounds_of([f"{SEPARATOR}={word}"]) == {SEPARATOR: pair}


def test_the_command_draws_a_front(folder: Path, monkeypatch, front):
    monkeypatch.setattr("cellmodel.design.ragone_front", lambda *_, **__: front)
    result = run_command(CELL, "--plot", "--claim", "400")
    assert result.exit_code == 0, result.output
    assert "claim of 400 W h kg⁻¹: reached up to" in result.output
    assert "limiting_current_ratio" in result.output
    assert (folder / "results" / f"ragone_front_{CELL}.png").exists()


@pytest.mark.parametrize(
    ("words", "code", "text"),
    [
        (("--bounds", "lithium_excess=-1..2"), 1, "lithium_excess"),
        (("--bounds", "lithium_exces=0..2"), 1, "did you mean lithium_excess"),
        (("--bounds", "lithium_excess=2"), 2, "LOW..HIGH"),
        (("--c-rate", "50C"), 1, "limiting current"),
        (("--format", "puch"), 1, "pouch"),
    ],
)
def test_the_command_refuses_wrong_words(words, code, text):
    result = run_command(CELL, *words)
    assert result.exit_code == code, result.output
    assert text in result.output + result.stderr


def test_a_frozen_polymer_is_beyond_its_limiting_current():
    with pytest.raises(ParameterError, match="times the limiting current"):
        optimise_design("li_peo_lfp", c_rate=1 / 20, temperature="0 degC", extrapolate=True)
