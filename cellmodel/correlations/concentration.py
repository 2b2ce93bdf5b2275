"""Conversions between molality, lithium per repeat unit and molarity of a salt in a polymer.

One density relation is used everywhere: volumes add.  A polymer of specific volume v [m3.kg-1]
(V per mole of repeat units) and a salt of constant molar volume V_s give, for molality m,

    c = m / (v + m V_s)            m = c v / (1 - c V_s)            d ln m / d ln c = 1 / (1 - c V_s)

The functions know nothing of transport.  Derived here (ideal volume addition).
"""

from __future__ import annotations

from typing import Any


def molality(c: Any, polymer_specific_volume: Any, salt_molar_volume: Any) -> Any:
    """Return the molality m = c v / (1 - c V_s).

    Parameters
    ----------
    c : float, array or symbol
        Salt concentration [mol.m-3], below 1/V_s.
    polymer_specific_volume : float
        v [m3.kg-1].
    salt_molar_volume : float
        V_s [m3.mol-1].

    Returns
    -------
    same kind as `c`
        Molality [mol.kg-1].  Derived here.
    """
    return c * polymer_specific_volume / (1.0 - c * salt_molar_volume)


def molarity(m: Any, polymer_specific_volume: Any, salt_molar_volume: Any) -> Any:
    """Return the concentration c = m / (v + m V_s), the inverse of `molality`.

    Parameters
    ----------
    m : float, array or symbol
        Molality [mol.kg-1].
    polymer_specific_volume : float
        v [m3.kg-1].
    salt_molar_volume : float
        V_s [m3.mol-1].

    Returns
    -------
    same kind as `m`
        Salt concentration [mol.m-3].  Derived here.
    """
    return m / (polymer_specific_volume + m * salt_molar_volume)


def lithium_per_repeat_unit(c: Any, repeat_unit_molar_volume: Any, salt_molar_volume: Any) -> Any:
    """Return r = [Li]/[EO] = c V / (1 - c V_s).

    Parameters
    ----------
    c : float, array or symbol
        Salt concentration [mol.m-3], below 1/V_s.
    repeat_unit_molar_volume : float
        V [m3.mol-1] of one polymer repeat unit.
    salt_molar_volume : float
        V_s [m3.mol-1].

    Returns
    -------
    same kind as `c`
        Lithium ions per repeat unit [1].  Derived here.
    """
    return c * repeat_unit_molar_volume / (1.0 - c * salt_molar_volume)


def molal_to_molar_factor(c: Any, salt_molar_volume: Any) -> Any:
    """Return d ln m / d ln c = 1 / (1 - c V_s).

    A thermodynamic factor printed as 1 + d ln(gamma)/d ln(m) times this number is the
    1 + d ln(f)/d ln(c) that belongs to gradients of the molarity.

    Parameters
    ----------
    c : float, array or symbol
        Salt concentration [mol.m-3], below 1/V_s.
    salt_molar_volume : float
        V_s [m3.mol-1].

    Returns
    -------
    same kind as `c`
        Dimensionless factor.  Derived here.
    """
    return 1.0 / (1.0 - c * salt_molar_volume)
