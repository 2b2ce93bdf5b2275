"""Which set of a material holds in a draw, and from which distributions its numbers are drawn there.

Each material with several sets is one more dimension of the unit cube, cut into intervals as long as the weights of
its sets. What a set is stands in `cellmodel.parameters.sets`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import nan
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cellmodel.parameters import ParameterSet
from cellmodel.parameters.distributions import Distribution, declared_distributions
from cellmodel.parameters.records import MaterialSets, Record
from cellmodel.parameters.sets import all_sets, with_sets

if TYPE_CHECKING:
    from cellmodel.study.runs import Case

Sets = Mapping[str, Mapping[str, Mapping[str, Distribution]]]
"""Role -> set -> path -> distribution."""


def set_name(role: str) -> str:
    """Return the name under which the set of a material is drawn, stored and counted."""
    return f"{role}_set"


def records_of_sets(cell: ParameterSet) -> dict[str, list[Record]]:
    """Return every number of a cell by path, as each of its sets that has it states it; the cell's own first.

    A number that was changed is the same in all of them.
    """
    found = {path: [record] for path, record in cell.entries.items()}
    for sets in cell.sets.values():
        stated = sets.sets[0].entries
        changed = {path for path, record in stated.items() if cell.entries[path] != record}
        for one in sets.sets[1:]:
            for path in one.entries.keys() - changed:
                found.setdefault(path, []).append(one.entries[path])
    return found


def choices_of_sets(cell: ParameterSet) -> dict[str, Record]:
    """Return the choice between the sets of each material as a record without a value, by its name in a sample."""
    found = {}
    for role, sets in cell.sets.items():
        text = ", ".join(f"{name} {weight:g}" for name, weight in sets.weights.items())
        found[set_name(role)] = Record(set_name(role), nan, "1", text, sets.status, source=sets.source, note=sets.note)
    return found


def with_all_names(cell: ParameterSet) -> ParameterSet:
    """Return a cell that knows the numbers and functions of all its sets by name: none that can be run.

    A number is as the first set has it that calls it uncertain.
    """
    if not cell.sets:
        return cell
    known = records_of_sets(cell).items()
    entries = {path: next((one for one in records if one.distribution), records[0]) for path, records in known}
    others = (one.functions for sets in cell.sets.values() for one in sets.sets[1:])
    functions = {path: function for each in others for path, function in each.items()}
    return replace(cell, entries=entries, functions={**functions, **cell.functions})


def lacking(sets: MaterialSets, path: str) -> list[str]:
    """Return the names of the sets of a material that have no number of that full path, which one of them has."""
    has = [path in one.entries for one in sets.sets]
    return [one.name for one, there in zip(sets.sets, has, strict=True) if any(has) and not there]


def set_distributions(cell: ParameterSet, drawn: Mapping[str, Distribution], stated: Iterable[str] = ()) -> Sets:
    """Return from which distributions a material's numbers are drawn where each of its sets holds.

    Parameters
    ----------
    cell : ParameterSet
        With its sets.
    drawn : mapping of str to Distribution
        What is drawn; `stated` are the paths whose distribution holds in every set that has the number, others are
        drawn as the set's file has it, where it states an uncertainty.

    Returns
    -------
    mapping
        By role, set and path. ParameterError if a set makes no cell with the changed numbers of this one.
    """
    found: dict[str, dict[str, dict[str, Distribution]]] = {}
    for role, cells in all_sets(cell).items():
        for name, one in cells.items():
            declared, own = declared_distributions(one), cell.sets[role][name].entries
            here = {path for path in drawn if path in own and (path in stated or path in declared)}
            known = {path: drawn[path] if path in stated else declared[path] for path in here}
            found.setdefault(role, {})[name] = known
    return found


@dataclass(frozen=True)
class Alternative:
    """One way in which the sets of a cell's materials can hold.

    Attributes
    ----------
    rows : ndarray of int
        Numbers of the draws in which it does.
    names : dict of str to str
        Role -> name of the set; empty text for a material with no sets.
    cell : ParameterSet
        The cell with these sets.
    distributions : mapping of str to Distribution
        Of the numbers that are drawn there.
    """

    rows: NDArray[np.intp]
    names: dict[str, str]
    cell: ParameterSet
    distributions: Mapping[str, Distribution]


def alternatives(case: Case, roles: Sequence[str], points: NDArray[np.float64]) -> list[Alternative]:
    """Return in which draws which sets hold; `points` has where each lies in the cube, shape (draws, roles)."""
    codes = np.zeros(points.shape, dtype=np.intp)
    names: list[tuple[str, ...]] = []
    for column, role in enumerate(roles):
        weights = case.parameters.sets[role].weights if role in case.set_distributions else {"": 1.0}
        codes[:, column] = np.searchsorted(np.cumsum([*weights.values()])[:-1], points[:, column], side="right")
        names.append(tuple(weights))
    found = []
    for code in np.unique(codes, axis=0):
        chosen = {role: names[column][code[column]] for column, role in enumerate(roles)}
        held = {role: name for role, name in chosen.items() if name}
        rows = np.flatnonzero((codes == code).all(axis=1))
        cell = with_sets(case.parameters, held) if held else case.parameters
        found.append(Alternative(rows, chosen, cell, _distributions(case, held)))
    return found


def _distributions(case: Case, held: Mapping[str, str]) -> dict[str, Distribution]:
    """Return what is drawn where some sets hold: of other materials as ever, of these as the set has it."""
    others = {path: one for path, one in case.distributions.items() if path.partition(".")[0] not in held}
    return others | {
        path: one for role, name in held.items() for path, one in case.set_distributions[role][name].items()
    }
