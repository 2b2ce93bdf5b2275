"""Made-up results with the names, units and dimensions of the schema: figures and tables without a solver."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from cellmodel.dataset import schema

AREA = 1e-3  # m2, so that 1 A.h is 100 mA.h.cm-2
FULL = 15.0  # A.h.m-2
SAMPLES = 40
COORDINATES = {
    "ambient_temperature": {"units": "K", "long_name": "Ambient temperature"},
    "c_rate": {"units": "1", "long_name": "C-rate"},
}


def results(failed: tuple[tuple[int, ...], ...] = (), **swept: list[Any]) -> xr.Dataset:
    """Return discharges over the swept values; those at the positions in `failed` have failed."""
    shape = tuple(len(values) for values in swept.values())
    curves = {name: np.full((*shape, SAMPLES), np.nan) for name in schema.SAMPLED}
    numbers = {name: np.full(shape, np.nan) for name in schema.PER_RUN}
    status = np.full(shape, schema.STATUS["completed"], dtype=np.int8)
    end_cause = np.full(shape, schema.END_CAUSE["open_circuit_end"], dtype=np.int8)
    message = np.full(shape, "completed", dtype=object)
    for where in np.ndindex(*shape):
        if where in failed:
            status[where], end_cause[where] = schema.STATUS["failed"], schema.END_CAUSE["solver_failure"]
            message[where] = "the solver gave up"
            continue
        given = {name: values[index] for (name, values), index in zip(swept.items(), where, strict=True)}
        rate = float(given.get("c_rate", 0.1))
        share = 1.0 / (1.0 + 0.5 * rate)
        passed = np.linspace(0.0, share, SAMPLES)
        voltage = 3.43 - 0.1 * rate - 0.8 * np.exp(-(share - passed) * 60.0)
        capacity = passed * FULL * AREA
        curve = (
            passed * 3600.0 / rate,
            voltage,
            np.full(SAMPLES, rate * FULL * AREA),
            capacity,
            capacity * voltage,
        )
        for name, values in zip(schema.SAMPLED, (*curve, np.full(SAMPLES, 353.15)), strict=True):
            curves[name][where] = values
        total = share * FULL * AREA
        values = (total, total / AREA * 0.1, share * 160.0, share, total * 3.3, 3.3)
        names = (
            "capacity",
            "areal_capacity",
            "specific_capacity",
            "utilization",
            "energy",
            "mean_voltage",
        )
        for name, value in zip(names, values, strict=True):
            numbers[name][where] = value
    dimensions = tuple(swept)
    dataset = xr.Dataset(
        {name: ((*dimensions, "sample"), values, described(name)) for name, values in curves.items()},
        coords={name: (name, values, COORDINATES.get(name, {})) for name, values in swept.items()},
    )
    for name, values in numbers.items():
        dataset[name] = (dimensions, values, described(name))
    for name, flags in (("status", status), ("end_cause", end_cause)):
        dataset[name] = (dimensions, flags, schema.flag_attributes(name, name))
    dataset["message"] = (dimensions, message, {"units": "1", "long_name": "message"})
    return dataset


def with_steps(dataset: xr.Dataset, cycles: int, steps: int) -> xr.Dataset:
    """Return the same runs as a protocol of several cycles and steps, one after another in time."""
    repeated = dataset.expand_dims(cycle=cycles, step=steps)
    order = [str(name) for name in dataset["status"].dims]
    last = dataset["time"].isel(sample=-1, drop=True)
    number = xr.DataArray(np.arange(cycles * steps).reshape(cycles, steps), dims=("cycle", "step"))
    changed = dataset.copy()
    for name in schema.SAMPLED:
        changed[name] = repeated[name].transpose(*order, "cycle", "step", "sample").assign_attrs(described(name))
    changed["time"] = (changed["time"] + number * last).assign_attrs(described("time"))
    return changed


def with_profiles(dataset: xr.Dataset, separator: float = 20e-6, electrode: float = 60e-6) -> xr.Dataset:
    """Return the same runs with made-up profiles; thicknesses in [m]."""
    order = tuple(str(name) for name in dataset["status"].dims)
    in_separator = (np.arange(10) + 0.5) / 10 * separator
    in_electrode = separator + (np.arange(30) + 0.5) / 30 * electrode
    nodes = {"x": np.concatenate([in_separator, in_electrode]), "x_electrode": in_electrode}
    share = np.linspace(0.0, 1.0, 11)
    duration = dataset["time"].isel(sample=-1).values
    shape = dataset["status"].shape
    changed = dataset.copy()
    changed["profile_time"] = (
        (*order, "profile_sample"),
        duration[..., None] * share,
        described("profile_time"),
    )
    for name, coordinate, scale in (
        ("electrolyte_concentration", "x", 1000.0),
        ("electrolyte_potential", "x", -0.05),
        ("reaction_current_density", "x_electrode", -1.0),
    ):
        values = scale * (1.0 + share[:, None] * (0.5 - nodes[coordinate] / (separator + electrode)))
        dimensions = (*order, *schema.PROFILES[name].dimensions)
        changed[name] = (dimensions, np.broadcast_to(values, (*shape, *values.shape)), described(name))
    for name, values in nodes.items():
        table = schema.COORDINATES[name]
        changed = changed.assign_coords({name: (table.dimensions, values, described(name))})
    return changed


def described(name: str) -> dict[str, str]:
    """Return the attributes the schema gives a variable."""
    tables = {**schema.SAMPLED, **schema.PER_RUN, **schema.PROFILES, **schema.COORDINATES}
    return {"units": tables[name].units, "long_name": tables[name].long_name}
