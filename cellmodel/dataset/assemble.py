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
from cellmodel.dataset.metal_ending import read_metal_ending
from cellmodel.dataset.outcome import Outcome
from cellmodel.dataset.step_result import PROFILE_SAMPLES
from cellmodel.dataset.validity import validity_remark
from cellmodel.prepared_run import MODEL_VERSION
from cellmodel.protocols import protocol_toml

Array = NDArray[np.float64]
Variables = dict[str, tuple[tuple[str, ...], Any, dict[str, Any]]]

_PROFILE_VARIABLES = tuple(name for name in schema.PROFILES if name != "profile_time")


def assemble(outcome: Outcome) -> xr.Dataset:
    """Return one run as a dataset."""
    variables, coordinates = run_variables(outcome)
    return xr.Dataset(variables, coords=coordinates, attrs=attributes(outcome))


def run_variables(outcome: Outcome) -> tuple[Variables, Variables]:
    """Return what a run is made of as plain arrays, which travel and stack more cheaply than datasets."""
    ending = read_ending(outcome) if outcome.run.parameters.kind.electrodes else read_metal_ending(outcome)
    variables: Variables = {}
    _add_samples(variables, outcome)
    _add_steps(variables, outcome, ending)
    _add_delivered(variables, outcome)
    _add_numbers(variables, outcome, ending)
    return variables, _add_profiles(variables, outcome) if outcome.run.options.profiles else {}


def _step_dimensions(outcome: Outcome) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """Return the names and sizes of the dimensions that count steps: cycle and step, where more than one."""
    sizes = {"cycle": outcome.run.protocol.cycles, "step": len(outcome.run.protocol.steps)}
    kept = {name: size for name, size in sizes.items() if size > 1}
    return tuple(kept), tuple(kept.values())


def _empty(outcome: Outcome, *shape: int) -> Array:
    return np.full((outcome.run.protocol.cycles, len(outcome.run.protocol.steps), *shape), np.nan)


def _describe(variable: schema.ResultVariable) -> dict[str, Any]:
    return {"units": variable.units, "long_name": variable.long_name}


def _add_samples(variables: Variables, outcome: Outcome) -> None:
    """Add time, voltage and the rest of `schema.SAMPLED`."""
    dimensions, sizes = _step_dimensions(outcome)
    samples = outcome.run.protocol.samples
    own = schema.mechanism_samples(outcome.run.mechanisms)
    for name, variable in {**schema.SAMPLED, **own}.items():
        values = _empty(outcome, samples)
        for step in outcome.steps:
            values[step.position] = step.samples[name]
        variables[name] = ((*dimensions, "sample"), values.reshape(*sizes, samples), _describe(variable))


def _add_steps(variables: Variables, outcome: Outcome, ending: Ending) -> None:
    """Add step_index and cycle_index, which steps ran, and the voltage losses at the end of each."""
    shape = (outcome.run.protocol.cycles, len(outcome.run.protocol.steps))
    indices = {name: np.zeros(shape, dtype=np.int32) for name in schema.PER_STEP}
    for step in outcome.steps:
        indices["cycle_index"][step.position], indices["step_index"][step.position] = np.add(step.position, 1)
    dimensions, sizes = _step_dimensions(outcome)
    for (name, variable), most in zip(schema.PER_STEP.items(), shape[::-1], strict=True):
        described = {**_describe(variable), "valid_max": np.int32(most)}
        variables[name] = (dimensions, indices[name].reshape(sizes), described)
    for name, variable in ending.described.items():
        values = _empty(outcome)
        for step, decomposition in zip(outcome.steps, ending.losses, strict=True):
            values[step.position] = decomposition.losses[name]
        described = {**_describe(variable), "long_name": f"part of the voltage at the end: {variable.long_name}"}
        variables[f"end_{name}_voltage"] = (dimensions, values.reshape(sizes), described)


