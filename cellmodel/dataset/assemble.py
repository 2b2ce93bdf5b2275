"""One run as a labelled dataset: the only place that turns solver output into xarray.

Dimensions are `cycle` and `step` where the protocol has more than one, then `sample`; what did not
run is NaN.  It knows the schema and one run; sweeps and files are above it.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from cellmodel.dataset import schema
from cellmodel.dataset.balances import run_numbers
from cellmodel.dataset.cycles import cycle_numbers, step_numbers
from cellmodel.dataset.ending import Ending, read_ending
from cellmodel.dataset.integrals import PROFILE_SAMPLES, LegValues
from cellmodel.dataset.liquid_ending import read_liquid_ending
from cellmodel.dataset.outcome import Outcome
from cellmodel.dataset.validity import validity_remark
from cellmodel.models.build import BuiltModel
from cellmodel.models.meshes import Coordinates
from cellmodel.parameters.liquid_cell import LiquidCell
from cellmodel.protocols import protocol_toml

Array = NDArray[np.float64]
Variables = dict[str, tuple[tuple[str, ...], Any, dict[str, Any]]]

_PROFILE_VARIABLES = tuple(name for name in schema.PROFILES if name != "profile_time")


def assemble(outcome: Outcome) -> xr.Dataset:
    """Return one run as a dataset.

    Parameters
    ----------
    outcome : Outcome
        The run, finished or not; a run without legs gives NaN with its status and message.

    Returns
    -------
    xarray.Dataset
        Names, units and dimensions as in `cellmodel.dataset.schema`.
    """
    variables, coordinates = run_variables(outcome)
    return xr.Dataset(variables, coords=coordinates, attrs=attributes(outcome))


def run_variables(outcome: Outcome) -> tuple[Variables, Variables]:
    """Return what a run is made of as plain arrays, which travel and stack more cheaply than datasets.

    Parameters
    ----------
    outcome : Outcome
        The run, finished or not.

    Returns
    -------
    variables, coordinates : dict of str to (dimensions, values, attributes)
        Everything `assemble` puts into the dataset; `coordinates` is empty unless profiles are stored.
    """
    legs = outcome.values
    variables: Variables = {}
    _add_samples(variables, outcome, legs)
    cell = outcome.parameters
    ending = read_liquid_ending(outcome, cell, legs) if isinstance(cell, LiquidCell) else read_ending(outcome, legs)
    _add_steps(variables, outcome, ending)
    _add_delivered(variables, outcome, legs)
    _add_numbers(variables, outcome, legs, ending)
    if not outcome.profiles or outcome.built is None:
        return variables, {}
    _add_profiles(variables, outcome, outcome.built)
    return variables, _coordinates(outcome.built.coordinates)


def _leg_dimensions(outcome: Outcome) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """Return the names and sizes of the dimensions that count legs: cycle and step, where more than one."""
    sizes = {"cycle": outcome.protocol.cycles, "step": len(outcome.protocol.steps)}
    kept = {name: size for name, size in sizes.items() if size > 1}
    return tuple(kept), tuple(kept.values())


def _empty(outcome: Outcome, *shape: int) -> Array:
    return np.full((outcome.protocol.cycles, len(outcome.protocol.steps), *shape), np.nan)


def _describe(variable: schema.ResultVariable) -> dict[str, Any]:
    return {"units": variable.units, "long_name": variable.long_name}


def _add_samples(variables: Variables, outcome: Outcome, legs: list[LegValues]) -> None:
    """Add time, voltage and the rest of `schema.SAMPLED`."""
    dimensions, sizes = _leg_dimensions(outcome)
    mechanisms = () if outcome.built is None else outcome.built.mechanisms
    own = schema.mechanism_variables(schema.MECHANISM_SAMPLED, mechanisms)
    for name, variable in {**schema.SAMPLED, **own}.items():
        values = _empty(outcome, outcome.protocol.samples)
        for leg, read in zip(outcome.legs, legs, strict=True):
            values[leg.cycle, leg.step] = read.samples[name]
        shaped = values.reshape(*sizes, outcome.protocol.samples)
        variables[name] = ((*dimensions, "sample"), shaped, _describe(variable))


def _add_steps(variables: Variables, outcome: Outcome, ending: Ending) -> None:
    """Add step_index and cycle_index, which legs ran, and the parts of the voltage at the end of each."""
    shape = (outcome.protocol.cycles, len(outcome.protocol.steps))
    indices = {name: np.zeros(shape, dtype=np.int32) for name in schema.PER_STEP}
    for leg in outcome.legs:
        indices["step_index"][leg.cycle, leg.step] = leg.step + 1
        indices["cycle_index"][leg.cycle, leg.step] = leg.cycle + 1
    dimensions, sizes = _leg_dimensions(outcome)
    for (name, variable), most in zip(schema.PER_STEP.items(), shape[::-1], strict=True):
        described = {**_describe(variable), "valid_max": np.int32(most)}
        variables[name] = (dimensions, indices[name].reshape(sizes), described)
    for name, variable in ending.described.items():
        values = _empty(outcome)
        for leg, taken_apart in zip(outcome.legs, ending.parts, strict=True):
            values[leg.cycle, leg.step] = taken_apart.parts[name]
        described = {**_describe(variable), "long_name": f"part of the voltage at the end: {variable.long_name}"}
        variables[f"end_{name}_voltage"] = (dimensions, values.reshape(sizes), described)


def _add_delivered(variables: Variables, outcome: Outcome, legs: list[LegValues]) -> None:
    """Add charge, energy and mean voltage of every step and cycle, and the efficiencies."""
    dimensions, sizes = _leg_dimensions(outcome)
    for name, values in step_numbers(outcome, legs).items():
        variables[name] = (dimensions, values.reshape(sizes), _describe(schema.STEP_NUMBERS[name]))
    along = tuple(name for name in dimensions if name == "cycle")
    for name, values in cycle_numbers(outcome, legs).items():
        shaped = values if along else values[0]
        variables[name] = (along, shaped, _describe(schema.CYCLE_NUMBERS[name]))


def _add_numbers(variables: Variables, outcome: Outcome, legs: list[LegValues], ending: Ending) -> None:
    """Add the numbers, flags and texts that there are one of per run."""
    numbers = run_numbers(outcome, legs) | ending.numbers
    mechanisms = () if outcome.built is None else outcome.built.mechanisms
    own = schema.mechanism_variables(schema.MECHANISM_PER_RUN, mechanisms)
    for name, variable in {**schema.PER_RUN, **own}.items():
        variables[name] = ((), np.float64(numbers.get(name, np.nan)), _describe(variable))
    for name, word in {"status": outcome.status, **ending.flags}.items():
        value = np.int8(schema.FLAGS[name][word])
        variables[name] = ((), value, schema.flag_attributes(name, schema.FLAG_NAMES[name]))
    remark = validity_remark(str(outcome.settings.get("model")), numbers.get("validity_index", np.nan))
    message = f"{outcome.message}; {remark}" if remark else outcome.message
    texts = {"message": (message, "why the run ended as it did")}
    texts["run_digest"] = (outcome.digest, "SHA-256 of everything that decides the result")
    for name, (text, long_name) in texts.items():
        variables[name] = ((), text, {"units": "1", "long_name": long_name})


def _add_profiles(variables: Variables, outcome: Outcome, built: BuiltModel) -> None:
    """Add spatial profiles at times evenly spaced in each leg."""
    dimensions, sizes = _leg_dimensions(outcome)
    values: dict[str, Array] = {"profile_time": _empty(outcome, PROFILE_SAMPLES)}
    for leg in outcome.legs:
        times = leg.solution.times
        values["profile_time"][leg.cycle, leg.step] = times
        for name, value in built.read(leg.solution, times, _PROFILE_VARIABLES).items():
            values.setdefault(name, _empty(outcome, *value.shape))[leg.cycle, leg.step] = value
    for name, value in values.items():
        variable = schema.PROFILES[name]
        shaped = value.reshape(*sizes, *value.shape[2:]).astype(np.float64 if name == "profile_time" else np.float32)
        variables[name] = ((*dimensions, *variable.dimensions), shaped, _describe(variable))


def _coordinates(nodes: Coordinates) -> Variables:
    """Return the true positions [m] of the nodes in the cell of the run."""
    positions = {"x": nodes.x, "x_electrode": nodes.x_electrode, "r": nodes.r}
    return {
        name: (schema.COORDINATES[name].dimensions, values, _describe(schema.COORDINATES[name]))
        for name, values in positions.items()
    }


def attributes(outcome: Outcome) -> dict[str, str | float]:
    """Return the attributes of a dataset: strings and numbers only.

    Parameters
    ----------
    outcome : Outcome
        The run.

    Returns
    -------
    dict
        Cell, resolved inputs as TOML, digests, settings, versions and time of creation.
    """
    parameters = outcome.parameters
    return {
        "title": f"{parameters.name}: {outcome.protocol.name}",
        "cell": parameters.name,
        "parameters": parameters.to_toml(),
        "parameters_digest": parameters.digest,
        "protocol": protocol_toml(outcome.protocol),
        **outcome.settings,
        **versions(),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
    }


@cache
def versions() -> dict[str, str | int]:
    """Return the versions that results depend on.

    Returns
    -------
    dict
        Of cellmodel, its model and the libraries it computes with.
    """
    libraries = ("cellmodel", "pybamm", "casadi", "numpy", "xarray")
    return {"model_version": schema.MODEL_VERSION, **{f"{name}_version": version(name) for name in libraries}}
