"""One run: a cell, a protocol, a model, solved step by step and returned as a labelled dataset.

PyBaMM's Experiment is not used.  It builds a model per kind of step, widens the voltage window by
1 V, gives steps a silent limit of 24 h and skips what it finds infeasible; here one built model runs
every step from the state the last one left, each step has a stated limit, and a run that stops early
says why.  Built models are kept and used again as long as only numbers change.  Files and sweeps are
above this room.

From the solver to a Zarr store a curve has four shapes, each made from the one before:

1. `StepSolution` (`models.solution`): times and scaled states of one step, as the integrator leaves them;
2. `StepResult` (`dataset.step_result`): what is read of it: samples in SI units and integrals, the states dropped;
   an `Outcome` lists those of a run and says how it ended;
3. `Variables` (`dataset.assemble`): one run as named arrays with dimensions and attributes; `simulate` wraps them as an
   `xarray.Dataset`;
4. `Block` (`execution`): the same of many runs along a first axis, written as it is.
"""

from __future__ import annotations

import warnings
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from os import PathLike
from typing import Any

import xarray as xr

from cellmodel.dataset import Outcome, assemble, validity_remark
from cellmodel.dataset.schema import check_mechanism_names
from cellmodel.errors import ValidityWarning
from cellmodel.mechanisms import DEFAULT_MECHANISMS, MECHANISMS
from cellmodel.models.build import build_model
from cellmodel.models.built_model import BuiltModel
from cellmodel.models.meshes import Mesh
from cellmodel.models.one_thread import one_thread_at_a_time
from cellmodel.parameters import ParameterSet
from cellmodel.prepared_run import PreparedRun, RunOptions, prepare_run
from cellmodel.stepping import solve_protocol

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
    c_rate, current_density, temperature, overrides, model, mesh, profiles, extrapolate, solver, rtol, atol, \
mechanisms, compiled
        The options of the run; `cellmodel.RunOptions` describes each.

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
    given = locals()
    options = RunOptions(**{key: value for key, value in given.items() if key not in ("cell", "protocol")})
    return simulate_prepared(prepare_run(cell, protocol, options))


@one_thread_at_a_time
def simulate_prepared(run: PreparedRun) -> xr.Dataset:
    """Solve a prepared run and label what comes of it.

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
    remark = validity_remark(run.options.model, float(dataset["validity_index"]))
    if remark:
        warnings.warn(remark, ValidityWarning, stacklevel=4)
    return dataset


@one_thread_at_a_time
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
    return solve_protocol(run, built_model(run), time_limit)


_models: OrderedDict[tuple[Any, ...], BuiltModel] = OrderedDict()


@one_thread_at_a_time
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
    check_mechanism_names(run.mechanisms)
    control = "any" if any(step.kind in ("voltage", "power") for step in run.protocol.steps) else "current"
    options = run.options
    arguments = (options.model, run.mesh, control, options.rtol, options.atol, options.solver, run.mechanisms)
    return kept_model(run.parameters, *arguments, options.compiled)


def kept_model(cell: ParameterSet, *arguments: Any) -> BuiltModel:
    """Return a model by the cell and the other arguments of `build_model`, built at most once for a structure."""
    key = (cell.structure, *arguments, *MECHANISMS.values())  # one that is registered anew is another
    if key not in _models:
        _models[key] = build_model(cell, *arguments)
        while len(_models) > MODELS_KEPT:
            _models.popitem(last=False)
    _models.move_to_end(key)
    return _models[key].of(cell)


def clear_models() -> None:
    """Forget every built model, so that the next run builds anew."""
    _models.clear()


__all__ = [
    "PreparedRun",
    "RunOptions",
    "built_model",
    "clear_models",
    "prepare_run",
    "simulate",
    "simulate_prepared",
    "solve_run",
]
