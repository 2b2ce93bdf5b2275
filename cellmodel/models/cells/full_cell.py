"""Two porous electrodes and a liquid electrolyte, such as graphite | LFP: PyBaMM's full-cell DFN.

Conductivity and kinetics may come from a parameter set of PyBaMM that the cell's file names. It knows which of PyBaMM's
submodels describe such a cell; it knows no parameter value, no protocol and no dataset.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import pybamm

from cellmodel.models.cells.contract import CellModel
from cellmodel.models.electrolyte import FACE_WIDTH
from cellmodel.models.geometry_scaling import on_nodes
from cellmodel.models.meshes import SEPARATOR, Mesh, ScaleFactors
from cellmodel.models.model_inputs import CATHODE_SATURATED, NEGATIVE_SATURATED
from cellmodel.parameters.kinds import NEGATIVE, POSITIVE


class FullCell(CellModel):
    """Porous electrode | liquid electrolyte | porous electrode; no mechanisms yet."""

    kind = "full_cell"
    models: ClassVar[Mapping[str, Any]] = {"DFN": pybamm.lithium_ion.DFN}
    layers = ("negative electrode", "separator", "positive electrode")
    electrodes = (POSITIVE, NEGATIVE)
    salt_faces: ClassVar[Mapping[str, tuple[str, ...]]] = {
        NEGATIVE_SATURATED: ("left",),
        CATHODE_SATURATED: ("right",),
    }
    mesh_sizes: ClassVar[Mapping[str, float]] = {
        "cell.negative_electrode.thickness": 34e-6,
        SEPARATOR: 25e-6,
        "cell.positive_electrode.thickness": 80e-6,
        "electrode.particle_radius": 50e-9,
        "negative_electrode.particle_radius": 5e-6,
    }

    def scale_submodels(self, equations: pybamm.BaseModel, factors: ScaleFactors, mesh: Mesh) -> None:
        """Exchange also the ionic current, whose coefficients between two layers weigh by the true widths."""
        super().scale_submodels(equations, factors, mesh)
        numbers = {"negative electrode": mesh.electrode, "separator": mesh.separator}
        numbers["positive electrode"] = mesh.electrode
        ionic = ScaledConductivity(equations.param, equations.options, factors, numbers)
        equations.submodels["electrolyte conductivity"] = ionic


class ScaledConductivity(pybamm.electrolyte_conductivity.Full):
    """PyBaMM's ionic current on a mesh that has not the true thicknesses.

    PyBaMM interpolates k = b kappa linearly from the two nodes to the edge between them, and takes the harmonic mean
    of X = chi R T / (F c). Inside a layer of thickness s L_0 both are as on the true mesh when k_0 = k / s and the
    gradient of c is that of the mesh. On the edge between two layers the weights are those of the widths h = s h_0:

        k(edge) = (k_1 h_2 + k_2 h_1) / (h_1 + h_2),     X(edge) = (h_1 + h_2) / (h_1 / X_1 + h_2 / X_2).

    With d = (h_1 + h_2) / 2 the distance of the nodes and d_0 that on the mesh, the current over the edge is that of
    the true mesh if the mean of k_0 is multiplied by s_1 s_2 (d_0 / d)^2 and the harmonic mean of X / s by d / d_0.
    Derived here.

    Parameters
    ----------
    param, options
        Symbols and options of the model.
    factors : ScaleFactors
        Of symbols.
    numbers : dict of str to int
        Finite volumes of each layer, from the negative to the positive side.
    """

    def __init__(self, param: Any, options: Any, factors: ScaleFactors, numbers: dict[str, int]) -> None:
        super().__init__(param, options)
        self._factors, self._numbers = factors, numbers

    def get_coupled_variables(self, variables: dict[str, Any]) -> dict[str, Any]:
        """Add the ionic current density [A.m-2] on the edges and what PyBaMM derives from it."""
        temperature, efficiency, c, potential = (
            variables[name]
            for name in (
                "Cell temperature [K]",
                "Electrolyte transport efficiency",
                "Electrolyte concentration [mol.m-3]",
                "Electrolyte potential [V]",
            )
        )
        conduction, diffusion = self._edge_factors()
        ratio = self.param.chiRT_over_Fc(c, temperature) / on_nodes(self._factors, self._numbers)
        driven = diffusion * (ratio * pybamm.grad(c)) - pybamm.grad(potential)
        variables.update(
            self._get_standard_current_variables(
                conduction * ((self.param.kappa_e(c, temperature) * efficiency) * driven)
            )
        )
        variables.update(self._get_electrolyte_overpotentials(variables))
        return variables

    def _edge_factors(self) -> tuple[pybamm.Symbol, pybamm.Symbol]:
        """Return what the means of k_0 and of X / s are multiplied by on each edge."""
        layers = list(self._numbers)
        position = pybamm.SpatialVariableEdge(
            "x", domain=layers, auxiliary_domains={"secondary": "current collector"}, coord_sys="cartesian"
        )
        lengths = [self.param.domain_params[layer.split()[0]].L for layer in layers]
        scales = [self._factors.layers[layer] for layer in layers]
        widths = [length / number for length, number in zip(lengths, self._numbers.values(), strict=True)]
        conduction, diffusion = pybamm.Scalar(1), scales[0]
        for place in range(len(layers) - 1):
            (s1, s2), (h1, h2) = scales[place : place + 2], widths[place : place + 2]
            end, margin = sum(lengths[: place + 1]), FACE_WIDTH * self.param.s.L
            between = (position > end - margin) * (position < end + margin)
            distance = (s1 * h1 + s2 * h2) / (h1 + h2)
            conduction = conduction + between * (s1 * s2 / distance**2 - 1)
            diffusion = diffusion + between * (distance - s1) + (position > end + margin) * (s2 - s1)
        return conduction, diffusion
