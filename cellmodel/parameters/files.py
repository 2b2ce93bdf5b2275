"""Reads one parameter file: its head, its entries, the variant asked for, the bibliography beside it.

A file is read from disk each time; what is made of it is kept by its path and content. Nothing here knows physics.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from cellmodel import resources
from cellmodel.errors import ParameterError, Problem, choices, found_text
from cellmodel.parameters.reading import Reader
from cellmodel.parameters.schema import Function, Reference, Scalar, parse_entry
from cellmodel.quantities import Quantity, quantities_of
from cellmodel.schemas import is_text, validate
from cellmodel.toml_files import TomlFile, open_toml, read_toml, tables

HEAD = {"schema", "kind", "name", "description", "variants"}
MATERIALS = ("electrolyte", "electrode", "interface")
SCHEMA = 1
"""Version of the file format this module reads."""


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

    Raises
    ------
    ParameterError
        Another kind.
    """
    if kind not in MATERIALS:
        raise ParameterError(Problem("list_materials", "kind", found_text(kind), "one of " + ", ".join(MATERIALS)))
    found = resources.files("parameters", f"{kind}s")
    return {name: sorted(read_toml(path).get("variants", {})) for name, path in found.items()}


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
    return dict(references(open_references()))


def open_references() -> TomlFile:
    """Return the file of the bibliography, read anew."""
    return open_toml(resources.folder("parameters") / "references.toml")


@lru_cache(maxsize=4)
def references(file: TomlFile) -> dict[str, Reference]:
    """Return the bibliography in a file, kept by its content: not to be changed. Raises as `load_references`."""
    found: dict[str, Reference] = {}
    problems: list[Problem] = []
    for key, table in tables(file).items():
        reference = validate(Reference, table, file.path.name, key, problems)
        if reference is not None:
            found[key] = reference
    if problems:
        raise ParameterError(problems)
    return found


def read_file(path: Path, kind: str, variant: str = "") -> tuple[Reader, dict[str, Any]]:
    """Return the records of one parameter file, and its head (name, description, materials).

    Parameters
    ----------
    path : pathlib.Path
        The file.
    kind : str
        "cell", "electrolyte", "electrode", "interface", "format" or "vehicle".
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
    return read_parameters(open_toml(path), kind, variant, open_references())


def read_parameters(file: TomlFile, kind: str, variant: str, bibliography: TomlFile) -> tuple[Reader, dict[str, Any]]:
    """Return the records and the head of a file that was opened, as `read_file` does."""
    content = tables(file)
    head = {key: value for key, value in content.items() if key in HEAD or not isinstance(value, dict)}
    problems: list[Problem] = []
    check_head(file.name, kind, head, problems)
    replaced = variant_entries(file.name, head, variant, problems)
    own = {key: value for key, value in content.items() if key not in head}
    refuse_dots(file.name, {**own, "variants": replaced}, problems)
    entries = flatten(own, kind)
    entries.update(flatten(replaced, kind))
    reader = Reader(file.name, references(bibliography), problems)
    known = quantities_of(kind)
    read_entries(reader, entries, known)
    for key, quantity in known.items():
        if quantity.required and key not in entries:
            problems.append(Problem(file.name, key, "nothing", f"{quantity.description} [{quantity.unit}]"))
    return reader, head


def read_entries(reader: Reader, entries: dict[str, Any], known: dict[str, Quantity]) -> None:
    """Hand every entry of a file to the reader; problems are collected there.

    Parameters
    ----------
    reader : Reader
        Extended in place.
    entries : dict
        Full path -> table.
    known : dict of str to Quantity
        What the file may have.
    """
    for key, table in entries.items():
        if key not in known:
            found = "a name that is not known here"
            reader.problems.append(Problem(reader.file, key, found, choices(key, known)))
            continue
        entry = parse_entry(reader.file, key, table, reader.problems)
        if isinstance(entry, Scalar):
            reader.scalar(key, key, entry, known[key])
        elif isinstance(entry, Function):
            reader.function(key, key, entry, known[key])


def variant_entries(file: str, head: dict[str, Any], variant: str, problems: list[Problem]) -> dict[str, Any]:
    """Return the tables of one variant, empty for none; its description is left out.

    Parameters
    ----------
    file : str
        For messages.
    head : dict
        Checked by `check_head`.
    variant : str
        Its name, or nothing.
    problems : list of Problem
        Extended in place.

    Returns
    -------
    dict
        As they stand in the file.
    """
    variants = head.get("variants")
    known = variants if isinstance(variants, dict) else {}
    if variant and variant not in known:
        problems.append(Problem(file, "variants", found_text(variant), choices(variant, known)))
    chosen = known.get(variant) if variant else None
    return {key: table for key, table in chosen.items() if key != "description"} if isinstance(chosen, dict) else {}


def flatten(nested: dict[str, Any], prefix: str) -> dict[str, Any]:
    """Return nested tables as dotted keys, stopping at entries (tables with value or form).

    Parameters
    ----------
    nested : dict
        As read from TOML.
    prefix : str
        Put before every key.

    Returns
    -------
    dict
        Full path -> entry.
    """
    flat: dict[str, Any] = {}
    for key, table in nested.items():
        path = f"{prefix}.{key}"
        is_group = isinstance(table, dict) and table and all(isinstance(part, dict) for part in table.values())
        if is_group and "coefficients" not in table:
            flat.update(flatten(table, path))
        else:
            flat[path] = table
    return flat


def refuse_dots(file: str, nested: dict[str, Any], problems: list[Problem]) -> None:
    """Add every name in quotes that has a dot: it would mean the same number as one without quotes.

    Parameters
    ----------
    file : str
        For messages.
    nested : dict
        As read from TOML.
    problems : list of Problem
        Extended in place.
    """
    for key, table in nested.items():
        if "." in key:
            problems.append(Problem(file, f'"{key}"', "a name in quotes with a dot", "its parts, as in [a.b]"))
        if isinstance(table, dict):
            refuse_dots(file, table, problems)


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

    def complain(key: str, value: Any, wanted: str) -> None:
        problems.append(Problem(file, key, "nothing" if value is None else found_text(value), wanted))

    if type(head.get("schema")) is not int or head["schema"] != SCHEMA:  # neither 1.0 nor true
        complain("schema", head.get("schema"), f"the whole number {SCHEMA}")
    if head.get("kind") != kind:
        complain("kind", head.get("kind"), repr(kind))
    text = ["name", "description", *(MATERIALS if kind == "cell" else ())]
    for key in text:
        if not is_text(head.get(key)):
            complain(key, head.get(key), "a text")
    variants = head.get("variants", {})
    if not isinstance(variants, dict):
        complain("variants", variants, "tables [variants.NAME]")
        variants = {}
    for name, table in variants.items():
        if not isinstance(table, dict):
            complain(f"variants.{name}", table, "a table of entries")
        elif not name.strip() or ":" in name:
            complain("variants", name, "a name without a colon")
        elif not is_text(table.get("description")):
            complain(f"variants.{name}.description", table.get("description"), "a text")
    known = {*HEAD, *text}
    for key in head.keys() - known:
        problems.append(Problem(file, key, "a key that is not known here", choices(key, known)))


def find(kind: str, name: str) -> Path:
    """Return the file of a material or cell.

    Parameters
    ----------
    kind : str
        "cell", "electrolyte", "electrode", "interface", "format" or "vehicle".
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
    path = resources.file("parameters", f"{kind}s", name)
    if path is None:
        known = resources.files("parameters", f"{kind}s")
        raise ParameterError(Problem(f"parameters/{kind}s", kind, found_text(name), choices(name, known)))
    return path
