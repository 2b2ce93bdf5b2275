"""Protocols: what the files may say, what it means in SI, and that what cannot run is refused."""

from __future__ import annotations

import math
import tomllib
from pathlib import Path

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
)

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


def test_the_silent_day_of_a_pybamm_hold_is_a_limit_nobody_asked_for() -> None:
    hold, timed = parse('steps = ["Hold at 3.8 V until C/50", "Hold at 3.8 V for 5 hours or until C/50"]').steps
    assert (hold.duration, hold.duration_asked) == (86400.0, False)
    assert (timed.duration, timed.duration_asked) == (18000.0, True)
    assert hold.until == (Termination("c_rate", 0.02, "below"),)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[[step]]\ndischarg = "C/10"\nrest = "1 h"', ("step[1].discharg", "did you mean discharge")),
        ('cycle = 3\n[[step]]\nrest = "1 h"', ("cycle:", "did you mean cycles")),
        ('[[step]]\ndischarge = "C/10"\ncharge = "C/10"', ("step[1]", "discharge and charge", "exactly one of")),
        ('[[step]]\nduration = "1 h"', ("no verb", "exactly one of discharge, charge, hold, rest")),
        ('[[step]]\ndischarge = "C/10"', ("step[1].until", "a limit that ends the step")),
        ('[[step]]\nhold = "3.6 V"\nuntil = "C/50"', ("step[1].duration", "the longest time this step may take")),
        (
            '[[step]]\ndischarge = "1 W"\nuntil = "lower cut-off"',
            ("step[1].duration", "the longest time this step may take"),
        ),
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
    with pytest.raises(ProtocolError, match=r"found 'dischrge', wanted did you mean discharge"):
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
        ('initial = { stoichiometry = 1.2 }\n[[step]]\nrest = "1 h"', "initial.stoichiometry: found 1.2"),
        ('initial = { state_of_charge = 1.5 }\n[[step]]\nrest = "1 h"', "initial.state_of_charge: found 1.5"),
        ('initial = { voltage = "5 V" }\n[[step]]\nrest = "1 h"', "initial.voltage: found 5 V"),
        ('[[step]]\nrest = "1 h"\ntemperature = "300 degC"', "step[1].temperature: found 573.15 K"),
    ],
)
def test_what_cannot_run_on_a_cell_is_refused(cell: ParameterSet, text: str, said: str) -> None:
    with pytest.raises(ProtocolError) as caught:
        check_protocol(parse(text), cell)
    assert said in str(caught.value)


def test_step_temperatures_outside_validity_pass_when_extrapolating(cell: ParameterSet) -> None:
    check_protocol(parse('[[step]]\nrest = "1 h"\ntemperature = "300 degC"'), cell, extrapolate=True)
