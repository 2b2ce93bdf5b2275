"""Mechanisms by name -> options, submodels, events and values of a PyBaMM half cell.

The adapter between what `cellmodel.mechanisms` declares and PyBaMM. It knows which submodel of PyBaMM each effect
acts on; it knows no mechanism, no mesh, no solver and no protocol.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import pybamm

from cellmodel.mechanisms import EFFECTS, MECHANISMS, Mechanism
from cellmodel.models.energy_balance import reaction_weighted
from cellmodel.models.parameter_values import input_symbols
from cellmodel.parameters import ParameterSet

Values = Mapping[str, Any]

_READ = {
    "current": "Current [A]",
    "voltage": "Voltage [V]",
    "temperature": "Volume-averaged cell temperature [K]",
    "ambient_temperature": "Volume-averaged ambient temperature [K]",
    "electrolyte_concentration": "Electrolyte concentration [mol.m-3]",
}
"""What a mechanism may read as PyBaMM has it."""
_WEIGHTED = {
    "open_circuit_power": "Positive electrode open-circuit potential [V]",
    "entropic_power": "Positive electrode entropic change [V.K-1]",
}
"""What it may read as a mean over the reaction, times the current."""
_LEG_INPUTS = ("initial_stoichiometry", "branch")


def mechanism_parameters(parameters: ParameterSet, inputs: tuple[str, ...]) -> dict[str, Any]:
    """Return what the equations of mechanisms call `p`: numbers or inputs by path, functions, and the start."""
    symbols = input_symbols(parameters, inputs)
    functions = {path: function.evaluate for path, function in parameters.correlations(symbols).items()}
    return {**parameters.scalars, **symbols, **functions, **{name: pybamm.InputParameter(name) for name in _LEG_INPUTS}}


class _Variables:
    """The variables of a half cell by the names that mechanisms use; a KeyError until PyBaMM has made them."""

    def __init__(self, variables: dict[str, Any], param: Any, mechanisms: list[Mechanism], p: Values) -> None:
        self._variables, self._param, self._mechanisms, self._p = variables, param, mechanisms, p

    def __getitem__(self, name: str) -> Any:
        if name in EFFECTS:
            return self._combined(name)
        if name in _WEIGHTED:
            reaction = self._variables["Positive electrode volumetric interfacial current density [A.m-3]"]
            value = self._variables[_WEIGHTED[name]]
            return self._area * reaction_weighted(self._param.p, reaction, value, self["current_density"])
        if name == "current_density":
            return self["current"] / self._area
        if name == "interphase_resistance":
            return (
                self._p["interface.interphase_resistance"](self["temperature"]) * self["interphase_resistance_factor"]
            )
        return self._variables[_READ.get(name, name)]

    def electrolyte_integral(self, value: Any) -> Any:
        """Return the integral of volume fraction times value over x [m times the unit of the value]."""
        # not PyBaMM's x-average: it takes the porosity, two constants side by side, for one constant and pulls it out
        density = self._variables["Porosity"] * value
        return pybamm.Integral(density, pybamm.SpatialVariable("x", domain=density.domain))

    @property
    def _area(self) -> Any:
        return self._param.A_cc * self._param.n_electrodes_parallel

    def _combined(self, effect: str) -> Any:
        """Return what all mechanisms together do."""
        found = [self._variables[_of(one, effect)] for one in self._mechanisms if effect in one.effects]
        return math.prod(found) if EFFECTS[effect][0] == "product" else sum(found)


def _of(mechanism: Mechanism, effect: str) -> str:
    return f"{effect} by {mechanism.name}"


class _Equations(pybamm.BaseSubModel):
    """States, rates, outputs and effects of one mechanism."""

    def __init__(self, param: Any, options: Any, mechanism: Mechanism, p: Values, read: Callable[..., Any]) -> None:
        super().__init__(param, options=options)
        self._mechanism, self._p, self._read = mechanism, p, read

    def get_fundamental_variables(self) -> dict[str, Any]:
        """Add the states."""
        started = self._mechanism.start(self._p)
        return {name: pybamm.Variable(name, scale=state.scale) for name, state in started.items()}

    def get_coupled_variables(self, variables: dict[str, Any]) -> dict[str, Any]:
        """Add outputs and effects, also the outputs that are variables of the cell."""
        one, cell = self._mechanism, self._read(variables)
        found = one.evaluate(cell, self._p)
        variables.update({_of(one, name) if name in one.effects else name: value for name, value in found.items()})
        others = (name for name, result in one.outputs.items() if name not in found and not result.source)
        variables.update({name: cell[name] for name in others})
        return variables

    def set_rhs(self, variables: dict[str, Any]) -> None:
        """Set the rates of the states."""
        rates = self._mechanism.rates(self._read(variables), self._p)
        self.rhs = {variables[name]: rate for name, rate in rates.items()}

    def set_initial_conditions(self, variables: dict[str, Any]) -> None:
        """Start the states."""
        started = self._mechanism.start(self._p)
        self.initial_conditions = {variables[name]: state.initial for name, state in started.items()}


class _LithiumContact(pybamm.interface_utilisation.BaseModel):
    """Share of the lithium's surface that reacts, as PyBaMM's interface utilisation."""

    def __init__(self, param: Any, options: Any, read: Callable[..., Any]) -> None:
        super().__init__(param, "negative", options)
        self._read = read

    def get_coupled_variables(self, variables: dict[str, Any]) -> dict[str, Any]:
        """Add the share under PyBaMM's names."""
        share = pybamm.PrimaryBroadcast(self._read(variables)["lithium_contact"], "current collector")
        variables["Lithium metal interface utilisation variable"] = share
        variables["Lithium metal interface utilisation"] = share
        return variables


