"""What a step tells the model: controls, the numbers of the cell, and what follows from them.

It knows the inputs of a model; it knows no equation and no solver.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from cellmodel.errors import ParameterError, Problem, choices
from cellmodel.models.controls import TARGETS, THRESHOLDS, hold_weight
from cellmodel.parameters import ParameterSet

DERIVED: dict[str, Callable[[ParameterSet], float]] = {
    "nominal_capacity": lambda cell: cell.areal_capacity * cell["cell.area"],
    "charged_stoichiometry": lambda cell: cell.stoichiometry_window[0],
    "discharged_stoichiometry": lambda cell: cell.stoichiometry_window[1],
}
"""Inputs that follow from the cell [A.h], [1], [1]."""


def complete_inputs(cell: ParameterSet, controls: Mapping[str, float], names: Sequence[str]) -> dict[str, float]:
    """Return every input of the model for a step.

    Parameters
    ----------
    cell : ParameterSet
        The cell.
    controls : mapping of str to float
        As `cellmodel.models.built_model.BuiltModel.solve` takes them.
    names : sequence of str
        The inputs of the discretised model.

    Returns
    -------
    dict of str to float
        Complete, in the order of `names`.

    Raises
    ------
    ParameterError
        If a control is unknown, or the target is missing or not single.
    """
    held = [target for target in TARGETS if target in controls]
    values = dict.fromkeys(TARGETS, 0.0) | {hold_weight(t): float(t in held) for t in TARGETS}
    values |= THRESHOLDS
    values["temperature"] = cell["cell.temperature"]
    values["initial_stoichiometry"] = cell.stoichiometry_window[0]
    known = set(values) - {hold_weight(target) for target in TARGETS}
    problems = [Problem("step", name, "a control", choices(name, known)) for name in controls if name not in known]
    available = [target for target in TARGETS if target in names]
    if len(held) != 1 or held[0] not in available:
        problems.append(Problem("step", "target", ", ".join(held) or "none", "one of " + ", ".join(available)))
    if problems:
        raise ParameterError(problems)
    values |= {name: float(value) for name, value in controls.items()}
    values |= {name: follow(cell) for name, follow in DERIVED.items() if name in names}
    return {name: values[name] if name in values else cell[name] for name in names}
