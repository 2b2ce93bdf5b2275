"""Compiled functions: the same results, kept per machine, and told when they cannot be had."""

from __future__ import annotations

from pathlib import Path

import casadi
import numpy as np
import pytest

from cellmodel.errors import ParameterError
from cellmodel.models import Mesh, build_model, compiling
from cellmodel.models.compiling import cache_folder, compile_functions
from cellmodel.models.idaklu import called_functions
from cellmodel.parameters import load_cell
from cellmodel.simulation import clear_models, simulate
from cellmodel.study import parse_study, run_study

COARSE = Mesh(3, 4, 4)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep the libraries of these tests to themselves."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path


def test_a_compiled_discharge_is_the_interpreted_one_within_the_tolerance(cache: Path) -> None:
    """At rtol 1e-6 the integrator's own error is below a microvolt; round-off may change its steps."""
    settings = {"c_rate": "C/3", "mesh": COARSE, "rtol": 1e-6, "atol": 1e-8}
    interpreted, compiled = (simulate("li_peo_lfp", **settings, compiled=which) for which in (False, True))
    clear_models()
    assert compiled.attrs["compiled"] == "yes"
    assert compiled["run_digest"].item() == interpreted["run_digest"].item()
    assert compiled["capacity"].item() == pytest.approx(interpreted["capacity"].item(), rel=1e-6)
    charge = np.linspace(0.0, 0.97 * interpreted["capacity"].item(), 200)
    voltages = [np.interp(charge, run["discharge_capacity"], run["voltage"]) for run in (interpreted, compiled)]
    # Samples stand where the solver's steps are: lines between them follow it within a millivolt.
    assert np.sqrt(np.mean((voltages[1] - voltages[0]) ** 2)) < 1e-3
    assert list(cache.glob("cellmodel/compiled/*/*.so"))


def test_everything_that_is_called_at_every_step_is_machine_code(cache: Path) -> None:
    built = build_model(load_cell("li_peo_lfp"), model="SPM", mesh=COARSE, compiled=True)
    built.solve(60.0, {"current": 1e-3, "lower_voltage": 2.5})
    called = called_functions(built.functions, compiled=True)
    made = {name for name, function in called.items() if function.class_name() == "External"}
    assert made == {"residual", "jacobian", "balances", "balances_jacobian", "events"}


def test_compiled_functions_are_made_once(cache: Path) -> None:
    x = casadi.SX.sym("x", 3)
    (first,) = compile_functions([casadi.Function("squares", [x], [x**2])])
    files = {path: path.stat().st_mtime_ns for path in cache.rglob("*.so")}
    (again,) = compile_functions([casadi.Function("squares", [x], [x**2])])
    assert {path: path.stat().st_mtime_ns for path in cache.rglob("*.so")} == files
    np.testing.assert_array_equal(np.ravel(first([1, 2, 3])), [1.0, 4.0, 9.0])
    assert again.class_name() == first.class_name() == "External"


def test_another_processor_or_compiler_has_a_folder_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    here = cache_folder()
    monkeypatch.setattr(compiling.platform, "machine", lambda: "another")
    compiling._machine.cache_clear()
    elsewhere = cache_folder()
    monkeypatch.undo()
    compiling._machine.cache_clear()
    assert elsewhere.name != here.name


def test_without_a_compiler_the_message_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiling, "COMPILER", "no-such-compiler")
    with pytest.raises(ParameterError, match="compiled: found true without no-such-compiler"):
        simulate("li_peo_lfp", c_rate=1.0, compiled=True)


@pytest.mark.parametrize("cause", ["a file in its place", "no home", "a compiler that fails"])
def test_where_nothing_can_be_kept_a_compiled_run_is_refused_before_it_begins(tmp_path, monkeypatch, cause) -> None:
    if cause == "a file in its place":
        (tmp_path / "file").touch()
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    elif cause == "no home":
        monkeypatch.delenv("XDG_CACHE_HOME")
        monkeypatch.setenv("HOME", "/proc/none")
    else:
        monkeypatch.setattr(compiling, "FLAGS", ("--no-such-flag",))
        compiling._machine.cache_clear()
        compiling._check_that_it_works.cache_clear()
    study = {"description": "d", "cells": ["li_peo_lfp"], "protocol": "discharge", "c_rate": 1.0, "compiled": True}
    results = tmp_path / "results"
    for run in (
        lambda: simulate("li_peo_lfp", c_rate=1.0, compiled=True),
        lambda: run_study(parse_study(study, "s.toml"), results),
    ):
        with pytest.raises(ParameterError, match="compiled: found true, but nothing can be compiled and kept"):
            run()
    assert not results.exists()
    monkeypatch.undo()
    compiling._machine.cache_clear()
    compiling._check_that_it_works.cache_clear()


def test_the_collocation_check_is_not_compiled() -> None:
    with pytest.raises(ParameterError, match="compiled: found true with solver = 'casadi'"):
        build_model(load_cell("li_peo_lfp"), model="SPM", mesh=COARSE, solver="casadi", compiled=True)
