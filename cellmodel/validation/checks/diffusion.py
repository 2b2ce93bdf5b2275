"""Closed forms of semi-infinite diffusion at the lithium: the rise of the concentration, and Sand's time.

With a constant flux J = (1 - t+) i/F into a salt at rest the surface concentration changes by 2 J sqrt(t/(pi D)); on
charge it reaches zero at Sand's time pi D (c0/(2 J))^2. Both hold while D t < 0.05 L^2.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cellmodel.correlations import FARADAY
from cellmodel.models import Mesh, build_model
from cellmodel.models.build import BuiltModel
from cellmodel.parameters import load_cell
from cellmodel.validation.discharging import STOCK, with_constants
from cellmodel.validation.findings import Check, Curve, Finding, Observation, Surroundings, curves

Array = NDArray[np.float64]

THICKNESS, DIFFUSIVITY, TRANSFERENCE = 200e-6, 6e-12, 0.2
SEMI_INFINITE = 0.05
"""D t/L^2 up to which the far side is not felt (its reflection changes the surface by less than 1e-8)."""
RESOLVED = 0.01
"""D t/L^2 from which the diffusion layer is thicker than ten of a hundred volumes."""
SAND = 0.04
"""D t/L^2 of Sand's time in the check."""


def build(model: str = "DFN") -> BuiltModel:
    """Build the PEO | LFP cell with a separator of 200 um and constant electrolyte properties."""
    constants = {
        "electrolyte.ionic_conductivity": 0.08,
        "electrolyte.salt_diffusivity": DIFFUSIVITY,
        "electrolyte.cation_transference_number": TRANSFERENCE,
        "electrolyte.thermodynamic_factor": 1.0,
    }
    cell = load_cell("li_peo_lfp").replace({"cell.separator.thickness": THICKNESS})
    return build_model(with_constants(cell, constants), model=model, mesh=Mesh(100, 20, 6, 1.0), rtol=1e-6, atol=1e-8)


def surface_concentration(built: BuiltModel, concentration: Array, current_density: float) -> Array:
    """Return the concentration at the lithium from the first two volumes and the flux there.

    A parabola with the means of both volumes and the slope -J/D at the surface: third order in their width.
    """
    width = built.x_weights[0]
    slope = -(1 - TRANSFERENCE) * current_density / FARADAY / DIFFUSIVITY
    bend = (concentration[:, 1] - concentration[:, 0] - slope * width) / (2 * width**2)
    return np.asarray(concentration[:, 0] - slope * width / 2 - bend * width**2 / 3)


def polarise(model: str, current_density: float, last: float) -> tuple[Array, Array]:
    """Return times [s] and concentrations at the lithium, from RESOLVED to `last` (both D t/L^2)."""
    built = build(model)
    scale = THICKNESS**2 / DIFFUSIVITY
    current = current_density * built.parameters["cell.area"]
    charged, discharged = built.parameters.stoichiometry_window
    start = charged if current > 0 else discharged - 0.1
    solution = built.solve(last * scale, {"current": current, "initial_stoichiometry": start})
    times = np.linspace(RESOLVED, last, 100) * scale
    values = built.read(solution, times, ("electrolyte_concentration",))["electrolyte_concentration"]
    return times, surface_concentration(built, values, current_density)


def surface_rise(model: str = "DFN") -> tuple[float, Array, Array, Array]:
    """Return the largest relative error of the rise at 5 A/m2, times, rise and closed form."""
    initial = load_cell("li_peo_lfp")["electrolyte.initial_concentration"]
    times, surface = polarise(model, 5.0, SEMI_INFINITE)
    expected = 2 * (1 - TRANSFERENCE) * 5.0 / FARADAY * np.sqrt(times / (np.pi * DIFFUSIVITY))
    return float(np.max(np.abs((surface - initial) / expected - 1))), times, surface - initial, expected


def sand_time(initial: float, current_density: float) -> float:
    """Return pi D (c0 F/(2 i (1 - t+)))^2 [s]."""
    return float(np.pi * DIFFUSIVITY * (initial * FARADAY / (2 * current_density * (1 - TRANSFERENCE))) ** 2)


def sand_error(model: str = "DFN") -> tuple[float, float]:
    """Return the relative error of Sand's time and the share of the initial concentration left at the last sample.

    The surface follows c0 (1 - sqrt(t/t_S)); its state at 0.98 t_S says when it reaches zero. The current is such
    that t_S is 0.04 L^2/D, 2.2 times the limiting current of the separator.
    """
    initial = load_cell("li_peo_lfp")["electrolyte.initial_concentration"]
    wanted = SAND * THICKNESS**2 / DIFFUSIVITY
    current_density = float(initial * FARADAY / (2 * (1 - TRANSFERENCE)) * np.sqrt(np.pi * DIFFUSIVITY / wanted))
    times, surface = polarise(model, -current_density, 0.98 * SAND)
    left = surface[-1] / initial
    return float(abs(times[-1] / (1 - left) ** 2 / sand_time(initial, current_density) - 1)), float(left)


def measure_rise(_surroundings: Surroundings) -> Observation:
    """Concentration at the lithium during the first minutes of a discharge."""
    error, times, rise, expected = surface_rise()
    found = Finding(
        "",
        "rise of the concentration at lithium against 2 J sqrt(t/(pi D)), D t < 0.05 L^2, relative",
        error,
        5e-3,
        "1",
        "ten volumes across the diffusion layer at the first sample, second order: (1/10)^2/2",
        stock=surface_rise(STOCK)[0],
    )
    lines = [Curve("model", "model", times, rise), Curve("closed form", "reference", times, expected)]
    title = "Concentration at lithium after the current is switched on"
    return Observation([found], curves(title, "time (s)", "rise of the concentration (mol m⁻³)", lines))


def measure_sand(_surroundings: Surroundings) -> Observation:
    """Time at which the salt at the lithium runs out on charge."""
    error, left = sand_error()
    found = Finding(
        "",
        "Sand's time on charge, D t_S = 0.04 L^2, relative",
        error,
        1e-2,
        "1",
        "1 % is what was asked",
        stock=sand_error(STOCK)[0],
        remark=f"{left:.3f} of the salt is left at the lithium at 0.98 of Sand's time.",
    )
    return Observation([found])


GROUP = "closed forms"
CHECKS = (
    Check("lithium_surface", GROUP, "semi-infinite diffusion with constant flux", "", measure_rise),
    Check("sand_time", GROUP, "Sand 1899", "10.1088/1478-7814/17/1/332", measure_sand),
)
