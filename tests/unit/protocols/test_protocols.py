"""Protocols: what the files may say, what it means in SI, and that what cannot run is refused."""

from __future__ import annotations

import json
import math
import os
import tomllib
from dataclasses import replace
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pybamm
import pytest

from cellmodel.errors import ProtocolError
from cellmodel.inputs import parse_c_rate
from cellmodel.parameters import ParameterSet, load_cell
from cellmodel.protocols import (
    InitialState,
    Protocol,
    Step,
    Termination,
    check_protocol,
    initial_stoichiometry,
    list_protocols,
    load_protocol,
    parse_protocol,
    protocol_toml,
    resolve_protocol,
    rest_voltage,
    starting_direction,
)
from cellmodel.study import load_study

LOWER, UPPER = Termination("voltage", None, "below", "lower"), Termination("voltage", None, "above", "upper")


@pytest.fixture(scope="module")
def cell() -> ParameterSet:
    return load_cell("li_peo_lfp")


def parse(text: str) -> Protocol:
    return parse_protocol(tomllib.loads('description = "d"\n' + text), "mine.toml")


def step(text: str) -> Step:
    return parse("[[step]]\n" + text).steps[0]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            'discharge = "swept"\nuntil = "lower cut-off"',
            Step("c_rate", None, None, (LOWER,), direction="discharge"),
        ),
        ('charge = "C/4"\nuntil = "upper cut-off"', Step("c_rate", -0.25, None, (UPPER,), direction="charge")),
        (
            'discharge = "0.5 mA.cm-2"\nduration = "2 h"',
            Step("current_density", 5.0, 7200.0, direction="discharge"),
        ),
        ('charge = "10 mA"\nduration = "1 min"', Step("current", -0.01, 60.0, direction="charge")),
        ('discharge = "2 W"\nduration = "30 s"', Step("power", 2.0, 30.0, direction="discharge")),
        ('rest = "10 min"', Step("rest", 0.0, 600.0)),
        ('rest = "1 h"\ntemperature = "60 degC"', Step("rest", 0.0, 3600.0, temperature=pytest.approx(333.15))),
        (
            'rest = "1 h"\nuntil = "> 3.5 V"',
            Step("rest", 0.0, 3600.0, (Termination("voltage", 3.5, "above"),)),
        ),
        (
            'hold = "upper cut-off"\nduration = "5 h"\nuntil = ["C/50", "1 mA"]',
            Step(
                "voltage",
                None,
                18000.0,
                (Termination("c_rate", 0.02, "below"), Termination("current", 0.001, "below")),
                cut_off="upper",
            ),
        ),
        (
            'discharge = "2C"\nuntil = "2800 mV"',
            Step("c_rate", 2.0, None, (Termination("voltage", pytest.approx(2.8), "below"),), direction="discharge"),
        ),
    ],
)
def test_steps_mean_these_numbers(text: str, wanted: Step) -> None:
    assert step(text) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            "Discharge at C/10 for 2 hours or until 2.6 V",
            Step("c_rate", 0.1, 7200.0, (Termination("voltage", 2.6, "below"),), direction="discharge"),
        ),
        (
            "Charge at 1 mA until 3.7 V",
            Step("current", -0.001, None, (Termination("voltage", 3.7, "above"),), direction="charge"),
        ),
        ("Rest for 10 minutes", Step("rest", 0.0, 600.0)),
        ("Discharge at 10 mW for 5 minutes", Step("power", 0.01, 300.0, direction="discharge")),
    ],
)
def test_pybamm_strings_are_valid(text: str, wanted: Step) -> None:
    found = parse(f'steps = ["{text}"]').steps[0]
    assert (found.kind, found.until, found.direction) == (wanted.kind, wanted.until, wanted.direction)
    assert found.value == pytest.approx(wanted.value)
    assert found.duration == wanted.duration


