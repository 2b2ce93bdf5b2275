"""Open-circuit potentials in the parameter library against half cells measured against lithium.

The measured axis is a capacity normalised by the curve's own, and a measured curve holds polarisation. LFP is flat, so
a half cell is simulated at the rate of each curve and compared as the curve is, on its own normalised capacity. The
potentials of NMC811 and NCA are steep: there the axis is mapped linearly onto the stoichiometry, away from both ends.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from scipy.optimize import least_squares

from cellmodel.assessment.checks.check import Array, DataFolder, DataMissingError, Evidence, Finding, check, curves, rms
from cellmodel.parameters import ParameterSet, load_cell
from cellmodel.parameters.stoichiometry import DELITHIATION, LITHIATION
from cellmodel.simulation import simulate

REHM, REHM_DOI = "Rehm et al. 2025, half cells", "10.1016/j.jpowsour.2025.236290"
PROTOCOLS = {"lithiation": "discharge", "delithiation": "charge"}
FITTED = "C50"
"""Rate of the curves that the branches of LFP were fitted to; any other is a prediction."""
MIDDLE = (0.05, 0.95)
"""Normalised capacity that is compared: outside, curves show how they started and ended."""
SHAPE = 5e-3
"""What a plateau may be off [V]: published centre lines of LFP differ by 7 mV."""

LITHIUM_RESISTANCE, LIQUID = "80 ohm.cm2", 1.0
"""Of the simulated half cell at 25 degC: areal resistance of lithium in a carbonate electrolyte, assumed, and
conductivity of a carbonate electrolyte [S.m-1]. The cells of the curves are not described where the curves are; 80
ohm.cm2 at 1.3 mA.h.cm-2 is 2.1 mV at C/50, half of what the two curves are further apart than at C/1000 (Dreyer2010),
and usual for lithium in such electrolytes."""

DREYER = {"lithiation": 3.410, "delithiation": 3.446}
"""Potentials at 0.001C and half occupation [V], Dreyer et al. 2010, Figure 2a."""
SLOPE = (8e-3, 15e-3)
"""Range of slopes of both plateaus over the occupation [V]: 6 and 14 mV per unit at 0.001C (Dreyer2010), 15 and 19 at
0.02C (Rehm2025), where polarisation that grows along the curve adds to both."""

LINEAR = (3.62, 4.1)
"""Voltages [V] between which the axis of a layered oxide is mapped: away from both ends."""
HIGH = (4.1, 4.25)

DURDEL = (
    (0.15765, 4.30638),
    (0.17694, 4.25030),
    (0.19622, 4.21424),
    (0.21551, 4.18220),
    (0.24444, 4.13412),
    (0.26373, 4.10208),
)
"""Stoichiometry and potential [V] of some points of the lithiation of NCA in Durdel2023, as a public set has them."""
DURDEL_AXIS = (0.1363, 0.9464)
"""Start and length of that stoichiometry on the library's, as the note of the file says."""
NCA_TOLERANCE = 15e-3


def _curve(data: DataFolder, name: str) -> tuple[Array, Array]:
    """Return normalised capacity, 0 for the full and 1 for the empty electrode, and potential [V], by capacity."""
    capacity, potential = data.table(name)
    if potential[np.argmax(capacity)] < potential[np.argmin(capacity)]:
        capacity = 1.0 - capacity
    order = np.argsort(capacity)
    return capacity[order], potential[order]


def half_cell(electrode: str = "lfp") -> ParameterSet:
    """Return a coin cell of LFP at 25 degC: its particles as in the file, a salt-free ohmic conductor for the liquid.

    At C/50 the lithium takes 2.1 mV, charge transfer and diffusion in the particles less than 0.1 mV each, and the
    electrolyte less than 0.01 mV; no concentration builds up, of which a liquid has some tens of microvolts.
    """
    cell = load_cell("li_single_ion_lfp", electrode=electrode)
    conductivity = cell.function("electrolyte.ionic_conductivity")
    scale = cell["electrolyte.ionic_conductivity.scale"]
    now = float(conductivity(cell["electrolyte.initial_concentration"], 298.15))
    return cell.replace(
        {
            "cell.temperature": "25 degC",
            "electrolyte.ionic_conductivity.scale": scale * LIQUID / now,
            "interface.areal_resistance.value": LITHIUM_RESISTANCE,
            "interface.areal_resistance.reference_temperature": "25 degC",
        }
    )


