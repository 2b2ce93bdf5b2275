"""Where the voltage goes: open-circuit potential and overpotentials that add up to it.

With weights w(x) over the cathode that sum to one, <.> the weighted mean, y(x) the mean filling of the particles at x
and Y that of the whole cathode,

    V = U(Y)                                        open circuit
      + <U(y)> - U(Y)                               uneven use of the cathode
      + <U(y_surface)> - <U(y)>                     diffusion in the particles
      + <eta>                                       reaction in the cathode
      + phi_s(collector) - <phi_s>                  electrons
      + <phi_e> - phi_e(lithium), in two parts:     electrolyte, diffusion potential | ohmic
      - eta_lithium                                 reaction at lithium
      - film                                        interphase and contact.

The weights are the local reaction over its sum: then every part times the current is the power lost there, because
integration by parts turns int i_e dphi_e/dx dx into I (<phi_e> - phi_e(lithium)), and so for the electrons.  At rest,
and in models without a local reaction, they are the widths of the volumes.  The diffusion potential is summed over
the edges of the mesh with the mean that the model itself uses there, so nothing is lost between nodes and edges; the
ohmic part is the rest of the electrolyte's drop.  Derived here.  Knows arrays only.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cellmodel.models.built_model import BuiltModel
from cellmodel.models.meshes import Coordinates
from cellmodel.models.solution import StepSolution
from cellmodel.parameters import ParameterSet

Array = NDArray[np.float64]

REST = 1e-6
"""Current over the one-hour current below which the cell is at rest: the solver's tolerance on currents."""

_EVERY_MODEL = (
    "voltage",
    "current",
    "electrolyte_concentration",
    "electrolyte_potential",
    "electrode_potential",
    "open_circuit_potential",
    "reaction_overpotential",
    "particle_concentration",
    "particle_surface_concentration",
    "face_potential",
    "lithium_overpotential",
    "contact_overpotential",
)
_RESOLVED = (
    "volumetric_reaction",
    "effective_conductivity",
    "diffusion_conductivity",
    "face_diffusion_potential",
    "face_salt_gradient",
)
_AVERAGED = ("diffusion_overpotential",)


@dataclass(frozen=True)
class VoltageParts:
    """The voltage at one instant, taken apart.

    Attributes
    ----------
    parts : dict of str to float
        By the names of `cellmodel.dataset.schema.VOLTAGE_PARTS` [V], signed so that they add up to the voltage.
    voltage : float
        The cell's [V].
    mean_stoichiometry : float
        Of the whole cathode [1].
    reacting_share : float
        (sum w)^2 / sum(w^2 / h) of the weights w and the relative widths h: 1 for an even reaction [1].
    face_salt_gradient : float
        Of the salt concentration at the lithium face [mol.m-4]; NaN in models without a local reaction.
    """

    parts: dict[str, float]
    voltage: float
    mean_stoichiometry: float
    reacting_share: float
    face_salt_gradient: float = math.nan

    @property
    def closure_error(self) -> float:
        """Sum of the parts minus the voltage [V]."""
        return sum(self.parts.values()) - self.voltage


