"""Bruce and Vincent's experiment on lithium | polymer | lithium, evaluated as they do, beside what was put in.

It knows no figure and no file.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from os import PathLike
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from cellmodel.characterisation.measurement import Measurement, prepare, salt_closure, saturated
from cellmodel.characterisation.steady import SteadySymmetricCell
from cellmodel.errors import SolveError
from cellmodel.inputs import quantities
from cellmodel.models.cells.symmetric import VOLUMES
from cellmodel.parameters import ParameterSet

Array = NDArray[np.float64]

SAMPLES = 200
HIGHEST_VOLTAGE = 10.0
"""[V]; no polymer lasts there, and the faces' exponentials overflow far above it."""
CURVE = 40
"""Voltages at which the quadrature is drawn."""


def potentiostatic_polarisation(
    cell: str | PathLike[str] | ParameterSet,
    voltages: Sequence[float | str] = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1),
    *,
    temperature: float | str | None = None,
    overrides: Mapping[str, float | str] | None = None,
    extrapolate: bool = False,
    duration: float | str | None = None,
    volumes: int = VOLUMES,
) -> xr.Dataset:
    """Hold a voltage until the current is steady, and evaluate after Bruce and Vincent.

    The ratio i_ss (V - i_0 R_0) / (i_0 (V - i_ss R_ss)) with i_0 = V / (L / kappa + R_0) and the resistances R that an
    impedance shows is 1 / (1 + Ne) only for small voltages.

    Parameters
    ----------
    cell : str, os.PathLike or Cell
        Name of a shipped cell, path of a cell file, or a set.
    voltages : sequence of float or str, optional
        [V], or text such as "10 mV"; above zero, at most `HIGHEST_VOLTAGE`.
    temperature, overrides, extrapolate
        As in `cellmodel.simulate`.
    duration : float or str, optional
        How long each voltage is held [s], or text such as "10 h"; default 3 L^2 / D.
    volumes : int, optional
        Finite volumes across the polymer.

    Returns
    -------
    xarray.Dataset
        Dimensions applied_voltage and sample.

    Raises
    ------
    ParameterError
        The input is wrong.
    SolveError
        The salt runs out at one face or reaches its solubility at the other before the current is steady.

    References
    ----------
    Bruce and Vincent 1987, doi 10.1016/0022-0728(87)80001-3; Balsara and Newman 2015, doi 10.1149/2.0651514jes.

    Examples
    --------
    >>> import cellmodel
    >>> held = cellmodel.potentiostatic_polarisation("li_peo_lfp", [0.01], volumes=20)
    >>> round(held["current_ratio"].item(), 3), round(held["expected_current_ratio"].item(), 3)
    (0.144, 0.144)
    """
    measurement = prepare("potentiostatic_polarisation", cell, temperature, overrides, extrapolate)
    volumes = measurement.volumes(volumes)
    held, hold = _asked(measurement, voltages, duration)
    rows = [_polarised(measurement, volumes, voltage, hold) for voltage in held]
    curve = np.geomspace(min(held), max(held), CURVE)
    at = {"applied_voltage": np.array(held), "quadrature_voltage": curve}
    coordinates = {name: ((name,), voltages) for name, voltages in at.items()}
    return measurement.dataset(_evaluated(measurement.steady, rows, hold, curve), coordinates, volumes=volumes)


def _evaluated(
    steady: SteadySymmetricCell, rows: list[dict[str, Any]], hold: float, curve: Array
) -> dict[str, tuple[tuple[str, ...], Any]]:
    """Return what all holds show, and the quadrature at the voltages of a curve."""
    expected, swept = 1.0 / (1.0 + steady.newman_number()), ("applied_voltage",)
    found = {name: np.array([row[name] for row in rows]) for name in rows[0]}
    variables: dict[str, tuple[tuple[str, ...], Any]] = {
        name: ((*swept, "sample") if values.ndim > 1 else swept, values) for name, values in found.items()
    }
    return variables | {
        "deviation": (swept, found["current_ratio"] / expected - 1.0),
        "initial_interface_resistance": ((), steady.interface_resistance()),
        "newman_number": ((), steady.newman_number()),
        "expected_current_ratio": ((), expected),
        "time": (("sample",), sample_times(hold)),
        "quadrature_current_ratio": (("quadrature_voltage",), np.array([_exact_ratio(steady, v) for v in curve])),
    }


def _asked(measurement: Measurement, voltages: Any, duration: Any) -> tuple[tuple[float, ...], float]:
    """Return the voltages [V] and the duration [s] that a caller means; ParameterError for what is none."""
    study, smallest, wanted = measurement.name, sys.float_info.min, f"above zero, at most {HIGHEST_VOLTAGE:g} V"
    held = quantities(voltages, "V", study, "voltages", wanted, (smallest, HIGHEST_VOLTAGE))
    hold = 0.0
    if duration is not None:
        (hold,) = quantities([duration], "s", study, "duration", "a time above zero", (smallest, sys.float_info.max))
    measurement.steady.require_a_gradient(study)
    return held, hold or 3.0 * measurement.steady.relaxation_time


def _polarised(measurement: Measurement, volumes: int, voltage: float, hold: float) -> dict[str, Any]:
    """Return what one hold shows; SolveError if the salt does not last."""
    built, steady = measurement.build(volumes), measurement.steady
    solution = built.solve(hold, measurement.hold(voltage=voltage))
    if solution.termination != "final time":
        what = "salt at the dissolving face reaches its solubility" if saturated(solution) else "salt runs out"
        raise SolveError(
            f"{measurement.name}: at {voltage:g} V the {what} after {solution.end_time:g} s, of {hold:g} s"
        )
    read = built.read(solution, sample_times(hold), ("current_density", "interface_resistance"))
    at_rest, at_end = steady.interface_resistance(), read["interface_resistance"][-1]
    first, last = voltage / (steady.ohmic_resistance() + at_rest), read["current_density"][-1]
    return {
        "current_density": read["current_density"],
        "initial_current_density": first,
        "steady_current_density": last,
        "steady_interface_resistance": at_end,
        "current_ratio": bruce_vincent(voltage, first, last, at_rest, at_end),
        "exact_current_ratio": _exact_ratio(steady, voltage),
        "salt_closure_error": salt_closure(built, solution),
    }


def _exact_ratio(steady: SteadySymmetricCell, voltage: float) -> float:
    """Return the ratio whose steady state comes from the quadrature."""
    exact, at_rest = steady.polarise(voltage), steady.interface_resistance()
    first = voltage / (steady.ohmic_resistance() + at_rest)
    return bruce_vincent(voltage, first, exact["current_density"], at_rest, exact["interface_resistance"])


def bruce_vincent(voltage: float, initial: float, steady: float, at_rest: float, at_end: float) -> float:
    """Return i_ss (V - i_0 R_0) / (i_0 (V - i_ss R_ss)) [1] of V [V], i [A.m-2] and R of both faces [ohm.m2]."""
    return steady * (voltage - initial * at_rest) / (initial * (voltage - steady * at_end))


def sample_times(duration: float) -> Array:
    """Return zero and times [s] equally spaced in the logarithm, as relaxations are, up to `duration`."""
    return np.concatenate([[0.0], np.geomspace(1e-6 * duration, duration, SAMPLES - 1)])
