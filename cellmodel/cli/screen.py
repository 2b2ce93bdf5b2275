"""What the commands share: errors as a list on stderr, consoles, and the words of options.

Nothing here knows cells or results.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from cellmodel.errors import CellModelError
from cellmodel.execution.stopping import Stopped, exit_code, signals_stop, was_stopped, what_is_kept

if TYPE_CHECKING:
    from rich.console import Console

PROBLEMS, RUNS_FAILED = 1, 3  # exit codes; 2 is a usage error, 128 and its number a signal (Ctrl-C 130)
_WIDTH_WITHOUT_TERMINAL = 240

Overrides = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="PATH=VALUE", help="change a number; the unit is mandatory; may be repeated"),
]


class Commands(TyperGroup):
    """The commands; an error of cellmodel ends any of them with all its problems and exit code 1."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Read the command line and run the command; a signal ends it wherever it is."""
        with signals_stop(final=True):
            return super().main(*args, **kwargs)

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was asked for."""
        try:
            with told_how_to_resume(None):
                return super().invoke(ctx)
        except CellModelError as error:
            report(error)
            raise typer.Exit(PROBLEMS) from None


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
    """Return a console; where the output is not a terminal, wide enough that no table is cut."""
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    return Console(
        stderr=stderr,
        width=None if stream.isatty() else _WIDTH_WITHOUT_TERMINAL,
        highlight=False,
        soft_wrap=False,
    )


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
