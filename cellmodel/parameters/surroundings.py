"""What is around the layers of a cell and around the cells of a vehicle: a format, a vehicle.

Both are one file of numbers with sources, as a material is, but no part of a cell's physics: no model, no run and
no digest depends on them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import replace as dataclass_replace
from functools import lru_cache
from os import PathLike
from pathlib import Path

from cellmodel import resources
from cellmodel.errors import ParameterError, Problem, choices, found_text
from cellmodel.inputs import name_or_path
from cellmodel.parameters.files import SharedFiles, find, open_shared, read_parameters
from cellmodel.parameters.records import AREAL_CAPACITY, Record, read_changes, set_by_user
from cellmodel.toml_files import TomlFile, open_toml


@dataclass(frozen=True)
class ComponentSet:
    """Every number of one format or one vehicle.

    Attributes
    ----------
    name, description : str
        Of the file.
    entries : dict of str to Record
        Every number in SI, by path, such as "format.pouch.thickness".
    """

    name: str
    description: str
    entries: Mapping[str, Record]

    def __getitem__(self, path: str) -> float:
        """Return one number in SI by its path."""
        return self._record(path).value

    def _record(self, path: str) -> Record:
        if not isinstance(path, str):
            raise ParameterError(Problem(self.name, "path", found_text(path), "the name of a number"))
        if path not in self.entries:
            raise ParameterError(Problem(self.name, path, "no such parameter", choices(path, self.entries)))
        return self.entries[path]

    def replace(self, values: Mapping[str, float | str]) -> ComponentSet:
        """Return a new set with some numbers changed.

        Parameters
        ----------
        values : mapping of str to float or str
            Path -> SI number, or text with a unit such as "113 um".

        Returns
        -------
        ComponentSet
            Changed values have status "setting".

        Raises
        ------
        ParameterError
            Unknown path, wrong unit, out of bounds, one number given twice: all problems at once.
        """
        numbers, problems = read_changes(self.name, values, self._record)
        if AREAL_CAPACITY in (values or {}):
            problems.append(Problem(self.name, AREAL_CAPACITY, "no such parameter", "a number of this file"))
        if problems:
            raise ParameterError(problems)
        entries = dict(self.entries)
        entries |= {path: set_by_user(entries[path], number) for path, number in numbers.items()}
        return dataclass_replace(self, entries=entries)


def list_formats() -> list[str]:
    """Return the names of all shipped formats.

    Returns
    -------
    list of str
        In alphabetical order.
    """
    return list(resources.files("parameters", "formats"))


def list_vehicles() -> list[str]:
    """Return the names of all shipped vehicles.

    Returns
    -------
    list of str
        In alphabetical order.
    """
    return list(resources.files("parameters", "vehicles"))


def load_format(name: str | PathLike[str] = "pouch") -> ComponentSet:
    """Return what is around the layers of a cell: size and number of layers, tabs, pouch.

    Parameters
    ----------
    name : str or os.PathLike, optional
        Name of a file in parameters/formats, or the path of a TOML file.

    Returns
    -------
    ComponentSet
        Everything in SI, frozen; paths begin with "format.".

    Raises
    ------
    ParameterError
        Every problem of the file, in one message.

    Examples
    --------
    >>> import cellmodel
    >>> pouch = cellmodel.load_format("pouch")
    >>> pouch["format.stack.repeat_units"]
    35.0
    """
    return _load("format", name)


def load_vehicle(name: str | PathLike[str]) -> ComponentSet:
    """Return what is around the cells: pack, consumption, heat loss.

    Parameters
    ----------
    name : str or os.PathLike
        Name of a file in parameters/vehicles, or the path of a TOML file.

    Returns
    -------
    ComponentSet
        Everything in SI, frozen; paths begin with "vehicle.".

    Raises
    ------
    ParameterError
        Every problem of the file, in one message.

    Examples
    --------
    >>> import cellmodel
    >>> car = cellmodel.load_vehicle("electric_car")
    >>> car["vehicle.pack.mass"]  # [kg]
    480.0
    """
    return _load("vehicle", name)


def _load(kind: str, name: str | PathLike[str]) -> ComponentSet:
    """Return the set in a file that is read now."""
    name = name_or_path(name, f"load_{kind}", "name", f"the name of a {kind}, or the path of a TOML file")
    file = open_toml(Path(name) if name.endswith(".toml") else find(kind, name))
    return _component_set(kind, file, open_shared())


@lru_cache(maxsize=32)
def _component_set(kind: str, file: TomlFile, shared: SharedFiles) -> ComponentSet:
    """Return the set in a file, one object for each content."""
    contents = read_parameters(file, kind, "", shared)
    if contents.problems:
        raise ParameterError(contents.problems)
    return ComponentSet(file.path.stem, contents.description, contents.records)
