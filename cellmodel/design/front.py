"""The best design at each of several rates: the Ragone front, beside what the cell itself delivers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from cellmodel.design.evaluating import Evaluator
from cellmodel.design.optimising import OptimalDesign, solve_problem
from cellmodel.design.problem import OBJECTIVES, Bounds, DesignProblem, check_progress, read_problem, read_rates
from cellmodel.design.tables import labelled
from cellmodel.errors import ParameterError
from cellmodel.parameters import ParameterSet

Array = NDArray[np.float64]

FRONT_RATES = (1 / 20, 1 / 10, 1 / 5, 1 / 3, 1 / 2, 1.0, 2.0)
"""C-rates of a front where none are stated."""


@dataclass(frozen=True)
class RagoneFront:
    """The best designs over a range of rates.

    Attributes
    ----------
    designs : dict of float to OptimalDesign
        By C-rate; rates without a feasible design are left out.
    dataset : xarray.Dataset
        Dimension c_rate; NaN and a message where no design is feasible.
    """

    designs: Mapping[float, OptimalDesign]
    dataset: xr.Dataset


def ragone_front(
    cell: str | PathLike[str] | ParameterSet,
    *,
    c_rates: Sequence[float | str] = FRONT_RATES,
    objective: str = "gravimetric",
    temperature: float | str | None = None,
    bounds: Bounds | None = None,
    format: str = "pouch",  # noqa: A002
    maximum_limiting_current_ratio: float = 1.0,
    overrides: Mapping[str, float | str] | None = None,
    mesh: str = "fast",
    extrapolate: bool = False,
    progress: Callable[[int], None] | None = None,
) -> RagoneFront:
    """Return the best design at each rate, and what the cell itself delivers there.

    Parameters
    ----------
    cell : str, os.PathLike or Cell
        Name of a shipped cell, path of a cell file, or a set.
    c_rates : sequence of float or str, optional
        Rates, such as 0.1 or "C/10".
    objective, temperature, bounds, format, maximum_limiting_current_ratio, overrides, mesh, extrapolate
        As in `optimise_design`.
    progress : callable, optional
        Called with the number of discharges so far, over all rates.

    Returns
    -------
    RagoneFront
        Rates in ascending order.

    Raises
    ------
    ParameterError
        The input is wrong, or no rate has a feasible design.

    Examples
    --------
    >>> import cellmodel
    >>> cathode = "cell.positive_electrode"
    >>> fixed = {f"{cathode}.thickness": ("60 um", "60 um"), f"{cathode}.active_material_volume_fraction": (0.5, 0.5)}
    >>> fixed["cell.separator.thickness"] = ("20 um", "20 um")
    >>> front = cellmodel.ragone_front("li_peo_lfp", c_rates=["C/10", "C/3"], bounds=fixed)
    >>> front.dataset["specific_energy"].round().values.tolist()  # [W.h.kg-1]
    [292.0, 288.0]
    """
    rates = read_rates(c_rates)
    check_progress(progress)
    problem = read_problem(
        cell, objective, temperature, bounds, format, maximum_limiting_current_ratio, overrides, mesh, extrapolate
    )
    designs, refused, own = _solved(problem, rates, progress)
    if not designs:
        raise ParameterError(refused[rates[0]].problems)
    return RagoneFront(designs, _dataset(problem, designs, refused, np.array(own)))


def _solved(
    problem: DesignProblem, rates: Sequence[float], progress: Callable[[int], None] | None
) -> tuple[dict[float, OptimalDesign], dict[float, ParameterError], list[list[float]]]:
    """Return the best design at each rate, why there is none at the others, and the energies of the cell itself."""
    done = 0

    def advance(_: int) -> None:
        nonlocal done
        done += 1
        if progress is not None:
            progress(done)

    designs: dict[float, OptimalDesign] = {}
    refused: dict[float, ParameterError] = {}
    own = []
    for rate in rates:
        own.append(list(Evaluator(problem, rate, advance).energies(problem.space.cell).values()))
        try:
            designs[rate] = solve_problem(problem, rate, advance)
        except ParameterError as error:
            refused[rate] = error
    return designs, refused, own


def _dataset(
    problem: DesignProblem, designs: Mapping[float, OptimalDesign], refused: Mapping[float, ParameterError], own: Array
) -> xr.Dataset:
    """Return the designs side by side, without the search of each."""
    rates = sorted([*designs, *refused])
    first = next(iter(designs.values())).dataset.drop_dims("evaluation")
    numbers: dict[str, tuple[tuple[str, ...], Any]] = {}
    for name, variable in first.data_vars.items():
        dimensions = tuple(map(str, variable.dims))
        if name in _SHARED:
            numbers[str(name)] = dimensions, variable.values
            continue
        values = np.full((len(rates), *variable.shape), np.nan)
        for place, rate in enumerate(rates):
            if rate in designs:
                values[place] = designs[rate].dataset[name].values
        numbers[str(name)] = ("c_rate", *dimensions), values
    numbers |= {f"own_{name}": (("c_rate",), own[:, place]) for place, name in enumerate(_ENERGIES)}
    numbers["message"] = (("c_rate",), [str(refused.get(rate, "")) for rate in rates])
    coordinates = {str(name): (tuple(map(str, values.dims)), values.values) for name, values in first.coords.items()}
    coordinates["c_rate"] = (("c_rate",), np.array(rates))
    settings = {"study": "ragone_front", **problem.settings, "digest": problem.digest(*rates)}
    return labelled(numbers, coordinates, problem.space.cell, settings)


_SHARED = ("lower_bound", "upper_bound", "constraint_limit")
"""The same at every rate."""

_ENERGIES = dict(zip(("specific_energy", "energy_density"), OBJECTIVES, strict=True))
"""Name in the dataset -> objective."""


def rate_reaching(front: xr.Dataset, claim: float) -> float:
    """Return the largest rate at which the best design reaches a claim.

    Parameters
    ----------
    front : xarray.Dataset
        Of `ragone_front`.
    claim : float
        In the unit of the front's objective.

    Returns
    -------
    float
        [1], between the rates of the front linear in the logarithm of the rate; NaN if no rate reaches it; the largest
        rate of the front if all do.
    """
    name = {objective: name for name, objective in _ENERGIES.items()}[front.attrs["objective"]]
    rates, energy = front["c_rate"].values, np.nan_to_num(front[name].values)
    reached = np.flatnonzero(energy >= claim)
    if not reached.size:
        return float("nan")
    last = int(reached[-1])
    if last == rates.size - 1:
        return float(rates[-1])
    share = (energy[last] - claim) / (energy[last] - energy[last + 1])
    return float(rates[last] * (rates[last + 1] / rates[last]) ** share)