def voltage_parts(
    built: BuiltModel, parameters: ParameterSet, solution: StepSolution, time: float | None = None
) -> VoltageParts:
    """Return the parts of the voltage at one time of a step.

    Parameters
    ----------
    built : BuiltModel
        The model that solved it.
    parameters : ParameterSet
        The cell as it was run.
    solution : StepSolution
        The step.
    time : float, optional
        [s], within the step; default its end.

    Returns
    -------
    VoltageParts
        Read with the solver's own interpolation.
    """
    names = (*_EVERY_MODEL, *(_RESOLVED if built.resolves_dissipation else _AVERAGED))
    time = solution.end_time if time is None else time
    read = {name: value[0] for name, value in built.read(solution, np.array([time]), names).items()}
    volumes = built.coordinates
    weights = _weights(built, read, parameters, volumes)
    inner = volumes.x.size - volumes.x_electrode.size
    drop = float(weights @ read["electrolyte_potential"][inner:] - read["face_potential"])
    diffusion = (
        float(weights @ _diffusion_potential(volumes.x_weights, read)[inner:])
        if built.resolves_dissipation
        else float(read["diffusion_overpotential"])
    )
    collector = float(read["voltage"] + read["contact_overpotential"])
    filling, open_circuit = _open_circuit(volumes, read, parameters, weights, solution.inputs["temperature"])
    parts = {
        **open_circuit,
        "cathode_reaction": float(weights @ read["reaction_overpotential"]),
        "electronic": collector - float(weights @ read["electrode_potential"]),
        "electrolyte_ohmic": drop - diffusion,
        "electrolyte_diffusion": diffusion,
        "lithium_reaction": -float(read["lithium_overpotential"]),
        "interphase": -float(read["contact_overpotential"]),
    }
    even = volumes.x_electrode_weights / volumes.x_electrode_weights.sum()
    share = min(1.0, 1.0 / float(np.sum(weights**2 / even)))
    gradient = float(read.get("face_salt_gradient", math.nan))
    return VoltageParts(parts, float(read["voltage"]), filling, share, gradient)


def _weights(built: BuiltModel, read: dict[str, Array], parameters: ParameterSet, volumes: Coordinates) -> Array:
    """Return the weights over the cathode, shape (x_electrode,), summing to one."""
    hour = parameters.areal_capacity * parameters["cell.area"]
    if not built.resolves_dissipation or abs(float(read["current"])) < REST * hour:
        return volumes.x_electrode_weights / volumes.x_electrode_weights.sum()
    reacted = read["volumetric_reaction"] * volumes.x_electrode_weights
    return reacted / reacted.sum()


def _open_circuit(
    volumes: Coordinates, read: dict[str, Array], parameters: ParameterSet, weights: Array, temperature: float
) -> tuple[float, dict[str, float]]:
    """Return the cathode's mean stoichiometry and the three parts of the reacting surface's potential."""
    maximum = parameters["electrode.maximum_concentration"]
    filling = (read["particle_concentration"] @ volumes.shells["positive"]) / maximum
    whole = float(filling @ volumes.x_electrode_weights / volumes.x_electrode_weights.sum())
    y = np.concatenate((read["particle_surface_concentration"] / maximum, filling, [whole]))
    entropic = parameters.function("electrode.entropic_coefficient")(y)
    difference = temperature - parameters["electrode.reference_temperature"]
    potential = parameters.function("electrode.open_circuit_potential")(y) + difference * entropic
    surface, local = (float(weights @ part) for part in potential[:-1].reshape(2, -1))
    mean = float(potential[-1])
    # What the model adds to the file's potential (a path, PyBaMM's guard at y = 0 and 1) belongs to no loss.
    added = float(weights @ read["open_circuit_potential"]) - surface
    return whole, {
        "open_circuit": mean + added,
        "nonuniform_utilization": local - mean,
        "solid_diffusion": surface - local,
    }


def _diffusion_potential(widths: Array, read: dict[str, Array]) -> Array:
    """Return the diffusion potential from the lithium face to each node, shape (x,) [V]."""
    share = widths[:-1] / (widths[:-1] + widths[1:])
    with np.errstate(divide="ignore"):  # no diffusion potential at t+ = 1: 1 / infinity is the zero it should be
        conduction, diffusion = (
            1.0 / (share / read[name][:-1] + (1.0 - share) / read[name][1:])
            for name in ("effective_conductivity", "diffusion_conductivity")
        )
    steps = diffusion / conduction * np.diff(read["electrolyte_concentration"])
    first = 0.5 * widths[0] * float(read["face_diffusion_potential"])
    return first + np.concatenate(([0.0], np.cumsum(steps)))
