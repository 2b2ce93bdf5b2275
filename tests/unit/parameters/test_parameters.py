from __future__ import annotations

import dataclasses
import math
import tomllib

import numpy as np
import pytest

from cellmodel.errors import ParameterError
from cellmodel.limits import electrolyte_numbers, newman_number
from cellmodel.parameters import check_file, checks, list_cells, list_materials, load_cell
from cellmodel.parameters.files import read_parameters
from cellmodel.parameters.kinds import KINDS, quantities_of
from cellmodel.parameters.records import AREAL_CAPACITY, set_by_user
from cellmodel.quantities import QUANTITIES, ROLES
from cellmodel.toml_files import open_toml

CONDUCTIVITY = """
[ionic_conductivity]
form = "vogel_tammann_fulcher"
status = "measured"
source = "Edman2000"
[ionic_conductivity.valid]
concentration = { low = 100.0, high = 3000.0, unit = "mol.m-3" }
temperature = { low = 300.0, high = 400.0, unit = "K" }
[ionic_conductivity.coefficients]
prefactor = { value = 0.07, unit = "S.cm-1", uncertainty = 0.01 }
linear = { value = 0.127, unit = "1" }
quadratic = { value = -0.07, unit = "1" }
activation_temperature = { value = 589.0, unit = "K" }
ideal_glass_temperature = { value = 200.0, unit = "K" }
glass_temperature_slope = { value = 16.0, unit = "K" }
upper_concentration = { value = 3800.0, unit = "mol.m-3" }
"""
ELECTROLYTE = (
    """
schema = 1
kind = "electrolyte"
name = "example"
description = "An electrolyte to break."
[initial_concentration]
value = 1.0
unit = "mol.L-1"
status = "setting"
[reference_temperature]
value = 80
unit = "degC"
status = "setting"
[salt_diffusivity]
form = "constant"
status = "assumed"
note = "for this test"
coefficients = { value = { value = 1e-7, unit = "cm2.s-1" } }
[cation_transference_number]
form = "constant"
frame = "volume"
status = "measured"
source = "Edman2000"
coefficients = { value = { value = 0.2, unit = "1" } }
[thermodynamic_factor]
form = "constant"
frame = "volume"
status = "assumed"
note = "for this test"
coefficients = { value = { value = 1.0, unit = "1" } }
"""
    + CONDUCTIVITY
)


def problems_of(tmp_path, before: str, after: str) -> str:
    """Return the message about the example with one text replaced by another."""
    assert before in ELECTROLYTE
    path = tmp_path / "electrolytes" / "example.toml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(ELECTROLYTE.replace(before, after))
    with pytest.raises(ParameterError) as caught:
        check_file(path)
    return str(caught.value)


def test_the_example_itself_is_fine_and_is_converted_once(tmp_path):
    path = tmp_path / "example.toml"
    path.write_text(ELECTROLYTE)
    contents = read_parameters(open_toml(path), "electrolyte")
    assert contents.problems == []
    record = contents.records["electrolyte.ionic_conductivity.prefactor"]
    assert (record.value, record.unit) == (pytest.approx(7.0), "S.m-1")
    assert record.printed == "0.07 S.cm-1"
    assert record.spread == (pytest.approx(1.0),)
    assert contents.records["electrolyte.initial_concentration"].value == pytest.approx(1000.0)
    assumed = contents.records["electrolyte.salt_diffusivity.value"]
    assert (assumed.distribution, assumed.spread) == ("lognormal", (2.0,))


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("[salt_diffusivity]", "[salt_difusivity]", ["salt_difusivity", "did you mean", "salt_diffusivity"]),
        ("prefactor =", "prefactr =", ["prefactr", "did you mean prefactor?"]),
        ('status = "setting"', 'status = "setting"\nnotes = "x"', ["notes", "did you mean note"]),
        ('unit = "S.cm-1"', 'unit = "kg"', ["prefactor.unit", "'kg'", "S.m-1"]),
        ('value = 0.07, unit = "S.cm-1"', "value = 0.07", ["prefactor.unit", "found nothing", "text"]),
        ("value = 0.07", "value = nan", ["prefactor.value", "nan", "finite"]),
        ('source = "Edman2000"\n[', "[", ["status 'measured' without source", "references.toml"]),
        ('source = "Edman2000"\n[', 'source = "Edman200"\n[', ["'Edman200'", "did you mean Edman2000"]),
        ('note = "for this test"', "", ["status 'assumed' without note"]),
        ('concentration = { low = 100.0, high = 3000.0, unit = "mol.m-3" }\n', "", ["no range of concentration"]),
        ("low = 300.0, high = 400.0", "low = 400.0, high = 300.0", ["valid.temperature", "lowest value first"]),
        ("high = 400.0", 'high = "400 K"', ["valid.temperature.high", "'400 K'", "a number"]),
        ('400.0, unit = "K"', '400.0, unit = "V"', ["valid.temperature.unit", "'V'", "converts to K"]),
        ("temperature = { low", "temprature = { low", ["valid.temprature", "did you mean temperature"]),
        ('form = "vogel_tammann_fulcher"', 'form = "vogel_tamann_fulcher"', ["did you mean vogel_tammann_fulcher"]),
        ('kind = "electrolyte"', 'kind = "electrolite"', ["kind", "electrolite", "electrolyte"]),
        ("value = 1.0\n", "value = -1.0\n", ["initial_concentration.value", "-1", "0.001 to 30000 mol.m-3"]),
        ("value = 1.0\n", "value = = 1.0\n", ["example.toml", "line 7"]),
    ],
)
def test_bad_files_name_file_key_found_and_wanted(tmp_path, before, after, expected):
    message = problems_of(tmp_path, before, after)
    assert "example.toml" in message
    for words in expected:
        assert words in message


