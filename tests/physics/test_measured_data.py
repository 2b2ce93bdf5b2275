"""The fits of the parameter library against measured data: bias and spread, each tolerance with its reason.

The data lie outside the repository (`../shared/data`, seen from its root) and are not copied; without
them the module is skipped.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cellmodel.parameters import load_cell

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
KELVIN = 273.15
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="measured data are not beside the repository")


def table(name):
    return np.genfromtxt(DATA / name, delimiter=",", skip_header=1).T


def potential(cell, electrode=None):
    return load_cell(cell, electrode=electrode).function("electrode.open_circuit_potential")


def peo_points():
    """Molar mass [g.mol-1], molality [mol.kg-1], c [mol.m-3], T [degC], log10 kappa [S.cm-1]."""
    mass, molality, T, log_kappa = table("conductivity_peo_litfsi.csv")
    keep = molality > 0.0
    mass, molality, T, log_kappa = mass[keep], molality[keep], T[keep], log_kappa[keep]
    c = molality / (1.0 / 1102.3 + molality * 138.7e-6)  # the volumes of the parameter file
    return mass, molality, c, T, log_kappa


def test_amorphous_peo_fit_has_its_stated_bias_and_spread():
    """Stated: median deviation 0.064 decade, 90th percentile 0.22; bias within 0.02 decade of zero.

    The coefficients were carried over to other volumes within 5 %, 0.021 decade.
    """
    mass, _, c, T, log_kappa = peo_points()
    keep = (mass >= 3900) & ~np.isin(mass, [3e5, 5e5, 6e5, 9e5]) & (T >= 65) & (T <= 130) & (c >= 245) & (c <= 3658)
    assert keep.sum() > 300
    cell = load_cell("li_peo_lfp").replace({"electrolyte.ionic_conductivity.scale": 1.0})
    fit = np.log10(cell.function("electrolyte.ionic_conductivity")(c[keep], T[keep] + KELVIN) / 100.0)
    deviation = log_kappa[keep] - fit
    assert abs(np.median(deviation)) < 0.02
    assert np.median(np.abs(deviation)) == pytest.approx(0.064, abs=0.01)
    assert np.percentile(np.abs(deviation), 90) == pytest.approx(0.22, abs=0.03)


def test_semicrystalline_peo_fit_is_reproduced():
    """Least squares over the stated selection returns the coefficients in the file to all printed digits."""
    mass, molality, _, T, log_kappa = peo_points()
    keep = (mass >= 270e3) & (mass != 6e5) & (molality > 0.85) & (molality < 2.0) & (T >= 20) & (T <= 62)
    assert keep.sum() == 62
    inverse = -1.0 / (8.314 * (T[keep] + KELVIN))
    slope, constant = np.polyfit(inverse, log_kappa[keep] * np.log(10.0), 1)
    cell = load_cell("li_peo_lfp")
    assert slope == pytest.approx(cell["electrolyte.ionic_conductivity.semicrystalline_activation_energy"], abs=20.0)
    prefactor = cell["electrolyte.ionic_conductivity.semicrystalline_prefactor"] / 100.0
    assert constant == pytest.approx(np.log(prefactor), abs=0.01)
    deviation = (constant + slope * inverse) / np.log(10.0) - log_kappa[keep]
    assert deviation.std() == pytest.approx(0.29, abs=0.01)


def test_pcl_ptmc_fit_and_the_spread_of_its_batches():
    """Fitted batch: no bias, rms 0.03 decade.  The others: 0.31 and 0.62 decade lower, the factor 2.5 of `scale`."""
    mass, molality, T, log_kappa = table("conductivity_pcl_ptmc_litfsi.csv")
    c = molality / (0.885e-3 + molality * 125e-6)
    cell = load_cell("li_peo_lfp", electrolyte="pcl_ptmc_litfsi")
    fit = np.log10(cell.function("electrolyte.ionic_conductivity")(c, T + KELVIN) / 100.0)
    bias = [float(np.mean((log_kappa - fit)[mass == batch])) for batch in (257e3, 256e3, 246e3)]
    np.testing.assert_allclose(bias, [0.0, -0.31, -0.62], atol=0.01)
    assert (log_kappa - fit)[mass == 257e3].std() == pytest.approx(0.030, abs=0.003)
    (factor,) = cell.entries["electrolyte.ionic_conductivity.scale"].spread
    assert np.log10(factor) == pytest.approx(np.sqrt(np.mean(np.square(bias))), abs=0.01)


def test_nmc811_against_half_cell_curve():
    """One linear map of the axis, fitted between 3.62 and 4.1 V; then 5 mV rms there and 20 mV rms at the ends.

    The curve was measured on another batch at 0.02C; the knee and the upper end were fitted to the same data.
    """
    from scipy.optimize import least_squares

    u = potential("li_polycarbonate_nmc811")
    capacity, voltage = table("ocp_nmc_lithiation_C50.csv")
    middle = (voltage > 3.62) & (voltage < 4.1)
    start, span = least_squares(lambda p: u(p[0] - p[1] * capacity[middle]) - voltage[middle], [0.99, 0.70]).x
    deviation = u(start - span * capacity) - voltage

    def rms(part):
        return float(np.sqrt(np.mean(deviation[part] ** 2)))

    assert rms(middle) < 0.005
    assert rms(voltage < 3.6) < 0.020
    assert rms(voltage > 4.1) < 0.020
