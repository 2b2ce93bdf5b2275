"""Published cells: what a file may say, what a line tells, and what it takes for one to tell."""

from __future__ import annotations

import copy
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from cellmodel import resources
from cellmodel.assessment import all_checks, list_published, load_published
from cellmodel.assessment.checks import published_cells, rate_fade
from cellmodel.assessment.checks.check import DataFolder
from cellmodel.assessment.checks.published_cells import GROUP, findings
from cellmodel.assessment.checks.validation import judge
from cellmodel.assessment.published.conducting import DrawnDischarges, discharge_draws
from cellmodel.assessment.published.fading import HIGH, LOW, fade_ratio, spread_over_sizes, spread_over_thickness
from cellmodel.assessment.published.judging import CLOSE, judge_capacity, judge_series, what_would_tell
from cellmodel.assessment.published.reading import UTILISATION, PublishedCell, parse_published
from cellmodel.cli.library import check_path
from cellmodel.errors import StudyError
from cellmodel.parameters import load_references
from cellmodel.parameters.distributions import declared_distributions
from cellmodel.parameters.parameter_set import CATHODE_THICKNESS
from cellmodel.study import load_study
from cellmodel.study.sampling import Sample
from cellmodel.toml_files import read_toml

FULL = 166.0
DRAWS = 200
ONE, SERIES = "bergfelt2018", "zhao2016"


def path_of(name: str) -> Path:
    return resources.files("experiments", "published")[name]


def cell_of(name: str, **said: object) -> PublishedCell:
    """Return a shipped cell whose file says something else."""
    return parse_published({**read_toml(path_of(name)), **said}, "other.toml")


def drawn(*columns: np.ndarray, **numbers: np.ndarray) -> DrawnDischarges:
    constant = np.ones(len(columns[0]))
    stated = dict.fromkeys(load_published(ONE).study.cases[0].distributions, constant)
    stated["cell.separator.thickness"] = np.linspace(1.0, 2.0, constant.size)
    return DrawnDischarges(np.stack(columns, axis=1), {**stated, **numbers})


def problems_of(name: str, *changes: tuple[str, str]) -> list[str]:
    text = path_of(name).read_text(encoding="utf-8")
    for before, after in changes:
        assert before in text
        text = text.replace(before, after, 1)
    with pytest.raises(StudyError) as caught:
        parse_published(tomllib.loads(text), "wrong.toml")
    return [str(problem) for problem in caught.value.problems]


def test_a_narrow_band_tells_and_a_wide_one_does_not() -> None:
    narrow, wide = np.linspace(140.0, 160.0, DRAWS), np.linspace(20.0, 160.0, DRAWS)
    inside = judge_capacity(narrow, 150.0, FULL)
    assert inside.tells
    assert inside.distance == 0.0
    assert (inside.low, inside.median, inside.high) == pytest.approx((141.0, 150.0, 159.0))
    assert judge_capacity(narrow, 100.0, FULL).distance == pytest.approx(0.41)
    assert judge_capacity(narrow, 200.0, FULL).distance == pytest.approx(41.0 / 200.0)
    assert not judge_capacity(wide, 100.0, FULL).tells


def test_a_lower_bound_is_missed_from_below_only() -> None:
    narrow = np.linspace(140.0, 160.0, DRAWS)
    assert judge_capacity(narrow, 100.0, FULL, at_least=True).distance == 0.0
    assert judge_capacity(narrow, 200.0, FULL, at_least=True).distance > CLOSE


def test_a_series_asks_one_draw_for_all_its_rates() -> None:
    published = np.array([160.0, 100.0])
    each = np.array([[160.0, 50.0], [50.0, 100.0]] * 10)  # every rate is met by half of the draws, never by the same
    assert judge_series(each, published).share == 0.0
    found = judge_series(np.vstack([each, [[158.0, 104.0]], [[np.nan, np.nan]]]), published)
    assert found.share == pytest.approx(1.0 / 22.0)
    assert found.best == 20
    assert found.distance == pytest.approx(0.04)


def test_the_number_that_would_tell_is_the_one_with_most_of_the_variance() -> None:
    rng = np.random.default_rng(0)
    film, other = rng.uniform(20.0, 120.0, DRAWS), rng.uniform(1.0, 2.0, DRAWS)
    capacity = FULL * np.clip(1.6 - film / 70.0, 0.1, 1.0)
    said = what_would_tell(capacity, {"film": film, "other": other}, FULL)
    assert said.startswith("film within ")
    within = float(said.split("within ")[1].split(" %")[0].split("%")[0]) / 100.0
    known = np.abs(film / np.median(film) - 1.0) <= within
    assert np.ptp(np.quantile(capacity[known], (0.05, 0.95))) <= 0.55 * FULL
    assert 0.1 < within < 0.7


