"""The console: tables that fit the terminal, ASCII where a stream cannot show every character, and a bar of progress.

In a narrow terminal words are broken between lines, never cut; what is too wide even so becomes a list. Where the
encoding of a stream lacks the signs of this package (degrees, micro, superscripts), everything written to it is turned
into ASCII: "degC", "um", "mA h cm-2". It knows no command.
"""

from __future__ import annotations

import codecs
import re
import sys
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from time import perf_counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.measure import Measurement
    from rich.table import Table
    from rich.text import Text

_SAMPLE = "°µ⁻²Ω₊×÷≤→κ"  # an encoding that has these is left alone
_ERRORS = "cellmodel.ascii"
_ENCODING = "cellmodel_ascii"
_WIDTH_WITHOUT_TERMINAL = 240
_BLANKS_AT_END = re.compile("[ ]+$", re.MULTILINE)
_BOUNDLESS = 10_000  # columns
_BETWEEN = 2  # blanks between two columns
_SIGNS = {
    **dict.fromkeys("⁻−‐‑–—₋", "-"),
    **dict.fromkeys("‘’", "'"),
    **dict.fromkeys("“”", '"'),
    **dict.fromkeys("\u00a0\u202f", " "),
    **dict.fromkeys("µμ", "u"),
    **dict.fromkeys("·⋅", "."),
    **dict.fromkeys("⁺₊", "+"),
    "°": "deg",
    "Ω": "ohm",
    "×": "x",
    "÷": "/",
    "±": "+/-",
    "≤": "<=",
    "≥": ">=",
    "≈": "~",
    "≠": "!=",
    "→": "->",
    "∞": "inf",
    "√": "sqrt",
    "…": "...",
    "•": "*",
    "ß": "ss",
    "ø": "o",
    "Ø": "O",
    "ł": "l",
    "Ł": "L",
    "æ": "ae",
}


def in_ascii(text: str) -> str:
    """Return a text in ASCII: known signs in words, letters without accents, what has no equivalent escaped."""
    return text if text.isascii() else "".join(one if one.isascii() else _sign(one) for one in text)


def _sign(one: str) -> str:
    if one in _SIGNS:
        return _SIGNS[one]
    name = unicodedata.name(one, "")
    if name.startswith("BOX DRAWINGS"):
        vertical, horizontal = "VERTICAL" in name, "HORIZONTAL" in name
        return "|" if vertical and not horizontal else "-" if horizontal and not vertical else "+"
    if name.startswith("GREEK") and "LETTER" in name:
        word = name.split("LETTER ")[1].split()[-1 if "FINAL" in name else 0].lower()
        return word.capitalize() if "CAPITAL" in name else word
    letters = "".join(_SIGNS.get(part, part) for part in unicodedata.normalize("NFKD", one))
    found = "".join(part for part in letters if part.isascii())
    return found or one.encode("ascii", "backslashreplace").decode()


