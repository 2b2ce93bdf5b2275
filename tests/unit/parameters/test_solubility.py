"""More salt at the start than dissolves is refused wherever the numbers of a cell come together."""

from __future__ import annotations

from pathlib import Path

import pytest

from cellmodel import resources
from cellmodel.errors import ParameterError
from cellmodel.parameters import check_file, list_materials, load_cell
from cellmodel.prepared_run import RunOptions, prepare_run

INITIAL, SOLUBILITY = "electrolyte.initial_concentration", "electrolyte.solubility"
REFUSED = r"electrolyte.initial_concentration: found 1066 mol.m-3, wanted below the solubility, 1066 mol.m-3"


def test_a_cell_whose_salt_does_not_dissolve_is_refused_with_both_numbers() -> None:
    cell = load_cell("li_peo_lfp")
    with pytest.raises(ParameterError, match=REFUSED):
        cell.replace({SOLUBILITY: 1066.0})
    with pytest.raises(ParameterError, match=r"found 3700 mol.m-3, wanted below the solubility, 3553 mol.m-3"):
        prepare_run("li_peo_lfp", options=RunOptions(overrides={INITIAL: 3700.0}, extrapolate=True))
    assert cell.replace({SOLUBILITY: 1067.0})[SOLUBILITY] == 1067.0


def test_a_file_whose_salt_does_not_dissolve_is_refused_before_it_is_in_a_cell(tmp_path: Path) -> None:
    text = resources.files("parameters", "electrolytes")["peo_litfsi"].read_text(encoding="utf-8")
    mine = tmp_path / "mine.toml"
    mine.write_text(
        text.replace("value = 1066.0", "value = 4000.0", 1)
        .replace("value = 1.2454", "value = 1.6391", 1)
        .replace('"peo_litfsi"', '"mine"'),
        encoding="utf-8",
    )
    with pytest.raises(ParameterError, match=r"found 4000 mol.m-3, wanted below the solubility, 3553 mol.m-3"):
        check_file(mine)


def test_a_precipitation_law_is_refused_because_none_is_implemented(tmp_path: Path) -> None:
    text = resources.files("parameters", "electrolytes")["peo_litfsi"].read_text(encoding="utf-8")
    mine = tmp_path / "mine.toml"
    law = '[precipitation]\nform = "constant"\n\n[solubility]'
    mine.write_text(text.replace("[solubility]", law).replace('"peo_litfsi"', '"mine"'), encoding="utf-8")
    with pytest.raises(ParameterError, match=r"precipitation"):
        check_file(mine)


@pytest.mark.parametrize("name", sorted(list_materials("electrolyte")))
def test_every_electrolyte_whose_salt_moves_states_a_solubility(name: str) -> None:
    """Exempt are a bound anion and the reference cases of DUALFOIL, which know no such limit."""
    stated = "[solubility]" in resources.files("parameters", "electrolytes")[name].read_text(encoding="utf-8")
    assert stated == (name not in ("single_ion_stfsi", "peo_litfsi_dualfoil"))