def test_every_problem_of_a_file_is_in_one_message(tmp_path):
    message = problems_of(tmp_path, 'unit = "S.cm-1", uncertainty = 0.01 }\nlinear', 'unit = "kg" }\nlinaer')
    assert "'kg'" in message
    assert "linaer" in message
    assert "'linear'" in message
    assert len(message.splitlines()) == 3


@pytest.mark.parametrize("name", list_cells("lithium_metal"))
def test_every_shipped_cell_loads_with_every_variant_of_its_materials(name):
    cell = load_cell(name)
    for kind, material in cell.materials.items():
        base, _, own = material.partition(":")
        for variant in set(list_materials(kind)[base]) - {own}:
            changed = load_cell(name, **{kind: f":{variant}"})
            assert changed.materials[kind] == f"{base}:{variant}"
            assert changed.digest != cell.digest


def test_unknown_cell_and_parameter_offer_the_nearest_names(lfp_cell):
    with pytest.raises(ParameterError, match="did you mean li_peo_lfp"):
        load_cell("li_peo_lpf")
    with pytest.raises(ParameterError, match=r"did you mean cell\.separator\.thickness"):
        lfp_cell["cell.separator.thicknes"]
    with pytest.raises(ParameterError, match=r"electrolyte\.ionic_conductivity\.scale"):
        lfp_cell["electrolyte.ionic_conductivity"]


def test_replace_returns_a_new_set_and_refuses_everything_wrong_at_once(lfp_cell):
    changed = lfp_cell.replace({"cell.separator.thickness": "30 um", "electrolyte.cation_transference_number": -0.4})
    assert changed["cell.separator.thickness"] == pytest.approx(30e-6)
    assert changed["electrolyte.cation_transference_number"] == -0.4
    assert lfp_cell["cell.separator.thickness"] != changed["cell.separator.thickness"]
    assert changed.entries["cell.separator.thickness"].status == "setting"
    wrong = {
        "cell.separator.thickness": "30 kg",
        "cell.separatr.thickness": "30 um",
        "cell.positive_electrode.electrolyte_volume_fraction": 1.5,
        "cell.temperature": math.nan,
    }
    with pytest.raises(ParameterError) as caught:
        lfp_cell.replace(wrong)
    assert len(caught.value.problems) == 4


def test_what_a_replaced_set_takes_over_is_what_it_would_work_out_anew(lfp_cell):
    """The linked diffusivity follows its conductivity, and the window the potential, though little is built again."""
    for values in (
        {"electrolyte.ionic_conductivity.scale": 0.5},
        {"electrode.open_circuit_potential.plateau": 3.40},
        {"cell.upper_voltage_cut_off": 3.6, "cell.separator.thickness": 30e-6},
    ):
        changed = lfp_cell.replace(values)
        anew = dataclasses.replace(changed)  # the same numbers without anything kept
        assert changed._correlations == anew._correlations
        assert changed.stoichiometry_window == anew.stoichiometry_window
        diffusivity = (cell.function("electrolyte.salt_diffusivity")(1000.0, 340.0) for cell in (changed, anew))
        assert len(set(diffusivity)) == 1


