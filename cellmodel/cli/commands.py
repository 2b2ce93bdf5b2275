"""What happens around every command: errors as a list on stderr, signals and broken output as exit codes.

Nothing here knows cells or results.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NoReturn

import typer
from typer.core import TyperCommand, TyperGroup

from cellmodel.cli.console import make_writable
from cellmodel.errors import CellModelError, shortened
from cellmodel.execution.stopping import Stopped, exit_code, signals_stop, was_stopped, what_is_kept

PROBLEMS, RUNS_FAILED = 1, 3  # exit codes; 2 is a usage error, 128 and its number a signal (Ctrl-C 130)
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
            _exit_on_broken_output(error)

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was asked for."""
        try:
            with signals_as_exit_codes(None):
                return super().invoke(ctx)
        except CellModelError as error:
            report(error)
            raise typer.Exit(PROBLEMS) from None
        except _WrongUsage as error:
            error.message = shortened(error.message)  # it repeats what was typed
            raise


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


@contextmanager
def signals_as_exit_codes(results: Path | None) -> Iterator[None]:
    """Turn Ctrl-C, SIGTERM and SIGHUP into a sentence that names the kept results, and the exit code of shells."""
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


def _exit_on_broken_output(error: OSError) -> NoReturn:
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
