"""Finds parameter files and composes a cell from its electrolyte, electrode and interface.

A cell names its materials; a material may be followed by a variant ("peo_litfsi:edman").  All
problems of all files of a cell come in one message.  Nothing here knows physics.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pydantic

from cellmodel import resources
from cellmodel.errors import ParameterError, Problem, choices
from cellmodel.inputs import name_or_path
from cellmodel.parameters.composing import compose
from cellmodel.parameters.parameter_set import ParameterSet
from cellmodel.parameters.records import Reader
from cellmodel.parameters.schema import KINDS, Function, Reference, Scalar, parse_entry, translate
from cellmodel.quantities import quantities_of
from cellmodel.toml_files import read_toml

_HEAD = {"schema", "kind", "name", "description", "variants"}
_MATERIALS = ("electrolyte", "electrode", "interface")
LIQUID = "liquid_cell"
"""Kind of a file that is a whole cell by itself; `cellmodel.parameters.liquid_cells` reads it."""
SCHEMA = 1
"""Version of the file format this module reads."""


def list_cells() -> list[str]:
    """Return the names of all shipped cells.

    Returns
    -------
    list of str
        In alphabetical order.
    """
    return list(resources.files("parameters", "cells"))


def list_materials(kind: str) -> dict[str, list[str]]:
    """Return the files of one kind with the variants of each.

    Parameters
    ----------
    kind : str
        "electrolyte", "electrode" or "interface".

    Returns
    -------
    dict of str to list of str
        Name -> variants.
    """
    found = resources.files("parameters", f"{kind}s")
    return {name: sorted(read_toml(path).get("variants", {})) for name, path in found.items()}


@cache
def load_references() -> dict[str, Reference]:
    """Return the bibliography.

    Returns
    -------
    dict of str to Reference
        By key.

    Raises
    ------
    ParameterError
        references.toml is missing or breaks its schema.
    """
    path = resources.folder("parameters") / "references.toml"
    references: dict[str, Reference] = {}
    problems: list[Problem] = []
    for key, table in read_toml(path).items():
        try:
            references[key] = Reference.model_validate(table)
        except pydantic.ValidationError as error:
            problems += translate(path.name, key, error, Reference)
    if problems:
        raise ParameterError(problems)
    return references


def read_file(path: Path, kind: str, variant: str = "") -> tuple[Reader, dict[str, Any]]:
    """Return the records of one parameter file, and its head (name, description, materials).

    Parameters
    ----------
    path : pathlib.Path
        The file.
    kind : str
        "cell", "electrolyte", "electrode" or "interface".
    variant : str, optional
        Entries of [variants.<variant>] replace those of the same name.

    Returns
    -------
    tuple of Reader and dict
        Records and functions by path; problems are in `Reader.problems`, not raised.

    Raises
    ------
    ParameterError
        The file cannot be read at all.
    """
    content = read_toml(path)
    file = f"{path.parent.name}/{path.name}"
    problems: list[Problem] = []
    head = {key: content.pop(key) for key in list(content) if key in _HEAD or not isinstance(content[key], dict)}
    check_head(file, kind, head, problems)
    variants = head.get("variants", {})
    if variant and variant not in variants:
        problems.append(Problem(file, "variants", f"'{variant}'", choices(variant, variants)))
    replaced = dict(variants.get(variant, {}))
    replaced.pop("description", None)
    entries = flatten(content, kind)
    entries.update(flatten(replaced, kind))
    reader = Reader(file, load_references(), problems)
    known = quantities_of(kind)
    for key, table in entries.items():
        if key not in known:
            problems.append(Problem(file, key, "a name that is not known here", choices(key, known)))
            continue
        entry = parse_entry(file, key, table, problems)
        if isinstance(entry, Scalar):
            reader.scalar(key, key, entry, known[key])
        elif isinstance(entry, Function):
            reader.function(key, key, entry, known[key])
    for key, quantity in known.items():
        if quantity.required and key not in entries:
            problems.append(Problem(file, key, "nothing", f"{quantity.description} [{quantity.unit}]"))
    return reader, head


def flatten(tables: dict[str, Any], prefix: str) -> dict[str, Any]:
    """Return nested tables as dotted keys, stopping at entries (tables with value or form).

    Parameters
    ----------
    tables : dict
        As read from TOML.
    prefix : str
        Put before every key.

    Returns
    -------
    dict
        Full path -> entry.
    """
    flat: dict[str, Any] = {}
    for key, table in tables.items():
        path = f"{prefix}.{key}"
        is_group = isinstance(table, dict) and table and all(isinstance(part, dict) for part in table.values())
        if is_group and "coefficients" not in table:
            flat.update(flatten(table, path))
        else:
            flat[path] = table
    return flat


def check_head(file: str, kind: str, head: dict[str, Any], problems: list[Problem]) -> None:
    """Add to `problems` what is wrong in the keys of a file that are not entries.

    Parameters
    ----------
    file, kind : str
        For messages, and what the file has to be.
    head : dict
        Those keys.
    problems : list of Problem
        Extended in place.
    """
    wanted = {"schema": SCHEMA, "kind": kind}
    for key, value in wanted.items():
        if head.get(key) != value:
            problems.append(Problem(file, key, repr(head.get(key, "nothing")), repr(value)))
    text = ["name", "description", *(_MATERIALS if kind == "cell" else ())]
    for key in text:
        if not isinstance(head.get(key), str) or not head[key].strip():
            problems.append(Problem(file, key, repr(head.get(key, "nothing")), "a text"))
    known = {*_HEAD, *text}
    for key in head.keys() - known:
        problems.append(Problem(file, key, "a key that is not known here", choices(key, known)))


def find(kind: str, name: str) -> Path:
    """Return the file of a material or cell.

    Parameters
    ----------
    kind : str
        "cell", "electrolyte", "electrode" or "interface".
    name : str
        Name of the file without ending.

    Returns
    -------
    pathlib.Path
        The file.

    Raises
    ------
    ParameterError
        There is none of that name; the nearest names are offered.
    """
    known = resources.files("parameters", f"{kind}s")
    if name not in known:
        raise ParameterError(Problem(f"parameters/{kind}s", kind, f"'{name}'", choices(name, known)))
    return known[name]


def resolve_cell(cell: Any) -> ParameterSet:
    """Return the cell that a caller means.

    Parameters
    ----------
    cell : str, os.PathLike, ParameterSet or LiquidCell
        Name of a shipped cell, path of a TOML file, or a cell, which is handed back.

    Returns
    -------
    ParameterSet or LiquidCell
        Everything in SI, frozen.

    Raises
    ------
    ParameterError
        Anything else, or every problem of the files.
    """
    from cellmodel.parameters.liquid_cell import LiquidCell

    if isinstance(cell, ParameterSet | LiquidCell):
        return cell
    return load_cell(name_or_path(cell, "run", "cell", "the name of a cell, the path of a TOML file, or a cell"))


@cache
def load_cell(
    name: str, electrolyte: str | None = None, electrode: str | None = None, interface: str | None = None
) -> ParameterSet:
    """Return a cell with all its materials.

    Parameters
    ----------
    name : str
        Name of a file in parameters/cells, or the path of a TOML file. The name of a liquid cell gives that: it has
        no materials to choose.
    electrolyte, electrode, interface : str, optional
        Material, or material:variant, to use instead of the one the cell names; ":variant" keeps
        the material.

    Returns
    -------
    ParameterSet
        Everything in SI, frozen.

    Raises
    ------
    ParameterError
        Every problem of every file, in one message.
    """
    from cellmodel.parameters.liquid_cells import is_liquid_cell, load_liquid_cell

    if is_liquid_cell(name):
        asked = {"electrolyte": electrolyte, "electrode": electrode, "interface": interface}
        wrong = [
            Problem(name, role, repr(material), "nothing: a liquid cell is one file")
            for role, material in asked.items()
            if material is not None
        ]
        if wrong:
            raise ParameterError(wrong)
        return load_liquid_cell(name)
    path = Path(name) if name.endswith(".toml") else find("cell", name)
    reader, head = read_file(path, "cell")
    readers, materials = [reader], {}
    given = {"electrolyte": electrolyte, "electrode": electrode, "interface": interface}
    problems = list(reader.problems)
    for kind in _MATERIALS:
        own = str(head.get(kind, ""))
        chosen = given[kind] or own
        material, _, variant = (own.partition(":")[0] + chosen if chosen.startswith(":") else chosen).partition(":")
        try:
            part, _ = read_file(find(kind, material), kind, variant)
        except ParameterError as error:
            problems += error.problems
            continue
        readers.append(part)
        problems += part.problems
        materials[kind] = f"{material}:{variant}" if variant else material
    if problems:
        raise ParameterError(problems)
    return compose(path.stem, str(head["description"]), materials, readers)


def check_file(path: Path) -> None:
    """Raise if a parameter file has a problem; every variant is looked at as well.

    Parameters
    ----------
    path : pathlib.Path
        A cell, electrolyte, electrode or interface.

    Raises
    ------
    ParameterError
        Every problem of the file.
    """
    kind = read_toml(path).get("kind")
    if kind == LIQUID:
        from cellmodel.parameters.liquid_cells import check_liquid_file

        check_liquid_file(path)
        return
    if kind not in KINDS:
        raise ParameterError(Problem(path.name, "kind", repr(kind), "one of " + ", ".join(KINDS)))
    if kind == "cell":
        load_cell(str(path))
        return
    problems: list[Problem] = []
    for variant in ("", *read_toml(path).get("variants", {})):
        reader, _ = read_file(path, kind, variant)
        problems += [problem for problem in reader.problems if problem not in problems]
    if problems:
        raise ParameterError(problems)
