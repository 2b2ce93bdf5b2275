"""`plot` and `export`: from stored results to a figure or to files other programs read."""

from __future__ import annotations

import warnings
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cellmodel.inputs import name_or_path

if TYPE_CHECKING:
    import xarray as xr

    from cellmodel.plotting import Measured

Results = Annotated[str, typer.Argument(metavar="RESULTS", help="a .zarr folder, or the name of a study in results/")]
Output = Annotated[Path | None, typer.Option("--output", "-o", metavar="FILE", help="where to write")]
Replace = Annotated[bool, typer.Option("--overwrite", help="replace the file of --output if it is there")]
_FOLDER = Path("results")


class Format(StrEnum):
    """What `export` can write."""

    netcdf = "netcdf"
    csv = "csv"
    bdf = "bdf"


_ENDINGS = {Format.netcdf: ".nc", Format.csv: ".csv", Format.bdf: ".bdf.csv"}


def plot_from_results(
    results: Results,
    profiles: Annotated[
        bool, typer.Option("--profiles", help="concentration, potential and reaction at five times")
    ] = False,
    measured: Annotated[
        Path | None, typer.Option(metavar="FILE", help="CSV of measured points: capacity or time, voltage")
    ] = None,
    collapse: Annotated[
        bool, typer.Option("--collapse", help="capacities against current over limiting current, beside C-rate")
    ] = False,
    band: Annotated[
        bool, typer.Option("--band", help="median, half and nine tenths of the curves of a sample")
    ] = False,
    sensitivity: Annotated[
        bool, typer.Option("--sensitivity", help="Sobol indices: which drawn number the spread comes from")
    ] = False,
    output: Output = None,
    overwrite: Replace = False,
) -> None:
    """Draw stored results.

    The ending of `--output` is the format: .png, .pdf, .svg, .eps, .jpg, .tif or .webp; without `--output` the figure
    goes beside the results as .png.

    Measured points come from a CSV file whose header names units: `capacity [mA.h.cm-2],voltage [V]`, or
    `time [h]` instead of capacity; a column such as `temperature [degC]` or `c_rate [1]` says to which runs
    they belong.

    **Examples**

    * `cellmodel plot lfp_rate_capability`
    * `cellmodel plot results/first_discharge.zarr --profiles`
    * `cellmodel plot devaux_collapse --collapse`
    * `cellmodel plot lfp_uncertainty --band`
    * `cellmodel plot lfp_rate_capability --measured my_points.csv --output compared.pdf`
    """
    asked = {"profiles": profiles, "collapse": collapse, "band": band, "sensitivity": sensitivity}
    kinds = [kind for kind, wanted in asked.items() if wanted]
    if kinds and measured is not None:
        raise typer.BadParameter(f"--measured lays points over curves, not over --{kinds[0]}")
    if len(kinds) > 1:
        raise typer.BadParameter("one figure at a time: --" + " or --".join(kinds))
    path = _find(results)
    from cellmodel import plotting
    from cellmodel.plotting.style import FIGURE_ENDINGS
    from cellmodel.store import open_results
    from cellmodel.store.targets import check_target

    kind = f"_{kinds[0]}" if kinds else ""
    target = output or path.with_name(f"{path.stem}{kind}.png")
    check_target(target, FIGURE_ENDINGS, overwrite or output is None)
    dataset = open_results(path)
    if kinds:
        figure = getattr(plotting, f"plot_{kinds[0]}")(dataset)
    else:
        points = None if measured is None else _points(measured, dataset)
        figure = plotting.plot_results(dataset, points)
    typer.echo(f"figure: {plotting.save_figure(figure, target)}")


def export_results(
    results: Results,
    form: Annotated[Format, typer.Option("--format", help="netCDF, CSV, or Battery Data Format")],
    output: Output = None,
    overwrite: Replace = False,
) -> None:
    """Write stored results for other programs.

    Without `--output` they go beside the results; in BDF several runs get one file each, in a folder.

    **Examples**

    * `cellmodel export lfp_rate_capability --format netcdf`
    * `cellmodel export results/first_discharge.zarr --format bdf --output discharge.bdf.csv`
    """
    path = _find(results)
    from cellmodel.store import export, open_results
    from cellmodel.store.targets import check_folder, check_target

    dataset = open_results(path)
    one_file = form is not Format.bdf or dataset["status"].size == 1
    place = output or path.with_suffix(_ENDINGS[form] if one_file else "")
    if one_file:
        check_target(place, overwrite=overwrite or output is None)
    else:
        check_folder(place, empty=not overwrite and output is not None)
    for written in export(dataset, place, form.value):
        typer.echo(str(written))


def convert_results(
    store: Annotated[Path, typer.Argument(metavar="STORE", help="a .zarr folder of cellmodel 0.1")],
) -> None:
    """Rewrite results of cellmodel 0.1 as this version stores them, in their place.

    Nothing is computed: values stay, variables have the names of this version.

    **Examples**

    * `cellmodel convert results/lfp_rate_capability.zarr`
    """
    from cellmodel.store.converting import convert_store

    typer.echo(f"results: {convert_store(store)}")


def _points(file: Path, dataset: xr.Dataset) -> Measured:
    """Return measured points; what is not drawn of them is told on stderr."""
    from cellmodel.plotting import read_measured

    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        found = read_measured(file, dataset)
    for warning in told:
        typer.echo(f"warning: {warning.message}", err=True)
    return found


def _find(results: str) -> Path:
    path = Path(name_or_path(results, "command line", "RESULTS", "a folder ending in .zarr, or a study's name"))
    try:
        return path if path.exists() else _FOLDER / path
    except OSError:  # a name that no file can have
        return _FOLDER / path
