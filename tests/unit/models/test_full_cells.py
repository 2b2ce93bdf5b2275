from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from typer.testing import CliRunner

import cellmodel
from cellmodel.cli import app
from cellmodel.correlations import FARADAY
from cellmodel.dataset import END_CAUSE, STATUS
from cellmodel.dataset.schema import (
    CYCLE_NUMBERS,
    FLAGS,
    PER_RUN,
    PER_STEP,
    SAMPLED,
    STEP_NUMBERS,
    VOLTAGE_LOSSES,
)
from cellmodel.energy import budget, cell_components, energy_budget, specific_energy
from cellmodel.errors import ParameterError, ProtocolError, StudyError
from cellmodel.models import build_model
from cellmodel.parameters import check_file, list_cells, load_cell
from cellmodel.parameters.bounds import bounds_of
from cellmodel.parameters.distributions import declared_distributions
from cellmodel.parameters.kinds import KINDS, NEGATIVE, POSITIVE
from cellmodel.parameters.records import AREAL_CAPACITY
from cellmodel.resources import folder as data_folder
from cellmodel.simulation import RunOptions, built_model, clear_models, prepare_run
from cellmodel.study import parse_study

FILE = data_folder("parameters") / "cells" / "graphite_lfp.toml"
NOT_OF_A_LIQUID_CELL = {
    "validity_index",
    "limiting_current_ratio",
    "minimum_salt_position",
}
NONE_WITHOUT_CHARGE = {"cycle_mean_charge_voltage", "coulombic_efficiency", "energy_efficiency"}


@pytest.fixture(scope="module")
def cell():
    return load_cell("graphite_lfp:energy")


@pytest.fixture(scope="module")
def discharge(cell):
    return cellmodel.simulate(cell, c_rate="C/3", mesh="fast")


def changed(folder, old, new):
    text = FILE.read_text()
    assert text.count(old) >= 1
    path = folder / "changed.toml"
    path.write_text(text.replace(old, new, 1))
    return path


def test_the_library_lists_and_loads_cells_and_variants():
    assert list_cells("full_cell") == ["graphite_lfp", "graphite_lfp:energy"]
    assert load_cell("graphite_lfp:energy") is load_cell("graphite_lfp:energy")
    for former, same in (("list_liquid_cells", ()), ("load_liquid_cell", ("graphite_lfp",))):
        with pytest.warns(DeprecationWarning, match="is now called"):
            assert getattr(cellmodel, former)(*same)
    check_file(FILE)


@pytest.mark.parametrize("name", list_cells("full_cell"))
def test_every_number_has_what_it_takes_to_follow_it(name):
    cell = load_cell(name)
    for path, record in cell.entries.items():
        assert record.source or record.status in ("setting", "assumed"), path
        assert record.note or record.status in ("literature", "fitted"), path
        assert (record.status == "assumed") <= bool(record.distribution), path
    declared = declared_distributions(cell)
    assert all(bounds_of(path) == KINDS["full_cell"].quantities[path].bounds for path in declared)
    assert set(cell.entries) == set(cell.model_inputs)  # one built model serves all draws


@pytest.mark.parametrize(
    ("old", "new", "where", "wanted"),
    [
        ("[cell.area]", "[cell.aera]", "cell.aera", "cell.area"),
        ("[negative_electrode.density]", "[negativ.density]", "negativ", "negative_electrode"),
        ('parameter_set = "Prada2013"', "", "parameter_set", "parameter set of PyBaMM"),
        ("value = 0.58", "value = 0.78", "cell.negative_electrode", "at most 1"),
        ("value = 2.0\nunit", "value = 3.7\nunit", "cell.lower_voltage_cut_off", "lower below upper"),
        ("value = 3.6\nunit", "value = 4.6\nunit", "cell.upper_voltage_cut_off", "within the open-circuit voltage"),
        ('source = "Afshar2017"', 'source = "Afshar"', "electrode.open_circuit_potential", "Afshar2017"),
    ],
)
def test_a_wrong_file_is_told(tmp_path, old, new, where, wanted):
    path = changed(tmp_path, old, new)
    with pytest.raises(ParameterError) as error:
        check_file(path)
    assert any(where in problem.key and wanted in problem.wanted for problem in error.value.problems)


