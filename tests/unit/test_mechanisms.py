"""Mechanisms by name: what is unknown, missing or impossible is said before anything is built."""

from __future__ import annotations

import pytest

from cellmodel.errors import ParameterError, StudyError
from cellmodel.mechanisms import (
    DEFAULT_MECHANISMS,
    HEAT_PARAMETERS,
    MECHANISMS,
    areal_heat_capacity,
    foil_shortfall,
    select_mechanisms,
)
from cellmodel.parameters import load_cell
from cellmodel.quantities import QUANTITIES
from cellmodel.simulation import RunOptions, prepare_run
from cellmodel.study import load_study
from cellmodel.study.reading import parse_study


def test_names_are_put_in_order_and_a_single_one_needs_no_list():
    cell = load_cell("li_peo_lfp")
    assert select_mechanisms(("heat", "foil", "heat"), cell) == ("foil", "heat")
    assert select_mechanisms("heat", cell) == ("heat",)
    assert select_mechanisms((), cell) == ()


def test_the_nearest_name_is_offered():
    with pytest.raises(ParameterError, match="hysteresis"):
        select_mechanisms(("histeresis",), load_cell("li_peo_lfp"))


@pytest.mark.parametrize("name", ["interphase_growth", "contact_loss"])
def test_what_builds_on_the_foil_asks_for_it(name):
    with pytest.raises(ParameterError, match=f"'{name}' without 'foil'"):
        select_mechanisms((name,), load_cell("li_peo_lfp"))


def test_a_thermal_run_lists_every_missing_parameter_at_once():
    doyle = load_cell("li_peo_tis2_doyle1993")
    with pytest.raises(ParameterError) as caught:
        prepare_run(doyle, options=RunOptions(c_rate=0.1, mechanisms=("foil", "heat")))
    missing = {problem.key for problem in caught.value.problems}
    assert missing == {path for path in HEAT_PARAMETERS if path not in doyle.entries}
    assert len(missing) >= 7


@pytest.mark.parametrize("value", [0.0, -0.1, 1.0001])
def test_a_plating_efficiency_outside_zero_to_one_is_refused(value):
    with pytest.raises(ParameterError, match="plating_efficiency"):
        load_cell("li_peo_lfp").replace({"interface.plating_efficiency": value})


def test_every_parameter_of_a_mechanism_is_in_the_table_and_optional():
    for mechanism in MECHANISMS.values():
        for path in mechanism.parameters:
            assert path == "electrode.density" or not QUANTITIES[path].required


def test_flagships_have_everything_and_every_cell_the_default():
    for name in ("li_peo_lfp", "li_polycarbonate_nmc811"):
        every = [key for key in MECHANISMS if key != "hysteresis" or name == "li_peo_lfp"]
        assert len(select_mechanisms(every, load_cell(name))) == len(every)
    assert select_mechanisms(DEFAULT_MECHANISMS, load_cell("li_peo_tis2_doyle1993")) == DEFAULT_MECHANISMS


def test_heat_capacity_of_a_cell_of_one_material_is_thickness_times_density_times_specific_heat():
    p = load_cell("li_peo_lfp")
    scalars = dict(p.scalars)
    for path in scalars:
        if path.endswith("density") and not path.endswith("current_density"):
            scalars[path] = 1000.0
        if path.endswith("specific_heat_capacity"):
            scalars[path] = 2000.0
    thickness = sum(scalars[f"cell.{part}.thickness"] for part in ("lithium", "separator", "positive_electrode"))
    total = thickness + scalars["cell.positive_collector.thickness"]
    assert areal_heat_capacity(scalars) == pytest.approx(2e6 * total)


def test_the_foil_is_held_against_all_that_the_cycles_take():
    p = load_cell("li_peo_lfp")
    charged, discharged = p.stoichiometry_window
    assert foil_shortfall(p, charged, 1) == ""
    assert foil_shortfall(p, discharged, 1) == ""
    thin = p.replace({"cell.lithium.thickness": "6.4 um", "interface.plating_efficiency": 0.95})
    assert foil_shortfall(thin, charged, 1) == ""
    assert "may strip" in foil_shortfall(thin, charged, 4)
    assert foil_shortfall(thin.replace({"interface.plating_efficiency": 1.0}), charged, 4) == ""


def test_a_study_names_its_mechanisms_and_hears_what_is_wrong_with_them():
    text = {"description": "d", "cells": ["li_peo_tis2_doyle1993"], "protocol": "discharge", "c_rate": "C/10"}
    assert parse_study(text, "s.toml").mechanisms == DEFAULT_MECHANISMS
    assert parse_study({**text, "mechanisms": []}, "s.toml").mechanisms == ()
    with pytest.raises(StudyError, match=r"cell\.heat_transfer_coefficient"):
        parse_study({**text, "mechanisms": ["heat"]}, "s.toml")
    assert load_study("first_discharge").fixed_inputs()["study"]["mechanisms"] == ["foil"]


def test_mechanisms_are_part_of_the_digest():
    digests = {
        prepare_run("li_peo_lfp", options=RunOptions(c_rate=0.1, mechanisms=names)).digest
        for names in ((), ("foil",), ("foil", "heat"))
    }
    assert len(digests) == 3
