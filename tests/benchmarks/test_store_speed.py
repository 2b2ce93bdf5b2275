"""Ten thousand runs through a store: the parent's work per run, size on disk, memory, and how fast it is read again.

A real discharge whose curves are stretched at random, so that compression is what it would be. A process of its
own, so that its memory is this work's.
"""

from __future__ import annotations

import resource
import sys
from pathlib import Path
from time import perf_counter

import numpy as np
import pytest
import xarray as xr

from cellmodel.dataset.schema import SAMPLED
from cellmodel.simulation import simulate
from cellmodel.store import STORE_VERSION, Block, StudyStore, open_results

RUNS, BLOCK = 10_000, 32
MIB = 2**20


def one_discharge() -> Block:
    """Return one real run as a block of one."""
    run = simulate("li_peo_lfp", c_rate="C/3", temperature="80 degC", mesh="fast")
    return {str(name): (v.dims, v.attrs, np.asarray(v.values)[None]) for name, v in run.variables.items()}


def some_runs(real: Block, generator: np.random.Generator) -> Block:
    """Return runs with the real one's shape: all numbers stretched, and every sample a little off, as a solver's is."""
    block = {}
    for name, (dimensions, attributes, values) in real.items():
        many = np.repeat(values, BLOCK, axis=0)
        if values.dtype.kind == "f":
            stretch = generator.normal(1.0, 0.05, (BLOCK, *[1] * (values.ndim - 1)))
            many = many * stretch
            if name in SAMPLED and name not in ("current", "temperature"):
                many = many * (1.0 + generator.normal(0.0, 1e-6, many.shape))
        block[name] = (dimensions, attributes, many)
    digests = [f"{number:064x}" for number in generator.integers(2**62, size=BLOCK)]
    return {**block, "run_digest": ((), real["run_digest"][1], np.array(digests, dtype=object))}


def new_store(path: Path) -> StudyStore:
    draws = xr.Variable(("draw",), np.arange(RUNS), {"units": "1", "long_name": "draw"})
    return StudyStore(path, {"draw": draws}, {"store_version": STORE_VERSION})


def measure(path: Path) -> dict[str, float]:
    """Return all figures of one store."""
    real, generator = one_discharge(), np.random.default_rng(1)
    before, spent = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, 0.0
    keeper = new_store(path)
    for first in range(0, RUNS, BLOCK):
        places = [(number,) for number in range(first, min(first + BLOCK, RUNS))]
        block = some_runs(real, generator)
        block = {name: (d, a, values[: len(places)]) for name, (d, a, values) in block.items()}
        start = perf_counter()
        keeper.put_block(places, block)
        keeper.flush(force=first // BLOCK % 3 == 2)  # some hundred runs in 2 s
        spent += perf_counter() - start
    keeper.flush()
    figures = {"writing one run [ms]": spent / RUNS * 1e3}
    figures["memory on top [MiB]"] = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    files = [file for file in path.rglob("*") if file.is_file()]
    figures["size [MiB]"] = sum(file.stat().st_size for file in files) / MIB
    figures["files"] = len(files)
    start = perf_counter()
    again = new_store(path)
    again.adopt()
    assert (again.status == 1).all()
    figures["taken up again [s]"] = perf_counter() - start
    start = perf_counter()
    open_results(path)["voltage"].quantile([0.05, 0.5, 0.95], "draw")
    figures["opened and one band [s]"] = perf_counter() - start
    return figures


@pytest.mark.benchmark
@pytest.mark.slow
def test_ten_thousand_runs(tmp_path: Path, benchmark) -> None:
    if not benchmark.enabled:
        pytest.skip("only measures")
    figures = benchmark.pedantic(measure, args=(tmp_path / "study.zarr",), rounds=1, iterations=1)
    benchmark.extra_info.update(figures)
    print("\n" + "\n".join(f"{name}: {value:.3g}" for name, value in figures.items()))


if __name__ == "__main__":
    print(measure(Path(sys.argv[1])))
