"""A run before it is solved: everything filled in, checked, and named by a digest.

It knows cells, protocols, meshes and mechanisms; it builds no model and solves nothing.
"""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from os import PathLike
from typing import Any

from cellmodel.dataset.schema import MODEL_VERSION
from cellmodel.errors import ParameterError, Problem
from cellmodel.inputs import c_rate as read_c_rate
from cellmodel.inputs import mapping, names, number, one_of, parse_quantity, switch
from cellmodel.mechanisms import DEFAULT_MECHANISMS, foil_shortfall, select_mechanisms
from cellmodel.models.compiling import check_compiler
from cellmodel.models.meshes import Mesh, find_mesh
from cellmodel.parameters import ParameterSet, resolve_cell
from cellmodel.parameters.bounds import read_temperature
from cellmodel.parameters.liquid_cell import LiquidCell
from cellmodel.protocols import (
    Protocol,
    check_protocol,
    initial_stoichiometry,
    initial_temperature,
    load_protocol,
    protocol_toml,
    resolve_protocol,
)

MODELS, SOLVERS = ("DFN", "SPMe", "SPM"), ("idaklu", "casadi")
"""Choices that are words; the first is the default."""
STOCK = "StockDFN"
"""PyBaMM's own half cell: taken for comparison, not offered to studies."""
RTOL_BOUNDS, ATOL_BOUNDS = (1e-12, 1e-2), (1e-14, 1e-2)
"""Tolerances of the integrator: below them it never ends, above them its answer means nothing."""


@dataclass(frozen=True)
class PreparedRun:
    """A run that was checked and can be solved; made by `prepare_run`.

    Attributes
    ----------
    parameters : ParameterSet
        The cell with all changes.
    protocol : Protocol
        Resolved for the cell.
    temperature : float
        [K].
    model, solver : str
        As given to `cellmodel.simulate`.
    mesh : Mesh
        Numbers of finite volumes.
    rtol, atol : float
        Tolerances.
    mechanisms : tuple of str
        What the model has beyond charge and salt transport.
    compiled : bool
        Whether the model's functions are machine code; no part of the digest.
    profiles : bool
        Whether spatial profiles are stored.
    extrapolated : str
        What is used outside its range of validity, one per line; empty if nothing is.
    digest : str
        SHA-256 of everything that decides the result.
    """

    parameters: ParameterSet
    protocol: Protocol
    temperature: float
    model: str
    mesh: Mesh
    solver: str
    rtol: float
    atol: float
    mechanisms: tuple[str, ...]
    compiled: bool
    profiles: bool
    extrapolated: str
    digest: str


