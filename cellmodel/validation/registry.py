"""The list of checks, in the order of the table.

To add evidence, write a module with a tuple `CHECKS` and put its name into `MODULES`; nothing else changes.
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence

from cellmodel import inputs
from cellmodel.errors import CellModelError, Problem, choices
from cellmodel.validation.findings import Check

MODULES = (
    "cellmodel.validation.checks.doyle1993",
    "cellmodel.validation.checks.dualfoil",
    "cellmodel.validation.checks.separator",
    "cellmodel.validation.checks.diffusion",
    "cellmodel.validation.checks.equilibrium",
    "cellmodel.validation.checks.polarisation",
    "cellmodel.validation.checks.collapse",
    "cellmodel.validation.checks.accuracy",
    "cellmodel.validation.checks.balances",
    "cellmodel.validation.checks.conductivity",
    "cellmodel.validation.checks.open_circuit",
)
"""Where checks come from."""


def all_checks() -> list[Check]:
    """Return every check.

    Returns
    -------
    list of Check
        In the order of `MODULES`.

    Raises
    ------
    ValueError
        If two checks have one name.
    """
    found = [check for module in MODULES for check in importlib.import_module(module).CHECKS]
    names = [check.name for check in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"two checks are called {', '.join(twice)}")
    return found


def chosen(names: Sequence[str]) -> list[Check]:
    """Return the checks of some names.

    Parameters
    ----------
    names : sequence of str
        Names of checks or of groups; empty for all.

    Returns
    -------
    list of Check
        In the order of the table.

    Raises
    ------
    CellModelError
        If a name is none.
    """
    names = inputs.names(names, "command line", "--only", CellModelError)
    checks = all_checks()
    known = {check.name for check in checks} | {check.group for check in checks}
    problems = [
        Problem("command line", "--only", repr(name), choices(name, known)) for name in names if name not in known
    ]
    if problems:
        raise CellModelError(problems)
    return [check for check in checks if not names or check.name in names or check.group in names]