def test_the_set_that_holds_may_be_what_would_tell() -> None:
    rng = np.random.default_rng(0)
    held = rng.integers(0, 2, DRAWS).astype(float)
    some = np.where(held == 0.0, rng.uniform(1.0, 2.0, DRAWS), np.nan)  # a number that one set has alone
    capacity = np.where(held == 0.0, 20.0, 150.0) + rng.uniform(-5.0, 5.0, DRAWS)
    said = what_would_tell(capacity, {"electrolyte_set": held, "some": some, "none": np.ones(DRAWS)}, FULL)
    assert said.startswith("electrolyte_set as the one that holds")


def test_what_no_single_number_would_tell_is_said_and_too_few_draws_are() -> None:
    rng = np.random.default_rng(0)
    noise = rng.choice([10.0, 160.0], DRAWS)
    numbers = {"a": rng.uniform(1.0, 2.0, DRAWS), "b": rng.uniform(1.0, 2.0, DRAWS)}
    assert what_would_tell(noise, numbers, FULL).startswith("more than ")
    assert what_would_tell(noise[:10], {key: one[:10] for key, one in numbers.items()}, FULL).startswith("more draws")


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [(139.0, 160.0, "pass"), (145.0, 160.0, "pass"), (155.0, 165.0, "fail"), (10.0, 160.0, "")],
)
def test_a_line_holds_fails_or_cannot_tell(low: float, high: float, verdict: str) -> None:
    (line,) = findings(load_published(ONE), drawn(np.linspace(low, high, DRAWS)))
    assert judge(line, None) == (verdict or "cannot_tell")
    assert bool(line.missing) == (not verdict)
    assert "published 140" in line.what


def test_the_thickness_of_the_cathode_is_told_as_the_areal_capacity() -> None:
    numbers = {CATHODE_THICKNESS: np.linspace(8e-6, 35e-6, DRAWS)}
    (line,) = findings(load_published(ONE), drawn(np.linspace(160.0, 20.0, DRAWS), **numbers))
    assert line.missing.startswith(f"{CATHODE_THICKNESS} (areal capacity) within ")


def test_numbers_from_memory_and_plasticised_cells_are_never_judged() -> None:
    met = np.linspace(138.0, 142.0, DRAWS)
    for said, why in (({"seen": "nothing"}, "memory"), ({"plasticised": True}, "plasticiser")):
        (line,) = findings(cell_of(ONE, **said), drawn(met))
        assert judge(line, None) == "cannot_tell"
        assert why in line.missing
        assert "would hold" in line.remark


def test_a_series_has_one_more_line_that_fails_where_no_draw_meets_all_rates() -> None:
    cell = cell_of(SERIES, seen="abstract")
    steady = [np.full(DRAWS, one.capacity) + np.linspace(-2.0, 2.0, DRAWS) for one in cell.discharges]
    verdicts = {line.name: judge(line, None) for line in findings(cell, drawn(*steady))}
    assert verdicts == dict.fromkeys(["0.1C", "0.2C", "0.5C", "1C", "series"], "pass")
    cliff = [*steady[:3], np.full(DRAWS, 30.0)]
    lines = {line.name: line for line in findings(cell, drawn(*cliff))}
    assert judge(lines["series"], None) == "fail"
    assert lines["series"].deviation == 1.0
    assert "cell.separator.thickness" in lines["series"].remark


def test_a_series_is_drawn_beside_its_band(monkeypatch: pytest.MonkeyPatch) -> None:
    levels = np.linspace(0.8, 1.0, DRAWS)
    steady = drawn(*(levels * one.capacity for one in load_published(SERIES).discharges))
    monkeypatch.setattr(published_cells, "discharge_draws", lambda _cell, _workers: steady)
    (check,) = (one for one in published_cells.CHECKS if one.name == SERIES)
    *lines, picture = check.measure(DataFolder())
    assert [line.name for line in lines] == ["0.1C", "0.2C", "0.5C", "1C", "series"]
    assert isinstance(picture, xr.Dataset)
    shown = dict(zip(picture["curve"].values, picture["y"].values, strict=True))
    assert shown["median"] == pytest.approx(0.9 * shown["published"])
    assert np.all(shown["5% of the draws below"] < shown["median"])


