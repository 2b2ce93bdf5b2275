"""PyBaMM's discretised model -> functions: the last place where a model is PyBaMM's.

It knows PyBaMM's discretised model; it knows no solver and no cell.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import casadi
import pybamm

from cellmodel.errors import SolveError
from cellmodel.models.functions import ModelFunctions, without_constants
from cellmodel.models.variables import CURRENT_STATE, Variable


def model_functions(model: pybamm.BaseModel, variables: Mapping[str, Variable]) -> ModelFunctions:
    """Return a discretised model as functions; `SolveError` if its equations are not explicit in their rates."""
    if not model.is_standard_form_dae:
        raise SolveError("the model's mass matrix is not the unit matrix of its differential states")
    names = tuple(sorted({parameter.name for parameter in model.input_parameters}))
    t, y, p = casadi.MX.sym("t"), casadi.MX.sym("y", model.len_rhs_and_alg), casadi.MX.sym("p", len(names))
    inputs = dict(zip(names, casadi.vertsplit(p) if names else (), strict=True))

    def graph(symbol: pybamm.Symbol) -> Any:
        return casadi.densify(symbol.to_casadi(t, y, inputs=inputs))

    balances = graph(model.concatenated_algebraic) if model.len_alg else casadi.MX(0, 1)
    endings = [event for event in model.events if event.event_type == pybamm.EventType.TERMINATION]
    margins = casadi.vertcat(*(graph(event.expression) for event in endings))
    (rates, balances, margins), q, column = without_constants([graph(model.concatenated_rhs), balances, margins], p)
    known = {name: item for name, item in variables.items() if item.pybamm_name in model.variables}
    read = [graph(model.get_processed_variable_or_event(item.pybamm_name)) for item in known.values()]
    return ModelFunctions(
        input_names=names,
        differential=model.len_rhs,
        algebraic=model.len_alg,
        constants=casadi.Function("constants", [p], [column]),
        rates=casadi.Function("rates", [t, y, q], [rates]),
        balances=casadi.Function("balances", [t, y, q], [balances]),
        events=casadi.Function("events", [t, y, q], [margins]),
        event_names=tuple(event.name for event in endings),
        start=casadi.Function("start", [p], [graph(model.concatenated_initial_conditions)]),
        variables=casadi.Function("variables", [t, y, p], read),
        variable_names=tuple(known),
        current_state=_current_state(model),
    )


def _current_state(model: pybamm.BaseModel) -> int | None:
    """Return the place of the current among the states, None where it is prescribed."""
    places = {getattr(variable, "name", variable): slices[0].start for variable, slices in model.y_slices.items()}
    return places.get(CURRENT_STATE)
