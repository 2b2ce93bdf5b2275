"""Published energy densities of whole cells beside what this budget gives for the same cells.

The cells are those of Lacey2021, notebook 2: 30 x 10 cm pouches with 35 electrodes coated on both sides, 3.3 mA.h.cm-2,
calculated there from nominal capacities and voltages, which are used here in place of a simulated discharge: what is
tested is the side of masses and volumes. Everything the notebook and its program state is taken over, also what is
not physics of this project (a loss of lithium inventory of 7 %, one more negative electrode than positive ones).
"""

from __future__ import annotations

from typing import NamedTuple

from cellmodel.energy.components import Budget, Component, specific_energy
from cellmodel.energy.enclosure import LAYERS_PER_UNIT, stack_budget
from cellmodel.parameters import ComponentSet, load_format

_SOURCE = "Lacey2021"
_CAPACITY = 33.0  # A.h.m-2 of cathode
_KEPT = 0.93  # share of the capacity after the loss of lithium inventory
_ACTIVE = 0.95  # mass fraction of active material in the cathode
_ALUMINIUM, _COPPER = (14e-6, 2700.0), (8e-6, 8960.0)  # m, kg.m-3
_LITHIUM_CAPACITY, _LITHIUM_DENSITY = 3862.0, 534.0  # A.h.kg-1, kg.m-3
_LITHIUM_50_UM = 103.2  # A.h.m-2
_GRAPHITE = (33.0 * 1.1, 344.0 * 0.965, 1600.0)  # A.h.m-2, A.h.kg-1 of composite, kg.m-3
_LIQUID_PER_CAPACITY = 1.7e-6  # m3 of electrolyte per A.h
_CATHOLYTE_SHARE = 0.33  # of that, where only the cathode holds it
_LIQUID_DENSITY = 1232.6  # kg.m-3: 0.7641 x 0.1222 x 1.1 + 1.1299 g.cm-3
_SULFIDE_DENSITY, _GARNET_DENSITY = 2000.0, 5100.0  # kg.m-3
_POROUS, _DENSE = (12e-6, 1180.0), 20e-6  # m, kg.m-3
_COMMON = "3.3 mA h cm⁻², 7 % of it lost; Al 14 µm, Cu 8 µm; 95 % active material; pouch 113 µm; 10 g of other mass"


class Cathode(NamedTuple):
    """Specific capacity [A.h.kg-1], mean potential [V] and density of the composite [kg.m-3]."""

    capacity: float
    voltage: float
    density: float


_CATHODES = {"NMC811": Cathode(195.0, 3.86, 0.7 * 5000.0), "LFP": Cathode(165.0, 3.375, 0.7 * 3600.0)}


class Comparison(NamedTuple):
    """One published cell.

    Attributes
    ----------
    name : str
        What it is made of.
    published, computed : tuple of float
        Per mass [W.h.kg-1] and per volume [W.h.L-1].
    source : str
        A key of references.toml.
    stated, guessed : str
        Inputs that the source states, and those it does not; the last is empty if there are none.
    """

    name: str
    published: tuple[float, float]
    computed: tuple[float, float]
    source: str
    stated: str
    guessed: str


class _Design(NamedTuple):
    """What differs from cell to cell: the negative electrode, separator and electrolyte."""

    words: str
    negative: str
    separator: tuple[float, float]
    catholyte: bool
    electrolyte_density: float
    published: dict[str, tuple[float, float]]


