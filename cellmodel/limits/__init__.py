"""What a cell can carry and what a model can be trusted with, before anything is solved.

Limiting currents and Sand's time by quadrature, and the validity index of the single-particle models. It knows
parameter sets; it knows no model, no mesh and no solver.
"""

from __future__ import annotations

from cellmodel.limits.currents import LimitingCurrents, limiting_current, limiting_currents, sand_time
from cellmodel.limits.single_particle_models import ErrorEstimate, estimate_error, validity_index
from cellmodel.limits.transport import (
    SaltTransport,
    cell_path,
    electrolyte_numbers,
    newman_number,
    separator_path,
    steady_profile,
)

__all__ = [
    "ErrorEstimate",
    "LimitingCurrents",
    "SaltTransport",
    "cell_path",
    "electrolyte_numbers",
    "estimate_error",
    "limiting_current",
    "limiting_currents",
    "newman_number",
    "sand_time",
    "separator_path",
    "steady_profile",
    "validity_index",
]