def test_a_replaced_coefficient_is_checked_through_every_function_it_enters(lfp_cell):
    with pytest.raises(ParameterError) as caught:
        lfp_cell.replace({"electrolyte.ionic_conductivity.scale": -1.0})
    assert "electrolyte.ionic_conductivity: found" in str(caught.value)
    with pytest.raises(ParameterError, match=r"electrode\.exchange_current_density: found"):
        lfp_cell.replace({"electrode.exchange_current_density.rate_constant": -1e-7})


def test_transference_number_above_one_is_refused_and_negative_is_not(lfp_cell):
    lfp_cell.replace({"electrolyte.cation_transference_number": -4.0})
    with pytest.raises(ParameterError, match=r"electrolyte\.cation_transference_number.*1\.2.*to 1"):
        lfp_cell.replace({"electrolyte.cation_transference_number": 1.2})


def test_cut_offs_outside_the_open_circuit_potential_or_reversed_are_refused(lfp_cell):
    with pytest.raises(ParameterError, match="open-circuit voltage"):
        lfp_cell.replace({"cell.upper_voltage_cut_off": 6.0})
    with pytest.raises(ParameterError, match="lower below upper"):
        lfp_cell.replace({"cell.lower_voltage_cut_off": 3.7, "cell.upper_voltage_cut_off": 3.5})


def test_capacity_is_the_charge_between_the_cut_offs(cells):
    for cell in cells:
        charged, discharged = cell.stoichiometry_window
        lithiation, delithiation = "electrode.open_circuit_potential", "electrode.delithiation_potential"
        upper = cell.function(delithiation if delithiation in cell.functions else lithiation)
        assert upper(charged) == pytest.approx(cell["cell.upper_voltage_cut_off"], abs=1e-9)
        assert cell.function(lithiation)(discharged) == pytest.approx(cell["cell.lower_voltage_cut_off"], abs=1e-9)
        sites = (
            cell["electrode.maximum_concentration"]
            * cell["cell.positive_electrode.active_material_volume_fraction"]
            * cell["cell.positive_electrode.thickness"]
        )
        assert cell.areal_capacity == pytest.approx(96485.33212 * sites * (discharged - charged) / 3600.0)


def test_a_voltage_at_another_temperature_is_met_by_the_potential_at_that_temperature(cells):
    for cell in cells:
        potential, entropic = (
            cell.function(f"electrode.{name}") for name in ("open_circuit_potential", "entropic_coefficient")
        )
        for warmer in (-30.0, 0.0, 55.0):
            temperature = cell["electrode.reference_temperature"] + warmer
            for y in (0.2, 0.5, 0.8):
                voltage = float(potential(y) + warmer * entropic(y))
                found = cell.stoichiometry(voltage, temperature)
                assert potential(found) + warmer * entropic(found) == pytest.approx(voltage, abs=1e-12), cell.name
                assert found == pytest.approx(y, abs=1e-9), cell.name
        assert cell.stoichiometry(voltage) == cell.stoichiometry(voltage, cell["electrode.reference_temperature"])


def test_areal_capacity_can_be_set_through_the_thickness(lfp_cell):
    changed = lfp_cell.replace({AREAL_CAPACITY: "2 mA.h.cm-2"})
    assert changed.areal_capacity == pytest.approx(20.0)
    assert changed["cell.positive_electrode.thickness"] > lfp_cell["cell.positive_electrode.thickness"]


def test_open_circuit_potentials_are_finite_and_strictly_decreasing(cells):
    y = np.linspace(-0.01, 1.01, 20001)
    for cell in cells:
        potential = cell.function("electrode.open_circuit_potential")(y)
        assert np.all(np.isfinite(potential)), cell.name
        assert np.all(np.diff(potential) < 0.0), cell.name


def test_resolved_inputs_are_toml_and_the_digest_follows_the_numbers(lfp_cell):
    document = tomllib.loads(lfp_cell.to_toml())
    assert document["values"]["cell.separator.thickness"]["value"] == lfp_cell["cell.separator.thickness"]
    assert set(document["values"]) == set(lfp_cell.entries)
    same = lfp_cell.replace({"cell.separator.thickness": lfp_cell["cell.separator.thickness"]})
    assert same.digest == lfp_cell.digest
    assert lfp_cell.replace({"cell.separator.thickness": "21 um"}).digest != lfp_cell.digest


def test_outside_validity_names_the_correlation_and_its_range(lfp_cell):
    assert lfp_cell.outside_validity(353.15) == []
    problems = lfp_cell.outside_validity(500.0)
    assert any("96.9 K above the range of peo_litfsi" in problem.found for problem in problems)
    dilute = load_cell("li_peo_lfp", electrolyte=":edman").outside_validity(353.15, 700.0)
    assert {problem.found for problem in dilute} == {
        "concentration 700 mol.m-3, 42 mol.m-3 below the range of peo_litfsi:edman"
    }
    assert any("electrolyte.ionic_conductivity" in str(problem) for problem in problems)
    assert lfp_cell.outside_validity(353.15, 20000.0)


