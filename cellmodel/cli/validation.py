"""`validate`: run the checks, print what each found, say by the exit code whether all of it holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from cellmodel.cli.screen import PROBLEMS, console, titled

_STYLES = {"pass": "green", "known deviation": "yellow", "skipped": "dim"}


def validate_model(
    only: Annotated[
        list[str] | None, typer.Option("--only", metavar="NAME", help="one check or group; may be repeated")
    ] = None,
    plot: Annotated[bool, typer.Option("--plot", help="draw each check beside its reference")] = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="print the table in Markdown")] = False,
    data: Annotated[
        Path | None, typer.Option(metavar="DIR", help="folder of measured curves; default ../shared/data")
    ] = None,
    results: Annotated[Path, typer.Option(metavar="DIR", help="folder for figures")] = Path("results"),
) -> None:
    """Hold the model against theory, another code, published curves and measured data.

    A line passes, is a known deviation (with its explanation), is skipped because measured data are not on this
    machine, or fails. The exit code is 1 if a line fails or a check did not run.

    **Examples**

    * `cellmodel validate`
    * `cellmodel validate --only doyle1993_figure2 --plot`
    * `cellmodel validate --only "closed forms"`
    """
    if data is not None and not data.is_dir():
        raise typer.BadParameter(f"{data} is not a folder", param_hint="--data")
    from cellmodel.store.targets import check_folder
    from cellmodel.validation import markdown_table, validate

    if plot:
        check_folder(results / "validation")

    with _progress_bar() as advance:
        report = validate(only or (), data, advance)
    if markdown:
        typer.echo(markdown_table(report.table))
    else:
        _print(report.table)
    if plot:
        from cellmodel.plotting import plot_comparison, save_figure

        for name, curves in report.curves.items():
            target = results / "validation" / f"{name}.png"
            typer.echo(f"figure: {save_figure(plot_comparison(curves), target)}")
    if not report.sound:
        raise typer.Exit(PROBLEMS)


def _print(table: Any) -> None:
    """Print the lines by group, then what needs words, then how many ended how."""
    from rich.table import Table
    from rich.text import Text

    from cellmodel.validation.report import counts, explanations, rows_of

    rows, screen = rows_of(table), console()
    for group in dict.fromkeys(row["group"] for row in rows):
        printed = Table(title=group, title_justify="left", title_style="bold", box=None, padding=(0, 1))
        printed.add_column("check", overflow="fold")
        printed.add_column("reference (DOI)", overflow="fold")
        for name in ("deviation", "stock PyBaMM", "tolerance"):
            printed.add_column(name, justify="right", no_wrap=True)
        printed.add_column("verdict", no_wrap=True)
        for row in (row for row in rows if row["group"] == group):
            reference = f"{row['reference']} ({row['doi']})" if row["doi"] else row["reference"]
            style = _STYLES.get(row["verdict"], "bold red")
            numbers = (row["deviation"], row["stock"], row["tolerance"])
            printed.add_row(row["what"], reference, *numbers, Text(row["verdict"], style))
        screen.print(printed)
        screen.print()
    for row in rows:
        if row["remark"]:
            screen.print(titled(row["line"], row["remark"]))
    screen.print()
    for text, names in explanations(table).items():
        screen.print(titled(", ".join(names), text))
    screen.print()
    screen.print(counts(table))


@contextmanager
def _progress_bar() -> Iterator[Callable[[int, int, str], None]]:
    """Show the check that runs, checks done and time passed on stderr."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console(stderr=True)) as bar:
        task = bar.add_task("validate", total=None)
        yield lambda done, total, name: bar.update(
            task, completed=done, total=total, description=name or "validate", refresh=True
        )
