"""Mechanisms by name -> options, submodels, events and values of a PyBaMM half cell.

The switchboard between `cellmodel.mechanisms` and the submodels of `lithium` and `heat`. It knows no mesh, no solver
and no protocol.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import pybamm

from cellmodel.mechanisms import areal_heat_capacity, plating_efficiency
from cellmodel.models.heat import LumpedHeat
from cellmodel.models.lithium import (
    ELECTRODES,
    ContactLoss,
    Foil,
    InterphaseGrowth,
    InterphaseResistance,
    foil_event,
)
from cellmodel.models.parameter_values import input_symbols
from cellmodel.parameters import ParameterSet


@dataclass(frozen=True)
class Branch:
    """One branch of an open-circuit potential with hysteresis: the centre line, shifted.

    Parameters
    ----------
    correlation : callable
        stoichiometry -> centre line [V].
    shift : float or pybamm.Symbol
        [V]; half the gap, so that the centre is the mean of the branches.
    """

    correlation: Any
    shift: Any

    def potential(self, stoichiometry: Any) -> Any:
        """Return the potential of the branch [V]."""
        return self.correlation(stoichiometry) + self.shift


def mechanism_options(mechanisms: tuple[str, ...]) -> dict[str, Any]:
    """Return the PyBaMM options that the mechanisms need.

    Parameters
    ----------
    mechanisms : tuple of str
        From `cellmodel.mechanisms.select_mechanisms`.

    Returns
    -------
    dict
        Hysteresis on the working electrode only: PyBaMM would give it to the lithium as well.
    """
    hysteresis = {"open-circuit potential": ("single", "one-state hysteresis")}
    return hysteresis if "hysteresis" in mechanisms else {}


def new_model(kind: Any, options: dict[str, Any]) -> pybamm.BaseModel:
    """Return a half-cell model without equations yet.

    Parameters
    ----------
    kind : type
        One of `cellmodel.models.half_cell`.
    options : dict
        PyBaMM's.

    Returns
    -------
    pybamm.BaseModel
        Its submodels can still be exchanged.
    """
    with warnings.catch_warnings():
        # a notice to those who fitted a decay rate before 25.10, issued to everybody
        warnings.filterwarnings("ignore", message="The definition of the hysteresis decay rate")
        return kind(options, build=False)


def add_mechanisms(equations: pybamm.BaseModel, mechanisms: tuple[str, ...]) -> None:
    """Add or exchange the submodels of the mechanisms, in place.

    Parameters
    ----------
    equations : pybamm.BaseModel
        Not yet built.
    mechanisms : tuple of str
        From `cellmodel.mechanisms.select_mechanisms`.
    """
    submodels, param, options = equations.submodels, equations.param, equations.options
    if "foil" in mechanisms:
        submodels["lithium foil"] = Foil(param, options)
    if "interphase_growth" in mechanisms:
        submodels["interphase growth"] = InterphaseGrowth(param, options)
    if "contact_loss" in mechanisms:
        submodels["Negative interface utilisation"] = ContactLoss(param, options)
    if {"interphase_growth", "contact_loss"} & set(mechanisms):
        submodels["interphase resistance"] = InterphaseResistance(param, options, mechanisms)
        name = "positive electrode potential"
        submodels[name] = ELECTRODES[type(submodels[name])](param, "positive", options)
    if "heat" in mechanisms:
        submodels["thermal"] = LumpedHeat(param, options)


def mechanism_events(equations: pybamm.BaseModel, mechanisms: tuple[str, ...]) -> list[pybamm.Event]:
    """Return the events with which a mechanism ends a leg.

    Parameters
    ----------
    equations : pybamm.BaseModel
        Built, not yet discretised.
    mechanisms : tuple of str
        From `cellmodel.mechanisms.select_mechanisms`.

    Returns
    -------
    list of pybamm.Event
        "lithium exhausted", where there is a foil.
    """
    return [foil_event(equations.variables)] if "foil" in mechanisms else []


def mechanism_values(parameters: ParameterSet, inputs: tuple[str, ...], mechanisms: tuple[str, ...]) -> dict[str, Any]:
    """Return the values of the parameters that the mechanisms add to PyBaMM's.

    Parameters
    ----------
    parameters : ParameterSet
        A cell that has them all.
    inputs : tuple of str
        Paths of scalars that are inputs of the model.
    mechanisms : tuple of str
        From `cellmodel.mechanisms.select_mechanisms`.

    Returns
    -------
    dict
        cellmodel's own paths, and PyBaMM's sentences for the hysteresis.
    """
    symbols = input_symbols(parameters, inputs)
    scalars: dict[str, Any] = {**parameters.scalars, **symbols}
    functions = parameters.correlations(symbols)
    values: dict[str, Any] = {}
    if "foil" in mechanisms:
        values["interface.plating_efficiency"] = plating_efficiency(scalars)
        values["cell.lithium.thickness"] = scalars["cell.lithium.thickness"]
    if "interphase_growth" in mechanisms:
        paths = ("interface.interphase_thickness", "interface.interphase_lithium_molar_volume")
        values |= {path: scalars[path] for path in paths}
        values["interface.interphase_growth_rate"] = functions["interface.interphase_growth_rate"].evaluate
    if "contact_loss" in mechanisms:
        values["interface.contact_loss_inventory"] = scalars["interface.contact_loss_inventory"]
    if "heat" in mechanisms:
        values["cell.heat_transfer_coefficient"] = scalars["cell.heat_transfer_coefficient"]
        values["areal heat capacity"] = areal_heat_capacity(scalars)
    if "hysteresis" in mechanisms:
        values |= _hysteresis_values(scalars, functions)
    return values


def _hysteresis_values(scalars: dict[str, Any], functions: dict[str, Any]) -> dict[str, Any]:
    """Return the branches, their decay rate and the branch on which a run starts.

    A full cell was charged and starts on the delithiation branch (state +1), an empty one was discharged and starts
    on the lithiation branch (-1); in between the state is linear in the stoichiometry.
    """
    centre, half = functions["electrode.open_circuit_potential"].evaluate, 0.5 * scalars["electrode.hysteresis_gap"]
    charged, discharged = map(pybamm.InputParameter, ("charged_stoichiometry", "discharged_stoichiometry"))
    share = (pybamm.InputParameter("initial_stoichiometry") - charged) / (discharged - charged)
    rate = scalars["electrode.hysteresis_decay_rate"]
    return {
        "Positive electrode lithiation OCP [V]": Branch(centre, -half).potential,
        "Positive electrode delithiation OCP [V]": Branch(centre, half).potential,
        "Positive particle lithiation hysteresis decay rate": rate,
        "Positive particle delithiation hysteresis decay rate": rate,
        "Initial hysteresis state in positive electrode": 1 - 2 * share,
    }
