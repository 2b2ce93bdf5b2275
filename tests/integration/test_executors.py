"""One study, three executors: this process, a pool, a real Dask cluster on loopback. The results are the same bits."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from cellmodel.dataset import versions
from cellmodel.errors import ExecutionError
from cellmodel.execution import cluster as dask_room
from cellmodel.study import parse_study, run_study

DIFFER = {"solve_time"}  # wall time; `created`, the time stamp, is an attribute


def study(**changes):
    grid = {"c_rate": ["C/2", "1C"], "electrolyte.ionic_conductivity.scale": [0.8, 1.0, 1.2]}
    document = {"description": "d", "cells": ["li_peo_lfp"], "protocol": "discharge", "mesh": "fast", "grid": grid}
    return parse_study({**document, **changes}, "executors.toml")


def assert_same_bits(first: xr.Dataset, second: xr.Dataset) -> None:
    assert set(first.variables) == set(second.variables)
    for name in set(first.variables) - DIFFER:
        ours, theirs = first[name].values, second[name].values
        assert ours.dtype == theirs.dtype, name
        assert first[name].dims == second[name].dims, name
        assert np.array_equal(ours, theirs) if ours.dtype == object else ours.tobytes() == theirs.tobytes(), name


@pytest.fixture(scope="module")
def serial() -> xr.Dataset:
    return run_study(study(), results=None).load()


@contextmanager
def dask(*arguments: str) -> Iterator[subprocess.Popen]:
    command = [sys.executable, "-m", "dask", *arguments]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.kill()
        process.wait(timeout=20)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory) -> Iterator[str]:
    """Start a scheduler and two workers; return the scheduler's address."""
    folder: Path = tmp_path_factory.mktemp("dask")
    file, local = folder / "scheduler.json", ("--local-directory", str(folder))
    where = ("--scheduler-file", str(file))
    scheduler = ("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", *where)
    worker = ("worker", *where, "--nthreads", "2", "--no-nanny", "--no-dashboard", *local)
    with dask(*scheduler), dask(*worker), dask(*worker):
        from distributed import Client

        deadline = time.monotonic() + 60.0
        while not file.exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        with Client(scheduler_file=str(file), set_as_default=False) as client:
            client.wait_for_workers(2, timeout=60)
            yield client.scheduler.address


def test_a_pool_gives_the_bits_of_this_process(serial):
    assert (serial["status"] == 1).all()
    assert_same_bits(serial, run_study(study(), results=None, workers=2).load())


def test_dask_gives_the_bits_of_this_process_by_address_and_by_client(serial, cluster):
    assert_same_bits(serial, run_study(study(), results=None, workers=cluster).load())
    from distributed import Client

    with Client(cluster, set_as_default=False) as client:
        assert_same_bits(serial, run_study(study(), results=None, workers=client).load())
        assert len(client.nthreads()) == 2, "the caller's client stays open"


def test_dask_workers_of_another_version_are_refused_before_anything_is_computed(cluster, monkeypatch, tmp_path):
    compared, other = dask_room.check_versions, {"pybamm_version": "26.9.0", "cellmodel_version": "99.0"}
    monkeypatch.setattr(dask_room, "check_versions", lambda own, others: compared({**own, **other}, others))
    with pytest.raises(ExecutionError) as caught:
        run_study(study(), results=tmp_path, workers=cluster)
    said = str(caught.value)
    assert said.count("pybamm_version") == said.count("cellmodel_version") == 2, said
    assert f"found {versions()['pybamm_version']}, wanted 26.9.0, as in the process that asks" in said
    assert not list(tmp_path.glob("*.zarr/status/*"))
