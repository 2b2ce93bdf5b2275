"""A library with one more electrolyte, of which there are three sets: its file and two whole variants."""

from __future__ import annotations

import shutil
from pathlib import Path

from cellmodel import resources

NAME = "many_sets"
WEIGHTS = {"base": 0.5, "fast": 0.3, "slow": 0.2}
_NUMBER = """
[{name}]
value = {value}
unit = "{unit}"
status = "setting"
"""
_FRAMED = ("cation_transference_number", "thermodynamic_factor")
_FUNCTION = """
[{name}]
form = "{form}"
status = "assumed"
note = "for this test"
coefficients = {{ {coefficients} }}
{frame}
[{name}.valid]
concentration = {{ low = 100.0, high = 3000.0, unit = "mol.m-3" }}
temperature = {{ low = 300.0, high = 400.0, unit = "K" }}
"""
HEAD = """
schema = 1
kind = "electrolyte"
name = "many_sets"
description = "An electrolyte of which three things are believed."
[sets]
status = "assumed"
note = "for this test"
weights = { base = 0.5, fast = 0.3, slow = 0.2 }
"""


def function(name: str, form: str, coefficients: str) -> str:
    """Return a function; a transference number and its thermodynamic factor are Newman's."""
    frame = 'frame = "solvent"' if name.endswith(_FRAMED) else ""
    return _FUNCTION.format(name=name, form=form, coefficients=coefficients, frame=frame)


def constant(name: str, value: float, unit: str = "1", uncertainty: str = "") -> str:
    """Return a constant function; without an uncertainty it is certain."""
    spread = f", uncertainty = {uncertainty}" if uncertainty else ', status = "setting"'
    return function(name, "constant", f'value = {{ value = {value}, unit = "{unit}"{spread} }}')


def line(name: str, constant_term: float, slope: float) -> str:
    """Return a transference number that is a line in the concentration, with an uncertain constant term."""
    numbers = {"linear": (slope, "m3.mol-1"), "quadratic": (0.0, "m6.mol-2")}
    numbers |= {"lower_concentration": (0.0, "mol.m-3"), "upper_concentration": (3000.0, "mol.m-3")}
    certain = ", ".join(
        f'{key} = {{ value = {value}, unit = "{unit}", status = "setting" }}' for key, (value, unit) in numbers.items()
    )
    own = f'constant = {{ value = {constant_term}, unit = "1", uncertainty = 0.05 }}'
    return function(name, "concentration_polynomial", f"{own}, {certain}")


def variant(name: str, diffusivity: float, transference: str, factor: float) -> str:
    """Return a whole variant: everything that a set has to state."""
    of = f"variants.{name}."
    spread = '{ distribution = "lognormal", factor = 1.5 }'
    return (
        f'\n[variants.{name}]\ndescription = "{name}"\n'
        + constant(f"{of}salt_diffusivity", diffusivity, "m2.s-1", spread)
        + transference
        + constant(f"{of}thermodynamic_factor", factor)
        + _NUMBER.format(name=f"{of}density", value=1.3, unit="g.cm-3")
        + _NUMBER.format(name=f"{of}salt_molar_volume", value=125.0, unit="cm3.mol-1")
    )


def electrolyte(head: str = HEAD) -> str:
    """Return the file."""
    numbers = {
        "initial_concentration": (1000.0, "mol.m-3"),
        "reference_temperature": (80.0, "degC"),
        "density": (1.2, "g.cm-3"),
        "salt_molar_volume": (140.0, "cm3.mol-1"),
    }
    text = head + "".join(_NUMBER.format(name=name, value=v, unit=u) for name, (v, u) in numbers.items())
    text += constant("ionic_conductivity", 0.1, "S.m-1", '{ distribution = "lognormal", factor = 1.2 }')
    text += constant("salt_diffusivity", 7e-12, "m2.s-1", '{ distribution = "lognormal", factor = 2.0 }')
    text += constant("cation_transference_number", 0.2, "1", "0.1") + constant("thermodynamic_factor", 1.0)
    text += variant("fast", 2e-11, line("variants.fast.cation_transference_number", 0.3, 5e-5), 1.5)
    return text + variant("slow", 2e-12, constant("variants.slow.cation_transference_number", 0.1, "1", "0.02"), 1.0)


def make_library(folder: Path) -> Path:
    """Copy the shipped parameters into a folder, with the electrolyte; return where its file is."""
    shutil.copytree(resources.folder("parameters"), folder / "parameters")
    path = folder / "parameters" / "electrolytes" / f"{NAME}.toml"
    path.write_text(electrolyte(), encoding="utf-8")
    return path