def simulated(branch: str, rate: float, electrode: str = "lfp") -> tuple[Array, Array]:
    """Return the simulated half cell's normalised capacity, 0 when full, and voltage [V], by capacity."""
    run = simulate(half_cell(electrode), PROTOCOLS[branch], c_rate=rate, mesh="fast", mechanisms=())
    passed = np.abs(run["discharge_capacity"].values.ravel())
    share, voltage = passed / passed[-1], run["voltage"].values.ravel()
    return (share, voltage) if branch == "delithiation" else (1.0 - share[::-1], voltage[::-1])


@check("measured data", REHM, REHM_DOI, ("ocp_lfp_lithiation_C50.csv", "ocp_lfp_delithiation_C50.csv"))
def open_circuit_lfp(data: DataFolder) -> Evidence:
    """Compare a simulated half cell with every measured curve of LFP in the folder, at the curve's own rate."""
    lines: dict[str, tuple[str, Any, Any]] = {}
    for name, branch, rate in _files(data, "lfp"):
        capacity, measured = _curve(data, name)
        asked = np.linspace(*MIDDLE, 181)
        model = np.interp(asked, *simulated(branch, 1.0 / float(rate[1:])))
        deviation = model - np.interp(asked, capacity, measured)
        origin = "the branches were fitted to it" if rate == FITTED else "a prediction"
        what = f"LFP, {branch} at C/{rate[1:]}, simulated half cell, 5 to 95 %: largest deviation"
        remark = f"Mean {1e3 * deviation.mean():+.1f} mV, root mean square {1e3 * rms(deviation):.1f} mV; {origin}."
        reason = "another LFP: published centre lines of the material differ by 7 mV"
        yield Finding(f"{branch}_{rate}", what, float(np.abs(deviation).max()), SHAPE, "V", reason, remark=remark)
        lines[f"{branch} C/{rate[1:]}, measured"] = ("reference", capacity, measured)
        lines[f"{branch} C/{rate[1:]}, simulated"] = ("model", asked, model)
    yield curves("LFP against lithium", "normalised capacity", "potential (V)", lines)


def _files(data: DataFolder, material: str) -> list[tuple[str, str, str]]:
    """Return name, branch and rate of every half-cell curve of a material in the folder."""
    pattern = re.compile(r"(?P<branch>lithiation|delithiation)_(?P<rate>C\d+)")
    names = [path.name for path in data.files(f"ocp_{material}_*_C*.csv")]
    parts = [(name, pattern.search(name)) for name in names]
    return [(name, part["branch"], part["rate"]) for name, part in parts if part]


@check("measured data", "Dreyer et al. 2010, C/1000", "10.1038/nmat2730")
def lfp_branches(_data: DataFolder) -> Evidence:
    """Both branches at zero current: their height at half occupation and the slope of their plateaus."""
    cell, y = load_cell("li_peo_lfp"), np.linspace(0.2, 0.8, 61)
    study = "two studies of two materials differ by 2.3 mV on either branch"
    for branch, path in (("lithiation", LITHIATION), ("delithiation", DELITHIATION)):
        potential = cell.function(path)
        height, slope = float(potential(0.5)), -float(np.polyfit(y, potential(y), 1)[0])
        what = f"LFP, {branch} at zero current, half occupation, against {DREYER[branch]:.3f} V"
        remark = f"{height:.4f} V."
        yield Finding(f"{branch}_height", what, abs(height - DREYER[branch]), 3e-3, "V", study, remark=remark)
        what = f"LFP, {branch} at zero current, slope from 20 to 80 % against the middle of 8 to 15 mV per unit"
        middle, half = 0.5 * sum(SLOPE), 0.5 * (SLOPE[1] - SLOPE[0])
        remark = f"{1e3 * slope:.1f} mV per unit."
        reason = "the range of both measurements, without what polarisation adds"
        yield Finding(f"{branch}_slope", what, abs(slope - middle), half, "V", reason, remark=remark)


def _mapped(cell: ParameterSet, capacity: Array, measured: Array) -> tuple[Array, Array, str]:
    """Return stoichiometry and deviation [V] of a curve whose axis is mapped between `LINEAR`, and the map in words."""
    potential = cell.function(LITHIATION)
    middle = (measured > LINEAR[0]) & (measured < LINEAR[1])
    start, span = least_squares(
        lambda axis: potential(axis[0] - axis[1] * capacity[middle]) - measured[middle], [0.99, 0.70]
    ).x
    y = start - span * capacity
    axis = f"Axis mapped linearly: stoichiometry {start:.3f} - {span:.3f} times capacity."
    return y, potential(y) - measured, axis


