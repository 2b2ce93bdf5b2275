"""Samples that exchange a group of numbers, and cases with a rate of their own."""

from __future__ import annotations

import numpy as np
import pytest

from cellmodel.errors import StudyError
from cellmodel.study import parse_study, run_study
from cellmodel.study.sampling import Sample

HEAD = {"description": "x", "protocol": "discharge", "mesh": "fast"}
ONE = {**HEAD, "cells": ["li_peo_lfp"], "temperature": "80 degC", "c_rate": "C/3"}
pytestmark = pytest.mark.usefixtures("one_set")


def test_a_block_exchanges_the_group_and_nothing_else() -> None:
    sample = Sample(32, "grouped_saltelli", 3, ("a", "b", "c"), group=("b", "y"), extra_inputs=("y", "z"))
    blocks = sample.points(32).reshape(8, 4, 5)
    grouped = np.array([False, True, False, True, False])
    first, kept, others, last = np.moveaxis(blocks, 1, 0)
    assert np.array_equal(kept, np.where(grouped, first, last))
    assert np.array_equal(others, np.where(grouped, last, first))
    assert not np.isclose(first, last).any()


def test_a_grouped_sample_grows_and_each_point_is_evenly_distributed() -> None:
    small = Sample(64, "grouped_saltelli", 3, ("a", "b"), group=("b",))
    large = Sample(256, "grouped_saltelli", 3, ("a", "b"), group=("b",))
    assert small.grows
    assert np.array_equal(large.points(256)[:64], small.points(64))
    halves = (large.points(256) < 0.5).mean(axis=0)
    assert halves == pytest.approx(0.5)


def test_the_group_of_a_study_are_its_assumed_numbers_and_the_rest_reaches_no_cell() -> None:
    study = parse_study({**ONE, "sample": {"size": 8, "method": "grouped_saltelli", "seed": 1}}, "grouped.toml")
    sample = study.sample
    assert sample is not None
    entries = study.cases[0].parameters.entries
    assert sample.group == tuple(path for path in sample.paths if entries[path].status == "assumed")
    draws = study.draws[0]
    assert draws.values.shape == (8, len(sample.paths))
    assert draws.extra_inputs.shape == (8, 0)
    column = sample.paths.index("electrolyte.salt_diffusivity.dilute_ratio")
    assert draws.values[0, column] == draws.values[1, column] != draws.values[3, column]


def test_the_former_name_lives_one_release() -> None:
    with pytest.warns(FutureWarning, match="now called grouped_saltelli"):
        assert Sample(8, "crossed", 1, ("a",)) == Sample(8, "grouped_saltelli", 1, ("a",))
    with pytest.warns(FutureWarning, match="now called grouped_saltelli"):
        study = parse_study({**ONE, "sample": {"size": 8, "method": "crossed"}}, "grouped.toml")
    assert study.sample is not None
    assert study.sample.method == "grouped_saltelli"


def test_a_grouped_sample_is_a_whole_number_of_blocks() -> None:
    with pytest.raises(StudyError, match=r"size: found 10, wanted a multiple of 4.*such as 8"):
        parse_study({**ONE, "sample": {"size": 10, "method": "grouped_saltelli"}}, "grouped.toml")


def test_a_block_with_an_impossible_draw_is_drawn_again_as_a_whole() -> None:
    wide = {
        "electrode.maximum_concentration": {
            "distribution": "uniform",
            "minimum": "1e4 mol.m-3",
            "maximum": "3e4 mol.m-3",
        },
        "cell.positive_electrode.electrolyte_volume_fraction": {
            "distribution": "uniform",
            "minimum": 0.4,
            "maximum": 0.6,
        },
    }
    study = parse_study(
        {**ONE, "sample": {"size": 32, "method": "grouped_saltelli", "seed": 2}, "distributions": wide}, "c.toml"
    )
    values = study.draws[0].values.reshape(8, 4, 2)
    impossible = (study.sample.points(200)[:, 0] > 0.82).mean() if study.sample else 0.0
    assert impossible > 0.1  # 0.4 + 0.82 x 0.2 = 0.564
    assert (values[..., 0] < 0.564).all()  # active material takes 0.436 of the volume
    assert np.array_equal(values[:, 0], values[:, 2])  # nothing is assumed, so the whole point is "the rest"
    assert np.array_equal(values[:, 1], values[:, 3])


def test_cases_of_one_cell_have_their_own_rate_and_share_a_model() -> None:
    case = {"cell": "li_peo_lfp", "temperature": "80 degC"}
    thin = {**case, "label": "thin", "c_rate": "C/2", "set": {"cell.positive_electrode.thickness": "30 um"}}
    study = parse_study({**HEAD, "case": [{**case, "label": "shipped", "c_rate": "C/5"}, thin]}, "cases.toml")
    assert [run.c_rate for run in study.expand()] == [0.2, 0.5]
    assert len({case.parameters.structure for case in study.cases}) == 1
    dataset = run_study(study, None)
    hours = dataset["time"].max("sample").values / 3600.0
    assert hours == pytest.approx([5.0, 2.0], rel=0.02)
    capacity = dataset["areal_capacity"].values
    assert capacity[1] / capacity[0] == pytest.approx(0.6, rel=0.01)


def test_a_rate_stands_in_the_cases_or_on_an_axis() -> None:
    case = {"cell": "li_peo_lfp", "label": "a", "c_rate": "C/5"}
    with pytest.raises(StudyError, match=r"grid.c_rate: found a value at \[\[case\]\] too"):
        parse_study({**HEAD, "case": [case], "grid": {"c_rate": ["C/2"]}}, "cases.toml")
