"""What a leg tells the model: controls, the cell's own values where a control is absent, and what follows from both.

It knows the inputs of a half cell's model; it knows no equation and no solver.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pybamm

from cellmodel.errors import ParameterError, Problem, choices
from cellmodel.models.controls import TARGETS, THRESHOLDS, hold_weight
from cellmodel.parameters import ParameterSet

DERIVED: dict[str, Callable[[ParameterSet], float]] = {
    "nominal_capacity": lambda cell: cell.areal_capacity * cell["cell.area"],
    "charged_stoichiometry": lambda cell: cell.stoichiometry_window[0],
    "discharged_stoichiometry": lambda cell: cell.stoichiometry_window[1],
}
"""Inputs that follow from the cell of a leg [A.h], [1], [1]."""


def derived(name: str, parameters: ParameterSet, inputs: Sequence[str]) -> float | pybamm.InputParameter:
    """Return a quantity that follows from the cell, as an input where the cell may change from leg to leg.

    Parameters
    ----------
    name : str
        A key of `DERIVED`.
    parameters : ParameterSet
        The cell of the build.
    inputs : sequence of str
        Paths that each leg chooses.

    Returns
    -------
    float or pybamm.InputParameter
        A number where nothing can change it.
    """
    return pybamm.InputParameter(name) if inputs else DERIVED[name](parameters)


class LegInputs:
    """Completes the controls of a leg to the inputs of one model.

    Parameters
    ----------
    parameters : ParameterSet
        The cell of the build.
    paths : tuple of str
        Paths of the parameters whose values each leg may choose.
    names : sequence of str
        The inputs of the discretised model.
    """

    def __init__(self, parameters: ParameterSet, paths: tuple[str, ...], names: Sequence[str]) -> None:
        self._parameters, self._paths, self._names = parameters, paths, list(names)
        self._cell_of: tuple[dict[str, float], ParameterSet] = ({}, parameters)

    def cell(self, controls: Mapping[str, float]) -> ParameterSet:
        """Return the cell of a leg: that of the build with the values that the leg chooses.

        Parameters
        ----------
        controls : mapping of str to float
            As in `complete`, or the inputs that a solution carries.

        Returns
        -------
        ParameterSet
            The last one is kept: all legs of a run share it.
        """
        named = {self.full_path(name): value for name, value in controls.items()}
        chosen = {path: float(np.squeeze(named[path])) for path in self._paths if path in named}
        if chosen != self._cell_of[0]:
            self._cell_of = (chosen, self._parameters.replace(chosen))
        return self._cell_of[1]

    def remember(self, cell: ParameterSet) -> None:
        """Take over a cell that legs to come choose, so that it need not be composed again.

        Parameters
        ----------
        cell : ParameterSet
            The cell of the build but for the values of the inputs.
        """
        self._cell_of = ({path: cell[path] for path in self._paths}, cell)

    def complete(self, controls: Mapping[str, float]) -> dict[str, float]:
        """Return every input of the model for a leg.

        Parameters
        ----------
        controls : mapping of str to float
            As `cellmodel.models.built_model.BuiltModel.solve` takes them.

        Returns
        -------
        dict of str to float
            Complete and in a fixed order.

        Raises
        ------
        ParameterError
            If a control is unknown, or the target is missing or not single.
        """
        cell = self.cell(controls)
        held = [target for target in TARGETS if target in controls]
        values = dict.fromkeys(TARGETS, 0.0) | {hold_weight(t): float(t in held) for t in TARGETS}
        values |= THRESHOLDS
        values["temperature"] = cell["cell.temperature"]
        values["initial_stoichiometry"] = cell.stoichiometry_window[0]
        values |= {path: cell[path] for path in self._paths}
        controls = {self.full_path(name): value for name, value in controls.items()}
        known = set(values) - {hold_weight(target) for target in TARGETS}
        problems = [Problem("leg", name, "a control", choices(name, known)) for name in controls if name not in known]
        available = [target for target in TARGETS if target in self._names]
        if len(held) != 1 or held[0] not in available:
            problems.append(Problem("leg", "target", ", ".join(held) or "none", "one of " + ", ".join(available)))
        if problems:
            raise ParameterError(problems)
        values |= {name: float(value) for name, value in controls.items()}
        values |= {name: follow(cell) for name, follow in DERIVED.items()}
        return {name: values[name] for name in self._names}

    def full_path(self, name: str) -> str:
        """Return the path of an input; that of a constant function means its value."""
        return f"{name}.value" if f"{name}.value" in self._paths else name
