"""Build a cell's model once: equations, parameter values, mesh and integrator come together here.

It knows PyBaMM's discretisation; it knows no protocol, no file and no dataset.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping
from typing import Any

import pybamm

from cellmodel.errors import ParameterError, Problem
from cellmodel.inputs import number, one_of, switch
from cellmodel.mechanisms import DEFAULT_MECHANISMS, select_mechanisms
from cellmodel.models.built_model import BuiltModel, Discretisation
from cellmodel.models.collocation import CollocationIntegrator
from cellmodel.models.compiling import check_compiler
from cellmodel.models.controls import DischargeIntegrals, control_residual, leg_events
from cellmodel.models.energy_balance import EnergyBalance
from cellmodel.models.from_pybamm import model_functions
from cellmodel.models.functions import ModelFunctions
from cellmodel.models.half_cell import DFN, SPM, SPMe, StockDFN
from cellmodel.models.mechanism_equations import (
    add_mechanisms,
    mechanism_events,
    mechanism_options,
    mechanism_parameters,
    mechanism_values,
)
from cellmodel.models.meshes import Mesh, find_mesh, mesh_coordinates
from cellmodel.models.parameter_values import pybamm_values
from cellmodel.models.reading import Reader
from cellmodel.models.solving import IdakluIntegrator
from cellmodel.models.stretching import restore_true_values, stretch_equations, stretched_values
from cellmodel.models.variables import VARIABLES, mechanism_variables
from cellmodel.parameters import LiquidCell, ParameterSet, resolve_cell
from cellmodel.quantities import QUANTITIES

__all__ = ["BuiltModel", "build_model"]

MODELS: dict[str, Any] = {"DFN": DFN, "SPMe": SPMe, "SPM": SPM, "StockDFN": StockDFN}
SOLVERS = ("idaklu", "casadi")
CONTROLS = ("current", "any")
RTOL_BOUNDS, ATOL_BOUNDS = (1e-12, 1e-2), (1e-14, 1e-2)
"""Tolerances of the integrator: below them it never ends, above them its answer means nothing."""


def build_model(
    parameters: str | ParameterSet,
    model: str = "DFN",
    mesh: str | Mesh = "default",
    control: str = "current",
    rtol: float = 1e-4,
    atol: float = 1e-6,
    solver: str = "idaklu",
    mechanisms: str | Iterable[str] = DEFAULT_MECHANISMS,
    compiled: bool = False,
) -> BuiltModel:
    """Discretise a cell's model, ready to solve.

    Parameters
    ----------
    parameters : str or ParameterSet
        A cell, or its name or file.
    model : {"DFN", "SPMe", "SPM", "StockDFN"}, optional
        Which half-cell model; "StockDFN" is PyBaMM's own, for comparison.
    mesh : {"default", "fast"} or Mesh, optional
        Numbers of finite volumes.
    control : {"current", "any"}, optional
        "current" prescribes the current; "any" makes it an unknown, so that a leg may also hold voltage or power.
    rtol, atol : float, optional
        Tolerances of the integrator; states are scaled to order one.
    solver : {"idaklu", "casadi"}, optional
        SUNDIALS IDA through PyBaMM, or `casadi.integrator` with its collocation scheme.
    mechanisms : str or iterable of str, optional
        What the model has beyond charge and salt transport: keys of `cellmodel.mechanisms.MECHANISMS`.
    compiled : bool, optional
        Compile the model's functions, ten to twenty seconds once per model and machine, for solves in half the time.

    Returns
    -------
    BuiltModel
        Nothing is integrated yet; the first leg also sets up the integrator (about 0.1 s).

    Raises
    ------
    ParameterError
        If a name is unknown, a tolerance or switch is none, a path cannot be an input, a mechanism lacks parameters, or
        there is no C compiler for `compiled`.

    Examples
    --------
    >>> import cellmodel
    >>> built = cellmodel.build_model(cellmodel.load_cell("li_peo_lfp"), mesh="fast")
    >>> type(built).__name__
    'BuiltModel'
    """
    parameters = resolve_cell(parameters)
    if isinstance(parameters, LiquidCell):
        found = f"'{parameters.name}', a liquid cell"
        raise ParameterError(Problem("build_model", "parameters", found, "a cell with a foil of lithium"))
    chosen = select_mechanisms(mechanisms, parameters)
    given = {"model": (model, MODELS), "control": (control, CONTROLS), "solver": (solver, SOLVERS)}
    problems: list[Problem] = []
    for key, (name, known) in given.items():
        try:
            one_of(name, known, "build_model", key)
        except ParameterError as error:
            problems += error.problems
    if problems:
        raise ParameterError(problems)
    rtol, atol = (
        number(value, "build_model", key, f"a number from {bounds[0]:g} to {bounds[1]:g}", bounds)
        for key, value, bounds in (("rtol", rtol, RTOL_BOUNDS), ("atol", atol, ATOL_BOUNDS))
    )
    if switch(compiled, "build_model", "compiled"):
        if solver == "casadi":
            found = "true with solver = 'casadi'"
            raise ParameterError(Problem("build_model", "compiled", found, "solver = 'idaklu'"))
        check_compiler()
    size, paths = find_mesh(mesh), parameters.model_inputs
    equations, pybamm_mesh = discretised_equations(parameters, model, size, paths, control, chosen)
    functions = model_functions(equations, {**VARIABLES, **mechanism_variables(chosen)})
    integrator = make_integrator(functions, solver, rtol, atol, compiled)
    coordinates, reader = mesh_coordinates(pybamm_mesh), Reader(functions, compiled)
    return BuiltModel(parameters, Discretisation(functions, coordinates, size, paths, integrator, reader, chosen))


def make_integrator(
    functions: ModelFunctions, solver: str, rtol: float, atol: float, compiled: bool
) -> IdakluIntegrator | CollocationIntegrator:
    """Return what integrates the equations; arguments as of `build_model`."""
    if solver == "casadi":
        return CollocationIntegrator(functions)
    return IdakluIntegrator(functions, rtol, atol, compiled)


def discretised_equations(
    parameters: ParameterSet,
    model: str,
    mesh: Mesh,
    inputs: tuple[str, ...] = (),
    control: str = "current",
    mechanisms: tuple[str, ...] = (),
) -> tuple[pybamm.BaseModel, pybamm.Mesh]:
    """Return a cell's model as PyBaMM discretises it, and the mesh.

    Parameters
    ----------
    parameters, model, mesh, control, mechanisms
        As of `build_model`, resolved.
    inputs : tuple of str, optional
        Full paths of the numbers that are inputs; the others stand in the equations. A model that is built has all
        of them.

    Returns
    -------
    tuple of pybamm.BaseModel and pybamm.Mesh
        Ready for any solver of PyBaMM's.
    """
    p = mechanism_parameters(parameters, inputs)
    equations = _equations(model, control, mechanisms, inputs, p)
    values = pybamm.ParameterValues(_leg_values(parameters, inputs) | mechanism_values(mechanisms, p))
    values.process_model(equations)
    return equations, _discretise(equations, values, mesh)


def _equations(
    model: str, control: str, mechanisms: tuple[str, ...], inputs: tuple[str, ...], p: Mapping[str, Any]
) -> pybamm.BaseModel:
    """Assemble the half-cell model with cellmodel's own current, integrals and events."""
    options = {"operating mode": control_residual} if control == "any" else {}
    with warnings.catch_warnings():
        # a notice to those who fitted a decay rate before 25.10, issued to everybody
        warnings.filterwarnings("ignore", message="The definition of the hysteresis decay rate")
        equations = MODELS[model](options | mechanism_options(mechanisms), build=False)
    add_mechanisms(equations, mechanisms, p)
    equations.submodels["discharge and throughput variables"] = DischargeIntegrals(equations.param, equations.options)
    if model == "DFN":
        equations.submodels["energy balance"] = EnergyBalance(equations.param, options=equations.options)
    stretch_equations(equations, inputs)
    equations.build_model()
    restore_true_values(equations, inputs)
    equations.events = leg_events(equations.variables, current_is_state=control == "any")
    equations.events += mechanism_events(equations, mechanisms, p)
    return equations


