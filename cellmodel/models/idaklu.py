"""SUNDIALS IDA with KLU, called through `pybammsolvers` without PyBaMM.

`pybammsolvers` is PyBaMM's compiled solver; its functions are public and not documented, so everything that is known
of them stands in this module: what `create_casadi_solver_group` takes, the options of PyBaMM 26.10 (a test holds them
against PyBaMM's own), and what comes back. A test compares the steps with those that PyBaMM's wrapper takes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import casadi
import numpy as np
from numpy.typing import NDArray
from pybammsolvers import idaklu

from cellmodel.models.compiling import compile_functions
from cellmodel.models.functions import ModelFunctions
from cellmodel.models.solution import EVENT, FINAL_TIME, StepSolution

Array = NDArray[np.float64]

_ROOT_RETURN = 2  # IDA_ROOT_RETURN: an event's margin went through zero

OPTIONS: dict[str, Any] = {
    "print_stats": False,
    "compile": False,
    "jacobian": "sparse",
    "preconditioner": "BBDP",
    "precon_half_bandwidth": 5,
    "precon_half_bandwidth_keep": 5,
    "num_threads": 1,
    "num_solvers": 1,
    "linear_solver": "SUNLinSol_KLU",
    "linsol_max_iterations": 5,
    "epsilon_linear_tolerance": 0.05,
    "increment_factor": 1.0,
    "linear_solution_scaling": True,
    "silence_sundials_errors": True,
    "max_order_bdf": 5,
    "max_num_steps": 100000,
    "dt_init": 0.0,
    "dt_min": 0.0,
    "dt_max": 0.0,
    "max_error_test_failures": 10,
    "max_nonlinear_iterations": 40,
    "max_convergence_failures": 100,
    "nonlinear_convergence_coefficient": 0.33,
    "suppress_algebraic_error": False,
    "hermite_interpolation": True,
    "hermite_reduction_factor": 1.0,
    "nonlinear_convergence_coefficient_ic": 0.0033,
    "max_num_steps_ic": 50,
    "max_num_jacobians_ic": 40,
    "max_num_iterations_ic": 100,
    "max_linesearch_backtracks_ic": 5,
    "linesearch_off_ic": False,
    "init_all_y_ic": False,
    "calc_ic": True,
    "newton_step_tol": 1e-4,
    "newton_mode": "auto",
    "num_steps_no_progress": 0,
    "t_no_progress": 0.0,
}
"""PyBaMM's options of IDAKLU; only `silence_sundials_errors` differs: failures come back, IDA's lines on the terminal
would only repeat them."""


@dataclass(frozen=True)
class Failure:
    """A step that the solver gave up.

    Attributes
    ----------
    message : str
        SUNDIALS' own words.
    part : StepSolution or None
        What was solved before, if that is more than the start.
    """

    message: str
    part: StepSolution | None = None


class IdakluSolver:
    """IDA at one tolerance on the functions of one model.

    The differential states of a start are taken as they are; the algebraic ones are a first guess, made consistent
    with the inputs by the solver's own Newton iteration.

    Parameters
    ----------
    functions : ModelFunctions
        Of the model.
    rtol, atol : float
        Relative and absolute tolerance; every state is scaled to order one.
    differential_only : bool, optional
        Whether to leave the algebraic states out of the error test.
    iterations : int, optional
        How often Newton's method may try with an old Jacobian.
    compiled : bool, optional
        Whether to call machine code.
    """

    def __init__(
        self,
        functions: ModelFunctions,
        rtol: float,
        atol: float,
        *,
        differential_only: bool = False,
        iterations: int = 40,
        compiled: bool = False,
    ) -> None:
        self.functions, self.rtol, self.atol = functions, rtol, atol
        self._constants, self._rates = functions.constants, functions.rates
        changes = {"suppress_algebraic_error": differential_only, "max_nonlinear_iterations": iterations}
        self._solver = _solver_group(functions, rtol, atol, OPTIONS | changes, compiled)

    def integrate(
        self, start_time: float, end_time: float, inputs: Mapping[str, float], state: Array
    ) -> StepSolution | Failure:
        """Integrate to `end_time` [s] or the first event; a solution of one time is over at its start."""
        count = self.functions.differential
        q = np.asarray(self._constants(self.functions.stacked(inputs))).reshape(1, -1)
        slope = np.zeros_like(state)
        slope[:count] = np.asarray(self._rates(start_time, state, q[0])).ravel()
        span = np.array([start_time, end_time], dtype=float)
        begun = perf_counter()
        try:
            (found,) = self._solver.solve(
                span, span[:0], state[None, :], slope[None, :], q, logger=None, pbar=np.empty((0, 0))
            )
        except ValueError as error:
            return Failure(str(error))
        seconds, size = perf_counter() - begun, found.t.size
        termination = FINAL_TIME
        if found.flag == _ROOT_RETURN:
            margins = np.asarray(self.functions.events(float(found.t[-1]), found.y.reshape(size, -1)[-1], q[0])).ravel()
            termination = EVENT + self.functions.event_names[int(np.nanargmin(np.abs(margins)))]
        rates = found.yp.reshape(size, -1).T if found.yp.size else None
        solution = StepSolution(found.t, found.y.reshape(size, -1).T, rates, inputs, termination, seconds)
        if found.flag < 0:
            return Failure(idaklu.sundials_error_message(found.flag), solution if size > 1 else None)
        if size == 1 and termination == FINAL_TIME:
            return Failure("no step was taken")
        return solution


def _solver_group(functions: ModelFunctions, rtol: float, atol: float, options: dict[str, Any], compiled: bool) -> Any:
    """Return the compiled solver of `pybammsolvers` with every function it calls."""
    called = called_functions(functions, compiled)
    jacobian = called["jacobian"].sparsity_out(0)
    handed = {name: idaklu.generate_function(function.serialize()) for name, function in called.items()}
    kinds = [1] * functions.differential + [0] * functions.algebraic
    return idaklu.create_casadi_solver_group(
        number_of_states=functions.states,
        number_of_parameters=0,
        rhs_alg=handed["residual"],
        jac_times_cjmass=handed["jacobian"],
        jac_times_cjmass_colptrs=np.array(jacobian.colind(), dtype=np.int64),
        jac_times_cjmass_rowvals=np.array(jacobian.row(), dtype=np.int64),
        jac_times_cjmass_nnz=jacobian.nnz(),
        jac_bandwidth_lower=jacobian.bw_lower(),
        jac_bandwidth_upper=jacobian.bw_upper(),
        jac_action=handed["jacobian_action"],
        mass_action=handed["mass_action"],
        sens=idaklu.generate_function(casadi.Function("sensitivities", [], []).serialize()),
        events=handed["events"],
        number_of_events=len(functions.event_names),
        rhs_alg_id=np.array(kinds, dtype=np.int64),
        atol=np.full(functions.states, atol),
        rtol=rtol,
        inputs=functions.constants.size1_out(0),
        var_fcns=[],
        dvar_dy_fcns=[],
        dvar_dp_fcns=[],
        options=options,
        alg_res=handed["balances"],
        alg_jac=handed["balances_jacobian"],
    )


def called_functions(functions: ModelFunctions, compiled: bool) -> dict[str, casadi.Function]:
    """Return every function that IDA calls; as straight-line scalars where they become machine code.

    Differentiated scalar by scalar, a Jacobian takes half the work of one of vectors, compiled.
    """
    kind: Any = casadi.SX if compiled else casadi.MX
    size = functions.constants.size1_out(0)
    t, y, q, cj = kind.sym("t"), kind.sym("y", functions.states), kind.sym("q", size), kind.sym("cj")
    v = kind.sym("v", functions.states)
    rates, balances, margins = (
        (function.expand() if compiled else function).call([t, y, q], True, False)[0]
        for function in (functions.rates, functions.balances, functions.events)
    )
    residual = casadi.cse(casadi.vertcat(rates, balances))
    jacobian = casadi.jacobian(residual, y)
    mass = casadi.diag(casadi.DM([1.0] * functions.differential + [0.0] * functions.algebraic))
    masses = casadi.vertcat(v[: functions.differential], kind(functions.algebraic, 1))
    stepping = {
        "residual": casadi.Function("residual", [t, y, q], [residual]),
        "jacobian": casadi.Function("iteration_matrix", [t, y, q, cj], [jacobian - cj * casadi.sparsify(mass)]),
        "balances": casadi.Function("balances", [t, y, q], [balances]),
        "balances_jacobian": casadi.Function("balances_jacobian", [t, y, q], [casadi.jacobian(balances, y)]),
        "events": casadi.Function("events", [t, y, q], [casadi.densify(margins)]),
    }
    if compiled:
        stepping = dict(zip(stepping, compile_functions(list(stepping.values())), strict=True))
    return stepping | {
        "jacobian_action": casadi.Function("jacobian_action", [t, y, q, v], [casadi.jtimes(residual, y, v)]),
        "mass_action": casadi.Function("mass_action", [v], [masses]),
    }
