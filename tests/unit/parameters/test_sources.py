"""What was seen of the sources of values: who must say it, what follows from it, and how it is counted."""

from __future__ import annotations

import shutil

import pytest
from typer.testing import CliRunner

from cellmodel import resources
from cellmodel.cli import app
from cellmodel.errors import ParameterError
from cellmodel.parameters import list_cells, load_cell, load_format, load_references, load_vehicle

LFP = "electrodes/lfp.toml"
DENSITY = 'value = 3.6\nunit = "g.cm-3"\nstatus = "literature"\nsource = "Lacey2021"\n'


@pytest.fixture
def library(tmp_path, monkeypatch):
    """Return how to edit a copy of the library: file, text, text in its place."""
    shutil.copytree(resources.folder("parameters"), tmp_path / "parameters")
    monkeypatch.setattr(resources, "folder", lambda name: tmp_path / name)

    def edit(file, before, after):
        path = tmp_path / "parameters" / file
        text = path.read_text(encoding="utf-8")
        assert before in text
        path.write_text(text.replace(before, after, 1), encoding="utf-8")

    return edit


def test_a_value_says_what_its_source_says_unless_it_says_more(library):
    path = "electrode.density"
    assert (load_cell("li_peo_lfp").entries[path].seen, load_cell("li_peo_lfp").entries[path].through) == (
        "full text",
        "",
    )
    library(LFP, DENSITY, DENSITY + 'seen = "second-hand"\nthrough = "a review"\n')
    record = load_cell("li_peo_lfp").entries[path]
    assert (record.seen, record.through, record.evidence) == ("second-hand", "a review", "second-hand")


def test_a_coefficient_takes_over_from_its_function_and_one_with_a_source_of_its_own_does_not(library):
    entries = load_cell("li_peo_lfp").entries
    energy = entries["electrode.particle_diffusivity.activation_energy"]
    assert (energy.source, energy.seen, energy.through) == (
        "Xu2015",
        "second-hand",
        load_references()["Xu2015"].through,
    )
    before = 'form = "mass_action_exchange_current"\nstatus = "literature"\nsource = "Kashkooli2017"\n'
    library(LFP, before, before + 'seen = "abstract"\n')
    rate = load_cell("li_peo_lfp").entries["electrode.exchange_current_density.rate_constant"]
    assert (rate.source, rate.seen, rate.through) == ("Kashkooli2017", "abstract", "")


def test_the_head_of_a_file_holds_for_entries_that_state_no_source(library):
    entries = load_cell("dualfoil_d4_pemo_nickel_cobalt").entries
    assert entries["electrolyte.salt_diffusivity.constant"].seen == "second-hand"
    assert "Sloop" in entries["electrolyte.salt_diffusivity.constant"].through
    file = "electrolytes/pemo_litfsi.toml"
    library(
        file,
        '[reference_temperature]\nvalue = 40.0\nunit = "degC"\n',
        '[reference_temperature]\nvalue = 40.0\nunit = "degC"\nseen = "full text"\n',
    )
    record = load_cell("dualfoil_d4_pemo_nickel_cobalt").entries["electrolyte.reference_temperature"]
    assert (record.source, record.seen, record.through) == ("Dualfoil", "full text", "")


@pytest.mark.parametrize(
    ("added", "said"),
    [
        (
            'seen = "nothing"\n',
            "found status 'literature' from 'Lacey2021', of which nothing was seen, wanted 'assumed'",
        ),
        ('seen = "second-hand"\n', "density.through: found nothing, wanted through = who reports it"),
        ('seen = "abstract"\nthrough = "a review"\n', "density.through: found 'a review', wanted through = who"),
        ('seen = "abstrct"\n', "density.seen: found 'abstrct'; did you mean abstract?"),
    ],
)
def test_what_a_value_must_not_say_of_its_source_is_told(library, added, said):
    library(LFP, DENSITY, DENSITY + added)
    with pytest.raises(ParameterError) as caught:
        load_cell("li_peo_lfp")
    assert said in str(caught.value)


def test_what_was_seen_is_seen_of_a_source(library):
    before = 'unit = "degC"\nstatus = "setting"\n'
    library(LFP, before, before + 'seen = "abstract"\n')
    with pytest.raises(ParameterError, match=r"reference_temperature\.seen: found 'abstract', wanted a source"):
        load_cell("li_peo_lfp")


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('year = 2017\nseen = "second-hand"\n', "year = 2017\n", "Afshar2017.seen: found nothing"),
        ('seen = "abstract"\n', 'seen = "abstract"\nthrough = "a review"\n', "through = who reports it"),
        ('seen = "abstract"\n', 'seen = "second-hand"\n', "through = who reports it"),
        ('seen = "abstract"\n', 'seen = "read"\n', "seen: found 'read'"),
    ],
)
def test_every_reference_says_what_was_seen_of_it(library, before, after, said):
    library("references.toml", before, after)
    with pytest.raises(ParameterError) as caught:
        load_cell("li_peo_lfp")
    assert said in str(caught.value)


def test_every_shipped_value_that_rests_on_a_source_says_how_it_was_seen():
    """A source of which nobody here has seen anything is one of assumed values and settings alone."""
    whole = [load_cell(name) for name in list_cells()] + [load_format("pouch"), load_vehicle("electric_car")]
    for record in (record for one in whole for record in one.entries.values()):
        assert record.evidence in ("full text", "data", "abstract", "second-hand", "assumed", "setting"), record.path
        assert (record.seen == "second-hand") == bool(record.through), record.path


def test_a_written_cell_keeps_what_was_seen(tmp_path):
    cell = load_cell("li_peo_lfp")
    path = tmp_path / "written.toml"
    path.write_text(cell.to_toml(), encoding="utf-8")
    back = load_cell(path).entries
    assert {path: (one.seen, one.through) for path, one in back.items()} == {
        path: (one.seen, one.through) for path, one in cell.entries.items()
    }


@pytest.mark.parametrize(
    "name", ["li_peo_lfp", "li_polycarbonate_nmc811", "graphite_lfp", "electric_car", "lithium_peo"]
)
def test_show_counts_and_names_what_was_seen_and_by_whom(name):
    shown = CliRunner().invoke(app, ["show", name, "--sources"], env={"COLUMNS": "500"})
    assert shown.exit_code == 0
    last = shown.stdout.strip().splitlines()[-1]
    numbers = [int(word.strip(",;")) for word in last.split() if word.strip(",;").isdigit()]
    assumed, total, *others = numbers
    rest = others[-1 - sum(word in last for word in ("full text", "data of", "abstract only", "second-hand")) :]
    assert "values are assumed" in last
    assert rest[0] == sum(rest[1:]) == total - assumed - sum(others[: len(others) - len(rest)])


def test_show_names_the_source_its_values_and_the_reporter():
    shown = CliRunner().invoke(app, ["show", "li_peo_lfp", "--sources"], env={"COLUMNS": "500"}).stdout
    tables = shown[shown.index("what was seen of the sources") :].splitlines()
    (line,) = (line for line in tables if line.split()[:1] == ["Kashkooli2017"])
    rows = load_cell("li_peo_lfp").entries.values()
    count = sum(one.source == "Kashkooli2017" and one.evidence == "second-hand" for one in rows)
    assert line.split()[1:3] == [str(count), "second-hand"]
    assert "PyBaMM's parameter set Prada2013" in line
    (own,) = (line for line in tables if line.split()[:1] == ["Bradford2023"])
    assert "this library's authors" in own