def prepare_run(
    cell: str | PathLike[str] | ParameterSet,
    protocol: Any = "discharge",
    *,
    c_rate: float | str | None = None,
    current_density: float | str | None = None,
    temperature: float | str | None = None,
    overrides: Mapping[str, float | str] | None = None,
    model: str = "DFN",
    mesh: str | Mesh = "default",
    profiles: bool = False,
    extrapolate: bool = False,
    solver: str = "idaklu",
    rtol: float = 1e-4,
    atol: float = 1e-6,
    mechanisms: str | Iterable[str] = DEFAULT_MECHANISMS,
    compiled: bool = False,
) -> PreparedRun:
    """Check the input of a run and return it with its digest; see `cellmodel.simulate` for the parameters.

    Returns
    -------
    PreparedRun
        Ready for `execute`; nothing is built or solved yet.

    Warns
    -----
    UserWarning
        The lithium foil is thinner than the lithium that the run may strip.

    Raises
    ------
    ParameterError, ProtocolError
        The input is wrong; every problem is named.
    """
    profiles, extrapolate, compiled = (
        switch(value, "run", key)
        for key, value in (("profiles", profiles), ("extrapolate", extrapolate), ("compiled", compiled))
    )
    model, solver = one_of(model, (*MODELS, STOCK), "run", "model"), one_of(solver, SOLVERS, "run", "solver")
    rtol, atol = (
        number(value, "run", key, f"a number from {bounds[0]:g} to {bounds[1]:g}", bounds)
        for key, value, bounds in (("rtol", rtol, RTOL_BOUNDS), ("atol", atol, ATOL_BOUNDS))
    )
    sizes = find_mesh(mesh)
    parameters = resolve_cell(cell).replace(mapping(overrides, "run", "overrides"))
    given = parameters["cell.temperature"] if temperature is None else temperature
    T = read_temperature(given, "run")
    rate = None if c_rate is None else read_c_rate(c_rate)
    density = None if current_density is None else parse_quantity(current_density, "A.m-2", "run", "current_density")
    resolved = resolve_protocol(load_protocol(protocol), parameters, c_rate=rate, current_density=density)
    problems = parameters.outside_validity(T)
    if problems and not extrapolate:
        raise ParameterError(problems)
    if compiled:
        check_compiler()
    chosen = _chosen_mechanisms(parameters, names(mechanisms, "run", "mechanisms"), profiles, model)
    check_protocol(resolved, parameters, extrapolate=extrapolate, temperature=T, mechanisms=chosen)
    _warn_of_thin_foil(parameters, resolved, T, chosen)
    physics = (parameters.digest, protocol_toml(resolved), T, model, sizes, solver, rtol, atol, chosen, MODEL_VERSION)
    return PreparedRun(
        parameters=parameters,
        protocol=resolved,
        temperature=T,
        model=model,
        mesh=sizes,
        solver=solver,
        rtol=rtol,
        atol=atol,
        mechanisms=chosen,
        compiled=compiled,
        profiles=profiles,
        extrapolated="\n".join(str(problem) for problem in problems),
        digest=hashlib.sha256(repr(physics).encode()).hexdigest(),
    )


def _chosen_mechanisms(
    parameters: ParameterSet, mechanisms: tuple[str, ...], profiles: bool, model: str
) -> tuple[str, ...]:
    """Return the mechanisms of a run; a liquid cell has none, and raises if it is asked for what it has not."""
    if isinstance(parameters, LiquidCell):
        check_liquid_options(mechanisms, profiles, model)
        return ()
    return select_mechanisms(mechanisms, parameters)


def _warn_of_thin_foil(
    parameters: ParameterSet, protocol: Protocol, temperature: float, mechanisms: tuple[str, ...]
) -> None:
    """Warn before the run if the foil cannot give the lithium that the cathode can take."""
    if "foil" in mechanisms and any(step.direction == "discharge" for step in protocol.steps):
        kelvin = initial_temperature(protocol, temperature)
        start = initial_stoichiometry(protocol.initial, parameters, kelvin, mechanisms)
        text = foil_shortfall(parameters, start, protocol.cycles)
        if text:
            warnings.warn(text, UserWarning, stacklevel=4)


def check_liquid_options(mechanisms: str | Iterable[str], profiles: bool = False, model: str = "DFN") -> None:
    """Raise if a run of a liquid cell asks for what such a cell has not.

    Parameters
    ----------
    mechanisms : str or iterable of str
        Those that are on by default are those of lithium and do not count.
    profiles : bool, optional
        Whether spatial profiles are asked for: their places count from the lithium surface.
    model : str, optional
        Only "DFN" is possible.

    Raises
    ------
    ParameterError
        All that is asked for in vain.
    """
    given = names(mechanisms, "run of a liquid cell", "mechanisms")
    problems = []
    if given and given != DEFAULT_MECHANISMS:
        wanted = "none: they are those of a lithium-metal cell"
        problems.append(Problem("run of a liquid cell", "mechanisms", ", ".join(given), wanted))
    if profiles:
        problems.append(Problem("run of a liquid cell", "profiles", "true", "false"))
    if model != "DFN":
        problems.append(Problem("run of a liquid cell", "model", repr(model), "'DFN'"))
    if problems:
        raise ParameterError(problems)
