"""Every number of the three DUALFOIL cells against the table of the reference cases, where that is on this machine."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cellmodel.correlations import FARADAY
from cellmodel.parameters import ParameterSet, load_cell

TABLE = Path(__file__).resolve().parents[3] / "shared" / "reference" / "DUALFOIL_CASES.md"
CELLS = {
    "D2": "dualfoil_d2_peo_lfp",
    "D3": "dualfoil_d3_peo_nca",
    "D4": "dualfoil_d4_pemo_nickel_cobalt",
}
PLAIN = {
    "T K": "cell.temperature",
    "separator h2 m": "cell.separator.thickness",
    "cathode h3 m": "cell.positive_electrode.thickness",
    "ep3 electrolyte": "cell.positive_electrode.electrolyte_volume_fraction",
    "eps_s active": "cell.positive_electrode.active_material_volume_fraction",
    "Rad3 m": "electrode.particle_radius",
    "dfs3 m2/s": "electrode.particle_diffusivity",
    "ct3 mol/m3": "electrode.maximum_concentration",
    "c0 mol/m3": "electrolyte.initial_concentration",
    "lower voltage": "cell.lower_voltage_cut_off",
}
"""First words of a row -> the number of the cell that it is."""
DUALFOIL_FARADAY = 96487.0


def rows() -> dict[str, dict[str, str]]:
    """Return the rows of the table of parameters: first words -> case -> text."""
    if not TABLE.exists():
        pytest.skip(f"{TABLE} is not on this machine")
    lines = [line.strip("|").split("|") for line in TABLE.read_text(encoding="utf-8").splitlines() if line[:1] == "|"]
    return {
        line[0].strip(): dict(zip(CELLS, map(str.strip, line[1:]), strict=True)) for line in lines if len(line) == 4
    }


def first(text: str) -> float:
    """Return the first number in a text."""
    found = re.search(r"-?\d+(\.\d+)?(e-?\d+)?", text)
    assert found, text
    return float(found.group())


def row(table: dict[str, dict[str, str]], start: str, case: str) -> str:
    """Return the one cell of the table whose row begins with some words."""
    (found,) = (cells[case] for head, cells in table.items() if head.startswith(start))
    return found


@pytest.fixture(scope="module")
def table() -> dict[str, dict[str, str]]:
    return rows()


@pytest.fixture(params=CELLS)
def case(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def cell(case: str) -> ParameterSet:
    return load_cell(CELLS[case])


@pytest.mark.parametrize("start", PLAIN)
def test_numbers_are_those_of_the_case(table, case, cell, start):
    """The seventh digit is rounding: F of the program is another one."""
    assert cell[PLAIN[start]] == pytest.approx(first(row(table, start, case)), rel=2e-7)


def test_the_rest_of_a_cell_follows_from_the_case(table, case, cell):
    """Conductivity of the solid, filler, start, and rate constants, which carry the program's Faraday constant."""
    electrode = "cell.positive_electrode."
    sigma = row(table, "sig3", case)
    assert cell[electrode + "electronic_conductivity"] == pytest.approx(first(sigma.split(">")[1]), rel=1e-6)
    ep3, ep_s = (cell[electrode + f"{name}_volume_fraction"] for name in ("electrolyte", "active_material"))
    assert first(sigma) * (1 - ep3) ** 1.5 == pytest.approx(cell[electrode + "electronic_conductivity"], rel=1e-5)
    assert 1 - ep3 - ep_s == pytest.approx(first(row(table, "epf3", case)), rel=1e-9)
    assert cell[electrode + "bruggeman_exponent"] == 1.5
    assert cell.stoichiometry_window[0] == pytest.approx(first(row(table, "y initial", case)), abs=1e-6)
    salt, T = cell["electrolyte.initial_concentration"], cell["cell.temperature"]
    lithium = cell.function("interface.exchange_current_density")(salt, T)
    assert lithium == pytest.approx(DUALFOIL_FARADAY * first(row(table, "rka1", case)) * salt**0.5, rel=1e-6)
    most = cell["electrode.maximum_concentration"]
    positive = cell.function("electrode.exchange_current_density")(salt, 0.3 * most, most, T)
    rate = first(row(table, "rka3", case))
    expected = DUALFOIL_FARADAY * rate * (salt * 0.3 * most * 0.7 * most) ** 0.5
    assert positive == pytest.approx(expected, rel=1e-6 if case != "D3" else 3e-5)  # D3: the library's F
    full = FARADAY * most * ep_s * cell[electrode + "thickness"] / 3600.0
    assert full == pytest.approx(first(row(table, "full capacity", case)), rel=4e-5)
