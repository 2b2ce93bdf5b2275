"""Results in one netCDF file: never through a link, never over what this package did not write or over other inputs.

The file is written beside its place and then takes it, so that a death leaves the old one or the new. It knows no
solver and no study.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import xarray as xr

from cellmodel.errors import Problem, ResultsError
from cellmodel.inputs import switch
from cellmodel.store.targets import check_target, whole_file

IDENTITY = ("study", "digest", "temperature", "cellmodel_version")
"""Attributes that say whether a file holds results of the same inputs."""
_OURS = ("cellmodel_version", "verdict", "model_version", "store_version")
"""Attributes of which a file of this package has one at least."""


def write_measurement(dataset: xr.Dataset, path: str | Path, overwrite: bool = False) -> Path:
    """Write a dataset with the attributes of `IDENTITY` to a .nc file; ResultsError as of `check_measurement`."""
    target = check_measurement(path, dataset.attrs, overwrite)
    replace_netcdf(dataset, target)
    return target


def check_measurement(path: str | Path, identity: Mapping[str, object], overwrite: bool = False) -> Path:
    """Return a file that may be written; ResultsError if it cannot be, or holds other results and `overwrite` is False.

    `identity` is what is known of `IDENTITY` before the work; what is missing is not compared.
    """
    target = check_target(path, (".nc",))
    check_replaceable(target)
    if switch(overwrite, "write_measurement", "overwrite", ResultsError) or not target.exists():
        return target
    with xr.open_dataset(target, engine="h5netcdf") as stored:
        found = {name: stored.attrs.get(name) for name in IDENTITY}
    other = [name for name in IDENTITY if name in identity and found[name] != identity[name]]
    if other:
        wanted = "the same inputs, another folder, or --overwrite"
        raise ResultsError(Problem(str(target), ", ".join(other), "results of other inputs", wanted))
    return target


def replace_netcdf(dataset: xr.Dataset, path: Path) -> None:
    """Write a dataset in the place of an older file of this package; ResultsError if it cannot be written there."""
    check_replaceable(path)
    with whole_file(path) as partial:
        dataset.to_netcdf(partial, engine="h5netcdf")


def check_replaceable(path: Path) -> None:
    """Raise unless nothing is at a path, or a netCDF file of this package."""
    if not os.path.lexists(path):
        return
    found = "a symbolic link" if path.is_symlink() else "no file"
    if path.is_file() and not path.is_symlink():
        try:
            with xr.open_dataset(path, engine="h5netcdf", decode_cf=False) as stored:
                if any(name in stored.attrs for name in _OURS):
                    return
            found = "a file of another program"
        except Exception:  # HDF5 has many words for a file that is none
            found = "no netCDF file"
    raise ResultsError(Problem(str(path), "file", found, "a file that cellmodel wrote, or none; nothing was replaced"))
