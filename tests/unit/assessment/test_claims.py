"""Claims: what a file may say, the rule of the verdicts, the shares of the variance, and everything that is printed."""

from __future__ import annotations

import importlib
import json
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
import xarray as xr

from cellmodel import assessment
from cellmodel.analysis.sensitivity import group_share
from cellmodel.assessment import claims_table, explain_claim, list_claims, load_claim, run_claim
from cellmodel.assessment.claims.assess import with_draws
from cellmodel.assessment.claims.definition import CLAIMED, NOT_COMPUTED, ClaimFile, ComputedClaim, parse_claim
from cellmodel.assessment.claims.designs import DesignPoint, conditions_of
from cellmodel.assessment.claims.measures import MEASURES, smallest_share
from cellmodel.assessment.claims.report import markdown_table, rows_of, verdicts
from cellmodel.assessment.claims.rule import VERDICTS, best, probability_interval, verdict
from cellmodel.assessment.claims.samples import (
    claim_inputs,
    inert_inputs,
    joint_sample,
    sample_points,
    uncertain_inputs,
)
from cellmodel.assessment.claims.verdict import judge_claim
from cellmodel.assessment.table import STYLES
from cellmodel.errors import StudyError
from cellmodel.parameters import load_cell, load_format
from cellmodel.schemas import json_schema
from cellmodel.study import load_study
from cellmodel.study.sampling import Sample

COMPUTED = ("lfp_250", "range_600_km", "ternary_350", "twice_liquid_lfp", "wide_temperature")
CLAIM: dict[str, Any] = {
    "text": "x",
    "sentence": "y",
    "status": "assumed",
    "quantity": "specific_energy",
    "threshold": "250 W.h.kg-1",
    "c_rate": "C/3",
    "draws": 8,
    "draws_elsewhere": 8,
}
STUDY: dict[str, Any] = {
    "description": "x",
    "cells": ["li_peo_lfp"],
    "protocol": "discharge",
    "grid": {"temperature": ["60 degC", "80 degC"], "c_rate": ["C/10", "C/3"]},
}


