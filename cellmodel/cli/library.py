"""`list`, `show`: what the library holds, and where its numbers come from."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cellmodel import resources
from cellmodel.cli.limits import limit_tables
from cellmodel.cli.screen import Overrides, console, overrides
from cellmodel.errors import ParameterError, Problem, choices, found_text
from cellmodel.labels import readable, unit_text, value_text
from cellmodel.quantities import QUANTITIES

if TYPE_CHECKING:
    from rich.console import Console

    from cellmodel.parameters import ComponentSet, ParameterSet

KINDS = {
    "cells": "parameters",
    "electrolytes": "parameters",
    "electrodes": "parameters",
    "interfaces": "parameters",
    "metals": "parameters",
    "formats": "parameters",
    "vehicles": "parameters",
    "protocols": "experiments",
    "studies": "experiments",
    "claims": "experiments",
}
MATERIAL_KINDS = ("electrolytes", "electrodes", "interfaces", "metals")
_FOLDERS = {"claims": "studies/claims"}  # where a kind has not its own name
_CONCENTRATIONS = (0.5, 0.75, 1.0, 1.25, 1.5)  # shares of the initial concentration
_MILLISIEMENS_PER_CENTIMETRE = 10.0  # in 1 S/m

Electrolyte = Annotated[
    str | None, typer.Option(metavar="NAME[:VARIANT]", help="another electrolyte, such as peo_litfsi:edman")
]
Electrode = Annotated[str | None, typer.Option(metavar="NAME[:VARIANT]", help="another active material")]
Interface = Annotated[str | None, typer.Option(metavar="NAME[:VARIANT]", help="another lithium | polymer interface")]


def list_library(
    kind: Annotated[str | None, typer.Argument(metavar="KIND", help=f"one of {', '.join(KINDS)}")] = None,
) -> None:
    """List cells, materials, formats, vehicles, protocols, studies and claims.

    **Examples**

    * `cellmodel list`
    * `cellmodel list studies`
    """
    if kind is not None and kind not in KINDS:
        raise typer.BadParameter(f"{kind!r}: {choices(kind, KINDS)}")
    from rich.table import Table

    screen = console()
    for name in [kind] if kind else KINDS:
        found = _files(name)
        table = Table(title=name, title_justify="left", title_style="bold", box=None, show_header=False, padding=(0, 2))
        table.add_column(no_wrap=True)
        table.add_column()
        for stem, path in found.items():
            content = _content(path)
            table.add_row(stem, str(content.get("description", "")).strip())
            for variant, entries in content.get("variants", {}).items():
                table.add_row(f"  :{variant}", str(entries.get("description", "")).strip())
        screen.print(table)
        screen.print()


def show_cell(
    cell: Annotated[str, typer.Argument(metavar="NAME", help="a cell, material, format or vehicle; or its file")],
    sources: Annotated[bool, typer.Option("--sources", help="every value with its source and status")] = False,
    electrolyte: Electrolyte = None,
    electrode: Electrode = None,
    interface: Interface = None,
    current_density: Annotated[
        str | None, typer.Option(metavar="TEXT", help="for Sand's time, such as '2 mA.cm-2'")
    ] = None,
    changes: Overrides = None,
) -> None:
    """Show a cell: its numbers, what its electrolyte can carry, and where every number comes from.

    A material is shown with its functions, where they hold and its sources; so is a format or a vehicle, which
    `cellmodel energy` puts around a cell.

    **Examples**

    * `cellmodel show li_peo_lfp`
    * `cellmodel show li_peo_lfp --sources`
    * `cellmodel show li_peo_lfp --electrolyte peo_litfsi:edman`
    * `cellmodel show li_peo_lfp --set "cell.separator.thickness=30 um"`
    * `cellmodel show li_peo_lfp --current-density "20 mA.cm-2"`
    * `cellmodel show graphite_lfp:energy --sources`
    * `cellmodel show electric_car`
    * `cellmodel show peo_litfsi`
    * `cellmodel show lfp:charge_branch`
    """
    changed = overrides(changes or [])
    from cellmodel.parameters import load_cell, load_format, load_material, load_vehicle

    screen = console()
    kind = _kind_of(cell)
    loads = {"formats": load_format, "vehicles": load_vehicle}
    if kind in loads:
        _show_numbers(screen, loads[kind](cell).replace(changed))
        return
    if kind in MATERIAL_KINDS:
        _refuse_for_material(changed, (electrolyte, electrode, interface, current_density))
        _show_material(screen, load_material(cell))
        return
    if not kind and not cell.endswith(".toml"):
        known = [name for kind, folder in KINDS.items() if folder == "parameters" for name in _files(kind)]
        raise ParameterError(Problem("command line", "NAME", found_text(cell), choices(cell, known)))
    parameters = load_cell(cell, electrolyte, electrode, interface).replace(changed)
    screen.print(parameters.name, style="bold")
    screen.print(parameters.description.strip())
    screen.print(", ".join(f"{role}: {name}" for role, name in parameters.materials.items()))
    screen.print()
    screen.print(_cell_table(parameters))
    screen.print()
    if parameters.kind.lithium_metal:  # whose electrolyte is in its file, and limits the current at the lithium face
        screen.print(_electrolyte_table(parameters))
        screen.print()
        for part in limit_tables(parameters, current_density):
            screen.print(part)
    if sources:
        screen.print()
        _print_sources(screen, parameters)


def _kind_of(target: str) -> str:
    """Return the folder that a name, or the kind that a file, belongs to; nothing for what is not known."""
    from cellmodel.inputs import existing_file
    from cellmodel.toml_files import read_toml

    stem = target if target.endswith(".toml") else target.rpartition(":")[0] or target
    if not stem.endswith(".toml"):
        return next((kind for kind, folder in KINDS.items() if folder == "parameters" and stem in _files(kind)), "")
    path = existing_file(stem)
    return "" if path is None else f"{read_toml(path).get('kind')}s"


def _refuse_for_material(changed: Mapping[str, object], options: tuple[str | None, ...]) -> None:
    """Raise if a material is asked for with what only a cell can take."""
    if changed or any(option is not None for option in options):
        raise typer.BadParameter("a material is shown as its file has it: choose and change numbers in a cell")


def _show_material(screen: Console, material: ParameterSet) -> None:
    """Print the functions of a material with form and range, and every number with its source."""
    from rich.table import Table

    from cellmodel.correlations import FORMS

    screen.print(f"{material.name} ({next(iter(material.materials))})", style="bold")
    screen.print(material.description.strip())
    screen.print()
    table = Table(title="functions", title_justify="left", title_style="bold", box=None, padding=(0, 2))
    for name in ("name", "form", "unit", "holds for"):
        table.add_column(name, overflow="fold")
    words = {form: name for name, form in FORMS.items()}
    for path, function in material.functions.items():
        ranges = [_range_text(name, *ends) for name, ends in function.valid.items()]
        unit = unit_text(QUANTITIES[path].unit)
        table.add_row(path, words[function.form], unit, ", ".join(ranges) or "all")
    screen.print(table)
    screen.print()
    _print_sources(screen, material)


def _range_text(name: str, low: float, high: float) -> str:
    """Return "temperature 20 to 130 °C"."""
    unit = {"temperature": "K", "concentration": "mol.m-3"}.get(name, "1")
    (low, shown), (high, _) = (readable(value, unit) for value in (low, high))
    return f"{name} {low:.4g} to {high:.4g} {shown}".strip()


def _show_numbers(screen: Console, numbers: ComponentSet) -> None:
    """Print a format or a vehicle: it has nothing but its numbers."""
    screen.print(numbers.name, style="bold")
    screen.print(numbers.description.strip())
    screen.print()
    _print_sources(screen, numbers)


def _print_sources(screen: Console, parameters: ParameterSet | ComponentSet) -> None:
    """Print every value with its source, where it stands there, and how many are assumed."""
    screen.print(_source_table(parameters))
    screen.print()
    screen.print(_note_table(parameters))
    screen.print()
    records = list(parameters.entries.values())
    assumed = sum(record.status == "assumed" for record in records)
    screen.print(f"{assumed} of {len(records)} values are assumed")


def _content(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        return {"description": f"cannot be read: {error}"}


def library() -> dict[tuple[str, str], Path]:
    """Return every shipped file by kind and name."""
    return {(kind, name): path for kind in KINDS for name, path in _files(kind).items()}


def _files(kind: str) -> dict[str, Path]:
    return resources.files(KINDS[kind], _FOLDERS.get(kind, kind))


def _cell_table(parameters: ParameterSet) -> Any:
    from rich.table import Table

    table = Table(box=None, padding=(0, 2), header_style="bold")
    table.add_column("cell")
    table.add_column("value", justify="right")
    charged, discharged = parameters.stoichiometry_window
    capacity = f"{parameters.areal_capacity * 0.1:.4g} {unit_text('mA.h.cm-2')}"
    table.add_row("areal capacity between the cut-offs", capacity)
    table.add_row("stoichiometry, charged to discharged", f"{charged:.4g} to {discharged:.4g}")
    low, high = (readable(value, "K")[0] for value in parameters.validity["temperature"])
    table.add_row("temperatures where every correlation holds", f"{low:.4g} to {high:.4g} °C")
    for path, record in parameters.entries.items():
        if path.startswith("cell.") or path == "electrolyte.initial_concentration":
            table.add_row(path, value_text(path, record.value, record.unit))
    return table


def _electrolyte_table(parameters: ParameterSet) -> Any:
    from rich.table import Table

    from cellmodel.limits import electrolyte_numbers

    concentrations = [share * parameters["electrolyte.initial_concentration"] for share in _CONCENTRATIONS]
    table = Table(title="electrolyte", title_justify="left", title_style="bold", box=None, padding=(0, 2))
    for name in (
        "T (°C)",
        "c (mol L⁻¹)",
        "κ (mS cm⁻¹)",
        "D (m² s⁻¹)",
        "t₊",
        "Ne",
        "1/(1+Ne)",
        "κ/(1+Ne) (mS cm⁻¹)",
    ):
        table.add_column(name, justify="right", no_wrap=True)
    last = None
    for row in electrolyte_numbers(parameters, concentrations, _temperatures(parameters)):
        celsius = f"{row['temperature'] - 273.15:.4g}"
        table.add_row(
            celsius if celsius != last else "",
            f"{row['concentration'] / 1000:.3g}",
            f"{row['ionic_conductivity'] * _MILLISIEMENS_PER_CENTIMETRE:.3g}",
            f"{row['salt_diffusivity']:.3g}",
            f"{row['cation_transference_number']:.3g}",
            f"{row['newman_number']:.3g}",
            f"{row['current_fraction']:.3g}",
            f"{row['effective_conductivity'] * _MILLISIEMENS_PER_CENTIMETRE:.3g}",
        )
        last = celsius
    return table


def _temperatures(parameters: ParameterSet) -> list[float]:
    """Return the cell's own temperature and 10 and 20 K to either side, within validity."""
    low, high = parameters.validity["temperature"]
    own = parameters["cell.temperature"]
    wanted = [own + step for step in (-20.0, -10.0, 0.0, 10.0, 20.0)]
    return [temperature for temperature in wanted if temperature == own or low <= temperature <= high]


