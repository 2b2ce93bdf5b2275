"""A single netCDF file in the place of an older one: never through a link, never over what this package did not write.

The file is written beside its place and then takes it, so that a death leaves the old one or the new.
"""

from __future__ import annotations

import os
from pathlib import Path

import xarray as xr

from cellmodel.errors import Problem, ResultsError
from cellmodel.store.targets import whole_file

_OURS = ("cellmodel_version", "verdict", "model_version", "store_version")
"""Attributes of which a file of this package has one at least."""


def replace_netcdf(dataset: xr.Dataset, path: Path) -> None:
    """Write a dataset as netCDF.

    Parameters
    ----------
    dataset : xarray.Dataset
        What to write.
    path : pathlib.Path
        Where to; the folder is made if it is not there.

    Raises
    ------
    ResultsError
        There is a link, or something that this package did not write; or it cannot be written.
    """
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
