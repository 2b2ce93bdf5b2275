"""Builds a graphite | LFP liquid cell once: PyBaMM's full-cell DFN with its own parameter set, driven like a half cell.

What a leg is, how it is driven, what ends it, how charge and energy are counted and which integrator solves it are
those of the half cells (`controls`, `model_inputs`, `solving`), so that both kinds of cell are compared like with like.
Geometry and fractions come from the cell's file; lengths are no inputs of the built model, for a liquid cell is
compared, not optimised. Kinetics, diffusivity in LFP and conductivity are those of the set that the file names. It
knows no protocol, no file and no dataset.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pybamm
from numpy.typing import NDArray

from cellmodel.errors import ParameterError, Problem, choices
from cellmodel.liquid_quantities import LIQUID_QUANTITIES
from cellmodel.models.build import CONTROLS, SOLVERS, make_integrator
from cellmodel.models.built_model import BuiltModel, Discretisation
from cellmodel.models.compiling import check_compiler
from cellmodel.models.controls import DischargeIntegrals, control_residual, leg_events
from cellmodel.models.from_pybamm import model_functions
from cellmodel.models.liquid_energy import LiquidEnergyBalance
from cellmodel.models.liquid_variables import LIQUID_VARIABLES
from cellmodel.models.meshes import Coordinates, Mesh, find_mesh
from cellmodel.models.reading import Reader
from cellmodel.models.solution import StepSolution
from cellmodel.models.variables import Variable
from cellmodel.parameters.liquid_cell import MODEL_INPUTS, LiquidCell, negative_stoichiometry
from cellmodel.quantities import QUANTITIES

Array = NDArray[np.float64]

LIQUID_MODELS = ("DFN",)
"""Models of a liquid cell."""


@dataclass(frozen=True)
class ScaledConductivity:
    """Ionic conductivity of PyBaMM's set, multiplied.

    Parameters
    ----------
    function : callable
        (concentration [mol.m-3], temperature [K]) -> [S.m-1].
    factor : float or pybamm.Symbol
        [1].
    """

    function: Any
    factor: Any

    def ionic_conductivity(self, concentration: Any, temperature: Any) -> Any:
        """Return the conductivity [S.m-1]."""
        return self.factor * self.function(concentration, temperature)


@dataclass(frozen=True, eq=False)
class LiquidDiscretisation(Discretisation):
    """What liquid cells of one geometry share: also the widths [m] and shares of volume of the graphite's volumes."""

    negative_weights: Array = field(default_factory=lambda: np.zeros(0))
    negative_r_weights: Array = field(default_factory=lambda: np.zeros(0))


class BuiltLiquidModel(BuiltModel):
    """A discretised liquid cell that solves any leg from any state; made by `build_liquid_model`.

    As `BuiltModel`, but `x` runs across all three layers from the negative collector.
    """

    variables: Mapping[str, Variable] = LIQUID_VARIABLES
    parameters: LiquidCell
    discretisation: LiquidDiscretisation

    @property
    def negative_weights(self) -> Array:
        """Widths of the volumes of the graphite electrode [m]."""
        return self.discretisation.negative_weights

    @property
    def negative_r_weights(self) -> Array:
        """Shares of a graphite particle's volume, summing to 1."""
        return self.discretisation.negative_r_weights

    @property
    def layout_sizes(self) -> dict[str, tuple[int, ...]]:
        """Shape of one variable at one time, by layout."""
        nodes, shells = self.negative_weights.size, self.negative_r_weights.size
        return {**super().layout_sizes, "x_negative": (nodes,), "negative_particle": (nodes, shells)}

    def graphite_inventory(self, solution: StepSolution, times: Array) -> Array:
        """Return the lithium in graphite [mol.m-2].

        Parameters
        ----------
        solution : StepSolution
            A leg.
        times : ndarray, shape (n,)
            Times [s] within it.

        Returns
        -------
        ndarray, shape (n,)
            Moles of lithium per cell area.
        """
        fraction = self.parameters["cell.negative_electrode.active_material_volume_fraction"]
        (concentration,) = self.read(solution, times, ("negative_particle_concentration",)).values()
        return fraction * (concentration @ self.negative_r_weights) @ self.negative_weights

    def lithium_by_place(self, solution: StepSolution, times: Array) -> dict[str, Array]:
        """Return the lithium in the cell by place [mol.m-2]: that of a half cell, and "graphite".

        Parameters
        ----------
        solution : StepSolution
            A leg.
        times : ndarray, shape (n,)
            Times [s] within it.

        Returns
        -------
        dict of str to ndarray, shape (n,)
            Moles of lithium per cell area.
        """
        graphite = self.graphite_inventory(solution, times)
        return {**super().lithium_by_place(solution, times), "graphite": graphite}


