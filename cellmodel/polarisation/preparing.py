"""What the studies of a symmetric cell share: the input, checked, the salt balance, and the labels of what comes out.

It knows parameter sets and datasets; it knows no study.
"""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

import cellmodel
from cellmodel.errors import ParameterError, Problem
from cellmodel.inputs import mapping, switch
from cellmodel.models.symmetric_build import BuiltSymmetricCell
from cellmodel.parameters import LiquidCell, ParameterSet, resolve_cell
from cellmodel.parameters.bounds import read_temperature


class Prepared(NamedTuple):
    """A cell with all changes, and its temperature [K]."""

    parameters: ParameterSet
    temperature: float


def prepare(
    cell: str | PathLike[str] | ParameterSet,
    temperature: float | str | None,
    overrides: Mapping[str, float | str] | None,
    extrapolate: bool,
    roles: tuple[str, ...] = ("electrolyte", "interface"),
) -> Prepared:
    """Return the cell with all changes.

    Parameters
    ----------
    cell : str, os.PathLike or Cell
        Name of a shipped cell, path of a cell file, or a set.
    temperature : float or str or None
        [K], or text such as "80 degC"; None: the cell's own.
    overrides : mapping or None
        Path -> SI number or text with unit.
    extrapolate : bool
        Allow a temperature or concentration outside the range that a correlation states.
    roles : tuple of str, optional
        Whose correlations are used and must be valid; a symmetric cell has no cathode.

    Returns
    -------
    Prepared
        Ready for a study.

    Raises
    ------
    ParameterError
        The input is wrong; every problem is named.
    """
    extrapolate = switch(extrapolate, "run", "extrapolate")
    own = resolve_cell(cell)
    if isinstance(own, LiquidCell):
        raise ParameterError(
            Problem("run", "cell", f"'{own.name}', a liquid cell", "a cell with lithium and a polymer")
        )
    parameters = own.replace(mapping(overrides, "run", "overrides"))
    T = parameters["cell.temperature"]
    if temperature is not None:
        T = read_temperature(temperature, "run")
    problems = [item for item in parameters.outside_validity(T) if item.key.startswith(roles)]
    if problems and not extrapolate:
        raise ParameterError(problems)
    return Prepared(parameters, T)


def labelled(
    study: str,
    prepared: Prepared,
    table: Mapping[str, tuple[str, str]],
    variables: Mapping[str, tuple[tuple[str, ...], Any]],
    coordinates: Mapping[str, tuple[tuple[str, ...], Any]],
    **settings: str | float,
) -> xr.Dataset:
    """Return results as a dataset in which everything has a unit and a meaning.

    Parameters
    ----------
    study : str
        Stored as attribute `study`.
    prepared : Prepared
        Cell and temperature.
    table : mapping
        Name -> (unit, long name).
    variables, coordinates : mapping
        Name -> (dimensions, values).
    **settings : str or float
        More attributes.

    Returns
    -------
    xarray.Dataset
        Attributes hold the resolved parameters as TOML, their digest and the version.
    """
    described = {
        name: (dimensions, values, dict(zip(("units", "long_name"), table[name], strict=True)))
        for name, (dimensions, values) in (variables | coordinates).items()  # type: ignore[operator]
    }
    parameters, temperature = prepared
    return xr.Dataset(
        {name: described[name] for name in variables},
        coords={name: described[name] for name in coordinates},
        attrs={
            "study": study,
            "cell": parameters.name,
            **{role: name for role, name in parameters.materials.items() if role != "cell"},
            "temperature": temperature,
            "inputs": parameters.to_toml(),
            "digest": parameters.digest,
            "cellmodel_version": cellmodel.__version__,
            **settings,
        },
    )


def salt_closure(built: BuiltSymmetricCell, solution: Any) -> float:
    """Return the largest relative change of the salt inventory in one leg.

    Parameters
    ----------
    built : BuiltSymmetricCell
        The cell.
    solution : StepSolution
        A leg of it.

    Returns
    -------
    float
        Of order 1e-15: the discretisation conserves salt to round-off.
    """
    times = np.linspace(solution.times[0], solution.end_time, 20)
    profiles = built.read(solution, times, ("electrolyte_concentration",))["electrolyte_concentration"]
    at_rest = built.parameters["electrolyte.initial_concentration"] * built.x_weights.sum()
    return float(np.max(np.abs(profiles @ built.x_weights / at_rest - 1.0)))