def test_every_value_has_a_source_or_says_why_not_and_every_assumed_one_a_distribution(cells):
    for cell in cells:
        for record in cell.entries.values():
            if record.status in ("measured", "fitted", "literature", "derived"):
                assert record.source, record.path
            if record.status == "assumed":
                assert record.note, record.path
                assert record.distribution, record.path


def test_no_transport_property_is_bare_assumed_where_the_literature_has_one():
    names = ("ionic_conductivity", "cation_transference_number", "salt_diffusivity")
    cells = [load_cell("li_peo_lfp"), load_cell("li_peo_lfp", electrolyte="pcl_ptmc_litfsi")]
    cells.append(load_cell("li_peo_tis2_doyle1993"))
    for cell in cells:
        for name in names:
            leading = [r for r in cell.entries.values() if r.path.startswith(f"electrolyte.{name}.") and r.source]
            assert leading, f"{cell.materials['electrolyte']}: {name} has no sourced number"
        for name in ("ionic_conductivity", "cation_transference_number"):
            for path in (f"electrolyte.{name}.{c}" for c in ("value", "prefactor", "constant", "plateau", "scale")):
                if path in cell.entries:
                    assert cell.entries[path].status != "assumed", path


def test_newman_number_of_the_peo_base_set_is_six():
    cell = load_cell("li_peo_lfp")
    c, T = cell["electrolyte.initial_concentration"], 353.15
    assert newman_number(cell, c, T) == pytest.approx(6.0, rel=0.1)
    row = electrolyte_numbers(cell, [c], [T])[0]
    assert row["current_fraction"] == pytest.approx(1.0 / (1.0 + newman_number(cell, c, T)))
    assert row["effective_conductivity"] == pytest.approx(row["ionic_conductivity"] * row["current_fraction"])
    single_ion = load_cell("li_single_ion_lfp")
    assert newman_number(single_ion, single_ion["electrolyte.initial_concentration"], T) == pytest.approx(0.0)


def test_interface_shares_add_up_to_the_sourced_resistance():
    from cellmodel.correlations import FARADAY, GAS_CONSTANT

    for name in ("li_peo_lfp", "li_polycarbonate_nmc811"):
        for interface in (None, *(f":{variant}" for variant in list_materials("interface")["lithium_peo"])):
            if interface and name != "li_peo_lfp":
                continue
            cell = load_cell(name, interface=interface)
            T = cell["cell.temperature"]
            total = cell.function("interface.areal_resistance")(T)
            i0 = cell.function("interface.exchange_current_density")(cell["electrolyte.initial_concentration"], T)
            film = cell.function("interface.interphase_resistance")(T)
            assert GAS_CONSTANT * T / (FARADAY * i0) + film == pytest.approx(total, rel=0.02), name


def test_the_table_of_quantities_is_complete_and_unambiguous():
    for kind in KINDS.values():
        keys = [quantity.key for quantity in kind.quantities.values() if quantity.key]
        assert len(keys) == len(set(keys))
    assert {path.partition(".")[0] for path in QUANTITIES} == set(ROLES)
    assert "cell.separator.thickness" in quantities_of("cell")


@pytest.mark.parametrize("path", ["electrolyte.salt_diffusivity", "electrolyte.cation_transference_number"])
def test_a_constant_that_cannot_be_is_refused(path):
    bad = {"electrolyte.salt_diffusivity": (0.0, -1e-12), "electrolyte.cation_transference_number": (1.5, -30.0)}
    for value in bad[path]:
        with pytest.raises(ParameterError, match=path):
            load_cell("li_single_ion_lfp").replace({f"{path}.value": value})


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        # a line that falls through zero at 2400 mol.m-3, inside the range of 50 to 2500 that the file states
        ({"electrolyte.salt_diffusivity.linear": -2.5e-16}, "electrolyte.salt_diffusivity"),
        # a parabola that dips below zero between 1184 and 1216 mol.m-3 only: a coarse grid steps over it
        (
            {
                "electrolyte.salt_diffusivity.constant": 6e-13 * 0.9999,
                "electrolyte.salt_diffusivity.linear": -1e-15,
                "electrolyte.salt_diffusivity.quadratic": 6e-13 / 1200.0**2,
            },
            "electrolyte.salt_diffusivity",
        ),
    ],
)
def test_a_property_that_is_negative_somewhere_in_its_range_is_refused_with_the_place(changes, said):
    cell = load_cell("li_peo_lfp", electrolyte="pemo_litfsi").replace({"cell.temperature": 313.15})
    with pytest.raises(ParameterError) as caught:
        cell.replace(changes)
    message = str(caught.value)
    assert said in message
    assert "inside its range of validity at concentration = " in message
    place = float(message.partition("concentration = ")[2].split(" ")[0])
    assert cell.replace({}).function(said)(place, 313.15) > 0.0, "only the changed property is bad"
    low, high = (2400.0, 2403.0) if "quadratic" not in str(changes) else (1180.0, 1220.0)
    assert low <= place <= high


