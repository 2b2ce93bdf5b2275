"""How long a run used correlations of the salt concentration outside what was measured.

They count as extrapolated while the salt anywhere in the electrolyte, faces included, lies outside the range of
concentrations that all of a cell's files state; what each is then stands in the docstring of its form. How far the salt
went is its smallest and largest concentration, which every run stores. It knows one run; no model.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from cellmodel.dataset.faces import with_faces
from cellmodel.dataset.outcome import Outcome

Array = NDArray[np.float64]


def extrapolation_numbers(outcome: Outcome) -> dict[str, float]:
    """Return the shares of a run's time spent outside the measured concentrations.

    Parameters
    ----------
    outcome : Outcome
        The run, of which at least one step ran.

    Returns
    -------
    dict of str to float
        `extrapolated_fraction` for all correlations of the cell together, and `extrapolated_above_fraction` for what
        lies above their ranges [1].
    """
    low, high = outcome.run.parameters.validity["concentration"]
    ranges = {"extrapolated_fraction": (low, high), "extrapolated_above_fraction": (-np.inf, high)}
    return _shares(*_extremes(outcome), ranges)


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