def test_the_silent_day_of_pybamm_becomes_a_limit_that_the_step_reaches_before(cell: ParameterSet) -> None:
    """A hold ends when all charge has passed at its smallest current, a power step when all energy has."""
    strings = ["Hold at 3.8 V until C/50", "Hold at 3.8 V for 5 hours or until C/50", "Discharge at 0.1 mW until 2.6 V"]
    tables = '[[step]]\nhold = "3.8 V"\nuntil = "C/50"\n[[step]]\ndischarge = "0.1 mW"\nuntil = "2.6 V"'
    hold, timed, power = resolve_protocol(parse(f"steps = {strings}"), cell).steps
    assert (timed.duration, timed.duration_asked) == (18000.0, True)
    assert (hold.duration, hold.duration_asked) == (pytest.approx(1.1 * 50 * 3600), False)
    energy = cell.areal_capacity * cell["cell.area"] * cell["cell.upper_voltage_cut_off"]
    assert (power.duration, power.duration_asked) == (pytest.approx(1.1 * 3600 * energy / 1e-4), False)
    assert resolve_protocol(parse(tables), cell).steps == (hold, power)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[[step]]\ndischarg = "C/10"\nrest = "1 h"', ("step[1].discharg", "did you mean discharge")),
        ('cycle = 3\n[[step]]\nrest = "1 h"', ("cycle:", "did you mean cycles")),
        ('[[step]]\ndischarge = "C/10"\ncharge = "C/10"', ("step[1]", "discharge and charge", "exactly one of")),
        ('[[step]]\nduration = "1 h"', ("no verb", "exactly one of discharge, charge, hold, rest")),
        ('[[step]]\ndischarge = "C/10"', ("step[1].until", "a limit that ends the step")),
        ('[[step]]\nhold = "3.6 V"', ("step[1].until", "a limit that ends the step")),
        ('[[step]]\ndischarge = "1 W"', ("step[1].until", "a limit that ends the step")),
        ('[[step]]\nrest = "11 years"', ("step[1].rest", "'11 years'", "ten years")),
        ('[[step]]\nrest = "1 us"', ("step[1].rest", "'1 us'", "0.001 s")),
        ('[[step]]\ndischarge = "1C"\nduration = "0 s"', ("step[1].duration", "'0 s'", "a time above zero")),
        ('[[step]]\ndischarge = "1e9 C"\nuntil = "3 V"', ("step[1].discharge", "'1e9 C'", "10000 C")),
        ('[[step]]\ndischarge = "1e-300 C"\nuntil = "3 V"', ("step[1].discharge", "'1e-300 C'", "1e-05")),
        ('[[step]]\nhold = "0 V"\nuntil = "1 mA"', ("step[1].hold", "'0 V'", "above zero")),
        ('[[step]]\nhold = "3.6 V"\nuntil = "0 A"', ("step[1].until", "'0 A'")),
        ('[[step]]\nrest = "1 h"\ntemperature = "1e6 K"', ("step[1].temperature", "'1e6 K'", "700 K")),
        ('steps = ["Rest for 0 seconds", "Rest for 1 hour"]', ("steps[1]", "'Rest for 0 seconds'", "above zero")),
        ('steps = ["Rest for 1 hour", "Rest for -1 hours"]', ("steps[2]", "'Rest for -1 hours'", "above zero")),
        ('steps = ["Rest for inf hours"]', ("steps[1]", "'Rest for inf hours'")),
        ('steps = ["Rest for nan hours"]', ("steps[1]", "'Rest for nan hours'")),
        ('steps = ["Rest for 1e9 hours"]', ("steps[1]", "ten years")),
        ('steps = ["Hold at 3.8 V until 0 A"]', ("steps[1]", "'Hold at 3.8 V until 0 A'", "a limit above zero")),
        ('steps = ["Discharge at C/0 until 2.6 V"]', ("steps[1]", "'Discharge at C/0 until 2.6 V'")),
        ('steps = ["Discharge at inf A until 2.6 V"]', ("steps[1]", "at inf A")),
        ('steps = ["Discharge at nan A until 2.6 V"]', ("steps[1]", "at nan A")),
        ('steps = ["Discharge at 1 A until 0 V"]', ("steps[1]", "a limit above zero")),
        (f'steps = ["Rest for {"1" * 5000} hours"]', ("steps[1]", "at most 200 characters")),
        (f"steps = {['Rest for 1 hour'] * 1001}", ("steps", "1001 steps", "at most 1000")),
        ('cycles = 10001\n[[step]]\nrest = "1 h"', ("cycles", "found 10001", "at most 10000")),
        ('samples = 100001\n[[step]]\nrest = "1 h"', ("samples", "at most 100000")),
        ('cycles = 5000\nsamples = 5000\n[[step]]\nrest = "1 h"', ("samples", "at most 20000000 samples in all")),
        (
            'initial = { state_of_charge = -1 }\n[[step]]\nrest = "1 h"',
            ("initial.state_of_charge", "found -1", "0 to 1"),
        ),
        ('initial = { state_of_charge = 1000 }\n[[step]]\nrest = "1 h"', ("initial.state_of_charge", "found 1000")),
        ('initial = { state_of_charge = "nan" }\n[[step]]\nrest = "1 h"', ("initial.state_of_charge", "'nan'")),
        ('initial = { stoichiometry = 1.2 }\n[[step]]\nrest = "1 h"', ("initial.stoichiometry", "found 1.2")),
        ('initial = { voltage = "-3 V" }\n[[step]]\nrest = "1 h"', ("initial.voltage", "found -3 V")),
        ("[[step]]\nrest = 600", ("step[1].rest", "600 without a unit")),
        ('[[step]]\nrest = "10"', ("step[1].rest", "no unit")),
        ('[[step]]\nrest = "10 V"', ("step[1].rest", "unit 'V'")),
        ('[[step]]\nrest = "-10 s"', ("step[1].rest", "a time above zero")),
        ('[[step]]\nrest = "1 h"\nduration = "1 h"', ("step[1].duration", "the duration of a rest is")),
        ('[[step]]\nrest = "1 h"\nuntil = "3 V"', ("step[1].until", "a rest has no direction")),
        ('[[step]]\nrest = "1 h"\nuntil = "C/50"', ("step[1].until", "the current of this step does not change")),
        ('[[step]]\ndischarge = 0.1\nuntil = "2.6 V"', ("step[1].discharge", "0.1", "'C/10'")),
        ('[[step]]\ndischarge = "0 C"\nuntil = "2.6 V"', ("step[1].discharge", "'0 C'", "above zero")),
        ('[[step]]\ndischarge = "-1 C"\nuntil = "2.6 V"', ("step[1].discharge", "'-1 C'", "above zero")),
        ('[[step]]\ndischarge = "5 kg"\nuntil = "2.6 V"', ("step[1].discharge", "'5 kg'")),
        ('[[step]]\ndischarge = "1C"\nuntil = "upper cut-off"', ("until", "a limit that a discharge can reach")),
        ('[[step]]\ndischarge = "1C"\nuntil = "2.6 K"', ("step[1].until", "'2.6 K'", "a limit such as")),
        ('[[step]]\nhold = "3.6 V"\nduration = "1 h"\nuntil = "3 V"', ("the voltage of this step does not change",)),
        ('[[step]]\nhold = "3.6 V"\nduration = "1 h"\nuntil = "> C/5"', ("a current that the step falls below",)),
        ("", ("steps", "no step")),
        ('steps = ["Rest for 1 hour"]\n[[step]]\nrest = "1 h"', ("both `steps` and [[step]]",)),
        ('steps = ["Rest awhile"]', ("steps[1]", "'Rest awhile'", "PyBaMM's step strings")),
        ('steps = ["Discharge at 5 Ohm for 1 hour"]', ("steps[1]", "a resistance cannot be held")),
        ('steps = ["Discharge at 1C for 1 hour (1 minute period)"]', ("no period", "samples")),
        ('steps = ["Rest until 3 V"]', ("steps[1]", "a rest with a time")),
        ('steps = ["Discharge at -1 C for 1 hour"]', ("steps[1]", "a value above zero")),
        ("steps = [3]", ("steps[1]", "found 3")),
        ('cycles = 0\n[[step]]\nrest = "1 h"', ("cycles", "found 0", "1 or more")),
        ('samples = 1\n[[step]]\nrest = "1 h"', ("samples", "2 or more")),
        ('complete_at = "2 V"\n[[step]]\nrest = "1 h"', ("complete_at", "'lower cut-off' or 'upper cut-off'")),
        ('initial = {}\n[[step]]\nrest = "1 h"', ("initial", "exactly one of")),
        (
            'initial = { voltage = "3 V", stoichiometry = 0.1 }\n[[step]]\nrest = "1 h"',
            ("initial", "stoichiometry and voltage"),
        ),
        ('initial = { voltage = 3.0 }\n[[step]]\nrest = "1 h"', ("initial.voltage", "3.0 without a unit")),
        ('initial = { charge = 1 }\n[[step]]\nrest = "1 h"', ("initial.charge", "an unknown key")),
    ],
)
def test_bad_protocols_are_refused_with_key_found_and_wanted(text: str, said: tuple[str, ...]) -> None:
    with pytest.raises(ProtocolError) as caught:
        parse(text)
    assert all(words in str(caught.value) for words in ("mine.toml", *said)), str(caught.value)


