"""A study of 4 temperatures x 6 C-rates against `pybamm.BatchStudy`, at equal mesh and tolerances, in one process."""

from __future__ import annotations

import warnings
from time import perf_counter

import pybamm
import pytest

from cellmodel.models.meshes import find_mesh
from cellmodel.parameters import load_cell
from cellmodel.simulation import clear_models
from cellmodel.store import open_results
from cellmodel.study import parse_study, run_study

TEMPERATURES = [60, 70, 80, 90]
RATES = [0.05, 0.1, 0.2, 0.5, 1.0, 2.0]


def run_cellmodel(folder) -> float:
    """Return the time [s] of the study, model building and the dataset on disk included."""
    grid = {"temperature": [f"{T} degC" for T in TEMPERATURES], "c_rate": RATES}
    document = {"description": "Speed.", "cells": ["li_peo_lfp"], "protocol": "discharge", "grid": grid}
    study = parse_study(document, "speed.toml")
    clear_models()
    start = perf_counter()
    run_study(study, results=folder)
    duration = perf_counter() - start
    (stored,) = folder.glob("*.zarr")
    assert (open_results(stored)["status"] == 1).all()
    return duration


def run_batch_study() -> float:
    """Return the time [s] of the same discharges in PyBaMM's BatchStudy, nothing saved."""
    size, cell = find_mesh("default"), load_cell("li_peo_lfp")
    nominal = cell.areal_capacity * cell["cell.area"]
    model = pybamm.lithium_ion.DFN({"working electrode": "positive", "contact resistance": "true"})
    submeshes = dict(model.default_submesh_types)
    submeshes["positive particle"] = pybamm.MeshGenerator(
        pybamm.Exponential1DSubMesh, {"side": "right", "stretch": size.particle_stretch}
    )
    points = {"x_n": 3, "x_s": size.separator, "x_p": size.electrode, "r_n": 3, "r_p": size.particle}
    values = {}
    for T in TEMPERATURES:
        values[T] = pybamm.ParameterValues("li_peo_lfp")
        values[T].update({"Ambient temperature [K]": T + 273.15, "Initial temperature [K]": T + 273.15})
    cut_off = cell["cell.lower_voltage_cut_off"]
    experiments = {
        rate: pybamm.Experiment(
            [pybamm.step.current(rate * nominal, duration=1.1 * 3600 / rate, termination=f"{cut_off} V", skip_ok=False)]
        )
        for rate in RATES
    }
    batch = pybamm.BatchStudy(
        models={"DFN": model},
        experiments=experiments,
        parameter_values=values,
        submesh_types={"equal": submeshes},
        var_pts={"equal": points},
        solvers={"IDAKLU": pybamm.IDAKLUSolver(rtol=1e-4, atol=1e-6)},
        permutations=True,
    )
    start = perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        batch.solve()
    duration = perf_counter() - start
    assert len(batch.sims) == len(TEMPERATURES) * len(RATES)
    return duration


@pytest.mark.benchmark
@pytest.mark.slow
def test_study_against_batch_study(tmp_path, benchmark):
    if not benchmark.enabled:  # without measuring, the study is only shown to run
        benchmark.pedantic(run_cellmodel, args=(tmp_path,), rounds=1, iterations=1)
        return
    # Both once unmeasured, so that neither pays for imports; models are built anew in every round of both.
    run_batch_study(), run_cellmodel(tmp_path / "first")
    theirs = run_batch_study()
    ours = benchmark.pedantic(run_cellmodel, args=(tmp_path / "second",), rounds=1, iterations=1)
    benchmark.extra_info["ratio to BatchStudy"] = theirs / ours
    print(f"\n24 discharges: cellmodel {ours:.2f} s stored, BatchStudy {theirs:.2f} s unstored, {theirs / ours:.1f} x")
