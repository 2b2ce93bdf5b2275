"""Results from disk: a study's Zarr folder as a labelled dataset that reads what is asked for, when it is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import xarray as xr

from cellmodel.errors import Problem, ResultsError, choices
from cellmodel.store.writing import STORE_VERSION, recover


def open_results(path: str | Path) -> xr.Dataset:
    """Return the results in a Zarr folder, or in a netCDF file that `export` wrote.

    Parameters
    ----------
    path : str or pathlib.Path
        Folder results/<study>.zarr (the ending may be left out), or a file ending in .nc.

    Returns
    -------
    xarray.Dataset
        Values are read when they are used.

    Raises
    ------
    ResultsError
        Nothing is there (the nearest names are offered), or it is not a store of cellmodel.
    """
    place = Path(path)
    if place.suffix == ".nc" and place.is_file():
        return xr.open_dataset(place, engine="h5netcdf")
    place = place if place.suffix == ".zarr" else place.with_name(place.name + ".zarr")
    recover(place)
    if not place.is_dir():
        known = [found.name for found in place.parent.glob("*.zarr")] if place.parent.is_dir() else []
        raise ResultsError(Problem(str(place.parent), "results", place.name, choices(place.name, known)))
    try:
        dataset = xr.open_zarr(place, chunks=None, zarr_format=2, consolidated=True)
    except (OSError, ValueError, KeyError) as error:
        found = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ResultsError(Problem(str(place), "results", found, "a store written by cellmodel")) from error
    version = dataset.attrs.get("store_version")
    if "status" not in dataset or version != STORE_VERSION:
        found = f"store version {version}" if version is not None else "no store version"
        raise ResultsError(Problem(str(place), "store_version", found, f"version {STORE_VERSION}"))
    for variable in dataset.variables.values():
        if "flag_values" in variable.attrs:
            variable.attrs["flag_values"] = np.array(variable.attrs["flag_values"], dtype=variable.dtype)
    return dataset
