"""What the model of a kind of cell declares, so that one way of building, solving and reading serves every kind.

A kind of cell is a subclass of `CellModel`: it says which PyBaMM models it offers, which layers hold electrolyte, which
electrodes are porous, and what it adds to the common submodels, values and events. `cellmodel.models.build` and
`BuiltModel` know no more of it than stands here. It knows no parameter value, no protocol and no dataset.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import pybamm
from numpy.typing import NDArray

from cellmodel.models.controls import (
    DischargeIntegrals,
    control_residual,
    given_current,
    leg_events,
    solubility_events,
)
from cellmodel.models.energy_balance import EnergyBalance
from cellmodel.models.geometry_scaling import ScaledEfficiency, restore_true_values, scaled_values
from cellmodel.models.mechanism_equations import (
    add_mechanisms,
    mechanism_events,
    mechanism_options,
    mechanism_parameters,
    mechanism_values,
)
from cellmodel.models.meshes import Coordinates, Mesh, ScaleFactors, scale_factors
from cellmodel.models.parameter_values import BranchPotential, pybamm_values
from cellmodel.models.variables import VARIABLES, Variable
from cellmodel.parameters import ParameterSet
from cellmodel.parameters.kinds import PorousElectrode
from cellmodel.parameters.stoichiometry import DELITHIATION, LITHIATION
from cellmodel.quantities import QUANTITIES

Array = NDArray[np.float64]


class CellModel:
    """The model of one kind of cell; subclasses declare the attributes.

    Attributes
    ----------
    kind : str
        Name of the kind of cell, of `cellmodel.parameters.kinds.KINDS`.
    models : mapping of str to callable
        Name that users give -> PyBaMM model, called with PyBaMM's options and `build=False`.
    resolved : tuple of str
        Those of the models that resolve the dissipation in x, so that an energy balance means something.
    layers : tuple of str
        PyBaMM's names of the layers with electrolyte, from the negative to the positive side.
    electrodes : tuple of PorousElectrode
        The porous electrodes, the positive one first.
    variables : mapping of str to Variable
        What can be read; those that a model has not are left out.
    mesh_sizes : mapping of str to float
        Path of a thickness or radius -> its size [m] on the mesh, which is the same for every cell of this kind.
    salt_faces : mapping of str to tuple of str
        Event of the salt that reaches its solubility -> the sides of the electrolyte at which it is looked for.
    """

    kind: ClassVar[str]
    models: ClassVar[Mapping[str, Any]]
    resolved: ClassVar[tuple[str, ...]] = ("DFN",)
    layers: ClassVar[tuple[str, ...]]
    electrodes: ClassVar[tuple[PorousElectrode, ...]] = ()
    variables: ClassVar[Mapping[str, Variable]] = VARIABLES
    mesh_sizes: ClassVar[Mapping[str, float]] = {}
    salt_faces: ClassVar[Mapping[str, tuple[str, ...]]]

    # -- equations ---------------------------------------------------------------------------------------------------

    def new_model(self, model: str, options: dict[str, Any]) -> pybamm.BaseModel:
        """Return a PyBaMM model that is not yet built."""
        with warnings.catch_warnings():
            # a notice to those who fitted a decay rate before 25.10, issued to everybody
            warnings.filterwarnings("ignore", message="The definition of the hysteresis decay rate")
            equations: pybamm.BaseModel = self.models[model](options, build=False)
        return equations

    def scale_submodels(self, equations: pybamm.BaseModel, factors: ScaleFactors, mesh: Mesh) -> None:  # noqa: ARG002
        """Exchange the submodels that see the size of a layer, in place."""
        for component in ("electrolyte", "electrode"):
            submodel = ScaledEfficiency(equations.param, component.capitalize(), equations.options, factors)
            equations.submodels[f"{component} transport efficiency"] = submodel

    def events(self, equations: pybamm.BaseModel, p: Mapping[str, Any]) -> list[pybamm.Event]:
        """Return what else ends a step than voltage, current and mechanisms (whose `p` is given): saturated salt."""
        return solubility_events(equations.variables, p.get("electrolyte.solubility"), self.salt_faces)

    def equations(
        self,
        parameters: ParameterSet,
        model: str,
        mesh: Mesh,
        inputs: tuple[str, ...],
        control: str,
        mechanisms: tuple[str, ...],
    ) -> pybamm.BaseModel:
        """Return the built equations with mechanisms and cellmodel's own current, integrals, scaling and events."""
        p = mechanism_parameters(parameters, inputs)
        options = {"operating mode": control_residual} if control == "any" else {}
        equations = self.new_model(model, options | mechanism_options(mechanisms))
        param, options = equations.param, equations.options
        add_mechanisms(equations, mechanisms, p)
        equations.submodels["discharge and throughput variables"] = DischargeIntegrals(param, options)
        if model in self.resolved:
            equations.submodels["energy balance"] = EnergyBalance(param, self.electrodes, options)
        factors = scale_factors(self.mesh_sizes, inputs, pybamm.InputParameter)
        if factors:
            self.scale_submodels(equations, factors, mesh)
        equations.build_model()
        restore_true_values(equations, factors, self.layers, self.electrodes)
        equations.events = leg_events(equations.variables, current_is_state=control == "any")
        equations.events += mechanism_events(equations, mechanisms, p) + self.events(equations, p)
        return equations

    # -- values ------------------------------------------------------------------------------------------------------

    def values_on_mesh(self, values: dict[str, Any], inputs: tuple[str, ...]) -> dict[str, Any]:
        """Return PyBaMM's values on a mesh that has not the true sizes."""
        return scaled_values(values, self.mesh_sizes, inputs, self.electrodes)

    def values(self, parameters: ParameterSet, inputs: tuple[str, ...], mechanisms: tuple[str, ...]) -> dict[str, Any]:
        """Return PyBaMM's values of the cell on the mesh, with what a step chooses as inputs of the model."""
        values = self.values_on_mesh(pybamm_values(parameters, inputs), inputs)
        temperature, y = pybamm.InputParameter("temperature"), pybamm.InputParameter("initial_stoichiometry")
        numbers = {**parameters.scalars, **{path: pybamm.InputParameter(path) for path in inputs}}
        values |= {
            "Nominal cell capacity [A.h]": pybamm.InputParameter("nominal_capacity"),
            "Current function [A]": given_current(),
            "Ambient temperature [K]": temperature,
            "Initial temperature [K]": temperature,
        }
        for electrode in self.electrodes:
            maximum = values[QUANTITIES[f"{electrode.material}.maximum_concentration"].key]
            start = electrode.stoichiometry(numbers, y) * maximum
            values[f"Initial concentration in {electrode.side} electrode [mol.m-3]"] = start
        if self.electrodes and DELITHIATION in parameters.functions:
            lower, upper = (values[QUANTITIES[path].key] for path in (LITHIATION, DELITHIATION))
            chosen = BranchPotential(lower, upper, pybamm.InputParameter("branch"))
            values[QUANTITIES[LITHIATION].key] = chosen.open_circuit_potential
        return values | mechanism_values(mechanisms, mechanism_parameters(parameters, inputs))

    # -- mesh --------------------------------------------------------------------------------------------------------

    def discretise(self, equations: pybamm.BaseModel, values: pybamm.ParameterValues, mesh: Mesh) -> pybamm.Mesh:
        """Discretise the equations in place and return PyBaMM's mesh."""
        geometry = equations.default_geometry
        values.process_geometry(geometry)
        submeshes = dict(equations.default_submesh_types)
        points = {"x_n": 3, "r_n": 3, "x_s": mesh.separator}
        for electrode in self.electrodes:
            points |= {f"x_{electrode.side[0]}": mesh.electrode, f"r_{electrode.side[0]}": mesh.particle}
            if mesh.particle_stretch:
                shrinking = {"side": "right", "stretch": mesh.particle_stretch}
                generator = pybamm.MeshGenerator(pybamm.Exponential1DSubMesh, shrinking)
                submeshes[f"{electrode.side} particle"] = generator
        pybamm_mesh = pybamm.Mesh(geometry, submeshes, points)
        pybamm.Discretisation(pybamm_mesh, equations.default_spatial_methods).process_model(equations)
        return pybamm_mesh

    def coordinates(self, mesh: pybamm.Mesh) -> Coordinates:
        """Return where the finite volumes lie on the mesh."""
        return Coordinates(
            {layer: mesh[layer].d_edges for layer in self.layers},
            {electrode.side: mesh[f"{electrode.side} particle"].edges for electrode in self.electrodes},
        )
