"""Closed forms of transport and equilibrium: the quasi-steady separator, semi-infinite diffusion, a cell near rest.

The separator. With the salt at rest its flux is D/(1 - t+) dc/dx = -i/F, so that Phi(c) = integral of D/(1 - t+) dc
falls linearly; with constant kappa and thermodynamic factor X the potential is

    phi(x2) - phi(x1) = -i (x2 - x1)/kappa + 2 (1 - t+) X R T/F ln(c2/c1).

Diffusion at the lithium. With a constant flux J = (1 - t+) i/F into a salt at rest the surface concentration changes by
2 J sqrt(t/(pi D)); on charge it reaches zero at Sand's time pi D (c0/(2 J))^2. Both hold while D t < 0.05 L^2.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from cellmodel.assessment.checks.check import STOCK, Array, DataFolder, Evidence, Finding, check, curves, discharge
from cellmodel.correlations import FARADAY, GAS_CONSTANT, Constant
from cellmodel.models import Mesh, build_model
from cellmodel.models.build import BuiltModel
from cellmodel.parameters import ParameterSet, Record, list_cells, load_cell
from cellmodel.parameters.records import FunctionRecord
from cellmodel.quantities import QUANTITIES
from cellmodel.simulation import simulate

GROUP = "closed forms"

CONDUCTIVITY, DIFFUSIVITY, THERMODYNAMIC_FACTOR = 0.08, 6e-12, 1.4
TIGHT: dict[str, Any] = {"rtol": 1e-6, "atol": 1e-8}

THICKNESS, TRANSFERENCE = 200e-6, 0.2
SEMI_INFINITE = 0.05
"""D t/L^2 up to which the far side is not felt (its reflection changes the surface by less than 1e-8)."""
RESOLVED = 0.01
"""D t/L^2 from which the diffusion layer is thicker than ten of a hundred volumes."""
SAND = 0.04
"""D t/L^2 of Sand's time in the check."""

DEPTHS = (0.1, 0.5, 0.9)
"""Where in the stoichiometry window the cells rest."""

KNEES: Mapping[str, Mapping[str, float]] = {"dualfoil_d4_pemo_nickel_cobalt": {"cell.lower_voltage_cut_off": 3.0}}
"""Where a cell whose discharge ends on a slope (millivolts are percents of capacity there) is near its end at rest."""


def with_constants(cell: ParameterSet, values: Mapping[str, float]) -> ParameterSet:
    """Return a cell some of whose functions are constants [SI], by path, so that closed forms hold."""
    entries, functions = dict(cell.entries), dict(cell.functions)
    for path, value in values.items():
        unit = QUANTITIES[path].unit
        record = Record(f"{path}.value", value, unit, f"{value:g} {unit}", "setting", note="constant for a closed form")
        entries[record.path] = record
        functions[path] = FunctionRecord(path, Constant, {"value": record.path}, {})
    return replace(cell, entries=entries, functions=functions)


def build_with_constants(
    transference: float, model: str = "DFN", factor: float = THERMODYNAMIC_FACTOR, separator: float | None = None
) -> BuiltModel:
    """Build the PEO | LFP cell with constant electrolyte properties, with a finer mesh where the separator is given."""
    constants = {
        "electrolyte.ionic_conductivity": CONDUCTIVITY,
        "electrolyte.salt_diffusivity": DIFFUSIVITY,
        "electrolyte.volume_transference_number": transference,
        "electrolyte.volume_thermodynamic_factor": factor,
    }
    cell = load_cell("li_peo_lfp").replace({} if separator is None else {"cell.separator.thickness": separator})
    mesh = Mesh(20, 20, 8, 1.0) if separator is None else Mesh(100, 20, 6, 1.0)
    return build_model(with_constants(cell, constants), model=model, mesh=mesh, **TIGHT)


# --- the quasi-steady separator ---------------------------------------------------------------------------------------


def half_way(built: BuiltModel, c_rate: float) -> tuple[Array, Array, Array, float]:
    """Return nodes [m], concentrations and potentials in the separator and the current density, at half discharge."""
    solution = discharge(built, c_rate)
    names = ("electrolyte_concentration", "electrolyte_potential")
    read = built.read(solution, 0.5 * solution.times[[-1]], names)
    nodes = built.x < built.parameters["cell.separator.thickness"]
    concentration, potential = (values[0, nodes] for values in read.values())
    return built.x[nodes], concentration, potential, c_rate * built.parameters.areal_capacity


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


