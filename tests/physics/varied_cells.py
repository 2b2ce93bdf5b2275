"""Random cells near the shipped ones, reproducible one by one."""

from __future__ import annotations

from typing import Any

import numpy as np

from cellmodel.parameters import ParameterSet, load_cell

CELLS = ("li_peo_lfp", "li_peo_nmc", "li_polycarbonate_nmc811", "li_single_ion_lfp", "li_peo_tis2_doyle1993")
TRANSFERENCE = "electrolyte.cation_transference_number.value"
TRANSFERENCE_SLOPE = "electrolyte.cation_transference_number.slope"
DIFFUSIVITY_SCALE = "electrolyte.salt_diffusivity.scale"


def random_cell(seed: int, number: int) -> tuple[ParameterSet, float]:
    """Return one cell and a C-rate: shipped, with other thicknesses, transport, particles, temperature and rate.

    Separator 5-50 um, cathode 5-100 um, exponent of the cathode 0.5-2.5, particles up to 3.2 times larger or
    smaller, temperature +-10 K within validity, t+ up to 0.8 whatever the concentration, salt diffusivity up to
    4 times larger or smaller where the cell's electrolyte has these as numbers; C/100 to 2C, all rates equally likely
    on a logarithmic scale.
    """
    random = np.random.default_rng([seed, number])
    parameters = load_cell(CELLS[random.integers(len(CELLS))])
    low, high = parameters.validity["temperature"]
    own = parameters["cell.temperature"]
    values: dict[str, Any] = {
        "cell.separator.thickness": 5e-6 * 10 ** random.random(),
        "cell.positive_electrode.thickness": 5e-6 * 20 ** random.random(),
        "cell.positive_electrode.bruggeman_exponent": random.uniform(0.5, 2.5),
        "electrode.particle_radius": parameters["electrode.particle_radius"] * 10 ** random.uniform(-0.5, 0.5),
        "cell.temperature": float(np.clip(random.uniform(own - 10.0, own + 10.0), low, high)),
    }
    if TRANSFERENCE in parameters.entries and parameters[TRANSFERENCE] < 1.0:
        values[TRANSFERENCE] = random.uniform(-0.2, 0.8)
        if (
            TRANSFERENCE_SLOPE in parameters.entries
        ):  # that of PEO-LiTFSI would take a high t+ past 1 where salt is scarce
            values[TRANSFERENCE_SLOPE] = 0.0
    if DIFFUSIVITY_SCALE in parameters.entries:
        values[DIFFUSIVITY_SCALE] = 4.0 ** random.uniform(-1.0, 1.0)
    return parameters.replace(values), 0.01 * 200 ** random.random()
