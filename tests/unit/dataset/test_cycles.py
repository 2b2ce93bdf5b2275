"""What steps, cycles and runs deliver: the sums on made-up legs, then on real runs and through a study's store."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import xarray as xr

from cellmodel import analysis
from cellmodel.analysis import differential_capacity, on_capacity, quantile_bands, ragone, rate_capability
from cellmodel.analysis.runs import of_selection
from cellmodel.dataset.cycles import cycle_numbers, delivered, step_numbers
from cellmodel.dataset.schema import CYCLE_NUMBERS, STATUS, STEP_NUMBERS
from cellmodel.dataset.step_result import StepResult
from cellmodel.errors import ResultsError
from cellmodel.simulation import simulate
from cellmodel.store import open_results
from cellmodel.study import run_study

VOLTAGES = {"d": 3.0, "c": 4.0, "r": 3.5, "h": 4.0}


def made_up(cycles: list[str], charges: list[list[float]], status: str = "completed", complete: int | None = None):
    """Return a run of steps "d", "c", "r", "h" that deliver some charge [A.h] at 3, 4, 3.5 and 4 V; NaN: not run."""
    ran, passed, energy = [], 0.0, 0.0
    for cycle, (steps, amounts) in enumerate(zip(cycles, charges, strict=True)):
        for step, (kind, amount) in enumerate(zip(steps, amounts, strict=True)):
            if np.isnan(amount):
                continue
            ends = np.array([passed, passed + amount]), np.array([energy, energy + amount * VOLTAGES[kind]])
            passed, energy = ends[0][1], ends[1][1]
            out, into = (max(amount, 0.0), max(-amount, 0.0))
            samples = {"discharge_capacity": ends[0], "discharge_energy": ends[1]}
            both = (out, out * VOLTAGES[kind]), (into, into * VOLTAGES[kind])
            controls = {"temperature": 300.0 + step}
            ran.append(StepResult((cycle, step), controls, None, samples, None, None, 0.0, 0.0, *both))
    cell = SimpleNamespace(areal_capacity=10.0, active_mass=2.0)
    parameters = type("Cell", (), {"__getitem__": lambda _, path: {"cell.area": 0.5}[path], **vars(cell)})()
    protocol = SimpleNamespace(cycles=len(cycles), steps=tuple(cycles[0]))
    run = SimpleNamespace(parameters=parameters, protocol=protocol)
    whole = len(cycles) if complete is None else complete
    return SimpleNamespace(run=run, steps=ran, status=status, complete_cycles=whole)


def test_the_numbers_of_a_cycled_run_are_those_of_its_last_discharge() -> None:
    run = made_up(["drch", "drch"], [[5.0, 0.0, -4.0, -0.5], [4.4, 0.0, -4.0, -0.4]])
    found = delivered(run)
    assert found["capacity"] == pytest.approx(4.4)
    assert found["energy"] == pytest.approx(4.4 * 3.0)
    assert found["mean_voltage"] == pytest.approx(3.0)
    assert found["utilization"] == pytest.approx(4.4 / 5.0)
    assert found["areal_capacity"] == pytest.approx(4.4 / 0.5 * 0.1)
    cycles = cycle_numbers(run)
    np.testing.assert_allclose(cycles["cycle_discharge_capacity"], [5.0, 4.4])
    np.testing.assert_allclose(cycles["cycle_charge_capacity"], [4.5, 4.4])
    np.testing.assert_allclose(cycles["cycle_charge_energy"], [18.0, 17.6])
    np.testing.assert_allclose(cycles["cycle_mean_charge_voltage"], [4.0, 4.0])
    np.testing.assert_allclose(cycles["coulombic_efficiency"], [5.0 / 4.5, 1.0])
    np.testing.assert_allclose(cycles["energy_efficiency"], [15.0 / 18.0, 13.2 / 17.6])
    steps = step_numbers(run)
    np.testing.assert_allclose(steps["step_capacity"][1], [4.4, 0.0, -4.0, -0.4])
    np.testing.assert_allclose(steps["step_mean_voltage"][1], [3.0, np.nan, 4.0, 4.0])
    np.testing.assert_array_equal(steps["step_ambient_temperature"][0], [300.0, 301.0, 302.0, 303.0])


def test_pulses_and_rests_without_a_charge_are_one_discharge_over_all_cycles() -> None:
    found = delivered(made_up(["dr"] * 3, [[1.0, 0.0], [1.0, 0.0], [0.5, np.nan]]))
    assert (found["capacity"], found["energy"]) == (pytest.approx(2.5), pytest.approx(7.5))
    only_charge = delivered(made_up(["c"], [[-2.0]]))
    assert (only_charge["capacity"], only_charge["mean_voltage"]) == (pytest.approx(2.0), pytest.approx(4.0))
    nothing = delivered(made_up(["r"], [[1e-12]]))
    assert (nothing["capacity"], nothing["energy"]) == (0.0, 0.0)
    assert np.isnan(nothing["mean_voltage"])


def test_a_discharge_that_the_solver_or_the_clock_cut_short_does_not_count() -> None:
    charges = [[5.0, -4.5], [1.0, np.nan]]
    for status, wanted in (("failed", 5.0), ("timeout", 5.0), ("ended_early", 1.0)):
        found = delivered(made_up(["dc", "dc"], charges, status, complete=1))
        assert found["capacity"] == pytest.approx(wanted)
    numbers = cycle_numbers(made_up(["dc", "dc"], charges, "failed", complete=1))
    np.testing.assert_allclose(numbers["cycle_discharge_capacity"], [5.0, 1.0])
    np.testing.assert_allclose(numbers["coulombic_efficiency"], [5.0 / 4.5, np.nan])
    none = delivered(made_up(["cd"], [[-3.0, 1.0]], "failed", complete=0))
    assert np.isnan(none["capacity"])
    alone = delivered(made_up(["d"], [[1.0]], "failed", complete=0))
    assert alone["capacity"] == pytest.approx(1.0)


def test_efficiencies_need_both_directions() -> None:
    for steps, charges in (("d", [[3.0]]), ("c", [[-3.0]]), ("r", [[0.0]]), ("dr", [[3.0, -1e-12]])):
        numbers = cycle_numbers(made_up([steps], charges))
        assert np.isnan(numbers["coulombic_efficiency"]).all()
        assert np.isnan(numbers["energy_efficiency"]).all()


@pytest.fixture(scope="module")
def cycled() -> xr.Dataset:
    return simulate("li_peo_lfp", "cccv_cycle", c_rate="C/2", mesh="fast")


def test_every_cycle_of_a_real_run_is_the_integral_of_its_current(cycled: xr.Dataset) -> None:
    charge, energy = (cycled[name].values for name in ("discharge_capacity", "discharge_energy"))
    np.testing.assert_array_equal(cycled["step_capacity"], charge[..., -1] - charge[..., 0])
    np.testing.assert_array_equal(cycled["step_energy"], energy[..., -1] - energy[..., 0])
    out = cycled["cycle_discharge_capacity"]
    np.testing.assert_allclose(out, cycled["step_capacity"].isel(step=0), rtol=1e-12)
    np.testing.assert_allclose(cycled["cycle_charge_capacity"], -cycled["step_capacity"].isel(step=[2, 3]).sum("step"))
    current = 0.5 * cycled["capacity"] / cycled["utilization"]
    hours = (cycled["time"].isel(sample=-1) - cycled["time"].isel(sample=0)) / 3600.0
    np.testing.assert_allclose(out, current * hours.isel(step=0), rtol=1e-9)
    assert float(cycled["energy"]) == float(cycled["step_energy"][-1, 0])
    assert float(cycled["mean_voltage"]) == pytest.approx(3.353, abs=1e-3)
    assert (abs(cycled["coulombic_efficiency"][1:] - 1.0) < 1e-4).all()
    assert (cycled["energy_efficiency"] < 1.0).all()
    for name, variable in {**STEP_NUMBERS, **CYCLE_NUMBERS}.items():
        assert cycled[name].dims == (("cycle",) if name in CYCLE_NUMBERS else ("cycle", "step"))
        assert cycled[name].attrs == {"units": variable.units, "long_name": variable.long_name}


def test_a_hold_whose_current_turns_round_counts_in_both_directions() -> None:
    """A concentrated cell held at its own voltage: what relaxes flows one way, what was missing the other."""
    steps = ["Discharge at 1C for 20 minutes", "Hold at 3.3 V for 2 hours", "Charge at 1C for 5 minutes"]
    run = simulate("li_peo_lfp", [*steps, "Hold at 3.44 V for 3 hours"], mesh="fast")
    net = float(run["cycle_discharge_capacity"] - run["cycle_charge_capacity"])
    assert net == pytest.approx(float(run["step_capacity"].sum()), rel=1e-10)
    energy = float(run["cycle_discharge_energy"] - run["cycle_charge_energy"])
    assert energy == pytest.approx(float(run["step_energy"].sum()), rel=1e-10)


def test_analysis_of_one_step_uses_the_numbers_of_that_step(cycled: xr.Dataset) -> None:
    charge = cycled.isel(cycle=0, step=2)
    found = ragone(charge)
    area = float(cycled["capacity"] / cycled["areal_capacity"]) * 0.1  # m2
    energy = -float(charge["step_energy"]) / area * 0.1  # mW.h.cm-2
    hours = float(charge["time"][-1] - charge["time"][0]) / 3600.0
    assert float(found["areal_energy"]) == pytest.approx(energy)
    assert float(found["areal_power"]) == pytest.approx(energy / hours)
    axis = on_capacity(charge, points=11)["areal_capacity"]
    assert float(axis[-1]) == pytest.approx(-float(charge["step_capacity"]) / area * 0.1)
    with pytest.raises(ResultsError, match="no charge passes in this step"):
        ragone(cycled.isel(cycle=0, step=1))
    with pytest.raises(ResultsError, match="no charge passes in this step"):
        on_capacity(cycled.isel(cycle=1, step=1))


def test_analysis_of_one_cycle_uses_the_numbers_of_that_cycle(cycled: xr.Dataset) -> None:
    study = xr.concat([cycled, cycled], "c_rate").assign_coords(c_rate=[0.5, 1.0])
    first = rate_capability(study.isel(cycle=0))
    ratio = float(cycled["cycle_discharge_capacity"][0] / cycled["capacity"])
    np.testing.assert_allclose(first["areal_capacity"], ratio * float(cycled["areal_capacity"]))
    whole = rate_capability(study)
    np.testing.assert_allclose(whole["areal_capacity"], float(cycled["areal_capacity"]))
    with pytest.raises(ResultsError, match=r"2 of 3 cycles were chosen: choose one with \.isel\(cycle=0\)"):
        rate_capability(study.isel(cycle=slice(2)))
    with pytest.raises(ResultsError, match="solve_time is a number of the whole run, not of one cycle"):
        quantile_bands(study.isel(cycle=0), "solve_time", over="c_rate")
    bands = quantile_bands(study.isel(cycle=0), "energy", [0.5], over="c_rate")
    assert float(bands["energy"][0]) == pytest.approx(float(cycled["cycle_discharge_energy"][0]))
    assert of_selection(study) is study


def test_a_step_that_did_not_run_is_no_run_of_that_step(cycled: xr.Dataset) -> None:
    short = cycled.copy()
    gone = {name: short[name].where(short["cycle_index"] < 0) for name in ("step_capacity", "step_energy")}
    study = xr.concat([cycled, short.assign(gone)], "c_rate").assign_coords(c_rate=[0.5, 1.0])
    chosen = of_selection(study.isel(cycle=2, step=0))
    assert chosen["status"].values.tolist() == [STATUS["completed"], STATUS["not_run"]]


def test_what_steps_and_cycles_delivered_comes_back_from_the_store_of_a_study(tmp_path: Path) -> None:
    protocol = tmp_path / "two.toml"
    steps = '["Discharge at C/2 for 6 minutes", "Rest for 1 minute", "Charge at C/2 for 3 minutes"]'
    protocol.write_text(f'description = "d"\ncycles = 2\nsteps = {steps}\n')
    study = tmp_path / "s.toml"
    study.write_text(
        'description = "d"\ncells = ["li_peo_lfp"]\nprotocol = "two.toml"\nmesh = "fast"\n'
        '[grid]\ntemperature = ["70 degC", "80 degC"]\n'
    )
    found = run_study(str(study), results=tmp_path)
    stored = open_results(tmp_path / "s.zarr")
    run = simulate("li_peo_lfp", str(protocol), temperature="70 degC", mesh="fast")
    swept = stored["status"].dims
    for name in (*STEP_NUMBERS, *CYCLE_NUMBERS):
        assert stored[name].dims == (*swept, *run[name].dims)
        np.testing.assert_array_equal(stored[name], found[name])
        np.testing.assert_allclose(stored[name].values.reshape(2, *run[name].shape)[0], run[name], rtol=1e-9)
        assert stored[name].attrs["long_name"] == run[name].attrs["long_name"]
    assert stored["cycle_index"].attrs["valid_max"] == 2
    assert stored["step_index"].attrs["valid_max"] == 3
    np.testing.assert_allclose(stored["coulombic_efficiency"], 2.0, rtol=1e-6)


@pytest.mark.parametrize("samples", [slice(0, 50), slice(50, None), slice(0, 0), 0], ids=repr)
@pytest.mark.parametrize("use", [ragone, on_capacity, differential_capacity, analysis.voltage_bands])
def test_some_of_the_samples_are_not_taken_for_the_run(cycled: xr.Dataset, use: Any, samples: Any) -> None:
    with pytest.raises(ResultsError, match=r"samples|draw"):
        use(cycled.isel(cycle=0, step=0, sample=samples))


def test_a_hold_has_no_differential_capacity(cycled: xr.Dataset) -> None:
    holds = [number for number, row in enumerate(cycled["voltage"].isel(cycle=0)) if float(np.ptp(row.values)) < 1e-6]
    assert holds
    with pytest.raises(ResultsError, match="does not change"):
        differential_capacity(cycled.isel(cycle=0, step=holds[-1]))


@pytest.mark.parametrize("alien", [None, 3, "x", [], xr.DataArray(1.0), np.ones(3)], ids=repr)
def test_what_is_no_dataset_is_refused_by_name(alien: Any) -> None:
    more = {"quantile_bands": ("energy",), "sobol_indices": ("energy",)}
    for name in analysis.__all__:
        with pytest.raises(ResultsError):
            getattr(analysis, name)(alien, *more.get(name, ()))
