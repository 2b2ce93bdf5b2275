"""Results of shipped cells do not change unnoticed: what changes them raises `MODEL_VERSION`.

Print new figures with `python tests/golden/test_golden.py`, raise `cellmodel.dataset.schema.MODEL_VERSION`, and commit
both with the reason.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cellmodel.dataset import MODEL_VERSION
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
TOLERANCE = 1e-4
"""Relative, at rtol 1e-6, where the integrator adds less than 1e-5 on any machine or library version; a change of
a parameter in its fourth digit, of the mesh or of the equations shows."""
NAMES = ("areal_capacity", "mean_voltage", "maximum_salt_concentration")


def figures(arguments: dict[str, Any]) -> dict[str, float]:
    run = simulate(**arguments, rtol=1e-6, atol=1e-8)
    return {name: float(run[name]) for name in NAMES}


@pytest.mark.parametrize("name", RUNS)
def test_figures_are_those_of_this_model_version(name: str) -> None:
    golden = json.loads(FILE.read_text())
    assert golden["model_version"] == MODEL_VERSION, "golden.json belongs to another model version: see the docstring"
    found, wanted = figures(RUNS[name]), golden["runs"][name]
    assert found == pytest.approx(wanted, rel=TOLERANCE), f"{name} changed: see the docstring of {__file__}"


if __name__ == "__main__":
    runs = {name: figures(arguments) for name, arguments in RUNS.items()}
    FILE.write_text(json.dumps({"model_version": MODEL_VERSION, "runs": runs}, indent=2) + "\n")
