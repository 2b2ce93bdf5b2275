"""Cells with constant properties drawn at random over everything a polymer cell may be: none of them may fail."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from cellmodel.correlations import Constant
from cellmodel.parameters import ParameterSet, load_cell
from cellmodel.parameters.records import FunctionRecord, Record

CONDUCTIVITY = "electrolyte.ionic_conductivity"
AREAL_CAPACITY = "cell.positive_electrode.areal_capacity"
RANGES = {
    "cell.separator.thickness": (5e-6, 200e-6),  # m
    AREAL_CAPACITY: (2.0, 60.0),  # A.h.m-2
    f"{CONDUCTIVITY}.value": (1e-4, 1.0),  # S.m-1
    "electrolyte.salt_diffusivity.value": (1e-14, 1e-10),  # m2.s-1
    "diffusion_time": (10.0, 1e5),  # R^2/D_s, s
    "c_rate": (0.01, 20.0),
}
"""Drawn evenly in the logarithm."""


def constant_cells() -> dict[str, ParameterSet]:
    """Return an LFP and an NMC811 cell at 80 degC whose electrolyte and particle diffusivity are constants."""
    lfp = load_cell("li_single_ion_lfp")
    nmc = load_cell("li_peo_nmc", electrolyte="single_ion_stfsi")
    flat = {f"electrode.particle_diffusivity.amplitude_{k}": 0.0 for k in (1, 2, 3)}
    flat |= {"electrode.particle_diffusivity.log10_base": 0.0, "electrode.particle_diffusivity.scale": 1e-14}
    temperature = "electrode.particle_diffusivity.reference_temperature"
    cells = {"lfp": lfp.replace({temperature: 353.15}), "nmc811": nmc.replace(flat | {temperature: 353.15})}
    return {name: constant_conductivity(cell) for name, cell in cells.items()}


def constant_conductivity(cell: ParameterSet) -> ParameterSet:
    """Return the cell with an ionic conductivity that depends on nothing."""
    path = f"{CONDUCTIVITY}.value"
    function = FunctionRecord(CONDUCTIVITY, Constant, {"value": path}, {})
    number = Record(path, 0.01, "S.m-1", "0.01 S.m-1", "setting")
    return replace(cell, entries={**cell.entries, path: number}, functions={**cell.functions, CONDUCTIVITY: function})


def random_runs(count: int, seed: int) -> list[tuple[ParameterSet, float]]:
    """Return that many cells, each with a C-rate."""
    generator, bases, runs = np.random.default_rng(seed), constant_cells(), []
    for _ in range(count):
        name = str(generator.choice(sorted(bases)))
        drawn = {path: float(np.exp(generator.uniform(*np.log(limits)))) for path, limits in RANGES.items()}
        drawn["electrolyte.cation_transference_number.value"] = float(generator.uniform(-0.5, 1.0))
        rate, diffusion_time = drawn.pop("c_rate"), drawn.pop("diffusion_time")
        scale = "value" if name == "lfp" else "scale"
        radius = bases[name]["electrode.particle_radius"]
        drawn[f"electrode.particle_diffusivity.{scale}"] = radius**2 / diffusion_time
        runs.append((bases[name].replace(drawn), rate))
    return runs