def _shell_shares(edges: Array) -> Array:
    return np.diff(edges**3) / edges[-1] ** 3


def build_liquid_model(
    parameters: LiquidCell,
    model: str = "DFN",
    mesh: str | Mesh = "default",
    control: str = "current",
    rtol: float = 1e-4,
    atol: float = 1e-6,
    solver: str = "idaklu",
    mechanisms: tuple[str, ...] = (),
    compiled: bool = False,
) -> BuiltLiquidModel:
    """Discretise a liquid cell's model, ready to solve; see `cellmodel.models.build.build_model`.

    Parameters
    ----------
    parameters : LiquidCell
        A liquid cell.
    model : {"DFN"}, optional
        PyBaMM's full-cell DFN.
    mesh : {"default", "fast"} or Mesh, optional
        Numbers of finite volumes; both electrodes have that of `electrode`.
    control, rtol, atol, solver, compiled : optional
        As for a half cell.
    mechanisms : tuple of str, optional
        Empty: a liquid cell has none.

    Returns
    -------
    BuiltLiquidModel
        Nothing is integrated yet.

    Raises
    ------
    ParameterError
        A name is unknown, a mechanism is asked for, the set is not one of PyBaMM's, or there is no C compiler.
    """
    _check_settings(model, control, solver, mechanisms, compiled)
    size = find_mesh(mesh)
    options = {"operating mode": control_residual} if control == "any" else {}
    equations = pybamm.lithium_ion.DFN(options, name="Liquid DFN", build=False)
    equations.submodels["discharge and throughput variables"] = DischargeIntegrals(equations.param, equations.options)
    equations.submodels["energy balance"] = LiquidEnergyBalance(equations.param, options=equations.options)
    equations.build_model()
    equations.events = leg_events(equations.variables, current_is_state=control == "any")
    values = liquid_values(parameters, MODEL_INPUTS)
    values.process_model(equations)
    pybamm_mesh = _discretise(equations, values, size)
    functions = model_functions(equations, LIQUID_VARIABLES)
    integrator = make_integrator(functions, solver, rtol, atol, compiled)
    widths, shells = pybamm_mesh["negative electrode"].d_edges, pybamm_mesh["negative particle"].edges
    return BuiltLiquidModel(
        parameters,
        LiquidDiscretisation(
            functions,
            _coordinates(pybamm_mesh),
            size,
            (),
            integrator,
            Reader(functions, compiled),
            negative_weights=widths,
            negative_r_weights=_shell_shares(shells),
        ),
    )


def _coordinates(mesh: pybamm.Mesh) -> Coordinates:
    """Return where the finite volumes of electrolyte and positive electrode lie, from the negative collector."""
    whole = mesh[["negative electrode", "separator", "positive electrode"]]
    positive, particle = mesh["positive electrode"], mesh["positive particle"]
    return Coordinates(
        whole.nodes,
        whole.d_edges,
        positive.nodes,
        positive.d_edges,
        particle.nodes,
        _shell_shares(particle.edges),
    )


