"""Where the voltage goes: open-circuit voltage and overpotentials that add up to it.

With weights w(x) over a porous electrode that sum to one, <.> the weighted mean, y(x) the mean stoichiometry of the
particles at x and Y that of the whole electrode, and the signs + of the positive and - of a porous negative electrode,

    V = sum +- U(Y)                                   open circuit
      + sum +- (<U(y)> - U(Y))                        nonuniform utilization
      + sum +- (<U(y_surface)> - <U(y)>)              diffusion in the particles
      + <eta>_p                                       reaction at the positive electrode
      - <eta>_n  or  - eta_lithium                    reaction at the negative electrode
      + phi_s(collectors) - sum +- <phi_s>            electrons
      + <phi_e>_p - phi_e(negative), in two parts:    electrolyte, diffusion potential | ohmic
      - film                                          interphase and contact.

The weights are the local reaction over its sum: then every loss times the current is the power lost there, because
integration by parts turns int i_e dphi_e/dx dx into I (<phi_e>_p - phi_e(negative)), and so for the electrons. At rest,
and in models without a local reaction, they are the widths of the volumes. phi_e(negative) is that at the lithium face,
or <phi_e>_n. From a lithium face the diffusion potential is summed over the edges of the mesh with the mean that the
model itself uses there, so nothing is lost between nodes and edges; between two porous electrodes it is
2 (1 - t+) TDF R T / F (<ln c>_p - <ln c>_n) with t+ and TDF at the initial concentration. The ohmic part is the rest of
the electrolyte's drop. Derived here. It knows arrays and the functions of a cell; it knows no protocol and no file.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cellmodel.correlations import FARADAY, GAS_CONSTANT
from cellmodel.models.built_model import BuiltModel
from cellmodel.models.solution import StepSolution
from cellmodel.parameters import ParameterSet
from cellmodel.parameters.kinds import POSITIVE, PorousElectrode
from cellmodel.parameters.stoichiometry import DELITHIATION

Array = NDArray[np.float64]
Read = dict[str, Array]

REST = 1e-6
"""Current over the one-hour current below which the cell is at rest: the solver's tolerance on currents."""

_WHOLE = ("voltage", "current", "electrolyte_concentration", "electrolyte_potential")
_LOCAL = (
    "electrode_potential",
    "open_circuit_potential",
    "reaction_overpotential",
    "particle_concentration",
    "particle_surface_concentration",
)
_FACE = ("face_potential", "lithium_overpotential", "contact_overpotential")
_FACE_RESOLVED = ("effective_conductivity", "diffusion_conductivity", "face_diffusion_potential", "face_salt_gradient")


@dataclass(frozen=True)
class VoltageLosses:
    """The voltage at one instant as a sum.

    Attributes
    ----------
    losses : dict of str to float
        By the names of `cellmodel.dataset.schema.VOLTAGE_LOSSES` [V], signed so that they add up to the voltage.
    voltage : float
        The cell's [V].
    mean_stoichiometry : float
        Of the whole positive electrode [1].
    reacting_share : float
        (sum w)^2 / sum(w^2 / h) of its weights w and its relative widths h: 1 for an even reaction [1].
    face_salt_gradient : float
        Of the salt concentration at the lithium face [mol.m-4]; NaN where there is none or no local reaction.
    """

    losses: dict[str, float]
    voltage: float
    mean_stoichiometry: float
    reacting_share: float
    face_salt_gradient: float = math.nan

    @property
    def closure_error(self) -> float:
        """Sum of the losses minus the voltage [V]."""
        return sum(self.losses.values()) - self.voltage


def voltage_losses(
    built: BuiltModel, parameters: ParameterSet, solution: StepSolution, time: float | None = None
) -> VoltageLosses:
    """Return the losses at one time [s] of a step, by default its end, read with the solver's own interpolation."""
    read = _read(built, solution, solution.end_time if time is None else time)
    temperature, delithiates = solution.inputs["temperature"], solution.inputs.get("branch", 0.0) > 0.0
    cell = built, read, parameters
    drop, diffusion, electronic, means = 0.0, 0.0, float(read["voltage"]), {}
    potential = _diffusion_potential(built, parameters, read, temperature)
    losses = dict.fromkeys(("open_circuit", "nonuniform_utilization", "solid_diffusion"), 0.0)
    for electrode in built.electrodes:
        sign, side, weights = electrode.sign, electrode.side, _weights(built, read, parameters, electrode)
        means[side], parts = _open_circuit(*cell, electrode, weights, temperature, delithiates)
        losses |= {name: losses[name] + sign * part for name, part in parts.items()}
        losses[f"{side}_reaction"] = sign * float(weights @ read[f"{electrode.prefix}reaction_overpotential"])
        electronic -= sign * float(weights @ read[f"{electrode.prefix}electrode_potential"])
        nodes = _nodes(built, side)
        drop += sign * float(weights @ read["electrolyte_potential"][nodes])
        diffusion += sign * float(weights @ potential[nodes])
    losses["interphase"] = 0.0
    if "face_potential" in read:
        losses["negative_reaction"] = -float(read["lithium_overpotential"])
        losses["interphase"] = -float(read["contact_overpotential"])
        electronic += float(read["contact_overpotential"])
        drop -= float(read["face_potential"])
    losses |= {"electronic": electronic, "electrolyte_ohmic": drop - diffusion, "electrolyte_diffusion": diffusion}
    positive = _weights(built, read, parameters, built.electrodes[0])
    even = built.x_electrode_weights / built.x_electrode_weights.sum()
    share = min(1.0, 1.0 / float(np.sum(positive**2 / even)))
    gradient = float(read.get("face_salt_gradient", math.nan))
    return VoltageLosses(losses, float(read["voltage"]), means["positive"], share, gradient)


