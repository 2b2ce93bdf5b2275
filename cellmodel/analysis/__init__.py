"""What many runs say together: a Dataset goes in, a Dataset comes out.

Dimensions, units and long names are kept. Curves of stored results are read one piece at a time, so that results may
be larger than memory; runs that did not finish are NaN. Nothing is simulated, stored or drawn here.
"""

from __future__ import annotations

from cellmodel.analysis.capacities import capacity_against_temperature, collapse, ragone, rate_capability
from cellmodel.analysis.curves import differential_capacity, on_capacity, voltage_losses
from cellmodel.analysis.impedance_arcs import read_arcs
from cellmodel.analysis.quantiles import quantile_bands, voltage_bands
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
