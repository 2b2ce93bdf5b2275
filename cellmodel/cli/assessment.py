"""`claims` and `validate`: print a table of verdicts, follow one to its sources, say by the exit code what failed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from cellmodel.cli.commands import PROBLEMS, signals_as_exit_codes
from cellmodel.cli.console import console, plain_table, progress_bar, titled
from cellmodel.cli.options import Markdown


def judge_claims(
    only: Annotated[list[str] | None, typer.Option("--only", metavar="NAME", help="one claim; may be repeated")] = None,
    draws: Annotated[int | None, typer.Option(metavar="N", help="draws per claim, a multiple of 4")] = None,
    explain: Annotated[
        str | None, typer.Option("--explain", metavar="NAME", help="follow the verdict on a claim to its sources")
    ] = None,
    plot: Annotated[bool, typer.Option("--plot", help="draw the verdicts")] = False,
    markdown: Markdown = False,
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
    from cellmodel.assessment import claims_table, explain_claim, run_claims
    from cellmodel.assessment.claims import report
    from cellmodel.execution.workers import available_cores
    from cellmodel.store.targets import check_folder, check_target

    names = list(only or []) if explain is None else [explain]
    folder = check_folder(results / "claims")
    if plot:
        check_target(folder / "claims.png")
    with signals_as_exit_codes(folder), progress_bar("claims") as advance:
        assessed = run_claims(names, draws, folder, workers or available_cores(), advance)
    if explain is not None:
        _print_sections(explain_claim(assessed[explain], explain))
        return
    table = claims_table(assessed)
    if markdown:
        typer.echo(report.markdown_table(table))
    else:
        rows = _without_repeated_names(report.rows_of(table))
        _print_rows(report.columns_of(table), rows, ("claim", "cell", "design", report.BY_SET))
        console().print()
        for name, verdict in report.verdicts(table).items():
            sets = report.set_verdicts(assessed[name])
            console().print(titled(name, f"{assessed[name].attrs['text']}: {sets}", verdict, _style(verdict)))
    if plot:
        from cellmodel.plotting import plot_claims, save_figure

        typer.echo(f"figure: {save_figure(plot_claims(assessed), folder / 'claims.png')}")


def validate_model(
    only: Annotated[
        list[str] | None, typer.Option("--only", metavar="NAME", help="one check or group; may be repeated")
    ] = None,
    plot: Annotated[bool, typer.Option("--plot", help="draw each check beside its reference")] = False,
    markdown: Markdown = False,
    data: Annotated[
        Path | None, typer.Option(metavar="DIR", help="folder of measured curves; default ../shared/data")
    ] = None,
    results: Annotated[Path, typer.Option(metavar="DIR", help="folder for figures")] = Path("results"),
) -> None:
    """Hold the model against theory, another code, published curves and measured data.

    A line passes, is a known deviation (with its explanation), cannot tell (with what would let it), is skipped because
    measured data are not on this machine, or fails. The exit code is 1 if a line fails or a check did not run.

    **Examples**

    * `cellmodel validate`
    * `cellmodel validate --only doyle1993_figure2 --plot`
    * `cellmodel validate --only "closed forms"`
    * `cellmodel validate --only "measured polymer cells"`
    """
    if data is not None and not data.is_dir():
        raise typer.BadParameter(f"{data} is not a folder", param_hint="--data")
    from cellmodel.assessment import validate
    from cellmodel.assessment.checks.validation import markdown_table
    from cellmodel.store.targets import check_folder

    if plot:
        check_folder(results / "validation")
    with progress_bar("validate", refresh=True) as advance:
        report = validate(only or (), data, advance)
    if markdown:
        typer.echo(markdown_table(report.table))
    else:
        _print_checks(report.table)
    if plot:
        from cellmodel.plotting import plot_comparison, save_figure

        for name, curves in report.curves.items():
            target = results / "validation" / f"{name}.png"
            typer.echo(f"figure: {save_figure(plot_comparison(curves), target)}")
    if not report.passed:
        raise typer.Exit(PROBLEMS)


def _print_checks(table: Any) -> None:
    """Print the lines by group, then what needs words, then how many ended how."""
    from cellmodel.assessment.checks.validation import COLUMNS, counts, explanations, rows_of

    columns = {key: COLUMNS[key] for key in ("what", "reference", "deviation", "stock", "tolerance", "verdict")}
    columns |= {"what": "check", "reference": "reference (DOI)"}
    rows = rows_of(table)
    for group in dict.fromkeys(row["group"] for row in rows):
        shown = [{**row, "reference": row["reference"] + f" ({row['doi']})" * bool(row["doi"])} for row in rows]
        _print_rows(columns, [row for row in shown if row["group"] == group], ("what", "reference"), group)
        console().print()
    for row in rows:
        if row["remark"]:
            console().print(titled(row["line"], row["remark"]))
    console().print()
    for text, names in explanations(table).items():
        console().print(titled(", ".join(names), text))
    console().print()
    console().print(counts(table))


def _print_sections(sections: Iterable[Any]) -> None:
    """Print what a verdict rests on: headings, sentences and tables."""
    for section in sections:
        console().print(section.title, style="bold")
        for line in section.lines:
            console().print(f"  {line}")
        if section.rows:
            columns = {heading: heading for heading in section.rows[0]}
            _print_rows(columns, section.rows, tuple(columns), header_style="dim")
        console().print()


def _style(verdict: str) -> str:
    from cellmodel.assessment.table import STYLES

    return STYLES.get(verdict, "bold red")


def _print_rows(
    columns: Mapping[str, str],
    rows: Iterable[Mapping[str, str]],
    texts: Sequence[str],
    title: str | None = None,
    header_style: str = "bold",
) -> None:
    """Print rows of text as a table; `texts` are the columns with words, those of numbers are right-aligned."""
    from rich.text import Text

    letters = ("l" if key in (*texts, "verdict") else "r" for key in columns)
    table = plain_table(list(columns.values()), title, "".join(letters), padding=1)
    table.header_style = header_style
    for row in rows:
        cells = (Text(row[key], _style(row[key])) if key == "verdict" else row[key] for key in columns)
        table.add_row(*cells)
    console().print(table)


def _without_repeated_names(rows: Iterable[dict[str, str]]) -> Iterator[dict[str, str]]:
    """Yield rows that name a claim and a cell in their first line only."""
    last = ("", "")
    for row in rows:
        now = (row["claim"], row["cell"])
        yield {**row, "claim": "" if now[0] == last[0] else now[0], "cell": "" if now == last else now[1]}
        last = now
