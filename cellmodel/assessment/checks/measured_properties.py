"""Properties in the parameter library against measurements: conductivity of PEO-LiTFSI, potentials of LFP and NMC811.

The 816 conductivities are compiled from hundreds of papers. The library describes one kind of sample, cast membranes of
high molar mass; the table says honestly how it does on the others. Nothing of it is fitted here. Eight points without a
molar mass are in no band, and one alone in its band says nothing. Potentials are half-cell curves at 0.02C.
"""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
from scipy.optimize import least_squares

from cellmodel.assessment.checks.check import Array, DataFolder, Evidence, Finding, check, curves, rms
from cellmodel.parameters import load_cell

CONDUCTIVITY_FILE = "conductivity_peo_litfsi.csv"
KELVIN = 273.15
MASSES = {
    "oligomer": ("below 3.9 kg/mol", (0.0, 3.9e3)),
    "medium": ("3.9 to 270 kg/mol", (3.9e3, 2.7e5)),
    "high": ("270 kg/mol to 1 Mg/mol", (2.7e5, 1e6)),
    "highest": ("1 Mg/mol and more", (1e6, np.inf)),
}
"""Bands of molar mass [g.mol-1], from (included) and to (excluded)."""
TEMPERATURES = {
    "frozen": ("below 20 degC", (-np.inf, 20.0)),
    "cold": ("20 to 62 degC", (20.0, 62.0)),
    "warm": ("62 to 90 degC", (62.0, 90.0)),
    "hot": ("90 degC and more", (90.0, np.inf)),
}
"""Bands of temperature [degC]."""
BIAS, SPREAD = 0.15, 0.30
"""What would be good enough [decade]: 0.15 is the factor 1.4 between laboratories on one material, 0.30 is the
scatter of semi-crystalline samples with different thermal history, which the fit states for itself."""
FEWEST = 5
"""Points that a band must have to say anything; one band has a single one."""

LFP_BRANCHES = {"discharge_branch": "ocp_lfp_lithiation_C50.csv", "charge_branch": "ocp_lfp_delithiation_C50.csv"}
NMC_FILE = "ocp_nmc_lithiation_C50.csv"
LINEAR = (3.62, 4.1)
"""Voltages [V] between which the axis of the NMC curve is mapped: away from both ends."""


def _points(data: DataFolder) -> tuple[Array, Array, Array, Array]:
    """Return molar mass [g.mol-1], concentration [mol.m-3], temperature [degC], log10 of the conductivity [S.m-1]."""
    table = data.table(CONDUCTIVITY_FILE)
    mass, molality, celsius, logarithm = table[:, table[1] > 0.0]
    names = ("initial_concentration", "salt_molar_volume", "salt_molar_mass", "density")
    start, volume, salt, density = (load_cell("li_peo_lfp")[f"electrolyte.{name}"] for name in names)
    polymer = (density - start * salt) / (1.0 - start * volume)
    concentration = molality / (1.0 / polymer + molality * volume)
    return mass, concentration, celsius, logarithm + 2.0


@check("measured data", "points compiled for Bradford et al. 2023", "10.1021/acscentsci.2c01123", (CONDUCTIVITY_FILE,))
def conductivity_peo_litfsi(data: DataFolder) -> Evidence:
    """Bias and spread of every band that has points."""
    mass, concentration, celsius, logarithm = _points(data)
    conductivity = load_cell("li_peo_lfp").function("electrolyte.ionic_conductivity")
    fitted = np.log10(conductivity(concentration, celsius + KELVIN))
    deviation = fitted - logarithm
    reason = (
        "a factor 1.4 in bias (what laboratories differ by) and 2 in spread (what thermal history does below melting)"
    )
    lines: dict[str, tuple[str, Any, Any]] = {}
    for (mass_name, (mass_text, masses)), (name, (text, temperatures)) in product(MASSES.items(), TEMPERATURES.items()):
        inside = (mass >= masses[0]) & (mass < masses[1]) & (celsius >= temperatures[0]) & (celsius < temperatures[1])
        if inside.sum() < FEWEST:
            continue
        bias, spread = float(np.mean(deviation[inside])), float(np.std(deviation[inside]))
        band, what = f"{mass_name}_{name}", f"PEO-LiTFSI, {mass_text}, {text} ({inside.sum()} points)"
        yield Finding(f"{band}_bias", f"{what}: bias {bias:+.2f}", abs(bias), BIAS, "decade", reason)
        yield Finding(f"{band}_spread", f"{what}: spread", spread, SPREAD, "decade", reason)
        lines[f"{mass_text}, {text}"] = ("reference", logarithm[inside], fitted[inside])
    ends = [float(logarithm.min()), float(logarithm.max())]
    title = f"PEO-LiTFSI, {logarithm.size} measured conductivities"
    axes = ("log₁₀ of measured κ (S m⁻¹)", "log₁₀ of modelled κ (S m⁻¹)")
    yield curves(title, *axes, {**lines, "equal": ("model", ends, ends)})


