"""Files of cells, materials, formats and vehicles are those on disk now, and say what they mean or are refused."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time

import pytest

from cellmodel import resources
from cellmodel.errors import ParameterError
from cellmodel.parameters import (
    check_file,
    load_cell,
    load_format,
    load_references,
    load_vehicle,
)
from cellmodel.parameters.files import read_parameters
from cellmodel.toml_files import open_toml


def copied(tmp_path, kind: str, name: str):
    """Return a copy of a shipped file."""
    path = tmp_path / f"{name}.toml"
    path.write_bytes((resources.folder("parameters") / kind / f"{name}.toml").read_bytes())
    return path


def edited(path, before: str, after: str) -> None:
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after, 1))


EDITS = [
    (load_cell, "cells", "li_peo_lfp", "cell.area"),
    (load_cell, "cells", "graphite_lfp", "cell.area"),
    (load_format, "formats", "pouch", "format.stack.width"),
    (load_vehicle, "vehicles", "electric_car", "vehicle.pack.mass"),
]


@pytest.mark.parametrize(("load", "kind", "name", "number"), EDITS)
def test_a_file_is_the_one_on_disk_now(tmp_path, load, kind, name, number):
    path = copied(tmp_path, kind, name)
    first = load(str(path))
    assert load(str(path)) is first  # the same content is the same object
    facts = path.stat()
    table = number.split(".", 1)[1]
    lines = path.read_text().splitlines()
    at = next(n for n, line in enumerate(lines) if line.strip() in (f"[{table}]", f"[{number}]"))
    value = next(n for n in range(at, len(lines)) if lines[n].startswith("value"))
    lines[value] = f"value = {float(lines[value].split('=')[1].split('#')[0]) * 1.01!r}"
    path.write_text("\n".join(lines))
    os.utime(path, ns=(facts.st_atime_ns, facts.st_mtime_ns))  # the time of the file says nothing
    changed = load(path)  # a path object as well as its text
    assert changed[number] == pytest.approx(1.01 * first[number], rel=1e-12)
    shutil.copy(resources.folder("parameters") / kind / f"{name}.toml", path)
    assert load(str(path)) is first
    path.unlink()
    with pytest.raises(ParameterError, match="No such file"):
        load(str(path))


def test_the_same_name_in_another_folder_is_another_cell(tmp_path, monkeypatch):
    for folder, thickness in (("one", "20.0"), ("other", "100.0")):
        (tmp_path / folder).mkdir()
        path = copied(tmp_path / folder, "cells", "li_peo_lfp")
        path.rename(path.with_name("c.toml"))
        text = path.with_name("c.toml").read_text()
        start = text.index("[separator.thickness]")
        line = next(line for line in text[start:].splitlines() if line.startswith("value"))
        path.with_name("c.toml").write_text(text[:start] + text[start:].replace(line, f"value = {thickness}", 1))
    found = []
    for folder in ("one", "other"):
        monkeypatch.chdir(tmp_path / folder)
        found.append(load_cell("c.toml")["cell.separator.thickness"])
    assert found == pytest.approx([20e-6, 100e-6])


def test_a_material_or_a_reference_that_changes_is_read_anew(tmp_path, monkeypatch):
    """The library itself, as in an editable install."""
    shutil.copytree(resources.folder("parameters"), tmp_path / "parameters")
    monkeypatch.setattr(resources, "folder", lambda name: tmp_path / name)
    first = load_cell("li_peo_lfp")
    assert load_cell("li_peo_lfp") is first
    edited(tmp_path / "parameters" / "electrodes" / "lfp.toml", "value = 3.4086", "value = 3.4087")
    second = load_cell("li_peo_lfp")
    assert second["electrode.open_circuit_potential.plateau"] == 3.4087
    edited(tmp_path / "parameters" / "references.toml", 'authors = "', 'authors = "Seen, ')
    assert any(reference.authors.startswith("Seen, ") for reference in load_references().values())
    assert load_cell("li_peo_lfp") is not second


def test_a_run_of_an_edited_cell_is_another_run(tmp_path):
    from cellmodel.simulation import RunOptions, prepare_run

    path = copied(tmp_path, "cells", "li_peo_lfp")
    first = prepare_run(str(path), options=RunOptions(c_rate=0.1))
    assert prepare_run(str(path), options=RunOptions(c_rate=0.1)).digest == first.digest
    start = path.read_text().index("[separator.thickness]")
    line = next(line for line in path.read_text()[start:].splitlines() if line.startswith("value"))
    edited(path, path.read_text()[start:], path.read_text()[start:].replace(line, "value = 100.0", 1))
    second = prepare_run(str(path), options=RunOptions(c_rate=0.1))
    assert second.parameters["cell.separator.thickness"] == pytest.approx(100e-6)
    assert second.digest != first.digest


def test_reading_a_cell_again_takes_under_two_milliseconds():
    load_cell("li_peo_lfp")
    taken = []
    for _ in range(20):
        start = time.perf_counter()
        load_cell("li_peo_lfp")
        taken.append(time.perf_counter() - start)
    assert min(taken) < 2e-3


@pytest.mark.parametrize("load", [load_cell, load_format, load_vehicle])
@pytest.mark.parametrize("wrong", [None, 3, True, b"li_peo_lfp", ["li_peo_lfp"], {}, "", "  ", "a\0b", "x" * 10**5])
def test_what_is_no_name_is_refused(load, wrong):
    with pytest.raises(ParameterError) as caught:
        load(wrong)
    assert len(str(caught.value)) < 2000


@pytest.mark.parametrize("wrong", [3, True, b"peo_litfsi", ["peo_litfsi"], "", " ", ":", "peo_litfsi:", ":no such"])
def test_what_is_no_material_is_refused(wrong):
    with pytest.raises(ParameterError, match=r"electrolyte|peo_litfsi"):
        load_cell("li_peo_lfp", electrolyte=wrong)


def test_every_shipped_parameter_file_is_sound():
    for kind in ("cells", "electrolytes", "electrodes", "interfaces", "metals", "formats", "vehicles"):
        for path in resources.files("parameters", kind).values():
            check_file(path)


THICKNESS = '[separator.thickness]\nvalue = 20.0\nunit = "um"\nstatus = "setting"\n'


@pytest.mark.parametrize(
    ("kind", "name", "more"),
    [
        ("cells", "li_peo_lfp", '["separator.thickness"]\nvalue = 1.0\nunit = "um"\nstatus = "setting"\n'),
        ("formats", "pouch", '["tab.a"]\nvalue = 1.0\nunit = "um"\nstatus = "setting"\n'),
        ("cells", "graphite_lfp", '["cell.area"]\nvalue = 1.0\nunit = "m2"\nstatus = "setting"\n'),
    ],
)
def test_a_name_in_quotes_with_a_dot_is_no_second_place_for_a_number(tmp_path, kind, name, more):
    path = copied(tmp_path, kind, name)
    path.write_text(f"{path.read_text(encoding='utf-8')}\n{more}", encoding="utf-8")
    with pytest.raises(ParameterError, match="a name in quotes with a dot"):
        check_file(path)


@pytest.mark.parametrize(
    "spread",
    [
        "1e-300",
        "1e-12",
        '{ distribution = "lognormal", factor = 1.000000000001 }',
        '{ distribution = "uniform", low = 20.0, high = 20.00000000000001 }',
    ],
)
def test_an_uncertainty_that_draws_one_number_is_refused(tmp_path, spread):
    path = copied(tmp_path, "cells", "li_peo_lfp")
    edited(path, THICKNESS, f"{THICKNESS}uncertainty = 2.0\n")
    check_file(path)
    edited(path, "uncertainty = 2.0", f"uncertainty = {spread}")
    with pytest.raises(ParameterError, match=r"separator\.thickness\.uncertainty.*which is none"):
        check_file(path)


def test_a_part_takes_over_the_metal_that_it_names_and_states_what_differs(tmp_path):
    path = copied(tmp_path, "cells", "li_peo_lfp")
    shipped = load_cell(path)
    assert shipped["cell.lithium.density"] == pytest.approx(534.0)
    assert shipped.entries["cell.positive_collector.density"].locator == "density of aluminium"
    assert shipped.replace({"cell.lithium.density": "0.5 g.cm-3"})["cell.lithium.density"] == pytest.approx(500.0)
    density = '[lithium.density]\nvalue = 0.53\nunit = "g.cm-3"\nstatus = "setting"\n'
    path.write_text(f"{path.read_text(encoding='utf-8')}\n{density}", encoding="utf-8")
    assert load_cell(path)["cell.lithium.density"] == pytest.approx(530.0)
    edited(path, 'material = "aluminium"', 'material = "copper"')
    assert load_cell(path)["cell.positive_collector.density"] == pytest.approx(8960.0)


def test_entries_stand_in_the_same_order_in_every_process():
    code = "from cellmodel.parameters import load_cell; print(list(load_cell('li_peo_lfp').entries))"
    orders = {
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }
    assert len(orders) == 1


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('material = "lithium"', 'material = "lithum"', r"cell\.lithium\.material.*'lithum'.*did you mean lithium\?"),
        ('material = "lithium"', "", r"cell\.lithium\.molar_volume: found nothing, wanted molar volume of lithium"),
        ('material = "lithium"', "material = 3", r"cell\.lithium\.material.*found 3, wanted text"),
    ],
)
def test_a_part_without_its_metal_says_what_is_missing(tmp_path, before, after, said):
    path = copied(tmp_path, "cells", "li_peo_lfp")
    edited(path, before, after)
    with pytest.raises(ParameterError, match=said):
        load_cell(path)


def test_an_entry_of_a_variant_replaces_that_of_the_file_as_a_whole(tmp_path):
    path = copied(tmp_path, "electrodes", "lfp")
    variant = '[variants.large]\ndescription = "Larger particles"\n[variants.large.particle_radius]\n'
    entry = 'unit = "um"\nstatus = "setting"\n'
    path.write_text(f"{path.read_text(encoding='utf-8')}\n{variant}value = 1.0\n{entry}", encoding="utf-8")
    check_file(path)
    record = read_parameters(open_toml(path), "electrode", "large").records["electrode.particle_radius"]
    assert (record.value, record.note, record.source) == (pytest.approx(1e-6), "", "")
    edited(path, f"value = 1.0\n{entry}", entry)
    with pytest.raises(ParameterError, match=r"electrode\.particle_radius\.value: found nothing"):
        check_file(path)


def test_a_metal_that_changes_is_read_anew_and_its_faults_are_told_in_its_file(tmp_path, monkeypatch):
    shutil.copytree(resources.folder("parameters"), tmp_path / "parameters")
    monkeypatch.setattr(resources, "folder", lambda name: tmp_path / name)
    metal = tmp_path / "parameters" / "metals" / "lithium.toml"
    edited(metal, "value = 0.534", "value = 0.532")
    assert load_cell("li_peo_lfp")["cell.lithium.density"] == pytest.approx(532.0)
    edited(metal, "value = 0.532", "value = 5.32")
    with pytest.raises(
        ParameterError, match=r"metals/lithium\.toml: cell\.lithium\.density\.value: found 5\.32 g\.cm-3"
    ):
        load_cell("li_peo_lfp")


HEAD = 'schema = 1\nkind = "metal"\nname = "tin"\ndescription = "A metal"\n'
DENSITY = '[density]\nvalue = 7.3\nunit = "g.cm-3"\n'


@pytest.mark.parametrize(
    ("defaults", "own", "known"),
    [
        (("literature", "Haynes2014", "p. 1"), "", ("literature", "Haynes2014", "p. 1")),
        (("literature", "Haynes2014", "p. 1"), 'locator = "p. 2"', ("literature", "Haynes2014", "p. 2")),
        (("literature", "Haynes2014", "p. 1"), 'source = "Lacey2021"', ("literature", "Lacey2021", "")),
        (("literature", "Haynes2014", "p. 1"), 'status = "setting"', ("setting", "", "")),
    ],
)
def test_an_entry_takes_the_sources_of_its_file_up_to_the_first_that_it_states(tmp_path, defaults, own, known):
    path = tmp_path / "tin.toml"
    stated = "".join(f'{key} = "{text}"\n' for key, text in zip(("status", "source", "locator"), defaults, strict=True))
    path.write_text(f"{HEAD}{stated}{DENSITY}{own}\n", encoding="utf-8")
    check_file(path)
    record = read_parameters(open_toml(path), "metal").records["metal.density"]
    assert (record.status, record.source, record.locator) == known


def test_without_a_status_anywhere_the_entry_is_refused(tmp_path):
    path = tmp_path / "tin.toml"
    path.write_text(HEAD + DENSITY, encoding="utf-8")
    with pytest.raises(ParameterError, match=r"metal\.density\.status: found nothing, wanted one of assumed"):
        check_file(path)


def test_a_range_in_si_without_a_unit_is_read_for_the_last_time(tmp_path):
    path = copied(tmp_path, "electrodes", "lfp")
    line = next(line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("valid = { stoich"))
    edited(path, line, "valid = { stoichiometry = [0.0, 1.0] }")
    with pytest.warns(FutureWarning, match="low = 0.0, high = 1.0, unit = '1'"):
        contents = read_parameters(open_toml(path), "electrode")
    assert contents.problems == []
    assert contents.functions["electrode.open_circuit_potential"].valid == {"stoichiometry": (0.0, 1.0)}


def test_a_form_of_other_arguments_is_refused(tmp_path):
    path = copied(tmp_path, "electrodes", "lfp")
    edited(path, 'form = "lithium_iron_phosphate_potential"', 'form = "vogel_tammann_fulcher"')
    with pytest.raises(ParameterError, match=r"open_circuit_potential\.form.*a form of stoichiometry: one of"):
        check_file(path)