@check(
    "measured data",
    "Rehm et al. 2026, half cells",
    "10.1016/j.jpowsour.2026.239418",
    ("ocp_nmc_lithiation_C50.csv", "ocp_nmc_delithiation_C50.csv"),
)
def open_circuit_nmc811(data: DataFolder) -> Evidence:
    """NMC811: the lithiation over the whole range, and the shape of both curves above 4.1 V."""
    cell, lines = load_cell("li_polycarbonate_nmc811"), dict[str, tuple[str, Any, Any]]()
    same, fitted = "another batch of the same kind of material, at 0.02C", "was fitted to it, so this is no test"
    for branch in PROTOCOLS:
        capacity, measured = _curve(data, f"ocp_nmc_{branch}_C50.csv")
        y, deviation, axis = _mapped(cell, capacity, measured)
        what = f"NMC811, {branch} at 0.02C"
        if branch == "lithiation":
            middle = (measured > LINEAR[0]) & (measured < LINEAR[1])
            parts = {
                "middle": ("between 3.62 and 4.1 V", middle, 5e-3, same),
                "low": ("below 3.6 V", measured < 3.6, 20e-3, f"{same}; the knee {fitted}"),
                "high": ("above 4.1 V", measured > 4.1, 20e-3, f"{same}; the upper end {fitted}"),
            }
            for name, (text, part, tolerance, reason) in parts.items():
                error = rms(deviation[part])
                yield Finding(name, f"{what}, {text}: root mean square", error, tolerance, "V", reason, remark=axis)
        inside = deviation[(measured > HIGH[0]) & (measured < HIGH[1])]
        remark = f"Mean {1e3 * inside.mean():+.1f} mV, mostly polarisation. {axis}"
        text = f"{what}, from 4.1 to 4.25 V: standard deviation"
        reason = f"{same}; the upper end {fitted}"
        yield Finding(f"{branch}_shape", text, float(inside.std()), 5e-3, "V", reason, remark=remark)
        lines[f"{branch}, measured"] = ("reference", y, measured)
        lines[f"{branch}, library"] = ("model", y, measured + deviation)
    yield curves("NMC811 against lithium", "stoichiometry", "potential (V)", lines)


@check("measured data", "Durdel et al. 2023, half cell", "10.3390/batteries9110558")
def open_circuit_nca(data: DataFolder) -> Evidence:
    """NCA: points of the source above 4.1 V, and the upper end of every curve in the folder on a mapped axis."""
    cell, lines = load_cell("li_peo_nmc", electrode="nca"), dict[str, tuple[str, Any, Any]]()
    y, read = np.array(DURDEL).T
    model = cell.function(LITHIATION)(DURDEL_AXIS[0] + DURDEL_AXIS[1] * y)
    reason = "what is asked of any measured curve; the potential was fitted to this one, so this is no test"
    what = "NCA, lithiation from 4.1 to 4.3 V, points of the source: largest deviation"
    yield Finding("source", what, float(np.abs(model - read).max()), NCA_TOLERANCE, "V", reason)
    lines["source, read"] = ("reference", DURDEL_AXIS[0] + DURDEL_AXIS[1] * y, read)
    lines["source, library"] = ("model", DURDEL_AXIS[0] + DURDEL_AXIS[1] * y, model)
    try:
        found = _files(data, "nca")
    except DataMissingError:  # the source's points are always there
        found = []
    for name, branch, rate in found:
        capacity, measured = _curve(data, name)
        y, deviation, axis = _mapped(cell, capacity, measured)
        inside = deviation[(measured > HIGH[0]) & (measured < HIGH[1])]
        what = f"NCA, {branch} at C/{rate[1:]}, from 4.1 to 4.25 V: root mean square"
        reason = "another NCA, perhaps of more nickel"
        remark = f"Mean {1e3 * inside.mean():+.1f} mV. {axis}"
        yield Finding(f"{branch}_{rate}", what, rms(inside), NCA_TOLERANCE, "V", reason, remark=remark)
        lines[f"{branch} C/{rate[1:]}, measured"] = ("reference", y, measured)
        lines[f"{branch} C/{rate[1:]}, library"] = ("model", y, measured + deviation)
    yield curves("NCA against lithium", "stoichiometry", "potential (V)", lines)
