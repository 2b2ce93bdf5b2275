"""The verdict on a claim in one netCDF file; it follows from the runs beside it."""

from __future__ import annotations

from pathlib import Path

import xarray as xr

from cellmodel.errors import ResultsError
from cellmodel.store.replacing import replace_netcdf


def write_claim(dataset: xr.Dataset, path: Path) -> Path:
    """Write a dataset of `cellmodel.claims`.

    Parameters
    ----------
    dataset : xarray.Dataset
        From `run_claim`.
    path : pathlib.Path
        Where to, ending in .nc.

    Returns
    -------
    pathlib.Path
        The file.

    Raises
    ------
    ResultsError
        It cannot be written.
    """
    try:
        replace_netcdf(dataset, path)
    except (OSError, ValueError) as error:
        raise ResultsError(f"{path} cannot be written: {error}") from error
    return path
