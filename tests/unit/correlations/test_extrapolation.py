"""Beyond what was measured every property of every shipped electrolyte goes on by the stated rule, and by no other."""

from __future__ import annotations

import tomllib

import numpy as np
import pytest

from cellmodel import resources
from cellmodel.correlations.conductivity import ConductivityPolynomial
from cellmodel.parameters import load_cell

PROPERTIES = ("ionic_conductivity", "salt_diffusivity", "cation_transference_number", "thermodynamic_factor")
SALT = np.linspace(0.0, 5000.0, 2001)
"""From none to more than any file says dissolves [mol.m-3]."""


def names() -> list[str]:
    """Return every shipped electrolyte and every variant of one."""
    found = []
    for name, path in resources.files("parameters", "electrolytes").items():
        variants = tomllib.loads(path.read_text(encoding="utf-8")).get("variants", {})
        found += [name, *(f"{name}:{variant}" for variant in variants)]
    return found


NAMES = names()


def asked(name: str, quantity: str) -> list[tuple[np.ndarray, float]]:
    """Return a property at `SALT` and at its last measured concentration, which is returned too, by temperature."""
    path, cell = f"electrolyte.{quantity}", load_cell("li_peo_lfp", electrolyte=name)
    valid, function = cell.functions[path].valid, cell.function(path)
    high = valid.get("concentration", (0.0, SALT[-1]))[1]
    c = np.append(SALT, high)
    temperatures = np.linspace(*valid.get("temperature", (333.15, 363.15)), 3)
    return [(np.broadcast_to(function(c, T), c.shape), high) for T in temperatures]


@pytest.mark.parametrize("quantity", PROPERTIES)
@pytest.mark.parametrize("name", NAMES)
def test_above_the_last_measured_concentration_a_property_keeps_its_value(name: str, quantity: str) -> None:
    """2e-3: a transition 0.1 mol.m-3 wide, of a diffusivity that falls by 2 % per mol.m-3 (`peo_litfsi_dualfoil`)."""
    for values, high in asked(name, quantity):
        np.testing.assert_allclose(values[:-1][high + 10.0 < SALT], values[-1], rtol=2e-3)


@pytest.mark.parametrize("quantity", PROPERTIES[:2])
@pytest.mark.parametrize("name", NAMES)
def test_conductivity_and_diffusivity_are_positive_wherever_there_is_salt(name: str, quantity: str) -> None:
    assert all(np.all(values[1:] > 0.0) for values, _ in asked(name, quantity))


def test_a_conductivity_vanishes_with_the_salt_in_proportion_below_its_first_concentration() -> None:
    """P = 2 + c from 10 to 20: 12 at 10, 6 at 5, none at 0, 22 above 20."""
    form = ConductivityPolynomial(2.0, 1.0, 0.0, 0.0, 10.0, 20.0)
    found = form.evaluate(np.array([0.0, 5.0, 15.0, 40.0]), 353.15)
    np.testing.assert_allclose(found, [0.0, 6.0, 17.0, 22.0], atol=0.1)  # the width of the transitions
