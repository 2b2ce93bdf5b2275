"""The public names of cellmodel, listed with their types in `__init__.pyi` and each imported when it is first used.

Importing this package loads nothing heavy and switches PyBaMM's telemetry off, which must happen before PyBaMM is
imported.
"""

from __future__ import annotations

import os
import sys
import warnings
from functools import partial
from typing import Any

import lazy_loader

os.environ.setdefault("PYBAMM_DISABLE_TELEMETRY", "true")

__version__ = "0.2.0"

_RENAMED = {
    "ParameterSet": "Cell",
    "simulate_liquid": "simulate",
    "load_liquid_cell": "load_cell",
    "list_liquid_cells": "list_cells",
}
"""Former names, which are importable for one release."""

_load, _, __all__ = lazy_loader.attach_stub(__name__, __file__)
__all__ = sorted([*__all__, "__version__"])


def __getattr__(name: str) -> Any:
    """Import a public name from its room on first use."""
    if name in _RENAMED:
        new = _RENAMED[name]
        told = f"cellmodel.{name} is now called cellmodel.{new}; the old name is gone in the next release"
        warnings.warn(told, DeprecationWarning, stacklevel=2)
        return partial(_load(new), "full_cell") if name == "list_liquid_cells" else _load(new)
    if name not in __all__:
        raise AttributeError(f"module 'cellmodel' has no attribute {name!r}", name=name, obj=sys.modules[__name__])
    return _load(name)


def __dir__() -> list[str]:
    return __all__.copy()
