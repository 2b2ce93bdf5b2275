"""How long and how far a run used correlations of the salt concentration outside what was measured.

A correlation counts as extrapolated while the salt anywhere in the electrolyte, faces included, lies outside the range
of concentrations that its file states; what it is then stands in the docstring of its form. It knows one run; no model.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from cellmodel.dataset.faces import with_faces
from cellmodel.dataset.outcome import Outcome

Array = NDArray[np.float64]

EVERYWHERE = (-np.inf, np.inf)
PROPERTIES = {
    "conductivity_extrapolated_fraction": "electrolyte.ionic_conductivity",
    "diffusivity_extrapolated_fraction": "electrolyte.salt_diffusivity",
    "transference_extrapolated_fraction": "electrolyte.cation_transference_number",
}
"""Number of a run -> the correlation that it is about."""


def extrapolation_numbers(outcome: Outcome) -> dict[str, float]:
    """Return the shares of a run's time spent outside the measured concentrations, and the largest excursion.

    Parameters
    ----------
    outcome : Outcome
        The run, of which at least one step ran.

    Returns
    -------
    dict of str to float
        `extrapolated_fraction` for all correlations of the cell together, `extrapolated_above_fraction` for what lies
        above their ranges, and one for each of `PROPERTIES` [1]; `largest_extrapolation_below` and `_above` [mol.m-3],
        the distance from the range in which all hold. Properties that come from a parameter set of PyBaMM state no
        range and have no share.
    """
    cell = outcome.run.parameters
    times, lowest, highest = _extremes(outcome)
    known = {name: cell.functions[path].valid for name, path in PROPERTIES.items() if path in cell.functions}
    ranges = {name: valid.get("concentration", EVERYWHERE) for name, valid in known.items()}
    ranges["extrapolated_fraction"] = low, high = cell.validity["concentration"]
    ranges["extrapolated_above_fraction"] = -np.inf, high
    numbers = _shares(times, lowest, highest, ranges)
    numbers["largest_extrapolation_below"] = max(0.0, low - float(min(map(np.min, lowest))))
    numbers["largest_extrapolation_above"] = max(0.0, float(max(map(np.max, highest))) - high)
    return numbers


def _extremes(outcome: Outcome) -> tuple[list[Array], list[Array], list[Array]]:
    """Return the solver's times [s] of each step, and the smallest and largest concentration [mol.m-3] at them."""
    profiles = [with_faces(outcome.built.x_weights, step.concentration) for step in outcome.steps]
    lowest, highest = ([extreme(profile, axis=1) for profile in profiles] for extreme in (np.min, np.max))
    return [step.solver_times for step in outcome.steps], lowest, highest


def _shares(
    times: list[Array], lowest: list[Array], highest: list[Array], ranges: Mapping[str, tuple[float, float]]
) -> dict[str, float]:
    """Return the share of the time in which a concentration lies outside each range."""
    outside, duration = dict.fromkeys(ranges, 0.0), 0.0
    for t, least, most in zip(times, lowest, highest, strict=True):
        duration += float(t[-1] - t[0])
        for name, (low, high) in ranges.items():
            outside[name] += float(np.trapezoid(((least < low) | (most > high)).astype(float), t))
    return {name: spent / duration if duration > 0.0 else 0.0 for name, spent in outside.items()}
