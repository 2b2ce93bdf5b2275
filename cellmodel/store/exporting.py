"""Results for other programs: netCDF, CSV, and the columns of the Battery Data Format.

BDF counts a charging current positive, the datasets of this package a discharging one; the sign is turned
here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Hashable
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from cellmodel.errors import Problem, ResultsError, choices

FORMATS = ("netcdf", "csv", "bdf")
_SAMPLED = ("time", "voltage", "current", "discharge_capacity", "discharge_energy", "temperature")
_ORDER = ("cycle", "step", "sample")


def export(dataset: xr.Dataset, path: str | Path, format: str = "netcdf") -> list[Path]:  # noqa: A002
    """Write results for other programs.

    Parameters
    ----------
    dataset : xarray.Dataset
        One run or a study.
    path : str or pathlib.Path
        File to write; for several runs in BDF, where a file holds one test, a folder that gets one file each.
    format : str
        "netcdf"; "csv": one row per sample with the swept quantities as columns; or "bdf".

    Returns
    -------
    list of pathlib.Path
        The files written.

    Raises
    ------
    ResultsError
        Unknown format, nothing to export, or the file cannot be written.
    """
    place = Path(path)
    if format not in FORMATS:
        raise ResultsError(Problem("export", "format", repr(format), choices(format, FORMATS)))
    try:
        if format == "netcdf":
            place.parent.mkdir(parents=True, exist_ok=True)
            _portable(dataset).to_netcdf(place, engine="h5netcdf", encoding=_packed(dataset))
            return [place]
        runs = _runs(dataset)
        if not runs:
            raise ResultsError(Problem("export", "status", "no finished run", "at least one"))
        if format == "csv":
            place.parent.mkdir(parents=True, exist_ok=True)
            pd.concat([_rows(labels, run) for labels, run in runs]).to_csv(place, index=False)
            return [place]
        return _write_bdf(runs, place)
    except OSError as error:
        found = error.strerror or str(error)
        raise ResultsError(Problem(str(place), "export", found, "a file that can be written")) from error


def _portable(dataset: xr.Dataset) -> xr.Dataset:
    """Return the dataset with text as plain objects and flags of their variable's kind."""
    changed = dataset.copy()
    for name, variable in dataset.variables.items():
        if variable.dtype.kind in "UST" and name not in dataset.indexes:
            changed[name] = variable.astype(object)
    for variable in changed.variables.values():
        if "flag_values" in variable.attrs:
            variable.attrs["flag_values"] = np.array(variable.attrs["flag_values"], dtype=variable.dtype)
        variable.encoding = {}
    return changed


def _packed(dataset: xr.Dataset) -> dict[Hashable, dict[str, object]]:
    return {
        name: {"zlib": True, "complevel": 4}
        for name, variable in dataset.variables.items()
        if variable.ndim and variable.dtype.kind in "fiu"
    }


def _runs(dataset: xr.Dataset) -> list[tuple[dict[str, object], xr.Dataset]]:
    """Return every finished run with the values of its swept quantities."""
    swept = [str(dim) for dim in dataset["status"].dims]
    found = []
    for index in np.ndindex(*(dataset.sizes[dim] for dim in swept)):
        run = dataset.isel(dict(zip(swept, index, strict=True)))
        if int(run["status"]) in (1, 2):
            found.append(({dim: run[dim].item() for dim in swept}, run))
    return found


def _flat(run: xr.Dataset) -> pd.DataFrame:
    """Return the samples of one run in order of time, one row each, what did not run left out."""
    names = [name for name in _SAMPLED if name in run]
    samples = run[names].reset_coords(drop=True).transpose(*(dim for dim in _ORDER if dim in run["time"].dims))
    frame = pd.DataFrame({name: samples[name].values.ravel() for name in names})
    for name, default in (("cycle", "cycle_index"), ("step", "step_index")):
        index = (
            run[default].broadcast_like(samples["time"]).transpose(*samples["time"].dims) if default in run else None
        )
        frame.insert(0, name, 1 if index is None else index.values.ravel())
    return frame[frame["time"].notna()]


def _rows(labels: dict[str, object], run: xr.Dataset) -> pd.DataFrame:
    frame = _flat(run)
    frame = frame.rename(
        columns={name: f"{name} [{run[name].attrs.get('units', '1')}]" for name in _SAMPLED if name in run}
    )
    for position, (name, value) in enumerate(labels.items()):
        frame.insert(position, name, value)
    return frame


def _write_bdf(runs: list[tuple[dict[str, object], xr.Dataset]], place: Path) -> list[Path]:
    files = []
    for labels, run in runs:
        file = place
        if len(runs) > 1:
            words = [
                f"{name}_{value:.6g}" if isinstance(value, float) else str(value) for name, value in labels.items()
            ]
            file = place / ("__".join(words).replace("/", "_") + ".bdf.csv")
        file.parent.mkdir(parents=True, exist_ok=True)
        flat = _flat(run)
        moved = np.diff(flat["discharge_capacity"], prepend=flat["discharge_capacity"].iloc[:1])
        pd.DataFrame(
            {
                "Test Time / s": flat["time"],
                "Voltage / V": flat["voltage"],
                "Current / A": 0.0 - flat["current"],
                "Cycle Count / 1": flat["cycle"],
                "Step Count / 1": flat["step"],
                "Ambient Temperature / degC": flat["temperature"] - 273.15,
                "Discharging Capacity / Ah": np.cumsum(np.maximum(moved, 0.0)),
                "Charging Capacity / Ah": np.cumsum(np.maximum(0.0 - moved, 0.0)),
            }
        ).to_csv(file, index=False)
        files.append(file)
    return files
