"""The conductivity of PEO-LiTFSI in the parameter library against 816 measured points, by temperature and molar mass.

The points are compiled from hundreds of papers. The library describes one kind of sample, cast membranes of high molar
mass; the table says honestly how it does on the others. Nothing is fitted here. Eight points without a molar mass are
in no band, and one alone in its band says nothing.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cellmodel.parameters import load_cell
from cellmodel.validation.findings import Check, Curve, Finding, Observation, Surroundings, curves

Array = NDArray[np.float64]

FILE = "conductivity_peo_litfsi.csv"
KELVIN = 273.15
ETHYLENE_OXIDE = 0.044053
"""Molar mass of the repeat unit [kg.mol-1]."""


class Band(NamedTuple):
    """Part of the data: molar mass [g.mol-1] and temperature [degC], from (included) and to (excluded)."""

    name: str
    words: str
    mass: tuple[float, float]
    temperature: tuple[float, float]


MASSES = {
    "oligomer": ("below 3.9 kg/mol", (0.0, 3.9e3)),
    "medium": ("3.9 to 270 kg/mol", (3.9e3, 2.7e5)),
    "high": ("270 kg/mol to 1 Mg/mol", (2.7e5, 1e6)),
    "highest": ("1 Mg/mol and more", (1e6, np.inf)),
}
TEMPERATURES = {
    "frozen": ("below 20 degC", (-np.inf, 20.0)),
    "cold": ("20 to 62 degC", (20.0, 62.0)),
    "warm": ("62 to 90 degC", (62.0, 90.0)),
    "hot": ("90 degC and more", (90.0, np.inf)),
}
BANDS = [
    Band(f"{mass}_{heat}", f"{mass_words}, {heat_words}", mass_range, heat_range)
    for mass, (mass_words, mass_range) in MASSES.items()
    for heat, (heat_words, heat_range) in TEMPERATURES.items()
]
BIAS, SPREAD = 0.15, 0.30
"""What would be good enough [decade]: 0.15 is the factor 1.4 between laboratories on one material, 0.30 is the
scatter of semi-crystalline samples with different thermal history, which the fit states for itself."""
FEWEST = 5
"""Points that a band must have to say anything; one band has a single one."""
REASON = "a factor 1.4 in bias (what laboratories differ by) and 2 in spread (what thermal history does below melting)"


def points(surroundings: Surroundings) -> tuple[Array, Array, Array, Array]:
    """Return molar mass [g.mol-1], concentration [mol.m-3], temperature [K] and log10 of the conductivity in S/m."""
    mass, molality, celsius, logarithm = surroundings.table(FILE)
    salted = molality > 0.0
    mass, molality, celsius, logarithm = (column[salted] for column in (mass, molality, celsius, logarithm))
    # 41 and 125 cm3/mol are the volumes of the repeat unit and of the salt that the parameter file uses
    concentration = 1e6 / (41.0 / (molality * ETHYLENE_OXIDE) + 125.0)
    return mass, concentration, celsius + KELVIN, logarithm + 2.0


def measure(surroundings: Surroundings) -> Observation:
    """Bias and spread of every band that has points."""
    mass, concentration, temperature, logarithm = points(surroundings)
    conductivity = load_cell("li_peo_lfp").function("electrolyte.ionic_conductivity")
    fitted = np.log10(conductivity(concentration, temperature))
    deviation = fitted - logarithm
    findings, lines = [], []
    for band in BANDS:
        celsius = temperature - KELVIN
        inside = (mass >= band.mass[0]) & (mass < band.mass[1])
        inside &= (celsius >= band.temperature[0]) & (celsius < band.temperature[1])
        if inside.sum() < FEWEST:
            continue
        bias, spread = float(np.mean(deviation[inside])), float(np.std(deviation[inside]))
        what = f"PEO-LiTFSI, {band.words} ({inside.sum()} points)"
        findings += [
            Finding(f"{band.name}_bias", f"{what}: bias {bias:+.2f}", abs(bias), BIAS, "decade", REASON),
            Finding(f"{band.name}_spread", f"{what}: spread", spread, SPREAD, "decade", REASON),
        ]
        lines.append(Curve(band.words, "reference", logarithm[inside], fitted[inside]))
    low, high = float(logarithm.min()), float(logarithm.max())
    lines.append(Curve("equal", "model", [low, high], [low, high]))
    title = f"PEO-LiTFSI, {logarithm.size} measured conductivities"
    return Observation(findings, curves(title, "log₁₀ of measured κ (S m⁻¹)", "log₁₀ of modelled κ (S m⁻¹)", lines))


CHECKS = (
    Check(
        "conductivity_peo_litfsi",
        "measured data",
        "points compiled for Bradford et al. 2023",
        "10.1021/acscentsci.2c01123",
        measure,
        (FILE,),
    ),
)
