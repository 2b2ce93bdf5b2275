"""Options and arguments that several commands share, each declared once, and how their text is read.

It knows no command.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

Cell = Annotated[str, typer.Argument(metavar="CELL|FILE", help="name of a cell, or its TOML file")]
Temperature = Annotated[str | None, typer.Option(help="such as '60 degC'; default the cell's own")]
Changes = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="PATH=VALUE", help="change a number; the unit is mandatory; may be repeated"),
]
Bounds = Annotated[
    list[str] | None,
    typer.Option(metavar="PATH=LOW..HIGH", help="'cell.separator.thickness=15 um..30 um'; may be repeated"),
]
MaxLimitingRatio = Annotated[
    float, typer.Option(metavar="RATIO", help="largest current over the limiting current of the salt")
]
Extrapolate = Annotated[
    bool, typer.Option("--extrapolate", help="allow temperatures and concentrations outside validity")
]
ResultsFolder = Annotated[Path, typer.Option("--results", metavar="DIR", help="folder for results and figure")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="replace results of other inputs")]
NoPlot = Annotated[bool, typer.Option("--no-plot", help="leave the figure out")]
Markdown = Annotated[bool, typer.Option("--markdown", help="print the table in Markdown")]
StoredResults = Annotated[
    str, typer.Argument(metavar="RESULTS", help="a .zarr folder, or the name of a study in results/")
]
Output = Annotated[Path | None, typer.Option("--output", "-o", metavar="FILE", help="where to write")]
OverwriteOutput = Annotated[bool, typer.Option("--overwrite", help="replace the file of --output if it is there")]


def overrides(changes: Sequence[str] | None) -> dict[str, str]:
    """Return `--set PATH=VALUE` options as a mapping; the values stay text with their unit."""
    values: dict[str, str] = {}
    for change in changes or ():
        path, equals, value = (part.strip() for part in change.partition("="))
        if not equals or not path or not value:
            raise typer.BadParameter(f"{change!r} is not PATH=VALUE, such as 'cell.separator.thickness=30 um'")
        if path in values:
            raise typer.BadParameter(f"{path!r} is set twice")
        values[path] = value.strip("\"'")
    return values


def bounds_of(options: Sequence[str] | None) -> dict[str, tuple[str, str]]:
    """Return `--bounds PATH=LOW..HIGH` options as a mapping; the values stay text with their unit."""
    bounds: dict[str, tuple[str, str]] = {}
    for path, value in overrides(options).items():
        low, dots, high = (part.strip() for part in value.partition(".."))
        if not dots or not low or not high:
            raise typer.BadParameter(f"{value!r} is not LOW..HIGH, such as '15 um..30 um'")
        unit = high.lstrip("+-.eE0123456789") if low.strip("+-.eE0123456789") == "" else ""
        bounds[path] = low + unit, high  # "10..20 um": the unit of both
    return bounds
