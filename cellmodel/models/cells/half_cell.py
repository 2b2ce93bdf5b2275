"""The half-cell models: lithium foil | polymer electrolyte | porous positive electrode, as PyBaMM models.

They know which of PyBaMM's submodels and options describe such a cell; they know no parameter values, no mesh
and no protocol. Each is also an entry point of PyBaMM (`pybamm.Model("CellModelDFN")`) and runs in a plain
`pybamm.Simulation`. The parameters of all of them: `options`, PyBaMM's beside `HALF_CELL_OPTIONS`; `name`; `build`,
whether to assemble the equations at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import pybamm
from numpy.typing import NDArray

from cellmodel.inputs import mapping
from cellmodel.models.cells.contract import CellModel
from cellmodel.models.electrolyte import ConservativeDiffusion, TermwiseConductivity
from cellmodel.models.geometry_scaling import on_nodes
from cellmodel.models.meshes import LITHIUM, SEPARATOR, Mesh, ScaleFactors
from cellmodel.models.model_inputs import CATHODE_SATURATED, LITHIUM_SATURATED
from cellmodel.parameters.kinds import POSITIVE

Array = NDArray[np.float64]

HALF_CELL_OPTIONS = {"working electrode": "positive", "contact resistance": "true"}
"""What makes PyBaMM's model a half cell with an interphase.

The interphase on the lithium is a resistance that depends on temperature only, in series with everything else:
PyBaMM's "contact resistance", which its own models leave out unless this option is on.
"""


def half_cell_options(options: dict[str, Any] | None) -> dict[str, Any]:
    """Return PyBaMM options of a half cell with an interphase, plus those given, as (lithium, positive electrode)."""
    merged = {**HALF_CELL_OPTIONS, **mapping(options, "model", "options")}
    if merged["working electrode"] != "positive":
        message = f"working electrode: found {merged['working electrode']!r}, wanted 'positive' (a half cell)"
        raise pybamm.OptionError(message)
    return merged


class DFN(pybamm.lithium_ion.DFN):
    """Doyle-Fuller-Newman model of a lithium-metal half cell: conserves salt, second order in x.

    A surface form other than "false" (for impedance) keeps PyBaMM's own ionic current.

    References
    ----------
    Doyle, Fuller and Newman 1993, doi 10.1149/1.2221597; discretisation: see `cellmodel.models.electrolyte`.
    """

    def __init__(self, options: dict[str, Any] | None = None, name: str = "Half-cell DFN", build: bool = True) -> None:
        super().__init__(half_cell_options(options), name, build)

    def set_electrolyte_concentration_submodel(self) -> None:
        """Use the salt balance that conserves salt at the lithium face."""
        self.submodels["electrolyte diffusion"] = ConservativeDiffusion(self.param, self.options)

    def set_electrolyte_potential_submodel(self) -> None:
        """Use the ionic current written term by term."""
        super().set_electrolyte_potential_submodel()
        if self.options["surface form"] == "false":
            self.submodels["electrolyte conductivity"] = TermwiseConductivity(self.param, self.options)


class StockDFN(pybamm.lithium_ion.DFN):
    """PyBaMM's own half-cell DFN with the options of ours: what our two submodels are held against."""

    def __init__(self, options: dict[str, Any] | None = None, name: str = "Stock DFN", build: bool = True) -> None:
        super().__init__(half_cell_options(options), name, build)


class SPMe(pybamm.lithium_ion.SPMe):
    """Single-particle model with electrolyte of a lithium-metal half cell; conserves salt.

    For screening only: it misses the depletion inside the electrode that limits polymer cells.

    References
    ----------
    Marquis, Sulzer, Timms, Please and Chapman 2019, doi 10.1149/2.0341915jes.
    """

    def __init__(self, options: dict[str, Any] | None = None, name: str = "Half-cell SPMe", build: bool = True) -> None:
        super().__init__(half_cell_options(options), name, build)

    def set_electrolyte_concentration_submodel(self) -> None:
        """Use the salt balance that conserves salt at the lithium face."""
        self.submodels["electrolyte diffusion"] = ConservativeDiffusion(self.param, self.options, x_average_state=True)


class SPM(pybamm.lithium_ion.SPM):
    """Single-particle model of a lithium-metal half cell: uniform electrolyte, uniform reaction.

    References
    ----------
    Marquis, Sulzer, Timms, Please and Chapman 2019, doi 10.1149/2.0341915jes.
    """

    def __init__(self, options: dict[str, Any] | None = None, name: str = "Half-cell SPM", build: bool = True) -> None:
        # PyBaMM sets this one itself, but only for its own class
        options = {"x-average side reactions": "true", **mapping(options, "model", "options")}
        super().__init__(half_cell_options(options), name, build)


class HalfCell(CellModel):
    """Lithium foil | polymer electrolyte | porous positive electrode."""

    kind = "lithium_metal"
    models: ClassVar[Mapping[str, Any]] = {"DFN": DFN, "SPMe": SPMe, "SPM": SPM, "StockDFN": StockDFN}
    layers = ("separator", "positive electrode")
    electrodes = (POSITIVE,)
    salt_faces: ClassVar[Mapping[str, tuple[str, ...]]] = {
        LITHIUM_SATURATED: ("left",),
        CATHODE_SATURATED: ("right",),
    }
    mesh_sizes: ClassVar[Mapping[str, float]] = {
        LITHIUM: 30e-6,
        SEPARATOR: 20e-6,
        "cell.positive_electrode.thickness": 50e-6,
        "electrode.particle_radius": 1e-6,
    }

    def scale_submodels(self, equations: pybamm.BaseModel, factors: ScaleFactors, mesh: Mesh) -> None:
        """Let also the salt balance weigh by the true widths between two layers."""
        super().scale_submodels(equations, factors, mesh)
        salt = equations.submodels["electrolyte diffusion"]
        if isinstance(salt, ConservativeDiffusion):
            salt.weigh_by_true_widths(1 / on_nodes(factors, self.layers))


class AnodeFreeCell(HalfCell):
    """Copper, on which the first charge plated lithium | polymer electrolyte | porous positive electrode."""

    kind = "anode_free"