def test_all_problems_come_in_one_message() -> None:
    with pytest.raises(ProtocolError) as caught:
        parse('cycles = 0\nsample = 3\n[[step]]\nrest = 5\n[[step]]\ncharge = "C/3"')
    assert len(caught.value.problems) == 4
    assert len(str(caught.value).splitlines()) == 4


def test_malformed_toml_gives_the_line(tmp_path: Path) -> None:
    file = tmp_path / "broken.toml"
    file.write_text('description = "d"\n[[step]\nrest = "1 h"\n')
    with pytest.raises(ProtocolError, match=r"broken\.toml: line 2, column \d+: .* wanted valid TOML"):
        load_protocol(file)


def test_unknown_names_come_with_the_nearest() -> None:
    with pytest.raises(ProtocolError, match=r"found 'dischrge'; did you mean discharge"):
        load_protocol("dischrge")
    with pytest.raises(ProtocolError, match=r"no such file"):
        load_protocol("nowhere/mine.toml")


@pytest.mark.parametrize("name", list_protocols())
def test_toml_text_reads_back_to_the_same_protocol(name: str) -> None:
    protocol = load_protocol(name)
    assert parse_protocol(tomllib.loads(protocol_toml(protocol)), f"{name}.toml") == protocol


def test_toml_text_of_every_kind_of_step_reads_back() -> None:
    protocol = parse(
        'initial = { voltage = "3.4 V" }\ncomplete_at = "upper cut-off"\n'
        '[[step]]\ndischarge = "1e-3 C"\nuntil = "2.6 V"\n'
        '[[step]]\ncharge = "0.1 mA.cm-2"\nduration = "1 h"\ntemperature = "70 degC"\n'
        '[[step]]\ndischarge = "3 mA"\nuntil = ["2.7 V", "lower cut-off"]\n'
        '[[step]]\ncharge = "1 mW"\nduration = "1 h"\nuntil = "3.7 V"\n'
        '[[step]]\nhold = "3.6 V"\nduration = "1 h"\nuntil = ["C/50", "10 uA"]\n'
        '[[step]]\nrest = "1 h"\nuntil = "< 3 V"'
    )
    assert parse_protocol(tomllib.loads(protocol_toml(protocol)), "mine.toml") == protocol


