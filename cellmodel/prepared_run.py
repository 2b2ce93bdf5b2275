"""A run before it is solved: its options, and cell, protocol and options checked and filled in.

It knows cells, protocols, meshes and mechanisms; it builds no model and solves nothing.
"""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Callable, Iterable, Mapping
from copy import copy
from dataclasses import dataclass
from functools import cached_property, partial
from os import PathLike
from typing import Any

from cellmodel.errors import Checks, ParameterError, Problem
from cellmodel.inputs import c_rate as read_c_rate
from cellmodel.inputs import mapping, names, number, one_of, parse_quantity, switch
from cellmodel.mechanisms import DEFAULT_MECHANISMS, MECHANISMS, own_sources, select_mechanisms
from cellmodel.models.compiling import check_compiler
from cellmodel.models.meshes import Mesh, find_mesh
from cellmodel.parameters import ParameterSet, resolve_cell
from cellmodel.parameters.bounds import read_temperature
from cellmodel.protocols import (
    Protocol,
    check_protocol,
    initial_stoichiometry,
    initial_temperature,
    load_protocol,
    protocol_toml,
    resolve_protocol,
    starting_direction,
)

MODEL_VERSION = 6
"""Raised whenever the same inputs give other results; part of every run's digest."""
MODELS, SOLVERS = ("DFN", "SPMe", "SPM"), ("idaklu", "casadi")
"""Choices that are words; the first is the default."""
STOCK = "StockDFN"
"""PyBaMM's own half cell: taken for comparison, not offered to studies."""
RTOL_BOUNDS, ATOL_BOUNDS = (1e-12, 1e-2), (1e-14, 1e-2)
"""Tolerances of the integrator: below them it never ends, above them its answer means nothing."""


@dataclass(frozen=True, kw_only=True)
class RunOptions:
    """How a cell is run: the keyword arguments of `cellmodel.simulate`, as the caller gives them.

    Attributes
    ----------
    c_rate : float or str, optional
        Rate of the steps that leave it open, such as 0.1 or "C/10".
    current_density : float or str, optional
        Instead of `c_rate`: [A.m-2], or text such as "0.5 mA.cm-2".
    temperature : float or str, optional
        [K], or text such as "80 degC"; default the cell's own.
    overrides : mapping of str to float or str, optional
        Path -> SI number or text with unit, such as {"cell.separator.thickness": "30 um"}.
    model : {"DFN", "SPMe", "SPM"}
        Which half-cell model.
    mesh : {"default", "fast"} or Mesh
        Numbers of finite volumes.
    profiles : bool
        Store concentrations, potentials and reaction in space at 9 times per step.
    extrapolate : bool
        Allow a temperature or an initial concentration outside the range a correlation states.
    solver : {"idaklu", "casadi"}
        SUNDIALS IDA, or CasADi's own collocation integrator as an independent check.
    rtol, atol : float
        Tolerances of the integrator.
    mechanisms : str or iterable of str
        What the model has beyond charge and salt transport, by name: "foil" (on by default), "interphase_growth",
        "contact_loss", "hysteresis", "heat"; `()` switches everything off. See `cellmodel.mechanisms`.
    compiled : bool
        Compile the model's functions to machine code, ten to twenty seconds once per model and machine, for solves in
        about half the time. Needs gcc. Takes other steps than the interpreted functions: equal within the tolerances.

    Examples
    --------
    >>> import cellmodel
    >>> cellmodel.RunOptions(c_rate="C/3", mesh="fast").rtol
    0.0001
    """

    c_rate: float | str | None = None
    current_density: float | str | None = None
    temperature: float | str | None = None
    overrides: Mapping[str, float | str] | None = None
    model: str = "DFN"
    mesh: str | Mesh = "default"
    profiles: bool = False
    extrapolate: bool = False
    solver: str = "idaklu"
    rtol: float = 1e-4
    atol: float = 1e-6
    mechanisms: str | Iterable[str] = DEFAULT_MECHANISMS
    compiled: bool = False


def _if_given(read: Callable[..., Any], *arguments: Any) -> Callable[[Any], Any]:
    """Return a reader that leaves None as it is."""
    return lambda value: None if value is None else read(value, *arguments)


def _tolerance(key: str, bounds: tuple[float, float]) -> Callable[[Any], float]:
    wanted = f"a number from {bounds[0]:g} to {bounds[1]:g}"
    return lambda value: number(value, "run", key, wanted, bounds)


def _compiled(value: Any) -> bool:
    compiled = switch(value, "run", "compiled")
    if compiled:
        check_compiler()
    return compiled


