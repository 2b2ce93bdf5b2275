"""Curves of shipped cells do not change unnoticed: what changes them raises `MODEL_VERSION`.

Write new ones with `python tests/golden/test_golden.py`, raise `cellmodel.prepared_run.MODEL_VERSION`, and commit
both with the reason.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cellmodel.prepared_run import MODEL_VERSION
from cellmodel.simulation import simulate

FILE = Path(__file__).with_name("golden.json")
RUNS: dict[str, dict[str, Any]] = {
    "li_peo_lfp, C/3": {"cell": "li_peo_lfp", "c_rate": 1 / 3},
    "li_peo_lfp, 1C": {"cell": "li_peo_lfp", "c_rate": 1.0},
    "li_peo_lfp, 60 degC, C/2": {"cell": "li_peo_lfp", "c_rate": 0.5, "temperature": "60 degC"},
    "li_polycarbonate_nmc811, C/3": {"cell": "li_polycarbonate_nmc811", "c_rate": 1 / 3},
    "li_peo_nmc, C/5": {"cell": "li_peo_nmc", "c_rate": 0.2},
    "li_single_ion_lfp, 1C": {"cell": "li_single_ion_lfp", "c_rate": 1.0},
    "li_peo_tis2_doyle1993, 10 A.m-2": {"cell": "li_peo_tis2_doyle1993", "current_density": 10.0},
    "li_peo_lfp, C/3, charge": {"cell": "li_peo_lfp", "c_rate": 1 / 3, "protocol": "charge"},
}
RELATIVE, VOLTAGE = 1e-4, 1e-4
"""Of the numbers of a run, and [V] of its curve, at rtol 1e-6, where the integrator adds less than 1e-5 on any machine
or library version; a change of a parameter in its fourth digit, of the mesh or of the equations shows."""
NUMBERS = ("areal_capacity", "mean_voltage", "maximum_salt_concentration")
SHARES = np.linspace(0.0, 1.0, 41)
"""Of the charge of the run: where the voltage of the curve is kept."""


def golden_run(arguments: dict[str, Any]) -> dict[str, Any]:
    run = simulate(**arguments, rtol=1e-6, atol=1e-8)
    charge = np.abs(run["discharge_capacity"].values)
    voltage = np.interp(SHARES * charge[-1], charge, run["voltage"].values)
    return {**{name: float(run[name]) for name in NUMBERS}, "voltage": voltage.tolist()}


@pytest.mark.parametrize("name", RUNS)
def test_curves_are_those_of_this_model_version(name: str) -> None:
    golden = json.loads(FILE.read_text())
    assert golden["model_version"] == MODEL_VERSION, "golden.json belongs to another model version: see the docstring"
    computed, kept = golden_run(RUNS[name]), golden["runs"][name]
    changed = f"{name} changed: see the docstring of {__file__}"
    assert computed.pop("voltage") == pytest.approx(kept.pop("voltage"), rel=0.0, abs=VOLTAGE), changed
    assert computed == pytest.approx(kept, rel=RELATIVE), changed


if __name__ == "__main__":
    curves = {name: golden_run(arguments) for name, arguments in RUNS.items()}
    FILE.write_text(json.dumps({"model_version": MODEL_VERSION, "runs": curves}, indent=1) + "\n")