_DESIGNS = {
    "graphite": _Design(
        "12 µm porous separator, 1.7 mL of liquid per A h",
        "graphite",
        _POROUS,
        False,
        _LIQUID_DENSITY,
        {"NMC811": (257.2, 634.0), "LFP": (208.1, 451.0)},
    ),
    "lithium, liquid": _Design(
        "lithium 50 µm, 12 µm porous separator, 1.7 mL of liquid per A h",
        "lithium",
        _POROUS,
        False,
        _LIQUID_DENSITY,
        {"NMC811": (333.0, 761.0), "LFP": (267.1, 531.0)},
    ),
    "lithium, garnet": _Design(
        "lithium 50 µm, 20 µm of garnet, a third of the liquid, in the cathode",
        "lithium",
        (_DENSE, _GARNET_DENSITY),
        True,
        _LIQUID_DENSITY,
        {"NMC811": (296.1, 716.0), "LFP": (239.5, 505.0)},
    ),
    "anode-free, garnet": _Design(
        "no lithium brought along, 20 µm of garnet, a third of the liquid, in the cathode",
        "none",
        (_DENSE, _GARNET_DENSITY),
        True,
        _LIQUID_DENSITY,
        {"NMC811": (318.0, 963.0), "LFP": (255.6, 637.0)},
    ),
    "anode-free, sulfide": _Design(
        "no lithium brought along, 20 µm of sulfide, a third of the liquid's volume as sulfide in the cathode",
        "none",
        (_DENSE, _SULFIDE_DENSITY),
        True,
        _SULFIDE_DENSITY,
        {"NMC811": (366.0, 963.0), "LFP": (291.0, 637.0)},
    ),
}
_GRAPHITE_VOLTAGE = 0.17  # V


def published_cells() -> list[Comparison]:
    """Return published energy densities beside those of the budget from the same inputs.

    Returns
    -------
    list of Comparison
        All cells of the source.
    """
    enclosing = load_format("pouch")
    found = []
    for label, design in _DESIGNS.items():
        for material, cathode in _CATHODES.items():
            voltage = cathode.voltage - (_GRAPHITE_VOLTAGE if design.negative == "graphite" else 0.0)
            weighed = _budget(cathode, design, enclosing)
            computed = specific_energy(_CAPACITY * _KEPT * voltage, weighed)
            stated = f"{design.words}; {cathode.capacity:g} mA h g⁻¹, {voltage:.4g} V; {_COMMON}"
            pair = (float(computed[0]), float(computed[1]))
            found.append(Comparison(f"{material} | {label}", design.published[material], pair, _SOURCE, stated, ""))
    return found


def _budget(cathode: Cathode, design: _Design, enclosing: ComponentSet) -> Budget:
    """Return the budget of one of the cells, per area of cathode."""
    composite = _CAPACITY / cathode.capacity / _ACTIVE
    negative, thickness, brought = _negative(design.negative)
    liquid = _CAPACITY * _KEPT * _LIQUID_PER_CAPACITY * (_CATHOLYTE_SHARE if design.catholyte else 1.0)
    separator, separator_density = design.separator
    last = 1.0 / (LAYERS_PER_UNIT * enclosing["format.stack.repeat_units"])  # electrodes more than cathode sides
    copper = _COPPER[0] * _COPPER[1]
    sides = {
        "cathode": (composite, composite / cathode.density),
        "negative electrode": (negative * brought, thickness),
        "separator": (separator * separator_density, separator),
        "electrolyte in the pores": (liquid * design.electrolyte_density, 0.0),
        "positive collector": (_ALUMINIUM[0] * _ALUMINIUM[1] / LAYERS_PER_UNIT, _ALUMINIUM[0] / LAYERS_PER_UNIT),
        "negative collector": (copper / LAYERS_PER_UNIT, _COPPER[0] / LAYERS_PER_UNIT),
        "last negative electrode": ((2.0 * negative + copper) * last, (2.0 * thickness + _COPPER[0]) * last),
    }
    parts = (Component(name, name, "stack", *numbers, "literature", _SOURCE, "") for name, numbers in sides.items())
    return stack_budget(tuple(parts), enclosing)


def _negative(kind: str) -> tuple[float, float, float]:
    """Return mass [kg.m-2] and thickness [m] of one side of a negative electrode, and which share of it is brought."""
    if kind == "graphite":
        capacity, specific, density = _GRAPHITE
        return capacity / specific, capacity / specific / density, 1.0
    capacity = _LITHIUM_50_UM if kind == "lithium" else _CAPACITY
    mass = capacity / _LITHIUM_CAPACITY
    return mass, mass / _LITHIUM_DENSITY, 1.0 if kind == "lithium" else 0.0
