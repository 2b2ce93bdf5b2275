"""Mechanisms by name: what is unknown, missing or impossible is said before anything is built."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys

import numpy as np
import pytest

from cellmodel import resources
from cellmodel.correlations import FARADAY
from cellmodel.dataset import meaning
from cellmodel.errors import ParameterError, StudyError
from cellmodel.mechanisms import (
    DEFAULT_MECHANISMS,
    MECHANISMS,
    Mechanism,
    Result,
    State,
    idle,
    own_sources,
    register,
    select_mechanisms,
)
from cellmodel.mechanisms.foil import foil_shortfall
from cellmodel.mechanisms.heat import areal_heat_capacity
from cellmodel.parameters import load_cell
from cellmodel.parameters.kinds import KINDS
from cellmodel.quantities import QUANTITIES
from cellmodel.simulation import RunOptions, prepare_run, simulate, simulate_prepared
from cellmodel.study import load_study, parse_study
from cellmodel.units import Quantity

OF_A_KIND = {name for kind in KINDS.values() for name in kind.mechanisms}
"""Mechanisms that are no choice: every cell of a kind has them."""


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
    assert missing == {path for path in MECHANISMS["heat"].parameters if path not in doyle.entries}
    assert len(missing) == 5  # what its files lack, beside what metals have in common


@pytest.mark.parametrize(
    ("cell", "path", "value"),
    [
        ("li_peo_cu", "interface.plating_efficiency", 0.0),
        ("li_peo_cu", "interface.plating_efficiency", 1.0001),
        ("li_peo_lfp", "interface.foil_loss", -0.1),
        ("li_peo_lfp", "interface.foil_loss", 1.0),
    ],
)
def test_a_share_of_the_plated_lithium_outside_its_bounds_is_refused(cell, path, value):
    with pytest.raises(ParameterError, match=f"{path}: found {value:g}, wanted"):
        load_cell(cell).replace({path: value})


def test_a_cell_has_the_loss_of_where_its_lithium_is_plated(tmp_path):
    """On foil or on copper; the interface's file states both, and a cell is told of the other kinds."""
    foil, copper = load_cell("li_peo_lfp"), load_cell("li_peo_cu")
    assert "interface.foil_loss" in foil.entries
    assert "interface.plating_efficiency" in copper.entries
    with pytest.raises(ParameterError, match=r"plating_efficiency: .*'anode_free' or 'lithium_copper'"):
        foil.replace({"interface.plating_efficiency": 0.9})
    with pytest.raises(ParameterError, match=r"foil_loss: .*'lithium_metal' or 'symmetric'"):
        copper.replace({"interface.foil_loss": 0.1})
    text = (resources.folder("parameters") / "cells" / "li_peo_lfp.toml").read_text(encoding="utf-8")
    text = text.replace('kind = "cell"', 'kind = "anode_free"')
    start = text.index("[lithium.thickness]")
    path = tmp_path / "bare.toml"
    path.write_text(
        text[:start]
        + text[text.index("[separator.thickness]") :].replace('value = 0.0\nunit = "um"', 'value = 4.0\nunit = "um"')
    )
    bare = load_cell(path)
    assert "interface.foil_loss" not in bare.entries
    plated = MECHANISMS["foil"].rates(OneCell(current_density=-10.0, lithium_consumption=0.0), bare.scalars)
    lost = 1.0 - bare["interface.plating_efficiency"]
    assert plated["dead_lithium"] == pytest.approx(lost * 10.0 / FARADAY, rel=1e-9)


def test_every_parameter_of_a_mechanism_is_in_the_table_and_optional():
    """Required are only those of a mechanism that every cell of a kind has."""
    for mechanism in MECHANISMS.values():
        for path in mechanism.parameters:
            assert path == "electrode.density" or QUANTITIES[path].required == (mechanism.name in OF_A_KIND)


def test_flagships_have_everything_and_every_cell_the_default():
    for name in ("li_peo_lfp", "li_polycarbonate_nmc811"):
        every = [key for key in MECHANISMS if key not in OF_A_KIND and (key != "hysteresis" or name == "li_peo_lfp")]
        assert len(select_mechanisms(every, load_cell(name))) == len(every)
    assert select_mechanisms(DEFAULT_MECHANISMS, load_cell("li_peo_tis2_doyle1993")) == DEFAULT_MECHANISMS
    assert select_mechanisms(DEFAULT_MECHANISMS, load_cell("li_peo_cu")) == ("copper_plating",)
    with pytest.raises(ParameterError, match=r"li_peo_lfp: cell\.copper\.lithium_reservoir: found nothing"):
        select_mechanisms(("copper_plating",), load_cell("li_peo_lfp"))
    with pytest.raises(ParameterError, match="mechanisms: found foil, heat, wanted copper_plating"):
        select_mechanisms(("foil", "heat"), load_cell("li_peo_cu"))


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
    thin = p.replace({"cell.lithium.thickness": "6.4 um", "interface.foil_loss": 0.05})
    assert foil_shortfall(thin, charged, 1) == ""
    assert "may strip" in foil_shortfall(thin, charged, 4)
    assert foil_shortfall(thin.replace({"interface.foil_loss": 0.0}), charged, 4) == ""


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


