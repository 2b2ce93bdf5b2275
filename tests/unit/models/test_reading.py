"""Reading a solution: constants apart, blocks of any length, the solver's own times."""

from __future__ import annotations

import casadi
import numpy as np
import pytest

from cellmodel.models.reading import LONGEST_BLOCK, Evaluator, split_constants
from cellmodel.models.solution import StepSolution, states_at

INPUTS = np.array([0.3, -1.2])


def function(kind: type) -> casadi.Function:
    """Return a function whose exponentials, but one, depend on the inputs alone."""
    t, y, p = (kind.sym(name, size) for name, size in (("t", 1), ("y", 3), ("p", 2)))
    values = casadi.vertcat(y * casadi.exp(p[0]) + casadi.log(p[1] ** 2), t + p[1], casadi.exp(p[0] * y[1]), p)
    return casadi.Function("read", [t, y, p], [values])


@pytest.mark.parametrize("kind", [casadi.SX, casadi.MX])
def test_what_follows_from_the_inputs_alone_is_taken_out(kind: type) -> None:
    whole = function(kind)
    constants, rest = split_constants(whole)
    fixed = constants(INPUTS)
    state = [0.1, 0.2, 0.3]
    np.testing.assert_allclose(rest(2.0, state, fixed), whole(2.0, state, INPUTS), rtol=1e-15)
    operations = [rest.expand().instruction_id(k) for k in range(rest.expand().n_instructions())]
    assert operations.count(casadi.OP_EXP) == 1
    assert casadi.OP_LOG not in operations


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("count", [1, 2, 5, LONGEST_BLOCK, LONGEST_BLOCK + 1, 3 * LONGEST_BLOCK - 1])
def test_any_number_of_times_is_read(
    count: int, compiled: bool, tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    whole = function(casadi.MX)
    evaluator = Evaluator(whole, np.arange(3), [3, 1, 1, 2], compiled)
    times, states = np.linspace(0.0, 1.0, count), np.random.default_rng(1).random((3, count))
    for inputs in (INPUTS, 2.0 * INPUTS):
        found = np.concatenate(evaluator(times, states, inputs))
        wanted = [np.ravel(whole(t, y, inputs)) for t, y in zip(times, states.T, strict=True)]
        np.testing.assert_allclose(found.T, wanted, rtol=1e-14)


def test_a_function_of_the_inputs_alone_is_read() -> None:
    p = casadi.MX.sym("p", 2)
    nothing = casadi.Function("read", [casadi.MX.sym("t"), casadi.MX.sym("y", 0), p], [p[0] + p[1]])
    (found,) = Evaluator(nothing, np.zeros(0), [1])(np.zeros(3), np.zeros((0, 3)), INPUTS)
    np.testing.assert_allclose(found, [[-0.9, -0.9, -0.9]])


@pytest.mark.parametrize("rows", [slice(None), np.array([2, 0])])
def test_the_solvers_own_times_give_its_own_states_and_others_a_cubic(rows: np.ndarray | slice) -> None:
    knots = np.array([0.0, 1.0, 3.0, 4.0])
    states = np.stack([knots**3, knots**2, 1.0 - knots])
    rates = np.stack([3.0 * knots**2, 2.0 * knots, -np.ones(4)])
    solution = StepSolution(knots, states, rates, {})
    np.testing.assert_array_equal(states_at(solution, knots[[1, 3]].copy(), rows), states[:, [1, 3]][rows])
    for count in (3, 500):  # few times and many: the cut that leaves less comes first
        times = np.linspace(0.2, 3.9, count)
        wanted = np.stack([times**3, times**2, 1.0 - times])[rows]
        np.testing.assert_allclose(states_at(solution, times, rows), wanted, atol=1e-13)
    kept = StepSolution(knots, states, None, {})  # no rates: lines
    np.testing.assert_allclose(states_at(kept, np.array([2.0]), rows), np.array([[14.0], [5.0], [-1.0]])[rows])
