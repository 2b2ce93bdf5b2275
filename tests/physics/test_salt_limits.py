"""Salt that dissolves no more ends a run, when and where the closed forms of constant properties say."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from constant_electrolyte import PROPERTIES, constant_cell
from rich.console import Console
from scipy.optimize import brentq

import cellmodel
from cellmodel.characterisation.measurement import build_symmetric
from cellmodel.cli.summary import summary_table
from cellmodel.correlations import FARADAY
from cellmodel.dataset import END_CAUSE, meaning
from cellmodel.errors import SolveError
from cellmodel.limits import limiting_currents
from cellmodel.models import Mesh
from cellmodel.parameters import ParameterSet
from cellmodel.parameters.records import Record
from cellmodel.study import parse_study

SOLUBILITY = 1400.0
D, T_PLUS = PROPERTIES["salt_diffusivity"][1], PROPERTIES["volume_transference_number"][1]
CHARGE = {
    "description": "x",
    "initial": {"state_of_charge": 0.0},
    "steps": [{"charge": "1C", "until": "upper cut-off"}],
}


def flux(density: float) -> float:
    """Return (1 - t) i / F [mol.m-2.s-1]: what a face gains of salt beyond what diffuses away."""
    return (1.0 - T_PLUS) * density / FARADAY


def rise_between_faces(thickness: float, density: float, time: float) -> float:
    """Return c - c0 [mol.m-3] at the dissolving face of a layer of pure polymer: the Fourier series of the slab."""
    odd = np.arange(1, 400, 2)
    decay = np.exp(-((odd * np.pi) ** 2) * D * time / thickness**2)
    return float(flux(density) * thickness / D * (0.5 - 4.0 / np.pi**2 * np.sum(decay / odd**2)))


@pytest.fixture(scope="module")
def cell() -> ParameterSet:
    return constant_cell().replace({"electrolyte.solubility": SOLUBILITY})


def symmetric_end(cell: ParameterSet, density: float, duration: float, volumes: int = 60) -> tuple[str, float]:
    solution = build_symmetric(cell, volumes=volumes).solve(duration, {"current": density * cell["cell.area"]})
    return solution.termination, solution.end_time


def test_either_face_of_a_symmetric_cell_ends_it_at_the_time_of_the_series(cell: ParameterSet) -> None:
    """Second order: twice the volumes leave a quarter of the error (3.3 with room for the next order)."""
    thickness, rise = cell["cell.separator.thickness"], SOLUBILITY - cell["electrolyte.initial_concentration"]
    density = 3.0 * rise * D * FARADAY / ((1.0 - T_PLUS) * thickness)  # 1.5 times this rise would be steady
    expected = brentq(lambda t: rise_between_faces(thickness, density, t) - rise, 1e-3, 1e3)
    errors = []
    for volumes, sign in ((30, 1.0), (60, 1.0), (60, -1.0)):
        end, time = symmetric_end(cell, sign * density, 10.0 * expected, volumes)
        assert end == "event: salt above solubility at lithium"
        errors.append(time / expected - 1.0)
    assert abs(errors[0] / errors[1]) > 3.3
    assert errors[2] == pytest.approx(errors[1], abs=1e-5)  # of the integrator, whose tolerance is 1e-6


def test_a_steady_state_below_the_solubility_lasts_and_one_above_it_does_not(cell: ParameterSet) -> None:
    """Steady, the face is g L / 2 above the mean, g = (1 - t) i / (F D): 1 % below is sustained, 1 % above is not."""
    thickness, rise = cell["cell.separator.thickness"], SOLUBILITY - cell["electrolyte.initial_concentration"]
    highest, long = 2.0 * rise * D * FARADAY / ((1.0 - T_PLUS) * thickness), 5.0 * thickness**2 / D
    assert symmetric_end(cell, 0.99 * highest, long)[0] == "final time"
    assert symmetric_end(cell, 1.01 * highest, long)[0] == "event: salt above solubility at lithium"


def test_the_limiting_current_is_that_of_the_solubility_where_it_comes_first(cell: ParameterSet) -> None:
    """S < 2 c0: the dissolving face is saturated before the other is empty, i = 2 F D (S - c0) / ((1 - t+) L)."""
    rise = SOLUBILITY - cell["electrolyte.initial_concentration"]
    expected = 2.0 * D * FARADAY * rise / ((1.0 - T_PLUS) * cell["cell.separator.thickness"])
    assert limiting_currents(cell).separator == pytest.approx(expected, rel=1e-9)
    found = cellmodel.limiting_current(cell, volumes=20)
    assert float(found["expected_limiting_current_density"]) == pytest.approx(expected, rel=1e-9)
    assert float(found["limiting_current_density"]) == pytest.approx(expected, rel=5e-3)  # bisected to that
    np.testing.assert_array_equal(found["saturated"], 1.0 - found["sustained"])
    enough = cell.replace({"electrolyte.solubility": 2.2 * cell["electrolyte.initial_concentration"]})
    depleting = 2.0 * D * FARADAY * enough["electrolyte.initial_concentration"] / ((1.0 - T_PLUS) * 20e-6)
    assert limiting_currents(enough).separator == pytest.approx(depleting, rel=1e-6)
    assert not cellmodel.limiting_current(enough, volumes=20)["saturated"].any()


def test_polarisations_say_that_the_salt_reached_its_solubility(cell: ParameterSet) -> None:
    held = cellmodel.galvanostatic_polarisation(cell, [1.5 * limiting_currents(cell).separator], volumes=20)
    assert np.isnan(held["transition_time"]).all()
    assert 0.0 < held["saturation_time"].item() == held["time"].max().item()
    with pytest.raises(SolveError, match=r"at 1 V the salt at the dissolving face reaches its solubility after"):
        cellmodel.potentiostatic_polarisation(cell, [1.0], volumes=20)


def test_a_discharge_ends_when_a_thick_separator_reaches_the_solubility_at_lithium(cell: ParameterSet) -> None:
    """Semi-infinite: t = pi D ((S - c0) F / (2 i (1 - t+)))^2, Sand's time with what may still dissolve.

    150 volumes of 2 um under a layer of 40 um, and rtol 1e-4: 1 % asked. The number stored is the face's.
    """
    thick = cell.replace({"cell.separator.thickness": 300e-6, "cell.positive_electrode.areal_capacity": 40.0})
    density = 5.0
    run = cellmodel.simulate(thick, current_density=density, mesh=Mesh(150, 10, 4))
    rise = SOLUBILITY - thick["electrolyte.initial_concentration"]
    expected = np.pi * D * (rise / (2.0 * flux(density))) ** 2
    assert meaning("end_cause", run["end_cause"]) == "salt_above_solubility_at_lithium"
    assert float(run["time"][-1]) == pytest.approx(expected, rel=1e-2)
    assert float(run["maximum_salt_concentration"]) == pytest.approx(SOLUBILITY, rel=1e-6)
    assert meaning("status", run["status"]) == "ended_early"
    assert meaning("above_solubility", run["above_solubility"]) == "yes"
    assert "the salt at lithium reached its solubility" in str(run["message"].values)


def test_a_charge_ends_where_salt_piles_up_at_the_back_of_the_cathode(cell: ParameterSet) -> None:
    slow = cell.replace({"electrolyte.salt_diffusivity": 1e-12, "electrolyte.solubility": 1200.0})
    run = cellmodel.simulate(slow, CHARGE, mesh="fast", profiles=True)
    assert meaning("end_cause", run["end_cause"]) == "salt_above_solubility_in_the_cathode"
    profile = run["electrolyte_concentration"].isel(profile_sample=-1).values
    assert float(run["x"][np.argmax(profile)]) > slow["cell.separator.thickness"]
    assert profile[-1] == pytest.approx(1200.0, rel=1e-3)
    # what the run stores says by how much the place that reacts was ahead of the back: some per mille
    assert 1200.0 <= float(run["maximum_salt_concentration"]) < 1.01 * 1200.0


def test_both_integrators_find_the_same_end(cell: ParameterSet) -> None:
    """Each at a tolerance of 1e-6 or finer: 1e-4 of the time leaves a hundred of them."""
    times = []
    for solver in ("idaklu", "casadi"):
        run = cellmodel.simulate(cell, c_rate=3.0, mesh=Mesh(8, 8, 4), solver=solver, rtol=1e-6, atol=1e-8)
        assert meaning("end_cause", run["end_cause"]) == "salt_above_solubility_at_lithium"
        times.append(float(run["time"][-1]))
    assert times[0] == pytest.approx(times[1], rel=1e-4)


def test_a_study_stores_the_cause_and_its_summary_tells_it(tmp_path: Path) -> None:
    study = {
        "description": "x",
        "cells": ["li_peo_lfp"],
        "protocol": "discharge",
        "mesh": "fast",
        "c_rate": "1C",
        "grid": {"electrolyte.solubility": ["1200 mol.m-3", "4000 mol.m-3"]},
    }
    found = parse_study(study, "little").run(results=tmp_path)
    causes = [meaning("end_cause", one) for one in found["end_cause"].values.ravel()]
    assert causes[0] == "salt_above_solubility_at_lithium" != causes[1]
    assert float(found["extrapolated_fraction"].min()) >= 0.0
    told = io.StringIO()
    Console(file=told, width=200).print(summary_table(found))
    assert "salt above solubility at lithium" in told.getvalue()
    assert "the salt at lithium reached its solubility" in told.getvalue()


def test_copper_ends_at_its_counter_electrode() -> None:
    copper = cellmodel.load_cell("li_peo_cu").replace({"electrolyte.solubility": 1100.0})
    run = cellmodel.simulate(copper, CHARGE, c_rate=None, mesh="fast")
    assert meaning("end_cause", run["end_cause"]) == "salt_above_solubility_at_lithium"


def test_without_a_stated_solubility_nothing_ends_the_run_and_the_run_says_so(cell: ParameterSet) -> None:
    entries = {path: record for path, record in cell.entries.items() if path != "electrolyte.solubility"}
    run = cellmodel.simulate(replace(cell, entries=entries), c_rate=3.0, mesh="fast")
    assert float(run["maximum_salt_concentration"]) > SOLUBILITY
    assert meaning("above_solubility", run["above_solubility"]) == "solubility_not_stated"


def test_a_cell_of_two_porous_electrodes_ends_at_either_collector() -> None:
    liquid = cellmodel.load_cell("graphite_lfp")
    start = liquid["electrolyte.initial_concentration"]
    record = Record("electrolyte.solubility", 1.02 * start, "mol.m-3", "x", "setting")
    limited = replace(liquid, entries={**liquid.entries, record.path: record})
    causes = [
        meaning("end_cause", cellmodel.simulate(limited, protocol, c_rate=rate, mesh="fast")["end_cause"])
        for protocol, rate in (
            ("discharge", 1.0),
            (CHARGE, None),
        )
    ]
    assert causes == ["salt_above_solubility_in_the_negative_electrode", "salt_above_solubility_in_the_cathode"]
    assert set(causes) <= set(END_CAUSE)