def _check_settings(model: str, control: str, solver: str, mechanisms: tuple[str, ...], compiled: bool) -> None:
    given = {"model": (model, LIQUID_MODELS), "control": (control, CONTROLS), "solver": (solver, SOLVERS)}
    problems = [
        Problem("build_liquid_model", key, repr(name), choices(name, known))
        for key, (name, known) in given.items()
        if name not in known
    ]
    if mechanisms:
        wanted = "none: they are those of a lithium-metal cell"
        problems.append(Problem("build_liquid_model", "mechanisms", ", ".join(mechanisms), wanted))
    if compiled and solver == "casadi":
        problems.append(Problem("build_liquid_model", "compiled", "true with solver = 'casadi'", "solver = 'idaklu'"))
    if problems:
        raise ParameterError(problems)
    if compiled:
        check_compiler()


def liquid_values(parameters: LiquidCell, inputs: Iterable[str] = ()) -> pybamm.ParameterValues:
    """Return PyBaMM's set with the numbers of the cell's file in it, and what a leg chooses as inputs.

    Parameters
    ----------
    parameters : LiquidCell
        A liquid cell.
    inputs : iterable of str, optional
        Full paths that become `pybamm.InputParameter`; those that are not in `MODEL_INPUTS` are left out.

    Returns
    -------
    pybamm.ParameterValues
        With inputs "current", "temperature" and "initial_stoichiometry" (of LFP).

    Raises
    ------
    ParameterError
        PyBaMM has no set of that name.
    """
    try:
        values = pybamm.ParameterValues(parameters.parameter_set)
    except (KeyError, ValueError):
        wanted = choices(parameters.parameter_set, list(pybamm.parameter_sets))
        raise ParameterError(Problem(parameters.name, "parameter_set", parameters.parameter_set, wanted)) from None
    paths = tuple(inputs)
    scalars: dict[str, Any] = {**parameters.scalars}
    scalars |= {path: pybamm.InputParameter(path) for path in paths if path in MODEL_INPUTS}
    conductivity, temperature = QUANTITIES["electrolyte.ionic_conductivity"].key, pybamm.InputParameter("temperature")
    factor = scalars["electrolyte.conductivity_factor"]
    y = pybamm.InputParameter("initial_stoichiometry")
    x = negative_stoichiometry(scalars, y)
    own = {
        quantity.key: scalars[path]
        for path, quantity in LIQUID_QUANTITIES.items()
        if quantity.key and not quantity.arguments
    }
    own |= {
        conductivity: ScaledConductivity(values[conductivity], factor).ionic_conductivity,
        "Electrode height [m]": 1.0,
        "Electrode width [m]": scalars["cell.area"],
        "Nominal cell capacity [A.h]": pybamm.InputParameter("nominal_capacity"),
        "Current function [A]": pybamm.InputParameter("current"),
        "Ambient temperature [K]": temperature,
        "Initial temperature [K]": temperature,
        "Initial concentration in positive electrode [mol.m-3]": y * scalars["electrode.maximum_concentration"],
        "Initial concentration in negative electrode [mol.m-3]": x
        * scalars["negative_electrode.maximum_concentration"],
    }
    values.update(own, check_already_exists=False)
    return values


def _discretise(equations: pybamm.BaseModel, values: pybamm.ParameterValues, size: Mesh) -> pybamm.Mesh:
    """Discretise in place and return PyBaMM's mesh."""
    geometry = equations.default_geometry
    values.process_geometry(geometry)
    submeshes = dict(equations.default_submesh_types)
    if size.particle_stretch:
        for particle in ("negative particle", "positive particle"):
            submeshes[particle] = pybamm.MeshGenerator(
                pybamm.Exponential1DSubMesh, {"side": "right", "stretch": size.particle_stretch}
            )
    points = {
        "x_n": size.electrode,
        "x_s": size.separator,
        "x_p": size.electrode,
        "r_n": size.particle,
        "r_p": size.particle,
    }
    mesh = pybamm.Mesh(geometry, submeshes, points)
    pybamm.Discretisation(mesh, equations.default_spatial_methods).process_model(equations)
    return mesh
