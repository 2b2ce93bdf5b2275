"""Mechanisms that a run may have beyond charge and salt transport: their names, and what each needs of a cell.

Each is switched on by naming it (`mechanisms=("foil", "heat")`) and off by leaving its name out. This module knows
which parameters a mechanism needs and what follows from them; the equations are in `cellmodel.models`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from cellmodel import inputs
from cellmodel.correlations import FARADAY
from cellmodel.errors import ParameterError, Problem, choices, found_text
from cellmodel.parameters import ParameterSet

HEAT_PARAMETERS = (
    "cell.lithium.density",
    "cell.lithium.specific_heat_capacity",
    "cell.positive_electrode.additive_density",
    "cell.positive_electrode.additive_specific_heat_capacity",
    "cell.positive_collector.thickness",
    "cell.positive_collector.density",
    "cell.positive_collector.specific_heat_capacity",
    "cell.heat_transfer_coefficient",
    "electrolyte.density",
    "electrolyte.specific_heat_capacity",
    "electrode.density",
    "electrode.specific_heat_capacity",
)


class Mechanism(NamedTuple):
    """What it is, the parameters it cannot do without, and the mechanisms it builds on."""

    description: str
    parameters: tuple[str, ...] = ()
    builds_on: tuple[str, ...] = ()


MECHANISMS: dict[str, Mechanism] = {
    "foil": Mechanism("lithium foil stripped and plated with an efficiency, dead lithium, exhaustion"),
    "interphase_growth": Mechanism(
        "interphase that thickens and consumes lithium",
        (
            "interface.interphase_thickness",
            "interface.interphase_lithium_molar_volume",
            "interface.interphase_growth_rate",
        ),
        ("foil",),
    ),
    "contact_loss": Mechanism(
        "dead lithium takes surface out of contact", ("interface.contact_loss_inventory",), ("foil",)
    ),
    "hysteresis": Mechanism(
        "charge and discharge branches of the open-circuit potential",
        ("electrode.hysteresis_gap", "electrode.hysteresis_decay_rate"),
    ),
    "heat": Mechanism("one temperature of the cell that follows its heat balance", HEAT_PARAMETERS),
}
"""Name -> what it needs."""

DEFAULT_MECHANISMS = ("foil",)
"""On unless a run says otherwise: the foil's balance needs no assumed number and leaves the voltage as it is."""


def select_mechanisms(names: str | Iterable[str], parameters: ParameterSet) -> tuple[str, ...]:
    """Return the mechanisms of a run in the order of the table, after checking that the cell has their parameters.

    Parameters
    ----------
    names : str or iterable of str
        Keys of `MECHANISMS`.
    parameters : ParameterSet
        The cell.

    Returns
    -------
    tuple of str
        Without duplicates.

    Raises
    ------
    ParameterError
        A mapping (what it says of each name would be lost) or no names at all; an unknown name, a mechanism without
        one it builds on, every parameter that is missing: all at once.
    """
    given = inputs.names(names, "run", "mechanisms")
    problems = [
        Problem("run", "mechanisms", found_text(name), choices(name, MECHANISMS))
        for name in given
        if name not in MECHANISMS
    ]
    chosen = tuple(name for name in MECHANISMS if name in given)
    for name in chosen:
        needed = MECHANISMS[name]
        problems += [
            Problem("run", "mechanisms", f"'{name}' without '{other}'", "both: the first builds on the second")
            for other in needed.builds_on
            if other not in given
        ]
        problems += [
            Problem(parameters.name, path, "nothing", f"a value, which the mechanism '{name}' needs")
            for path in needed.parameters
            if path not in parameters.entries and path not in parameters.functions
        ]
    if problems:
        raise ParameterError(problems)
    return chosen


def areal_heat_capacity(scalars: Mapping[str, Any]) -> Any:
    """Return the heat capacity of the cell per electrode area [J.K-1.m-2], summed over its layers.

    Foil, separator (its volume fraction that is not electrolyte counts as electrolyte: the shipped ones have none),
    composite cathode (active material, electrolyte, and the rest as additive) and the positive current collector.
    The foil's own thickness is the initial one.

    Parameters
    ----------
    scalars : mapping of str to float or symbol
        SI values by path.

    Returns
    -------
    float or symbol
        Sum of thickness, density and specific heat capacity.
    """
    cathode = "cell.positive_electrode."
    active, electrolyte = (scalars[f"{cathode}{part}_volume_fraction"] for part in ("active_material", "electrolyte"))

    def volumetric(path: str, prefix: str = "") -> Any:
        return scalars[f"{path}.{prefix}density"] * scalars[f"{path}.{prefix}specific_heat_capacity"]

    composite = (
        active * volumetric("electrode")
        + electrolyte * volumetric("electrolyte")
        + (1.0 - active - electrolyte) * volumetric("cell.positive_electrode", "additive_")
    )
    return (
        scalars["cell.lithium.thickness"] * volumetric("cell.lithium")
        + scalars["cell.separator.thickness"] * volumetric("electrolyte")
        + scalars["cell.positive_electrode.thickness"] * composite
        + scalars["cell.positive_collector.thickness"] * volumetric("cell.positive_collector")
    )


def plating_efficiency(scalars: Mapping[str, Any]) -> Any:
    """Return the plating efficiency, 1 where the file of the interface states none."""
    return scalars.get("interface.plating_efficiency", 1.0)


def foil_shortfall(parameters: ParameterSet, initial_stoichiometry: float, cycles: int) -> str:
    """Return a sentence if the foil is thinner than the lithium that the run may strip from it, else "".

    Each full discharge strips the lithium that the cathode can still take up; every cycle after the first also
    loses what is plated without coming back.

    Parameters
    ----------
    parameters : ParameterSet
        The cell.
    initial_stoichiometry : float
        Of the cathode, where the run starts.
    cycles : int
        How often the protocol repeats.

    Returns
    -------
    str
        Thicknesses in um.
    """
    molar_volume, thickness = parameters["cell.lithium.molar_volume"], parameters["cell.lithium.thickness"]
    charged, discharged = parameters.stoichiometry_window
    whole = parameters.areal_capacity * 3600.0 / FARADAY * molar_volume
    first = whole * (discharged - initial_stoichiometry) / (discharged - charged)
    lost = (cycles - 1) * (1.0 - plating_efficiency(parameters.scalars)) * whole
    if first + lost <= thickness:
        return ""
    text = (
        f"{parameters.name}: the lithium foil is {thickness * 1e6:.3g} um thick, the run may strip "
        f"{(first + lost) * 1e6:.3g} um of it; it ends when the foil is exhausted"
    )
    return re.sub(r"\s+", " ", text)
