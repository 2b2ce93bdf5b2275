"""From a ParameterSet to a PyBaMM model that is built once and solved step by step.

Importing this package imports nothing heavy: the names below load PyBaMM when they are first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cellmodel.models.build import build_model
    from cellmodel.models.built_model import BuiltModel
    from cellmodel.models.cells.half_cell import DFN, SPM, SPMe
    from cellmodel.models.cells.symmetric import SymmetricCell
    from cellmodel.models.meshes import MESHES, Mesh
    from cellmodel.models.parameter_values import pybamm_values
    from cellmodel.models.solving import EventAtStart

__all__ = [
    "DFN",
    "MESHES",
    "SPM",
    "BuiltModel",
    "EventAtStart",
    "Mesh",
    "SPMe",
    "SymmetricCell",
    "build_model",
    "pybamm_values",
]

_HOME = {
    "BuiltModel": "built_model",
    "build_model": "build",
    "DFN": "cells.half_cell",
    "SPM": "cells.half_cell",
    "SPMe": "cells.half_cell",
    "MESHES": "meshes",
    "Mesh": "meshes",
    "pybamm_values": "parameter_values",
    "EventAtStart": "solving",
    "SymmetricCell": "cells.symmetric",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)
