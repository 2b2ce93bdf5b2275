"""Open-circuit potentials of LFP and NMC811 in the parameter library against measured half-cell curves at 0.02C."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares

from cellmodel.parameters import load_cell
from cellmodel.validation.discharging import root_mean_square
from cellmodel.validation.findings import Check, Curve, Finding, Observation, Surroundings, curves

Array = NDArray[np.float64]

BRANCHES = {"discharge_branch": "lithiation", "charge_branch": "delithiation"}
NMC_FILE = "ocp_nmc_lithiation_C50.csv"
LINEAR = (3.62, 4.1)
"""Voltages [V] between which the axis of the NMC curve is mapped: away from both ends."""


def measure_lfp(surroundings: Surroundings) -> Observation:
    """Both branches of LFP between 20 and 80 %, as measured and as in the library."""
    findings, lines = [], []
    for variant, file in BRANCHES.items():
        capacity, measured = surroundings.table(f"ocp_lfp_{file}_C50.csv")
        y = 1.0 - capacity if measured[np.argmax(capacity)] > 3.5 else capacity
        potential = load_cell("li_peo_lfp", electrode=f"lfp:{variant}").function("electrode.open_circuit_potential")
        middle = (y > 0.2) & (y < 0.8)
        deviation = potential(y[middle]) - measured[middle]
        bias = float(np.mean(deviation))
        words = f"LFP, {file} at 0.02C, 20 to 80 %"
        findings += [
            Finding(
                f"{file}_bias",
                f"{words}: bias",
                abs(bias),
                10e-3,
                "V",
                "another LFP: published centre lines differ by 7 mV, and 0.02C costs some millivolts",
                remark=f"Bias {1e3 * bias:+.1f} mV.",
            ),
            Finding(
                f"{file}_spread",
                f"{words}: standard deviation",
                float(np.std(deviation)),
                4e-3,
                "V",
                "the slope of a measured plateau at 0.02C, which an open-circuit potential has not",
            ),
        ]
        order = np.argsort(y)
        lines += [
            Curve(f"{file}, measured", "reference", y[order], measured[order]),
            Curve(f"{variant.replace('_', ' ')}, library", "model", y[order], potential(y[order])),
        ]
    return Observation(findings, curves("LFP against lithium", "stoichiometry", "potential (V)", lines))


def measure_nmc(surroundings: Surroundings) -> Observation:
    """NMC811: the measured axis has another zero and length, so one linear map of it is fitted."""
    capacity, measured = surroundings.table(NMC_FILE)
    potential = load_cell("li_polycarbonate_nmc811").function("electrode.open_circuit_potential")
    middle = (measured > LINEAR[0]) & (measured < LINEAR[1])
    start, span = least_squares(
        lambda map_: potential(map_[0] - map_[1] * capacity[middle]) - measured[middle], [0.99, 0.70]
    ).x
    y = start - span * capacity
    deviation = potential(y) - measured
    same = "another batch of the same kind of material, at 0.02C"
    parts = {
        "middle": ("between 3.62 and 4.1 V", middle, 5e-3, same),
        "low": (
            "below 3.6 V",
            measured < 3.6,
            20e-3,
            same + "; the knee was fitted to it, so this is no test",
        ),
        "high": ("above 4.1 V", measured > 4.1, 20e-3, same),
    }
    findings = [
        Finding(
            name,
            f"NMC811, lithiation at 0.02C, {words}: root mean square",
            root_mean_square(deviation[part]),
            tolerance,
            "V",
            reason,
            remark=f"Axis mapped linearly: stoichiometry {start:.3f} - {span:.3f} times capacity.",
        )
        for name, (words, part, tolerance, reason) in parts.items()
    ]
    order = np.argsort(y)
    lines = [
        Curve("measured", "reference", y[order], measured[order]),
        Curve("library", "model", y[order], potential(y[order])),
    ]
    return Observation(findings, curves("NMC811 against lithium", "stoichiometry", "potential (V)", lines))


CHECKS = (
    Check(
        "open_circuit_lfp",
        "measured data",
        "Rehm et al. 2025, half cells",
        "10.1016/j.jpowsour.2025.236290",
        measure_lfp,
        tuple(f"ocp_lfp_{file}_C50.csv" for file in BRANCHES.values()),
    ),
    Check(
        "open_circuit_nmc811",
        "measured data",
        "Rehm et al. 2026, half cells",
        "10.1016/j.jpowsour.2026.239418",
        measure_nmc,
        (NMC_FILE,),
    ),
)
