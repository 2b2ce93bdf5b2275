"""ParameterSet -> the dictionary of PyBaMM's parameter values.

It knows which of PyBaMM's parameters have no counterpart in a parameter file and what they must be; everything
else follows the table in `cellmodel.quantities`. It knows no model, no mesh and no protocol.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pybamm

from cellmodel.correlations import Constant, Correlation
from cellmodel.errors import ParameterError, Problem, choices
from cellmodel.parameters import ParameterSet
from cellmodel.quantities import QUANTITIES

FIXED_VALUES = {
    "Electrode height [m]": 1.0,
    "Number of electrodes connected in parallel to make a cell": 1,
    "Number of cells connected in series to make a battery": 1,
}
"""A cell is one layer."""

FACTOR = "electrolyte.conductivity_factor"


@dataclass(frozen=True)
class ScaledConductivity:
    """An ionic conductivity (concentration [mol.m-3], temperature [K]) -> [S.m-1], multiplied by a factor [1]."""

    function: Any
    factor: Any

    def ionic_conductivity(self, concentration: Any, temperature: Any) -> Any:
        """Return the conductivity [S.m-1]."""
        return self.factor * self.function(concentration, temperature)


@dataclass(frozen=True)
class LithiumKinetics:
    """Exchange-current density of lithium with the arguments that PyBaMM passes.

    Parameters
    ----------
    correlation : callable
        (concentration [mol.m-3], temperature [K]) -> [A.m-2].
    """

    correlation: Any

    def exchange_current_density(self, concentration: Any, _lithium_concentration: Any, temperature: Any) -> Any:
        """Return the exchange-current density [A.m-2]; the metal's own concentration is constant and unused."""
        return self.correlation(concentration, temperature)


@dataclass(frozen=True)
class ParticleKinetics:
    """Exchange-current density of the particles, safe from PyBaMM's regularisation.

    PyBaMM replaces every root and power in this function by one of its own that is flat below 1e-3, whatever is
    under the root: sqrt(y^2 + w^2) comes out a third too small at y = 0.01, which is several mV at the start of a
    discharge, and only if the function is Python, not after `to_json`. The correlations are regular by themselves;
    here their roots and powers are written as products and exponentials, which PyBaMM leaves alone.

    Parameters
    ----------
    correlation : callable
        (concentration, solid concentration, maximum [mol.m-3], temperature [K]) -> [A.m-2].
    """

    correlation: Any

    def exchange_current_density(self, concentration: Any, solid: Any, maximum: Any, temperature: Any) -> Any:
        """Return the exchange-current density [A.m-2]."""
        value = self.correlation(concentration, solid, maximum, temperature)
        return pybamm.tree_map(_without_power, value) if isinstance(value, pybamm.Symbol) else value


def _without_power(node: pybamm.Symbol, children: list[pybamm.Symbol]) -> pybamm.Symbol:
    """Return x^2 as x x, and any other power or root, whose base is positive, as exp(a log x)."""
    if not isinstance(node, pybamm.Sqrt | pybamm.Power):
        return pybamm.rebuild(node, children)
    exponent = pybamm.Scalar(0.5) if isinstance(node, pybamm.Sqrt) else children[1]
    if exponent == pybamm.Scalar(2):
        return children[0] * children[0]
    return pybamm.exp(exponent * pybamm.log(children[0]))


@dataclass(frozen=True)
class BranchPotential:
    """Open-circuit potential of a material with hysteresis on one of its two branches.

    Parameters
    ----------
    lithiation, delithiation : callable
        stoichiometry [1] -> [V].
    branch : float or pybamm.Symbol
        -1 on lithiation, 1 on delithiation.
    """

    lithiation: Any
    delithiation: Any
    branch: Any

    def open_circuit_potential(self, stoichiometry: Any) -> Any:
        """Return the potential [V]."""
        lower, upper = self.lithiation(stoichiometry), self.delithiation(stoichiometry)
        return 0.5 * ((1.0 - self.branch) * lower + (1.0 + self.branch) * upper)


@dataclass(frozen=True)
class Interphase:
    """Resistance of the interphase of one cell, from that of one square metre.

    Parameters
    ----------
    correlation : callable
        temperature [K] -> areal resistance [ohm.m2].
    area : float or pybamm.Symbol
        Area of the cell [m2].
    """

    correlation: Any
    area: Any

    def resistance(self, temperature: Any) -> Any:
        """Return the resistance [ohm] in series with the cell."""
        return self.correlation(temperature) / self.area