@pytest.mark.parametrize(
    ("text", "rate"), [("C/10", 0.1), ("2C", 2.0), ("0.5 C", 0.5), ("C", 1.0), ("3C/2", 1.5), ("1 A", None), (1, None)]
)
def test_c_rates(text: object, rate: float | None) -> None:
    assert parse_c_rate(text) == rate


def test_resolving_fills_in_rate_cut_off_and_safety_limit(cell: ParameterSet) -> None:
    by_rate = resolve_protocol(load_protocol("discharge"), cell, c_rate=0.5).steps[0]
    assert (by_rate.kind, by_rate.value, by_rate.duration_asked) == ("c_rate", 0.5, False)
    assert by_rate.duration == pytest.approx(1.1 * 2 * 3600)
    assert by_rate.until == (Termination("voltage", cell["cell.lower_voltage_cut_off"], "below", "lower"),)
    density = 0.5 * cell.areal_capacity
    by_density = resolve_protocol(load_protocol("charge"), cell, current_density=density).steps[0]
    assert (by_density.kind, by_density.value) == ("current_density", -density)
    assert by_density.duration == pytest.approx(by_rate.duration)
    amperes = parse(f'[[step]]\ndischarge = "{density * cell["cell.area"]} A"\nuntil = "2.8 V"')
    assert resolve_protocol(amperes, cell).steps[0].duration == pytest.approx(by_rate.duration)