def test_an_unknown_name_variant_or_material_is_told():
    with pytest.raises(ParameterError, match="did you mean graphite_lfp"):
        load_cell("grafite_lfp")
    with pytest.raises(ParameterError, match="did you mean energy"):
        load_cell("graphite_lfp:enrgy")
    with pytest.raises(ParameterError, match="one file"):
        load_cell("graphite_lfp", electrolyte="peo_litfsi")


def test_overrides_are_checked_all_at_once(cell):
    with pytest.raises(ParameterError) as error:
        cell.replace({"cell.separator.thickness": "12 kg", "cell.ara": 1.0, "electrolyte.filling_ratio": 0.5})
    assert len(error.value.problems) == 3
    with pytest.raises(ParameterError, match=r"volume fractions that sum to 1\.1"):
        cell.replace({"cell.positive_electrode.electrolyte_volume_fraction": 0.435})
    with pytest.raises(ParameterError, match="upper_voltage_cut_off"):
        cell.replace({"cell.upper_voltage_cut_off": 4.5})


def test_an_areal_capacity_thickens_both_electrodes_and_keeps_their_balance(cell):
    thick = cell.replace({AREAL_CAPACITY: "4 mA.h.cm-2"})
    assert thick.areal_capacity == pytest.approx(40.0)
    assert thick.stoichiometry_window == pytest.approx(cell.stoichiometry_window, abs=1e-9)
    ratios = [
        thick[f"{layer}.thickness"] / cell[f"{layer}.thickness"]
        for layer in ("cell.negative_electrode", "cell.positive_electrode")
    ]
    assert ratios == pytest.approx([40.0 / cell.areal_capacity] * 2)


def test_the_window_follows_the_lithium_that_the_cell_holds(cell):
    charged, discharged = cell.stoichiometry_window
    assert cell.open_circuit_voltage(charged) == pytest.approx(3.6, abs=1e-9)
    assert cell.open_circuit_voltage(discharged) == pytest.approx(2.0, abs=1e-9)
    held = [
        POSITIVE.sites(cell) * y + NEGATIVE.sites(cell) * NEGATIVE.stoichiometry(cell, y)
        for y in (charged, 0.5, discharged)
    ]
    assert held == pytest.approx([held[0]] * 3)
    moved = POSITIVE.sites(cell) * (discharged - charged) * FARADAY / 3600
    assert cell.areal_capacity == pytest.approx(moved)
    poorer = cell.replace({"negative_electrode.charged_stoichiometry": 0.7})
    assert poorer.areal_capacity < 0.9 * cell.areal_capacity


def test_names_dimensions_and_units_are_those_of_every_run(discharge):
    parts = {f"end_{name}_voltage" for name in VOLTAGE_LOSSES}
    assert set(discharge.data_vars) == {
        *SAMPLED,
        *PER_STEP,
        *STEP_NUMBERS,
        *CYCLE_NUMBERS,
        *PER_RUN,
        *parts,
        *FLAGS,
        "message",
        "run_digest",
    }
    for name, variable in discharge.data_vars.items():
        assert variable.attrs["units"], name
        finite = variable.dtype.kind == "U" or bool(np.all(np.isfinite(variable)))
        assert finite != (name in NOT_OF_A_LIQUID_CELL | NONE_WITHOUT_CHARGE), name
    assert discharge.attrs["cell"] == "graphite_lfp:energy"
    assert "Prada2013" in discharge.attrs["parameters"]
    assert discharge.attrs["mechanisms"] == ""


def test_what_a_run_delivers_is_consistent(discharge, cell):
    assert discharge["status"] == STATUS["completed"]
    charge = np.trapezoid(discharge["current"], discharge["time"]) / 3600
    assert float(discharge["capacity"]) == pytest.approx(charge, rel=1e-6)
    energy = np.trapezoid(discharge["current"] * discharge["voltage"], discharge["time"]) / 3600
    assert float(discharge["energy"]) == pytest.approx(energy, rel=1e-4)
    assert float(discharge["temperature"][0]) == 298.15
    assert float(discharge["current"][0]) == pytest.approx(cell.areal_capacity * cell["cell.area"] / 3)
    parts = sum(float(discharge[f"end_{name}_voltage"]) for name in VOLTAGE_LOSSES)
    assert parts == pytest.approx(float(discharge["voltage"][-1]), abs=1e-9)


