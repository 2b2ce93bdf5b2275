"""Build a cell's model once: equations, parameter values, mesh and integrator come together here.

It knows PyBaMM's discretisation; it knows no protocol, no file and no dataset.
"""

from __future__ import annotations

from collections.abc import Iterable

import pybamm

from cellmodel.errors import ParameterError, Problem
from cellmodel.inputs import number, one_of, switch
from cellmodel.mechanisms import DEFAULT_MECHANISMS, select_mechanisms
from cellmodel.models.built_model import BuiltModel, Discretisation
from cellmodel.models.cells import CELL_MODELS
from cellmodel.models.collocation import CollocationIntegrator
from cellmodel.models.compiling import check_compiler
from cellmodel.models.from_pybamm import model_functions
from cellmodel.models.functions import ModelFunctions
from cellmodel.models.meshes import Mesh, find_mesh
from cellmodel.models.reading import Reader
from cellmodel.models.solving import IdakluIntegrator
from cellmodel.models.variables import mechanism_variables
from cellmodel.parameters import ParameterSet, resolve_cell

__all__ = ["BuiltModel", "build_model"]

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
        Which model; "StockDFN" is PyBaMM's own half cell, for comparison. A full cell has the DFN only.
    mesh : {"default", "fast"} or Mesh, optional
        Numbers of finite volumes.
    control : {"current", "any"}, optional
        "current" prescribes the current; "any" makes it an unknown, so that a step may also hold voltage or power.
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
        Nothing is integrated yet; the first step also sets up the integrator (about 0.1 s).

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
    cell = CELL_MODELS[parameters.kind.name]
    chosen, rtol, atol = _checked(parameters, model, control, rtol, atol, solver, mechanisms, compiled)
    size, paths = find_mesh(mesh), parameters.model_inputs
    equations, pybamm_mesh = discretised_equations(parameters, model, size, paths, control, chosen)
    known = {**cell.variables, **mechanism_variables(chosen)}
    functions = model_functions(equations, known)
    declared = cell.electrodes, known, cell.mesh_sizes, functions, cell.coordinates(pybamm_mesh)
    integrator, reader = make_integrator(functions, solver, rtol, atol, compiled), Reader(functions, compiled)
    return BuiltModel(parameters, Discretisation(*declared, size, paths, integrator, reader, chosen))


def _checked(
    parameters: ParameterSet,
    model: str,
    control: str,
    rtol: float,
    atol: float,
    solver: str,
    mechanisms: str | Iterable[str],
    compiled: bool,
) -> tuple[tuple[str, ...], float, float]:
    """Return the mechanisms and the tolerances of a model, or raise with what is wrong in the options of one."""
    problems: list[Problem] = []
    chosen: tuple[str, ...] = ()
    try:
        chosen = select_mechanisms(mechanisms, parameters)
    except ParameterError as error:
        problems += error.problems
    given = {
        "model": (model, CELL_MODELS[parameters.kind.name].models),
        "control": (control, CONTROLS),
        "solver": (solver, SOLVERS),
    }
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
    return chosen, rtol, atol


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
    """Return a cell's model as PyBaMM discretises it, ready for any solver of PyBaMM's, and the mesh.

    Arguments are those of `build_model`, resolved; `inputs` are the full paths of the numbers that are inputs, while
    the others stand in the equations. A model that is built has all of them.
    """
    cell = CELL_MODELS[parameters.kind.name]
    equations = cell.equations(parameters, model, mesh, inputs, control, mechanisms)
    values = pybamm.ParameterValues(cell.values(parameters, inputs, mechanisms))
    values.process_model(equations)
    return equations, cell.discretise(equations, values, mesh)
