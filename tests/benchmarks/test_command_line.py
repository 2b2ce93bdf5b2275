"""Wall time of the command line, beside the shortest plain PyBaMM script that does the same.

Recorded, not gating: run with `pytest tests/benchmarks --benchmark-enable`; one table per group. Targets: `--help`
under 0.3 s, a cold discharge within 1.3 times the script.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.benchmark

SHORTEST_SCRIPT = """
import pybamm
import xarray
model = pybamm.lithium_ion.DFN({"working electrode": "positive", "contact resistance": "true"})
simulation = pybamm.Simulation(model, parameter_values=pybamm.ParameterValues("li_peo_lfp"), C_rate=1 / 3)
solution = simulation.solve([0, 4 * 3600])
names = {"time": "Time [s]", "voltage": "Voltage [V]", "current": "Current [A]"}
data = {name: ("sample", solution[key].entries) for name, key in names.items()}
xarray.Dataset(data).to_netcdf("discharge.nc", engine="h5netcdf")
"""


def call(folder: Path, *words: str) -> None:
    """Run Python anew in `folder`, without telemetry."""
    environment = {**os.environ, "PYBAMM_DISABLE_TELEMETRY": "true"}
    subprocess.run([sys.executable, *words], cwd=folder, env=environment, check=True, capture_output=True)


def cellmodel(folder: Path, *words: str) -> None:
    """Run the command line in a new process."""
    call(folder, "-c", "from cellmodel.cli import app; app()", *words)


@pytest.mark.benchmark(group="help", warmup=True)
def test_help(benchmark, tmp_path: Path) -> None:
    benchmark.pedantic(cellmodel, args=(tmp_path, "--help"), rounds=5, warmup_rounds=1)


@pytest.mark.benchmark(group="help", warmup=True)
def test_bare_python(benchmark, tmp_path: Path) -> None:
    benchmark.pedantic(call, args=(tmp_path, "-c", "pass"), rounds=5, warmup_rounds=1)


@pytest.mark.benchmark(group="cold discharge")
def test_cold_discharge(benchmark, tmp_path: Path) -> None:
    words = ("run", "first_discharge", "--no-plot", "--overwrite")
    benchmark.pedantic(cellmodel, args=(tmp_path, *words), rounds=5, warmup_rounds=1)
    assert (tmp_path / "results" / "first_discharge.zarr").is_dir()


@pytest.mark.benchmark(group="cold discharge")
def test_cold_discharge_in_plain_pybamm(benchmark, tmp_path: Path) -> None:
    benchmark.pedantic(call, args=(tmp_path, "-c", SHORTEST_SCRIPT), rounds=5, warmup_rounds=1)
    assert (tmp_path / "discharge.nc").is_file()
