"""Units and meanings of what a design study returns, and its dataset.

It knows names and numbers; it searches nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

import cellmodel
from cellmodel.parameters import ParameterSet

DESIGN: dict[str, tuple[str, str]] = {
    "optimum": ("SI", "value of the variable in the best design, unit in variable_units"),
    "lower_bound": ("SI", "lower bound of the variable"),
    "upper_bound": ("SI", "upper bound of the variable"),
    "at_bound": ("1", "-1 at the lower bound, 1 at the upper bound, 0 between them"),
    "constraint_value": ("1", "value of the constrained quantity in the best design"),
    "constraint_limit": ("1", "what it may be"),
    "constraint_binds": ("1", "1 where the constraint keeps the design from being better"),
    "specific_energy": ("W.h.kg-1", "energy delivered over the mass of the cell"),
    "energy_density": ("W.h.L-1", "energy delivered over the volume of the charged cell"),
    "stack_specific_energy": ("W.h.kg-1", "energy delivered over the mass of the layers"),
    "stack_energy_density": ("W.h.L-1", "energy delivered over the volume of the charged layers"),
    "specific_power": ("W.kg-1", "mean power of the discharge over the mass of the cell"),
    "areal_energy": ("W.h.m-2", "energy delivered per area of the cathode"),
    "areal_capacity": ("A.h.m-2", "capacity between the cut-offs per area of the cathode"),
    "utilization": ("1", "charge delivered over the capacity between the cut-offs"),
    "mean_voltage": ("V", "energy delivered over charge delivered"),
    "evaluated_design": ("SI", "variables of every design that was looked at, in order"),
    "evaluated_objective": ("by objective", "objective of every design that was looked at, in order"),
    "discharges": ("1", "discharges simulated"),
    "failures": ("1", "discharges that the solver did not finish"),
    "steps": ("1", "steps of the search after its grid"),
    "own_specific_energy": ("W.h.kg-1", "energy delivered over mass, the cell as its file has it"),
    "own_energy_density": ("W.h.L-1", "energy delivered over volume, the cell as its file has it"),
    "c_rate": ("1", "C-rate, relative to the capacity of each design"),
}
"""Name -> (UDUNITS unit, long name)."""

Numbers = Mapping[str, tuple[tuple[str, ...], Any]]


def labelled(
    numbers: Numbers, coordinates: Numbers, parameters: ParameterSet, settings: Mapping[str, str | float]
) -> xr.Dataset:
    """Return results of a design study with a unit and a meaning each; the attributes describe a cell.

    `numbers` and `coordinates` are dimensions and values by name of `DESIGN`, or coordinates of words.
    """

    def described(name: str, dimensions: tuple[str, ...], values: Any) -> tuple[tuple[str, ...], Any, dict[str, str]]:
        attributes = dict(zip(("units", "long_name"), DESIGN[name], strict=True)) if name in DESIGN else {}
        return dimensions, np.asarray(values), attributes

    return xr.Dataset(
        {name: described(name, *entry) for name, entry in numbers.items()},
        coords={name: described(name, *entry) for name, entry in coordinates.items()},
        attrs={
            "cell": parameters.name,
            **{role: name for role, name in parameters.materials.items() if role != "cell"},
            **settings,
            "inputs": parameters.to_toml(),
            "cellmodel_version": cellmodel.__version__,
        },
    )
