"""Results for other programs: netCDF, CSV, and the columns of the Battery Data Format.

BDF counts a charging current positive, the datasets of this package a discharging one; the sign is turned
here and nowhere else. Its step count is a running number of the steps of the whole test, which never repeats; its
ambient temperature is that around the cell, and the cell's own, which is lumped, stands as that of its surface.
"""

from __future__ import annotations

import os
import re
from collections.abc import Hashable
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from cellmodel.errors import Problem, ResultsError, found_text
from cellmodel.inputs import name_or_path, one_of
from cellmodel.store.targets import check_folder, check_target, whole_file

FORMATS = ("netcdf", "csv", "bdf")
_SAMPLED = ("time", "voltage", "current", "discharge_capacity", "discharge_energy", "temperature")
_ORDER = ("cycle", "step", "sample")
LONGEST_NAME = 120
"""Characters of a file's name without its ending; file systems allow some 255 bytes."""
_ENDING = ".bdf.csv"
_UNSAFE = re.compile(r"[^A-Za-z0-9._+-]+")
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)


def export(
    dataset: xr.Dataset,
    path: str | os.PathLike[str],
    format: str = "netcdf",  # noqa: A002
) -> list[Path]:
    """Write results for other programs.

    Parameters
    ----------
    dataset : xarray.Dataset
        One run or a study.
    path : str or path-like
        File to write; for several runs in BDF, where a file holds one test, a folder that gets one file each.
    format : str
        "netcdf"; "csv": one row per sample with the swept quantities as columns; or "bdf".

    Returns
    -------
    list of pathlib.Path
        The files written, each once. A run that did not finish has none.

    Raises
    ------
    ResultsError
        Unknown format, no results, nothing to export, or the file cannot be written; nothing is left half written.
    """
    place = Path(name_or_path(path, "export", "path", "the path of a file", ResultsError))
    one_of(format, FORMATS, "export", "format", ResultsError)
    if not isinstance(dataset, xr.Dataset) or "status" not in dataset or "time" not in dataset:
        raise ResultsError(Problem("export", "dataset", found_text(dataset), "results: one run or a study"))
    runs = _runs(dataset) if format != "netcdf" else []
    if format != "netcdf" and not runs:
        raise ResultsError(Problem("export", "status", "no finished run", "at least one"))
    files = [place]
    if format == "bdf" and len(runs) > 1:
        files = [check_folder(place) / name for name in _names([labels for labels, _ in runs])]
    for file in files:
        check_target(file)
    if format == "bdf":
        for file, (_, run) in zip(files, runs, strict=True):
            with whole_file(file) as partial:
                _bdf(run).to_csv(partial, index=False)
        return files
    with whole_file(place) as partial:
        if format == "netcdf":
            _portable(dataset).to_netcdf(partial, engine="h5netcdf", encoding=_packed(dataset))
        else:
            pd.concat([_rows(labels, run) for labels, run in runs]).to_csv(partial, index=False)
    return files


def _portable(dataset: xr.Dataset) -> xr.Dataset:
    """Return the dataset with text as plain objects and flags of their variable's kind."""
    changed = dataset.copy()
    for name, variable in dataset.variables.items():
        if variable.dtype.kind in "UST" and name not in dataset.indexes:
            changed[name] = variable.astype(object)
    for variable in changed.variables.values():
        if "flag_values" in variable.attrs:
            variable.attrs["flag_values"] = np.array(variable.attrs["flag_values"], dtype=variable.dtype)
        if "valid_max" in variable.attrs:
            variable.attrs["valid_max"] = variable.dtype.type(variable.attrs["valid_max"])
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
    frame["ambient"] = _ambient(run, samples["time"]).values.ravel()
    return frame[frame["time"].notna()]


def _ambient(run: xr.Dataset, time: xr.DataArray) -> xr.DataArray:
    """Return the temperature around the cell [K]; of older results that do not say, what was swept, or NaN."""
    if "step_ambient_temperature" in run:
        around = run["step_ambient_temperature"]
    elif "heat" not in run and "temperature" in run:
        around = run["temperature"]
    else:
        around = run.coords["ambient_temperature"] if "ambient_temperature" in run.coords else xr.DataArray(np.nan)
    return around.broadcast_like(time).transpose(*time.dims)


def _rows(labels: dict[str, object], run: xr.Dataset) -> pd.DataFrame:
    frame = _flat(run).drop(columns="ambient")
    frame = frame.rename(
        columns={name: f"{name} [{run[name].attrs.get('units', '1')}]" for name in _SAMPLED if name in run}
    )
    for position, (name, value) in enumerate(labels.items()):
        frame.insert(position, name, value)
    return frame


def _names(runs: list[dict[str, object]]) -> list[str]:
    """Return a file name for every run: readable, safe on every file system, each once whatever the case of letters."""
    digits = {name: _told_apart([labels[name] for labels in runs]) for name in runs[0]}
    names: list[str] = []
    taken: set[str] = set()
    for labels in runs:
        words = [value if isinstance(value, str) else f"{name}_{digits[name][value]}" for name, value in labels.items()]
        stem = _UNSAFE.sub("-", "__".join(words)).strip("-.")[:LONGEST_NAME]
        stem = f"run_{stem}" if not stem or _RESERVED.match(stem) else stem
        own, number = stem, 1
        while own.casefold() in taken:
            number += 1
            own = f"{stem}_{number}"
        taken.add(own.casefold())
        names.append(own + _ENDING)
    return names


def _told_apart(values: list[object]) -> dict[object, str]:
    """Return the text of each value: six digits, or all where those do not tell two apart."""
    distinct = list(dict.fromkeys(values))
    short = {value: f"{value:.6g}" if isinstance(value, float) else str(value) for value in distinct}
    return short if len(set(short.values())) == len(distinct) else {value: str(value) for value in distinct}


def _bdf(run: xr.Dataset) -> pd.DataFrame:
    """Return one run in the columns of the Battery Data Format."""
    flat = _flat(run)
    moved = np.diff(flat["discharge_capacity"], prepend=flat["discharge_capacity"].iloc[:1])
    columns = {
        "Test Time / s": flat["time"],
        "Voltage / V": flat["voltage"],
        "Current / A": 0.0 - flat["current"],
        "Cycle Count / 1": flat["cycle"],
        "Step Count / 1": flat.groupby(["cycle", "step"], sort=False).ngroup() + 1,
        "Ambient Temperature / degC": flat["ambient"] - 273.15,
        "Surface Temperature T1 / degC": flat["temperature"] - 273.15,
        "Discharging Capacity / Ah": np.cumsum(np.maximum(moved, 0.0)),
        "Charging Capacity / Ah": np.cumsum(np.maximum(0.0 - moved, 0.0)),
    }
    if flat["ambient"].isna().all():
        del columns["Ambient Temperature / degC"]
    return pd.DataFrame(columns)