def test_a_line_gives_the_median_where_each_set_holds() -> None:
    held = np.where(np.arange(DRAWS) < DRAWS // 2, "direct", "base").astype(object)
    capacity = np.where(held == "base", 140.0, 150.0)
    (line,) = findings(load_published(ONE), replace(drawn(capacity), sets={"electrolyte": held}))
    assert "Median by the set of the electrolyte: base 140, direct 150 mA h/g." in line.remark


def test_every_file_is_a_check_that_names_its_source() -> None:
    checks = {one.name: one for one in all_checks() if one.group == GROUP}
    assert set(checks) == {*list_published(), "rate_fade"}
    assert checks[ONE].reference == "Bergfelt et al. 2018"
    assert checks[ONE].doi == load_references()["Bergfelt2018"].doi


@pytest.mark.parametrize("name", list_published())
def test_every_shipped_cell_can_be_discharged_and_none_is_plasticised(name: str) -> None:
    check_path(path_of(name))
    cell = load_published(name)
    assert not cell.paper.plasticised
    assert 0.0 < max(one.capacity for one in cell.discharges) < 1.05 * cell.full_capacity


def test_what_the_cell_declares_is_drawn_and_what_the_paper_states_comes_first() -> None:
    cell = load_published(ONE)
    (case,), sample = cell.study.cases, cell.study.sample
    declared = declared_distributions(case.parameters)
    film = "cell.separator.thickness"
    assert sample is not None
    assert sample.paths == tuple(sorted(case.distributions))
    assert sample.extra_inputs == (UTILISATION,)
    assert film not in declared
    assert case.distributions[film].spread == pytest.approx((30e-6, 150e-6))
    exponent = "cell.positive_electrode.bruggeman_exponent"
    assert case.distributions[exponent] == declared[exponent]
    assert "interface.capacitance" not in sample.paths


def test_everything_that_is_wrong_with_a_file_is_told_at_once() -> None:
    said = problems_of(
        ONE,
        ('source = "Bergfelt2018"', 'source = "Bergfeld2018"'),
        ('seen = "abstract"', 'seen = "abstrakt"'),
        ('capacity = "140 mA.h.g-1"', "capacity = 140"),
        ('"cell.separator.thickness"', '"cell.separater.thickness"'),
    )
    for key, near in (
        ("source", "Bergfelt2018"),
        ("seen", "abstract"),
        ("discharge[1].capacity", "mA.h.g-1"),
        ("distributions.cell.separater.thickness", "cell.separator.thickness"),
    ):
        assert any(key in one and near in one for one in said), (key, said)


@pytest.mark.parametrize(
    ("before", "after", "key"),
    [
        ('c_rate = "C/5"', "c_rate = 0", "discharge[1].c_rate"),
        ('capacity = "140 mA.h.g-1"', 'capacity = "-1 mA.h.g-1"', "discharge[1].capacity"),
        ('temperature = "40 degC"', "", "temperature"),
        ("minimum = 0.9\n", "minimum = 1.2\n", "utilisation"),
        ('cell = "li_peo_lfp"', 'cell = "li_peo_lfq"', "cell"),
        ('seen = "abstract"', 'seen = "abstract"\nloading = "1 mg.cm-2"', "loading"),
    ],
)
def test_a_wrong_value_is_refused_with_its_key(before: str, after: str, key: str) -> None:
    assert any(one.startswith(f"wrong.toml: {key}") for one in problems_of(ONE, (before, after)))


def test_odd_values_at_any_place_are_refused_or_read_and_never_crash() -> None:
    values, refused = read_toml(path_of(SERIES)), 0
    places = [(key,) for key in values] + [("discharge", 0, key) for key in values["discharge"][0]]
    places += [("distributions", path, key) for path, table in values["distributions"].items() for key in table]
    for place in places:
        for odd in ("", True, float("nan"), [3], {"a": 1}, "x" * 5000, 10**30, None):
            changed: Any = copy.deepcopy(values)
            table = changed
            for key in place[:-1]:
                table = table[key]
            table.pop(place[-1])
            if odd is not None:
                table[place[-1]] = odd
            try:
                parse_published(changed, "wrong.toml")
            except StudyError as error:
                refused += "wrong.toml" in str(error)
    assert refused > 0.9 * 8 * len(places)


def test_a_material_that_does_not_exist_is_offered_the_nearest() -> None:
    said = problems_of(ONE, ('electrolyte = "pcl_ptmc_litfsi"', 'electrolyte = "pcl_ptmc_litfs"'))
    assert any("electrolyte" in one and "did you mean pcl_ptmc_litfsi" in one for one in said)


def test_one_rate_is_published_once_and_an_unknown_name_is_offered_the_nearest() -> None:
    assert any("0.1 twice" in one for one in problems_of(SERIES, ("c_rate = 0.2", "c_rate = 0.1")))
    with pytest.raises(StudyError, match="did you mean zhao2016"):
        load_published("zhao2015")


def test_a_few_draws_are_discharged_and_share_one_cell_at_all_rates() -> None:
    cell = cell_of(SERIES, discharge=[{"c_rate": rate, "capacity": "100 mA.h.g-1"} for rate in (0.2, 2.0)])
    sample = cell.study.sample
    assert sample is not None
    few = Sample(3, sample.method, sample.seed, sample.paths, extra_inputs=sample.extra_inputs, sets=sample.sets)
    found = discharge_draws(replace(cell, study=replace(cell.study, sample=few)))
    assert found.capacities.shape == (3, 2)
    assert np.all(found.capacities[:, 0] > found.capacities[:, 1])
    assert np.all((found.capacities > 0.0) & (found.capacities < 1.1 * cell.full_capacity))
    assert np.all((found.numbers[UTILISATION] >= 0.9) & (found.numbers[UTILISATION] <= 1.0))
    assert set(found.numbers) == set(sample.dimensions)


def test_capacity_in_proportion_to_the_inverse_rate_has_the_ratio_of_the_shares() -> None:
    rates = np.geomspace(0.05, 4.0, 200)
    assert fade_ratio(rates, np.minimum(1.0, 0.5 / rates)) == pytest.approx(HIGH / LOW, rel=1e-3)
    assert np.isnan(fade_ratio(rates, np.full(200, 1.0)))
    assert np.isnan(fade_ratio([0.1, 1.0, 2.0], [1.0, 0.5, 0.9]))


def test_a_distribution_without_width_is_the_cathode_itself_and_a_wide_one_fades_slower() -> None:
    rates, sizes = np.geomspace(0.05, 4.0, 60), np.geomspace(0.05, 20.0, 60)
    alone = np.minimum(1.0, 1.0 / (rates[None, :] * sizes[:, None]))
    one = np.minimum(1.0, 1.0 / rates)
    assert spread_over_sizes(sizes, alone, 1.0, 1.0001) == pytest.approx(one, abs=0.02)
    wide = spread_over_sizes(sizes, alone, 1.0, 3.0)
    assert fade_ratio(rates, wide) > 2.0 * fade_ratio(rates, one)
    assert spread_over_thickness(sizes, rates, alone, 1.0, 1e-4) == pytest.approx(one, abs=0.02)
    uneven = spread_over_thickness(sizes, rates, alone, 1.0, 0.3)
    assert fade_ratio(rates, uneven) > fade_ratio(rates, one)


def test_causes_of_a_fade_are_lines_that_wait_for_a_series_that_somebody_has_read() -> None:
    study = load_study(rate_fade.STUDY)
    labels, rates = [case.label for case in study.cases], np.array(study.axes[0].values)
    assert {label for _, own in rate_fade.CAUSES.values() for label in own} == set(labels)
    cliff = np.minimum(1.0, 0.7 / rates) * FULL
    capacities = np.stack([cliff for _ in labels])
    coarse = labels.index("particle 0.8 um")
    capacities[coarse] = FULL * np.interp(
        np.log(rates), np.log([0.05, 0.1, 0.2, 0.5, 1.0, 3.0]), [1, 1, 0.94, 0.87, 0.63, 0.2]
    )
    table = xr.Dataset({"specific_capacity": (("case", "c_rate"), capacities)}, {"case": labels, "c_rate": rates})
    lines = {line.name: line for line in rate_fade.findings(table)}
    assert set(lines) == {*rate_fade.CAUSES, "uneven_cathode", "particle_sizes"}
    assert lines["particle"].deviation < rate_fade.TOLERANCE < lines["tortuosity"].deviation
    assert all(judge(line, None) == "cannot_tell" for line in lines.values())
