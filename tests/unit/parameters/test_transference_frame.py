"""The frame of a transference number: what a file in each frame gives the equations, and what is refused."""

from __future__ import annotations

import pytest

from cellmodel.correlations import frames
from cellmodel.errors import ParameterError
from cellmodel.parameters import load_cell
from cellmodel.parameters.library import load_material
from cellmodel.parameters.parameter_set import ParameterSet
from cellmodel.resources import folder

C, T = 1500.0, 353.15
SHIPPED = (folder("parameters") / "electrolytes" / "single_ion_stfsi.toml").read_text()
NUMBERS = """
[salt_molar_volume]
value = 140.0
unit = "cm3.mol-1"
status = "setting"
[salt_molar_mass]
value = 287.09
unit = "g.mol-1"
status = "setting"
"""

SOLUBILITY = '[solubility]\nvalue = 3000.0\nunit = "mol.m-3"\nstatus = "setting"\n'


def written(tmp_path, frame: str, factor: str = "", numbers: str = NUMBERS, t: float = 0.2) -> ParameterSet:
    """Return a material with constants: t, and a thermodynamic factor of 1.5 in its own frame."""
    first, second, rest = SHIPPED.split('frame = "volume"\n')
    lines = [f'frame = "{one}"\n' if one else "" for one in (frame, factor or frame)]
    text = first + lines[0] + second + lines[1] + rest
    text = text.replace('value = { value = 1.0, unit = "1" }', f'value = {{ value = {t}, unit = "1" }}', 1)
    path = tmp_path / "made.toml"
    path.write_text(text + numbers)
    return load_material(str(path))


def pair(material: ParameterSet) -> tuple[float, float]:
    """Return t_v and the factor beside it."""
    return tuple(float(material.function(path)(C, T)) for path in (frames.VOLUME_TRANSFERENCE, frames.VOLUME_FACTOR))


def test_against_the_solvent_both_slots_carry_the_salts_volume(tmp_path):
    material = written(tmp_path, "solvent", t=-0.3)
    t, factor = pair(material)
    f = 1.0 / (1.0 - C * 140e-6)
    stated = float(material.function(frames.FACTOR)(C, T))
    assert t == pytest.approx(1.0 - 1.3 / f, rel=1e-6)
    assert factor == pytest.approx(f**2 * stated, rel=1e-5)
    # what the ionic current takes, 2 (1 - t_v) X, is 2 (1 - t0) f (1 + d ln gamma/d ln m)
    assert (1.0 - t) * factor == pytest.approx(1.3 * f * stated, rel=1e-5)


def test_against_the_volume_average_the_file_states_the_pair(tmp_path):
    material = written(tmp_path, "volume", t=0.4)
    assert pair(material) == (0.4, float(material.function(frames.FACTOR)(C, T)))


def test_the_same_number_in_the_other_frame_is_another_electrolyte(tmp_path):
    assert pair(written(tmp_path, "solvent", t=0.4)) != pair(written(tmp_path, "volume", t=0.4))


def test_an_override_reaches_the_equations(tmp_path):
    material = written(tmp_path, "solvent", t=0.4)
    moved = material.correlations({"electrolyte.cation_transference_number.value": -1.0})[frames.VOLUME_TRANSFERENCE]
    assert float(moved.evaluate(C, T)) == pytest.approx(1.0 - 2.0 * (1.0 - C * 140e-6), rel=1e-6)


@pytest.mark.parametrize(
    ("frame", "factor", "numbers", "said"),
    [
        (
            "",
            "",
            NUMBERS,
            ("cation_transference_number.frame", "'solvent'", "'volume'", "of the current", "with 0.8 of"),
        ),
        ("", "", "", ("t0 = 0.2", "needs salt_molar_volume")),
        ("solvent", "volume", NUMBERS, ("thermodynamic_factor.frame", "'volume' beside", "'solvent'")),
        ("volume", "solvent", NUMBERS, ("thermodynamic_factor.frame", "'solvent' beside")),
        ("solvent", "solvent", "", ("salt_molar_volume", "found nothing")),
        (
            "solvent",
            "solvent",
            NUMBERS.replace("140.0", "400.0") + SOLUBILITY,
            ("salt_molar_volume", "fills the volume below 3000"),
        ),
        ("solvent", "solvent", NUMBERS.replace("287.09", "900.0"), ("electrolyte.density", "leaves a polymer of")),
        ("mass", "mass", NUMBERS, ("cation_transference_number.frame", "'mass'", "one of solvent, volume")),
    ],
)
def test_a_frame_that_is_missing_or_does_not_fit_is_refused(tmp_path, frame, factor, numbers, said):
    with pytest.raises(ParameterError) as caught:
        written(tmp_path, frame, factor, numbers)
    assert all(text in str(caught.value) for text in said), str(caught.value)


def test_a_written_cell_keeps_its_frame(tmp_path):
    cell = load_cell("li_peo_lfp")
    path = tmp_path / "again.toml"
    path.write_text(cell.to_toml())
    again = load_cell(str(path))
    assert again.functions[frames.TRANSFERENCE].frame == cell.functions[frames.TRANSFERENCE].frame
    assert again.digest == cell.digest


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"electrolyte.salt_molar_volume": "300 cm3.mol-1"}, "fills the volume below 3553 mol.m-3"),
        ({"electrolyte.density": "0.5 g.cm-3"}, "leaves a polymer of 227.6 kg.m-3"),
    ],
)
def test_changed_densities_are_those_of_one_solution_too(changed, said):
    with pytest.raises(ParameterError, match=said):
        load_cell("li_peo_lfp").replace(changed)
