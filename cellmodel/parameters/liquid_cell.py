"""A graphite | LFP cell with a liquid electrolyte: numbers with their sources, and how its two electrodes balance.

It is a `ParameterSet`, so that protocols, runner, studies and store take it as they take a polymer cell; what differs
is what follows from the numbers. The open-circuit voltage is the difference of two potentials, tied by the lithium
that the charged cell holds:

    x(y) = x_charged - (y - y_charged) N_p / N_n,    N = maximum concentration x active fraction x thickness.

The rest of the electrochemistry (kinetics, diffusivities, conductivity) stays in the set of PyBaMM that the file
names. Knows no files, no model and no solver.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from dataclasses import replace as dataclass_replace
from functools import cached_property
from typing import Any

from cellmodel.correlations import FARADAY
from cellmodel.errors import ParameterError, Problem
from cellmodel.liquid_quantities import LIQUID_QUANTITIES
from cellmodel.parameters.changes import derived_thickness, read_capacity, read_changes
from cellmodel.parameters.parameter_set import ParameterSet
from cellmodel.parameters.records import set_by_user
from cellmodel.parameters.stoichiometry import read_point

ELECTRODES = ("cell.negative_electrode", "cell.positive_electrode")
_ACTIVE, _PORES, _THICKNESS = "active_material_volume_fraction", "electrolyte_volume_fraction", "thickness"
_REST = 1e-9  # of a volume fraction

MODEL_INPUTS = frozenset(
    {
        "electrolyte.conductivity_factor",
        "negative_electrode.particle_diffusivity",
        "electrode.charged_stoichiometry",
        "negative_electrode.charged_stoichiometry",
        "cell.separator.electrolyte_volume_fraction",
        "cell.separator.bruggeman_exponent",
        *(f"{layer}.{name}" for layer in ELECTRODES for name in (_ACTIVE, _PORES, "bruggeman_exponent")),
    }
)
"""Numbers that a built model takes as inputs: all that is neither a length nor a maximum concentration."""

MASSES = frozenset(path for path in LIQUID_QUANTITIES if path.endswith(("density", "_collector.thickness"))) | {
    "electrolyte.filling_ratio"
}
"""Numbers that weigh but do not enter the electrochemistry."""


@dataclass(frozen=True)
class LiquidCell(ParameterSet):
    """Everything known of one graphite | liquid electrolyte | LFP cell; made by `load_liquid_cell`.

    Attributes
    ----------
    name, description, materials, entries, functions
        As in `ParameterSet`; `materials` has the name of PyBaMM's set under "parameter_set".
    """

    @property
    def parameter_set(self) -> str:
        """Name of PyBaMM's parameter set."""
        return self.materials["parameter_set"]

    def sites(self, electrode: str) -> float:
        """Return the lithium sites of an electrode per cell area.

        Parameters
        ----------
        electrode : str
            "negative" or "positive".

        Returns
        -------
        float
            Maximum concentration x active fraction x thickness [mol.m-2].
        """
        return float(_sites(self, electrode))

    def negative_stoichiometry(self, y: float) -> float:
        """Return the stoichiometry x of graphite that belongs to the stoichiometry y of LFP in a cell at rest.

        Parameters
        ----------
        y : float
            Of LFP [1].

        Returns
        -------
        float
            [1]; see `negative_stoichiometry`.
        """
        return float(negative_stoichiometry(self, y))

    def open_circuit_voltage(self, y: float) -> float:
        """Return the voltage of the cell at rest.

        Parameters
        ----------
        y : float
            Stoichiometry of LFP [1].

        Returns
        -------
        float
            U_p(y) - U_n(x(y)) [V].
        """
        positive, negative = self.function("electrode.open_circuit_potential"), self.function(_GRAPHITE)
        return float(positive(y)) - float(negative(self.negative_stoichiometry(y)))

    def stoichiometry(self, voltage: float, temperature: float | None = None) -> float:
        """Return the stoichiometry of LFP at which the open-circuit voltage of the cell is `voltage`.

        Parameters
        ----------
        voltage : float
            [V].
        temperature : float, optional
            As for other cells; the potentials of this one have no temperature coefficient, here and in its model.

        Returns
        -------
        float
            y between 0 and 1 with x(y) between 0 and 1.

        Raises
        ------
        ParameterError
            The open-circuit voltage does not reach it.
        """
        from scipy.optimize import brentq

        voltage, _ = read_point(self.name, voltage, temperature)
        least, most = self._possible
        high, low = self.open_circuit_voltage(least), self.open_circuit_voltage(most)
        if not low <= voltage <= high:
            wanted = f"a voltage within the open-circuit voltage, {low:.4g} to {high:.4g} V"
            raise ParameterError(Problem(self.name, "voltage", f"{voltage:g} V", wanted))
        root = brentq(lambda y: self.open_circuit_voltage(y) - voltage, least, most, xtol=1e-14, rtol=1e-14)
        return float(root)

    @property
    def _possible(self) -> tuple[float, float]:
        """Stoichiometries of LFP at which neither electrode is fuller than full or emptier than empty."""
        ratio = self.sites("negative") / self.sites("positive")
        y, x = self["electrode.charged_stoichiometry"], self["negative_electrode.charged_stoichiometry"]
        return max(0.0, y - (1.0 - x) * ratio), min(1.0, y + x * ratio)

    @cached_property
    def stoichiometry_window(self) -> tuple[float, float]:
        """Stoichiometries of LFP at the upper (charged) and the lower (discharged) cut-off, cell at rest."""
        return self.stoichiometry(self["cell.upper_voltage_cut_off"]), self.stoichiometry(
            self["cell.lower_voltage_cut_off"]
        )

    @cached_property
    def areal_capacity(self) -> float:
        """Charge between the stoichiometries at which the open-circuit voltage equals the cut-offs [A.h.m-2]."""
        charged, discharged = self.stoichiometry_window
        return FARADAY * self.sites("positive") * (discharged - charged) / 3600.0

    @cached_property
    def structure(self) -> tuple[Any, ...]:
        """What cells that share a built model have in common: PyBaMM's set, and every length and concentration."""
        fixed = [(path, self[path]) for path in sorted(self.entries) if path not in MODEL_INPUTS | MASSES]
        return type(self).__name__, self.parameter_set, tuple(fixed)

    def replace(self, values: Mapping[str, float | str], sound: Collection[str] = ()) -> LiquidCell:  # noqa: ARG002
        """Return a new cell with some numbers changed.

        Parameters
        ----------
        values : mapping of str to float or str
            Path -> SI number, or text with a unit. An areal capacity ("cell.positive_electrode.areal_capacity")
            makes both electrodes thicker by the same factor, so that their balance stays.
        sound : collection of str, optional
            As for other cells; the functions of this one are PyBaMM's and not looked at.

        Returns
        -------
        LiquidCell
            Changed values have status "setting".

        Raises
        ------
        ParameterError
            Unknown path, wrong unit, out of bounds, one number given twice, or numbers that make no cell.
        """
        numbers, problems = read_changes(self.name, values, lambda path: self.entries[self.resolve(path)])
        thicknesses = tuple(f"{layer}.{_THICKNESS}" for layer in ELECTRODES)
        wanted, wrong = read_capacity(self.name, values or {}, thicknesses)
        problems += wrong
        if problems:
            raise ParameterError(problems)
        if not values:
            return self
        new = self._changed(numbers)
        if wanted is not None:
            thicker = {path: new[path] * wanted / new.areal_capacity for path in thicknesses}
            for path, thickness in thicker.items():
                problems += derived_thickness(self.name, new.entries[path], thickness, wanted)
            if problems:
                raise ParameterError(problems)
            new = new._changed(thicker)
        return new

    def _changed(self, numbers: Mapping[str, float]) -> LiquidCell:
        entries = dict(self.entries)
        entries |= {path: set_by_user(entries[path], number) for path, number in numbers.items()}
        new = dataclass_replace(self, entries=entries)
        check_liquid_cell(new)
        return new

    @cached_property
    def digest(self) -> str:
        """SHA-256 of all numbers, forms and the name of PyBaMM's set."""
        return hashlib.sha256(repr((self.parameter_set, super().digest)).encode()).hexdigest()


