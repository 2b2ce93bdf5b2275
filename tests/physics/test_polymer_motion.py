"""Salt and polymer between two foils of lithium: limits by hand, and an independent solution with a moving solvent."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import moving_solvent
import numpy as np
import pytest
from scipy.integrate import quad

import cellmodel
from cellmodel.assessment.checks import polymer_motion
from cellmodel.assessment.checks.check import DataFolder
from cellmodel.assessment.checks.transport_lines import DENSITY, LINES, SALT_MASS, Line, salt_molar_volume
from cellmodel.correlations import FARADAY, GAS_CONSTANT
from cellmodel.correlations.frames import SALT_VOLUME
from cellmodel.models.built_model import BuiltModel
from cellmodel.models.driving import solve_driven
from cellmodel.models.solution import FINAL_TIME
from cellmodel.parameters import ParameterSet, load_cell
from cellmodel.simulation import kept_model

HOUR, VOLUMES = 3600.0, 80
RELATION = np.array([np.linspace(0.6, 3.0, 25), 2e-7 * (1.0 - 0.3 * (np.linspace(0.6, 3.0, 25) - 1.9) ** 2)])
"""A curve such as the measured one [mol/L, cm2/s]; no test needs the data."""
FALLING = np.array([0.0, 600.0, HOUR, 5 * HOUR, 12 * HOUR]), np.array([9.0, 6.0, 4.0, 2.5, 2.0])
"""A current density that falls as the measured one does [s, A.m-2]."""


def cell_of(line: Line) -> ParameterSet:
    return line.applied(load_cell("li_peo_li"), RELATION)


@cache
def model(name: str) -> BuiltModel:
    line = LINES[name]
    return kept_model(cell_of(line), "DFN", cellmodel.Mesh(VOLUMES, 3, 3), "current", 1e-6, 1e-8, "idaklu", ())


@pytest.mark.parametrize("name", ["reference", "two_constants"])
def test_the_polymer_starts_at_v_times_one_minus_t0_i_over_f_against_the_interface(name: str) -> None:
    """In the middle nothing diffuses yet, so the flux of the anions is that of migration alone."""
    built = model(name)
    solution = built.solve(1.0, {"current": 6.0 * built.parameters["cell.area"]})
    (velocity,) = built.read(solution, solution.times[:1], ("polymer_velocity",))["polymer_velocity"]
    volume, lithium = salt_molar_volume(), built.parameters["cell.lithium.molar_volume"]
    against_interface = volume * (1.0 - LINES[name].transference[0]) * 6.0 / FARADAY
    assert velocity[VOLUMES // 2] == pytest.approx(against_interface - lithium * 6.0 / FARADAY, rel=1e-9)


def test_at_steady_state_the_gradient_is_newmans_and_the_polymer_stands_still() -> None:
    """dc/dx = -(1 - t0) i/(F D f) at every edge, and only the lithium moves.

    1e-3: the model takes harmonic means between nodes; the difference falls with the square of their distance.
    """
    built = model("reference")
    cell, i = built.parameters, 1.0
    solution = built.solve(1e6, {"current": i * cell["cell.area"]})
    read = built.read(solution, solution.times[-1:], ("electrolyte_concentration", "polymer_velocity"))
    c = read["electrolyte_concentration"][0]
    m = 0.5 * (c[1:] + c[:-1])
    T, f = cell["cell.temperature"], 1.0 / (1.0 - m * cell[SALT_VOLUME])
    t0, D = (cell.function(f"electrolyte.{name}")(m, T) for name in ("cation_transference_number", "salt_diffusivity"))
    gradient = np.diff(c) / np.diff(built.x)
    np.testing.assert_allclose(gradient, -(1.0 - t0) * i / (FARADAY * D * f), rtol=1e-3)
    lithium = cell["cell.lithium.molar_volume"] * i / FARADAY
    np.testing.assert_allclose(read["polymer_velocity"], -lithium, rtol=1e-3)


def test_a_concentration_cell_has_the_voltage_of_the_set() -> None:
    """After the current stops: int 2 (1 - t0) f (1 + dln gamma/dln m) R T/F dln c between the faces, by quadrature.

    The same numbers read in the frame of the volume average give another voltage.
    """
    set_name = "reference"
    built = model(set_name)
    cell, area = built.parameters, built.parameters["cell.area"]
    charged = built.solve(20 * HOUR, {"current": 2.0 * area})
    rest = built.solve(1e-3, {"current": 0.0}, state=charged.end_state, start_time=charged.end_time)
    names = ("voltage", "left_concentration", "right_concentration")
    voltage, left, right = (float(built.read(rest, rest.times[-1:], (name,))[name][0]) for name in names)
    T, V = cell["cell.temperature"], cell[SALT_VOLUME]
    functions = [
        cell.function(f"electrolyte.{name}") for name in ("cation_transference_number", "thermodynamic_factor")
    ]

    def slope(c: float, solvent_frame: bool) -> float:
        t, factor = (float(function(c, T)) for function in functions)
        return 2.0 * (1.0 - t) * factor / c / ((1.0 - c * V) if solvent_frame else 1.0)

    scale = GAS_CONSTANT * T / FARADAY
    expected, other = (scale * quad(slope, left, right, args=(frame,))[0] for frame in (True, False))
    assert left > 1.3 * right
    assert voltage == pytest.approx(expected, rel=2e-3)
    assert abs(other / expected - 1.0) > 0.2


def test_constant_volumes_agree_with_a_moving_solvent_of_any_density() -> None:
    """With the same constant volumes both are the same equations; the measured density differs by 0.004 mol/L rms.

    1e-3 mol/L and 1 % of the velocity are the independent solver's steps in time.
    """
    times = np.unique(np.concatenate([np.linspace(0, 600, 61), np.linspace(600, 12 * HOUR, 400)]))
    built, V = model("reference"), salt_molar_volume()
    cell, line = built.parameters, LINES["reference"]
    solution = solve_driven(built, (FALLING[0], FALLING[1] * cell["cell.area"]), lambda *_: {})
    assert solution.termination == FINAL_TIME
    read = built.read(solution, times, ("electrolyte_concentration", "polymer_velocity"))
    T, (start, slope) = cell["cell.temperature"], line.transference

    def transference(c: np.ndarray) -> np.ndarray:
        return start + slope * (c / 1870.0 - 1.0)

    def diffusivity(c: np.ndarray) -> np.ndarray:
        return cell.function("electrolyte.salt_diffusivity")(c, T)

    def measured(c: np.ndarray) -> np.ndarray:
        return np.polyval(DENSITY[::-1], c) - SALT_MASS * c

    def current(t: np.ndarray) -> np.ndarray:
        return np.interp(t, *FALLING)

    def apart(solvent: moving_solvent.Function, D: moving_solvent.Function) -> tuple[float, float]:
        x, c, v = moving_solvent.solve(D, transference, solvent, current, times, 1870.0, 3e-3)
        where = np.linspace(0.66e-3, 2.45e-3, 20)
        ours = np.array([np.interp(where, built.x, row) for row in read["electrolyte_concentration"]])
        theirs = np.array([np.interp(where, x, row) for row in c])
        lithium = cell["cell.lithium.molar_volume"] * current(times[1:]) / FARADAY
        middle = [np.interp(1.5e-3, built.x, row) for row in read["polymer_velocity"][1:]]
        moved = [np.interp(1.5e-3, 0.5 * (x[1:] + x[:-1]), row) for row in v[1:]] - lithium
        late = times[1:] > 0.1 * HOUR
        return float(np.sqrt(np.mean((ours - theirs) ** 2))) / 1e3, float(np.max(np.abs(middle - moved)[late])) * 1e9

    def at_density(c: np.ndarray) -> np.ndarray:  # the relation holds D f, so D follows from this density's f
        f = 1.0 - c * 0.5 * (measured(c + 1.0) - measured(c - 1.0)) / measured(c)
        return diffusivity(c) / (1.0 - c * V) / f

    salt, velocity = apart(lambda c: 1.0 - c * V, diffusivity)
    assert salt < 1e-3
    assert velocity < 0.1
    salt, velocity = apart(measured, at_density)
    assert 1e-4 < salt < 4e-3
    assert velocity < 0.5


def test_a_run_stores_profiles_of_salt_and_polymer(tmp_path: Path) -> None:
    """The measured current drives the shipped cell as one step; the velocity is there where the salt's volume is."""
    (tmp_path / "current.csv").write_text("time [h],current [mA.cm-2]\n0,0.9\n0.2,0.6\n2,0.4\n")
    (tmp_path / "driven.toml").write_text('description = "d"\n[[step]]\ndrive = { file = "current.csv" }\n')
    run = cellmodel.simulate(cell_of(LINES["two_constants"]), tmp_path / "driven.toml", profiles=True, extrapolate=True)
    assert run["electrolyte_concentration"].dims == run["polymer_velocity"].dims == ("profile_sample", "x_node")
    assert {"x_electrode", "r"}.isdisjoint(run.variables)
    assert run["polymer_velocity"].attrs["units"] == "m.s-1"
    assert run["x"].values[-1] < 3e-3
    labels = [axes.get_ylabel().split()[0] for axes in cellmodel.plot_profiles(run).axes]
    assert labels == ["Salt", "Electrolyte", "Polymer"]
    assert float(run["salt_closure_error"]) < 1e-12


