"""`run`, `plot`, `export`, `convert`: from the name of a study to results, and from these to figures and files."""

from __future__ import annotations

import gc
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cellmodel.cli.commands import RUNS_FAILED, signals_as_exit_codes
from cellmodel.cli.console import console, progress_bar
from cellmodel.cli.options import (
    Changes,
    Extrapolate,
    NoPlot,
    Output,
    Overwrite,
    OverwriteOutput,
    ResultsFolder,
    StoredResults,
    overrides,
)
from cellmodel.inputs import name_or_path

if TYPE_CHECKING:
    import xarray as xr

    from cellmodel.plotting import Measured
    from cellmodel.study import Study

_FOLDER = Path("results")


class Format(StrEnum):
    """What `export` can write."""

    netcdf = "netcdf"
    csv = "csv"
    bdf = "bdf"


_ENDINGS = {Format.netcdf: ".nc", Format.csv: ".csv", Format.bdf: ".bdf.csv"}


def run_named_study(
    study: Annotated[str, typer.Argument(metavar="STUDY|FILE", help="name of a study, or its TOML file")],
    results: ResultsFolder = Path("results"),
    changes: Changes = None,
    model: Annotated[str | None, typer.Option(help="DFN, SPMe or SPM instead of the study's model")] = None,
    mesh: Annotated[str | None, typer.Option(help="default or fast instead of the study's mesh")] = None,
    solver: Annotated[str | None, typer.Option(help="idaklu or casadi instead of the study's solver")] = None,
    extrapolate: Extrapolate = False,
    compiled: Annotated[
        bool, typer.Option("--compiled", help="compile the model first (gcc): pays from some hundred runs on")
    ] = False,
    workers: Annotated[
        int | None, typer.Option(min=1, show_default="all cores, as soon as it pays", help="processes; 1 is this one")
    ] = None,
    dask: Annotated[str | None, typer.Option(metavar="ADDRESS", help="Dask scheduler, e.g. tcp://host:8786")] = None,
    time_limit: Annotated[
        str | None, typer.Option(metavar="TIME", help="longest wall time of a run, e.g. '60 s'")
    ] = None,
    overwrite: Overwrite = False,
    yes: Annotated[bool, typer.Option("--yes", help="more than a million runs are meant")] = False,
    no_plot: NoPlot = False,
) -> None:
    """Run a study: results go to `results/STUDY.zarr`, a figure to `results/STUDY.png`.

    **Examples**

    * `cellmodel run lfp_rate_capability`
    * `cellmodel run my_study.toml --results elsewhere`
    * `cellmodel run my_study.toml --workers 8 --time-limit "60 s"`
    * `cellmodel run my_study.toml --dask tcp://cluster:8786`
    * `cellmodel run first_discharge --set "cell.separator.thickness=30 um" --overwrite`
    """
    if workers is not None and dask is not None:
        raise typer.BadParameter("give --workers or --dask, not both")
    changed = overrides(changes)
    options = {"model": model, "mesh": mesh, "solver": solver, "compiled": compiled or None, "time_limit": time_limit}
    with _garbage_collector_off():
        from cellmodel.cli.summary import flag_value, steps_table, summary_table

        asked = _study_with(study, changed, options)
        from cellmodel.store.targets import check_target
        from cellmodel.study import run_study
    if not no_plot:
        check_target(results / f"{asked.name}.png")
    with signals_as_exit_codes(results / f"{asked.name}.zarr"), progress_bar(asked.name, remaining=True) as advance:
        who = workers or "auto" if dask is None else dask
        dataset = run_study(asked, results, overwrite, extrapolate or None, advance, who, confirmed=yes)
    for table in (summary_table(dataset), steps_table(dataset)):
        if table is not None:
            console().print(table)
    typer.echo(f"results: {results / asked.name}.zarr")
    if not no_plot:
        _draw(dataset, results / f"{asked.name}.png")
    failed = {flag_value(dataset["status"], word) for word in ("failed", "timeout", "not_run")}
    if dataset["status"].isin(list(failed)).any():
        raise typer.Exit(RUNS_FAILED)


def _draw(dataset: xr.Dataset, target: Path) -> None:
    """Write the figure, or say why there is none: the results are there all the same."""
    from cellmodel.errors import ResultsError
    from cellmodel.plotting import plot_results, save_figure

    try:
        figure = plot_results(dataset)
    except ResultsError as error:
        typer.echo(f"no figure: {error}", err=True)
    else:
        typer.echo(f"figure: {save_figure(figure, target)}")


def _study_with(name: str, changed: Mapping[str, str], options: Mapping[str, str | bool | None]) -> Study:
    """Return a study as if its file said what the command line says."""
    from cellmodel.errors import StudyError
    from cellmodel.schemas import find_file
    from cellmodel.study import parse_study
    from cellmodel.toml_files import read_toml

    path = find_file(name, "study", StudyError)
    values = read_toml(path, StudyError)
    given = {key: word for key, word in options.items() if word is not None}
    return parse_study({**values, **given}, str(path), changed)


@contextmanager
def _garbage_collector_off() -> Iterator[None]:
    """Keep the garbage collector from walking through modules that live as long as the process: a fifth of a run."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def plot_from_results(
    results: StoredResults,
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
    overwrite: OverwriteOutput = False,
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
    path = _stored(results)
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
    results: StoredResults,
    form: Annotated[Format, typer.Option("--format", help="netCDF, CSV, or Battery Data Format")],
    output: Output = None,
    overwrite: OverwriteOutput = False,
) -> None:
    """Write stored results for other programs.

    Without `--output` they go beside the results; in BDF several runs get one file each, in a folder.

    **Examples**

    * `cellmodel export lfp_rate_capability --format netcdf`
    * `cellmodel export results/first_discharge.zarr --format bdf --output discharge.bdf.csv`
    """
    path = _stored(results)
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


def _stored(results: str) -> Path:
    path = Path(name_or_path(results, "command line", "RESULTS", "a folder ending in .zarr, or a study's name"))
    try:
        return path if path.exists() else _FOLDER / path
    except OSError:  # a name that no file can have
        return _FOLDER / path
