"""Parameter files to frozen parameter sets: the only room that reads `parameters/`."""

from __future__ import annotations

from cellmodel.parameters.cell_files import list_cells
from cellmodel.parameters.files import list_materials, load_references
from cellmodel.parameters.kinds import require_lithium_metal
from cellmodel.parameters.library import (
    check_file,
    load_cell,
    load_material,
    resolve_cell,
)
from cellmodel.parameters.parameter_set import Cell, ParameterSet
from cellmodel.parameters.records import Record
from cellmodel.parameters.surroundings import ComponentSet, list_formats, list_vehicles, load_format, load_vehicle

__all__ = [
    "Cell",
    "ComponentSet",
    "ParameterSet",
    "Record",
    "check_file",
    "list_cells",
    "list_formats",
    "list_materials",
    "list_vehicles",
    "load_cell",
    "load_format",
    "load_material",
    "load_references",
    "load_vehicle",
    "require_lithium_metal",
    "resolve_cell",
]
