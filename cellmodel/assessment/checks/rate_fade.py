"""What makes a measured capacity fade over a decade of rates: one cause at a time against a published series."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import xarray as xr

from cellmodel.assessment.checks.check import Array, DataFolder, Evidence, Finding, check, curves
from cellmodel.assessment.published.fading import (
    HIGH,
    LOW,
    fade_ratio,
    range_text,
    spread_over_sizes,
    spread_over_thickness,
)
from cellmodel.assessment.published.reading import load_published
from cellmodel.study import load_study, run_study

SERIES, STUDY = "zhao2016", "rate_fade"
CAUSES = {
    "tortuosity": ("Bruggeman exponents of 0.5 to 4", ("exponent 0.5", "base", "exponent 2.5", "exponent 4")),
    "salt_diffusivity": ("half to double the salt diffusivity", ("D x 0.5", "base", "D x 2")),
    "sets": ("D(c) and t0(c) of each set of the polymer", ("base", "steinrueck_inversion", "direct", "edman")),
    "film": ("films of 30 to 120 um", ("film 30 um", "base", "film 120 um")),
    "cathode": (
        "cathodes of 10 to 40 um",
        ("cathode 10 um", "cathode 15 um", "base", "cathode 30 um", "cathode 40 um"),
    ),
    "particle": (
        "particles of 0.1 to 1.6 um",
        ("base", "particle 0.2 um", "particle 0.4 um", "particle 0.8 um", "particle 1.6 um"),
    ),
}
"""Name of a line -> what is varied, and the cases of the study in ascending order of it."""
SPREADS_OF_THICKNESS, MEDIANS, FACTORS = (0.1, 0.2, 0.4), (1e-7, 2e-7, 3e-7), (1.5, 2.0, 3.0)
"""Standard deviations of the thickness [1]; medians [m] and factors of the particle size."""
TOLERANCE = 0.15


def ratios(results: xr.Dataset) -> dict[str, tuple[str, list[float]]]:
    """Return for each cause what is varied, and the ratios of rates of its cases."""
    rates = results["c_rate"].values.astype(float)

    def capacities(labels: tuple[str, ...]) -> Array:
        return np.asarray(results["specific_capacity"].sel(case=list(labels)).transpose("case", "c_rate").values)

    def values_of(labels: tuple[str, ...], path: str) -> list[float]:
        cells = {case.label: case.parameters for case in load_study(STUDY).cases}
        return [cells[label][path] for label in labels]

    found = {name: (text, [fade_ratio(rates, q) for q in capacities(own)]) for name, (text, own) in CAUSES.items()}
    _, thick = CAUSES["cathode"]
    at = values_of(thick, "cell.positive_electrode.thickness")
    mean = values_of(("base",), "cell.positive_electrode.thickness")[0]
    uneven = [spread_over_thickness(at, rates, capacities(thick), mean, one) for one in SPREADS_OF_THICKNESS]
    found["uneven_cathode"] = (
        f"a cathode uneven by {SPREADS_OF_THICKNESS[0]:.0%} to {SPREADS_OF_THICKNESS[-1]:.0%}",
        [fade_ratio(rates, q) for q in uneven],
    )
    _, coarse = CAUSES["particle"]
    sizes = values_of(coarse, "electrode.particle_radius")
    mixed = [spread_over_sizes(sizes, capacities(coarse), one, two) for one in MEDIANS for two in FACTORS]
    sizes_text = f"median {MEDIANS[0] * 1e6:g} to {MEDIANS[-1] * 1e6:g} um, factor {FACTORS[0]:g} to {FACTORS[-1]:g}"
    found["particle_sizes"] = (f"log-normal particle sizes, {sizes_text}", [fade_ratio(rates, q) for q in mixed])
    return found


@check("measured polymer cells", "Zhao et al. 2016", "10.1016/j.jpowsour.2015.09.111")
def rate_fade(_data: DataFolder) -> Evidence:
    """Yield a line for each cause: how near it brings the ratio of rates to the published one."""
    results = run_study(load_study(STUDY), results=None, workers="auto")
    yield from findings(results)
    rates = results["c_rate"].values
    series = load_published(SERIES).discharges
    published = [one.capacity for one in series]
    lines = {
        label: ("model", rates, results["specific_capacity"].sel(case=label).values)
        for label in ("base", "exponent 4", "film 120 um", "particle 0.8 um")
    }
    measured = ("reference", [one.c_rate for one in series], published)
    yield curves("PEO-LiTFSI | LFP at 60 degC", "C-rate", "capacity (mA h g⁻¹)", {"published": measured, **lines}, "x")


def findings(results: xr.Dataset) -> Iterator[Finding]:
    """Yield the lines of the runs of the study."""
    paper = load_published(SERIES)
    published = fade_ratio([one.c_rate for one in paper.discharges], [one.capacity for one in paper.discharges])
    reason = "a factor 1.4: four rates a factor 2 apart give the ratio no better"
    missing = "the paper itself: its numbers are quoted from memory" if paper.paper.seen == "nothing" else ""
    for name, (text, each) in ratios(results).items():
        known = [one for one in each if math.isfinite(one)]
        nearest = min((abs(math.log10(one / published)) for one in known), default=math.nan)
        shown = range_text(known) if known else "no number"
        ratio = f"rate at {LOW:.0%} over rate at {HIGH:.0%} of the slow capacity"
        what = f"{ratio}: {shown} with {text}, {published:.2g} published"
        yield Finding(name, what, nearest, TOLERANCE, "decade", reason, missing=missing)