READERS: dict[str, Callable[[Any], Any]] = {
    "c_rate": _if_given(read_c_rate),
    "current_density": _if_given(parse_quantity, "A.m-2", "run", "current_density"),
    "temperature": _if_given(read_temperature, "run"),
    "overrides": partial(mapping, file="run", key="overrides"),
    "model": partial(one_of, known=(*MODELS, STOCK), file="run", key="model"),
    "mesh": find_mesh,
    "profiles": partial(switch, file="run", key="profiles"),
    "extrapolate": partial(switch, file="run", key="extrapolate"),
    "solver": partial(one_of, known=SOLVERS, file="run", key="solver"),
    "rtol": _tolerance("rtol", RTOL_BOUNDS),
    "atol": _tolerance("atol", ATOL_BOUNDS),
    "mechanisms": partial(names, file="run", key="mechanisms"),
    "compiled": _compiled,
}
"""Option -> what turns the caller's value into that of a run, or refuses it."""


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
    mesh : Mesh
        Numbers of finite volumes.
    mechanisms : tuple of str
        What the model has beyond charge and salt transport.
    options : RunOptions
        With numbers in place of text; what is resolved above or applied to the cell is left at its default.
    extrapolated : str
        What is used outside its range of validity, one per line; empty if nothing is.
    """

    parameters: ParameterSet
    protocol: Protocol
    temperature: float
    mesh: Mesh
    mechanisms: tuple[str, ...]
    options: RunOptions
    extrapolated: str

    def __getstate__(self) -> dict[str, Any]:
        """Without the sets of its materials, half of what a cell weighs: a run that is sent away draws none."""
        parameters = copy(self.parameters)
        parameters.__dict__["sets"] = {}
        return {**self.__dict__, "parameters": parameters}

    @cached_property
    def digest(self) -> str:
        """SHA-256 of everything that decides the result; machine code and profiles do not."""
        cell, protocol, options = self.parameters.digest, protocol_toml(self.protocol), self.options
        numerics = (options.model, self.mesh, options.solver, options.rtol, options.atol, self.mechanisms)
        physics = (cell, protocol, self.temperature, *numerics, MODEL_VERSION, *own_sources(self.mechanisms).values())
        return hashlib.sha256(repr(physics).encode()).hexdigest()


def prepare_run(
    cell: str | PathLike[str] | ParameterSet, protocol: Any = "discharge", options: RunOptions | None = None
) -> PreparedRun:
    """Check the input of a run and fill in what it leaves open; see `cellmodel.simulate` for cell and protocol.

    Parameters
    ----------
    options : RunOptions, optional
        The default ones if left out.

    Returns
    -------
    PreparedRun
        Ready to be solved; nothing is built yet.

    Warns
    -----
    UserWarning
        The lithium foil is thinner than the lithium that the run may strip.

    Raises
    ------
    ParameterError, ProtocolError
        The input is wrong; every problem of every argument is named.
    """
    asked, checks = options or RunOptions(), Checks()
    check = checks.run
    values = {key: check(read, getattr(asked, key)) for key, read in READERS.items()}
    extrapolate, T = values["extrapolate"], values["temperature"]
    parameters = check(lambda own, overrides: resolve_cell(own).replace(overrides), cell, values["overrides"])
    T = check(lambda own: own["cell.temperature"], parameters) if T is None else T
    rates = {key: values[key] for key in ("c_rate", "current_density")}
    resolved = check(resolve_protocol, check(load_protocol, protocol), parameters, **rates)
    outside = check(_outside_validity, parameters, T, extrapolate)
    chosen = check(_chosen_mechanisms, parameters, values["mechanisms"], values["profiles"], values["model"])
    check(_check_compiled_solver, values["solver"], values["compiled"])
    check(check_protocol, resolved, parameters, extrapolate=extrapolate, temperature=T)
    checks.raise_problems()
    _warn_of_mechanisms(parameters, resolved, T, chosen)
    applied = {"c_rate": None, "current_density": None, "overrides": None, "temperature": T, "mechanisms": chosen}
    return PreparedRun(parameters, resolved, T, values["mesh"], chosen, RunOptions(**values | applied), outside)


def _check_compiled_solver(solver: str, compiled: bool) -> None:
    if compiled and solver == "casadi":  # found out here, not by every worker of a study
        raise ParameterError(Problem("run", "compiled", "true with solver = 'casadi'", "solver = 'idaklu'"))


def _outside_validity(parameters: ParameterSet, temperature: float, extrapolate: bool) -> str:
    """Return what is used outside its range of validity, one per line; raise unless that is allowed."""
    problems = parameters.outside_validity(temperature)
    if problems and not extrapolate:
        raise ParameterError(problems)
    return "\n".join(map(str, problems))


def _chosen_mechanisms(
    parameters: ParameterSet, mechanisms: tuple[str, ...], profiles: bool, model: str
) -> tuple[str, ...]:
    """Return the mechanisms of a run; raise with everything that is asked for and this kind of cell has not."""
    kind, problems, where = parameters.kind, list[Problem](), f"run of '{parameters.name}'"
    chosen: tuple[str, ...] = ()
    try:
        chosen = select_mechanisms(mechanisms, parameters)
    except ParameterError as error:
        problems += error.problems
    if profiles and kind.electrodes and not kind.lithium_metal:  # their places count from the lithium surface
        problems.append(Problem(where, "profiles", "true", "false"))
    if model not in kind.models:
        wanted = f"{' or '.join(map(repr, kind.models))}: a cell with {kind.description}"
        problems.append(Problem(where, "model", repr(model), wanted))
    if problems:
        raise ParameterError(problems)
    return chosen


def _warn_of_mechanisms(
    parameters: ParameterSet, protocol: Protocol, temperature: float, mechanisms: tuple[str, ...]
) -> None:
    """Warn of what mechanisms foresee, such as a foil that cannot give the lithium that the cathode can take."""
    if mechanisms and any(step.direction == "discharge" for step in protocol.steps):
        kelvin = initial_temperature(protocol, temperature)
        start = initial_stoichiometry(protocol.initial, parameters, kelvin, starting_direction(protocol))
        for text in (MECHANISMS[name].caution(parameters, start, protocol.cycles) for name in mechanisms):
            if text:
                warnings.warn(text, UserWarning, stacklevel=4)
