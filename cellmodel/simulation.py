"""One run: a cell, a protocol, a model, solved step by step and returned as a labelled dataset.

PyBaMM's Experiment is not used.  It builds a model per kind of step, widens the voltage window by
1 V, gives steps a silent limit of 24 h and skips what it finds infeasible; here one built model runs
every step from the state the last one left, each step has a stated limit, and a run that stops early
says why.  Built models are kept and used again as long as only numbers change.  Files and sweeps are
above this room.
"""

from __future__ import annotations

import warnings
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from os import PathLike
from typing import Any

import xarray as xr

from cellmodel.dataset import Outcome, assemble, validity_remark
from cellmodel.errors import ValidityWarning
from cellmodel.inputs import name_or_path
from cellmodel.mechanisms import DEFAULT_MECHANISMS
from cellmodel.models.build import BuiltModel, build_model
from cellmodel.models.liquid_model import build_liquid_model
from cellmodel.models.meshes import Mesh
from cellmodel.models.turns import in_turn
from cellmodel.parameters import ParameterSet
from cellmodel.parameters.liquid_cell import LiquidCell
from cellmodel.parameters.liquid_cells import load_liquid_cell
from cellmodel.preparing import PreparedRun, prepare_run
from cellmodel.stepping import StepWalker

MODELS_KEPT = 8
"""Built models kept for later runs; each holds its integrator and takes some ten megabytes."""


def simulate(
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
) -> xr.Dataset:
    """Run one protocol on one cell.

    Parameters
    ----------
    cell : str, os.PathLike or Cell
        Name of a shipped cell, path of a cell file, or a set.
    protocol : str, path-like, Protocol, list, mapping or pybamm.Experiment, optional
        Name of a shipped protocol, path of a protocol file, a protocol; a list of steps, each one of PyBaMM's strings
        or a table as in a protocol file; or an experiment of PyBaMM where it means the same here (it has no period,
        temperature or termination of its own). 1C is here the capacity between the cut-offs in one hour.
    c_rate : float or str, optional
        Rate of the steps that leave it open, such as 0.1 or "C/10".
    current_density : float or str, optional
        Instead of `c_rate`: [A.m-2], or text such as "0.5 mA.cm-2".
    temperature : float or str, optional
        [K], or text such as "80 degC"; default the cell's own.
    overrides : mapping of str to float or str, optional
        Path -> SI number or text with unit, such as {"cell.separator.thickness": "30 um"}.
    model : {"DFN", "SPMe", "SPM"}, optional
        Which half-cell model.
    mesh : {"default", "fast"} or Mesh, optional
        Numbers of finite volumes.
    profiles : bool, optional
        Store concentrations, potentials and reaction in space at 9 times per step.
    extrapolate : bool, optional
        Allow a temperature or an initial concentration outside the range a correlation states.
    solver : {"idaklu", "casadi"}, optional
        SUNDIALS IDA, or CasADi's own collocation integrator as an independent check.
    rtol, atol : float, optional
        Tolerances of the integrator.
    mechanisms : str or iterable of str, optional
        What the model has beyond charge and salt transport, by name: "foil" (on by default), "interphase_growth",
        "contact_loss", "hysteresis", "heat"; `()` switches everything off. See `cellmodel.mechanisms`.
    compiled : bool, optional
        Compile the model's functions to machine code, ten to twenty seconds once per model and machine, for solves in
        about half the time. Needs gcc. Takes other steps than the interpreted functions: equal within the tolerances.

    Returns
    -------
    xarray.Dataset
        As `cellmodel.dataset.schema` lists it; a solver failure is in `status` and `message`.

    Raises
    ------
    ParameterError, ProtocolError
        The input is wrong; every problem is named and nothing is solved.

    Examples
    --------
    >>> import cellmodel
    >>> run = cellmodel.simulate("li_peo_lfp", ["Discharge at C/3 until 2.8 V", "Rest for 1 hour"], mesh="fast")
    >>> run.sizes["step"], run["step_capacity"].values[1].item()
    (2, 0.0)
    """
    run = prepare_run(
        cell,
        protocol,
        c_rate=c_rate,
        current_density=current_density,
        temperature=temperature,
        overrides=overrides,
        model=model,
        mesh=mesh,
        profiles=profiles,
        extrapolate=extrapolate,
        solver=solver,
        rtol=rtol,
        atol=atol,
        mechanisms=mechanisms,
        compiled=compiled,
    )
    return execute(run)