@pytest.mark.parametrize(
    ("name", "given", "said"),
    [
        ("discharge", {}, "found nothing, wanted a C-rate or a current density"),
        ("discharge", {"c_rate": 0.0}, "c_rate: found 0, wanted a value above zero"),
        ("discharge", {"c_rate": -0.1}, "c_rate: found -0.1, wanted a value above zero"),
        ("discharge", {"c_rate": math.nan}, "c_rate: found nan, wanted a value above zero"),
        ("discharge", {"current_density": -1.0}, "current_density: found -1, wanted a value above zero"),
        ("discharge", {"c_rate": 1.0, "current_density": 1.0}, "found c_rate and current_density"),
        ("gitt", {"c_rate": 1.0}, "c_rate: found 1, wanted nothing: no step is 'swept'"),
    ],
)
def test_wrong_rates_are_refused(cell: ParameterSet, name: str, given: dict[str, float], said: str) -> None:
    with pytest.raises(ProtocolError) as caught:
        resolve_protocol(load_protocol(name), cell, **given)
    assert said in str(caught.value)


def test_initial_states(cell: ParameterSet) -> None:
    charged, discharged = cell.stoichiometry_window
    assert initial_stoichiometry(InitialState(state_of_charge=1.0), cell) == pytest.approx(charged)
    assert initial_stoichiometry(InitialState(state_of_charge=0.0), cell) == pytest.approx(discharged)
    assert initial_stoichiometry(InitialState(stoichiometry=0.4), cell) == 0.4
    y = initial_stoichiometry(InitialState(voltage=3.5), cell)
    assert float(cell.function("electrode.open_circuit_potential")(y)) == pytest.approx(3.5)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            '[[step]]\ndischarge = "1C"\nuntil = "2.5 V"',
            "step[1].until: found 2.5 V, wanted a voltage in the cell's window",
        ),
        ('[[step]]\nhold = "3.9 V"\nduration = "1 h"', "step[1].hold: found 3.9 V"),
        (
            'initial = { stoichiometry = 0.5 }\n[[step]]\nrest = "1 h"\n[[step]]\ndischarge = "1C"\nuntil = "3.6 V"',
            "lower voltage cut-off: found 3.6 V, wanted a voltage below the open-circuit voltage",
        ),
        (
            'initial = { state_of_charge = 0 }\n[[step]]\ndischarge = "1C"\nuntil = "lower cut-off"',
            "lower voltage cut-off: found 2.6 V, wanted a voltage below the open-circuit voltage",
        ),
        ('[[step]]\ncharge = "1C"\nduration = "1 h"', "upper voltage cut-off: found 3.8 V, wanted a voltage above"),
        ('[[step]]\ndischarge = "100 A"\nuntil = "2.6 V"', "step[1].discharge: found discharge at 100 A"),
        ('[[step]]\ndischarge = "1e-9 W"\nuntil = "2.6 V"', "wanted a rate of 1e-05C to 10000C"),
        ('[[step]]\nhold = "3.6 V"\nuntil = "1e-10 A"', "step[1].until: found < 1e-10 A"),
        ('initial = { voltage = "5 V" }\n[[step]]\nrest = "1 h"', "initial.voltage: found 5 V"),
        ('[[step]]\nrest = "1 h"\ntemperature = "300 degC"', "step[1].temperature: found 573.15 K"),
    ],
)
def test_what_cannot_run_on_a_cell_is_refused(cell: ParameterSet, text: str, said: str) -> None:
    with pytest.raises(ProtocolError) as caught:
        check_protocol(parse(text), cell, temperature=cell["electrode.reference_temperature"])
    assert said in str(caught.value)


def test_a_step_with_nothing_to_do_is_refused_only_where_the_protocol_does_nothing_else(cell: ParameterSet) -> None:
    """The run skips it otherwise; a cut-off that it does not list would end the protocol."""
    reference = cell["electrode.reference_temperature"]
    check_protocol(
        parse('steps = ["Charge at C/3 until 3.8 V", "Discharge at C/3 until 2.6 V"]'), cell, temperature=reference
    )
    for text in ('"Charge at C/3 until 3.8 V"', '"Charge at C/3 for 1 hour", "Discharge at C/3 until 2.6 V"'):
        with pytest.raises(ProtocolError, match=r"upper voltage cut-off: found 3\.8 V"):
            check_protocol(parse(f"steps = [{text}]"), cell, temperature=reference)


