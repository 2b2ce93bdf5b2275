"""Tables that fit the terminal: words are broken between lines, never cut; what is too wide even so becomes a list.

It knows no command.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.measure import Measurement
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

_BOUNDLESS = 10_000  # columns
_BETWEEN = 2  # blanks between two columns


def fitted(screen: Console, table: Table) -> RenderableType:
    """Return a table as it can be printed on a screen.

    Parameters
    ----------
    screen : rich.console.Console
        Where to.
    table : rich.table.Table
        Its columns may be changed: what must not wrap wraps if it does not fit otherwise.

    Returns
    -------
    RenderableType
        The table, with narrower columns if needed; a list of its rows if its longest words do not fit side by side.
    """
    if _measured(screen, table).maximum <= screen.width:
        return table
    table.padding, table.pad_edge = (0, 1), False
    lowest, widths = [], []
    for column in table.columns:
        column.no_wrap, column.overflow, column.ratio = False, "fold", None
        parts = [column.header, *column.cells] if table.show_header else list(column.cells)
        lengths = [_measured(screen, part) for part in parts]
        lowest.append(max((length.minimum for length in lengths), default=0))  # its longest word
        widths.append(max((length.maximum for length in lengths), default=0))
    room = screen.width - _BETWEEN * (len(widths) - 1)
    if sum(lowest) > room:
        return Group(*_listed(screen, table))
    for column, width in zip(table.columns, _narrowed(widths, lowest, room), strict=True):
        column.width = width  # rich itself narrows the widest, below its longest word too, and cuts at the edge
    return table


def _narrowed(widths: list[int], lowest: list[int], room: int) -> list[int]:
    """Return widths that fit: the widest column that can gives way first, none below its longest word."""
    found = list(widths)
    while sum(found) > room:
        _, place = max((width, place) for place, width in enumerate(found) if width > lowest[place])
        found[place] -= 1
    return found


def _measured(screen: Console, part: RenderableType) -> Measurement:
    return Measurement.get(screen, screen.options.update(max_width=_BOUNDLESS), part)


def _listed(screen: Console, table: Table) -> Iterator[RenderableType]:
    """Yield the title, and of each row the first cell and below it every other with its heading."""
    if table.title:
        yield _text(screen, table.title, "bold")
    heads = [column.header for column in table.columns] if table.show_header else [""] * len(table.columns)
    for number, row in enumerate(zip(*(list(column.cells) for column in table.columns), strict=True)):
        style = table.rows[number].style
        yield _text(screen, row[0], style)
        for head, cell in zip(heads[1:], row[1:], strict=True):
            words = _text(screen, cell, style)
            if words.plain.strip():
                line = Text.assemble(_text(screen, head, "bold"), ": ", words) if head else words
                yield Padding(line, (0, 0, 0, 4))


def _text(screen: Console, cell: Any, style: Any = None) -> Text:
    found = cell.copy() if isinstance(cell, Text) else screen.render_str(str(cell))
    found.overflow, found.no_wrap = "fold", False
    if style:
        found.stylize(style)
    return found
