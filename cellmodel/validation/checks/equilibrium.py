"""Limits of small current: a resting cell shows its open-circuit potential, a slow discharge takes its window."""

from __future__ import annotations

import numpy as np

from cellmodel.models import build_model
from cellmodel.parameters import list_cells, load_cell
from cellmodel.simulation import simulate
from cellmodel.validation.discharging import STOCK
from cellmodel.validation.findings import Check, Finding, Observation, Surroundings

SHARES = (0.1, 0.5, 0.9)
"""Where in the stoichiometry window the cells rest."""


def rest_error(name: str, model: str = "DFN") -> float:
    """Return the largest difference [V] between a resting cell and the open-circuit potential of its electrode."""
    parameters = load_cell(name)
    built = build_model(parameters, model=model, mesh="fast")
    potential = parameters.function("electrode.open_circuit_potential")
    entropic = parameters.function("electrode.entropic_coefficient")
    warmer = parameters["cell.temperature"] - parameters["electrode.reference_temperature"]
    charged, discharged = parameters.stoichiometry_window
    worst = 0.0
    for share in SHARES:
        y = charged + share * (discharged - charged)
        solution = built.solve(1.0, {"current": 0.0, "initial_stoichiometry": y})
        shown = float(built.read(solution, np.array([1.0]), ("voltage",))["voltage"][0])
        worst = max(worst, abs(shown - float(potential(y)) - float(entropic(y)) * warmer))
    return worst


def measure_rest(_surroundings: Surroundings) -> Observation:
    """Every shipped cell at rest, at three states of charge."""
    errors = {name: rest_error(name) for name in list_cells()}
    worst = max(errors, key=lambda name: errors[name])
    found = Finding(
        "",
        f"voltage at rest against the open-circuit potential, {len(errors)} cells, three states of charge",
        errors[worst],
        1e-6,
        "V",
        "the integrator's absolute tolerance, 1e-6 of states of order one",
        stock=rest_error(worst, STOCK),
        remark=f"Largest: {worst}.",
    )
    return Observation([found])


def slow_capacity_errors(name: str) -> tuple[float, float]:
    """Return how far the capacity share of a cell is from 1 at C/100, and extrapolated from C/100 and C/200 to rest."""
    at_100, at_200 = (float(simulate(name, c_rate=rate, mesh="fast")["utilization"]) for rate in (0.01, 0.005))
    return abs(at_100 - 1), abs(2 * at_200 - at_100 - 1)


def measure_slow(_surroundings: Surroundings) -> Observation:
    """Every shipped cell at C/100 and C/200: the charge is that between the stoichiometries of the cut-offs."""
    errors = {name: slow_capacity_errors(name) for name in list_cells()}
    slow = max(errors, key=lambda name: errors[name][0])
    worst = max(errors, key=lambda name: errors[name][1])
    return Observation(
        [
            Finding(
                "at_c100",
                f"capacity at C/100 against the stoichiometry window, {len(errors)} cells, relative",
                errors[slow][0],
                5e-3,
                "1",
                "a hundredth of the one-hour current still costs some millivolts at the end of the potential",
                remark=", ".join(f"{name} {error:.1e}" for name, (error, _) in errors.items()) + ".",
            ),
            Finding(
                "to_rest",
                "the same, extrapolated linearly from C/100 and C/200 to no current",
                errors[worst][1],
                5e-4,
                "1",
                "the curvature of what is extrapolated, and five times the integrator's tolerance at the end event",
                remark=f"Largest: {worst}.",
            ),
        ]
    )


GROUP = "closed forms"
CHECKS = (
    Check("open_circuit_limit", GROUP, "thermodynamics", "", measure_rest),
    Check("slow_capacity", GROUP, "Faraday's law", "", measure_slow),
)