def written_experiment(folder: Path) -> DataFolder:
    """Write what the reference set gives under a falling current, as the files of the experiment are."""
    hours, density = FALLING[0] / HOUR, FALLING[1] / 10.0
    rows = "".join(f"{t!r},{i!r}\n" for t, i in zip(hours.tolist(), density.tolist(), strict=True))
    (folder / polymer_motion.CURRENT).write_text("time_h,current_density_mA_per_cm2\n" + rows)
    built = model("reference")
    solution = solve_driven(built, (FALLING[0], FALLING[1] * built.parameters["cell.area"]), lambda *_: {})
    read = built.read(solution, 3600.0 * np.array([2.0, 10.0]), ("electrolyte_concentration", "polymer_velocity"))
    for time, salt in zip((7200, 36000), read["electrolyte_concentration"], strict=True):
        points = zip((1e3 * built.x).tolist(), (1e-3 * salt).tolist(), strict=True)
        text = "".join(f"{x!r},{c!r}\n" for x, c in points)
        (folder / f"steinrueck2020_profile_{time}s.csv").write_text("x,c\n" + text)
    for place in (20, 50):
        rows = "".join(
            f"{t!r},{float(1e9 * v)!r}\n" for t, v in zip((2.0, 10.0), read["polymer_velocity"][:, place], strict=True)
        )
        name = f"steinrueck2020_velocity_x{float(1e3 * built.x[place])!r}mm.csv"
        (folder / name).write_text("t,v\n0.05,99\n" + rows)
    return DataFolder(folder)


def test_a_written_experiment_is_found_again_and_told_from_another_set(tmp_path: Path) -> None:
    """Every file of the folder counts, the velocity before 0.1 h does not; 0.02 nm/s is the check's coarser mesh."""
    measured = polymer_motion.read_experiment(written_experiment(tmp_path))
    assert [curve[0].size for curve in (*measured.profiles.values(), *measured.velocities.values())] == [80, 80, 2, 2]
    found = polymer_motion.simulate(cell_of(LINES["reference"]), measured)
    assert found.measures == pytest.approx(dict.fromkeys(polymer_motion.LIMITS, 0.0), abs=0.03)
    assert found.measures["profiles"] < 3e-3
    assert polymer_motion.simulate(cell_of(LINES["positive_transference"]), measured).worst > 1.0


def test_a_set_whose_salt_runs_out_fails_every_measure(tmp_path: Path) -> None:
    measured = polymer_motion.read_experiment(written_experiment(tmp_path))
    starved = cell_of(LINES["two_constants"]).replace({"electrolyte.salt_diffusivity": 2e-13})
    assert polymer_motion.simulate(starved, measured).worst == np.inf
