"""One labelled answer: what a design weighs, what it delivers at a rate and temperature, and what of that is assumed.

The only part of this room that runs a model. The energy is that of the simulated discharge, never a capacity times a
nominal voltage.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from os import PathLike
from typing import Any

import numpy as np
import xarray as xr

from cellmodel.dataset.assemble import versions
from cellmodel.energy import vehicle as road
from cellmodel.energy.components import LEVELS, Budget, specific_energy
from cellmodel.energy.enclosure import budget, surroundings
from cellmodel.energy.lithium import lithium_excess
from cellmodel.errors import ParameterError, Problem, ResultsError
from cellmodel.inputs import mapping
from cellmodel.parameters import (
    ComponentSet,
    ParameterSet,
    resolve_cell,
)
from cellmodel.parameters.bounds import read_temperature
from cellmodel.prepared_run import RunOptions, prepare_run
from cellmodel.simulation import simulate

PACK = "pack"
"""The level that a vehicle adds."""

_CARRIED = ("areal_capacity", "utilization", "mean_voltage", "limiting_current_ratio", "status", "end_cause")
_LABELS = {
    "layer": "layer",
    "counts_from": "level",
    "density_status": "status",
    "density_source": "source",
    "density_path": "path",
}
_LITRES = 1e3  # in 1 m3

VARIABLES: dict[str, tuple[str, str]] = {
    "mass": ("kg.m-2", "mass per area of cathode, as assembled"),
    "thickness": ("m", "volume per area of cathode, charged"),
    "level_mass": ("kg.m-2", "mass per area of cathode of everything that counts at the level"),
    "level_volume": ("m", "volume per area of cathode of everything that counts at the level, charged"),
    "gravimetric_energy": ("W.h.kg-1", "energy of the simulated discharge per mass"),
    "volumetric_energy": ("W.h.L-1", "energy of the simulated discharge per volume of the charged cell"),
    "assumed_mass_share": ("1", "share of the mass whose density is assumed"),
    "energy_per_area": ("W.h.m-2", "energy of the simulated discharge per area of cathode"),
    "current_density": ("A.m-2", "largest current density of the discharge"),
    "c_rate": ("h-1", "the same over the capacity between the cut-offs"),
    "lithium_excess": ("1", "lithium foil of the assembled cell over the lithium that the capacity moves"),
    "cell_mass": ("kg", "mass of the whole cell"),
    "cell_volume": ("L", "volume of the box around the whole cell, charged"),
    "cell_capacity": ("A.h", "charge of the simulated discharge of the whole cell"),
    "cell_energy": ("W.h", "energy of the simulated discharge of the whole cell"),
    "pack_energy": ("W.h", "energy of the simulated discharge of all cells of the pack"),
    "vehicle_range": ("m", "distance on the usable energy, heating of the cells included"),
    "unheated_range": ("m", "distance on the usable energy if the cells stay warm by themselves"),
    "heating_power": ("W", "power that keeps the cells at the temperature of the discharge"),
    "heating_share": ("1", "heating of the cells over all that leaves the pack while driving at the mean speed"),
    "parked_share": ("1", "share of the usable energy that a day of parking takes if the cells are kept warm"),
    "reheating_share": ("1", "share of the usable energy that warms cells up that cooled for a day"),
}
"""Name -> (UDUNITS unit, long name)."""


def energy_budget(
    cell: str | PathLike[str] | ParameterSet,
    format: str | PathLike[str] | ComponentSet = "pouch",  # noqa: A002
    *,
    c_rate: float | str | None = None,
    temperature: float | str | None = None,
    overrides: Mapping[str, float | str] | None = None,
    vehicle: str | PathLike[str] | ComponentSet | None = None,
    **options: Any,
) -> xr.Dataset:
    """Discharge a cell and hold the energy against the mass and the volume of every part of it.

    Parameters
    ----------
    cell : str, os.PathLike or Cell
        Name of a shipped cell, path of a cell file, or a set.
    format : str, os.PathLike or ComponentSet, optional
        Size, number of layers, tabs and pouch: a shipped format, path of its file, or a set.
    c_rate, temperature, overrides : optional
        Such as 0.1 or "C/10" (or `current_density` [A.m-2] as an option); [K] or "60 degC", default the cell's own;
        path -> SI number or text with unit, of cell, format or vehicle.
    vehicle : str, os.PathLike or ComponentSet, optional
        Adds the level "pack", the range and the heating: a shipped vehicle, path of its file, or a set.
    **options
        Passed on to `cellmodel.simulate`: `mesh`, `model`, `extrapolate`, `mechanisms`, ...

    Returns
    -------
    xarray.Dataset
        Dimensions component and level; units and long names as `VARIABLES` lists them, and what the run says of itself.

    Raises
    ------
    ParameterError, ProtocolError
        The input is wrong; layers without a density are all named. Nothing is solved.
    ResultsError
        The discharge failed.

    Examples
    --------
    >>> import cellmodel
    >>> energy = cellmodel.energy_budget("li_peo_lfp", c_rate="C/3", mesh="fast")
    >>> round(energy["gravimetric_energy"].sel(level="cell").item())  # [W.h.kg-1]
    238
    """
    parameters, enclosing, driven, held = _asked(cell, format, temperature, overrides, vehicle)
    weighed = budget(parameters, enclosing)  # before the solve: a missing density costs nothing
    run = simulate(parameters, c_rate=c_rate, temperature=held, **options)
    if not np.isfinite(run["energy"]):
        raise ResultsError(f"{parameters.name}: the discharge gave no energy: {run['message'].item()}")
    delivered = {name: float(run[name]) / parameters["cell.area"] for name in ("energy", "capacity")}
    density = float(run["current"].max()) / parameters["cell.area"]
    numbers = {"current_density": density, "c_rate": density / parameters.areal_capacity}
    excess = float(lithium_excess(parameters)) if parameters.kind.lithium_metal else np.nan
    numbers |= {"lithium_excess": excess, **_whole(weighed, delivered)}
    levels = _levels(weighed, delivered["energy"])
    if driven is not None:
        levels[PACK] = _pack_level(levels["cell"], driven)
        numbers |= _on_the_road(levels["cell"]["gravimetric_energy"], driven, held)
    return _labelled(parameters, weighed, levels, numbers, run, (enclosing, driven), held)


def energy_identity(
    cell: str | PathLike[str] | ParameterSet,
    format: str | PathLike[str] | ComponentSet = "pouch",  # noqa: A002
    *,
    c_rate: float | str | None = None,
    temperature: float | str | None = None,
    overrides: Mapping[str, float | str] | None = None,
    vehicle: str | PathLike[str] | ComponentSet | None = None,
    **options: Any,
) -> dict[str, Any]:
    """Return what tells results of `energy_budget` from others, without solving; parameters and errors are the same.

    Returns
    -------
    dict
        The attributes `study`, `cell`, `temperature` [K] and `digest` of its dataset.
    """
    parameters, enclosing, driven, held = _asked(cell, format, temperature, overrides, vehicle)
    budget(parameters, enclosing)
    run = prepare_run(parameters, options=RunOptions(c_rate=c_rate, temperature=held, **options))
    digest = _digest(run.digest, (enclosing, driven))
    return {"study": "energy", "cell": parameters.name, "temperature": held, "digest": digest}


def _digest(run_digest: str, surroundings: tuple[ComponentSet, ComponentSet | None]) -> str:
    return hashlib.sha256(repr((run_digest, _around(surroundings))).encode()).hexdigest()


def _around(surroundings: tuple[ComponentSet, ComponentSet | None]) -> list[tuple[str, float]]:
    return sorted(
        (path, record.value) for part in surroundings if part is not None for path, record in part.entries.items()
    )


def _asked(
    cell: str | PathLike[str] | ParameterSet,
    format: str | PathLike[str] | ComponentSet,  # noqa: A002
    temperature: float | str | None,
    overrides: Mapping[str, float | str] | None,
    vehicle: str | PathLike[str] | ComponentSet | None,
) -> tuple[ParameterSet, ComponentSet, ComponentSet | None, float]:
    """Return cell, format and vehicle with the overrides, and the temperature [K]."""
    own, around, of_vehicle = _split(mapping(overrides, "energy", "overrides"), vehicle is not None)
    parameters = resolve_cell(cell).replace(own)
    enclosing = surroundings(format, "format").replace(around)
    driven = None if vehicle is None else surroundings(vehicle, "vehicle").replace(of_vehicle)
    held = parameters["cell.temperature"]
    held = held if temperature is None else read_temperature(temperature, "energy")
    return parameters, enclosing, driven, held


def _split(overrides: Mapping[str, float | str], driven: bool) -> tuple[dict[str, float | str], ...]:
    """Return the overrides of cell, format and vehicle."""
    parts: dict[str, dict[str, float | str]] = {"": {}, "format": {}, "vehicle": {}}
    for path, value in overrides.items():
        role = path.partition(".")[0]
        parts[role if role in parts else ""][path] = value
    if parts["vehicle"] and not driven:
        wanted = "a vehicle to which it belongs"
        raise ParameterError([Problem("energy", path, "no vehicle", wanted) for path in parts["vehicle"]])
    return tuple(parts.values())


def _levels(weighed: Budget, energy: float) -> dict[str, dict[str, float]]:
    """Return what there is of each level, by name."""
    found = {}
    for level in LEVELS:
        mass, volume = float(weighed.mass(level)), float(weighed.volume(level))
        gravimetric, volumetric = specific_energy(energy, weighed, level)
        assumed = sum(float(part.mass) for part in weighed.counted(level) if part.status == "assumed")
        found[level] = {
            "level_mass": mass,
            "level_volume": volume,
            "gravimetric_energy": float(gravimetric),
            "volumetric_energy": float(volumetric),
            "assumed_mass_share": assumed / mass,
        }
    return found


def _pack_level(cell: Mapping[str, float], driven: ComponentSet) -> dict[str, float]:
    """Return what there is of a pack; its casing counts as assumed where the fraction is."""
    by_mass, by_volume = (driven[f"vehicle.pack.cell_{kind}_fraction"] for kind in ("mass", "volume"))
    gravimetric, volumetric = road.pack_specific_energy(
        cell["gravimetric_energy"], cell["volumetric_energy"], by_mass, by_volume
    )
    casing = 1.0 - by_mass if driven.entries["vehicle.pack.cell_mass_fraction"].status == "assumed" else 0.0
    return {
        "level_mass": cell["level_mass"] / by_mass,
        "level_volume": cell["level_volume"] / by_volume,
        "gravimetric_energy": gravimetric,
        "volumetric_energy": volumetric,
        "assumed_mass_share": cell["assumed_mass_share"] * by_mass + casing,
    }


def _whole(weighed: Budget, delivered: Mapping[str, float]) -> dict[str, float]:
    """Return the numbers of one whole cell."""
    return {
        "energy_per_area": delivered["energy"],
        "cell_mass": float(weighed.mass()) * weighed.area,
        "cell_volume": float(weighed.volume()) * weighed.area * _LITRES,
        "cell_capacity": delivered["capacity"] * weighed.area,
        "cell_energy": delivered["energy"] * weighed.area,
    }


def _on_the_road(gravimetric: float, driven: ComponentSet, temperature: float) -> dict[str, float]:
    """Return range and heating of a vehicle whose cells are kept at a temperature [K]."""
    mass, fraction, window, coefficient, heat = (
        driven[f"vehicle.pack.{name}"]
        for name in ("mass", "cell_mass_fraction", "usable_window", "heat_loss_coefficient", "specific_heat_capacity")
    )
    ambient, consumption, speed = (
        driven[f"vehicle.{name}"] for name in ("ambient_temperature", "consumption", "mean_speed")
    )
    heating = float(road.heating_power(coefficient, temperature, ambient))
    energy = road.pack_energy(gravimetric, mass, fraction)
    cooled = float(road.reheating_energy(mass * heat, coefficient, temperature, ambient))
    return {
        "pack_energy": energy,
        "vehicle_range": road.vehicle_range(gravimetric, mass, fraction, window, consumption, heating, speed),
        "unheated_range": road.vehicle_range(gravimetric, mass, fraction, window, consumption),
        "heating_power": heating,
        "heating_share": road.heating_share(heating, consumption, speed),
        "parked_share": road.parked_energy(heating) / (window * energy),
        "reheating_share": cooled / (window * energy),
    }


def _labelled(
    parameters: ParameterSet,
    weighed: Budget,
    levels: Mapping[str, Mapping[str, float]],
    numbers: Mapping[str, float],
    run: xr.Dataset,
    surroundings: tuple[ComponentSet, ComponentSet | None],
    temperature: float,
) -> xr.Dataset:
    """Return everything with names, units and where it comes from."""
    parts = weighed.components
    values: dict[str, Any] = {
        "mass": ("component", [float(part.mass) for part in parts]),
        "thickness": ("component", [float(part.thickness) for part in parts]),
        **{name: ("level", [row[name] for row in levels.values()]) for name in next(iter(levels.values()))},
        **{name: ((), value) for name, value in numbers.items()},
    }
    described = {name: (*value, _described(name)) for name, value in values.items()}
    labels = {name: ("component", [getattr(part, field) for part in parts]) for name, field in _LABELS.items()}
    coordinates = {
        "component": [part.name for part in parts],
        "level": list(levels),
        **labels,
    }
    carried = {name: run[name].reset_coords(drop=True) for name in _CARRIED}
    attributes = _attributes(parameters, run, surroundings, temperature)
    return xr.Dataset({**described, **carried}, coordinates, attributes)


def _described(name: str) -> dict[str, str]:
    units, long_name = VARIABLES[name]
    return {"units": units, "long_name": long_name}


def _attributes(
    parameters: ParameterSet,
    run: xr.Dataset,
    surroundings: tuple[ComponentSet, ComponentSet | None],
    temperature: float,
) -> dict[str, Any]:
    enclosing, driven = surroundings
    digest, around = _digest(run["run_digest"].item(), surroundings), _around(surroundings)
    names = {"format": enclosing.name, "vehicle": driven.name if driven is not None else ""}
    kept = ("parameters", "parameters_digest", "protocol", "model", "mesh", "solver", "mechanisms")
    return {
        "title": f"{parameters.name}: masses, volumes and energy",
        "study": "energy",
        "cell": parameters.name,
        **names,
        "temperature": temperature,
        "surroundings": "\n".join(f'"{path}" = {value!r}' for path, value in around),
        "digest": digest,
        **{name: run.attrs[name] for name in kept},
        **versions(),
    }
