"""How steps end and follow each other: limits, skipped steps, temperatures; each run is seconds of a cell's life."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import xarray as xr

from cellmodel.dataset import meaning
from cellmodel.parameters import load_cell
from cellmodel.protocols import Protocol, load_protocol, parse_protocol, resolve_protocol
from cellmodel.simulation import RunOptions, prepare_run, simulate
from cellmodel.stepping import step_controls

CELL = load_cell("li_peo_lfp")
HOUR = CELL.areal_capacity * CELL["cell.area"]


def protocol(*steps: object, **other: object) -> Protocol:
    return parse_protocol({"description": "d", "samples": 20, "steps": list(steps), **other}, "p.toml")


def run(*steps: object, **other: object) -> xr.Dataset:
    return simulate(CELL, protocol(*steps, **other), mesh="fast")


def controls(*steps: object) -> dict[str, float]:
    """Return what drives and ends the last step."""
    resolved = resolve_protocol(protocol(*steps), CELL)
    return step_controls(resolved.steps[-1], CELL, 353.15)


HOLD = {"hold": "3.8 V", "duration": "1 h"}
DISCHARGE, POWER = {"discharge": "C/3"}, {"charge": "1 mW"}


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize(
    ("step", "until", "key", "wanted"),
    [
        (HOLD, ["C/5", "C/50"], "current_cut_off", HOUR / 5),
        (HOLD, ["0.1 mA", "0.2 mA", "0.05 mA"], "current_cut_off", 2e-4),
        (HOLD, ["1 mA.m-2", "2 mA.m-2"], "current_cut_off", 2e-3 * CELL["cell.area"]),
        (HOLD, ["C/5", "1 uA", "1 mA.m-2"], "current_cut_off", HOUR / 5),
        (HOLD, ["1 A", "C/5"], "current_cut_off", 1.0),
        (DISCHARGE, ["2.8 V", "3.0 V", "lower cut-off"], "lower_voltage", 3.0),
        (DISCHARGE, ["> 3.5 V", "> 3.4 V", "2.9 V"], "upper_voltage", 3.4),
        (DISCHARGE, ["> 3.5 V", "2.8 V", "2.9 V"], "lower_voltage", 2.9),
        ({"charge": "C/3"}, ["3.7 V", "3.6 V", "< 2.9 V"], "upper_voltage", 3.6),
        ({"charge": "C/3"}, ["< 2.8 V", "3.6 V", "< 2.9 V"], "lower_voltage", 2.9),
        (POWER, ["C/50", "C/5", "3.7 V"], "current_cut_off", HOUR / 5),
        ({"rest": "1 h"}, ["< 2.8 V", "< 3.0 V", "> 3.6 V"], "lower_voltage", 3.0),
        ({"rest": "1 h"}, ["> 3.7 V", "< 3.0 V", "> 3.6 V"], "upper_voltage", 3.6),
    ],
)
def test_the_first_of_several_limits_counts_in_any_order(
    step: dict[str, str], until: list[str], key: str, wanted: float, order: int
) -> None:
    assert controls({**step, "until": until[::order]})[key] == pytest.approx(wanted, rel=1e-12)


@pytest.mark.parametrize("until", [["C/5", "C/50"], ["C/50", "C/5"]])
@pytest.mark.parametrize(("first", "hold", "sign"), [("Discharge", "3.8 V", -1.0), ("Charge", "3.3 V", 1.0)])
def test_a_hold_ends_at_the_larger_current_whichever_way_it_flows(
    until: list[str], first: str, hold: str, sign: float
) -> None:
    start = {"state_of_charge": 1.0 if first == "Discharge" else 0.3}
    found = run(f"{first} at C/3 for 30 minutes", {"hold": hold, "duration": "10 h", "until": until}, initial=start)
    assert float(found["current"][1, -1]) == pytest.approx(sign * HOUR / 5, rel=1e-3)
    assert abs(float(found["current"][1, 0])) > HOUR / 4


SKIPPED = "Hold at 3.8 V until 50 mA"
SHORT = "Discharge at C/3 for 1 minute"


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_step_with_nothing_to_do_is_skipped_wherever_it_stands(place: int) -> None:
    steps = [SHORT, "Rest for 1 minute"]
    steps.insert(place, SKIPPED)
    found = run(*steps)
    assert found["step_index"].values.tolist() == [0 if i == place else i + 1 for i in range(3)]
    assert meaning("status", found["status"]) == "ended_early"
    assert str(found["message"].values).startswith(f"cycle 1, step {place + 1} (hold at 3.8 V until < 0.05 A): not run")
    assert np.isnan(found["voltage"][place]).all()
    assert np.isnan(found["step_capacity"][place])


def test_skipping_the_first_step_changes_nothing_of_those_after_it() -> None:
    after, before = run(SKIPPED, SHORT), run(SHORT, SKIPPED)
    for name in ("voltage", "time", "discharge_capacity"):
        np.testing.assert_array_equal(after[name][1], before[name][0])


def test_skips_of_many_cycles_are_told_in_one_line_each_and_then_counted() -> None:
    found = run(SKIPPED, SHORT, cycles=5)
    skipped = found["step_index"].values == 0
    assert skipped[0].tolist() == [True, False]
    message = str(found["message"].values)
    assert message.count("not run") == min(int(skipped.sum()), 4)
    everything = run("Hold at 3.8 V until 50 mA", "Hold at 3.7 V until 1 A", cycles=4)
    assert (everything["step_index"] == 0).all()
    assert meaning("status", everything["status"]) == "ended_early"
    assert meaning("end_cause", everything["end_cause"]) == "current_cut_off"
    assert str(everything["message"].values).endswith("and 5 more steps not run")
    assert np.isnan(everything["capacity"])
    assert everything["cycle_discharge_capacity"].isnull().all()


@pytest.mark.parametrize("before", [(), ("Rest for 1 second",)])
def test_a_discharge_beyond_its_limit_at_once_is_skipped_if_it_lists_the_limit(before: tuple[str, ...]) -> None:
    found = run(*before, "Discharge at 3000C until 2.6 V", "Rest for 1 minute")
    assert found["step_index"].values.tolist()[-2:] == [0, len(before) + 2]
    assert "as soon as the current flows" in str(found["message"].values)
    found = run(*before, "Discharge at 3000C for 1 minute", "Rest for 1 minute")
    assert (found["step_index"][len(before) :] == 0).all()
    assert meaning("end_cause", found["end_cause"]) == "below_the_cut_off_at_the_first_instant"
    assert "which it does not list" in str(found["message"].values)


def test_a_charge_of_a_full_cell_is_skipped_and_its_discharge_runs() -> None:
    found = run("Charge at C/3 until 3.8 V", SHORT)
    assert found["step_index"].values.tolist() == [0, 2]


def test_a_limit_above_the_cut_off_does_not_complete_a_protocol_that_waits_for_the_cut_off() -> None:
    steps = ({"discharge": "1C", "until": "3.3 V"}, {"rest": "1 min"})
    found = run(*steps, complete_at="lower cut-off")
    assert found["step_index"].values.tolist() == [1, 2]
    assert meaning("status", found["status"]) == "completed"
    found = run({"discharge": "1C", "until": "lower cut-off"}, {"rest": "1 min"}, complete_at="lower cut-off")
    assert found["step_index"].values.tolist() == [1, 0]
    assert meaning("status", found["status"]) == "completed"


def test_a_weak_power_runs_until_its_limit_beyond_a_day() -> None:
    found = run("Discharge at 0.1 mW until 2.6 V")
    assert meaning("status", found["status"]) == "completed"
    assert float(found["voltage"][-1]) == pytest.approx(2.6, abs=1e-4)
    assert float(found["time"][-1]) > 40 * 3600


@pytest.mark.parametrize("temperature", ["70 degC", "80 degC"])
@pytest.mark.parametrize("mechanisms", [("foil",), ("foil", "hysteresis"), ("foil", "heat")])
def test_a_cell_rests_at_its_initial_voltage(temperature: str, mechanisms: tuple[str, ...]) -> None:
    start = protocol("Rest for 1 minute", initial={"voltage": "3.43 V"})
    found = simulate(CELL, start, temperature=temperature, mechanisms=mechanisms, mesh="fast")
    assert float(found["voltage"][0]) == pytest.approx(3.43, abs=1e-5)
    warm = {"rest": "1 min", "temperature": temperature}
    found = simulate(CELL, protocol(warm, initial={"voltage": "3.43 V"}), mechanisms=mechanisms, mesh="fast")
    assert float(found["voltage"][0]) == pytest.approx(3.43, abs=1e-5)


def test_what_is_sound_at_the_runs_temperature_is_not_refused_for_the_reference_one() -> None:
    """At 80 degC the full cell rests a little below its upper cut-off, at the reference temperature at it."""
    assert prepare_run(CELL, "charge", options=RunOptions(c_rate=0.5)).temperature == CELL["cell.temperature"]
    discharge = replace(load_protocol("discharge"), cycles=2)
    assert prepare_run(CELL, discharge, options=RunOptions(c_rate=0.5)).protocol.cycles == 2
