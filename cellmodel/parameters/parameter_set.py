"""A cell: every number in SI with its source, every function ready to call, and what follows from them.

Frozen: `replace` returns a new set.  Knows electrochemistry (capacity, stoichiometry window), but
no files, no model and no solver.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from dataclasses import replace as dataclass_replace
from functools import cached_property, lru_cache
from os import PathLike
from typing import Any

from cellmodel.correlations import FARADAY, Correlation
from cellmodel.errors import ParameterError, Problem, choices, found_text
from cellmodel.inputs import parse_quantity
from cellmodel.parameters.cell_files import read_cell
from cellmodel.parameters.checks import FRACTIONS, check, missing_links
from cellmodel.parameters.conversion import CellContents
from cellmodel.parameters.kinds import KINDS, PLATED, POSITIVE, CellKind, kinds_with
from cellmodel.parameters.records import (
    FunctionRecord,
    MaterialSets,
    Record,
    build_correlations,
    derived_thickness,
    numbers_used,
    plated_lithium,
    read_capacity,
    read_changes,
    set_by_user,
)
from cellmodel.parameters.sets import all_sets
from cellmodel.parameters.stoichiometry import RestVoltage, read_point, rest_voltages, stoichiometry_at, window_inputs
from cellmodel.parameters.validity import common_ranges, outside_ranges
from cellmodel.parameters.written import cell_toml

CATHODE_THICKNESS = "cell.positive_electrode.thickness"


@dataclass(frozen=True)
class Cell:
    """Everything a model needs to know of one cell; `Cell.load` reads it from its files.

    Attributes
    ----------
    name, description : str
        Of the cell file.
    materials : dict of str to str
        Role -> material[:variant].
    entries : dict of str to Record
        Every number, by path.
    functions : dict of str to FunctionRecord
        Every function, by path.
    kind : CellKind
        What its negative electrode is; by default a foil of lithium.
    sets : dict of str to MaterialSets
        Role -> whole alternatives of what the material's file says, of which `entries` and `functions` are the base.
    """

    name: str
    description: str
    materials: Mapping[str, str]
    entries: Mapping[str, Record]
    functions: Mapping[str, FunctionRecord] = field(repr=False)
    kind: CellKind = KINDS["lithium_metal"]
    sets: Mapping[str, MaterialSets] = field(default_factory=dict, repr=False, compare=False)

    @staticmethod
    def load(
        name: str | PathLike[str],
        electrolyte: str | None = None,
        electrode: str | None = None,
        interface: str | None = None,
    ) -> Cell:
        """Return a cell with all its materials; arguments and errors are those of `cellmodel.load_cell`.

        Examples
        --------
        >>> import cellmodel
        >>> cell = cellmodel.Cell.load("li_peo_lfp", electrolyte=":edman")
        >>> cell.materials["electrolyte"], round(cell["cell.separator.thickness"] * 1e6)  # [um]
        ('peo_litfsi:edman', 20)
        """
        return _checked(read_cell(name, electrolyte, electrode, interface))

    def __getitem__(self, path: str) -> float:
        """Return one number in SI by its path (or the path of a constant function)."""
        return self.entries[self.resolve(path)].value

    def resolve(self, path: str) -> str:
        """Return the full path of a scalar; the path of a constant function means its value."""
        if not isinstance(path, str):
            raise ParameterError(Problem(self.name, "path", found_text(path), "the name of a number"))
        if path in self.entries:
            return path
        if f"{path}.value" in self.entries:
            return f"{path}.value"
        if path in self.functions:
            inside = ", ".join(sorted(self.functions[path].coefficients.values()))
            wanted = f"one of its coefficients: {inside}"
            raise ParameterError(Problem(self.name, path, "a function", wanted))
        if not self.kind.has(path):
            found = f"a number that a cell with {self.kind.description} has not"
            raise ParameterError(Problem(self.name, path, found, f"a cell of kind {kinds_with(path)}"))
        raise ParameterError(Problem(self.name, path, "no such parameter", choices(path, self.entries)))

    @property
    def scalars(self) -> dict[str, float]:
        """Every number in SI by path."""
        return {path: record.value for path, record in self.entries.items()}

    def correlations(self, symbols: Mapping[str, Any] | None = None) -> dict[str, Correlation]:
        """Return all functions as frozen correlations, by path; symbols replace numbers, by path."""
        return build_correlations(self.functions, {**self.scalars, **(symbols or {})})

    _correlations = cached_property(correlations)

    def function(self, path: str) -> Callable[..., Any]:
        """Return one function of the cell by its path, SI in and SI out, arguments as in `cellmodel.quantities`."""
        return self.correlation(path).evaluate

    def correlation(self, path: str) -> Correlation:
        """Return one function of the cell with its coefficients, as `function` does; equal ones give equal numbers."""
        if not isinstance(path, str) or path not in self._correlations:
            path = path if isinstance(path, str) else found_text(path)
            raise ParameterError(Problem(self.name, path, "no such function", choices(path, self.functions)))
        return self._correlations[path]

    def open_circuit_voltage(self, y: float, direction: str = "discharge") -> float:
        """Return the voltage [V] at rest at a stoichiometry of the positive electrode, by the direction before."""
        return float(self._rest_voltages[direction].evaluate(y))

    @cached_property
    def _rest_voltages(self) -> dict[str, RestVoltage]:
        return rest_voltages(self.kind.electrodes, self, self.functions, self.correlation)

    @cached_property
    def structure(self) -> tuple[Any, ...]:
        """What cells that share a built model have in common: kind, functional forms, numbers, inputs."""
        forms = sorted((path, record.form.__name__) for path, record in self.functions.items())
        values = self.kind.name, self.materials.get("parameter_set")
        return *values, tuple(forms), tuple(sorted(self.entries)), self.model_inputs

    @cached_property
    def model_inputs(self) -> tuple[str, ...]:
        """Paths of the numbers that a built model takes as inputs: all."""
        return tuple(self.entries)

    def stoichiometry(self, voltage: float, temperature: float | None = None, direction: str = "discharge") -> float:
        """Return the stoichiometry y at which the cell at rest has `voltage`.

        Parameters
        ----------
        voltage : float or str
            [V], or text with a unit.
        temperature : float or str, optional
            T [K] at which U(y) + (T - T_ref) dU/dT(y) equals the voltage; default the electrode's reference
            temperature T_ref, where U(y) does.
        direction : {"discharge", "charge"}, optional
            On which branch of a material with hysteresis.

        Returns
        -------
        float
            y in [0, 1].

        Raises
        ------
        ParameterError
            The open-circuit potential does not reach the voltage between y = 0 and y = 1.
        """
        voltage, T = read_point(self.name, voltage, temperature)
        coefficient, entropic, warmer = "electrode.entropic_coefficient", None, 0.0
        if T is not None and coefficient in self.functions:
            warmer = T - self["electrode.reference_temperature"]
            entropic = self.correlation(coefficient) if warmer else None
        y, least, most = stoichiometry_at(self._rest_voltages[direction], voltage, entropic, warmer)
        if y is None:
            wanted = f"a voltage within the open-circuit voltage, {least:.4g} to {most:.4g} V"
            raise ParameterError(Problem(self.name, "voltage", f"{voltage:g} V", wanted))
        return y

    @cached_property
    def stoichiometry_window(self) -> tuple[float, float]:
        """Stoichiometries that a slow charge reaches at the upper cut-off and a slow discharge at the lower one."""
        if not self.kind.electrodes:
            return 0.0, 1.0
        upper, lower = self["cell.upper_voltage_cut_off"], self["cell.lower_voltage_cut_off"]
        return self.stoichiometry(upper, direction="charge"), self.stoichiometry(lower)

    @cached_property
    def areal_capacity(self) -> float:
        """Charge between the stoichiometries of the charged and the discharged cell [A.h.m-2]."""
        charged, discharged = self.stoichiometry_window
        return float(FARADAY * self.kind.store.sites(self) * (discharged - charged) / 3600.0)

    @cached_property
    def window_inputs(self) -> frozenset[str]:
        """Numbers and functions that the stoichiometries of the charged and the discharged cell follow from."""
        return window_inputs(self.kind.electrodes)

    @property
    def active_mass(self) -> float:
        """Mass of active material per electrode area [kg.m-2]; of lithium, where there is no porous electrode."""
        if not self.kind.electrodes:
            return float(self.kind.store.sites(self) * self["cell.lithium.molar_volume"] * self["cell.lithium.density"])
        return self["electrode.density"] * self[FRACTIONS[0]] * self[CATHODE_THICKNESS]

    @cached_property
    def validity(self) -> dict[str, tuple[float, float]]:
        """Temperature [K] and concentration [mol.m-3] within which every correlation of the cell holds."""
        return common_ranges(self.functions.values())

    def outside_validity(self, temperature: float, concentration: float | None = None) -> list[Problem]:
        """Return one problem for each correlation asked outside the range it states, at [K] and [mol.m-3].

        The concentration is by default the initial one; 1e-6 relative is let pass, for the conversion of units.
        """
        temperature = parse_quantity(temperature, "K", self.name, "temperature")
        c = self["electrolyte.initial_concentration"] if concentration is None else concentration
        c = parse_quantity(c, "mol.m-3", self.name, "concentration")
        asked = (("temperature", "K", temperature), ("concentration", "mol.m-3", c))
        return outside_ranges(self.name, self.functions, self.materials, asked)

    def replace(self, values: Mapping[str, float | str], valid: Collection[str] = ()) -> Cell:
        """Return a new set with some numbers changed.

        Parameters
        ----------
        values : mapping of str to float or str
            Path -> SI number, or text with a unit such as "30 um".
        valid : collection of str, optional
            Functions that `checks.valid_functions` found within their bounds with these values.

        Returns
        -------
        Cell
            Changed values have status "setting". "cell.positive_electrode.areal_capacity" makes every porous electrode
            thicker by the same factor, so that their balance stays.

        Raises
        ------
        ParameterError
            Unknown path, wrong unit, out of bounds, one number given twice: all problems at once.
        """
        numbers, problems = read_changes(self.name, values, self._record_to_change)
        thicknesses = tuple(f"{electrode.layer}.thickness" for electrode in self.kind.electrodes)
        wanted, wrong = read_capacity(self.name, values or {}, thicknesses)
        problems += wrong
        if problems:
            raise ParameterError(problems)
        if not values:
            return self
        entries, changed = dict(self.entries), set(numbers)
        entries |= {path: set_by_user(entries[path], number) for path, number in numbers.items()}
        new = self._with(entries, changed)
        if wanted is not None:
            thicker = {path: wanted / new.areal_capacity * new[path] for path in thicknesses}
            for path, thickness in thicker.items():
                problems += derived_thickness(self.name, entries[path], thickness, wanted)
            if problems:
                raise ParameterError(problems)
            entries |= {path: set_by_user(entries[path], thickness) for path, thickness in thicker.items()}
            changed.update(thicker)
            new = self._with(entries, changed)
        check(new, changed | self.depending_on(changed), valid)
        return new.with_derived()

    def _record_to_change(self, path: str) -> Record:
        record = self.entries[self.resolve(path)]
        if record.path not in self.kind.derived:
            return record
        found = f"a number that follows from the others in a cell of kind {self.kind.name!r}"
        raise ParameterError(Problem(self.name, path, found, "no value of its own"))

    def with_derived(self) -> Cell:
        """Return the cell with the lithium that the first charge plates, if its kind has no foil."""
        if PLATED not in self.kind.derived:
            return self
        made, charged = self.scalars.get("electrode.stoichiometry_as_made", 1.0), self.stoichiometry_window[0]
        plated = plated_lithium(self.name, made, charged, POSITIVE.sites(self), self["cell.lithium.molar_volume"])
        return self._with({**self.entries, PLATED: plated}, {PLATED})

    def _with(self, entries: Mapping[str, Record], changed: set[str]) -> Cell:
        """Return the set with other entries, taking over what does not follow from the changed ones."""
        new = dataclass_replace(self, entries=entries)
        functions = self.depending_on(changed)
        kept = {path: function for path, function in self._correlations.items() if path not in functions}
        new.__dict__["_uses"] = self._uses
        new.__dict__["_correlations"] = build_correlations(self.functions, new.scalars, kept)
        if self.window_inputs.isdisjoint(changed | functions):
            new.__dict__["stoichiometry_window"] = self.stoichiometry_window
        return new

    def depending_on(self, paths: Collection[str]) -> set[str]:
        """Return the functions that some numbers enter, directly or through another function."""
        return {path for path, numbers in self._uses.items() if not numbers.isdisjoint(paths)}

    @cached_property
    def _uses(self) -> dict[str, frozenset[str]]:
        return numbers_used(self.functions)

    @property
    def inputs(self) -> dict[str, Any]:
        """Names, and value, unit, status and source of every number: what results are told apart by."""
        values: dict[str, dict[str, Any]] = {}
        for path, record in sorted(self.entries.items()):
            values[path] = {"value": record.value, "unit": record.unit, "status": record.status}
            values[path] |= {"source": record.source} if record.source else {}
        return {"cell": self.name, **self.materials, "values": values}

    def to_toml(self) -> str:
        """Return the cell as TOML text: written to a file, `load_cell` reads it back as the same cell."""
        return cell_toml(self)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of all numbers and forms, and the set of PyBaMM: cells with the same digest are the same physics."""
        forms = sorted((path, record.form.__name__) for path, record in self.functions.items())
        own = hashlib.sha256(repr((sorted(self.scalars.items()), forms)).encode()).hexdigest()
        base = self.materials.get("parameter_set")
        return own if base is None else hashlib.sha256(repr((base, own)).encode()).hexdigest()


@lru_cache(maxsize=128)
def _checked(contents: CellContents) -> Cell:
    """Return the cell of some contents, one object for each, or raise with what keeps them from being one."""
    cell = Cell(**vars(contents))
    if missing := missing_links(cell):
        raise ParameterError(missing)
    check(cell)
    all_sets(cell)
    return cell.with_derived()


ParameterSet = Cell
"""The class by its former name, under which earlier pickles have it."""