def input_symbols(parameters: ParameterSet, inputs: Iterable[str]) -> dict[str, pybamm.InputParameter]:
    """Return an input of the model for each of some scalars.

    Parameters
    ----------
    parameters : ParameterSet
        A cell.
    inputs : iterable of str
        Paths of scalars.

    Returns
    -------
    dict of str to pybamm.InputParameter
        By full path, which is also the name of the input.

    Raises
    ------
    ParameterError
        If a path does not exist.
    """
    symbols: dict[str, pybamm.InputParameter] = {}
    problems: list[Problem] = []
    for path in inputs:
        try:
            full = parameters.resolve(path)
        except ParameterError as error:
            problems += error.problems
            continue
        symbols[full] = pybamm.InputParameter(full)
    if problems:
        raise ParameterError(problems)
    return symbols


def pybamm_function(correlation: Correlation) -> Any:
    """Return a correlation as PyBaMM takes it.

    Parameters
    ----------
    correlation : Correlation
        Any functional form.

    Returns
    -------
    number, symbol or bound method
        A constant as its value: a method without named arguments could not be written to JSON.
    """
    return correlation.value if isinstance(correlation, Constant) else correlation.evaluate


def pybamm_values(parameters: ParameterSet, inputs: Iterable[str] = ()) -> dict[str, Any]:
    """Return a cell as PyBaMM's parameter values.

    Numbers, bound methods and plain functions only, so that the dictionary pickles and
    `pybamm.ParameterValues(...).to_json` works. The interphase is PyBaMM's "Contact resistance [Ohm]", which a model
    of PyBaMM's own counts only with the option ``{"contact resistance": "true"}``.

    Parameters
    ----------
    parameters : ParameterSet
        A cell.
    inputs : iterable of str, optional
        Paths of scalars that become `pybamm.InputParameter`, also where they enter derived values. A thickness or a
        radius needs one of PyBaMM's symbolic meshes then, or `cellmodel.models.geometry_scaling`.

    Returns
    -------
    dict
        PyBaMM's keys; SI units as each key says. The cell starts charged, at its default temperature, and
        discharges in one hour.

    Raises
    ------
    ParameterError
        If a path in `inputs` cannot be an input.
    """
    symbols = input_symbols(parameters, inputs)
    scalars: dict[str, Any] = {**parameters.scalars, **symbols}
    functions = parameters.correlations(symbols)
    values: dict[str, Any] = {**_set_values(parameters), **FIXED_VALUES}
    for path, quantity in parameters.kind.quantities.items():
        if quantity.key and (path in scalars or path in functions):
            values[quantity.key] = pybamm_function(functions[path]) if quantity.arguments else scalars[path]
    area = scalars["cell.area"]
    adapted = {
        "electrode.exchange_current_density": lambda function: ParticleKinetics(function).exchange_current_density,
        "interface.exchange_current_density": lambda function: LithiumKinetics(function).exchange_current_density,
        "interface.interphase_resistance": lambda function: Interphase(function, area).resistance,
    }
    values |= {
        QUANTITIES[path].key: adapt(functions[path].evaluate) for path, adapt in adapted.items() if path in functions
    }
    if FACTOR in scalars:
        conductivity = QUANTITIES["electrolyte.ionic_conductivity"].key
        values[conductivity] = ScaledConductivity(values[conductivity], scalars[FACTOR]).ionic_conductivity
    charged, _ = parameters.stoichiometry_window
    capacity = parameters.areal_capacity * parameters["cell.area"]
    for electrode in parameters.kind.electrodes:
        start = electrode.stoichiometry(parameters, charged) * scalars[f"{electrode.material}.maximum_concentration"]
        values[f"Initial concentration in {electrode.side} electrode [mol.m-3]"] = start
    return values | {
        "Electrode width [m]": area,
        "Nominal cell capacity [A.h]": capacity,
        "Current function [A]": capacity,
        "Ambient temperature [K]": scalars["cell.temperature"],
        "Initial temperature [K]": scalars["cell.temperature"],
        "Open-circuit voltage at 0% SOC [V]": scalars["cell.lower_voltage_cut_off"],
        "Open-circuit voltage at 100% SOC [V]": scalars["cell.upper_voltage_cut_off"],
    }


def _set_values(parameters: ParameterSet) -> dict[str, Any]:
    """Return PyBaMM's parameter set that the cell names for what its file does not state; empty if it names none."""
    name = parameters.materials.get("parameter_set")
    if name is None:
        return {"Positive electrode Bruggeman coefficient (electrode)": 0.0}  # the conductivity of a file is effective
    try:
        return dict(pybamm.ParameterValues(name).items())
    except (KeyError, ValueError):
        wanted = choices(name, list(pybamm.parameter_sets))
        raise ParameterError(Problem(parameters.name, "parameter_set", name, wanted)) from None
