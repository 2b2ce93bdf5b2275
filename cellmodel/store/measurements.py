"""One polarisation study or impedance in one netCDF file; results of other inputs are kept unless overwritten.

It knows no solver and no study.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import xarray as xr

from cellmodel.errors import Problem, ResultsError
from cellmodel.inputs import switch
from cellmodel.store.replacing import check_replaceable, replace_netcdf
from cellmodel.store.targets import check_target

IDENTITY = ("study", "digest", "temperature", "cellmodel_version")
"""Attributes that say whether a file holds results of the same inputs."""


def write_measurement(dataset: xr.Dataset, path: str | Path, overwrite: bool = False) -> Path:
    """Write a dataset of `cellmodel.characterisation` as netCDF.

    Parameters
    ----------
    dataset : xarray.Dataset
        With the attributes that those give.
    path : str or pathlib.Path
        Where to, ending in .nc.
    overwrite : bool, optional
        Replace results of other inputs.

    Returns
    -------
    pathlib.Path
        The file.

    Raises
    ------
    ResultsError
        If the file holds other results, or cannot be written.
    """
    target = check_measurement(path, dataset.attrs, overwrite)
    replace_netcdf(dataset, target)
    return target


def check_measurement(path: str | Path, identity: Mapping[str, object], overwrite: bool = False) -> Path:
    """Say before the work that results cannot be written, or would replace those of other inputs.

    Parameters
    ----------
    path : str or pathlib.Path
        The file.
    identity : mapping
        What is known of `IDENTITY` before the work; what is missing is not compared.
    overwrite : bool, optional
        Replace results of other inputs.

    Returns
    -------
    pathlib.Path
        The file.

    Raises
    ------
    ResultsError
        As of `write_measurement`.
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
