"""`show`: a cell, material, format or vehicle, what its electrolyte can carry, and where every number comes from."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cellmodel.cli.console import console, plain_table
from cellmodel.cli.library import KINDS, MATERIAL_KINDS, files_of
from cellmodel.cli.options import Changes, overrides
from cellmodel.errors import ParameterError, Problem, choices, found_text
from cellmodel.labels import rate_text, readable, unit_text, value_text

if TYPE_CHECKING:
    from cellmodel.parameters import ComponentSet, ParameterSet

_CONCENTRATIONS = (0.5, 0.75, 1.0, 1.25, 1.5)  # shares of the initial concentration
_MILLISIEMENS_PER_CENTIMETRE = 10.0  # in 1 S/m
_MILLIAMPERES_PER_SQUARE_CENTIMETRE = 0.1  # in 1 A/m2
Electrolyte = Annotated[
    str | None, typer.Option(metavar="NAME[:VARIANT]", help="another electrolyte, such as peo_litfsi:edman")
]
Electrode = Annotated[str | None, typer.Option(metavar="NAME[:VARIANT]", help="another active material")]
Interface = Annotated[str | None, typer.Option(metavar="NAME[:VARIANT]", help="another lithium | polymer interface")]
_SAND_RATIO = 2.0  # times the separator's limit, where nothing else is asked: from there on Sand's time holds
_LIMITS = {
    "separator": "separator alone (lithium | polymer | lithium)",
    "uniform_reaction": "cell, uniform reaction in the cathode",
    "reaction_at_collector": "cell, all reaction at the current collector",
}


def show_cell(
    cell: Annotated[str, typer.Argument(metavar="NAME", help="a cell, material, format or vehicle; or its file")],
    sources: Annotated[bool, typer.Option("--sources", help="every value with its source and status")] = False,
    electrolyte: Electrolyte = None,
    electrode: Electrode = None,
    interface: Interface = None,
    current_density: Annotated[
        str | None, typer.Option(metavar="TEXT", help="for Sand's time, such as '2 mA.cm-2'")
    ] = None,
    changes: Changes = None,
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
    * `cellmodel show lfp:centre_line`
    """
    changed = overrides(changes)
    from cellmodel.parameters import load_cell, load_format, load_material, load_vehicle

    kind = _kind_of(cell)
    loads = {"formats": load_format, "vehicles": load_vehicle}
    if kind in loads:
        numbers = loads[kind](cell).replace(changed)
        _print_lines(numbers.name, numbers.description.strip(), "")
        _print_sources(numbers)
        return
    if kind in MATERIAL_KINDS:
        _refuse_for_material(changed, (electrolyte, electrode, interface, current_density))
        _show_material(load_material(cell))
        return
    if not kind and not cell.endswith(".toml"):
        known = [name for kind, folder in KINDS.items() if folder == "parameters" for name in files_of(kind)]
        raise ParameterError(Problem("command line", "NAME", found_text(cell), choices(cell, known)))
    parameters = load_cell(cell, electrolyte, electrode, interface).replace(changed)
    materials = ", ".join(f"{role}: {name}" for role, name in parameters.materials.items())
    _print_lines(parameters.name, parameters.description.strip(), materials, "", _cell_table(parameters), "")
    _print_sets(parameters)
    if parameters.kind.lithium_metal:  # whose electrolyte is in its file, and limits the current at the lithium face
        _print_lines(_electrolyte_table(parameters), "", *_limits(parameters, current_density))
    if sources:
        _print_lines("")
        _print_sources(parameters)


def _print_lines(*lines: Any) -> None:
    """Print texts and tables, the first one bold if it is a text."""
    first = lines[0] if isinstance(lines[0], str) else None
    for line in lines:
        console().print(line, style="bold" if line is first else None)


def _kind_of(target: str) -> str:
    """Return the folder that a name, or the kind that a file, belongs to; nothing for what is not known."""
    from cellmodel.inputs import existing_file
    from cellmodel.toml_files import read_toml

    stem = target if target.endswith(".toml") else target.rpartition(":")[0] or target
    if not stem.endswith(".toml"):
        return next((kind for kind, folder in KINDS.items() if folder == "parameters" and stem in files_of(kind)), "")
    path = existing_file(stem)
    return "" if path is None else f"{read_toml(path).get('kind')}s"


def _refuse_for_material(changed: Mapping[str, object], options: tuple[str | None, ...]) -> None:
    """Raise if a material is asked for with what only a cell can take."""
    if changed or any(option is not None for option in options):
        raise typer.BadParameter("a material is shown as its file has it: choose and change numbers in a cell")