def variable_profile(model: str = "DFN") -> tuple[float, Array, Array, Array]:
    """Return the relative error of Phi(c) across the separator of the PEMO cell at 1 A/m2, and the profile.

    Its potential slopes, so that the reaction stays where it is and the profile is nearly steady.
    """
    cell = load_cell("dualfoil_d4_pemo_nickel_cobalt")
    built = build_model(cell, model=model, mesh=Mesh(40, 40, 12, 1.0), **TIGHT)
    x, concentration, _, current_density = half_way(built, 1.0 / cell.areal_capacity)
    diffusivity = cell.function("electrolyte.salt_diffusivity")
    transference = cell.function("electrolyte.volume_transference_number")
    fine, temperature = np.linspace(concentration.min(), concentration.max(), 2001), cell["cell.temperature"]
    slopes = diffusivity(fine, temperature) / (1 - transference(fine, temperature))
    integral = np.concatenate([[0.0], np.cumsum(0.5 * np.diff(fine) * (slopes[1:] + slopes[:-1]))])
    phi = np.interp(concentration, fine, integral)
    phi -= phi[0]
    expected = -current_density * (x - x[0]) / FARADAY
    return float(np.max(np.abs(phi - expected)) / abs(expected[-1])), x, phi, expected


def single_ion_errors() -> tuple[float, float]:
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


@check(GROUP, "concentrated-solution theory", "10.1149/1.2221597")
def separator(_data: DataFolder) -> Evidence:
    """Potential across the separator and slope of the concentration, for three transference numbers."""
    what = "potential drop of the separator, constant properties, C/5, relative"
    reason = "the harmonic mean of 1/c against its integral, h^2/12 per edge, is below 1e-4"
    yield Finding("potential", what, potential_error(0.2), 1e-3, "1", reason, stock=potential_error(0.2, STOCK))
    reason = "the profile follows the reaction zone with a delay of 70 s in 50 h"
    for t in (-0.4, 0.2, 0.8):
        what = f"slope of the concentration in the separator, t+ = {t:g}, C/50, relative"
        yield Finding(f"slope_{t:g}", what, slope_error(t), 5e-3, "1", reason, stock=slope_error(t, STOCK))


@check(GROUP, "quadrature of D/(1 - t+)")
def steady_profile(_data: DataFolder) -> Evidence:
    """Steady profile with diffusivity and transference number that vary with concentration."""
    error, x, phi, expected = variable_profile()
    what = "steady profile with variable D and t+: Phi(c) across the separator, relative"
    reason = "not fully steady: diffusion across the cell takes 3,000 s of a discharge of 33,000 s"
    yield Finding("", what, error, 1e-2, "1", reason, stock=variable_profile(STOCK)[0])
    lines = {"model": ("model", 1e6 * x, 1e6 * phi), "closed form": ("reference", 1e6 * x, 1e6 * expected)}
    axes = ("distance from lithium (µm)", "Φ(c) − Φ(c₁) (µmol m⁻¹ s⁻¹)")
    yield curves("Steady separator with variable D and t+", *axes, lines)


@check(GROUP, "Ohm's law")
def single_ion(_data: DataFolder) -> Evidence:
    """No salt gradient and a purely ohmic separator where only lithium moves."""
    salt, drop = single_ion_errors()
    reason = "round-off: the flux of salt is a product with 1 - t+ = 0"
    yield Finding("salt", "t+ = 1: change of the salt concentration at 1C, relative", salt, 1e-10, "1", reason)
    reason = "the integrator's relative tolerance, 1e-4"
    yield Finding("ohmic", "t+ = 1: drop of the separator against i L/kappa, relative", drop, 1e-4, "1", reason)


# --- semi-infinite diffusion at the lithium ---------------------------------------------------------------------------


def polarise(model: str, current_density: float, last: float) -> tuple[Array, Array]:
    """Return times [s] and concentrations at the lithium, from RESOLVED to `last` (both D t/L^2).

    The concentration is that of a parabola with the means of the first two volumes and the slope -J/D at the surface:
    third order in their width.
    """
    built = build_with_constants(TRANSFERENCE, model, factor=1.0, separator=THICKNESS)
    scale = THICKNESS**2 / DIFFUSIVITY
    charged, discharged = built.parameters.stoichiometry_window
    start = charged if current_density > 0 else discharged - 0.1
    current = current_density * built.parameters["cell.area"]
    solution = built.solve(last * scale, {"current": current, "initial_stoichiometry": start})
    times = np.linspace(RESOLVED, last, 100) * scale
    values = built.read(solution, times, ("electrolyte_concentration",))["electrolyte_concentration"]
    width = built.x_weights[0]
    slope = -(1 - TRANSFERENCE) * current_density / FARADAY / DIFFUSIVITY
    bend = (values[:, 1] - values[:, 0] - slope * width) / (2 * width**2)
    return times, np.asarray(values[:, 0] - slope * width / 2 - bend * width**2 / 3)


def surface_rise(model: str = "DFN") -> tuple[float, Array, Array, Array]:
    """Return the largest relative error of the rise at 5 A/m2, times, rise and closed form."""
    initial = load_cell("li_peo_lfp")["electrolyte.initial_concentration"]
    times, surface = polarise(model, 5.0, SEMI_INFINITE)
    expected = 2 * (1 - TRANSFERENCE) * 5.0 / FARADAY * np.sqrt(times / (np.pi * DIFFUSIVITY))
    return float(np.max(np.abs((surface - initial) / expected - 1))), times, surface - initial, expected