class _LumpedTemperature(pybamm.thermal.Lumped):
    """One temperature whose rate the mechanisms give; PyBaMM's own sources are left out."""

    def __init__(self, param: Any, options: Any, read: Callable[..., Any]) -> None:
        super().__init__(param, options)
        self._read = read

    def get_coupled_variables(self, variables: dict[str, Any]) -> dict[str, Any]:
        """Add nothing."""
        return variables

    def set_rhs(self, variables: dict[str, Any]) -> None:
        """Set the rate."""
        self.rhs = {variables["Volume-averaged cell temperature [K]"]: self._read(variables)["temperature_rate"]}


class _SeriesResistance:
    """For electrodes: changes the drop over PyBaMM's contact resistance, which is our interphase, and adds to it."""

    read: Callable[..., Any]

    def _get_standard_whole_cell_variables(self, variables: dict[str, Any]) -> dict[str, Any]:
        cell = self.read(variables)
        self._factor = cell["interphase_resistance_factor"]
        self._added = cell["current_density"] * cell["series_resistance"]
        return super()._get_standard_whole_cell_variables(variables)  # type: ignore[misc]

    def _get_standard_current_collector_potential_variables(
        self, negative: Any, positive: Any, drop: Any
    ) -> dict[str, Any]:
        return super()._get_standard_current_collector_potential_variables(  # type: ignore[misc]
            negative, positive, drop * self._factor + self._added
        )


def mechanism_options(mechanisms: tuple[str, ...]) -> dict[str, Any]:
    """Return the PyBaMM options that the mechanisms need."""
    return {key: value for name in mechanisms for key, value in MECHANISMS[name].options.items()}


def add_mechanisms(equations: pybamm.BaseModel, mechanisms: tuple[str, ...], p: Values) -> None:
    """Add or exchange the submodels of the mechanisms, in place, in a model that is not yet built."""
    submodels, param, options, read = (
        equations.submodels,
        equations.param,
        equations.options,
        _reader(equations, mechanisms, p),
    )
    for name in mechanisms:
        submodels[name] = _Equations(param, options, MECHANISMS[name], p, read)
    effects = {effect for name in mechanisms for effect in MECHANISMS[name].effects}
    if "lithium_contact" in effects:
        submodels["Negative interface utilisation"] = _LithiumContact(param, options, read)
    if "temperature_rate" in effects:
        submodels["thermal"] = _LumpedTemperature(param, options, read)
    if effects & {"interphase_resistance_factor", "series_resistance"}:
        name = "positive electrode potential"
        kind = type("SeriesResistance", (_SeriesResistance, type(submodels[name])), {"read": staticmethod(read)})
        submodels[name] = kind(param, "positive", options)


def mechanism_events(equations: pybamm.BaseModel, mechanisms: tuple[str, ...], p: Values) -> list[pybamm.Event]:
    """Return the events with which mechanisms end a run, of a model that is built and not yet discretised."""
    cell = _reader(equations, mechanisms, p)(equations.variables)
    margins = {event: margin for name in mechanisms for event, margin in MECHANISMS[name].margins(cell, p).items()}
    return [pybamm.Event(event, margin) for event, margin in margins.items()]


def _reader(equations: pybamm.BaseModel, mechanisms: tuple[str, ...], p: Values) -> Callable[..., Any]:
    return partial(_Variables, param=equations.param, mechanisms=[MECHANISMS[name] for name in mechanisms], p=p)


def mechanism_values(mechanisms: tuple[str, ...], p: Values) -> dict[str, Any]:
    """Return the values of PyBaMM's parameters that the mechanisms add."""
    return {key: value for name in mechanisms for key, value in MECHANISMS[name].pybamm_values(p).items()}
