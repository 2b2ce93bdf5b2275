"""From the cells to the pack and the road: range, and the heat that keeps a warm polymer warm.

Plain arithmetic that takes floats and arrays of draws alike. The pack is a mass and two fractions; the cells in it
lose heat through one coefficient. Waste heat of the cells while driving is not counted in favour of the heating.
"""

from __future__ import annotations

from typing import Any

import numpy as np

_JOULES = 3600.0
"""Per watt-hour [J.W-1.h-1]."""

DAY = 86400.0
"""[s]"""


def pack_specific_energy(
    gravimetric: Any, volumetric: Any, mass_fraction: Any, volume_fraction: Any
) -> tuple[Any, Any]:
    """Return energy per mass and per volume of a pack.

    Parameters
    ----------
    gravimetric : float or array
        Of the cells [W.h.kg-1].
    volumetric : float or array
        Of the cells [W.h.L-1].
    mass_fraction, volume_fraction : float or array
        Cells over pack [1].

    Returns
    -------
    tuple of float or array
        Of the pack [W.h.kg-1], [W.h.L-1].
    """
    return gravimetric * mass_fraction, volumetric * volume_fraction


def pack_energy(gravimetric: Any, pack_mass: Any, mass_fraction: Any) -> Any:
    """Return the energy of a pack of a given mass [W.h].

    Parameters
    ----------
    gravimetric : float or array
        Of the cells [W.h.kg-1].
    pack_mass : float or array
        [kg].
    mass_fraction : float or array
        Mass of the cells over that of the pack [1].

    Returns
    -------
    float or array
        [W.h].
    """
    return gravimetric * mass_fraction * pack_mass


def vehicle_range(
    gravimetric: Any,
    pack_mass: Any,
    mass_fraction: Any,
    usable_window: Any,
    consumption: Any,
    heating: Any = 0.0,
    speed: Any = 1.0,
) -> Any:
    """Return how far a vehicle goes on one charge.

        range = w f m E / (e + P / v)

    with the usable window w, the mass fraction f, the mass m, the energy of the cells per mass E, the consumption e
    and the power P of a heating that runs as long as the journey at the mean speed v lasts.

    Parameters
    ----------
    gravimetric : float or array
        E, of the cells [W.h.kg-1].
    pack_mass : float or array
        m [kg].
    mass_fraction : float or array
        f, mass of the cells over that of the pack [1].
    usable_window : float or array
        w, share of the energy that the vehicle uses [1].
    consumption : float or array
        e, without heating of the cells [J.m-1].
    heating : float or array, optional
        P, as `heating_power` returns it [W].
    speed : float or array, optional
        v [m.s-1]; of no consequence without heating.

    Returns
    -------
    float or array
        [m]. Derived here.
    """
    energy = usable_window * pack_energy(gravimetric, pack_mass, mass_fraction) * _JOULES
    return energy / (consumption + heating / speed)


def heating_power(coefficient: Any, temperature: Any, ambient: Any) -> Any:
    """Return the power that keeps the cells at their temperature: U A (T - T_ambient), or nothing if it is warmer.

    Parameters
    ----------
    coefficient : float or array
        U A, heat flow from the pack per difference in temperature [W.K-1].
    temperature : float or array
        T, of the cells [K].
    ambient : float or array
        T_ambient [K].

    Returns
    -------
    float or array
        [W]. Derived here.
    """
    return coefficient * np.maximum(temperature - ambient, 0.0)


def heating_share(heating: Any, consumption: Any, speed: Any) -> Any:
    """Return the heating over everything that leaves the pack while driving: (P/v) / (e + P/v).

    Parameters
    ----------
    heating : float or array
        P [W].
    consumption : float or array
        e, without heating of the cells [J.m-1].
    speed : float or array
        v [m.s-1].

    Returns
    -------
    float or array
        Between 0 and 1. Derived here.
    """
    return heating / (consumption * speed + heating)


def parked_energy(heating: Any, duration: Any = DAY) -> Any:
    """Return the energy that a parked vehicle takes from its pack to stay warm.

    Parameters
    ----------
    heating : float or array
        [W].
    duration : float or array, optional
        [s]; default a day.

    Returns
    -------
    float or array
        [W.h].
    """
    return heating * duration / _JOULES


def reheating_energy(heat_capacity: Any, coefficient: Any, temperature: Any, ambient: Any, duration: Any = DAY) -> Any:
    """Return the energy that warms the cells up again after the pack was left to cool.

        C (T - T_ambient) (1 - exp(-U A t / C))

    Parameters
    ----------
    heat_capacity : float or array
        C, of the whole pack [J.K-1].
    coefficient : float or array
        U A [W.K-1].
    temperature : float or array
        T, of the cells before and after [K].
    ambient : float or array
        T_ambient [K].
    duration : float or array, optional
        t, how long the vehicle is parked [s]; default a day.

    Returns
    -------
    float or array
        [W.h]; never more than `parked_energy`. Losses while warming up are not counted. Derived here.
    """
    share = -np.expm1(-coefficient * duration / heat_capacity)
    return heat_capacity * np.maximum(temperature - ambient, 0.0) * share / _JOULES
