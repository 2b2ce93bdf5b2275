"""The verdict on a claim in one netCDF file; it follows from the runs beside it."""

from __future__ import annotations

from pathlib import Path

import xarray as xr

from cellmodel.errors import ResultsError


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
        path.parent.mkdir(parents=True, exist_ok=True)
        dataset.to_netcdf(path, engine="h5netcdf")
    except (OSError, ValueError) as error:
        raise ResultsError(f"{path} cannot be written: {error}") from error
    return path