_GRAPHITE = "negative_electrode.open_circuit_potential"


def negative_stoichiometry(numbers: ParameterSet | Mapping[str, Any], y: Any) -> Any:
    """Return the stoichiometry x of graphite that belongs to the stoichiometry y of LFP in a cell at rest.

    Parameters
    ----------
    numbers : ParameterSet or mapping of str to float or symbol
        Of a liquid cell, by path.
    y : float or symbol
        Of LFP [1].

    Returns
    -------
    float or symbol
        x(y) = x_charged - (y - y_charged) N_p / N_n [1], N the lithium sites; derived here.
    """
    moved = (y - numbers["electrode.charged_stoichiometry"]) * _sites(numbers, "positive") / _sites(numbers, "negative")
    return numbers["negative_electrode.charged_stoichiometry"] - moved


def _sites(numbers: ParameterSet | Mapping[str, Any], electrode: str) -> Any:
    """Return the lithium sites of an electrode per cell area [mol.m-2]."""
    role = "electrode" if electrode == "positive" else "negative_electrode"
    layer = f"cell.{electrode}_electrode"
    return numbers[f"{role}.maximum_concentration"] * numbers[f"{layer}.{_ACTIVE}"] * numbers[f"{layer}.{_THICKNESS}"]


def check_liquid_cell(cell: LiquidCell) -> None:
    """Raise if the numbers make no cell.

    Parameters
    ----------
    cell : LiquidCell
        Whose numbers are each within their bounds.

    Raises
    ------
    ParameterError
        Fractions that sum to more than one, cut-offs out of order, or cut-offs that the open-circuit voltage does not
        reach with the lithium the cell holds: all at once.
    """
    problems = []
    for layer in ELECTRODES:
        total = cell[f"{layer}.{_ACTIVE}"] + cell[f"{layer}.{_PORES}"]
        if total > 1.0 + _REST:
            problems.append(Problem(cell.name, layer, f"volume fractions that sum to {total:g}", "at most 1"))
    lower, upper = cell["cell.lower_voltage_cut_off"], cell["cell.upper_voltage_cut_off"]
    if lower >= upper:
        found = f"{lower:g} V, upper cut-off {upper:g} V"
        problems.append(Problem(cell.name, "cell.lower_voltage_cut_off", found, "lower below upper"))
    for key, voltage in (("lower", lower), ("upper", upper)):
        try:
            cell.stoichiometry(voltage)
        except ParameterError as error:
            path = f"cell.{key}_voltage_cut_off"
            problems += [Problem(cell.name, path, problem.found, problem.wanted) for problem in error.problems]
    if problems:
        raise ParameterError(problems)
