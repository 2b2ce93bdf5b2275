"""What a functional form is, and what forms share: constants, an Arrhenius factor, smooth limits, units of composition.

A form is a frozen set of named coefficients with arguments in a fixed order and one `evaluate`, an ordinary method, so
that PyBaMM can pickle it and write it to JSON (callable instances break both). Coefficients may be floats or PyBaMM
input symbols. A form knows its units and how it goes on outside its range, never its source: that is in the file.

The solver needs derivatives of every property at every state it visits, also slightly outside the physical range: the
smooth versions of minimum, maximum and clipping have all derivatives, and say by how much they differ from the sharp
ones. Between molality m, lithium per repeat unit r and molarity c one density relation holds everywhere: volumes add.
With v [m3.kg-1] the specific volume of the polymer, V that of a mole of repeat units, V_s the molar volume of the salt,

    c = m / (v + m V_s)     m = c v / (1 - c V_s)     r = c V / (1 - c V_s)

Derived here.
"""

from __future__ import annotations

from dataclasses import Field, dataclass, field
from typing import Any, ClassVar

import numpy as np

FARADAY = 96485.33212
"""Faraday constant [C.mol-1], CODATA 2018."""
GAS_CONSTANT = 8.31446261815324
"""Molar gas constant [J.mol-1.K-1], CODATA 2018 (exact)."""
LN_10 = float(np.log(10.0))
"""Powers of ten are written exp(LN_10 x): in the compiled graph a power costs as much as three exponentials."""


def coefficient(unit: str, optional: float | None = None) -> Any:
    """Declare a coefficient by its SI unit, "{unit}" that of the quantity, and its value where a file leaves it out."""
    return field(metadata={"unit": unit, "optional": optional})


def link(path: str) -> Any:
    """Declare a field that another correlation of the same cell fills in, by its path."""
    return field(metadata={"link": path})


def shared(path: str) -> Any:
    """Declare a coefficient that is a number of the material itself, by its path: one value for all that need it."""
    return field(metadata={"shared": path})


class Correlation:
    """Base of all functional forms: frozen dataclasses, `class Form(Correlation, arguments=("temperature",))`.

    Attributes
    ----------
    arguments : tuple of str
        Names of the arguments of `evaluate`, in order.
    units : dict
        Coefficient name -> SI unit; "{unit}" stands for the unit of the quantity itself.
    optional : dict
        Coefficient name -> value used when a file leaves it out.
    links : dict
        Field name -> path of another correlation of the same cell, filled in on composition.
    shared : dict
        Coefficient name -> path of the number of the same cell that it is.
    beyond : str
        What to take in its place where it leaves the bounds of its quantity, for the message; empty for nothing known.
    """

    arguments: ClassVar[tuple[str, ...]] = ()
    units: ClassVar[dict[str, str]] = {}
    optional: ClassVar[dict[str, float]] = {}
    links: ClassVar[dict[str, str]] = {}
    shared: ClassVar[dict[str, str]] = {}
    beyond: ClassVar[str] = ""

    def __init_subclass__(cls, arguments: tuple[str, ...] | None = None) -> None:
        """Collect what the fields of the form declare."""
        declared = {name: one.metadata for name, one in vars(cls).items() if isinstance(one, Field)}
        cls.arguments = cls.arguments if arguments is None else arguments
        cls.units = cls.units | {name: about["unit"] for name, about in declared.items() if "unit" in about}
        cls.shared = cls.shared | {name: about["shared"] for name, about in declared.items() if "shared" in about}
        cls.links = cls.links | {name: about["link"] for name, about in declared.items() if "link" in about}
        given = {name: about.get("optional") for name, about in declared.items()}
        cls.optional = cls.optional | {name: value for name, value in given.items() if value is not None}

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

    value: Any = coefficient("{unit}")

    def evaluate(self, *arguments: Any) -> Any:
        """Return the number, broadcast to the shape of the arguments."""
        return self.value + sum(0.0 * argument for argument in arguments)


@dataclass(frozen=True)
class Activated(Correlation):
    """Base of forms with an Arrhenius factor exp(E/R (1/T_ref - 1/T)), 1 at the reference temperature."""

    activation_energy: Any = coefficient("J.mol-1")
    reference_temperature: Any = coefficient("K")

    def arrhenius(self, T: Any) -> Any:
        """Return the factor [1] at a temperature [K]."""
        return np.exp(self.activation_energy / GAS_CONSTANT * (1.0 / self.reference_temperature - 1.0 / T))


def smooth_maximum(value: Any, floor: Any, width: float) -> Any:
    """Return (v + f + sqrt((v - f)^2 + w^2)) / 2, w/2 above max(v, f) where equal, w^2 / (4 |v - f|) far off."""
    return 0.5 * (value + floor + np.sqrt((value - floor) ** 2 + width**2))


def smooth_minimum(value: Any, ceiling: Any, width: float) -> Any:
    """Return a smooth min(value, ceiling), the mirror image of `smooth_maximum`."""
    return 0.5 * (value + ceiling - np.sqrt((value - ceiling) ** 2 + width**2))


def hold(value: Any, lower: Any, upper: Any, width: float) -> Any:
    """Return a value held smoothly between two edges: beyond its range a polynomial keeps the value at the edge."""
    return smooth_minimum(smooth_maximum(value, lower, width), upper, width)


def positive_part(value: Any, width: float) -> Any:
    """Return (v + sqrt(v^2 + w^2)) / 2 > 0, the base of every real power: none is taken of a negative number."""
    return smooth_maximum(value, 0.0, width)


def molality(c: Any, polymer_specific_volume: Any, salt_molar_volume: Any) -> Any:
    """Return the molality [mol.kg-1] of a salt concentration [mol.m-3] below 1/V_s."""
    return c * polymer_specific_volume / (1.0 - c * salt_molar_volume)
