"""Capacities of lithium | PEO-LiTFSI | LFP cells fall on one curve of current over limiting current.

Reported by Devaux et al. 2020 (doi 10.3389/fenrg.2019.00168) for electrodes and films of many thicknesses.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cellmodel import load_cell, resources, run_study
from cellmodel.analysis import collapse
from cellmodel.study import parse_study
from cellmodel.toml_files import read_toml


def corners() -> dict:
    """Return the shipped study with its extreme thicknesses only and every second rate: 24 of its 192 runs."""
    values = read_toml(resources.files("experiments", "studies")["devaux_collapse"], ValueError)
    grid = values["grid"]
    for name, chosen in grid.items():
        grid[name] = chosen[1::2] if name == "c_rate" else [chosen[0], chosen[-1]]
    return values


def test_capacities_of_different_cells_fall_on_one_curve(tmp_path: Path) -> None:
    """The spread of the share is several times smaller than against C-rate, on a curve that spans all of it.

    All 192 runs of the study: rms 3.4 % of the capacity (largest 12 %) against 22 % with C-rate. With the separator's
    limit instead of the cell's the spread would be 13.8 %, with all reaction at the collector 6.2 %. What is left
    is systematic: above the limit the reaction retreats to the front of the cathode, and by how much that helps
    depends on the film's part in the resistance. With 80 um before 25 um even a reaction at the very front carries
    1.8 times the uniform limit only, with 10 um before 100 um it carries 31 times: thick films fall below the curve.
    """
    dataset = run_study(parse_study(corners(), "devaux_collapse.toml"), results=tmp_path)
    found, by_rate = collapse(dataset, points=6), collapse(dataset, "c_rate", points=6)
    assert int(found["runs"]) == 24
    assert float(found["spread"]) < 0.06  # 3.4 % for all runs; the corners are the extremes
    assert float(by_rate["spread"]) > 4 * float(found["spread"])
    assert float(found["curve"].max()) > 0.98
    assert float(found["curve"].min()) < 0.1


def lost_to_particles(c_rate: np.ndarray) -> np.ndarray:
    """Return the share that spheres taken up at a constant rate have left when their surface is full: R^2/15D per 1/C.

    At constant flux the mean is j R / (5 F D) behind the surface, and d(mean)/dt = 3 j / (F R).
    """
    cell = load_cell("li_peo_lfp")
    diffusivity = cell.function("electrode.particle_diffusivity")(0.5, cell["cell.temperature"])
    return c_rate / 3600.0 * cell["electrode.particle_radius"] ** 2 / (15.0 * diffusivity)


def test_below_half_the_limit_the_salt_takes_nothing_and_above_twice_most(tmp_path: Path) -> None:
    """0.5 is near the onset of depletion of LFP (0.55), and a cell with t+ = 0.2 has salt for a few per cent only.

    The thinnest cathode and film stay below it up to 4C, at which the particles take 2.1 % (closed form) of the 2.2 %
    that are lost: that is not the salt's doing.
    """
    dataset = run_study(parse_study(corners(), "devaux_collapse.toml"), results=tmp_path)
    ratio, share = dataset["limiting_current_ratio"].values, dataset["utilization"].values
    rates = dataset["c_rate"].broadcast_like(dataset["utilization"]).transpose(*dataset["utilization"].dims)
    assert np.all((share + lost_to_particles(rates.values))[ratio < 0.5] > 0.995)
    assert np.all(share[ratio > 2.0] < 0.45)
    assert np.ptp(np.log10(ratio)) == pytest.approx(3.0, abs=0.6)
