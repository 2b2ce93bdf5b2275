"""Conductivity of PEO-LiTFSI in the parameter library against measurements.

The 816 conductivities are compiled from hundreds of papers. The library describes one kind of sample, cast membranes of
high molar mass; the table says honestly how it does on the others. Nothing of it is fitted here. Eight points without a
molar mass are in no band, and one alone in its band says nothing.
"""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np

from cellmodel.assessment.checks.check import Array, DataFolder, Evidence, Finding, check, curves
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