def _show_material(material: ParameterSet) -> None:
    """Print the functions of a material with form and range, and every number with its source."""
    from cellmodel.correlations import FORMS
    from cellmodel.parameters.transference_frame import DERIVED
    from cellmodel.quantities import QUANTITIES

    table = plain_table(["name", "form", "unit", "holds for"], "functions", "l")
    words = {form: name for name, form in FORMS.items()}
    for path, function in material.functions.items():
        if path in DERIVED:
            continue
        ranges = [_range_text(name, *ends) for name, ends in function.valid.items()]
        unit = unit_text(QUANTITIES[path].unit)
        form = words[function.form] + (f", against the {function.frame}" if function.frame else "")
        table.add_row(path, form, unit, ", ".join(ranges) or "all")
    title = f"{material.name} ({next(iter(material.materials))})"
    _print_lines(title, material.description.strip(), "", table, "")
    _print_sets(material)
    _print_sources(material)


def _print_sets(parameters: ParameterSet) -> None:
    """Print the sets of each material, with their weights and what these rest on; what is shown is the file's own."""
    for role, sets in parameters.sets.items():
        title = f"sets of the {role} (a sample draws which one holds)"
        table = plain_table(["set", "weight", "what it is"], title, "lrl")
        for one in sets.sets:
            table.add_row(one.name, f"{one.weight:g}", one.description)
        about = ", ".join(part for part in (sets.status, sets.source) if part)
        _print_lines(table, f"weights: {about}. {sets.note}".strip(), "")


def _range_text(name: str, low: float, high: float) -> str:
    """Return "temperature 20 to 130 °C"."""
    unit = {"temperature": "K", "concentration": "mol.m-3"}.get(name, "1")
    (low, shown), (high, _) = (readable(value, unit) for value in (low, high))
    return f"{name} {low:.4g} to {high:.4g} {shown}".strip()


def _print_sources(parameters: ParameterSet | ComponentSet) -> None:
    """Print every value with its source, where it stands there, what was seen of it, and how many are assumed."""
    from cellmodel.cli.source_tables import count_line, note_table, seen_table, value_table

    tables = (value_table(parameters), note_table(parameters), seen_table(parameters))
    _print_lines(*(line for table in tables for line in (table, "")), count_line(parameters))


def _cell_table(parameters: ParameterSet) -> Any:

    table = plain_table(["cell", "value"])
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
    from cellmodel.limits import electrolyte_numbers

    concentrations = [share * parameters["electrolyte.initial_concentration"] for share in _CONCENTRATIONS]
    frame = parameters.functions["electrolyte.cation_transference_number"].frame
    numbers = [f"t₊ ({frame})", "Ne", "1/(1+Ne)", "κ/(1+Ne) (mS cm⁻¹)"]
    heads = ["T (°C)", "c (mol L⁻¹)", "κ (mS cm⁻¹)", "D (m² s⁻¹)", *numbers]
    table = plain_table(heads, "electrolyte", "r")
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


def _limits(parameters: ParameterSet, current_density: str | None) -> list[Any]:
    """Return the limiting currents as a table, and a line on Sand's time, at twice the separator's limit by default."""
    from cellmodel.inputs import parse_quantity
    from cellmodel.limits import limiting_currents

    asked = None if current_density is None else parse_quantity(current_density, "A.m-2", "show", "current_density")
    limits = limiting_currents(parameters)
    title = f"limiting currents of the salt at {limits.temperature - 273.15:.4g} °C"
    table = plain_table(["", unit_text("A.m-2"), unit_text("mA.cm-2"), "C-rate"], title)
    for name, words in _LIMITS.items():
        table.add_row(words, *_limit_cells(parameters, getattr(limits, name)))
    return [table, _sand_line(parameters, limits.separator, asked)]


def _limit_cells(parameters: ParameterSet, limit: float) -> tuple[str, str, str]:
    if math.isinf(limit):
        return "no limit", "no limit", "no limit"
    rate = rate_text(limit / parameters.areal_capacity)
    return f"{limit:.4g}", f"{limit * _MILLIAMPERES_PER_SQUARE_CENTIMETRE:.4g}", rate


def _sand_line(parameters: ParameterSet, limit: float, asked: float | None) -> str:
    """Return Sand's time at a current density [A.m-2] in words, with what it supposes."""
    from cellmodel.limits import sand_time

    if math.isinf(limit):
        return "Sand's time: none, the salt of a single-ion conductor stays where it is"
    current = _SAND_RATIO * limit if asked is None else asked
    shown = f"{current * _MILLIAMPERES_PER_SQUARE_CENTIMETRE:.4g} {unit_text('mA.cm-2')}"
    time = sand_time(parameters, current)
    if current <= limit:
        return f"Sand's time at {shown}: none, that current is below the separator's limit"
    supposed = "separator semi-infinite"
    if current < _SAND_RATIO * limit:
        supposed = f"a rough value: the separator is semi-infinite only from {_SAND_RATIO:g} times its limit"
    return f"Sand's time at {shown}: {time:.4g} s ({supposed})"
