"""How much lithium a cell is assembled with, beyond what its cathode brings.

A run starts with a charged cell, whose foil is `cell.lithium.thickness`. A cell is assembled with its cathode as it
was made, so with the foil less what the first charge plates on it:

    assembled foil = thickness - (y_made - y_charged) n V_Li,

n the lithium sites per area, V_Li the molar volume. Lithium is neither lost nor gained in that, so a mass counted as
assembled is the mass at any state of charge.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from cellmodel.errors import ParameterError, Problem
from cellmodel.inputs import number
from cellmodel.parameters import ParameterSet

THICKNESS = "cell.lithium.thickness"
MADE = "electrode.stoichiometry_as_made"
_ROUNDING = 1e-9  # of a foil: what subtraction may leave below zero


def plated_by_first_charge(parameters: ParameterSet, values: Mapping[str, Any] | None = None) -> Any:
    """Return the thickness of lithium that the first charge moves from the cathode as made to the foil.

    Parameters
    ----------
    parameters : ParameterSet
        The cell.
    values : mapping of str to float or array, optional
        Numbers to use instead of the cell's, by path; the stoichiometry when charged stays that of the cell.

    Returns
    -------
    float or array
        [m]; negative for a cathode made without lithium.
    """
    numbers = {**parameters.scalars, **(values or {})}
    charged, _ = parameters.stoichiometry_window
    return (numbers.get(MADE, 1.0) - charged) * _sites(numbers) * numbers["cell.lithium.molar_volume"]


def assembled_foil(parameters: ParameterSet, values: Mapping[str, Any] | None = None) -> Any:
    """Return the thickness of the foil with which the cell is assembled.

    Parameters
    ----------
    parameters : ParameterSet
        The cell.
    values : mapping of str to float or array, optional
        Numbers to use instead of the cell's, by path.

    Returns
    -------
    float or array
        [m]; 0 for a cell without a foil (anode-free).

    Raises
    ------
    ParameterError
        The charged cell would hold less lithium than its cathode brings: a negative excess.
    """
    charged = (values or {}).get(THICKNESS, parameters[THICKNESS])
    plated = plated_by_first_charge(parameters, values)
    foil = charged - plated
    if np.any(foil < -_ROUNDING * np.maximum(charged, plated)):
        shown = f"{float(np.min(charged)) * 1e6:.4g} um, a negative lithium excess"
        wanted = f"at least {float(np.max(plated)) * 1e6:.4g} um: what the first charge plates from the cathode"
        raise ParameterError(Problem(parameters.name, THICKNESS, shown, wanted))
    return np.maximum(foil, 0.0) if np.ndim(foil) else max(float(foil), 0.0)


def lithium_excess(parameters: ParameterSet, values: Mapping[str, Any] | None = None) -> Any:
    """Return the foil with which the cell is assembled over the lithium that its capacity moves.

    Parameters
    ----------
    parameters : ParameterSet
        The cell.
    values : mapping of str to float or array, optional
        Numbers to use instead of the cell's, by path.

    Returns
    -------
    float or array
        Dimensionless: 0 is anode-free, 1 doubles the lithium of the cell. With a cathode that is made without
        lithium the foil brings all of it, and less than about 1 does not fill the cathode. Derived here.

    Raises
    ------
    ParameterError
        It is negative.
    """
    return assembled_foil(parameters, values) / _cycled(parameters, values)


def with_lithium_excess(parameters: ParameterSet, excess: float) -> ParameterSet:
    """Return the cell with the foil that has a certain excess.

    Parameters
    ----------
    parameters : ParameterSet
        The cell.
    excess : float
        As `lithium_excess` defines it.

    Returns
    -------
    ParameterSet
        With another `cell.lithium.thickness`.

    Raises
    ------
    ParameterError
        The excess is negative or not a number.
    """
    excess = number(excess, parameters.name, "lithium excess", "0 (anode-free) or more", (0.0, np.inf))
    foil = plated_by_first_charge(parameters) + excess * _cycled(parameters, None)
    return parameters.replace({THICKNESS: float(foil)})


def _sites(numbers: Mapping[str, Any]) -> Any:
    """Return the lithium sites of the cathode per area [mol.m-2]."""
    cathode = "cell.positive_electrode"
    share = numbers[f"{cathode}.active_material_volume_fraction"]
    return numbers["electrode.maximum_concentration"] * share * numbers[f"{cathode}.thickness"]


def _cycled(parameters: ParameterSet, values: Mapping[str, Any] | None) -> Any:
    """Return the thickness of the lithium that the areal capacity moves [m]."""
    numbers = {**parameters.scalars, **(values or {})}
    charged, discharged = parameters.stoichiometry_window
    return (discharged - charged) * _sites(numbers) * numbers["cell.lithium.molar_volume"]
