"""How close a run came to the limits of its salt, and whether its model can be trusted there.

It compares currents that were drawn with `cellmodel.limits`; it solves nothing.
"""

from __future__ import annotations

import math

import numpy as np

from cellmodel.dataset.outcome import Outcome
from cellmodel.errors import ParameterError
from cellmodel.limits import SaltTransport, cell_path, limiting_current, validity_index

SINGLE_PARTICLE_MODELS = ("SPM", "SPMe")
"""Models that a validity index is for; the DFN is what they are measured against."""


def limit_numbers(outcome: Outcome) -> dict[str, float]:
    """Return the ratio to the limiting current, and the validity index of a single-particle model.

    Parameters
    ----------
    outcome : Outcome
        The run.

    Returns
    -------
    dict of str to float
        `limiting_current_ratio` from the largest discharge current density of each temperature; `validity_index`
        from the largest current density of either sign, as if it were drawn in a whole discharge. Missing where
        the limits cannot be computed.
    """
    if not outcome.run.parameters.kind.lithium_metal:
        return {}  # the limits are those of a lithium face
    area, model = outcome.run.parameters["cell.area"], outcome.run.options.model
    densities: dict[float, list[float]] = {}
    for step in outcome.steps:
        current = step.samples["current"] / area
        largest = densities.setdefault(float(step.samples["temperature"][0]), [0.0, 0.0])
        largest[:] = max(largest[0], float(np.max(current))), max(largest[1], float(np.max(np.abs(current))))
    numbers = {"limiting_current_ratio": 0.0}
    if model in SINGLE_PARTICLE_MODELS:
        numbers["validity_index"] = 0.0
    try:
        for temperature, (discharge, either) in densities.items():
            transport = SaltTransport(outcome.run.parameters, temperature)
            limit = limiting_current(transport, cell_path(outcome.run.parameters, "uniform"))
            numbers["limiting_current_ratio"] = max(numbers["limiting_current_ratio"], discharge / limit)
            if model in SINGLE_PARTICLE_MODELS:
                index = validity_index(outcome.run.parameters, either, temperature, model)
                numbers["validity_index"] = max(numbers["validity_index"], index)
    except ParameterError:
        return {}
    return numbers


def validity_remark(model: str, index: float) -> str:
    """Return what to say of a run of a single-particle model; empty if it can be trusted.

    Parameters
    ----------
    model : str
        Such as "SPMe".
    index : float
        Its validity index; NaN for other models.

    Returns
    -------
    str
        One phrase for the message and the warning.
    """
    if not index > 1.0:
        return ""
    size = "the salt is used up" if math.isinf(index) else f"validity index {index:.3g}, wanted at most 1"
    return f"{model} beyond its validity ({size}): it may be more than 5 mV rms off, use the DFN"
