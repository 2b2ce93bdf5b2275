"""What the commands share: errors as a list on stderr, consoles, and the words of options.

Nothing here knows cells or results.
"""

from __future__ import annotations

import errno
import os
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from typer.core import TyperCommand, TyperGroup

from cellmodel.cli.plain_text import in_ascii, make_writable, shows_all
from cellmodel.errors import CellModelError, shortened
from cellmodel.execution.stopping import Stopped, exit_code, signals_stop, was_stopped, what_is_kept

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

PROBLEMS, RUNS_FAILED = 1, 3  # exit codes; 2 is a usage error, 128 and its number a signal (Ctrl-C 130)
_WIDTH_WITHOUT_TERMINAL = 240
_BLANKS = re.compile("[ ]+$", re.MULTILINE)

Overrides = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="PATH=VALUE", help="change a number; the unit is mandatory; may be repeated"),
]


_WrongUsage: Any = typer.BadParameter.__mro__[1]  # UsageError, whose module typer does not make public


class Commands(TyperGroup):
    """The commands; an error of cellmodel ends any of them with all its problems and exit code 1."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run from a command line, whatever the output can show and as long as somebody reads it; a signal ends it."""
        make_writable(sys.stdout)
        make_writable(sys.stderr)
        try:
            with signals_stop(final=True):
                return super().main(*args, **kwargs)
        except OSError as error:
            _end_without_output(error)

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was asked for."""
        try:
            with told_how_to_resume(None):
                return super().invoke(ctx)
        except CellModelError as error:
            report(error)
            raise typer.Exit(PROBLEMS) from None
        except _WrongUsage as error:
            raise _told_briefly(error) from None


class Command(TyperCommand):
    """One command; an option that is given twice is an error where only one of its values could count."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the words after the command's name."""
        words = list(args)
        _, _, given = self.make_parser(ctx).parse_args(args=list(args)) if args else ({}, [], [])
        for option in given:
            once = option.param_type_name == "option" and not option.multiple and not getattr(option, "is_flag", False)
            if once and given.count(option) > 1:
                raise _WrongUsage(f"{option.opts[0]} is given {given.count(option)} times", ctx)
        return super().parse_args(ctx, words)


def _told_briefly(error: Any) -> Any:
    """Return an error of usage whose message is as short as all others: it repeats what was typed."""
    error.message = shortened(error.message)
    return error


@contextmanager
def told_how_to_resume(results: Path | None) -> Iterator[None]:
    """Turn Ctrl-C, SIGTERM and SIGHUP into a sentence and the exit code that shells know.

    Parameters
    ----------
    results : pathlib.Path or None
        Where what is finished is kept; None: the command writes at its end only.
    """
    try:
        yield
    except (KeyboardInterrupt, Stopped, OSError) as stop:
        if isinstance(stop, OSError) and not was_stopped():  # else a terminal that is gone
            raise
        with suppress(OSError):
            typer.echo(f"stopped: {what_is_kept(results, 'command')}", err=True)
        raise typer.Exit(exit_code(stop)) from None


def report(error: CellModelError) -> None:
    """Write every problem of an error to stderr, one per line."""
    typer.echo(str(error), err=True)


def console(stderr: bool = False) -> Console:
    """Return a console; where the output is not a terminal, wide enough that no table is cut, and without colour.

    Texts are printed as they are: brackets are units here, not markup. Styles are given as arguments.
    """
    from rich.console import Console
    from rich.table import Table

    from cellmodel.cli.fitting import fitted

    stream = sys.stderr if stderr else sys.stdout
    plain, terminal = not shows_all(stream), stream is not None and stream.isatty()

    class Screen(Console):
        """Measures and prints in the characters that the stream has."""

        def render_str(self, text: str, **options: Any) -> Text:
            """Return a text as it will be printed."""
            return super().render_str(in_ascii(text) if plain else text, **options)

        def print(self, *objects: Any, **options: Any) -> None:
            """Print; tables are fitted to the width. A file gets no blanks at the ends of its lines."""
            shown = [fitted(self, one) if isinstance(one, Table) else one for one in objects]
            if terminal:
                super().print(*shown, **options)
                return
            with self.capture() as caught:
                super().print(*shown, **options)
            self.file.write(_BLANKS.sub("", caught.get()))
            self.file.flush()

    return Screen(
        stderr=stderr,
        width=None if terminal else _WIDTH_WITHOUT_TERMINAL,
        force_terminal=terminal,
        markup=False,
        highlight=False,
        emoji=False,
        soft_wrap=False,
    )


def plain_table(heads: Sequence[str], title: str | None = None) -> Table:
    """Return a table without frames: numbers to the right, and words broken between lines, never cut."""
    from rich.table import Table

    table = Table(title=title, title_justify="left", title_style="bold", box=None, padding=(0, 1), header_style="bold")
    for place, head in enumerate(heads):
        table.add_column(head, justify="right" if place else "left", overflow="fold")
    return table


def titled(title: str, text: str, last: str = "", style: str = "") -> Text:
    """Return "title: text" with a bold title, and one more word in a style of its own."""
    from rich.text import Text

    return Text.assemble((title, "bold"), ": ", text, (last, style))


def _end_without_output(error: OSError) -> NoReturn:
    """Say in one sentence that a file or the output itself failed; the interpreter must not try to write it again."""
    place = error.filename or "output"
    silent = os.open(os.devnull, os.O_WRONLY)
    for number, stream in ((1, sys.stdout), (2, sys.stderr)):
        try:
            if stream is not None:
                stream.flush()
        except (OSError, ValueError):
            os.dup2(silent, number)
    if sys.stderr is not None and error.errno != errno.EPIPE:
        typer.echo(f"{shortened(str(place))}: {error.strerror or error}", err=True)
    sys.exit(PROBLEMS)


def overrides(words: Sequence[str]) -> dict[str, str]:
    """Return `--set PATH=VALUE` options as a mapping; the values stay text with their unit.

    Parameters
    ----------
    words : sequence of str
        Such as 'cell.separator.thickness=30 um'.

    Returns
    -------
    dict of str to str
        The text of each value by its path.

    Raises
    ------
    typer.BadParameter
        If a word has no "=", or a path stands twice.
    """
    found: dict[str, str] = {}
    for word in words:
        path, equals, value = word.partition("=")
        if not equals or not path.strip() or not value.strip():
            raise typer.BadParameter(f"{word!r} is not PATH=VALUE, such as 'cell.separator.thickness=30 um'")
        if path.strip() in found:
            raise typer.BadParameter(f"{path.strip()!r} is set twice")
        found[path.strip()] = value.strip().strip("\"'")
    return found