def _read(built: BuiltModel, solution: StepSolution, time: float) -> Read:
    """Return all that the losses follow from, at one time."""
    local = (*_LOCAL, "volumetric_reaction") if built.resolves_dissipation else _LOCAL
    names = [*_WHOLE, *(f"{electrode.prefix}{name}" for electrode in built.electrodes for name in local)]
    if "face_potential" in built.functions.variable_names:
        names += [*_FACE, *(_FACE_RESOLVED if built.resolves_dissipation else ("diffusion_overpotential",))]
    return {name: value[0] for name, value in built.read(solution, np.array([time]), names).items()}


def _nodes(built: BuiltModel, side: str) -> slice:
    """Return the nodes of an electrode among those of all layers."""
    size = built.coordinates.layers[f"{side} electrode"].size
    return slice(-size, None) if side == "positive" else slice(size)


def _weights(built: BuiltModel, read: Read, parameters: ParameterSet, electrode: PorousElectrode) -> Array:
    """Return the weights over an electrode, summing to one."""
    widths = built.coordinates.layers[f"{electrode.side} electrode"]
    hour = parameters.areal_capacity * parameters["cell.area"]
    if not built.resolves_dissipation or abs(float(read["current"])) < REST * hour:
        return widths / widths.sum()
    reacted = read[f"{electrode.prefix}volumetric_reaction"] * widths
    return reacted / reacted.sum()


def _open_circuit(
    built: BuiltModel,
    read: Read,
    parameters: ParameterSet,
    electrode: PorousElectrode,
    weights: Array,
    temperature: float,
    delithiates: bool,
) -> tuple[float, dict[str, float]]:
    """Return an electrode's mean stoichiometry and the three parts of the potential of its reacting surface."""
    maximum, prefix = parameters[f"{electrode.material}.maximum_concentration"], electrode.prefix
    widths = built.coordinates.layers[f"{electrode.side} electrode"]
    local = (read[f"{prefix}particle_concentration"] @ built.coordinates.shells[electrode.side]) / maximum
    whole = float(local @ widths / widths.sum())
    y = np.concatenate((read[f"{prefix}particle_surface_concentration"] / maximum, local, [whole]))
    path = DELITHIATION if electrode == POSITIVE and delithiates else f"{electrode.material}.open_circuit_potential"
    potential = parameters.function(path)(y)
    coefficient = f"{electrode.material}.entropic_coefficient"
    if coefficient in parameters.functions:
        difference = temperature - parameters[f"{electrode.material}.reference_temperature"]
        potential = potential + difference * parameters.function(coefficient)(y)
    at_surface, at_mean = (float(weights @ part) for part in potential[:-1].reshape(2, -1))
    mean = float(potential[-1])
    # What the model adds to the file's potential (a path, PyBaMM's guard at y = 0 and 1) belongs to no loss.
    added = float(weights @ read[f"{prefix}open_circuit_potential"]) - at_surface
    return whole, {
        "open_circuit": mean + added,
        "nonuniform_utilization": at_mean - mean,
        "solid_diffusion": at_surface - at_mean,
    }


def _diffusion_potential(built: BuiltModel, parameters: ParameterSet, read: Read, temperature: float) -> Array:
    """Return the diffusion potential at each node [V], from the lithium face or up to a constant."""
    if "diffusion_overpotential" in read:
        return np.full(built.x.size, float(read["diffusion_overpotential"]))
    if "face_potential" in read:
        return _summed_from_face(built.x_weights, read)
    salt = (parameters["electrolyte.initial_concentration"], temperature)
    anions = 1.0 - float(parameters.function("electrolyte.volume_transference_number")(*salt))
    factor = 2.0 * anions * float(parameters.function("electrolyte.volume_thermodynamic_factor")(*salt))
    logarithm = np.log(np.maximum(read["electrolyte_concentration"], 1e-3))
    return np.asarray(factor * GAS_CONSTANT * temperature / FARADAY * logarithm)


def _summed_from_face(widths: Array, read: Read) -> Array:
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
