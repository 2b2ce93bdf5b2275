"""How fast the polymer moves between two metals: what an experiment sees of the solvent's motion.

Against the interface at x = 0 the anions take the volume that the polymer leaves (`cellmodel.correlations.frames`):
v0 = -V f N-, at first V (1 - t0) i/F, zero at both faces and, once steady, everywhere. The lithium that is stripped
there recedes with its surface, and with it the whole polymer, at i V(Li)/F; so in the frame of the laboratory

    v = -V N- / (eps (1 - c V)) - i V(Li)/F,

positive in the direction of a positive current, eps the volume fraction of electrolyte. Derived here. It knows the
equations; it knows no parameter values.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pybamm

from cellmodel.correlations import FARADAY
from cellmodel.correlations.frames import SALT_VOLUME, solvent_fraction

NAME = "Polymer velocity [m.s-1]"

_LITHIUM = "cell.lithium.molar_volume"


def polymer_velocity(
    anions: Any, concentration: Any, fraction: Any, density: Any, p: Mapping[str, Any]
) -> pybamm.Symbol:
    """Return the velocity of the polymer in the frame of the laboratory [m.s-1] at the nodes.

    Parameters
    ----------
    anions : pybamm.Symbol
        Flux of the anions against the interface [mol.m-2.s-1], on the edges.
    concentration : pybamm.Symbol
        Of the salt [mol.m-3], at the nodes.
    fraction : pybamm.Symbol
        Volume fraction of electrolyte [1].
    density : pybamm.Symbol
        Current density of the cell [A.m-2].
    p : mapping of str to float or pybamm.Symbol
        The numbers of the cell by path; the molar volumes of salt and lithium are taken.

    Returns
    -------
    pybamm.Symbol
        A node lies in the middle of its volume, so the mean of both edges is the flux there, to second order.
    """
    domain = concentration.domain
    volume, lithium = p[SALT_VOLUME], p[_LITHIUM]
    at_nodes = pybamm.inner(anions, pybamm.PrimaryBroadcastToEdges(1, domain))
    against_interface = -volume * at_nodes / (fraction * solvent_fraction(concentration, volume))
    return against_interface - pybamm.PrimaryBroadcast(lithium * density / FARADAY, domain)
