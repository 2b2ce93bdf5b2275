"""Small-signal impedance at rest, through PyBaMM's EISSimulation (Hallemans et al. 2025).

EISSimulation linearises a model at its initial conditions and solves for one frequency at a time; it needs the
capacitances of the interfaces as states (surface form "differential"). The symmetric cell has them as its own option.
For half cells PyBaMM has them too, with another ionic current than the one of the time domain (arithmetic means), and
with one shortcoming that is put right here.

The lithium face of a half cell
-------------------------------
PyBaMM lays the lithium's capacitance C across the charge transfer alone and leaves the interphase ("contact
resistance") without any, so the interphase would have no arc. At rest, linearised, the face is a one-port in series
with everything else: the electrolyte sees the whole current whatever the share of charge transfer. So PyBaMM's face is
taken out and the one of `cellmodel.models.cells.symmetric` put in, exactly:

    Z = Z_PyBaMM - [R_ct / (1 + i w R_ct C) + R_int] + R / (1 + i w R C),        R = R_ct + R_int.

Derived here. It knows no experiment and no dataset.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pybamm
from numpy.typing import NDArray

from cellmodel.correlations import FARADAY, GAS_CONSTANT
from cellmodel.models.cells.half_cell import DFN, SPM, SPMe
from cellmodel.models.cells.symmetric import VOLUMES, SymmetricCell
from cellmodel.models.meshes import Mesh
from cellmodel.models.parameter_values import pybamm_values
from cellmodel.parameters import ParameterSet

Array = NDArray[np.float64]
ComplexArray = NDArray[np.complex128]

MODELS: dict[str, Any] = {"DFN": DFN, "SPMe": SPMe, "SPM": SPM}
IMPEDANCE_MESH = Mesh(separator=40, electrode=80, particle=30, particle_stretch=2.0)
"""Finer than for discharges: a frequency sees layers as thin as sqrt(D / w)."""


def symmetric_cell_impedance(
    parameters: ParameterSet, temperature: float, frequencies: Array, volumes: int = VOLUMES
) -> ComplexArray:
    """Return the impedance of lithium | polymer | lithium at rest.

    Parameters
    ----------
    parameters : ParameterSet
        Any cell; its interface needs a capacitance.
    temperature : float
        [K].
    frequencies : ndarray
        [Hz], above zero.
    volumes : int, optional
        Finite volumes across the polymer.

    Returns
    -------
    ndarray of complex
        [ohm.m2].
    """
    values = pybamm_values(parameters) | {"Ambient temperature [K]": temperature}
    simulation = pybamm.EISSimulation(
        SymmetricCell({"surface form": "differential"}), pybamm.ParameterValues(values), var_pts={"x_s": volumes}
    )
    impedance: ComplexArray = np.asarray(simulation.solve(frequencies).impedance, dtype=complex)
    return impedance * parameters["cell.area"]


def half_cell_impedance(
    parameters: ParameterSet,
    temperature: float,
    stoichiometry: float,
    frequencies: Array,
    model: str = "DFN",
    mesh: Mesh = IMPEDANCE_MESH,
) -> ComplexArray:
    """Return the impedance of a half cell at rest.

    Parameters
    ----------
    parameters : ParameterSet
        A cell; electrode and interface need their capacitances.
    temperature : float
        [K].
    stoichiometry : float
        Filling of the active material [1].
    frequencies : ndarray
        [Hz], above zero.
    model : {"DFN", "SPMe", "SPM"}, optional
        Which half-cell model.
    mesh : Mesh, optional
        Numbers of finite volumes.

    Returns
    -------
    ndarray of complex
        [ohm.m2].
    """
    maximum = parameters["electrode.maximum_concentration"]
    values = pybamm_values(parameters) | {
        "Ambient temperature [K]": temperature,
        "Initial temperature [K]": temperature,
        "Initial concentration in positive electrode [mol.m-3]": stoichiometry * maximum,
    }
    equations = MODELS[model]({"surface form": "differential"})
    submeshes = dict(equations.default_submesh_types)
    submeshes["positive particle"] = pybamm.MeshGenerator(
        pybamm.Exponential1DSubMesh, {"side": "right", "stretch": mesh.particle_stretch}
    )
    points = {"x_n": 3, "x_s": mesh.separator, "x_p": mesh.electrode, "r_n": 3, "r_p": mesh.particle}
    simulation = pybamm.EISSimulation(
        equations, pybamm.ParameterValues(values), submesh_types=submeshes, var_pts=points
    )
    impedance: ComplexArray = np.asarray(simulation.solve(frequencies).impedance, dtype=complex)
    return impedance * parameters["cell.area"] + _lithium_face_correction(parameters, temperature, frequencies)


def _lithium_face_correction(parameters: ParameterSet, temperature: float, frequencies: Array) -> ComplexArray:
    """Return the lithium face as it should be minus the one PyBaMM has [ohm.m2]; see the module's docstring."""
    exchange = parameters.function("interface.exchange_current_density")
    concentration = parameters["electrolyte.initial_concentration"]
    charge_transfer = GAS_CONSTANT * temperature / (FARADAY * float(exchange(concentration, temperature)))
    interphase = float(parameters.function("interface.interphase_resistance")(temperature))
    admittance = 2j * np.pi * frequencies * parameters["interface.capacitance"]
    total = charge_transfer + interphase
    faces = total / (1 + admittance * total) - charge_transfer / (1 + admittance * charge_transfer) - interphase
    return np.asarray(faces, dtype=np.complex128)
