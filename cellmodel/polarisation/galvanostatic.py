"""Experiments at constant current on lithium | polymer | lithium: what a laboratory measures, and what went in.

Each builds the symmetric cell of any cell's polymer and lithium interface, runs one experiment, evaluates it as the
experimenter would and puts the answer beside the one that follows from the parameters. It knows no figure and no
file.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from os import PathLike
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from cellmodel.correlations import FARADAY
from cellmodel.inputs import number
from cellmodel.models.symmetric import VOLUMES
from cellmodel.models.symmetric_build import DEPLETED_EVENT, BuiltSymmetricCell, build_symmetric_cell, check_volumes
from cellmodel.parameters import ParameterSet
from cellmodel.polarisation.preparing import labelled, prepare, salt_closure
from cellmodel.polarisation.steady import SteadySymmetricCell
from cellmodel.polarisation.tables import POLARISATION
from cellmodel.several import quantities

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

    Sand's law holds for constant properties and a polymer thicker than the diffusion layer, i >= 2 i_lim.

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
    >>> held = cellmodel.galvanostatic_polarisation("li_peo_lfp", [150.0], volumes=20)
    >>> round(held["transition_time"].item(), 1), round(held["sand_time"].item(), 1)  # [s]
    (2.7, 2.6)
    """
    study = "galvanostatic_polarisation"
    prepared, volumes = prepare(cell, temperature, overrides, extrapolate), check_volumes(volumes, study)
    asked = None
    if current_densities is not None:
        bounds = sys.float_info.min, HIGHEST_CURRENT
        wanted = f"above zero, at most {HIGHEST_CURRENT:g} A.m-2"
        asked = quantities(current_densities, "A.m-2", study, "current_densities", wanted, bounds)
    steady = SteadySymmetricCell(*prepared)
    limit = steady.limiting_current_density()
    densities = asked or (2.0 * limit, 3.0 * limit, 5.0 * limit)
    built = build_symmetric_cell(*prepared, volumes=volumes)
    longest = 3.0 * steady.thickness**2 / steady.salt_diffusivity()
    times, voltage, transition, closure = [], [], [], []
    for density in densities:
        solution = built.solve(longest, current_density=density)
        depleted = solution.termination == DEPLETED_EVENT
        times.append(0.5 * solution.times[-1] * (1.0 - np.cos(np.linspace(0.0, np.pi, SAMPLES))))
        voltage.append(built.read(solution, times[-1], ("voltage",))["voltage"])
        transition.append(solution.times[-1] if depleted else np.nan)
        closure.append(salt_closure(built, solution))
    sand = np.array([steady.sand_time(density) for density in densities])
    swept = ("applied_current_density",)
    variables: dict[str, tuple[tuple[str, ...], Any]] = {
        "time": ((*swept, "sample"), np.array(times)),
        "voltage": ((*swept, "sample"), np.array(voltage)),
        "transition_time": (swept, np.array(transition)),
        "sand_time": (swept, sand),
        "deviation": (swept, np.array(transition) / sand - 1.0),
        "share_of_limiting_current": (swept, np.array(densities) / limit),
        "salt_closure_error": (swept, np.array(closure)),
    }
    coordinates = {"applied_current_density": (swept, np.array(densities))}
    return labelled(study, prepared, POLARISATION, variables, coordinates, volumes=volumes)


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
    '4.5e-12 m2.s-1, put in 4.5e-12'
    """
    study = "restricted_diffusion"
    prepared, volumes = prepare(cell, temperature, overrides, extrapolate), check_volumes(volumes, study)
    wanted = f"above zero and at most {LARGEST_SWING:g}"
    swing = number(swing, study, "swing", wanted, (sys.float_info.min, LARGEST_SWING))
    steady = SteadySymmetricCell(*prepared)
    steady.require_a_gradient(study)
    c0 = steady.initial_concentration
    relaxation = steady.thickness**2 / steady.salt_diffusivity()
    limit = 4.0 * steady.efficiency * float(steady.mobility(np.array(c0))) * c0 * FARADAY / steady.thickness
    built = build_symmetric_cell(*prepared, volumes=volumes, rtol=1e-8)
    polarised = built.solve(relaxation, current_density=0.25 * swing * limit)
    rest = built.solve(relaxation, current_density=0.0, state=polarised.end_state, start_time=relaxation)
    times = relaxation * (1.0 + np.linspace(0.0, 1.0, SAMPLES))
    read = built.read(rest, times, ("voltage", "left_concentration", "right_concentration"))
    since = times - relaxation
    fitted = (since >= 0.1 * relaxation) & (since <= 0.4 * relaxation)
    slope = np.polyfit(since[fitted], np.log(read["voltage"][fitted]), 1)[0]
    found = -slope * steady.thickness**2 / np.pi**2
    faces = (read["left_concentration"][0] - read["right_concentration"][0]) / c0
    variables: dict[str, tuple[tuple[str, ...], Any]] = {
        "rest_time": (("sample",), since),
        "rest_voltage": (("sample",), read["voltage"]),
        "found_salt_diffusivity": ((), found),
        "expected_salt_diffusivity": ((), steady.salt_diffusivity()),
        "deviation": ((), found / steady.salt_diffusivity() - 1.0),
        "swing": ((), faces),
        "salt_closure_error": ((), max(salt_closure(built, leg) for leg in (polarised, rest))),
    }
    return labelled(study, prepared, POLARISATION, variables, {}, volumes=volumes)


def limiting_current(
    cell: str | PathLike[str] | ParameterSet,
    *,
    holds: float = 2.0,
    temperature: float | str | None = None,
    overrides: Mapping[str, float | str] | None = None,
    extrapolate: bool = False,
    volumes: int = VOLUMES,
) -> xr.Dataset:
    """Raise the current step by step until the salt runs out, then bisect to 0.5 %.

    Every hold starts from the last sustained state and lasts `holds` L^2 / D, longer than the slowest mode of the
    profile (1/pi^2 of that).

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
    58.7
    """
    study = "limiting_current"
    prepared, volumes = prepare(cell, temperature, overrides, extrapolate), check_volumes(volumes, study)
    wanted = f"at least 1 (in units of L^2 / D), at most {LONGEST_HOLDS:g}"
    holds = number(holds, study, "holds", wanted, (1.0, LONGEST_HOLDS))
    steady = SteadySymmetricCell(*prepared)
    expected = steady.limiting_current_density()
    built = build_symmetric_cell(*prepared, volumes=volumes)
    steps = _step_and_bisect(built, steady, holds * steady.thickness**2 / steady.salt_diffusivity())
    sustained = max(density for density, lasted, _, _ in steps if lasted)
    depleting = min(density for density, lasted, _, _ in steps if not lasted)
    found = 0.5 * (sustained + depleting)
    columns = [np.array(column, dtype=float) for column in zip(*steps, strict=True)]
    variables: dict[str, tuple[tuple[str, ...], Any]] = {
        name: (("step",), column)
        for name, column in zip(("applied_current_density", "sustained", "hold_time", "voltage"), columns, strict=True)
    }
    variables |= {
        "limiting_current_density": ((), found),
        "expected_limiting_current_density": ((), expected),
        "deviation": ((), found / expected - 1.0),
    }
    coordinates = {"step": (("step",), np.arange(1, len(steps) + 1))}
    return labelled(study, prepared, POLARISATION, variables, coordinates, volumes=volumes)


def _step_and_bisect(
    built: BuiltSymmetricCell, steady: SteadySymmetricCell, hold: float
) -> list[tuple[float, bool, float, float]]:
    """Return (current density, lasted, time held, last voltage) of every hold."""
    c0 = steady.initial_concentration
    density = steady.efficiency * float(steady.mobility(np.array(c0))) * c0 * FARADAY / steady.thickness
    low, high, state = 0.0, np.inf, built.rest
    steps: list[tuple[float, bool, float, float]] = []
    while high - low > BISECTED * low:
        solution = built.solve(hold, current_density=density, state=state)
        lasted = solution.termination != DEPLETED_EVENT
        voltage = float(built.read(solution, solution.times[[-1]], ("voltage",))["voltage"][0])
        steps.append((density, lasted, float(solution.times[-1]), voltage))
        if lasted:
            low, state = density, solution.end_state
        else:
            high = density
        density = 1.2 * low if high == np.inf else 0.5 * (low + high)
    return steps
