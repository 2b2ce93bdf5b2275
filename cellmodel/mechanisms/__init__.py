"""Mechanisms that a run may have beyond charge and salt transport, one class and one file each.

Each is switched on by naming it (`mechanisms=("foil", "heat")`) and off by leaving its name out. `Mechanism` says what
a class declares; a file in this folder is found by its name, a class elsewhere by `@register`. Equations are written
for numbers, arrays and symbols alike: nothing here knows PyBaMM, a protocol or a file.
"""

from __future__ import annotations

import importlib
import pkgutil

from cellmodel.mechanisms.mechanism import CELL_VARIABLES, EFFECTS, EndEvent, Mechanism, Result, State
from cellmodel.mechanisms.registry import (
    DEFAULT_MECHANISMS,
    MECHANISMS,
    idle,
    own_sources,
    register,
    select_mechanisms,
)

__all__ = [
    "CELL_VARIABLES",
    "DEFAULT_MECHANISMS",
    "EFFECTS",
    "MECHANISMS",
    "EndEvent",
    "Mechanism",
    "Result",
    "State",
    "idle",
    "own_sources",
    "register",
    "select_mechanisms",
]

_FIRST = ("foil", "interphase_growth", "contact_loss", "hysteresis", "heat")
"""Their order is part of the digest of a run; mechanisms that came later follow by name."""
_OTHERS = {found.name for found in pkgutil.iter_modules(__path__)} - {*_FIRST, "mechanism", "registry"}
for _name in (*_FIRST, *sorted(_OTHERS)):
    importlib.import_module(f"{__name__}.{_name}")
