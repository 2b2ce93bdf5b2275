"""Polarisation studies and impedances: what they refuse, how they are labelled, drawn, stored and called."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pybamm
import pytest
import xarray as xr
from typer.testing import CliRunner

import cellmodel
from cellmodel.characterisation.measurement import MEASURED, build_symmetric
from cellmodel.cli import app
from cellmodel.cli.measuring import findings
from cellmodel.errors import ParameterError, ResultsError, SolveError
from cellmodel.models import SymmetricCell
from cellmodel.parameters import load_cell
from cellmodel.plotting import plot_impedance, plot_polarisation, plot_results
from cellmodel.store.measurements import write_measurement

STUDIES = ("potentiostatic_polarisation", "galvanostatic_polarisation", "restricted_diffusion", "limiting_current")


@pytest.fixture(scope="module")
def measured() -> dict[str, xr.Dataset]:
    """Return one dataset of each kind, on few volumes."""
    datasets = {name: getattr(cellmodel, name)("li_polycarbonate_nmc811", volumes=12) for name in STUDIES}
    datasets["symmetric_impedance"] = cellmodel.symmetric_impedance("li_polycarbonate_nmc811", volumes=12)
    few = np.geomspace(1e-3, 1e6, 10)
    datasets["cell_impedance"] = cellmodel.cell_impedance(
        "li_polycarbonate_nmc811", few, states_of_charge=(0.2, 0.8), model="SPMe"
    )
    return datasets


@pytest.mark.parametrize("name", [*STUDIES, "symmetric_impedance", "cell_impedance"])
def test_everything_has_a_unit_and_a_meaning_and_survives_netcdf(
    measured: dict[str, xr.Dataset], name: str, tmp_path: Path
) -> None:
    dataset = measured[name]
    for variable in dataset.variables:
        attributes = dataset[variable].attrs
        assert (attributes["units"], attributes["long_name"]) == MEASURED[str(variable)]
    assert dataset.attrs["study"] == name
    assert 'name = "li_polycarbonate_nmc811"' in dataset.attrs["inputs"]
    stored = xr.load_dataset(write_measurement(dataset, tmp_path / "one.nc"), engine="h5netcdf")
    xr.testing.assert_identical(stored, dataset)


@pytest.mark.parametrize("name", STUDIES)
def test_every_study_has_a_figure(measured: dict[str, xr.Dataset], name: str) -> None:
    figure = plot_results(measured[name])
    assert len(figure.axes) == len(plot_polarisation(measured[name]).axes)
    assert all(axes.get_xlabel() and axes.get_ylabel() and axes.lines for axes in figure.axes)


def test_the_figure_of_bruce_and_vincent_shows_simulation_and_quadrature(measured: dict[str, xr.Dataset]) -> None:
    dataset = measured["potentiostatic_polarisation"]
    lines = {line.get_label(): line for line in plot_polarisation(dataset).axes[1].lines}
    points = np.asarray(lines["simulated"].get_ydata())
    np.testing.assert_allclose(points, 100 * dataset["deviation"])
    assert len(np.asarray(lines["steady state by quadrature"].get_xdata())) == dataset.sizes["quadrature_voltage"]


@pytest.mark.parametrize("name", ["symmetric_impedance", "cell_impedance"])
def test_nyquist_and_bode(measured: dict[str, xr.Dataset], name: str) -> None:
    """Ohm cm2, minus reactance upwards, equal scales; magnitude and phase against frequency."""
    dataset = measured[name]
    nyquist, magnitude, phase = plot_impedance(dataset).axes
    first = dataset.isel(state_of_charge=0) if "state_of_charge" in dataset.dims else dataset
    np.testing.assert_allclose(nyquist.lines[0].get_xdata(), 1e4 * first["resistance"])
    np.testing.assert_allclose(nyquist.lines[0].get_ydata(), -1e4 * first["reactance"])
    assert nyquist.get_aspect() == 1.0
    np.testing.assert_allclose(magnitude.lines[0].get_ydata(), 1e4 * np.hypot(first["resistance"], first["reactance"]))
    assert phase.get_xscale() == "log"


def test_a_figure_of_something_else_is_refused() -> None:
    with pytest.raises(ResultsError, match="limiting_current"):
        plot_polarisation(xr.Dataset(attrs={"study": "limiting_curent"}))


@pytest.mark.parametrize("frequencies", [[0.0], [1.0, 0.0], [-1.0], [np.inf], [np.nan], []])
@pytest.mark.parametrize("function", ["symmetric_impedance", "cell_impedance"])
def test_impedance_at_zero_frequency_is_an_error_that_says_why(function: str, frequencies: list[float]) -> None:
    with pytest.raises(ParameterError, match=r"frequencies( \d)?: found (?s:.*)(above zero|finite number in Hz)"):
        getattr(cellmodel, function)("li_peo_lfp", frequencies)


def test_an_impedance_without_a_capacitance_names_what_is_missing() -> None:
    parameters = load_cell("li_peo_lfp")
    missing = ("interface.capacitance", "electrode.double_layer_capacitance")
    entries = {path: record for path, record in parameters.entries.items() if path not in missing}
    bare = dataclasses.replace(parameters, entries=entries)
    with pytest.raises(ParameterError) as caught:
        cellmodel.cell_impedance(bare, [1.0])
    assert all(path in str(caught.value) for path in missing)
    # Without them everything else still runs.
    assert float(cellmodel.restricted_diffusion(bare, volumes=12)["swing"]) > 0


@pytest.mark.parametrize(
    ("function", "arguments", "expected"),
    [
        ("potentiostatic_polarisation", {"voltages": (0.005, 0.0, -0.1)}, r"voltages 2.*\n.*voltages 3"),
        ("galvanostatic_polarisation", {"current_densities": (-1.0,)}, "above zero"),
        ("restricted_diffusion", {"swing": 0.06}, "at most 0.05"),
        ("limiting_current", {"holds": 0.5}, "at least 1"),
        ("limiting_current", {"temperature": "10 degC"}, "extrapolate"),
        ("cell_impedance", {"states_of_charge": (0.5, 1.2)}, "0 to 1"),
        ("cell_impedance", {"model": "DFM"}, "DFN"),
    ],
)
def test_wrong_input_is_named(function: str, arguments: dict[str, Any], expected: str) -> None:
    with pytest.raises(ParameterError, match=expected):
        getattr(cellmodel, function)("li_peo_lfp", **arguments)


@pytest.mark.parametrize("function", STUDIES)
def test_a_single_ion_conductor_has_nothing_to_measure(function: str) -> None:
    with pytest.raises(ParameterError, match="cation_transference_number"):
        getattr(cellmodel, function)("li_single_ion_lfp")


def test_a_voltage_that_uses_the_salt_up_is_not_called_a_steady_state() -> None:
    with pytest.raises(SolveError, match="the salt runs out after"):
        cellmodel.potentiostatic_polarisation("li_peo_lfp", (2.0,), volumes=12)


def test_a_voltage_limit_ends_a_step_of_the_symmetric_cell() -> None:
    cell = load_cell("li_peo_lfp")
    built = build_symmetric(cell, volumes=12)
    solution = built.solve(1e3, {"current": 10.0 * cell["cell.area"], "lower_voltage": -0.04})
    assert solution.termination == "event: lower voltage"
    assert built.read(solution, solution.times[-1:], ("voltage",))["voltage"] == pytest.approx(-0.04, rel=1e-4)


@pytest.mark.parametrize("options", [{"surface form": "algebraic"}, {"operating modes": "any"}])
def test_an_unknown_option_of_the_model_is_refused(options: dict[str, str]) -> None:
    with pytest.raises(pybamm.OptionError, match="surface form"):
        SymmetricCell(options)


def test_polarise_writes_results_and_figure_and_says_what_was_found(folder: Path) -> None:
    words = ["polarise", "limiting-current", "li_polycarbonate_nmc811"]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    assert "7.45" in done.output
    assert "mA cm⁻²" in done.output
    assert (folder / "results/limiting_current_li_polycarbonate_nmc811.png").is_file()
    stored = xr.load_dataset(folder / "results/limiting_current_li_polycarbonate_nmc811.nc", engine="h5netcdf")
    assert len(findings(stored)) == 1
    changed = [*words, "--no-plot", "--set", "cell.separator.thickness=40 um"]
    refused = CliRunner().invoke(app, changed)
    assert refused.exit_code == 1
    assert "--overwrite" in refused.stderr
    assert refused.stdout == ""  # refused before anything was solved
    assert CliRunner().invoke(app, [*changed, "--overwrite"]).exit_code == 0


def test_impedance_on_the_command_line(folder: Path) -> None:
    done = CliRunner().invoke(app, ["impedance", "li_polycarbonate_nmc811", "--symmetric"])
    assert done.exit_code == 0, done.output
    rows = [line for line in done.output.splitlines() if line.split()[-1:] and line.split()[-1].endswith("%")]
    assert len(rows) == 3
    assert all("Ω cm²" in row for row in rows)
    arc = next(line.split() for line in done.output.splitlines() if line.split()[:1] == ["8.696"])
    assert [float(word) for word in arc] == pytest.approx([8.696, 180.1, 5889, 194.0], rel=1e-3)
    assert (folder / "results/symmetric_impedance_li_polycarbonate_nmc811.png").is_file()