class OneCell(dict):
    """The variables of a cell as numbers; its electrolyte is as thick as 1 m."""

    def electrolyte_integral(self, value):
        return value


def test_plating_leaves_a_share_dead_and_the_interphase_takes_its_own():
    """10 A.m-2 plated, of which 3 % are lost: they are dead; the foil gains the rest less that of the interphase."""
    p = load_cell("li_peo_lfp").replace({"interface.foil_loss": 0.03}).scalars
    cell = OneCell(current_density=-10.0, lithium_consumption=1e-6)
    rates = MECHANISMS["foil"].rates(cell, p)
    plated = 10.0 / FARADAY
    assert rates["dead_lithium"] == pytest.approx(0.03 * plated, rel=1e-9)
    assert rates["lithium_thickness"] == pytest.approx(13e-6 * (0.97 * plated - 1e-6), rel=1e-6)
    stripped = MECHANISMS["foil"].rates(OneCell(current_density=10.0, lithium_consumption=0.0), p)
    assert stripped == {"dead_lithium": 0.0, "lithium_thickness": pytest.approx(-13e-6 * plated, rel=1e-6)}


def test_a_thicker_interphase_resists_and_holds_more():
    """Twice as thick: twice the resistance; 1e-12 m.s-1 over 2e-5 m3.mol-1 takes 5e-8 mol.m-2.s-1."""
    p = dict(load_cell("li_peo_lfp").scalars)
    first = p["interface.interphase_thickness"] = 1e-8
    p["interface.interphase_lithium_molar_volume"] = 2e-5
    p["interface.interphase_growth_rate"] = lambda thickness, temperature: 1e-12 * thickness / first * temperature / 300
    found = MECHANISMS["interphase_growth"].evaluate(OneCell(interphase_thickness=2 * first, temperature=150.0), p)
    assert found == pytest.approx(
        {"interphase_lithium": 1e-3, "lithium_consumption": 5e-8, "interphase_resistance_factor": 2.0}
    )


def test_a_cell_warmer_than_its_surroundings_loses_heat():
    """Nothing is dissipated, 2 K too warm, 0.1 W.m-2.K-1: 0.2 W.m-2 over its heat capacity, downwards."""
    p = load_cell("li_peo_lfp").replace({"cell.heat_transfer_coefficient": 0.1}).scalars
    at_rest = {"current": 0.0, "voltage": 3.4, "open_circuit_power": 0.0, "entropic_power": 0.0}
    salt = {"electrolyte_concentration": p["electrolyte.initial_concentration"]}
    cell = OneCell(temperature=355.15, ambient_temperature=353.15, **at_rest, **salt)
    found = MECHANISMS["heat"].evaluate(cell, p)
    assert found["temperature_rate"] == pytest.approx(-0.2 / areal_heat_capacity(p), rel=1e-9)
    assert found["mixing_energy"] == pytest.approx(0.0, abs=1e-9)
    assert areal_heat_capacity(p) > 0.0
    # 1 A at 3.4 V from 3.5 W, and an entropic coefficient of 1 mV.K-1 (1e-3 W.K-1) that takes up heat on discharge
    cell |= {"current": 1.0, "open_circuit_power": 3.5, "entropic_power": 1e-3, "ambient_temperature": 355.15}
    assert MECHANISMS["heat"].evaluate(cell, p)["heat"] == pytest.approx(3.5 - 3.4 - 0.35515)


