"""The measurements made on symmetric lithium | polymer | lithium cells give back the properties put in.

Measurements of `cellmodel.characterisation` on the shipped electrolytes; knows no solver.
"""

from __future__ import annotations

import numpy as np

from cellmodel import characterisation
from cellmodel.assessment.checks.check import DataFolder, Evidence, Finding, check
from cellmodel.characterisation import (
    galvanostatic_polarisation,
    limiting_current,
    potentiostatic_polarisation,
    restricted_diffusion,
)

CELLS = ("li_peo_lfp", "li_polycarbonate_nmc811")
"""Cells whose electrolyte and interface are measured; the second has constant transport properties."""
CONSTANT = CELLS[1]
SMALL_VOLTAGE = 5e-3


@check("symmetric cell", "Bruce and Vincent 1987; Balsara and Newman 2015; quadrature", "10.1149/2.0651514jes")
def symmetric_polarisation(_data: DataFolder) -> Evidence:
    """Yield the deviation of each property found from the one put in."""
    ratio, diffusivity, limit = {}, {}, {}
    for cell in CELLS:
        held = potentiostatic_polarisation(cell, voltages=(SMALL_VOLTAGE,))
        ratio[cell] = float(np.abs(held["current_ratio"] / held["expected_current_ratio"] - 1.0).max())
        diffusivity[cell] = abs(float(restricted_diffusion(cell)["deviation"]))
        limit[cell] = abs(float(limiting_current(cell)["deviation"]))
    sand = {CONSTANT: float(np.abs(galvanostatic_polarisation(CONSTANT)["deviation"]).max())}
    yield _finding("current_ratio", "Bruce and Vincent's ratio at 5 mV against 1/(1 + Ne), relative", ratio)
    yield _finding("salt_diffusivity", "salt diffusivity from restricted diffusion, relative", diffusivity)
    yield _finding("limiting_current", "limiting current by stepping against the quadrature, relative", limit)
    yield _finding("sand_time", "Sand's time at 2, 3 and 5 limiting currents, constant properties, relative", sand)


@check("symmetric cell", "closed forms of the linear cell")
def symmetric_impedance(_data: DataFolder) -> Evidence:
    """Yield the deviation of intercept, arc and zero-frequency limit from their closed forms."""
    closed = {
        "high_frequency_intercept": "L/kappa",
        "arc_width": "2 (R_ct + R_int)",
        "zero_frequency_limit": "(L/kappa)(1 + Ne) + 2 (R_ct + R_int)",
    }
    spectra = {cell: characterisation.symmetric_impedance(cell) for cell in CELLS}
    for name, form in closed.items():
        errors = {cell: abs(float(one[name] / one[f"expected_{name}"]) - 1.0) for cell, one in spectra.items()}
        yield _finding(name, f"{name.replace('_', ' ')} against {form}, relative", errors)


def _finding(name: str, what: str, deviations: dict[str, float]) -> Finding:
    """Return the largest deviation, with that of every cell as a remark."""
    remark = ", ".join(f"{cell} {deviation:.1e}" for cell, deviation in deviations.items()) + "."
    reason = "what an experimenter would call agreement; the studies' own times and steps are set for it"
    return Finding(name, what, max(deviations.values()), 0.01, "1", reason, remark=remark)
