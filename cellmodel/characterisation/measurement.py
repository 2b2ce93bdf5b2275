"""What the measurements share: the cell, checked; the salt balance; unit and meaning of everything they return.

It knows parameter sets and datasets; it knows no experiment.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from os import PathLike
from typing import Any

import numpy as np
import xarray as xr

import cellmodel
from cellmodel.characterisation.steady import SteadySymmetricCell
from cellmodel.errors import ParameterError
from cellmodel.inputs import mapping, switch, whole_number
from cellmodel.models.build import BuiltModel
from cellmodel.models.meshes import Mesh
from cellmodel.models.model_inputs import LITHIUM_DEPLETED, LITHIUM_SATURATED
from cellmodel.models.solution import EVENT, StepSolution
from cellmodel.parameters import ParameterSet, require_lithium_metal, resolve_cell
from cellmodel.parameters.bounds import read_temperature
from cellmodel.parameters.kinds import KINDS
from cellmodel.simulation import kept_model

Labelled = Mapping[str, tuple[tuple[str, ...], Any]]
"""Name -> (dimensions, values)."""

LEAST = 3
"""Volumes of the layers that a symmetric cell has not."""
VOLUME_BOUNDS = (4, 2000)
"""Finite volumes that a polymer may have: fewer have no inside, more are a matter of minutes and change nothing."""

MEASURED: dict[str, tuple[str, str]] = {
    "time": ("s", "time since the current or voltage was switched on"),
    "rest_time": ("s", "time since the current was interrupted"),
    "rest_voltage": ("V", "voltage after the interruption"),
    "applied_voltage": ("V", "voltage held, positive where it dissolves lithium at x = 0"),
    "current_density": ("A.m-2", "current density, dissolving lithium at x = 0"),
    "applied_current_density": ("A.m-2", "current density held"),
    "voltage": ("V", "applied voltage, positive where it dissolves lithium at x = 0"),
    "initial_current_density": ("A.m-2", "voltage over ohmic and initial interface resistance"),
    "steady_current_density": ("A.m-2", "current density at the end of the hold"),
    "initial_interface_resistance": ("ohm.m2", "charge transfer and interphase of both faces, at rest"),
    "steady_interface_resistance": ("ohm.m2", "small-signal resistance of both faces at the end of the hold"),
    "current_ratio": ("1", "Bruce-Vincent ratio i_ss (V - i_0 R_0) / (i_0 (V - i_ss R_ss))"),
    "exact_current_ratio": ("1", "the same ratio from the steady state by quadrature"),
    "quadrature_voltage": ("V", "applied voltage of the curve by quadrature"),
    "quadrature_current_ratio": ("1", "Bruce-Vincent ratio of the steady state by quadrature, against voltage"),
    "expected_current_ratio": ("1", "1 / (1 + Ne) of the parameters put in, the limit of small voltage"),
    "newman_number": ("1", "Ne = 2 kappa R T (1 - t)^2 TDF / (F^2 D c) of the parameters put in"),
    "deviation": ("1", "what was found over what was put in, minus one"),
    "transition_time": ("s", "time at which the salt runs out at the plated face; not-a-number if it does not"),
    "saturation_time": ("s", "time at which the dissolving face reaches the solubility; not-a-number if it does not"),
    "sand_time": ("s", "Sand's time with the properties at rest"),
    "share_of_limiting_current": ("1", "current density over the limiting current density by quadrature"),
    "found_salt_diffusivity": ("m2.s-1", "from the slope of the logarithm of the voltage: -pi^2 D / L^2"),
    "expected_salt_diffusivity": ("m2.s-1", "effective salt diffusivity put in, at rest"),
    "swing": ("1", "difference of the concentrations at the faces at the interruption, over the initial one"),
    "limiting_current_density": ("A.m-2", "middle of the largest sustained and the smallest other current density"),
    "expected_limiting_current_density": ("A.m-2", "by quadrature"),
    "sustained": ("1", "1 if the salt lasted the hold, 0 if it ran out or dissolved no more"),
    "saturated": ("1", "1 if the dissolving face reached the solubility, which ended the hold"),
    "hold_time": ("s", "how long the current was held"),
    "step": ("1", "number of the hold"),
    "salt_closure_error": ("1", "largest change of the salt inventory over the inventory"),
    "frequency": ("Hz", "frequency"),
    "resistance": ("ohm.m2", "real part of the impedance"),
    "reactance": ("ohm.m2", "imaginary part of the impedance"),
    "magnitude": ("ohm.m2", "magnitude of the impedance"),
    "phase": ("degree", "phase of the impedance"),
    "state_of_charge": ("1", "share of the capacity between the cut-offs that is left"),
    "stoichiometry": ("1", "filling of the active material"),
    "high_frequency_intercept": ("ohm.m2", "resistance at the highest frequency"),
    "expected_high_frequency_intercept": ("ohm.m2", "L / kappa of the parameters put in"),
    "arc_width": (
        "ohm.m2",
        "resistance at the smallest reactance after the first arc, minus the high-frequency intercept",
    ),
    "expected_arc_width": ("ohm.m2", "2 (R_ct + R_interphase) of the parameters put in"),
    "zero_frequency_limit": ("ohm.m2", "resistance at the lowest frequency"),
    "expected_zero_frequency_limit": ("ohm.m2", "(L / kappa) (1 + Ne) + 2 (R_ct + R_interphase)"),
}
"""Name -> (UDUNITS unit, long name)."""


@dataclass(frozen=True)
class Measurement:
    """An experiment on one cell: its name, the cell with all changes and its temperature [K]."""

    name: str
    parameters: ParameterSet
    temperature: float

    @cached_property
    def steady(self) -> SteadySymmetricCell:
        """The steady symmetric cell by quadrature."""
        return SteadySymmetricCell(self.parameters, self.temperature)

    def volumes(self, count: int) -> int:
        """Return a number of finite volumes across the polymer; ParameterError if it is none."""
        wanted = "a whole number from {} to {}".format(*VOLUME_BOUNDS)
        return whole_number(count, self.name, "volumes", wanted, VOLUME_BOUNDS)

    def build(self, volumes: int, rtol: float = 1e-6) -> BuiltModel:
        """Return the symmetric cell, ready to solve."""
        return build_symmetric(self.parameters, volumes, rtol)

    def hold(self, *, current_density: float | None = None, voltage: float | None = None) -> dict[str, float]:
        """Return the controls of a step that holds a current density [A.m-2] or an applied voltage [V]."""
        held = {} if current_density is None else {"current": current_density * self.parameters["cell.area"]}
        held |= {} if voltage is None else {"voltage": -voltage}  # the model's voltage is the applied one's opposite
        return {"temperature": self.temperature, **held}

    def dataset(self, variables: Labelled, coordinates: Labelled, **settings: str | float) -> xr.Dataset:
        """Return results with units, meanings, the resolved parameters as TOML, their digest and the version."""
        described = {
            name: (dimensions, values, dict(zip(("units", "long_name"), MEASURED[name], strict=True)))
            for name, (dimensions, values) in {**variables, **coordinates}.items()
        }
        return xr.Dataset(
            {name: described[name] for name in variables},
            coords={name: described[name] for name in coordinates},
            attrs={
                "study": self.name,
                "cell": self.parameters.name,
                **{role: name for role, name in self.parameters.materials.items() if role != "cell"},
                "temperature": self.temperature,
                "inputs": self.parameters.to_toml(),
                "digest": self.parameters.digest,
                "cellmodel_version": cellmodel.__version__,
                **settings,
            },
        )


def prepare(
    name: str,
    cell: str | PathLike[str] | ParameterSet,
    temperature: float | str | None,
    overrides: Mapping[str, float | str] | None,
    extrapolate: bool,
    roles: tuple[str, ...] = ("electrolyte", "interface"),
) -> Measurement:
    """Return the cell with all changes; `roles` are the materials whose correlations are used and must be valid."""
    extrapolate = switch(extrapolate, "run", "extrapolate")
    own = resolve_cell(cell)
    require_lithium_metal(own, "run")
    parameters = own.replace(mapping(overrides, "run", "overrides"))
    held = parameters["cell.temperature"] if temperature is None else read_temperature(temperature, "run")
    problems = [item for item in parameters.outside_validity(held) if item.key.startswith(roles)]
    if problems and not extrapolate:
        raise ParameterError(problems)
    return Measurement(name, parameters, held)


def build_symmetric(parameters: ParameterSet, volumes: int, rtol: float = 1e-6) -> BuiltModel:
    """Return lithium | polymer | lithium of a cell's polymer and interface; the states are of order one."""
    cell, mesh = replace(parameters, kind=KINDS["symmetric"]), Mesh(volumes, LEAST, LEAST)
    return kept_model(cell, "DFN", mesh, "any", rtol, 1e-2 * rtol, "idaklu", ())


def depleted(solution: StepSolution) -> bool:
    """Return whether a step ended because a face has no salt left."""
    return solution.termination == EVENT + LITHIUM_DEPLETED


def saturated(solution: StepSolution) -> bool:
    """Return whether a step ended because the salt at a face reached its solubility."""
    return solution.termination == EVENT + LITHIUM_SATURATED


def salt_closure(built: BuiltModel, solution: StepSolution) -> float:
    """Return the largest relative change of the salt in one step: round-off, some 1e-15, of a sound model."""
    cell, times = built.parameters, np.linspace(solution.times[0], solution.end_time, 20)
    at_rest = cell["electrolyte.initial_concentration"] * cell["cell.separator.electrolyte_volume_fraction"]
    at_rest *= cell["cell.separator.thickness"]
    return float(np.max(np.abs(built.salt_inventory(solution, times) / at_rest - 1.0)))