def _add_delivered(variables: Variables, outcome: Outcome) -> None:
    """Add charge, energy and mean voltage of every step and cycle, and the efficiencies."""
    dimensions, sizes = _step_dimensions(outcome)
    for name, values in step_numbers(outcome).items():
        variables[name] = (dimensions, values.reshape(sizes), _describe(schema.STEP_NUMBERS[name]))
    along = tuple(name for name in dimensions if name == "cycle")
    for name, values in cycle_numbers(outcome).items():
        variables[name] = (along, values if along else values[0], _describe(schema.CYCLE_NUMBERS[name]))


def _add_numbers(variables: Variables, outcome: Outcome, ending: Ending) -> None:
    """Add the numbers, flags and texts that there are one of per run."""
    numbers = run_numbers(outcome) | ending.numbers
    own = schema.mechanism_numbers(outcome.run.mechanisms)
    for name, variable in {**schema.PER_RUN, **own}.items():
        variables[name] = ((), np.float64(numbers.get(name, np.nan)), _describe(variable))
    for name, word in {"status": outcome.status, **ending.flags}.items():
        value = np.int8(schema.FLAGS[name][word])
        variables[name] = ((), value, schema.flag_attributes(name, schema.FLAG_NAMES[name]))
    remark = validity_remark(outcome.run.options.model, numbers.get("validity_index", np.nan))
    message = f"{outcome.message}; {remark}" if remark else outcome.message
    texts = {"message": (message, "why the run ended as it did")}
    texts["run_digest"] = (outcome.run.digest, "SHA-256 of everything that decides the result")
    for name, (text, long_name) in texts.items():
        variables[name] = ((), text, {"units": "1", "long_name": long_name})


def _add_profiles(variables: Variables, outcome: Outcome) -> Variables:
    """Add spatial profiles at times evenly spaced in each step; return the true positions [m] of their nodes."""
    dimensions, sizes = _step_dimensions(outcome)
    built, values = outcome.built, {"profile_time": _empty(outcome, PROFILE_SAMPLES)}
    names = [name for name in _PROFILE_VARIABLES if name in built.functions.variable_names]
    for step in outcome.steps:
        times = step.solution.times
        values["profile_time"][step.position] = times
        for name, value in built.read(step.solution, times, names).items():
            values.setdefault(name, _empty(outcome, *value.shape))[step.position] = value
    for name, value in values.items():
        variable = schema.PROFILES[name]
        shaped = value.reshape(*sizes, *value.shape[2:]).astype(np.float64 if name == "profile_time" else np.float32)
        variables[name] = ((*dimensions, *variable.dimensions), shaped, _describe(variable))
    along = {dimension for name in names for dimension in schema.PROFILES[name].dimensions}
    return {
        name: (variable.dimensions, getattr(built.coordinates, name), _describe(variable))
        for name, variable in schema.COORDINATES.items()
        if along.issuperset(variable.dimensions)
    }


def attributes(outcome: Outcome) -> dict[str, str | float]:
    """Return the attributes of a dataset: strings and numbers only."""
    run, options = outcome.run, outcome.run.options
    return {
        "title": f"{run.parameters.name}: {run.protocol.name}",
        "cell": run.parameters.name,
        "parameters": run.parameters.to_toml(),
        "parameters_digest": run.parameters.digest,
        "protocol": protocol_toml(run.protocol),
        "model": options.model,
        "mesh": f"{run.mesh.separator}/{run.mesh.electrode}/{run.mesh.particle}",
        "solver": options.solver,
        "mechanisms": " ".join(run.mechanisms),
        "compiled": "yes" if options.compiled else "no",
        "rtol": options.rtol,
        "atol": options.atol,
        "extrapolated": run.extrapolated,
        **versions(),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
    }


@cache
def versions() -> dict[str, str | int]:
    """Return the versions that results depend on."""
    libraries = ("cellmodel", "pybamm", "casadi", "numpy", "xarray")
    return {"model_version": MODEL_VERSION, **{f"{name}_version": version(name) for name in libraries}}
