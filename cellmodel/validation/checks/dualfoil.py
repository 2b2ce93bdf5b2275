"""An independent code: three discharges computed with DUALFOIL 5.1, compared in voltage and capacity.

DUALFOIL computes with F = 96487 C/mol and R = 8.314 J/mol/K. The exchange currents of the shipped cells carry its F;
what remains is RT/F, 7e-5 smaller there (7 microvolts on an overpotential of 100 mV), and the charge of one mole of
sites, 1.7e-5 larger there (0.002 % of capacity).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cellmodel.models import MESHES
from cellmodel.simulation import simulate
from cellmodel.study import load_study
from cellmodel.validation.discharging import STOCK, root_mean_square
from cellmodel.validation.findings import Check, Curve, Finding, Observation, Surroundings, curves

Array = NDArray[np.float64]

FINE: dict[str, Any] = {"mesh": MESHES["default"].refined(3), "rtol": 1e-6, "atol": 1e-8}
SETTLED = 1.0
"""DUALFOIL's fixed first time step spoils its first second by up to 0.8 mV [s]."""
ACCURACY = "DUALFOIL's own time and space steps leave 0.1 to 0.3 mV and 0.02 % of capacity"


@dataclass(frozen=True)
class Comparison:
    """One discharge beside DUALFOIL's: root mean square [V], relative capacity error, times [s] and difference [V]."""

    voltage: float
    capacity: float
    times: Array
    difference: Array


def compare(study: str, times: Array, capacity: Array, voltage: Array, **settings: Any) -> Comparison:
    """Run a study's one discharge and compare it.

    Parameters
    ----------
    study : str
        Name of the study.
    times, capacity, voltage : ndarray, shape (n,)
        DUALFOIL's [s, A.h.m-2, V].
    **settings
        Of `simulate`.

    Returns
    -------
    Comparison
        Model minus DUALFOIL, after the first second.
    """
    loaded = load_study(study)
    (run,) = loaded.expand()
    found = simulate(run.parameters, loaded.protocol, current_density=run.current_density, **settings)
    own = found["time"].values
    keep = (times > SETTLED) & (times <= own[-1])
    difference = np.interp(times[keep], own, found["voltage"].values) - voltage[keep]
    delivered = float(found["capacity"]) / run.parameters["cell.area"]
    return Comparison(root_mean_square(difference), abs(delivered / capacity[-1] - 1), times[keep], difference)


def measure(study: str, file: str, surroundings: Surroundings) -> Observation:
    """Hold one study against one file of DUALFOIL's."""
    reference = surroundings.table(file)
    default, fine = compare(study, *reference), compare(study, *reference, **FINE)
    stock = compare(study, *reference, model=STOCK)
    stock_fine = compare(study, *reference, model=STOCK, **FINE)
    worst = f"Largest difference {1e3 * np.abs(default.difference).max():.1f} mV, where the voltage falls steeply."
    findings = [
        Finding(
            "voltage",
            f"{study}: voltage, default mesh, root mean square after 1 s",
            default.voltage,
            1e-3,
            "V",
            "1 mV is what was asked of the default mesh; its own error is 0.3 mV",
            stock=stock.voltage,
            remark=worst,
        ),
        Finding(
            "capacity",
            f"{study}: capacity, default mesh, relative",
            default.capacity,
            2e-3,
            "1",
            "0.2 % is what was asked; " + ACCURACY,
            stock=stock.capacity,
        ),
        Finding(
            "voltage_refined",
            f"{study}: voltage, mesh refined three times, root mean square",
            fine.voltage,
            0.2e-3,
            "V",
            ACCURACY,
            stock=stock_fine.voltage,
        ),
    ]
    lines = [
        Curve("default mesh", "model", default.times, 1e3 * default.difference),
        Curve("refined mesh", "other", fine.times, 1e3 * fine.difference),
        Curve("stock PyBaMM, default mesh", "stock", stock.times, 1e3 * stock.difference),
    ]
    return Observation(findings, curves(f"{study}: model minus DUALFOIL 5.1", "time (s)", "difference (mV)", lines))


def _check(study: str, file: str) -> Check:
    return Check(study, "independent code", "computed with DUALFOIL 5.1", "", partial(measure, study, file), (file,))


CHECKS = (
    _check("dualfoil_d2", "dualfoil_D2_I7.csv"),
    _check("dualfoil_d3", "dualfoil_D3_I7.csv"),
    _check("dualfoil_d4", "dualfoil_D4_I2.csv"),
)
