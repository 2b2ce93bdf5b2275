"""One polarisation study or impedance in one netCDF file; results of other inputs are kept unless overwritten.

It knows no solver and no study.
"""

from __future__ import annotations

from pathlib import Path

import xarray as xr

from cellmodel.errors import Problem, ResultsError
from cellmodel.inputs import switch
from cellmodel.store.replacing import check_replaceable, replace_netcdf

IDENTITY = ("study", "digest", "temperature", "cellmodel_version")
"""Attributes that say whether a file holds results of the same inputs."""


def write_measurement(dataset: xr.Dataset, path: str | Path, overwrite: bool = False) -> Path:
    """Write a dataset of `cellmodel.polarisation` or `cellmodel.impedance` as netCDF.

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
    target = Path(path)
    try:
        check_replaceable(target)
        if target.exists() and not switch(overwrite, "write_measurement", "overwrite", ResultsError):
            with xr.open_dataset(target, engine="h5netcdf") as stored:
                other = [name for name in IDENTITY if stored.attrs.get(name) != dataset.attrs.get(name)]
            if other:
                wanted = "the same inputs, another folder, or --overwrite"
                raise ResultsError(Problem(str(target), ", ".join(other), "results of other inputs", wanted))
        replace_netcdf(dataset, target)
    except (OSError, ValueError) as error:
        raise ResultsError(f"{target} cannot be written: {error}") from error
    return target