def _source_table(parameters: ParameterSet | ComponentSet) -> Any:
    from rich.table import Table

    table = Table(title="sources", title_justify="left", title_style="bold", box=None, padding=(0, 1))
    for name in ("name", "value", "as printed", "status", "uncertainty", "source", "DOI"):
        is_path = name == "name"
        table.add_column(name, overflow="fold", justify="right" if name == "value" else "left", no_wrap=is_path)
    for record in parameters.entries.values():
        table.add_row(
            record.path,
            f"{record.value:.5g} {unit_text(record.unit)}".strip(),
            record.printed,
            record.status,
            record.uncertainty,
            record.source,
            record.doi,
            style="yellow" if record.status == "assumed" else None,
        )
    return table


def _note_table(parameters: ParameterSet | ComponentSet) -> Any:
    """Return where in its source each value stands and why it was chosen; what several share stands once."""
    from rich.table import Table

    table = Table(title="where and why", title_justify="left", title_style="bold", box=None, padding=(0, 1))
    table.add_column("name", overflow="fold")
    table.add_column("locator and note", overflow="fold", ratio=1)
    seen = set()
    for record in parameters.entries.values():
        text = ". ".join(part.strip().rstrip(".") for part in (record.locator, record.note) if part)
        if text and text not in seen:
            table.add_row(record.path, text)
        seen.add(text)
    return table
