"""What numbers and functions must satisfy together before they are called a cell.

Each check returns problems; `check` raises with all of them.  Nothing here reads files.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cellmodel.errors import ParameterError, Problem
from cellmodel.quantities import QUANTITIES

if TYPE_CHECKING:
    from cellmodel.parameters.parameter_set import ParameterSet

FRACTIONS = (
    "cell.positive_electrode.active_material_volume_fraction",
    "cell.positive_electrode.electrolyte_volume_fraction",
)
"""Volume fractions of the composite cathode that must leave room for each other."""


def check(parameters: ParameterSet) -> None:
    """Raise if the numbers of a cell cannot be physics.

    Volume fractions must leave room for each other, cut-offs must be in order and inside the
    open-circuit potential, which must decrease; every property of the electrolyte must be finite
    and within its bounds over the range it states.

    Parameters
    ----------
    parameters : ParameterSet
        The cell.

    Raises
    ------
    ParameterError
        All problems at once.
    """
    problems = [*_check_geometry(parameters), *_check_functions(parameters), *_check_open_circuit(parameters)]
    if problems:
        raise ParameterError(problems)


def _check_geometry(parameters: ParameterSet) -> list[Problem]:
    problems = []
    total = sum(parameters[path] for path in FRACTIONS)
    if total > 1.0 + 1e-9:
        problems.append(
            Problem(
                parameters.name,
                "cell.positive_electrode",
                f"volume fractions that sum to {total:g}",
                "at most 1",
            )
        )
    lower, upper = parameters["cell.lower_voltage_cut_off"], parameters["cell.upper_voltage_cut_off"]
    if lower >= upper:
        found = f"{lower:g} V, upper cut-off {upper:g} V"
        problems.append(Problem(parameters.name, "cell.lower_voltage_cut_off", found, "lower below upper"))
    return problems


def _check_open_circuit(parameters: ParameterSet) -> list[Problem]:
    path = "electrode.open_circuit_potential"
    y = np.linspace(-0.01, 1.01, 1021)
    potential = np.asarray(parameters.function(path)(y))
    if not np.all(np.isfinite(potential)):
        return [Problem(parameters.name, path, "a value that is not finite", "finite over -0.01 <= y <= 1.01")]
    steps = np.diff(potential)
    if np.any(steps >= 0.0):
        where = float(y[int(np.argmax(steps))])
        return [Problem(parameters.name, path, f"a potential that does not fall at y = {where:.3f}", "dU/dy < 0")]
    problems = []
    low, high = float(np.interp(1.0, y, potential)), float(np.interp(0.0, y, potential))
    for key in ("cell.lower_voltage_cut_off", "cell.upper_voltage_cut_off"):
        if not low <= parameters[key] <= high:
            wanted = f"a voltage inside the open-circuit potential, {low:.4g} to {high:.4g} V"
            problems.append(Problem(parameters.name, key, f"{parameters[key]:g} V", wanted))
    return problems


def _check_functions(parameters: ParameterSet) -> list[Problem]:
    problems = []
    c_max = parameters["electrode.maximum_concentration"]
    y = np.linspace(0.02, 0.98, 25)
    for path, record in parameters.functions.items():
        quantity = QUANTITIES[path]
        valid = {"temperature": (298.15, 298.15), "concentration": (1000.0, 1000.0), **record.valid}
        c, T = (np.linspace(*valid[name], 25) for name in ("concentration", "temperature"))
        grid = {
            "concentration": c[:, None],
            "temperature": T[None, :],
            "stoichiometry": y[:, None],
            "solid_concentration": y[:, None] * c_max,
            "maximum": c_max,
            "thickness": np.geomspace(1e-9, 1e-6, 25)[:, None],
        }
        with np.errstate(all="ignore"):
            values = np.asarray(parameters.function(path)(*(grid[name] for name in quantity.arguments)))
        low, high = quantity.bounds
        strict = low == 0.0 and path != "interface.charge_transfer_fraction"
        bad = ~np.isfinite(values) | (values < low) | (values > high) | (strict & (values <= 0.0))
        if np.any(bad):
            found = f"{values[bad].flat[0]:g} {quantity.unit} inside its range of validity"
            wanted = f"{'more than ' if strict else ''}{low:g} to {high:g} {quantity.unit}"
            problems.append(Problem(parameters.name, path, found, wanted))
    return problems
