"""The numbers of PEO-LiTFSI are the fits that their file says they are: weights, minimum, errors, and the sets beside.

The joint fit weighs, each by how many independent numbers it holds: the relation D f/(1 - t0) between 1.24 and 2.42
mol/L (10 per cent, 4), the profiles (0.05 mol/L, 12), the velocities (0.5 nm/s, 12) and the eight direct points (0.2 in
ln D, 0.17 in t0), the latter with an offset of their own study, whose variance is half the mean square of what the two
studies differ by between 1.24 and 2.42 mol/L when each is fitted alone.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from cellmodel.assessment.checks import polymer_motion
from cellmodel.assessment.checks.check import DataFolder
from cellmodel.parameters import ParameterSet, load_cell

Array = NDArray[np.float64]
DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
D, T0 = "electrolyte.salt_diffusivity", "electrolyte.cation_transference_number"
START, TEMPERATURE = 1870.0, 363.15
C = 1e3 * np.array([0.86, 1.19, 1.58, 1.86, 2.10, 2.37, 2.57, 2.75])
DIRECT_D = 1e-11 * np.array([1.0038, 1.3062, 1.1053, 0.8441, 0.70545, 0.58875, 0.94628, 0.90685])
DIRECT_T0 = np.array([0.4058, 0.3376, 0.4330, 0.2025, 0.0837, -0.0740, -0.3760, 0.1052])
"""As plotted by Chen et al. 2026: concentration [mol.m-3], D [m2.s-1], t0."""
SCATTER, BETWEEN = (0.2, 0.17), (0.47, 0.214)
"""Of a direct point, and between the studies: in ln D and t0."""
PATHS = (f"{D}.value", f"{D}.linear", f"{D}.quadratic", f"{T0}.value", f"{T0}.slope")
STEPS = (0.02, 0.02, 0.02, 0.02, 0.02)
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="measured data are not beside the repository")


def weighed(residual: Array, deviation: float, independent: float) -> Array:
    return residual / deviation * np.sqrt(independent / residual.size)


def moved(cell: ParameterSet, p: Array) -> ParameterSet:
    """Return the cell with ln D at 1.87 mol/L, its slope and curvature, t0 and its slope moved by some steps."""
    start = np.array([cell[path] for path in PATHS])
    numbers = [start[0] * np.exp(p[0]), *(start[1:] + p[1:])]
    return cell.replace(dict(zip(PATHS, map(float, numbers), strict=True)))


def direct(cell: ParameterSet, between: tuple[float, float] = (0.0, 0.0)) -> Array:
    """Return what the direct points say, with the offset of their study integrated out."""
    values = [np.asarray(cell.function(path)(C, TEMPERATURE)) for path in (D, T0)]
    apart = np.log(values[0] / DIRECT_D), values[1] - DIRECT_T0
    whitened = []
    for residual, scatter, offset in zip(apart, SCATTER, between, strict=True):
        covariance = scatter**2 * np.eye(C.size) + offset**2
        whitened.append(np.linalg.solve(np.linalg.cholesky(covariance), residual))
    return np.concatenate(whitened)


def measured(cell: ParameterSet) -> Array:
    """Return what the experiment on the moving polymer says."""
    data = DataFolder(DATA)
    c, relation = data.table(polymer_motion.RELATION) * np.array([[1e3], [1e-4]])
    inside = (c >= 1240.0) & (c <= 2420.0)
    c, relation = c[inside], relation[inside]
    share = (1.0 - cell.function(T0)(c, TEMPERATURE)) * (1.0 - c * cell["electrolyte.salt_molar_volume"])
    apart = np.log(cell.function(D)(c, TEMPERATURE) / share / relation)
    found = polymer_motion.simulate(cell, polymer_motion.read_experiment(data))
    profiles = weighed(np.concatenate(found.profiles), 0.05, 12)
    return np.concatenate([weighed(apart, 0.1, 4), profiles, weighed(found.velocities, 0.5, 12)])


def newton_step(residuals: Callable[[ParameterSet], Array], cell: ParameterSet) -> tuple[Array, Array]:
    """Return the step to the minimum of the sum of squares, and the standard errors, from central differences."""
    columns = [
        (residuals(moved(cell, step)) - residuals(moved(cell, -step))) / (2.0 * step.max()) for step in np.diag(STEPS)
    ]
    jacobian = np.array(columns).T
    step = np.linalg.lstsq(jacobian, -residuals(cell), rcond=None)[0]
    return step, np.sqrt(np.diag(np.linalg.inv(jacobian.T @ jacobian)))


@cache
def base() -> ParameterSet:
    return load_cell("li_peo_li").replace({"electrolyte.initial_concentration": START})


@needs_data
def test_the_base_set_is_the_joint_fit() -> None:
    step, errors = newton_step(lambda cell: np.concatenate([measured(cell), direct(cell, BETWEEN)]), base())
    assert np.all(np.abs(step) < 0.5 * errors), (step, errors)
    stated = [base().entries[path].spread[0] for path in PATHS[1:]]
    # the transference number states what lies between studies too, as does the scale of D
    assert stated == pytest.approx([errors[1], errors[2], np.hypot(errors[3], BETWEEN[1]), errors[4]], rel=0.15)


def test_the_direct_set_is_the_least_squares_of_its_points() -> None:
    cell = load_cell("li_peo_li", electrolyte="peo_litfsi:direct")
    step, errors = newton_step(direct, cell)
    assert np.all(np.abs(step) < 0.02 * errors), (step, errors)
    stated = [cell.entries[path].spread[0] for path in PATHS[1:]]
    assert stated == pytest.approx(errors[1:], rel=0.05)


@needs_data
def test_the_inversion_is_the_relation_with_its_transference_number() -> None:
    cell = load_cell("li_peo_li", electrolyte="peo_litfsi:steinrueck_inversion")
    c, relation = DataFolder(DATA).table(polymer_motion.RELATION) * np.array([[1e3], [1e-4]])
    share = (1.0 - cell.function(T0)(c, TEMPERATURE)) * (1.0 - c * cell["electrolyte.salt_molar_volume"])
    np.testing.assert_allclose(cell.function(D)(c, TEMPERATURE) / share, relation, rtol=0.022)
    assert cell.function(T0)(START, TEMPERATURE) == pytest.approx(-0.04, abs=1e-9)


@needs_data
def test_the_salts_volume_is_the_line_through_the_density() -> None:
    """Over 0.6 to 3 mol/L; the check on the experiment takes the line over its own range, 0.139 L/mol as well."""
    c = np.linspace(600.0, 3000.0, 200)
    density = 1123.276 + 0.106822 * c + 7.606e-6 * c**2
    slope, start = np.polyfit(c, density, 1)
    assert base()["electrolyte.salt_molar_volume"] == pytest.approx((0.28709 - slope) / start, rel=1e-3)
    assert np.abs(np.polyval((slope, start), c) / density - 1.0).max() < 0.0075
    cell = load_cell("li_peo_lfp")
    assert cell["electrolyte.density"] == pytest.approx(
        start + slope * cell["electrolyte.initial_concentration"], rel=1e-3
    )
