"""The measurements made on symmetric lithium | polymer | lithium cells give back the properties put in.

Measurements of `cellmodel.characterisation` on the shipped electrolytes; knows no solver.
"""

from __future__ import annotations

import numpy as np

from cellmodel.characterisation import (
    galvanostatic_polarisation,
    limiting_current,
    potentiostatic_polarisation,
    restricted_diffusion,
    symmetric_impedance,
)
from cellmodel.validation.findings import Check, Finding, Observation, Surroundings

CELLS = ("li_peo_lfp", "li_polycarbonate_nmc811")
"""Cells whose electrolyte and interface are measured; the second has constant transport properties."""
CONSTANT = CELLS[1]
TOLERANCE = 0.01
REASON = "what an experimenter would call agreement; the studies' own times and steps are set for it"
SMALL_VOLTAGE = 5e-3


def polarisation(_surroundings: Surroundings) -> Observation:
    """Return the deviation of each property found from the one put in."""
    ratio, diffusivity, limit = {}, {}, {}
    for cell in CELLS:
        held = potentiostatic_polarisation(cell, voltages=(SMALL_VOLTAGE,))
        ratio[cell] = float(np.abs(held["current_ratio"] / held["expected_current_ratio"] - 1.0).max())
        diffusivity[cell] = abs(float(restricted_diffusion(cell)["deviation"]))
        limit[cell] = abs(float(limiting_current(cell)["deviation"]))
    sand = float(np.abs(galvanostatic_polarisation(CONSTANT)["deviation"]).max())
    quantities = [
        ("current_ratio", "Bruce and Vincent's ratio at 5 mV against 1/(1 + Ne), relative", ratio),
        ("salt_diffusivity", "salt diffusivity from restricted diffusion, relative", diffusivity),
        ("limiting_current", "limiting current by stepping against the quadrature, relative", limit),
        ("sand_time", "Sand's time at 2, 3 and 5 limiting currents, constant properties, relative", {CONSTANT: sand}),
    ]
    return Observation([_finding(name, what, found) for name, what, found in quantities])


def impedance(_surroundings: Surroundings) -> Observation:
    """Return the deviation of intercept, arc and zero-frequency limit from their closed forms."""
    names = ("high_frequency_intercept", "arc_width", "zero_frequency_limit")
    found: dict[str, dict[str, float]] = {name: {} for name in names}
    for cell in CELLS:
        spectrum = symmetric_impedance(cell)
        for name in names:
            found[name][cell] = abs(float(spectrum[name] / spectrum[f"expected_{name}"]) - 1.0)
    closed = {"high_frequency_intercept": "L/kappa", "arc_width": "2 (R_ct + R_int)"}
    closed["zero_frequency_limit"] = "(L/kappa)(1 + Ne) + 2 (R_ct + R_int)"
    return Observation(
        [_finding(name, f"{name.replace('_', ' ')} against {closed[name]}, relative", found[name]) for name in names]
    )


def _finding(name: str, what: str, found: dict[str, float]) -> Finding:
    """Return the largest deviation, with that of every cell as a remark."""
    remark = ", ".join(f"{cell} {deviation:.1e}" for cell, deviation in found.items()) + "."
    return Finding(name, what, max(found.values()), TOLERANCE, "1", REASON, remark=remark)


CHECKS = (
    Check(
        "symmetric_polarisation",
        "symmetric cell",
        "Bruce and Vincent 1987; Balsara and Newman 2015; quadrature",
        "10.1149/2.0651514jes",
        polarisation,
    ),
    Check("symmetric_impedance", "symmetric cell", "closed forms of the linear cell", "", impedance),
)