@pytest.mark.parametrize("temperature", [298.15, 353.15])
@pytest.mark.parametrize(
    ("direction", "path"),
    [("discharge", "electrode.open_circuit_potential"), ("charge", "electrode.delithiation_potential")],
)
def test_an_initial_voltage_is_that_of_the_cell_at_rest_in_the_run(
    cell: ParameterSet, temperature: float, direction: str, path: str
) -> None:
    """On the branch that the protocol walks first."""
    y = initial_stoichiometry(InitialState(voltage=3.43), cell, temperature, direction)
    warmer = temperature - cell["electrode.reference_temperature"]
    wanted = float(cell.function(path)(y)) + warmer * float(cell.function("electrode.entropic_coefficient")(y))
    assert wanted == pytest.approx(3.43, abs=1e-9)
    assert rest_voltage(cell, y, temperature, direction) == pytest.approx(3.43, abs=1e-9)
    with pytest.raises(ProtocolError, match="voltage: found 9 V"):
        initial_stoichiometry(InitialState(voltage=9.0), cell, temperature, direction)


@pytest.mark.parametrize(
    ("steps", "direction"),
    [
        (["Rest for 1 hour", "Hold at 3.5 V for 1 hour", "Charge at C/3 for 1 hour", "Discharge at C/3"], "charge"),
        (["Rest for 1 hour", "Discharge at C/3 for 1 hour", "Charge at C/3"], "discharge"),
        (["Hold at 3.5 V for 1 hour"], "discharge"),
    ],
)
def test_a_protocol_starts_on_the_branch_of_its_first_step_with_a_direction(steps: list[str], direction: str) -> None:
    steps = [f"{step} until {'3.8' if 'Ch' in step else '2.6'} V" if step.endswith("C/3") else step for step in steps]
    assert starting_direction(parse(f"initial = {{ stoichiometry = 0.5 }}\nsteps = {json.dumps(steps)}")) == direction


def test_a_state_of_charge_may_be_off_by_rounding(cell: ParameterSet) -> None:
    assert (
        initial_stoichiometry(
            parse('initial = { state_of_charge = 1.0000000001 }\nsteps = ["Rest for 1 hour"]').initial, cell
        )
        >= 0.0
    )
    assert initial_stoichiometry(InitialState(stoichiometry=0.999 + 1e-10), cell) == 0.999


@pytest.mark.parametrize(
    "initial",
    [
        InitialState(stoichiometry=0.0),
        InitialState(stoichiometry=1e-4),
        InitialState(stoichiometry=1.0),
        InitialState(voltage=4.0155),
        InitialState(voltage=1.6),
    ],
    ids=repr,
)
def test_no_run_starts_where_the_potential_of_the_model_is_not_that_of_the_file(
    cell: ParameterSet, initial: InitialState
) -> None:
    with pytest.raises(ProtocolError, match=r"a stoichiometry from 0\.001 to 0\.999"):
        initial_stoichiometry(initial, cell)


@pytest.mark.parametrize("given", [None, 3, 2.5, b"discharge", True, {1, 2}, object(), "", "  ", "a\0b", "x" * 100_000])
def test_what_is_no_protocol_is_refused_by_name(given: object) -> None:
    with pytest.raises(ProtocolError, match="protocol") as caught:
        load_protocol(given)
    assert len(str(caught.value)) < 1000


@pytest.mark.parametrize("given", [None, 3, b"x", [], "description = 1", ["Rest for 1 hour"]])
def test_what_is_no_table_is_no_protocol(given: object) -> None:
    with pytest.raises(ProtocolError, match="a table with `description` and `steps`"):
        parse_protocol(given, "mine.toml")


@pytest.mark.parametrize("steps", [[], [None], [3], [["Rest for 1 hour"]], [b"x"], [float("nan")], [{}], [{"rest": 3}]])
def test_lists_of_what_are_no_steps_are_refused(steps: list[object]) -> None:
    with pytest.raises(ProtocolError, match="steps"):
        load_protocol(steps)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"duration": math.nan}, "step[1].duration: found nan"),
        ({"duration": "1 h"}, "step[1].duration: found '1 h'"),
        ({"duration": 0.0}, "step[1].duration: found 0.0"),
        ({"duration": 1e12}, "ten years"),
        ({"value": -0.5}, "step[1].value: found -0.5 C"),
        ({"value": "C/2"}, "step[1].value: found 'C/2'"),
        ({"value": math.inf}, "step[1].value: found inf C"),
        ({"kind": "resistance"}, "step[1].kind: found 'resistance'"),
        ({"kind": None}, "step[1].kind: found None"),
        ({"direction": None}, "step[1].direction"),
        ({"until": ["2.6 V"]}, "step[1].until"),
        ({"until": (Termination("voltage", None, "below"),)}, "step[1].until: found None"),
        ({"until": (Termination("current", 1.0, "below"),)}, "the current of this step does not change"),
        ({"temperature": 0.0}, "step[1].temperature: found 0 K"),
        ({"temperature": "80 degC"}, "step[1].temperature: found '80 degC'"),
    ],
)
def test_steps_made_in_python_pass_the_same_checks(changes: dict[str, object], said: str) -> None:
    sound = {"kind": "c_rate", "value": 0.5, "duration": 3600.0, "direction": "discharge"}
    protocol = Protocol("p", "d", (Step(**{**sound, **changes}),))
    with pytest.raises(ProtocolError) as caught:
        load_protocol(protocol)
    assert said in str(caught.value)