def guide_example():
    """Return the Python of the guide's section on mechanisms, block by block."""
    page = (resources.folder("experiments") / "guide" / "how_to_add.md").read_text(encoding="utf-8")
    section = page.partition("## A mechanism\n")[2].partition("\n## ")[0]
    return re.findall(r"^```python\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)


@pytest.fixture
def aging(shipped_mechanisms, tmp_path, monkeypatch):
    """Return the names that the guide's example leaves behind: its class, a cell with its number, and a run."""
    monkeypatch.chdir(tmp_path)
    names = {}
    for block in guide_example():
        exec(block, names)
    return names


def test_a_mechanism_of_one_class_is_in_the_voltage_the_dataset_and_the_messages(aging):
    cell, run = aging["cell"], aging["run"]
    assert run["contact_resistance"].attrs == {"units": "ohm.m2", "long_name": "areal resistance of the aging contact"}
    j = float(run["current"][0]) / cell["cell.area"]
    grown = cell["interface.contact_growth"] * j * run["time"].values
    np.testing.assert_allclose(run["contact_resistance"], grown, rtol=1e-6, atol=1e-9)
    # at constant current a resistance in series lowers the voltage by its drop and changes nothing else
    fresh = simulate(cell, c_rate="C/3", mesh="fast")
    middle = slice(20, 120)
    there = np.interp(run["time"][middle], fresh["time"], fresh["voltage"])
    np.testing.assert_allclose(there - run["voltage"][middle], j * grown[middle], atol=1e-3)
    assert j * grown[119] > 0.02
    assert abs(float(run["energy_closure_error"])) < 1e-3

    with pytest.raises(ParameterError, match=r"interface\.contact_growth.*'aging_contact' needs"):
        prepare_run("li_peo_lfp", options=RunOptions(c_rate=0.3, mechanisms="aging_contact"))
    assert idle("interface.contact_growth", ("foil",)) == "aging_contact"
    with pytest.raises(ParameterError, match=r"contact_growth: found 2 "):
        cell.replace({"interface.contact_growth": 2.0})


def test_an_event_of_a_mechanism_ends_the_run_with_its_words(aging):
    lost = aging["cell"].replace({"interface.contact_growth": 1e-6})
    run = simulate(lost, c_rate="C/3", mesh="fast", mechanisms="aging_contact")
    assert meaning("status", run["status"]) == "ended_early"
    assert meaning("end_cause", run["end_cause"]) == "mechanism_limit"
    assert str(run["message"].values).endswith("the contact is lost")
    assert float(run["contact_resistance"][-1]) == pytest.approx(aging["LOST"], rel=1e-4)


def test_a_name_that_is_taken_and_an_unknown_effect_are_refused_together(shipped_mechanisms):
    before = dict(MECHANISMS)

    class Second(Mechanism):
        name, effects = "foil", ("resistance",)
        states = {"dead_lithium": Result("1", "x"), "voltage": Result("V", "x")}
        quantities = {"interface.contact_loss_inventory": Quantity("1", "x")}

    with pytest.raises(ParameterError) as caught:
        register(Second)
    problems = [(problem.key, problem.found) for problem in caught.value.problems]
    names = ["'foil'", "'interface.contact_loss_inventory'", "'dead_lithium'", "'voltage'", "'resistance'"]
    assert problems == list(zip(["name", "quantities", "states", "states", "effects"], names, strict=True))
    assert before == MECHANISMS


@pytest.mark.parametrize("stored", ["time", "capacity", "x", "status", "electrolyte_potential"])
def test_a_mechanism_cannot_store_in_place_of_what_a_run_has_anyway(shipped_mechanisms, stored):
    @register
    class Thief(Mechanism):
        name, states = "thief", {stored: Result("V", "mine")}

    with pytest.raises(ParameterError, match=f"mechanism 'thief': states: found '{stored}'"):
        simulate("li_peo_lfp", c_rate="C/3", mesh="fast", mechanisms="thief")


def ramp(slope):
    """Return a mechanism whose state grows at a rate [s-1]."""

    class Ramp(Mechanism):
        name, states = "ramp", {"ramp": Result("1", "what grows")}

        def start(self, p):
            return {"ramp": State(0.0, 1.0)}

        def rates(self, cell, p):
            return {"ramp": slope + 0.0 * cell["current_density"]}

    return Ramp


def test_a_class_that_is_registered_again_is_another_model_and_another_run(shipped_mechanisms):
    ends, digests = [], []
    for slope in (1e-3, 2e-3):
        register(ramp(slope))
        run = prepare_run("li_peo_lfp", options=RunOptions(c_rate=1.0, mesh="fast", mechanisms="ramp"))
        stored = simulate_prepared(run)
        ends.append(float(stored["ramp"][-1] / stored["time"][-1]))
        digests.append(own_sources(("foil", "ramp")))
    assert ends == pytest.approx([1e-3, 2e-3], rel=1e-4)
    assert [list(one) for one in digests] == [["ramp"], ["ramp"]]  # what this package ships has the model version
    assert digests[0] != digests[1]


def test_the_text_of_a_class_decides_what_its_run_is(shipped_mechanisms, tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    found = []
    for number, text in enumerate(("1.0", "1.0", "2.0")):
        name = f"mechanism_of_mine_{number}"
        source = (
            "from cellmodel.mechanisms import Mechanism\nclass Mine(Mechanism):\n    name, factor = 'mine', " + text
        )
        (tmp_path / f"{name}.py").write_text(source)
        register(importlib.import_module(name).Mine)
        found.append(prepare_run("li_peo_lfp", options=RunOptions(c_rate=1.0, mechanisms="mine")).digest)
        MECHANISMS.pop("mine")
    assert found[0] == found[1] != found[2]


def test_a_mechanism_cannot_redefine_a_quantity_of_the_table(shipped_mechanisms):
    area = QUANTITIES["cell.area"]

    @register
    class Greedy(Mechanism):
        name, quantities = "greedy", {"cell.area": Quantity("m2", "any area", (0.0, 1e9))}

    assert QUANTITIES["cell.area"] == area


def test_the_names_of_mechanisms_are_known_without_pybamm():
    code = "import sys, cellmodel.mechanisms as m; sys.exit('pybamm' in sys.modules or len(m.MECHANISMS) < 5)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
