"""The designs on which a claim is tested: the cell as it is shipped, and the nominal optimum at a condition."""

from __future__ import annotations

from concurrent.futures import Executor
from typing import Any

from cellmodel.claims.definition import Condition, Search
from cellmodel.errors import ParameterError
from cellmodel.parameters import ParameterSet

DESIGN_PATHS = {
    "cell.positive_electrode.thickness": "m",
    "cell.positive_electrode.active_material_volume_fraction": "1",
    "cell.separator.thickness": "m",
    "cell.lithium.thickness": "m",
}
"""Numbers that a design chooses, with their units."""


def best_design(
    cell: ParameterSet, condition: Condition, search: Search, format_name: str, extrapolate: bool
) -> tuple[ParameterSet | None, str]:
    """Return the design with the highest nominal objective at a condition.

    Parameters
    ----------
    cell : ParameterSet
        The cell whose materials it takes.
    condition : Condition
        Rate and temperature.
    search : Search
        Objective, bounds and largest share of the limiting current.
    format_name : str
        What is around the layers.
    extrapolate : bool
        Whether correlations may be used outside their range.

    Returns
    -------
    tuple of ParameterSet or None, and str
        The cell of that design, None if no design within the bounds is feasible or delivers energy; and why.
    """
    from cellmodel.design import optimise_design

    ratio = search.maximum_limiting_current_ratio
    options: dict[str, Any] = {} if ratio is None else {"maximum_limiting_current_ratio": ratio}
    try:
        found = optimise_design(
            cell,
            objective=search.objective,
            c_rate=condition.c_rate,
            temperature=condition.temperature,
            bounds=dict(search.bounds),
            format=format_name,
            mesh="fast",
            extrapolate=extrapolate,
            **options,
        )
    except ParameterError as error:
        return None, str(error)
    return found.parameters, ""


def best_designs(
    cell: ParameterSet,
    conditions: list[Condition],
    search: Search,
    format_name: str,
    extrapolate: bool,
    executor: Executor,
) -> dict[Condition, tuple[ParameterSet | None, str]]:
    """Return the best design at each condition; see `best_design`.

    Parameters
    ----------
    cell, search, format_name, extrapolate
        As in `best_design`.
    conditions : list of Condition
        Where.
    executor : concurrent.futures.Executor
        Who searches.

    Returns
    -------
    dict
        By condition.
    """
    futures = {
        condition: executor.submit(best_design, cell, condition, search, format_name, extrapolate)
        for condition in dict.fromkeys(conditions)
    }
    return {condition: future.result() for condition, future in futures.items()}
