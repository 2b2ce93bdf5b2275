"""`run`: a study from its name to results, a summary and a figure."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cellmodel.cli.screen import RUNS_FAILED, Overrides, console, overrides, told_how_to_resume

if TYPE_CHECKING:
    import xarray as xr

    from cellmodel.study import Study


def run_named_study(
    study: Annotated[str, typer.Argument(metavar="STUDY|FILE", help="name of a study, or its TOML file")],
    results: Annotated[Path, typer.Option(metavar="DIR", help="folder for results and figure")] = Path("results"),
    changes: Overrides = None,
    model: Annotated[str | None, typer.Option(help="DFN, SPMe or SPM instead of the study's model")] = None,
    mesh: Annotated[str | None, typer.Option(help="default or fast instead of the study's mesh")] = None,
    solver: Annotated[str | None, typer.Option(help="idaklu or casadi instead of the study's solver")] = None,
    extrapolate: Annotated[
        bool, typer.Option("--extrapolate", help="allow temperatures and concentrations outside validity")
    ] = False,
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
    overwrite: Annotated[bool, typer.Option("--overwrite", help="replace results of other inputs")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="more than a million runs are meant")] = False,
    no_plot: Annotated[bool, typer.Option("--no-plot", help="leave the figure out")] = False,
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
    changed = overrides(changes or [])
    options = {"model": model, "mesh": mesh, "solver": solver, "compiled": compiled or None, "time_limit": time_limit}
    with _collector_at_rest():
        from cellmodel.cli.summary import flag_value, steps_table, summary_table

        asked = _study_with(study, changed, options)
        from cellmodel.store.targets import check_target
        from cellmodel.study import run_study
    if not no_plot:
        check_target(results / f"{asked.name}.png")
    with told_how_to_resume(results / f"{asked.name}.zarr"), _progress_bar(asked.name) as advance:
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
def _collector_at_rest() -> Iterator[None]:
    """Keep the garbage collector from walking through modules that live as long as the process: a fifth of a run."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


@contextmanager
def _progress_bar(name: str) -> Iterator[Callable[[int, int], None]]:
    """Show runs done, time passed and time left on stderr; give the function that moves the bar."""
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, TextColumn("left:"), TimeRemainingColumn(), console=console(stderr=True)) as bar:
        task = bar.add_task(name, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