def test_a_temperature_outside_the_set_is_refused_unless_asked_for(cell):
    with pytest.raises(ParameterError, match=r"293.15 to 303.15 K \(or extrapolate\)"):
        cellmodel.simulate(cell, c_rate=1, temperature="60 degC")
    run = prepare_run(cell, options=RunOptions(c_rate=1, temperature="60 degC", extrapolate=True))
    assert "salt_diffusivity" in run.extrapolated


def test_what_a_liquid_cell_has_not_is_refused_all_at_once(cell):
    with pytest.raises(ParameterError) as error:
        cellmodel.simulate(cell, c_rate=1, mechanisms=("heat",), profiles=True, model="SPMe")
    assert {problem.key for problem in error.value.problems} == {"mechanisms", "profiles", "model"}
    with pytest.raises(ParameterError, match="'SPM'"):
        build_model(cell, model="SPM")
    with pytest.raises(ProtocolError, match="C-rate"):
        cellmodel.simulate(cell)


def test_a_step_that_cannot_run_says_so(cell):
    low = cell.replace({"cell.lower_voltage_cut_off": 3.0})
    run = cellmodel.simulate(low, c_rate=40, mesh="fast")
    assert run["status"] == STATUS["ended_early"]
    assert run["end_cause"] == END_CAUSE["below_the_cut_off_at_the_first_instant"]
    assert "beyond its limit" in run["message"].item()


def test_digests_tell_cells_apart_by_number_and_by_set(cell):
    import dataclasses

    assert cell.digest != load_cell("graphite_lfp").digest
    assert cell.digest != dataclasses.replace(cell, materials={"parameter_set": "Chen2020"}).digest
    other = dataclasses.replace(cell, materials={"parameter_set": "Prada2014"})
    with pytest.raises(ParameterError, match=r"did you mean .*Prada2013"):
        build_model(other)


def test_one_model_serves_all_draws_and_gives_what_a_model_of_its_own_gives(cell):
    drawn = {
        "electrolyte.conductivity_factor": 0.4,
        "negative_electrode.particle_diffusivity": 1e-14,
        "negative_electrode.charged_stoichiometry": 0.75,
        "cell.positive_electrode.active_material_volume_fraction": 0.6,
        "electrolyte.density": 1300.0,
    }
    clear_models()
    own = cellmodel.simulate(cell, c_rate=1, overrides=drawn, mesh="fast")
    clear_models()
    run = prepare_run(cell, options=RunOptions(c_rate=1, mesh="fast"))
    shared = cellmodel.simulate(cell, c_rate=1, overrides=drawn, mesh="fast")
    other = prepare_run(cell.replace(drawn), options=RunOptions(c_rate=1, mesh="fast"))
    assert built_model(run).discretisation is built_model(other).discretisation
    assert float(shared["energy"]) == pytest.approx(float(own["energy"]), rel=1e-4)
    assert abs(float(shared["lithium_closure_error"])) < 1e-7


def test_a_study_runs_polymer_and_liquid_cells_side_by_side_and_stores_them(tmp_path):
    study = parse_study(
        {
            "description": "both",
            "protocol": "discharge",
            "cells": ["li_peo_lfp", "graphite_lfp"],
            "mesh": "fast",
            "grid": {"c_rate": ["C/3", "1C"]},
        },
        "both.toml",
    )
    results = cellmodel.run_study(study, results=tmp_path)
    assert set(results["status"].values.ravel().tolist()) == {STATUS["completed"]}
    assert np.isfinite(results["end_negative_reaction_voltage"]).all()
    assert np.isnan(results["lithium_thickness"].sel(cell="graphite_lfp")).all()
    with xr.open_zarr(tmp_path / "both.zarr", chunks=None) as stored:
        xr.testing.assert_identical(stored["voltage"], results["voltage"])
        to_do = []
        again = cellmodel.run_study(study, results=tmp_path, progress=lambda *counts: to_do.append(counts))
        assert to_do == [(0, 0)]
        xr.testing.assert_identical(again["energy"].load(), stored["energy"].load())


def test_a_study_tells_what_is_wrong_with_its_liquid_cell():
    values = {"description": "x", "protocol": "discharge", "cells": ["graphite_lpf"], "c_rate": 1}
    with pytest.raises(StudyError, match="did you mean graphite_lfp"):
        parse_study(values, "x.toml")
    with pytest.raises(StudyError, match="lithium-metal cell"):
        parse_study({**values, "cells": ["graphite_lfp"], "mechanisms": ["heat"]}, "x.toml")