@check("measured data", "Rehm et al. 2025, half cells", "10.1016/j.jpowsour.2025.236290", tuple(LFP_BRANCHES.values()))
def open_circuit_lfp(data: DataFolder) -> Evidence:
    """Both branches of LFP between 20 and 80 %, as measured and as in the library."""
    lines: dict[str, tuple[str, Any, Any]] = {}
    another = "another LFP: published centre lines differ by 7 mV, and 0.02C costs some millivolts"
    plateau = "the slope of a measured plateau at 0.02C, which an open-circuit potential has not"
    for branch, file in LFP_BRANCHES.items():
        capacity, measured = data.table(file)
        y = 1.0 - capacity if measured[np.argmax(capacity)] > 3.5 else capacity
        potential = load_cell("li_peo_lfp", electrode=f"lfp:{branch}").function("electrode.open_circuit_potential")
        middle = (y > 0.2) & (y < 0.8)
        deviation = potential(y[middle]) - measured[middle]
        bias, spread = float(np.mean(deviation)), float(np.std(deviation))
        name = file.split("_")[2]
        what, remark = f"LFP, {name} at 0.02C, 20 to 80 %", f"Bias {1e3 * bias:+.1f} mV."
        yield Finding(f"{name}_bias", f"{what}: bias", abs(bias), 10e-3, "V", another, remark=remark)
        yield Finding(f"{name}_spread", f"{what}: standard deviation", spread, 4e-3, "V", plateau)
        order = np.argsort(y)
        lines[f"{name}, measured"] = ("reference", y[order], measured[order])
        lines[f"{branch.replace('_', ' ')}, library"] = ("model", y[order], potential(y[order]))
    yield curves("LFP against lithium", "stoichiometry", "potential (V)", lines)


@check("measured data", "Rehm et al. 2026, half cells", "10.1016/j.jpowsour.2026.239418", (NMC_FILE,))
def open_circuit_nmc811(data: DataFolder) -> Evidence:
    """NMC811: the measured axis has another zero and length, so one linear map of it is fitted."""
    capacity, measured = data.table(NMC_FILE)
    potential = load_cell("li_polycarbonate_nmc811").function("electrode.open_circuit_potential")
    middle = (measured > LINEAR[0]) & (measured < LINEAR[1])
    start, span = least_squares(
        lambda axis: potential(axis[0] - axis[1] * capacity[middle]) - measured[middle], [0.99, 0.70]
    ).x
    y = start - span * capacity
    same = "another batch of the same kind of material, at 0.02C"
    parts = {
        "middle": ("between 3.62 and 4.1 V", middle, 5e-3, same),
        "low": ("below 3.6 V", measured < 3.6, 20e-3, f"{same}; the knee was fitted to it, so this is no test"),
        "high": ("above 4.1 V", measured > 4.1, 20e-3, same),
    }
    remark = f"Axis mapped linearly: stoichiometry {start:.3f} - {span:.3f} times capacity."
    for name, (text, part, tolerance, reason) in parts.items():
        error, what = rms((potential(y) - measured)[part]), f"NMC811, lithiation at 0.02C, {text}"
        yield Finding(name, f"{what}: root mean square", error, tolerance, "V", reason, remark=remark)
    order = np.argsort(y)
    lines = {
        "measured": ("reference", y[order], measured[order]),
        "library": ("model", y[order], potential(y[order])),
    }
    yield curves("NMC811 against lithium", "stoichiometry", "potential (V)", lines)