def _replaced(error: UnicodeError) -> tuple[str, int]:
    """Take the place of what an encoding does not have (handler of `codecs`)."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return in_ascii(error.object[error.start : error.end]), error.end


def _ascii_by_another_name(name: str) -> codecs.CodecInfo | None:
    """Give ASCII a name that typer does not take for a mistake of the system and replace by UTF-8."""
    found = codecs.lookup("ascii")
    same = (found.encode, found.decode, found.streamreader, found.streamwriter)
    kinds = (found.incrementalencoder, found.incrementaldecoder)
    return codecs.CodecInfo(*same, *kinds, name=_ENCODING) if name == _ENCODING else None


codecs.register(_ascii_by_another_name)
codecs.register_error(_ERRORS, _replaced)


def make_writable(stream: Any) -> None:
    """Let everything be written to a stream, in ASCII if its encoding lacks the signs of this package."""
    if not hasattr(stream, "reconfigure") or not stream.encoding:
        return
    alike = "a~\\".encode(stream.encoding, "replace") == b"a~\\"
    encoding = _ENCODING if alike and not shows_all(stream) else stream.encoding
    stream.reconfigure(encoding=encoding, errors=_ERRORS)


def shows_all(stream: Any) -> bool:
    """Return whether a stream can show every sign of this package."""
    try:
        _SAMPLE.encode(getattr(stream, "encoding", None) or "utf-8")
    except UnicodeEncodeError:
        return False
    return True


def console(stderr: bool = False) -> Console:
    """Return a console to which brackets are no markup; a file gets no colour and width enough for every table."""
    from rich.console import Console
    from rich.table import Table

    stream = sys.stderr if stderr else sys.stdout
    plain, terminal = not shows_all(stream), stream is not None and stream.isatty()

    class FittingConsole(Console):
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
            self.file.write(_BLANKS_AT_END.sub("", caught.get()))
            self.file.flush()

    return FittingConsole(
        stderr=stderr,
        width=None if terminal else _WIDTH_WITHOUT_TERMINAL,
        force_terminal=terminal,
        markup=False,
        highlight=False,
        emoji=False,
        soft_wrap=False,
    )


def plain_table(heads: Sequence[str], title: str | None = None, justify: str = "lr", padding: int = 2) -> Table:
    """Return a table without frames; `justify` has a letter for each column, the last one for all that follow."""
    from rich.table import Table

    table = Table(title=title, title_justify="left", title_style="bold", box=None, padding=(0, padding))
    table.show_header = any(heads)
    for head, letter in zip(heads, justify.ljust(len(heads), justify[-1]), strict=False):
        table.add_column(head, justify="right" if letter == "r" else "left", overflow="fold")
    return table


def titled(title: str, text: str, last: str = "", style: str = "") -> Text:
    """Return "title: text" with a bold title, and one more word in a style of its own."""
    from rich.text import Text

    return Text.assemble((title, "bold"), ": ", text, (last, style))


def fitted(console: Console, table: Table) -> RenderableType:
    """Return a table with narrower columns if needed, or a list of its rows if its longest words do not fit beside."""
    from rich.console import Group

    if _measured(console, table).maximum <= console.width:
        return table
    table.padding, table.pad_edge = (0, 1), False
    lowest, widths = [], []
    for column in table.columns:
        column.no_wrap, column.overflow, column.ratio = False, "fold", None
        parts = [column.header, *column.cells] if table.show_header else list(column.cells)
        lengths = [_measured(console, part) for part in parts]
        lowest.append(max((length.minimum for length in lengths), default=0))  # its longest word
        widths.append(max((length.maximum for length in lengths), default=0))
    room = console.width - _BETWEEN * (len(widths) - 1)
    if sum(lowest) > room:
        return Group(*_as_list(console, table))
    while sum(widths) > room:  # the widest column gives way first, none below its longest word
        _, widest = max((width, place) for place, width in enumerate(widths) if width > lowest[place])
        widths[widest] -= 1
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width  # rich itself narrows the widest, below its longest word too, and cuts at the edge
    return table


def _measured(console: Console, part: RenderableType) -> Measurement:
    from rich.measure import Measurement

    return Measurement.get(console, console.options.update(max_width=_BOUNDLESS), part)


def _as_list(console: Console, table: Table) -> Iterator[RenderableType]:
    """Yield the title, and of each row the first cell and below it every other with its heading."""
    from rich.padding import Padding
    from rich.text import Text

    if table.title:
        yield _text(console, table.title, "bold")
    heads = [column.header for column in table.columns] if table.show_header else [""] * len(table.columns)
    for number, row in enumerate(zip(*(list(column.cells) for column in table.columns), strict=True)):
        style = table.rows[number].style
        yield _text(console, row[0], style)
        for head, cell in zip(heads[1:], row[1:], strict=True):
            text = _text(console, cell, style)
            if text.plain.strip():
                line = Text.assemble(_text(console, head, "bold"), ": ", text) if head else text
                yield Padding(line, (0, 0, 0, 4))


def _text(console: Console, cell: Any, style: Any = None) -> Text:
    from rich.text import Text

    text = cell.copy() if isinstance(cell, Text) else console.render_str(str(cell))
    text.overflow, text.no_wrap = "fold", False
    if style:
        text.stylize(style)
    return text


@contextmanager
def progress_bar(
    name: str, remaining: bool = False, after: float = 0.0, refresh: bool = False
) -> Iterator[Callable[..., None]]:
    """Show on stderr, after some seconds [s], what is done and how much of it; give the function that moves the bar."""
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    left = (TextColumn("left:"), TimeRemainingColumn()) if remaining else ()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), *left)
    bar, start = Progress(*columns, console=console(stderr=True), transient=after > 0.0), perf_counter()
    task = bar.add_task(name, total=None)

    def advance(done: int, total: int | None = None, what: str = "") -> None:
        if perf_counter() - start >= after:
            bar.start()
        bar.update(task, completed=done, total=total, description=what or name, refresh=refresh)

    try:
        if after == 0.0:
            bar.start()
        yield advance
    finally:
        bar.stop()