def simulate_liquid(
    cell: str | PathLike[str] | LiquidCell,
    protocol: Any = "discharge",
    *,
    c_rate: float | str | None = None,
    current_density: float | str | None = None,
    temperature: float | str | None = None,
    overrides: Mapping[str, float | str] | None = None,
    mesh: str | Mesh = "default",
    extrapolate: bool = False,
) -> xr.Dataset:
    """Run one protocol on one graphite | LFP liquid cell, as `simulate` runs it on a polymer cell.

    Parameters
    ----------
    cell : str, os.PathLike or LiquidCell
        Such as "graphite_lfp" (geometry as PyBaMM's set prints it) or "graphite_lfp:energy" (thick electrodes).
    protocol, c_rate, current_density, temperature, overrides, mesh, extrapolate
        As in `simulate`. The override "cell.positive_electrode.areal_capacity" makes both electrodes thicker.

    Returns
    -------
    xarray.Dataset
        The variables of `simulate` without those of lithium; `end_graphite_reaction_voltage` in place of lithium's.

    Raises
    ------
    ParameterError, ProtocolError
        The input is wrong; every problem is named and nothing is solved.

    Examples
    --------
    >>> import cellmodel
    >>> run = cellmodel.simulate_liquid("graphite_lfp", c_rate=1, mesh="fast")
    >>> run["message"].item(), round(run["utilization"].item(), 2)
    ('completed', 0.84)
    """
    wanted = "the name of a liquid cell, or one"
    loaded = cell if isinstance(cell, LiquidCell) else load_liquid_cell(name_or_path(cell, "run", "cell", wanted))
    return simulate(
        loaded,
        protocol,
        c_rate=c_rate,
        current_density=current_density,
        temperature=temperature,
        overrides=overrides,
        mesh=mesh,
        extrapolate=extrapolate,
        mechanisms=(),
    )


@in_turn
def execute(run: PreparedRun) -> xr.Dataset:
    """Solve a prepared run.

    Parameters
    ----------
    run : PreparedRun
        From `prepare_run`.

    Returns
    -------
    xarray.Dataset
        Never raises for a solver failure: what was solved before it is in the dataset.

    Warns
    -----
    ValidityWarning
        A single-particle model was run where it cannot be trusted (`validity_index` above 1).
    """
    dataset = assemble(solve_run(run))
    remark = validity_remark(run.model, float(dataset["validity_index"]))
    if remark:
        warnings.warn(remark, ValidityWarning, stacklevel=4)
    return dataset


@in_turn
def solve_run(run: PreparedRun, time_limit: float | None = None) -> Outcome:
    """Solve a prepared run and leave it unlabelled, so that a worker can send plain arrays.

    Parameters
    ----------
    run : PreparedRun
        From `prepare_run`.
    time_limit : float, optional
        Wall time [s] after which no further step begins; building the model does not count.

    Returns
    -------
    Outcome
        What was solved and how it ended; never raises for a solver failure.
    """
    built = built_model(run)
    start = (run.parameters, run.protocol, run.temperature, built)
    progress = StepWalker(*start, time_limit=time_limit, profiles=run.profiles)
    retries = built.retries
    progress.run_all()
    mesh = "/".join(str(size) for size in (run.mesh.separator, run.mesh.electrode, run.mesh.particle))
    return Outcome(
        parameters=run.parameters,
        protocol=run.protocol,
        temperature=run.temperature,
        legs=progress.legs,
        values=progress.values,
        status=progress.status,
        end_cause=progress.end_cause,
        message=progress.message,
        digest=run.digest,
        solve_time=progress.solve_time,
        retries=built.retries - retries,
        complete_cycles=progress.complete_cycles,
        built=built,
        profiles=run.profiles,
        settings={
            "model": run.model,
            "mesh": mesh,
            "solver": run.solver,
            "mechanisms": " ".join(run.mechanisms),
            "compiled": "yes" if run.compiled else "no",
            "rtol": run.rtol,
            "atol": run.atol,
            "extrapolated": run.extrapolated,
        },
    )


_models: OrderedDict[tuple[Any, ...], BuiltModel] = OrderedDict()


@in_turn
def built_model(run: PreparedRun) -> BuiltModel:
    """Return the model of a run, built at most once for all runs that differ only in their numbers.

    Parameters
    ----------
    run : PreparedRun
        From `prepare_run`.

    Returns
    -------
    BuiltModel
        Kept for later runs of this process; of several threads one solves or reads at a time.
    """
    control = "any" if any(step.kind in ("voltage", "power") for step in run.protocol.steps) else "current"
    settings = (run.model, run.mesh, control, run.rtol, run.atol, run.solver, run.mechanisms, run.compiled)
    key = (run.parameters.structure, *settings)
    if key not in _models:
        build = build_liquid_model if isinstance(run.parameters, LiquidCell) else build_model
        _models[key] = build(run.parameters, *settings)  # type: ignore[arg-type]
        while len(_models) > MODELS_KEPT:
            _models.popitem(last=False)
    _models.move_to_end(key)
    return _models[key].of(run.parameters)


def clear_models() -> None:
    """Forget every built model, so that the next run builds anew."""
    _models.clear()


__all__ = [
    "PreparedRun",
    "built_model",
    "clear_models",
    "execute",
    "prepare_run",
    "simulate",
    "simulate_liquid",
    "solve_run",
]
