"""A shipped cell with constant electrolyte properties, so that closed forms hold."""

from __future__ import annotations

import dataclasses

from cellmodel.correlations import Constant
from cellmodel.parameters import ParameterSet, load_cell
from cellmodel.parameters.records import FunctionRecord, Record

PROPERTIES = {
    "ionic_conductivity": ("S.m-1", 0.08),
    "salt_diffusivity": ("m2.s-1", 6e-12),
    "volume_transference_number": ("1", 0.2),
    "volume_thermodynamic_factor": ("1", 1.4),
}


def constant_cell(cell: str = "li_peo_lfp", **changed: float) -> ParameterSet:
    """Return a cell whose electrolyte has the properties above, some of them changed."""
    parameters = load_cell(cell)
    entries, functions = dict(parameters.entries), dict(parameters.functions)
    for name, (unit, default) in PROPERTIES.items():
        path = f"electrolyte.{name}"
        value = changed.get(name, default)
        entries[f"{path}.value"] = Record(f"{path}.value", value, unit, f"{value:g} {unit}", "setting")
        functions[path] = FunctionRecord(path, Constant, {"value": f"{path}.value"}, {})
    return dataclasses.replace(parameters, entries=entries, functions=functions)
