"""The tables of the guide that follow from the code: each function renders one in Markdown; nothing is solved."""

from __future__ import annotations

import inspect
import tomllib
from collections.abc import Callable, Iterable, Iterator

import typer

import cellmodel
from cellmodel.assessment.checks.validation import all_checks
from cellmodel.cli import app
from cellmodel.cli.library import KINDS, library
from cellmodel.correlations import FORMS
from cellmodel.dataset import schema
from cellmodel.design.problem import VARIABLES
from cellmodel.mechanisms import DEFAULT_MECHANISMS, MECHANISMS
from cellmodel.models.meshes import MESHES
from cellmodel.parameters import list_cells, load_cell
from cellmodel.parameters.kinds import KINDS as CELL_KINDS
from cellmodel.quantities import QUANTITIES


def markdown(heads: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """Return a table in Markdown."""
    head = list(heads)
    lines = [head, ["---"] * len(head), *(list(map(str, row)) for row in rows)]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def code(text: str) -> str:
    """Return a name as code; nothing for an empty one."""
    return f"`{text}`" if text else ""


def codes(names: Iterable[str]) -> str:
    """Return names as code."""
    return ", ".join(map(code, names))


def first_line(thing: object) -> str:
    """Return what a docstring says in its first line."""
    return (inspect.getdoc(thing) or "").split("\n")[0]


def cells() -> str:
    """Return every lithium-metal cell that ships: its materials, its temperature and its capacity."""
    rows = []
    for name in list_cells("lithium_metal"):
        cell = load_cell(name)
        materials = [code(cell.materials[kind]) for kind in ("electrolyte", "electrode", "interface")]
        kelvin, capacity = cell["cell.temperature"], cell.areal_capacity
        rows.append([code(name), *materials, f"{kelvin - 273.15:.3g} °C", f"{capacity / 10:.3g} mA h cm⁻²"])
    return markdown(["cell", "electrolyte", "electrode", "interface", "temperature", "capacity"], rows)


def full_cells() -> str:
    """Return every full cell that ships."""
    return markdown(
        ["name", "what it is"], [[code(name), load_cell(name).description] for name in list_cells("full_cell")]
    )


def shelf(kind: str) -> Callable[[], str]:
    """Return the function that renders what the library holds of one kind, variants included."""

    def table() -> str:
        rows = []
        for (own, name), path in library().items():
            content = tomllib.loads(path.read_text(encoding="utf-8")) if own == kind else {}
            for variant, entries in {"": content, **content.get("variants", {})}.items() if content else ():
                full = f"{name}:{variant}" if variant else name
                rows.append([code(full), " ".join(str(entries.get("description", "")).split())])
        return markdown(["name", "what it is"], rows)

    return table


def mechanisms() -> str:
    """Return what a run may have beyond charge and salt transport."""
    rows = []
    for name, found in MECHANISMS.items():
        added = {**schema.mechanism_samples([name]), **schema.mechanism_numbers([name])}
        shown = code(name) + (", on by default" if name in DEFAULT_MECHANISMS else "")
        rows.append([shown, found.description, codes(found.builds_on), codes(found.parameters), codes(added)])
    return markdown(["mechanism", "what it is", "builds on", "parameters it needs", "variables it adds"], rows)


def _all_variables() -> Iterator[tuple[str, str, schema.ResultVariable]]:
    dims = "cycle, step"
    for where, table in (
        (dims, schema.SAMPLED),
        *((f"{dims}; `{key}`", schema.mechanism_samples([key])) for key in MECHANISMS),
        (dims, schema.PER_STEP),
        (dims, schema.STEP_NUMBERS),
        ("cycle", schema.CYCLE_NUMBERS),
        (dims, {f"end_{key}_voltage": value for key, value in schema.VOLTAGE_LOSSES.items()}),
        ("", schema.PER_RUN),
        *((f"`{key}`", schema.mechanism_numbers([key])) for key in MECHANISMS),
        ("", {key: schema.ResultVariable("1", text) for key, text in schema.FLAG_NAMES.items()}),
        (f"{dims}; `profiles`", schema.PROFILES),
        ("coordinate", schema.COORDINATES),
    ):
        for name, variable in table.items():
            yield where, name, variable


def variables() -> str:
    """Return everything that a dataset of runs holds."""
    rows = []
    for where, name, variable in _all_variables():
        place, _, only = where.partition("; ")
        place = ", ".join(part for part in (place, *variable.dimensions) if part)
        rows.append([code(name), variable.units, variable.long_name, place, only])
    return markdown(["variable", "unit", "what it is", "dimensions of its own", "only with"], rows)


def flags() -> str:
    """Return numbers and words of the variables that are flags."""
    rows = [[code(name), number, code(word)] for name, words in schema.FLAGS.items() for word, number in words.items()]
    return markdown(["variable", "number", "word"], rows)


def forms() -> str:
    """Return the functional forms that a parameter file may name."""
    rows = []
    for name, form in FORMS.items():
        optional = [f"{code(key)} ({value:g})" for key, value in form.optional.items()]
        required = [code(key) for key in form.units if key not in form.optional]
        rows.append([code(name), first_line(form), codes(form.arguments), ", ".join(required + optional)])
    return markdown(["form", "what it is", "arguments", "coefficients (default)"], rows)


def quantities() -> str:
    """Return numbers and functions of a cell by the path that an override takes."""
    rows = []
    for path, found in QUANTITIES.items():
        own = ", ".join(kind.name for kind in CELL_KINDS.values() if path.startswith(kind.own))
        rows.append([code(path), found.unit, found.description, ", ".join(found.arguments), own])
    return markdown(["path", "SI unit", "what it is", "function of", "only"], rows)


def meshes() -> str:
    """Return the meshes by name."""
    rows = [[code(name), m.separator, m.electrode, m.particle] for name, m in MESHES.items()]
    return markdown(["mesh", "separator", "cathode", "particle"], rows)


def design_variables() -> str:
    """Return what a design may choose."""
    rows = [[code(p), v.description, v.units, f"{v.default[0]:g} to {v.default[1]:g}"] for p, v in VARIABLES.items()]
    return markdown(["path", "what it is", "unit", "bounds unless stated"], rows)


def checks() -> str:
    """Return the checks of `cellmodel validate`."""
    rows = [[code(one.name), one.group, one.reference, codes(one.needs)] for one in all_checks()]
    return markdown(["check", "group", "held against", "files of the data folder that it needs"], rows)


def commands() -> str:
    """Return every command with its options."""
    command = typer.main.get_command(app)
    rows = [[code("cellmodel"), code(", ".join(p.opts)), p.help] for p in command.params if p.name != "help"]
    for name, own in command.commands.items():
        for parameter in own.params:
            given = " / ".join([*parameter.opts, *parameter.secondary_opts])
            argument = parameter.param_type_name == "argument"
            shown = parameter.metavar or parameter.name.upper() if argument else given
            rows.append([code(f"cellmodel {name}"), code(shown), " ".join((parameter.help or "").split())])
    return markdown(["command", "argument or option", "what it does"], rows)


def public_names() -> str:
    """Return what `cellmodel` offers in Python."""
    named = [name for name in cellmodel.__all__ if not name.startswith("__")]
    rows = [[code(name), first_line(getattr(cellmodel, name))] for name in named]
    return markdown(["name", "what it is"], rows)


TABLES: dict[str, Callable[[], str]] = {
    "cells": cells,
    "full_cells": full_cells,
    **{kind: shelf(kind) for kind in KINDS if kind != "cells"},
    "mechanisms": mechanisms,
    "variables": variables,
    "flags": flags,
    "forms": forms,
    "quantities": quantities,
    "meshes": meshes,
    "design_variables": design_variables,
    "checks": checks,
    "commands": commands,
    "public_names": public_names,
}
"""Name between the marks of a page -> what renders it."""
