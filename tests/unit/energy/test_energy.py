"""Budget of masses and volumes: what counts where, what is refused, what a vehicle does with it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from typer.testing import CliRunner

import cellmodel
from cellmodel.cli import app
from cellmodel.energy import (
    LEVELS,
    Component,
    assembled_foil,
    budget,
    cell_components,
    energy_budget,
    heating_power,
    heating_share,
    lithium_excess,
    parked_energy,
    reheating_energy,
    specific_energy,
    stack_budget,
    vehicle_range,
    with_lithium_excess,
)
from cellmodel.energy.report import VARIABLES
from cellmodel.errors import ParameterError, ResultsError
from cellmodel.parameters import list_cells, load_cell, load_format, load_vehicle
from cellmodel.plotting import plot_results, save_figure

CATHODE = "cell.positive_electrode"


@pytest.fixture(scope="module")
def discharged() -> xr.Dataset:
    return energy_budget("li_peo_lfp", c_rate="C/3", mesh="fast", vehicle="electric_car")


# --- the sums ----------------------------------------------------------------------------------------------


def test_every_level_holds_the_one_before_it(cells):
    for cell in cells:
        weighed = budget(cell)
        masses = [float(weighed.mass(level)) for level in LEVELS]
        volumes = [float(weighed.volume(level)) for level in LEVELS]
        assert masses == sorted(masses), cell.name
        assert volumes == sorted(volumes), cell.name
        assert masses[0] > 0.0


def test_the_stack_of_a_cell_is_the_sum_of_its_layers(lfp_cell):
    """By hand, in mg.cm-2 and um: foil 23.638, polymer 20, cathode 50 (0.436/0.517/0.047), aluminium 6."""
    stack = budget(lfp_cell)
    foil = 30.0 - (1.0 - 0.0158669978) * 22806.0 * 0.436 * 50e-6 * 13e-6 * 1e6
    by_hand = 0.0534 * foil + 0.12454 * 20.0 + 50.0 * (0.436 * 0.36 + 0.517 * 0.12454 + 0.047 * 0.19) + 6.0 * 0.27
    assert 100.0 * stack.mass("stack") == pytest.approx(by_hand, rel=1e-6)
    assert stack.volume("stack") == pytest.approx(106e-6)
    parts = {part.name: part for part in stack.components}
    assert parts["lithium foil"].thickness + parts["lithium from the cathode"].thickness == pytest.approx(30e-6)
    assert parts["lithium from the cathode"].mass == 0.0


def test_a_layer_says_where_its_density_comes_from(lfp_cell):
    parts = {part.name: part for part in budget(lfp_cell).components}
    assert parts["active material"].source == lfp_cell.entries["electrode.density"].source
    assert parts["active material"].path == "electrode.density"
    changed = budget(lfp_cell.replace({"electrolyte.density": "1.3 g.cm-3"}))
    assert {part.status for part in changed.components if part.path == "electrolyte.density"} == {"setting"}


def test_a_collector_of_no_thickness_is_left_out_and_copper_counts(lfp_cell):
    names = [part.name for part in cell_components(lfp_cell)]
    assert "negative collector" not in names
    coppered = lfp_cell.replace({"cell.negative_collector.thickness": "3 um"})
    extra = budget(coppered).mass("stack") - budget(lfp_cell).mass("stack")
    assert extra == pytest.approx(3e-6 * 8960.0)


def test_numbers_of_draws_give_what_each_draw_gives_alone(lfp_cell):
    values = {
        "electrode.density": np.array([3400.0, 3700.0]),
        f"{CATHODE}.thickness": np.array([40e-6, 60e-6]),
        f"{CATHODE}.electrolyte_volume_fraction": np.array([0.5, 0.564]),
        "cell.lithium.thickness": np.array([20e-6, 30e-6]),
        "format.pouch.thickness": np.array([100e-6, 120e-6]),
    }
    together = budget(lfp_cell, values=values)
    for draw in range(2):
        one = {path: float(numbers[draw]) for path, numbers in values.items()}
        around = {path: one.pop(path) for path in list(one) if path.startswith("format.")}
        alone = budget(lfp_cell.replace(one), load_format("pouch").replace(around))
        for level in LEVELS:
            assert np.broadcast_to(together.mass(level), 2)[draw] == pytest.approx(float(alone.mass(level)))
            assert np.broadcast_to(together.volume(level), 2)[draw] == pytest.approx(float(alone.volume(level)))


def test_a_stack_of_other_layers_has_a_budget_too():
    plate = Component("plate", "plate", "stack", 1.0, 1e-3, "setting", "", "")
    weighed = stack_budget((plate,), load_format("pouch"))
    assert weighed.mass("stack") == 1.0
    assert weighed.area == pytest.approx(70 * 0.3 * 0.1)
    box = (0.1 + 0.01) * (0.3 + 0.01 + 0.02) * (70e-3 + 2 * 113e-6)
    assert weighed.volume("cell") * weighed.area == pytest.approx(box)
    assert specific_energy(100.0, weighed, "stack") == (pytest.approx(100.0), pytest.approx(100.0))


def test_an_unknown_level_offers_the_nearest(lfp_cell):
    with pytest.raises(ParameterError, match="did you mean stack"):
        budget(lfp_cell).mass("stak")


# --- what is refused ---------------------------------------------------------------------------------------


def test_layers_without_a_density_are_all_named(lfp_cell):
    missing = {"electrolyte.density", "cell.lithium.density", f"{CATHODE}.additive_density"}
    entries = {path: record for path, record in lfp_cell.entries.items() if path not in missing}
    bare = cellmodel.Cell(lfp_cell.name, "", lfp_cell.materials, entries, lfp_cell.functions)
    with pytest.raises(ParameterError) as caught:
        budget(bare)
    assert {problem.key for problem in caught.value.problems} == missing
    assert all("a density" in problem.wanted for problem in caught.value.problems)


def test_a_separator_with_something_else_in_it_needs_its_density(lfp_cell):
    with pytest.raises(ParameterError, match=r"cell\.separator\.filler_density"):
        budget(lfp_cell.replace({"cell.separator.electrolyte_volume_fraction": 0.8}))


def test_no_discharge_is_run_for_a_budget_that_cannot_be(lfp_cell, monkeypatch):
    monkeypatch.setattr("cellmodel.energy.report.simulate", lambda *_, **__: pytest.fail("solved"))
    with pytest.raises(ParameterError, match="filler_density"):
        energy_budget(lfp_cell, c_rate=0.1, overrides={"cell.separator.electrolyte_volume_fraction": 0.8})


def test_fractions_that_do_not_sum_to_one_are_refused(lfp_cell):
    with pytest.raises(ParameterError, match=r"volume fractions that sum to 1\.05"):
        budget(lfp_cell, values={f"{CATHODE}.electrolyte_volume_fraction": 0.614})
    with pytest.raises(ParameterError, match="volume fractions that sum to"):
        lfp_cell.replace({f"{CATHODE}.electrolyte_volume_fraction": 0.6})
    with pytest.raises(ParameterError, match=r"sum to 0\.973, wanted 1"):
        budget(lfp_cell, values={f"{CATHODE}.additive_volume_fraction": 0.02})
    with pytest.raises(ParameterError, match=r"sum to 1\.2"):
        budget(lfp_cell, values={f"{CATHODE}.electrolyte_volume_fraction": np.array([0.5, 0.764])})
    assert budget(lfp_cell, values={f"{CATHODE}.additive_volume_fraction": 0.047}).mass() > 0.0


def test_a_negative_lithium_excess_is_refused(lfp_cell):
    with pytest.raises(ParameterError, match=r"lithium excess: found -0\.1, wanted 0 \(anode-free\) or more"):
        with_lithium_excess(lfp_cell, -0.1)
    with pytest.raises(ParameterError, match="lithium excess"):
        with_lithium_excess(lfp_cell, float("nan"))
    with pytest.raises(ParameterError, match="negative lithium excess"):
        budget(lfp_cell.replace({"cell.lithium.thickness": "5 um"}))
    with pytest.raises(ParameterError, match="negative lithium excess"):
        budget(lfp_cell, values={"cell.lithium.thickness": np.array([30e-6, 5e-6])})


# --- lithium -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("excess", [0.0, 0.2, 3.0])
def test_the_excess_asked_for_is_the_excess_found(lfp_cell, excess):
    made = with_lithium_excess(lfp_cell, excess)
    assert lithium_excess(made) == pytest.approx(excess, abs=1e-9)
    assert budget(made).components[0].mass == pytest.approx(0.534e3 * assembled_foil(made), abs=1e-12)


@pytest.mark.parametrize("name", list_cells("lithium_metal"))
@pytest.mark.parametrize("charge", [0.0, 0.3, 1.0])
def test_the_mass_does_not_depend_on_the_state_of_charge(name, charge):
    """Lithium in the foil and in the cathode, counted at any state of charge from the charged cell of the run."""
    cell = load_cell(name)
    molar_mass = cell["cell.lithium.molar_volume"] * 534.0
    charged, discharged = cell.stoichiometry_window
    y = charged + (1.0 - charge) * (discharged - charged)
    active = cell[f"{CATHODE}.active_material_volume_fraction"] * cell[f"{CATHODE}.thickness"]
    sites = active * cell["electrode.maximum_concentration"]
    foil = cell["cell.lithium.thickness"] - (y - charged) * sites * cell["cell.lithium.molar_volume"]
    made = cell.scalars.get("electrode.stoichiometry_as_made", 1.0)
    host = active * cell["electrode.density"] + (y - made) * sites * molar_mass
    assert float(budget(cell).mass("material")) == pytest.approx(534.0 * foil + host, rel=1e-12)


def test_a_cathode_made_without_lithium_leaves_it_to_the_foil():
    doyle = load_cell("li_peo_tis2_doyle1993")
    assert lithium_excess(doyle) > 1.0
    assert assembled_foil(doyle) == pytest.approx(doyle["cell.lithium.thickness"], rel=0.01)


MOLAR_MASSES = {  # g.mol-1
    "lfp": 157.76,
    "lfp_dualfoil": 157.76,
    "nmc811": 97.28,
    "nca": 96.08,
    "lini08co02o2": 97.87,
    "tis2": 111.99,
}


@pytest.mark.parametrize("cell", list_cells("lithium_metal"))
def test_a_mole_of_lithium_sites_weighs_a_mole_of_its_material(cell):
    """Else the budget would count more lithium in a kilogram than there can be."""
    parameters = load_cell(cell)
    sites = (
        parameters["electrode.maximum_concentration"]
        * MOLAR_MASSES[parameters.materials["electrode"].partition(":")[0]]
        * 1e-3
    )
    assert parameters["electrode.density"] == pytest.approx(sites, rel=0.002)


# --- format and vehicle ------------------------------------------------------------------------------------


def test_formats_and_vehicles_are_files_like_any_other(tmp_path: Path):
    assert load_format("pouch")["format.stack.repeat_units"] == 35.0
    assert load_vehicle("electric_car")["vehicle.consumption"] == pytest.approx(756.0)
    with pytest.raises(ParameterError, match="did you mean pouch"):
        load_format("puch")
    with pytest.raises(ParameterError, match="did you mean electric_car"):
        load_vehicle("electric_cat")
    text = Path(cellmodel.resources.folder("parameters") / "formats" / "pouch.toml").read_text(encoding="utf-8")
    own = tmp_path / "own.toml"
    own.write_text(text.replace("[pouch.margin]", "[pouch.margins]").replace('value = 1.8\nunit = "g.cm-3"', ""))
    with pytest.raises(ParameterError) as caught:
        load_format(str(own))
    assert {problem.key for problem in caught.value.problems} >= {"format.pouch.margins", "format.pouch.margin"}
    assert "did you mean format.pouch.margin" in str(caught.value)


def test_a_changed_format_is_a_new_one_and_wrong_changes_are_all_named():
    pouch = load_format("pouch")
    changed = pouch.replace({"format.pouch.thickness": "86 um"})
    assert changed["format.pouch.thickness"] == pytest.approx(86e-6)
    assert changed.entries["format.pouch.thickness"].status == "setting"
    assert pouch["format.pouch.thickness"] == pytest.approx(113e-6)
    with pytest.raises(ParameterError) as caught:
        pouch.replace({"format.pouch.thicknes": 1.0, "format.tab.width": "5 kg", "format.other.mass": -1.0})
    assert len(caught.value.problems) == 3


def test_range_is_usable_energy_over_consumption():
    """300 W.h/kg in 300 kg of cells, 0.9 of it used: 81 kW.h, at 0.18 kW.h/km 450 km."""
    reach = vehicle_range(300.0, 400.0, 0.75, 0.9, 0.18 * 3600.0)
    assert reach == pytest.approx(450e3)
    speed, heating = 50.0 / 3.6, heating_power(10.0, 353.15, 263.15)
    assert heating == pytest.approx(900.0)
    assert heating_share(heating, 648.0, speed) == pytest.approx(900.0 / (9000.0 + 900.0))
    heated = vehicle_range(300.0, 400.0, 0.75, 0.9, 648.0, heating, speed)
    assert heated == pytest.approx(reach * (1.0 - heating_share(heating, 648.0, speed)))
    assert heating_power(10.0, 290.0, 300.0) == 0.0


def test_the_road_takes_arrays_of_draws():
    reach = vehicle_range(np.array([250.0, 350.0]), 480.0, np.array([0.7, 0.8]), 0.9, np.array([700.0, 800.0]))
    assert reach.shape == (2,)
    assert reach[1] == pytest.approx(vehicle_range(350.0, 480.0, 0.8, 0.9, 800.0))
    assert heating_power(np.array([5.0, 8.0]), 353.15, np.array([283.15, 373.15])).tolist() == [350.0, 0.0]


def test_warming_up_again_costs_less_than_staying_warm_and_no_more_than_all_the_heat():
    kept = parked_energy(heating_power(7.5, 353.15, 283.15))
    again = reheating_energy(480e3, 7.5, 353.15, 283.15)
    assert kept == pytest.approx(7.5 * 70.0 * 24.0)
    assert 0.0 < again < min(kept, 480e3 * 70.0 / 3600.0)
    short = reheating_energy(480e3, 7.5, 353.15, 283.15, 60.0)
    assert short == pytest.approx(parked_energy(525.0, 60.0), rel=1e-3)


# --- the labelled answer -----------------------------------------------------------------------------------


def test_energy_is_that_of_the_simulated_discharge(discharged):
    run = cellmodel.simulate("li_peo_lfp", c_rate="C/3", mesh="fast")
    area = load_cell("li_peo_lfp")["cell.area"]
    assert float(discharged["energy_per_area"]) == pytest.approx(float(run["discharge_energy"][-1]) / area, rel=1e-9)
    weighed = budget(load_cell("li_peo_lfp"))
    for level in LEVELS:
        row = discharged.sel(level=level)
        assert float(row["gravimetric_energy"]) == pytest.approx(float(run["energy"]) / area / weighed.mass(level))
    faster = energy_budget("li_peo_lfp", c_rate="2C", mesh="fast")
    assert float(faster["gravimetric_energy"].sel(level="cell")) < 200.0
    assert float(faster["level_mass"].sel(level="cell")) == pytest.approx(float(weighed.mass()))


def test_the_answer_is_labelled_and_adds_up(discharged):
    assert list(discharged["level"].values) == [*LEVELS, "pack"]
    for name, (units, long_name) in VARIABLES.items():
        assert discharged[name].attrs == {"units": units, "long_name": long_name}
    assert float(discharged["mass"].sum()) == pytest.approx(float(discharged["level_mass"].sel(level="cell")))
    assert float(discharged["thickness"].sum()) == pytest.approx(float(discharged["level_volume"].sel(level="cell")))
    whole = float(discharged["cell_energy"]) / float(discharged["cell_mass"])
    assert whole == pytest.approx(float(discharged["gravimetric_energy"].sel(level="cell")))
    car = load_vehicle("electric_car")
    assert float(discharged["pack_energy"]) == pytest.approx(whole * 480.0 * car["vehicle.pack.cell_mass_fraction"])
    assert float(discharged["vehicle_range"]) < float(discharged["unheated_range"])


def test_the_share_of_assumed_densities_is_stated():
    found = energy_budget("li_polycarbonate_nmc811", c_rate="C/10", mesh="fast")
    polymer = found["mass"].where(found["density_path"] == "electrolyte.density").sum()
    share = float(polymer / found["level_mass"].sel(level="cell"))
    assert float(found["assumed_mass_share"].sel(level="cell")) == pytest.approx(share)
    assert share > 0.1


def test_overrides_reach_cell_format_and_vehicle():
    changes = {
        "cell.separator.thickness": "10 um",
        "format.stack.repeat_units": 20.0,
        "vehicle.ambient_temperature": "-10 degC",
    }
    found = energy_budget("li_peo_lfp", c_rate="C/3", mesh="fast", overrides=changes, vehicle="electric_car")
    assert float(found["thickness"].sel(component="electrolyte in the separator")) == pytest.approx(10e-6)
    assert float(found["cell_mass"]) < 0.25
    assert float(found["heating_power"]) == pytest.approx(7.5 * 90.0)
    with pytest.raises(ParameterError, match=r"vehicle\.ambient_temperature: found no vehicle"):
        energy_budget("li_peo_lfp", c_rate=0.1, overrides={"vehicle.ambient_temperature": 263.0})


def test_a_discharge_without_energy_is_an_error(lfp_cell, monkeypatch):
    failed = xr.Dataset({"energy": np.nan, "message": "the solver gave up"})
    monkeypatch.setattr("cellmodel.energy.report.simulate", lambda *_, **__: failed)
    with pytest.raises(ResultsError, match="the solver gave up"):
        energy_budget(lfp_cell, c_rate=0.1)


def test_the_picture_can_be_drawn_and_stored(discharged, tmp_path):
    figure = plot_results(discharged)
    assert save_figure(figure, tmp_path / "budget.png").stat().st_size > 10_000
    labels = [text.get_text() for text in figure.legends[0].get_texts()]
    assert labels[-1] == "lithium foil"
    assert len(labels) == discharged.sizes["component"]
    discharged.to_netcdf(tmp_path / "budget.nc", engine="h5netcdf")


# --- the command -------------------------------------------------------------------------------------------


def call(*words: str):
    return CliRunner().invoke(app, list(words))


def test_the_command_prints_writes_and_draws(folder: Path):
    done = call("energy", "li_peo_lfp", "--c-rate", "C/3", "--mesh", "fast", "--vehicle", "electric_car")
    assert done.exit_code == 0, done.stderr
    for words in ("electrolyte in the positive electrode", "W h kg⁻¹", "range", "a day parked", "lithium excess"):
        assert words in done.stdout
    assert (folder / "results" / "energy_li_peo_lfp.png").is_file()
    with xr.open_dataset(folder / "results" / "energy_li_peo_lfp.nc") as stored:
        assert stored.attrs["vehicle"] == "electric_car"
    other = call("energy", "li_peo_lfp", "--c-rate", "C/2", "--mesh", "fast")
    assert other.exit_code == 1
    assert "--overwrite" in other.stderr


def test_the_command_says_what_is_wrong(folder: Path):
    assert call("energy").exit_code == 2
    wrong = call("energy", "li_peo_lfp", "--set", "format.pouch.thicknes=1 um")
    assert wrong.exit_code == 1
    assert "did you mean format.pouch.thickness" in wrong.stderr
    assert "Examples" in call("energy", "--help").stdout


def test_the_library_lists_checks_and_shows_formats_and_vehicles():
    listed = call("list").stdout
    assert "pouch" in listed
    assert "electric_car" in listed
    assert call("check", "pouch", "electric_car").stdout == "2 files are valid\n"
    shown = call("show", "electric_car").stdout
    assert "vehicle.pack.heat_loss_coefficient" in shown
    assert "10.3390/su16177529" in shown
    assert "format.pouch.margin" in call("show", "pouch").stdout


def test_the_published_table_needs_no_cell(folder: Path):
    done = call("energy", "--published")
    assert done.exit_code == 0
    assert "LFP | anode-free, sulfide" in done.stdout
    assert "guessed" in done.stdout
    assert not (folder / "results").exists()