def with_claim(study: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    claim = {key: value for key, value in {**CLAIM, **changes}.items() if value is not None}
    return {**STUDY, **(study or {}), "claim": claim}


def test_the_promised_claims_are_there_and_each_is_also_a_study() -> None:
    assert set(COMPUTED) | {"cycle_life_2000", "safety"} == set(list_claims())
    for name in COMPUTED:
        claim = load_claim(name)
        assert isinstance(claim, ComputedClaim)
        assert claim.assumptions
        assert claim.study == load_study(name)
        assert claim.draws == (52 if name == "wide_temperature" else 512)
    assert not load_claim("safety").computed
    assert load_claim("lfp_250").threshold == pytest.approx(250.0)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"threshold": "250 W.h.L-1"}, "claim.threshold: found '250 W.h.L-1'"),
        ({"threshold": None}, "claim.threshold: found nothing"),
        ({"quantity": "specific_enregy"}, "did you mean specific_energy"),
        ({"quantity": "range"}, "claim.vehicle: found nothing"),
        ({"vehicle": "electric_car"}, "claim.vehicle: found 'electric_car', wanted nothing"),
        ({"seed": -1}, "claim.seed: found -1, wanted a whole number from 0 on"),
        ({"quantity": "range", "threshold": "600 km", "vehicle": "electric_cra"}, "did you mean electric_car"),
        ({"format": "puch"}, "did you mean pouch"),
        ({"level": "celle"}, "did you mean cell"),
        ({"c_rate": "fast"}, "claim.c_rate: found 'fast'"),
        ({"draws": 10}, "claim.draws: found 10, wanted a multiple of 4"),
        ({"draws": 4}, "claim.draws: found 4, wanted a multiple of 4, at least 8"),
        ({"status": "known"}, "claim.status: found 'known'"),
        ({"status": "literature"}, "claim.sources: found nothing"),
        ({"sources": ["Nobody1999"]}, "claim.sources: found 'Nobody1999'"),
        ({"treshold": "1"}, "claim.treshold: found an unknown key; did you mean threshold"),
        ({"design": {"bounds": {"lithium_excess": [-1.0, 2.0]}}}, "lithium_excess"),
        ({"design": {"bounds": {"lithium_axcess": [1.0, 2.0]}}}, "did you mean lithium_excess"),
        ({"design": {"objective": "cheapest"}}, "claim.design.objective: found 'cheapest'"),
        ({"liquid": "graphite_lpf", "quantity": "specific_energy_over_liquid", "threshold": 2.0}, "graphite_lfp"),
    ],
)
def test_bad_claims_are_refused_with_key_found_and_wanted(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(StudyError) as error:
        parse_claim(with_claim(**changes), "claim.toml")
    assert said in str(error.value)


def test_a_claim_sweeps_conditions_only_and_leaves_the_draws_to_the_claim() -> None:
    grid = {"c_rate": ["C/3"], "cell.separator.thickness": ["20 um"]}
    with pytest.raises(StudyError, match=r"claim.grid: found c_rate, cell.separator.thickness"):
        parse_claim(with_claim({"grid": grid}), "claim.toml")
    with pytest.raises(StudyError, match=r"claim.sample: found a sample"):
        parse_claim(with_claim({"sample": {"size": 8}}), "claim.toml")


def test_problems_of_study_and_claim_come_together() -> None:
    with pytest.raises(StudyError) as error:
        parse_claim(with_claim({"protocl": "x"}, draws=10), "claim.toml")
    assert "protocl" in str(error.value)
    assert "claim.draws" in str(error.value)


@pytest.mark.parametrize("name", list_claims())
def test_shipped_claims_follow_the_json_schema(name: str) -> None:
    schema = jsonschema.Draft202012Validator(json_schema(ClaimFile, "claim"))
    values = tomllib.loads(Path(load_claim(name).file).read_text(encoding="utf-8"))
    schema.validate(values)
    del values["claim"]["sentence"]
    assert not schema.is_valid(values)


def test_an_unknown_claim_is_offered_the_nearest() -> None:
    with pytest.raises(StudyError, match="did you mean lfp_250"):
        load_claim("lfp_25")


def test_a_study_without_a_claim_is_no_claim() -> None:
    with pytest.raises(StudyError, match=r"claim: found nothing"):
        parse_claim(dict(STUDY), "claim.toml")


@pytest.mark.parametrize(
    ("here", "elsewhere", "word"),
    [
        (0.9, (), "holds"),
        (0.95, (0.0,), "holds"),
        (0.89, (0.2, 0.9), "holds under conditions"),
        (0.0, (0.95,), "holds under conditions"),
        (0.1, (0.1, 0.0), "does not hold"),
        (0.1, (0.11,), "open"),
        (0.5, (), "open"),
    ],
)
def test_the_rule(here: float, elsewhere: tuple[float, ...], word: str) -> None:
    assert verdict(here, elsewhere) == word


def test_the_verdict_on_a_claim_is_the_best_of_its_designs() -> None:
    assert best(["does not hold", "open"]) == "open"
    assert best(["open", "holds under conditions", "does not hold"]) == "holds under conditions"


def test_the_interval_of_a_probability_is_wilsons() -> None:
    share, low, high = probability_interval([True] * 8 + [False] * 2, 10)
    assert (share, low, high) == pytest.approx((0.8, 0.4902, 0.9433), abs=1e-4)
    assert probability_interval([True] * 10, 10)[2] == pytest.approx(1.0)
    assert probability_interval([False] * 10, 5)[2] > probability_interval([False] * 10, 10)[2]


def grouped(size: int, seed: int = 1) -> np.ndarray:
    """Return points whose first coordinate is the group."""
    return Sample(size, "grouped_saltelli", seed, ("a", "b", "c"), group=("a",)).points(size) - 0.5


def test_shares_of_a_sum_are_those_of_its_terms() -> None:
    x = grouped(1024)
    share = group_share(3.0 * x[:, 0] + 2.0 * x[:, 1] + x[:, 2])
    assert share.alone == pytest.approx(9 / 14, abs=0.03)
    assert share.total == pytest.approx(9 / 14, abs=0.03)
    assert 0.0 < share.alone_error < 0.05


def test_what_a_group_does_with_others_counts_in_its_total_share_only() -> None:
    x = grouped(1024) * np.sqrt(12.0)  # unit variances
    share = group_share(x[:, 0] * x[:, 1] + x[:, 1])  # interaction 1, the other alone 1
    assert share.alone == pytest.approx(0.0, abs=0.05)
    assert share.total == pytest.approx(0.5, abs=0.08)


def test_the_stated_error_covers_the_spread_over_seeds() -> None:
    shares = [group_share(np.sin(6.0 * grouped(256, seed)[:, :2]).sum(axis=1)) for seed in range(30)]
    spread = float(np.std([share.alone for share in shares], ddof=1))
    stated = float(np.mean([share.alone_error for share in shares]))
    assert 0.0 < spread < 1.2 * stated  # a Sobol sample scatters less than a bootstrap thinks, never more


def test_what_does_not_vary_has_no_shares() -> None:
    assert np.isnan(group_share(np.ones(64)).alone)
    assert np.isnan(group_share([1.0, 2.0, 3.0, 4.0]).alone)


def test_the_joint_sample_has_the_packaging_as_further_dimensions() -> None:
    claim = parse_claim(with_claim(), "claim.toml")
    cell = load_cell("li_peo_lfp")
    own, extra = claim_inputs(claim, cell)
    inputs, sample = [*own, *extra], joint_sample(8, claim.seed, own, extra)
    inert = inert_inputs(cell, ("foil",))
    numbers = [one for one in uncertain_inputs(cell, "cell") if one.distribution is not None]
    assert sample.paths == tuple(one.path for one in numbers if one.path not in inert)
    assert {"electrolyte.specific_heat_capacity", "electrode.hysteresis_decay_rate", "interface.capacitance"} <= inert
    assert inert.isdisjoint({"electrolyte.density", "interface.foil_loss", "electrode.entropic_coefficient.value"})
    assert sample.extra_inputs == ("format.other.mass",)
    assert set(sample.group) == {one.path for one in inputs if one.status == "assumed"}
    case = claim.study.cases[0]
    drawn = sample_points(claim, case, [DesignPoint("shipped", conditions_of(claim, case)[0], (353.15,), cell)], 8)
    assert [one.label for one in drawn.inputs] == [*sample.dimensions]
    values = inputs[-1].distribution.quantile(drawn.drawn.study.draws[0].extra_inputs[:, 0])
    assert drawn.values[:, -1] == pytest.approx(values)
    around = drawn.surroundings
    assert [one["format"]["format.other.mass"] for one in around] == pytest.approx(values)
    assert np.ptp(values) > 0.0
    assert around[0]["format"]["format.pouch.thickness"] == load_format("pouch")["format.pouch.thickness"]


def test_the_claims_own_condition_comes_first_and_once() -> None:
    claim = parse_claim(with_claim(temperature="80 degC"), "claim.toml")
    found = [(one.temperature - 273.15, one.c_rate) for one in conditions_of(claim, claim.study.cases[0])]
    assert found == [pytest.approx(pair) for pair in ((80.0, 1 / 3), (60.0, 0.1), (60.0, 1 / 3), (80.0, 0.1))]


def test_the_smallest_share_is_zero_where_nothing_comes_out() -> None:
    energies = np.array([[1.0, 0.0, 0.0], [2.0, 4.0, 0.0], [1.5, 1.0, 0.0]])
    assert smallest_share(energies) == pytest.approx([0.5, 0.0, 0.0])
    assert [name for name, one in CLAIMED.items() if one.over_temperature] == ["smallest_share_of_energy"]
    assert CLAIMED.keys() == MEASURES.keys()


@pytest.mark.parametrize("draws", [6, 4, 0])
def test_an_impossible_number_of_draws_is_refused(draws: int) -> None:
    with pytest.raises(StudyError, match=r"draws: found \d, wanted a multiple of 4"):
        with_draws(load_claim("lfp_250"), draws)


def test_fewer_draws_are_fewer_everywhere() -> None:
    claim = with_draws(load_claim("lfp_250"), 16)
    assert (claim.draws, claim.draws_elsewhere) == (16, 16)


def test_a_claim_that_is_not_computed_is_a_row_that_says_so(tmp_path: Path) -> None:
    found = run_claim("safety", results=tmp_path)
    assert found.attrs["verdict"] == "not yet computed"
    assert found.attrs["quantity"] == NOT_COMPUTED
    table = claims_table({"safety": found})
    assert rows_of(table)[0]["verdict"] == "not yet computed"
    assert verdicts(table) == {"safety": "not yet computed"}
    assert "| `safety` |" in markdown_table(table)
    titles = [section.title for section in explain_claim(found)]
    assert titles == ["safety: not yet computed", "Where the claim comes from"]
    with xr.open_dataset(tmp_path / "safety.nc", engine="h5netcdf") as stored:
        assert json.loads(stored.attrs["assumptions"]) == []


def test_verdict_words_are_ordered_from_best_to_worst() -> None:
    assert VERDICTS[0] == "holds"
    assert VERDICTS[-2:] == ("does not hold", "not yet computed")
    assert judge_claim(load_claim("safety"), []).attrs["verdict"] == VERDICTS[-1]
    assert set(VERDICTS) <= STYLES.keys()


@pytest.mark.parametrize("room", ["claims", "validation"])
def test_a_former_room_warns_and_has_the_same_functions(room: str) -> None:
    with pytest.warns(DeprecationWarning, match=rf"cellmodel\.{room} is now called cellmodel\.assessment"):
        former = importlib.reload(importlib.import_module(f"cellmodel.{room}"))
    assert [name for name in former.__all__ if getattr(former, name) is not getattr(assessment, name)] == []


def test_350_watt_hours_are_judged_for_two_polymers_that_share_no_source_of_transport() -> None:
    claim = load_claim("ternary_350")
    assert isinstance(claim, ComputedClaim)
    names = ("ionic_conductivity", "cation_transference_number", "salt_diffusivity")
    paths = tuple(f"electrolyte.{name}." for name in names)
    sources = [
        {one.source for path, one in case.parameters.entries.items() if path.startswith(paths) and one.source}
        for case in claim.study.cases
    ]
    assert len(sources) == 2
    assert all(sources)
    assert sources[0].isdisjoint(sources[1])
