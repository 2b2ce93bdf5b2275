"""The part of `show` that says what the salt of a cell can carry: three limiting currents and Sand's time."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from cellmodel.labels import rate_text, unit_text

if TYPE_CHECKING:
    from cellmodel.parameters import ParameterSet

_MILLIAMPERES_PER_SQUARE_CENTIMETRE = 0.1  # in 1 A/m2
_STATED = 2.0  # times the separator's limit, where nothing else is asked: from there on Sand's time holds
_ROWS = {
    "separator": "separator alone (lithium | polymer | lithium)",
    "uniform_reaction": "cell, uniform reaction in the cathode",
    "reaction_at_collector": "cell, all reaction at the current collector",
}


def limit_tables(parameters: ParameterSet, current_density: str | None) -> list[Any]:
    """Return the limiting currents as a table, and a line on Sand's time.

    Parameters
    ----------
    parameters : ParameterSet
        The cell.
    current_density : str or None
        For Sand's time, with unit; default twice the separator's limit.

    Returns
    -------
    list
        A rich table and a string.
    """
    from rich.table import Table

    from cellmodel.inputs import parse_quantity
    from cellmodel.limits import limiting_currents

    asked = None if current_density is None else parse_quantity(current_density, "A.m-2", "show", "current_density")
    limits = limiting_currents(parameters)
    title = f"limiting currents of the salt at {limits.temperature - 273.15:.4g} °C"
    table = Table(title=title, title_justify="left", title_style="bold", box=None, padding=(0, 2))
    table.add_column("")
    for name in (unit_text("A.m-2"), unit_text("mA.cm-2"), "C-rate"):
        table.add_column(name, justify="right", no_wrap=True)
    for name, words in _ROWS.items():
        table.add_row(words, *_numbers(parameters, getattr(limits, name)))
    return [table, _sand_line(parameters, limits.separator, asked)]


def _numbers(parameters: ParameterSet, limit: float) -> tuple[str, str, str]:
    if math.isinf(limit):
        return "no limit", "no limit", "no limit"
    rate = rate_text(limit / parameters.areal_capacity)
    return f"{limit:.4g}", f"{limit * _MILLIAMPERES_PER_SQUARE_CENTIMETRE:.4g}", rate


def _sand_line(parameters: ParameterSet, limit: float, asked: float | None) -> str:
    """Return Sand's time at a current density [A.m-2] in words, with what it supposes."""
    from cellmodel.limits import sand_time

    if math.isinf(limit):
        return "Sand's time: none, the salt of a single-ion conductor stays where it is"
    current = _STATED * limit if asked is None else asked
    shown = f"{current * _MILLIAMPERES_PER_SQUARE_CENTIMETRE:.4g} {unit_text('mA.cm-2')}"
    time = sand_time(parameters, current)
    if current <= limit:
        return f"Sand's time at {shown}: none, that current is below the separator's limit"
    supposed = "separator semi-infinite"
    if current < _STATED * limit:
        supposed = f"a rough value: the separator is semi-infinite only from {_STATED:g} times its limit"
    return f"Sand's time at {shown}: {time:.4g} s ({supposed})"
