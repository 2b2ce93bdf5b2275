"""Experiments at constant current on lithium | polymer | lithium: Sand's time, diffusivity, limiting current.

Each runs one experiment on the polymer and the lithium interface of any cell, evaluates it as the experimenter would
and puts the answer beside the one that follows from the parameters. It knows no figure and no file.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from os import PathLike
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from cellmodel.characterisation.measurement import Measurement, depleted, prepare, salt_closure, saturated
from cellmodel.inputs import number, quantities
from cellmodel.models.cells.symmetric import VOLUMES
from cellmodel.parameters import ParameterSet

Array = NDArray[np.float64]

SAMPLES = 200
LARGEST_SWING = 0.05
"""Restricted diffusion is read as if the properties were constant; so small a swing makes that true."""
LONGEST_HOLDS = 100.0
"""Relaxation times of the salt that a hold of `limiting_current` may last: ten are more than any experiment waits."""
HIGHEST_CURRENT = 1e6
"""[A.m-2]; a thousand times what any polymer carries."""
BISECTED = 5e-3
"""Share of the limiting current to which it is bisected."""


def galvanostatic_polarisation(
    cell: str | PathLike[str] | ParameterSet,
    current_densities: Sequence[float | str] | None = None,
    *,
    temperature: float | str | None = None,
    overrides: Mapping[str, float | str] | None = None,
    extrapolate: bool = False,
    volumes: int = VOLUMES,
) -> xr.Dataset:
    """Hold a current density until the salt runs out at the plated face, and compare with Sand's time.

    Sand's law holds for constant properties and a polymer thicker than the diffusion layer, i >= 2 i_lim. A hold also
    ends where the dissolving face reaches the solubility (`saturation_time`).

    Parameters
    ----------
    cell : str, os.PathLike or Cell
        Name of a shipped cell, path of a cell file, or a set.
    current_densities : sequence of float or str, optional
        [A.m-2], or text such as "1 mA.cm-2"; default 2, 3 and 5 times the limiting current density.
    temperature, overrides, extrapolate
        As in `cellmodel.simulate`.
    volumes : int, optional
        Finite volumes across the polymer.

    Returns
    -------
    xarray.Dataset
        Dimensions applied_current_density and sample; below the limiting current the hold lasts 3 L^2 / D.

    Raises
    ------
    ParameterError
        The input is wrong, or the cation transference number is one.

    Examples
    --------
    >>> import cellmodel
    >>> held = cellmodel.galvanostatic_polarisation("li_peo_lfp", [400.0], volumes=20)
    >>> round(held["transition_time"].item(), 1), round(held["sand_time"].item(), 1)  # [s]
    (1.0, 1.0)
    """
    measurement = prepare("galvanostatic_polarisation", cell, temperature, overrides, extrapolate)
    volumes = measurement.volumes(volumes)
    asked = _current_densities(measurement.name, current_densities)
    steady = measurement.steady
    limit = steady.limiting_current_density()
    densities = np.array(asked or (2.0 * limit, 3.0 * limit, 5.0 * limit))
    rows = [_polarised(measurement, volumes, density) for density in densities]
    times, voltage, transition, saturation, closure = map(np.array, zip(*rows, strict=True))
    sand, swept = np.array([steady.sand_time(density) for density in densities]), ("applied_current_density",)
    variables = {
        "time": ((*swept, "sample"), times),
        "voltage": ((*swept, "sample"), voltage),
        "transition_time": (swept, transition),
        "saturation_time": (swept, saturation),
        "sand_time": (swept, sand),
        "deviation": (swept, transition / sand - 1.0),
        "share_of_limiting_current": (swept, densities / limit),
        "salt_closure_error": (swept, closure),
    }
    return measurement.dataset(variables, {swept[0]: (swept, densities)}, volumes=volumes)


def _current_densities(study: str, given: Any) -> tuple[float, ...] | None:
    """Return the current densities [A.m-2] that a caller means, None if it names none."""
    if given is None:
        return None
    wanted = f"above zero, at most {HIGHEST_CURRENT:g} A.m-2"
    return quantities(given, "A.m-2", study, "current_densities", wanted, (sys.float_info.min, HIGHEST_CURRENT))


def _polarised(measurement: Measurement, volumes: int, density: float) -> tuple[Array, Array, float, float, float]:
    """Return times, voltage, times of transition and saturation, salt balance; samples are denser at both ends."""
    built = measurement.build(volumes)
    solution = built.solve(3.0 * measurement.steady.relaxation_time, measurement.hold(current_density=density))
    times = 0.5 * solution.end_time * (1.0 - np.cos(np.linspace(0.0, np.pi, SAMPLES)))
    voltage = built.read(solution, times, ("applied_voltage",))["applied_voltage"]
    transition, saturation = (solution.end_time if ended(solution) else np.nan for ended in (depleted, saturated))
    return times, voltage, transition, saturation, salt_closure(built, solution)


def restricted_diffusion(
    cell: str | PathLike[str] | ParameterSet,
    *,
    swing: float = 0.5 * LARGEST_SWING,
    temperature: float | str | None = None,
    overrides: Mapping[str, float | str] | None = None,
    extrapolate: bool = False,
    volumes: int = VOLUMES,
) -> xr.Dataset:
    """Polarise a little, interrupt, and read the salt diffusivity from the decay of the voltage.

    A current density that leaves a steady concentration difference of `swing` c0 is held for L^2 / D and
    interrupted. After 0.1 L^2 / D only the slowest mode is left, ln V falls with slope -pi^2 D / L^2, and is fitted
    from 0.1 to 0.4 L^2 / D.

    Parameters
    ----------
    cell : str, os.PathLike or Cell
        Name of a shipped cell, path of a cell file, or a set.
    swing : float, optional
        At most 0.05.
    temperature, overrides, extrapolate
        As in `cellmodel.simulate`.
    volumes : int, optional
        Finite volumes across the polymer.

    Returns
    -------
    xarray.Dataset
        Dimension sample.

    Raises
    ------
    ParameterError
        The input is wrong, the swing is too large, or the cation transference number is one.

    References
    ----------
    Newman and Chapman 1973, doi 10.1002/aic.690190220.

    Examples
    --------
    >>> import cellmodel
    >>> decay = cellmodel.restricted_diffusion("li_peo_lfp", volumes=20)
    >>> found, put_in = decay["found_salt_diffusivity"].item(), decay["expected_salt_diffusivity"].item()
    >>> f"{found:.1e} m2.s-1, put in {put_in:.1e}"
    '1.1e-11 m2.s-1, put in 1.2e-11'
    """
    measurement = prepare("restricted_diffusion", cell, temperature, overrides, extrapolate)
    volumes = measurement.volumes(volumes)
    wanted = f"above zero and at most {LARGEST_SWING:g}"
    swing = number(swing, measurement.name, "swing", wanted, (sys.float_info.min, LARGEST_SWING))
    measurement.steady.require_a_gradient(measurement.name)
    return measurement.dataset(_decay(measurement, volumes, swing), {}, volumes=volumes)


def _decay(measurement: Measurement, volumes: int, swing: float) -> dict[str, tuple[tuple[str, ...], Any]]:
    """Return the decay of the voltage after a polarisation, and the diffusivity that is read from it."""
    steady = measurement.steady
    relaxation = steady.relaxation_time
    built = measurement.build(volumes, rtol=1e-8)
    held = measurement.hold(current_density=swing * steady.unit_gradient_current_density)
    polarised = built.solve(relaxation, held)
    rest = built.solve(relaxation, measurement.hold(current_density=0.0), polarised.end_state, relaxation)
    since = relaxation * np.linspace(0.0, 1.0, SAMPLES)
    names = ("applied_voltage", "left_concentration", "right_concentration")
    voltage, *faces = built.read(rest, relaxation + since, names).values()
    fitted = (since >= 0.1 * relaxation) & (since <= 0.4 * relaxation)
    slope = np.polyfit(since[fitted], np.log(voltage[fitted]), 1)[0]
    found = -slope * steady.thickness**2 / np.pi**2
    return {
        "rest_time": (("sample",), since),
        "rest_voltage": (("sample",), voltage),
        "found_salt_diffusivity": ((), found),
        "expected_salt_diffusivity": ((), steady.salt_diffusivity()),
        "deviation": ((), found / steady.salt_diffusivity() - 1.0),
        "swing": ((), (faces[0][0] - faces[1][0]) / steady.initial_concentration),
        "salt_closure_error": ((), max(salt_closure(built, solution) for solution in (polarised, rest))),
    }


def limiting_current(
    cell: str | PathLike[str] | ParameterSet,
    *,
    holds: float = 2.0,
    temperature: float | str | None = None,
    overrides: Mapping[str, float | str] | None = None,
    extrapolate: bool = False,
    volumes: int = VOLUMES,
) -> xr.Dataset:
    """Raise the current step by step until the salt runs out or dissolves no more, then bisect to 0.5 %.

    Every hold starts from the last sustained state and lasts `holds` L^2 / D; the slowest mode has 1/pi^2 of that.

    Parameters
    ----------
    cell : str, os.PathLike or Cell
        Name of a shipped cell, path of a cell file, or a set.
    holds : float, optional
        At least 1, at most `LONGEST_HOLDS`.
    temperature, overrides, extrapolate
        As in `cellmodel.simulate`.
    volumes : int, optional
        Finite volumes across the polymer.

    Returns
    -------
    xarray.Dataset
        Dimension step: every hold in order.

    Raises
    ------
    ParameterError
        The input is wrong, the holds are too short, or the cation transference number is one.

    Examples
    --------
    >>> import cellmodel
    >>> steps = cellmodel.limiting_current("li_peo_lfp", volumes=20)
    >>> round(steps["limiting_current_density"].item(), 1)  # [A.m-2]
    148.8
    """
    measurement = prepare("limiting_current", cell, temperature, overrides, extrapolate)
    volumes = measurement.volumes(volumes)
    wanted = f"at least 1 (in units of L^2 / D), at most {LONGEST_HOLDS:g}"
    holds = number(holds, measurement.name, "holds", wanted, (1.0, LONGEST_HOLDS))
    expected = measurement.steady.limiting_current_density()
    steps = _step_and_bisect(measurement, volumes, holds * measurement.steady.relaxation_time)
    densities, sustained, beyond, held, voltages = np.array(steps).T
    found = 0.5 * (densities[sustained == 1.0].max() + densities[sustained == 0.0].min())
    variables: dict[str, tuple[tuple[str, ...], Any]] = {
        "applied_current_density": (("step",), densities),
        "sustained": (("step",), sustained),
        "saturated": (("step",), beyond),
        "hold_time": (("step",), held),
        "voltage": (("step",), voltages),
        "limiting_current_density": ((), found),
        "expected_limiting_current_density": ((), expected),
        "deviation": ((), found / expected - 1.0),
    }
    coordinates = {"step": (("step",), np.arange(1, len(steps) + 1))}
    return measurement.dataset(variables, coordinates, volumes=volumes)


def _step_and_bisect(
    measurement: Measurement, volumes: int, hold: float
) -> list[tuple[float, bool, bool, float, float]]:
    """Return (current density, lasted, saturated, time held, last voltage) of every hold."""
    built, density = measurement.build(volumes), measurement.steady.unit_gradient_current_density
    low, high, state = 0.0, np.inf, None
    steps: list[tuple[float, bool, bool, float, float]] = []
    while high - low > BISECTED * low:
        solution = built.solve(hold, measurement.hold(current_density=density), state)
        beyond = saturated(solution)
        lasted = not (beyond or depleted(solution))
        (voltage,) = built.read(solution, solution.times[[-1]], ("applied_voltage",))["applied_voltage"].tolist()
        steps.append((density, lasted, beyond, float(solution.times[-1]), voltage))
        if lasted:
            low, state = density, solution.end_state
        else:
            high = density
        density = 1.2 * low if high == np.inf else 0.5 * (low + high)
    return steps
