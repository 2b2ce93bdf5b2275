"""What a step tells the model: controls, the numbers of the cell, and what follows from them.

It knows the inputs of a model; it knows no equation and no solver.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from cellmodel.errors import ParameterError, Problem, choices
from cellmodel.mechanisms.mechanism import EndEvent
from cellmodel.parameters import ParameterSet

TARGETS = ("current", "voltage", "power")
"""What a step may hold [A, V, W]; a step names exactly one of them."""

DISABLED = 1e3
"""Size of a threshold [V, or multiples of the 1-hour current] that no step reaches."""

RAMP = ("current_slope", "ramp_start")
"""What makes the current of a step a straight line in time, I(t) = current + current_slope (t - ramp_start) [A.s-1, s]:
inputs, so that neither a model is built nor an equation changed for each row of a table; zero in other steps."""

THRESHOLDS = {"lower_voltage": -DISABLED, "upper_voltage": DISABLED, "current_cut_off": -DISABLED}
"""What ends a step [V, V, A] and the value that switches it off."""

EVENT_NAMES = {
    "lower_voltage": "lower voltage",
    "upper_voltage": "upper voltage",
    "current_cut_off": "current cut-off",
}
"""Threshold -> name of its event, as it appears after "event: " in a solution's termination."""


LITHIUM_SATURATED = "salt above solubility at lithium"
CATHODE_SATURATED = "salt above solubility in the cathode"
NEGATIVE_SATURATED = "salt above solubility in the negative electrode"
LITHIUM_DEPLETED = "salt depleted at lithium"
SALT_ENDS = {
    LITHIUM_SATURATED: EndEvent("the salt at lithium reached its solubility", "salt_above_solubility_at_lithium"),
    CATHODE_SATURATED: EndEvent(
        "the salt at the collector's end of the cathode reached its solubility", "salt_above_solubility_in_the_cathode"
    ),
    NEGATIVE_SATURATED: EndEvent(
        "the salt at the collector's end of the negative electrode reached its solubility",
        "salt_above_solubility_in_the_negative_electrode",
    ),
    LITHIUM_DEPLETED: EndEvent("the salt at lithium ran out", "salt_depleted_at_lithium"),
}
"""Name of an event of the salt -> what it ended, and the cause of the end."""


def hold_weight(target: str) -> str:
    """Return the name of the input that is 1 when the step holds `target`, one of `TARGETS`, else 0."""
    return f"hold_{target}"


BRANCHES = {"discharge": -1.0, "charge": 1.0}
"""Branch of the open-circuit potential of a positive electrode with hysteresis: lithiation -1, delithiation 1."""

DERIVED: dict[str, Callable[[ParameterSet], float]] = {
    "nominal_capacity": lambda cell: cell.areal_capacity * cell["cell.area"],
}
"""Inputs that follow from the cell [A.h]."""


def complete_inputs(cell: ParameterSet, controls: Mapping[str, float], names: Sequence[str]) -> dict[str, float]:
    """Return the inputs of a model, in the order of `names`, from controls as `BuiltModel.solve` takes them."""
    held = [target for target in TARGETS if target in controls]
    values = dict.fromkeys(TARGETS, 0.0) | {hold_weight(t): float(t in held) for t in TARGETS}
    values |= THRESHOLDS | dict.fromkeys(RAMP, 0.0)
    values["temperature"] = cell["cell.temperature"]
    values["initial_stoichiometry"] = cell.stoichiometry_window[0]
    charges = any(controls.get(target, 0.0) < 0.0 for target in ("current", "power"))
    values["branch"] = BRANCHES["charge" if charges else "discharge"]
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
