"""Reads one parameter file: its head, its entries in SI, the variant asked for, the metals and sources it names.

A file is read from disk each time; what is made of it is kept by its path and content. It knows where files are and
what they may say, no cell as a whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from cellmodel import resources
from cellmodel.errors import ParameterError, Problem, choices, found_text
from cellmodel.parameters.conversion import FileContents
from cellmodel.parameters.schema import (
    BASE,
    HEAD,
    MATERIALS,
    MATERIALS_OF,
    OF_METAL,
    SCHEMA,
    Function,
    Head,
    Number,
    file_schema,
    path_prefix,
    quantities_in,
)
from cellmodel.parameters.sources import Reference
from cellmodel.parameters.transference_frame import add_volume_frame
from cellmodel.quantities import Quantity
from cellmodel.schemas import validate
from cellmodel.toml_files import TomlFile, open_toml, read_toml, tables

_DEFAULTS = ("status", "source", "locator", "seen", "through")


class SharedFiles(NamedTuple):
    """Files that every parameter file may refer to, read anew: the bibliography and the metals."""

    references: TomlFile
    metals: tuple[TomlFile, ...]


def list_materials(kind: str) -> dict[str, list[str]]:
    """Return the files of one kind with the variants of each.

    Parameters
    ----------
    kind : str
        "electrolyte", "electrode", "interface" or "metal".

    Returns
    -------
    dict of str to list of str
        Name -> variants.

    Raises
    ------
    ParameterError
        Another kind.

    Examples
    --------
    >>> import cellmodel
    >>> cellmodel.list_materials("electrolyte")["peo_litfsi"]
    ['direct', 'edman', 'steinrueck_inversion']
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

    Examples
    --------
    >>> import cellmodel
    >>> cellmodel.load_references()["Doyle1993"].year
    1993
    """
    return dict(references(open_shared().references))


def open_shared() -> SharedFiles:
    """Return the bibliography and the metals, read anew."""
    metals = resources.files("parameters", "metals").values()
    return SharedFiles(open_toml(resources.folder("parameters") / "references.toml"), tuple(map(open_toml, metals)))


@lru_cache(maxsize=4)
def references(file: TomlFile) -> dict[str, Reference]:
    """Return the bibliography in a file, kept by its content: not to be changed. Raises as `load_references`."""
    problems: list[Problem] = []
    found = {key: validate(Reference, table, file.path.name, key, problems) for key, table in tables(file).items()}
    if problems:
        raise ParameterError(problems)
    return {key: reference for key, reference in found.items() if reference is not None}


def find(kind: str, name: str) -> Path:
    """Return the file of a cell, material, format or vehicle by its name, or raise with the nearest names."""
    path = resources.file("parameters", f"{kind}s", name)
    if path is None:
        known = resources.files("parameters", f"{kind}s")
        raise ParameterError(Problem(f"parameters/{kind}s", kind, found_text(name), choices(name, known)))
    return path


def read_parameters(file: TomlFile, kind: str, variant: str = "", shared: SharedFiles | None = None) -> FileContents:
    """Return what a file says, with the entries of a variant in place of those of the same name.

    Raises
    ------
    ParameterError
        The file is no TOML at all; what else is wrong stands in the contents.
    """
    shared = shared or open_shared()
    contents = FileContents(file.name, references(shared.references))
    head = add_entries(contents, kind, _content(contents, file, variant), shared)
    if head is not None and variant in head.variants:
        contents.description = head.variants[variant].description
    return contents


def add_entries(
    contents: FileContents, kind: str, content: dict[str, Any], shared: SharedFiles | None = None
) -> Head | None:
    """Add the head and the entries of a file to its contents, what it takes over from metals, and what it lacks."""
    head, entries = _validated(contents, kind, content)
    if head is not None:
        contents.name, contents.description = head.name, head.description
        materials = getattr(head, "materials", head)
        contents.named = {role: getattr(materials, role) for role in MATERIALS_OF.get(kind, {})}
    known = quantities_in(kind)
    for path, entry in entries.items():
        contents.add(path, entry, known[path])
    prefix = path_prefix(kind)
    inside = {prefix: content} if prefix else content
    stated = {path for path in known if _at(inside, path) is not None}
    for part in OF_METAL:
        name = _at(inside, f"{part}.material")
        if isinstance(name, str) and shared is not None:
            stated |= _add_metal(contents, part, name, {p: q for p, q in known.items() if p not in stated}, shared)
    for path, quantity in known.items():
        if quantity.required and path not in stated:
            contents.tell(path, "nothing", f"{quantity.description} [{quantity.unit}]")
    add_volume_frame(contents)
    return head


def _add_metal(
    contents: FileContents, part: str, name: str, missing: Mapping[str, Quantity], shared: SharedFiles
) -> set[str]:
    """Add the properties of a metal that a part of the file does not state itself, and return their paths."""
    metals = {file.path.stem: file for file in shared.metals}
    if name not in metals:
        contents.tell(f"{part}.material", found_text(name), choices(name, metals))
        return {path for path in missing if path.startswith(f"{part}.")}
    metal = FileContents(metals[name].name, contents.references, contents.problems, contents.records)
    _, entries = _validated(metal, "metal", _content(metal, metals[name]))
    taken = {part + path.removeprefix("metal"): entry for path, entry in entries.items()}
    added = [path for path in taken if path in missing]  # in the order of the file
    for path in added:
        metal.add(path, taken[path], missing[path])
    return set(added)


def check_version(contents: FileContents, content: dict[str, Any]) -> None:
    """Take the version of the format out of a file and tell if it is another."""
    found = content.pop("schema", None)
    if type(found) is not int or found != SCHEMA:  # neither 1.0 nor true
        contents.tell("schema", "nothing" if found is None else found_text(found), f"the whole number {SCHEMA}")


def _content(contents: FileContents, file: TomlFile, variant: str = "") -> dict[str, Any]:
    """Return the content of a file with a variant put in and sources written out where a default holds."""
    content = dict(tables(file))
    check_version(contents, content)
    variants = content.get("variants")
    known = variants if isinstance(variants, dict) else {}
    named = {**known, **({BASE: None} if "sets" in content else {})}
    if variant and variant not in named:
        contents.tell("variants", found_text(variant), choices(variant, named))
    read = _with_defaults({key: part for key, part in content.items() if key != "variants"}, content)
    chosen = known.get(variant) if variant else None
    if isinstance(chosen, dict):
        changes = {key: part for key, part in chosen.items() if key not in ("description", *_DEFAULTS)}
        read |= {key: _merged(read.get(key), part) for key, part in _with_defaults(changes, chosen).items()}
    return read if variants is None else {**read, "variants": variants}


def _is_entry(table: Any) -> bool:
    return isinstance(table, dict) and ("form" in table or not isinstance(table.get("value", {}), dict))


def _with_defaults(table: dict[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    """Return a table whose entries have status, source and so on of the file, up to the first they state."""
    if _is_entry(table):
        own = [_DEFAULTS.index(key) for key in ("status", "source") if key in table]
        taken = _DEFAULTS[: min(own, default=-1 if "seen" in table else len(_DEFAULTS))]  # `through` belongs to `seen`
        return {**{key: defaults[key] for key in taken if key in defaults}, **table}
    return {key: _with_defaults(part, defaults) if isinstance(part, dict) else part for key, part in table.items()}


def _merged(table: Any, changes: Any) -> Any:
    """Return nested tables with the entries of a variant in the place of their own, each as a whole."""
    is_group = isinstance(changes, dict) and "coefficients" not in changes
    is_group = is_group and all(isinstance(part, dict) or key == "material" for key, part in changes.items())
    if not (is_group and isinstance(table, dict)):
        return changes
    return {**table, **{key: _merged(table.get(key), part) for key, part in changes.items()}}


def _at(table: Any, path: str) -> Any:
    """Return what stands at a dotted path, None if nothing does."""
    for part in path.split("."):
        table = table.get(part) if isinstance(table, dict) else None
    return table


def _validated(
    contents: FileContents, kind: str, content: dict[str, Any]
) -> tuple[Head | None, dict[str, Number | Function]]:
    """Return the head and the entries of a file that are of their kinds, by full path; told by full path too."""
    entries: dict[str, Number | Function] = {}
    found: list[Problem] = []
    head = validate(file_schema(kind), content, contents.file, "", found, context=entries)
    known = quantities_in(kind)
    prefix = path_prefix(kind)
    inside = {**content, prefix: content} if prefix else content
    for problem in found:
        key = problem.key
        first = key.partition(".")[0]
        if prefix and isinstance(content.get(first), dict) and first not in HEAD:
            key = f"{prefix}.{key}"
        entry = first != "sets" and "." in key and not any(key.startswith(f"{path}.") for path in known)
        if problem.found == "an unknown key" and entry:
            for path in _paths(_at(inside, key), key):
                contents.tell(path, problem.found, choices(path, known))
        else:
            contents.tell(key, problem.found, problem.wanted)
    return head, entries


def _paths(table: Any, path: str) -> list[str]:
    """Return the paths of the entries in a table that is no entry itself."""
    if not isinstance(table, dict) or _is_entry(table):
        return [path]
    return [inner for key, part in table.items() for inner in _paths(part, f"{path}.{key}")]
