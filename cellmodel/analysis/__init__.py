"""What many runs say together: a Dataset goes in, a Dataset comes out.

Dimensions, units and long names are kept. Curves of stored results are read one piece at a time, so that results may
be larger than memory; runs that did not finish are NaN. Nothing is simulated, stored or drawn here.
"""

from __future__ import annotations

from cellmodel.analysis.arcs import read_arcs
from cellmodel.analysis.bands import quantile_bands, voltage_bands
from cellmodel.analysis.collapse import collapse
from cellmodel.analysis.curves import differential_capacity, on_capacity, voltage_losses
from cellmodel.analysis.rates import capacity_against_temperature, ragone, rate_capability
from cellmodel.analysis.sensitivity import sobol_indices

__all__ = [
    "capacity_against_temperature",
    "collapse",
    "differential_capacity",
    "on_capacity",
    "quantile_bands",
    "ragone",
    "rate_capability",
    "read_arcs",
    "sobol_indices",
    "voltage_bands",
    "voltage_losses",
]