def test_the_components_fill_the_layers_and_weigh_what_they_should(cell):
    parts = {part.name: part for part in cell_components(cell)}
    for layer in ("negative electrode", "separator", "positive electrode"):
        filled = sum(part.thickness for part in parts.values() if part.layer == layer)
        assert filled == pytest.approx(cell[f"cell.{layer.replace(' ', '_')}.thickness"])
    lfp = parts["active material"].mass * 1e3 / 157.76  # kmol of LiFePO4 -> sites
    assert lfp == pytest.approx(POSITIVE.sites(cell), rel=1e-3)
    carbon = parts["negative active material"].mass * 1e3 / 72.066
    assert carbon == pytest.approx(NEGATIVE.sites(cell), rel=1e-3)
    assert parts["electrolyte beyond the pores"].thickness == 0.0
    held = sum(part.mass for name, part in parts.items() if name.startswith("electrolyte in"))
    assert parts["electrolyte beyond the pores"].mass == pytest.approx(0.14 * held)
    assert {part.path for part in parts.values()} <= set(cell.entries)


def test_the_budget_takes_draws_of_a_liquid_cell(cell):
    drawn = budget(cell, values={"electrolyte.density": np.array([1200.0, 1300.0])})
    single = [budget(cell.replace({"electrolyte.density": density})).mass() for density in (1200.0, 1300.0)]
    np.testing.assert_allclose(drawn.mass(), single)
    with pytest.raises(ParameterError, match="sum to"):
        budget(cell, values={"cell.positive_electrode.electrolyte_volume_fraction": 0.5})


def test_the_energy_budget_takes_a_liquid_cell_as_any_other(cell, discharge):
    table = energy_budget(cell, c_rate="C/3", mesh="fast")
    per_kilogram, _ = specific_energy(float(discharge["energy"]) / cell["cell.area"], budget(cell))
    assert float(table["gravimetric_energy"].sel(level="cell")) == pytest.approx(per_kilogram)
    assert np.isnan(table["lithium_excess"])
    assert 0.0 < float(table["assumed_mass_share"].sel(level="cell")) < 0.1


def test_the_command_line_shows_lists_and_checks_full_cells(tmp_path):
    shown = CliRunner().invoke(app, ["show", "graphite_lfp:energy", "--sources"])
    assert shown.exit_code == 0, shown.output
    assert "3.066 mA h cm⁻²" in shown.output
    assert "Lacey2021" in shown.output
    assert "graphite_lfp" in CliRunner().invoke(app, ["list", "cells"]).output
    assert CliRunner().invoke(app, ["check", "graphite_lfp"]).exit_code == 0
    wrong = changed(tmp_path, "value = 0.58", "value = 0.78")
    refused = CliRunner().invoke(app, ["check", str(wrong)])
    assert refused.exit_code != 0
    assert "volume fractions that sum to" in refused.output


def test_a_file_of_ones_own_is_read_by_its_path_and_variant(tmp_path):
    path = changed(tmp_path, "value = 34.0", "value = 36.0")
    assert load_cell(str(path))["cell.negative_electrode.thickness"] == pytest.approx(36e-6)
    assert load_cell(f"{path}:energy")["cell.negative_electrode.thickness"] == pytest.approx(68.3e-6)


def test_the_energy_command_weighs_a_liquid_cell(folder):
    called = CliRunner().invoke(app, ["energy", "graphite_lfp:energy", "--c-rate", "C/3", "--mesh", "fast"])
    assert called.exit_code == 0, called.output
    assert "graphite" in called.output
    assert "lithium excess" not in called.output
    assert (folder / "results" / "energy_graphite_lfp_energy.nc").is_file()
    assert (folder / "results" / "energy_graphite_lfp_energy.png").is_file()


def test_panels_of_cells_with_different_capacities_show_every_line():
    study = parse_study(
        {
            "description": "thin and thick",
            "protocol": "discharge",
            "cells": ["graphite_lfp", "graphite_lfp:energy"],
            "mesh": "fast",
            "grid": {"c_rate": [1, 2]},
        },
        "thickness.toml",
    )
    results = cellmodel.run_study(study, results=None)
    figure = cellmodel.plot_discharge(results)
    largest = max(line.get_xdata().max() for axes in figure.axes for line in axes.lines)
    assert all(axes.get_xlim()[0] == 0.0 and axes.get_xlim()[1] >= largest for axes in figure.axes)
