"""`claims`: put the industry's claims to the test, print the verdicts, follow one to its sources."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from cellmodel.cli.screen import console, titled, told_how_to_resume

_STYLES = {"holds": "green", "holds under conditions": "green", "open": "yellow", "does not hold": "red"}


def judge_claims(
    only: Annotated[list[str] | None, typer.Option("--only", metavar="NAME", help="one claim; may be repeated")] = None,
    draws: Annotated[int | None, typer.Option(metavar="N", help="draws per claim, a multiple of 4")] = None,
    explain: Annotated[
        str | None, typer.Option("--explain", metavar="NAME", help="follow the verdict on a claim to its sources")
    ] = None,
    plot: Annotated[bool, typer.Option("--plot", help="draw the verdicts")] = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="print the table in Markdown")] = False,
    results: Annotated[Path, typer.Option(metavar="DIR", help="folder for runs, verdicts and picture")] = Path(
        "results"
    ),
    workers: Annotated[
        int | None, typer.Option(min=1, show_default="all cores", help="processes; 1 is this one")
    ] = None,
) -> None:
    """Put the industry's claims to the test: each a study, its verdict a probability over what is not known.

    Runs and verdicts go to `results/claims`; what is finished is not computed again.

    **Examples**

    * `cellmodel claims`
    * `cellmodel claims --only lfp_250 --draws 64`
    * `cellmodel claims --explain lfp_250`
    * `cellmodel claims --plot`
    """
    from cellmodel.claims import claims_table, run_claims
    from cellmodel.claims.report import markdown_table, verdicts
    from cellmodel.execution.workers import available_cores
    from cellmodel.store.targets import check_folder, check_target

    names = list(only or []) if explain is None else [explain]
    folder = check_folder(results / "claims")
    if plot:
        check_target(folder / "claims.png")
    with told_how_to_resume(folder), _progress_bar() as advance:
        found = run_claims(names, draws, folder, workers or available_cores(), advance)
    if explain is not None:
        _print_sections(found[explain], explain)
        return
    table = claims_table(found)
    if markdown:
        typer.echo(markdown_table(table))
    else:
        _print_table(table)
        for name, word in verdicts(table).items():
            console().print(titled(name, f"{found[name].attrs['text']}: ", word, _STYLES.get(word, "dim")))
    if plot:
        from cellmodel.plotting import plot_claims, save_figure

        typer.echo(f"figure: {save_figure(plot_claims(found), folder / 'claims.png')}")


def _print_table(table: Any) -> None:
    from rich.table import Table
    from rich.text import Text

    from cellmodel.claims.report import COLUMNS, rows_of

    printed = Table(box=None, padding=(0, 1), header_style="bold")
    for key, heading in COLUMNS.items():
        left = key in ("claim", "cell", "design", "verdict")
        printed.add_column(heading, justify="left" if left else "right", overflow="fold")
    last = ("", "")
    for row in rows_of(table):
        style = _STYLES.get(row["verdict"], "dim")
        words = [row[key] for key in COLUMNS]
        shown = ["" if row["claim"] == last[0] else words[0], "" if (row["claim"], row["cell"]) == last else words[1]]
        last = (row["claim"], row["cell"])
        printed.add_row(*shown, *words[2:-1], Text(words[-1], style))
    console().print(printed)
    console().print()


def _print_sections(dataset: Any, name: str) -> None:
    from rich.table import Table

    from cellmodel.claims import explain_claim

    screen = console()
    for section in explain_claim(dataset, name):
        screen.print(section.title, style="bold")
        for line in section.lines:
            screen.print(f"  {line}")
        if section.head:
            printed = Table(box=None, padding=(0, 1), header_style="dim")
            for heading in section.head:
                printed.add_column(heading, overflow="fold")
            for row in section.rows:
                printed.add_row(*row)
            screen.print(printed)
        screen.print()


@contextmanager
def _progress_bar() -> Iterator[Callable[[int, int, str], None]]:
    """Show what is being done, runs done and time passed on stderr."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns: Sequence[Any] = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console(stderr=True)) as bar:
        task = bar.add_task("claims", total=None)
        yield lambda done, total, what: bar.update(task, completed=done, total=total, description=what)