def test_protocols_made_in_python_pass_the_same_checks() -> None:
    rest = (Step("rest", 0.0, 600.0),)
    for protocol, said in (
        (Protocol("p", "d", ()), "steps: found no step"),
        (Protocol("p", "d", [*rest]), "a tuple of Step"),
        (Protocol("p", "d", rest, cycles=0), "cycles: found 0"),
        (Protocol("p", "d", rest, cycles=1.0), "cycles: found 1.0"),
        (Protocol("p", "d", rest, samples=True), "samples: found True"),
        (Protocol("p", "d", rest, initial=InitialState()), "initial: found nothing"),
        (Protocol("p", "d", rest, initial=InitialState(state_of_charge=-1.0)), "initial.state_of_charge: found -1"),
        (Protocol("p", "d", rest, complete_at="left"), "complete_at: found 'left'"),
    ):
        with pytest.raises(ProtocolError) as caught:
            load_protocol(protocol)
        assert said in str(caught.value)
    assert load_protocol(Protocol("p", "d", rest)).steps == rest


def test_an_edited_file_is_read_anew_whatever_its_time_of_change(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('description = "d"\n[[step]]\nrest = "1 h"\n')
    assert load_protocol(file).steps[0].duration == 3600.0
    changed = file.stat()
    file.write_text('description = "d"\n[[step]]\nrest = "2 h"\n')
    os.utime(file, ns=(changed.st_atime_ns, changed.st_mtime_ns))
    assert load_protocol(str(file)).steps[0].duration == 7200.0


def test_steps_of_pybamm_mean_what_their_strings_mean() -> None:
    made = [
        pybamm.step.c_rate(0.1, duration="2 hours", termination="2.6 V"),
        pybamm.step.current(-1e-3, termination="3.7 V"),
        pybamm.step.rest(600),
        pybamm.step.voltage(3.8, termination="C/50", temperature="60 oC"),
    ]
    texts = ["Discharge at C/10 for 2 hours or until 2.6 V", "Charge at 1 mA until 3.7 V", "Rest for 10 minutes"]
    found = load_protocol(made).steps
    assert found[:3] == load_protocol(texts).steps
    assert (found[3].temperature, found[3].until[0].value) == (pytest.approx(333.15), 0.02)
    for step, said in (
        (pybamm.step.c_rate(0.1, duration=60, period="1 s"), "no period"),
        (pybamm.step.c_rate(0.1, duration=60, skip_ok=False), "skip_ok=True"),
        (pybamm.step.c_rate(0.1, duration=60, start_time=datetime(2026, 1, 1)), "no start time"),
        (pybamm.step.power(np.array([[0, 1.0], [60, 2.0]])), "one number to hold"),
        (pybamm.step.resistance(2.0, duration=60), "a resistance cannot be held"),
        (
            pybamm.step.c_rate(1, termination=pybamm.step.CustomTermination("x", lambda variables: variables)),
            "a limit that this step can reach",
        ),
    ):
        with pytest.raises(ProtocolError, match=said):
            load_protocol([step])


def test_step_temperatures_outside_validity_pass_when_extrapolating(cell: ParameterSet) -> None:
    check_protocol(parse('[[step]]\nrest = "1 h"\ntemperature = "300 degC"'), cell, extrapolate=True)


@pytest.mark.parametrize(
    "text",
    [
        "Rest at 1C for 1 hour",
        "Rest and charge for 1 hour",
        "Restart for 1 hour",
        "Charge at -3.5 V for 1 hour",
        "Discharge at 3.5 V for 1 hour",
        "Discharge at C*3 until 2.7 V",
        "Discharge at C\u22153 until 2.7 V",
        "Discharge at C33 until 2.7 V",
        "Discharge at C/3 until CV3",
        "Discharge at \u0663 A until 2.7 V",
        "Discharge at 1_0 A until 2.7 V",
    ],
)
def test_strings_that_pybamm_reads_as_something_else_are_refused(text: str) -> None:
    with pytest.raises(ProtocolError, match=r"steps\[1\]"):
        load_protocol([text])


SCALARS = [np.float64(0.5), np.float32(0.5), np.array(0.5), Fraction(1, 2), np.ma.array(0.5)]


@pytest.mark.parametrize("half", SCALARS, ids=repr)
def test_whatever_scalars_a_protocol_is_made_of_it_is_the_same(cell: ParameterSet, half: Any) -> None:
    def made(half: Any, one: Any) -> Protocol:
        limit = Termination("voltage", 6 * half, "below")
        step = Step("c_rate", half, 120 * half, (limit,), 700 * half, "discharge")
        return Protocol("made", "in Python", (step,), one, InitialState(state_of_charge=half), np.int8(9) * one)

    given, plain = load_protocol(made(half, np.int64(1))), load_protocol(made(0.5, 1))
    assert hash(given) == hash(plain)
    assert protocol_toml(given) == protocol_toml(plain)
    assert tomllib.loads(protocol_toml(given))["steps"][0]["discharge"] == "0.5 C"
    assert load_protocol(list(made(half, 1).steps)).steps == plain.steps
    study = replace(load_study("lfp_rate_capability"), axes=(), protocol=made(half, np.int64(1)))
    assert study.protocol == plain
    assert resolve_protocol(given, cell) == resolve_protocol(plain, cell)


CONTRADICTIONS = {
    "value of a limit": {"until": (Termination("voltage", 3.0, "below", "lower"),)},
    "unknown cut-off of a limit": {"until": (Termination("voltage", 3.0, "below", "middle"),)},
    "side of a cut-off": {"until": (Termination("voltage", None, "above", "lower"),)},
    "cut-off on the way back": {"until": (Termination("voltage", None, "above", "upper"),)},
    "cut-off of a current": {"cut_off": "lower"},
    "value of a hold": {"kind": "voltage", "value": 3.0, "direction": None, "cut_off": "upper", "duration": 9.0},
    "unknown cut-off of a hold": {"kind": "voltage", "value": 3.0, "direction": None, "cut_off": "x", "duration": 9.0},
    "infinite safety limit": {"duration": math.inf, "duration_asked": False},
    "endless safety limit": {"duration": 1e300, "duration_asked": False},
    "word as a switch": {"duration": 60.0, "duration_asked": "no"},
}


@pytest.mark.parametrize("changes", CONTRADICTIONS.values(), ids=CONTRADICTIONS)
def test_a_step_that_contradicts_itself_is_refused(cell: ParameterSet, changes: dict[str, Any]) -> None:
    limit = Termination("voltage", 2.7, "below")
    step = Step(**{"kind": "c_rate", "value": 0.3, "until": (limit,), "direction": "discharge", **changes})
    if step.kind == "voltage":
        step = replace(step, until=())
    with pytest.raises(ProtocolError):
        resolve_protocol(load_protocol(Protocol("made", "in Python", (step,))), cell)


def test_a_resolved_protocol_is_not_run_at_the_cut_offs_of_another_cell(cell: ParameterSet) -> None:
    resolved = resolve_protocol(load_protocol("cccv_cycle"), cell, c_rate=0.3)
    assert resolve_protocol(resolved, cell).steps == resolved.steps
    with pytest.raises(ProtocolError, match="cut-off"):
        resolve_protocol(resolved, load_cell("li_peo_nmc"))


@pytest.mark.parametrize("texts", [(None, "d"), ("p", None), ("p", b"d"), (["p"], "d"), ("p", "d" * 10**6)], ids=repr)
def test_the_texts_of_a_protocol_are_texts(texts: tuple[Any, Any]) -> None:
    step = Step("rest", 0.0, 60.0)
    with pytest.raises(ProtocolError, match="text of at most"):
        load_protocol(Protocol(*texts, (step,)))


def test_keys_that_are_no_text_are_named() -> None:
    with pytest.raises(ProtocolError, match="unknown key"):
        load_protocol([{1: 2}])
