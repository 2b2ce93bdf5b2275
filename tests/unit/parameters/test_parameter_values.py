"""What a parameter file may say and what a user may set: numbers of the right kind, within what is possible."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from test_parameters import ELECTROLYTE

from cellmodel import resources
from cellmodel.correlations import FORMS
from cellmodel.energy import budget, with_lithium_excess
from cellmodel.errors import ParameterError
from cellmodel.parameters import check_file, load_cell, load_format
from cellmodel.parameters.bounds import bounds_of
from cellmodel.parameters.distributions import declared_distributions
from cellmodel.parameters.records import AREAL_CAPACITY
from cellmodel.quantities import QUANTITIES

PARAMETERS = resources.folder("parameters")
LFP = (PARAMETERS / "electrodes" / "lfp.toml").read_text()
CELL = (PARAMETERS / "cells" / "li_peo_lfp.toml").read_text()
FORMAT = (PARAMETERS / "formats" / "pouch.toml").read_text()
KELVIN, MOLAR = (
    f'{{ low = {low}, high = {high}, unit = "{unit}" }}'
    for low, high, unit in ((300.0, 400.0, "K"), (100.0, 3000.0, "mol.m-3"))
)
PREFACTOR = 'prefactor = { value = 0.07, unit = "S.cm-1", uncertainty = 0.01 }'
TRANSFERENCE = 'coefficients = { value = { value = 0.2, unit = "1" } }'


def message_of(tmp_path, text: str, before: str, after: str, kind: str = "electrolytes") -> str:
    """Return what is said about a file in which one text was replaced."""
    assert before in text
    folder = tmp_path / kind
    folder.mkdir(exist_ok=True)
    path = folder / "broken.toml"
    path.write_text(text.replace(before, after, 1))
    with pytest.raises(ParameterError) as caught:
        check_file(path)
    assert len(str(caught.value)) <= 2000
    assert "broken" in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    "wrong", ["true", "false", '"0.07"', '""', "nan", "inf", "-inf", "[0.07]", "{ a = 1 }", "1" * 400]
)
def test_what_is_no_number_is_no_value(tmp_path, wrong):
    assert "prefactor.value" in message_of(tmp_path, ELECTROLYTE, "value = 0.07", f"value = {wrong}")


def test_a_whole_number_is_a_number(tmp_path):
    path = tmp_path / "example.toml"
    path.write_text(ELECTROLYTE.replace("value = 1.0\n", "value = 1\n"))
    check_file(path)


@pytest.mark.parametrize(
    ("before", "after", "key"),
    [
        ("schema = 1", "schema = 1.0", "schema"),
        ("schema = 1", "schema = true", "schema"),
        ("schema = 1", 'schema = "1"', "schema"),
        ('kind = "electrolyte"', "kind = 1", "kind"),
        ('name = "example"', "name = 3", "name"),
        ('name = "example"', 'name = " "', "name"),
        ('description = "An electrolyte to break."', 'description = ""', "description"),
        ('unit = "S.cm-1"', "unit = 1", "prefactor.unit"),
        ('unit = "S.cm-1"', f'unit = "{"m." * 16000}m"', "prefactor.unit"),
        ('source = "Edman2000"\n[', 'source = ""\n[', "ionic_conductivity.source"),
        ('note = "for this test"', 'note = "  "', "note"),
        ('status = "setting"', "status = true", "status"),
        ("low = 300.0", "low = true", "valid.temperature.low"),
        (KELVIN, "[300.0, 350.0, 400.0]", "valid.temperature"),
        (KELVIN, '"300 to 400"', "valid.temperature"),
        ("[ionic_conductivity]\n", "[variants]\nx = 3\n[ionic_conductivity]\n", "variants.x"),
        ("[ionic_conductivity]\n", "[variants.x]\n[ionic_conductivity]\n", "variants.x.description"),
        ("[ionic_conductivity]\n", "[[variants]]\nx = 3\n[ionic_conductivity]\n", "variants"),
    ],
)
def test_texts_and_heads_are_of_their_kind(tmp_path, before, after, key):
    assert key in message_of(tmp_path, ELECTROLYTE, before, after)


WRONG_UNCERTAINTIES = [
    "-0.1",
    "0.0",
    "true",
    '"0.1"',
    "5.0",
    "1e300",
    '{ distribution = "uniform", low = 60, high = 90 }',
    '{ distribution = "uniform", low = 0.3, high = 0.4 }',
    '{ distribution = "uniform", low = 0.4, high = 0.1 }',
    '{ distribution = "uniform", low = 0.2, high = 0.2 }',
    '{ distribution = "uniform", low = true, high = 0.4 }',
    '{ distribution = "lognormal", factor = 1e300 }',
    '{ distribution = "lognormal", factor = 1.0 }',
    '{ distribution = "lognormal", factor = 0.5 }',
    '{ distribution = "normal", standard_deviation = 0 }',
    '{ distribution = "normal", standard_deviation = -1 }',
    '{ distribution = "normal", factor = 2 }',
    '{ distribution = "cauchy", factor = 2 }',
]


@pytest.mark.parametrize("wrong", WRONG_UNCERTAINTIES)
def test_a_wrong_uncertainty_of_a_fraction_is_refused_by_name(tmp_path, wrong):
    before = "[positive_electrode.active_material_volume_fraction]\n"
    said = message_of(tmp_path, without_uncertainty(CELL, before), before, f"{before}uncertainty = {wrong}\n", "cells")
    assert "cell.positive_electrode.active_material_volume_fraction.uncertainty" in said


def without_uncertainty(text: str, table: str) -> str:
    """Return the file without the uncertainty of one table."""
    start = text.index(table) + len(table)
    end = text.find("\n[", start)
    lines = [line for line in text[start:end].splitlines() if not line.startswith("uncertainty")]
    return text[:start] + "\n".join(lines) + text[end:]


@pytest.mark.parametrize("wrong", [w for w in WRONG_UNCERTAINTIES if w != "5.0"])
def test_a_wrong_uncertainty_of_a_coefficient_is_refused_by_name(tmp_path, wrong):
    after = TRANSFERENCE.replace('unit = "1"', f'unit = "1", uncertainty = {wrong}')
    said = message_of(tmp_path, ELECTROLYTE, TRANSFERENCE, after)
    assert "cation_transference_number.coefficients.value.uncertainty" in said


def test_a_wide_uncertainty_of_a_coefficient_without_bounds_is_refused(tmp_path):
    for wrong in ("1e300", '{ distribution = "lognormal", factor = 1e300 }'):
        said = message_of(tmp_path, ELECTROLYTE, PREFACTOR, PREFACTOR.replace("0.01", wrong))
        assert "prefactor.uncertainty" in said


def test_every_stated_uncertainty_is_drawn(cells):
    for cell in cells:
        stated = {path for path, record in cell.entries.items() if record.distribution}
        assert set(declared_distributions(cell)) == stated
        assert not any(distribution.problem for distribution in declared_distributions(cell).values())


@pytest.mark.parametrize("wrong", ["1e300", "-5.0", "0.0", "30000.0"])
def test_coefficients_have_physical_bounds(tmp_path, wrong):
    before = 'ideal_glass_temperature = { value = 200.0, unit = "K" }'
    assert "ideal_glass_temperature.value" in message_of(tmp_path, ELECTROLYTE, before, before.replace("200.0", wrong))


def test_a_glass_temperature_within_the_validity_is_refused(tmp_path):
    before = 'ideal_glass_temperature = { value = 200.0, unit = "K" }'
    said = message_of(tmp_path, ELECTROLYTE, before, before.replace("200.0", "320.0"))
    assert "ideal glass temperature of 3" in said


def test_no_coefficient_of_any_form_is_without_bounds():
    for name, form in FORMS.items():
        for coefficient, unit in form.units.items():
            low, high = bounds_of(f"electrolyte.ionic_conductivity.{coefficient}", unit.replace("{unit}", "S.m-1"))
            assert low >= -1e30, (name, coefficient)
            assert high <= 1e30, (name, coefficient)


@pytest.mark.parametrize(
    ("before", "after", "key"),
    [
        ("high = 400.0", "high = 1e300", "valid.temperature"),
        ("low = 300.0, high = 400.0", "low = 0.0, high = 0.0", "valid.temperature"),
        ("low = 300.0, high = 400.0", "low = 27.0, high = 127.0", "valid.temperature"),
        ("high = 3000.0", "high = 1e6", "valid.concentration"),
        ("low = 100.0", "low = -1.0", "valid.concentration"),
        ("low = 100.0, high = 3000.0", "low = 0.0, high = 0.0", "valid.concentration"),
    ],
)
def test_a_range_that_no_material_has_is_refused(tmp_path, before, after, key):
    assert key in message_of(tmp_path, ELECTROLYTE, before, after)


@pytest.mark.parametrize("wrong", [(0.0, 0.0), (0.5, 1.5), (-1.0, 1.0), (1.0, 0.0)])
def test_a_range_of_stoichiometry_lies_within_the_material(tmp_path, wrong):
    start = LFP.index("[open_circuit_potential]")
    line = next(line for line in LFP[start:].splitlines() if line.startswith("valid"))
    after = f'valid = {{ stoichiometry = {{ low = {wrong[0]}, high = {wrong[1]}, unit = "1" }} }}'
    said = message_of(tmp_path, LFP, line, after, "electrodes")
    assert "open_circuit_potential.valid.stoichiometry" in said


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("plateau = { value = 3.4323", "plateau = { value = 462.0", "open_circuit_potential"),
        ("plateau = { value = 3.4323", "plateau = { value = 46.2", "open_circuit_potential"),
        ("[reference_temperature]\nvalue = 25.0", "[reference_temperature]\nvalue = 30000.0", "reference_temperature"),
    ],
)
def test_an_electrode_alone_is_evaluated(tmp_path, before, after, said):
    assert said in message_of(tmp_path, LFP, before, after, "electrodes")


def test_an_electrode_whose_tail_rises_is_refused(tmp_path):
    line = next(line for line in LFP.splitlines() if line.startswith("tail_amplitude"))
    wrong = 'tail_amplitude = { value = -0.05, unit = "V", status = "setting" }'
    assert "does not fall" in message_of(tmp_path, LFP, line, wrong, "electrodes")


def test_an_electrolyte_alone_is_evaluated(tmp_path):
    for value in ("0.0", "-1e-7"):
        said = message_of(tmp_path, ELECTROLYTE, "value = 1e-7", f"value = {value}, uncertainty = 1e-8")
        assert "salt_diffusivity" in said
    swapped = 'form = "diffusivity_following_conductivity"'
    assert "diffusivity" in message_of(tmp_path, ELECTROLYTE, 'form = "constant"\nstatus = "assumed"', swapped)


def test_a_stack_of_ten_metres_is_refused(tmp_path):
    start = FORMAT.index("[stack.width]")
    line = next(line for line in FORMAT[start:].splitlines() if line.startswith("value"))
    said = message_of(tmp_path, FORMAT, line, "value = 1e4", "formats")
    assert "format.stack" in said


SETS = {"cell": lambda: load_cell("li_peo_lfp"), "liquid": lambda: load_cell("graphite_lfp")}
SETS["format"] = lambda: load_format("pouch")


@pytest.mark.parametrize("kind", SETS)
@pytest.mark.parametrize(
    "wrong",
    [
        [("cell.area", 1e-4)],
        pd.Series({"cell.area": 1e-4}),
        {3: 1.0},
        {None: 1.0},
        b"x",
        3,
        "cell.area=1",
        {"": 1.0},
        {"x" * 10**5: 1.0},
        {"cell.area\u200b": 1.0},
    ],
)
def test_what_is_no_change_is_refused(kind, wrong):
    with pytest.raises(ParameterError) as caught:
        SETS[kind]().replace(wrong)
    assert len(str(caught.value)) <= 2000
    assert "\u200b" not in str(caught.value)


@pytest.mark.parametrize(
    ("kind", "path"), [("cell", "cell.area"), ("liquid", "cell.area"), ("format", "format.stack.width")]
)
def test_what_is_no_number_is_no_change(kind, path):
    wrong = (None, True, "", "  ", "true", math.nan, math.inf, [1e-4], b"1", {}, "1e-4", np.array([1e-4, 2e-4]), 1 + 0j)
    for value in wrong:
        with pytest.raises(ParameterError, match=path):
            SETS[kind]().replace({path: value})
    number = SETS[kind]()[path]
    for value in (np.float32(number), np.float64(number), pd.Series([number]).iloc[0]):
        assert SETS[kind]().replace({path: value})[path] == pytest.approx(number, rel=1e-6)


def test_one_number_under_two_names_is_refused(lfp_cell):
    path = "electrolyte.cation_transference_number"
    for values in ((0.2, 0.3), (0.2, 0.2)):
        with pytest.raises(ParameterError, match="the same number as"):
            lfp_cell.replace({path: values[0], f"{path}.value": values[1]})


@pytest.mark.parametrize(
    ("kind", "thickness"),
    [
        ("cell", "cell.positive_electrode.thickness"),
        ("liquid", "cell.positive_electrode.thickness"),
        ("liquid", "cell.negative_electrode.thickness"),
    ],
)
def test_a_capacity_with_the_thickness_that_it_sets_is_refused(kind, thickness):
    with pytest.raises(ParameterError, match="the capacity sets the thickness"):
        SETS[kind]().replace({AREAL_CAPACITY: "2 mA.h.cm-2", thickness: "50 um"})


@pytest.mark.parametrize("kind", ["cell", "liquid"])
@pytest.mark.parametrize("capacity", [-1.0, 0.0, 1e6, 1e-9, "-1 mA.h.cm-2", "1e6 mA.h.cm-2", math.nan, True, "2", None])
def test_a_capacity_that_no_electrode_has_is_refused_by_its_name(kind, capacity):
    with pytest.raises(ParameterError) as caught:
        SETS[kind]().replace({AREAL_CAPACITY: capacity})
    assert {problem.key for problem in caught.value.problems} == {AREAL_CAPACITY}


def test_a_foil_beyond_its_bounds_is_refused(lfp_cell):
    for excess in (-1.0, 1e6, math.nan):
        with pytest.raises(ParameterError, match="lithium"):
            with_lithium_excess(lfp_cell, excess)


def test_numbers_drawn_for_a_budget_are_held_against_their_bounds(lfp_cell):
    path = "cell.positive_electrode.thickness"
    for wrong in (-1e-6, 38.0, math.nan, np.array([50e-6, -38e-6])):
        with pytest.raises(ParameterError, match=path):
            budget(lfp_cell, values={path: wrong})
    budget(lfp_cell, values={path: np.array([50e-6, 60e-6])})


def test_bounds_of_the_table_are_not_widened():
    for path, quantity in QUANTITIES.items():
        if not quantity.arguments:
            assert bounds_of(path, quantity.unit) == quantity.bounds


def test_a_range_beyond_what_a_form_follows_is_refused(tmp_path):
    before = 'upper_concentration = { value = 3800.0, unit = "mol.m-3" }'
    said = message_of(tmp_path, ELECTROLYTE, before, before.replace("3800.0", "1.0"))
    assert "ionic_conductivity.valid.concentration" in said


def test_a_stated_range_outside_the_bounds_is_refused(tmp_path):
    for low, high in ((-21.0, 0.5), (0.1, 1.2)):
        uncertain = f'unit = "1", uncertainty = {{ distribution = "uniform", low = {low}, high = {high} }}'
        said = message_of(tmp_path, ELECTROLYTE, TRANSFERENCE, TRANSFERENCE.replace('unit = "1"', uncertain))
        assert "leaves the bounds" in said


def test_a_cell_whose_own_temperature_is_outside_its_validity_is_told(tmp_path):
    start = CELL.index("[temperature]")
    line = next(line for line in CELL[start:].splitlines() if line.startswith("value"))
    said = message_of(tmp_path, CELL[:start] + CELL[start:].replace(line, "value = -40.0", 1), "", "", "cells")
    assert "temperature 233.15 K" in said


@pytest.mark.parametrize("seed", range(4))
def test_no_mutation_of_a_shipped_file_ends_in_anything_but_a_refusal(tmp_path, seed):
    """Numbers, units and keys replaced at random: refused by name, or read; never another exception."""
    import random
    import re

    rng = random.Random(seed)
    folders = ("cells", "electrolytes", "electrodes", "interfaces", "metals", "formats", "vehicles")
    files = [path for kind in folders for path in resources.files("parameters", kind).values()]
    words = ["1e300", "-1e300", "nan", "true", '"1"', "[]", "{}", "9" * 400, "9" * 5000, "[" * 2000, '"\\u200b"', "\0"]
    refused = 0
    for _ in range(25):
        path = rng.choice(files)
        text = path.read_text(encoding="utf-8")
        spot = rng.choice(list(re.finditer(r"= (\S+)", text)))
        (tmp_path / path.parent.name).mkdir(exist_ok=True)
        changed = tmp_path / path.parent.name / path.name
        changed.write_text(text[: spot.start(1)] + rng.choice(words) + text[spot.end(1) :], encoding="utf-8")
        said = ""
        try:
            check_file(changed)
        except ParameterError as error:
            said = str(error)
        refused += bool(said)
        assert len(said) <= 2000
        assert len(said.splitlines()) <= 20
    assert refused >= 20


NO_PATHS = [None, 3, True, b"cell.area", ["cell.area"], {}, "", "cell.aera"]


@pytest.mark.parametrize("kind", SETS)
@pytest.mark.parametrize("wrong", NO_PATHS)
def test_what_is_no_path_is_refused(kind, wrong):
    numbers = SETS[kind]()
    with pytest.raises(ParameterError):
        numbers[wrong]
    if kind != "format":
        for ask in (numbers.resolve, numbers.function, numbers.correlation):
            with pytest.raises(ParameterError):
                ask(wrong)


@pytest.mark.parametrize("kind", ["cell", "liquid"])
@pytest.mark.parametrize("wrong", [None, True, "", "3.4", "3.4 K", math.nan, math.inf, [3.4], b"3.4", 1e9, -3.0])
def test_what_is_no_voltage_has_no_stoichiometry(kind, wrong):
    with pytest.raises(ParameterError, match="voltage"):
        SETS[kind]().stoichiometry(wrong)


@pytest.mark.parametrize("kind", ["cell", "liquid"])
@pytest.mark.parametrize("wrong", [True, "", "80", "80 V", math.nan, math.inf, [350.0], b"350", -1.0, 0.0, 80.0, 1e9])
def test_what_is_no_temperature_has_no_stoichiometry(kind, wrong):
    with pytest.raises(ParameterError, match="temperature"):
        SETS[kind]().stoichiometry(3.2, wrong)


def test_voltages_and_temperatures_are_taken_with_their_units(lfp_cell):
    plain = lfp_cell.stoichiometry(3.43, 353.15)
    assert lfp_cell.stoichiometry("3430 mV", "80 degC") == pytest.approx(plain, abs=1e-9)
    assert lfp_cell.outside_validity("80 degC") == []
    for wrong in (None, True, "80", [353.15], math.nan):
        with pytest.raises(ParameterError, match="temperature"):
            lfp_cell.outside_validity(wrong)


@pytest.mark.parametrize("wrong", [None, 3, True, b"x", [], "", "missing.toml", "a\0b.toml"])
def test_what_is_no_file_is_refused(wrong):
    with pytest.raises(ParameterError):
        check_file(wrong)