def test_a_negative_conductivity_inside_the_range_is_refused_with_the_place():
    cell = load_cell("li_peo_tis2_doyle1993")
    with pytest.raises(ParameterError, match=r"ionic_conductivity: found -.* S.m-1 .* at concentration = 100 mol.m-3"):
        cell.replace({"electrolyte.ionic_conductivity.constant": -0.01})


def test_a_function_that_many_cells_share_is_checked_once() -> None:
    path = "electrolyte.salt_diffusivity.scale"
    cell = load_cell("li_peo_lfp")
    cell.replace({path: 1.234})
    before = checks._out_of_bounds.cache_info()
    other = cell.replace({path: 1.234, "cell.separator.thickness": 3e-5})
    after = checks._out_of_bounds.cache_info()
    assert (after.misses, after.hits) == (before.misses, before.hits + 1)
    assert other.correlation("electrolyte.salt_diffusivity") == cell.replace({path: 1.234}).correlation(
        "electrolyte.salt_diffusivity"
    )
    cell.replace({path: 1.235})
    assert checks._out_of_bounds.cache_info().misses == after.misses + 1


@pytest.mark.parametrize("name", list_cells("lithium_metal"))
def test_many_draws_are_looked_at_as_one_by_one(name: str) -> None:
    """Every number that enters a function is drawn, two thirds of the draws far enough to break something."""
    cell = load_cell(name)
    numbers = sorted({path for record in cell.functions.values() for path in record.coefficients.values()})
    factors = np.random.default_rng(5).choice([0.999, 1.001], (24, len(numbers)))
    factors[8:] *= np.where(np.random.default_rng(6).random((16, len(numbers))) < 0.05, -3.0, 1.0)
    drawn = {path: cell[path] * column for path, column in zip(numbers, factors.T, strict=True)}
    found = checks.valid_functions(cell, drawn)
    agreed = 0
    for draw, sound in enumerate(found):
        made = dataclasses.replace(
            cell,
            entries={**cell.entries, **{path: set_by_user(cell.entries[path], v[draw]) for path, v in drawn.items()}},
        )
        for path in cell.functions:
            right = not checks._check_functions(made, [path], checks.ENDS)
            agreed += right and path in sound
            assert right or path not in sound, path
    assert agreed > 8 * len(cell.functions) / 2  # it does find what is sound


def test_draws_that_make_no_cell_say_so_as_before() -> None:
    path, conductivity = "electrolyte.ionic_conductivity.scale", "electrolyte.ionic_conductivity"
    cell = load_cell("li_peo_lfp")
    good, bad = checks.valid_functions(cell, {path: np.array([0.9, -1.0])})
    assert good == {conductivity, "electrolyte.salt_diffusivity"}  # which follows the conductivity
    assert conductivity not in bad
    assert cell.replace({path: 0.9}, good)[path] == 0.9
    with pytest.raises(ParameterError) as one_by_one:
        cell.replace({path: -1.0})
    with pytest.raises(ParameterError) as together:
        cell.replace({path: -1.0}, bad)
    assert conductivity in str(together.value)
    assert str(together.value) == str(one_by_one.value)


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        ("cell.positive_electrode.active_material_volume_fraction", 1.2, "found 1.2, wanted 0.001 to 1"),
        ("cell.separator.thickness", 1.0, "found 1 m, wanted 1e-09 to 0.01 m"),
        ("electrode.particle_diffusivity.value", "x", "wanted a number with a unit, such as '1 m2.s-1'"),
        ("cell.separator.bruggeman_exponent", float("nan"), "found nan, wanted a finite number"),
    ],
)
def test_a_bare_number_is_told_without_a_unit(path, value, told):
    with pytest.raises(ParameterError) as caught:
        load_cell("li_peo_lfp").replace({path: value})
    assert str(caught.value).endswith(told)
