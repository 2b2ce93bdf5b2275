"""What a correlation is: a frozen set of named coefficients, arguments in a fixed order, one `evaluate`.

`evaluate` is an ordinary method, so that PyBaMM can pickle it and write it to JSON (callable
instances break both).  Coefficients may be floats or PyBaMM input symbols.  A correlation knows its
units and its continuation rule, never its source: that stands in the parameter file.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

FARADAY = 96485.33212
"""Faraday constant [C.mol-1], CODATA 2018 (exact)."""
GAS_CONSTANT = 8.31446261815324
"""Molar gas constant [J.mol-1.K-1], CODATA 2018 (exact)."""
LN_10 = float(np.log(10.0))
"""Powers of ten are written exp(LN_10 x): in the compiled graph a power costs as much as three exponentials."""


@dataclass(frozen=True)
class Correlation:
    """Base of all functional forms.

    Attributes
    ----------
    arguments : tuple of str
        Names of the arguments of `evaluate`, in order.
    units : dict
        Coefficient name -> SI unit; "{unit}" stands for the unit of the quantity itself.
    optional : dict
        Coefficient name -> value used when a file leaves it out.
    links : dict
        Field name -> path of another correlation or number of the same cell, filled in on composition.
    """

    arguments: ClassVar[tuple[str, ...]] = ()
    units: ClassVar[dict[str, str]] = {}
    optional: ClassVar[dict[str, float]] = {}
    links: ClassVar[dict[str, str]] = {}

    @classmethod
    def coefficient_units(cls, unit: str) -> dict[str, str]:
        """Return the SI unit of each coefficient of the form for a quantity of some unit."""
        product = "" if unit == "1" else f"{unit}."
        return {name: one.replace("{unit}.", product).replace("{unit}", unit) for name, one in cls.units.items()}

    def evaluate(self, *arguments: Any) -> Any:
        """Return the value of the correlation in SI units; overridden by every form."""
        raise NotImplementedError


@dataclass(frozen=True)
class Constant(Correlation):
    """A number that depends on nothing; valid everywhere, so it needs no range."""

    value: Any
    units: ClassVar[dict[str, str]] = {"value": "{unit}"}

    def evaluate(self, *arguments: Any) -> Any:
        """Return the number, broadcast to the shape of the arguments."""
        return self.value + sum(0.0 * argument for argument in arguments)


def arrhenius_factor(activation_energy: Any, reference_temperature: Any, T: Any) -> Any:
    """Return exp(E/R (1/T_ref - 1/T)), 1 at the reference temperature.

    Parameters
    ----------
    activation_energy : float or symbol
        E [J.mol-1].
    reference_temperature : float or symbol
        T_ref [K].
    T : float, array or symbol
        Temperature [K].

    Returns
    -------
    same kind as `T`
        Dimensionless factor.
    """
    return np.exp(activation_energy / GAS_CONSTANT * (1.0 / reference_temperature - 1.0 / T))
