"""Closed forms of the quasi-steady separator: its potential, its profile with variable properties, no salt gradient.

With the salt at rest its flux is D/(1 - t+) dc/dx = -i/F, so that Phi(c) = integral of D/(1 - t+) dc falls linearly;
with constant kappa and thermodynamic factor X the potential is

    phi(x2) - phi(x1) = -i (x2 - x1)/kappa + 2 (1 - t+) X R T/F ln(c2/c1).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cellmodel.correlations import FARADAY, GAS_CONSTANT
from cellmodel.models import Mesh, build_model
from cellmodel.models.build import BuiltModel
from cellmodel.parameters import load_cell
from cellmodel.validation.discharging import STOCK, discharge, with_constants
from cellmodel.validation.findings import Check, Curve, Finding, Observation, Surroundings, curves

Array = NDArray[np.float64]

CONDUCTIVITY, DIFFUSIVITY, THERMODYNAMIC_FACTOR = 0.08, 6e-12, 1.4
TIGHT: dict[str, Any] = {"rtol": 1e-6, "atol": 1e-8}


def build_with_constants(transference: float, model: str = "DFN") -> BuiltModel:
    """Build the PEO | LFP cell with constant electrolyte properties.

    Parameters
    ----------
    transference : float
        Cation transference number.
    model : str, optional
        As `build_model` takes it.

    Returns
    -------
    BuiltModel
        On a mesh of 20/20/8.
    """
    constants = {
        "electrolyte.ionic_conductivity": CONDUCTIVITY,
        "electrolyte.salt_diffusivity": DIFFUSIVITY,
        "electrolyte.cation_transference_number": transference,
        "electrolyte.thermodynamic_factor": THERMODYNAMIC_FACTOR,
    }
    cell = with_constants(load_cell("li_peo_lfp"), constants)
    return build_model(cell, model=model, mesh=Mesh(20, 20, 8, 1.0), **TIGHT)


def half_way(built: BuiltModel, c_rate: float) -> tuple[Array, Array, Array, float]:
    """Return nodes [m], concentrations and potentials in the separator and the current density, at half discharge."""
    parameters = built.parameters
    solution = discharge(built, c_rate)
    names = ("electrolyte_concentration", "electrolyte_potential")
    read = built.read(solution, 0.5 * solution.times[[-1]], names)
    nodes = built.x < parameters["cell.separator.thickness"]
    concentration, potential = (values[0, nodes] for values in read.values())
    return built.x[nodes], concentration, potential, c_rate * parameters.areal_capacity


def slope_error(transference: float, model: str = "DFN") -> float:
    """Return the largest relative error of dc/dx against -(1 - t+) i/(F D), at C/50."""
    x, concentration, _, current_density = half_way(build_with_constants(transference, model), 1 / 50)
    expected = -(1 - transference) * current_density / (FARADAY * DIFFUSIVITY)
    return float(np.max(np.abs(np.diff(concentration) / np.diff(x) / expected - 1)))


def potential_error(transference: float, model: str = "DFN") -> float:
    """Return the relative error of the potential across the separator, at C/5."""
    built = build_with_constants(transference, model)
    x, concentration, potential, current_density = half_way(built, 1 / 5)
    diffusion = 2 * (1 - transference) * THERMODYNAMIC_FACTOR * GAS_CONSTANT * built.parameters["cell.temperature"]
    expected = -current_density * (x[-1] - x[0]) / CONDUCTIVITY
    expected += diffusion / FARADAY * np.log(concentration[-1] / concentration[0])
    return float(abs((potential[-1] - potential[0]) / expected - 1))


def integrated(function: Callable[[Array], Array], points: Array) -> Array:
    """Return the integral of a function from the first of some points to each: trapezoids on 2,000 parts."""
    fine = np.linspace(points.min(), points.max(), 2001)
    values = function(fine)
    sums = np.concatenate([[0.0], np.cumsum(0.5 * np.diff(fine) * (values[1:] + values[:-1]))])
    found = np.interp(points, fine, sums)
    return np.asarray(found - found[0])


def variable_profile(model: str = "DFN") -> tuple[float, Array, Array, Array]:
    """Return the relative error of Phi(c) across the separator of the PEMO cell at 1 A/m2, and the profile.

    Its potential slopes, so that the reaction stays where it is and the profile is nearly steady.
    """
    parameters = load_cell("dualfoil_d4_pemo_nickel_cobalt")
    built = build_model(parameters, model=model, mesh=Mesh(40, 40, 12, 1.0), **TIGHT)
    x, concentration, _, current_density = half_way(built, 1.0 / parameters.areal_capacity)
    temperature = parameters["cell.temperature"]
    diffusivity, transference = (
        parameters.function(f"electrolyte.{name}") for name in ("salt_diffusivity", "cation_transference_number")
    )
    phi = integrated(lambda c: diffusivity(c, temperature) / (1 - transference(c, temperature)), concentration)
    expected = -current_density * (x - x[0]) / FARADAY
    return float(np.max(np.abs(phi - expected)) / abs(expected[-1])), x, phi, expected


def single_ion() -> tuple[float, float]:
    """Return the largest relative change of the concentration with t+ = 1 at 1C, and the error of i L/kappa."""
    built = build_model(load_cell("li_single_ion_lfp"))
    parameters = built.parameters
    solution = discharge(built, 1.0)
    names = ("electrolyte_concentration", "electrolyte_potential")
    concentration, potential = built.read(solution, solution.times, names).values()
    initial = parameters["electrolyte.initial_concentration"]
    last = built.discretisation.mesh.separator - 1
    conductivity = parameters.function("electrolyte.ionic_conductivity")(initial, parameters["cell.temperature"])
    drop = potential[:, last] - potential[:, 0]
    expected = -parameters.areal_capacity * (built.x[last] - built.x[0]) / float(conductivity)
    return float(np.max(np.abs(concentration / initial - 1))), float(np.max(np.abs(drop / expected - 1)))


def measure_potential(_surroundings: Surroundings) -> Observation:
    """Potential across the separator and slope of the concentration, for three transference numbers."""
    findings = [
        Finding(
            "potential",
            "potential drop of the separator, constant properties, C/5, relative",
            potential_error(0.2),
            1e-3,
            "1",
            "the harmonic mean of 1/c against its integral, h^2/12 per edge, is below 1e-4",
            stock=potential_error(0.2, STOCK),
        )
    ]
    for transference in (-0.4, 0.2, 0.8):
        findings.append(
            Finding(
                f"slope_{transference:g}",
                f"slope of the concentration in the separator, t+ = {transference:g}, C/50, relative",
                slope_error(transference),
                5e-3,
                "1",
                "the profile follows the reaction zone with a delay of 70 s in 50 h",
                stock=slope_error(transference, STOCK),
            )
        )
    return Observation(findings)


def measure_profile(_surroundings: Surroundings) -> Observation:
    """Steady profile with diffusivity and transference number that vary with concentration."""
    error, x, phi, expected = variable_profile()
    found = Finding(
        "",
        "steady profile with variable D and t+: Phi(c) across the separator, relative",
        error,
        1e-2,
        "1",
        "not fully steady: diffusion across the cell takes 3,000 s of a discharge of 33,000 s",
        stock=variable_profile(STOCK)[0],
    )
    lines = [
        Curve("model", "model", 1e6 * x, 1e6 * phi),
        Curve("closed form", "reference", 1e6 * x, 1e6 * expected),
    ]
    title = "Steady separator with variable D and t+"
    return Observation([found], curves(title, "distance from lithium (µm)", "Φ(c) − Φ(c₁) (µmol m⁻¹ s⁻¹)", lines))


def measure_single_ion(_surroundings: Surroundings) -> Observation:
    """No salt gradient and a purely ohmic separator where only lithium moves."""
    salt, drop = single_ion()
    nothing = "round-off: the flux of salt is a product with 1 - t+ = 0"
    ohmic = "the integrator's relative tolerance, 1e-4"
    return Observation(
        [
            Finding("salt", "t+ = 1: change of the salt concentration at 1C, relative", salt, 1e-10, "1", nothing),
            Finding("ohmic", "t+ = 1: drop of the separator against i L/kappa, relative", drop, 1e-4, "1", ohmic),
        ]
    )


GROUP = "closed forms"
CHECKS = (
    Check("separator", GROUP, "concentrated-solution theory", "10.1149/1.2221597", measure_potential),
    Check("steady_profile", GROUP, "quadrature of D/(1 - t+)", "", measure_profile),
    Check("single_ion", GROUP, "Ohm's law", "", measure_single_ion),
)