def sand_error(model: str = "DFN") -> tuple[float, float]:
    """Return the relative error of Sand's time and the share of the initial concentration left at the last sample.

    The surface follows c0 (1 - sqrt(t/t_S)); its state at 0.98 t_S says when it reaches zero. The current is such
    that t_S is 0.04 L^2/D, 2.2 times the limiting current of the separator.
    """
    initial = load_cell("li_peo_lfp")["electrolyte.initial_concentration"]
    expected = SAND * THICKNESS**2 / DIFFUSIVITY
    current_density = float(initial * FARADAY / (2 * (1 - TRANSFERENCE)) * np.sqrt(np.pi * DIFFUSIVITY / expected))
    times, surface = polarise(model, -current_density, 0.98 * SAND)
    remaining = surface[-1] / initial
    return float(abs(times[-1] / (1 - remaining) ** 2 / expected - 1)), float(remaining)


@check(GROUP, "semi-infinite diffusion with constant flux")
def lithium_surface(_data: DataFolder) -> Evidence:
    """Concentration at the lithium during the first minutes of a discharge."""
    error, times, rise, expected = surface_rise()
    what = "rise of the concentration at lithium against 2 J sqrt(t/(pi D)), D t < 0.05 L^2, relative"
    reason = "ten volumes across the diffusion layer at the first sample, second order: (1/10)^2/2"
    yield Finding("", what, error, 5e-3, "1", reason, stock=surface_rise(STOCK)[0])
    lines = {"model": ("model", times, rise), "closed form": ("reference", times, expected)}
    title = "Concentration at lithium after the current is switched on"
    yield curves(title, "time (s)", "rise of the concentration (mol m⁻³)", lines)


@check(GROUP, "Sand 1899", "10.1088/1478-7814/17/1/332")
def sand_time(_data: DataFolder) -> Evidence:
    """Time at which the salt at the lithium runs out on charge."""
    error, remaining = sand_error()
    what, reason = "Sand's time on charge, D t_S = 0.04 L^2, relative", "1 % is what was asked"
    remark = f"{remaining:.3f} of the salt is left at the lithium at 0.98 of Sand's time."
    yield Finding("", what, error, 1e-2, "1", reason, sand_error(STOCK)[0], remark)


# --- limits of small current ------------------------------------------------------------------------------------------


def rest_error(name: str, model: str = "DFN") -> float:
    """Return the largest difference [V] between a resting cell and the open-circuit potential of its electrode."""
    cell = load_cell(name)
    built = build_model(cell, model=model, mesh="fast")
    potential = cell.function("electrode.open_circuit_potential")
    entropic = cell.function("electrode.entropic_coefficient")
    warmer = cell["cell.temperature"] - cell["electrode.reference_temperature"]
    charged, discharged = cell.stoichiometry_window
    errors = []
    for depth in DEPTHS:
        y = charged + depth * (discharged - charged)
        solution = built.solve(1.0, {"current": 0.0, "initial_stoichiometry": y})
        shown = float(built.read(solution, np.array([1.0]), ("voltage",))["voltage"][0])
        errors.append(abs(shown - float(potential(y)) - float(entropic(y)) * warmer))
    return max(errors)


@check(GROUP, "thermodynamics")
def open_circuit_limit(_data: DataFolder) -> Evidence:
    """Every shipped cell at rest, at three states of charge."""
    errors = {name: rest_error(name) for name in list_cells("lithium_metal")}
    worst = max(errors, key=lambda name: errors[name])
    what = f"voltage at rest against the open-circuit potential, {len(errors)} cells, three states of charge"
    reason = "the integrator's absolute tolerance, 1e-6 of states of order one"
    yield Finding("", what, errors[worst], 1e-6, "V", reason, rest_error(worst, STOCK), f"Largest: {worst}.")


@check(GROUP, "Faraday's law")
def slow_capacity(_data: DataFolder) -> Evidence:
    """Every shipped cell at C/100 and C/200: the charge is that between the stoichiometries of the cut-offs."""
    at_100, to_rest = {}, {}
    for name in list_cells("lithium_metal"):
        cell = load_cell(name).replace(dict(KNEES.get(name, {})))
        once, half = (float(simulate(cell, c_rate=rate, mesh="fast")["utilization"]) for rate in (0.01, 0.005))
        at_100[name], to_rest[name] = abs(once - 1), abs(2 * half - once - 1)
    what = f"capacity at C/100 against the stoichiometry window, {len(at_100)} cells, relative"
    reason = "a hundredth of the one-hour current still costs some millivolts at the end of the potential"
    remark = ", ".join(f"{name} {error:.1e}" for name, error in at_100.items()) + "."
    yield Finding("at_c100", what, max(at_100.values()), 5e-3, "1", reason, remark=remark)
    worst = max(to_rest, key=lambda name: to_rest[name])
    what = "the same, extrapolated linearly from C/100 and C/200 to no current"
    reason = "the curvature of what is extrapolated, and five times the integrator's tolerance at the end event"
    yield Finding("to_rest", what, to_rest[worst], 5e-4, "1", reason, remark=f"Largest: {worst}.")
