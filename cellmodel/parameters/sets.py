"""Sets of a material: whole alternatives of what is known of it, of which one holds, with the probability of each.

A file states one set itself, called "base"; others are those of its variants that have a weight. Which one holds in a
draw is for `cellmodel.study`; nothing here draws, and nothing knows physics.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from math import isfinite
from typing import TYPE_CHECKING, Any, TypeVar

from cellmodel.errors import ParameterError, Problem, choices, found_text
from cellmodel.parameters.checks import check, missing_links
from cellmodel.parameters.conversion import FileContents
from cellmodel.parameters.files import SharedFiles, read_parameters
from cellmodel.parameters.records import MaterialSet, MaterialSets
from cellmodel.parameters.schema import BASE, SET_QUANTITIES, Sets
from cellmodel.toml_files import TomlFile, tables

if TYPE_CHECKING:
    from cellmodel.parameters.parameter_set import Cell

Kind = TypeVar("Kind")
_SAME = 1e-9  # by which weights that are decimal fractions may miss 1


def read_sets(file: TomlFile, kind: str, own: FileContents, shared: SharedFiles) -> MaterialSets | None:
    """Return the sets of a material whose file was read without a variant; what is wrong is told in its contents."""
    content = tables(file)
    if own.problems or "sets" not in content or kind not in SET_QUANTITIES:
        return None
    stated = Sets.model_validate(content["sets"])  # what breaks the schema was told
    variants = content.get("variants", {})
    own.check_source("sets", stated, stated)
    _check_weights(own, stated.weights, variants)
    named = [name for name in stated.weights if name in variants]
    for name in named:
        _check_whole(own, kind, name, variants[name])
    read = {BASE: own} | {name: read_parameters(file, kind, name, shared) for name in named}
    own.problems += [problem for one in named for problem in read[one].problems if problem not in own.problems]
    if own.problems:
        return None
    sets = [
        MaterialSet(name, one.description.strip(), stated.weights[name], one.records, one.functions)
        for name, one in read.items()
    ]
    return MaterialSets(file.path.stem, tuple(sets), stated.status or "", stated.source or "", stated.note or "")


def _check_weights(contents: FileContents, weights: Mapping[str, float], variants: Mapping[str, Any]) -> None:
    """Tell of weights that are no probabilities of sets that there are."""
    if BASE in variants:
        contents.tell(f"variants.{BASE}", "the name of the set that the file itself states", "another name")
    for name, weight in weights.items():
        if name != BASE and name not in variants:
            contents.tell(f"sets.weights.{name}", found_text(name), choices(name, [BASE, *variants]))
        if not (isfinite(weight) and weight > 0.0):
            contents.tell(f"sets.weights.{name}", f"{weight:g}", "a probability above 0, or no such set")
    if BASE not in weights:
        contents.tell("sets.weights", "no weight of the file's own set", f"'{BASE}' too")
    total = sum(weights.values())
    if abs(total - 1.0) > _SAME:
        contents.tell("sets.weights", f"weights that sum to {total:.12g}", "1")


def _check_whole(contents: FileContents, kind: str, name: str, variant: Mapping[str, Any]) -> None:
    """Tell what a set takes over from the file that it has to state itself: halves of two sets are none."""
    for path in SET_QUANTITIES[kind]:
        key, own = path.rpartition(".")[2], variant.get(path.rpartition(".")[2], {})
        stated = {*own} & {"form", "value"} if isinstance(own, Mapping) else {}
        if (path in contents.functions or path in contents.records) and not stated:
            wanted = f"its own: {name!r} has a weight in [sets] and has to be whole"
            contents.tell(f"variants.{name}.{key}", "part of it" if own else "nothing", wanted)


def with_sets(cell: Cell, chosen: Mapping[str, str]) -> Cell:
    """Return a cell in which one set of some of its materials holds.

    Parameters
    ----------
    cell : Cell
        With the sets that its materials' files state themselves.
    chosen : mapping of str to str
        Role -> name of the set.

    Returns
    -------
    Cell
        Numbers that were changed keep their new value; the material is called "name:set" and has no other sets.

    Raises
    ------
    ParameterError
        A number that was changed is none of the set, or the set makes no cell.
    """
    made = cell
    for role, name in chosen.items():
        sets = cell.sets[role]
        own, other = sets[BASE], sets[name]
        kept = {path: one for path, one in made.entries.items() if path in own.entries and one != own.entries[path]}
        _refuse_lost(cell, role, name, kept.keys() - other.entries.keys())
        made = replace(
            made,
            materials={**made.materials, role: f"{sets.material}:{name}"},
            entries=_in_place(made.entries, own.entries, {**other.entries, **kept}),
            functions=_in_place(made.functions, own.functions, other.functions),
            sets={key: left for key, left in made.sets.items() if key != role},
        )
        if missing := missing_links(made):
            raise ParameterError(missing)
        check(made, {*other.entries, *other.functions})
    return made.with_derived()


def _in_place(known: Mapping[str, Kind], own: Mapping[str, Kind], other: Mapping[str, Kind]) -> dict[str, Kind]:
    """Return what is known of a cell with other entries where its own stood: cells of one structure have one order."""
    first = next(iter(own), None)
    changed: dict[str, Kind] = {}
    for path, one in known.items():
        changed |= other if path == first else {}
        changed |= {} if path in own else {path: one}
    return changed


def _refuse_lost(cell: Cell, role: str, name: str, lost: Iterable[str]) -> None:
    """Raise if a number that was changed is none of the set that is to hold: the change would do nothing."""
    wanted = f"a number of every set, or one set: {role} = '{cell.sets[role].material}:{BASE}'"
    problems = [Problem(cell.name, path, f"a value, which the set {name!r} has not", wanted) for path in sorted(lost)]
    if problems:
        raise ParameterError(problems)


def all_sets(cell: Cell) -> dict[str, dict[str, Cell]]:
    """Return the cell with each set of each material, by role and name; errors are those of `with_sets`."""
    return {role: {name: with_sets(cell, {role: name}) for name in sets.names} for role, sets in cell.sets.items()}