def _leg_values(parameters: ParameterSet, inputs: tuple[str, ...]) -> dict[str, Any]:
    """Return PyBaMM's values with everything that a leg chooses as an input."""
    values = stretched_values(pybamm_values(parameters, inputs), inputs)
    temperature = pybamm.InputParameter("temperature")
    maximum = values[QUANTITIES["electrode.maximum_concentration"].key]
    return values | {
        "Nominal cell capacity [A.h]": pybamm.InputParameter("nominal_capacity"),
        "Current function [A]": pybamm.InputParameter("current"),
        "Ambient temperature [K]": temperature,
        "Initial temperature [K]": temperature,
        "Initial concentration in positive electrode [mol.m-3]": pybamm.InputParameter("initial_stoichiometry")
        * maximum,
    }


def _discretise(equations: pybamm.BaseModel, values: pybamm.ParameterValues, size: Mesh) -> pybamm.Mesh:
    """Discretise in place and return PyBaMM's mesh."""
    geometry = equations.default_geometry
    values.process_geometry(geometry)
    submeshes = dict(equations.default_submesh_types)
    if size.particle_stretch:
        submeshes["positive particle"] = pybamm.MeshGenerator(
            pybamm.Exponential1DSubMesh, {"side": "right", "stretch": size.particle_stretch}
        )
    points = {"x_n": 3, "x_s": size.separator, "x_p": size.electrode, "r_n": 3, "r_p": size.particle}
    mesh = pybamm.Mesh(geometry, submeshes, points)
    pybamm.Discretisation(mesh, equations.default_spatial_methods).process_model(equations)
    return mesh
